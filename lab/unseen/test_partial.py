"""An explanation of an unseen fault claims nothing about what was not loaded."""

import pytest

from lab.unseen import fault, faults, measure
from optral.analysis.engine import engine
from optral.scan.explanation import Explainer, question_about
from tests.analysis.partial import false_claims


@pytest.mark.slow
def test_claims_nothing_about_what_was_not_loaded_of_an_unseen_fault() -> None:
    faults.load()
    assert {case.id: claims for case in fault.cases() if (claims := of_unseen(case))} == {}


def of_unseen(case: fault.Case) -> list[str]:
    cluster, _ = case.build()
    intake, scanned = measure.scan(cluster)
    explainer = Explainer(intake)
    found = []
    for root in scanned.roots:
        question, snap = question_about(root), explainer.snapshot_of(root)
        found += false_claims(question, snap, engine.explain(engine.investigate(question, snap)))
    return found
