"""The rounds of loops: what fails does not end them and is tried again, and the log tells the beginning and the end of it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Never, TypeVar

from structlog.typing import FilteringBoundLogger

from optral.kit.hub import Follower
from optral.kit.setbacks import Setbacks
from optral.terms.errors import OptralError

T = TypeVar("T")
ROUND = "round"


def told(log: FilteringBoundLogger, loop: str) -> Callable[[str, BaseException | None], None]:
    """For `Setbacks`: log as `<loop>.put_off`, `.failed` or `.work_again` what began to fail, or works again."""

    def tell(key: str, error: BaseException | None) -> None:
        if error is None:
            log.info(f"{loop}.work_again", of=key)
        elif isinstance(error, OptralError):
            log.warning(f"{loop}.put_off", of=key, code=error.code, log=error.log)
        else:
            log.error(f"{loop}.failed", of=key, exc_info=error)

    return tell


async def tried(step: Callable[[], Awaitable[T]], setbacks: Setbacks) -> T | None:
    """What the step gives; None when it failed: `setbacks` has heard of it then."""
    try:
        given = await step()
    except Exception as error:  # noqa: BLE001 - owner of every loop: what is due is still there
        setbacks.failed(ROUND, error)
        return None
    setbacks.worked(ROUND)
    return given


async def repeat(step: Callable[[], Awaitable[float]], follower: Follower[Any], setbacks: Setbacks, *, at_least_s: float = 0.0) -> Never:
    """Take `step` for ever: after each wait as many seconds as it says, or until the follower is woken. A step that fails rests."""
    while True:
        wait_s = await tried(step, setbacks)
        if wait_s is None:
            await asyncio.sleep(setbacks.rest_s(ROUND))
        elif (wait_s := max(at_least_s, wait_s)) > 0:
            await follower.wait(wait_s)
