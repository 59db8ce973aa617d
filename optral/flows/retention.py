"""What is kept how long, and the one cleaner: at most 500 rows a commit, one commit at a time, others in between.

It deletes nothing while the clock cannot be trusted (`clock_guard.py`).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from optral.flows import loops
from optral.flows.clock_guard import ClockGuard
from optral.issues import service as issues
from optral.kit.clock import Clock
from optral.kit.setbacks import Setbacks
from optral.resources import service as resources
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor

ROWS = 500
EVERY_S = 300.0
PAUSE_S = 0.05  # between two commits: the cleaner is never in a hurry
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long things are kept."""

    kubernetes_events: timedelta = timedelta(hours=24)
    resource_history: timedelta = timedelta(days=30)
    resolved_issues: timedelta = timedelta(days=180)


Rule = Callable[[Transaction], int]
"""Deletes at most 500 rows, returns how many."""


Moment = Callable[[Transaction], datetime | None]


class Cleaner:
    """Own `run` as a task. `more` are rules of other rooms, each deleting at most 500 rows a call across organisations.

    The clock is compared with what `database_clock` reads, the clock of a database that may be on another machine, and, at the start, with
    `newest`, the newest time that is stored.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        retention: Retention,
        *more: Rule,
        database_clock: Moment | None = None,
        newest: Moment | None = None,
    ) -> None:
        self._store = store
        self._guard = ClockGuard(clock)
        self._database_clock, self._newest = database_clock, newest
        self.setbacks = Setbacks(clock.monotonic, loops.told(_log, "retention"))
        self._rules: tuple[Rule, ...] = (
            partial(_kubernetes_events, keep=retention.kubernetes_events),
            partial(_resource_history, keep=retention.resource_history),
            partial(_resolved_issues, keep=retention.resolved_issues),
            *more,
        )

    async def run(self) -> None:
        while True:
            await loops.tried(self.step, self.setbacks)
            await asyncio.sleep(EVERY_S)

    @property
    def stopped(self) -> str:
        """Why nothing is deleted now; empty while the clock is trusted."""
        return self._guard.reason

    async def step(self) -> int:
        """Remove everything that is too old now; how many rows. Nothing while the clock cannot be trusted."""
        if not await self._is_clock_trusted():
            return 0
        total = 0
        for rule in self._rules:
            while self._guard.is_steady() and (deleted := await self._store.write(actor.system(), rule)):
                total += deleted
                if deleted < ROWS:
                    break
                await asyncio.sleep(PAUSE_S)
        return total

    async def _is_clock_trusted(self) -> bool:
        def look(tx: Transaction) -> tuple[datetime | None, datetime | None]:
            return self._database_clock and self._database_clock(tx), self._newest and self._newest(tx)

        database, newest = await self._store.read(actor.system(), look)
        self._newest = None  # only what was stored before the start tells something
        return self._guard.check(database=database, newest=newest)


def _kubernetes_events(tx: Transaction, *, keep: timedelta) -> int:
    return resources.delete_old_events(tx, before=tx.now - keep, limit=ROWS)


def _resource_history(tx: Transaction, *, keep: timedelta) -> int:
    return resources.delete_old_history(tx, before=tx.now - keep, limit=ROWS)


def _resolved_issues(tx: Transaction, *, keep: timedelta) -> int:
    return issues.delete_old(tx, before=tx.now - keep, limit=ROWS)
