"""The agent as a child process: its own interpreter, its log in a file, and gone when we are gone.

It runs in its own session, so that Ctrl-C reaches us alone and the order of stopping stays ours; the kernel ends it if we are killed.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from optral.terms.errors import OptralError

STOP_WITHIN_S = 8.0
_LOOK_EVERY_S = 0.2


class AgentEnded(OptralError):
    """The agent ended by itself; `say` carries the end of its log."""

    default_code = "agent_ended"


class Agent:
    """A running agent."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process, self._log = process, log

    @property
    def pid(self) -> int:
        return self._process.pid

    async def watch(self) -> None:
        """Return never while the agent runs; raises `AgentEnded` when it does not."""
        while self._process.poll() is None:  # noqa: ASYNC110 - a child has no event to wait for
            await asyncio.sleep(_LOOK_EVERY_S)
        last = self._log.read_text(errors="replace").strip().splitlines()[-3:]
        raise AgentEnded(say=f"the agent exited with code {self._process.returncode}; its log {self._log} ends: {' | '.join(last)}")

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL when it does not listen."""
        if self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                while self._process.poll() is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        except TimeoutError:
            self._process.kill()
            self._process.wait(5)


@asynccontextmanager
async def agent(
    *,
    server_url: str,
    ca_pin: str,
    token: str | None,
    kubeconfig: Path | None,
    context: str | None,
    state_dir: Path,
    log: Path,
    policy: Path | None = None,
    is_demo: bool = False,
) -> AsyncIterator[Agent]:
    """Start an agent and stop it when the block ends. The token travels in the environment, where other users cannot read it."""
    command = [sys.executable, "-m", "optral", "agent", "--stop-with-parent", "--server", server_url, "--ca-pin", ca_pin]
    command += ["--state-dir", str(state_dir)]
    command += ["--kubeconfig", str(kubeconfig)] if kubeconfig else []
    command += ["--context", context] if context else []
    command += ["--policy", str(policy)] if policy else []
    command += ["--demo-network"] if is_demo else []
    environment = {
        name: value for name, value in os.environ.items() if name not in ("OPTRAL_AGENT_TOKEN", "OPTRAL_AGENT_POLICY", "OPTRAL_API_KEY")
    }
    if token:
        environment["OPTRAL_AGENT_TOKEN"] = token
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: ASYNC220, S603 - takes milliseconds; our own interpreter
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    running = Agent(process, log)
    try:
        yield running
    finally:
        await running.stop()
