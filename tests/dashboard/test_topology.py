"""The topology on the page of an issue: a picture on wide screens, layers under each other on a phone, and what is broken in words."""

import json
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.api.conftest import Api
from tests.api.seeds import finding, objects, observe
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.hostile import STRINGS
from tests.dashboard.test_issues import issue_ids, with_analysis

pytestmark = pytest.mark.slow
WEB, API, POD, SETTINGS = "Deployment.apps/shop/web", "Service/shop/api", "Pod/shop/api-1", "ConfigMap/shop/settings"


@pytest.fixture
async def issue(edge: Api) -> str:
    cluster = await edge.new_cluster("production")
    await objects(edge, cluster, "api-1")
    await observe(edge, cluster, finding("api", api=edge))
    return next(iter((await issue_ids(edge)).values()))


def node(id_: str, layer: str, state: str = "ok", **more: Any) -> dict[str, Any]:
    kind, namespace, name = id_.split("/", 2)
    known = {"id": id_, "kind": kind.partition(".")[0], "namespace": namespace, "name": name, "layer": layer, "state": state}
    return {**known, "isSubject": False, "isCause": False, **more}


def topology(issue_id: str, resource_id: str | None = None, **members: Any) -> dict[str, Any]:
    pod = node(POD, "pod", "failing", status="CrashLoopBackOff", isSubject=True) | ({"resourceId": resource_id} if resource_id else {})
    return {
        "issueId": issue_id,
        "nodes": [node(WEB, "caller"), node(API, "service"), pod, node(SETTINGS, "dependency", "missing", status="does not exist")],
        "edges": [
            {"source": WEB, "target": API, "relation": "calls", "broken": True, "problem": "port 8200 is called; the Service has 80"},
            {"source": API, "target": POD, "relation": "selects", "broken": False},
            {"source": POD, "target": SETTINGS, "relation": "reads", "broken": True, "problem": "it does not exist"},
        ],
        "leftOut": [{"beside": API, "kind": "Pod", "relation": "runs", "count": 12}],
        "notPermitted": 0,
        "stale": False,
        **members,
    }


async def with_topology(page: Page, answer: dict[str, Any]) -> None:
    async def give(route: Route) -> None:
        await route.fulfill(content_type="application/json", body=json.dumps(answer))

    await page.route("**/v1/issues/*/topology", give)


