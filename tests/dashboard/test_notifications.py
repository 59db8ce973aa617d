"""Browser notifications: a person asks for them, and one tab of many shows them while none is in view, for roots and never for symptoms."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from optral.issues.tables import issues
from optral.store.transaction import Transaction
from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import Person, sign_in, window

pytestmark = pytest.mark.slow
BROWSER = """
window.notes = [];
window.inBackground = false;
window.Notification = class {
  static permission = localStorage.getItem("permission") ?? "default";
  static async requestPermission() { localStorage.setItem("permission", "granted"); return (this.permission = "granted"); }
  constructor(title, options) { this.title = title; Object.assign(this, options); window.notes.push(this); }
  close() {}
};
Object.defineProperty(document, "visibilityState", { get: () => (window.inBackground ? "hidden" : "visible") });
Object.defineProperty(document, "hidden", { get: () => window.inBackground });
window.show = (isShown) => { window.inBackground = !isShown; document.dispatchEvent(new Event("visibilitychange")); };
"""
LEADS = """async () => {
  for (let tries = 0; tries < 300; tries++) {
    if ((await navigator.locks.query()).held.some((lock) => lock.name === "optral-notifier")) return true;
    await new Promise((done) => setTimeout(done, 50));
  }
  return false;
}"""
NOTES = "window.notes.map((one) => [one.title, one.body, one.tag])"


@asynccontextmanager
async def somebody(chromium: Browser, api: Api) -> AsyncIterator[Person]:
    """Somebody who has switched notifications on in the settings."""
    async with window(chromium, api) as person:
        page = person.page
        await page.context.add_init_script(BROWSER)
        await sign_in(person)
        await person.open("/settings/notifications")
        await page.get_by_role("switch", name="Notify me when").click()
        await page.get_by_role("button", name="Allow in this browser").click()
        await expect(page.get_by_text("This browser allows notifications.")).to_be_visible()
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()
        yield person


async def in_background(*pages: Page) -> None:
    for page in pages:
        assert await page.evaluate(LEADS), "no tab shows notifications"
        await page.evaluate("window.show(false)")


async def notes_of(page: Page, number: int = 1) -> Any:
    await page.wait_for_function(f"() => window.notes.length >= {number}")
    return await page.evaluate(NOTES)


async def fault(api: Api, cluster: str, name: str) -> str:
    """A critical issue; its id."""
    await observe(api, cluster, finding(name, api=api), synced_at=api.clock.now() - timedelta(hours=1))
    found = (await api.get(f"/v1/issues?q=owner:{name}")).json()["issues"]
    return str(found[0]["id"])


async def test_one_tab_of_many_shows_one_notification_that_leads_to_the_issue(chromium: Browser, edge: Api) -> None:
    cluster = await edge.new_cluster("production")
    await fault(edge, cluster, "before")
    async with somebody(chromium, edge) as person:
        other = await person.page.context.new_page()
        await other.goto(f"{edge.url}/issues")
        await expect(other.get_by_text("Live", exact=True)).to_be_visible()
        await in_background(person.page, other)
        issue = await fault(edge, cluster, "checkout")
        (note,) = await notes_of(person.page)
        assert note == ["Critical issue", "Container app of checkout was killed at its memory limit (production)", f"/issues/{issue}"]
        assert await other.evaluate(NOTES) == []
        await person.page.evaluate("window.show(true); window.notes[0].onclick()")
        await expect(person.page).to_have_url(f"{edge.url}/issues/{issue}")
        await expect(person.page.get_by_role("complementary")).to_contain_text("checkout")


async def test_many_issues_and_their_symptoms_are_one_notification(chromium: Browser, edge: Api) -> None:
    cluster = await edge.new_cluster("production")
    async with somebody(chromium, edge) as person:
        await in_background(person.page)
        ids = [await fault(edge, cluster, name) for name in ("checkout", "cart", "payments")]

        def explain(tx: Transaction) -> None:
            tx.execute(issues.update().where(issues.c.org_id == edge.org, issues.c.id == ids[2]).values(parent_issue_id=ids[0]))

        await edge.store.write(edge.owner, explain)
        ((title, body, path),) = await notes_of(person.page)
        assert (title, path) == ("2 critical issues", "/issues?severity=critical")
        assert "payments" not in body


async def test_nothing_is_shown_while_a_tab_is_in_view_or_in_quiet_hours(chromium: Browser, edge: Api) -> None:
    cluster = await edge.new_cluster("production")
    async with somebody(chromium, edge) as person:
        page = person.page
        other = await page.context.new_page()
        await other.goto(f"{edge.url}/issues")
        await in_background(page)  # the other one stays in view
        async with page.expect_request("**/v1/issues?severity=critical*") as asked:
            await fault(edge, cluster, "seen")
            await other.close()
            await page.evaluate("window.show(false)")
            await fault(edge, cluster, "unseen")
        await asked.value
        found = await notes_of(page)
        assert len(found) == 1
        await page.evaluate("window.show(true)")
        quiet = page.get_by_role("switch", name="No notifications during the quiet hours")
        await quiet.click()
        await page.get_by_label("From").fill("00:00")
        await page.get_by_label("Until").fill("23:59")
        async with page.expect_response("**/v1/me/notifications") as saved:
            await page.get_by_role("button", name="Save").click()
        assert (await (await saved.value).json())["quietHours"]["start"] == "00:00"


async def test_a_person_who_wants_none_gets_none(chromium: Browser, edge: Api) -> None:
    cluster = await edge.new_cluster("production")
    async with somebody(chromium, edge) as person:
        page = person.page
        await page.get_by_role("switch", name="Critical issues").click()
        await expect(page.get_by_role("switch", name="Critical issues")).not_to_be_checked()
        await in_background(page)
        async with page.expect_response("**/v1/me/notifications"):
            await fault(edge, cluster, "checkout")
        assert await page.evaluate(NOTES) == []


async def test_a_test_notification_shows_that_it_works(chromium: Browser, edge: Api) -> None:
    async with somebody(chromium, edge) as person:
        await person.page.get_by_role("button", name="Show a test notification").click()
        assert (await notes_of(person.page))[0][0] == "Test notification"


async def test_settings_that_cannot_be_loaded_can_be_tried_again(person: Person) -> None:
    await person.fail_until_tried_again("**/v1/me/notifications")
    await person.open("/settings/notifications")
    await expect(person.page.get_by_text("Could not load your notification settings")).to_be_visible()
    await person.page.get_by_role("button", name="Try again").click()
    await expect(person.page.get_by_role("switch", name="Notify me when")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_axe_finds_no_fault_and_nothing_scrolls_sideways(chromium: Browser, edge: Api, width: int, dark: bool) -> None:
    async with window(chromium, edge, width=width, dark=dark) as person:
        await sign_in(person)
        await person.open("/settings/notifications")
        await person.page.get_by_role("switch", name="Notify me when").click()
        await person.page.get_by_role("switch", name="No notifications during").click()
        await expect(person.page.get_by_label("Until")).to_be_visible()
        assert await person.axe() == []
        assert not await person.page.evaluate("document.documentElement.scrollWidth > innerWidth")
