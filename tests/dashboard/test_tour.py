"""The guided tour: shown once to who has just signed up, beside what it points at, and again on request."""

import asyncio

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.api.conftest import Api
from tests.api.resources.test_freshness import presence
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import EMAIL, PASSWORD, Person, first_link, window
from tests.dashboard.test_issues import issue_ids, with_analysis

pytestmark = pytest.mark.slow
COVERS = """([card, at]) => {
  const a = document.querySelector(card).getBoundingClientRect(), b = document.querySelector(at).getBoundingClientRect();
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}"""
CARD = "section[aria-label='Guided tour']"
ESCAPE_AT_ONCE = """card => new Promise(pressed => new MutationObserver((_, watch) => {
  const text = document.querySelector(card)?.textContent;
  if (!text) return;
  watch.disconnect();
  document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape", bubbles: true, cancelable: true}));
  pressed(text);
}).observe(document.body, {childList: true, subtree: true}))"""


def tour(page: Page) -> Locator:
    return page.get_by_role("region", name="Guided tour")


async def look(person: Person, step: int, at: str) -> None:
    await expect(tour(person.page)).to_contain_text(f"Step {step} of 4")
    await person.settled()
    assert not await person.page.evaluate(COVERS, [CARD, at])
    assert await person.axe(CARD) == []


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_new_person_is_led_through_an_issue_once(chromium: Browser, edge: Api, width: int) -> None:
    cluster = await edge.new_cluster("production")
    await observe(edge, cluster, finding("api", api=edge))
    await presence(edge, cluster, "online", last_seen=edge.clock.now())
    issue = (await issue_ids(edge))["api"]
    async with window(chromium, edge, width=width) as person:
        page = person.page
        await with_analysis(page, issue)
        await person.open(await first_link(edge))
        await page.get_by_label("Your email").fill(EMAIL)
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Create account").click()
        await page.get_by_role("button", name="View issues").click()
        await look(person, 1, "main a[href*='/issues/iss_']")
        following = tour(page).get_by_role("button", name="Next")
        await following.click()
        await page.wait_for_url(f"**/issues/{issue}*")
        await look(person, 2, "#analysis h2")
        await following.press("Enter")
        await look(person, 3, "#recommended li")
        await following.press("Enter")
        await look(person, 4, "#activity h2")
        await tour(page).get_by_role("button", name="Done").click()
        await expect(tour(page)).to_be_hidden()
        await page.reload()
        await expect(page.get_by_role("heading", name="Analysis")).to_be_visible()
        await person.settled()
        await expect(tour(page)).to_be_hidden()

        await person.press("Control+k")
        await page.get_by_role("combobox", name="Search or run a command").fill("guided")
        shown, _ = await asyncio.gather(page.evaluate(ESCAPE_AT_ONCE, CARD), page.get_by_role("option", name="Guided tour").click())
        assert "Step 1 of 4" in shown
        await expect(tour(page)).to_be_hidden()
