"""Leases are thinned out, and what is held back follows."""

import asyncio

import msgspec

from optral.agent.watching.renewals import Renewals
from optral.kube.kinds import BY_ID, Kind
from optral.kubeapi.reflector import RawObject

LEASE = BY_ID["Lease.coordination.k8s.io"]
NEVER, SOON = 3600.0, 0.01


def _lease(version: int, *, holder: str = "a", uid: str = "1") -> RawObject:
    raw = msgspec.json.encode({"spec": {"holderIdentity": holder, "renewTime": f"2026-03-02T12:00:0{version}Z"}})
    return RawObject(uid, "kube-system", "kube-scheduler", str(version), raw)


def _renewals(every_s: float) -> tuple[Renewals, list[str], asyncio.Event]:
    sent: list[str] = []
    news = asyncio.Event()

    def send(_kind: Kind, seen: RawObject) -> None:
        sent.append(seen.resource_version)
        news.set()

    return Renewals(send, {"kube-system": every_s}), sent, news


async def test_a_renewal_waits_and_the_newest_follows() -> None:
    renewals, sent, news = _renewals(SOON)
    assert [renewals.admits(LEASE, _lease(version)) for version in (1, 2, 3)] == [True, False, False]
    async with asyncio.timeout(10):
        await news.wait()
    assert sent == ["3"]
    renewals.forget()


async def test_another_holder_or_another_lease_is_sent_at_once() -> None:
    renewals, sent, _ = _renewals(NEVER)
    assert renewals.admits(LEASE, _lease(1))
    assert renewals.admits(LEASE, _lease(2, holder="b"))
    assert renewals.admits(LEASE, _lease(3, uid="2"))
    assert not renewals.admits(LEASE, _lease(4, holder="b"))
    renewals.forget()
    assert sent == []


async def test_everything_passes_while_an_inventory_is_listed() -> None:
    renewals, _, _ = _renewals(NEVER)
    renewals.listing(True)
    assert all(renewals.admits(LEASE, _lease(version)) for version in (1, 2))
    renewals.listing(False)
    assert not renewals.admits(LEASE, _lease(3))
    renewals.forget()


async def test_what_waits_is_dropped_with_its_lease() -> None:
    renewals, sent, _ = _renewals(SOON)
    renewals.admits(LEASE, _lease(1))
    renewals.admits(LEASE, _lease(2))
    renewals.drop("1")
    assert renewals.admits(LEASE, _lease(3))
    renewals.forget()
    assert sent == []
