"""Opens the store that the settings name: SQLite in the data folder, or PostgreSQL by `OPTRAL_DATABASE_URL`; returned migrated."""

import asyncio
import os
import sqlite3
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import exc

from optral.kit.clock import Clock
from optral.store import compaction, migrations, upgrade_copy
from optral.store.migrations.fresh import CreateAll
from optral.store.postgres import PostgresStore, check_server, engine_for
from optral.store.sqlite import FileLock, SqliteStore, read_engine, write_engine
from optral.store.store import Store
from optral.terms.errors import Misconfigured

FILE = "optral.db"
_SQLITE = "sqlite:///"
OLDEST_SQLITE = (3, 35, 0)


async def open_store(*, database_url: str | None, data_dir: Path, clock: Clock, create_all: CreateAll | None = None) -> Store:
    """Open, lock (SQLite) and migrate the database; `create_all` creates all tables in an empty one.

    Raises `Misconfigured` with one line that says what to change.
    """
    place = locate(database_url=database_url, data_dir=data_dir)
    if isinstance(place, Path):
        return await _sqlite(place, clock, create_all)
    return await _postgres(place, clock, create_all)


def locate(*, database_url: str | None, data_dir: Path) -> Path | str:
    """The file of SQLite, or the `postgresql://` URL. Raises `Misconfigured` for another URL."""
    url = database_url or f"{_SQLITE}{data_dir / FILE}"
    if url.startswith(_SQLITE):
        return Path(url.removeprefix(_SQLITE))
    if url.startswith(("postgresql://", "postgres://")):
        return url.replace("postgres://", "postgresql://", 1)
    raise Misconfigured("bad_setting", say="OPTRAL_DATABASE_URL must begin with postgresql:// or sqlite:///")


async def open_beside(*, database_url: str | None, data_dir: Path, clock: Clock) -> Store:
    """Open a database that a server may be using, for one short transaction; it is neither made, locked nor migrated.

    Raises `Misconfigured` when there is none, it is of another version, or (SQLite) it belongs to another user: files that SQLite makes
    beside it would then be closed to the server.
    """
    path = locate(database_url=database_url, data_dir=data_dir)
    if isinstance(path, str):
        engine = engine_for(path)
        with ExitStack() as undo:
            undo.callback(engine.dispose)
            await asyncio.to_thread(check_server, engine)
            await asyncio.to_thread(_check_current, engine)
            undo.pop_all()
        return PostgresStore(engine, clock, asyncio.get_running_loop())
    _check_ours(path)
    store = SqliteStore.open(path, clock, lock=False)
    reader = read_engine(path)
    async with AsyncExitStack() as undo:
        undo.push_async_callback(store.close)
        try:
            await asyncio.to_thread(_check_current, reader)
        finally:
            reader.dispose()
        undo.pop_all()
    return store


def _check_ours(path: Path) -> None:
    if not path.exists():
        raise Misconfigured("no_database", say=f"{path} does not exist; set OPTRAL_DATA_DIR to the server's data folder")
    if (owner := path.stat().st_uid) != os.geteuid():
        raise Misconfigured("not_the_owner", say=f"{path} belongs to the user with id {owner}; run this command as that user")


def _check_current(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        if not migrations.is_current(connection):
            raise Misconfigured(
                "schema_too_old", say="the database belongs to another version of Optral; start the server of this version on it first"
            )


def make_folder(folder: Path) -> None:
    """Make the folder for us alone (0700) when it is absent; raises `Misconfigured` when it cannot be made."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured("data_dir_unwritable", say=f"cannot create {folder}: {error.strerror}; set OPTRAL_DATA_DIR") from None


async def _sqlite(path: Path, clock: Clock, create_all: CreateAll | None) -> Store:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise Misconfigured("database_too_old", say=f"Python's SQLite is {sqlite3.sqlite_version}; Optral needs 3.35 or newer")
    make_folder(path.parent)
    lock = FileLock.take(path.with_name(path.name + ".lock"))
    with ExitStack() as undo:
        undo.callback(lock.release)
        await asyncio.to_thread(upgrade_copy.keep, path)
        try:
            writer = write_engine(path)
            undo.callback(writer.dispose)
            await asyncio.to_thread(migrations.bring_up_to_date, writer, create_all=create_all)
            await asyncio.to_thread(compaction.prepare, writer, path)
            store = SqliteStore(writer, read_engine(path), clock, asyncio.get_running_loop(), lock)
        except exc.DBAPIError as error:
            raise Misconfigured("database_refused", say=f"cannot use {path}: {error.orig}") from error
        undo.pop_all()
    return store


async def _postgres(url: str, clock: Clock, create_all: CreateAll | None) -> Store:
    try:
        engine = engine_for(url)
    except exc.ArgumentError:
        raise Misconfigured(
            "bad_setting", say="OPTRAL_DATABASE_URL is not a URL like postgresql://user:password@host:5432/optral"
        ) from None
    await asyncio.to_thread(check_server, engine)
    with ExitStack() as undo:
        undo.callback(engine.dispose)
        await asyncio.to_thread(migrations.bring_up_to_date, engine, create_all=create_all)
        undo.pop_all()
    return PostgresStore(engine, clock, asyncio.get_running_loop())
