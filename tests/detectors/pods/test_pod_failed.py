import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import at, condition, deployment, found, make, only, owned_by, pod, replica_set, status, terminated, when

TYPE = "PodFailed"


def failed(reason: str = "OutOfcpu", *, ago: float = 60, **more: object) -> KubeObject:
    given = {"pod_status": {"reason": reason, "message": "told why"}, "conditions": [condition("Ready", "False", ago=ago)]} | more
    return pod(phase="Failed", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reason", "say"),
    [
        ("OutOfcpu", "the node was out of cpu"),
        ("OutOfephemeral-storage", "the node was out of ephemeral-storage"),
        ("UnexpectedAdmissionError", "the node cannot allocate a requested device or CPU"),
        ("NodeAffinity", "the node no longer has the required labels"),
        ("PodOSNotSupported", "the node runs another operating system"),
        ("DeadlineExceeded", "the deadline was exceeded"),
        ("NodeLost", "the node was lost"),
        ("SomethingNew", "SomethingNew"),
        ("", "a container exited with an error and is not restarted"),
    ],
)
def test_a_pod_that_is_not_replaced_is_an_issue_per_reason(reason: str, say: str) -> None:
    [finding] = found(failed(reason))
    assert (finding.type, finding.part, finding.opens_at) == (TYPE, reason or "Error", when(30))
    assert finding.title == f"Pod shop/api-5d4f9c-x1 failed: {say}"


def test_a_bare_pod_that_never_restarts_reports_its_exit() -> None:
    shown = failed("", spec={"restartPolicy": "Never"}, containers=None)
    assert only(TYPE, shown)[0].facts["reason"] == "Error"
    ended = pod(status(state=terminated(ago=60, code=3)), phase="Failed", spec={"restartPolicy": "Never"})
    [finding] = only(TYPE, ended)
    assert (finding.facts["container"], finding.facts["exitCode"], finding.since) == ("api", 3, when(60))


@pytest.mark.parametrize(
    ("available", "alike", "expected"),
    [
        pytest.param(2, 0, 0, id="its owner is whole: it was replaced"),
        pytest.param(1, 0, 1, id="its owner lacks pods"),
        pytest.param(2, 2, 3, id="the third within the hour"),
    ],
)
def test_a_failed_pod_of_a_controller_counts_while_pods_are_missing(available: int, alike: int, expected: int) -> None:
    top = deployment(available=available)
    between = replica_set(top)
    pods = [failed(name=f"api-5d4f9c-{n}", owner=between) for n in range(1 + alike)]
    assert len(only(TYPE, *pods, between, top)) == expected


def test_old_failed_pods_of_a_complete_owner_do_not_count() -> None:
    top = deployment()
    between = replica_set(top)
    pods = [failed(name=f"api-5d4f9c-{n}", owner=between, ago=90000) for n in range(9)]
    assert found(*pods, between, top) == []


JOB = make("Job.batch", name="report")
WORKFLOW = make("Workflow.argoproj.io", name="nightly")
OLD_TOP = deployment(available=1)
OLD = replica_set(OLD_TOP, name="api-old", revision=1, replicas=0, status={"replicas": 1})
NEW = replica_set(OLD_TOP, name="api-new", revision=2)
SHORT = replica_set(name="api-short", replicas=2, ready=1)


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([failed(meta={"ownerReferences": owned_by(JOB)}), JOB], id="a Job's run has its own type"),
        pytest.param([failed(meta={"deletionTimestamp": at(9)})], id="being deleted"),
        pytest.param([failed("Evicted")], id="evicted"),
        pytest.param([failed(owner=OLD), OLD, NEW, OLD_TOP], id="of a revision on its way out"),
        pytest.param([failed("Shutdown", owner=SHORT), SHORT], id="its node was shut down in order"),
        pytest.param([failed(owner=SHORT, conditions=[condition("DisruptionTarget")]), SHORT], id="disrupted on purpose"),
        pytest.param([pod(phase="Succeeded")], id="finished"),
    ],
)
def test_other_pods_have_not_failed(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []


def test_a_shutdown_counts_only_for_a_pod_that_is_not_replaced() -> None:
    assert len(only(TYPE, failed("Shutdown"))) == 1


def test_a_pod_of_a_custom_owner_that_never_restarts_counts_for_an_hour() -> None:
    owner = {"ownerReferences": owned_by(WORKFLOW)}
    never = {"restartPolicy": "Never"}
    assert len(only(TYPE, failed("", meta=owner, spec=never))) == 1
    assert only(TYPE, failed("", meta=owner, spec=never, ago=3700)) == []
    assert only(TYPE, failed("OutOfcpu", meta=owner)) == []
