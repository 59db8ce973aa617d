"""Which connections a listener holds: a bound on all of them, and for each address on those that wait for their client.

A connection waits while the server only needs the client's next bytes: it is silent, its request or handshake is unfinished, or it
is idle between two requests. When room is needed, the connection that has waited longest is closed, so that a newcomer always gets in and
a flood of silent connections pushes out only itself. What the server works on is never closed for room.
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from optral.kit.networks import unmapped

IPV6_SITE_BITS = 64
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ConnectionLimit(NamedTuple):
    """How many connections a listener holds: in all, and of one address while they wait for their client."""

    total: int = 4096
    per_address: int = 256


class ConnectionSlot:
    """One connection's place. It waits from the start; `leave` it exactly when the connection is gone (more often does no harm)."""

    __slots__ = ("_admission", "close", "group", "is_held")

    def __init__(self, admission: "Admission", group: str, close: Callable[[], object]) -> None:
        self._admission, self.group, self.close = admission, group, close
        self.is_held = True

    def waits(self) -> None:
        """The client's turn: from now on this connection may be closed for room, after those that have waited longer."""
        self._admission.waits(self)

    def works(self) -> None:
        """The server's turn: this connection is not closed for room."""
        self._admission.works(self)

    def leave(self) -> None:
        self._admission.leave(self)


class Admission:
    """At most `room.total` connections, and at most `room.per_address` that wait from one address (an IPv6 /64 counts as one).

    Addresses in `exempt` (proxies that stand for many clients) are bounded by the total alone. Use on one event loop only.
    """

    def __init__(self, room: ConnectionLimit, *, exempt: Sequence[str] = ()) -> None:
        self._room = room
        self._exempt: tuple[Network, ...] = tuple(ipaddress.ip_network(one, strict=False) for one in exempt)
        self._held = 0
        self._waiting: OrderedDict[ConnectionSlot, None] = OrderedDict()
        self._by_group: dict[str, OrderedDict[ConnectionSlot, None]] = {}
        self.refused = 0

    def __len__(self) -> int:
        return self._held

    @property
    def waiting(self) -> int:
        """How many connections wait for their client."""
        return len(self._waiting)

    def enter(self, address: str, close: Callable[[], object]) -> ConnectionSlot | None:
        """A place for a new connection, or None when all places are taken by connections that the server works on.

        `close` must end the connection at once, without waiting for its peer.
        """
        if self._held >= self._room.total and not self._make_room(self._waiting):
            self.refused += 1
            return None
        place = ConnectionSlot(self, self._group(address), close)
        self._held += 1
        self.waits(place)
        return place

    def waits(self, place: ConnectionSlot) -> None:
        if not place.is_held:
            return
        self._waiting[place] = None
        self._waiting.move_to_end(place)
        if not place.group:
            return
        group = self._by_group.setdefault(place.group, OrderedDict())
        group[place] = None
        group.move_to_end(place)
        if len(group) > self._room.per_address:
            self._make_room(group)

    def works(self, place: ConnectionSlot) -> None:
        self._waiting.pop(place, None)
        if (group := self._by_group.get(place.group)) is not None:
            group.pop(place, None)
            if not group:
                del self._by_group[place.group]

    def leave(self, place: ConnectionSlot) -> None:
        if not place.is_held:
            return
        self.works(place)
        place.is_held = False
        self._held -= 1

    def _make_room(self, among: "OrderedDict[ConnectionSlot, None]") -> bool:
        oldest = next(iter(among), None)
        if oldest is None:
            return False
        self.leave(oldest)
        oldest.close()
        return True

    def _group(self, address: str) -> str:
        """What is counted together; empty for addresses that are not counted."""
        try:
            found = unmapped(ipaddress.ip_address(address.partition("%")[0]))
        except ValueError:
            return address
        if any(found.version == network.version and found in network for network in self._exempt):
            return ""
        if isinstance(found, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((found, IPV6_SITE_BITS), strict=False))
        return str(found)
