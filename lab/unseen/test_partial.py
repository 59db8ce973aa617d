"""An explanation of an unseen fault claims nothing about what was not loaded."""

import pytest

from lab.unseen import fault, faults, measure
from tests.analysis.partial import false_claims


@pytest.mark.slow
def test_claims_nothing_about_what_was_not_loaded_of_an_unseen_fault() -> None:
    faults.load()
    assert {case.id: claims for case in fault.cases() if (claims := of_unseen(case))} == {}


def of_unseen(case: fault.Case) -> list[str]:
    return [claim for question, snap, answer in measure.answers(case) for claim in false_claims(question, snap, answer)]
