"""What the soak of executions calls a fault: it has to see a change that was made twice, and one that was not made."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from lab.soak import executions
from lab.soak.executions import ENDED, Outcome, during, fault_of, kills, missing
from optral.terms.verbs import WRITES

SCALE, EVICT, DRAIN = "stp_1", "stp_2", "stp_3"
SENT = executions._commands("exe_1", SCALE)[0]


def step(id_: str, verb: str, state: str = "succeeded", **more: Any) -> dict[str, Any]:
    name = {"drain": "n1"}.get(verb, "api")
    return {"id": id_, "name": verb, "verb": verb, "state": state, "object": {"uid": "uid-pod", "name": name}, **more}


def ended(*steps: dict[str, Any], status: str = "succeeded", **more: Any) -> dict[str, Any]:
    return {"id": "exe_1", "status": status, "steps": list(steps), "plan": {"diff": [{"step": one["name"]} for one in steps]}, **more}


@pytest.mark.parametrize(
    ("execution", "applied", "left", "fault"),
    [
        pytest.param(ended(step(SCALE, "scale")), {SENT: 1}, {}, "", id="done once"),
        pytest.param(ended(step(SCALE, "scale")), {SENT: 2}, {}, "scale was done 2 times", id="done twice"),
        pytest.param(ended(step(SCALE, "scale")), {}, {}, "scale succeeded without a change", id="a false success"),
        pytest.param(
            ended(step(SCALE, "scale", "failed"), status="failed"), {SENT: 1}, {}, "scale is failed and was done", id="a false failure"
        ),
        pytest.param(ended(step(SCALE, "scale", "unknown"), status="lost"), {SENT: 1}, {}, "", id="unknown may have been done"),
        pytest.param(
            ended(step(SCALE, "scale", "failed")), {}, {}, "succeeded with a step that did not", id="the whole is no better than a step"
        ),
        pytest.param(ended(step(EVICT, "evict")), {"uid-pod": 1}, {"uid-pod": "n2"}, "", id="evicted"),
        pytest.param(
            ended(step(EVICT, "evict")),
            {"uid-pod": 1},
            {"uid-pod": "n2", "x": "n2"},
            "1 pods were removed that no step names",
            id="another pod",
        ),
        pytest.param(ended(step(DRAIN, "drain")), {executions._commands("exe_1", DRAIN)[0]: 1}, {"a": "n1", "b": "n1"}, "", id="drained"),
        pytest.param(
            ended(step(DRAIN, "drain")),
            {executions._commands("exe_1", DRAIN)[0]: 1},
            {"a": "n1"},
            "drain succeeded and 1 pods are still there",
            id="a drain that left a pod",
        ),
        pytest.param(
            ended(step(DRAIN, "drain"), step(EVICT, "evict", "failed"), status="failed"),
            {executions._commands("exe_1", DRAIN)[0]: 1, "uid-pod": 1},
            {"a": "n1", "b": "n1", "uid-pod": "n1"},
            "",
            id="a pod that the drain before had evicted",
        ),
        pytest.param(
            ended(step(DRAIN, "drain", "failed", result={"changed": True}), status="failed", failure={"changed": True}),
            {executions._commands("exe_1", DRAIN)[0]: 1},
            {"a": "n1"},
            "",
            id="a drain that says how far it came",
        ),
        pytest.param(
            ended(step(SCALE, "scale", "unknown"), status="failed", failure={"changed": False}),
            {SENT: 1},
            {},
            "changed, and says it did not",
            id="a failure that denies a change",
        ),
    ],
)
def test_names_what_is_wrong_with_an_execution(
    execution: dict[str, Any], applied: dict[str, int], left: dict[str, str], fault: str
) -> None:
    on_node = {"a", "b"} if "drain" in str(execution) else set()
    assert fault_of(execution, Counter(applied), left, on_node) == fault


def test_every_verb_that_changes_something_has_its_step() -> None:
    here = {verb for steps in executions.RUNBOOKS.values() for verb in steps}
    assert here == WRITES, "add the new verb to a runbook of the soak"
    assert {len(steps) for steps in executions.RUNBOOKS.values()} == {5}


def test_says_what_an_execution_was_at_when_something_was_killed() -> None:
    at = [f"2026-01-15T12:00:{second:02}Z" for second in range(10)]
    found = ended(
        step(SCALE, "scale", startedAt=at[2], finishedAt=at[4]), step(EVICT, "evict", startedAt=at[4], finishedAt=at[6]), finishedAt=at[8]
    )
    seen = [during(found, datetime(2026, 1, 15, 12, 0, second, tzinfo=UTC)) for second in (1, 3, 5, 7, 9)]
    assert seen == ["the plan", "scale", "evict", "the verification", ENDED]


def test_a_kill_counts_when_it_falls_into_an_execution() -> None:
    def outcome(killed: str, *at: str) -> Outcome:
        return Outcome("part", 0, killed, at, "exe_1", "node", "succeeded", 5, 1.0, "")

    found = [outcome("tunnel", "drain", ENDED), outcome("tunnel", "evict", ENDED), outcome("agent", "drain"), outcome("agent", ENDED)]
    assert [kills(found, victim) for victim in executions.KILLED] == [0, 1, 1]
    assert Counter(missing(found, 6)) == {"server": 3, "tunnel": 2, "agent": 1}
