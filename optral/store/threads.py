"""A bounded pool of threads for jobs: callers beyond its limit get `Unavailable`, and no caller waits past a deadline.

A caller that gives up or is canceled does not stop its job; the job's place is kept until it ends.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from optral.terms.errors import Unavailable

T = TypeVar("T")


class Threads:
    """`count` threads named `name`; at most `limit` jobs wait or run. Used from one event loop."""

    def __init__(self, name: str, *, count: int, limit: int, loop: asyncio.AbstractEventLoop) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._limit, self._loop = limit, loop
        self.depth = 0

    async def run(self, job: Callable[..., T], *arguments: Any, deadline_s: float, late: str) -> T:
        """Run the job in a thread. Raises what it raises, or `Unavailable`: too many wait, or the deadline passed (says `late`)."""
        if self.depth >= self._limit:
            raise Unavailable("store_busy", say="too many requests are waiting for the database; try again", retry_after_s=2)
        self.depth += 1
        work = self._pool.submit(_guarded, job, *arguments)
        future = asyncio.wrap_future(work, loop=self._loop)
        future.add_done_callback(self._left)
        try:
            async with asyncio.timeout(deadline_s):
                return await asyncio.shield(future)
        except TimeoutError:
            if work.done():  # after a pause of this process the deadline and the end of the job come together; or the error is the job's
                return work.result()
            raise Unavailable("store_slow", say=late, retry_after_s=5) from None

    async def close(self) -> None:
        """Finish what waits and end the threads, without holding the loop."""
        await self._loop.run_in_executor(None, self._pool.shutdown)

    def _left(self, future: asyncio.Future[Any]) -> None:
        self.depth -= 1
        if not future.cancelled():
            future.exception()  # seen: a caller that left does not make it an unretrieved error


def _guarded(job: Callable[..., T], *arguments: Any) -> T:
    try:
        return job(*arguments)
    except (StopIteration, SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError) as error:
        raise fit_for_future(error) from error


def fit_for_future(error: BaseException) -> Exception:
    """The error, or one in its place where a future cannot carry it (StopIteration) or may not (SystemExit would end the loop)."""
    if isinstance(error, StopIteration) or not isinstance(error, Exception):
        return RuntimeError(f"a job ended with {error!r}")
    return error
