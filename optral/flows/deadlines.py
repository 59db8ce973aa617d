"""After the clock was set back, no work waits until it has caught up: looks once a minute for times that are too far ahead."""

import asyncio

import structlog

from optral.flows import loops
from optral.kit.clock import Clock
from optral.store import deadlines
from optral.store.store import Store
from optral.terms import actor

LOOK_EVERY_S = 60.0
_log = structlog.get_logger(__name__)


class DeadlineWorker:
    """Own `run` as a task."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self.retries = loops.retries("deadlines", clock, _log)

    async def run(self) -> None:
        while True:
            await self.retries.run_once(self.step)
            await asyncio.sleep(LOOK_EVERY_S)

    async def step(self) -> None:
        """Bring back what is too far ahead. Nearly always nothing is, and nothing is written."""
        found = await self._store.read(actor.system(), deadlines.find)
        if found:
            moved = await self._store.write(actor.system(), lambda tx: deadlines.bring_back(tx, found))
            _log.warning("the clock was set back; work that was due by the old time is due now", rows=moved)
