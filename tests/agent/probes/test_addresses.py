"""Addresses that no probe connects to, whatever an object or a name server says."""

import ipaddress

import pytest

from optral.agent.probes import addresses


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "169.254.169.254", "169.254.0.1", "169.254.170.2", "100.100.100.200", "168.63.129.16",
        "192.0.0.192", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fec0::1", "ff02::1", "fd00:ec2::254", "fd20:ce::254",
        "::ffff:169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::1",
        "2001:0:a9fe:a9fe::1", "::169.254.169.254",
    ],
)  # fmt: skip
def test_never_metadata_loopback_or_the_link(text: str) -> None:
    address = ipaddress.ip_address(text)
    assert addresses.in_cluster(address) is not None
    assert addresses.outside(address) is not None


@pytest.mark.parametrize(
    "text", ["10.0.3.4", "172.17.0.9", "192.168.4.2", "100.64.1.1", "240.1.2.3", "198.18.0.5", "fd12:3456::7", "34.1.2.3"]
)
def test_pods_and_services_may_have_any_other_address(text: str) -> None:
    assert addresses.in_cluster(ipaddress.ip_address(text)) is None


@pytest.mark.parametrize(
    ("text", "is_allowed"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True), ("10.0.3.4", False), ("192.168.1.11", False), ("172.20.0.1", False),
        ("100.64.1.1", False), ("240.1.2.3", False), ("fd12:3456::7", False), ("203.0.113.7", False),
    ],
)  # fmt: skip
def test_outside_of_the_cluster_only_public_addresses(text: str, is_allowed: bool) -> None:
    assert (addresses.outside(ipaddress.ip_address(text)) is None) is is_allowed


@pytest.mark.parametrize("text", ["", "localhost", "2130706433", "0x7f.1", "127.1", "fe80::1%eth0", "10.0.0.1/8", "010.0.0.1"])
def test_only_plain_addresses_are_addresses(text: str) -> None:
    assert addresses.parsed(text) is None
