"""The edges of what the verifier lets through: limits to the character, forms of parameters, targets of actions, words of warnings."""

from dataclasses import replace
from typing import Any

import pytest

from optral.analysis.engine import verifier
from optral.analysis.engine.calibration import Level
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.reading.case import Case, cite
from optral.terms.refs import ObjectRef
from tests.analysis.cases.crashes import killed_again_and_again

DEPLOYMENT = {"kind": "Deployment", "namespace": "orders", "name": "api"}
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"


@pytest.fixture(scope="module")
def case() -> Case:
    world, _ = killed_again_and_again()
    assert world.asked is not None
    return Case(world.asked, world.snapshot())


@pytest.fixture(scope="module")
def limit_id(case: Case) -> str:
    obj = case.snap.at(case.question.owner)
    assert obj is not None
    return case.book.fields(case.live_pods(obj)[0], "spec.containers[0]", "name", "resources.limits.memory")


def hypothesis(case: Case, *sentences: Sentence, **changes: Any) -> Hypothesis:
    made = Hypothesis(cause="memory_limit_too_low", subject=case.question.owner, level=Level.STRONG, sentences=sentences)
    return replace(made, **changes)


def advice(**changes: Any) -> Action:
    return replace(Action(title="Look", why="It helps.", risk="manual"), **changes)


def action(runbook: str, parameters: dict[str, Any]) -> dict[str, Any]:
    return {"runbook": runbook, "parameters": parameters}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("x" * verifier.MAX_TEXT, None, id="as long as may be"),
        pytest.param("x" * (verifier.MAX_TEXT + 1), "a sentence is too long", id="one character more"),
        pytest.param("sudo reboot helps.", "a sentence contains a command", id="a command"),
        pytest.param(f"Not `{'9' * 90}`.", f"a sentence quotes what its evidence does not contain: {'9' * 80}", id="a quotation, cut"),
        pytest.param("It happened 17 times.", "a sentence contains a number that its evidence does not: 17", id="a number"),
        pytest.param("See tcp://x for more.", "a sentence contains an address that its evidence does not", id="an address"),
        pytest.param("Node node-1 is full.", "a sentence names what its evidence does not contain: node-1", id="an object"),
        pytest.param(f"The token {TOKEN} fits.", "a sentence may contain a secret", id="a secret"),
        pytest.param("The limit is `128MI`.", None, id="in another case"),
        pytest.param("The limit is ` 128Mi `.", None, id="with other spaces"),
        pytest.param("\ud800 is half a character.", None, id="half a character"),
    ],
)
def test_says_why_a_sentence_is_dropped(case: Case, limit_id: str, text: str, fault: str | None) -> None:
    assert verifier.fault_in(case, cite(text, limit_id)) == fault


def test_a_sentence_without_evidence_or_with_foreign_evidence_is_dropped(case: Case, limit_id: str) -> None:
    assert verifier.fault_in(case, cite("True.")) == "a sentence cites no evidence"
    assert verifier.fault_in(case, cite("True.", limit_id, "ev_0")) == "a sentence cites unknown evidence"


def test_words_of_two_pieces_of_evidence_do_not_become_one(case: Case, limit_id: str) -> None:
    obj = case.snap.at(case.question.owner)
    assert obj is not None
    other = case.book.fields(obj, "metadata", "name")
    assert verifier.fault_in(case, cite("`api` has `128Mi`.", limit_id, other)) is None


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        pytest.param({"title": "x" * verifier.MAX_TITLE, "why": "y" * verifier.MAX_TEXT}, None, id="as long as may be"),
        pytest.param({"title": "x" * (verifier.MAX_TITLE + 1)}, "an action is too long", id="a long title"),
        pytest.param({"why": "x" * (verifier.MAX_TEXT + 1)}, "an action is too long", id="a long reason"),
        pytest.param({"why": f"Use {TOKEN}."}, "an action may contain a secret", id="a secret"),
        pytest.param({"title": "Run kubectl get pods"}, "an action contains a command or an address", id="a command"),
        pytest.param({"why": "See https://x.test/"}, "an action contains a command or an address", id="an address"),
        pytest.param({"evidence_ids": ("ev_0",)}, "an action cites unknown evidence", id="foreign evidence"),
        pytest.param({"why": "\ud800"}, None, id="half a character"),
        pytest.param({"runbook": "delete-" + "x" * 70}, f"unknown runbook or parameters: delete-{'x' * 53}", id="a name, cut"),
        pytest.param(action("restart-workload", DEPLOYMENT), None, id="a Deployment"),
        pytest.param(action("restart-workload", {**DEPLOYMENT, "kind": ""}), "restart-workload: kind is missing", id="empty"),
        pytest.param(action("restart-workload", {**DEPLOYMENT, "kind": None}), "restart-workload: kind is missing", id="none"),
        pytest.param(
            {"runbook": "restart-workload", "parameters": {**DEPLOYMENT, "kind": "apps"}},
            "restart-workload: its target is not in the snapshot",
            id="a group for a kind",
        ),
        pytest.param(
            {"runbook": "rollback-workload", "parameters": {"namespace": "orders", "name": "api"}},
            "rollback-workload: its target is not in the snapshot",
            id="no kind",
        ),
        pytest.param(action("rollback-workload", DEPLOYMENT), None, id="a kind"),
        pytest.param(action("scale-workload", {**DEPLOYMENT, "replicas": 3}), None, id="a whole number"),
        pytest.param(
            {"runbook": "scale-workload", "parameters": {**DEPLOYMENT, "replicas": "3"}},
            "scale-workload: replicas has an invalid value",
            id="a number as text",
        ),
        pytest.param(action("raise-memory-limit", {**DEPLOYMENT, "limit": "256Mi"}), None, id="a limit"),
        pytest.param(action("raise-memory-limit", {**DEPLOYMENT, "limit": "1.5Gi"}), None, id="half of one"),
        pytest.param(
            {"runbook": "raise-memory-limit", "parameters": {**DEPLOYMENT, "limit": "256Mi; rm"}},
            "raise-memory-limit: limit has an invalid value",
            id="a limit and more",
        ),
        pytest.param(action("raise-memory-limit", {**DEPLOYMENT, "container": "api"}), None, id="its container"),
        pytest.param(
            {"runbook": "raise-memory-limit", "parameters": {**DEPLOYMENT, "container": "other"}},
            "raise-memory-limit: its target is not in the snapshot",
            id="another container",
        ),
    ],
)
def test_says_why_an_action_is_dropped(case: Case, changes: dict[str, Any], fault: str | None) -> None:
    assert verifier.fault_of(case, advice(**changes)) == fault


