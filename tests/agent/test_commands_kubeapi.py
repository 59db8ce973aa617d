"""The verbs against a real kube-apiserver: patches, dry runs, preconditions, access reviews. No kubelet, no controllers."""

import asyncio
import json

import pytest

from optral.agent.commands.commands_changes import RESTARTED
from optral.agent.commands.commands_common import Failure, Tools
from optral.agent.commands.commands_reads import read
from optral.agent.commands.commands_writes import ANNOTATION, Writer
from optral.kit.clock import SystemClock
from optral.kube.redact import Redactor
from optral.kubeapi import credentials
from optral.kubeapi.client import ApiError, KubeClient
from tests.agent.kubeworld import World
from tests.support.kubeapi import RealApi

pytestmark = pytest.mark.kubeapi


async def test_a_dry_run_gives_the_servers_own_difference_and_changes_nothing(world: World) -> None:
    before = await world.get(world.api)
    order = world.order("setResources", dry_run=True, **world.target(container="api", limits={"memory": "0.25Gi", "cpu": "1500m"}))
    result = await world.writer.dry_run(order)
    path = "spec.template.spec.containers[api].resources"
    changed = {one["path"]: (one["from"], one["to"]) for one in result["diff"]}
    assert changed[f"{path}.limits.memory"] == ("128Mi", "256Mi"), "as the API server writes it"
    assert changed[f"{path}.limits.cpu"] == (None, "1500m")
    assert result["uid"] == before["metadata"]["uid"]
    assert await world.get(world.api) == before


async def test_a_limit_is_raised_in_one_container_and_nothing_else_moves(world: World) -> None:
    before = await world.get(world.api)
    result = await world.write(world.order("setResources", **world.target(container="api", limits={"memory": "256Mi"})))
    after = await world.get(world.api)
    old, new = before["spec"]["template"]["spec"]["containers"], after["spec"]["template"]["spec"]["containers"]
    assert new[0]["resources"] == {"limits": {"memory": "256Mi"}}
    assert ({**new[0], "resources": None}, new[1]) == ({**old[0], "resources": None}, old[1])
    assert [one["path"] for one in result["diff"]] == ["spec.template.spec.containers[api].resources.limits.memory"]
    assert "optral" in {one["manager"] for one in after["metadata"]["managedFields"]}
    assert len(world.begun) == 1


async def test_a_restart_stamps_the_template(world: World) -> None:
    order = world.order("restart", **world.target())
    await world.write(order)
    after = await world.get(world.api)
    assert RESTARTED in after["spec"]["template"]["metadata"]["annotations"]
    assert after["metadata"]["annotations"][ANNOTATION] == order.id


async def test_a_rollback_replaces_the_template_whole(world: World) -> None:
    patch = {"spec": {"template": {"metadata": {"annotations": {"added": "later"}}, "spec": {"nodeSelector": {"disk": "ssd"}}}}}
    await world.client.patch(world.api, json.dumps(patch).encode())
    result = await world.write(world.order("rollback", namespace=world.namespace, name="api"))
    template = (await world.get(world.api))["spec"]["template"]
    assert template["spec"]["containers"][0]["image"] == "shop/api:1"
    assert "nodeSelector" not in template["spec"]
    assert template["metadata"]["labels"] == {"app": "api"}
    assert "spec.template.spec.containers[api].image" in {one["path"] for one in result["diff"]}
    with pytest.raises(Failure) as failure:
        await world.write(world.order("rollback", namespace=world.namespace, name="api", toRevision=7))
    assert failure.value.code == "NOT_FOUND"


async def test_scale_and_cordon_and_back(world: World) -> None:
    await world.write(world.order("scale", **world.target(replicas=5)))
    assert (await world.get(world.api))["spec"]["replicas"] == 5
    cordoned = await world.write(world.order("cordon", node=world.namespace))
    assert (await world.get(world.node))["spec"]["unschedulable"] is True
    assert cordoned["diff"][0]["path"] == "spec.unschedulable"
    await world.write(world.order("uncordon", node=world.namespace))
    assert "unschedulable" not in (await world.get(world.node))["spec"]


async def test_a_pod_is_deleted_only_if_it_is_the_one(world: World) -> None:
    dry = await world.writer.dry_run(world.order("deletePod", dry_run=True, namespace=world.namespace, name="api-1"))
    assert (await world.get(world.pod))["metadata"]["uid"] == dry["uid"]
    with pytest.raises(Failure) as failure:
        await world.write(world.order("deletePod", uid="another", namespace=world.namespace, name="api-1"))
    assert failure.value.code == "PRECONDITION"
    await world.write(world.order("deletePod", uid=dry["uid"], namespace=world.namespace, name="api-1"))
    with pytest.raises(ApiError) as gone:
        await world.client.get(world.pod)
    assert gone.value.status == 404


async def test_the_api_server_itself_refuses_a_change_of_another_version_or_object(world: World) -> None:
    order = world.order("scale", **world.target(replicas=9))
    plan = await world.writer._plan(order, await world.writer._look_at(order))
    await world.client.patch(world.api, b'{"metadata":{"labels":{"moved":"yes"}}}')
    with pytest.raises(ApiError) as conflict:
        await world.writer._send(order, plan, dry_run=False)
    assert conflict.value.status == 409
    fresh = await world.writer._plan(order, await world.writer._look_at(order))
    await world.writer._send(order, fresh, dry_run=False)
    with pytest.raises(ApiError) as repeated:
        await world.writer._send(order, fresh, dry_run=False)
    assert repeated.value.status == 409, "the same request sent twice is applied once"


async def test_two_bound_to_one_version_are_one_change(world: World) -> None:
    version = (await world.get(world.api))["metadata"]["resourceVersion"]
    orders = [world.order("scale", resource_version=version, **world.target(replicas=number)) for number in (3, 4, 5, 6)]
    outcomes = await asyncio.gather(*(world.write(order) for order in orders), return_exceptions=True)
    failures = [one for one in outcomes if isinstance(one, Failure)]
    assert (len(failures), {one.code for one in failures}) == (3, {"PRECONDITION"})


async def test_a_role_without_permissions_is_reported_before_anything_is_tried(world: World, real_api: RealApi) -> None:
    access = credentials.load(real_api.kubeconfig)

    async def nobody() -> dict[str, str]:
        return {"Authorization": "Bearer nobody-token"}

    access.headers = nobody
    async with KubeClient(access) as client:
        tools = Tools(client, Redactor(b"s" * 32))
        with pytest.raises(Failure) as failure:
            await Writer(tools, SystemClock()).write(world.order("restart", **world.target()), lambda _plan: asyncio.sleep(0))
        assert (failure.value.state, failure.value.code) == ("REJECTED", "RBAC_DENIED")
        with pytest.raises(Failure) as unread:
            await read(tools, world.order("get", **world.target()))
        assert unread.value.code == "RBAC_DENIED"


async def test_reads_and_what_a_pod_without_a_node_says(world: World) -> None:
    got = await read(world.tools, world.order("get", **world.target()))
    assert b"cnry-env-7f3a" not in bytes(got["object"])
    assert (await read(world.tools, world.order("events", **world.target())))["events"] == []
    with pytest.raises(Failure) as failure:
        await read(world.tools, world.order("logs", namespace=world.namespace, pod="api-1"))
    assert failure.value.code == "NOT_STARTED", failure.value.message
