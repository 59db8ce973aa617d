"""People who follow logs hold up nobody: log reads have places of their own, here and in the queue of the control plane."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from optral.agent.commands.commands import AT_HAND, LOG_READS
from optral.terms.verbs import READS, VERBS
from tests.agent.commanding import Agent, message, name
from tests.support import kubedouble
from tests.support.changes import WRITES, furnish
from tests.support.kubedouble import KubeDouble, path_of

SILENT = {"namespace": "shop", "pod": "silent"}
ASKED: dict[str, dict[str, Any]] = {
    **WRITES,
    "get": WRITES["restart"],
    "events": WRITES["restart"],
    "metrics": {"kind": "Pod", "namespace": "shop", "names": ["api-1"]},
    "probe": {"check": "dns", "kind": "Service", "namespace": "shop", "name": "api"},
}
OTHERS = sorted(set(VERBS) - {"logs"})


@pytest.fixture
async def double() -> AsyncIterator[KubeDouble]:
    """An API server behind which one kubelet does not answer."""
    async with kubedouble.serving() as made:
        furnish(made)
        pod = {"spec": {"nodeName": "n2", "containers": [{"name": "app"}]}, "metadata": {"namespace": "shop"}}
        made.put(path_of("pods", "silent", group="v1"), pod)
        made.silent.add("silent")
        yield made


def read_logs(double: KubeDouble) -> int:
    return sum(request.endswith("/log") for request in double.requests)


async def follow(agent: Agent, double: KubeDouble, *, reads: int, most: int) -> None:
    """Ask for so many logs of the silent pod, and wait until as many as may are being read."""
    for _ in range(reads):
        agent.say(message("logs", **SILENT))
    async with asyncio.timeout(10):
        while read_logs(double) < most:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("verb", OTHERS)
async def test_no_other_verb_waits_for_the_logs_of_a_silent_node(double: KubeDouble, tmp_path: Path, verb: str) -> None:
    async with Agent(double, tmp_path) as agent:
        await follow(agent, double, reads=3 * AT_HAND, most=LOG_READS)
        end = await agent.do(verb, **ASKED[verb])
        assert end.code not in ("BUSY", "EXPIRED", "TIMED_OUT"), end
        assert verb in ("metrics", "probe") or name(end) == "SUCCEEDED", end  # for those two, this agent has no kubelet and no network
        assert read_logs(double) == LOG_READS


@pytest.mark.parametrize("most", [1, 2, 8])
async def test_as_many_logs_are_read_at_once_as_the_setting_says(double: KubeDouble, tmp_path: Path, most: int) -> None:
    async with Agent(double, tmp_path, log_reads=most) as agent:
        await follow(agent, double, reads=12, most=most)
        await agent.do("get", **ASKED["get"])
        assert read_logs(double) == most


async def test_what_is_too_much_is_refused_and_says_so(double: KubeDouble, tmp_path: Path) -> None:
    async with Agent(double, tmp_path) as agent:
        await follow(agent, double, reads=AT_HAND, most=LOG_READS)
        end = await agent.do("logs", **SILENT)
        assert (name(end), end.code, end.message) == ("REJECTED", "BUSY", f"the agent has {AT_HAND} log reads at hand; try again later")


async def test_other_commands_do_not_hold_up_logs_either(double: KubeDouble, tmp_path: Path) -> None:
    double.logs["web-1", "app", False] = b"ready\n"
    pod = {"spec": {"nodeName": "n2", "containers": [{"name": "app"}]}, "metadata": {"namespace": "shop"}}
    double.put(path_of("pods", "web-1", group="v1"), pod)
    double.gate.clear()
    async with Agent(double, tmp_path) as agent:
        for number in range(AT_HAND):
            double.put(path_of("pods", f"p{number}", group="v1"), {"metadata": {"name": f"p{number}"}})
            agent.say(message("deletePod", namespace="shop", name=f"p{number}"))
        await double.at_gate.wait()
        end = await agent.do("logs", namespace="shop", pod="web-1")
        assert name(end) == "SUCCEEDED", end
        double.gate.set()


def test_every_verb_is_asked_beside_the_logs() -> None:
    assert set(ASKED) == set(OTHERS), f"add the parameters of the new verb; reads are {sorted(READS)}"
