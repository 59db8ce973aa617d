"""Which changes of a plan a bound is about."""

from typing import Any

import pytest

from optral.kube.quantities import to_milli
from optral.runbooks.builtin import builtin
from optral.runbooks.executions.plans import out_of_bounds
from optral.runbooks.language.definition import Action, Bound
from optral.terms import bounds


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


LIMITED = [(one, step, bound) for one in builtin.all_of_them().values() for step in one.definition.steps for bound in step.bounds]


@pytest.mark.parametrize(("one", "step", "bound"), LIMITED, ids=lambda value: getattr(value, "path", ""))
@pytest.mark.parametrize(("before", "after"), [(100, 100), (100, 101), (100, 400), (100, 401), (0, 5), (10**9, 4 * 10**9 + 1)])
def test_an_analysis_suggests_no_value_that_the_runbook_refuses(
    one: builtin.Builtin, step: Action, bound: Bound, before: int, after: int
) -> None:
    """Both use one rule; only a volume may grow further than other values, and no analysis suggests its size by a factor."""
    up_to = 0 if bound.up_to is None else to_milli(bound.up_to)
    change = {"path": bound.path, "from": f"{before}m", "to": f"{after}m"}
    if bounds.is_raise(before, after, up_to=up_to):
        assert out_of_bounds(step, [change]) is None
    elif bound.only_raise and one.definition.slug != "expand-volume":
        assert out_of_bounds(step, [change]) is not None
