"""Gives free pages of the SQLite file back to the file system, a few at a time; PostgreSQL does this itself.

Deleting rows frees pages inside the file, and new rows reuse them. With `auto_vacuum=INCREMENTAL` the pages that stay free can be cut off
its end. The setting takes effect on a new file, or when the whole file is written again (docs/decisions/store.md).
"""

from pathlib import Path

import sqlalchemy as sa
import structlog

from optral.store.transaction import Transaction

PAGES = 64
"""Pages in one commit, half a MiB: a few milliseconds of the writer."""
SPARE_PAGES = 2048
"""Free pages that stay for the next rows, 16 MiB."""
SPARE_SHARE = 0.1
"""The same, as a share of the file."""
REWRITTEN_BYTES = 256 * 1024 * 1024
"""A file without the setting is written again at start if it is no larger: about a second."""
INCREMENTAL = 2
_log = structlog.get_logger(__name__)


def release(tx: Transaction, limit: int = PAGES) -> int:
    """Cut at most so many free pages off the SQLite file, beyond those that are kept for new rows; return how many."""
    if tx.dialect != "sqlite":
        return 0
    driver = tx.connection.connection.driver_connection
    assert driver is not None
    if driver.execute("PRAGMA auto_vacuum").fetchone()[0] != INCREMENTAL:
        return 0
    free, pages = (driver.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_count"))
    surplus = min(limit, free - max(SPARE_PAGES, int(pages * SPARE_SHARE)))
    if surplus <= 0:
        return 0
    for _ in range(surplus):  # a step of this statement frees one page, and Python takes one step of a statement without columns
        driver.execute("PRAGMA incremental_vacuum(1)")
    return int(surplus)


def prepare(engine: sa.Engine, path: Path) -> None:
    """Turn the setting on for a file that was made without it, if that is quick; otherwise log the command for it."""
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        if driver.execute("PRAGMA auto_vacuum").fetchone()[0] == INCREMENTAL:
            return
        if path.stat().st_size > REWRITTEN_BYTES:
            command = f'sqlite3 {path} "PRAGMA auto_vacuum=INCREMENTAL; VACUUM"'
            _log.warning("the database file does not shrink; to change that, stop the server and run this once", command=command)
            return
        driver.execute(f"PRAGMA auto_vacuum={INCREMENTAL}")
        driver.execute("VACUUM")
