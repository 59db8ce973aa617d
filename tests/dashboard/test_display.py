"""How the issue list looks is the person's choice: density and columns, kept in the browser until they are reset."""

import pytest
from playwright.async_api import Page, expect

from tests.api.conftest import Api
from tests.dashboard.conftest import Person
from tests.dashboard.test_issues import four_issues, rows

pytestmark = pytest.mark.slow


@pytest.fixture
async def cluster(edge: Api) -> str:
    return await four_issues(edge)


async def toggle(page: Page, *names: str) -> None:
    await page.get_by_role("button", name="Display").click()
    for name in names:
        await page.get_by_role("menuitemcheckbox", name=name, exact=True).click()
    await page.keyboard.press("Escape")


async def headings(page: Page) -> list[str]:
    found: list[str] = await page.get_by_role("table", name="Issues").get_by_role("columnheader").all_inner_texts()
    return [one.strip() for one in found if one.strip()]


async def height(page: Page) -> float:
    box = await rows(page).first.bounding_box()
    assert box
    return float(box["height"])


async def test_columns_and_density_are_chosen_kept_and_reset(person: Person, page: Page, cluster: str) -> None:
    await page.set_viewport_size({"width": 1440, "height": 800})
    await person.open("/issues")
    await expect(rows(page)).to_have_count(4)
    usual, tall = await headings(page), await height(page)
    await toggle(page, "Compact", "First action", "Since", "Cluster")
    await expect(page.get_by_role("columnheader", name="Cluster")).to_be_visible()
    await expect(page.get_by_role("columnheader", name="First action")).to_be_hidden()
    await expect(rows(page).first.get_by_role("cell", name="production")).to_be_visible()
    assert await height(page) < tall
    assert await person.axe() == []
    await page.reload()
    await expect(rows(page)).to_have_count(4)
    await expect(page.get_by_role("columnheader", name="Cluster")).to_be_visible()
    await expect(page.get_by_role("columnheader", name="Since")).to_be_visible()

    # Where there is no room the issue keeps it, and what has no column stands beside the title.
    await page.set_viewport_size({"width": 390, "height": 800})
    await expect(page.get_by_role("columnheader", name="Cluster")).to_be_hidden()
    await expect(rows(page).first).to_contain_text("Critical")
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")

    await page.set_viewport_size({"width": 1440, "height": 800})
    await page.get_by_role("button", name="Display").click()
    await page.get_by_role("menuitem", name="Reset").click()
    await expect(page.get_by_role("columnheader", name="Cluster")).to_be_hidden()
    assert (await headings(page), await height(page)) == (usual, tall)
