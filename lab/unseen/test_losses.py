"""A new analysis of an unseen fault that lost evidence never takes the place of a better answer."""

import pytest

from lab.unseen import fault, faults, measure
from optral.analysis.engine import engine
from optral.scan.explanation import Explainer, question_about
from tests.analysis.losses import worse_answers


@pytest.mark.slow
def test_the_answer_shown_is_not_worse_after_any_loss_of_an_unseen_fault() -> None:
    faults.load()
    assert {case.id: worse for case in fault.cases() if (worse := of_unseen(case))} == {}


def of_unseen(case: fault.Case) -> list[str]:
    cluster, _ = case.build()
    intake, scanned = measure.scan(cluster)
    explainer = Explainer(intake)
    found = []
    for root in scanned.roots:
        question, snap = question_about(root), explainer.snapshot_of(root)
        before = engine.explain(engine.investigate(question, snap))
        if before.root_cause is not None:
            found += worse_answers(question, snap, before)
    return found
