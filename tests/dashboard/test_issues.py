"""The issue list and one issue: filters, keys, news, citations, and text that would like to be code."""

import asyncio
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from optral.issues.lists import query
from optral.terms.severity import Severity
from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import Person, sign_in, window

pytestmark = pytest.mark.slow


@pytest.fixture
async def cluster(edge: Api) -> str:
    """A cluster with four open issues."""
    return await four_issues(edge)


async def four_issues(edge: Api) -> str:
    """A cluster with a critical issue, two high ones and a low one; its id."""
    made = await edge.new_cluster("production")
    await observe(
        edge,
        made,
        finding("api", api=edge),
        finding("web", severity=Severity.HIGH, type="CrashLoopBackOff", api=edge),
        finding("cart", severity=Severity.HIGH, type="ImagePullBackOff", api=edge),
        finding("mail", severity=Severity.LOW, type="JobFailed", api=edge),
    )
    return made


def rows(page: Page) -> Any:
    return page.locator("[role=row][data-id]")


async def close_menu(page: Page, trigger: str) -> None:
    """Closes the open menu, and waits until its button has the focus again: what is typed before that goes to the button."""
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name=trigger)).to_be_focused()


async def settled(page: Page) -> None:
    """The list has been read again, as it is once when the stream becomes live."""
    await expect(page.get_by_role("table", name="Issues")).to_have_attribute("aria-busy", "false")


_OVERPRINTED = """(rows) => rows.filter((row, at) =>
  row.scrollHeight > row.clientHeight || rows.slice(at + 1).some((other) => {
    const [a, b] = [row.getBoundingClientRect(), other.getBoundingClientRect()];
    return a.left < b.right && b.left < a.right && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
  })).map((row) => row.textContent)"""


async def issue_ids(api: Api) -> dict[str, str]:
    """Ids by the name of the workload."""
    listed = (await api.get("/v1/issues?pageSize=100")).json()["issues"]
    return {one["owner"]["name"]: one["id"] for one in listed}


async def test_filters_live_in_the_address(person: Person, page: Page, cluster: str) -> None:
    await person.open("/issues")
    await expect(rows(page)).to_have_count(4)
    await expect(rows(page).first).to_contain_text("Critical")
    await page.get_by_role("button", name="Severity", exact=True).first.click()
    await page.get_by_role("menuitemcheckbox", name="High").click()
    await expect(rows(page)).to_have_count(2)
    assert "severity=high" in page.url
    await close_menu(page, "Severity: High")
    await page.get_by_role("combobox", name="Search issues").fill("web")
    await expect(rows(page)).to_have_count(1)
    await page.wait_for_url("**/issues?*q=web*")
    await page.reload()
    await expect(rows(page)).to_have_count(1)
    await page.get_by_role("button", name="Clear", exact=True).click()
    await expect(rows(page)).to_have_count(4)
    await page.get_by_role("combobox", name="Search issues").fill("nothing like this")
    await expect(page.get_by_role("heading", name="No matching issues")).to_be_visible()


async def test_a_view_says_where_the_server_stopped_counting(person: Person, page: Page, cluster: str) -> None:
    async def answer(route: Route) -> None:
        response = await route.fetch()
        body = {**(await response.json()), "status": [{"value": "open", "count": 10_000}]}
        await route.fulfill(response=response, body=json.dumps(body))

    await page.route("**/v1/issues/facets*", answer)
    await person.open("/issues")
    await expect(page.get_by_role("button", name="All 10,000+")).to_be_visible()


async def test_the_search_box_and_the_facets_write_the_same_address(person: Person, page: Page, cluster: str) -> None:
    box = page.get_by_role("combobox", name="Search issues")
    await person.open("/issues")
    await expect(rows(page)).to_have_count(4)
    await person.press("/")
    await page.keyboard.type("sev")
    await expect(page.get_by_role("option", name="severity:")).to_be_visible()
    await person.press("ArrowDown", "Enter")
    await page.keyboard.type("hi")
    await expect(page.get_by_role("option", name="high")).to_be_visible()
    await person.press("ArrowDown", "Enter")
    await expect(box).to_have_value("severity:high ")
    await expect(rows(page)).to_have_count(2)
    await page.wait_for_url("**/issues?severity=high")
    await expect(page.get_by_role("button", name="Severity: High")).to_be_visible()
    await page.keyboard.type("-owner:web")
    await expect(rows(page)).to_have_count(1)
    await page.wait_for_url("**/issues?*q=-owner%3Aweb*")
    await person.press("Escape")
    await page.get_by_role("button", name="Severity: High").click()
    await page.get_by_role("menuitemcheckbox", name="Critical").click()
    await expect(box).to_have_value("severity:high,critical -owner:web")
    await close_menu(page, "Severity: ")
    await box.fill("")
    await expect(rows(page)).to_have_count(4)
    await page.wait_for_url("**/issues")


