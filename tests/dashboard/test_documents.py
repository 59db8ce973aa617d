"""Documents on the dashboard: opened where they belong, read as text, copied and downloaded as the Markdown of the API."""

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.api.conftest import Api
from tests.api.runbooks.test_fix import fixed
from tests.dashboard.conftest import Person, sign_in, window
from tests.flows.executions.shop import Shop

pytestmark = pytest.mark.slow


async def opened(page: Page, title: str) -> Locator:
    dialog = page.get_by_role("dialog", name=title)
    await expect(dialog).to_be_visible()
    return dialog


async def open_post_mortem(person: Person, issue_id: str) -> None:
    await person.open(f"/issues/{issue_id}")
    await person.page.get_by_role("button", name="More actions").click()
    await person.page.get_by_role("menuitem", name="Post-mortem…").click()


async def test_the_post_mortem_of_an_issue_is_read_copied_and_downloaded(person: Person, page: Page, shop: Shop) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    issue_id, done = await fixed(shop)
    await person.api(
        "POST", f"/v1/issues/{issue_id}/comments", json={"body": "<img src=x onerror=alert(1)> [it](http://x.example) was the cache"}
    )
    await open_post_mortem(person, issue_id)
    dialog = await opened(page, "Post-mortem: Container api was killed at its memory limit")
    await expect(dialog.get_by_role("heading", name="Timeline (UTC)")).to_be_visible()
    await expect(dialog.get_by_text("<img src=x onerror=alert(1)> [it](http://x.example) was the cache")).to_be_visible()
    await expect(dialog.locator("img")).to_have_count(0)
    await expect(dialog.locator("code", has_text="raise-memory-limit").first).to_be_visible()
    await expect(dialog.get_by_text("There is no finished analysis of this issue, so no cause is known.").first).to_be_visible()
    await expect(dialog.get_by_text("For people to write.")).to_have_count(4)
    written = (await person.api.get(f"/v1/issues/{issue_id}/post-mortem")).json()["markdown"].splitlines()
    await dialog.get_by_role("button", name="Copy").click()
    await expect(dialog.get_by_text("Copied")).to_be_visible()
    assert (await page.evaluate("navigator.clipboard.readText()")).splitlines()[3:] == written[3:]  # all but the time
    async with page.expect_download() as downloading:
        await dialog.get_by_role("button", name="Download").click()
    download = await downloading.value
    assert download.suggested_filename == f"post-mortem-{issue_id}.md"
    assert (await download.path()).read_text().splitlines()[3:] == written[3:]
    await dialog.get_by_role("link", name=done.id).first.click()
    await expect(page).to_have_url(f"{person.api.url}/executions/{done.id}")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_a_document_that_cannot_be_loaded_is_tried_again(person: Person, page: Page, shop: Shop) -> None:
    issue_id = await shop.observe(shown=True)
    await person.open(f"/issues/{issue_id}")
    await person.fail_until_tried_again("**/post-mortem")
    await open_post_mortem(person, issue_id)
    dialog = await opened(page, "Post-mortem")
    await expect(dialog.get_by_role("alert")).to_contain_text("Could not load the document")
    await expect(dialog.get_by_role("button", name="Copy")).to_be_disabled()
    await expect(dialog.get_by_role("button", name="Download")).to_be_disabled()
    await dialog.get_by_role("button", name="Try again").click()
    await expect(dialog.get_by_role("heading", name="Timeline (UTC)")).to_be_visible()
    await expect(dialog.get_by_role("button", name="Copy")).to_be_enabled()


async def test_the_change_record_is_on_the_page_of_its_execution(person: Person, page: Page, shop: Shop) -> None:
    _, done = await fixed(shop)
    await person.open(f"/executions/{done.id}")
    await page.get_by_role("button", name="Change record").click()
    dialog = await opened(page, "Change record: ")
    await expect(dialog.get_by_text("from 64Mi to 128Mi.")).to_be_visible()
    await expect(dialog.get_by_text("Requested by:")).to_be_visible()


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
async def test_the_handover_is_on_the_overview_for_the_hours_chosen(
    chromium: Browser, edge: Api, shop: Shop, width: int, dark: bool
) -> None:
    issue_id = await shop.observe(shown=True)
    edge.clock.advance(10 * 3600)
    async with window(chromium, edge, width=width, dark=dark) as person:
        await sign_in(person)
        page = person.page
        await person.open("/")
        await page.get_by_role("button", name="Handover").click()
        dialog = await opened(page, "Handover")
        await expect(dialog.get_by_role("link", name=issue_id)).to_have_count(1)  # open, but opened before
        await dialog.get_by_label("Hours back and ahead").select_option("24")
        await expect(dialog.get_by_role("link", name=issue_id)).to_have_count(2)
        assert await person.axe() == []
        await dialog.get_by_role("link", name=issue_id).first.click()
        await expect(page).to_have_url(f"{edge.url}/issues/{issue_id}")
