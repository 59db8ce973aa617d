"""Fair turns on a scripted clock: who asks for little goes first, who takes too much rests, and alone nobody waits."""

import asyncio
from collections import Counter

import pytest
import structlog

from optral.gateway.turns import ALLOWANCE, AT_STORE, LARGE_GROUP_BYTES, SMALL_GROUP_BYTES, Bucket, Turns

MIB = 1024 * 1024


class Now:
    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def counters() -> Counter[str]:
    return Counter()


@pytest.fixture
def turns(now: Now, counters: Counter[str]) -> Turns:
    async def sleep(seconds: float) -> None:
        now.s += seconds

    return Turns(counters, now, sleep)


async def job(turns: Turns, now: Now, cluster: str, size: int, *, takes_s: float = 0.0) -> float:
    """One job as a session does it; how long it rested before."""
    began = now.s
    await turns.rest(cluster)
    rested = now.s - began
    async with turns.turn(cluster, size_bytes=size, objects=0, messages=0):
        now.s += takes_s
    return rested


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(3, 2.0, at=0.0)
    assert [bucket.wait_s(0.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert bucket.wait_s(0.5) == 0
    assert bucket.wait_s(0.4) > 0, "a clock that goes back gives nothing"
    assert [bucket.wait_s(1000.0) for _ in range(4)] == [0, 0, 0, 0.5]


async def test_alone_on_the_server_nobody_rests(turns: Turns, now: Now) -> None:
    rested = [await job(turns, now, "one", 8 * MIB, takes_s=0.5) for _ in range(50)]
    assert sum(rested) == 0
    assert turns.group_bytes("one") == LARGE_GROUP_BYTES


async def test_a_flood_is_held_to_about_a_fair_share_and_the_others_never_rest(turns: Turns, now: Now) -> None:
    rested, done, good = 0.0, 0, 0
    bad_at, until = now.s, now.s + 60
    while now.s < until:
        for number in range(20):
            rested += await job(turns, now, f"good-{number}", 64 * 1024, takes_s=0.005)
            good += 64 * 1024
        for _ in range(4):  # the window of the bad one is always full
            if now.s < bad_at:
                break
            if (pause_s := turns._rest_s("bad", turns._share("bad"))) > 0:
                bad_at = now.s + pause_s  # it waits beside the others, not in front of them
                break
            await job(turns, now, "bad", 512 * 1024, takes_s=0.05)
            done += 512 * 1024
    assert rested == 0
    assert done < ALLOWANCE + 2.5 * good / 20, "its allowance, then about a fair share"
    assert turns.group_bytes("bad") == SMALL_GROUP_BYTES


async def test_a_first_inventory_beside_others_does_not_rest(turns: Turns, now: Now) -> None:
    rested = 0.0
    for at in range(64):
        await job(turns, now, f"other-{at % 20}", 64 * 1024, takes_s=0.01)
        rested += await job(turns, now, "new", 512 * 1024, takes_s=0.05)
    assert rested == 0, "32 MiB, some 4,000 pods"


async def test_equals_share_a_busy_store_without_resting(turns: Turns, now: Now) -> None:
    rested = 0.0
    for at in range(2000):
        rested += await job(turns, now, f"agent-{at % 20}", 512 * 1024, takes_s=0.05)
    assert rested == 0


async def test_who_asks_for_little_goes_ahead_of_who_was_just_served(turns: Turns, now: Now) -> None:
    order: list[str] = []
    release = asyncio.Event()

    async def work(cluster: str, size: int) -> None:
        async with turns.turn(cluster, size_bytes=size, objects=0, messages=0):
            order.append(cluster)
            await release.wait()

    first = asyncio.create_task(work("flood", AT_STORE))
    await _settle()
    rest = [asyncio.create_task(work("flood", AT_STORE)), *(asyncio.create_task(work(f"good-{n}", 1000)) for n in range(3))]
    await _settle()
    assert order == ["flood"], "the store is full"
    release.set()
    await asyncio.gather(first, *rest)
    assert order == ["flood", "good-0", "good-1", "good-2", "flood"]


async def test_a_job_that_gives_up_leaves_no_place_taken(turns: Turns, now: Now) -> None:
    hold = asyncio.Event()

    async def work() -> None:
        async with turns.turn("a", size_bytes=AT_STORE, objects=0, messages=0):
            await hold.wait()

    held = asyncio.create_task(work())
    await _settle()
    waiting = [asyncio.create_task(job(turns, now, name, AT_STORE)) for name in ("b", "c", "d")]
    await _settle()
    waiting[0].cancel()
    hold.set()
    waiting[1].cancel()
    await asyncio.gather(held, *waiting, return_exceptions=True)
    async with asyncio.timeout(5):
        await job(turns, now, "e", AT_STORE)
    assert waiting[2].done() and not waiting[2].cancelled()


async def test_the_slowdown_is_one_log_line_a_minute(turns: Turns, now: Now) -> None:
    with structlog.testing.capture_logs() as lines:
        until = now.s + 150
        while now.s < until:
            await job(turns, now, "good", 1000, takes_s=0.01)
            await job(turns, now, "bad", 8 * MIB, takes_s=0.2)
    said = [line for line in lines if "slowed" in line["event"]]
    assert 2 <= len(said) <= 3 and {line["cluster_id"] for line in said} == {"bad"}


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)
