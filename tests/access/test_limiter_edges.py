"""Who counts against which window, to the last request and the last second; on both engines."""

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa

from optral.access import limiter as module, people
from optral.access.authenticator import Authenticator
from optral.access.limiter import Limiter
from optral.access.model import Terms
from optral.access.tables import rate_windows
from optral.kit.clock import Clock
from optral.store.store import Store
from optral.terms.actor import Actor, ActorKind, system
from optral.terms.errors import TooMany
from tests.conftest import ActorMaker
from tests.support.clock import FakeClock

PASSWORD_WINDOW_S = people.TRIES_WINDOW_S


class Known(Authenticator):
    """Every key has these terms."""

    def __init__(self, terms: Terms) -> None:
        self.answer = terms

    async def terms(self, actor: Actor) -> Terms:
        return self.answer


def limiter_on(store: Store, clock: Clock, terms: Terms | None = None) -> Limiter:
    authenticator = Known(terms or Terms("free", None))
    return Limiter(
        store=store,
        clock=clock,
        authenticator=authenticator,
        limits={"free": 3, "team": 5},
        failures_per_minute=2,
        strangers_per_minute=2,
        person_per_minute=4,
    )


@pytest.fixture
def limiter(store: Store, clock: FakeClock) -> Limiter:
    return limiter_on(store, clock)


@pytest.mark.parametrize(
    ("terms", "limit"),
    [
        pytest.param(Terms("free", None), 3, id="the plan"),
        pytest.param(Terms("team", None), 5, id="another plan"),
        pytest.param(Terms("team", 2), 2, id="the cap of the key"),
        pytest.param(Terms("free", 9), 3, id="a cap above the plan"),
    ],
)
async def test_a_key_counts_against_its_organisation_and_its_own_cap(
    store: Store, clock: FakeClock, actor: ActorMaker, terms: Terms, limit: int
) -> None:
    limiter, key = limiter_on(store, clock, terms), actor()
    seen = [await limiter.hit_actor(key) for _ in range(limit + 1)]
    assert [one.allowed for one in seen] == [True] * limit + [False]
    assert [one.remaining for one in seen] == [*range(limit - 1, -1, -1), 0]
    assert {one.limit for one in seen} == {limit}


async def test_a_person_has_a_window_of_their_own(limiter: Limiter, actor: ActorMaker) -> None:
    person = replace(actor(), kind=ActorKind.PERSON)
    assert [(await limiter.hit_actor(person)).remaining for _ in range(5)] == [3, 2, 1, 0, 0]
    assert (await limiter.hit_actor(replace(person, id="usr_other"))).remaining == 3
    assert (await limiter.hit_actor(person, "streams")).remaining == 3, "another bucket"
    assert (await limiter.hit_actor(actor())).remaining == 2, "programs have what they had"


async def test_buckets_of_a_key_are_apart(limiter: Limiter, actor: ActorMaker) -> None:
    key = actor()
    await limiter.hit_actor(key)
    assert (await limiter.hit_actor(key, "streams")).remaining == 2


async def test_a_tie_between_cap_and_plan_shows_the_cap(store: Store, clock: FakeClock) -> None:
    limiter = limiter_on(store, clock)
    tied = await limiter.hit("org_a", "key_1", "team", key_limit=5)
    assert (tied.limit, tied.remaining) == (5, 4)
    await limiter.hit("org_b", "key_2", "free")
    assert (await limiter.hit("org_b", "key_3", "free", key_limit=2)).limit == 2, "as much is left of both"
    for _ in range(2):
        await limiter.hit("org_b", "key_4", "free", key_limit=9)
    refused = await limiter.hit("org_b", "key_4", "free", key_limit=9)
    assert (refused.limit, refused.allowed) == (3, False), "the organization's window is the one that refuses"


async def test_strangers_and_failures_of_an_address_are_apart(limiter: Limiter) -> None:
    assert [(await limiter.hit_stranger("192.0.2.1")).remaining for _ in range(3)] == [1, 0, 0]
    assert not (await limiter.hit_stranger("192.0.2.1")).allowed
    assert (await limiter.hit_stranger("192.0.2.2")).remaining == 1
    assert (await limiter.hit_ip("192.0.2.1")).remaining == 1
    assert (await limiter.peek_ip("192.0.2.1")).remaining == 1
    assert (await limiter.peek_ip("192.0.2.1")).remaining == 1, "to look costs nothing"


