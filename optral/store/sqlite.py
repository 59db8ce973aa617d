"""The SQLite store: one writer thread owns the write connection and commits waiting jobs as a group; reader threads only query.

One fsync is shared by all jobs that wait (WAL, `synchronous=FULL`): 15,000 small jobs a second instead of 1,100. A job that refuses
before it has written anything leaves its group as it is. When a job fails in any other way, the group is rolled back and each job is
redone alone, so a bad job hurts nobody else. That is why a job may run twice.
"""

import asyncio
import fcntl
import os
import queue
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy import event, exc

from optral.kit.clock import Clock
from optral.kit.hub import Hubs
from optral.store.readers import Readers, Running
from optral.store.store import LATE_WRITE, WRITE_DEADLINE_S, Job, unconfirmed
from optral.store.threads import fit_for_future
from optral.store.transaction import Transaction
from optral.terms.actor import Actor
from optral.terms.errors import Misconfigured, OptralError, Unavailable

T = TypeVar("T")

GROUP = 64  # jobs a commit; more only makes the first caller wait longer
QUEUE = 4096  # waiting jobs; beyond that callers get `Unavailable`
READERS = 4  # for organizations, of which one that is alone takes three


class _Waiting(NamedTuple):
    actor: Actor
    job: Job[Any]
    future: asyncio.Future[Any]


