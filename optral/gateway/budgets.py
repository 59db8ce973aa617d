"""How many messages of each kind an agent may send: a burst, then a rate. Objects are limited by the store instead (turns.py).

A message beyond the budget is read late, so HTTP/2 flow control slows the peer down. If the excess lasts, the peer is no agent of ours:
the session ends with `protocol_error` and the certificate is refused for a while (bans.py). The bursts hold what an agent sends after
a restart, for a first inventory of 1,000 kinds or after a pause, so no agent is ever slowed down or ended.

A budget belongs to the cluster and outlives its sessions, or a new session would be a way around it.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import structlog

from optral.gateway.ending import Ended
from optral.gateway.turns import Bucket
from optral.kit.keyed_rate_limit import KeyedRateLimit


class Limit(NamedTuple):
    """`burst` messages at once and `per_s` in the long run; after `excess_s` seconds of messages beyond that, the session ends."""

    name: str
    burst: int
    per_s: float
    excess_s: float


UNKNOWN = "unknown message"
SIGNS = Limit("signs", burst=20, per_s=1.0, excess_s=5.0)  # an agent sends a heartbeat every 15 seconds
FRAMES = Limit("frames", burst=4096, per_s=100.0, excess_s=300.0)  # a mark and a digest for each of 1,000 kinds, four times
CALLS = Limit("calls", burst=256, per_s=10.0, excess_s=30.0)  # an output belongs to a command, and certificates are renewed in days
SESSIONS = Limit("sessions", burst=30, per_s=0.5, excess_s=0.0)
LIMITS: Mapping[str, Limit] = {
    "hello": SESSIONS,
    "heartbeat": SIGNS,
    "trust_report": SIGNS,
    UNKNOWN: SIGNS,
    "kind_state": FRAMES,
    "digest": FRAMES,
    "command_state": FRAMES,
    "Output": CALLS,
    "Renew": CALLS,
}
"""By the kind of message (`Up.message`) or call."""
KEPT = 4096  # budgets
SHORTEST_S = 0.001
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Budget:
    bucket: Bucket
    late: int = 0  # messages that were read late, since the bucket was full


class Budgets:
    """Shared by the sessions of a gateway. `counters` gets `paced`; `now` is a monotonic clock."""

    def __init__(
        self, counters: Counter[str], now: Callable[[], float] | None = None, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._counters, self._sleep = counters, sleep
        self._now = now or asyncio.get_running_loop().time
        self._budgets: OrderedDict[tuple[str, str], _Budget] = OrderedDict()
        self._lines = KeyedRateLimit(monotonic=self._now)

    async def spend(self, cluster_id: str, what: str) -> None:
        """Wait until a message of this kind may be read. Raises `Ended` when the excess has lasted too long."""
        if (limit := LIMITS.get(what)) is None:
            return
        budget = self._budget(cluster_id, limit)
        if budget.bucket.is_full(self._now()):  # not as soon as one need not wait: that also happens when this process was held up
            budget.late = 0
        if (wait_s := budget.bucket.wait_s(self._now())) == 0:
            return
        budget.late += 1
        if budget.late > limit.per_s * limit.excess_s:
            raise Ended("protocol_error", _say(what, limit))
        self._note(cluster_id, what)
        while wait_s > 0:
            await self._sleep(max(wait_s, SHORTEST_S))
            wait_s = budget.bucket.wait_s(self._now())

    def _budget(self, cluster_id: str, limit: Limit) -> _Budget:
        key = (cluster_id, limit.name)
        if (budget := self._budgets.get(key)) is None:
            budget = self._budgets[key] = _Budget(Bucket(limit.burst, limit.per_s, self._now()))
            while len(self._budgets) > KEPT:
                self._budgets.popitem(last=False)
        self._budgets.move_to_end(key)
        return budget

    def _note(self, cluster_id: str, what: str) -> None:
        self._counters["paced"] += 1
        if self._lines.take(cluster_id) is not None:
            _log.warning("an agent sends too many messages and is read more slowly", cluster_id=cluster_id, what=what)


def _say(what: str, limit: Limit) -> str:
    if limit.name == SESSIONS.name:
        return f"{limit.burst} sessions were opened in quick succession; at most {limit.per_s * 60:g} a minute are accepted"
    noun = "calls" if limit.name == CALLS.name else "messages"
    return f"{what} {noun} came faster than {limit.per_s:g} a second for {limit.excess_s:g} seconds"
