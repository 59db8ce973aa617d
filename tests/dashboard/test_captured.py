"""Captured logs on the page of an issue: loaded by a click, since each view is written to the audit log."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from optral.analysis import model, service as analyses
from optral.terms import actor as actors
from tests.api.conftest import Api
from tests.api.issues.test_captured import captured, log_of, readings
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.test_care_settings import as_viewer

pytestmark = pytest.mark.slow
HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'
TEXT = "2026-01-01T11:59:58.123456Z starting\n2026-01-01T11:59:59Z ERROR java.lang.OutOfMemoryError: Java heap space\n" + HOSTILE + "\n"


async def shown(page: Page) -> None:
    await page.get_by_role("button", name="Show captured data").click()


async def test_shows_captured_lines_on_request(person: Person) -> None:
    page, api = person.page, person.api
    issue_id, cluster_id = await captured(api, text=TEXT)
    await person.open(f"/issues/{issue_id}")
    section = page.locator("#captured")
    await expect(section.get_by_role("heading", name="Captured at detection")).to_be_visible()
    assert await readings(api) == [], "a look at the issue is no reading of logs"
    await shown(page)
    before = section.get_by_role("button", name="Previous run of app")
    await expect(before).to_have_attribute("aria-expanded", "true")
    log = section.get_by_role("log")
    await expect(log).to_contain_text("OutOfMemoryError: Java heap space")
    await expect(log).to_contain_text(HOSTILE)
    assert "mono" in str(await log.evaluate("box => getComputedStyle(box).fontFamily"))
    assert await readings(api) == [issue_id]
    await before.click()
    await expect(log).to_be_hidden()
    await expect(section.get_by_text("Requested")).to_be_visible()
    await expect(section.get_by_text("BackOff")).to_be_visible()
    await expect(section.get_by_text("× 7")).to_be_visible()
    await expect(section.get_by_text("shop/api:1.4.2")).to_be_visible()
    late = model.fetched(log_of(issue_id, cluster_id), text="and then\n", truncated=False, now=api.clock.now())
    await api.store.write(actors.system(api.org), lambda tx: analyses.save_logs(tx, [late]))
    await expect(section.get_by_text("Requested")).to_have_count(0)  # the page polls until it arrives
    await section.get_by_role("button", name="Current run of app").click()
    await expect(section.get_by_role("log")).to_contain_text("and then")
    assert await readings(api) == [issue_id, issue_id], "one for what was there, and one for what came"
    assert await page.evaluate("window.hit") is None


async def test_waiting_for_a_log_leaves_no_record(person: Person) -> None:
    page, api = person.page, person.api
    issue_id, cluster_id = await captured(api, text=TEXT)
    await page.clock.install()
    await person.open(f"/issues/{issue_id}")
    await shown(page)
    await expect(page.locator("#captured").get_by_role("log")).to_contain_text("OutOfMemoryError")
    wish = log_of(issue_id, cluster_id)
    for word in ("busy", "still busy"):
        api.clock.advance(6)
        wish = model.not_fetched(model.fetching(wish, now=api.clock.now()), f"the agent is {word}", now=api.clock.now(), for_good=False)
        await api.store.write(actors.system(api.org), lambda tx, tried=wish: analyses.save_logs(tx, [tried]))
        await page.clock.fast_forward(6_000)
        await expect(page.locator("#captured").get_by_text(f"the agent is {word}")).to_be_visible()
    await expect(page.locator("#captured").get_by_text("Requested")).to_be_visible()
    assert await readings(api) == [issue_id]


async def test_what_did_not_come_says_why(person: Person) -> None:
    page, api = person.page, person.api
    issue_id, cluster_id = await captured(api)
    now = api.clock.now()
    failed = model.not_fetched(log_of(issue_id, cluster_id), "it never started", now=now, for_good=True)
    dropped = model.not_fetched(log_of(issue_id, cluster_id, previous=True), model.UNWANTED, now=now, for_good=True)
    await api.store.write(actors.system(api.org), lambda tx: analyses.save_logs(tx, [failed, dropped]))
    await person.open(f"/issues/{issue_id}")
    await shown(page)
    section = page.locator("#captured")
    await expect(section.get_by_text("it never started")).to_be_visible()
    await expect(section.get_by_text(model.UNWANTED)).to_be_visible()
    await expect(section.get_by_role("log")).to_have_count(0)


async def test_nothing_captured_is_said(person: Person) -> None:
    page, api = person.page, person.api
    await observe(api, await api.new_cluster("production"), finding("api", api=api))
    issue_id = (await api.get("/v1/issues")).json()["issues"][0]["id"]
    await person.open(f"/issues/{issue_id}")
    await shown(page)
    await expect(page.locator("#captured")).to_contain_text("No captured data")


async def test_a_failure_is_said_and_tried_again(person: Person) -> None:
    page, api = person.page, person.api
    issue_id, _ = await captured(api)
    await person.fail_until_tried_again("**/captured*", 503)
    await person.open(f"/issues/{issue_id}")
    await shown(page)
    section = page.locator("#captured")
    await expect(section.get_by_role("alert")).to_contain_text("the database is away")
    await section.get_by_role("button", name="Try again").click()
    await expect(section.get_by_role("log")).to_contain_text("OutOfMemoryError")


async def test_states_that_the_role_may_not_read_logs(person: Person, page: Page) -> None:
    issue_id, _ = await captured(person.api)
    await page.route("**/v1/me", as_viewer)
    await person.open(f"/issues/{issue_id}")
    await expect(page.locator("#captured")).to_contain_text("cannot read logs")
    await expect(page.get_by_role("button", name="Show captured data")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_axe_finds_no_fault_and_nothing_scrolls_sideways(
    chromium: Browser, edge: Api, dark: bool, width: int, tmp_path: Path
) -> None:
    issue_id, _ = await captured(edge, text=TEXT)
    async with window(chromium, edge, dark=dark, width=width, height=1400) as person:
        await sign_in(person)
        await person.open(f"/issues/{issue_id}")
        await shown(person.page)
        await expect(person.page.locator("#captured").get_by_role("log")).to_be_visible()
        await person.page.locator("#captured").scroll_into_view_if_needed()
        await person.page.screenshot(path=tmp_path / "captured.png")
        assert await person.axe() == []
        assert not await person.page.evaluate("document.documentElement.scrollWidth > innerWidth")