async def test_the_sixth_password_waits_for_the_end_of_the_window(limiter: Limiter, clock: FakeClock) -> None:
    for _ in range(people.TRIES):
        await limiter.try_password("192.0.2.1", "ann@example.org")
    clock.advance(PASSWORD_WINDOW_S - 61)
    with pytest.raises(TooMany) as refused:
        await limiter.try_password("192.0.2.1", " Ann@Example.ORG ")
    assert refused.value.code == "too_many_attempts"
    assert 61 <= (refused.value.retry_after_s or 0) <= 62
    assert refused.value.say is not None and "2 minutes" in refused.value.say and str(people.TRIES) in refused.value.say
    await limiter.try_password("192.0.2.2", "ann@example.org")
    await limiter.try_password("192.0.2.1", "bob@example.org")
    clock.advance(60.5)
    with pytest.raises(TooMany) as last:
        await limiter.try_password("192.0.2.1", "ann@example.org")
    assert (last.value.retry_after_s or 0) >= 1
    clock.advance(2)
    await limiter.try_password("192.0.2.1", "ann@example.org")


async def test_a_right_password_forgives_the_wrong_ones_before_it(store: Store, limiter: Limiter, clock: FakeClock) -> None:
    for _ in range(people.TRIES):
        await limiter.try_password("192.0.2.1", "ann@example.org")
        await limiter.try_password("192.0.2.1", "bob@example.org")
    await limiter.forgive("192.0.2.1", "ANN@example.org ")
    for _ in range(people.TRIES):
        await limiter.try_password("192.0.2.1", "ann@example.org")
    for account in ("ann@example.org", "bob@example.org"):
        with pytest.raises(TooMany):
            await limiter.try_password("192.0.2.1", account)
    await limiter.forgive("192.0.2.9", "nobody@example.org")


async def test_a_first_use_is_first_once_within_its_time(limiter: Limiter, clock: FakeClock) -> None:
    assert await limiter.is_first_use("ticket", within_s=90)
    clock.advance(89)
    assert not await limiter.is_first_use("ticket", within_s=90)
    assert await limiter.is_first_use("another", within_s=90)
    clock.advance(1)
    assert await limiter.is_first_use("ticket", within_s=90)


def test_the_limit_of_a_plan_is_reported(limiter: Limiter) -> None:
    assert (limiter.plan_limit("free"), limiter.plan_limit("team")) == (3, 5)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_windows_are_removed_a_minute_after_their_end(store: Store, limiter: Limiter, clock: FakeClock) -> None:
    await limiter.hit("org_a", "key_1", "free")
    await limiter.is_first_use("ticket", within_s=3600)
    for seconds, removed in ((60, 0), (59, 0), (2, 1), (0, 0)):
        clock.advance(seconds)
        assert await limiter.clean() == removed, seconds
    kept = await store.read(system(), lambda tx: tx.execute(sa.select(rate_windows.c.bucket)).scalars().all())
    assert list(kept) == ["once:ticket"]


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_its_task_cleans_again_and_again(limiter: Limiter, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CLEAN_EVERY_S", 0.001)
    cleaned = asyncio.Event()
    times = 0
    clean = limiter.clean

    async def counted() -> int:
        nonlocal times
        times += 1
        if times == 3:
            cleaned.set()
        return await clean()

    monkeypatch.setattr(limiter, "clean", counted)
    task = asyncio.create_task(limiter.run())
    await asyncio.wait_for(cleaned.wait(), timeout=30)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_memory_keeps_a_bounded_number_of_windows(limiter: Limiter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WINDOWS", 2)
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        await limiter.hit_ip(address)
    assert (await limiter.peek_ip("192.0.2.2")).remaining == 1
    assert (await limiter.peek_ip("192.0.2.1")).remaining == 2, "the oldest window made room"


async def test_a_window_ends_at_its_second_and_not_before(limiter: Limiter, clock: FakeClock) -> None:
    first = await limiter.hit_ip("192.0.2.1")
    clock.advance(59.9)
    assert (await limiter.hit_ip("192.0.2.1")).remaining == 0
    clock.advance(0.1)
    second = await limiter.hit_ip("192.0.2.1")
    assert (second.remaining, second.reset_unix_s) == (1, first.reset_unix_s + 60)


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "fe80::1%eth0", "::ffff:192.0.2.1", "", "x"])
async def test_each_kind_of_address_has_windows(limiter: Limiter, address: str) -> None:
    assert [(await limiter.hit_ip(address)).remaining for _ in range(3)] == [1, 0, 0]
