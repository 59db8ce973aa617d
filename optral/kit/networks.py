"""IP addresses as they are compared with networks, and which of them are public.

An address is public when it is global unicast and in no special-purpose block of the table below. Python's `is_global` is not enough: it
depends on the Python version, and it accepts IPv4 loopback inside IPv6 forms that a translator in the network unwraps.
"""

import ipaddress
from collections.abc import Sequence

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
nothing is called there. IPv6 outside 2000::/3 needs no row."""
_SPECIAL: tuple[Network, ...] = tuple(ipaddress.ip_network(block) for block, _ in SPECIAL)


def unmapped(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped IPv6 address (::ffff:192.0.2.1), which is the same machine; any other address as it is."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped one, or one of the well-known NAT64 prefix, since that is where the packets go."""
    address = unmapped(address)
    if isinstance(address, ipaddress.IPv6Address) and address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    return is_in(address, _GLOBAL_UNICAST) and not is_in(address, _SPECIAL)


def is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
