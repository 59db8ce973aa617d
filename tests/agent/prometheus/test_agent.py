"""A whole agent with a Prometheus in its settings, or without."""

from dataclasses import replace
from pathlib import Path

import pytest

from optral.agent.commands import policy
from optral.agent.main import EXIT_MISUSE, AgentOptions, run
from optral.kube.kinds import WORKLOAD_TRAFFIC
from tests.agent.controlplane import ControlPlane
from tests.agent.prometheus.server import Prometheus
from tests.agent.test_main import agent

pytestmark = pytest.mark.slow  # whole agents


def first_hello(plane: ControlPlane) -> tuple[list[str], set[str]]:
    """What the first Hello says of Prometheus, and which kinds it names."""
    hello = plane.sessions[0][0].hello
    return [one for one in hello.info.capabilities if one.startswith("prometheus")], {cursor.kind for cursor in hello.cursors}


async def test_says_that_it_reads_prometheus(plane: ControlPlane, options: AgentOptions, prometheus: Prometheus) -> None:
    prometheus.add("istio_request_duration_milliseconds_count", 1)
    async with agent(replace(options, prometheus_url=prometheus.url)):
        await plane.until(lambda: bool(plane.sessions and plane.sessions[0]))
    said, kinds = first_hello(plane)
    assert said == ["prometheus:on"]
    assert WORKLOAD_TRAFFIC.wire in kinds


async def test_says_that_prometheus_does_not_answer(plane: ControlPlane, options: AgentOptions) -> None:
    async with agent(replace(options, prometheus_url="http://127.0.0.1:1")):
        await plane.until(lambda: bool(plane.sessions and plane.sessions[0]))
    assert first_hello(plane)[0] == ["prometheus:unreachable"]


async def test_sends_no_query_when_the_local_policy_does_not_list_it(
    plane: ControlPlane, options: AgentOptions, prometheus: Prometheus
) -> None:
    fixed = policy.parse(b"reads: [get, metrics]", where="policy")
    async with agent(replace(options, prometheus_url=prometheus.url, fixed_policy=fixed)):
        await plane.until(lambda: bool(plane.sessions and plane.sessions[0]))
    said, kinds = first_hello(plane)
    assert (said, prometheus.asked) == (["prometheus:off"], [])
    assert WORKLOAD_TRAFFIC.wire not in kinds


async def test_ends_when_a_file_of_the_settings_does_not_exist(options: AgentOptions, tmp_path: Path) -> None:
    assert await run(replace(options, prometheus_url="http://127.0.0.1:1", prometheus_token_file=tmp_path / "token")) == EXIT_MISUSE
