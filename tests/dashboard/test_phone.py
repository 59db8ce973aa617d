"""A phone: every place is one tap away or two, and the bar at the bottom fits."""

import pytest
from playwright.async_api import Browser, expect

from tests.api.conftest import Api
from tests.dashboard.conftest import sign_in, window

pytestmark = pytest.mark.slow
CUT = "[...document.querySelectorAll('nav[aria-label=Main] > :is(a, button)')].filter(one => one.scrollWidth > one.clientWidth).length"
IN_THE_BAR = ["Overview", "Issues", "Clusters", "Resources", "Runbooks"]
UNDER_MORE = ["Activity", "Settings"]


@pytest.mark.parametrize("width", [390, 320])
async def test_every_place_is_two_taps_away(chromium: Browser, edge: Api, width: int) -> None:
    async with window(chromium, edge, width=width, height=700, touch=True) as person:
        await sign_in(person)
        page = person.page
        await person.open("/issues?cluster=production")
        bar = page.get_by_role("navigation", name="Main")
        assert await page.evaluate(CUT) == 0
        for name in IN_THE_BAR:
            await bar.get_by_role("link", name=name).click()
            await expect(bar.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
        for name in UNDER_MORE:
            await bar.get_by_role("button", name="More").click()
            await page.get_by_role("menuitem", name=name).click()
            await page.wait_for_url(f"**/{name.lower()}**cluster=production**")
            await expect(bar.get_by_role("button", name="More")).to_have_attribute("data-status", "active")
        assert await bar.get_by_role("link", name="Settings").count() == 0