class SqliteStore:
    """Open with `SqliteStore.open`; close it, or the writer thread keeps the process alive."""

    dialect = "sqlite"

    def __init__(
        self, writer: sa.Engine, reader: sa.Engine, clock: Clock, loop: asyncio.AbstractEventLoop, lock: "FileLock | None"
    ) -> None:
        self._writer, self._reader, self._clock, self._loop, self._lock = writer, reader, clock, loop, lock
        self.hubs = Hubs()
        self._connection: sa.Connection | None = None  # of the writer thread: taking it from the pool each time costs as much as a commit
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(QUEUE)
        self.readers = Readers(READERS, loop=loop)
        self._thread = threading.Thread(target=self._serve, name="store-writer")
        self._thread.start()
        self._closed = False

    @classmethod
    def open(cls, path: Path, clock: Clock, *, lock: bool = True) -> "SqliteStore":
        """Open the file (made when absent, mode 0600) and take its lock; call on the event loop.

        Raises `Misconfigured` when another server holds the file or the folder cannot be written.
        """
        held = FileLock.take(path.with_name(path.name + ".lock")) if lock else None
        with ExitStack() as undo:
            if held:
                undo.callback(held.release)
            store = cls(write_engine(path), read_engine(path), clock, asyncio.get_running_loop(), held)
            undo.pop_all()
        return store

    async def write(self, actor: Actor, job: Job[T]) -> T:
        if self._closed:
            raise Unavailable("store_closed", say="the server is stopping; try again")
        future: asyncio.Future[T] = self._loop.create_future()
        try:
            self._queue.put_nowait(_Waiting(actor, job, future))
        except queue.Full:
            raise Unavailable("store_busy", say="too many writes are waiting for the database; try again", retry_after_s=2) from None
        try:
            async with asyncio.timeout(WRITE_DEADLINE_S):
                return await future
        except TimeoutError:
            if not future.cancelled():  # after a pause of this process the deadline and the result come together; or the error is the job's
                return future.result()
            raise Unavailable("store_slow", say=LATE_WRITE, retry_after_s=5) from None

    async def read(self, actor: Actor, job: Job[T]) -> T:
        if self._closed:
            raise Unavailable("store_closed", say="the server is stopping; try again")
        return await self.readers.run(actor, lambda running: self._query(actor, job, running))

    @property
    def depth(self) -> int:
        return self._queue.qsize()

    async def close(self) -> None:
        """Finish what waits, stop the threads, release the file. Idempotent."""
        if self._closed:
            return
        self._closed = True
        await self._loop.run_in_executor(None, self._queue.put, None)
        await self._loop.run_in_executor(None, self._thread.join)
        await self.readers.close()
        self._writer.dispose()
        self._reader.dispose()
        if self._lock:
            self._lock.release()

    def _query(self, actor: Actor, job: Job[T], running: Running) -> T:
        try:
            with self._reader.begin() as connection:
                driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
                with running.interruptible(driver.interrupt):
                    return job(Transaction(connection, actor, self._clock.now()))
        except exc.OperationalError as error:
            raise _explain(error) from error

    def _serve(self) -> None:
        while (first := self._queue.get()) is not None:
            group, stop = self._gather(first)
            self._settle(group, self._commit_all(group))
            if stop:
                break
        self._disconnect()

    def _gather(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        group = [first]
        while len(group) < GROUP:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                break
            if waiting is None:
                return group, True
            group.append(waiting)
        return group, False

    def _commit_all(self, group: Sequence[_Waiting]) -> list[Any]:
        try:
            return self._commit(group)
        except BaseException as error:  # noqa: BLE001 - the caller gets it; one bad job must not end the writer
            if len(group) == 1:
                return [_Failure(_explain(error))]
            is_open = isinstance(error, _CommitFailed)
            outcomes = []
            for waiting in group:
                outcome = self._commit_all([waiting])[0]
                if not isinstance(outcome, _Failure):
                    is_open = False  # this commit overwrote what the failed one had left in the WAL
                elif is_open and getattr(outcome.error, "code", "") == "database_unavailable":
                    outcome = _Failure(unconfirmed(str(error)))
                outcomes.append(outcome)
            return outcomes

    def _commit(self, group: Sequence[_Waiting]) -> list[Any]:
        transactions: list[Transaction] = []
        outcomes: list[Any] = []
        with ExitStack() as undo:
            connection = self._connect(undo)
            with connection.begin() as work:
                for waiting in group:
                    tx = Transaction(connection, waiting.actor, self._clock.now())
                    outcome = _run(waiting.job, tx)
                    outcomes.append(outcome)
                    if not isinstance(outcome, _Failure):
                        transactions.append(tx)
                try:
                    work.commit()
                except exc.OperationalError as error:
                    raise _CommitFailed(str(error.orig)) from error
            undo.pop_all()
        news = [one for tx in transactions for one in tx.committed()]
        if news:
            self._loop.call_soon_threadsafe(self.hubs.publish_all, news)
        return outcomes

    def _connect(self, undo: ExitStack) -> sa.Connection:
        """The connection of the writer thread, which serves one group after the other; `undo` gives it back, as it does after an error."""
        if self._connection is None:
            self._connection = self._writer.connect()
        undo.callback(self._disconnect)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _settle(self, group: Sequence[_Waiting], outcomes: Sequence[Any]) -> None:
        self._loop.call_soon_threadsafe(_hand_back, [waiting.future for waiting in group], outcomes)


class _CommitFailed(Exception):
    """SQLite rolled back, but the frames of the transaction may stand in the WAL, complete with their commit mark.

    This process does not see them, and the next commit overwrites them. If the process ends before that, the next one to open the file
    reads them as committed (docs/decisions/store.md).
    """


class _Failure(NamedTuple):
    error: Exception


def _run(job: Job[Any], tx: Transaction) -> Any:
    """The result of the job, or its error if it refused and wrote nothing; raises any other error."""
    driver: sqlite3.Connection = tx.connection.connection.driver_connection  # type: ignore[assignment]
    before = driver.total_changes
    try:
        return job(tx)
    except OptralError as error:
        if driver.total_changes != before or not driver.in_transaction:  # SQLite itself rolls back after some errors
            raise
        return _Failure(error)


def _hand_back(futures: Sequence[asyncio.Future[Any]], outcomes: Sequence[Any]) -> None:
    for future, outcome in zip(futures, outcomes, strict=True):
        if future.done():  # the caller went away; its work stays done
            continue
        if isinstance(outcome, _Failure):
            future.set_exception(outcome.error)
        else:
            future.set_result(outcome)


def _explain(error: BaseException) -> Exception:
    """A full disk, an I/O error or a locked file is not a bug of the job: say so in the caller's words."""
    if isinstance(error, _CommitFailed):
        return unconfirmed(str(error))
    if isinstance(error, exc.OperationalError):
        return Unavailable(
            "database_unavailable",
            say="the database cannot be written now; nothing was changed",
            retry_after_s=5,
            log=str(error.orig),
        )
    return fit_for_future(error)


def write_engine(path: Path) -> sa.Engine:
    """The engine of the one writing connection: WAL, FULL, BEGIN IMMEDIATE (a deferred read-then-write fails at once)."""
    if not path.exists():
        try:
            path.touch(mode=0o600)
        except OSError as error:
            raise Misconfigured("data_dir_unwritable", say=f"cannot write {path}: {error.strerror}; set OPTRAL_DATA_DIR") from None
    return _engine(
        path,
        (
            "auto_vacuum=INCREMENTAL",  # of a new file; compaction.py
            "page_size=8192",  # of a new file: rows of 1.5 KB leave less of a page empty than in 4 KB
            "journal_mode=WAL",
            "synchronous=FULL",
            "wal_autocheckpoint=1000",  # 8 MB: a checkpoint is a short pause
            "journal_size_limit=16777216",  # after a burst the WAL shrinks to 16 MiB at the next checkpoint
            "foreign_keys=ON",
            "busy_timeout=5000",
        ),
        "BEGIN IMMEDIATE",
        1,
    )


def read_engine(path: Path) -> sa.Engine:
    """The engine of the reading connections, which cannot write even by mistake."""
    return _engine(path, ("query_only=ON", "busy_timeout=5000"), "BEGIN", READERS + 1)


def _engine(path: Path, pragmas: Sequence[str], begin: str, connections: int) -> sa.Engine:
    engine = sa.create_engine(
        f"sqlite:///{path}",
        pool_size=connections,
        max_overflow=0,
        connect_args={"check_same_thread": False, "isolation_level": None, "cached_statements": 512},
    )

    def on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    return engine


class FileLock:
    """An exclusive lock on a file, held until released or the process ends, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> "FileLock":
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Misconfigured("data_dir_unwritable", say=f"cannot write {path}: {error.strerror}; set OPTRAL_DATA_DIR") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise Misconfigured(
                "database_in_use", say=f"{path.parent} is in use by another server; stop it or set OPTRAL_DATA_DIR"
            ) from None
        return cls(descriptor)

    def release(self) -> None:
        os.close(self._descriptor)
