"""Counts the rows of the inventory itself once an hour, since a digest that both sides keep says nothing about rows lost behind it.

Rows change outside the server when somebody edits the database, restores part of it, or a disk loses pages. One kind of one cluster is read
at a time, on a reader of the store and under the cluster's lock: uid and resource version of each row, no manifest. What was changed is
logged, counted and listed again by the agent. A session's beginning counts as well (`Inventory.begin`).
"""

import asyncio

import structlog

from optral.flows import loops
from optral.flows.inventory.ingest import RECOUNT_EVERY_S, Inventory, Session
from optral.kit.clock import Clock
from optral.kube.kinds import EVENT
from optral.terms.errors import Refused

REST_S = 1.0  # between two clusters: at most 3,600 clusters an hour and process
LOOK_AT_LEAST_EVERY_S = 60.0
AGAIN_AFTER_FAILURE_S = 300.0
_log = structlog.get_logger(__name__)


class Recount:
    """Own `run` as a task; `step` counts the rows of the cluster that is due first."""

    def __init__(self, clock: Clock, inventory: Inventory) -> None:
        self._clock, self._inventory = clock, inventory
        self.retries = loops.retries("recount", clock, _log)

    async def run(self) -> None:
        while True:
            wait_s = await self.retries.run_once(self.step)
            await asyncio.sleep(max(REST_S, wait_s or 0.0))

    async def step(self) -> float:
        """Count one cluster if one is due; return the seconds until the next is due (at most 60)."""
        if (session := self._first()) is not None and session.recount_s <= self._clock.monotonic():
            session.recount_s = self._clock.monotonic() + AGAIN_AFTER_FAILURE_S
            await self._count(session)
            session.recount_s = self._clock.monotonic() + RECOUNT_EVERY_S
        following = self._first()
        left_s = LOOK_AT_LEAST_EVERY_S if following is None else following.recount_s - self._clock.monotonic()
        return min(LOOK_AT_LEAST_EVERY_S, max(0.0, left_s))

    def _first(self) -> Session | None:
        return min(self._inventory.sessions(), key=lambda session: session.recount_s, default=None)

    async def _count(self, session: Session) -> None:
        for kind in sorted(session.ref.kinds - {EVENT.id}):
            async with self._inventory.lock(session.ref.cluster_id):
                if session not in self._inventory.sessions():
                    return
                try:
                    await self._inventory.recount(session, kind)
                except Refused:
                    return  # superseded, or the cluster is gone: the sweep ends the session
