"""Resources: filters in the address, states without data, and text that would like to be code."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from optral.resources import query
from tests.api.conftest import Api
from tests.api.seeds import objects, report
from tests.dashboard.conftest import Person, sign_in, window
from tests.support.objects import change, reference

pytestmark = pytest.mark.slow
EVIL = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>'


@pytest.fixture
async def cluster(edge: Api) -> str:
    """Pods, one of them with markup wherever a cluster may put text, and a Deployment."""
    made = await edge.new_cluster("production")
    await objects(edge, made, "api", "web", status={"phase": "Running"})
    waiting = {"reason": "CrashLoopBackOff", "message": EVIL}
    container = {"name": "main", "image": EVIL}
    status = {
        "phase": EVIL,
        "conditions": [{"type": "Ready", "status": "False", "reason": "X", "message": EVIL}],
        "containerStatuses": [{"name": "main", "restartCount": 3, "ready": False, "state": {"waiting": waiting}}],
    }
    await objects(edge, made, "evil", spec={"containers": [container], "nodeName": EVIL}, status=status)
    await objects(edge, made, "shop", kind="Deployment.apps", status={"readyReplicas": 1, "replicas": 2})
    return made


async def test_kinds_and_filters_live_in_the_address(person: Person, page: Page, cluster: str) -> None:
    await person.open("/resources")
    table = page.get_by_role("table")
    await expect(table.get_by_role("rowheader")).to_have_count(4)
    await page.get_by_role("navigation", name="Kinds").get_by_role("button", name=re.compile("^Pod")).click()
    await expect(table.get_by_role("rowheader")).to_have_count(3)
    assert "kind=Pod" in page.url
    await person.press("/")
    await page.keyboard.type("web")
    await expect(table.get_by_role("rowheader")).to_have_count(1)
    await page.reload()
    await expect(table.get_by_role("rowheader")).to_have_count(1)
    await page.get_by_role("searchbox").fill("nothing like this")
    await expect(page.get_by_role("heading", name="No matching resources")).to_be_visible()
    await page.get_by_role("button", name="Clear filters").click()
    await expect(table.get_by_role("rowheader")).to_have_count(4)


async def test_a_workload_is_one_row_that_opens(person: Person, page: Page, edge: Api, cluster: str) -> None:
    waiting = {"reason": "CrashLoopBackOff"}
    status = {"phase": "Running", "containerStatuses": [{"name": "main", "ready": False, "state": {"waiting": waiting}}]}
    await report(
        edge,
        cluster,
        change("Deployment.apps", "pay", status={"readyReplicas": 1, "replicas": 1}, spec={"replicas": 1}),
        change("ReplicaSet.apps", "pay-1", owner=reference("Deployment.apps", "pay")),
        change("Pod", "pay-1-a", owner=reference("ReplicaSet.apps", "pay-1"), status=status),
    )
    await person.open("/resources?state=failing")
    names = page.get_by_role("table").get_by_role("rowheader")
    await expect(names).to_contain_text(["evil", "pay"])
    row = page.get_by_role("row").filter(has_text="pay")
    await expect(row).to_contain_text("1/1 ready, 1 failing")
    await row.get_by_role("button", name="Objects of Deployment pay").click()
    await expect(names).to_contain_text(["evil", "pay", "pay-1-a"])
    assert await person.axe() == []
    await page.get_by_role("button", name="Objects of Deployment pay").click()
    await expect(names).to_have_count(2)
    await page.get_by_role("navigation", name="Kinds").get_by_role("button", name="All kinds").click()
    await expect(page.get_by_role("rowheader").filter(has_text="pay-1-a")).to_be_visible()
    await page.get_by_role("navigation", name="Kinds").get_by_role("button", name="Workloads").click()
    await page.get_by_role("searchbox").fill("pay-1-a")
    await page.get_by_role("button", name="Search all kinds").click()
    await expect(names).to_have_count(1)


async def test_a_query_finds_what_boxes_cannot_say(person: Person, page: Page, cluster: str) -> None:
    await person.open("/resources")
    names = page.get_by_role("table").get_by_role("rowheader")
    await expect(names).to_have_count(4)
    box = page.get_by_role("searchbox", name="Search resources")
    await person.press("/")
    await page.keyboard.type("kind:Pod -name:w* -state:failing")
    await expect(names).to_have_count(1)
    await expect(names).to_contain_text("api")
    await page.reload()
    await expect(names).to_have_count(1)
    await expect(box).to_have_value("kind:Pod -name:w* -state:failing")
    await box.fill("stat:failing")
    await expect(page.get_by_role("heading", name="The query is not valid")).to_be_visible()
    await expect(page.get_by_text("did you mean state?").last).to_be_visible()
    assert await person.axe() == []
    await page.get_by_role("button", name="Clear the query").click()
    await expect(names).to_have_count(4)
    await expect(box).to_have_value("")


def test_the_page_names_the_keys_of_the_language() -> None:
    text = (Path(__file__).parents[2] / "dashboard/src/pages/resources/list.tsx").read_text()
    listed = re.findall(r'"([a-z]+)"', text.partition("const KEYS = [")[2].partition("]")[0])
    assert listed == [key.name for key in query.KEYS]


async def test_a_list_of_one_kind_has_its_columns(person: Person, page: Page, edge: Api, cluster: str) -> None:
    await objects(edge, cluster, "node-1", kind="Node")
    status = {"phase": "Running", "containerStatuses": [{"name": "main", "ready": True, "restartCount": 7}]}
    await objects(edge, cluster, "busy", spec={"nodeName": "node-1", "containers": [{"name": "main"}]}, status=status)
    await person.open("/resources?kind=Pod")
    row = page.get_by_role("row").filter(has_text="busy")
    await expect(page.get_by_role("columnheader", name="Restarts")).to_be_visible()
    await expect(row.get_by_role("cell", name="7", exact=True)).to_be_visible()
    await expect(row.get_by_role("cell", name="1/1", exact=True)).to_be_visible()
    await row.get_by_role("link", name="node-1").click()
    await expect(page.get_by_role("heading", name="node-1")).to_be_visible()


async def test_what_fails_comes_first_and_can_be_had_alone(person: Person, page: Page, cluster: str) -> None:
    await person.open("/resources")
    rows = page.get_by_role("table").get_by_role("rowheader")
    await expect(rows.first).to_contain_text("evil")
    await page.get_by_role("combobox", name="State").select_option("Needs attention")
    await expect(rows).to_have_count(4)
    await page.get_by_role("combobox", name="State").select_option("Failing")
    await expect(rows).to_have_count(1)
    assert "state=failing" in page.url


async def test_a_label_leads_to_everything_that_has_it(person: Person, page: Page, cluster: str) -> None:
    await person.open("/resources?kind=Pod")
    await page.get_by_role("link", name="web").click()
    await page.get_by_role("complementary").get_by_role("link", name="app=web").click()
    await expect(page.get_by_role("table").get_by_role("rowheader")).to_have_count(1)
    await page.get_by_role("button", name="Remove the filter app=web").click()
    await expect(page.get_by_role("table").get_by_role("rowheader")).to_have_count(4)


async def test_the_keyboard_opens_and_closes_an_object(person: Person, cluster: str) -> None:
    await person.open("/resources?kind=Pod")
    await expect(person.page.get_by_role("table").get_by_role("rowheader")).to_have_count(3)
    await person.press("j", "j", "o")
    await expect(person.page.get_by_role("complementary", name="Pod api")).to_be_visible()
    await person.press("Escape")
    await expect(person.page.get_by_role("complementary")).to_be_hidden()
    assert person.page.url.endswith("/resources?kind=Pod")


async def test_markup_from_a_cluster_stays_text(person: Person, page: Page, cluster: str) -> None:
    await person.open("/resources?kind=Pod")
    await page.get_by_role("link", name="evil").click()
    await expect(page.get_by_role("complementary").get_by_text(EVIL).first).to_be_visible()
    await page.get_by_role("tab", name="YAML").click()
    await expect(page.get_by_text("onerror").first).to_be_visible()
    assert await page.evaluate("window.broken") is None


async def test_what_was_deleted_says_so(person: Person, cluster: str) -> None:
    await person.open("/resources/res_00000000000000000000000000")
    await expect(person.page.get_by_role("heading", name="Resource not found")).to_be_visible()


async def test_a_log_is_refused_in_words_while_the_agent_is_away(person: Person, cluster: str) -> None:
    await person.open("/resources?kind=Pod")
    await person.page.get_by_role("link", name="web").click()
    await person.page.get_by_role("tab", name="Logs").click()
    await expect(person.page.get_by_role("alert")).to_contain_text("The agent is not connected")


async def test_a_list_that_cannot_be_loaded_offers_another_try(person: Person, page: Page, cluster: str) -> None:
    await person.fail_until_tried_again("**/v1/resources?*", status=0)
    await person.open("/resources")
    await expect(page.get_by_role("alert")).to_contain_text("Could not load resources", timeout=20_000)
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("table").get_by_role("rowheader")).to_have_count(4)


async def test_without_a_cluster_it_says_what_to_do_first(person: Person) -> None:
    await person.open("/resources")
    await expect(person.page.get_by_role("heading", name="No clusters yet")).to_be_visible()
    await person.open("/executions")
    await expect(person.page.get_by_role("heading", name="No executions yet")).to_be_visible()


async def test_a_runbook_says_why_it_cannot_run_on_a_cluster_that_is_away(person: Person, cluster: str) -> None:
    await person.open("/runbooks/restart-workload?cluster=production")
    form = person.page.get_by_role("form")
    await expect(form.get_by_text("The agent of production is never connected")).to_be_visible()
    await expect(form.get_by_role("button", name="Dry run")).to_be_disabled()


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 1280), (False, 390)], ids=["light", "dark", "phone"])
async def test_axe_finds_no_fault(chromium: Browser, edge: Api, cluster: str, dark: bool, width: int) -> None:
    async with window(chromium, edge, dark=dark, width=width) as person:
        await sign_in(person)
        page = person.page
        await person.open("/resources?kind=Pod")
        await page.get_by_role("link", name="evil").click()
        await expect(page.get_by_role("heading", name="Containers")).to_be_visible()
        assert await person.axe() == []
        for path, heading in {"/runbooks": "Runbooks", "/runbooks/scale-workload": "Scale a workload", "/executions": "Executions"}.items():
            await person.open(path)
            await expect(page.get_by_role("heading", name=heading).first).to_be_visible()
            await expect(page.get_by_text(re.compile("^Loading"))).to_have_count(0)
            assert await person.axe() == []


async def test_no_number_of_resources_is_shown_before_it_is_known(person: Person) -> None:
    await person.page.route("**/v1/resources**", lambda route: None)  # it is never answered
    await person.open("/resources")
    every = person.page.get_by_role("navigation", name="Kinds").get_by_role("button", name="All kinds")
    await expect(every).to_have_text("All kinds")


async def test_a_long_status_leaves_the_name_its_room(chromium: Browser, edge: Api, cluster: str) -> None:
    """Beside an open panel and on a small phone, the list is narrower than a name and a status together."""
    waiting = {"reason": "CreateContainerConfigError", "message": "no such key"}
    status = {"phase": "Pending", "containerStatuses": [{"name": "main", "restartCount": 0, "state": {"waiting": waiting}}]}
    await objects(edge, cluster, "checkout-7d4f8b9c6d-xk2lm", status=status)
    async with window(chromium, edge, width=320, height=640) as person:
        await sign_in(person)
        await person.open("/resources?kind=Pod&q=checkout")
        name = person.page.get_by_role("rowheader")
        await expect(name).to_contain_text("checkout")
        assert await name.evaluate("name => name.clientWidth / name.parentElement.clientWidth") > 0.35
        await expect(person.page.get_by_role("cell").get_by_text("CreateContainerConfigError")).to_be_visible()
