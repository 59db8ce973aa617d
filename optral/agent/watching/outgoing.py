"""What the buffer holds for one kind, and a frame on its way."""

from collections import deque
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

from optral.kube.changes import KindDigest, KindMark, ObjectChange, Phase
from optral.kube.kinds import Kind


class KindCursor(NamedTuple):
    """How far a kind is: the generation it grew from ("" during a snapshot), count and digest sum."""

    generation: str
    objects: int
    sum: int


NOWHERE = KindCursor("", 0, 0)


@dataclass(slots=True)
class Outgoing:
    """One frame to send: changes, or a mark, or a digest. `after` is where each kind stands once this frame is committed."""

    changes: list[ObjectChange] = field(default_factory=list)
    mark: KindMark | None = None
    digest: KindDigest | None = None
    after: list[tuple[str, KindCursor]] = field(default_factory=list)
    size_bytes: int = 0


@dataclass(slots=True)
class SentKind:
    """What we know of one kind."""

    kind: Kind
    generation: str = ""
    pending: dict[str, ObjectChange] = field(default_factory=dict)
    held: dict[str, ObjectChange] = field(default_factory=dict)
    sent: dict[str, tuple[str, int]] = field(default_factory=dict)
    sum: int = 0
    acked: KindCursor = NOWHERE
    snapshotting: bool = False
    complete: str | None = None  # resource version with which the inventory ended, END still to be framed
    listed: set[str] | None = None  # uids named by a listing that is no snapshot
    marks: deque[Phase] = field(default_factory=deque)
    digest_due: bool = False
    phase: Phase | None = None
    dirty: bool = False
    ready: bool = False
    size_bytes: int = 0

    def has_work(self) -> bool:
        return bool(self.pending or self.marks or self.complete is not None or (self.digest_due and not self.snapshotting))


def digest_of(uid: str, resource_version: str) -> int:
    """The number an object adds to the digest of its kind."""
    return int.from_bytes(blake2b(f"{uid}|{resource_version}".encode(), digest_size=16).digest(), "big")
