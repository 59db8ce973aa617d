"""Coming in: the first-run link, signing in, a session that ends."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.api.conftest import Api
from tests.api.resources.test_freshness import presence
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import EMAIL, PASSWORD, Person, first_link, sign_in, window

pytestmark = pytest.mark.slow


async def test_the_first_run_link_makes_an_account_and_is_gone_from_the_address(chromium: Browser, edge: Api) -> None:
    async with window(chromium, edge) as person:
        await person.open(await first_link(edge))
        page = person.page
        await page.get_by_label("Your email").fill(EMAIL)
        await page.get_by_label("Password", exact=True).fill("short")
        assert page.url == f"{edge.url}/setup"
        await page.get_by_role("button", name="Create account").click()
        await expect(page.get_by_text("At least 12 characters")).to_be_visible()
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Create account").click()
        await expect(page.get_by_role("heading", name="Setup complete")).to_be_visible()
        await page.get_by_role("button", name="Explore").click()
        await expect(page.get_by_role("heading", name="Connect your first cluster")).to_be_visible()


async def test_where_a_cluster_is_connected_its_issues_come_first(chromium: Browser, edge: Api) -> None:
    cluster = await edge.new_cluster("production")
    await observe(edge, cluster, finding("api", api=edge))
    await presence(edge, cluster, "online", last_seen=edge.clock.now())
    async with window(chromium, edge) as person:
        await person.open(await first_link(edge))
        page = person.page
        await page.get_by_label("Your email").fill(EMAIL)
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Create account").click()
        await expect(page.get_by_text("Cluster production is connected.")).to_be_visible()
        await expect(page.get_by_role("button", name="Connect another cluster")).to_be_visible()
        await page.get_by_role("button", name="View issues").click()
        await expect(page.locator("[role=row][data-id]")).to_have_count(1)


@pytest.mark.parametrize("path", ["/nope", "/overview", "/activity/yesterday"])
async def test_an_unknown_address_says_so_beside_the_navigation(person: Person, path: str) -> None:
    await person.open(path)
    await expect(person.page.get_by_role("heading", name="Page not found")).to_be_visible()
    await person.page.get_by_role("link", name="Clusters").click()
    await expect(person.page).to_have_url(f"{person.api.url}/clusters")


async def test_a_used_link_says_so(chromium: Browser, edge: Api) -> None:
    async with window(chromium, edge) as person:
        link = await first_link(edge)
        await sign_in(person)
        await person.open(link)
        await expect(person.page.get_by_role("alert")).to_be_visible()
        await expect(person.page.get_by_role("link", name="Sign in instead")).to_be_visible()


async def test_signing_in_leads_to_the_requested_page(chromium: Browser, edge: Api) -> None:
    async with window(chromium, edge) as other:
        await sign_in(other)  # makes the account
    async with window(chromium, edge) as person:
        page = person.page
        await person.open("/issues?severity=high")
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        await page.get_by_label("Email").fill(EMAIL)
        await page.get_by_label("Password", exact=True).fill("not the password")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("alert")).to_have_text("Incorrect email or password.")
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/issues?severity=high")
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()


async def test_no_foreign_address_is_opened_after_signing_in(chromium: Browser, edge: Api) -> None:
    async with window(chromium, edge) as person:
        await sign_in(person)
        await person.page.context.clear_cookies()
        await person.open("/login?to=//elsewhere.example/")
        await person.page.get_by_label("Email").fill(EMAIL)
        await person.page.get_by_label("Password", exact=True).fill(PASSWORD)
        await person.page.get_by_role("button", name="Sign in").click()
        await person.page.wait_for_url(f"{edge.url}/")


async def test_when_the_session_ends_a_sheet_asks_and_the_page_stays(person: Person, page: Page) -> None:
    await person.open("/clusters/new")
    await page.get_by_label("Name").fill("production")
    await page.context.clear_cookies()
    await page.evaluate("document.querySelector('main form').requestSubmit()")  # another request may have found out first
    sheet = page.get_by_role("dialog", name="Sign in again")
    await expect(sheet).to_be_visible()
    assert await person.axe("[role=dialog]") == []
    await sheet.get_by_label("Email").fill(EMAIL)
    await sheet.get_by_label("Password", exact=True).fill(PASSWORD)
    await sheet.get_by_role("button", name="Sign in").click()
    await expect(sheet).to_be_hidden()
    await expect(page.get_by_label("Name")).to_have_value("production")


async def test_signing_out_ends_at_the_door(person: Person, page: Page) -> None:
    await person.open("/issues")
    await page.get_by_role("button", name="Account").click()
    await expect(page.get_by_text(EMAIL)).to_be_visible()
    await page.get_by_role("menuitem", name="Sign out").click()
    await page.wait_for_url("**/login")
    await person.open("/issues")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
