"""A server that freezes (SIGSTOP) inside its transactions, in every writing thread: how long another one waits for the same locks."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from optral.access import service as access
from optral.events import service as events
from optral.events.model import NewEvent
from optral.kit.clock import SystemClock
from optral.server import schema
from optral.store import postgres
from optral.store.open import open_store
from optral.store.store import Store
from optral.terms.actor import system
from optral.terms.errors import Unavailable
from optral.terms.ids import OrgId
from tests.support.postgres import Postgres
from tests.support.replica import SUBJECT, replica

MOST_S = 15.0


@dataclass(frozen=True)
class Freeze:
    """One round: seconds until the other server's write was done, its refusals on the way, and what is wrong (empty: nothing)."""

    blocked_s: float
    refused: int
    fault: str


@contextmanager
def database() -> Iterator[str]:
    """The URL of an empty database on a PostgreSQL server of our own."""
    server = Postgres(durable=True)
    try:
        server.start()
        yield server.create_database("soak")
    finally:
        server.stop()


async def freezes(url: str, *, rounds: int) -> list[Freeze]:
    schema.gather()
    store = await open_store(database_url=url, data_dir=Path(), clock=SystemClock())
    try:
        found = []
        for number in range(1, rounds + 1):
            org_id = await _org(store, number)
            found.append(await _freeze(store, url, org_id))
            print(f"round {number}: {found[-1]}", flush=True)
        return found
    finally:
        await store.close()


async def _org(store: Store, number: int) -> OrgId:
    made, _ = await store.write(
        system(), lambda tx: access.create_organisation(tx, name=f"Org {number}", plan="free", owner_email=f"o{number}@example.org")
    )
    return made.id


async def _freeze(store: Store, url: str, org_id: OrgId) -> Freeze:
    ours = [NewEvent(type="issue.updated", cluster_id=None, subject_id="ours", data={})]
    with replica(url, org_id, jobs=postgres.WRITERS) as other:
        await asyncio.to_thread(other.wait_holding)
        other.freeze()
        began, refused = time.monotonic(), 0
        while True:
            try:
                await store.write(system(org_id), lambda tx: events.append(tx, ours))
                break
            except Unavailable:
                refused += 1
        blocked_s = time.monotonic() - began
        other.thaw()
        outcomes = await asyncio.to_thread(other.finish)
    stored = await store.read(system(org_id), lambda tx: [event.subject_id for event in events.read_after(tx, 0)])
    said, kept = outcomes.count("done"), stored.count(SUBJECT)
    return Freeze(round(blocked_s, 1), refused, "" if said == kept else f"said that {said} were done, {kept} were")
