"""A second server's store, in a process of its own, that a test can freeze inside its transactions.

`python -m tests.support.replica URL ORG JOBS` runs so many jobs at once. Each appends an event, so the first to come holds the head of the
organization's log and the others wait for it. The first run of the first job prints `holding` and goes on when it is sent a line; at the
end the process prints the outcome of each job.
"""

import asyncio
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from optral.events import service as events
from optral.events.model import NewEvent
from optral.kit.clock import SystemClock
from optral.server import schema
from optral.store.postgres import PostgresStore
from optral.store.transaction import Transaction
from optral.terms.actor import system
from optral.terms.errors import OptralError
from optral.terms.ids import OrgId

SUBJECT = "of the replica"


class Replica:
    """The process, for the test."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def wait_holding(self) -> None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line == "holding\n", line

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def finish(self) -> list[str]:
        """Let the first job go on; each job's outcome: `done`, or the code of its error."""
        output, _ = self._process.communicate("go on\n", timeout=120)
        outcomes: list[str] = json.loads(output)
        return outcomes

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.kill()  # also ends one that is stopped
        self._process.communicate()


@contextmanager
def replica(url: str, org_id: str, *, jobs: int = 1) -> Iterator[Replica]:
    command = [sys.executable, "-m", "tests.support.replica", url, org_id, str(jobs)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    started = Replica(process)
    try:
        yield started
    finally:
        started.stop()


async def run(url: str, org_id: OrgId, jobs: int) -> list[str]:
    schema.gather()
    store = PostgresStore.open(url, SystemClock())
    is_first = threading.Lock()  # never released: taken once

    def append(tx: Transaction) -> None:
        events.append(tx, [NewEvent(type="issue.updated", cluster_id=None, subject_id=SUBJECT, data={})])
        if is_first.acquire(blocking=False):
            print("holding", flush=True)
            sys.stdin.readline()

    async def outcome() -> str:
        try:
            await store.write(system(org_id), append)
        except OptralError as error:
            return error.code
        return "done"

    outcomes = await asyncio.gather(*(outcome() for _ in range(jobs)))
    await store.close()
    return outcomes


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(sys.argv[1], OrgId(sys.argv[2]), int(sys.argv[3])))), flush=True)
