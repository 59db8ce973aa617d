"""Between the tunnel's messages and plain values (`kube/changes.py`), for both ends.

Packing costs the agent one zstd-1 pass per batch; unpacking is handed on as a function, because it belongs on the store's thread and
never on the event loop. Whatever a peer claims about sizes and counts is checked before memory is spent on it.
"""

import threading
from collections.abc import Container, Sequence

import zstandard
from google.protobuf.message import DecodeError

from optral.kube import object_names
from optral.kube.changes import BadFrame, ChangeBatch, Frame, KindCursor, KindDigest, KindMark, ObjectChange, Op, Phase
from optral.kube.kinds import id_of, wire_of
from optral.wire.agent.v1 import tunnel_pb2 as pb

PROTOCOL = 1
MAX_RAW_BYTES = 8 * 1024 * 1024  # of one batch, uncompressed
MAX_BATCH_ITEMS = 4096
MAX_KINDS = 1000
MAX_TEXT = 1024  # characters of a uid, a name, a resource version; Kubernetes stays below 512
_LEVEL = 1  # 468 MB/s at 6.8x on batches of 32; level 6 of gzip is seven times slower and no smaller

_OPS = {pb.Item.UPSERT: Op.UPSERT, pb.Item.DELETE: Op.DELETE}
_OP_NUMBERS = {op: number for number, op in _OPS.items()}
_PHASES = {
    pb.KindState.SNAPSHOT_BEGIN: Phase.SNAPSHOT_BEGIN,
    pb.KindState.SNAPSHOT_END: Phase.SNAPSHOT_END,
    pb.KindState.LIVE: Phase.LIVE,
    pb.KindState.FORBIDDEN: Phase.FORBIDDEN,
    pb.KindState.GONE: Phase.GONE,
}
_PHASE_NUMBERS = {phase: number for number, phase in _PHASES.items()}
_UINT128 = 1 << 128


class _Codecs(threading.local):
    """zstd contexts are not thread-safe, and making one per batch costs more than a small batch."""

    def __init__(self) -> None:
        self.compress = zstandard.ZstdCompressor(level=_LEVEL).compress
        self.decompress = zstandard.ZstdDecompressor().decompress


_codecs = _Codecs()


def pack_batch(items: Sequence[ObjectChange], *, partial: Container[str] = ()) -> pb.Batch:
    """Pack changes into one compressed batch; `partial` holds the uids whose JSON is metadata only.

    The caller keeps a batch at ≤ 32 objects or 1 MiB. Raises `ValueError` beyond what a peer would take (8 MiB, 4096 items).
    """
    payload = pb.Items(
        items=[
            pb.Item(
                op=_OP_NUMBERS[item.op],
                kind=wire_of(item.kind),
                uid=item.uid,
                namespace=item.namespace,
                name=item.name,
                resource_version=item.resource_version,
                json=item.raw,
                partial=item.uid in partial,
            )
            for item in items
        ]
    ).SerializeToString()
    if len(payload) > MAX_RAW_BYTES or len(items) > MAX_BATCH_ITEMS:
        raise ValueError(f"a batch of {len(items)} items and {len(payload)} bytes is too large")
    return pb.Batch(payload_zstd=_codecs.compress(payload), raw_bytes=len(payload), count=len(items))


def unpack_batch(batch: pb.Batch) -> list[ObjectChange]:
    """Decode a batch in order. Raises `BadFrame` when sizes, counts, kinds or texts are not what they should be."""
    items = _parse(_decompress(batch))
    if len(items) != batch.count:
        raise BadFrame(f"a batch claims {batch.count} items and holds {len(items)}")
    return [_change(item) for item in items]


def pack_mark(mark: KindMark) -> pb.KindState:
    """The message of a mark about a whole kind."""
    return pb.KindState(
        kind=wire_of(mark.kind),
        phase=_PHASE_NUMBERS[mark.phase],
        generation=mark.generation,
        resource_version=mark.resource_version,
        count=mark.count,
    )


def unpack_mark(state: pb.KindState) -> KindMark:
    """The plain mark. Raises `BadFrame` for a kind or phase we do not know."""
    if (phase := _PHASES.get(state.phase)) is None:
        raise BadFrame(f"unknown phase {state.phase} of {state.kind!r}")
    _check_texts(state.generation, state.resource_version)
    return KindMark(kind_id(state.kind), phase, state.generation, state.resource_version, _count(state.count))


def pack_digest(digest: KindDigest) -> pb.Digest:
    """The message of a digest."""
    return pb.Digest(kind=wire_of(digest.kind), count=digest.count, sum=pack_sum(digest.sum))


def unpack_digest(digest: pb.Digest) -> KindDigest:
    """The plain digest. Raises `BadFrame` for an unknown kind or a sum that is not 16 bytes."""
    return KindDigest(kind_id(digest.kind), _count(digest.count), unpack_sum(digest.sum))


