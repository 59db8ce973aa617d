"""What a tunnel brings in, as plain values: changes of objects and marks about whole kinds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Op(StrEnum):
    UPSERT = "upsert"
    DELETE = "delete"


class ObjectChange(NamedTuple):
    """One object as it is now, or gone. `kind` is a `Kind.id`; `raw` its redacted JSON (empty for DELETE).

    `namespace` is "" for cluster-scoped objects.
    """

    op: Op
    kind: str
    uid: str
    namespace: str
    name: str
    resource_version: str
    raw: bytes


class Phase(StrEnum):
    SNAPSHOT_BEGIN = "snapshot_begin"
    SNAPSHOT_END = "snapshot_end"
    LIVE = "live"
    FORBIDDEN = "forbidden"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class KindMark:
    """Where a kind stands in the session: a snapshot deletes only after an END whose `count` matches."""

    kind: str
    phase: Phase
    generation: str
    resource_version: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class KindDigest:
    """What the agent believes we hold of a kind: `sum` is Σ blake2b-128(uid|resourceVersion) modulo 2¹²⁸."""

    kind: str
    count: int
    sum: int


@dataclass(frozen=True, slots=True)
class KindCursor:
    """How far our copy of a kind goes, as the agent knows it when a session opens: `generation` "" means it knows of none.

    `sum` is that of `KindDigest`. The copy is resumed only when what we hold is the same.
    """

    kind: str
    generation: str
    count: int
    sum: int


@dataclass(frozen=True, slots=True)
class ChangeBatch:
    """Compressed changes as they came; `unpack` decodes them and is called on the store's thread, never on the loop.

    `unpack` raises `BadFrame` (see below) when the bytes are not what they claim to be.
    """

    unpack: Callable[[], Sequence[ObjectChange]]
    count: int


Frame = ChangeBatch | KindMark | KindDigest


class BadFrame(Exception):
    """The peer broke the protocol; the session ends with the code `protocol_error`."""
