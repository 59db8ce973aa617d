"""The bounded pool: full means come back, late means come back, and a lost caller keeps its job's place."""

import asyncio
import threading
import time

import pytest

from optral.store.threads import Threads
from optral.terms.errors import Unavailable


@pytest.fixture
def go() -> threading.Event:
    return threading.Event()


async def test_beyond_its_limit_callers_get_unavailable(go: threading.Event) -> None:
    threads = Threads("test-pool", count=1, limit=2, loop=asyncio.get_running_loop())
    waiting = [asyncio.create_task(threads.run(go.wait, 10, deadline_s=10, late="late")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable) as refusal:
        await threads.run(go.wait, 10, deadline_s=10, late="late")
    assert refusal.value.code == "store_busy"
    go.set()
    assert await asyncio.gather(*waiting) == [True, True]
    await threads.close()
    assert threads.depth == 0


async def test_a_job_that_is_late_keeps_its_place_until_it_ends(go: threading.Event) -> None:
    threads = Threads("test-pool", count=1, limit=1, loop=asyncio.get_running_loop())
    with pytest.raises(Unavailable, match="still be made"):
        await threads.run(go.wait, 10, deadline_s=0, late="the change may still be made")
    assert threads.depth == 1
    go.set()
    await threads.close()
    await asyncio.sleep(0)
    assert threads.depth == 0


async def test_a_jobs_own_timeout_is_not_ours() -> None:
    def late() -> None:
        raise TimeoutError("my own")

    threads = Threads("test-pool", count=1, limit=1, loop=asyncio.get_running_loop())
    with pytest.raises(TimeoutError, match="my own"):
        await threads.run(late, deadline_s=10, late="late")
    await threads.close()


def pause() -> None:
    """The loop stands still past the deadline, as in a stopped process."""
    time.sleep(0.05)


async def test_a_job_that_ended_during_a_pause_of_the_process_gives_its_result() -> None:
    """When a process is stopped for longer than the deadline, the deadline and the result come together."""
    ended = threading.Event()

    def job() -> str:
        ended.set()
        return "done"

    threads = Threads("test-pool", count=1, limit=1, loop=asyncio.get_running_loop())
    running = asyncio.create_task(threads.run(job, deadline_s=0.01, late="late"))
    await asyncio.sleep(0)
    assert ended.wait(10)
    pause()
    assert await running == "done"
    await threads.close()
