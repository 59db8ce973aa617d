"""Which addresses a webhook may reach: public ones, and those private networks that the operator named.

Whoever can make a webhook could otherwise make the server call what only the server can reach: metadata services, databases, itself.
An address is public when it is global unicast and in no special-purpose block of the table below; everything else is refused, so that a
block nobody thought of is refused, too. Python's `is_global` is not enough: it depends on the Python version, and it accepts IPv4 loopback
inside IPv6 forms that a translator in the network unwraps.
"""

import ipaddress
import re
from collections.abc import Sequence

from optral.kit.networks import unmapped

PUBLIC_PORTS = frozenset({443, 8443})
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_GLOBAL_UNICAST = (ipaddress.IPv4Network("0.0.0.0/0"), ipaddress.IPv6Network("2000::/3"))
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
SPECIAL: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "this network"),
    ("10.0.0.0/8", "private use"),
    ("100.64.0.0/10", "shared address space; a cloud's metadata lives at 100.100.100.200"),
    ("127.0.0.0/8", "loopback"),
    ("168.63.129.16/32", "a cloud's metadata"),
    ("169.254.0.0/16", "link local; clouds' metadata lives at 169.254.169.254"),
    ("172.16.0.0/12", "private use"),
    ("192.0.0.0/24", "protocol assignments; a cloud's metadata lives at 192.0.0.192"),
    ("192.0.2.0/24", "documentation"),
    ("192.31.196.0/24", "AS112"),
    ("192.52.193.0/24", "multicast tunneling"),
    ("192.88.99.0/24", "6to4 relays"),
    ("192.168.0.0/16", "private use"),
    ("192.175.48.0/24", "AS112"),
    ("198.18.0.0/15", "benchmarking"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved, and limited broadcast"),
    ("2001::/23", "protocol assignments; Teredo (2001::/32) carries an IPv4 address"),
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "6to4: carries an IPv4 address"),
    ("2620:4f:8000::/48", "AS112"),
    ("3fff::/20", "documentation"),
)
"""What is special within global unicast: the IANA IPv4 and IPv6 Special-Purpose Address Registries (read on 2026-11-27), IPv4 multicast
(IANA IPv4 Address Space Registry), and addresses where clouds serve metadata. Blocks that the registries call reachable are in it, too:
nobody receives webhooks there. IPv6 outside 2000::/3 needs no row."""
_SPECIAL: tuple[Network, ...] = tuple(ipaddress.ip_network(block) for block, _ in SPECIAL)
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
    if _is_in(found, private):
        return None
    if not is_tls:
        return "plain HTTP is only for networks that OPTRAL_WEBHOOK_PRIVATE_NETWORKS names"
    if not _is_public(found):
        return "it is not public, and OPTRAL_WEBHOOK_PRIVATE_NETWORKS does not name its network"
    if port not in PUBLIC_PORTS:
        return f"public endpoints are called on port {' or '.join(str(one) for one in sorted(PUBLIC_PORTS))}"
    return None


def _is_public(address: Address) -> bool:
    return _is_in(address, _GLOBAL_UNICAST) and not _is_in(address, _SPECIAL)


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped one, or one of the well-known NAT64 prefix, since that is where the packets go."""
    address = unmapped(address)
    if isinstance(address, ipaddress.IPv6Address) and address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
