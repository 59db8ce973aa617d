"""Manifests as they are stored: each one zstd-1, with a dictionary of its cluster as soon as there is one.

Objects of one cluster resemble each other far more than objects in general, and small ones compress badly alone: a pod of 8 KB takes 2.5 KB
by itself and 1.05 KB with 32 KB of what its neighbors look like, in two thirds of the time. A dictionary is data: it is a row of the
database, never changed, named by number in the header of every manifest that needs it. Whoever compresses uses only a dictionary that is
committed.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import zstandard

MAX_MANIFEST_BYTES = 16 * 1024 * 1024  # ours to bound: a stored frame names its own size
FIRST_NUMBER = 32_768  # numbers below are reserved by zstd for dictionaries that everybody knows
DICTIONARY_BYTES = 32 * 1024  # 64 and 110 KB made nothing smaller
SAMPLES = 256
MIN_SAMPLES = 128
MIN_SAMPLE_BYTES = 256 * 1024
_SEGMENT, _WORD = 2048, 8  # of the training: 20 ms, and as small a result as longer searches found
_LEVEL = 1
# A smaller table of matches of at least 7 bytes is copied for each manifest in less time, and finds longer matches in the dictionary: a pod
# of 8 KB takes 13.6 us and 957 bytes instead of 16.7 us and 985.
_WITH_DICTIONARY = zstandard.ZstdCompressionParameters.from_level(
    _LEVEL, source_size=8 * 1024, dict_size=DICTIONARY_BYTES, hash_log=12, min_match=7, write_dict_id=True, write_content_size=True
)
_KEPT = 32  # dictionaries ready for use in one thread

Key = tuple[str, int]


class _Codecs(threading.local):
    """zstd contexts belong to one thread."""

    def __init__(self) -> None:
        self.compress = zstandard.ZstdCompressor(level=_LEVEL).compress
        self.decompress = zstandard.ZstdDecompressor().decompress
        self.compressors: OrderedDict[Key, Callable[[bytes], bytes]] = OrderedDict()
        self.decompressors: OrderedDict[Key, zstandard.ZstdDecompressor] = OrderedDict()


_codecs = _Codecs()


def pack(raw: bytes) -> bytes:
    """Compress without a dictionary."""
    return _codecs.compress(raw)


def packer(key: Key, dictionary: Callable[[], bytes]) -> Callable[[bytes], bytes]:
    """What compresses with this dictionary (cluster id, number); for the calling thread."""
    known = _codecs.compressors.get(key)
    if known is None:
        data = zstandard.ZstdCompressionDict(dictionary())
        data.precompute_compress(compression_params=_WITH_DICTIONARY)
        known = _codecs.compressors[key] = zstandard.ZstdCompressor(dict_data=data, compression_params=_WITH_DICTIONARY).compress
        if len(_codecs.compressors) > _KEPT:
            _codecs.compressors.popitem(last=False)
    return known


def number_of(stored: bytes) -> int:
    """The number of the dictionary that a stored manifest needs; 0 for none."""
    return int(zstandard.get_frame_parameters(stored).dict_id)


def unpack(stored: bytes, cluster_id: str, dictionary: Callable[[int], bytes]) -> bytes:
    """The manifest's JSON bytes; `dictionary` gives the cluster's dictionary of a number and is asked when this thread has not seen it."""
    number = number_of(stored)
    if not number:
        return _codecs.decompress(stored, max_output_size=MAX_MANIFEST_BYTES)
    known = _codecs.decompressors.get((cluster_id, number))
    if known is None:
        known = zstandard.ZstdDecompressor(dict_data=zstandard.ZstdCompressionDict(dictionary(number)))
        _codecs.decompressors[cluster_id, number] = known
        if len(_codecs.decompressors) > _KEPT:
            _codecs.decompressors.popitem(last=False)
    return known.decompress(stored, max_output_size=MAX_MANIFEST_BYTES)


def train(raws: Sequence[bytes], number: int) -> bytes | None:
    """A dictionary with this number out of manifests (20 ms); None when they are too few or too small for one to pay."""
    chosen = raws[:: max(1, len(raws) // SAMPLES)][:SAMPLES]
    if len(chosen) < MIN_SAMPLES or sum(map(len, chosen)) < MIN_SAMPLE_BYTES:
        return None
    try:
        made = zstandard.train_dictionary(DICTIONARY_BYTES, list(chosen), k=_SEGMENT, d=_WORD, level=_LEVEL, dict_id=number)
    except zstandard.ZstdError:
        return None  # nothing in common
    return made.as_bytes()
