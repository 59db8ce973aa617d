"""Who keeps the event loop waiting is named."""

import asyncio
import threading
import time

import pytest

from optral.kit import lag
from optral.kit.lag import LoopBlockers


class Reports:
    """What is reported, for a test on the loop to wait for."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._first: asyncio.Future[tuple[str, float]] = self._loop.create_future()

    def __call__(self, function: str, late_s: float) -> None:
        self._loop.call_soon_threadsafe(self._keep, (function, late_s))

    def _keep(self, report: tuple[str, float]) -> None:
        if not self._first.done():
            self._first.set_result(report)

    async def first(self) -> tuple[str, float]:
        async with asyncio.timeout(30):
            return await self._first


def hold_the_loop() -> None:
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        pass


async def test_the_function_that_holds_the_loop_is_named() -> None:
    reports = Reports()
    watching = asyncio.create_task(LoopBlockers(reports).run())
    await asyncio.sleep(0)
    hold_the_loop()
    function, late_s = await reports.first()
    assert function.endswith("test_lag.hold_the_loop")
    assert late_s > 0.005
    watching.cancel()


async def test_the_sampling_thread_ends_with_the_task() -> None:
    watching = asyncio.create_task(LoopBlockers(Reports()).run())
    await asyncio.sleep(0)
    [sampler] = [thread for thread in threading.enumerate() if thread.name == "loop blockers"]
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
    await asyncio.to_thread(sampler.join, 30)
    assert not sampler.is_alive()


def test_what_started_the_loop_is_no_blocker(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is below the loop on the stack all the time, and holds nothing."""
    holders: list[str] = []

    async def sampled() -> None:
        enough, loop = asyncio.Event(), asyncio.get_running_loop()

        def holder(loop_thread: int) -> str:
            holders.append(found(loop_thread))
            if len(holders) == 3:
                loop.call_soon_threadsafe(enough.set)
            return ""

        found = lag._holder
        monkeypatch.setattr(lag, "_holder", holder)
        task = asyncio.create_task(LoopBlockers(lambda _function, _late_s: None, late_s=-1.0).run())  # always late
        async with asyncio.timeout(30):
            await enough.wait()
        task.cancel()

    asyncio.run(sampled())
    assert not [one for one in holders if one.endswith("test_what_started_the_loop_is_no_blocker")]