def unpack_cursors(cursors: Sequence[pb.KindCursor]) -> list[KindCursor]:
    """The plain cursors of the kinds we know; others are left out, so the agent gets no directive for them and sends nothing.

    Raises `BadFrame` for a kind named twice, and for too many kinds.
    """
    known = [_cursor(cursor) for cursor in cursors if id_of(cursor.kind) is not None]
    if len({cursor.kind for cursor in known}) != len(known):
        raise BadFrame("a kind has two cursors")
    if len(known) > MAX_KINDS:
        raise BadFrame(f"{len(known)} kinds were announced; at most {MAX_KINDS} are accepted")
    return known


def pack_sum(number: int) -> bytes:
    """A digest sum as it travels: 16 bytes, big-endian; taken modulo 2¹²⁸."""
    return (number % _UINT128).to_bytes(16, "big")


def unpack_sum(raw: bytes) -> int:
    """The number of a digest sum; raises `BadFrame` unless it has 16 bytes."""
    if len(raw) != 16:
        raise BadFrame(f"a digest sum has {len(raw)} bytes, not 16")
    return int.from_bytes(raw, "big")


def kind_id(wire: str) -> str:
    """The `Kind.id` of a kind's name on the wire. Raises `BadFrame` for a kind that was not requested."""
    if (kind := id_of(wire)) is None:
        raise BadFrame(f"unknown kind {wire[:100]!r}")
    return kind


def frame_of(up: pb.Up) -> Frame | None:
    """The inventory frame a message brings, or None when it brings something else. Cheap: batches stay packed.

    Raises `BadFrame` as the unpacking functions do.
    """
    which = up.WhichOneof("message")
    if which == "batch":
        return _packed(up.batch)
    if which == "kind_state":
        return unpack_mark(up.kind_state)
    return unpack_digest(up.digest) if which == "digest" else None


def _cursor(cursor: pb.KindCursor) -> KindCursor:
    _check_texts(cursor.generation)
    total = unpack_sum(cursor.digest) if cursor.digest else 0
    return KindCursor(kind_id(cursor.kind), cursor.generation, _count(cursor.count), total)


def _packed(batch: pb.Batch) -> ChangeBatch:
    if batch.count > MAX_BATCH_ITEMS:
        raise BadFrame(f"a batch claims {batch.count} items")
    return ChangeBatch(unpack=lambda: unpack_batch(batch), count=batch.count)


def _decompress(batch: pb.Batch) -> bytes:
    # The content size in the zstd header rules how much is allocated, whatever `max_output_size` says: it must be the one declared.
    if batch.raw_bytes > MAX_RAW_BYTES:
        raise BadFrame(f"a batch claims {batch.raw_bytes} bytes")
    try:
        if zstandard.frame_content_size(batch.payload_zstd) != batch.raw_bytes:
            raise BadFrame("a batch is not as long as it claims")
        return _codecs.decompress(batch.payload_zstd, max_output_size=batch.raw_bytes, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise BadFrame(f"a batch cannot be decompressed: {error}") from None


def _parse(payload: bytes) -> Sequence[pb.Item]:
    try:
        return pb.Items.FromString(payload).items
    except DecodeError:
        raise BadFrame("a batch holds no items message") from None


def _change(item: pb.Item) -> ObjectChange:
    """The plain change. Each field is read once, because each read of a field creates a new object, of the whole JSON too."""
    op = _OPS.get(item.op)
    uid, namespace, name, resource_version = texts = item.uid, item.namespace, item.name, item.resource_version
    raw = item.json if op is Op.UPSERT else b""
    if op is None or not uid or not name or (op is Op.UPSERT and not raw):
        raise BadFrame(f"an item of {item.kind[:100]!r} lacks an operation, uid, name or object")
    kind = kind_id(item.kind)
    if len(name) > object_names.MAX_NAME or len(joined := "".join(texts)) > MAX_TEXT or not joined.isprintable():  # almost never
        _check_texts(uid, namespace, resource_version)
        name = _name(kind, name)
    return ObjectChange(op, kind, uid, namespace, name, resource_version, raw)


def _name(kind: str, name: str) -> str:
    """The name as it is stored. Raises `BadFrame` for a name that Kubernetes gives to no object of this kind.

    Where it may have any name, a person with the right to create a role must not be able to end the session.
    """
    if object_names.has_any_name(kind):
        return object_names.shown(name)
    if len(name) > object_names.MAX_NAME or not object_names.is_ordinary(name):
        raise BadFrame(f"an object of {kind} has a name that Kubernetes does not allow: {name[:100]!a}")
    return name


def _check_texts(*texts: str) -> None:
    for text in texts:
        if len(text) > MAX_TEXT or not object_names.is_ordinary(text):  # PostgreSQL has no NUL in text
            raise BadFrame("a text is too long or holds control characters")


def _count(number: int) -> int:
    if number >= 1 << 63:
        raise BadFrame(f"a count of {number} is out of range")
    return number
