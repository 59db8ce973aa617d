"""The map of a cluster: nodes and their pods, told apart without color, by keyboard, and on a phone."""

import json
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.api.conftest import Api
from tests.api.resources.test_cluster_map import node, pod, usage
from tests.api.seeds import report
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.hostile import STRINGS

pytestmark = pytest.mark.slow


@pytest.fixture
async def cluster(edge: Api) -> str:
    cluster = await edge.new_cluster("production")
    roles = {"node-role.kubernetes.io/worker": ""}
    await report(
        edge, cluster, node("node-1", labels=roles, cordoned=True), node("node-2", is_ready=False), usage("node-1", "uid-Node-node-1")
    )
    await report(edge, cluster, pod("web-1", "node-1"), pod("web-2", "node-1", phase="Failed"), pod("pay-1", "node-1", namespace="pay"))
    await report(edge, cluster, pod("waits", phase="Pending"))
    return cluster


async def with_map(page: Page, answer: dict[str, Any]) -> None:
    async def give(route: Route) -> None:
        await route.fulfill(content_type="application/json", body=json.dumps(answer))

    await page.route("**/v1/clusters/*/map", give)


def whole(nodes: list[dict[str, Any]], unscheduled: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    known = {"clusterId": "cls_1", "cluster": "production", "nodesLeftOut": 0, "podsLeftOut": 0, "stale": False}
    return {**known, "nodes": nodes, "unscheduled": unscheduled or []}


def shown_node(number: int, pods: list[dict[str, Any]], **members: Any) -> dict[str, Any]:
    amounts = {"cpuMillis": 4000, "memoryBytes": 2**33, "pods": 110}
    known = {"id": f"res_{number}", "name": f"node-{number}", "state": "healthy", "status": "Ready", "roles": [], "cordoned": False}
    return {**known, "capacity": amounts, "allocatable": amounts, "requested": amounts, "pods": pods, **members}


@pytest.mark.parametrize("width", [1440, 1024, 390, 320])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_shows_nodes_and_says_the_state_of_each_pod(chromium: Browser, edge: Api, cluster: str, width: int, dark: bool) -> None:
    async with window(chromium, edge, width=width, dark=dark) as person:
        await sign_in(person)
        await person.open(f"/clusters/{cluster}?tab=map")
        nodes = person.page.get_by_role("list", name="Nodes").get_by_role("heading")
        await expect(nodes).to_have_text(["node-2", "node-1"])
        pods = person.page.get_by_role("list", name="Pods on node-1").get_by_role("link")
        assert [await one.get_attribute("aria-label") for one in await pods.all()] == [
            "shop/web-2, failing",
            "pay/pay-1, healthy",
            "shop/web-1, healthy",
        ]
        await expect(person.page.get_by_text("CPU (cores): 0.5 of 3.92 requested")).to_be_visible()
        await expect(person.page.get_by_text("1.2 used")).to_be_visible()
        await expect(person.page.get_by_text("worker, cordoned, 2 of 110 pods")).to_be_visible()
        await expect(person.page.get_by_role("list", name="Pods without a node").get_by_role("link")).to_have_count(1)
        assert await person.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await person.axe() == []


async def test_shows_one_namespace_and_keeps_it_in_the_address(person: Person, page: Page, cluster: str) -> None:
    await person.open(f"/clusters/{cluster}?tab=map")
    await page.get_by_label("Namespace").select_option("pay")
    await expect(page.get_by_text("1 node, 1 pod")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Namespace")).to_have_value("pay")
    await expect(page.get_by_role("list", name="Pods on node-1").get_by_role("link")).to_have_count(1)


async def test_the_keyboard_reaches_each_pod(person: Person, page: Page, cluster: str) -> None:
    await person.open(f"/clusters/{cluster}?tab=map")
    pods = page.get_by_role("list", name="Pods on node-1").get_by_role("link")
    await pods.first.focus()
    await person.press("ArrowRight", "ArrowRight", "ArrowRight")
    await expect(pods.last).to_be_focused()
    await person.press("Home", "ArrowRight")
    await expect(pods.nth(1)).to_be_focused()
    await person.press("Enter")
    await expect(page.get_by_role("heading", name="pay-1").first).to_be_visible()


async def test_five_hundred_nodes_are_drawn_in_parts(person: Person, page: Page, cluster: str) -> None:
    pods = [{"id": f"res_p{n}", "namespace": "shop", "name": f"p{n}", "state": "healthy"} for n in range(30)]
    await with_map(page, whole([shown_node(n, pods) for n in range(500)]))
    await person.open(f"/clusters/{cluster}?tab=map")
    await expect(page.get_by_text("500 nodes, 15,000 pods")).to_be_visible()
    nodes = page.get_by_role("list", name="Nodes").get_by_role("heading")
    await expect(nodes).to_have_count(24)
    await page.get_by_role("button", name="Show 24 more of 476 nodes").click()
    await expect(nodes).to_have_count(48)


async def test_a_cluster_without_nodes_says_so(person: Person, edge: Api) -> None:
    await person.open(f"/clusters/{await edge.new_cluster('empty')}?tab=map")
    await expect(person.page.get_by_role("heading", name="No nodes reported yet")).to_be_visible()


async def test_a_map_that_cannot_be_read_is_tried_again(person: Person, cluster: str) -> None:
    await person.fail_until_tried_again("**/v1/clusters/*/map")
    await person.open(f"/clusters/{cluster}?tab=map")
    await expect(person.page.get_by_role("alert")).to_contain_text("Could not load the map")
    await person.page.get_by_role("button", name="Try again").click()
    await expect(person.page.get_by_role("list", name="Nodes")).to_be_visible()


async def test_hostile_strings_stay_text(person: Person, cluster: str) -> None:
    pods = [{"id": f"res_{n}", "namespace": text, "name": text, "state": "failing"} for n, text in enumerate(STRINGS)]
    nodes = [shown_node(n, pods, name=text, status=text, roles=[text]) for n, text in enumerate(STRINGS[:24])]
    await with_map(person.page, whole(nodes, pods))
    await person.open(f"/clusters/{cluster}?tab=map")
    await expect(person.page.get_by_role("list", name="Nodes").get_by_role("heading")).to_have_count(24)
    assert await person.page.evaluate("document.querySelectorAll('main script, main img, main iframe, main svg[onload]').length") == 0


async def test_one_picture_holds_five_thousand_pods_and_tells_the_failing_ones_first(person: Person, page: Page, cluster: str) -> None:
    def one(n: int, node: int) -> dict[str, Any]:
        state = "failing" if (node, n) == (7, 3) else "healthy"
        size = {"cpuMillis": 50 * (1 + n % 7), "memoryBytes": 2**26 * (1 + n % 5)}
        return {
            "id": f"res_{node}x{n}",
            "namespace": "shop",
            "name": f"p{node}-{n}",
            "state": state,
            "owner": f"Deployment/app-{n}",
            **size,
        }

    await with_map(page, whole([shown_node(node, [one(n, node) for n in range(50)]) for node in range(100)]))
    await person.open(f"/clusters/{cluster}?tab=map")
    picture = page.get_by_role("listbox", name="5,000 pods, failing ones first")
    await picture.focus()
    await expect(picture.get_by_role("option")).to_have_text("shop/p7-3, failing, Deployment app-3, on node-7, requests 0.2 CPU, 256 MiB")
    await person.press("ArrowRight")
    await expect(picture.get_by_role("option")).to_contain_text("healthy")
    drawn = await page.evaluate("performance.getEntriesByName('map').map(one => one.duration)")
    print(f"drawn {len(drawn)} times, in {max(drawn):.1f} ms at most")
    await page.get_by_role("combobox", name="Owner").click()
    await page.get_by_role("option", name="shop/app-3", exact=True).click()
    await expect(page.get_by_text("100 nodes, 100 pods")).to_be_visible()
    await page.get_by_label("Size of a pod").select_option("Size: CPU request")
    await page.wait_for_url("**owner=shop%2Fapp-3&size=cpu")
    await page.reload()
    await expect(page.get_by_role("combobox", name="Owner")).to_have_value("shop/app-3")
