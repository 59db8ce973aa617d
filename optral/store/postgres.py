"""The PostgreSQL store: the same jobs in a bounded pool of threads, one connection each.

Every transaction, reads too, begins with the organization for row-level security, in the same message as BEGIN; the setting ends with the
transaction, so a pooled connection never carries one tenant's setting into another's work. A read sees one snapshot, as it does on SQLite.
A transaction costs two round trips beside its statements. No connection is tested before it is used: one that has died fails at BEGIN,
where nothing is done yet, and the job runs on another.

Replicas share row locks, so a replica that freezes inside a transaction must not stop the others. PostgreSQL ends a write transaction that
waits `IDLE_S` for its client, and a statement that waits `LOCK_S` for a lock: together, the longest time that the others wait. The store
runs such a job again, as it does after a deadlock or a serialization failure (docs/decisions/store.md).
"""

import asyncio
import itertools
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
import sqlalchemy as sa
import structlog
from sqlalchemy import exc

from optral.kit.clock import Clock
from optral.kit.hub import Hubs
from optral.kit.retry import Backoff
from optral.store.readers import Readers, Running
from optral.store.store import LATE_WRITE, WRITE_DEADLINE_S, Job, T, unconfirmed
from optral.store.tenancy import EVERY_ORG
from optral.store.threads import Threads
from optral.store.transaction import Transaction
from optral.terms.actor import Actor
from optral.terms.errors import Misconfigured, Unavailable

WRITERS = 3
"""Write transactions at once. One computes while two wait for PostgreSQL; with more, they wait for each other's interpreter lock, and a
change costs up to twice the CPU (docs/decisions/store.md).
"""
READERS = 6  # for organizations; `Readers` has one more
QUEUE = 4096
TRIES = 5
OLDEST = 150000  # PostgreSQL 15
LOCK_S = 5
"""How long a statement waits for a lock. Shorter than `IDLE_S`: what a frozen replica still waits for is gone before its idle locks are."""
IDLE_S = 8
"""How long PostgreSQL keeps a write transaction, and its locks, while the transaction waits for the client's next statement."""
PATIENT_S = 60
"""The same for reads, which lock no rows, and for the next run of a job that PostgreSQL ended because it computed for too long."""
CANCEL_S = 5.0
"""How long to try to reach PostgreSQL to cancel a statement."""
_CONFLICTS = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
_LOCKED = "55P03"  # lock_not_available
_IDLE = "25P03"  # idle_in_transaction_session_timeout; sent before the client's next statement is read, so even a COMMIT did nothing
_CLOCK = sa.text("SELECT clock_timestamp()")
_SERVER = sa.text(
    "SELECT current_setting('server_version_num')::int AS version, rolsuper OR rolbypassrls AS above_rls"
    " FROM pg_roles WHERE rolname = current_user"
)
_WRITE = "BEGIN"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_PATIENT = {"idle_in_transaction_session_timeout": f"{PATIENT_S}s"}
# A plan that was made while a table was almost empty is kept until the next ANALYZE: it must not be one that reads the whole table.
_STEADY = {"enable_seqscan": "off"}
# No statement is worth compiling. With `enable_seqscan` off, PostgreSQL before 18 gives a read of a table a cost of 1e10 and compiles
# the statement for 80 to 150 ms each time, even if the table has ten rows.
_NEVER_COMPILE = "-c jit=off"
# A statement may not outlive its caller by much. The TCP settings are PostgreSQL's own, for a client whose machine or network is gone.
_SESSION = (
    f"{_NEVER_COMPILE} -c statement_timeout=60s -c lock_timeout={LOCK_S}s -c idle_in_transaction_session_timeout={IDLE_S}s"
    " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=2 -c tcp_user_timeout=15s"
)
# Ours, for a database whose machine or network is gone. libpq ignores them on a Unix socket.
_KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 15_000}
_log = structlog.get_logger(__name__)


