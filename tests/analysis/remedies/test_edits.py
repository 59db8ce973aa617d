"""Edits: the change of one field as a command to copy, which does nothing where the object has changed meanwhile."""

import copy
import json
import shlex
from typing import Any

import pytest

from tests.analysis.cases import CASES
from tests.analysis.cases.base import crash
from tests.analysis.cases.calls import store
from tests.analysis.cluster import container

EDITED = sorted(name for name, (_, _, ask) in CASES.items() if any("edit" in action for action in ask()[1].body["recommendedActions"]))
COMMANDS = {
    "readiness_probe_wrong_port": "/spec/template/spec/containers/0/readinessProbe",
    "selector_mismatch": "/spec/selector/app",
    "target_port_mismatch": "/spec/ports/0/targetPort",
    "service_protocol_mismatch": "/spec/ports/0/protocol",
    "wrong_dependency_address": "/spec/template/spec/containers/0/env/0/value",
    "ingress_class_missing": "/spec/ingressClassName",
    "hpa_target_missing": "/spec/scaleTargetRef/name",
    "policy_selects_nobody": "/spec/selector/matchLabels/app",
    "suspended": "/spec/suspend",
    "rollout_paused": "/spec/paused",
}
"""Cause → the field that at least one of its cases changes."""


def edits(name: str) -> list[dict[str, Any]]:
    return [action["edit"] for action in CASES[name][2]()[1].body["recommendedActions"] if "edit" in action]


def steps(pointer: str) -> list[str | int]:
    plain = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    return [int(step) if step.isdigit() else step for step in plain]


@pytest.mark.parametrize("name", EDITED)
def test_an_edit_replaces_what_the_object_holds(name: str) -> None:
    world = CASES[name][2]()[0]
    for edit in edits(name):
        target = edit["target"]
        (found,) = [
            copy.deepcopy(one)
            for one in world.objects
            if (one["kind"], one["metadata"]["name"]) == (target["kind"].partition(".")[0], target["name"])
        ]
        *way, last = steps(edit["path"])
        for step in way:
            found = found[step]
        assert found[last] == edit["before"] != edit["after"]


@pytest.mark.parametrize("name", EDITED)
def test_the_command_tests_the_value_before_it_replaces_it(name: str) -> None:
    for edit in edits(name):
        words = shlex.split(edit["command"])
        assert words[0] == "kubectl"
        assert edit["target"]["name"] in words
        assert json.loads(words[-1]) == [
            {"op": "test", "path": edit["path"], "value": edit["before"]},
            {"op": "replace", "path": edit["path"], "value": edit["after"]},
        ]


@pytest.mark.parametrize("cause", sorted(COMMANDS))
def test_a_cause_in_one_field_comes_with_its_edit(cause: str) -> None:
    paths = [edit["path"] for name in EDITED if CASES[name][0] == cause for edit in edits(name)]
    assert any(path.startswith(COMMANDS[cause]) for path in paths), paths


def test_a_masked_value_is_not_edited() -> None:
    commands = [edit["command"] for name in EDITED for edit in edits(name)]
    assert commands
    assert not [command for command in commands if "[redacted:" in command]


@pytest.mark.parametrize(
    ("value", "ports", "after"),
    [
        pytest.param("redis://store:6378/0", [6379], "redis://store:6379/0", id="the port of a URL"),
        pytest.param("store:6378", [6379], "store:6379", id="host and port"),
        pytest.param("redis://store:6378/0", [6379, 6380], None, id="the Service has two ports"),
        pytest.param("redis://store:6378,store:6378", [6379], None, id="the port is there twice"),
    ],
)
def test_a_wrong_port_of_a_caller_comes_with_its_edit(value: str, ports: list[int], after: str | None) -> None:
    spec = container(env=[{"name": "STORE_URL", "value": value}])
    door, *behind = store(target=6379)
    door["spec"]["ports"] = [{"name": f"p{port}", "port": port, "targetPort": 6379} for port in ports]
    _, found = crash(1, "dial tcp 10.0.3.4:6378: connect: connection refused", spec=spec, extra=(door, *behind))
    assert found.cause_id == "wrong_dependency_address"
    assert [action["edit"]["after"] for action in found.body["recommendedActions"] if "edit" in action] == ([after] if after else [])
