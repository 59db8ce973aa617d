"""`?wait=`: delays an answer until its object has reached a state, or the time has passed."""

import time
from collections.abc import Callable
from typing import TypeVar

from optral.api.http.routing import Call
from optral.kit.hub import Topic
from optral.store.transaction import Transaction

T = TypeVar("T")
K = TypeVar("K")
POLL_S = 1.0
"""Changes by other replicas are not announced in this process, so the row is also polled, as is whether the server stops."""


async def until(
    call: Call, topic: Topic[K], key: K, *, wait_s: float, read: Callable[[Transaction], T], is_enough: Callable[[T], bool]
) -> T:
    """The value of `read` once `is_enough` accepts it, or its value after `wait_s` seconds (at most `longest_wait_s`) or at a server stop.

    An announcement of `key` on `topic` triggers another read. Raises what `read` raises.
    """
    deadline = time.monotonic() + min(wait_s, call.services.longest_wait_s)
    with call.services.store.hubs[topic].follow(key) as changes:
        while True:
            value = await call.read(read)
            left_s = deadline - time.monotonic()
            if is_enough(value) or left_s <= 0 or call.services.stopping.is_set():
                return value
            await changes.wait(min(left_s, POLL_S))
