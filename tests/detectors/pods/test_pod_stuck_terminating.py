import pytest

from optral import detectors
from optral.kube import owners
from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import (
    NOON,
    at,
    condition,
    deployment,
    event,
    found,
    make,
    only,
    owned_by,
    pod,
    replica_set,
    status,
    terminated,
    view_of,
    when,
)

TYPE = "PodStuckTerminating"
UP = make("Node", name="node-1", namespace=None, status={"conditions": [condition("Ready")]})
DOWN = make("Node", name="node-1", namespace=None, status={"conditions": [condition("Ready", "Unknown")]})
ELSE = make("Node", name="node-2", namespace=None, status={"conditions": [condition("Ready")]})


def leaving(*statuses: dict[str, object], ago: float = 400, grace: int | None = 30, **meta: object) -> KubeObject:
    told = {"deletionTimestamp": at(ago), "deletionGracePeriodSeconds": grace} | meta
    return pod(*(statuses or (status(),)), meta=told)  # type: ignore[arg-type]


def test_opens_five_minutes_after_the_grace_period() -> None:
    [finding] = found(leaving())
    assert (finding.type, finding.since, finding.opens_at, finding.expires_at) == (TYPE, when(400), when(400 - 330), None)
    patient = leaving(grace=3600)
    examination = detectors.examine(view_of(patient), [owners.ref(patient)], now=NOON)
    assert (examination.findings, examination.look_again) == ((), {patient.uid: when(400 - 3600)})
    [finding] = found(leaving(grace=None))
    assert finding.opens_at == when(400 - 330)


def test_the_title_names_what_holds_the_pod() -> None:
    held = leaving(status(state=terminated(ago=300)), finalizers=["example.com/hold"])
    [finding] = found(held, UP)
    assert finding.title == f"Pod shop/{held.name} is stuck terminating: finalizer example.com/hold remains"
    [finding] = only(TYPE, leaving(), DOWN)
    assert finding.title == "Pods on Node node-1 are stuck terminating: the node has stopped reporting"


def test_a_pod_that_is_not_deleted_is_no_issue() -> None:
    assert found(pod(status())) == []


@pytest.mark.parametrize(
    ("shown", "more", "cause", "subject"),
    [
        pytest.param(leaving(), [DOWN], "nodeDown", "Node/node-1", id="its node does not report"),
        pytest.param(leaving(), [ELSE], "nodeGone", "Node/node-1", id="its node is gone"),
        pytest.param(leaving(), [], "containersRun", "Pod/shop/api-5d4f9c-x1", id="no node seen: nothing is said of one"),
        pytest.param(leaving(finalizers=["example.com/hold"]), [UP], "containersRun", "Pod/shop/api-5d4f9c-x1", id="containers run"),
        pytest.param(
            leaving(status(state=terminated(ago=300)), finalizers=["example.com/hold"]),
            [UP],
            "finalizers",
            "Pod/shop/api-5d4f9c-x1",
            id="a finalizer",
        ),
        pytest.param(leaving(status(state=terminated(ago=300))), [UP], "unknown", "Pod/shop/api-5d4f9c-x1", id="the reason is unknown"),
    ],
)
def test_names_what_blocks_it(shown: KubeObject, more: list[KubeObject], cause: str, subject: str) -> None:
    [finding] = [finding for finding in found(shown, *more) if finding.type == TYPE]
    assert (finding.facts["cause"], str(finding.subject)) == (cause, subject)


def test_a_kubelet_that_cannot_stop_it_reports_it() -> None:
    shown = leaving()
    [finding] = found(shown, UP, event(shown, "FailedKillPod", "error killing pod: timeout", times=3))
    assert (finding.facts["cause"], finding.facts["message"]) == ("killFails", "error killing pod: timeout")


def test_a_pod_of_a_stateful_set_blocks_its_successor() -> None:
    sts = make("StatefulSet.apps", name="db", spec={"replicas": 3}, status={"availableReplicas": 1})
    top = deployment(replicas=3, available=2)
    between = replica_set(top, replicas=3)
    severities = [
        next(finding.severity for finding in found(shown, *more, UP) if finding.type == TYPE)
        for shown, more in (
            (leaving(ownerReferences=owned_by(sts)), [sts]),
            (leaving(ownerReferences=owned_by(between)), [between, top]),
        )
    ]
    assert severities == [Severity.HIGH, Severity.MEDIUM]


def test_a_change_of_its_node_examines_it_again() -> None:
    shown, stays = leaving(), pod(status(), name="stays")
    examined = detectors.examine(view_of(shown, stays, DOWN), [owners.ref(DOWN)], now=NOON).examined
    assert shown.uid in examined
    assert stays.uid not in examined
