"""A cluster whose agent is not connected never looks current on any page, and the pages survive a server that is not there."""

import asyncio
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Request, Route, expect

from tests.api.conftest import Api
from tests.api.resources.test_freshness import owned, presence
from tests.api.seeds import finding, objects, observe
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.test_issues import issue_ids
from tests.dashboard.test_look import route_of, routes

pytestmark = pytest.mark.slow

SHOWS_A_CLUSTER = {
    "issues": "/issues",
    "issue": "/issues/{issue}",
    "clusters": "/clusters",
    "cluster": "/clusters/{cluster}",
    "cluster issues": "/clusters/{cluster}?tab=issues",
    "resources": "/resources",
    "resource": "/resources/{resource}",
    "resource history": "/resources/{resource}?tab=history",
}


SHOWS_NO_CLUSTER = {
    "/": "leads to another page",
    "/login": "shown before signing in",
    "/authorize": "a form",
    "/sign-in/callback": "shown before signing in",
    "/signed-out": "shown after signing out",
    "/setup": "shown before signing in",
    "/invite": "shown before signing in",
    "/forgot": "shown before signing in",
    "/reset": "shown before signing in",
    "/clusters/new": "a form",
    "/device": "a form",
    "/clusters/fleet": "fleet tokens; a cluster that waits for approval has no data yet",
    "/clusters/$clusterId/connect": "shows whether the agent is connected, fetched every few seconds",
    "/runbooks": "definitions",
    "/runbooks/$runbookId": "a definition, and a plan that the server makes when it is asked",
    "/runbooks/$runbookId/edit": "a definition",
    "/runbooks/$runbookId/versions": "definitions",
    "/runbooks/new": "a definition",
    "/triggers": "settings of the organization, and what happened, with its times",
    "/executions": "what happened, with its times",
    "/executions/$executionId": "what happened, with its times",
    "/activity": "what happened, with its times",
    "/alerts": "what other systems reported, with its times",
    "/settings": "leads to another page",
    "/settings/$tab": "settings of the organization",
    "/$": "an unknown address",
}
"""Routes without figures from a cluster, and why. The frame says on every page when the connection to the server is lost."""


def test_every_route_says_when_its_data_is_out_of_date() -> None:
    known = routes()
    shown = {route_of(path.replace("{", "x").replace("}", ""), known) for path in SHOWS_A_CLUSTER.values()}
    assert known - shown - SHOWS_NO_CLUSTER.keys() == set(), "add the route to SHOWS_A_CLUSTER, or to SHOWS_NO_CLUSTER with a reason"
    assert shown & SHOWS_NO_CLUSTER.keys() == set()


async def test_a_figure_that_could_not_be_updated_says_how_old_it_is(person: Person, page: Page, places: dict[str, str]) -> None:
    await person.open(f"/clusters/{places['cluster']}")
    await expect(page.get_by_role("heading", name="production")).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="could not be updated")).to_have_count(0)
    await person.fail_until_tried_again("**/v1/clusters/*")
    assert (await person.api("PATCH", f"/v1/clusters/{places['cluster']}", json={"labels": {"team": "pay"}})).status_code == 200
    told = page.get_by_role("status").filter(has_text="could not be updated and shows data from")
    await expect(told).to_contain_text("the database is away")
    await expect(page.get_by_role("heading", name="production")).to_be_visible()
    await told.get_by_role("button", name="Try again").click()
    await expect(told).to_have_count(0)


@pytest.fixture
async def places(edge: Api) -> dict[str, str]:
    """A cluster whose agent last reported a while ago, with an issue and a Deployment that owns a ReplicaSet."""
    cluster = await edge.new_cluster("production")
    await objects(edge, cluster, "api", kind="Deployment.apps", status={"readyReplicas": 2, "replicas": 2})
    await owned(edge, cluster, "api-7d4f8b9c6", kind="ReplicaSet.apps", owner=("apps/v1", "Deployment", "api"))
    await observe(edge, cluster, finding("api", api=edge))
    await presence(edge, cluster, "online", last_seen=edge.clock.now())
    resource = (await edge.get("/v1/resources?kind=Deployment")).json()["resources"][0]["id"]
    return {"cluster": cluster, "issue": next(iter((await issue_ids(edge)).values())), "resource": str(resource)}


