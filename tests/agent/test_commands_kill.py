"""A change is made at most once, whatever dies when; and it is called done only if it was.

The agent is killed at every point of a write, alone and together with lost answers; the command then comes again, as the control plane
sends it. The API server's double counts what was really changed.
"""

import random
from pathlib import Path

import pytest

from optral.terms.verbs import VERBS
from tests.agent.commanding import POINTS, Agent, Death, again, message, name
from tests.support import kubedouble
from tests.support.changes import WRITES, furnish
from tests.support.kubedouble import KubeDouble

ROUNDS = 60


def judge(double: KubeDouble, verb: str, state: str, code: str) -> None:
    assert double.changes <= 1, f"{verb} was done {double.changes} times"
    if state == "SUCCEEDED":
        assert double.changes == 1, f"{verb} is called done and was not"
    if state in ("FAILED", "REJECTED", "CANCELED", "TIMED_OUT"):
        assert double.changes == 0, f"{verb} is called {state} ({code}) and was done"


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("verb", WRITES)
async def test_a_killed_agent_does_it_at_most_once_and_knows_what_it_did(double: KubeDouble, tmp_path: Path, verb: str, point: str) -> None:
    command = message(verb, **WRITES[verb])
    async with Agent(double, tmp_path, death=Death(point)) as first:
        first.say(command)
        assert await first.end_of(command.command_id) is None, "it died before it could tell"
    async with Agent(double, tmp_path) as second:
        second.say(again(command, attempt=2))
        end = await second.end_of(command.command_id)
        assert end is not None
        judge(double, verb, name(end), end.code)
        second.say(again(command, attempt=3))
        third = await second.end_of(command.command_id)
        assert third is not None
    assert (third.state, third.code, third.replayed) == (end.state, end.code, True), "the same answer for ever after"
    assert double.changes <= 1
    is_open = point in ("before received", "after running", "after change", "before end")
    if VERBS[verb].is_idempotent or not is_open:
        assert name(end) == "SUCCEEDED", (verb, point, end)
    elif verb in ("rollback", "renewCertificate") and point in ("after change", "before end"):
        assert name(end) == "SUCCEEDED", "the object itself says whose change it bears"
    else:
        assert name(end) == "UNKNOWN_OUTCOME"


@pytest.mark.parametrize("fault", ["cut", "drop", "500", "500-after", "409", "twice"])
@pytest.mark.parametrize("verb", WRITES)
async def test_a_lost_answer_is_looked_into(double: KubeDouble, tmp_path: Path, verb: str, fault: str) -> None:
    double.faults.append(fault)
    async with Agent(double, tmp_path) as agent:
        end = await agent.do(verb, **WRITES[verb])
    judge(double, verb, name(end), end.code)
    if verb not in ("deletePod", "evict") or fault == "409":
        assert name(end) == "SUCCEEDED", end
    else:
        assert name(end) == "UNKNOWN_OUTCOME", "who deleted a pod that is gone is unknown"


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_any_mixture_of_deaths_and_lost_answers(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    verb = rng.choice(sorted(WRITES))
    command = message(verb, **WRITES[verb])
    async with kubedouble.serving() as double:
        furnish(double)
        double.faults.extend(rng.choices(["", "cut", "drop", "500-after", "409", "twice"], k=3))
        deaths = [rng.choice(POINTS) for _ in range(rng.randint(0, 3))]
        end = None
        for attempt, point in enumerate([*deaths, ""], 1):
            async with Agent(double, tmp_path, death=Death(point)) as agent:
                agent.say(again(command, attempt=attempt))
                if (end := await agent.end_of(command.command_id)) is not None:
                    break
        assert end is not None
        judge(double, verb, name(end), end.code)


async def test_a_lost_disk_is_no_excuse(double: KubeDouble, tmp_path: Path) -> None:
    for number, (verb, expected) in enumerate([("restart", "SUCCEEDED"), ("deletePod", "UNKNOWN_OUTCOME")]):
        before = double.changes
        command = message(verb, **WRITES[verb])
        async with Agent(double, tmp_path / f"old{number}", death=Death("after change")) as first:
            first.say(command)
            assert await first.end_of(command.command_id) is None
        async with Agent(double, tmp_path / f"new{number}") as second:  # another disk: a journal younger than the command
            second.say(again(command, attempt=2, age_ms=60_000))
            end = await second.end_of(command.command_id)
        assert end is not None
        assert (name(end), double.changes - before) == (expected, 1)


async def test_a_command_that_was_lost_on_its_way_is_done_by_the_process_it_was_sent_to(double: KubeDouble, tmp_path: Path) -> None:
    async with Agent(double, tmp_path, fence=1) as agent:
        agent.commands.opened(2)
        end = await agent.do("deletePod", attempt=2, fence=2, previous_fence=1, **WRITES["deletePod"])
    assert (name(end), double.changes) == ("SUCCEEDED", 1), "both attempts were sent to this process, and the first never arrived"


async def test_a_command_that_may_have_reached_another_agent_is_looked_into(double: KubeDouble, tmp_path: Path) -> None:
    async with Agent(double, tmp_path, fence=3) as agent:
        end = await agent.do("deletePod", attempt=2, fence=3, previous_fence=2, **WRITES["deletePod"])
    assert (name(end), double.changes) == ("UNKNOWN_OUTCOME", 0), "the session before was another agent's"


async def test_too_late_to_begin_is_never_too_late_to_tell(double: KubeDouble, tmp_path: Path) -> None:
    command = message("restart", **WRITES["restart"])
    async with Agent(double, tmp_path, death=Death("after running")) as first:
        first.say(command)
        assert await first.end_of(command.command_id) is None
    async with Agent(double, tmp_path) as second:
        second.say(again(command, attempt=2, expires_in_ms=0))
        end = await second.end_of(command.command_id)
    assert end is not None
    assert (name(end), double.changes) == ("UNKNOWN_OUTCOME", 0), "it must not be begun again after its expiry"
