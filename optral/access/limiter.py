"""How much a caller may ask: fixed windows of 60 seconds, each from its first counted request.

An organisation's requests count together, whichever key they come with; a key may have a lower cap of its own; failed sign-ins count
against the caller's address (IPv4, or the /64 of IPv6). One process counts in memory; replicas on PostgreSQL count in one unlogged
table, by one statement, and fall back to their own memory, never to "unlimited", while the database is away.
"""

import asyncio
import ipaddress
import math
from collections import OrderedDict
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from optral.access import repository
from optral.access.authenticator import Authenticator
from optral.access.model import DEFAULT_LIMITS, Window
from optral.kit.clock import Clock
from optral.store.store import Store
from optral.terms.actor import Actor, system
from optral.terms.errors import Unavailable

WINDOW_S = 60
FAILURES_PER_MINUTE = 30
WINDOWS = 50_000  # kept in memory; beyond that those that end first go
CLEAN_EVERY_S = 600.0


class _Count(NamedTuple):
    used: int
    reset_unix_s: int
    ends_s: float  # on the monotonic clock: a step of the wall clock neither opens nor prolongs a window


class Limiter:
    """Use on one event loop. On PostgreSQL own a task of `run`, which forgets windows that are over."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        authenticator: Authenticator,
        limits: Mapping[str, int] = DEFAULT_LIMITS,
        failures_per_minute: int = FAILURES_PER_MINUTE,
    ) -> None:
        self._store, self._clock, self._authenticator = store, clock, authenticator
        self._limits, self._failures = dict(limits), failures_per_minute
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    async def hit_actor(self, actor: Actor, bucket: str = "requests") -> Window:
        """Count one request of this actor; the tighter of the organisation's and the key's window."""
        terms = await self._authenticator.terms(actor)
        return await self.hit(str(actor.org_id), actor.id, terms.plan, bucket, key_limit=terms.key_limit)

    async def hit(self, org_id: str, key_id: str, plan: str, bucket: str = "requests", *, key_limit: int | None = None) -> Window:
        """Count one request. One that a key's own cap refuses costs the organisation nothing."""
        own = None if key_limit is None else await self._count(f"{bucket}:{key_id}", key_limit)
        if own is not None and not own.allowed:
            return own
        shared = await self._count(f"{bucket}:{org_id}", self._limits[plan])
        return shared if own is None or not shared.allowed or shared.remaining < own.remaining else own

    async def hit_ip(self, address: str) -> Window:
        """Count one failure to authenticate from this address."""
        return await self._count(f"failures:{_network(address)}", self._failures)

    async def peek_ip(self, address: str) -> Window:
        """What is left for this address, counting nothing."""
        return await self._count(f"failures:{_network(address)}", self._failures, cost=0)

    async def run(self) -> None:
        """Forget windows in the database that are over; a task to own."""
        while True:
            await asyncio.sleep(CLEAN_EVERY_S)
            await self.clean()

    async def clean(self) -> int:
        """Remove windows that ended a minute ago from the database; return how many."""
        try:
            return await self._store.write(system(), lambda tx: repository.delete_windows(tx, tx.now - timedelta(seconds=WINDOW_S)))
        except Unavailable:
            return 0

    async def _count(self, bucket: str, limit: int, *, cost: int = 1) -> Window:
        if self._store.dialect == "postgresql":
            try:
                return await self._count_shared(bucket, limit, cost)
            except Unavailable:
                pass  # count here until it is back
        return self._count_here(bucket, limit, cost)

    async def _count_shared(self, bucket: str, limit: int, cost: int) -> Window:
        used, ends_at = await self._store.write(
            system(), lambda tx: repository.count_request(tx, bucket, cost=cost, ends_at=tx.now + timedelta(seconds=WINDOW_S))
        )
        return _window(limit, used, math.ceil(ends_at.timestamp()))

    def _count_here(self, bucket: str, limit: int, cost: int) -> Window:
        count, now_s = self._counts.get(bucket), self._clock.monotonic()
        if count is None or count.ends_s <= now_s:
            self._counts.pop(bucket, None)  # to the end: the order is the order of ending
            count = _Count(0, math.ceil(self._clock.now().timestamp() + WINDOW_S), now_s + WINDOW_S)
        count = count._replace(used=count.used + cost)
        self._counts[bucket] = count
        if len(self._counts) > WINDOWS:
            self._counts.popitem(last=False)
        return _window(limit, count.used, count.reset_unix_s)


def _window(limit: int, used: int, reset_unix_s: int) -> Window:
    return Window(limit=limit, remaining=max(0, limit - used), reset_unix_s=reset_unix_s, allowed=used <= limit)


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False).network_address)
    return str(ip)
