"""What the HTTP edge needs from the wiring, in one value."""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from optral.access.service import Authenticator, Limiter
from optral.analysis.model import Offer
from optral.api.http.stream import StreamLimits
from optral.api.tickets import Tickets
from optral.flows.clusters.agent_install import Addresses
from optral.flows.people.sign_in import Sessions
from optral.kit.clock import Clock
from optral.store.store import Store

Check = Callable[[], Awaitable[bool]]


@dataclass(kw_only=True)
class ApiServices:
    """Handed to `api.app.build`. `checks` are what /readyz asks, by name; each answers within a second or counts as failed.

    `pepper` seals cursors here and keys in access; `sealing_key` (32 bytes) seals the addresses of webhooks. `addresses`, `enroll_address`,
    `tunnel_address` and `trust` (the CAs) are what agents are told.
    `polls_events` is on where other processes write events too (PostgreSQL). `insecure_http`: people may sign in over plain HTTP.
    `?wait=` is held for at most `longest_wait_s`. Set `stopping` before the listener stops: open streams then
    end at once instead of holding it up. `detector_failures` counts those that raised here, by type.
    `offer` is the language model that organisations may switch on. `warnings` is what /readyz shows beside its checks; it fails none.
    """

    store: Store
    clock: Clock
    authenticator: Authenticator
    limiter: Limiter
    pepper: bytes
    sealing_key: bytes
    addresses: Addresses
    enroll_address: str = ""
    tunnel_address: str = ""
    trust: Callable[[], Mapping[str, object]] = dict
    warnings: Callable[[], Sequence[str]] = tuple
    checks: Mapping[str, Check] = field(default_factory=dict)
    polls_events: bool = False
    insecure_http: bool = False
    offer: Offer | None = None
    detector_failures: Callable[[], Mapping[str, int]] = dict
    handler_deadline_s: float = 30.0
    longest_wait_s: float = 25.0
    heartbeat_s: float = 15.0
    stream_max_age_s: float = 3600.0
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    streams: StreamLimits = field(default_factory=StreamLimits)

    @cached_property
    def tickets(self) -> Tickets:
        return Tickets(self.clock, self.authenticator, self.limiter, shared=self.pepper if self.polls_events else None)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.store, self.limiter, self.pepper)

    @cached_property
    def cursor_key(self) -> bytes:
        """The key cursors are sealed with; another purpose, another key."""
        return hmac.digest(self.pepper, b"optral list cursors", hashlib.sha256)
