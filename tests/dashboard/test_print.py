"""A page on paper: all of it, in dark on light, without what only a screen can do."""

import pytest
from playwright.async_api import Browser, expect

from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import sign_in, window
from tests.dashboard.test_issues import issue_ids

pytestmark = pytest.mark.slow


async def test_an_issue_is_printed_whole_and_alone(chromium: Browser, edge: Api) -> None:
    cluster = await edge.new_cluster("production")
    await observe(edge, cluster, finding("api", api=edge))
    issue = next(iter((await issue_ids(edge)).values()))
    async with window(chromium, edge, dark=True, width=794, height=600) as person:
        await sign_in(person)
        page = person.page
        await person.open(f"/issues/{issue}")
        await expect(page.get_by_role("heading", name="Activity")).to_be_attached()
        await page.emulate_media(media="print")
        await expect(page.locator("html")).to_have_attribute("data-theme", "light")
        for hidden in ("Main", "Actions", "Issues"):
            await expect(page.get_by_label(hidden, exact=True)).to_be_hidden()
        heights = await page.evaluate("[document.documentElement.scrollHeight, document.querySelector('aside').offsetHeight]")
        assert heights[0] >= heights[1] > 900, "the page grows with the panel, which does not scroll"
        await page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
        await page.emulate_media(media="screen")
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("width", [800, 1000])
async def test_a_panel_on_a_tablet_stands_beside_the_navigation(chromium: Browser, edge: Api, width: int) -> None:
    cluster = await edge.new_cluster("production")
    await observe(edge, cluster, finding("api", api=edge))
    issue = next(iter((await issue_ids(edge)).values()))
    async with window(chromium, edge, width=width) as person:
        await sign_in(person)
        await person.open(f"/issues/{issue}")
        panel, rail = person.page.locator("aside"), person.page.get_by_role("navigation", name="Main")
        await expect(panel).to_be_visible()
        beside, within = await rail.bounding_box(), await panel.bounding_box()
        assert beside and within and within["x"] >= beside["x"] + beside["width"]
