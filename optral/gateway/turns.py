"""Fair turns at the store between tunnel sessions, and the budget of each.

Every session hands over one job at a time. Jobs wait in the order of a virtual finish time (start-time fair queuing): a session that
asks for little goes ahead of one that has just been served much. That alone lets a busy agent fill all the time the others leave, and their
acknowledgements wait behind its jobs; so a session beyond its allowance also rests while others are active, the store is busy, and its
recent use is above its fair share. Alone on the server an agent is never slowed.

An allowance belongs to the cluster and outlives its sessions, or a new session would be a way around it.
"""

import asyncio
import heapq
import math
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

AT_STORE = 4 * 1024 * 1024  # cost of the jobs handed to the store at once; one job always may
OBJECT_COST = 2 * 1024  # what an object costs beside its bytes
MESSAGE_COST = 1024
ALLOWANCE = 48 * 1024 * 1024  # cost: an inventory of some 4,500 pods without a rest
REFILL_PER_S = 1024 * 1024  # cost: some 100 changes of pods a second, for ever
DEBT = 4 * 1024 * 1024  # cost: how far below nothing an allowance falls
ACTIVE_S = 1.0  # who had a job this recently is active
USE_DECAYS_S = 2.0
FAIR = 1.5  # times the mean use of the active sessions
BUSY = 0.25  # of the time, with a job at the store
REST_S = (0.02, 1.0)
SMALL_GROUP_BYTES = 512 * 1024
LARGE_GROUP_BYTES = 8 * 1024 * 1024
LOG_EVERY_S = 60.0
KEPT = 4096  # clusters whose allowance is remembered
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Bucket:
    """`burst` at once, `per_s` in the long run. Times are of a monotonic clock, in seconds."""

    burst: float
    per_s: float
    at: float
    level: float = field(init=False)

    def __post_init__(self) -> None:
        self.level = self.burst

    def wait_s(self, now: float, amount: float = 1) -> float:
        """Take the amount; 0 when it was there, else how long to wait before it is (nothing is taken then)."""
        self.refill(now)
        if self.level >= amount:
            self.level -= amount
            return 0.0
        return (amount - self.level) / self.per_s

    def is_full(self, now: float) -> bool:
        """Whether nothing was taken for a while."""
        self.refill(now)
        return self.level >= self.burst

    def refill(self, now: float) -> None:
        self.level = min(self.burst, self.level + max(0.0, now - self.at) * self.per_s)
        self.at = now


@dataclass(slots=True)
class _Share:
    """What is known of one cluster's use."""

    allowance: Bucket
    finish: float = 0.0  # virtual
    use: float = 0.0  # cost, decaying
    used_at: float = 0.0
    slowed_s: float = 0.0
    logged_at: float = -math.inf
    logged_s: float = 0.0

    def use_at(self, now: float) -> float:
        return self.use * math.exp(-max(0.0, now - self.used_at) / USE_DECAYS_S)


