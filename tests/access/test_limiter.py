"""Fixed windows of a minute: per organization and key, per address for failures; the same numbers on both engines."""

import math
from contextlib import suppress

import pytest

from optral.access.model import Window
from optral.access.service import Authenticator, Limiter
from optral.store.store import Job, Store, T
from optral.terms.actor import Actor
from optral.terms.errors import TooMany, Unavailable
from tests.support.clock import FakeClock

LIMITS = {"free": 3, "team": 600, "enterprise": 6000}


def limiter_on(store: Store, clock: FakeClock) -> Limiter:
    return Limiter(store=store, clock=clock, authenticator=Authenticator(store, clock, b"p" * 32), limits=LIMITS, failures_per_minute=2)


@pytest.fixture
def limiter(store: Store, clock: FakeClock) -> Limiter:
    return limiter_on(store, clock)


async def test_remaining_falls_reset_stays_and_a_new_window_opens(limiter: Limiter, clock: FakeClock) -> None:
    reset = math.ceil(clock.now().timestamp()) + 60
    seen = []
    for _ in range(5):
        seen.append(await limiter.hit("org_a", "key_1", "free"))
        clock.advance(10)
    assert seen == [
        Window(3, 2, reset, True),
        Window(3, 1, reset, True),
        Window(3, 0, reset, True),
        Window(3, 0, reset, False),
        Window(3, 0, reset, False),
    ]
    clock.advance(10)
    assert await limiter.hit("org_a", "key_1", "free") == Window(3, 2, reset + 60, True)


async def test_keys_of_one_organisation_count_together_and_organisations_apart(limiter: Limiter) -> None:
    await limiter.hit("org_a", "key_1", "free")
    assert (await limiter.hit("org_a", "key_2", "free")).remaining == 1
    assert (await limiter.hit("org_b", "key_3", "free")).remaining == 2


async def test_a_keys_own_cap_is_reported_when_tighter_and_spares_the_organisation(limiter: Limiter) -> None:
    first = await limiter.hit("org_a", "key_1", "team", key_limit=1)
    assert (first.limit, first.remaining, first.allowed) == (1, 0, True)
    refused = await limiter.hit("org_a", "key_1", "team", key_limit=1)
    assert (refused.limit, refused.allowed) == (1, False)
    assert (await limiter.hit("org_a", "key_2", "team")).remaining == 598
    wide = await limiter.hit("org_b", "key_9", "free", key_limit=100)
    assert (wide.limit, wide.remaining) == (3, 2)


async def test_buckets_are_apart(limiter: Limiter) -> None:
    await limiter.hit("org_a", "key_1", "free")
    assert (await limiter.hit("org_a", "key_1", "free", "sessions")).remaining == 2


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        pytest.param("192.0.2.1", "192.0.2.1", True, id="one IPv4 address"),
        pytest.param("192.0.2.1", "192.0.2.2", False, id="two IPv4 addresses"),
        pytest.param("2001:db8::1", "2001:db8::ffff:2", True, id="one IPv6 /64"),
        pytest.param("2001:db8::1", "2001:db8:0:1::1", False, id="two IPv6 /64"),
        pytest.param("::ffff:192.0.2.1", "192.0.2.1", True, id="IPv4 in IPv6 clothes"),
        pytest.param("fe80::1%eth0", "fe80::2", True, id="zone"),
        pytest.param("", "no address", True, id="unknown"),
    ],
)
async def test_failures_count_by_network(limiter: Limiter, first: str, second: str, together: bool) -> None:
    await limiter.hit_ip(first)
    assert (await limiter.peek_ip(second)).remaining == (1 if together else 2)
    assert (await limiter.hit_ip(second)).remaining == (0 if together else 1)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_replicas_count_together_on_postgresql(store: Store, clock: FakeClock) -> None:
    one, two = limiter_on(store, clock), limiter_on(store, clock)
    await one.hit("org_a", "key_1", "free")
    assert (await two.hit("org_a", "key_1", "free")).remaining == 1
    clock.advance(121)
    assert await one.clean() == 1


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_without_the_database_a_replica_counts_for_itself(store: Store, clock: FakeClock) -> None:
    class Away:
        dialect = "postgresql"

        async def write(self, actor: Actor, job: Job[T]) -> T:
            raise Unavailable

    limiter = limiter_on(Away(), clock)  # type: ignore[arg-type]
    assert [(await limiter.hit("org_a", "key_1", "free")).allowed for _ in range(4)] == [True, True, True, False]


@pytest.mark.parametrize("back_s", [63, 3600, 86_400 * 30])
async def test_nobody_waits_longer_than_a_window_after_the_clock_was_set_back(limiter: Limiter, clock: FakeClock, back_s: float) -> None:
    """The organization uses up its minute and its passwords while the clock is ahead; then somebody corrects it."""
    for _ in range(4):
        await limiter.hit("org_a", "key_1", "free")
    with pytest.raises(TooMany):
        for _ in range(6):
            await limiter.try_password("192.0.2.1", "ann@example.org")
    clock.set_wall(-back_s)
    window = await limiter.hit("org_a", "key_1", "free")
    assert window.reset_unix_s - clock.now().timestamp() <= 60
    with suppress(TooMany):  # in memory the window goes on, by the monotonic clock
        await limiter.try_password("192.0.2.1", "ann@example.org")
    clock.advance(60)
    assert (await limiter.hit("org_a", "key_1", "free")).allowed
    clock.advance(15 * 60)
    await limiter.try_password("192.0.2.1", "ann@example.org")


async def test_the_wait_for_a_password_is_never_longer_than_its_window(limiter: Limiter, clock: FakeClock) -> None:
    for _ in range(5):
        await limiter.try_password("192.0.2.1", "ann@example.org")
    clock.set_wall(-3600)
    for _ in range(6):
        try:
            await limiter.try_password("192.0.2.1", "ann@example.org")
        except TooMany as refused:
            assert refused.retry_after_s <= 15 * 60 + 1


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_replicas_whose_clocks_differ_a_little_count_one_window(store: Store) -> None:
    ahead, behind = FakeClock(), FakeClock()
    ahead.advance(1)
    seen = [(await limiter_on(store, clock).hit("org_a", "key_1", "free")).remaining for clock in (ahead, behind, ahead)]
    assert seen == [2, 1, 0]