async def test_the_list_stays_while_a_value_is_typed(person: Person, page: Page, cluster: str) -> None:
    await person.open("/issues")
    await expect(rows(page)).to_have_count(4)
    await page.get_by_role("combobox", name="Search issues").press_sequentially("type:OOM")
    await expect(page.get_by_role("option", name="OOMKilled")).to_be_visible()
    await expect(page.get_by_text("No matching issues")).to_have_count(0)
    await page.keyboard.type("Killed")
    await page.wait_for_url("**/issues?type=OOMKilled")
    await expect(rows(page)).to_have_count(1)
    await page.get_by_role("combobox", name="Search issues").fill("type:OOM")
    await person.press("Enter")
    await expect(page.get_by_text("No matching issues")).to_be_visible()


async def test_a_query_that_is_not_valid_says_where(person: Person, page: Page, cluster: str) -> None:
    await person.open("/issues?q=severty:high")
    message = "There is no key severty (did you mean severity?)"
    box = page.get_by_role("combobox", name="Search issues")
    await expect(box).to_have_accessible_description(re.compile(re.escape(message)))
    await expect(page.get_by_role("heading", name="The query is not valid")).to_be_visible()
    assert await person.axe() == []
    await page.get_by_role("button", name="Clear the query").click()
    await expect(rows(page)).to_have_count(4)


def test_the_page_completes_the_keys_of_the_language() -> None:
    text = (Path(__file__).parents[2] / "dashboard/src/pages/issues/querytext.ts").read_text()
    listed = re.findall(r'^  \["([a-z]+)", "', text.partition("export const KEYS")[2].partition("];")[0], re.MULTILINE)
    assert sorted(listed) == sorted(key.name for key in query.KEYS)


async def test_triage_with_the_keyboard_alone(person: Person, page: Page, cluster: str) -> None:
    ids = await issue_ids(person.api)
    await person.open("/issues?sort=-severity")
    await expect(rows(page)).to_have_count(4)
    await person.press("j", "j", "o")
    await expect(page.get_by_role("complementary")).to_be_visible()
    second = page.url.rpartition("/")[2].partition("?")[0]
    assert second in (ids["web"], ids["cart"])
    await person.press("a")
    await expect(page.get_by_role("complementary").get_by_text("Acknowledged", exact=True).first).to_be_visible()
    await expect(page.get_by_text("Acknowledged: ")).to_be_visible()  # said once the server has it
    assert (await person.api.get(f"/v1/issues/{second}")).json()["status"] == "acknowledged"
    await person.press("k")
    await page.wait_for_url(f"**/issues/{ids['api']}*")
    await person.press("Escape")
    await expect(page.get_by_role("complementary")).to_be_hidden()
    await person.press("e")
    await expect(rows(page)).to_have_count(3)
    await expect(page.get_by_text("Resolved: ")).to_be_visible()
    assert (await person.api.get(f"/v1/issues/{ids['api']}")).json()["status"] == "resolved"
    await page.get_by_text("Resolved: ").locator("..").get_by_role("button", name="Undo").click()
    await expect(rows(page)).to_have_count(4)
    await person.press("/")
    await expect(page.get_by_role("combobox", name="Search issues")).to_be_focused()
    await page.keyboard.type("jokea")
    await expect(page.get_by_role("combobox", name="Search issues")).to_have_value("jokea")
    await person.press("Escape", "Escape")
    await person.press("?")
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert await page.get_by_role("dialog").locator("li").evaluate_all(_OVERPRINTED) == []
    await person.press("Escape", "g", "c")
    await page.wait_for_url("**/clusters*")


