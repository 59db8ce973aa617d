"""Draining a node: which pods go, what a PodDisruptionBudget holds, and that no pod is evicted twice, whoever dies when."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from optral.agent.commands import commands_drain
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.agent.commanding import Agent, Death, again, message, name
from tests.support import kubedouble
from tests.support.examples import some
from tests.support.kubedouble import KubeDouble, path_of

NODE = "/api/v1/nodes/n1"
REPLICATED = [{"kind": "ReplicaSet", "name": "web-1", "controller": True}]
TIME = {"timeout_s": 40}


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands_drain, "LOOK_EVERY_S", 0.01)


@pytest.fixture
async def double() -> AsyncIterator[KubeDouble]:
    async with kubedouble.serving() as made:
        made.put(NODE, {"metadata": {"name": "n1"}, "spec": {}}, uid="uid-node")
        for number in range(1, 5):
            put(made, f"web-{number}")
        yield made


def put(double: KubeDouble, pod: str, *, namespace: str = "shop", node: str = "n1", owners: Any = REPLICATED, **more: Any) -> str:
    path = path_of("pods", pod, namespace, "v1")
    meta = {"name": pod, "namespace": namespace, "ownerReferences": owners, **more.pop("meta", {})}
    double.put(path, {"metadata": meta, "spec": {"nodeName": node, **more.pop("spec", {})}, "status": more}, uid=f"uid-{pod}")
    return path


def evicted(double: KubeDouble) -> dict[str, int]:
    return {path.rpartition("/")[2]: count for path, count in double.applied.items() if path.startswith("evict ")}


def result(end: pb.CommandState) -> dict[str, Any]:
    return msgspec.json.decode(end.result_json)  # type: ignore[no-any-return]


async def test_the_node_is_cordoned_and_its_pods_go(double: KubeDouble, tmp_path: Path) -> None:
    put(double, "elsewhere", node="n2")
    put(double, "daemon", owners=[{"kind": "DaemonSet", "name": "logs", "controller": True}])
    mirror = {"annotations": {"kubernetes.io/config.mirror": "x"}}
    put(double, "static", owners=[{"kind": "Node", "name": "n1", "controller": True}], meta=mirror)
    put(double, "finished", owners=[], phase="Succeeded")
    put(double, "dns", namespace="kube-system")
    async with Agent(double, tmp_path) as agent:
        dry = await agent.do("drain", dry_run=True, node="n1", **TIME)
        assert double.changes == 0
        end = await agent.do("drain", node="n1", **TIME)
    assert name(end) == "SUCCEEDED", end.message
    assert evicted(double) == {"web-1": 1, "web-2": 1, "web-3": 1, "web-4": 1, "dns": 1}
    assert double.objects[NODE]["spec"]["unschedulable"] is True
    assert result(end)["diff"] == result(dry)["diff"]
    assert {one["path"]: one["to"] for one in result(dry)["diff"]} == {
        "spec.unschedulable": True,
        "pods[kube-system/dns]": None,
        **{f"pods[shop/web-{number}]": None for number in range(1, 5)},
    }
    assert result(end)["before"]["pods[shop/web-1]"] == {"owners": ["ReplicaSet/web-1"]}


@pytest.mark.parametrize(
    ("more", "flag"),
    [
        pytest.param({"owners": []}, "evictBarePods", id="a pod without a controller"),
        pytest.param({"spec": {"volumes": [{"name": "tmp", "emptyDir": {}}]}}, "deleteEmptyDirData", id="data in an emptyDir"),
    ],
)
async def test_what_is_lost_with_its_pod_needs_a_flag(double: KubeDouble, tmp_path: Path, more: dict[str, Any], flag: str) -> None:
    put(double, "special", **more)
    async with Agent(double, tmp_path) as agent:
        for is_dry in (True, False):
            end = await agent.do("drain", dry_run=is_dry, node="n1", **TIME)
            assert (name(end), end.code) == ("REJECTED", "FLAG_REQUIRED")
            assert "shop/special" in end.message and f"set {flag}" in end.message
        assert double.changes == 0, "not even cordoned"
        end = await agent.do("drain", node="n1", **TIME, **{flag: True})
    assert name(end) == "SUCCEEDED" and evicted(double)["special"] == 1


async def test_a_budget_that_holds_is_named_and_the_drain_can_go_on_later(
    double: KubeDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands_drain, "LOOK_EVERY_S", 3.0)  # one look, then its time is up
    held, lingering = path_of("pods", "web-2", "shop", "v1"), path_of("pods", "web-3", "shop", "v1")
    double.held[held] = "web"
    double.lingering.add(lingering)
    async with Agent(double, tmp_path) as agent:
        end = await agent.do("drain", node="n1", timeout_s=7)
        assert (name(end), end.code) == ("FAILED", "DRAIN_INCOMPLETE")
        assert "2 of 4 pods left node n1, which stays cordoned" in end.message
        assert "PodDisruptionBudget shop/web allows no eviction now (needs 2 healthy pods and has 2 currently)" in end.message
        assert "which holds web-2; still" in end.message
        assert "still terminating: shop/web-3" in end.message and "run it again to go on" in end.message
        assert (result(end)["changed"], result(end)["left"]) == (True, ["shop/web-2", "shop/web-3"])
        del double.held[held], double.objects[lingering]
        monkeypatch.setattr(commands_drain, "LOOK_EVERY_S", 0.01)
        assert name(await agent.do("drain", node="n1", **TIME)) == "SUCCEEDED"
    assert evicted(double) == {"web-1": 1, "web-2": 1, "web-3": 1, "web-4": 1}


async def test_a_budget_that_gives_way_is_waited_for(double: KubeDouble, tmp_path: Path) -> None:
    held = path_of("pods", "web-2", "shop", "v1")
    double.held[held] = "web"

    def ready_again(path: str) -> None:
        if path.endswith("web-4"):
            double.held.pop(held, None)

    double.on_evicted = ready_again
    async with Agent(double, tmp_path) as agent:
        assert name(await agent.do("drain", node="n1", **TIME)) == "SUCCEEDED"
    assert evicted(double)["web-2"] == 1


async def test_a_canceled_drain_stops_evicting_and_says_how_far_it_came(double: KubeDouble, tmp_path: Path) -> None:
    command = message("drain", node="n1", **TIME)
    async with Agent(double, tmp_path) as agent:
        double.on_evicted = lambda _path: agent.commands.cancel(pb.Cancel(command_id=command.command_id, reason="everything stops"))
        agent.say(command)
        end = await agent.end_of(command.command_id)
    assert end is not None and (name(end), end.code) == ("FAILED", "DRAIN_INCOMPLETE")
    assert "everything stops: 0 of 4 pods" in end.message or "everything stops: 1 of 4 pods" in end.message
    assert sum(evicted(double).values()) == 1


async def test_a_drain_that_a_budget_holds_is_canceled_at_once(double: KubeDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not wait for its next look, which here would come after the test."""
    monkeypatch.setattr(commands_drain, "LOOK_EVERY_S", 20.0)
    asked = asyncio.Event()

    class Held(dict[str, str]):
        def __getitem__(self, path: str) -> str:
            if path.endswith("web-4"):
                asked.set()
            return "few"

    double.held = Held({path_of("pods", f"web-{number}", "shop", "v1"): "few" for number in range(1, 5)})
    command = message("drain", node="n1", **TIME)
    async with Agent(double, tmp_path) as agent:
        agent.say(command)
        async with asyncio.timeout(10):
            await asked.wait()
        agent.commands.cancel(pb.Cancel(command_id=command.command_id, reason="everything stops"))
        end = await agent.end_of(command.command_id)
    assert end is not None and (name(end), end.code) == ("FAILED", "DRAIN_INCOMPLETE")
    assert "everything stops: 0 of 4 pods left node n1" in end.message
    assert "PodDisruptionBudget shop/few allows no eviction now" in end.message
    assert evicted(double) == {}