@pytest.mark.parametrize("page", SHOWS_A_CLUSTER)
async def test_a_page_says_that_its_data_is_out_of_date_only_when_it_is(person: Person, places: dict[str, str], page: str) -> None:
    told = person.page.get_by_role("main").get_by_text("out of date").or_(person.page.get_by_role("main").get_by_text("as of")).first
    await person.open(SHOWS_A_CLUSTER[page].format_map(places))
    await expect(person.page.get_by_text("api").or_(person.page.get_by_text("production")).first).to_be_visible()
    await expect(told).to_have_count(0)
    await presence(person.api, places["cluster"], "offline", last_seen=person.api.clock.now())
    await person.page.reload()
    await expect(told).to_be_attached()


async def test_a_tree_marks_each_object_that_is_out_of_date(person: Person, places: dict[str, str]) -> None:
    await presence(person.api, places["cluster"], "offline", last_seen=person.api.clock.now())
    await person.open(f"/resources/{places['resource']}")
    tree = person.page.get_by_role("tree")
    await expect(tree.get_by_role("treeitem")).to_have_count(2)
    await expect(tree.get_by_text("out of date")).to_have_count(2)


@pytest.mark.parametrize("path", ["/clusters", "/resources", "/runbooks", "/settings/profile"])
async def test_without_a_server_another_page_still_opens(person: Person, page: Page, places: dict[str, str], path: str) -> None:
    await person.open("/issues")
    await expect(page.get_by_role("table", name="Issues")).to_be_visible()
    await expect(page.locator("html[data-pages=loaded]")).to_be_attached()
    await page.route("**/*", lambda route: route.abort())
    await page.get_by_role("navigation", name="Main").locator(f'a[href^="/{path.split("/")[1]}"]').click()
    shown = page.get_by_role("main").get_by_role("heading", level=1).or_(page.get_by_role("alert")).first
    await expect(shown).to_be_visible(timeout=20_000)
    await expect(page.get_by_text("Could not load this page")).to_have_count(0)
    assert page.url.startswith(person.api.url + path)


async def test_a_page_whose_code_did_not_arrive_fails_inside_the_frame_and_can_be_tried_again(
    person: Person, page: Page, places: dict[str, str]
) -> None:
    await page.route("**/assets/new-*", lambda route: route.abort())
    await person.open("/clusters/new")
    await expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    await expect(page.get_by_role("alert")).to_contain_text("Could not load this page")
    await page.unroute("**/assets/new-*")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", name="Connect a cluster")).to_be_visible()


@pytest.mark.parametrize(("path", "code", "data"), [("/issues", "list", "/v1/issues"), ("/", "overview", "/v1/overview")])
async def test_the_first_page_reads_its_data_while_its_code_is_loaded(
    person: Person, places: dict[str, str], path: str, code: str, data: str
) -> None:
    page, asked = person.page, asyncio.Event()

    def note(request: Request) -> None:
        if urlsplit(request.url).path == data and "severity=critical&" not in request.url:  # the frame counts those
            asked.set()

    async def hold(route: Route) -> None:
        await asyncio.wait_for(asked.wait(), 20)
        await route.continue_()

    page.on("request", note)
    await page.route(f"**/assets/{code}-*", hold)
    await person.open(path)
    await expect(page.get_by_text("api").first).to_be_visible()


@pytest.mark.parametrize(("width", "has_panel"), [(1440, True), (1440, False), (1024, False), (390, False), (320, False)])
async def test_nothing_in_a_row_of_issues_covers_anything_else(
    chromium: Browser, edge: Api, places: dict[str, str], width: int, has_panel: bool
) -> None:
    long = "checkout-and-payments-gateway-with-a-name-as-long-as-they-come"
    await observe(edge, places["cluster"], finding(long, type="DeploymentProgressDeadlineExceeded", api=edge))
    async with window(chromium, edge, width=width, height=900) as person:
        await sign_in(person)
        await person.open(f"/issues/{places['issue']}" if has_panel else "/issues")
        row = person.page.get_by_role("row").filter(has_text=long)
        await expect(row).to_be_visible()
        beyond = await row.evaluate(
            """row => {
                const cell = row.querySelector("[role=cell] a").closest("[role=cell]").getBoundingClientRect();
                return [...row.querySelectorAll("[role=cell] a, [role=cell] .text-xs > *")]
                    .filter(part => part.closest("[role=cell]").querySelector("a"))
                    .filter(part => { const box = part.getBoundingClientRect(); return box.width > 0 && box.right > cell.right + 1 })
                    .map(part => part.textContent);
            }"""
        )
        assert beyond == []