class Turns:
    """Shared by the sessions of a gateway, on one event loop. `counters` gets `slowed` and `slowed_ms`; `now` is a monotonic clock."""

    def __init__(
        self, counters: Counter[str], now: Callable[[], float] | None = None, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._counters, self._sleep = counters, sleep
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._shares: OrderedDict[str, _Share] = OrderedDict()
        self._recent: deque[tuple[float, str]] = deque()
        self._active: Counter[str] = Counter()
        self._waiting: list[tuple[float, int, asyncio.Future[None], float]] = []
        self._number = 0
        self._virtual = 0.0
        self._at_store, self._jobs = 0.0, 0
        self._busy, self._busy_at = 0.0, 0.0

    def group_bytes(self, cluster_id: str) -> int:
        """How much one job of this cluster should hold: little while others are active, since a commit cannot be interrupted."""
        return SMALL_GROUP_BYTES if self._others(cluster_id) else LARGE_GROUP_BYTES

    async def rest(self, cluster_id: str) -> None:
        """Wait while this cluster has used more than its share at the others' expense."""
        share = self._share(cluster_id)
        while (pause_s := self._rest_s(cluster_id, share)) > 0:
            self._note(cluster_id, share, pause_s)
            await self._sleep(pause_s)

    @asynccontextmanager
    async def turn(self, cluster_id: str, *, size_bytes: int, objects: int, messages: int) -> AsyncIterator[None]:
        """Hold a place at the store for one job of this much."""
        cost = float(size_bytes + objects * OBJECT_COST + messages * MESSAGE_COST)
        self._spend(cluster_id, cost)
        await self._enter(self._share(cluster_id), cost)
        try:
            yield
        finally:
            self._leave(cost)

    def _share(self, cluster_id: str) -> _Share:
        share = self._shares.get(cluster_id)
        if share is None:
            share = self._shares[cluster_id] = _Share(Bucket(ALLOWANCE, REFILL_PER_S, self._now()))
            while len(self._shares) > KEPT:
                self._shares.popitem(last=False)
        self._shares.move_to_end(cluster_id)
        return share

    def _others(self, cluster_id: str) -> int:
        """How many other clusters had a job a moment ago."""
        before = self._now() - ACTIVE_S
        while self._recent and self._recent[0][0] < before:
            _, gone = self._recent.popleft()
            self._active[gone] -= 1
            if not self._active[gone]:
                del self._active[gone]
        return len(self._active) - (cluster_id in self._active)

    def _spend(self, cluster_id: str, cost: float) -> None:
        now, share = self._now(), self._share(cluster_id)
        share.allowance.refill(now)
        share.allowance.level = max(-DEBT, share.allowance.level - cost)
        share.use, share.used_at = share.use_at(now) + cost, now
        self._recent.append((now, cluster_id))
        self._active[cluster_id] += 1

    def _rest_s(self, cluster_id: str, share: _Share) -> float:
        others = self._others(cluster_id)
        now = self._now()
        share.allowance.refill(now)
        if not others or share.allowance.level > 0 or self._busy_share(now) < BUSY:
            return 0.0
        used = share.use_at(now)
        total = used + sum(self._shares[one].use_at(now) for one in self._active if one != cluster_id and one in self._shares)
        fair = max(FAIR * total / (others + 1), REFILL_PER_S * USE_DECAYS_S)
        if used <= fair:
            return 0.0
        return min(max(USE_DECAYS_S * math.log(used / fair), REST_S[0]), REST_S[1])

    def _busy_share(self, now: float) -> float:
        """Which part of the last seconds a job was at the store."""
        kept = math.exp(-max(0.0, now - self._busy_at) / USE_DECAYS_S)
        self._busy = self._busy * kept + (1 - kept) * (self._jobs > 0)
        self._busy_at = now
        return self._busy

    async def _enter(self, share: _Share, cost: float) -> None:
        share.finish = max(self._virtual, share.finish) + cost
        if not self._waiting and self._fits(cost):
            self._admit(cost, share.finish)
            return
        self._number += 1
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (share.finish, self._number, place, cost))
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # the place was given in the very moment
                self._leave(cost)
            raise

    def _fits(self, cost: float) -> bool:
        return self._jobs == 0 or self._at_store + cost <= AT_STORE

    def _admit(self, cost: float, finish: float) -> None:
        self._busy_share(self._now())
        self._virtual = max(self._virtual, finish - cost)
        self._at_store += cost
        self._jobs += 1

    def _leave(self, cost: float) -> None:
        self._busy_share(self._now())
        self._at_store -= cost
        self._jobs -= 1
        while self._waiting and (self._waiting[0][2].cancelled() or self._fits(self._waiting[0][3])):
            finish, _, place, waiting_cost = heapq.heappop(self._waiting)
            if not place.cancelled():
                self._admit(waiting_cost, finish)
                place.set_result(None)

    def _note(self, cluster_id: str, share: _Share, pause_s: float) -> None:
        share.slowed_s += pause_s
        self._counters["slowed"] += 1
        self._counters["slowed_ms"] += round(pause_s * 1000)
        now = self._now()
        if now - share.logged_at >= LOG_EVERY_S:
            since_s, share.logged_s = share.slowed_s - share.logged_s, share.slowed_s
            share.logged_at = now
            _log.warning(
                "an agent sends more than its share and is slowed down",
                cluster_id=cluster_id,
                slowed_s=round(since_s, 2),
                others=self._others(cluster_id),
            )