async def test_keys_in_one_breath_are_steps_each(person: Person, page: Page, cluster: str) -> None:
    """A busy browser hands over several keys before it has drawn again."""
    ids = await issue_ids(person.api)
    await person.open("/issues?sort=-severity")
    await expect(rows(page)).to_have_count(4)
    await page.evaluate("for (const key of 'jjo') dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))")
    await page.wait_for_url("**/issues/iss_*")
    assert page.url.rpartition("/")[2].partition("?")[0] in (ids["web"], ids["cart"])


async def test_a_key_between_a_step_and_its_drawing_is_about_the_new_row(person: Person, page: Page, cluster: str) -> None:
    ids = await issue_ids(person.api)
    await person.open("/issues?sort=-severity")
    await expect(rows(page)).to_have_count(4)
    await page.evaluate(
        "() => { const press = key => dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));"
        " press('j'); setTimeout(() => press('o'), 0); press('j') }"
    )
    await page.wait_for_url("**/issues/iss_*")
    assert page.url.rpartition("/")[2].partition("?")[0] in (ids["web"], ids["cart"])


async def test_steps_beside_an_open_issue_count_before_it_has_changed(person: Person, page: Page, cluster: str) -> None:
    ids = await issue_ids(person.api)
    await person.open("/issues?sort=-severity")
    await expect(rows(page)).to_have_count(4)
    await person.press("j", "o")
    await page.wait_for_url(f"**/issues/{ids['api']}*")
    await page.evaluate("for (const key of 'jjj') dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))")
    await page.wait_for_url(f"**/issues/{ids['mail']}*")


async def test_keys_leave_the_list_alone_while_the_open_issue_is_not_in_it(person: Person, page: Page, cluster: str) -> None:
    ids = await issue_ids(person.api)
    await person.open(f"/issues/{ids['api']}?severity=low")
    await expect(rows(page)).to_have_count(1)
    await expect(page.get_by_role("complementary")).to_be_visible()
    await person.press("e", "a", "j")
    await page.wait_for_url(f"**/issues/{ids['mail']}*")
    await expect(page.get_by_role("complementary").get_by_text("JobFailed").first).to_be_visible()
    assert (await person.api.get(f"/v1/issues/{ids['mail']}")).json()["status"] == "open"


async def test_news_waits_behind_a_pill_and_rows_change_in_place(person: Person, cluster: str) -> None:
    page, api = person.page, person.api
    ids = await issue_ids(api)
    await person.open("/issues")
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await settled(page)
    await expect(rows(page)).to_have_count(4)
    await observe(api, cluster, finding("late", api=api))
    pill = page.get_by_role("button", name="1 new")
    await expect(pill).to_be_visible()
    await expect(rows(page)).to_have_count(4)
    for width in (320, 390, 1280):
        await page.set_viewport_size({"width": width, "height": 800})
        above = await pill.bounding_box()
        first = await rows(page).first.bounding_box()
        assert above and first and above["y"] + above["height"] <= first["y"], "the pill covers no row"
    await person.press(".")
    await expect(rows(page)).to_have_count(5)
    await expect(page.get_by_role("button", name="1 new")).to_be_hidden()
    await api("PATCH", f"/v1/issues/{ids['web']}", json={"status": "acknowledged"})
    await expect(page.locator(f"[data-id={ids['web']}]")).to_contain_text("Acknowledged")
    await api("PATCH", f"/v1/issues/{ids['mail']}", json={"status": "resolved"})
    await expect(rows(page)).to_have_count(4)
    await expect(page).to_have_title("(2) Issues · Optral")


async def test_what_happens_between_the_first_reading_and_the_stream_is_shown(person: Person, cluster: str) -> None:
    page, api = person.page, person.api
    await page.add_init_script("delete globalThis.SharedWorker")  # the requests of a worker cannot be held back
    may_open = asyncio.Event()

    async def hold(route: Route) -> None:
        await may_open.wait()
        await route.continue_()

    await page.route("**/v1/events/stream", hold)
    await person.open("/issues")
    await expect(rows(page)).to_have_count(4)
    await observe(api, cluster, finding("late", api=api))
    await expect(page.get_by_text("Connecting", exact=True)).to_be_visible()
    may_open.set()
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await expect(rows(page)).to_have_count(5)


