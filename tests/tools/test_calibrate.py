"""The fit rises, follows what is right, and stays with the prior where nothing was judged."""

from itertools import pairwise

import pytest

from optral.analysis import calibration
from optral.analysis.calibration import Level
from tests.tools import calibrate
from tests.tools.calibrate import PRIOR, Judged


def judged(*pairs: tuple[Level, bool], times: int = 40) -> list[Judged]:
    return [Judged(f"case {level} {index}", f"family {index % 6}", level, right) for level, right in pairs for index in range(times)]


def test_the_table_in_use_covers_every_level_rises_and_promises_no_certainty() -> None:
    values = [calibration.PROBABILITY[level] for level in Level]
    assert list(calibration.PROBABILITY) == list(Level)
    assert all(low < high for low, high in pairwise(values))
    assert 0 < values[0] < values[-1] < 1


def test_the_fit_is_drawn_to_what_was_right() -> None:
    assert calibrate.fit(judged((Level.LIKELY, True), (Level.STRONG, True)))[Level.STRONG] > 0.95
    assert 0.4 < calibrate.fit(judged((Level.STRONG, True), (Level.STRONG, False)))[Level.STRONG] < 0.8


def test_the_fit_rises_even_where_the_answers_do_not() -> None:
    table = calibrate.fit(judged((Level.PLAUSIBLE, True), (Level.STRONG, False), (Level.PROVEN, True)))
    assert all(low <= high for low, high in pairwise(table.values()))
    assert list(table) == list(Level)


def test_without_answers_the_prior_stands() -> None:
    assert calibrate.fit([]) == pytest.approx(PRIOR)


def test_answers_are_tried_on_tables_that_have_not_seen_their_family() -> None:
    found = [one._replace(family="alone") for one in judged((Level.STRONG, False))] + judged((Level.STRONG, True))
    confidences = {confidence for one, confidence in calibrate.out_of_fold(found) if one.family == "alone"}
    assert min(confidences) > 0.9


def test_a_picture_and_its_figures_come_out_of_any_answers() -> None:
    found = calibrate.figures(judged((Level.STRONG, True), (Level.PLAUSIBLE, False)))
    low, high = found["interval"]
    assert 0 <= low <= high <= 1
    assert calibrate.picture(found).count("<circle") == len(found["bins"])