@pytest.mark.parametrize(("width", "query"), [(1280, ""), (1440, "?full=1"), (390, ""), (320, "")], ids=["panel", "full", "phone", "small"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_shows_objects_and_says_what_is_broken(chromium: Browser, edge: Api, issue: str, width: int, query: str, dark: bool) -> None:
    async with window(chromium, edge, width=width, dark=dark) as person:
        await sign_in(person)
        page = person.page
        await with_topology(page, topology(issue))
        await person.open(f"/issues/{issue}{query}")
        section = page.locator("#topology")
        await expect(section.get_by_text("api-1", exact=True)).to_be_visible()
        await expect(section.get_by_text("CrashLoopBackOff", exact=True)).to_be_visible()
        await expect(section.get_by_text("12 more Pods")).to_be_visible()
        broken = section.get_by_role("list", name="Broken connections").get_by_role("listitem")
        await expect(broken).to_have_text(
            [
                "Deployment shop/web calls Service shop/api: port 8200 is called; the Service has 80",
                "Pod shop/api-1 reads ConfigMap shop/settings: it does not exist",
            ]
        )
        await expect(section.locator("svg path[stroke-dasharray]")).to_have_count(2 if width > 480 else 0)
        await section.get_by_text("1 other connection").click()
        others = section.get_by_role("list", name="Other connections").get_by_role("listitem")
        await expect(others).to_have_text(["Service shop/api selects Pod shop/api-1"])  # each sentence once
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert await person.axe() == []


async def test_a_node_leads_to_its_object_by_keyboard(person: Person, page: Page, issue: str) -> None:
    resource = (await person.api.get("/v1/resources?kind=Pod")).json()["resources"][0]["id"]
    await with_topology(page, topology(issue, resource))
    await person.open(f"/issues/{issue}")
    link = page.get_by_role("link", name="Pod Issue api-1 failing: CrashLoopBackOff")
    await link.focus()
    await person.press("Enter")
    await page.wait_for_url("**/resources/res_*")


async def test_replicas_are_one_card_that_opens_and_arrow_keys_lead_to_the_cause(person: Person, page: Page, issue: str) -> None:
    pods = [node(f"Pod/shop/api-{n}", "pod", "failing", status="CrashLoopBackOff", isSubject=n == 1) for n in (1, 2)]
    settings = node(SETTINGS, "dependency", "missing", status="does not exist", isCause=True)
    reads = [{"source": one["id"], "target": SETTINGS, "relation": "reads", "broken": True, "problem": "it does not exist"} for one in pods]
    selects = [{"source": API, "target": one["id"], "relation": "selects", "broken": False} for one in pods]
    await with_topology(page, topology(issue, nodes=[node(API, "service"), *pods, settings], edges=[*selects, *reads], leftOut=[]))
    await person.open(f"/issues/{issue}?full=1")
    section = page.locator("#topology")
    await expect(section.get_by_role("heading", level=3)).to_have_text(["Cause", "Pods", "Services"])
    broken = section.get_by_role("list", name="Broken connections").get_by_role("listitem")
    await expect(broken).to_have_text(["Each of 2 pods reads ConfigMap shop/settings: it does not exist"])
    fold = section.get_by_role("button", name="Pod Issue 2 pods failing: CrashLoopBackOff")
    await fold.focus()
    await person.press("ArrowLeft")
    await expect(section.locator("[data-card]:focus")).to_contain_text("settings")
    await person.press("ArrowRight")
    await person.press("Enter")
    await expect(section.get_by_text("api-2", exact=True)).to_be_visible()
    await expect(broken).to_have_count(2)
    assert await person.axe() == []


async def test_what_may_not_be_read_is_counted(person: Person, page: Page, issue: str) -> None:
    await with_topology(page, topology(issue, notPermitted=3))
    await person.open(f"/issues/{issue}")
    await expect(page.locator("#topology")).to_contain_text("3 objects are not shown because your role cannot read resources.")


async def test_an_issue_of_one_object_shows_no_picture(person: Person, page: Page, issue: str) -> None:
    await with_topology(page, topology(issue, nodes=[node(POD, "pod")], edges=[], leftOut=[]))
    await person.open(f"/issues/{issue}")
    await expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    await expect(page.locator("#topology")).to_have_count(0)


async def test_a_topology_that_cannot_be_read_is_tried_again(person: Person, page: Page, issue: str) -> None:
    await person.fail_until_tried_again("**/v1/issues/*/topology")
    await person.open(f"/issues/{issue}")
    section = page.locator("#topology")
    await expect(section.get_by_role("alert")).to_contain_text("Could not load the topology")
    await section.get_by_role("button", name="Try again").click()
    await expect(section.get_by_text("api", exact=True).first).to_be_visible()


async def test_fifty_hostile_strings_stay_text(person: Person, page: Page, issue: str) -> None:
    """In every field that a cluster fills: names, states, problems, relations, and the members of the issue and its analysis."""
    assert len(STRINGS) == 50
    reports: list[str] = []
    page.on("request", lambda request: reports.append(request.url) if "csp" in request.url else None)
    ids = [f"n{n}" for n in range(len(STRINGS))]
    layers = ["caller", "service", "workload", "pod", "dependency"]
    nodes = [
        {**node("Pod/a/b", layers[n % 5], "failing"), "id": ids[n], "kind": text, "namespace": text, "name": text, "status": text}
        for n, text in enumerate(STRINGS)
    ]
    edges = [
        {"source": ids[n - 1], "target": ids[n], "relation": text, "broken": n % 2 == 1, "problem": text}
        for n, text in enumerate(STRINGS)
        if n
    ]
    left_out = [{"beside": ids[0], "kind": text, "relation": text, "count": 2} for text in STRINGS[:5]]
    await with_topology(page, topology(issue, nodes=nodes, edges=edges, leftOut=left_out))
    everything = "\n".join(STRINGS)
    members = {
        "title": everything,
        "resource": everything,
        "namespace": everything,
        "owner": {"kind": everything, "name": everything},
        "facts": {f"{n} {text}": text for n, text in enumerate(STRINGS)} | {"message": everything, "node": STRINGS[0]},
        "affected": [{"kind": text, "namespace": text, "name": f"{n} {text}", "since": text} for n, text in enumerate(STRINGS)],
    }
    await with_analysis(page, issue, text=everything, **members)
    await page.add_init_script("addEventListener('securitypolicyviolation', () => { window.violated = true })")
    await person.open(f"/issues/{issue}?full=1")
    section = page.locator("#topology")
    await section.get_by_text("connections").click()
    await expect(section.get_by_role("list", name="Broken connections").get_by_role("listitem")).to_have_count(25)
    await expect(section.get_by_role("list", name="Other connections").get_by_role("listitem")).to_have_count(24)
    for text in STRINGS:
        assert text.strip() in str(await section.inner_text()), text
    assert await page.evaluate("[window.hit ?? null, window.violated ?? null]") == [None, None]
    assert (
        await page.locator("main img, main iframe, main object, main script, main svg script, main math, a[href^='javascript:']").count()
        == 0
    )
    assert reports == []
