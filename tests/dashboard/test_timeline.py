"""The timeline on the page of an issue: lanes on one axis with rows below."""

import json
import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.hostile import STRINGS
from tests.dashboard.test_issues import analysis, issue_ids, with_analysis

pytestmark = pytest.mark.slow


@pytest.fixture
async def issue(edge: Api) -> str:
    cluster = await edge.new_cluster("production")
    await observe(edge, cluster, finding("api", api=edge))
    return next(iter((await issue_ids(edge)).values()))


def event(minute: int, reason: str = "BackOff", *, warning: bool = True, message: str = "back-off") -> dict[str, Any]:
    at = f"2026-01-01T10:{minute:02}:00Z"
    about = {"kind": "Pod", "namespace": "shop", "name": "api-1", "type": "Warning" if warning else "Normal", "count": 1}
    return {**about, "reason": reason, "message": message, "firstAt": at, "lastAt": at, "component": "kubelet"}


async def with_captured(page: Page, *events: dict[str, Any], changes: list[dict[str, Any]] | None = None) -> None:
    body = {"logs": [], "events": list(events), "changes": changes or [], "stale": False}

    async def give(route: Route) -> None:
        await route.fulfill(content_type="application/json", body=json.dumps(body))

    await page.route("**/v1/issues/*/captured*", give)


def change(hour: int, name: str = "api") -> dict[str, Any]:
    diff = [{"op": "replace", "path": "/spec/replicas", "from": 1, "to": 2}]
    return {
        "kind": "Deployment",
        "namespace": "shop",
        "name": name,
        "at": f"2026-01-01T{hour:02}:30:00Z",
        "manager": "kubectl",
        "diff": diff,
    }


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_lanes_stand_on_one_axis_with_long_gaps_folded(chromium: Browser, edge: Api, issue: str, width: int, dark: bool) -> None:
    async with window(chromium, edge, width=width, dark=dark) as person:
        await sign_in(person)
        page = person.page
        await with_captured(page, event(30), event(31, "Pulled", warning=False), changes=[change(8)])
        await person.open(f"/issues/{issue}")
        lanes = page.get_by_role("group", name="Timeline lanes")
        await expect(lanes.get_by_text("Changes", exact=True)).to_be_visible()
        await expect(lanes.get_by_text("Events", exact=True)).to_be_visible()
        await expect(lanes.get_by_text("Issue", exact=True)).to_be_visible()
        await expect(lanes.get_by_text("Executions", exact=True)).to_have_count(0)
        await expect(lanes.get_by_title("without anything").first).to_be_visible()
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert await person.axe() == []


async def test_a_mark_leads_to_its_row_by_keyboard(person: Person, page: Page, issue: str) -> None:
    await with_captured(page, event(30), changes=[change(8)])
    await person.open(f"/issues/{issue}")
    mark = page.get_by_role("button", name="Changes, ")
    await mark.focus()
    row = page.locator("#timeline li", has_text="/spec/replicas")
    await expect(row.locator("> div")).to_have_class("flex gap-3 rounded-sm bg-selected")
    await person.press("Enter")
    await expect(row).to_be_focused()


async def test_a_burst_is_counted_and_old_errors_stay_in_view(person: Person, page: Page, issue: str) -> None:
    events = [event(10, "FailedMount", message="the oldest")] + [event(20 + n, f"Pulled{n}", warning=False) for n in range(30)]
    await with_captured(page, *events)
    await person.open(f"/issues/{issue}")
    timeline = page.locator("#timeline")
    await expect(timeline.get_by_text("the oldest")).to_be_visible()
    await expect(timeline.get_by_text("Pulled0 ")).to_be_hidden()
    await expect(page.get_by_role("button", name="(error)")).to_have_count(1)
    assert await page.get_by_role("group", name="Timeline lanes").get_by_role("button").count() < 25
    await timeline.get_by_role("button", name="more").click()
    await expect(timeline.get_by_text("Pulled0 ")).to_be_visible()


