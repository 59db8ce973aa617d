"""Each case of the book: the cause is named, the right object is at fault, and evidence supports every sentence."""

import random

import pytest

from optral.analysis import causes
from optral.analysis.model import Status
from optral.analysis.rules import RULES
from tests.analysis.cases import CASES
from tests.analysis.cluster import container, deployment, ended, obj, pod, state, template

NAMED = sorted(CASES)


@pytest.mark.parametrize("name", NAMED)
def test_names_the_cause_and_the_object_at_fault(name: str) -> None:
    cause, subject, ask = CASES[name]
    _, found = ask()
    ranked = [(one["id"], one["subject"]["name"], one["score"]) for one in found.body["hypotheses"]]
    assert found.root_cause is not None, (found.summary, ranked, found.body["warnings"])
    assert (found.root_cause["id"], found.root_cause["subject"]["name"]) == (cause, subject), ranked
    assert found.status is Status.READY


@pytest.mark.parametrize("name", NAMED)
def test_says_nothing_that_the_verifier_had_to_drop(name: str) -> None:
    _, found = CASES[name][2]()
    assert found.body["warnings"] == []


@pytest.mark.parametrize("name", NAMED)
def test_cites_evidence_for_every_sentence_and_action(name: str) -> None:
    _, found = CASES[name][2]()
    known = {fact["id"] for fact in found.body["evidence"]}
    assert found.root_cause is not None
    for claim in found.root_cause["claims"]:
        assert claim["evidenceIds"], claim
        assert set(claim["evidenceIds"]) <= known, claim
    for action in found.body["recommendedActions"]:
        assert set(action["evidenceIds"]) <= known, action


@pytest.mark.parametrize("name", NAMED)
def test_gives_the_same_answer_whatever_the_order_and_however_much_stands_beside_it(name: str) -> None:
    cause, _, ask = CASES[name]
    world = ask()[0].copy()
    other = deployment("noise", of=template(container("noise"), labels={"app": "noise"}))
    beside = pod(other, "noise-1", status={"containerStatuses": [state("noise", restarts=9, last=ended(2))]})
    world.objects += [other, beside, obj("v1", "ConfigMap", "noise")]
    random.Random(7).shuffle(world.objects)
    assert world.again().cause_id == cause


def test_there_is_a_case_for_each_type_and_for_most_causes() -> None:
    named = {cause for cause, _, _ in CASES.values()}
    reachable = frozenset().union(*(rule.causes for rule in RULES))
    assert named <= reachable
    assert reachable <= causes.BY_ID.keys()
    assert named == causes.BY_ID.keys()


def test_a_program_that_aborts_is_not_said_to_have_a_fault_of_memory() -> None:
    _, explanation = CASES["aborts_itself"][2]()
    assert explanation.root_cause is not None
    assert explanation.root_cause["claims"][-1]["text"] == "It aborts, for example on a failed assertion."


def test_a_class_that_does_not_exist_is_named() -> None:
    _, explanation = CASES["names_a_runtime_class_that_nobody_made"][2]()
    assert "RuntimeClass gvisor does not exist." in explanation.summary


def test_a_probes_command_that_fails_has_given_its_answer() -> None:
    _, explanation = CASES["a_command_that_fails"][2]()
    assert "The probe command fails." in explanation.summary
