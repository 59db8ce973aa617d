"""Which addresses a probe may connect to. The last wall: whatever an object or a name server says, these rules hold.

In the cluster: addresses of pods and Services, which may be of any range but those of the machine itself, the link and cloud metadata.
Outside: public addresses only, since a private one may be a node, a pod or the metadata service of a cloud.
"""

import ipaddress
from collections.abc import Callable

from optral.kit.networks import Address, Network, is_in, is_public, unmapped

Rule = Callable[[Address], str | None]
"""Why an address must not be connected to; None when it may."""
_FORBIDDEN: tuple[tuple[Network, str], ...] = tuple(
    (ipaddress.ip_network(block), why)
    for block, why in (
        ("0.0.0.0/8", "it is unspecified"),
        ("127.0.0.0/8", "it is loopback"),
        ("169.254.0.0/16", "it is link-local, where clouds serve metadata"),
        ("100.100.100.200/32", "a cloud serves metadata there"),
        ("168.63.129.16/32", "a cloud serves metadata there"),
        ("192.0.0.0/24", "a cloud serves metadata there"),
        ("224.0.0.0/4", "it is multicast"),
        ("255.255.255.255/32", "it is broadcast"),
        ("::/127", "it is loopback or unspecified"),
        ("fe80::/10", "it is link-local"),
        ("fec0::/10", "it is site-local"),
        ("ff00::/8", "it is multicast"),
        ("fd00:ec2::/32", "a cloud serves metadata there"),
        ("fd20:ce::254/128", "a cloud serves metadata there"),
        ("64:ff9b::/96", "it carries another address"),
        ("64:ff9b:1::/48", "it carries another address"),
        ("2001::/32", "it carries another address"),
        ("2002::/16", "it carries another address"),
        ("::/96", "it carries another address"),
    )
)


def in_cluster(address: Address) -> str | None:
    """The rule for addresses of pods and Services."""
    found = unmapped(address)
    return next((why for block, why in _FORBIDDEN if is_in(found, (block,))), None)


def outside(address: Address) -> str | None:
    """The rule for hosts outside of the cluster."""
    found = unmapped(address)
    if (why := in_cluster(found)) is not None:
        return why
    return None if is_public(found) else "it is not public"


def parsed(text: str) -> Address | None:
    """The address that a text is; None for a scoped one (`fe80::1%eth0`) and for anything else."""
    try:
        return None if "%" in text else ipaddress.ip_address(text)
    except ValueError:
        return None
