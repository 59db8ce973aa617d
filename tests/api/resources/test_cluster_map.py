"""The map of a cluster over HTTP: what its nodes offer, what is requested and used of it, and which pods are on them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from optral.kube.changes import KindMark, ObjectChange, Phase
from optral.resources import placement, reports, repository
from optral.resources.tables import resources
from optral.terms.actor import agent
from optral.terms.ids import ClusterId
from tests.api.conftest import Api
from tests.api.seeds import report
from tests.support.objects import change, reference

MIB = 1024 * 1024
SIZE = {"cpu": "4", "memory": "8Gi", "pods": "110"}


def node(name: str, *, is_ready: bool = True, labels: dict[str, str] | None = None, cordoned: bool = False) -> ObjectChange:
    conditions = [{"type": "Ready", "status": "True" if is_ready else "False"}]
    status = {"conditions": conditions, "capacity": SIZE, "allocatable": SIZE | {"cpu": "3920m"}}
    return change("Node", name, namespace="", metadata={"labels": labels or {}}, spec={"unschedulable": cordoned}, status=status)


def pod(name: str, on: str = "", *, namespace: str = "shop", phase: str = "Running", version: str = "1", cpu: str = "250m") -> ObjectChange:
    containers = [{"name": "app", "resources": {"requests": {"cpu": cpu, "memory": "64Mi"}}}]
    conditions = [{"type": "Ready", "status": "True" if phase == "Running" else "False"}]
    spec = {"containers": containers, **({"nodeName": on} if on else {})}
    return change("Pod", name, namespace=namespace, rv=version, spec=spec, status={"phase": phase, "conditions": conditions})


def usage(name: str, of: str) -> ObjectChange:
    owner = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": of}
    status = {"observedAt": datetime.now(UTC).isoformat(), "cpu": {"nowMillis": 1200}, "memory": {"nowBytes": 3 * MIB}}
    return change("NodeUsage.usage.optral.io", name, namespace="", metadata={"ownerReferences": [owner]}, status=status)


async def map_of(api: Api, cluster: str) -> dict[str, Any]:
    answer = await api.get(f"/v1/clusters/{cluster}/map")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


@pytest.fixture
async def cluster(api: Api) -> str:
    return await api.new_cluster("production")


async def test_shows_nodes_that_fail_first_with_what_is_offered_requested_and_used(api: Api, cluster: str) -> None:
    roles = {"node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/edge": "", "team": "pay"}
    await report(api, cluster, node("a", labels=roles, cordoned=True), node("b", is_ready=False), usage("a", "uid-Node-a"))
    await report(api, cluster, pod("p1", "a"), pod("p2", "a", cpu="1"), pod("done", "a", phase="Succeeded"))
    broken, well = (await map_of(api, cluster))["nodes"]
    assert (broken["name"], broken["state"], broken["pods"]) == ("b", "failing", [])
    assert "usage" not in broken
    assert (well["roles"], well["cordoned"], well["status"]) == (["edge", "worker"], True, "Ready")
    assert well["capacity"] == {"cpuMillis": 4000, "memoryBytes": 8192 * MIB, "pods": 110}
    assert well["allocatable"]["cpuMillis"] == 3920
    assert well["requested"] == {"cpuMillis": 1250, "memoryBytes": 128 * MIB, "pods": 2}, "a pod that has ended requests nothing"
    assert well["usage"] == {"cpuMillis": 1200, "memoryBytes": 3 * MIB}
    found = (await api.get(f"/v1/resources/{well['id']}")).json()
    assert (found["kind"], found["name"]) == ("Node", "a")


async def test_pods_that_fail_come_first_and_those_without_a_node_are_apart(api: Api, cluster: str) -> None:
    await report(api, cluster, node("a"), pod("well", "a"), pod("bad", "a", phase="Failed"), pod("slow", "a", phase="Pending"))
    await report(api, cluster, pod("waits", phase="Pending"))
    answer = await map_of(api, cluster)
    [only] = answer["nodes"]
    assert [(one["name"], one["state"]) for one in only["pods"]] == [("bad", "failing"), ("slow", "pending"), ("well", "healthy")]
    assert [(one["namespace"], one["name"], one["state"]) for one in answer["unscheduled"]] == [("shop", "waits", "pending")]
    assert (answer["nodesLeftOut"], answer["podsLeftOut"], answer["cluster"]) == (0, 0, "production")


@pytest.mark.parametrize(
    ("kind", "name", "owner"),
    [
        ("ReplicaSet.apps", "web-7d9c5b8f64", "Deployment/web"),
        ("ReplicaSet.apps", "web-app", "ReplicaSet/web-app"),
        ("DaemonSet.apps", "agent-7d9c5b8f64", "DaemonSet/agent-7d9c5b8f64"),
        ("Widget.example.com", "queue", "Widget/queue"),
    ],
)
async def test_a_pod_has_its_requests_and_the_owner_that_people_know(api: Api, cluster: str, kind: str, name: str, owner: str) -> None:
    owned = change("Pod", "p1", owner=reference(kind, name), spec={"containers": [{"name": "app"}], "nodeName": "a"})
    await report(api, cluster, node("a"), pod("p2", "a"), owned)
    shown = {one["name"]: one for one in (await map_of(api, cluster))["nodes"][0]["pods"]}
    assert (shown["p1"]["owner"], "cpuMillis" in shown["p1"]) == (owner, False)
    assert ("owner" in shown["p2"], shown["p2"]["cpuMillis"], shown["p2"]["memoryBytes"]) == (False, 250, 64 * MIB)


async def test_pods_of_a_node_that_is_not_in_the_inventory_are_shown(api: Api, cluster: str) -> None:
    await report(api, cluster, pod("p1", "gone"))
    [only] = (await map_of(api, cluster))["nodes"]
    assert (only["name"], only["state"], [one["name"] for one in only["pods"]]) == ("gone", "unknown", ["p1"])
    assert "id" not in only


async def test_usage_of_an_earlier_node_of_the_same_name_does_not_count(api: Api, cluster: str) -> None:
    await report(api, cluster, node("a"), usage("a", "uid-of-before"))
    assert "usage" not in (await map_of(api, cluster))["nodes"][0]


async def test_an_object_with_odd_fields_does_not_hide_the_others(api: Api, cluster: str) -> None:
    odd = change("Pod", "odd", spec={"nodeName": ["a"], "containers": 7}, status={"phase": "Running"})
    strange = change("Node", "strange", namespace="", spec=3, status={"capacity": ["4"]})
    await report(api, cluster, node("a"), strange, pod("p1", "a"), odd, pod("p2", "a", cpu="much"))
    answer = await map_of(api, cluster)
    nodes = {one["name"]: one for one in answer["nodes"]}
    assert [one["name"] for one in nodes["a"]["pods"]] == ["p1", "p2"] and nodes["a"]["requested"]["cpuMillis"] == 250
    assert nodes["strange"]["capacity"] == {}
    assert [one["name"] for one in answer["unscheduled"]] == ["odd"]


async def test_reads_no_manifest_of_pods_whose_rows_say_where_they_are(api: Api, cluster: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await report(api, cluster, *(pod(f"p{number}", "a") for number in range(20)))
    read: list[str] = []
    manifests = repository.manifests
    monkeypatch.setattr(repository, "manifests", lambda tx, ids: read.extend(ids) or manifests(tx, ids))
    assert len((await map_of(api, cluster))["nodes"][0]["pods"]) == 20
    assert read == []
    of_earlier_version = sa.update(resources).values(place=None).where(resources.c.org_id == api.org, resources.c.name == "p3")
    await api.store.write(agent(api.org, ClusterId(cluster)), lambda tx: tx.execute(of_earlier_version))
    [shown] = (await map_of(api, cluster))["nodes"]
    assert (len(shown["pods"]), shown["requested"]["cpuMillis"], len(read)) == (20, 20 * 250, 1)
    await report(api, cluster, pod("p3", "a", version="2"))
    await map_of(api, cluster)
    assert len(read) == 1


async def test_follows_a_pod_that_gets_a_node_is_resized_and_ends(api: Api, cluster: str) -> None:
    async def shown() -> tuple[list[str], dict[str, Any]]:
        found = await map_of(api, cluster)
        return [one["name"] for one in found["unscheduled"]], {one["name"]: one["requested"] for one in found["nodes"]}

    def resized(change: ObjectChange) -> ObjectChange:
        body = json.loads(change.raw)
        body["metadata"]["generation"] = 2
        return change._replace(raw=json.dumps(body).encode())

    await report(api, cluster, pod("p", version="1"))
    assert await shown() == (["p"], {})
    await report(api, cluster, pod("p", "a", version="2"))
    assert await shown() == ([], {"a": {"cpuMillis": 250, "memoryBytes": 64 * MIB, "pods": 1}})
    await report(api, cluster, resized(pod("p", "a", version="3", cpu="750m")))
    assert (await shown())[1]["a"]["cpuMillis"] == 750
    await report(api, cluster, resized(pod("p", "a", version="4", cpu="750m", phase="Succeeded")))
    assert await shown() == ([], {"a": {"cpuMillis": 0, "memoryBytes": 0, "pods": 0}})


async def test_counts_what_is_beyond_its_bounds_and_keeps_what_fails(api: Api, cluster: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement, "MAX_PODS", 2)
    monkeypatch.setattr(placement, "MAX_NODES", 1)
    await report(api, cluster, node("a"), node("b", is_ready=False))
    await report(api, cluster, *(pod(f"p{number}", "b") for number in range(4)), pod("z", "b", phase="Failed"))
    answer = await map_of(api, cluster)
    assert [one["name"] for one in answer["nodes"]] == ["b"]
    assert [one["name"] for one in answer["nodes"][0]["pods"]] == ["z", "p0"]
    assert (answer["nodesLeftOut"], answer["podsLeftOut"]) == (1, 3)


async def test_a_large_answer_is_compressed_for_those_who_accept_it(api: Api, cluster: str) -> None:
    await report(api, cluster, *(pod(f"pod-with-a-long-name-{number:04}", "a") for number in range(200)))
    path = f"/v1/clusters/{cluster}/map"
    plain = await api.get(path, headers={"Accept-Encoding": "identity"})
    packed = await api.get(path, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers and packed.headers["content-encoding"] == "gzip"
    assert plain.json() == packed.json()
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"


async def test_is_stale_while_its_kinds_are_not_followed(api: Api, cluster: str) -> None:
    mark = KindMark("Pod", Phase.FORBIDDEN, "")
    await api.store.write(agent(api.org, ClusterId(cluster)), lambda tx: reports.mark(tx, cluster, mark))
    assert (await map_of(api, cluster))["stale"] is True


async def test_a_key_of_another_cluster_and_another_id_find_nothing(api: Api, cluster: str) -> None:
    key = await api.new_key(scopes={"resources:read"}, clusters={await api.new_cluster("elsewhere")})
    assert (await api.get(f"/v1/clusters/{cluster}/map", key=key)).status_code == 404
    assert (await api.get("/v1/clusters/cls_01h455vb4pex5vsknk084sn02q/map")).status_code == 404
