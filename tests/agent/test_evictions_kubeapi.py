"""Evictions and a drain against a real kube-apiserver, which decides what a PodDisruptionBudget allows. No kubelet, no controllers."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from optral.agent.commands import commands_drain
from optral.agent.commands.commands_common import Failure, Order
from optral.agent.commands.commands_drain import Drainer
from optral.kubeapi.client import ApiError
from tests.agent.kubeworld import World
from tests.support.kubedouble import path_of

pytestmark = pytest.mark.kubeapi


async def make_pod(world: World, name: str, *, node: str = "") -> str:
    """A pod that goes at once: no kubelet would confirm that it stopped."""
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "uid": "uid-rs", "controller": True}
    meta = {"name": name, "namespace": world.namespace, "labels": {"app": "web"}, "ownerReferences": [owner]}
    spec: dict[str, Any] = {"terminationGracePeriodSeconds": 0, "containers": [{"name": "web", "image": "shop/web:1"}]}
    path = path_of("pods", name, world.namespace, "v1")
    await world.make(path, {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec | ({"nodeName": node} if node else {})})
    ready = {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
    await world.client.patch(f"{path}/status", json.dumps(ready).encode())
    return path


async def make_budget(world: World, *, allowed: int, name: str = "web") -> str:
    path = path_of("poddisruptionbudgets", name, world.namespace, "policy/v1")
    spec = {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}}
    meta = {"name": name, "namespace": world.namespace}
    await world.make(path, {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": meta, "spec": spec})
    await allow(world, path, allowed)
    return path


async def allow(world: World, path: str, allowed: int) -> None:
    """Play the disruption controller."""
    generation = (await world.get(path))["metadata"]["generation"]
    healthy = {"currentHealthy": 2 + allowed, "desiredHealthy": 2, "expectedPods": 3}
    status = {"observedGeneration": generation, "disruptionsAllowed": allowed, **healthy}
    await world.client.patch(f"{path}/status", json.dumps({"status": status}).encode())


async def is_gone(world: World, path: str) -> bool:
    try:
        return bool((await world.get(path))["metadata"].get("deletionTimestamp"))
    except ApiError as error:
        assert error.status == 404
        return True


def evict(world: World, name: str, **more: Any) -> Order:
    return world.order("evict", namespace=world.namespace, name=name, **more)


async def test_a_pod_is_evicted_and_a_dry_run_leaves_it(world: World) -> None:
    path = await make_pod(world, "web-1")
    dry = await world.writer.dry_run(evict(world, "web-1", dry_run=True))
    assert not await is_gone(world, path)
    with pytest.raises(Failure) as failure:
        await world.write(evict(world, "web-1", uid="another"))
    assert failure.value.code == "PRECONDITION"
    result = await world.write(evict(world, "web-1", uid=dry["uid"], resource_version=dry["resourceVersion"]))
    assert await is_gone(world, path)
    assert result["diff"] == dry["diff"] and result["diff"][0]["from"]["owners"] == ["ReplicaSet/web-1"]


async def test_a_budget_holds_a_pod_and_is_named_before_anything_is_done(world: World) -> None:
    path, budget = await make_pod(world, "web-1"), await make_budget(world, allowed=0)
    for dry_run in (True, False):
        with pytest.raises(Failure, match="PodDisruptionBudget web allows no eviction now") as failure:
            await (world.writer.dry_run if dry_run else world.write)(evict(world, "web-1", dry_run=dry_run))
        assert failure.value.code == "DISRUPTION_BUDGET"
        assert "needs 2 healthy pods and has 2" in failure.value.message
    assert world.begun == [] and not await is_gone(world, path)
    await allow(world, budget, 1)
    await world.write(evict(world, "web-1"))
    assert await is_gone(world, path)


async def test_two_budgets_are_reported_as_the_api_server_does(world: World) -> None:
    path = await make_pod(world, "web-1")
    for name in ("web", "second"):
        await make_budget(world, allowed=1, name=name)
    with pytest.raises(Failure, match="more than one PodDisruptionBudget"):
        await world.write(evict(world, "web-1"))
    assert not await is_gone(world, path)


async def drain(world: World, *, seconds: float, left: dict[str, Any] | None = None, order: Order | None = None) -> dict[str, Any]:
    asked = order or world.order("drain", node=world.namespace)
    drainer = Drainer(world.tools, world.writer, own_namespace="optral")
    short = Order(id=asked.id, verb=asked.verb, params=asked.params, time_left_s=seconds)
    return await drainer.write(short, world.begin, left=left)


async def left_of(world: World, paths: Sequence[str]) -> list[bool]:
    return [not await is_gone(world, path) for path in paths]


async def test_a_drain_is_held_by_a_budget_and_goes_on_when_it_gives_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands_drain, "LOOK_EVERY_S", 0.05)
    pods = [await make_pod(world, f"web-{number}", node=world.namespace) for number in range(3)]
    elsewhere = await make_pod(world, "web-9")
    budget = await make_budget(world, allowed=1)
    order = world.order("drain", node=world.namespace)
    with pytest.raises(
        Failure, match=rf"1 of 3 pods left node.*PodDisruptionBudget {world.namespace}/web allows no eviction now"
    ) as failure:
        await drain(world, seconds=0.5, order=order)
    assert failure.value.code == "DRAIN_INCOMPLETE"
    assert (await world.get(world.node))["spec"]["unschedulable"] is True
    assert (await left_of(world, pods)).count(True) == 2
    await allow(world, budget, 2)
    result = await drain(world, seconds=5, order=order, left=world.begun[0])
    assert (result["left"], await left_of(world, [*pods, elsewhere])) == ([], [False, False, False, True])
    assert len(result["pods"]) == 3, "what was planned at first"
