"""What lists cost on a young server and on one with 30 days of history: the same requests at the same moments, one server after the other.

Both hold the same inventory and the same open issues; the old one has so many rows of history more (`tests/support/history.py`). They are
edges of this process on loopback, each with its own database.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from optral.events import service as events
from optral.store.open import open_store
from optral.store.postgres import engine_for
from optral.store.sqlite import write_engine
from optral.store.store import Store
from tests.api.conftest import Api, running
from tests.api.seeds import with_history
from tests.support import edge, history
from tests.support.clock import FakeClock
from tests.support.postgres import Postgres

YOUNG = 100_000  # rows: what is present of it is in the old one too
MOST_GROWTH = 1.5
NOISE_MS = 3.0  # of a p99 on a machine that others use too
PATHS = (
    "/v1/issues",
    "/v1/issues?status=open",
    "/v1/issues?status=resolved&sort=severity",
    "/v1/issues?type=CrashLoopBackOff&sort=lastSeenAt",
    "/v1/issues?page=50",
    "/v1/issues/facets?status=open",
    "/v1/issues/facets",
    "/v1/issues/{issue_id}",
    "/v1/issues/{issue_id}/activity",
    "/v1/issues/{issue_id}/captured",
    "/v1/events",
    "/v1/events?types=analysis.ready",
    "/v1/events?types=issue.created,issue.resolved&sort=id",
    "/v1/events?cluster=prod",
    "/v1/audit",
    "/v1/audit?action=nobody.did",
    "/v1/executions",
    "/v1/executions?status=failed",
    "/v1/executions?sort=status",
    "/v1/executions/{execution_id}",
    "/v1/webhooks/{webhook_id}/deliveries",
    "/v1/webhooks/{webhook_id}/deliveries?status=failed",
    "/v1/resources?kind=Pod",
    "/v1/resources/counts",
    "/v1/resources/{resource_id}/history",
    "/v1/resources/{resource_id}/events",
    "/v1/resources/{resource_id}/tree",
    "/v1/clusters",
    "/v1/detectors",
    "/v1/mute-rules",
)
REPLAYS: tuple[set[str] | None, ...] = (None, {"analysis.ready"})


@dataclass
class Times:
    """Milliseconds of each request, on the young server and on the old one."""

    what: str
    young: list[float] = field(default_factory=list)
    old: list[float] = field(default_factory=list)

    @property
    def is_flat(self) -> bool:
        return p99(self.old) <= MOST_GROWTH * p99(self.young) + NOISE_MS


@dataclass
class Side:
    api: Api
    known: dict[str, str]

    async def request(self, path: str) -> None:
        answer = await self.api.get(path.format(**self.known))
        assert answer.status_code == 200, (path, answer.text)

    async def replay(self, types: set[str] | None) -> None:
        """The newest thousand events, as a client reads them that was away for a moment."""
        end = await self.api.store.read(self.api.owner, events.head)
        position = max(0, end - 1000)
        while position < end:
            at = position
            _, position = await self.api.store.read(
                self.api.owner, lambda tx, at=at: events.replay(tx, at, types=types, clusters=None, limit=256)
            )


def p99(times: list[float]) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


def p50(times: list[float]) -> float:
    return sorted(times)[len(times) // 2]


def compare(folder: Path, engine: str, *, rows: int, requests: int) -> list[Times]:
    """The times of each list on that engine."""
    edge._free.clear()  # listeners of a loop that has ended
    if engine == "sqlite":
        return asyncio.run(_compare({name: f"sqlite:///{folder / name / 'optral.db'}" for name in ("young", "old")}, rows, requests))
    with tempfile.TemporaryDirectory(prefix="optral-ages-", dir="/tmp"):
        server = Postgres()
        server.start()
        try:
            return asyncio.run(_compare({name: server.create_database(name) for name in ("young", "old")}, rows, requests))
        finally:
            server.stop()


async def _compare(urls: dict[str, str], rows: int, requests: int) -> list[Times]:
    async with AsyncExitStack() as stack:
        young = await stack.enter_async_context(_side(urls["young"], 0))
        old = await stack.enter_async_context(_side(urls["old"], rows))
        found = []
        for path in PATHS:
            found.append(Times(path))
            for number in range(requests + 5):
                for side, times in ((young, found[-1].young), (old, found[-1].old)):
                    began = time.perf_counter()
                    await side.request(path)
                    if number >= 5:  # the first ones compile statements and fill caches
                        times.append((time.perf_counter() - began) * 1000)
        for types in REPLAYS:
            found.append(Times(f"replay of 1,000 events, {', '.join(types) if types else 'all types'}"))
            for _ in range(requests):
                for side, times in ((young, found[-1].young), (old, found[-1].old)):
                    began = time.perf_counter()
                    await side.replay(types)
                    times.append((time.perf_counter() - began) * 1000)
        return found


@asynccontextmanager
async def _side(url: str, rows: int) -> AsyncIterator[Side]:
    clock = FakeClock()
    clock.advance((datetime.now(UTC) - clock.now()).total_seconds())
    store: Store = await open_store(database_url=url, data_dir=Path("/"), clock=clock)
    async with running(store, clock, limits={"enterprise": 10_000_000}) as api:
        known = await with_history(api, "prod")
        await asyncio.to_thread(fill, url, rows)
        yield Side(api, known)
    await store.close()


def fill(url: str, rows: int) -> None:
    """The same inventory for both, and then the history; each table is committed on its own."""
    engine = (
        write_engine(Path(url.removeprefix("sqlite:///")))
        if url.startswith("sqlite")
        else engine_for(url, session="-c statement_timeout=0")
    )
    began = time.monotonic()
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT set_config('optral.org', '*', false)")
            connection.commit()
        for _ in history.add(connection, rows=YOUNG):
            connection.commit()
        if rows > YOUNG:
            for table in history.add(connection, rows=rows, present=YOUNG, which=history.PAST):
                connection.commit()
                print(f"  {table}: written after {time.monotonic() - began:.0f} s", flush=True)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
        else:
            connection.execute(sa.text("SELECT 1"))
            connection.rollback()
    engine.dispose()
