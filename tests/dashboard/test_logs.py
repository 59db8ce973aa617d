"""Logs that are followed, searched and chosen, and the words about who approves a change."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Browser, Route, expect

from tests.api.conftest import Api
from tests.api.seeds import objects
from tests.api.test_pod_logs import put
from tests.dashboard.conftest import Person, sign_in, window

pytestmark = pytest.mark.slow
RAISE = "raise-memory-limit"


class Logs:
    """Answers `/v1/logs`: what a page gets at first, and then what a test appends. Remembers the queries."""

    def __init__(self, *pods: str) -> None:
        self.sources = [source(one) for one in pods]
        self.lines: list[dict[str, Any]] = []
        self.asked: list[dict[str, list[str]]] = []
        self.fails: tuple[int, str] | None = None

    def write(self, number: int, text: str) -> None:
        self.lines.append({"source": number, "text": text, "time": "2026-01-02T03:04:05.000000000Z"})

    async def answer(self, route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)
        self.asked.append(asked)
        if self.fails is not None:
            problem = {"code": self.fails[1], "detail": "the agent of production is not connected", "status": self.fails[0]}
            await route.fulfill(status=self.fails[0], content_type="application/problem+json", body=json.dumps(problem))
            return
        body = {"lines": self.lines, "sources": self.sources, "leftOut": 0, "cursor": "c", "readAt": "2026-01-02T03:04:05Z"}
        self.lines = []
        self.sources = [{**one, "isNew": False, "restarted": False, "hasEarlier": False} for one in self.sources]
        await route.fulfill(status=200, content_type="application/json", body=json.dumps(body))


def source(pod: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceId": f"res_{pod}", "pod": pod, "namespace": "shop", "cluster": "production", "container": "app", "state": "read",
        "hasEarlier": False, "restarted": False, "isNew": False,
    } | more  # fmt: skip


async def workload(api: Api) -> str:
    """The id of a Deployment with two pods."""
    cluster = await api.new_cluster("production")
    spec = {"template": {"spec": {"containers": [{"name": "app", "image": "x"}, {"name": "proxy", "image": "y"}]}}}
    await objects(api, cluster, "web", kind="Deployment.apps", spec=spec)
    for name in ("web-abc12", "web-def34"):
        await put(api, cluster, name, "app", "proxy", owner="web")
    found: str = (await api.get("/v1/resources?kind=Deployment")).json()["resources"][0]["id"]
    return found


async def test_the_logs_of_all_pods_are_followed_searched_and_paused(person: Person) -> None:
    page, logs = person.page, Logs("web-abc12", "web-def34")
    deployment = await workload(person.api)
    logs.write(0, "GET /cart 200")
    logs.write(1, "GET /cart 503 upstream timeout")
    await page.route("**/v1/logs?*", logs.answer)
    await page.clock.install()
    await person.open(f"/resources/{deployment}?tab=logs")
    shown = page.get_by_role("log")
    await expect(shown).to_contain_text("abc12")
    await expect(shown).to_contain_text("def34")
    logs.write(0, "written before Follow")
    await page.clock.run_for(20_000)
    await expect(shown).not_to_contain_text("written before Follow")  # nobody follows yet
    await page.get_by_role("button", name="Follow").click()
    await page.clock.run_for(2_000)
    await expect(shown).to_contain_text("written before Follow")
    assert logs.asked[-1]["cursor"] == ["c"] and logs.asked[-1]["resource"] == [deployment]
    logs.sources.append(source("web-fff56", isNew=True))
    logs.sources[0] |= {"restarted": True}
    logs.write(2, "hello")
    await page.clock.run_for(2_000)
    await expect(shown).to_contain_text("web-fff56 app is new")
    await expect(shown).to_contain_text("web-abc12 app has restarted")
    await expect(shown).to_contain_text("hello")
    await page.get_by_role("searchbox", name="Search in Log of web").fill("cart 5\\d+")
    await expect(page.get_by_text("none", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Regular expression").click()
    await expect(page.get_by_text("1 of 1")).to_be_visible()
    await expect(shown.locator("mark")).to_have_text(["cart 503"])
    await page.get_by_role("searchbox", name="Search in Log of web").fill("cart (")
    await expect(page.get_by_text("invalid expression")).to_be_visible()
    await page.get_by_role("button", name="Follow").click()  # pause
    reads = len(logs.asked)
    await page.clock.run_for(30_000)
    assert len(logs.asked) <= reads + 1
    await page.get_by_label("Container run").select_option("previous")
    await expect(page.get_by_role("button", name="Follow")).to_be_disabled()


async def test_an_expression_that_would_freeze_the_page_is_ended(person: Person) -> None:
    page, logs = person.page, Logs("web-abc12", "web-def34")
    deployment = await workload(person.api)
    logs.write(0, "a" * 40 + "!")
    await page.route("**/v1/logs?*", logs.answer)
    await person.open(f"/resources/{deployment}?tab=logs")
    await page.get_by_role("button", name="Regular expression").click()
    await page.get_by_role("searchbox", name="Search in Log of web").fill("(a+)+$")
    await expect(page.get_by_text("takes too long")).to_be_visible()
    await page.get_by_role("searchbox", name="Search in Log of web").fill("a!")
    await expect(page.get_by_text("1 of 1")).to_be_visible()


async def test_pods_and_containers_are_chosen_and_older_lines_loaded(person: Person) -> None:
    page, logs = person.page, Logs("web-abc12", "web-def34")
    deployment = await workload(person.api)
    logs.sources[0] |= {"hasEarlier": True}
    logs.sources[1] |= {"state": "waiting", "reason": "waiting to start: ImagePullBackOff"}
    logs.write(0, "one")
    await page.route("**/v1/logs?*", logs.answer)
    await person.open(f"/resources/{deployment}?tab=logs")
    await expect(page.get_by_role("list", name="Logs that cannot be read")).to_contain_text("ImagePullBackOff")
    await page.get_by_role("button", name="Load older lines").click()
    await expect(page.get_by_role("button", name="Load older lines")).to_have_count(0)
    assert logs.asked[-1]["tailLines"] == ["1000"]
    await page.get_by_label("Container", exact=True).select_option("All containers")
    await page.get_by_label("Time range").select_option("Last hour")
    await page.get_by_role("button", name="All 2 pods").click()
    await page.get_by_role("menuitemcheckbox", name="web-def34").click()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="1 of 2 pods")).to_be_visible()
    last = logs.asked[-1]
    assert (last["allContainers"], last["sinceSeconds"]) == (["true"], ["3600"])
    assert last["resource"] != [deployment]


async def test_an_agent_that_leaves_while_a_log_is_followed_is_said_and_it_goes_on(person: Person) -> None:
    page, logs = person.page, Logs("web-abc12", "web-def34")
    deployment = await workload(person.api)
    logs.write(0, "before")
    await page.route("**/v1/logs?*", logs.answer)
    await page.clock.install()
    await person.open(f"/resources/{deployment}?tab=logs")
    await expect(page.get_by_role("log")).to_contain_text("before")
    logs.fails = (409, "cluster_offline")
    await page.get_by_role("button", name="Follow").click()
    await page.clock.run_for(2_000)
    await expect(page.get_by_text("New lines cannot be fetched")).to_be_visible()
    await expect(page.get_by_role("log")).to_contain_text("before")
    logs.fails = None
    logs.write(1, "after")
    await page.clock.run_for(8_000)
    await expect(page.get_by_role("log")).to_contain_text("after")
    await expect(page.get_by_text("New lines cannot be fetched")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
async def test_the_only_member_reads_that_they_approve_and_can_plan_at_once(chromium: Browser, edge: Api, width: int) -> None:
    await edge.new_cluster("production")
    found = {one["slug"]: one["id"] for one in (await edge.get("/v1/runbooks")).json()["runbooks"]}
    async with window(chromium, edge, width=width) as person:
        await sign_in(person)
        await person.open(f"/runbooks/{found[RAISE]}")
        page = person.page
        await expect(page.get_by_text("You are the only member, so you approve it yourself")).to_be_attached()
        await expect(page.get_by_text("another member")).to_have_count(0)
        if width > 1000:
            await expect(page.get_by_role("button", name="Dry run")).to_be_in_viewport(ratio=1)
