from typing import Any

import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import condition, make, pod, tuned
from tests.detectors.risk.ask import where, workload


def budget(name: str = "api", *, healthy: int = 2, expected: int = 2, allowed: int = 1, app: str = "api", **status: Any) -> KubeObject:
    counts = {"currentHealthy": healthy, "desiredHealthy": 1, "expectedPods": expected, "disruptionsAllowed": allowed}
    return make("PodDisruptionBudget.policy", name=name, spec={"selector": {"matchLabels": {"app": app}}}, status=counts | status)


def quota(used: str) -> KubeObject:
    return make("ResourceQuota", name="q", spec={"hard": {"pods": "10"}}, status={"hard": {"pods": "10"}, "used": {"pods": used}})


@pytest.mark.parametrize(
    ("kind", "things", "names"),
    [
        ("PDBBlocksEviction", [budget(allowed=0), workload()], ["allows no eviction while all pods are healthy"]),
        ("PDBBlocksEviction", [budget(), workload()], []),
        ("PDBBlocksEviction", [budget(allowed=0, healthy=1), workload()], []),
        ("PDBBlocksEviction", [budget(app="ap", expected=0), workload()], ["selects no pod"]),
        ("PDBBlocksEviction", [budget(expected=0), pod()], []),
        ("PDBBlocksEviction", [budget(), budget("b"), workload()], ["shares pods with b", "shares pods with api"]),
        (
            "PDBBlocksEviction",
            [budget(conditions=[condition("DisruptionAllowed", "False", reason="SyncFailed")])],
            ["it cannot be computed"],
        ),
        ("ResourceQuotaAlmostFull", [quota("9")], ["pods"]),
        ("ResourceQuotaAlmostFull", [quota("10")], []),
        ("ResourceQuotaAlmostFull", [quota("8")], []),
    ],
)
def test_limits_that_are_too_tight(kind: str, things: list[KubeObject], names: list[str]) -> None:
    assert where(kind, *things) == names


def test_the_share_at_which_a_quota_is_almost_full_can_be_set() -> None:
    [finding] = tuned("ResourceQuotaAlmostFull", quota("8"), fullFrom=0.8)
    assert finding.facts == {"where": ["pods"], "fullFrom": 0.8}
    assert "(80% used, or more)" in finding.title
    assert tuned("ResourceQuotaAlmostFull", quota("9"), fullFrom=0.95) == []
