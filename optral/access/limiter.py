"""How much a caller may ask: fixed windows of 60 seconds, each from its first counted request.

An organization's requests count together, whichever key they come with; a key may have a lower cap of its own. A signed-in person has a
window of their own, so that a dashboard never eats what programs need. Who is not known yet counts against the caller's address (IPv4, or
the /64 of IPv6), and passwords are tried at most 5 times in 15 minutes for an address and account. One process counts in memory; replicas
on PostgreSQL count in one unlogged table, by one statement, and fall back to their own memory, never to "unlimited", while the database
is away. No window outlives its length: in memory it ends by the monotonic clock; in the table, one that ends later than a window that
begins now was stored by a clock that ran ahead, and has ended.
"""

import asyncio
import ipaddress
import math
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from optral.access import device, people, repository
from optral.access.authenticator import Authenticator
from optral.access.model import DEFAULT_LIMITS, Window
from optral.kit.clock import Clock
from optral.kit.networks import unmapped
from optral.kit.words import counted
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import Actor, ActorKind, system
from optral.terms.errors import TooMany, Unavailable

WINDOW_S = 60
FAILURES_PER_MINUTE = 30
STRANGERS_PER_MINUTE = 30
POLLS_PER_MINUTE = 240  # of logins that wait for approval: 12 a minute each, many behind one address
PROVIDER_SIGN_INS_PER_MINUTE = 60  # requests of sign-ins through a provider, two for each
PERSON_PER_MINUTE = 1200
HOOKS_PER_MINUTE = 300  # signed requests of programs: a forge sends those of all its repositories from one address
SCIM_PER_MINUTE = 1200  # of one identity provider: a first synchronization is thousands of requests, one after the other
WINDOWS = 50_000  # kept in memory; beyond that those that end first go
CLEAN_EVERY_S = 600.0
SKEW_S = 2  # between the clocks of two replicas: without it, each new window of the one ahead would be over for the other


class _Count(NamedTuple):
    used: int
    reset_unix_s: int
    ends_s: float  # on the monotonic clock: a step of the wall clock neither opens nor prolongs a window


