"""A replica that freezes inside a transaction: the others go on, and it tells the truth when it thaws."""

import asyncio
import time
from urllib.parse import quote

import pytest

from optral.events import service as events
from optral.events.model import NewEvent
from optral.store import postgres
from optral.store.postgres import PostgresStore
from optral.store.store import WRITE_DEADLINE_S, Store
from optral.store.transaction import Transaction
from optral.terms.actor import system
from optral.terms.ids import OrgId
from tests.support.clock import FakeClock
from tests.support.replica import SUBJECT, replica

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)]  # disks that hang
QUICK = "-c lock_timeout=200ms -c idle_in_transaction_session_timeout=400ms"


def append(tx: Transaction) -> None:
    events.append(tx, [NewEvent(type="issue.updated", cluster_id=None, subject_id="of ours", data={})])


def subjects(tx: Transaction) -> list[str]:
    return [event.subject_id for event in events.read_after(tx, 0)]


@pytest.mark.parametrize("jobs", [pytest.param(1, id="one job"), pytest.param(postgres.WRITERS, id="a job in every thread")])
async def test_a_frozen_replica_gives_its_locks_up_and_does_its_work_again(store: Store, org: OrgId, database_url: str, jobs: int) -> None:
    with replica(f"{database_url}&options={quote(QUICK)}", org, jobs=jobs) as other:
        await asyncio.to_thread(other.wait_holding)
        other.freeze()
        await store.write(system(org), append)  # waits for the head of the log that the other holds
        assert await store.read(system(org), subjects) == ["of ours"]
        other.thaw()
        assert await asyncio.to_thread(other.finish) == ["done"] * jobs
    assert await store.read(system(org), subjects) == ["of ours", *[SUBJECT] * jobs]


async def test_a_replica_that_pauses_for_a_moment_loses_nothing(store: Store, org: OrgId, database_url: str) -> None:
    with replica(database_url, org) as other:
        await asyncio.to_thread(other.wait_holding)
        other.freeze()
        other.thaw()
        assert await asyncio.to_thread(other.finish) == ["done"]
    assert await store.read(system(org), subjects) == [SUBJECT]


async def test_a_job_that_computes_for_long_between_two_statements_ends(org: OrgId, database_url: str, clock: FakeClock) -> None:
    runs: list[str] = []

    def compute(tx: Transaction) -> None:
        append(tx)
        runs.append("run")
        time.sleep(0.6)  # longer than the database waits; the work itself, not a wait for something

    quick = PostgresStore.open(f"{database_url}&options={quote(QUICK)}", clock)
    try:
        await quick.write(system(org), compute)
        assert runs == ["run", "run"]  # the second time with more patience
        assert await quick.read(system(org), subjects) == ["of ours"]
    finally:
        await quick.close()


async def test_options_in_the_url_override_single_limits(database_url: str, engine_name: str) -> None:
    engine = postgres.engine_for(f"{database_url}&options={quote('-c lock_timeout=7s')}")
    with engine.connect() as connection:
        limits = {name: connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in ("lock_timeout", "statement_timeout")}
    engine.dispose()
    assert limits == {"lock_timeout": "7s", "statement_timeout": "1min"}


def test_the_others_wait_at_most_fifteen_seconds(engine_name: str) -> None:
    """A statement of the frozen replica may get a lock at the end of its wait, and then holds it idle."""
    assert postgres.LOCK_S < postgres.IDLE_S
    assert postgres.LOCK_S + postgres.IDLE_S <= 15
    assert WRITE_DEADLINE_S > 15  # so that a write of the others waits it out
