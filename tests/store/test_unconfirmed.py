"""A COMMIT that fails: the answer never says that nothing was changed, since a later start may find the change."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from optral.kit.clock import SystemClock
from optral.server import schema
from optral.store.metadata import metadata
from optral.store.sqlite import SqliteStore, write_engine
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import system
from optral.terms.errors import OptralError, Unavailable
from tests.support import failing_sync
from tests.support.clock import FakeClock

CHECKS = metadata.tables["secret_checks"]
NAMES = sa.select(CHECKS.c.name).order_by(CHECKS.c.name)


def put(tx: Transaction, name: str) -> None:
    tx.execute(sa.insert(CHECKS), {"name": name, "value": b""})


def names(tx: Transaction) -> list[str]:
    return list(tx.execute(NAMES).scalars())


async def write_on_a_broken_disk(path: Path, count: int) -> dict[str, object]:
    """Run by a process of its own: what so many writes at once are answered, and what is read after them."""
    schema.gather()
    store = SqliteStore.open(path, SystemClock())
    await store.write(system(), lambda tx: put(tx, "before"))
    await store.write(system(), lambda tx: failing_sync.fail_from_now_on())  # for the writing thread

    async def code(name: str) -> str:
        try:
            await store.write(system(), lambda tx: put(tx, name))
        except OptralError as error:
            return error.code
        return "done"

    codes = await asyncio.gather(*(code(f"n{number}") for number in range(count)))
    return {"codes": codes, "names": await store.read(system(), names)}


@pytest.mark.skipif(not failing_sync.is_possible(), reason="lets fdatasync fail by seccomp, which Linux alone has")
@pytest.mark.parametrize("count", [1, 3])
async def test_a_commit_whose_sync_fails_may_be_there_after_the_next_start(tmp_path: Path, clock: FakeClock, count: int) -> None:
    schema.gather()
    path = tmp_path / "optral.db"
    engine = write_engine(path)
    with engine.begin() as connection:
        schema.create_all(connection)
    engine.dispose()
    command = [sys.executable, "-m", "tests.store.test_unconfirmed", str(path), str(count)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    answer = json.loads(done.stdout)
    assert answer == {"codes": ["commit_unconfirmed"] * count, "names": ["before"]}  # SQLite rolls back, for this process
    store = SqliteStore.open(path, clock)
    try:
        assert len(await store.read(system(), names)) > 1  # and the next one finds what the WAL holds
    finally:
        await store.close()


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_a_connection_that_is_lost_during_commit_leaves_both_possible(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(connection: sa.Connection) -> None:
        real(connection)
        raise exc.OperationalError("COMMIT", None, ConnectionError("server closed the connection"), connection_invalidated=True)

    real = sa.Connection._commit_impl
    monkeypatch.setattr(sa.Connection, "_commit_impl", lose)
    with pytest.raises(Unavailable) as refusal:
        await store.write(system(), lambda tx: put(tx, "made"))
    monkeypatch.undo()
    assert refusal.value.code == "commit_unconfirmed"
    assert "may have been made" in refusal.value.say
    assert await store.read(system(), names) == ["made"]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(write_on_a_broken_disk(Path(sys.argv[1]), int(sys.argv[2])))), flush=True)
    os._exit(0)  # as in a crash: no checkpoint, no second try
