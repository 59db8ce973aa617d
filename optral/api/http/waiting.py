"""`?wait=`: an answer held back until what it is about is as wanted, or the time is over."""

import time
from collections.abc import Callable
from typing import TypeVar

from optral.api.http.routing import Call
from optral.kit.hub import Topic
from optral.store.transaction import Transaction

T = TypeVar("T")
LOOK_EVERY_S = 1.0
"""Another replica's moves are not announced here; the row is looked at this often as well, and a server that stops is noticed."""


async def until(
    call: Call, topic: Topic[str], key: str, *, wait_s: float, look: Callable[[Transaction], T], is_enough: Callable[[T], bool]
) -> T:
    """What `look` reads once it is enough; as it stands after `wait_s` seconds (the server's `longest_wait_s` at most), or when it stops.

    Looks again whenever `key` is published under `topic`. Raises what `look` raises.
    """
    ends = time.monotonic() + min(wait_s, call.services.longest_wait_s)
    with call.services.store.hubs[topic].follow(key) as news:
        while True:
            found = await call.read(look)
            left_s = ends - time.monotonic()
            if is_enough(found) or left_s <= 0 or call.services.stopping.is_set():
                return found
            await news.wait(min(left_s, LOOK_EVERY_S))
