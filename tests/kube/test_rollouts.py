"""Rollouts: which revision is the newest, and whether a rollout is complete, in progress or stuck."""

from typing import Any

import pytest

from optral.kube import revisions, rollouts
from optral.kube.objects import DaemonSet, Deployment, ReplicaSet, StatefulSet, convert

KINDS = {cls.kind.partition(".")[0]: cls for cls in (Deployment, StatefulSet, DaemonSet)}


def _replica_set(name: str, *, revision: str | None = None, created: str = "2026-03-01T10:00:00Z") -> ReplicaSet:
    annotations = {revisions.ANNOTATION: revision} if revision is not None else {}
    metadata = {"name": name, "uid": name, "creationTimestamp": created, "annotations": annotations}
    found = convert(ReplicaSet.kind, {"metadata": metadata})
    assert isinstance(found, ReplicaSet)
    return found


@pytest.mark.parametrize(
    ("replica_sets", "names"),
    [
        pytest.param([_replica_set("a", revision="9"), _replica_set("b", revision="10")], ["b", "a"], id="as numbers, not as text"),
        pytest.param(
            [_replica_set("old", revision="3", created="2026-03-01T09:00:00Z"), _replica_set("young", revision="2")], ["old", "young"],
            id="a rollback gives an old ReplicaSet the highest number",
        ),
        pytest.param(
            [_replica_set("a", created="2026-03-01T09:00:00Z"), _replica_set("b", created="2026-03-01T11:00:00Z")], ["b", "a"],
            id="without numbers, by their creation",
        ),
        pytest.param([_replica_set("a", revision="x"), _replica_set("b", revision="1")], ["b", "a"], id="what is no number is the oldest"),
        pytest.param([], [], id="none"),
    ],
)  # fmt: skip
def test_orders_revisions_newest_first(replica_sets: list[ReplicaSet], names: list[str]) -> None:
    for given in (replica_sets, replica_sets[::-1]):
        ordered = rollouts.newest_first(given)
        assert [one.name for one in ordered] == names
        assert [rollouts.is_older(one, given) for one in ordered] == [index > 0 for index in range(len(names))]


PROGRESSING = {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated", "lastUpdateTime": "2026-03-01T11:00:00Z"}


def _deployment(reason: str, status: str = "True") -> dict[str, Any]:
    return {"spec": {"replicas": 3}, "status": {"updatedReplicas": 1, "conditions": [PROGRESSING | {"reason": reason, "status": status}]}}


def _stateful(updated: int, *, now: str = "a", wanted: str = "b", **strategy: Any) -> dict[str, Any]:
    status = {"updatedReplicas": updated, "currentRevision": now, "updateRevision": wanted}
    return {"spec": {"replicas": 3, "updateStrategy": strategy}, "status": status}


def _daemons(updated: int, **strategy: Any) -> dict[str, Any]:
    return {"spec": {"updateStrategy": strategy}, "status": {"desiredNumberScheduled": 3, "updatedNumberScheduled": updated}}


@pytest.mark.parametrize(
    ("kind", "body", "is_updated", "is_in_progress"),
    [
        pytest.param("Deployment", _deployment("ReplicaSetUpdated"), False, True, id="a Deployment in progress"),
        pytest.param("Deployment", _deployment("NewReplicaSetAvailable"), False, False, id="a Deployment that completed and lost pods"),
        pytest.param("Deployment", _deployment("ProgressDeadlineExceeded", "False"), False, False, id="a Deployment that is stuck"),
        pytest.param("Deployment", _deployment("DeploymentPaused", "Unknown"), False, False, id="a Deployment that is paused"),
        pytest.param("StatefulSet", _stateful(1), False, True, id="a StatefulSet in progress"),
        pytest.param("StatefulSet", _stateful(3), True, False, id="a StatefulSet whose replicas are updated"),
        pytest.param("StatefulSet", _stateful(2, wanted="a"), False, False, id="a StatefulSet that lacks a pod without an update"),
        pytest.param("StatefulSet", _stateful(1, rollingUpdate={"partition": 2}), True, False, id="above its partition all are updated"),
        pytest.param("StatefulSet", _stateful(1, rollingUpdate={"partition": 1}), False, True, id="above its partition one is not"),
        pytest.param("StatefulSet", _stateful(0, rollingUpdate={"partition": 9}), True, False, id="a partition above all replicas"),
        pytest.param("StatefulSet", _stateful(0, type="OnDelete"), True, False, id="a StatefulSet whose pods people delete"),
        pytest.param("DaemonSet", _daemons(1), False, True, id="a DaemonSet in progress"),
        pytest.param("DaemonSet", _daemons(3), True, False, id="a DaemonSet whose pods are updated"),
        pytest.param("DaemonSet", _daemons(1, type="OnDelete"), True, False, id="a DaemonSet whose pods people delete"),
    ],
)
def test_the_state_of_a_rollout(kind: str, body: dict[str, Any], is_updated: bool, is_in_progress: bool) -> None:
    workload = convert(KINDS[kind].kind, {"metadata": {"name": "api"}, **body})
    assert isinstance(workload, Deployment | StatefulSet | DaemonSet)
    assert (rollouts.is_updated(workload), rollouts.is_in_progress(workload)) == (is_updated, is_in_progress)
    if isinstance(workload, Deployment):
        assert rollouts.is_stuck(workload) is ("ProgressDeadlineExceeded" in str(body))


def test_a_status_of_an_earlier_spec_is_not_observed() -> None:
    for generation, observed, expected in ((2, 2, True), (2, 1, False), (2, None, False), (0, None, True)):
        tree = {"metadata": {"generation": generation}, "status": {"observedGeneration": observed} if observed else {}}
        workload = convert(Deployment.kind, tree)
        assert isinstance(workload, Deployment)
        assert rollouts.is_observed(workload) is expected


@pytest.mark.parametrize(
    ("labels", "revision"),
    [({"pod-template-hash": "5d"}, "5d"), ({"controller-revision-hash": "web-7"}, "web-7"), ({"app": "web"}, ""), ({}, "")],
)
def test_which_revision_a_pod_belongs_to(labels: dict[str, str], revision: str) -> None:
    assert revisions.of_pod(labels) == revision


def test_a_template_is_compared_without_what_its_controller_adds() -> None:
    written = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": []}}
    stored = {"metadata": {"labels": {"app": "web", "pod-template-hash": "5d"}, "creationTimestamp": None}, "spec": {"containers": []}}
    assert revisions.template_of(stored) == written
    assert revisions.template_of({"spec": {}}) == {"metadata": {}, "spec": {}}
    assert revisions.template_of({"metadata": {"labels": "?"}}) == {"metadata": {"labels": "?"}}
