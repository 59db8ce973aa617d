"""Two agents with one identity: the older takes over while the change of the other is applied and not yet answered.

A state directory that was copied, or a Deployment scaled to two, gives two processes the same certificate. Whichever of them is asked last,
the command's end agrees with what was really done to the object.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from optral.agent.connection import session, tunnel
from optral.commands.model import Command, State
from optral.kit.retry import Backoff
from tests.commands.conftest import API, Platform
from tests.commands.test_kill import judge

RESTART = {"kind": "Deployment", "namespace": "shop", "name": "api"}


@asynccontextmanager
async def two_agents(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """The older one keeps coming back; the newer one is superseded then and stays away."""
    pauses = iter([0.3, *[60.0] * 100])
    monkeypatch.setattr(tunnel, "SUPERSEDED_S", 0)
    monkeypatch.setattr(session, "SUPERSEDED_S", 0)
    monkeypatch.setattr(tunnel, "Backoff", lambda **_: _Scripted(pauses))
    async with platform.agent():
        copied = tmp_path / "copied"
        shutil.copytree(platform.options.state_dir or tmp_path, copied)
        fence = next(iter(platform.gateway._tunnel._sessions.values())).ref.fence
        async with platform.agent(state_dir=copied):
            await _fence_above(platform, fence)
            yield


class _Scripted(Backoff):
    """Waits as long as the test says."""

    def __init__(self, pauses: Any) -> None:
        super().__init__(base_s=0.01, cap_s=0.01)
        self._pauses = pauses

    def next_s(self, *, at_least_s: float = 0) -> float:
        return float(next(self._pauses))


async def _fence_above(platform: Platform, fence: int) -> int:
    async with asyncio.timeout(15):
        while True:
            for session in platform.gateway._tunnel._sessions.values():
                if session.ref.fence > fence:
                    return session.ref.fence
            await asyncio.sleep(0.01)


def bears(platform: Platform, command: Command) -> bool:
    annotations = platform.kube.objects[API]["metadata"]["annotations"]
    return bool(annotations.get("optral.io/command") == command.id)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("bound", [True, False], ids=["bound to a version", "not bound"])
async def test_a_change_the_other_agent_made_is_never_called_not_made(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: bool
) -> None:
    async with two_agents(platform, tmp_path, monkeypatch):
        version = platform.kube.objects[API]["metadata"]["resourceVersion"]
        platform.kube.answers.clear()
        command = await platform.enqueue("restart", **RESTART, **({"if_uid": "uid-api", "if_version": version} if bound else {}))
        async with asyncio.timeout(15):
            await platform.kube.at_answer.wait()
        ended = await platform.ended(command.id, wait_s=30)
        platform.kube.answers.set()
    assert bears(platform, ended)
    judge(platform, ended)
    assert (ended.state, ended.attempt) == (State.SUCCEEDED, 2), ended


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_change_that_the_object_no_longer_shows_is_called_unknown(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_agents(platform, tmp_path, monkeypatch):
        version = platform.kube.objects[API]["metadata"]["resourceVersion"]
        platform.kube.answers.clear()
        command = await platform.enqueue("restart", **RESTART, if_uid="uid-api", if_version=version)
        async with asyncio.timeout(15):
            await platform.kube.at_answer.wait()
        del platform.kube.objects[API]["metadata"]["annotations"]["optral.io/command"]  # as `kubectl replace` does
        platform.kube.touch(API)
        ended = await platform.ended(command.id, wait_s=30)
        platform.kube.answers.set()
    judge(platform, ended)
    assert ended.state is State.UNKNOWN, ended
    assert "look at the object" in (ended.message or "")
