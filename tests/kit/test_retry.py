"""Work that fails is retried after growing delays, each key by itself, and is reported once."""

import pytest

from optral.forges.model import ForgeError
from optral.kit import retry as tool
from optral.kit.retry import Retries, retry
from tests.support.clock import FakeClock


def reporting(clock: FakeClock) -> tuple[Retries, list[tuple[str, str]]]:
    reports: list[tuple[str, str]] = []
    return Retries(clock.monotonic, lambda key, error: reports.append((key, str(error))), outage=(ConnectionError,)), reports


def test_delays_grow_to_a_bound_and_are_reported_once(clock: FakeClock) -> None:
    retries, reports = reporting(clock)
    delays = []
    for _ in range(9):
        delays.append(retries.failed("disk", OSError("full")))
        clock.advance(delays[-1])
    assert delays == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert (reports, retries.total) == ([("disk", "full")], 9)
    retries.succeeded("disk")
    retries.succeeded("disk")
    assert reports == [("disk", "full"), ("disk", "None")]
    assert retries.failed("disk", OSError("full")) == 1


@pytest.mark.parametrize(("asked", "waits"), [(20.0, 20), (0.1, 1), (None, 1)])
def test_an_error_that_says_when_to_retry_is_obeyed(clock: FakeClock, asked: float | None, waits: float) -> None:
    retries, _ = reporting(clock)
    assert retries.failed("disk", ForgeError("rate_limited", "wait", retry_after_s=asked)) == waits


def test_failures_of_attempts_that_began_together_count_as_one(clock: FakeClock) -> None:
    retries, _ = reporting(clock)
    for _ in range(16):
        retries.failed("disk", OSError("full"))
    assert (retries.wait_s("disk"), retries.total) == (1, 16)


def test_a_key_delays_no_other(clock: FakeClock) -> None:
    retries, _ = reporting(clock)
    retries.failed("a", OSError("full"))
    assert (retries.waiting(), retries.wait_s("b")) == ({"a"}, 0)
    clock.advance(1)
    assert retries.waiting() == frozenset()


def test_a_key_without_another_attempt_is_forgotten(clock: FakeClock) -> None:
    retries, reports = reporting(clock)
    retries.failed("gone", OSError("full"))
    clock.advance(tool.FORGOTTEN_AFTER_S + 2)
    retries.failed("other", OSError("full"))
    retries.succeeded("gone")
    assert [key for key, _ in reports] == ["gone", "other"]


@pytest.mark.parametrize(
    ("error", "delayed"),
    [
        pytest.param(OSError("bad row"), {"row"}, id="an error of the work"),
        pytest.param(ConnectionError("no database"), {"writes"}, id="an outage of what all work writes to"),
    ],
)
def test_an_attempt_counts_for_what_failed(clock: FakeClock, error: Exception, delayed: set[str]) -> None:
    retries, _ = reporting(clock)
    with retries.attempt("row", writes="writes"):
        raise error
    assert retries.waiting() == delayed
    clock.advance(1)
    with retries.attempt("row", writes="writes"):
        pass
    assert retries.failed("row", error) == retries.failed("writes", error) == 1, "a success ends both delays"


class Flaky:
    """Fails `failures` times."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.failures, self.error, self.attempts = failures, error, 0

    async def work(self) -> str:
        self.attempts += 1
        if self.attempts <= self.failures:
            raise self.error
        return "done"


@pytest.mark.parametrize(
    ("failures", "attempts", "expected"),
    [
        pytest.param(2, 3, ("done", 3), id="the last attempt succeeds"),
        pytest.param(3, 3, ("no database", 3), id="no more attempts than allowed"),
        pytest.param(7, 0, ("done", 8), id="without a limit"),
    ],
)
async def test_attempts_are_made_until_one_succeeds(failures: int, attempts: int, expected: tuple[str, int]) -> None:
    flaky = Flaky(failures, ConnectionError("no database"))
    try:
        outcome = await retry(flaky.work, on=(ConnectionError,), delay_s=lambda _: 0, attempts=attempts)
    except ConnectionError as error:
        outcome = str(error)
    assert (outcome, flaky.attempts) == expected


async def test_another_error_is_raised_at_once() -> None:
    flaky = Flaky(1, ValueError("a defect"))
    with pytest.raises(ValueError, match="a defect"):
        await retry(flaky.work, on=(ConnectionError,), delay_s=lambda _: 0)
    assert flaky.attempts == 1
