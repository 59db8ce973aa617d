import pytest

from optral.detectors import severity
from optral.kube import owners
from optral.kube.objects import KubeObject, Pod
from optral.terms.severity import Severity
from tests.detectors.build import (
    NOON,
    condition,
    deployment,
    make,
    owned_by,
    pod,
    replica_set,
    running,
    status,
    terminated,
    view_of,
    waiting,
)

DEV = make("Namespace", name="shop", namespace=None, meta={"labels": {"environment": "Staging"}})
PROD = make("Namespace", name="shop", namespace=None, meta={"labels": {"environment": "production"}})
DATA = [{"metadata": {"name": "data"}}]


def stateful(available: int, **more: object) -> KubeObject:
    return make(
        "StatefulSet.apps", name="db", spec={"replicas": 3, "volumeClaimTemplates": DATA}, status={"availableReplicas": available} | more
    )


@pytest.mark.parametrize(
    ("workload", "others", "expected"),
    [
        pytest.param(deployment(available=2), [], Severity.HIGH, id="base"),
        pytest.param(deployment(available=0), [], Severity.CRITICAL, id="none left"),
        pytest.param(deployment(replicas=0, available=0), [], Severity.HIGH, id="none wanted"),
        pytest.param(deployment(namespace="kube-system"), [], Severity.CRITICAL, id="carries the cluster"),
        pytest.param(stateful(2), [], Severity.CRITICAL, id="holds data"),
        pytest.param(deployment(), [DEV], Severity.MEDIUM, id="not production"),
        pytest.param(deployment(), [PROD], Severity.HIGH, id="production"),
        pytest.param(deployment(available=0), [DEV], Severity.HIGH, id="both cancel each other"),
        pytest.param(stateful(2, currentRevision="a", updateRevision="b"), [], Severity.HIGH, id="data, but the last revision serves"),
        pytest.param(make("DaemonSet.apps", name="d", status={"desiredNumberScheduled": 2}), [], Severity.CRITICAL, id="no daemon left"),
    ],
)
def test_moves_at_most_one_step_up_and_one_down(workload: KubeObject, others: list[KubeObject], expected: Severity) -> None:
    assert severity.adjust(Severity.HIGH, subject=owners.ref(workload), view=view_of(workload, *others)) is expected


@pytest.mark.parametrize(("old_ready", "available", "expected"), [(2, 2, Severity.MEDIUM), (0, 2, Severity.HIGH), (1, 1, Severity.HIGH)])
def test_a_serving_revision_counts_while_half_is_available(old_ready: int, available: int, expected: Severity) -> None:
    top = deployment(replicas=4, available=available)
    old, new = replica_set(top, name="a", revision=1, ready=old_ready), replica_set(top, name="b", revision=2, ready=0)
    assert severity.adjust(Severity.HIGH, subject=owners.ref(top), view=view_of(top, old, new)) is expected


def test_a_bare_pod_is_its_own_capacity() -> None:
    for shown, expected in ((pod(status()), Severity.CRITICAL), (pod(status(), conditions=[condition("Ready")]), Severity.HIGH)):
        assert isinstance(shown, Pod)
        assert severity.adjust(Severity.HIGH, subject=owners.ref(shown), view=view_of(shown), pod=shown) is expected


def test_an_unknown_workload_has_no_capacity() -> None:
    shown = deployment()
    assert severity.capacity(owners.ref(shown), view_of()) is None


def test_a_failed_job_has_no_retries_left() -> None:
    job = make("Job.batch", name="j", status={"failed": 7, "conditions": [condition("Failed")]})
    run = pod(status(), meta={"ownerReferences": owned_by(job)})
    assert isinstance(run, Pod)
    assert severity.adjust(Severity.HIGH, subject=owners.ref(job), view=view_of(job, run), pod=run) is Severity.HIGH


BACK_OFF = status(state=waiting("CrashLoopBackOff"), last=terminated(ago=200, ran=3), restarts=5)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param([status(state=running(2), last=terminated(ago=160, ran=3), restarts=5)] * 2, Severity.CRITICAL, id="up for a moment"),
        pytest.param([BACK_OFF, BACK_OFF], Severity.CRITICAL, id="down again, and still counted"),
        pytest.param([BACK_OFF, status()], Severity.HIGH, id="another one serves"),
        pytest.param([status(state=running(180), last=terminated(ago=200, ran=3), restarts=5)] * 2, Severity.HIGH, id="up for longer now"),
        pytest.param([status(state=running(2), last=terminated(ago=160, ran=300), restarts=5)] * 2, Severity.HIGH, id="serves between"),
        pytest.param([status(state=running(2), last=terminated(ago=160, ran=3), restarts=1)] * 2, Severity.HIGH, id="one restart"),
        pytest.param([], Severity.HIGH, id="no pods seen"),
    ],
)
def test_pods_that_run_only_for_moments_are_not_available(shown: list[dict[str, object]], expected: Severity) -> None:
    top = deployment(available=1)
    revision = replica_set(top, name="a", revision=1)
    pods = [pod(one, name=f"api-{number}", owner=revision, conditions=[condition("Ready")]) for number, one in enumerate(shown)]
    assert severity.adjust(Severity.HIGH, subject=owners.ref(top), view=view_of(top, revision, *pods), now=NOON) is expected


@pytest.mark.parametrize(("made_ago", "age", "expected"), [(60, 15, Severity.CRITICAL), (60, 300, Severity.HIGH), (900, 15, Severity.HIGH)])
def test_a_replacement_of_pods_that_just_failed_is_not_available_yet(made_ago: float, age: float, expected: Severity) -> None:
    top = deployment(replicas=1, available=1)
    revision = replica_set(top, name="a", revision=1)
    over = {"owner": revision, "phase": "Failed", "pod_status": {"reason": "Evicted"}, "ago": made_ago}
    dead = [pod(name=f"api-{number}", **over) for number in range(3)]  # type: ignore[arg-type]
    new = pod(status(state=running(age)), name="api-9", owner=revision, conditions=[condition("Ready")], ago=age)
    assert severity.adjust(Severity.HIGH, subject=owners.ref(top), view=view_of(top, revision, *dead, new), now=NOON) is expected


def test_a_bare_pod_that_runs_only_for_moments_is_not_available() -> None:
    shown = pod(status(state=running(2), last=terminated(ago=160, ran=3), restarts=5), conditions=[condition("Ready")])
    assert isinstance(shown, Pod)
    assert severity.adjust(Severity.HIGH, subject=owners.ref(shown), view=view_of(shown), pod=shown, now=NOON) is Severity.CRITICAL
