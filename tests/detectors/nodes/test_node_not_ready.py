import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import condition, deployment, make, only, pod, replica_set, status, when

TYPE = "NodeNotReady"
DOWN = condition("Ready", "False", reason="KubeletNotReady", message="container runtime is down", ago=120)
LOST = condition("Ready", "Unknown", reason="NodeStatusUnknown", ago=120)


def node(*conditions: dict[str, object], ago: float = 90_000, **spec: object) -> KubeObject:
    return make("Node", name="node-1", namespace=None, ago=ago, spec=spec, status={"conditions": list(conditions)})


@pytest.mark.parametrize(
    ("shown", "opens_at"),
    [
        pytest.param(node(DOWN), when(60), id="not ready"),
        pytest.param(node(LOST), when(60), id="stopped reporting"),
        pytest.param(node(DOWN, unschedulable=True), when(120 - 900), id="cordoned: maintenance gets fifteen minutes"),
        pytest.param(node(DOWN, ago=130), when(130 - 300), id="just joined"),
    ],
)
def test_opens_after_its_patience(shown: KubeObject, opens_at: object) -> None:
    [finding] = only(TYPE, shown)
    assert (finding.opens_at, str(finding.subject)) == (opens_at, "Node/node-1")


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(node(condition("Ready")), id="ready"),
        pytest.param(node(), id="it has not said anything yet"),
        pytest.param(node(DOWN, taints=[{"key": "ToBeDeletedByClusterAutoscaler", "effect": "NoSchedule"}]), id="being scaled away"),
        pytest.param(node(DOWN, condition("MaintenanceInProgress")), id="in maintenance"),
        pytest.param(node(condition("Ready"), condition("EtcdIsVoter")), id="a condition of a distribution"),
    ],
)
def test_healthy_and_removed_nodes_are_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []


def _app(name: str) -> list[KubeObject]:
    top = deployment(name)
    between = replica_set(top, name=f"{name}-1")
    return [top, between, pod(status(name), name=f"{name}-1-x", owner=between)]


def test_its_severity_depends_on_its_workloads() -> None:
    assert only(TYPE, node(DOWN))[0].severity is Severity.HIGH
    assert only(TYPE, node(DOWN), *_app("one"))[0].severity is Severity.HIGH
    assert only(TYPE, node(LOST), *_app("one"))[0].severity is Severity.CRITICAL
    [finding] = only(TYPE, node(DOWN), *_app("one"), *_app("two"))
    assert finding.severity is Severity.CRITICAL
    assert finding.facts["workloads"] == ["Deployment/shop/one", "Deployment/shop/two"]
