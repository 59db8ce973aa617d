"""One-use tickets for event streams: a browser's EventSource sends no header, and a key must never stand in a URL.

A ticket lives 60 seconds and in this process: the one that issued it takes it. Bounded; the oldest go first.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from optral.kit.clock import Clock
from optral.terms.actor import Actor

LIFETIME_S = 60
MAX_TICKETS = 10_000


@dataclass(frozen=True, slots=True)
class _Issued:
    actor: Actor
    expires_at_s: float


class Tickets:
    """Issue and take tickets."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: OrderedDict[str, _Issued] = OrderedDict()

    def issue(self, actor: Actor) -> tuple[str, datetime]:
        """A new ticket for what this actor may see, and when it ends."""
        while len(self._issued) >= MAX_TICKETS:
            self._issued.popitem(last=False)
        ticket = secrets.token_urlsafe(32)
        self._issued[ticket] = _Issued(actor, self._clock.monotonic() + LIFETIME_S)
        return ticket, self._clock.now() + timedelta(seconds=LIFETIME_S)

    def take(self, ticket: str) -> Actor | None:
        """The actor of an unused, unexpired ticket; the ticket is used up."""
        issued = self._issued.pop(ticket, None)
        if issued is None or issued.expires_at_s <= self._clock.monotonic():
            return None
        return issued.actor
