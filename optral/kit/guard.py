"""Which addresses the server may call on behalf of people: public ones, and those private networks that the operator named.

Whoever can name an address could otherwise make the server call what only the server can reach: metadata services, databases, itself.
What is public is in `kit/networks.py`; everything else is refused, so that a block nobody thought of is refused, too.
"""

import ipaddress
import re
from collections.abc import Sequence
from typing import NamedTuple

from optral.kit.networks import Network, is_in, is_public, unwrapped

PUBLIC_PORTS = frozenset({443, 8443})
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)


def is_short_number(host: str) -> bool:
    """Whether a system would take this host for an IPv4 address though it is not written as one: `127.1`, `0x7f.1`, `2130706433`.

    By the rule of the WHATWG's URL standard: what ends in a number is an IPv4 address. In full it is four decimal numbers.
    """
    if not _NUMBER.fullmatch(host.removesuffix(".").rpartition(".")[2]):
        return False
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return True
    return False


class Allowed(NamedTuple):
    """The private networks that the operator allows, on any port, and the setting that names them."""

    networks: Sequence[Network] = ()
    setting: str = ""


def refusal(address: str, *, port: int, is_tls: bool, private: Allowed) -> str | None:
    """Why this address must not be called; None when it may."""
    try:
        found = unwrapped(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return "it is no address"
    if is_in(found, private.networks):
        return None
    if not is_tls:
        return f"plain HTTP is only for networks that {private.setting} names"
    if not is_public(found):
        return f"it is not public, and {private.setting} does not name its network"
    if port not in PUBLIC_PORTS:
        return f"public endpoints are called on port {' or '.join(str(one) for one in sorted(PUBLIC_PORTS))}"
    return None
