"""The renewal of a certificate at a real kube-apiserver, with the definition of cert-manager's kind; the test plays cert-manager."""

import json
from typing import Any

import pytest

from optral.agent.commands.commands_common import Failure
from tests.agent.kubeworld import World
from tests.agent.test_discovery import DEFINITIONS, define
from tests.support.kubedouble import path_of

pytestmark = pytest.mark.kubeapi
READY = {"type": "Ready", "status": "True", "reason": "Ready", "message": "up to date"}


async def report(world: World, path: str, **status: Any) -> None:
    """What cert-manager writes."""
    await world.client.patch(f"{path}/status", json.dumps({"status": status}).encode())


async def test_a_renewal_is_one_condition_in_the_status_and_made_once(world: World) -> None:
    await define(world.client, "Certificate", group="cert-manager.io")
    path = path_of("certificates", "web-tls", world.namespace, "cert-manager.io/v1")
    meta = {"name": "web-tls", "namespace": world.namespace}
    await world.make(path, {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": meta, "spec": {"secretName": "web-tls"}})
    given = {"namespace": world.namespace, "name": "web-tls"}

    with pytest.raises(Failure, match="cert-manager does not handle it"):
        await world.write(world.order("renewCertificate", **given))

    await report(world, path, conditions=[READY], revision=4)
    before = await world.get(path)
    dry = await world.writer.dry_run(world.order("renewCertificate", dry_run=True, **given))
    assert (await world.get(path))["status"] == before["status"]

    order = world.order("renewCertificate", resource_version=before["metadata"]["resourceVersion"], **given)
    result = await world.write(order)
    after = await world.get(path)
    assert (after["spec"], after["metadata"].get("annotations")) == (before["spec"], None)
    ready, issuing = after["status"]["conditions"]
    assert (ready, issuing["type"], issuing["status"], issuing["reason"]) == (READY, "Issuing", "True", "ManuallyTriggered")
    assert result["diff"] == dry["diff"] == [{"path": "status.conditions[Issuing].status", "from": None, "to": "True"}]
    assert (result["revision"], result["resourceVersion"]) == (4, after["metadata"]["resourceVersion"])
    assert await world.writer.was_done(order, result) is not None, "the message names the command"

    again = await world.write(order)
    assert again["resourceVersion"] == after["metadata"]["resourceVersion"], "the same command again changes nothing"
    with pytest.raises(Failure, match="is being issued since"):
        await world.write(world.order("renewCertificate", **given))

    await report(world, path, conditions=[READY], revision=5)
    with pytest.raises(Failure) as failure:
        await world.write(world.order("renewCertificate", resource_version=after["metadata"]["resourceVersion"], **given))
    assert failure.value.code == "PRECONDITION"
    await world.client.delete(f"{DEFINITIONS}/certificates.cert-manager.io", b"{}")
