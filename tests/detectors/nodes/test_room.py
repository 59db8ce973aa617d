from typing import Any

from optral import detectors
from optral.detectors.finding import Finding
from optral.kube.objects import KubeObject
from tests.detectors.build import NOON, container, make, pod, status, tuned, view_of


def risks(kind: str, *things: KubeObject) -> list[Finding]:
    found = detectors.examine_all(view_of(*things), now=NOON, include_risk=True).findings
    return [finding for finding in found if finding.type == kind]


def node(name: str = "node-1", *, pods: int = 20, cpu: str = "4", memory: str = "8Gi", **spec: Any) -> KubeObject:
    return make("Node", name=name, namespace=None, spec=spec, status={"allocatable": {"pods": str(pods), "cpu": cpu, "memory": memory}})


def asks(number: int, cpu: str = "100m", memory: str = "64Mi", phase: str = "Running") -> KubeObject:
    wants = container(resources={"requests": {"cpu": cpu, "memory": memory}})
    return pod(status(), name=f"api-{number}", phase=phase, containers=[wants])


def test_a_node_that_is_nearly_full_of_pods() -> None:
    assert risks("NodePodCapacity", node(), *(asks(number) for number in range(19))) == []
    [finding] = risks("NodePodCapacity", node(), *(asks(number) for number in range(20)))
    assert (str(finding.subject), finding.is_onset_unknown, finding.category) == ("Node/node-1", True, "risk")


def test_finished_pods_use_no_capacity() -> None:
    assert risks("NodePodCapacity", node(), *(asks(number, phase="Succeeded") for number in range(20))) == []


def test_requests_that_would_not_fit_without_the_largest_node() -> None:
    nodes = [node("a"), node("b")]
    assert risks("ClusterOvercommit", *nodes, *(asks(number, "2") for number in range(2))) == []
    [finding] = risks("ClusterOvercommit", *nodes, *(asks(number, "2") for number in range(3)))
    assert (finding.part, str(finding.subject), finding.shown_by.name) == ("cpu", "Cluster/cluster", "a")


def test_a_single_node_has_no_reserve_and_cordoned_nodes_do_not_count() -> None:
    many = [asks(number, "2") for number in range(3)]
    assert risks("ClusterOvercommit", node("a"), *many) == []
    assert risks("ClusterOvercommit", node("a"), node("b", unschedulable=True), *many) == []


def test_unreadable_amounts_count_as_zero() -> None:
    assert risks("ClusterOvercommit", node("a"), node("b"), asks(1, "lots")) == []


def test_the_share_at_which_a_node_is_nearly_full_can_be_set() -> None:
    pods = [asks(number) for number in range(17)]
    assert tuned("NodePodCapacity", node(), *pods) == []
    [finding] = tuned("NodePodCapacity", node(), *pods, fullFrom=0.8)
    assert finding.facts["share"] == 0.8