async def test_a_refused_change_is_taken_back(person: Person, page: Page, cluster: str) -> None:
    ids = await issue_ids(person.api)
    await page.route("**/v1/issues/*", _refuse_changes)
    await person.open(f"/issues/{ids['api']}")
    await page.get_by_role("button", name="Acknowledge", exact=True).click()
    await expect(page.get_by_text("no such luck")).to_be_visible()
    await expect(page.get_by_role("button", name="Acknowledge", exact=True)).to_be_visible()


async def _refuse_changes(route: Route) -> None:
    if route.request.method != "PATCH":
        await route.continue_()
        return
    await route.fulfill(
        status=409, content_type="application/problem+json", body=json.dumps({"code": "conflict", "detail": "no such luck", "status": 409})
    )


HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>{{7*7}} javascript:window.hit=1 \';window.hit=1//'


def analysis(issue_id: str, text: str = "") -> dict[str, Any]:
    """An analysis whose every word ends with `text`."""
    ref = {"kind": "Pod", "namespace": "shop", "name": f"api-1{text}"}
    at = "2026-01-01T00:00:00Z"
    lines = [
        {"id": f"ev_{n}", "kind": "log", "ref": ref, "path": f"logs/app{text}", "excerpt": f"line {n} {text}", "trust": "app_text"}
        for n in range(1, 10)
    ]
    action = {"title": f"Raise the limit {text}", "why": f"so that {text}", "risk": "high", "runbook": "raise-memory-limit"}
    return {
        "id": "ana_01jd3q4m6ve5jt8cmykq3rzm0a",
        "issueId": issue_id,
        "status": "ready",
        "feedback": {"helpful": 0, "notHelpful": 0},
        "summary": f"It ran out of memory {text}",
        "rootCause": {
            "id": "memory_limit_too_low",
            "title": f"The memory limit is too low {text}",
            "category": "resources",
            "subject": ref,
            "explanation": text,
            "claims": [
                {"text": f"The limit is `128Mi` {text}", "evidenceIds": ["ev_1"]},
                {"text": "It was killed", "evidenceIds": ["ev_9", "ev_none"]},
            ],
        },
        "confidence": 0.92,
        "confidenceLabel": "high",
        "hypotheses": [
            {"id": "leak", "title": f"A leak {text}", "score": 0.2, "verdict": "rejected", "why": f"why {text}", "evidenceIds": []}
        ],
        "evidence": lines,
        "timeline": [{"at": at, "text": f"moment {text}", "evidenceId": "ev_1"}],
        "changes": [{"ref": ref, "path": f"spec{text}", "from": text, "to": "2", "at": at, "evidenceId": "ev_1"}],
        "affected": [ref],
        "recommendedActions": [{**action, "parameters": {"limit": "256Mi"}, "evidenceIds": ["ev_1"]}],
        "missingEvidence": [f"metrics {text}"],
        "engine": {"name": "rules", "ruleset": "abc"},
        "version": 3,
    }


async def with_analysis(page: Page, issue_id: str, *, text: str = "", **members: Any) -> None:
    """Answer for the issue as the server would with an analysis; `members` replace those of the issue."""

    async def answer(route: Route) -> None:
        response = await route.fetch()
        body = {**(await response.json()), "hasAnalysis": True, "analysis": analysis(issue_id, text), **members}
        await route.fulfill(response=response, body=json.dumps(body))

    await page.route(f"**/v1/issues/{issue_id}", answer)


async def test_a_citation_leads_to_its_evidence(person: Person, page: Page, cluster: str) -> None:
    issue = (await issue_ids(person.api))["api"]
    await with_analysis(page, issue)
    await person.open(f"/issues/{issue}")
    await expect(page.get_by_role("heading", name="The memory limit is too low")).to_be_visible()
    assert await page.get_by_text("AI", exact=True).count() == 0  # rules say of themselves that they are rules
    await page.get_by_role("button", name="Evidence 9").first.click()
    cited = page.locator("#ev_9")
    await expect(cited).to_be_focused()
    await expect(cited).to_be_in_viewport()
    await expect(page.get_by_role("button", name="Evidence 10")).to_have_count(0)  # what is not there is not cited
    await page.get_by_role("button", name="Run runbook").click()
    await expect(page.get_by_role("menuitem", name="Raise the limit")).to_be_visible()