async def test_the_agents_own_pod_is_the_last(double: KubeDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTNAME", "agent-0")
    put(double, "agent-0", namespace="optral")
    order: list[str] = []
    double.on_evicted = lambda path: order.append(path.rpartition("/")[2])
    async with Agent(double, tmp_path) as agent:
        assert name(await agent.do("drain", node="n1", **TIME)) == "SUCCEEDED"
    assert order == ["web-1", "web-2", "web-3", "web-4", "agent-0"]


@pytest.mark.parametrize("fault", ["cut", "drop", "500", "500-after", "409"])
async def test_a_lost_answer_evicts_nothing_twice(double: KubeDouble, tmp_path: Path, fault: str) -> None:
    double.faults.extend(["", fault, "", fault])  # the first is the cordon's
    async with Agent(double, tmp_path) as agent:
        end = await agent.do("drain", node="n1", **TIME)
    assert name(end) == "SUCCEEDED", end.message
    assert evicted(double) == {"web-1": 1, "web-2": 1, "web-3": 1, "web-4": 1}


@pytest.mark.parametrize("seed", some(range(40), of=4))
async def test_killed_at_any_change_it_goes_on_and_evicts_nothing_twice(tmp_path: Path, seed: int) -> None:
    """The agent dies after some evictions, on its own disk or a new one; the next attempt may come after the expiry."""
    rng = random.Random(seed)
    command = message("drain", node="n1", **TIME)
    async with kubedouble.serving() as double:
        double.put(NODE, {"metadata": {"name": "n1"}, "spec": {}}, uid="uid-node")
        pods = [put(double, f"web-{number}") for number in range(6)]
        double.lingering = {path for path in pods if rng.random() < 0.3}
        for attempt in range(1, rng.randint(2, 4)):
            left = [path for path in pods if path in double.objects and "deletionTimestamp" not in double.objects[path]["metadata"]]
            if not left:
                break
            async with Agent(double, tmp_path, death=Death("")) as agent:
                die_at = double.changes + rng.randint(0 if attempt == 1 else 1, len(left))

                def die(_path: str, agent: Agent = agent, die_at: int = die_at) -> None:
                    if double.changes >= die_at:
                        agent.death.point = "after change"

                double.on_evicted = die
                agent.say(again(command, attempt=attempt, expires_in_ms=30_000 if attempt == 1 else rng.choice([30_000, 0])))
                assert await agent.end_of(command.command_id) is None, "it died"
        double.on_evicted = lambda _path: None
        for path in double.lingering & double.objects.keys():  # those that were evicted are gone now
            if "deletionTimestamp" in double.objects[path]["metadata"]:
                del double.objects[path]
        double.lingering.clear()
        async with Agent(double, tmp_path if rng.random() < 0.6 else tmp_path / "new") as last:
            last.say(again(command, attempt=9))
            end = await last.end_of(command.command_id)
    assert end is not None and name(end) == "SUCCEEDED", end
    assert evicted(double) == {f"web-{number}": 1 for number in range(6)}
