"""The rounds of loops: a failure does not end them and is retried; the log has the first failure and the recovery."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Never, TypeVar

from structlog.typing import FilteringBoundLogger

from optral.kit.hub import Follower
from optral.kit.setbacks import Setbacks
from optral.terms.errors import OptralError, Unavailable

T = TypeVar("T")
ROUND = "round"


def reporter(log: FilteringBoundLogger, loop: str) -> Callable[[str, BaseException | None], None]:
    """For `Setbacks`: log as `<loop>.deferred`, `.failed` or `.recovered` what began to fail, or recovered."""

    def report(key: str, error: BaseException | None) -> None:
        if error is None:
            log.info(f"{loop}.recovered", of=key)
        elif isinstance(error, OptralError):
            log.warning(f"{loop}.deferred", of=key, code=error.code, log=error.log)
        else:
            log.error(f"{loop}.failed", of=key, exc_info=error)

    return report


@contextmanager
def contain(failed: Callable[[Exception], None]) -> Iterator[None]:
    """Contain one piece of a loop's work: whatever it raises is handed to `failed`, and the loop goes on."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - owner of every loop: the work is a row that is still due
        failed(error)


@contextmanager
def attempt(setbacks: Setbacks, key: str, *, writes: str | None = None) -> Iterator[None]:
    """Contain one attempt at the work of this key and note how it ended; `Unavailable` counts for the key `writes` when there is one."""
    is_ok = True

    def failed(error: Exception) -> None:
        nonlocal is_ok
        is_ok = False
        setbacks.failed(writes if writes is not None and isinstance(error, Unavailable) else key, error)

    with contain(failed):
        yield
    if is_ok:
        for worked in (key, writes):
            if worked is not None:
                setbacks.worked(worked)


async def run_once(step: Callable[[], Awaitable[T]], setbacks: Setbacks) -> T | None:
    """What the step returns; None when it failed, which `setbacks` has noted then."""
    with attempt(setbacks, ROUND):
        return await step()
    return None


async def repeat(step: Callable[[], Awaitable[float]], follower: Follower[Any], setbacks: Setbacks, *, at_least_s: float = 0.0) -> Never:
    """Take `step` for ever: after each wait as many seconds as it says, or until the follower is woken. A step that fails rests."""
    while True:
        wait_s = await run_once(step, setbacks)
        if wait_s is None:
            await asyncio.sleep(setbacks.rest_s(ROUND))
        elif (wait_s := max(at_least_s, wait_s)) > 0:
            await follower.wait(wait_s)
