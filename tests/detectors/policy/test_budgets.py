from typing import Any

import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import condition, deployment, make, only, when

TYPE = "PDBInsufficientHealthyPods"


def budget(healthy: int, wanted: int, expected: int, **more: Any) -> KubeObject:
    told = condition("DisruptionAllowed", "False", reason="InsufficientPods", ago=100)
    counts = {"currentHealthy": healthy, "desiredHealthy": wanted, "expectedPods": expected, "conditions": [told], "observedGeneration": 1}
    return make("PodDisruptionBudget.policy", name="api", spec={"selector": {"matchLabels": {"app": "api"}}}, status=counts, **more)


def test_too_few_healthy_pods_name_the_workload_as_candidate_cause() -> None:
    [finding] = only(TYPE, budget(1, 2, 3), deployment("api", replicas=3, available=1), deployment("web"))
    assert (finding.since, finding.opens_at, finding.severity) == (when(100), when(100 - 900), Severity.MEDIUM)
    assert [str(suspect.ref) for suspect in finding.suspects] == ["Deployment/shop/api"]


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(budget(2, 2, 2), id="just enough"),
        pytest.param(budget(0, 1, 0), id="scaled to zero"),
        pytest.param(budget(2, 3, 2), id="asks for more than there ever are"),
        pytest.param(budget(1, 2, 2, meta={"generation": 2}), id="its status is about an older spec"),
        pytest.param(budget(1, 2, 2, meta={"deletionTimestamp": "2026-03-02T11:59:00Z"}), id="going away"),
    ],
)
def test_budgets_that_are_met_are_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown, deployment("api")) == []
