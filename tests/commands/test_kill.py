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
from typing import Any

import pytest

from optral.agent import tunnel
from optral.commands.model import FINAL, Command, State
from optral.kit.retry import Backoff
from tests.commands.conftest import API, Platform
from tests.support.kubedouble import deployment

RESTART = {"kind": "Deployment", "namespace": "shop", "name": "api"}
WRITES: dict[str, dict[str, Any]] = {
    "restart": RESTART,
    "scale": {**RESTART, "replicas": 7},
    "setResources": {**RESTART, "container": "api", "limits": {"memory": "256Mi"}},
}
ROUNDS = int(os.environ.get("OPTRAL_KILL_ROUNDS", "6"))
CUTS = int(os.environ.get("OPTRAL_KILL_ROUNDS", "20"))
NOTHING = (State.FAILED, State.REJECTED, State.CANCELED, State.TIMED_OUT, State.EXPIRED)


def judge(platform: Platform, command: Command) -> None:
    done = platform.kube.applied[command.id]
    assert done <= 1, f"{command.verb} was done {done} times"
    assert command.state in FINAL
    assert command.state is not State.SUCCEEDED or done == 1, f"{command.verb} is called done and was not"
    assert command.state not in NOTHING or done == 0, f"{command.verb} is called {command.state} {command.code} and was done"


@asynccontextmanager
async def process(platform: Platform, folder: Path) -> AsyncIterator["subprocess.Popen[bytes]"]:
    """The agent as a process of its own."""
    options = platform.options
    policy = folder / "policy.yaml"
    policy.write_text("allowWrites: true\nnamespaces: [shop]\n")
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


@pytest.mark.slow
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_an_agent_killed_at_any_moment(platform: Platform, tmp_path: Path) -> None:
    rng = random.Random(4)
    ends: list[str] = []
    for _ in range(ROUNDS):
        platform.kube.put(API, deployment(), uid="uid-api")
        verb = rng.choice(sorted(WRITES))
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
        ends.append(f"{verb} {ended.state} attempt {ended.attempt} done {platform.kube.applied[command.id]}")
    print("\n".join(ends))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_tunnel_cut_at_any_moment(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunnel, "Backoff", lambda **_: Backoff(base_s=0.01, cap_s=0.05))
    rng = random.Random(27)
    async with platform.agent():
        for _ in range(CUTS):
            platform.kube.put(API, deployment(), uid="uid-api")
            verb = rng.choice(sorted(WRITES))
            command = await platform.enqueue(verb, **WRITES[verb])
            await asyncio.sleep(rng.uniform(0, 0.05))
            for session in tuple(platform.gateway._tunnel._sessions.values()):
                session.end("gone", "cut by the test")
            ended = await platform.ended(command.id, wait_s=30)
            judge(platform, ended)
            assert ended.state is State.SUCCEEDED, ended
    assert platform.kube.changes == CUTS


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_change_goes_on_while_the_tunnel_is_away_and_is_reported_to_the_next_session(platform: Platform) -> None:
    platform.kube.gate.clear()
    async with platform.agent():
        command = await platform.enqueue("restart", **RESTART)
        await platform.kube.at_gate.wait()
        for session in tuple(platform.gateway._tunnel._sessions.values()):
            session.end("gone", "cut by the test")
        await offline(platform)
        platform.kube.gate.set()
        ended = await platform.ended(command.id, wait_s=30)
    assert (ended.state, ended.attempt, platform.kube.changes) == (State.SUCCEEDED, 1, 1), "the agent named it in its Hello"
