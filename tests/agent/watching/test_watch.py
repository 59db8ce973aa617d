"""What the watches let through to the buffer, before anything is sent."""

import asyncio

import msgspec
import pytest

from optral.agent.watching.buffer import Buffer
from optral.agent.watching.watch import AT_ONCE, EVENTS_WITHIN_S, Watches
from optral.kube.changes import Phase
from optral.kube.kinds import BY_ID, EVENT, Kind
from optral.kube.redact import Redactor
from optral.kubeapi.client import KubeClient
from optral.kubeapi.reflector import RawObject, Reflector
from tests.support.clock import FakeClock

LEASE, GATEWAY = BY_ID["Lease.coordination.k8s.io"], BY_ID["Gateway.gateway.networking.k8s.io"]


def _watches() -> tuple[Watches, Buffer]:
    buffer = Buffer(FakeClock(), (LEASE, GATEWAY))
    client = KubeClient.__new__(KubeClient)  # nothing is asked of it here
    return Watches(client, Redactor(b"0123456789abcdef"), buffer, lambda: (LEASE, GATEWAY)), buffer


def _lease(namespace: str) -> RawObject:
    raw = msgspec.json.encode({"metadata": {"uid": namespace, "name": "a", "namespace": namespace}, "spec": {"holderIdentity": "a"}})
    return RawObject(namespace, namespace, "a", "1", raw)


@pytest.mark.parametrize(("namespace", "is_sent"), [("kube-system", True), ("kube-node-lease", True), ("shop", False), ("", False)])
async def test_leases_leave_only_from_two_namespaces(namespace: str, is_sent: bool) -> None:
    watches, buffer = _watches()
    watches.upsert(LEASE, _lease(namespace))
    assert buffer.queued == is_sent
    watches.delete(LEASE, _lease(namespace))
    assert buffer.queued == is_sent  # a deletion takes the place of what waited
    await watches.stop()


async def test_a_custom_kind_that_is_listed_again_and_again_leaves_room_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    async def end_slowly(_self: Reflector) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(5):  # as a connection that is closed
                await asyncio.sleep(0)

    monkeypatch.setattr(Reflector, "run", end_slowly)
    widgets = [Kind("shop.example", "v1", f"Widget{number}", f"widget{number}s", True, custom=True) for number in range(AT_ONCE + 1)]
    watches, buffer = _watches()
    for widget in widgets:
        buffer.add(widget)
    for _ in range(3 * AT_ONCE):
        watches.snapshot(widgets[0])
        await asyncio.sleep(0)
    for widget in widgets[1:AT_ONCE]:
        watches.snapshot(widget)
    for _ in range(10):
        await asyncio.sleep(0)
    watches.snapshot(widgets[-1])
    for _ in range(10):
        await asyncio.sleep(0)
    assert sorted(watches._listing) == [widget.id for widget in widgets[:AT_ONCE]]
    watches.end(widgets[0], "1")
    for _ in range(10):
        await asyncio.sleep(0)
    assert widgets[-1].id in watches._listing
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


def _event(name: str) -> RawObject:
    raw = msgspec.json.encode({"metadata": {"uid": name, "name": name, "namespace": "shop"}, "reason": "Killing"})
    return RawObject(name, "shop", name, "1", raw)


def _sent(buffer: Buffer) -> list[str]:
    """What goes up, in order: kinds of objects, and phases."""
    sent: list[str] = []
    while (outgoing := buffer.take()) is not None:
        sent += [change.kind for change in outgoing.changes]
        sent += [outgoing.mark.phase.name] if outgoing.mark is not None else []
    return sent


@pytest.fixture
def at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    async def wait(_self: Reflector) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Reflector, "run", wait)


@pytest.mark.usefixtures("at_rest")
@pytest.mark.parametrize("has_listed", [True, False])
async def test_no_inventory_ends_before_the_events_that_explain_it(has_listed: bool) -> None:
    watches, buffer = _watches()
    watches.snapshot(LEASE)
    watches.follow_events()
    watches.begin(LEASE)
    watches.upsert(LEASE, _lease("kube-system"))
    watches.end(LEASE, "7")
    assert _sent(buffer) == ["SNAPSHOT_BEGIN", LEASE.id]
    watches.upsert(EVENT, _event("killing"))
    if has_listed:
        watches.end(EVENT, "8")
    else:
        watches.forbidden(EVENT, "no")
    assert _sent(buffer) == [EVENT.id, "SNAPSHOT_END", "LIVE"]
    await watches.stop()


@pytest.mark.usefixtures("at_rest")
async def test_events_that_do_not_come_hold_up_the_inventory_for_a_moment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    watches, buffer = _watches()
    due: list[tuple[float, object]] = []
    monkeypatch.setattr(asyncio.get_running_loop(), "call_later", lambda after_s, then, *_: due.append((after_s, then)))
    watches.snapshot(LEASE)
    watches.follow_events()
    watches.begin(LEASE)
    watches.end(LEASE, "7")
    assert _sent(buffer) == ["SNAPSHOT_BEGIN"]
    [(after_s, then)] = due
    assert after_s == EVENTS_WITHIN_S and callable(then)
    then()
    assert _sent(buffer) == ["SNAPSHOT_END", "LIVE"]
    watches.snapshot(LEASE)
    watches.begin(LEASE)
    watches.end(LEASE, "9")  # later inventories wait for nobody
    assert _sent(buffer)[-1] == "LIVE"
    await watches.stop()
