import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import condition, make, only, when

TYPE = "NodeNetworkUnavailable"


def node(network: str, ready: str = "True", *, ago: float = 90_000, **spec: object) -> KubeObject:
    conditions = [condition("NetworkUnavailable", network, reason="NoRouteCreated", ago=120), condition("Ready", ready)]
    return make("Node", name="node-1", namespace=None, ago=ago, spec=spec, status={"conditions": conditions})


@pytest.mark.parametrize(
    ("shown", "opens_at"),
    [
        pytest.param(node("True"), when(60), id="no route"),
        pytest.param(node("Unknown", "Unknown"), when(60), id="unknown on a node that is lost"),
        pytest.param(node("True", ago=130), when(130 - 300), id="just joined"),
    ],
)
def test_opens_after_its_patience(shown: KubeObject, opens_at: object) -> None:
    [finding] = only(TYPE, shown)
    assert (finding.opens_at, finding.severity) == (opens_at, Severity.CRITICAL)


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(node("False"), id="network is up"),
        pytest.param(node("Unknown"), id="unknown on a ready node"),
        pytest.param(node("True", taints=[{"key": "ToBeDeletedByClusterAutoscaler"}]), id="being scaled away"),
    ],
)
def test_a_node_with_a_pod_network_is_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []
