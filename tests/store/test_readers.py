"""Reads: organizations and callers share the threads, nobody's queue is without a bound, and what nobody waits for is interrupted."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import sqlalchemy as sa

from optral.store import readers as module
from optral.store.postgres import PostgresStore
from optral.store.readers import MOST_OF_CALLER, MOST_OF_ORGANIZATION, QUERY_S, WAIT_S, Interrupted, Readers, Running
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import Actor, Role, key, system
from optral.terms.errors import Unavailable
from optral.terms.ids import KeyId, OrgId
from tests.conftest import ActorMaker, new_org
from tests.support.clock import FakeClock

COUNT = 6


class World:
    """Readers whose threads are the test: a read ends when the test ends it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.readers = Readers(COUNT, loop=asyncio.get_running_loop(), now=lambda: self.now)
        self.readers._pool.shutdown()
        self.readers._pool = self  # type: ignore[assignment]
        self.begun: list[tuple[str, str]] = []
        self._held: list[Any] = []
        self.tasks: list[asyncio.Task[str]] = []

    def submit(self, _work: Callable[..., None], read: Any) -> None:
        self.begun.append(_who(read))
        self._held.append(read)

    def shutdown(self) -> None: ...

    async def ask(self, org: str | None, caller: str = "a", times: int = 1) -> list["asyncio.Task[str]"]:
        """So many reads of this caller; returns when each runs, waits or is refused."""
        actor = system() if org is None else key(OrgId(org), KeyId(caller), scopes=frozenset(), clusters=None, role=Role.VIEWER)
        asked = [asyncio.create_task(self.readers.run(actor, lambda running: "read")) for _ in range(times)]
        self.tasks += asked
        await asyncio.sleep(0)
        return asked

    async def end(self, org: str | None, caller: str = "a") -> None:
        """End the read of this caller that has run longest."""
        who = (org or "-", "system" if org is None else caller)
        await self._end(next(held for held in self._held if _who(held) == who))

    async def end_first(self) -> None:
        """End the read that has run longest."""
        await self._end(self._held[0])

    async def _end(self, read: Any) -> None:
        self._held.remove(read)
        if (following := self.readers._step(read)) is not None:
            self.submit(self.readers._work, following)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def running(self, org: str | None = None) -> int:
        """Reads that have begun and not ended, of one organization or of all."""
        return sum(1 for read in self._held if org is None or read.share.org_id == org)

    async def end_all(self) -> None:
        while self._held:
            await self.end_first()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.readers.close()


def _who(read: Any) -> tuple[str, str]:
    return read.share.org_id or "-", read.caller


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    await world.end_all()


async def test_an_organization_that_is_alone_leaves_one_thread_and_each_of_its_callers_one_more(world: World) -> None:
    await world.ask("o1", "a", 12)
    assert world.running("o1") == COUNT - 2
    await world.ask("o1", "b", 12)
    assert world.running("o1") == COUNT - 1


async def test_whoever_comes_next_begins_at_once(world: World) -> None:
    for caller in "abc":
        await world.ask("o1", caller, 12)
    await world.ask("o2")
    assert world.begun[-1] == ("o2", "a")


async def test_an_organization_beside_others_falls_to_a_third_and_gets_its_threads_back_when_they_are_gone(world: World) -> None:
    for caller in "abc":
        await world.ask("o1", caller, 12)
    await world.ask("o2")
    await world.end("o2")
    for _ in range(3):
        await world.end("o1")
    assert world.running("o1") == COUNT // 3
    world.now += module.ACTIVE_S + 1
    await world.end("o1")
    assert world.running("o1") == COUNT - 1


async def test_organizations_and_in_them_callers_take_turns(world: World) -> None:
    for caller in "ab":
        await world.ask("o1", caller, 12)
        await world.ask("o2", caller, 12)
    await world.ask("o3", "a", 12)
    world.begun.clear()
    for _ in range(6):
        await world.end_first()
    begun = [org for org, _ in world.begun]
    assert begun.count("o3") >= 1 and max(map(begun.count, begun)) <= 3
    assert world.running() == COUNT


async def test_a_caller_with_a_long_queue_takes_one_turn_before_its_colleague(world: World) -> None:
    await world.ask("o1", "a", 50)
    await world.ask("o1", "c", 50)
    await world.ask("o1", "b")
    for _ in range(3):
        await world.end("o1", "a")
    assert ("o1", "b") in world.begun


async def test_the_system_has_a_thread_of_its_own_and_goes_first(world: World) -> None:
    for org in ("o1", "o2", "o3"):
        await world.ask(org, "a", 12)
        await world.ask(org, "b", 12)
    assert world.running() == COUNT
    await world.ask(None)
    assert world.begun[-1] == ("-", "system")
    await world.ask(None, times=2)
    await world.end("o1")
    assert world.begun[-1] == ("-", "system")


async def test_reads_of_the_system_leave_a_thread_to_organizations(world: World) -> None:
    await world.ask(None, times=COUNT + 3)
    assert world.running() == COUNT
    await world.ask("o1")
    assert world.running("o1") == 1


async def test_a_read_that_ends_beside_its_limit_gives_its_result(world: World) -> None:
    """After a pause of the process both come together."""
    (read,) = await world.ask("o1")
    world.now += QUERY_S + 1
    held = world._held.pop()
    assert world.readers._step(held) is None
    world.readers._look()
    assert await read == "read"


async def code_of(task: "asyncio.Task[str]") -> tuple[str, float]:
    with pytest.raises(Unavailable) as refused:
        await task
    return refused.value.code, refused.value.retry_after_s


