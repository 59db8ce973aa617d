"""The figures of the unseen fault states: those of the half that rules are tuned on are held, the other half has a floor."""

import pytest

from lab.unseen import blind, fault, faults, measure, sites, stacks
from optral.analysis import causes
from optral.scan.scoring import Verdict

faults.load()
blind.load()
CASES = list(fault.cases())
Figures = dict[str, dict[str, float]]


@pytest.fixture(scope="module")
def figures() -> Figures:
    results = [measure.run(case) for case in CASES]
    halves = {"tuned": False, "held out": True}
    return {name: measure.figures(one for one in results if one.case.is_held_out == held) for name, held in halves.items()}


def test_both_halves_have_many_faults_of_many_stacks() -> None:
    assert len({case.id for case in CASES}) == len(CASES)
    for held in (False, True):
        half = [case for case in CASES if case.is_held_out == held]
        assert len(half) >= 120
        assert {case.where.stack for case in half} == stacks.STACKS.keys()


@pytest.mark.parametrize("name", stacks.STACKS)
def test_a_healthy_stack_has_no_issue(name: str) -> None:
    _, found = measure.scan(stacks.build(name, f"healthy {name}").settle())
    assert found.roots == []


@pytest.mark.slow
def test_the_half_that_rules_are_tuned_on_keeps_its_figures(figures: Figures) -> None:
    tuned = figures["tuned"]
    assert tuned["a1"] >= 0.96, tuned
    assert tuned["calibrationError"] <= 0.05, tuned
    assert min(tuned["slots"], tuned["facts"]) >= 0.95, tuned


@pytest.mark.slow
def test_the_other_half_stays_above_its_floor(figures: Figures) -> None:
    held_out = figures["held out"]
    assert held_out["a1"] >= 0.9, held_out
    assert held_out["calibrationError"] <= 0.06, held_out
    assert min(held_out["slots"], held_out["facts"]) >= 0.95, held_out


@pytest.mark.slow
def test_the_blind_cases_stay_above_their_floor() -> None:
    results = [measure.run(case) for case in fault.cases(blind=True)]
    found = measure.figures(one for one in results if one.case.fault.causes)
    assert found["a1"] >= 0.83, found
    assert found["calibrationError"] <= 0.06, found
    verdicts = measure.verdicts(results)
    assert sum(row[Verdict.WRONG] for row in verdicts.values()) <= 2, verdicts
    assert verdicts["control"].keys() == {Verdict.RIGHT}, verdicts


def test_the_blind_cases_have_known_causes_and_controls() -> None:
    found = list(fault.cases(blind=True))
    assert {case.where.stack for case in found} == sites.STACKS.keys()
    assert {cause for case in found for cause in case.fault.causes} <= causes.BY_ID.keys()
    assert sum(bool(case.fault.causes) for case in found) >= 64
    assert sum(not case.fault.causes for case in found) >= 12
    assert not {case.id for case in found} & {case.id for case in CASES}


@pytest.mark.parametrize("group", sorted({one.group for one in fault.BLIND.values()}))
def test_a_blind_case_can_be_built(group: str) -> None:
    """A fault has an object at fault, and a control has none."""
    for case in fault.cases(blind=True):
        if case.fault.group == group:
            cluster, truth = case.build()
            assert bool(truth.app or truth.objects) == bool(case.fault.causes), case.id
            assert cluster.bundle()["objects"]["items"]