DENSE = [event(n % 60, f"Reason{n}", warning=n % 10 == 0, message=f"message {n}") for n in range(230)]


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_more_than_two_hundred_marks_are_a_histogram(chromium: Browser, edge: Api, issue: str, width: int, dark: bool) -> None:
    async with window(chromium, edge, width=width, dark=dark) as person:
        await sign_in(person)
        page = person.page
        await with_captured(page, *DENSE, changes=[change(8)])
        await person.open(f"/issues/{issue}")
        histogram = page.get_by_role("group", name="Histogram")
        await expect(histogram.get_by_text("Events", exact=True)).to_be_visible()
        await expect(page.get_by_role("group", name="Timeline lanes")).to_have_count(0)
        timeline = page.locator("#timeline")
        await timeline.get_by_text("Show as a table").click()
        await expect(timeline.get_by_role("columnheader", name="Errors")).to_be_visible()
        counts = await timeline.get_by_role("table").evaluate(
            "table => [...table.tBodies[0].rows].map(row => [...row.cells].slice(1).map(cell => Number(cell.textContent)))"
        )
        heads = await timeline.get_by_role("columnheader").all_inner_texts()
        assert sum(row[heads.index("Events") - 1] for row in counts) == 230
        assert sum(row[heads.index("Errors") - 1] for row in counts) == 23
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert await person.axe() == []


async def test_a_bar_shows_its_moments_by_keyboard_and_stays_when_more_come(person: Person, page: Page, issue: str) -> None:
    await with_captured(page, *DENSE)
    await person.open(f"/issues/{issue}")
    timeline = page.locator("#timeline")
    histogram = page.get_by_role("group", name="Histogram")
    await expect(timeline.get_by_role("listitem")).to_have_count(12)
    await histogram.get_by_role("button").last.focus()
    await person.press("Home", "ArrowRight", "Enter")
    bar = histogram.get_by_role("button", pressed=True)
    await expect(bar).to_be_focused()
    in_bar = int(re.search(r"Events (\d+)", str(await bar.get_attribute("aria-label")))[1])  # type: ignore[index]
    await expect(timeline.get_by_role("listitem")).to_have_count(in_bar)
    more = timeline.get_by_role("button", name="Show all")
    marks = int((await more.inner_text()).split()[-1])
    answer = await person.api("PATCH", f"/v1/issues/{issue}", json={"status": "resolved"})
    assert answer.status_code == 200
    await expect(more).to_have_text(f"Show all {marks + 1}")
    await expect(bar).to_be_focused()
    await expect(timeline.get_by_role("listitem")).to_have_count(in_bar)
    await more.click()
    await expect(timeline.get_by_text("Resolved", exact=True)).to_be_visible()
    await expect(timeline.get_by_text("message 229")).to_be_visible()


@pytest.mark.parametrize(
    ("strings", "group"),
    [(STRINGS[::2], "Timeline lanes"), (STRINGS[1::2], "Timeline lanes"), (STRINGS, "Histogram")],
    ids=["half", "other half", "all in a histogram"],
)
async def test_fifty_hostile_strings_stay_text(person: Person, page: Page, issue: str, strings: list[str], group: str) -> None:
    events = [{**event(n % 60, text, message=text), "kind": text, "name": text} for n, text in enumerate(strings)]
    changes = [
        {**change(n % 24, text), "kind": text, "diff": [{"op": "replace", "path": text, "from": text, "to": text}]}
        for n, text in enumerate(strings)
    ]
    await with_captured(page, *events, changes=changes)
    found = analysis(issue)
    found["timeline"] = [{"at": "2026-01-01T11:00:00Z", "text": text} for text in strings]
    found["changes"] = [
        {
            "ref": {"kind": text, "name": text},
            "path": text,
            "from": text,
            "to": text,
            "at": f"2026-01-01T09:{n % 60:02}:00Z",
            "manager": text,
            "evidenceId": f"ev_{n}x",
        }
        for n, text in enumerate(strings)
    ]
    await with_analysis(page, issue, analysis=found)
    await page.add_init_script("addEventListener('securitypolicyviolation', () => { window.violated = true })")
    await person.open(f"/issues/{issue}?full=1")
    timeline = page.locator("#timeline")
    await expect(page.get_by_role("group", name=group)).to_be_visible()
    for more in await timeline.get_by_role("button", name=re.compile(r"Show \d+ more")).all():
        await more.click()
    await expect(timeline.get_by_text("onerror").first).to_be_visible()
    assert await page.evaluate("[window.hit ?? null, window.violated ?? null]") == [None, None]
    assert await page.locator("main img, main iframe, main object, main script, main math, a[href^='javascript:']").count() == 0
