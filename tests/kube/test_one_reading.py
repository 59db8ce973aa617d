"""The detectors' view and an analysis' snapshot read the same objects alike."""

from datetime import UTC, datetime
from typing import Any

import pytest

from optral.analysis.reading.snapshot import Snapshot, last_seen
from optral.kube import objects, owners, view
from optral.kube.objects import Event, Pod

Json = dict[str, Any]
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def obj(api_version: str, kind: str, name: str, *owned_by: Json, namespace: str | None = "shop", **body: Json) -> Json:
    metadata = {"name": name, "namespace": namespace, "uid": f"uid-{name}", "ownerReferences": list(owned_by)}
    return {"apiVersion": api_version, "kind": kind, "metadata": {key: value for key, value in metadata.items() if value}, **body}


def owner(of: Json, **more: Any) -> Json:
    return {"apiVersion": of["apiVersion"], "kind": of["kind"], "name": of["metadata"]["name"], "uid": of["metadata"]["uid"], **more}


OPERATED = obj("db.test/v1", "Database", "orders")
SET = obj("apps/v1", "StatefulSet", "orders-db", owner(OPERATED, controller=True))
DEPLOYMENT = obj("apps/v1", "Deployment", "api")
REVISION = obj("apps/v1", "ReplicaSet", "api-1", owner(DEPLOYMENT, controller=True))
CRON = obj("batch/v1", "CronJob", "report")
RUN = obj("batch/v1", "Job", "report-1", owner(CRON, controller=True))
NODE = obj("v1", "Node", "node-1", namespace=None)
PODS = {
    "of a StatefulSet that an operator owns": obj("v1", "Pod", "orders-db-0", owner(SET, controller=True)),
    "of a Deployment": obj("v1", "Pod", "api-1-x", owner(REVISION, controller=True)),
    "of a CronJob": obj("v1", "Pod", "report-1-x", owner(RUN, controller=True)),
    "whose controller is the second owner": obj("v1", "Pod", "api-1-y", owner(RUN), owner(REVISION, controller=True)),
    "without a marked controller": obj("v1", "Pod", "api-1-z", owner(REVISION), owner(RUN)),
    "of a node": obj("v1", "Pod", "etcd-node-1", owner(NODE, controller=True)),
    "without an owner": obj("v1", "Pod", "alone"),
}
ALL = [OPERATED, SET, DEPLOYMENT, REVISION, CRON, RUN, NODE, *PODS.values()]


def kind_of(one: Json) -> str:
    return objects.kind_id_of(one["apiVersion"], one["kind"])


VIEW = view.of([objects.convert(kind_of(one), one) for one in ALL])
SNAPSHOT = Snapshot(NOW).load((kind_of(one), one) for one in ALL)


@pytest.mark.parametrize("which", PODS)
def test_the_workload_of_a_pod(which: str) -> None:
    raw = PODS[which]
    pod, same = objects.convert("Pod", raw), SNAPSHOT.find("Pod", "shop", raw["metadata"]["name"])
    assert same is not None
    marked = owners.controller(pod)
    assert same.owner() == (None if marked is None else owners.owner_ref(marked, pod.namespace))
    assert SNAPSHOT.workload_of(same).ref == VIEW.workload_of(pod)


@pytest.mark.parametrize("workload", [DEPLOYMENT, SET, CRON], ids=lambda one: str(one["kind"]))
def test_the_pods_of_a_workload(workload: Json) -> None:
    typed, same = objects.convert(kind_of(workload), workload), SNAPSHOT.find(kind_of(workload), "shop", workload["metadata"]["name"])
    assert same is not None
    in_view = [pod.name for pod in VIEW.pods_of(owners.ref(typed)) if VIEW.workload_of(pod) == owners.ref(typed)]
    assert {pod.name for pod in SNAPSHOT.pods_of(same)} >= set(in_view) != set()


@pytest.mark.parametrize(
    "times",
    [
        {"lastTimestamp": "2026-03-02T10:00:00Z"},
        {"eventTime": "2026-03-02T10:00:00.5Z"},
        {"lastTimestamp": "2026-03-02T10:00:00Z", "series": {"count": 3, "lastObservedTime": "2026-03-02T09:00:00Z"}},
        {"lastTimestamp": "2026-03-02T09:00:00Z", "series": {"count": 3, "lastObservedTime": "2026-03-02T10:00:00Z"}},
        {"metadata": {"uid": "e", "creationTimestamp": "2026-03-02T08:00:00Z"}},
    ],
)
def test_when_an_event_happened_last(times: Json) -> None:
    raw = {"involvedObject": {"uid": "uid-api"}, "reason": "Failed", "metadata": {"uid": "e"}, **times}
    event = objects.convert("Event", raw)
    [same] = Snapshot(NOW).load([("Event", raw), ("Pod", obj("v1", "Pod", "api"))])._events["uid-api"]
    assert isinstance(event, Event)
    assert last_seen(same) == event.last_seen


def test_both_are_a_cluster() -> None:
    for cluster in (VIEW, SNAPSHOT.cluster):
        assert {one.name for one in cluster.all_in("shop", Pod.kind)} == {pod["metadata"]["name"] for pod in PODS.values()}
        assert cluster.by_name("Node", None, "node-1") is not None
        assert cluster.by_name("Node", "shop", "node-1") is None
        assert cluster.namespace("shop") is None
        assert cluster.policies_in("shop") == []
