"""The way back from what an execution changed, step by step, and why there is none."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from optral.runbooks.executions import plans, reversal
from optral.runbooks.executions.effects import Progress
from optral.runbooks.language import definition, definition_reader, document
from optral.runbooks.model import Execution, ExecutionStatus, Phase, Step, StepState

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MEMORY = "spec.template.spec.containers[api].resources.limits.memory"
CPU = "spec.template.spec.containers[api].resources.requests.cpu"
IMAGE = "spec.template.spec.containers[api].image"
WEB = {"kind": "Deployment", "namespace": "shop", "name": "web"}
SOURCE = """
slug: change
name: Change it
risk: high
steps:
  - {name: Change, action: restart, with: {kind: Deployment, namespace: shop, name: web}}
"""


def _execution(**more: Any) -> Execution:
    fields: dict[str, Any] = {
        "id": "exe_1",
        "org_id": "org_1",
        "runbook_id": "rbk_1",
        "runbook_slug": "change",
        "runbook_name": "Change it",
        "runbook_version": 1,
        "definition": definition.as_json(definition_reader.read(document.read(SOURCE))),
        "cluster_id": "cls_1",
        "issue_id": None,
        "status": ExecutionStatus.SUCCEEDED,
        "phase": Phase.DONE,
        "parameters": {},
        "dry_run": False,
        "allow_drift": False,
        "reason": "",
        "target": WEB,
        "requested_by": "usr_1",
        "requested_via": "usr_1",
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Execution(**fields | more)


def _step(verb: str, before: Mapping[str, Any], after: Mapping[str, Any], **more: Any) -> Step:
    fields: dict[str, Any] = {
        "id": f"stp_{verb}",
        "execution_id": "exe_1",
        "position": 0,
        "name": verb,
        "verb": verb,
        "values": {**WEB, "container": "api"},
        "is_write": True,
        "is_optional": False,
        "kind": "Node" if "cordon" in verb else "Deployment",
        "namespace": None if "cordon" in verb else "shop",
        "object_name": "n1" if "cordon" in verb else "web",
        "uid": "uid",
        "state": StepState.SUCCEEDED,
        "pre_image": before,
        "result": {"after": after, "revision": 4},
    }
    return Step(**fields | more)


QUOTA = {"kind": "ResourceQuota", "namespace": "shop", "name": "few", "field": "hard", "key": "pods"}
SELECTOR = {"kind": "Service", "namespace": "shop", "name": "web", "field": "selector", "key": "app"}


@pytest.mark.parametrize(
    ("step", "verb", "values"),
    [
        pytest.param(
            _step("setImage", {IMAGE: "r.example:5000/web:1.2"}, {IMAGE: "r.example:5000/web:1.3"}),
            "setImage",
            {**WEB, "container": "api", "tag": "1.2"},
            id="tag",
        ),
        pytest.param(
            _step("setImage", {IMAGE: "web@sha256:aa"}, {IMAGE: "web:2"}),
            "setImage",
            {**WEB, "container": "api", "digest": "sha256:aa"},
            id="digest",
        ),
        pytest.param(_step("scale", {"spec.replicas": 2}, {"spec.replicas": 5}), "scale", {**WEB, "replicas": 2}, id="scale"),
        pytest.param(_step("scale", {"spec.replicas": 0}, {"spec.replicas": 1}), "scale", {**WEB, "replicas": 0}, id="to zero"),
        pytest.param(
            _step("setResources", {MEMORY: "64Mi", CPU: "1"}, {MEMORY: "128Mi", CPU: "2"}),
            "setResources",
            {**WEB, "container": "api", "limits": {"memory": "64Mi"}, "requests": {"cpu": "1"}},
            id="resources",
        ),
        pytest.param(
            _step("rollback", {"spec.template.x": 1}, {"spec.template.x": 2}), "rollback", {**WEB, "toRevision": 4}, id="rollback"
        ),
        pytest.param(_step("cordon", {"spec.unschedulable": None}, {"spec.unschedulable": True}), "uncordon", {"node": "n1"}, id="cordon"),
        pytest.param(
            _step("uncordon", {"spec.unschedulable": True}, {"spec.unschedulable": None}), "cordon", {"node": "n1"}, id="uncordon"
        ),
        pytest.param(
            _step("patch", {"spec.hard[pods]": "5"}, {"spec.hard[pods]": "9"}, values=QUOTA | {"value": "9"}),
            "patch",
            QUOTA | {"value": "5"},
            id="a field",
        ),
        pytest.param(
            _step("patch", {"spec.selector.app": None}, {"spec.selector.app": "web"}, values=SELECTOR | {"value": "web"}),
            "patch",
            SELECTOR | {"remove": True},
            id="a label that was not there",
        ),
        pytest.param(
            _step("patch", {"spec.selector.app": "web"}, {"spec.selector.app": None}, values=SELECTOR | {"remove": True}),
            "patch",
            SELECTOR | {"value": "web"},
            id="a label that was removed",
        ),
        pytest.param(
            _step("patch", {"tolerations": None}, {"tolerations": [{}]}, values={**WEB, "field": "toleration", "value": "a:NoExecute"}),
            "patch",
            {**WEB, "field": "toleration", "value": "a:NoExecute", "remove": True},
            id="a toleration",
        ),
    ],
)
def test_each_change_has_its_way_back(step: Step, verb: str, values: dict[str, Any]) -> None:
    back = reversal.definition_of(Progress(_execution(), [step]))
    assert [(one.verb, one.values, one.expects) for one in back.steps] == [(verb, values, step.result and step.result["after"])]
    assert back.needs_approval  # the risk of the runbook
    kept = definition.of_json(definition.as_json(back))
    assert kept == back


def test_a_drained_node_is_uncordoned_and_its_pods_are_not_looked_for() -> None:
    step = _step("drain", {"spec.unschedulable": None, "pods[a/b]": {}}, {"spec.unschedulable": True, "pods[a/b]": None}, object_name="n1")
    (back,) = reversal.definition_of(Progress(_execution(), [step])).steps
    assert (back.verb, back.values, back.expects) == ("uncordon", {"node": "n1"}, {"spec.unschedulable": True})


def test_the_last_change_is_taken_back_first() -> None:
    steps = [
        _step("scale", {"spec.replicas": 1}, {"spec.replicas": 2}),
        _step("cordon", {"spec.unschedulable": None}, {"spec.unschedulable": True}),
    ]
    assert [one.verb for one in reversal.definition_of(Progress(_execution(), steps)).steps] == ["uncordon", "scale"]


def test_what_did_not_change_needs_no_way_back() -> None:
    steps = [_step("restart", {}, {}), _step("scale", {"spec.replicas": 1}, {"spec.replicas": 2})]
    assert [one.verb for one in reversal.definition_of(Progress(_execution(), steps)).steps] == ["scale"]


@pytest.mark.parametrize(
    ("step", "says"),
    [
        pytest.param(_step("setImage", {IMAGE: "web"}, {IMAGE: "web:2"}), "neither tag nor digest", id="no tag before"),
        pytest.param(_step("rerunJob", {"object": None}, {"object": {}}), "cannot be taken back", id="Job"),
        pytest.param(_step("renewCertificate", {"a": None}, {"a": "True"}), "replaces the one before it", id="certificate"),
        pytest.param(_step("restart", {"a": 1}, {"a": 2}), "step 'restart' cannot be undone: a restart has no opposite", id="restart"),
        pytest.param(_step("evict", {"object": {}}, {"object": None}), "an evicted pod cannot be restored", id="evicted pod"),
        pytest.param(
            _step("patch", {"spec.x": "1Gi"}, {"spec.x": "2Gi"}, values={"field": "storage", "value": "2Gi"}),
            "cannot become smaller",
            id="volume",
        ),
        pytest.param(_step("patch", {}, {"spec.x": 2}, values={**WEB, "field": "replicas", "value": 2}), "not known", id="no value before"),
        pytest.param(_step("drain", {"pods[a/b]": {}}, {"pods[a/b]": None}), "cordoned before it was drained", id="cordoned before"),
        pytest.param(_step("deletePod", {"object": {}}, {"object": None}), "a deleted pod cannot be restored", id="pod"),
        pytest.param(_step("scale", {}, {"spec.replicas": 5}), "previous number of replicas is not known", id="no pre-image"),
        pytest.param(_step("setResources", {}, {MEMORY: "1Gi"}), "had no value before", id="no limit before"),
        pytest.param(_step("setResources", {"spec.x": "a"}, {"spec.x": "b"}), "it changed spec.x", id="another field"),
        pytest.param(_step("rollback", {"a": 1}, {"a": 2}, result={"after": {"a": 2}}), "revision before it is not known", id="old agent"),
        pytest.param(_step("scale", {"spec.replicas": 1}, {"spec.replicas": 2}, state=StepState.UNKNOWN), "unknown what", id="unknown"),
        pytest.param(_step("scale", {"spec.replicas": 1}, {"spec.replicas": 2}, state=StepState.FAILED), "changed nothing", id="failed"),
        pytest.param(_step("scale", {"spec.replicas": 1}, {}), "changed nothing", id="nothing"),
    ],
)
def test_what_cannot_be_undone_says_why(step: Step, says: str) -> None:
    assert says in (reversal.obstacle(Progress(_execution(), [step])) or "")


@pytest.mark.parametrize(
    ("diff", "says"),
    [
        pytest.param([{"path": "a", "from": 2, "to": 1}], None, id="as it was left"),
        pytest.param([{"path": "a", "from": 3, "to": 1}], "a is 3 now, and the execution left 2", id="another value"),
        pytest.param([], "no longer has the value 2", id="already restored"),
        pytest.param([{"path": "a", "from": 2}, {"path": "b", "from": 7}], "b was changed since", id="something beside it"),
    ],
)
def test_the_plan_of_an_undo_starts_from_what_the_execution_left(diff: list[dict[str, Any]], says: str | None) -> None:
    action = definition.Action(name="Undo", verb="scale", values={}, expects={"a": 2})
    found = plans.moved(action, diff)
    assert (found is None) if says is None else says in (found or "")


@pytest.mark.parametrize(
    ("manifest", "is_moved"),
    [
        pytest.param({"spec": {"replicas": 5}}, False, id="as it was left"),
        pytest.param({"spec": {"replicas": 6}}, True, id="another value"),
        pytest.param({}, True, id="gone"),
    ],
)
def test_the_inventory_shows_what_changed_since(manifest: dict[str, Any], is_moved: bool) -> None:
    step = _step("scale", {"spec.replicas": 2}, {"spec.replicas": 5})
    ((ref, left),) = reversal.last_values([step]).items()
    assert (reversal.moved(ref, left, manifest) is not None) is is_moved


JOB = {"kind": "Job", "namespace": "shop", "name": "import", "field": "suspend"}


def _many(*changes: tuple[str, Mapping[str, Any], Mapping[str, Any], dict[str, Any]]) -> list[Step]:
    return [
        _step(verb, before, after, id=f"stp_{at}", position=at, name=f"step {at}", **more)
        for at, (verb, before, after, more) in enumerate(changes)
    ]


def test_a_field_that_several_steps_changed_goes_back_once_to_its_first_value() -> None:
    steps = _many(
        ("scale", {"spec.replicas": 2}, {"spec.replicas": 5}, {}),
        ("setResources", {MEMORY: "64Mi"}, {MEMORY: "128Mi"}, {}),
        ("scale", {"spec.replicas": 5}, {"spec.replicas": 3}, {}),
    )
    back = reversal.definition_of(Progress(_execution(), steps))
    assert [(one.verb, one.values.get("replicas"), one.expects) for one in back.steps] == [
        ("setResources", None, {MEMORY: "128Mi"}),
        ("scale", 2, {"spec.replicas": 3}),
    ]


def test_the_same_field_of_another_object_goes_back_as_well() -> None:
    steps = _many(
        ("scale", {"spec.replicas": 2}, {"spec.replicas": 5}, {}),
        ("scale", {"spec.replicas": 1}, {"spec.replicas": 4}, {"object_name": "api"}),
    )
    assert [one.values["replicas"] for one in reversal.definition_of(Progress(_execution(), steps)).steps] == [1, 2]


def test_what_has_its_previous_value_again_needs_no_way_back() -> None:
    steps = _many(
        ("patch", {"spec.suspend": False}, {"spec.suspend": True}, {"values": JOB | {"value": True}}),
        ("patch", {"spec.suspend": True}, {"spec.suspend": False}, {"values": JOB | {"value": False}}),
    )
    assert "has its previous value again" in (reversal.obstacle(Progress(_execution(), steps)) or "")
    (back,) = reversal.way_back(steps[:1]).actions
    assert (back.values["value"], back.expects) == (False, {"spec.suspend": True})
