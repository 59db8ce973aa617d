"""What only PostgreSQL has: many writers at once, a server that goes away."""

import asyncio
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from optral.store.metadata import metadata
from optral.store.open import open_store
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import system
from optral.terms.errors import Misconfigured, Unavailable
from tests.support.clock import FakeClock
from tests.support.postgres import Postgres

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
CHECKS = metadata.tables["secret_checks"]


async def test_a_deadlock_runs_the_job_again(store: Store) -> None:
    await store.write(system(), lambda tx: tx.execute(sa.insert(CHECKS), [{"name": n, "value": b""} for n in "ab"]).close())
    met = threading.Barrier(2, timeout=30)
    runs: list[str] = []

    def cross(tx: Transaction, first: str, second: str) -> None:
        runs.append(first)
        for name in (first, second):
            tx.execute(sa.update(CHECKS).where(CHECKS.c.name == name).values(value=first.encode()))
            if len(runs) <= 2 and name == first:
                met.wait()

    await asyncio.gather(store.write(system(), lambda tx: cross(tx, "a", "b")), store.write(system(), lambda tx: cross(tx, "b", "a")))
    assert len(runs) >= 3
    values = await store.read(system(), lambda tx: [bytes(value) for value in tx.execute(sa.select(CHECKS.c.value)).scalars()])
    assert values in ([b"a", b"a"], [b"b", b"b"])  # one after the other, none lost half way


async def test_a_lost_connection_is_unavailable_and_heals(store: Store, postgres: Postgres) -> None:
    def cut(tx: Transaction) -> None:
        pid = tx.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        with postgres.admin() as admin:
            admin.execute(f"SELECT pg_terminate_backend({pid})")
        tx.execute(sa.text("SELECT 1"))

    with pytest.raises(Unavailable) as refusal:
        await store.write(system(), cut)
    assert refusal.value.code == "database_unavailable"
    assert await store.write(system(), lambda tx: tx.execute(sa.text("SELECT 1")).scalar_one()) == 1


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "mysql://somewhere/x", "postgresql://["])
async def test_a_database_that_cannot_be_used_is_one_line(url: str, clock: FakeClock, engine_name: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        await open_store(database_url=url, data_dir=Path("/"), clock=clock)
    assert "OPTRAL_DATABASE_URL" in refusal.value.say
    assert "\n" not in refusal.value.say
