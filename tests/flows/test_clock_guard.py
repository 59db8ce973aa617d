"""The guard of retention: what a wrong clock would delete is kept, and no guess keeps it for ever."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from optral.flows.clock_guard import ClockGuard
from optral.flows.retention import RetentionWorker
from optral.store.store import Store
from optral.terms.actor import system
from optral.terms.ids import OrgId
from tests.support.clock import NOON, FakeClock

HOUR, DAY = 3600, 86_400
Step = Callable[[FakeClock], None]


def passes(seconds: float) -> Step:
    return lambda clock: clock.advance(seconds)


def is_set(seconds: float) -> Step:
    return lambda clock: clock.set_wall(seconds)


@pytest.mark.parametrize(
    ("steps", "trusted"),
    [
        pytest.param([passes(300), passes(30 * DAY)], [True, True], id="time passes, however much"),
        pytest.param([is_set(50 * 60), is_set(50 * 60)], [True, True], id="corrections of less than an hour"),
        pytest.param([is_set(7 * DAY), passes(300)], [False, False], id="a jump ahead"),
        pytest.param([is_set(7 * DAY), passes(300), is_set(-7 * DAY)], [False, False, True], id="a jump ahead that somebody corrects"),
        pytest.param([is_set(7 * DAY), passes(25 * HOUR)], [False, True], id="a jump ahead that nobody corrects in a day"),
        pytest.param([is_set(7 * DAY), passes(23 * HOUR), is_set(7 * DAY), passes(2 * HOUR)], [False, False, False, False], id="two jumps"),
        pytest.param([is_set(-7 * DAY), passes(300)], [True, True], id="a jump back deletes less, not more"),
        pytest.param([is_set(-7 * DAY), is_set(7 * DAY)], [True, False], id="back and ahead again"),
    ],
)
def test_a_clock_is_trusted_while_it_goes_as_the_machine_counts(clock: FakeClock, steps: list[Step], trusted: list[bool]) -> None:
    guard = ClockGuard(clock)
    assert guard.check()
    found = []
    for step in steps:
        step(clock)
        found.append(guard.check())
        assert bool(guard.reason) is not found[-1]
    assert found == trusted


@pytest.mark.parametrize(
    ("newest", "trusted"),
    [
        pytest.param(None, True, id="an empty database"),
        pytest.param(NOON - timedelta(minutes=50), True, id="a short stop"),
        pytest.param(NOON + timedelta(days=3), True, id="stored by a clock that was ahead: ours deletes less"),
        pytest.param(NOON - timedelta(days=30), False, id="off for a month, or a clock that is a month ahead"),
    ],
)
def test_after_a_start_the_clock_is_compared_with_what_is_stored(clock: FakeClock, newest, trusted: bool) -> None:
    guard = ClockGuard(clock)
    assert guard.check(newest=newest) is trusted
    clock.advance(HOUR - 1)
    assert guard.check() is trusted
    clock.advance(1)
    assert guard.check()  # an hour later it goes on by itself


@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(hours=-2)])
def test_nothing_is_deleted_while_the_database_disagrees(clock: FakeClock, ahead: timedelta) -> None:
    guard = ClockGuard(clock)
    for _ in range(3):
        assert not guard.check(database=clock.now() - ahead)
        clock.advance(DAY)
    assert guard.check(database=clock.now() - timedelta(minutes=1))


def test_a_clock_that_jumps_within_a_round_ends_the_round(clock: FakeClock) -> None:
    guard = ClockGuard(clock)
    assert guard.check()
    assert guard.is_steady()
    clock.set_wall(2 * HOUR)
    assert not guard.is_steady()


async def test_a_round_while_the_clock_is_ahead_deletes_nothing_and_says_so(
    store: Store, org: OrgId, clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def rule(tx: object, limit: int) -> int:
        asked.append("delete")
        return 0

    retention_worker = RetentionWorker(store, clock, [rule], newest=lambda tx: NOON)
    await retention_worker.step()
    clock.set_wall(8 * DAY)
    for _ in range(3):
        await retention_worker.step()
        clock.advance(300)
    assert asked == ["delete"]
    assert "jumped ahead by 8 days" in retention_worker.stopped
    assert capsys.readouterr().out.count("retention stopped, nothing is deleted") == 1
    clock.set_wall(-8 * DAY)
    await retention_worker.step()
    assert asked == ["delete", "delete"]
    assert retention_worker.stopped == ""
    assert await store.read(system(), lambda tx: True)
