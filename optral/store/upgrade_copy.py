"""Copies the SQLite file before it is migrated, so that an upgrade can be taken back: the older version opens the copy.

PostgreSQL has tools for this, and an operator who chose it uses them.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import structlog

from optral.kit.words import counted
from optral.store import migrations
from optral.store.disk import STOP_BELOW
from optral.terms.errors import Misconfigured

KEPT = 2
"""Copies that stay, of different schemas; the oldest are deleted."""
_SUFFIX = ".schema-"
_MB = 1_000_000
_log = structlog.get_logger(__name__)


def path_for(database: Path, revision: str) -> Path:
    """Where the copy of a database with this schema is."""
    return database.with_name(f"{database.name}{_SUFFIX}{revision}")


def keep(database: Path) -> Path | None:
    """Copy a database that is about to be migrated, with mode 0600, and delete copies beyond `KEPT`; the copy, or None if there is no need.

    The caller holds the lock of the database. Raises `Misconfigured` if the disk has no room for the copy.
    """
    if not database.exists():
        return None
    try:
        with closing(sqlite3.connect(database)) as source:
            revision = _revision(source)
            if revision is None or revision == migrations.HEAD or revision not in migrations.REVISIONS:
                return None
            target = path_for(database, revision)
            _delete_oldest(database, spare={target})
            _require_room(database, source)
            _write(source, target)
    except sqlite3.Error as error:
        raise Misconfigured("database_refused", say=f"cannot copy {database} before its migration: {error}") from error
    _log.info(f"copied the database to {target} before its migration", schema=revision, new_schema=migrations.HEAD)
    return target


def _revision(source: sqlite3.Connection) -> str | None:
    if source.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone() is None:
        return None
    row = source.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _delete_oldest(database: Path, *, spare: set[Path]) -> None:
    """Make place for one more among `KEPT`; schemas are numbered in their order."""
    others = sorted(path for path in database.parent.glob(f"{database.name}{_SUFFIX}[0-9][0-9][0-9][0-9]") if path not in spare)
    for path in others[: max(0, len(others) - (KEPT - 1))]:
        path.unlink()


def _require_room(database: Path, source: sqlite3.Connection) -> None:
    """The copy must leave the share of the disk free below which the server takes no new data."""
    pages, page_bytes = (source.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    disk = os.statvfs(database.parent)
    free = disk.f_bavail * disk.f_frsize - int(STOP_BELOW * disk.f_blocks * disk.f_frsize)
    if (needed := pages * page_bytes) > free:
        missing = counted(-(-(needed - free) // _MB), "megabyte")
        say = f"the database is copied before it is migrated, and {database.parent} lacks {missing} for the copy; free disk space"
        raise Misconfigured("no_room_for_copy", say=say)


def _write(source: sqlite3.Connection, target: Path) -> None:
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, complete without a -wal beside it
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
