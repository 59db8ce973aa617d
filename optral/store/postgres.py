"""The PostgreSQL store: the same jobs in a bounded pool of threads, one connection each.

Every transaction, reads too, first sets the organisation for row-level security; the setting ends with the transaction, so a pooled
connection never carries one tenant's setting into another's work. Serialisation failures and deadlocks run the job again. A read
sees one snapshot, as it does on SQLite.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

import sqlalchemy as sa
import structlog
from sqlalchemy import exc

from optral.kit.backoff import Backoff
from optral.kit.clock import Clock
from optral.store.store import LATE_READ, LATE_WRITE, READ_DEADLINE_S, READ_LIMIT, WRITE_DEADLINE_S, Job, T
from optral.store.tenancy import EVERY_ORG
from optral.store.threads import Threads
from optral.store.transaction import Transaction
from optral.terms.actor import Actor
from optral.terms.errors import Misconfigured, Unavailable

WRITERS = 6
READERS = 6
QUEUE = 4096
TRIES = 5
OLDEST = 150000  # PostgreSQL 15
_RETRYABLE = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
_SET_ORG = sa.text("SELECT set_config('optral.org', :org, true)")
_SERVER = sa.text(
    "SELECT current_setting('server_version_num')::int AS version, rolsuper OR rolbypassrls AS above_rls"
    " FROM pg_roles WHERE rolname = current_user"
)
# A statement may not outlive its caller by much, and a lost client may not hold locks.
_SESSION = "-c statement_timeout=60000 -c lock_timeout=20000 -c idle_in_transaction_session_timeout=120000"
_log = structlog.get_logger(__name__)


class PostgresStore:
    """Open with `PostgresStore.open`; jobs run in threads, in no fixed order."""

    dialect = "postgresql"

    def __init__(self, engine: sa.Engine, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
        self._engine, self._clock, self._loop = engine, clock, loop
        self._reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writers = Threads("store-writer", count=WRITERS, limit=QUEUE, loop=loop)
        self._readers = Threads("store-reader", count=READERS, limit=READ_LIMIT, loop=loop)
        self._closed = False

    @classmethod
    def open(cls, url: str, clock: Clock) -> "PostgresStore":
        """Connect to `postgresql://…`; call on the event loop. Raises `Misconfigured` when the server cannot be reached."""
        engine = engine_for(url)
        check_server(engine)
        return cls(engine, clock, asyncio.get_running_loop())

    async def write(self, actor: Actor, job: Job[T]) -> T:
        if self._closed:
            raise Unavailable("store_closed", say="the server is stopping; try again")
        return await self._writers.run(self._persist, actor, job, deadline_s=WRITE_DEADLINE_S, late=LATE_WRITE)

    async def read(self, actor: Actor, job: Job[T]) -> T:
        if self._closed:
            raise Unavailable("store_closed", say="the server is stopping; try again")
        return await self._readers.run(self._query, actor, job, deadline_s=READ_DEADLINE_S, late=LATE_READ)

    @property
    def depth(self) -> int:
        return self._writers.depth

    async def close(self) -> None:
        """Finish what waits, stop the threads, close the connections. Idempotent."""
        if self._closed:
            return
        self._closed = True
        await self._writers.close()
        await self._readers.close()
        self._engine.dispose()

    def _query(self, actor: Actor, job: Job[T]) -> T:
        try:
            with self._reading.begin() as connection:
                return job(self._begin(connection, actor))
        except (exc.OperationalError, exc.TimeoutError) as error:
            raise _unavailable(error) from error

    def _persist(self, actor: Actor, job: Job[T]) -> T:
        backoff = Backoff(base_s=0.01, cap_s=0.2)
        for attempt in range(1, TRIES + 1):
            try:
                tx, outcome = self._commit(actor, job)
            except exc.DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) in _RETRYABLE and attempt < TRIES:
                    time.sleep(backoff.next_s())  # else the two that met meet again
                    continue
                if isinstance(error, exc.OperationalError):
                    raise _unavailable(error) from error
                raise
            except exc.TimeoutError as error:
                raise _unavailable(error) from error
            announcements = tx.committed()
            if announcements:
                self._loop.call_soon_threadsafe(_run_all, announcements)
            return outcome
        raise AssertionError("unreachable")

    def _commit(self, actor: Actor, job: Job[T]) -> tuple[Transaction, T]:
        with self._engine.connect() as connection:
            with connection.begin() as work:
                tx = self._begin(connection, actor)
                outcome = job(tx)
                try:
                    work.commit()
                except exc.OperationalError as error:
                    if error.connection_invalidated:
                        raise Unavailable("database_unavailable", say=LATE_WRITE, retry_after_s=5, log=_first_line(error)) from error
                    raise
            return tx, outcome

    def _begin(self, connection: sa.Connection, actor: Actor) -> Transaction:
        connection.execute(_SET_ORG, {"org": actor.org_id or EVERY_ORG})
        return Transaction(connection, actor, self._clock.now())


def engine_for(url: str, *, session: str = _SESSION) -> sa.Engine:
    """An engine on psycopg 3 for a `postgresql://` URL, with as many connections as there are threads."""
    full = sa.make_url(url).set(drivername="postgresql+psycopg")
    arguments = {"connect_timeout": 10, "application_name": "optral", "options": session}
    for name in arguments.keys() & full.query.keys():  # what the operator wrote in the URL wins
        del arguments[name]
    return sa.create_engine(full, pool_size=WRITERS + READERS, max_overflow=0, pool_timeout=20, pool_pre_ping=True, connect_args=arguments)


def check_server(engine: sa.Engine) -> None:
    """Raise `Misconfigured` unless the server answers and is new enough; warn where row-level security cannot bind our role."""
    try:
        with engine.begin() as connection:
            server = connection.execute(_SERVER).one()
    except exc.SQLAlchemyError as error:
        engine.dispose()
        raise Misconfigured("database_unreachable", say=f"cannot reach the database of OPTRAL_DATABASE_URL: {_first_line(error)}") from None
    if server.version < OLDEST:
        engine.dispose()
        raise Misconfigured(
            "database_too_old", say=f"OPTRAL_DATABASE_URL is PostgreSQL {server.version // 10000}; Optral needs 15 or newer"
        )
    if server.above_rls:
        _log.warning("the database role is above row-level security: give Optral a role that is no superuser and has no BYPASSRLS")


def _run_all(effects: Sequence[Callable[[], None]]) -> None:
    for effect in effects:
        effect()


def _unavailable(error: exc.SQLAlchemyError) -> Unavailable:
    return Unavailable(
        "database_unavailable", say="the database does not answer now; nothing was changed", retry_after_s=5, log=_first_line(error)
    )


def _first_line(error: exc.SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
