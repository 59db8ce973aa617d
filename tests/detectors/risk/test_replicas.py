import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import make
from tests.detectors.risk.ask import service, where, workload

ONE = workload(replicas=1, available=1)
TWO = workload(replicas=2)
BUDGET = make("PodDisruptionBudget.policy", name="api", spec={"selector": {"matchLabels": {"app": "api"}}})
SCALER = make(
    "HorizontalPodAutoscaler.autoscaling",
    name="api",
    spec={"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}, "minReplicas": 2},
)
SPREAD = workload(spec={"topologySpreadConstraints": [{"topologyKey": "kubernetes.io/hostname"}]})
APART = workload(spec={"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1}]}}})
RECREATED = workload(outer={"strategy": {"type": "Recreate"}})
HOLDING = workload(
    outer={"strategy": {"type": "Recreate"}}, spec={"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]}
)
URGENT = make("PriorityClass.scheduling.k8s.io", name="urgent", namespace=None)
BUILT_IN = make("PriorityClass.scheduling.k8s.io", name="system-node-critical", namespace=None)


def rolling(share: int | str) -> KubeObject:
    return workload(outer={"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": share}}})


@pytest.mark.parametrize(
    ("kind", "things", "is_risky"),
    [
        ("SingleReplica", [ONE, service()], True),
        ("SingleReplica", [ONE], False),
        ("SingleReplica", [TWO, service()], False),
        ("SingleReplica", [ONE, service(), SCALER], False),
        ("PodDisruptionBudgetMissing", [TWO, service()], True),
        ("PodDisruptionBudgetMissing", [TWO, service(), BUDGET], False),
        ("PodDisruptionBudgetMissing", [ONE, service()], False),
        ("NoAntiAffinity", [TWO], True),
        ("NoAntiAffinity", [SPREAD], False),
        ("NoAntiAffinity", [APART], False),
        ("NoAntiAffinity", [ONE], False),
        ("RecreateStrategyOnServed", [RECREATED, service()], True),
        ("RecreateStrategyOnServed", [RECREATED], False),
        ("RecreateStrategyOnServed", [HOLDING, service()], False),
        ("MaxUnavailableAll", [rolling("100%"), service()], True),
        ("MaxUnavailableAll", [rolling(2), service()], True),
        ("MaxUnavailableAll", [rolling(1), service()], False),
        ("MaxUnavailableAll", [rolling("25%"), service()], False),
        ("PriorityClassNotSet", [TWO, URGENT], True),
        ("PriorityClassNotSet", [TWO, BUILT_IN], False),
        ("PriorityClassNotSet", [workload(spec={"priorityClassName": "urgent"}), URGENT], False),
    ],
)
def test_replicas(kind: str, things: list[KubeObject], is_risky: bool) -> None:
    assert bool(where(kind, *things)) is is_risky
