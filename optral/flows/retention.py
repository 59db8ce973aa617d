"""Deletes old rows: at most 500 a commit, one commit at a time, others in between. `server/retention.py` has the rules.

Then the SQLite file gives back what it does not need (`store/compaction.py`).

Nothing is deleted while the clock cannot be trusted (`clock_guard.py`).
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from optral.flows import loops
from optral.flows.clock_guard import ClockGuard
from optral.kit.clock import Clock
from optral.store import compaction
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor

ROWS = 500
EVERY_S = 300.0
MOST_PIECES = 1000  # of the SQLite file in one round: 500 MiB in about a minute
PAUSE_S = 0.05  # between two commits: others write meanwhile
_log = structlog.get_logger(__name__)


Rule = Callable[[Transaction, int], int]
"""Deletes at most so many rows across organizations, returns how many."""
Moment = Callable[[Transaction], datetime | None]


class RetentionWorker:
    """Own `run` as a task.

    The clock is compared with what `database_clock` reads, the clock of a database that may be on another machine, and, at the start, with
    `newest`, the newest time that is stored.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        rules: Sequence[Rule],
        *,
        database_clock: Moment | None = None,
        newest: Moment | None = None,
    ) -> None:
        self._store = store
        self._guard = ClockGuard(clock)
        self._database_clock, self._newest = database_clock, newest
        self.retries = loops.retries("retention", clock, _log)
        self._rules = tuple(rules)

    async def run(self) -> None:
        while True:
            await self.retries.run_once(self.step)
            await asyncio.sleep(EVERY_S)

    @property
    def stopped(self) -> str:
        """Why nothing is deleted now; empty while the clock is trusted."""
        return self._guard.reason

    async def step(self) -> int:
        """Delete everything that is too old now; how many rows. Nothing while the clock cannot be trusted."""
        if not await self._is_clock_trusted():
            return 0
        total = 0
        for rule in self._rules:
            total += await self._apply(rule)
        await self._compact()
        return total

    async def _compact(self) -> None:
        """Give freed pages of the SQLite file back, a few in each commit, and only while nobody waits for the writer."""
        for _ in range(MOST_PIECES):
            if self._store.depth or not await self._store.write(actor.system(), compaction.release):
                return
            await asyncio.sleep(PAUSE_S)

    async def _apply(self, rule: Rule) -> int:
        total = 0
        while self._guard.is_steady() and (deleted := await self._store.write(actor.system(), lambda tx: rule(tx, ROWS))):
            total += deleted
            if deleted < ROWS:
                break
            await asyncio.sleep(PAUSE_S)
        return total

    async def _is_clock_trusted(self) -> bool:
        def look(tx: Transaction) -> tuple[datetime | None, datetime | None]:
            return self._database_clock and self._database_clock(tx), self._newest and self._newest(tx)

        database, newest = await self._store.read(actor.system(), look)
        self._newest = None  # only what was stored before the start is evidence
        return self._guard.check(database=database, newest=newest)
