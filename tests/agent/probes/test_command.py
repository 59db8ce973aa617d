"""The verb `probe` as a command: off unless the local policy lists it, and of no use outside of a pod."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from optral.agent.commands import policy
from optral.agent.commands.policy import READ_ONLY, Policy
from optral.agent.probes.prober import Prober
from optral.kit.clock import SystemClock
from optral.terms import probes
from optral.terms.probes import Outcome, Reason
from tests.agent.commanding import EVERYTHING, Agent, name
from tests.agent.probes.world import VANTAGE, FakeNetwork, furnish
from tests.support import kubedouble
from tests.support.kubedouble import KubeDouble

ON = policy.parse(b"reads: [get, probe]", where="x")
PARAMS: dict[str, Any] = {"check": "tcp", "kind": "Service", "namespace": "shop", "name": "web", "port": 80}


@pytest.fixture
async def double() -> AsyncIterator[KubeDouble]:
    async with kubedouble.serving() as made:
        furnish(made)
        yield made


async def test_a_probe_is_reported_with_its_vantage(double: KubeDouble) -> None:
    network = FakeNetwork()
    network.failures[("10.96.0.10", 80)] = Reason.REFUSED
    async with Agent(double, None, allowed=ON, prober=Prober(network, VANTAGE, SystemClock())) as agent:
        end = await agent.do("probe", **PARAMS)
    assert name(end) == "SUCCEEDED", end
    result = probes.read(msgspec.json.decode(end.result_json))
    assert (result.outcome, result.reason, result.vantage) == (Outcome.UNREACHABLE, Reason.REFUSED, VANTAGE)


@pytest.mark.parametrize(("allowed", "has_network"), [(READ_ONLY, True), (EVERYTHING, True), (READ_ONLY, False)])
async def test_it_is_off_by_default(double: KubeDouble, allowed: Policy, *, has_network: bool) -> None:
    network = FakeNetwork()
    prober = Prober(network, VANTAGE, SystemClock()) if has_network else None
    async with Agent(double, None, allowed=allowed, prober=prober) as agent:
        end = await agent.do("probe", **PARAMS)
        capabilities = agent.commands.capabilities()
    assert (name(end), end.code) == ("REJECTED", "POLICY_DENIED")
    assert "reads" in end.message
    assert "probe:off" in capabilities
    assert not {"probe:on", "verb:probe"} & set(capabilities)
    assert (double.requests, network.connected) == ([], [])


async def test_an_agent_beside_the_cluster_does_not_probe(double: KubeDouble) -> None:
    async with Agent(double, None, allowed=ON) as agent:
        end = await agent.do("probe", **PARAMS)
        capabilities = agent.commands.capabilities()
    assert (name(end), end.code) == ("REJECTED", "UNSUPPORTED")
    assert "probe:off" in capabilities
    assert "verb:probe" not in capabilities
    assert double.requests == []


async def test_the_capability_says_when_it_is_on(double: KubeDouble) -> None:
    async with Agent(double, None, allowed=ON, prober=Prober(FakeNetwork(), VANTAGE, SystemClock())) as agent:
        assert {"probe:on", "verb:probe"} <= set(agent.commands.capabilities())
