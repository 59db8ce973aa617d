"""One-use tickets for event streams: a browser's EventSource sends no header, and a key must never stand in a URL.

A ticket lives 60 seconds. It names an API key or a session, sealed under a key that all servers have, so any of them takes it; rights are
looked up when it is used. That it was used is counted where rate windows are: in memory, or in PostgreSQL for all servers.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

import msgspec

from optral.access.authenticator import Authenticator
from optral.access.limiter import Limiter
from optral.kit import sealed
from optral.kit.clock import Clock
from optral.terms.actor import Actor

LIFETIME_S = 60
SKEW_S = 5  # between the clocks of two servers
MAX_LENGTH = 400
_BINDING = "optral event stream ticket"


class _Ticket(msgspec.Struct, frozen=True, array_like=True):
    org_id: str
    credential: str  # key_… or the id of a session
    expires_s: float  # Unix seconds
    nonce: str


class Tickets:
    """Issue and take tickets. With `shared` secret bytes, servers take each other's; without, each takes its own, until it stops."""

    def __init__(self, clock: Clock, authenticator: Authenticator, limiter: Limiter, *, shared: bytes | None) -> None:
        self._clock, self._authenticator, self._limiter = clock, authenticator, limiter
        self._key = secrets.token_bytes(32) if shared is None else hmac.digest(shared, _BINDING.encode(), hashlib.sha256)

    def issue(self, actor: Actor) -> tuple[str, datetime]:
        """A new ticket for what this actor may see, and when it ends."""
        expires_at = self._clock.now() + timedelta(seconds=LIFETIME_S)
        made = _Ticket(str(actor.org_id), actor.credential, expires_at.timestamp(), secrets.token_urlsafe(16))
        text = base64.urlsafe_b64encode(sealed.seal(msgspec.json.encode(made), key=self._key, binding=_BINDING))
        return text.decode().rstrip("="), expires_at

    async def take(self, text: str) -> Actor | None:
        """The actor of an unused, unexpired ticket whose key or session still works; the ticket is used up."""
        ticket = self._opened(text)
        if ticket is None or not 0 < ticket.expires_s - self._clock.now().timestamp() <= LIFETIME_S + SKEW_S:
            return None
        if not await self._limiter.is_first_use(f"ticket:{ticket.nonce}", within_s=LIFETIME_S + 2 * SKEW_S):
            return None
        return await self._authenticator.actor_of(ticket.org_id, ticket.credential)

    def _opened(self, text: str) -> _Ticket | None:
        if len(text) > MAX_LENGTH:
            return None
        try:
            plain = sealed.unseal(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), key=self._key, binding=_BINDING)
            return None if plain is None else msgspec.json.decode(plain, type=_Ticket)
        except (binascii.Error, ValueError):
            return None
