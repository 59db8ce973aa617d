"""A new analysis that lost evidence never takes the place of a better answer."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest

from optral.analysis.engine import engine, weaker
from optral.analysis.model import Explanation
from tests.analysis.cases import CASES
from tests.analysis.cluster import Json, World, recorded
from tests.analysis.losses import worse_answers

NAMES = sorted(CASES)
SAMPLE = NAMES[::12]


def of_the_book(name: str) -> list[str]:
    world, before = CASES[name][2]()
    assert world.asked is not None
    return worse_answers(world.asked, world.snapshot(), before)


@pytest.mark.parametrize("name", SAMPLE)
def test_the_answer_shown_is_not_worse_after_a_loss(name: str) -> None:
    assert of_the_book(name) == []


@pytest.mark.slow
def test_the_answer_shown_is_not_worse_after_any_loss_in_any_case() -> None:
    assert {name: worse for name in NAMES if (worse := of_the_book(name))} == {}


def without_logs(world: World) -> World:
    world = world.copy()
    world.logs = {}
    return world


def is_kept(before: Explanation, world: World, *, minutes: int = 5) -> bool:
    assert world.asked is not None
    investigation = engine.investigate(world.asked, world.snapshot())
    since = investigation.case.now - timedelta(minutes=minutes)
    return weaker.is_weaker(before.body, engine.explain(investigation), investigation.case, since=since)


def edited(world: World, kind: str, name: str, change: Callable[[Json], None]) -> World:
    """The cluster with another version of one object."""
    world = world.copy()
    world.objects = [deepcopy(one) if (one["kind"], one["metadata"]["name"]) == (kind, name) else one for one in world.objects]
    change(next(one for one in world.objects if (one["kind"], one["metadata"]["name"]) == (kind, name)))
    return world


def switched_off() -> tuple[World, Explanation]:
    """A crash whose log names a Service; the workload behind it has no replicas."""
    return CASES[SCALED][2]()


SCALED = next(name for name in NAMES if CASES[name][0] == "scaled_to_zero" and CASES[name][2]()[0].logs)
BEHIND = CASES[SCALED][1]


def test_an_answer_stands_without_the_log_that_it_rests_on() -> None:
    world, before = switched_off()
    assert is_kept(before, without_logs(world))


def test_an_answer_goes_when_its_workload_is_scaled_up() -> None:
    world, before = switched_off()
    assert not is_kept(before, edited(without_logs(world), "Deployment", BEHIND, lambda one: one["spec"].update(replicas=1)))


def test_an_answer_goes_with_the_object_that_it_names() -> None:
    world, before = switched_off()
    world = without_logs(world)
    world.objects = [one for one in world.objects if one["metadata"]["name"] != BEHIND]
    assert not is_kept(before, world)


def test_an_answer_goes_when_its_container_says_something_else() -> None:
    world, before = switched_off()
    world = world.copy()
    world.logs = dict.fromkeys(world.logs, "something nobody has ever written\n")
    assert not is_kept(before, world)


def test_the_same_line_at_another_time_is_the_same_fact() -> None:
    world, before = switched_off()
    world = without_logs(world)
    world.logs = {key: f"2031-04-05T06:07:08Z {text}" for key, text in switched_off()[0].logs.items()}
    world.objects = [one for one in world.objects if one["kind"] != "Service"]
    world.visible -= {"Service"}
    assert is_kept(before, world)


@pytest.mark.parametrize(("minutes", "kept"), [(5, False), (1, True)])
def test_an_answer_goes_with_the_template_of_its_pods(minutes: int, kept: bool) -> None:
    """A change before the answer was known to it."""
    world, before = switched_off()
    assert world.asked is not None
    owner = next(one for one in world.objects if one["metadata"]["name"] == world.asked.owner.name and one["kind"] == "Deployment")
    world = without_logs(world)
    world.history = [recorded(owner, "/spec/template/spec/containers/api/image", "a:1", "a:2", minutes_ago=3)]
    assert is_kept(before, world, minutes=minutes) is kept


def test_an_answer_of_older_rules_goes() -> None:
    world, before = switched_off()
    body = {**before.body, "engine": {"name": "rules", "ruleset": "older"}}
    assert not is_kept(replace(before, body=body), without_logs(world))


def test_a_less_certain_answer_replaces_one_without_a_cause() -> None:
    world, before = switched_off()
    body = {name: value for name, value in before.body.items() if name != "rootCause"}
    assert not is_kept(replace(before, body=body), without_logs(world))
