"""A new analysis of an unseen fault that lost evidence never takes the place of a better answer."""

import pytest

from lab.unseen import fault, faults, measure
from tests.analysis.losses import worse_answers


@pytest.mark.slow
def test_the_answer_shown_is_not_worse_after_any_loss_of_an_unseen_fault() -> None:
    faults.load()
    assert {case.id: worse for case in fault.cases() if (worse := of_unseen(case))} == {}


def of_unseen(case: fault.Case) -> list[str]:
    named = (one for one in measure.answers(case) if one[2].root_cause is not None)
    return [worse for question, snap, before in named for worse in worse_answers(question, snap, before)]
