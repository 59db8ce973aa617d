"""How the people of an organization sign in: by password or only with an identity provider, for how long, and from which networks. No I/O.

Owners may always sign in by password: the provider can be down, or its rules wrong.
"""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass

from optral.kit.networks import is_in, unmapped
from optral.terms.actor import Actor
from optral.terms.errors import Forbidden, Invalid

MAX_NETWORKS = 50
MAX_SESSION_HOURS = 7 * 24
MAX_IDLE_MINUTES = 12 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPolicy:
    """`session_hours` and `idle_minutes` None: as long as Optral allows at most. `session_networks` None: from anywhere."""

    is_provider_only: bool = False
    session_hours: int | None = None
    idle_minutes: int | None = None
    session_networks: frozenset[str] | None = None


class AddressNotAllowed(Forbidden):
    """From outside of the allowed networks. `actor`: whose key or session it was, if that was right."""

    default_code = "address_not_allowed"
    actor: Actor | None = None


def checked_networks(given: Collection[str] | None, *, field: str) -> frozenset[str] | None:
    """Networks in their usual form. Raises `Invalid("invalid_network")`; an empty list means no limit."""
    if not given:
        return None
    found = set()
    for one in given:
        try:
            found.add(str(ipaddress.ip_network(one.strip())))
        except ValueError:
            say = f"{one[:64]} is not a network such as 192.0.2.0/24 or 2001:db8::/32, or has bits of a host"
            raise Invalid("invalid_network", say=say, errors=[{"field": field, "code": "invalid_network", "message": say}]) from None
    return frozenset(found)


def is_allowed(address: str, networks: Collection[str] | None) -> bool:
    """Whether the address is in these networks (None: any)."""
    if networks is None:
        return True
    try:
        found = unmapped(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    return is_in(found, [ipaddress.ip_network(one) for one in networks])


def check_address(address: str, networks: Collection[str] | None) -> None:
    """Raise `AddressNotAllowed` for an address outside of these networks (None: any)."""
    if not is_allowed(address, networks):
        raise AddressNotAllowed(say="requests from your network address are not allowed here; ask an owner of your organization")
