"""A slip is proposed to be mended by the value that was meant."""

import pytest

from tests.analysis.cases import slips


@pytest.mark.parametrize(
    ("ask", "title"),
    [
        (slips.slips_in_its_only_label, "Let Service lookup select app=found"),
        (slips.slips_in_one_of_many_labels, "Let Service lookup select app.kubernetes.io/name=ledger"),
        (slips.selects_by_another_key, "Let Service lookup select app=found"),
        (slips.has_its_pods_in_another_namespace, "Move Service lookup to the namespace of its pods, or the other way round"),
        (slips.guards_nobody, "Let PodDisruptionBudget found-budget select app=found"),
        (slips.protects_nobody, "Let NetworkPolicy found-only select app=found"),
        (slips.scales_a_name_that_slipped, "Let scaleTargetRef name Deployment found"),
        (slips.scales_another_kind, "Let scaleTargetRef name Deployment found"),
        (slips.is_entered_by_a_name_that_slipped, "Let the Ingress send to Service lookup"),
    ],
)
def test_proposes_what_was_meant(ask: object, title: str) -> None:
    _, found = ask()  # type: ignore[operator]
    assert title in [one["title"] for one in found.body["recommendedActions"]]
    assert found.confidence > 0.85


def test_is_not_sure_of_pods_that_another_service_leads_to() -> None:
    _, found = slips.shares_only_what_everybody_has()
    assert found.confidence < 0.65
