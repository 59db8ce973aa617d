"""The command palette: from sign-in to an acknowledged issue with nothing else, and the ways that lead elsewhere."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.api.conftest import Api
from tests.api.seeds import finding, objects, observe
from tests.dashboard.conftest import EMAIL, PASSWORD, Person, sign_in, window
from tests.dashboard.test_look import pages

pytestmark = pytest.mark.slow
BUTTONS = """[...new Set([...document.querySelectorAll("main :is(button, [role=tab], [role=switch]):not(:disabled)")]
  .filter(one => one.checkVisibility())
  .map(one => (one.ariaLabel || one.textContent).replace(/\\s+/g, " ").trim()))].filter(name => name && name.length <= 80)"""


@pytest.fixture
async def cluster(edge: Api) -> str:
    """A cluster with two issues and a few objects."""
    made = await edge.new_cluster("production")
    await objects(edge, made, "api-7d4f8b9c6-xk2lm", "web-7d4f8b9c6-xk2lm")
    await observe(edge, made, finding("api", api=edge), finding("web", api=edge))
    return made


async def test_palette_alone_leads_from_sign_in_to_an_acknowledged_issue(person: Person, cluster: str) -> None:
    page, api = person.page, person.api
    await page.context.clear_cookies()
    await person.open("/login")
    await page.get_by_role("textbox", name="Email").fill(EMAIL)
    await page.get_by_role("textbox", name="Password").fill(PASSWORD)
    await person.press("Enter")
    await expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    await person.press("Control+k")
    box = page.get_by_role("combobox", name="Search or run a command")
    await expect(box).to_be_focused()
    await page.keyboard.type("app of web")
    await expect(page.get_by_role("option", name="Container app of web")).to_have_attribute("aria-selected", "true")
    assert await person.axe() == []
    await person.press("Enter")
    await expect(page.get_by_role("complementary").get_by_role("heading", name="Container app of web")).to_be_visible()
    await person.press("Control+k")
    await expect(page.get_by_role("combobox", name="Search or run a command")).to_be_focused()
    await page.keyboard.type("ackn")
    await expect(page.get_by_role("option", name="Acknowledge a", exact=True)).to_have_attribute("aria-selected", "true")
    await person.press("Enter")
    await expect(page.get_by_text("Acknowledged: 1")).to_be_visible()
    listed = (await api.get("/v1/issues?status=acknowledged")).json()["issues"]
    assert [one["owner"]["name"] for one in listed] == ["web"]
    await person.press("Control+k")
    await expect(page.get_by_role("group", name="Recent").get_by_role("option")).to_have_count(1)
    await person.press("Escape")
    await expect(box).to_be_hidden()


async def test_an_address_of_k9s_opens_the_kind(person: Person, page: Page, cluster: str) -> None:
    await person.open("/issues")
    await expect(page.get_by_role("table", name="Issues")).to_be_visible()
    await person.press(":")
    await expect(page.get_by_role("combobox", name="Search or run a command")).to_be_focused()  # its code has arrived
    await page.keyboard.type("po ns/shop @production /api")
    await expect(page.get_by_role("option", name="Pod · namespace shop")).to_be_visible()
    await person.press("Enter")
    await page.wait_for_url("**/resources?*kind=Pod*")
    assert all(part in page.url for part in ("namespace=shop", "cluster=production", "q=api"))
    await expect(page.get_by_role("combobox", name="Search or run a command")).to_be_hidden()


async def test_a_page_and_a_theme_are_commands(person: Person, page: Page, cluster: str) -> None:
    await person.open("/issues")
    await page.get_by_role("button", name="Search or run a command").click()
    await expect(page.get_by_role("combobox", name="Search or run a command")).to_be_focused()
    await page.keyboard.type("theme dark")
    await expect(page.get_by_role("option", name="Theme: dark")).to_be_visible()
    await person.press("Enter")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await person.press("Control+k")
    await expect(page.get_by_role("combobox", name="Search or run a command")).to_be_focused()
    await page.keyboard.type("set mem")
    await person.press("Enter")
    await page.wait_for_url("**/settings/members")
    await person.press("Control+k")
    await expect(page.get_by_role("combobox", name="Search or run a command")).to_be_focused()
    await page.keyboard.type("<img src=x onerror=alert(1)>")
    await expect(page.get_by_text("Nothing found")).to_be_visible()


async def test_commands_are_about_the_selected_issues(person: Person, page: Page, cluster: str) -> None:
    await person.open("/issues")
    await page.get_by_role("checkbox", name="Select all loaded issues").check()
    await person.press("Control+k")
    await expect(page.get_by_role("group", name="2 selected issues").get_by_role("option", name="Resolve")).to_be_visible()
    await page.keyboard.type("resolve")
    await person.press("Enter")
    await expect(page.get_by_text("Resolved: 2")).to_be_visible()
    assert (await person.api.get("/v1/issues?status=open")).json()["total"] == 0


async def test_a_search_that_fails_says_so_and_leaves_the_commands(person: Person, page: Page, cluster: str) -> None:
    await page.route("**/v1/search*", lambda route: route.abort())
    await sign_in(person)
    await person.open("/issues")
    await expect(page.get_by_role("table", name="Issues")).to_be_visible()
    await person.press("Control+k")
    await expect(page.get_by_role("combobox", name="Search or run a command")).to_be_focused()
    await page.keyboard.type("runb")
    await expect(page.get_by_text("Search is not available.")).to_be_attached()
    await expect(page.get_by_role("option", name="Runbooks")).to_be_visible()


async def test_what_is_named_so_comes_before_a_page_with_such_other_words(person: Person, page: Page, edge: Api) -> None:
    made = await edge.new_cluster("production")
    await objects(edge, made, "webhooks-sender", "catalog-1")
    await observe(edge, made, finding("catalog", api=edge))
    await edge("POST", "/v1/views", json={"name": "Cats and dogs", "query": "severity:low"})
    await person.open("/issues")
    await page.get_by_text("Live", exact=True).wait_for()
    await person.press("Control+k")
    box = page.get_by_role("combobox", name="Search or run a command")
    await expect(box).to_be_focused()
    await page.keyboard.type("cat")
    options = page.get_by_role("dialog").get_by_role("option")
    await expect(options.first).to_contain_text("Cats and dogs")
    await expect(options.nth(1)).to_contain_text("catalog")
    await expect(page.get_by_role("option", name="Settings: Webhooks")).to_be_hidden()
    await box.fill("webhooks")
    await person.press("Enter")  # before the server has answered: what it finds fits better than the page
    await page.wait_for_url("**/resources/res_*")


async def test_every_action_of_a_page_is_in_the_palette(chromium: Browser, furnished: Api) -> None:
    """What the buttons of each page do, by their names; those of single rows as well."""
    missing = []
    async with window(chromium, furnished) as person:
        await sign_in(person)
        page = person.page
        for path in await pages(furnished):
            await person.open(path)
            await person.settled()
            names = await page.evaluate(BUTTONS)
            await page.keyboard.press("Control+k")
            box = page.get_by_role("combobox", name="Search or run a command")
            for name in names[:8]:
                await box.fill(name)
                option = page.get_by_role("option", name=name, exact=True).first
                try:
                    await expect(option).to_be_visible(timeout=3_000)
                except AssertionError:
                    missing.append(f"{path}: {name}")
        assert not missing


async def test_an_action_of_another_page_is_one_command_away(person: Person, page: Page, cluster: str) -> None:
    await person.open("/issues")
    await expect(page.get_by_role("heading", name="Issues")).to_be_visible()
    await person.settled()
    await person.press("Control+k")
    await page.get_by_role("combobox", name="Search or run a command").fill("new webhook")
    await page.get_by_role("option", name="New webhook").click()
    await expect(page.get_by_role("dialog", name="New webhook")).to_be_visible()
