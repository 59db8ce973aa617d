"""Which changes of a plan a bound is about."""

from typing import Any

import pytest

from optral.runbooks.definition import Action, Bound
from optral.runbooks.plans import out_of_bounds


@pytest.mark.parametrize(
    ("path", "bound", "is_about"),
    [
        pytest.param("spec.template.spec.containers[api].resources.limits.memory", "limits.memory", True, id="the end of the path"),
        pytest.param("spec.replicas", "replicas", True, id="one word"),
        pytest.param("spec.minReplicas", "replicas", False, id="part of a word"),
        pytest.param("spec.hard[limits.memory]", "hard", True, id="an entry in brackets"),
        pytest.param("spec.hard.pods", "hard", True, id="an entry"),
        pytest.param("spec.hardware", "hard", False, id="the beginning of a word"),
        pytest.param("spec.hard.deep.er", "hard", False, id="deeper than an entry"),
    ],
)
def test_a_bound_is_about_a_field_or_the_entries_of_a_map(path: str, bound: str, is_about: bool) -> None:
    action = Action(name="x", verb="patch", values={}, bounds=(Bound(path=bound, max_factor=2),))
    change: dict[str, Any] = {"path": path, "from": "1", "to": "3"}
    assert (out_of_bounds(action, [change]) is not None) is is_about


@pytest.mark.parametrize(
    ("before", "after", "is_refused"), [(2, 8, False), (2, 9, True), (2, 16, True), (0, 10, False), ("0", "50", False), ("1", "10", False)]
)
def test_a_factor_limits_what_is_neither_zero_now_nor_small(before: object, after: object, is_refused: bool) -> None:
    up_to = "10" if isinstance(before, str) else None
    action = Action(name="x", verb="scale", values={}, bounds=(Bound(path="replicas", max_factor=4, up_to=up_to),))
    change = {"path": "spec.replicas", "from": before, "to": after}
    assert (out_of_bounds(action, [change]) is not None) is is_refused
