"""Servers and agents as forks of a process that has everything imported: reading the modules is most of a start, and no part of a kill."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from tests.support.platform import Platform, Process

PRELOADED = ["lab.soak.forking", "optral.cli.main", "optral.server.app", "optral.agent.main"]
RECONNECT_S = ((0.0, 1.0),)
"""The pauses of an agent between its attempts to connect: those of up to a minute are what a round would take."""
IMPATIENT = "SOAK_IMPATIENT"
"""Where this is set, a server takes over a pull request from a dead one after `LEASE`, and asks a forge that failed again after `AGAIN`."""
LEASE, AGAIN = timedelta(seconds=3), timedelta(seconds=1)


class Forked:
    """One of them, with the methods of `subprocess.Popen` that are needed."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        self._process = context.Process(target=_run, args=(list(arguments), dict(environment), str(log)), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if (code := self._process.exitcode) is None:
            raise subprocess.TimeoutExpired("optral", timeout or 0)
        return code

    def send_signal(self, sig: int) -> None:
        os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkingPlatform(Platform):
    """A platform whose processes are forks."""

    def _spawn(self, name: str, arguments: list[str]) -> Process:
        return Forked(arguments, self.environment(), self.log(name))


def _run(arguments: list[str], environment: dict[str, str], log: str) -> None:
    """In the new process: the command line with these arguments."""
    from optral.agent.connection import tunnel
    from optral.cli.main import run
    from optral.forges import model

    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    tunnel.RECONNECT_S = RECONNECT_S  # type: ignore[assignment]
    if IMPATIENT in environment:
        model.LEASE, model.RETRY_AFTER = LEASE, (AGAIN,)  # type: ignore[assignment]
    sys.argv = ["optral", *arguments]
    run()
