"""The promises of a store, the same on both engines."""

import asyncio
import threading
from collections import Counter

import pytest
import sqlalchemy as sa

from optral.kit.hub import Topic
from optral.store.metadata import metadata
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import system
from optral.terms.errors import Refused, Unavailable
from optral.terms.ids import OrgId
from tests.conftest import new_org
from tests.support.clock import FakeClock

CHECKS = metadata.tables["secret_checks"]
INSERT = sa.insert(CHECKS)
STORED_NAMES = sa.select(CHECKS.c.name).order_by(CHECKS.c.name)

NAMES: Topic[str] = Topic("names")


def put(tx: Transaction, name: str) -> str:
    tx.execute(INSERT, {"name": name, "value": b""})
    return name


def names(tx: Transaction) -> list[str]:
    return list(tx.execute(STORED_NAMES).scalars())


async def test_what_is_written_is_read(store: Store) -> None:
    assert await store.write(system(), lambda tx: put(tx, "a")) == "a"
    assert await store.read(system(), names) == ["a"]


async def test_a_failing_job_leaves_nothing_and_hurts_nobody_else(store: Store) -> None:
    def fail(tx: Transaction) -> None:
        put(tx, "half")
        raise Refused("conflict", say="no")

    jobs = [store.write(system(), lambda tx, n=n: put(tx, f"n{n}")) for n in range(20)]
    outcomes = await asyncio.gather(*jobs[:10], store.write(system(), fail), *jobs[10:], return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [Refused]
    assert await store.read(system(), names) == sorted(f"n{n}" for n in range(20))


async def test_a_job_that_refuses_before_it_writes_costs_no_other_job_a_second_run(store: Store) -> None:
    runs: Counter[int] = Counter()

    def work(tx: Transaction, n: int) -> None:
        runs[n] += 1
        put(tx, f"n{n}")

    def refuse(tx: Transaction) -> None:
        names(tx)
        raise Refused("conflict", say="no")

    jobs = [store.write(system(), lambda tx, n=n: work(tx, n)) for n in range(20)]
    outcomes = await asyncio.gather(*jobs[:10], store.write(system(), refuse), *jobs[10:], return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [Refused]
    assert runs == dict.fromkeys(range(20), 1)
    assert await store.read(system(), names) == sorted(f"n{n}" for n in range(20))


async def test_a_job_that_refuses_after_the_database_rolled_back_hides_nothing(store: Store) -> None:
    def lose(tx: Transaction) -> None:
        tx.connection.exec_driver_sql("ROLLBACK")
        raise Refused("conflict", say="no")

    jobs = [store.write(system(), lambda tx, n=n: put(tx, f"n{n}")) for n in range(20)]
    outcomes = await asyncio.gather(*jobs[:10], store.write(system(), lose), *jobs[10:], return_exceptions=True)
    kept = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert len(kept) == 20
    assert await store.read(system(), names) == sorted(kept)


@pytest.mark.parametrize("error", [StopIteration, SystemExit, KeyboardInterrupt])
async def test_an_odd_end_of_a_job_does_not_stop_the_store(store: Store, error: type[BaseException]) -> None:
    def odd(tx: Transaction) -> None:
        raise error

    with pytest.raises(RuntimeError):
        await store.write(system(), odd)
    assert await store.write(system(), lambda tx: put(tx, "after")) == "after"


async def test_news_comes_after_the_commit_and_never_after_a_rollback(store: Store) -> None:
    applied: list[str] = []

    def job(tx: Transaction, name: str, *, bad: bool) -> None:
        put(tx, name)
        tx.publish(NAMES, name)
        tx.on_commit(lambda: applied.append(name))
        if bad:
            raise Refused("conflict", say="no")

    with store.hubs[NAMES].follow("good", "bad") as follower:
        await store.write(system(), lambda tx: job(tx, "good", bad=False))
        with pytest.raises(Refused):
            await store.write(system(), lambda tx: job(tx, "bad", bad=True))
        assert (await follower.wait(5), applied) == ({"good"}, ["good"])


async def test_a_caller_that_leaves_does_not_undo_its_job(store: Store) -> None:
    running, go = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        running.set()
        go.wait(10)
        put(tx, "late")

    caller = asyncio.create_task(store.write(system(), slow))
    await asyncio.to_thread(running.wait, 10)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go.set()
    await store.close()  # waits for it
    assert store.depth == 0


async def test_a_closed_store_says_so_and_closes_twice(store: Store) -> None:
    await store.close()
    await store.close()
    for call in (store.write, store.read):
        with pytest.raises(Unavailable) as refusal:
            await call(system(), names)
        assert refusal.value.code == "store_closed"


async def test_close_finishes_what_waits_and_leaves_no_thread(store: Store) -> None:
    before = {thread for thread in threading.enumerate() if thread.name.startswith("store-")}
    waiting = [asyncio.create_task(store.write(system(), lambda tx, n=n: put(tx, f"n{n:03}"))) for n in range(100)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*waiting) == [f"n{n:03}" for n in range(100)]
    assert not [thread for thread in before if thread.is_alive()]
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("store-")]


async def test_a_reading_job_cannot_write(store: Store) -> None:
    with pytest.raises((Unavailable, sa.exc.DBAPIError)):
        await store.read(system(), lambda tx: put(tx, "sneaked"))
    assert await store.read(system(), names) == []


async def test_a_read_sees_one_moment(store: Store) -> None:
    seen, go = threading.Event(), threading.Event()

    def twice(tx: Transaction) -> tuple[list[str], list[str]]:
        first = names(tx)
        seen.set()
        go.wait(10)
        return first, names(tx)

    reading = asyncio.create_task(store.read(system(), twice))
    await asyncio.to_thread(seen.wait, 10)
    await store.write(system(), lambda tx: put(tx, "meanwhile"))
    go.set()
    assert await reading == ([], [])


async def test_a_transaction_tells_one_time_for_all_it_writes(store: Store, clock: FakeClock) -> None:
    def job(tx: Transaction) -> bool:
        before = tx.now
        clock.advance(5)
        return tx.now == before

    assert await store.write(system(), job)


async def test_work_for_an_organisation_needs_one(store: Store) -> None:
    with pytest.raises(RuntimeError, match="organization"):
        await store.read(system(), lambda tx: tx.org_id)


async def test_the_system_may_act_for_an_organisation_and_no_other_may(store: Store, org: OrgId) -> None:
    def across(tx: Transaction) -> OrgId:
        acting = tx.acting_for(org)
        acting.publish(NAMES, "news")
        return acting.org_id

    with store.hubs[NAMES].follow("news") as follower:
        assert await store.write(system(), across) == org
        assert await follower.wait(5) == {"news"}
    with pytest.raises(RuntimeError, match="another"):
        await store.read(system(org), lambda tx: tx.acting_for(OrgId("org_other")))


ORGANISATIONS = sa.text("SELECT name FROM organisations ORDER BY name")


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_row_level_security_hides_other_organisations(store: Store, org: OrgId, clock: FakeClock, watch_tenancy: list[str]) -> None:
    await new_org(store, clock, name="Other")

    def unfiltered(tx: Transaction) -> list[str]:
        return list(tx.connection.execute(ORGANISATIONS).scalars())

    assert await store.read(system(), unfiltered) == ["Other", "Test"]
    assert await store.read(system(org), unfiltered) == ["Test"]
    with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
        await store.write(
            system(org),
            lambda tx: tx.execute(sa.insert(metadata.tables["event_heads"]), {"org_id": "org_other", "seq": 1}).close(),
        )


async def test_the_watcher_sees_a_statement_that_forgets_the_organisation(store: Store, org: OrgId, watch_tenancy: list[str]) -> None:
    for statement in (ORGANISATIONS, sa.text("SELECT org_id FROM events e WHERE e.seq > 1"), sa.text("DELETE FROM events WHERE seq = 1")):
        with pytest.raises(AssertionError, match="without org_id"):
            await store.write(system(org), lambda tx, statement=statement: tx.execute(statement).close())
    await store.write(system(org), lambda tx: tx.execute(sa.text("DELETE FROM events WHERE org_id = :o"), {"o": org}).close())
    assert len(watch_tenancy) == 3
    watch_tenancy.clear()
