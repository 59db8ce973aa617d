"""The fitted table rises, follows the share of right answers, and keeps the prior without answers."""

from itertools import pairwise

import pytest

from lab.tools import calibrate
from lab.tools.calibrate import PRIOR, GradedAnswer
from optral.analysis.engine import calibration
from optral.analysis.engine.calibration import Level


def graded(*pairs: tuple[Level, bool], times: int = 40) -> list[GradedAnswer]:
    return [GradedAnswer(f"case {level} {index}", f"family {index % 6}", level, right) for level, right in pairs for index in range(times)]


def test_the_table_in_use_covers_every_level_rises_and_promises_no_certainty() -> None:
    values = [calibration.PROBABILITY[level] for level in Level]
    assert list(calibration.PROBABILITY) == list(Level)
    assert all(low < high for low, high in pairwise(values))
    assert 0 < values[0] < values[-1] < 1


def test_the_fit_follows_the_share_of_right_answers() -> None:
    assert calibrate.fit(graded((Level.LIKELY, True), (Level.STRONG, True), times=160))[Level.STRONG] > 0.95
    assert 0.4 < calibrate.fit(graded((Level.STRONG, True), (Level.STRONG, False), times=160))[Level.STRONG] < 0.8


def test_the_fit_rises_even_if_the_answers_do_not() -> None:
    table = calibrate.fit(graded((Level.PLAUSIBLE, True), (Level.STRONG, False), (Level.PROVEN, True)))
    assert all(low <= high for low, high in pairwise(table.values()))
    assert list(table) == list(Level)


def test_without_answers_the_fit_is_the_prior() -> None:
    assert calibrate.fit([]) == pytest.approx(PRIOR)


def test_the_interval_of_a_row_counts_kinds_of_fault_and_not_answers() -> None:
    table = calibrate.fit([])
    one_kind = [one._replace(kind="bad limit") for one in graded((Level.LIKELY, True))]
    many = [one._replace(kind=one.case) for one in one_kind]
    narrow, wide = calibrate.row("many", many, table), calibrate.row("one", one_kind, table)
    assert narrow[1:4] == wide[1:4] == pytest.approx((40, PRIOR[Level.LIKELY], 1.0))
    assert narrow.low > 0.9 > 0.3 > wide.low
    assert wide.is_inside and not narrow.is_inside


def test_held_out_answers_are_shown_by_level_and_by_evidence() -> None:
    few = graded((Level.STRONG, True), (Level.LIKELY, False), times=3)
    found = calibrate.rows([one._replace(source=calibrate.OBJECTS, is_complete=one.is_right) for one in few], calibrate.fit([]))
    assert [(one.name, one.answers) for one in found] == [
        ("level likely, also with less evidence", 3),
        ("level strong", 3),
        ("level strong, also with less evidence", 3),
        ("evidence: objects alone", 3),
    ]


def test_answers_are_validated_on_tables_fitted_without_their_family() -> None:
    found = [one._replace(family="alone") for one in graded((Level.STRONG, False))] + graded((Level.STRONG, True))
    confidences = {confidence for one, confidence in calibrate.out_of_fold(found) if one.family == "alone"}
    assert min(confidences) > 0.9


def test_draws_one_circle_per_bin() -> None:
    found = calibrate.figures(graded((Level.STRONG, True), (Level.PLAUSIBLE, False)))
    low, high = found["interval"]
    assert 0 <= low <= high <= 1
    assert calibrate.picture(found).count("<circle") == len(found["bins"])
