"""A phone: every place is one tap away or two, and the bar at the bottom fits."""

import pytest
from playwright.async_api import Browser, expect

from tests.api.conftest import Api
from tests.dashboard.conftest import EMAIL, sign_in, window
from tests.dashboard.test_look import settings_pages

pytestmark = pytest.mark.slow
CUT = "[...document.querySelectorAll('nav[aria-label=Main] > :is(a, button)')].filter(one => one.scrollWidth > one.clientWidth).length"
SCROLLING_TABLES = """[...document.querySelectorAll("[role=region]:has(> table)")]
  .filter(one => one.scrollWidth > one.clientWidth).map(one => one.ariaLabel)"""
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


async def test_a_table_is_cards_that_name_their_columns(chromium: Browser, furnished: Api) -> None:
    async with window(chromium, furnished, width=390, height=700, touch=True) as person:
        await sign_in(person)
        page = person.page
        for path in ("/clusters", "/clusters/fleet", *settings_pages()):
            await person.open(path)
            await person.settled()
            assert await page.evaluate(SCROLLING_TABLES) == [], path
        await person.open("/settings/members")
        card = page.get_by_role("table").get_by_role("row").filter(has_text=EMAIL)
        await expect(card).to_contain_text("Last signed in")
        await expect(card.get_by_role("button", name=f"Remove {EMAIL}")).to_be_visible()


async def test_the_pages_of_the_settings_are_in_groups(chromium: Browser, edge: Api) -> None:
    groups = ["You", "Organization", "Automation", "Integrations"]
    async with window(chromium, edge, width=390, height=700, touch=True) as person:
        await sign_in(person)
        page = person.page
        await person.open("/settings")
        chooser = page.get_by_label("Settings page")
        await expect(chooser).to_have_value("profile")
        assert await chooser.locator("optgroup").evaluate_all("all => all.map(one => one.label)") == groups
        await chooser.select_option("Webhooks")
        await page.wait_for_url("**/settings/webhooks")
        await page.set_viewport_size({"width": 1280, "height": 800})
        links = page.get_by_role("navigation", name="Settings")
        await expect(links.get_by_role("heading")).to_have_text(groups)
        await expect(links.get_by_role("link", name="Webhooks")).to_have_attribute("aria-current", "page")
        await links.get_by_role("link", name="Members").click()
        await expect(page.get_by_role("button", name="Invite")).to_be_visible()
