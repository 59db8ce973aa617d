"""How a view keeps an object that nobody has read for a while: a few hundred bytes instead of some ninety Python objects.

An object becomes the msgpack of its typed struct, without the fields that have their default. Of a pod, two parts are kept apart, since
the pods of a workload have them in common: what it belongs to (namespace, labels, owners) and what it is made of (its spec, without node,
volumes and affinity). Equal parts are kept once, and decoded once for as long as they are in use. Other objects of more than half a KiB are
compressed, with the first objects of the view as dictionary. Pods are not: zstd releases the interpreter lock at every call, so a lookup
that reads a thousand pods would hand it over a thousand times.

See docs/decisions/view.md for the figures.
"""

from functools import lru_cache
from typing import Any, cast
from weakref import WeakValueDictionary

import msgspec
import zstandard
from msgspec.structs import replace

from optral.kube.objects import Decoders, KubeObject, Metadata, Pod, PodSpec

DECODED_PARTS = 2048  # of all views together, 3 KB each
COMPRESSED_FROM = 512  # bytes; smaller ones gain little
DICTIONARY_BYTES = 32 * 1024
SAMPLES_OF_KIND = 4
SAMPLED = 256  # objects packed before the dictionary is made
_COMPRESSED = 0x28  # the first byte of a zstd frame; that of a msgpack map is 0x80 or more


class Shared(msgspec.Struct, frozen=True, weakref=True):
    """A part that several pods have in common; it goes with the last of them."""

    raw: bytes


class PackedPod(msgspec.Struct, frozen=True, gc=False):
    """A pod in three parts."""

    own: bytes
    belongs: Shared
    made_of: Shared


Packed = bytes | PackedPod
Kept = KubeObject | bytes | PackedPod
PACKED = frozenset({bytes, PackedPod})

_encode = msgspec.msgpack.Encoder().encode
_EMPTY_SPEC = PodSpec()


_DECODERS: Decoders[msgspec.msgpack.Decoder[Any]] = Decoders(msgspec.msgpack.Decoder)
_decode_pod = msgspec.msgpack.Decoder(Pod).decode
_decode_belongs = lru_cache(DECODED_PARTS)(msgspec.msgpack.Decoder(Metadata).decode)
_decode_made_of = lru_cache(DECODED_PARTS)(msgspec.msgpack.Decoder(PodSpec).decode)


class Packing:
    """Packs the objects of one view; not for several threads at once."""

    __slots__ = ("_compressor", "_decompressor", "_sampled", "_samples", "_shared")

    def __init__(self) -> None:
        self._shared: WeakValueDictionary[bytes, Shared] = WeakValueDictionary()
        self._samples: dict[str, list[bytes]] = {}
        self._sampled = 0
        self._compressor: zstandard.ZstdCompressor | None = None
        self._decompressor: zstandard.ZstdDecompressor | None = None

    def pack(self, obj: KubeObject) -> Kept:
        """The object packed, or itself if msgpack cannot hold it (an integer of more than 64 bits)."""
        try:
            return self._pack_pod(obj) if type(obj) is Pod else self._compress(obj.kind, _encode(obj))
        except OverflowError:
            return obj

    def unpack(self, kind: str, packed: Packed) -> KubeObject:
        """The object again, equal to what was packed."""
        if isinstance(packed, PackedPod):
            return _unpack_pod(packed)
        if packed[0] == _COMPRESSED and self._decompressor is not None:
            packed = self._decompressor.decompress(packed)
        return cast(KubeObject, _DECODERS[kind].decode(packed))

    def _pack_pod(self, pod: Pod) -> PackedPod:
        metadata, spec = pod.metadata, pod.spec
        belongs = Metadata(namespace=metadata.namespace, labels=metadata.labels, owner_references=metadata.owner_references)
        own = Pod(
            metadata=replace(metadata, namespace="", labels={}, owner_references=()),
            spec=PodSpec(node_name=spec.node_name, volumes=spec.volumes, affinity=spec.affinity),
            status=pod.status,
        )
        made_of = replace(spec, node_name="", volumes=(), affinity=_EMPTY_SPEC.affinity)
        return PackedPod(_encode(own), self._share(_encode(belongs)), self._share(_encode(made_of)))

    def _share(self, raw: bytes) -> Shared:
        known = self._shared.get(raw)
        if known is None:
            known = self._shared[raw] = Shared(raw)
        return known

    def _compress(self, kind: str, raw: bytes) -> bytes:
        if len(raw) < COMPRESSED_FROM:
            return raw
        if self._compressor is None:
            self._sample(kind, raw)
            return raw
        return bytes(memoryview(self._compressor.compress(raw)))  # a copy: zstandard leaves its result in a buffer of the largest size

    def _sample(self, kind: str, raw: bytes) -> None:
        """Objects of a cluster resemble each other: a few of each kind make those that follow half as large."""
        samples = self._samples.setdefault(kind, [])
        if len(samples) < SAMPLES_OF_KIND:
            samples.append(raw)
        self._sampled += 1
        if self._sampled == SAMPLED:
            content = b"".join(raw for of_kind in self._samples.values() for raw in of_kind)[:DICTIONARY_BYTES]
            dictionary = zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
            self._compressor = zstandard.ZstdCompressor(level=1, dict_data=dictionary, write_dict_id=False)
            self._decompressor = zstandard.ZstdDecompressor(dict_data=dictionary)
            self._samples.clear()


def _unpack_pod(packed: PackedPod) -> Pod:
    pod = _decode_pod(packed.own)
    belongs, spec = _decode_belongs(packed.belongs.raw), _decode_made_of(packed.made_of.raw)
    return Pod(
        metadata=replace(pod.metadata, namespace=belongs.namespace, labels=belongs.labels, owner_references=belongs.owner_references),
        spec=replace(spec, node_name=pod.spec.node_name, volumes=pod.spec.volumes, affinity=pod.spec.affinity),
        status=pod.status,
    )
