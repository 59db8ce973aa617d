"""What only SQLite has: one file, one lock, a disk that can be full."""

import asyncio
import stat
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from optral.store import sqlite
from optral.store.metadata import metadata
from optral.store.open import open_store
from optral.store.sqlite import GROUP, QUEUE, SqliteStore, write_engine
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import system
from optral.terms.errors import Misconfigured, Unavailable
from tests.support.clock import FakeClock

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
INSERT = sa.insert(metadata.tables["secret_checks"])


async def test_waiting_jobs_share_a_commit(store: Store) -> None:
    go = threading.Event()
    commits: list[int] = []

    def first(tx: Transaction) -> None:
        go.wait(10)

    def note(tx: Transaction) -> int:
        return id(tx.connection)

    blocked = asyncio.create_task(store.write(system(), first))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(store.write(system(), note)) for _ in range(GROUP)]
    await asyncio.sleep(0)
    go.set()
    await blocked
    commits = await asyncio.gather(*waiting)
    assert len(set(commits)) <= 2  # the first group may have taken some along


async def test_a_full_queue_says_come_back(store: Store) -> None:
    go = threading.Event()
    blocked = asyncio.create_task(store.write(system(), lambda tx: go.wait(30)))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(store.write(system(), lambda tx: None)) for _ in range(QUEUE + GROUP + 1)]
    await asyncio.sleep(0)
    go.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    await blocked
    refused = [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]
    assert refused
    assert {error.code for error in refused} == {"store_busy"}
    assert store.depth == 0


async def test_a_full_disk_is_unavailable_writes_nothing_and_heals(store: SqliteStore) -> None:
    def limit(pages: str) -> None:
        with store._writer.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    def big(tx: Transaction, name: str) -> None:
        tx.execute(INSERT, {"name": name, "value": b"x" * 200_000})

    count = sa.text("SELECT count(*) FROM secret_checks")
    await asyncio.to_thread(limit, "1")  # SQLite takes the present size: no page more
    outcomes = await asyncio.gather(*(store.write(system(), lambda tx, n=n: big(tx, str(n))) for n in range(3)), return_exceptions=True)
    assert [getattr(outcome, "code", outcome) for outcome in outcomes] == ["database_unavailable"] * 3
    assert await store.read(system(), lambda tx: tx.execute(count).scalar_one()) == 0
    await asyncio.to_thread(limit, "1000000")
    await store.write(system(), lambda tx: big(tx, "healed"))
    assert await store.read(system(), lambda tx: tx.execute(count).scalar_one()) == 1


async def test_a_second_server_on_one_file_is_refused(store: Store, database_url: str, clock: FakeClock) -> None:
    with pytest.raises(Misconfigured) as refusal:
        await open_store(database_url=database_url, data_dir=Path("/"), clock=clock)
    assert refusal.value.code == "database_in_use"


async def test_the_file_is_for_us_alone(tmp_path: Path, clock: FakeClock, engine_name: str) -> None:
    store = await open_store(database_url=None, data_dir=tmp_path / "deep" / "data", clock=clock)
    await store.close()
    assert stat.S_IMODE((tmp_path / "deep" / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "deep" / "data" / "optral.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"this is no database, this is a text that is long enough to look like one " * 20], ids=["text"])
async def test_a_file_that_is_no_database_is_one_line(tmp_path: Path, clock: FakeClock, engine_name: str, content: bytes) -> None:
    (tmp_path / "optral.db").write_bytes(content)
    with pytest.raises(Misconfigured) as refusal:
        await open_store(database_url=None, data_dir=tmp_path, clock=clock)
    assert "\n" not in refusal.value.say
    (tmp_path / "optral.db").unlink()
    await (await open_store(database_url=None, data_dir=tmp_path, clock=clock)).close()  # the lock was let go


async def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path, clock: FakeClock, engine_name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured) as refusal:
        await open_store(database_url=None, data_dir=tmp_path / "file" / "data", clock=clock)
    assert "OPTRAL_DATA_DIR" in refusal.value.say


async def test_commits_are_durable(tmp_path: Path, engine_name: str) -> None:
    engine = write_engine(tmp_path / "x.db")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    engine.dispose()


def pause() -> None:
    """The loop stands still past the deadline, as in a stopped process."""
    time.sleep(0.05)


async def test_a_write_that_ended_during_a_pause_of_the_process_gives_its_result(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "WRITE_DEADLINE_S", 0.01)
    committed = threading.Event()

    def job(tx: Transaction) -> str:
        tx.on_commit(committed.set)
        return "done"

    running = asyncio.create_task(store.write(system(), job))
    await asyncio.sleep(0)
    assert committed.wait(10)
    pause()
    assert await running == "done"
