"""Retries: how long to wait between attempts, and what a loop does about work that fails.

`Backoff` draws the delays, `retry` makes attempts until one succeeds, and `Retries` is for loops that are woken by the end of their own
work: without a delay, work that fails at once would be retried at once, for as long as the disk is full. Each piece of work has a key, so
that work that cannot succeed delays no other.
"""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Never, TypeVar

from optral.kit.contain import contain
from optral.kit.hub import Follower

T = TypeVar("T")

FIRST_S = 1.0
CAP_S = 60.0
FORGOTTEN_AFTER_S = 3600.0  # without another attempt: the work may no longer exist
JITTER = 0.2
ROUND = "round"
"""The key of a loop's step as a whole."""


class Backoff:
    """Delays drawn from 0 … min(cap, base · 2ⁿ) seconds, so that many clients do not return at the same moment.

    Or from `steps`: (least, most) seconds after each failure in turn; the last repeats. Call `reset` after attempts have succeeded for a
    while.
    """

    def __init__(
        self, *, base_s: float = 1, cap_s: float = 60, steps: Sequence[tuple[float, float]] = (), rng: random.Random | None = None
    ) -> None:
        self._base_s, self._cap_s, self._steps = base_s, cap_s, steps
        self._rng = rng or random.Random()  # noqa: S311 - spreads load, guards nothing
        self._failures = 0

    def next_s(self, *, at_least_s: float = 0) -> float:
        """The next delay in seconds; never below a server's hint `at_least_s`."""
        if self._steps:
            least_s, most_s = self._steps[min(self._failures, len(self._steps) - 1)]
        else:
            least_s, most_s = 0.0, min(self._cap_s, self._base_s * 2 ** min(self._failures, 30))
        self._failures += 1
        return self._rng.uniform(max(least_s, at_least_s), max(most_s, at_least_s + most_s - least_s))

    def reset(self, *, to: int = 0) -> None:
        """Count at most `to` failures so far."""
        self._failures = min(self._failures, to)


def spread_s(wait_s: float, chance: float) -> float:
    """A delay of a schedule, spread by ± 20 %; `chance` is in 0–1."""
    return wait_s * (1 + JITTER * (2 * chance - 1))


async def retry(
    work: Callable[[], Awaitable[T]], *, on: tuple[type[Exception], ...], delay_s: Callable[[Any], float], attempts: int = 0
) -> T:
    """Return what `work` returns. After an error `on`, wait `delay_s(error)` seconds and try again.

    Raises the error of the last of `attempts` (0: without a limit), and every other error at once.
    """
    for attempt in itertools.count(1):
        try:
            return await work()
        except on as error:
            if attempt == attempts:
                raise
            await asyncio.sleep(delay_s(error))
    raise AssertionError("unreachable")


@dataclass(slots=True)
class _Delay:
    length_s: float
    until: float


class Retries:
    """The delays of one loop, by key of its work.

    `monotonic` is a clock in seconds. `report(key, error)` is called at a first failure, and with None when an attempt then succeeds.
    Errors of the kind `outage` come from what all work of the loop writes to.
    """

    def __init__(
        self,
        monotonic: Callable[[], float],
        report: Callable[[str, BaseException | None], None],
        *,
        outage: tuple[type[Exception], ...] = (),
    ) -> None:
        self._monotonic, self._report, self._outage = monotonic, report, outage
        self._delays: dict[str, _Delay] = {}
        self.total = 0
        """Failures since the start."""

    @contextmanager
    def attempt(self, key: str, *, writes: str | None = None) -> Iterator[None]:
        """Contain one attempt at this work and record its outcome. An outage counts for the key `writes` where there is one."""
        errors: list[Exception] = []
        with contain(errors.append):
            yield
        for error in errors:
            self.failed(writes if writes is not None and isinstance(error, self._outage) else key, error)
        if not errors:
            for succeeded in (key, writes):
                if succeeded is not None:
                    self.succeeded(succeeded)

    async def run_once(self, step: Callable[[], Awaitable[T]]) -> T | None:
        """Run a step of the loop and return its result; None after a failure."""
        with self.attempt(ROUND):
            return await step()
        return None

    async def repeat(self, step: Callable[[], Awaitable[float]], follower: Follower[Any], *, at_least_s: float = 0.0) -> Never:
        """Run `step` for ever. It returns the seconds until it runs next; the follower wakes it earlier, but not after a failure."""
        while True:
            wait_s = await self.run_once(step)
            if wait_s is None:
                await asyncio.sleep(self.wait_s(ROUND))
            elif (wait_s := max(at_least_s, wait_s)) > 0:
                await follower.wait(wait_s)

    def failed(self, key: str, error: BaseException) -> float:
        """Delay the next attempt, by at least the `retry_after_s` of the error, and return the seconds. An attempt that began before the
        delay does not make it longer."""
        self.total += 1
        now, least_s = self._monotonic(), getattr(error, "retry_after_s", None) or 0.0
        known = self._delays.get(key)
        if known is None:
            self._forget(now)
            self._delays[key] = _Delay(FIRST_S, now + max(FIRST_S, least_s))
            self._report(key, error)
        elif now >= known.until:
            known.length_s = min(CAP_S, 2 * known.length_s)
            known.until = now + max(known.length_s, least_s)
        return self.wait_s(key)

    def succeeded(self, key: str) -> None:
        """The next attempt needs no delay."""
        if self._delays.pop(key, None) is not None:
            self._report(key, None)

    def wait_s(self, key: str) -> float:
        """Seconds until the next attempt is allowed; 0 for now."""
        known = self._delays.get(key)
        return 0.0 if known is None else max(0.0, known.until - self._monotonic())

    def waiting(self) -> frozenset[str]:
        """The keys of the work that is delayed."""
        now = self._monotonic()
        return frozenset(key for key, delay in self._delays.items() if now < delay.until)

    def _forget(self, now: float) -> None:
        for key in [key for key, delay in self._delays.items() if now - delay.until > FORGOTTEN_AFTER_S]:
            del self._delays[key]
