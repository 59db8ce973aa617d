from typing import Any

import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import NOON, at, condition, deployment, make, only, pod, replica_set, when

TYPE = "NodeCordoned"
KEY = "node.kubernetes.io/unschedulable"
CLOSED = "0/3 nodes are available: 1 node(s) had untolerated taint {a: b}, 2 node(s) were unschedulable. preemption: 0/3 nodes."


def node(name: str = "node-1", *, closed: float | None = 8000, labels: dict[str, str] | None = None, **spec: Any) -> KubeObject:
    taints = [{"key": KEY, "effect": "NoSchedule"} | ({"timeAdded": at(closed)} if closed is not None else {})]
    meta = {"labels": labels or {}}
    return make("Node", name=name, namespace=None, ago=90_000, meta=meta, spec={"unschedulable": True, "taints": taints} | spec)


def waiting(message: str = CLOSED, *, selector: dict[str, str] | None = None, ago: float = 100) -> KubeObject:
    return pod(
        phase="Pending",
        spec={"nodeName": "", "nodeSelector": selector or {}},
        conditions=[condition("PodScheduled", "False", reason="Unschedulable", message=message, ago=ago)],
    )


def test_a_cordon_of_two_hours_may_be_forgotten() -> None:
    [finding] = only(TYPE, node())
    assert (finding.since, finding.opens_at, finding.severity) == (when(8000), when(800), Severity.LOW)


def test_without_a_time_the_first_examination_counts() -> None:
    [finding] = only(TYPE, node(closed=None))
    assert (finding.since, finding.is_onset_unknown) == (NOON, True)


def test_pods_that_wait_for_the_node_make_it_urgent() -> None:
    findings = only(TYPE, node(closed=300), waiting())
    [urgent] = [finding for finding in findings if finding.shown_by.kind == "Pod"]
    assert (str(urgent.subject), urgent.severity, urgent.opens_at) == ("Node/node-1", Severity.HIGH, when(40))


def test_of_several_cordoned_nodes_the_last_one_is_reported_and_all_are_named() -> None:
    findings = only(TYPE, node("node-1", closed=900), node("node-2", closed=300), waiting())
    [urgent] = [finding for finding in findings if finding.shown_by.kind == "Pod"]
    assert (urgent.subject.name, urgent.facts["closedNodes"]) == ("node-2", ["node-1", "node-2"])


BESIDE = "0/2 nodes are available: 1 node(s) didn't match {}, 1 node(s) were unschedulable."
ZONES = [{"topologyKey": "topology.kubernetes.io/zone"}]
TOP = deployment()
SPREAD = deployment(spec={"template": {"spec": {"topologySpreadConstraints": ZONES}}})


def twins(message: str, top: KubeObject) -> list[KubeObject]:
    """A pod that waits, and another of its Deployment on the closed node."""
    told = condition("PodScheduled", "False", reason="Unschedulable", message=message, ago=100)
    between = replica_set(top)
    waits = pod(name="api-1", owner=between, phase="Pending", spec={"nodeName": ""}, conditions=[told])
    return [node(), top, between, waits, pod(name="api-2", owner=between, spec={"nodeName": "node-1"})]


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([node(), waiting("0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.")], id="lacks room too"),
        pytest.param([node(), waiting(selector={"disk": "ssd"})], id="would not fit here"),
        pytest.param(twins(BESIDE.format("pod anti-affinity rules"), TOP), id="a twin is there"),
        pytest.param(twins(BESIDE.format("pod topology spread constraints"), SPREAD), id="it is in no zone"),
        pytest.param([node(), waiting("0/3 nodes are available: 3 node(s) had untolerated taint {a: b}.")], id="waits for another reason"),
    ],
)
def test_pods_that_would_wait_anyway_do_not_count(things: list[KubeObject]) -> None:
    assert [finding.severity for finding in only(TYPE, *things)] == [Severity.LOW]


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(make("Node", name="node-1", namespace=None), id="open"),
        pytest.param(node(labels={"node-role.kubernetes.io/control-plane": ""}), id="of the control plane"),
        pytest.param(node(labels={"kubernetes.io/role": "master"}), id="of an old control plane"),
        pytest.param(node(taints=[{"key": KEY}, {"key": "ToBeDeletedByClusterAutoscaler"}]), id="being scaled away"),
    ],
)
def test_nodes_without_a_cordon_or_cordoned_on_purpose(shown: KubeObject) -> None:
    assert only(TYPE, shown, waiting()) == []
