"""Which addresses a webhook may reach: public ones, and those private networks that the operator named.

Whoever can make a webhook could otherwise make the server ask what only the server can reach: metadata services, databases, itself.
Python's `is_global` alone is not enough: it takes IPv4 loopback wrapped into NAT64 or 6to4 for global, and some metadata addresses.
"""

import ipaddress
import re
from collections.abc import Sequence

PUBLIC_PORTS = frozenset({443, 8443})
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_NEVER: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocol assignments; a cloud's metadata lives at 192.0.0.192
        "192.88.99.0/24",
        "168.63.129.16/32",  # a cloud's metadata
        "100.100.100.200/32",  # a cloud's metadata
        "fec0::/10",
        "fc00::/7",
        "2001::/23",
    )
)
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


def refusal(address: str, *, port: int, is_tls: bool, private: Sequence[Network]) -> str | None:
    """Why this address must not be called; None when it may. `private` are the networks that the operator allows, on any port."""
    try:
        found = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return "it is no address"
    if any(found.version == network.version and found in network for network in private):
        return None
    if not is_tls:
        return "plain HTTP is only for networks that OPTRAL_WEBHOOK_PRIVATE_NETWORKS names"
    if not found.is_global or found.is_multicast or any(found.version == one.version and found in one for one in _NEVER):
        return "it is not public, and OPTRAL_WEBHOOK_PRIVATE_NETWORKS does not name its network"
    if port not in PUBLIC_PORTS:
        return f"public endpoints are called on port {' or '.join(str(one) for one in sorted(PUBLIC_PORTS))}"
    return None


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside a mapped, NAT64, 6to4 or Teredo one, since that is where the packets go."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if any(address in network for network in _NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
