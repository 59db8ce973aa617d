"""Whether an address of the server means anything to an agent elsewhere."""

import pytest

from optral.install.addresses import Addresses


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("optral.example.com", None),
        ("203.0.113.7", "address_private"),  # documentation addresses are routed nowhere
        ("8.8.8.8", None),
        ("10.1.2.3", "address_private"),
        ("172.16.0.1", "address_private"),
        ("192.168.1.5", "address_private"),
        ("100.64.0.9", "address_private"),
        ("[fd00::1]", "address_private"),
        ("[::ffff:10.0.0.1]", "address_private"),
        ("[2606:4700::1]", None),
        ("optral", "address_internal"),
        ("optral.corp.internal", "address_internal"),
        ("optral.optral.svc", "address_in_cluster"),
        ("optral.optral.svc.cluster.local", "address_in_cluster"),
        ("127.0.0.1", "address_loopback"),
        ("localhost", "address_loopback"),
        ("[::1]", "address_loopback"),
    ],
)
def test_an_address_that_only_some_reach_is_a_warning_that_names_the_setting(host: str, code: str | None) -> None:
    addresses = Addresses(public_url=f"https://{host}:9443", agent_address=f"{host}:8443,8444", ca_pin="p")
    warnings = addresses.warnings(is_local=True)
    assert {one.code for one in warnings} == ({code} if code else set())
    if code:
        (warning,) = warnings  # one for all addresses of a kind
        for word in (
            "publicUrl and agentAddress",
            "OPTRAL_PUBLIC_URL and OPTRAL_AGENT_ADDRESS",
            f"https://{host}:9443",
            f"{host}:8443,8444",
        ):
            assert word in warning.message


@pytest.mark.parametrize("agent_address", ["127.0.0.1:8443,8444", "[::1]:8443,8444", "localhost", "::1"])
def test_a_loopback_agent_address_with_ports_is_refused_to_pods(agent_address: str) -> None:
    addresses = Addresses(public_url="https://optral.example.com", agent_address=agent_address, ca_pin="p")
    assert addresses.unreachable_from_pods() == agent_address


@pytest.mark.parametrize(
    ("public_url", "agent_address", "image", "method"),
    [
        ("https://optral.example.com", "agents.example.com", "optral-agent:1", "helm"),
        ("http://optral.optral.svc:8080", "optral.optral.svc:8443,8444", "optral-agent:1", "kubectl"),
        ("https://optral.example.com", "agents.example.com", None, "local"),
        ("http://127.0.0.1:8080", "127.0.0.1", "optral-agent:1", "local"),
        (None, None, None, "kubectl"),  # which says what to set
    ],
)
def test_the_best_method_is_the_first_that_can_work(
    public_url: str | None, agent_address: str | None, image: str | None, method: str
) -> None:
    assert Addresses(public_url=public_url, agent_address=agent_address, ca_pin="p", agent_image=image).best_method == method
