import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import make, pod
from tests.detectors.risk.ask import service, where, workload

SHOP = make("Namespace", name="shop", namespace=None)


def policy(**selector: str) -> KubeObject:
    return make("NetworkPolicy.networking.k8s.io", name="deny", spec={"podSelector": {"matchLabels": selector}})


@pytest.mark.parametrize(
    ("kind", "things", "is_risky"),
    [
        ("NetworkPolicyMissing", [SHOP, workload()], True),
        ("NetworkPolicyMissing", [SHOP, workload(), policy()], False),
        ("NetworkPolicyMissing", [SHOP], False),
        ("NetworkPolicyMatchesNothing", [policy(app="ap"), workload()], True),
        ("NetworkPolicyMatchesNothing", [policy(app="api"), workload()], False),
        ("NetworkPolicyMatchesNothing", [policy(app="api"), pod()], False),
        ("NetworkPolicyMatchesNothing", [policy()], False),
        ("ServiceExposed", [service(type="NodePort")], True),
        ("ServiceExposed", [service(type="LoadBalancer")], True),
        ("ServiceExposed", [service()], False),
    ],
)
def test_network_isolation(kind: str, things: list[KubeObject], is_risky: bool) -> None:
    assert bool(where(kind, *things)) is is_risky
