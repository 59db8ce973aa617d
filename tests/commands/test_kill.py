"""Real deaths in the middle of commands: the agent's process by SIGKILL, the tunnel by a cut, the session by another one.

Whatever dies when: nothing is done twice, nothing is called done that was not, and everything comes to an end.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from optral.agent.connection import tunnel
from optral.commands.model import FINAL, Command, State
from optral.kit.retry import Backoff
from optral.terms.verbs import WRITES as VERBS_THAT_WRITE
from tests.agent.commanding import EVERYTHING
from tests.commands.conftest import Platform
from tests.support.changes import WRITES, furnish
from tests.support.kubedouble import path_of

ROUNDS = int(os.environ.get("OPTRAL_KILL_ROUNDS", "1"))  # of each verb
CUTS = int(os.environ.get("OPTRAL_KILL_ROUNDS", "2"))
POLICY = f"allowWrites: true\nnamespaces: [shop]\nverbs: [{', '.join(sorted(VERBS_THAT_WRITE))}]\n"
ON_NODE = path_of("pods", "web-1", group="v1")
NOTHING = (State.FAILED, State.REJECTED, State.CANCELED, State.TIMED_OUT, State.EXPIRED)


def furnish_again(platform: Platform) -> None:
    """The objects as before the first change, and a pod on the node that a drain evicts. Nothing is counted yet."""
    furnish(platform.kube)
    owner = {"kind": "ReplicaSet", "name": "web-x", "uid": "uid-rs", "controller": True}
    platform.kube.put(ON_NODE, {"metadata": {"namespace": "shop", "ownerReferences": [owner]}, "spec": {"nodeName": "n1"}}, uid="uid-web")
    platform.kube.applied.clear()


def judge(platform: Platform, command: Command) -> None:
    """Every change at most once; what is called done was done, and what is called undone was not."""
    applied = platform.kube.applied
    assert max(applied.values(), default=0) <= 1, f"{command.verb} was done twice: {applied}"
    assert command.state in FINAL
    if command.state is State.SUCCEEDED:
        assert applied.total() == (2 if command.verb == "drain" else 1), f"{command.verb} is called done, and was done: {applied}"
    is_partly_done = (command.result or {}).get("changed") is True  # a drain that could not finish
    if command.state in NOTHING and not is_partly_done:
        assert not applied, f"{command.verb} is called {command.state} {command.code} and was done"


@asynccontextmanager
async def process(platform: Platform, folder: Path) -> AsyncIterator["subprocess.Popen[bytes]"]:
    """The agent as a process of its own."""
    options = platform.options
    policy = folder / "policy.yaml"
    policy.write_text(POLICY)
    command = [sys.executable, "-m", "optral", "agent", "--server", options.server_url, "--ca-pin", options.ca_pin]
    command += ["--kubeconfig", str(options.kubeconfig), "--state-dir", str(options.state_dir), "--policy", str(policy)]
    environment = {**os.environ, "OPTRAL_AGENT_TOKEN": str(options.token)}
    with (folder / "agent.log").open("ab") as log:
        running = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: ASYNC220
    try:
        yield running
    finally:
        running.kill()
        await asyncio.to_thread(running.wait, 10)


async def offline(platform: Platform) -> None:
    async with asyncio.timeout(30):
        while platform.gateway.open_sessions:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def test_every_verb_that_changes_something_is_killed() -> None:
    assert set(WRITES) == VERBS_THAT_WRITE, "add the parameters of the new verb to tests/support/changes.py"


@pytest.mark.slow
@pytest.mark.parametrize("verb", sorted(VERBS_THAT_WRITE))
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_an_agent_killed_at_any_moment(platform: Platform, tmp_path: Path, verb: str) -> None:
    rng = random.Random(f"killed {verb}")
    for _ in range(ROUNDS):
        furnish_again(platform)
        async with process(platform, tmp_path) as agent:
            await platform.online()
            command = await platform.enqueue(verb, **WRITES[verb])
            await asyncio.sleep(rng.uniform(0, 0.04))
            agent.send_signal(signal.SIGKILL)
            await asyncio.to_thread(agent.wait, 10)
        await offline(platform)
        async with process(platform, tmp_path):
            await platform.online()
            ended = await platform.ended(command.id, wait_s=30)
        await offline(platform)
        judge(platform, ended)
        print(f"{verb} {ended.state} attempt {ended.attempt} done {platform.kube.applied}")


@pytest.mark.parametrize("verb", sorted(VERBS_THAT_WRITE))
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_tunnel_cut_at_any_moment(platform: Platform, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    monkeypatch.setattr(tunnel, "Backoff", lambda **_: Backoff(base_s=0.01, cap_s=0.05))
    rng = random.Random(f"cut {verb}")
    async with platform.agent(fixed_policy=EVERYTHING):
        for _ in range(CUTS):
            furnish_again(platform)
            command = await platform.enqueue(verb, **WRITES[verb])
            await asyncio.sleep(rng.uniform(0, 0.05))
            for session in tuple(platform.gateway._tunnel._sessions.values()):
                session.end("gone", "cut by the test")
            ended = await platform.ended(command.id, wait_s=30)
            judge(platform, ended)
            assert ended.state is State.SUCCEEDED, ended


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_change_goes_on_while_the_tunnel_is_away_and_is_reported_to_the_next_session(platform: Platform) -> None:
    platform.kube.gate.clear()
    async with platform.agent():
        command = await platform.enqueue("restart", **WRITES["restart"])
        await platform.kube.at_gate.wait()
        for session in tuple(platform.gateway._tunnel._sessions.values()):
            session.end("gone", "cut by the test")
        await offline(platform)
        platform.kube.gate.set()
        ended = await platform.ended(command.id, wait_s=30)
    assert (ended.state, ended.attempt, platform.kube.changes) == (State.SUCCEEDED, 1, 1), "the agent named it in its Hello"
