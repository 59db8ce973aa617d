"""Anchors of audit logs: the newest hash of each organization's chain, sent outside the database once an hour if it has changed.

Whoever controls the database can rewrite a chain so that it fits again, or remove its last records. A hash that was sent before shows that,
as long as they do not control where it went: a webhook that subscribes to the event `audit.anchor`, or a file on another disk or with
append-only permissions. The event is written only if a webhook subscribes to it: in the event log alone it would prove nothing.
"""

import asyncio
import os
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from optral.access import service as access
from optral.access.chain import Checkpoint
from optral.events import service as events
from optral.events.model import Event, EventFilter, NewEvent
from optral.flows import loops
from optral.kit.clock import Clock
from optral.kit.paging import PageRequest
from optral.kit.times import rfc3339
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.ids import OrgId
from optral.webhooks import service as webhooks
from optral.webhooks.model import MAX_WEBHOOKS

EVERY = timedelta(hours=1)
LOOK_EVERY_S = 300.0
TYPE = "audit.anchor"
_log = structlog.get_logger(__name__)


class AnchorWorker:
    """Own `run` as a task; `step` sends what is due. `file` gets a line for each anchor, `TIME ORGANIZATION NUMBER:HASH`.

    With several servers each writes its own file, and the event comes once.
    """

    def __init__(self, store: Store, clock: Clock, *, file: Path | None = None) -> None:
        self._store, self._clock, self._file = store, clock, file
        self._written: dict[str, tuple[datetime, Checkpoint]] = {}
        self.retries = loops.retries("anchors", clock, _log)

    async def run(self) -> None:
        while True:
            await self.retries.run_once(self.step)
            await asyncio.sleep(LOOK_EVERY_S)

    async def step(self) -> None:
        """Send the anchors of all organizations that are due."""
        for org_id in await self._store.read(actor.system(), access.organisation_ids):
            with self.retries.attempt(org_id):
                await self._anchor(org_id)

    async def _anchor(self, org_id: OrgId) -> None:
        who = actor.system(org_id)
        now, head = self._clock.now(), await self._store.read(who, access.audit_place)
        if head.seq == 0:
            return
        if await self._store.read(who, lambda tx: _is_due(tx, head)):
            await self._store.write(who, _append)
        if self._file is not None and self._must_write(org_id, now, head):
            await asyncio.to_thread(write, self._file, f"{rfc3339(now)} {org_id} {head}\n")
            self._written[org_id] = now, head

    def _must_write(self, org_id: OrgId, now: datetime, head: Checkpoint) -> bool:
        at, last = self._written.get(org_id, (None, None))
        return at is None or (last != head and now - at >= EVERY)


def _newest(tx: Transaction) -> Event | None:
    return next(iter(events.find(tx, EventFilter(types=frozenset({TYPE})), PageRequest(size=1))), None)


def _is_due(tx: Transaction, head: Checkpoint) -> bool:
    if not any(one.is_enabled and TYPE in one.filters.events for one in webhooks.find(tx, PageRequest(size=MAX_WEBHOOKS))):
        return False
    newest = _newest(tx)
    return newest is None or (newest.data["head"] != str(head) and tx.now - newest.at >= EVERY)


def _append(tx: Transaction) -> None:
    """Decide again inside the transaction: another server may have been faster."""
    head = access.audit_place(tx)
    if _is_due(tx, head):
        data = {"id": tx.org_id, "seq": head.seq, "hash": head.hash.hex(), "head": str(head), "at": rfc3339(tx.now)}
        events.append(tx, [NewEvent(TYPE, None, tx.org_id, data)])


def write(file: Path, line: str) -> None:
    """Append a line (mode 0600) and have it on the disk. Raises `OSError`."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
