import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import (
    NOON,
    condition,
    deployment,
    make,
    only,
    owned_by,
    pod,
    replica_set,
    running,
    status,
    terminated,
    waiting,
    when,
)

DEPLOYMENT_TYPE = "DeploymentReplicasUnavailable"
STATEFUL_SET_TYPE = "StatefulSetReplicasUnavailable"
STUCK = condition("Progressing", "False", reason="ProgressDeadlineExceeded", ago=30)
ROLLING = condition("Progressing", reason="ReplicaSetUpdated", ago=100)


def broken(owner: KubeObject, name: str, *, ago: float = 400, **more: object) -> KubeObject:
    return pod(status(ready=False), name=name, owner=owner, conditions=[condition("Ready", "False", ago=ago)], **more)  # type: ignore[arg-type]


def well(owner: KubeObject, name: str) -> KubeObject:
    return pod(status(), name=name, owner=owner, conditions=[condition("Ready")])


def test_opens_five_minutes_after_its_first_pod_failed() -> None:
    top = deployment(replicas=2, available=0)
    between = replica_set(top)
    [finding] = only(DEPLOYMENT_TYPE, top, between, broken(between, "a", ago=400), broken(between, "b", ago=200))
    assert (finding.since, finding.opens_at, finding.severity) == (when(400), when(100), Severity.HIGH)
    assert finding.facts["notReadyPods"] == ["a", "b"]
    assert finding.facts["nodes"] == ["node-1"]
    assert not finding.is_onset_unknown


def test_missing_pods_do_not_show_since_when() -> None:
    [finding] = only(DEPLOYMENT_TYPE, deployment(replicas=3, available=2))
    assert (finding.is_onset_unknown, finding.since, finding.opens_at) == (True, NOON, when(-300))


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(deployment(), id="complete"),
        pytest.param(deployment(replicas=0, available=0), id="scaled to zero"),
        pytest.param(deployment(available=1, spec={"paused": True}), id="paused"),
        pytest.param(deployment(available=1, meta={"generation": 7}), id="its status is about an older spec"),
        pytest.param(deployment(available=1, meta={"deletionTimestamp": "2026-03-02T11:59:00Z"}), id="being deleted"),
        pytest.param(deployment(available=1, status={"conditions": [STUCK]}), id="its rollout is stuck: told as that"),
    ],
)
def test_intended_or_otherwise_reported_shortages_are_no_issue(shown: KubeObject) -> None:
    assert only(DEPLOYMENT_TYPE, shown) == []


def test_a_rollout_has_its_whole_deadline() -> None:
    [finding] = only(DEPLOYMENT_TYPE, deployment(available=1, status={"conditions": [ROLLING]}))
    assert finding.opens_at == when(100 - 600)


def test_replicas_that_must_be_ready_for_a_while_get_that_while() -> None:
    [finding] = only(DEPLOYMENT_TYPE, deployment(available=1, spec={"minReadySeconds": 600}))
    assert finding.opens_at == when(-900)


def stateful_set(*, ready: int, replicas: int = 3, available: int = 0, **spec: object) -> KubeObject:
    counts = {"replicas": replicas, "readyReplicas": ready, "updatedReplicas": replicas, "observedGeneration": 1}
    counts["availableReplicas"] = available
    return make("StatefulSet.apps", name="db", spec={"replicas": replicas} | spec, status=counts)


def test_names_the_lowest_failing_replica_of_a_stateful_set() -> None:
    top = stateful_set(ready=1)
    [finding] = only(STATEFUL_SET_TYPE, top, well(top, "db-0"), broken(top, "db-1"))
    assert (finding.facts["lowestBroken"], finding.opens_at, str(finding.subject)) == ("db-1", when(100), "StatefulSet/shop/db")


@pytest.mark.parametrize("up", [0, 1, 2])
def test_a_stateful_set_whose_replicas_run_only_for_moments_stays_high(up: int) -> None:
    """Each restart of a crash loop without a readiness probe counts as available for some seconds."""
    top = stateful_set(ready=up, available=up)
    again = {"last": terminated(ago=160, ran=3), "restarts": 5}
    moment = [status(state=running(2), **again) for _ in range(up)]  # type: ignore[arg-type]
    away = [status(ready=False, state=waiting("CrashLoopBackOff"), **again) for _ in range(3 - up)]  # type: ignore[arg-type]
    pods = [
        pod(one, name=f"db-{number}", owner=top, conditions=[condition("Ready", "True" if number < up else "False", ago=400)])
        for number, one in enumerate((*moment, *away))
    ]
    [finding] = only(STATEFUL_SET_TYPE, top, *pods)
    assert finding.severity is Severity.HIGH


def test_counts_ordinals_from_the_start_of_the_stateful_set() -> None:
    top = stateful_set(ready=0, replicas=1, ordinals={"start": 5})
    [finding] = only(STATEFUL_SET_TYPE, top)
    assert (finding.facts["lowestBroken"], finding.severity) == ("db-5", Severity.HIGH)


def test_a_complete_or_empty_stateful_set_is_no_issue() -> None:
    assert only(STATEFUL_SET_TYPE, stateful_set(ready=3)) == []
    assert only(STATEFUL_SET_TYPE, stateful_set(ready=0, replicas=0)) == []


def test_terminating_and_finished_pods_do_not_count() -> None:
    top = deployment(replicas=1, available=0)
    between = replica_set(top)
    gone = pod(status(), name="a", owner=between, meta={"deletionTimestamp": "2026-03-02T11:59:00Z", "ownerReferences": owned_by(between)})
    failed = pod(status(), name="b", owner=between, phase="Failed")
    [finding] = only(DEPLOYMENT_TYPE, top, between, gone, failed)
    assert (finding.facts["pods"], finding.is_onset_unknown) == (0, True)
