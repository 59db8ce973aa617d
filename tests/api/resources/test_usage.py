"""What pods and nodes use, over HTTP."""

import json
from datetime import timedelta
from typing import Any

from optral.kube.changes import ObjectChange, Op
from optral.resources import reports
from optral.terms.actor import agent
from optral.terms.ids import ClusterId
from tests.api.conftest import Api
from tests.api.seeds import objects, report
from tests.support.objects import change, reference

SERIES = {"endsAt": "2026-01-15T12:00:00Z", "secondsBefore": [120, 60, 0], "cpuMillis": [10, 20, 15], "memoryMiB": [40, 50, 60]}
CONTAINER = {
    "name": "app",
    "cpu": {"nowMillis": 15, "p95Millis": 20, "limitMillis": 200},
    "memory": {"nowBytes": 60 << 20, "p95Bytes": 60 << 20, "limitBytes": 64 << 20},
    "throttling": {"share": 0.93, "periods": 100, "throttledPeriods": 93, "windowSeconds": 900},
    "series": SERIES,
}
VOLUME = {"name": "data", "claim": "data-api", "usedBytes": 50, "capacityBytes": 64, "fullInSeconds": 240}
POD = {"containers": [CONTAINER], "volumes": [VOLUME]}


async def report_usage(api: Api, cluster_id: str, kind: str, name: str, status: dict[str, Any], *, uid: str) -> None:
    """The agent's report about the object with this uid."""
    namespace = "shop" if kind == "PodUsage" else ""
    owner, status = reference(kind.removesuffix("Usage"), name, uid), {"observedAt": "2026-01-15T12:00:00Z", **status}
    reported = change(f"{kind}.usage.optral.io", name, namespace=namespace, uid=f"{uid}-usage", owner=owner, status=status)
    await report(api, cluster_id, reported)


async def usage(api: Api, name: str) -> dict[str, Any]:
    [found] = [one for one in (await api.get(f"/v1/resources?name={name}")).json()["resources"] if not one["kind"].endswith("Usage")]
    answer: dict[str, Any] = (await api.get(f"/v1/resources/{found['id']}/usage")).json()
    return answer


