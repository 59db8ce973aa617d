"""An object beside another one: from its page to a cluster, a revision or another object, side by side and unified."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.api.conftest import Api
from tests.api.resources.test_compare import put
from tests.dashboard.conftest import Person, sign_in, window

pytestmark = pytest.mark.slow


async def fill(api: Api) -> str:
    """The id of a Deployment that has changed twice, and has a twin in another cluster."""
    production, staging = await api.new_cluster("production"), await api.new_cluster("staging")
    for version, replicas in enumerate((1, 3, 6), start=1):
        found = await put(api, production, version, replicas=replicas, template={"image": "<b>web</b>:1"})
    await put(api, staging, 1, replicas=2, template={"image": "web:2"})
    return found


async def test_an_object_is_compared_with_its_twin_and_with_its_past(person: Person, page: Page) -> None:
    found = await fill(person.api)
    await person.open(f"/resources/{found}")
    await page.get_by_role("tab", name="Compare").click()
    await expect(page.get_by_text("Choose what to compare with")).to_be_visible()
    await page.get_by_label("Compare with").select_option("staging")
    await expect(page.get_by_role("status").filter(has_text="2 differences")).to_be_visible()
    await page.get_by_role("button", name="Show full page").click()
    table = page.get_by_role("region", name="Comparison").get_by_role("table")
    await expect(table.get_by_role("cell", name="<b>web</b>:1")).to_be_visible()
    await expect(table.get_by_role("cell", name="web:2", exact=True)).to_be_visible()
    await expect(page.get_by_text("Not compared: metadata.uid")).to_be_visible()
    await page.get_by_label("Compare status").check()
    await expect(page.get_by_role("status").filter(has_text="3 differences")).to_be_visible()
    await page.get_by_role("button", name="Unified").click()
    await expect(page.get_by_role("list", name="Differences")).to_contain_text("spec.replicas")
    await page.get_by_role("tab", name="History").click()
    await page.get_by_role("button", name="Compare with current").click()
    await expect(page.get_by_role("status").filter(has_text="1 difference")).to_be_visible()
    assert "with=revision" in page.url


async def test_what_cannot_be_compared_says_why(person: Person) -> None:
    found = await fill(person.api)
    await person.open(f"/resources/{found}?tab=compare&with=revision:99")
    await expect(person.page.get_by_role("alert")).to_contain_text("has no revision 99")


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 1280), (False, 390)], ids=["light", "dark", "phone"])
async def test_axe_finds_no_fault(chromium: Browser, edge: Api, dark: bool, width: int) -> None:
    found = await fill(edge)
    async with window(chromium, edge, dark=dark, width=width) as person:
        await sign_in(person)
        await person.open(f"/resources/{found}?tab=compare&with=revision:0&full=1")
        await expect(person.page.get_by_role("status").filter(has_text="1 difference")).to_be_visible()
        assert await person.axe() == []
        assert not await person.page.evaluate("document.documentElement.scrollWidth > innerWidth")