async def test_text_from_a_cluster_stays_text(person: Person, page: Page, cluster: str) -> None:
    issue = (await issue_ids(person.api))["api"]
    hostile = {
        "title": HOSTILE,
        "resource": HOSTILE,
        "namespace": HOSTILE,
        "container": HOSTILE,
        "owner": {"kind": HOSTILE, "name": HOSTILE},
        "cluster": HOSTILE,
        "facts": {HOSTILE: HOSTILE, "message": HOSTILE, "map": {HOSTILE: HOSTILE}},
        "affected": [{"kind": HOSTILE, "name": HOSTILE}],
    }
    await with_analysis(page, issue, text=HOSTILE, **hostile)

    async def listed(route: Route) -> None:
        response = await route.fetch()
        body = await response.json()
        for one in body.get("issues", []):
            one.update(hostile)
        await route.fulfill(response=response, body=json.dumps(body))

    await page.route("**/v1/issues?*", listed)
    await person.open(f"/issues/{issue}")
    await expect(page.get_by_text("line 9")).to_be_visible()
    await page.get_by_role("button", name="other explanation").click()
    await expect(page.get_by_text("A leak")).to_be_visible()
    assert await page.evaluate("window.hit") is None
    assert await page.locator("main img, main script, a[href^='javascript:']").count() == 0
    assert HOSTILE in str(await page.locator("main").inner_text())


async def test_a_failing_server_is_said_and_tried_again(person: Person, page: Page, cluster: str) -> None:
    await person.fail_until_tried_again("**/v1/issues?*")
    await person.open("/issues")
    await expect(page.get_by_role("alert")).to_contain_text("the database is away")
    await expect(page.get_by_role("alert")).to_contain_text("Request id req_1")
    await page.get_by_role("button", name="Try again").click()
    await expect(rows(page)).to_have_count(4)


async def test_many_tabs_share_one_stream(person: Person, cluster: str) -> None:
    context = person.page.context
    pages = [person.page, *[await context.new_page() for _ in range(5)]]
    for page in pages:
        await page.goto(person.api.url + "/issues")
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()
        await settled(page)
        await expect(rows(page)).to_have_count(4)  # what comes before a list is read is in it, and no news
    assert len(person.api.services.streams) == 1
    await observe(person.api, cluster, finding("late", api=person.api))
    for page in pages:
        await expect(page.get_by_role("button", name="1 new")).to_be_visible()


async def test_thousands_of_rows_stay_a_few_in_the_page(chromium: Browser, edge: Api) -> None:
    cluster = await edge.new_cluster("large")
    for start in range(0, 600, 100):
        await observe(edge, cluster, *[finding(f"w{n:04}", api=edge) for n in range(start, start + 100)])
    async with window(chromium, edge) as person:
        await sign_in(person)
        await person.open("/issues")
        page = person.page
        await expect(page.get_by_text("600 issues")).to_be_visible()
        body = page.locator("[role=rowgroup]").nth(1)
        last = page.locator("[role=row][aria-rowindex='600']")
        while not await last.count():
            await body.evaluate("box => box.scrollTo(0, box.scrollHeight)")
            await page.evaluate("() => new Promise(requestAnimationFrame)")
        await expect(last).to_be_visible()
        assert await rows(page).count() < 60
        assert await page.evaluate("document.querySelectorAll('*').length") < 1500


@pytest.mark.parametrize(("width", "path"), [(390, "/issues"), (1280, "/issues/{api}")], ids=["on a phone", "beside the open issue"])
async def test_a_title_is_not_cut_in_a_narrow_list(chromium: Browser, edge: Api, cluster: str, width: int, path: str) -> None:
    opened = (await issue_ids(edge))["api"]
    async with window(chromium, edge, width=width) as person:
        await sign_in(person)
        await person.open(path.format(api=opened))
        title = rows(person.page).get_by_role("link", name="Container app of mail was killed at its memory limit")
        await expect(title).to_be_visible()
        cut = await title.evaluate("one => [one.scrollWidth - one.clientWidth, one.scrollHeight - one.clientHeight]")
        assert max(cut) <= 1
        places = await rows(person.page).evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())")
        boxes = sorted((place["top"], place["bottom"]) for place in places)
        assert all(bottom <= top + 1 for (_, bottom), (top, _) in pairwise(boxes)), "rows overlap"
