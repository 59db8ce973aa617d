"""Which results count as right, as wrong and as abstained."""

from typing import Any

import pytest

from optral.scan import scoring
from optral.scan.scoring import Answer, CaseScore, Expected, Family, Label, ObjectKey, Relations

LABEL = Label("bad_image", "app/api", "startup")
EXPECTED = Expected(frozenset({"ImagePullBackOff"}), frozenset({"image_tag_not_found"}))
API = ObjectKey("Deployment", "shop", "api")
OTHER = ObjectKey("Deployment", "shop", "web")


def obj(kind: str, name: str, *, owner: tuple[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    owners = [{"kind": owner[0], "name": owner[1]}] if owner else []
    return {"kind": kind, "metadata": {"name": name, "namespace": "shop", "ownerReferences": owners}, "spec": spec}


CLUSTER = [
    obj("Deployment", "api", template={"spec": {"volumes": [{"persistentVolumeClaim": {"claimName": "data"}}]}}),
    obj("ReplicaSet", "api-1", owner=("Deployment", "api")),
    obj("Pod", "api-1-x", owner=("ReplicaSet", "api-1"), nodeName="node-1"),
    obj("Pod", "web-1-x", owner=("Deployment", "web"), nodeName="node-2"),
    {"kind": "PersistentVolume", "metadata": {"name": "pv-1"}, "spec": {"claimRef": {"namespace": "shop", "name": "data"}}},
]


def score(families: list[Family], answers: list[Answer], label: Label = LABEL, expected: Expected = EXPECTED) -> CaseScore:
    return scoring.score_case("case", label, expected, Relations(CLUSTER), families, answers)


@pytest.mark.parametrize(
    ("key", "target", "is_part_of"),
    [
        pytest.param(API, "app/api", True, id="the workload"),
        pytest.param(ObjectKey("Pod", "shop", "api-1-x"), "app/api", True, id="its pod"),
        pytest.param(ObjectKey("Service", "shop", "api"), "app/api", True, id="its Service"),
        pytest.param(ObjectKey("PersistentVolumeClaim", "shop", "data"), "app/api", True, id="a claim it uses"),
        pytest.param(ObjectKey("PersistentVolume", "", "pv-1"), "app/api", True, id="the volume behind it"),
        pytest.param(OTHER, "app/api", False, id="another workload"),
        pytest.param(ObjectKey("Node", "", "api"), "app/api", False, id="a node of the same name"),
        pytest.param(ObjectKey("Node", "", "node-1"), "node/node-1", True, id="the node"),
        pytest.param(API, "node/node-1", False, id="what runs on the node is not the node"),
        pytest.param(ObjectKey("ResourceQuota", "shop", "cpu"), "namespace/shop", True, id="a quota of the namespace"),
        pytest.param(ObjectKey("ResourceQuota", "bank", "cpu"), "namespace/shop", False, id="a quota of another"),
    ],
)
def test_knows_what_belongs_to_the_labeled_object(key: ObjectKey, target: str, is_part_of: bool) -> None:
    assert Relations(CLUSTER).is_part_of(key, target) is is_part_of


def test_an_issue_of_the_expected_type_on_the_object_is_detected() -> None:
    one = score([Family(issue=("ImagePullBackOff", API))], [Answer("image_tag_not_found", API, 0.9, True)])
    assert (one.detected, one.own, one.false, one.first, one.third, one.abstained) == (True, 1, [], True, True, False)


def test_a_symptom_counts_as_detected_and_root_and_symptoms_are_one_issue() -> None:
    family = Family(issue=("DeploymentProgressDeadlineExceeded", API), symptoms=[("ImagePullBackOff", API)])
    assert (score([family], []).detected, score([family], []).own) == (True, 1)


@pytest.mark.parametrize(
    ("issue", "detected", "false"),
    [
        pytest.param(("CrashLoopBackOff", API), False, 0, id="another type on the object"),
        pytest.param(("ImagePullBackOff", OTHER), False, 1, id="the type on another object"),
    ],
)
def test_type_and_object_must_both_be_right(issue: tuple[str, ObjectKey], detected: bool, false: int) -> None:
    one = score([Family(issue=issue)], [])
    assert (one.detected, len(one.false)) == (detected, false)


def test_in_a_labeled_namespace_only_expected_types_count() -> None:
    label, expected = Label("quota", "namespace/shop", "admission"), Expected(frozenset({"FailedCreate"}), frozenset({"quota_exceeded"}))
    one = score([Family(issue=("FailedCreate", API)), Family(issue=("OOMKilled", OTHER))], [], label, expected)
    assert (one.detected, one.own, one.false) == (True, 1, [("OOMKilled", OTHER)])


@pytest.mark.parametrize(
    ("answers", "verdict", "third"),
    [
        pytest.param([], "silent", False, id="nothing"),
        pytest.param([Answer("image_tag_not_found", API, 0.3, False)], "silent", True, id="possible, not accepted"),
        pytest.param([Answer("image_tag_not_found", OTHER, 0.9, True)], "partly", False, id="on the wrong object"),
        pytest.param([Answer("disk_full", OTHER, 0.9, True)], "wrong", False, id="another cause of another object"),
        pytest.param([Answer("all_backends_not_ready", OTHER, 0.9, True)], "symptom", False, id="what follows from it"),
        pytest.param([Answer("disk_full", API, 0.9, True), Answer("image_tag_not_found", API, 0.5, False)], "partly", True, id="second"),
    ],
)
def test_an_answer_needs_cause_and_object(answers: list[Answer], verdict: str, third: bool) -> None:
    one = score([], answers)
    assert (one.verdict, one.third) == (verdict, third)


def test_cases_reported_separately_do_not_count_and_may_abstain() -> None:
    right = score([Family(issue=("ImagePullBackOff", API))], [Answer("image_tag_not_found", API, 1.0, True)])
    apart = scoring.score_case("b", LABEL, Expected(frozenset(), frozenset()), Relations(CLUSTER), [], [], apart="metrics")
    found = scoring.summarize([right, apart])
    assert found["all"]["cases"] == 1
    assert (found["all"]["recall"], found["all"]["precision"], found["all"]["a1"]) == (1.0, 1.0, 1.0)
    assert found["apart"]["metrics"]["rightOrSilent"] == 1.0
    assert found["apart"]["metrics"]["recall"] is None


def test_calibration_compares_confidence_with_the_share_of_right_answers() -> None:
    sure = [score([], [Answer("image_tag_not_found" if number < 8 else "x", API, 0.9, True)]) for number in range(10)]
    found = scoring.calibration(sure)
    assert (found["n"], found["ece"]) == (10, pytest.approx(0.1))
    assert found["bins"] == [{"from": 0.9, "n": 10, "confidence": 0.9, "right": 0.8}]
