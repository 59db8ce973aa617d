"""Which addresses may be called: public ones over TLS, and the private networks that the operator named."""

import ipaddress

import pytest

from optral.kit import guard, networks
from optral.kit.guard import Allowed

PUBLIC = ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e", "::ffff:1.1.1.1", "64:ff9b::101:101"]
NEVER = [
    "127.0.0.1", "0.0.0.0", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.192",
    "224.0.0.1", "255.255.255.255", "168.63.129.16", "100.100.100.200", "::1", "::", "fe80::1", "fe80::1%eth0",
    "fec0::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::",
    "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "not an address",
    # IPv4 inside IPv6: compatible, translated (SIIT), 6to4 and Teredo of public ones, local-use NAT64
    "::127.0.0.1", "::1.1.1.1", "::ffff:0:7f00:1", "::ffff:0:101:101", "2002:101:101::1", "2001:0:101:101::", "64:ff9b:1::101:101",
    "64:ff9b:1:fffe::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::c000:c0",
    # special-purpose blocks, and what is no global unicast
    "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "240.0.0.1", "100:0:0:1::1", "100::1", "2001:db8::1",
    "2001:2::1", "2001:20::1", "3fff::1", "5f00::1", "4000::1", "8000::1", "e000::1", "ff0e::1", "::ffff:0.0.0.0", "::ffff:169.254.169.254",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_called_on_443_and_8443_over_tls(address: str) -> None:
    for port in (443, 8443):
        assert guard.refusal(address, port=port, is_tls=True, private=Allowed()) is None
    assert guard.refusal(address, port=22, is_tls=True, private=Allowed()) is not None
    assert guard.refusal(address, port=443, is_tls=False, private=Allowed()) is not None


@pytest.mark.parametrize("address", NEVER)
def test_what_only_the_server_can_reach_is_never_called(address: str) -> None:
    assert guard.refusal(address, port=443, is_tls=True, private=Allowed()) is not None


def test_networks_that_the_operator_names_are_called_on_any_port() -> None:
    private = Allowed([ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("fd00::/8")], "OPTRAL_PRIVATE")
    for address in ("10.1.2.3", "fd00::1", "::ffff:10.1.2.3"):
        assert guard.refusal(address, port=8080, is_tls=False, private=private) is None
    assert guard.refusal("10.2.0.1", port=443, is_tls=True, private=private) is not None


@pytest.mark.parametrize(
    ("host", "is_short"),
    [
        ("127.1", True), ("127.0.1", True), ("2130706433", True), ("0x7f000001", True), ("0x7f.1", True), ("0X7F.0.0.0x1", True),
        ("0177.0.0.1", True), ("127.0.0.1.", True), ("0", True), ("0x", True), ("256.1.1.1", True), ("1.2.3.4.5", True),
        ("api.example.1", True),
        ("127.0.0.1", False), ("1.1.1.1", False), ("example.com", False), ("127.0.0.1.nip.io", False), ("0x7f.example", False),
        ("1password.com", False), ("x0", False), ("::1", False), ("fe80::1%25eth0", False), ("", False),
    ],
)  # fmt: skip
def test_numbers_that_a_system_takes_for_addresses_are_known(host: str, is_short: bool) -> None:
    assert guard.is_short_number(host) is is_short


def test_every_block_of_the_table_is_refused_from_its_first_address_to_its_last() -> None:
    for block, _ in networks.SPECIAL:
        network = ipaddress.ip_network(block)
        for address in (network[0], network[-1]):
            assert guard.refusal(str(address), port=443, is_tls=True, private=Allowed()) is not None, address


@pytest.mark.slow  # every network there is
def test_nothing_that_this_python_calls_private_is_public() -> None:
    """The two tables were made apart: they may differ in what they refuse more, not in what they allow."""
    for top in range(1, 1 << 16):
        for text in (f"{top >> 8}.{top & 255}.1.1", f"{top:x}::1", f"{top:x}:ffff::1"):
            address = ipaddress.ip_address(text)
            if guard.refusal(text, port=443, is_tls=True, private=Allowed()) is None:
                assert address.is_global and not address.is_multicast, text
