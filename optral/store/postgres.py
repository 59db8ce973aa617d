"""The PostgreSQL store: the same jobs in a bounded pool of threads, one connection each.

Every transaction, reads too, first sets the organisation for row-level security; the setting ends with the transaction, so a pooled
connection never carries one tenant's setting into another's work. Serialisation failures and deadlocks run the job again.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import exc

from optral.kit.clock import Clock
from optral.store.store import WRITE_DEADLINE_S, Job
from optral.store.tenancy import EVERY_ORG
from optral.store.transaction import Transaction
from optral.terms.actor import Actor
from optral.terms.errors import Misconfigured, Unavailable

T = TypeVar("T")

WRITERS = 6
READERS = 6
QUEUE = 4096
TRIES = 5
_RETRYABLE = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
_SET_ORG = sa.text("SELECT set_config('optral.org', :org, true)")
_READ_ONLY = sa.text("SET TRANSACTION READ ONLY")


class PostgresStore:
    """Open with `PostgresStore.open`; jobs run in threads, in no fixed order."""

    def __init__(self, engine: sa.Engine, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
        self._engine, self._clock, self._loop = engine, clock, loop
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="store-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._waiting = 0
        self._closed = False

    @classmethod
    def open(cls, url: str, clock: Clock) -> "PostgresStore":
        """Connect to `postgresql://…`; call on the event loop. Raises `Misconfigured` when the server cannot be reached."""
        engine = engine_for(url)
        try:
            engine.connect().close()
        except exc.OperationalError as error:
            engine.dispose()
            raise Misconfigured(
                "database_unreachable", say=f"cannot reach the database of OPTRAL_DATABASE_URL: {_first_line(error)}"
            ) from None
        return cls(engine, clock, asyncio.get_running_loop())

    async def write(self, actor: Actor, job: Job[T]) -> T:
        if self._closed:
            raise Unavailable("store_closed", say="the server is stopping; try again")
        if self._waiting >= QUEUE:
            raise Unavailable("store_busy", say="too many writes wait for the database; try again", retry_after_s=2)
        self._waiting += 1
        future = self._loop.run_in_executor(self._writers, self._persist, actor, job)
        future.add_done_callback(self._left)
        try:
            async with asyncio.timeout(WRITE_DEADLINE_S):
                return await asyncio.shield(future)
        except TimeoutError:
            raise Unavailable(
                "store_slow", say="the database did not answer in time; the change may still be made", retry_after_s=5
            ) from None

    async def read(self, actor: Actor, job: Job[T]) -> T:
        if self._closed:
            raise Unavailable("store_closed", say="the server is stopping; try again")
        return await self._loop.run_in_executor(self._readers, self._query, actor, job)

    @property
    def depth(self) -> int:
        return self._waiting

    async def close(self) -> None:
        """Finish what waits, stop the threads, close the connections. Idempotent."""
        if self._closed:
            return
        self._closed = True
        await self._loop.run_in_executor(None, self._writers.shutdown)
        await self._loop.run_in_executor(None, self._readers.shutdown)
        self._engine.dispose()

    def _left(self, future: asyncio.Future[Any]) -> None:
        self._waiting -= 1
        if not future.cancelled():
            future.exception()  # seen: a caller that left does not make it an unretrieved error

    def _query(self, actor: Actor, job: Job[T]) -> T:
        try:
            with self._engine.begin() as connection:
                connection.execute(_READ_ONLY)
                return job(self._begin(connection, actor))
        except exc.OperationalError as error:
            raise _unavailable(error) from error

    def _persist(self, actor: Actor, job: Job[T]) -> T:
        for attempt in range(1, TRIES + 1):
            try:
                with self._engine.begin() as connection:
                    tx = self._begin(connection, actor)
                    outcome = job(tx)
            except exc.DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) in _RETRYABLE and attempt < TRIES:
                    continue
                if isinstance(error, exc.OperationalError):
                    raise _unavailable(error) from error
                raise
            announcements = tx.committed()
            if announcements:
                self._loop.call_soon_threadsafe(_run_all, announcements)
            return outcome
        raise AssertionError("unreachable")

    def _begin(self, connection: sa.Connection, actor: Actor) -> Transaction:
        connection.execute(_SET_ORG, {"org": actor.org_id or EVERY_ORG})
        return Transaction(connection, actor, self._clock.now())


def engine_for(url: str) -> sa.Engine:
    """An engine on psycopg 3 for a `postgresql://` URL, with as many connections as there are threads."""
    full = sa.make_url(url).set(drivername="postgresql+psycopg")
    return sa.create_engine(full, pool_size=WRITERS + READERS, max_overflow=0, pool_timeout=20, pool_pre_ping=True)


def _run_all(effects: list[Callable[[], None]]) -> None:
    for effect in effects:
        effect()


def _unavailable(error: exc.OperationalError) -> Unavailable:
    return Unavailable(
        "database_unavailable", say="the database does not answer now; nothing was changed", retry_after_s=5, log=_first_line(error)
    )


def _first_line(error: exc.DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0]
