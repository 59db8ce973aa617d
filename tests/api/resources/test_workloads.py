"""The list of workloads: each failure is one row, and no workload is left out."""

from typing import Any

import pytest

from optral.kube.changes import ObjectChange
from tests.api.conftest import Api
from tests.api.seeds import report
from tests.support.objects import change

READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
CRASHING = {"phase": "Running", "containerStatuses": [{"name": "app", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}
WAITING = {"phase": "Pending"}
VERSIONS = {"Pod": "v1", "Node": "v1", "Job": "batch/v1", "CronJob": "batch/v1", "Widget": "example.com/v1"}


def one(kind: str, name: str, owner: str = "", **body: Any) -> ObjectChange:
    """An object; `owner` is `Kind/name`."""
    metadata: dict[str, Any] = {}
    if owner:
        owner_kind, _, owner_name = owner.partition("/")
        of = {"apiVersion": VERSIONS.get(owner_kind, "apps/v1"), "kind": owner_kind, "name": owner_name, "uid": f"uid-{owner}"}
        metadata["ownerReferences"] = [{**of, "controller": True}]
    group = VERSIONS.get(kind, "apps/v1").rpartition("/")[0].removesuffix("v1").strip("/")
    return change(f"{kind}.{group}" if group else kind, name, uid=f"uid-{kind}/{name}", namespace="shop", metadata=metadata, **body)


def deployment(name: str, ready: int, wanted: int, owner: str = "") -> ObjectChange:
    return one("Deployment", name, owner, spec={"replicas": wanted}, status={"replicas": wanted, "readyReplicas": ready})


def replicas(name: str, of: str, ready: int, wanted: int) -> ObjectChange:
    return one("ReplicaSet", name, of, spec={"replicas": wanted}, status={"replicas": wanted, "readyReplicas": ready})


@pytest.fixture
async def shop(api: Api) -> Api:
    cluster = await api.new_cluster("production")
    await report(
        api,
        cluster,
        # down: the Deployment, its ReplicaSet and both pods fail
        deployment("down", 0, 2),
        replicas("down-1", "Deployment/down", 0, 2),
        *(one("Pod", f"down-1-{n}", "ReplicaSet/down-1", status=CRASHING) for n in range(2)),
        # a rollout that is stuck: all old pods serve, and the new one crashes
        deployment("stuck", 2, 2),
        replicas("stuck-1", "Deployment/stuck", 2, 2),
        replicas("stuck-2", "Deployment/stuck", 0, 1),
        *(one("Pod", f"stuck-1-{n}", "ReplicaSet/stuck-1", status=READY) for n in range(2)),
        one("Pod", "stuck-2-0", "ReplicaSet/stuck-2", status=CRASHING),
        # a DaemonSet with a pod that waits
        one("DaemonSet", "agent", status={"desiredNumberScheduled": 2, "numberReady": 2}),
        one("Pod", "agent-0", "DaemonSet/agent", status=READY),
        one("Pod", "agent-1", "DaemonSet/agent", status=WAITING),
        # healthy: what an operator owns, a CronJob whose last but one Job failed, a Job, a static pod, a pod of an add-on's kind
        deployment("console", 1, 1, "Widget/console"),
        one("CronJob", "nightly", status={}),
        one("Job", "nightly-1", "CronJob/nightly", status={"failed": 1, "conditions": [{"type": "Failed", "status": "True"}]}),
        one("Pod", "nightly-1-a", "Job/nightly-1", status={"phase": "Failed"}),
        one("Job", "migrate", status={"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}),
        one("Pod", "migrate-a", "Job/migrate", status={"phase": "Succeeded"}),
        one("Pod", "etcd-node-1", "Node/node-1", status=READY),
        one("Pod", "queue-0", "Widget/queue", status=READY),
    )
    return api


async def listed(api: Api, query: str) -> dict[str, Any]:
    answer = await api.get(f"/v1/resources?workloads=true&{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def names(api: Api, query: str) -> list[str]:
    return [one["name"] for one in (await listed(api, query))["resources"]]


SICK = ["down", "stuck", "agent"]
SOUND = ["console", "etcd-node-1", "migrate", "nightly", "queue-0"]


async def test_each_workload_is_one_row_and_those_with_failing_pods_come_first(shop: Api) -> None:
    found = await listed(shop, "sort=status")
    assert [one["name"] for one in found["resources"]] == [*SICK, *SOUND]
    assert found["total"] == len(SICK + SOUND)
    assert [one["state"] for one in found["resources"][:4]] == ["failing", "failing", "pending", "healthy"]
    pods = {one["name"]: one.get("pods") for one in found["resources"]}
    assert pods["down"] == {"total": 2, "failing": 2, "pending": 0}
    assert pods["stuck"] == {"total": 3, "failing": 1, "pending": 0}
    assert pods["agent"] == {"total": 2, "failing": 0, "pending": 1}
    assert pods["nightly"] is None


@pytest.mark.parametrize("sort", ["status", "name", "-name"])
async def test_pages_hold_each_workload_once(shop: Api, sort: str) -> None:
    seen, cursor = [], ""
    while True:
        page = await listed(shop, f"pageSize=2&sort={sort}{cursor}")
        seen += [one["name"] for one in page["resources"]]
        if not page.get("nextCursor"):
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert seen == ([*SICK, *SOUND] if sort == "status" else sorted(SICK + SOUND, reverse=sort == "-name"))
    by_offset = [name for number in range(1, 5) for name in await names(shop, f"pageSize=2&page={number}&sort={sort}")]
    assert by_offset == seen


@pytest.mark.parametrize("sort", ["status", "name"])
async def test_a_state_is_that_of_the_worst_pod(shop: Api, sort: str) -> None:
    assert await names(shop, f"state=failing&sort={sort}") == ["down", "stuck"]
    assert await names(shop, f"state=failing,pending&sort={sort}") == (SICK if sort == "status" else sorted(SICK))
    assert await names(shop, f"state=healthy&sort={sort}") == SOUND
    assert (await listed(shop, "state=healthy"))["total"] == len(SOUND)


async def test_other_filters_hold_as_well(shop: Api) -> None:
    assert await names(shop, "kind=Deployment&sort=status") == ["down", "stuck", "console"]
    assert await names(shop, "q=stuck&sort=status") == ["stuck"]
    assert await names(shop, "namespace=pay") == []
    counts = (await shop.get("/v1/resources/counts?workloads=true")).json()
    assert counts["total"] == len(SICK + SOUND)


async def test_without_it_the_list_is_as_before(shop: Api) -> None:
    found = (await shop.get("/v1/resources?sort=status&pageSize=50")).json()
    assert {"down", "down-1", "down-1-0", "nightly-1"} <= {one["name"] for one in found["resources"]}
    assert not any("pods" in one for one in found["resources"])