@pytest.mark.parametrize(
    ("ref", "holds"),
    [
        pytest.param(ObjectRef("Deployment.apps", "orders", "api"), True, id="in the snapshot"),
        pytest.param(ObjectRef("Deployment.apps", "orders", "128mi"), True, id="named by its evidence"),
        pytest.param(ObjectRef("Deployment.apps", "orders", "payments"), False, id="nowhere"),
        pytest.param(ObjectRef("Deployment.apps", "orders", ""), False, id="without a name"),
    ],
)
def test_a_subject_exists_or_its_evidence_names_it(case: Case, limit_id: str, ref: ObjectRef, holds: bool) -> None:
    kept, warnings = verifier.checked(case, [hypothesis(case, cite("It has too little memory.", limit_id), subject=ref)])
    assert [one.subject for one in kept] == ([ref] if holds else [])
    assert warnings == ([] if holds else ["memory_limit_too_low: its subject does not occur in the evidence"])


def test_the_owner_of_an_issue_needs_no_object(case: Case, limit_id: str) -> None:
    """An object that is gone may be at fault when the issue is about it."""
    gone = replace(case.question, owner=ObjectRef("Deployment.apps", "orders", "gone"))
    asked = Case(gone, case.snap)
    asked.book = case.book
    kept, _ = verifier.checked(asked, [hypothesis(case, cite("It has too little memory.", limit_id), subject=gone.owner)])
    assert [one.subject.name for one in kept] == ["gone"]


def test_every_warning_names_its_cause_and_what_was_dropped(case: Case, limit_id: str) -> None:
    right, wrong = cite("It has too little memory.", limit_id), cite("True.")
    unknown = hypothesis(case, right, cause="x" * 100)
    mixed = hypothesis(case, right, wrong, against=(right, wrong), actions=(advice(), advice(runbook="none")))
    empty = hypothesis(case, wrong)
    kept, warnings = verifier.checked(case, [unknown, mixed, empty])
    assert [(one.sentences, one.against, one.actions) for one in kept] == [((right,), (right,), (advice(),))]
    assert warnings == [
        f"an unknown cause was dropped: {'x' * 60}",
        "memory_limit_too_low: a sentence cites no evidence",
        "memory_limit_too_low: unknown runbook or parameters: none",
        "memory_limit_too_low: a sentence cites no evidence",
        "memory_limit_too_low: a sentence cites no evidence",
        "memory_limit_too_low: none of its sentences is supported",
    ]


@pytest.mark.parametrize("more", [0, 1])
def test_as_many_causes_as_may_be_and_one_more(case: Case, limit_id: str, more: int) -> None:
    one = hypothesis(case, cite("It has too little memory.", limit_id))
    kept, warnings = verifier.checked(case, [one] * (verifier.MAX_HYPOTHESES + more))
    assert len(kept) == verifier.MAX_HYPOTHESES
    assert warnings == [f"{more} more causes were not checked"] * more


def test_a_cause_of_another_subject_is_unverified(case: Case, limit_id: str) -> None:
    rule = hypothesis(case, cite("It has too little memory.", limit_id))
    obj = case.live_pods(case.snap.at(case.question.owner))[0]  # type: ignore[arg-type]
    other = replace(rule, subject=obj.ref, level=Level.PROVEN)
    kept, warnings = verifier.checked(case, [other], known=[rule])
    assert [one.level for one in kept] == [verifier.UNVERIFIED]
    assert warnings == ["memory_limit_too_low: not found by any rule, so it is unverified"]
