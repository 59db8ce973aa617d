import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import at, condition, deployment, event, make, only, owned_by, pod, replica_set, status, when

TYPE = "Preempted"
TAKEN = [condition("DisruptionTarget", reason="PreemptionByScheduler", ago=200)]
NO_ROOM = [condition("PodScheduled", "False", reason="Unschedulable", message="0/1 nodes are available: 1 Insufficient cpu.", ago=190)]


def short(available: int = 1) -> tuple[KubeObject, KubeObject]:
    top = deployment(available=available)
    return replica_set(top), top


def victim(owner: KubeObject | None, *, name: str = "api-5d4f9c-old", **more: object) -> KubeObject:
    return pod(status(), name=name, owner=owner, **({"conditions": TAKEN} | more))  # type: ignore[arg-type]


def replacement(owner: KubeObject | None, **more: object) -> KubeObject:
    given = {"phase": "Pending", "conditions": NO_ROOM, "spec": {"nodeName": "", "priorityClassName": "low", "priority": 7}} | more
    return pod(name="api-5d4f9c-new", owner=owner, ago=195, **given)  # type: ignore[arg-type]


def gone(owner: KubeObject | None, *, ago: float = 200, name: str = "api-5d4f9c-old") -> KubeObject:
    return event(victim(owner, name=name), TYPE, "Preempted by pod 1b2c on node node-1", ago=ago)


def test_the_preempted_pod_shows_it_after_two_minutes_for_a_replacement() -> None:
    between, top = short()
    [finding] = only(TYPE, victim(between, meta={"deletionTimestamp": at(170), "ownerReferences": owned_by(between)}), between, top)
    assert (str(finding.subject), finding.since, finding.opens_at) == ("Deployment/shop/api", when(200), when(80))


def test_the_pending_replacement_shows_it_once_the_preempted_pod_is_deleted() -> None:
    between, top = short()
    [finding] = only(TYPE, replacement(between), gone(between), between, top)
    assert (str(finding.subject), finding.since, finding.expires_at) == ("Deployment/shop/api", when(200), when(200 - 1800))
    assert finding.facts == {"priorityClass": "low", "priority": 7}


URGENT = {"nodeName": "node-1", "priority": 100, "priorityClassName": "urgent"}
NAMED = {"preemptedBy": "Pod/batch/train-1", "preemptorPriority": 100, "preemptorPriorityClass": "urgent"}


def taker(name: str = "train-1", *, started: float = 150, **spec: object) -> KubeObject:
    meta = {"uid": "1b2c"} if name == "train-1" else {}
    return pod(status(), name=name, namespace="batch", spec=URGENT | spec, meta=meta, ago=started)


def test_the_event_names_the_pod_that_got_the_place() -> None:
    between, top = short()
    [finding] = only(TYPE, replacement(between), gone(between), between, top, taker(), taker("agent"))
    assert finding.facts == {"priorityClass": "low", "priority": 7} | NAMED


@pytest.mark.parametrize(
    ("others", "named"),
    [
        pytest.param([taker()], NAMED, id="the only one that started since then"),
        pytest.param([taker(), taker("other")], {}, id="two may have"),
        pytest.param([taker(started=900)], {}, id="it ran before"),
        pytest.param([taker(priority=0)], {}, id="no higher priority"),
        pytest.param([taker(nodeName="node-2")], {}, id="on another node"),
    ],
)
def test_without_an_event_only_one_pod_can_have_got_the_place(others: list[KubeObject], named: dict[str, object]) -> None:
    between, top = short()
    lost = victim(between, meta={"deletionTimestamp": at(170), "ownerReferences": owned_by(between)}, spec={"nodeName": "node-1"})
    [finding] = only(TYPE, lost, between, top, *others)
    assert {key: value for key, value in finding.facts.items() if key.startswith("preempt")} == named


def test_a_pod_without_a_priority_has_the_priority_0() -> None:
    between, top = short()
    spare = replacement(between, spec={"nodeName": "", "priority": -10})
    [finding] = only(TYPE, spare, gone(between), between, top, taker(priority=None))
    assert finding.facts["preemptorPriority"] == 0


def test_a_pending_pod_names_the_preemption_as_candidate_cause() -> None:
    between, top = short()
    [finding] = only("FailedScheduling", replacement(between), gone(between), between, top)
    assert [(str(suspect.ref), suspect.types) for suspect in finding.suspects] == [("Deployment/shop/api", frozenset({TYPE}))]


BETWEEN, TOP = short()
WHOLE, WHOLE_TOP = short(available=2)
JOB = make("Job.batch", name="batch")


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([victim(WHOLE), WHOLE, WHOLE_TOP], id="its workload lacks nothing"),
        pytest.param([victim(None, meta={"ownerReferences": owned_by(JOB)}), JOB], id="a Job's run is tried again"),
        pytest.param([replacement(BETWEEN), BETWEEN, TOP], id="nobody was preempted"),
        pytest.param([replacement(BETWEEN), gone(BETWEEN, ago=2000), BETWEEN, TOP], id="long ago"),
        pytest.param([replacement(BETWEEN), gone(BETWEEN, name="web-1"), BETWEEN, TOP], id="another workload was"),
        pytest.param([pod(status(), owner=BETWEEN), gone(BETWEEN), BETWEEN, TOP], id="the replacement has its place"),
        pytest.param([victim(BETWEEN, phase="Succeeded"), BETWEEN, TOP], id="finished"),
        pytest.param(
            [victim(BETWEEN, conditions=[condition("DisruptionTarget", reason="EvictionByEvictionAPI")]), BETWEEN, TOP], id="drained"
        ),
    ],
)
def test_preemption_without_a_shortage_is_no_issue(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []


def test_a_pod_of_a_stateful_set_comes_back_under_its_name() -> None:
    sts = make("StatefulSet.apps", name="db", spec={"replicas": 2}, status={"availableReplicas": 1})
    owner = {"ownerReferences": owned_by(sts)}
    before = pod(status(), name="db-1", meta=owner)
    again = pod(name="db-1", phase="Pending", conditions=NO_ROOM, spec={"nodeName": ""}, meta=owner)
    assert len(only(TYPE, again, sts, event(before, TYPE, "Preempted by pod x"))) == 1
