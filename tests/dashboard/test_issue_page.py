"""The page of one issue: the cause, how sure it is and the best remedy come before the facts, in every state of the analysis."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, FloatRect, Locator, Page, expect

from tests.api.conftest import Api
from tests.api.seeds import finding, objects, observe
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.test_issues import analysis, issue_ids, with_analysis
from tests.dashboard.test_triage import ids

__all__ = ["ids"]
pytestmark = pytest.mark.slow
LONG = "because the process held more than the container may use at `2026-01-01T00:00:00Z`, as the exit of the container shows"
CAUSE, REMEDY = "The memory limit is too low", "Raise the limit"


@pytest.fixture
async def issue(edge: Api) -> str:
    """The id of the only issue; its title takes three lines of the panel, and many facts stand below it."""
    cluster = await edge.new_cluster("production")
    await observe(edge, cluster, finding("checkout-and-payments-gateway-with-a-name-as-long-as-they-come", api=edge))
    return next(iter((await issue_ids(edge)).values()))


def analyzed(issue_id: str, **members: Any) -> dict[str, Any]:
    """An analysis with long claims and several remedies."""
    found = analysis(issue_id)
    found["rootCause"]["claims"] = [{"text": f"Claim {n}: {LONG}", "evidenceIds": [f"ev_{n}"]} for n in range(1, 9)]
    found["recommendedActions"] += [{**found["recommendedActions"][0], "title": f"Another remedy {n}"} for n in range(3)]
    return {**found, **members}


async def box(found: Locator) -> FloatRect:
    there = await found.bounding_box()
    assert there is not None
    return there


async def assert_reads_in_order(*parts: Locator) -> None:
    tops = [(await box(one))["y"] for one in parts]
    assert tops == sorted(tops)


@pytest.mark.parametrize(
    ("width", "height", "query"), [(1280, 800, ""), (1280, 800, "?full=1"), (390, 844, "")], ids=["panel", "full", "phone"]
)
async def test_cause_and_remedy_come_first(chromium: Browser, edge: Api, issue: str, width: int, height: int, query: str) -> None:
    async with window(chromium, edge, width=width, height=height) as person:
        await sign_in(person)
        page = person.page
        await with_analysis(page, issue, analysis=analyzed(issue), facts={f"fact{n}": n for n in range(20)})
        await person.open(f"/issues/{issue}{query}")
        cause = page.get_by_role("heading", name=CAUSE)
        await expect(cause).to_be_in_viewport(ratio=1)
        await expect(page.get_by_text("high confidence")).to_be_in_viewport(ratio=1)
        await expect(page.get_by_text(REMEDY, exact=False).first).to_be_in_viewport(ratio=1)
        await expect(page.get_by_role("button", name="Preview…").first).to_be_in_viewport(ratio=1)
        await assert_reads_in_order(cause, page.get_by_text(REMEDY).first, page.get_by_role("heading", name="What happened"))


@pytest.mark.parametrize("width", [1280, 390])
async def test_what_changed_just_before_stands_above_the_cause(chromium: Browser, edge: Api, issue: str, width: int) -> None:
    ref, by = {"kind": "ConfigMap", "namespace": "shop", "name": "flags"}, {"manager": "kubectl-edit", "at": "2026-01-01T00:00:00Z"}
    text = "ConfigMap flags, which Deployment web uses, changed 2 minutes before: `data/checkout` from `on` to `off`"
    change = {"ref": ref, "path": "data/checkout", "evidenceId": "ev_1", "text": text, "precedesS": 120, "relation": "config", **by}
    earlier = {"ref": ref, "path": "data/earlier", "evidenceId": "ev_2", **by}
    async with window(chromium, edge, width=width) as person:
        await sign_in(person)
        page = person.page
        await with_analysis(page, issue, analysis=analyzed(issue, changes=[change, earlier]))
        await person.open(f"/issues/{issue}")
        heading = page.get_by_role("heading", name="Changed just before")
        await expect(heading).to_be_in_viewport(ratio=1)
        await expect(page.get_by_text("changed 2 minutes before: data/checkout from on to off")).to_be_visible()
        await expect(heading.locator("xpath=..").get_by_text("kubectl-edit")).to_have_count(1)
        await assert_reads_in_order(heading, page.get_by_role("heading", name=CAUSE))


@pytest.mark.parametrize("status", ["open", "acknowledged"])
@pytest.mark.parametrize(("width", "query"), [(1280, ""), (1280, "?full=1"), (1024, ""), (390, ""), (320, "")])
async def test_the_actions_take_one_row(chromium: Browser, edge: Api, issue: str, width: int, query: str, status: str) -> None:
    async with window(chromium, edge, width=width) as person:
        await sign_in(person)
        page = person.page
        await with_analysis(page, issue, analysis=analyzed(issue), status=status)
        await person.open(f"/issues/{issue}{query}")
        bar = page.get_by_role("group", name="Actions")
        await expect(bar.get_by_role("button", name="Resolve")).to_be_visible()
        within = await box(bar)
        for button in await bar.get_by_role("button").all():
            one = await box(button)
            assert one["y"] + one["height"] <= within["y"] + within["height"] and one["x"] + one["width"] <= within["x"] + within["width"]
        assert within["height"] <= 56
        await bar.get_by_role("button", name="More actions").click()
        for name in ("Assign", "Labels…", "Mute…", "Analyze again"):
            await expect(page.get_by_role("menuitem", name=name)).to_be_visible()
        for name in ("Snooze", "Run runbook"):
            await expect(bar.get_by_role("button", name=name).or_(page.get_by_role("menuitem", name=name))).to_have_count(1)


async def test_the_actions_of_a_phone_snooze_and_assign(chromium: Browser, edge: Api, issue: str) -> None:
    async with window(chromium, edge, width=390) as person:
        await sign_in(person)
        page = person.page
        await person.open(f"/issues/{issue}")
        await page.get_by_role("button", name="More actions").click()
        await page.get_by_role("menuitem", name="Snooze").press("ArrowRight")
        await page.get_by_role("menuitem", name="For 1 hour").press("Enter")
        await expect(page.get_by_text("Snoozed until")).to_be_visible()
        await page.get_by_role("button", name="More actions").click()
        await page.get_by_role("menuitem", name="Assign").press("ArrowRight")
        await page.get_by_role("menuitemcheckbox", name="Me").press("Enter")
        await expect(page.get_by_text("Assigned to you")).to_be_visible()
        found = (await edge.get(f"/v1/issues/{issue}")).json()
        assert found["substatus"] == "snoozed" and found["assignee"]


async def test_all_claims_can_be_read(person: Person, page: Page, issue: str) -> None:
    await with_analysis(page, issue, analysis=analyzed(issue))
    await person.open(f"/issues/{issue}")
    await expect(page.get_by_text("Claim 1:")).to_be_visible()
    await expect(page.get_by_text("Claim 8:")).to_be_hidden()
    await page.get_by_role("button", name="Show 6 more reasons").click()
    await expect(page.get_by_text("Claim 8:")).to_be_visible()


async def test_an_analysis_says_how_old_it_is(person: Person, issue: str) -> None:
    """The issue may have moved on since."""
    await with_analysis(person.page, issue, analysis=analyzed(issue, finishedAt="2026-01-01T00:00:00Z"))
    await person.open(f"/issues/{issue}")
    await expect(person.page.locator("#analysis").get_by_text("as of")).to_be_in_viewport()


@pytest.mark.parametrize(
    ("count", "says"), [(24, "before the last 23 occurrences"), (2, "before the last occurrence"), (1, None)], ids=["often", "once", "not"]
)
async def test_an_analysis_says_that_the_issue_occurred_again_since(person: Person, issue: str, count: int, says: str | None) -> None:
    await with_analysis(person.page, issue, analysis=analyzed(issue, occurrences=1, finishedAt="2026-01-01T00:00:00Z"), count=count)
    await person.open(f"/issues/{issue}")
    heading = person.page.locator("#analysis").get_by_role("heading", name="Analysis")
    await expect(heading).to_contain_text(says or "as of")
    assert ("before the last" in await heading.inner_text()) == (says is not None)


@pytest.mark.parametrize(
    ("attempt", "says"),
    [
        pytest.param(
            {"status": "inconclusive", "missingEvidence": ["log lines of container app"]},
            "with less evidence (missing: log lines of container app). The facts that this result cites have not changed, so it "
            "still applies.",
            id="had less evidence",
        ),
        pytest.param({"status": "failed", "failure": "it did not finish in time"}, "which failed (it did not finish in time)", id="failed"),
    ],
)
async def test_an_answer_says_what_came_of_an_analysis_that_did_not_replace_it(
    person: Person, issue: str, attempt: dict[str, Any], says: str
) -> None:
    later = {"id": "ana_2", "trigger": "facts", "finishedAt": "2026-01-15T12:00:00Z", **attempt}
    await with_analysis(person.page, issue, analysis=analyzed(issue, attempt=later))
    await person.open(f"/issues/{issue}")
    await expect(person.page.get_by_role("heading", name=CAUSE)).to_be_visible()
    await expect(person.page.get_by_role("note")).to_contain_text(says)


async def test_a_symptom_shows_the_cause_of_its_root_first(person: Person, page: Page, ids: dict[str, str]) -> None:
    await with_analysis(page, ids["node"], analysis=analyzed(ids["node"]))
    await person.open(f"/issues/{ids['web']}")
    panel = page.get_by_role("complementary")
    await expect(panel.get_by_text(CAUSE)).to_be_in_viewport()
    await expect(panel.get_by_text("high confidence")).to_be_in_viewport()
    await expect(panel.get_by_text(REMEDY)).to_be_in_viewport()
    await expect(panel.get_by_text("analyzed automatically")).to_have_count(0)  # which symptoms are not
    await assert_reads_in_order(panel.get_by_text(CAUSE), page.get_by_role("heading", name="What happened"))


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({"status": "inconclusive", "rootCause": None, "summary": "No fault is visible now"}, "No fault is visible now"),
        ({"status": "failed", "rootCause": None, "recommendedActions": [], "failure": "the agent is away"}, "the agent is away"),
        ({"status": "running", "rootCause": None, "recommendedActions": [], "waitsFor": []}, "Collecting evidence"),
        (None, "Not analyzed yet"),
    ],
    ids=["inconclusive", "failed", "running", "not analyzed"],
)
async def test_without_a_cause_the_page_says_why_first(
    person: Person, page: Page, issue: str, found: dict[str, Any] | None, says: str
) -> None:
    await with_analysis(page, issue, analysis=found and analyzed(issue, **found), hasAnalysis=found is not None)
    await person.open(f"/issues/{issue}")
    told = page.get_by_text(says)
    await expect(told).to_be_in_viewport(ratio=1)
    await assert_reads_in_order(told, page.get_by_role("heading", name="What happened"))


async def test_a_resolved_issue_says_so_before_its_former_cause(person: Person, page: Page, issue: str) -> None:
    members = {"status": "resolved", "resolvedAt": "2026-01-01T00:00:00Z", "resolution": "recovered"}
    await with_analysis(page, issue, analysis=analyzed(issue), **members)
    await person.open(f"/issues/{issue}")
    notice = page.get_by_role("complementary").get_by_text("The failure is no longer present")
    await expect(notice).to_be_in_viewport()
    await assert_reads_in_order(notice, page.get_by_role("heading", name=CAUSE))


async def test_an_issue_whose_failure_is_gone_says_when_it_resolves(person: Person, issue: str) -> None:
    """In the header and, beside it, in the row."""
    page, api = person.page, person.api
    cluster = (await api.get("/v1/clusters")).json()["clusters"][0]["id"]
    await observe(api, cluster, finding("web", api=api), resolve_after_s=120)
    web = (await issue_ids(api))["web"]
    await person.open(f"/issues/{web}")
    header = page.get_by_role("complementary")
    await expect(header).to_contain_text("Open")
    await expect(header).not_to_contain_text("Fixed")
    await observe(api, cluster, gone=("web",))
    await page.reload()
    await expect(header).to_contain_text("Recovered, resolves ")
    await expect(page.locator(f"[role=row][data-id={web}]")).to_contain_text("Recovered, resolves ")
    assert await person.axe() == []


async def test_an_issue_names_its_tab_and_gives_its_id_and_link(person: Person, page: Page, issue: str) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await person.open(f"/issues/{issue}")
    title = "Container app of checkout-and-payments-gateway-with-a-name-as-long-as-they-come was killed at its memory limit"
    await expect(page).to_have_title(f"(1) {title} · Optral")
    for item, text in (("Copy id", issue), ("Copy link", f"{person.api.url}/issues/{issue}")):
        await page.get_by_role("button", name="Copy…").click()
        await page.get_by_role("menuitem", name=item).click()
        assert await page.evaluate("navigator.clipboard.readText()") == text
    await person.press("Escape")
    await expect(page).to_have_title("(1) Issues · Optral")


async def test_what_an_issue_names_is_linked(person: Person, page: Page, issue: str) -> None:
    cluster = (await person.api.get(f"/v1/issues/{issue}")).json()["clusterId"]
    await objects(person.api, cluster, "checkout", kind="Deployment.apps")
    members = {
        "owner": {"kind": "Deployment", "name": "checkout"},
        "facts": {"node": "worker-2"},
        "affected": [{"kind": "Pod", "namespace": "shop", "name": "checkout-1"}],
        "labels": {"team": "pay"},
    }
    await with_analysis(page, issue, analysis=analyzed(issue), **members)
    await person.open(f"/issues/{issue}")
    panel = page.get_by_role("complementary")
    for name, wanted in (
        ("Deployment checkout", "kind=Deployment"),
        ("worker-2", "kind=Node"),
        ("shop/checkout-1", "kind=Pod"),
        ("team=pay", "label="),
    ):
        link = panel.get_by_role("link", name=name, exact=True).first
        assert wanted in (await link.get_attribute("href") or ""), name
    await panel.get_by_role("link", name="Deployment checkout", exact=True).click()
    await page.wait_for_url("**/resources/res_*")
    await expect(page.get_by_role("heading", name="checkout", exact=True)).to_be_visible()


async def test_a_named_object_that_is_not_known_leads_to_the_list(person: Person, page: Page, issue: str) -> None:
    await with_analysis(page, issue, analysis=analyzed(issue), facts={"node": "worker-2"})
    await person.open(f"/issues/{issue}")
    await page.get_by_role("link", name="worker-2", exact=True).click()
    await page.wait_for_url("**/resources?*kind=Node*")


async def test_an_issue_is_copied_as_markdown_that_makes_no_links_of_its_own(person: Person, page: Page, issue: str) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await with_analysis(page, issue, analysis=analyzed(issue), title="<b>x</b> [click](https://example.org) `app`")
    await person.open(f"/issues/{issue}")
    await page.get_by_role("button", name="Copy…").click()
    await page.get_by_role("menuitem", name="Copy as Markdown").click()
    await expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    text = await page.evaluate("navigator.clipboard.readText()")
    assert text.startswith(r"**\<b\>x\</b\> \[click\](https://example.org) `app`**")
    assert f"- Cause: {CAUSE}" in text and "(high confidence)" in text
    assert f"- Recommended action: {REMEDY}" in text
    assert text.rstrip().endswith(f"{person.api.url}/issues/{issue}")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_the_full_page_keeps_facts_and_actions_in_view(chromium: Browser, edge: Api, issue: str, dark: bool) -> None:
    async with window(chromium, edge, width=1280, dark=dark) as person:
        await sign_in(person)
        page = person.page
        members = {"impact": {"workloads": 2, "pods": 3, "namespaces": 1, "callers": 1, "reason": "No pod of api is ready."}}
        await with_analysis(page, issue, analysis=analyzed(issue), **members)
        await person.open(f"/issues/{issue}?full=1")
        side = page.get_by_role("region", name="Facts and actions")
        for text in ("Since", "No pod of api is ready.", "2 workloads, 3 pods, 1 caller", "Last change", "Cluster"):
            await expect(side.get_by_text(text, exact=True).first).to_be_in_viewport()
        await page.get_by_role("heading", name="Activity").scroll_into_view_if_needed()
        await expect(side.get_by_role("button", name="Acknowledge")).to_be_in_viewport()
        assert await person.axe() == []


async def test_a_narrow_page_begins_with_the_key_facts(person: Person, page: Page, issue: str) -> None:
    await with_analysis(page, issue, analysis=analyzed(issue))
    await person.open(f"/issues/{issue}")
    facts = page.get_by_label("Key facts")
    await expect(facts).to_contain_text("Since")
    await expect(facts).to_contain_text("1 pod")
    await assert_reads_in_order(facts, page.get_by_role("heading", name=CAUSE))


async def test_a_verified_fix_counts_down_in_the_header_until_the_failure_returns(person: Person, page: Page, issue: str) -> None:
    at = (datetime.now(UTC) + timedelta(seconds=90)).isoformat().replace("+00:00", "Z")
    fix = {"executionId": "exe_1", "by": (await person.api.get("/v1/me")).json()["member"]["id"], "verifiedAt": at, "resolvesAt": at}
    await with_analysis(page, issue, analysis=analyzed(issue), fix=fix, resolvesAt=at)
    await person.open(f"/issues/{issue}")
    header = page.get_by_role("complementary")
    await expect(header).to_contain_text(re.compile(r"Fixed( by .+)?, resolves in"))
    await with_analysis(page, issue, analysis=analyzed(issue), fix=fix | {"resolvesAt": None}, resolvesAt=None)
    await expect(header).to_contain_text("but the failure is back", timeout=15_000)
    assert await person.axe() == []


async def test_what_changed_in_an_explanation_is_said(person: Person, page: Page, issue: str) -> None:
    before = {"id": "ana_1", "replacedAt": "2026-01-01T14:03:00Z", "missingEvidence": ["log lines of container app"]}
    changed = {**analyzed(issue), "previous": {**before, "rootCause": {"id": "x", "title": "The image is missing"}, "confidence": 0.64}}
    await with_analysis(page, issue, analysis=changed)
    await person.open(f"/issues/{issue}")
    said = "The cause changed from “The image is missing”. The previous result lacked this evidence: log lines of container app."
    await expect(page.get_by_role("note").filter(has_text="The cause changed")).to_contain_text(said)
