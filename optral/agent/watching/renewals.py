"""Thins out Leases: a renewal says only "still alive", and a thousand nodes say so a hundred times a second.

A Lease is sent at once when it is new, when somebody else holds it, or when nothing of it was sent for a while; what comes in between waits
and the newest of it follows when the interval ends. So the `renewTime` on the other side is never further behind than `every_s` of its
namespace, and a holder that fell silent is seen with its true last renewal. While an inventory is listed everything passes: the buffer
counts what it was given.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from optral.kube.kinds import Kind
from optral.kubeapi.reflector import RawObject

EVERY_S = {"kube-system": 15.0, "kube-node-lease": 60.0}
"""Seconds. Components behind the Leases of kube-system are missed within a minute; nodes are judged by conditions, Leases only explain."""
OTHERWISE_S = 60.0


class _Spec(msgspec.Struct):
    holderIdentity: str | None = None
    leaseTransitions: int | None = None


class _Lease(msgspec.Struct):
    spec: _Spec = msgspec.field(default_factory=_Spec)


_LEASE = msgspec.json.Decoder(_Lease)


@dataclass(slots=True)
class _Held:
    """What was sent of one Lease last, what waits, and the timer behind it (None: the interval has ended)."""

    holder: tuple[str | None, int | None]
    timer: asyncio.TimerHandle | None = None
    waits: tuple[Kind, RawObject] | None = None


class Renewals:
    """`send` gets what waited, on the loop. Bounded by the number of Leases in the two namespaces."""

    def __init__(self, send: Callable[[Kind, RawObject], None], every_s: dict[str, float] | None = None) -> None:
        self._send, self._every_s = send, EVERY_S if every_s is None else every_s
        self._leases: dict[str, _Held] = {}
        self._listing = False

    def admits(self, kind: Kind, seen: RawObject) -> bool:
        """Whether to send this one now; if not, it is kept."""
        holder = _holder(seen)
        held = self._leases.get(seen.uid)
        if not self._listing and held is not None and held.timer is not None and held.holder == holder:
            held.waits = (kind, seen)
            return False
        self.drop(seen.uid)
        self._leases[seen.uid] = _Held(holder, self._timer(seen))
        return True

    def listing(self, is_listing: bool) -> None:
        """An inventory begins or has ended."""
        self._listing = is_listing

    def drop(self, uid: str) -> None:
        """The Lease is gone, or newer news of it was sent."""
        if (held := self._leases.pop(uid, None)) is not None and held.timer is not None:
            held.timer.cancel()

    def forget(self) -> None:
        """The watch ended, or starts again."""
        for uid in list(self._leases):
            self.drop(uid)
        self._listing = False

    def _timer(self, seen: RawObject) -> asyncio.TimerHandle:
        delay_s = self._every_s.get(seen.namespace, OTHERWISE_S)
        return asyncio.get_running_loop().call_later(delay_s, self._on_interval_end, seen.uid)

    def _on_interval_end(self, uid: str) -> None:
        held = self._leases[uid]
        held.timer = None
        if held.waits is not None:
            (kind, seen), held.waits = held.waits, None
            held.timer = self._timer(seen)
            self._send(kind, seen)


def _holder(seen: RawObject) -> tuple[str | None, int | None]:
    try:
        spec = _LEASE.decode(seen.raw).spec
    except msgspec.MsgspecError:
        return None, None
    return spec.holderIdentity, spec.leaseTransitions