async def test_the_queue_of_a_caller_and_of_an_organization_are_bounded(world: World) -> None:
    *_, last = await world.ask("o1", "a", MOST_OF_CALLER + COUNT - 1)
    assert await code_of(last) == ("store_busy", 2)
    (colleague,) = await world.ask("o1", "b")
    assert not colleague.done()
    for number in range(MOST_OF_ORGANIZATION // MOST_OF_CALLER):
        await world.ask("o1", f"c{number}", MOST_OF_CALLER)
    (late,) = await world.ask("o1", "d")
    assert await code_of(late) == ("store_busy", 2)
    (other,) = await world.ask("o2")
    assert world.begun[-1] == ("o2", "a") and not other.done()
    assert world.readers.dropped["busy"] >= 2


async def test_a_caller_that_gives_up_leaves_the_queue(world: World) -> None:
    waiting = await world.ask("o1", "a", COUNT + 4)
    for task in waiting[-8:]:
        task.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert world.readers.depth == 0 and world.readers.dropped["abandoned"] == 8
    begun = len(world.begun)
    await world.end("o1")
    assert len(world.begun) == begun


async def test_a_read_that_gets_no_turn_says_so(world: World) -> None:
    *_, last = await world.ask("o1", "a", COUNT - 1)
    world.now += WAIT_S + 1
    world.readers._look()
    assert await code_of(last) == ("store_busy", 2)
    assert world.readers.depth == 0


async def test_a_late_read_keeps_its_thread_until_it_has_ended(world: World) -> None:
    (late,) = await world.ask("o1")
    world.now += QUERY_S + 1
    world.readers._look()
    assert await code_of(late) == ("query_timeout", 5)
    assert world.running("o1") == 1


def test_a_read_that_is_interrupted_before_its_transaction_opens_none() -> None:
    running = Running()
    running.interrupt()
    with pytest.raises(Interrupted), running.interruptible(lambda: None):
        raise AssertionError("a transaction began")


def test_nothing_is_interrupted_once_the_transaction_has_ended() -> None:
    """Its connection may have another user by then."""
    running, interrupts = Running(), []
    with running.interruptible(lambda: interrupts.append(1)):
        running.interrupt()
    running.interrupt()
    assert interrupts == [1]


# --- with real databases ---
def endless(tx: Transaction, begun: threading.Event, ended: threading.Event) -> None:
    """A statement without an end, however often it is begun again."""
    text = "SELECT pg_sleep(3600)"
    if tx.dialect == "sqlite":
        text = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    begun.set()
    try:
        tx.execute(sa.text(text))
    finally:
        ended.set()


async def is_healthy(store: Store, who: Actor) -> None:
    """Every thread reads, again and again, for this organization."""

    def whole(tx: Transaction) -> str:
        setting = "current_setting('optral.org')" if tx.dialect == "postgresql" else ":org"
        return str(tx.execute(sa.text(f"SELECT {setting} WHERE :org = :org"), {"org": tx.org_id}).scalar_one())

    assert set(await asyncio.gather(*(store.read(who, whole) for _ in range(30)))) == {who.org_id}


async def test_a_statement_is_interrupted_at_its_limit(store: Store, actor: ActorMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUERY_S", 0.02)
    begun, ended = threading.Event(), threading.Event()
    with pytest.raises(Unavailable) as refused:
        await store.read(actor(), lambda tx: endless(tx, begun, ended))
    assert (refused.value.code, store.readers.dropped["timeout"]) == ("query_timeout", 1)
    assert await asyncio.to_thread(ended.wait, 60)
    monkeypatch.undo()
    await is_healthy(store, actor())


async def test_a_statement_whose_caller_gives_up_is_interrupted_and_nothing_of_it_is_left(
    store: Store, actor: ActorMaker, clock: FakeClock
) -> None:
    begun, ended = threading.Event(), threading.Event()
    for _ in range(3):
        asked = [asyncio.create_task(store.read(actor(), lambda tx: endless(tx, begun, ended))) for _ in range(8)]
        assert await asyncio.to_thread(begun.wait, 60)
        for task in asked:
            task.cancel()
        await asyncio.wait(asked)
        begun.clear()
    other = actor(org_id=await new_org(store, clock, "Other"))
    await is_healthy(store, other)
    await is_healthy(store, actor())


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_an_interrupted_connection_goes_on_without_the_organization_of_before(
    store: Store, actor: ActorMaker, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row-level security: the setting of the interrupted transaction must not be that of the next one."""
    assert isinstance(store, PostgresStore)
    other = await new_org(store, clock, "Other")
    monkeypatch.setattr(module, "QUERY_S", 0.02)
    begun, ended = threading.Event(), threading.Event()
    used: list[int] = []

    def interrupted(tx: Transaction) -> None:
        used.append(_pid(tx))
        endless(tx, begun, ended)

    with pytest.raises(Unavailable):
        await store.read(actor(), interrupted)
    await store.readers._is_empty.wait()
    monkeypatch.undo()
    organizations = sa.text("SELECT count(*) FROM members")

    def look(tx: Transaction) -> tuple[int, str, int]:
        return _pid(tx), tx.execute(_SETTING).scalar_one(), tx.execute(organizations).scalar_one()

    pid, setting, members = await store.read(actor(org_id=other), look)
    assert (pid, setting, members) == (used[0], other, 1), "the connection is kept, and shows one organization's rows"
    with store._engine.connect() as connection:
        assert connection.execute(_SETTING).scalar_one() in (None, "")


_SETTING = sa.text("SELECT current_setting('optral.org', true)")


def _pid(tx: Transaction) -> int:
    return int(tx.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())
