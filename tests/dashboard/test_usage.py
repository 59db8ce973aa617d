"""Usage of pods and nodes on the pages of resources and issues."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.api.conftest import Api
from tests.api.resources.test_usage import CONTAINER, POD, SIZED, TRAFFIC, report_usage, requests_of, workload
from tests.api.seeds import finding, objects, observe
from tests.dashboard.browser_time import clock as clock
from tests.dashboard.conftest import Person, sign_in, window

pytestmark = pytest.mark.slow
POD_NAME = "api-7d4f8b9c6-xk2lm"
RISING = {
    "endsAt": "2026-01-15T12:00:00Z",
    "secondsBefore": [60 * minute for minute in range(29, -1, -1)],
    "cpuMillis": [20 + 5 * (minute % 7) for minute in range(30)],
    "memoryMiB": [30 + minute for minute in range(30)],
}


async def measured(api: Api) -> tuple[str, str]:
    """Ids of an issue and of its pod, which has a report of usage."""
    cluster_id = await api.new_cluster("production")
    await objects(api, cluster_id, POD_NAME)
    about = finding("api", api=api)
    await observe(api, cluster_id, replace(about, shown_by=about.shown_by._replace(uid=f"uid-{POD_NAME}")))
    await report_usage(
        api, cluster_id, "PodUsage", POD_NAME, {**POD, "containers": [{**CONTAINER, "series": RISING}]}, uid=f"uid-{POD_NAME}"
    )
    [issue] = (await api.get("/v1/issues")).json()["issues"]
    return issue["id"], (await api.get("/v1/resources?kind=Pod")).json()["resources"][0]["id"]


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 390)])
async def test_a_pod_and_its_issue_show_charts_with_limits(chromium: Browser, edge: Api, dark: bool, width: int, tmp_path: Path) -> None:
    issue, pod = await measured(edge)
    async with window(chromium, edge, dark=dark, width=width) as person:
        await sign_in(person)
        for path in (f"/resources/{pod}", f"/issues/{issue}"):
            await person.open(path)
            section = person.page.locator("#usage")
            await expect(section).to_contain_text("CPU 15m of 200m · memory 60 MiB of 64 MiB · throttled in 93 % of the periods")
            await expect(section).to_contain_text("Volume data (claim data-api): 50 B of 64 B, 78 %; full in 4 min if it keeps growing")
            await expect(section.get_by_role("figure", name="Memory, dashed: limit 64 MiB")).to_be_visible()
            await section.scroll_into_view_if_needed()
            await person.page.screenshot(path=tmp_path / f"{path.split('/')[1]}-{width}.png")
            await section.get_by_text("Values").first.click()
            await expect(section.get_by_role("cell", name="50m").first).to_be_visible()
            assert await person.axe() == []


async def test_a_pod_without_a_report_says_why(person: Person, edge: Api) -> None:
    await objects(edge, await edge.new_cluster("production"), "web")
    [pod] = (await edge.get("/v1/resources?kind=Pod")).json()["resources"]
    await person.open(f"/resources/{pod['id']}")
    await expect(person.page.locator("#usage")).to_contain_text("kubelets")


SLOWER = {
    "endsAt": "2026-01-15T12:00:00Z",
    "secondsBefore": RISING["secondsBefore"],
    "perSecond": [20 + minute % 3 for minute in range(30)],
    "errorShare": [0.0] * 20 + [0.01] * 10,
    "p95Ms": [60 + minute % 4 for minute in range(18)] + [300 + 50 * minute for minute in range(12)],
}


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 390)])
async def test_a_slow_workload_shows_its_requests(chromium: Browser, edge: Api, dark: bool, width: int, tmp_path: Path) -> None:
    cluster_id = await edge.new_cluster("production")
    await objects(edge, cluster_id, "web", kind="Deployment.apps")
    await requests_of(edge, cluster_id, "web", uid="uid-web", status={**TRAFFIC, "series": SLOWER})
    [found] = (await edge.get("/v1/resources?kind=Deployment")).json()["resources"]
    async with window(chromium, edge, dark=dark, width=width) as person:
        await sign_in(person)
        await person.open(f"/resources/{found['id']}")
        section = person.page.locator("#usage")
        await expect(section).to_contain_text("21/s · 1 % failed · 95th percentile 900 ms, usually 60 ms")
        await expect(section).to_contain_text("Counted by Istio, read from Prometheus")
        await expect(section.get_by_role("figure", name="p95, dashed: usual 60 ms")).to_be_visible()
        await section.scroll_into_view_if_needed()
        await person.page.screenshot(path=tmp_path / f"requests-{width}.png")
        await section.get_by_text("Values").first.click()
        await expect(section.get_by_role("cell", name="850 ms")).to_be_visible()
        assert await person.axe() == []


async def test_a_workload_without_a_report_has_no_section(person: Person, edge: Api) -> None:
    await objects(edge, await edge.new_cluster("production"), "web", kind="Deployment.apps")
    [found] = (await edge.get("/v1/resources?kind=Deployment")).json()["resources"]
    await person.open(f"/resources/{found['id']}")
    await expect(person.page.get_by_role("heading", name="web").first).to_be_visible()
    await expect(person.page.locator("#usage")).to_have_count(0)


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 390), (False, 320)])
async def test_a_workload_shows_what_its_pods_use_and_which_are_not_measured(chromium: Browser, edge: Api, dark: bool, width: int) -> None:
    cluster_id = await edge.new_cluster("production")
    await workload(edge, cluster_id, ("web-1", SIZED), ("web-2", SIZED))
    await report_usage(edge, cluster_id, "PodUsage", "web-1", POD, uid="uid-web-1")
    deployment = (await edge.get("/v1/resources?kind=Deployment")).json()["resources"][0]["id"]
    async with window(chromium, edge, dark=dark, width=width) as person:
        await sign_in(person)
        await person.open(f"/resources/{deployment}")
        section = person.page.locator("#pods-usage")
        await expect(section.get_by_role("row", name="web-1")).to_contain_text("15m · 100m · 200m")
        await expect(section.get_by_role("row", name="web-2")).to_contain_text("– · 32 MiB · 64 MiB")
        await expect(section.get_by_role("row", name="web-2")).to_contain_text("not measured")
        await expect(section.get_by_role("row", name="All 2 pods")).to_contain_text("at least 15m · 200m · 400m")
        await expect(section).to_contain_text("1 of 2")
        await section.scroll_into_view_if_needed()
        assert await person.axe() == []
        assert not await person.page.evaluate("document.documentElement.scrollWidth > innerWidth")