class Limiter:
    """Use on one event loop. On PostgreSQL own a task of `run`, which forgets windows that have ended."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        authenticator: Authenticator,
        limits: Mapping[str, int] = DEFAULT_LIMITS,
        failures_per_minute: int = FAILURES_PER_MINUTE,
        strangers_per_minute: int = STRANGERS_PER_MINUTE,
        person_per_minute: int = PERSON_PER_MINUTE,
    ) -> None:
        self._store, self._clock, self._authenticator = store, clock, authenticator
        self._limits, self._failures = dict(limits), failures_per_minute
        self._strangers, self._person = strangers_per_minute, person_per_minute
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    async def hit_actor(self, actor: Actor, bucket: str = "requests") -> Window:
        """Count one request of this actor: a person's own window, or the tighter of the organization's and the key's."""
        if actor.kind is ActorKind.PERSON:
            return await self._count(f"{bucket}:{actor.id}", self._person)
        terms = await self._authenticator.terms(actor)
        return await self.hit(str(actor.org_id), actor.id, terms.plan, bucket, key_limit=terms.key_limit)

    async def hit(self, org_id: str, key_id: str, plan: str, bucket: str = "requests", *, key_limit: int | None = None) -> Window:
        """Count one request. One that a key's own cap refuses costs the organization nothing."""
        own = None if key_limit is None else await self._count(f"{bucket}:{key_id}", key_limit)
        if own is not None and not own.allowed:
            return own
        shared = await self._count(f"{bucket}:{org_id}", self._limits[plan])
        return shared if own is None or not shared.allowed or shared.remaining < own.remaining else own

    async def hit_ip(self, address: str) -> Window:
        """Count one failure to authenticate from this address."""
        return await self._count(f"failures:{network_of(address)}", self._failures)

    async def peek_ip(self, address: str) -> Window:
        """What is left for this address, counting nothing."""
        return await self._count(f"failures:{network_of(address)}", self._failures, cost=0)

    async def hit_stranger(self, address: str) -> Window:
        """Count one request to an address that asks for no key: sign-in, set-up, invitations. Each may cost a password's check."""
        return await self._count(f"strangers:{network_of(address)}", self._strangers)

    async def hit_poll(self, address: str) -> Window:
        """Count one request of a command line that waits for its login to be approved; it has no password to check."""
        return await self._count(f"polls:{network_of(address)}", POLLS_PER_MINUTE)

    async def hit_provider_sign_in(self, address: str) -> Window:
        """Count one request of a sign-in through a provider: many of them keep no owner behind their address from using a password."""
        return await self._count(f"provider_sign_ins:{network_of(address)}", PROVIDER_SIGN_INS_PER_MINUTE)

    async def hit_scim(self, provider: Actor) -> Window:
        """Count one request of an identity provider that provisions users and groups."""
        return await self._count(f"scim:{provider.id}", SCIM_PER_MINUTE)

    async def hit_hook(self, address: str) -> Window:
        """Count one signed request of a program: it checks no password, and keeps nobody behind its address from signing in."""
        return await self._count(f"hooks:{network_of(address)}", HOOKS_PER_MINUTE)

    async def hit_alerts(self, receiver_id: str, count: int, *, limit: int) -> None:
        """Count so many alerts of a receiver. Raises `TooMany` beyond `limit` in a minute."""
        window = await self._count(f"alerts:{receiver_id}", limit, cost=count)
        if not window.allowed:
            wait_s = max(1.0, window.reset_unix_s - self._clock.now().timestamp())
            raise TooMany("too_many_alerts", retry_after_s=wait_s, say=f"the receiver takes {limit} alerts a minute; send the rest later")

    async def hit_alert_hook(self, address: str) -> Window:
        """Count one request with alerts: a flood of them keeps no trigger or forge from sending."""
        return await self._count(f"alerts:{network_of(address)}", HOOKS_PER_MINUTE)

    async def try_user_code(self, user_id: str) -> None:
        """Count one code that this person typed to approve a login. Raises `TooMany` beyond 30 in 15 minutes."""
        window = await self._count(f"codes:{user_id}", device.TRIES, window_s=device.TRIES_WINDOW_S)
        if not window.allowed:
            raise self._too_many_tries(window, f"{device.TRIES} codes")

    async def try_password(self, address: str, account: str) -> None:
        """Count one password typed for this account from this address, before it is checked. Raises `TooMany` for the sixth."""
        window = await self._count(_attempts_key(address, account), people.TRIES, window_s=people.TRIES_WINDOW_S)
        if not window.allowed:
            raise self._too_many_tries(window, f"{people.TRIES} passwords")

    async def try_reset(self, address: str, account: str) -> None:
        """Count one request for a password reset, by its sender and by the account. Raises `TooMany` beyond 5 in 15 minutes of either."""
        for bucket in (_attempts_key(address, "\nresets"), _attempts_key("", f"{account}\nresets")):
            window = await self._count(bucket, people.TRIES, window_s=people.TRIES_WINDOW_S)
            if not window.allowed:
                raise self._too_many_tries(window, f"{people.TRIES} requests for a password reset")

    async def forgive(self, address: str, account: str) -> None:
        """The password was right: what was tried before it no longer counts."""
        bucket = _attempts_key(address, account)
        self._counts.pop(bucket, None)
        if self._store.dialect == "postgresql":
            with suppress(Unavailable):  # it ends by itself
                await self._store.write(system(), lambda tx: repository.delete_window(tx, bucket))

    async def is_first_use(self, name: str, *, within_s: int) -> bool:
        """Tell whether this is the first call for the name within so many seconds, on any server; the call is remembered.

        `name` has at most 90 characters, and must be one that callers cannot choose.
        """
        return (await self._count(f"once:{name}", 1, window_s=within_s)).allowed

    async def was_used(self, name: str, *, within_s: int) -> bool:
        """Tell whether `is_first_use` was called for the name, without remembering this call."""
        return (await self._count(f"once:{name}", 1, cost=0, window_s=within_s)).remaining == 0

    def plan_limit(self, plan: str) -> int:
        """Requests a minute of an organization on this plan."""
        return self._limits[plan]

    async def run(self) -> None:
        """Delete ended windows in the database; own it as a task."""
        while True:
            await asyncio.sleep(CLEAN_EVERY_S)
            await self.clean()

    async def clean(self) -> int:
        """Remove windows that ended a minute ago from the database; return how many."""
        try:
            return await self._store.write(system(), lambda tx: repository.delete_windows(tx, tx.now - timedelta(seconds=WINDOW_S)))
        except Unavailable:
            return 0

    def _too_many_tries(self, window: Window, what: str) -> TooMany:
        wait_s = max(1.0, window.reset_unix_s - self._clock.now().timestamp())
        say = f"{what} were tried; wait {counted(math.ceil(wait_s / 60), 'minute')}"
        return TooMany("too_many_attempts", retry_after_s=wait_s, say=say)

    async def _count(self, bucket: str, limit: int, *, cost: int = 1, window_s: int = WINDOW_S) -> Window:
        if self._store.dialect == "postgresql":
            try:
                return await self._count_shared(bucket, limit, cost, window_s)
            except Unavailable:
                pass  # count here until it is back
        return self._count_here(bucket, limit, cost, window_s)

    async def _count_shared(self, bucket: str, limit: int, cost: int, window_s: int) -> Window:
        def count(tx: Transaction) -> tuple[int, datetime]:
            ends_at = tx.now + timedelta(seconds=window_s)
            return repository.count_request(tx, bucket, cost=cost, ends_at=ends_at, latest=ends_at + timedelta(seconds=SKEW_S))

        used, ends_at = await self._store.write(system(), count)
        return _window(limit, used, math.ceil(ends_at.timestamp()))

    def _count_here(self, bucket: str, limit: int, cost: int, window_s: int) -> Window:
        count, now_s = self._counts.get(bucket), self._clock.monotonic()
        if count is None or count.ends_s <= now_s:
            self._counts.pop(bucket, None)  # to the end: the order is, nearly, the order of ending
            count = _Count(0, math.ceil(self._clock.now().timestamp() + window_s), now_s + window_s)
        count = count._replace(used=count.used + cost, reset_unix_s=self._reset(count, now_s))
        self._counts[bucket] = count
        if len(self._counts) > WINDOWS:
            self._counts.popitem(last=False)
        return _window(limit, count.used, count.reset_unix_s)

    def _reset(self, count: _Count, now_s: float) -> int:
        """When the window ends, on the wall clock; it stays the same until somebody sets that clock."""
        reset = math.ceil(self._clock.now().timestamp() + count.ends_s - now_s)
        return count.reset_unix_s if abs(reset - count.reset_unix_s) <= 1 else reset


def _window(limit: int, used: int, reset_unix_s: int) -> Window:
    return Window(limit=limit, remaining=max(0, limit - used), reset_unix_s=reset_unix_s, allowed=used <= limit)


def _attempts_key(address: str, account: str) -> str:
    return f"tries:{sha256(f'{network_of(address)} {account.strip().lower()}'.encode()).hexdigest()}"


def network_of(address: str) -> str:
    """What is counted as one address: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        ip = unmapped(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((ip, 64), strict=False).network_address)
    return str(ip)