async def test_a_pod_shows_its_containers_and_volumes_with_a_series(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await objects(api, cluster_id, "api")
    await report_usage(api, cluster_id, "PodUsage", "api", POD, uid="uid-api")
    shown = await usage(api, "api")
    [part], [volume] = shown["parts"], shown["volumes"]
    assert (part["name"], part["cpuLimitMillis"], part["memoryLimitBytes"], part["throttledShare"]) == ("app", 200, 64 << 20, 0.93)
    assert [(one["at"], one["memoryBytes"]) for one in part["samples"]] == [
        ("2026-01-15T11:58:00Z", 40 << 20),
        ("2026-01-15T11:59:00Z", 50 << 20),
        ("2026-01-15T12:00:00Z", 60 << 20),
    ]
    assert volume == {"name": "data", "claim": "data-api", "usedBytes": 50, "capacityBytes": 64, "fullInSeconds": 240}
    assert "reason" not in shown


async def test_lists_show_what_pods_use_now_and_no_figure_that_is_old(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await objects(api, cluster_id, "api", "web")
    await report_usage(api, cluster_id, "PodUsage", "api", POD, uid="uid-api")
    listed = (await api.get("/v1/resources?kind=Pod")).json()
    assert [one["name"] for one in listed["columns"][0]["columns"] if one["name"].endswith("Used")] == ["cpuUsed", "memoryUsed"]
    shown = {one["name"]: one for one in listed["resources"]}
    assert shown["api"]["usage"] == {"cpuMillis": 15, "memoryBytes": 60 << 20, "observedAt": "2026-01-15T12:00:00Z"}
    assert (shown["api"]["columns"]["cpuUsed"], shown["api"]["columns"]["memoryUsed"]) == ("15m", "60Mi")
    assert "usage" not in shown["web"] and "cpuUsed" not in shown["web"].get("columns", {})
    api.clock.advance(20 * 60)
    [aged] = [one for one in (await api.get("/v1/resources?kind=Pod")).json()["resources"] if one["name"] == "api"]
    assert "usage" not in aged and "cpuUsed" not in aged.get("columns", {})


async def test_a_report_of_an_earlier_pod_of_the_same_name_and_an_odd_one_are_not_shown(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await objects(api, cluster_id, "api", "web")
    await report_usage(api, cluster_id, "PodUsage", "api", POD, uid="uid-before")
    await report_usage(api, cluster_id, "PodUsage", "web", {"containers": "many"}, uid="uid-web")
    assert all("usage" not in one for one in (await api.get("/v1/resources?kind=Pod")).json()["resources"])


async def test_a_node_shows_what_all_its_pods_use(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    node = {"metadata": {"name": "n1", "uid": "uid-n1", "resourceVersion": "1"}}
    change = ObjectChange(Op.UPSERT, "Node", "uid-n1", "", "n1", "1", json.dumps(node).encode())
    await api.store.write(agent(api.org, ClusterId(cluster_id)), lambda tx: reports.apply(tx, cluster_id, [change], offset=timedelta()))
    status = {
        "cpu": {"nowMillis": 900, "p95Millis": 950, "capacityMillis": 1000},
        "memory": {"nowBytes": 5, "capacityBytes": 8},
        "series": SERIES,
        "filesystem": {"usedBytes": 1, "capacityBytes": 2},
    }
    await report_usage(api, cluster_id, "NodeUsage", "n1", status, uid="uid-n1")
    shown = await usage(api, "n1")
    [part] = shown["parts"]
    assert ("name" in part, part["cpuMillis"], part["cpuLimitMillis"], len(part["samples"])) == (False, 900, 1000, 3)
    assert shown["volumes"] == [{"usedBytes": 1, "capacityBytes": 2}]


async def test_a_report_about_an_earlier_pod_of_the_same_name_is_not_shown(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await objects(api, cluster_id, "api")
    await report_usage(api, cluster_id, "PodUsage", "api", POD, uid="uid-earlier")
    shown = await usage(api, "api")
    assert shown["parts"] == []
    assert "PodUsage" not in shown["reason"]


async def test_without_a_report_the_reason_is_given(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await objects(api, cluster_id, "api")
    assert "kubelets" in (await usage(api, "api"))["reason"], "the agent has reported no usage at all"
    await objects(api, cluster_id, "web", kind="Service")
    assert (await usage(api, "web"))["reason"].startswith("Usage is reported for pods and nodes;")


TRAFFIC = {
    "source": "istio",
    "provenBy": "cluster",
    "requests": {"perSecond": 20.5, "count": 12_300, "windowSeconds": 600},
    "errors": {"share": 0.01},
    "latency": {"p50Ms": 210.0, "p95Ms": 900.0, "p99Ms": 1400.0, "levelMs": 850.0, "usualMs": 60.0},
    "series": {
        "endsAt": "2026-01-15T12:00:00Z",
        "secondsBefore": [120, 60, 0],
        "perSecond": [20.0, 20.1, 20.5],
        "errorShare": [0.0, 0.0, 0.01],
        "p95Ms": [None, 61.0, 900.0],
    },
}


async def requests_of(api: Api, cluster_id: str, name: str, *, uid: str, status: dict[str, Any] = TRAFFIC) -> None:
    """The agent's report about the requests of the Deployment with this uid."""
    owner, status = reference("Deployment.apps", name, uid), {"observedAt": "2026-01-15T12:00:00Z", **status}
    kind = "WorkloadTraffic.usage.optral.io"
    await report(api, cluster_id, change(kind, f"deployment-{name}", uid=f"{uid}-traffic", owner=owner, status=status))


async def test_a_workload_shows_its_requests_with_a_series(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await objects(api, cluster_id, "web", kind="Deployment.apps")
    await requests_of(api, cluster_id, "web", uid="uid-web")
    shown = await usage(api, "web")
    found = shown["requests"]
    assert (found["perSecond"], found["errorShare"], found["p95Ms"], found["usualP95Ms"]) == (20.5, 0.01, 900.0, 60.0)
    assert found["samples"] == [
        {"at": "2026-01-15T11:58:00Z", "perSecond": 20.0, "errorShare": 0.0},
        {"at": "2026-01-15T11:59:00Z", "perSecond": 20.1, "errorShare": 0.0, "p95Ms": 61.0},
        {"at": "2026-01-15T12:00:00Z", "perSecond": 20.5, "errorShare": 0.01, "p95Ms": 900.0},
    ]
    assert (shown["parts"], "reason" in shown) == ([], False)


async def test_a_report_about_an_earlier_workload_of_the_same_name_is_not_shown(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await objects(api, cluster_id, "web", kind="Deployment.apps")
    await requests_of(api, cluster_id, "web", uid="uid-earlier")
    assert "requests" not in await usage(api, "web")


async def test_without_a_prometheus_a_workload_says_how_to_set_it(api: Api) -> None:
    await objects(api, await api.new_cluster("production"), "web", kind="Deployment.apps")
    assert "prometheus.url" in (await usage(api, "web"))["reason"]


async def workload(api: Api, cluster_id: str, *pods: tuple[str, dict[str, Any]]) -> None:
    """A Deployment shop/web with these pods: their names and the resources of their container."""
    await objects(api, cluster_id, "web", kind="Deployment.apps")
    owner = reference("Deployment.apps", "web", "uid-web")
    for name, resources in pods:
        status = {"phase": "Succeeded" if name == "ended" else "Running"}
        spec = {"containers": [{"name": "app", "resources": resources}]}
        await report(api, cluster_id, change("Pod", name, uid=f"uid-{name}", owner=owner, spec=spec, status=status))


SIZED = {"requests": {"cpu": "100m", "memory": "32Mi"}, "limits": {"cpu": "200m", "memory": "64Mi"}}


async def test_a_workload_shows_what_its_pods_request_and_use(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await workload(api, cluster_id, ("web-1", SIZED), ("web-2", SIZED), ("ended", SIZED))
    await report_usage(api, cluster_id, "PodUsage", "web-1", POD, uid="uid-web-1")
    await report_usage(api, cluster_id, "PodUsage", "web-2", POD, uid="uid-of-an-earlier-pod")
    shown = (await usage(api, "web"))["workload"]
    assert (shown["pods"], shown["measuredPods"], shown["observedAt"]) == (2, 1, "2026-01-15T12:00:00Z")
    assert shown["requested"] == {"cpuMillis": 200, "memoryBytes": 64 << 20}
    assert shown["limit"] == {"cpuMillis": 400, "memoryBytes": 128 << 20}
    assert shown["used"] == {"cpuMillis": 15, "memoryBytes": 60 << 20}
    assert [(one["name"], "used" in one) for one in shown["ofPods"]] == [("web-1", True), ("web-2", False)]
    assert shown["reason"]


async def test_what_is_not_measured_or_not_limited_is_absent_and_never_zero(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await workload(api, cluster_id, ("web-1", SIZED), ("web-2", {"requests": {"cpu": "50m"}, "limits": {"memory": "64Mi"}}))
    shown = (await usage(api, "web"))["workload"]
    assert "used" not in shown and "observedAt" not in shown
    assert shown["requested"] == {"cpuMillis": 150, "memoryBytes": 32 << 20}
    assert shown["limit"] == {"memoryBytes": 128 << 20}, "one pod has no CPU limit, so the workload has none"
    assert shown["reason"].startswith("The agent")
