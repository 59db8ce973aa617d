"""The fit rises, follows what is right, and stays with the score where nothing was judged."""

from itertools import pairwise

import pytest

from optral.analysis import calibration
from tests.tools import calibrate
from tests.tools.calibrate import Judged


def judged(*pairs: tuple[float, bool], times: int = 40) -> list[Judged]:
    return [Judged(f"case {score} {index}", f"family {index % 6}", score, right) for score, right in pairs for index in range(times)]


def test_the_map_in_use_rises_from_nothing_and_promises_no_certainty() -> None:
    assert calibration.KNOTS[0] == (0.0, 0.0)
    assert all(a < b and low <= high for (a, low), (b, high) in pairwise(calibration.KNOTS))
    assert calibration.confidence(1.0) < 1.0
    assert calibration.confidence(0.3) == pytest.approx(0.3)


def test_the_fit_is_drawn_to_what_was_right() -> None:
    read = calibrate.through(calibrate.fit(judged((0.7, True), (0.9, True))))
    assert read(0.9) > 0.95
    read = calibrate.through(calibrate.fit(judged((0.9, True), (0.9, False))))
    assert 0.4 < read(0.9) < 0.8


def test_the_fit_rises_even_where_the_answers_do_not() -> None:
    knots = calibrate.fit(judged((0.6, True), (0.8, False), (0.95, True)))
    assert all(low <= high for (_, low), (_, high) in pairwise(knots))


def test_without_answers_the_score_stands() -> None:
    read = calibrate.through(calibrate.fit([]))
    assert all(read(score / 10) == pytest.approx(score / 10, abs=0.05) for score in range(10))


def test_answers_are_tried_on_maps_that_have_not_seen_their_family() -> None:
    found = [one._replace(family="alone") for one in judged((0.9, False))] + judged((0.9, True))
    confidences = {confidence for one, confidence in calibrate.out_of_fold(found) if one.family == "alone"}
    assert min(confidences) > 0.9


def test_a_picture_and_its_figures_come_out_of_any_answers() -> None:
    found = calibrate.figures(judged((0.9, True), (0.6, False)))
    low, high = found["interval"]
    assert 0 <= low <= high <= 1
    assert calibrate.picture(found).count("<circle") == len(found["bins"])
