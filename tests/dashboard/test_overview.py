"""The overview: from what needs attention to its cause and back, live, with many clusters, and with text that would like to be code."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from optral.clusters import service as clusters
from optral.store.transaction import Transaction
from optral.terms.severity import Severity
from tests.api.conftest import Api
from tests.api.overview.test_overview import explained, rolled_out
from tests.api.resources.test_freshness import presence
from tests.api.seeds import finding, objects, observe
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.test_issues import HOSTILE, issue_ids

pytestmark = pytest.mark.slow
MANY = 500
MOST_ELEMENTS = 1_800


@pytest.fixture
async def cluster(edge: Api) -> str:
    """An online cluster with two issues, one of which is explained, and a pod that crashes."""
    made = await edge.new_cluster("production")
    await presence(edge, made, "online", last_seen=edge.clock.now())
    await observe(edge, made, finding("api", api=edge), finding("web", severity=Severity.HIGH, type="CrashLoopBackOff", api=edge))
    await objects(edge, made, "runs", status={"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]})
    await objects(edge, made, "waits", status={"phase": "Pending"})
    await explained(edge, (await issue_ids(edge))["api"])
    return made


def card(page: Page, name: str) -> Any:
    return page.get_by_role("region", name=name, exact=True)


async def answered(page: Page, path: str, change: Callable[[Any], Any]) -> None:
    """Answer a request as the server does, with a change."""

    async def answer(route: Route) -> None:
        response = await route.fetch()
        await route.fulfill(response=response, body=json.dumps(change(await response.json())))

    await page.route(lambda url: path in url, answer)


async def test_one_lands_on_the_overview_and_goes_to_an_issue_and_back(chromium: Browser, edge: Api, cluster: str) -> None:
    async with window(chromium, edge) as person:
        await sign_in(person)
        page = person.page
        await person.open("/")
        await expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
        urgent = card(page, "Needs attention")
        await expect(urgent.get_by_role("listitem")).to_have_count(2)
        await expect(urgent.get_by_role("listitem").first).to_contain_text("Cause: The memory limit is too low")
        await expect(page.get_by_role("link", name="1 Open critical issue")).to_be_visible()
        await urgent.get_by_role("link", name="Container app of api was killed").click()
        await expect(page.get_by_role("complementary")).to_be_visible()
        await page.go_back()
        await expect(urgent.get_by_role("listitem")).to_have_count(2)
        assert page.url == f"{edge.url}/"


async def test_each_number_leads_to_what_it_counts(person: Person, page: Page, cluster: str) -> None:
    await person.open("/")
    await page.get_by_role("link", name="1 Open critical issue").click()
    await expect(page.locator("[role=row][data-id]")).to_have_count(1)
    await person.press("g", "o")
    await expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    await page.get_by_role("link", name="0 Failed executions").click()
    await page.wait_for_url("**/executions")


async def test_a_cluster_shows_its_health_issues_and_pods(person: Person, cluster: str) -> None:
    await person.open("/")
    tile = card(person.page, "Clusters").get_by_role("listitem")
    await expect(tile).to_contain_text("Critical")
    await expect(tile).to_contain_text("1 of 2 pods not ready")
    await presence(person.api, cluster, "offline", last_seen=person.api.clock.now())
    await person.page.reload()
    await expect(tile).to_contain_text("Unreachable")
    await expect(tile).to_contain_text("out of date")


async def test_a_new_issue_appears_by_itself_and_counts(person: Person, page: Page, cluster: str) -> None:
    await person.open("/")
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await expect(card(page, "Issues over time")).to_contain_text("2 issues opened, 0 resolved")
    await observe(person.api, cluster, finding("late", api=person.api))
    await expect(page.get_by_role("link", name="2 Open critical issues")).to_be_visible()
    await expect(card(page, "Needs attention").get_by_role("listitem")).to_have_count(3)
    await expect(card(page, "Issues over time")).to_contain_text("3 issues opened, 0 resolved")


async def test_the_tiles_count_what_nobody_has_acknowledged_however_many_issues_there_are(person: Person, cluster: str) -> None:
    """The issues that need attention are then all critical."""
    many = [finding(f"job-{number}", api=person.api) for number in range(25)]
    await observe(person.api, cluster, *many, finding("db", severity=Severity.HIGH, api=person.api))
    web = (await issue_ids(person.api))["web"]
    assert (await person.api("PATCH", f"/v1/issues/{web}", json={"status": "acknowledged"})).status_code == 200
    await person.open("/")
    await expect(person.page.get_by_role("link", name="2 Open high issues")).to_contain_text("1 unacknowledged")
    await expect(person.page.get_by_role("link", name="26 Open critical issues")).to_contain_text("26 unacknowledged · newest")
    db = (await issue_ids(person.api))["db"]
    assert (await person.api("PATCH", f"/v1/issues/{db}", json={"status": "acknowledged"})).status_code == 200
    await expect(person.page.get_by_role("link", name="2 Open high issues")).to_contain_text("All acknowledged")


async def test_the_tiles_say_what_opened_in_the_last_day(person: Person, cluster: str) -> None:
    await person.open("/")
    critical = person.page.get_by_role("link", name="Open critical issue")
    await expect(critical).to_contain_text(re.compile(r"\d+ opened in the last 24 hours, at most \d+ in an hour"))
    await expect(critical.locator("svg rect[height='20']")).to_have_count(1)  # the highest bar


async def test_the_range_is_in_the_address_and_the_numbers_in_a_table(person: Person, page: Page, cluster: str) -> None:
    await person.open("/")
    trends = card(page, "Issues over time")
    await expect(trends.locator("canvas")).to_be_visible()
    await trends.get_by_role("button", name="7 days").click()
    await page.wait_for_url("**/?range=7d")
    await trends.get_by_text("Show as a table").click()
    table = trends.get_by_role("table")
    await expect(table.get_by_role("row")).to_have_count(29)  # 28 buckets of six hours and the head
    await expect(table.get_by_role("row").last).to_contain_text("2")
    await expect(card(page, "Noisiest types").get_by_role("listitem")).to_have_count(2)
    await page.reload()
    await expect(trends.get_by_role("button", name="7 days")).to_have_attribute("aria-pressed", "true")


async def test_rollouts_are_marked_below_the_bars_and_named_in_the_table(person: Person, page: Page, cluster: str) -> None:
    await rolled_out(person.api, cluster, "web:1", "web:2")
    await person.open("/")
    trends = card(page, "Issues over time")
    await expect(trends.get_by_role("figure").get_by_text("Rollouts", exact=True)).to_be_visible()
    await trends.get_by_text("Show as a table").click()
    row = trends.get_by_role("row", name="shop/web")
    await expect(row.get_by_role("cell").last).to_have_text("1shop/web")
    await row.get_by_role("link", name="shop/web").click()
    await expect(page.get_by_role("tab", name="History")).to_have_attribute("aria-selected", "true")


async def test_the_scope_narrows_the_overview(person: Person, cluster: str) -> None:
    other = await person.api.new_cluster("staging")
    await observe(person.api, other, finding("db", api=person.api))
    await person.open("/?cluster=staging")
    urgent = card(person.page, "Needs attention")
    await expect(urgent.get_by_role("listitem")).to_have_count(1)
    await expect(urgent).to_contain_text("shop/db")
    await expect(card(person.page, "Noisiest owners")).not_to_contain_text("shop/api")


async def test_without_a_cluster_it_says_what_to_do_first(person: Person) -> None:
    await person.open("/")
    await expect(person.page.get_by_role("heading", name="Connect your first cluster")).to_be_visible()
    await person.page.get_by_role("button", name="Connect a cluster").click()
    await person.page.wait_for_url("**/clusters/new")


async def test_five_hundred_clusters_are_a_list_of_which_few_rows_are_in_the_page(person: Person, page: Page, cluster: str) -> None:
    def create(tx: Transaction) -> None:
        for number in range(MANY - 1):
            clusters.create(tx, name=f"edge-{number:03}")

    await person.api.store.write(person.api.owner, create)
    await person.open("/")
    fleet = card(page, "Clusters")
    await expect(fleet).to_contain_text("500 clusters")
    await expect(fleet.get_by_role("row").first).to_contain_text("production")  # the worst one
    await expect(card(page, "Noisiest owners").get_by_role("listitem")).to_have_count(2)
    assert await fleet.get_by_role("row").count() < 40
    assert await page.evaluate("document.querySelectorAll('*').length") < MOST_ELEMENTS
    await fleet.get_by_role("table").evaluate("table => table.scrollTo(0, table.scrollHeight)")
    await expect(fleet.get_by_role("link", name="edge-498")).to_be_visible()
    await fleet.get_by_role("searchbox").fill("edge-04")
    await expect(fleet.get_by_role("row")).to_have_count(10)
    await fleet.get_by_role("searchbox").fill("")
    await fleet.get_by_role("button", name="1 Critical").click()
    await expect(fleet.get_by_role("row")).to_have_count(1)


async def test_a_failure_is_said_and_can_be_tried_again(person: Person, cluster: str) -> None:
    await person.fail_until_tried_again("**/v1/overview*")
    await person.open("/")
    await expect(person.page.get_by_role("alert")).to_contain_text("Could not load the overview")
    await person.page.get_by_role("button", name="Try again").click()
    await expect(card(person.page, "Needs attention").get_by_role("listitem")).to_have_count(2)


async def test_when_only_the_trends_fail_the_rest_is_there(person: Person, cluster: str) -> None:
    await person.fail_until_tried_again("**/v1/issues/trends*")
    await person.open("/")
    await expect(person.page.get_by_role("alert")).to_contain_text("Could not load the trends")
    await expect(card(person.page, "Needs attention").get_by_role("listitem")).to_have_count(2)
    await person.page.get_by_role("button", name="Try again").click()
    await expect(card(person.page, "Issues over time").locator("canvas")).to_be_visible()


async def test_text_of_a_cluster_is_only_ever_text(person: Person, page: Page, cluster: str) -> None:
    """Every member that a cluster, its agent or whoever names a runbook can write."""
    change = {
        "resourceId": "res_x",
        "action": "changed",
        "kind": HOSTILE,
        "namespace": HOSTILE,
        "name": HOSTILE,
        "cluster": HOSTILE,
        "clusterId": cluster,
        "at": person.api.clock.now().isoformat(),
        "manager": HOSTILE,
        "fields": [{"path": f"/spec/{HOSTILE}", "from": HOSTILE, "to": {"x": HOSTILE}}],
        "fieldCount": 1,
    }
    execution = {
        "id": "exe_x",
        "runbook": HOSTILE,
        "status": "running",
        "cluster": HOSTILE,
        "clusterId": cluster,
        "target": {"kind": HOSTILE, "namespace": HOSTILE, "name": HOSTILE},
        "dryRun": False,
        "requestedBy": HOSTILE,
        "createdAt": person.api.clock.now().isoformat(),
    }

    def hostile(found: Any) -> Any:
        for one in found["issues"]["urgent"]:
            one |= {"title": HOSTILE, "type": HOSTILE, "cluster": HOSTILE, "namespace": HOSTILE, "resource": HOSTILE}
            one |= {"owner": {"kind": HOSTILE, "name": HOSTILE}, "cause": {"id": "x", "title": HOSTILE, "explanation": HOSTILE}}
        for one in found["clusters"]:
            one |= {"name": HOSTILE, "agent": {"version": HOSTILE, "versionSkew": "behind"}, "kubernetesVersion": HOSTILE}
        found["changes"] = {"since": change["at"], "total": 1, "newest": [change]}
        found["executions"] = {"running": 1, "waiting": 0, "failed": 0, "newest": [execution]}
        return found

    def noisy(found: Any) -> Any:
        for one in found["types"]:
            one["type"] = HOSTILE
        for one in found["owners"]:
            one |= {"kind": HOSTILE, "namespace": HOSTILE, "name": HOSTILE, "cluster": HOSTILE}
        return found

    await answered(page, "/v1/overview", hostile)
    await answered(page, "/v1/issues/trends", noisy)
    await person.open("/")
    await expect(card(page, "Noisiest owners")).to_contain_text(HOSTILE)
    for name in ("Needs attention", "Clusters", "Executions", "Last hour", "Noisiest types"):
        await expect(card(page, name)).to_contain_text("<script>")
    assert await page.evaluate("window.hit === undefined && document.querySelectorAll('main img, main script').length === 0")
