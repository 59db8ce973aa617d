"""What the watches let through to the buffer, before anything is sent."""

import asyncio

import msgspec
import pytest

from optral.agent.buffer import Buffer
from optral.agent.watch import Watches
from optral.kube.changes import Phase
from optral.kube.kinds import BY_ID
from optral.kube.redact import Redactor
from optral.kubeapi.client import KubeClient
from optral.kubeapi.reflector import Seen
from tests.support.clock import FakeClock

LEASE, GATEWAY = BY_ID["Lease.coordination.k8s.io"], BY_ID["Gateway.gateway.networking.k8s.io"]


def _watches() -> tuple[Watches, Buffer]:
    buffer = Buffer(FakeClock(), (LEASE, GATEWAY))
    client = KubeClient.__new__(KubeClient)  # nothing is asked of it here
    return Watches(client, Redactor(b"0123456789abcdef"), buffer, (LEASE, GATEWAY)), buffer


def _lease(namespace: str) -> Seen:
    raw = msgspec.json.encode({"metadata": {"uid": namespace, "name": "a", "namespace": namespace}, "spec": {"holderIdentity": "a"}})
    return Seen(namespace, namespace, "a", "1", raw)


@pytest.mark.parametrize(("namespace", "is_sent"), [("kube-system", True), ("kube-node-lease", True), ("shop", False), ("", False)])
async def test_leases_leave_only_from_two_namespaces(namespace: str, is_sent: bool) -> None:
    watches, buffer = _watches()
    watches.upsert(LEASE, _lease(namespace))
    assert buffer.queued == is_sent
    watches.delete(LEASE, _lease(namespace))
    assert buffer.queued == is_sent  # a deletion takes the place of what waited
    await watches.stop()


async def test_a_kind_that_is_not_served_is_said_once() -> None:
    watches, buffer = _watches()
    for _ in range(3):
        watches.gone(GATEWAY)
        while (outgoing := buffer.take()) is not None:
            assert outgoing.mark is not None and outgoing.mark.phase is Phase.GONE
            buffer.framed(1, outgoing)
    assert buffer.unacked == 1
    await asyncio.sleep(0)
