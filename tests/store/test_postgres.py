"""What only PostgreSQL has: many writers at once, a server that goes away."""

import asyncio
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from optral.store.metadata import metadata
from optral.store.open import open_store
from optral.store.postgres import PostgresStore
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import system
from optral.terms.errors import Misconfigured, Unavailable
from tests.support import statements
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


@pytest.mark.parametrize("access", ["read", "write"])
async def test_connections_that_died_in_the_pool_are_replaced_without_an_error(access: str, store: Store, postgres: Postgres) -> None:
    """No connection is tested before it is used."""

    def pid(tx: Transaction) -> int:
        return int(tx.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())

    before = await store.read(system(), pid)
    with postgres.admin() as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'optral'")
    assert await getattr(store, access)(system(), pid) != before


async def test_a_transaction_costs_its_statements_and_one_message_at_each_end(store: Store) -> None:
    """A database in another zone is a millisecond away."""
    assert isinstance(store, PostgresStore)
    with statements.of(store) as sent:
        await store.write(system(), lambda tx: tx.execute(sa.text("SELECT 1")).close())
    assert len(sent) == 2 and sent[0].startswith("BEGIN; SELECT set_config("), sent
    with statements.of(store) as sent:
        await store.read(system(), lambda tx: tx.execute(sa.text("SELECT 1")).close())
    assert len(sent) == 2 and sent[0].startswith("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT set_config("), sent


async def test_a_write_that_reads_a_whole_small_table_compiles_nothing(store: Store) -> None:
    """PostgreSQL gives such a read a cost of 1e10 in our writes, and would compile it for 100 ms, each time."""
    explain = sa.text("EXPLAIN (ANALYZE, FORMAT JSON) SELECT DISTINCT value FROM secret_checks")
    (plan,) = await store.write(system(), lambda tx: tx.execute(explain).scalar_one())
    assert "Plan" in plan and "JIT" not in plan


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "mysql://somewhere/x", "postgresql://["])
async def test_a_database_that_cannot_be_used_is_one_line(url: str, clock: FakeClock, engine_name: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        await open_store(database_url=url, data_dir=Path("/"), clock=clock)
    assert "OPTRAL_DATABASE_URL" in refusal.value.say
    assert "\n" not in refusal.value.say