class PostgresStore:
    """Open with `PostgresStore.open`; jobs run in threads, in no fixed order."""

    dialect = "postgresql"

    def __init__(self, engine: sa.Engine, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
        self._engine, self._clock, self._loop = engine, clock, loop
        self.hubs = Hubs()
        self._transactions = engine.execution_options(isolation_level="AUTOCOMMIT")  # `_begin` sends BEGIN itself
        self._writers = Threads("store-writer", count=WRITERS, limit=QUEUE, loop=loop)
        self.readers = Readers(READERS, loop=loop)
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
        ends_s = time.monotonic() + WRITE_DEADLINE_S
        return await self._writers.run(self._persist, actor, job, ends_s, deadline_s=WRITE_DEADLINE_S, late=LATE_WRITE)

    async def read(self, actor: Actor, job: Job[T]) -> T:
        if self._closed:
            raise Unavailable("store_closed", say="the server is stopping; try again")
        return await self.readers.run(actor, lambda running: self._query(actor, job, running))

    @property
    def depth(self) -> int:
        return self._writers.depth

    async def close(self) -> None:
        """Finish what waits, stop the threads, close the connections. Idempotent."""
        if self._closed:
            return
        self._closed = True
        await self._writers.close()
        await self.readers.close()
        self._engine.dispose()

    def _query(self, actor: Actor, job: Job[T], running: Running) -> T:
        for is_last in (False, True):
            try:
                return self._read(actor, job, running)
            except (exc.DBAPIError, exc.TimeoutError) as error:
                if not is_last and isinstance(error, exc.DBAPIError) and error.connection_invalidated:
                    continue  # once more, on a new connection: the pool has dropped those that are as old as this one
                if not _is_unavailable(error):
                    raise
                raise _unavailable(error) from error
        raise AssertionError("unreachable")

    def _read(self, actor: Actor, job: Job[T], running: Running) -> T:
        with self._transactions.begin() as connection:
            driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
            with running.interruptible(lambda: driver.cancel_safe(timeout=CANCEL_S)):
                return job(self._begin(connection, actor, _READ, _PATIENT))

    def _persist(self, actor: Actor, job: Job[T], ends_s: float) -> T:
        backoff = Backoff(base_s=0.01, cap_s=0.2)
        is_patient = False
        for attempt in itertools.count(1):
            try:
                tx, outcome = self._commit(actor, job, is_patient=is_patient)
            except (exc.DBAPIError, exc.TimeoutError) as error:
                if not _runs_again(error, attempt, ends_s):
                    if not _is_unavailable(error):
                        raise
                    raise _unavailable(error) from error
                is_patient = is_patient or _sqlstate(error) == _IDLE
                time.sleep(backoff.next_s())  # without a pause, two jobs that deadlock would deadlock again
                continue
            if news := tx.committed():
                self._loop.call_soon_threadsafe(self.hubs.publish_all, news)
            return outcome
        raise AssertionError("unreachable")

    def _commit(self, actor: Actor, job: Job[T], *, is_patient: bool) -> tuple[Transaction, T]:
        with self._transactions.connect() as connection:
            with connection.begin() as work:
                tx = self._begin(connection, actor, _WRITE, _STEADY | _PATIENT if is_patient else _STEADY)
                outcome = job(tx)
                try:
                    work.commit()
                except exc.DBAPIError as error:
                    if error.connection_invalidated and _sqlstate(error) != _IDLE:
                        raise unconfirmed(_first_line(error)) from error
                    raise
            return tx, outcome

    def _begin(self, connection: sa.Connection, actor: Actor, begin: str, settings: Mapping[str, str]) -> Transaction:
        given = {"optral.org": actor.org_id or EVERY_ORG, **settings}
        local = ", ".join(f"set_config('{name}', {_literal(value)}, true)" for name, value in given.items())
        connection.exec_driver_sql(f"{begin}; SELECT {local}")  # without parameters, so that one message may hold both statements
        return Transaction(connection, actor, self._clock.now())


def _runs_again(error: exc.DBAPIError | exc.TimeoutError, attempt: int, ends_s: float) -> bool:
    """Tell whether a job that ended with this error is run again: PostgreSQL rolled it back, and its caller still waits."""
    if time.monotonic() >= ends_s or not isinstance(error, exc.DBAPIError):
        return False
    if _sqlstate(error) in (_LOCKED, _IDLE):
        return True
    return attempt < TRIES and (_sqlstate(error) in _CONFLICTS or error.connection_invalidated)


def engine_for(url: str, *, session: str = _SESSION) -> sa.Engine:
    """An engine on psycopg 3 for a `postgresql://` URL, with as many connections as there are threads.

    What the operator wrote in the URL wins; of `options`, word by word.
    """
    full, arguments = _target(url, session)
    return sa.create_engine(
        full, pool_size=WRITERS + READERS + 1, max_overflow=0, pool_timeout=20, pool_use_lifo=True, connect_args=arguments
    )


def connection_arguments(url: str) -> dict[str, Any]:
    """What psycopg connects with for one connection like those of `engine_for`."""
    full, arguments = _target(url, _SESSION)
    _, named = full.get_dialect()().create_connect_args(full)
    return {**named, **arguments}


def _target(url: str, session: str) -> tuple[sa.URL, dict[str, Any]]:
    full = sa.make_url(url).set(drivername="postgresql+psycopg")
    arguments: dict[str, Any] = {"connect_timeout": 10, "application_name": "optral", **_KEEPALIVES}
    for name in arguments.keys() & full.query.keys():
        del arguments[name]
    arguments["options"] = " ".join((session, *_words(full.query.get("options", ()))))
    return full.difference_update_query(["options"]), arguments


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


def clock_of(tx: Transaction) -> datetime:
    """What the database's own clock says."""
    now: datetime = tx.execute(_CLOCK).scalar_one()
    return now.astimezone(UTC)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _words(option: str | Sequence[str]) -> Sequence[str]:
    return (option,) if isinstance(option, str) else option


def _sqlstate(error: exc.SQLAlchemyError) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def _is_unavailable(error: exc.SQLAlchemyError) -> bool:
    """Tell whether the database refused or is gone; any other error is the job's own."""
    return isinstance(error, exc.OperationalError | exc.TimeoutError) or _sqlstate(error) == _IDLE


def _unavailable(error: exc.SQLAlchemyError) -> Unavailable:
    return Unavailable(
        "database_unavailable", say="the database is not responding; nothing was changed", retry_after_s=5, log=_first_line(error)
    )


def _first_line(error: exc.SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
