from typing import Any

import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import container, make
from tests.detectors.risk.ask import where, workload


def sized(requests: dict[str, str], limits: dict[str, str]) -> KubeObject:
    return workload(container(resources={"requests": requests, "limits": limits}))


def scaler(resource: str = "cpu", **target: Any) -> KubeObject:
    wanted = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"} | target
    metrics = [{"type": "Resource", "resource": {"name": resource}}]
    return make("HorizontalPodAutoscaler.autoscaling", name="api", spec={"scaleTargetRef": wanted, "metrics": metrics})


@pytest.mark.parametrize(
    ("kind", "things", "names"),
    [
        ("RequestsMissing", [sized({}, {})], ["api"]),
        ("RequestsMissing", [sized({"cpu": "1"}, {"memory": "1Gi"})], []),
        ("RequestsMissing", [sized({"cpu": "1"}, {})], ["api"]),
        ("LimitsMissing", [sized({"memory": "1Gi"}, {"cpu": "1"})], ["api"]),
        ("LimitsMissing", [sized({}, {"memory": "1Gi"})], []),
        ("HPATargetWithoutRequests", [sized({"memory": "1Gi"}, {}), scaler()], ["api (cpu)"]),
        ("HPATargetWithoutRequests", [sized({"cpu": "1"}, {}), scaler()], []),
        ("HPATargetWithoutRequests", [sized({}, {}), scaler(name="other")], []),
    ],
)
def test_requests_and_limits(kind: str, things: list[KubeObject], names: list[str]) -> None:
    assert where(kind, *things) == names
