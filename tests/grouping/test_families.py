"""How severe a cause is, and the order of issues."""

from dataclasses import replace

import pytest

from optral.detectors.impact import Impact
from optral.grouping import families
from optral.grouping.model import Failure
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from tests.grouping.graphs import failing

QUOTA = failing("ResourceQuotaExceeded", ObjectRef("ResourceQuota", "shop", "compute"))


def symptom(number: int, severity: Severity = Severity.HIGH, namespace: str = "shop", *, is_raised: bool = False) -> Failure:
    name = f"web-{number}"
    affected = Impact({("Deployment", namespace, name): 2}, reason=f"{name} is {severity}.", is_raised=is_raised)
    return replace(failing("FailedCreate", ObjectRef("Deployment.apps", namespace, name)), severity=severity, impact=affected)


TEAMS = [symptom(n, namespace=f"team-{n}") for n in range(5)]


@pytest.mark.parametrize(
    ("symptoms", "expected", "reason"),
    [
        pytest.param([], Severity.HIGH, "", id="alone"),
        pytest.param([symptom(1, Severity.MEDIUM)], Severity.HIGH, "", id="a milder symptom"),
        pytest.param([symptom(1), symptom(2, Severity.CRITICAL)], Severity.CRITICAL, "web-2 is critical.", id="its worst symptom"),
        pytest.param([symptom(n) for n in range(9)], Severity.HIGH, "", id="nine workloads"),
        pytest.param([symptom(n) for n in range(10)], Severity.CRITICAL, "It stops 10 workloads in 1 namespace.", id="ten workloads"),
        pytest.param([symptom(n, Severity.MEDIUM) for n in range(40)], Severity.HIGH, "", id="forty that still serve"),
        pytest.param([symptom(n, is_raised=True) for n in range(40)], Severity.HIGH, "", id="forty that a setting counts higher"),
        pytest.param(
            [symptom(n, namespace=f"team-{n}") for n in range(5)],
            Severity.CRITICAL,
            "It stops 5 workloads in 5 namespaces.",
            id="namespaces",
        ),
    ],
)
def test_a_cause_is_as_severe_as_its_worst_symptom_and_critical_if_it_stops_many(
    symptoms: list[Failure], expected: Severity, reason: str
) -> None:
    severity, affected = families.rate(QUOTA, symptoms)
    assert (severity, affected.reason) == (expected, reason)
    assert (affected.counts.workloads, affected.counts.pods) == (len(symptoms), 2 * len(symptoms))


def test_orders_by_severity_then_the_cluster_then_workloads_then_pods() -> None:
    def of(severity: Severity, *, wide: bool = False, workloads: int = 0, pods: int = 0) -> int:
        return families.urgency(severity, is_cluster_wide=wide, workloads=workloads, pods=pods)

    order = [
        of(Severity.CRITICAL, wide=True),
        of(Severity.CRITICAL, workloads=2_000_000, pods=1),
        of(Severity.CRITICAL, workloads=3, pods=100_000_000),
        of(Severity.CRITICAL, workloads=3, pods=8),
        of(Severity.HIGH, wide=True, workloads=9),
        of(Severity.HIGH),
        of(Severity.LOW),
    ]
    assert order == sorted(order, reverse=True)
    assert len(set(order)) == len(order)
    assert order[0] < 2**63
