from typing import Any

import pytest

from optral.detectors.nodes import node_pressure
from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, condition, make, only, pod, when


def node(*conditions: dict[str, object], **more: Any) -> KubeObject:
    return make("Node", name="node-1", namespace=None, ago=90_000, status={"conditions": list(conditions)}, **more)


@pytest.mark.parametrize("name", ["MemoryPressure", "DiskPressure", "PIDPressure"])
def test_opens_after_a_minute_and_ends_after_five_healthy_ones(name: str) -> None:
    [finding] = only(f"Node{name}", node(condition("Ready"), condition(name, reason="KubeletHas", ago=100)))
    assert (finding.since, finding.opens_at, finding.severity) == (when(100), when(40), Severity.HIGH)
    assert {detector.resolve_after_s for detector in node_pressure.DETECTORS} == {300}


def test_names_the_evicted_pods() -> None:
    out = pod(phase="Failed", name="api-x", pod_status={"reason": "Evicted", "message": "The node was low on resource: memory."})
    [finding] = only("NodeMemoryPressure", node(condition("MemoryPressure")), out)
    assert finding.facts["evictedPods"] == ["shop/api-x"]


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(node(condition("MemoryPressure", "False")), id="no pressure"),
        pytest.param(node(condition("MemoryPressure", "Unknown")), id="nobody reports"),
        pytest.param(node(condition("MemoryPressure"), condition("DrainInProgress")), id="being drained"),
        pytest.param(node(condition("MemoryPressure"), meta={"deletionTimestamp": at(10)}), id="being deleted"),
    ],
)
def test_nodes_without_pressure_or_being_removed(shown: KubeObject) -> None:
    assert only("NodeMemoryPressure", shown) == []
