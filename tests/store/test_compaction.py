"""The SQLite file shrinks after rows were deleted, in small pieces; a file from before this setting is written again once."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from optral.flows.retention import RetentionWorker
from optral.store import compaction
from optral.store.metadata import metadata
from optral.store.open import FILE, open_store
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import system
from tests.support.clock import FakeClock

ROWS, BYTES = 600, 8000
_CHECKS = metadata.tables["secret_checks"]


def fill(tx: Transaction) -> None:
    tx.execute(sa.insert(_CHECKS), [{"name": f"row-{number}", "value": bytes(BYTES)} for number in range(ROWS)])


def clear(tx: Transaction) -> None:
    tx.execute(sa.delete(_CHECKS)).close()


def pages(tx: Transaction) -> int:
    return int(tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one())


def setting(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        return int(connection.execute("PRAGMA auto_vacuum").fetchone()[0])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "SPARE_PAGES", 50)


@pytest.mark.usefixtures("small")
async def test_a_round_of_retention_gives_freed_pages_back_and_keeps_some(tmp_path: Path, clock: FakeClock) -> None:
    store = await open_store(database_url=None, data_dir=tmp_path, clock=clock)
    empty = await store.read(system(), pages)
    await store.write(system(), fill)
    full = await store.read(system(), pages)
    await store.write(system(), clear)
    assert full >= empty + ROWS
    await RetentionWorker(store, clock, []).step()
    assert empty <= await store.read(system(), pages) <= empty + 60
    await store.close()


@pytest.mark.usefixtures("small")
async def test_one_commit_gives_back_a_few_pages_only(tmp_path: Path, clock: FakeClock) -> None:
    store = await open_store(database_url=None, data_dir=tmp_path, clock=clock)
    await store.write(system(), fill)
    await store.write(system(), clear)
    before = await store.read(system(), pages)
    assert await store.write(system(), compaction.release) == compaction.PAGES
    assert before - await store.read(system(), pages) == compaction.PAGES
    await store.close()


async def test_a_file_with_little_free_space_stays_as_it_is(store: Store) -> None:
    assert await store.write(system(), compaction.release) == 0


@pytest.mark.parametrize(("largest", "expected"), [(compaction.REWRITTEN_BYTES, compaction.INCREMENTAL), (0, 0)], ids=["small", "large"])
async def test_an_older_file_is_written_again_at_start_if_that_is_quick(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, largest: int, expected: int
) -> None:
    path = tmp_path / FILE
    store = await open_store(database_url=None, data_dir=tmp_path, clock=clock)
    await store.write(system(), lambda tx: tx.execute(sa.insert(_CHECKS).values(name="kept", value=b"")).close())
    await store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA auto_vacuum=NONE")
        connection.execute("VACUUM")
    assert setting(path) == 0
    monkeypatch.setattr(compaction, "REWRITTEN_BYTES", largest)
    store = await open_store(database_url=None, data_dir=tmp_path, clock=clock)
    assert await store.read(system(), lambda tx: tx.execute(sa.select(_CHECKS.c.name)).scalars().all()) == ["kept"]
    await store.close()
    assert setting(path) == expected
