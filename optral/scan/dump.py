"""Reads a dump: Kubernetes objects or Lists in JSON or YAML, also gzipped, a directory of them, `kubectl cluster-info dump`, or a bundle.

A bundle is one JSON object `{meta: {now}, objects, logs, metrics}`. JSON is split into raw items, each decoded once, and a large List is
read in parts (`long_list`). Content that cannot be read becomes a gap of the scan, never an exception.
"""

import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from optral.analysis.reading.snapshot import moment
from optral.scan import long_list, written_logs
from optral.scan.intake import Intake, take_all, take_logs
from optral.scan.series import Metrics, Series
from optral.terms.errors import Misconfigured

MAX_BYTES = 2 * 1024**3  # of one file, unpacked
MAX_YAML_NODES = 5_000_000  # with aliases expanded: a few lines of YAML can expand to billions
_SUFFIXES = (".json", ".yaml", ".yml", ".json.gz", ".yaml.gz", ".yml.gz")
_LOGS = "logs.txt"  # the logs of a pod in the output directory of `kubectl cluster-info dump`
_FIRST = re.compile(rb"\S")  # `strip` would copy the whole file for one trailing line break
_GZIP = b"\x1f\x8b"
_PACKED_BYTES = 256 * 1024
_LOG = re.compile(rb"^==== START logs for container (\S+) of pod ([^\s/]+)/(\S+) ====\n(.*?)^==== END logs for ", re.MULTILINE | re.DOTALL)


class _ListMeta(msgspec.Struct, frozen=True):
    continue_: str = msgspec.field(name="continue", default="")
    remainingItemCount: int | None = None


class _Meta(msgspec.Struct, frozen=True):
    now: str = ""


class _Members(msgspec.Struct, frozen=True, kw_only=True):
    """A List without its items."""

    apiVersion: str = ""
    kind: str = ""
    metadata: _ListMeta = _ListMeta()


class _List(_Members, frozen=True):
    items: list[msgspec.Raw]


class _Bundle(msgspec.Struct, frozen=True):
    objects: msgspec.Raw
    meta: _Meta = _Meta()
    logs: dict[str, Any] = {}
    logErrors: dict[str, Any] = {}
    metrics: Metrics = Metrics()


_MEMBERS = msgspec.json.Decoder(_Members)
_LIST = msgspec.json.Decoder(_List)
_BUNDLE = msgspec.json.Decoder(_Bundle)
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


def read(path: Path, intake: Intake) -> None:
    """Read the file or directory. Raises `Misconfigured` if it does not exist or has no file to read."""
    if path.is_dir():
        files = _files(path)
        if not files:
            raise Misconfigured("dump", say=f"no JSON or YAML file in {path}")
        for file in files:
            _read_file(file, intake, name=str(file.relative_to(path)))
    elif path.exists():
        _read_file(path, intake, name=path.name)
    else:
        raise Misconfigured("dump", say=f"no such file or directory: {path}")


def settle(intake: Intake) -> str:
    """Determine the time of the dump and settle the intake. Returns where the time comes from, as text for the report."""
    if intake.now is not None:
        source, now = "the time of the bundle (meta.now)", intake.now
    elif intake.newest is not None:
        source, now = "the newest time in the dump", intake.newest
    else:
        source, now = "the current time, since no object in the dump has a timestamp", datetime.now(UTC)
    written_logs.take_written(intake, now=now.timestamp())
    intake.settle(now)
    intake.limit_to_seen()
    return source


def _files(directory: Path) -> list[Path]:
    return sorted(file for file in directory.rglob("*") if file.is_file() and (file.name.endswith(_SUFFIXES) or file.name == _LOGS))


def _read_file(file: Path, intake: Intake, *, name: str) -> None:
    try:
        with file.open("rb") as stream:
            source = _Source(stream)
            _read_source(source, intake, name=name, has_logs=file.name == _LOGS)
    except OSError as error:
        intake.gap(name, f"cannot be read: {error.strerror}")
    else:
        if source.problem:
            intake.is_cut = True
            intake.gap(name, source.problem)


def _read_source(source: "_Source", intake: Intake, *, name: str, has_logs: bool) -> None:
    raw = source.read(long_list.PART_BYTES)
    if not has_logs and len(raw) == long_list.PART_BYTES and long_list.is_beginning(raw):
        _take_long_list(long_list.LongList(raw, source.read), source, intake, name=name)
        return
    if len(raw) == long_list.PART_BYTES:
        raw += source.read(MAX_BYTES)
    if source.is_too_large or (source.problem and not raw):
        return
    if has_logs:
        _take_marked_logs(raw, intake)
    else:
        take_document(raw, intake, name=name)


class _Source:
    """The content of a file, decompressed if it is gzip data. `problem` says why it is incomplete; "" if it is not."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._unpack = zlib.decompressobj(wbits=31) if stream.read(2) == _GZIP else None
        self._left = MAX_BYTES
        self.problem = ""
        stream.seek(0)

    @property
    def is_too_large(self) -> bool:
        return self._left <= 0

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        parts: list[bytes] = []
        while size > 0 and not self.problem and (part := self._part(size)):
            parts.append(part)
            size -= len(part)
            self._left -= len(part)
            if self.is_too_large:
                self.problem = "larger than 2 GiB" + (" when decompressed" if self._unpack is not None else "")
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _part(self, size: int) -> bytes:
        unpack = self._unpack
        if unpack is None:
            return self._stream.read(size)
        while not unpack.eof:
            packed = unpack.unconsumed_tail or self._stream.read(_PACKED_BYTES)
            if not packed:
                self.problem = "truncated: the compressed data is incomplete"
                return b""
            try:
                part = unpack.decompress(packed, size)
            except zlib.error as error:
                self.problem = f"invalid gzip file: {error}"
                return b""
            if part:
                return part
        return b""


def _take_long_list(listed: long_list.LongList, source: _Source, intake: Intake, *, name: str) -> None:
    """Read a List in parts: what is read before an error counts."""
    before = _MEMBERS.decode(listed.members)
    for items in listed.parts():
        take_all(intake, items, api_version=before.apiVersion, kind=before.kind)
    if listed.problem:
        intake.is_cut = True
        intake.gap(name, f"{listed.problem} after {intake.object_count:,} objects")
        return
    _note_missing(_MEMBERS.decode(listed.members).metadata, intake, name=name)
    rest = listed.rest + source.read(MAX_BYTES)
    if _FIRST.search(rest) is not None:
        _take_row(rest, list(_documents(rest)), intake, name=f"{name}, after the list")


def take_document(raw: bytes, intake: Intake, *, name: str) -> None:
    """Read one document: JSON, several JSON objects in a row, or YAML."""
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    first = _FIRST.search(raw)
    if first is None:
        intake.gap(name, "empty file")
    elif first.group() in b"{[":
        _take_json(raw, intake, name=name, is_list=first.group() == b"[")
    elif raw.startswith(b"==== START logs"):
        _take_marked_logs(raw + b"\n", intake)
    else:
        _take_yaml(raw, intake, name=name)


# --- JSON


def _take_json(raw: bytes, intake: Intake, *, name: str, is_list: bool) -> None:
    if is_list:
        try:
            return take_all(intake, _ITEMS.decode(raw))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            return intake.gap(name, f"invalid or truncated JSON: {error}")
    if (problem := _take_value(raw, intake, name=name)) is None:
        return None
    documents = list(_documents(raw))
    if len(documents) < 2:
        return intake.gap(name, f"invalid or truncated JSON: {problem}")
    return _take_row(raw, documents, intake, name=name)


def _take_row(raw: bytes, documents: list[bytes], intake: Intake, *, name: str) -> None:
    """Read JSON objects in a row, with the logs of `kubectl cluster-info dump` between or after them."""
    for number, document in enumerate(documents, 1):
        if (problem := _take_value(document, intake, name=name)) is not None:
            intake.gap(f"{name}, document {number}", f"invalid JSON: {problem}")
    if not _take_marked_logs(raw + b"\n", intake) and not documents:
        intake.gap(name, "neither JSON nor logs")


def _take_value(raw: bytes, intake: Intake, *, name: str) -> str | None:
    """Read one JSON object: a List, a bundle or a single object. Returns the error if it is not a JSON object."""
    try:
        listed = _LIST.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        pass
    else:
        _note_missing(listed.metadata, intake, name=name)
        take_all(intake, listed.items, api_version=listed.apiVersion, kind=listed.kind)
        return None
    try:
        bundle = _BUNDLE.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        pass
    else:
        _take_bundle(bundle, intake, name=name)
        return None
    try:
        msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return str(error)
    intake.take(raw)
    return None


def _note_missing(meta: _ListMeta, intake: Intake, *, name: str) -> None:
    if meta.continue_:
        left = meta.remainingItemCount
        intake.is_cut = True
        intake.gap(name, f"the list is truncated: {left if left is not None else 'some'} more objects are missing")


def _take_bundle(bundle: _Bundle, intake: Intake, *, name: str) -> None:
    raw = bytes(bundle.objects)
    _take_json(raw, intake, name=f"{name}, objects", is_list=raw.startswith(b"["))
    take_logs(intake, bundle.logs, bundle.logErrors)
    intake.series = Series.of(bundle.metrics)
    if bundle.meta.now:
        intake.now = moment(bundle.meta.now)
        if intake.now is None:
            intake.gap(f"{name}, meta.now", "not an RFC 3339 time")


def _documents(raw: bytes) -> Iterator[bytes]:
    """Split JSON objects in a row: one per line, or indented by kubectl, from a line `{` to a line `}`. Other lines are skipped."""
    begin, at = -1, 0
    while at < len(raw):
        end = raw.find(b"\n", at)
        end = len(raw) if end < 0 else end
        if begin < 0 and raw[at : at + 1] == b"{":
            if end - at > 2:
                yield raw[at:end]
            else:
                begin = at
        elif begin >= 0 and raw[at : at + 1] == b"}":
            yield raw[begin : at + 1]
            begin = -1
        at = end + 1
    if begin >= 0:
        yield raw[begin:]


def _take_marked_logs(raw: bytes, intake: Intake) -> int:
    """Read the logs that `kubectl cluster-info dump` writes between START and END lines. Returns how many."""
    found = _LOG.findall(raw)
    for container, namespace, pod, text in found:
        key = "/".join(part.decode("utf-8", "replace") for part in (namespace, pod, container))
        intake.take_log(key, text.decode("utf-8", "replace"))
    return len(found)


# --- YAML


def _take_yaml(raw: bytes, intake: Intake, *, name: str) -> None:
    import yaml

    from optral.kit import yamls

    taken = 0
    try:
        for document in yaml.load_all(raw, Loader=yamls.LOADER):
            if document is None:
                continue
            if not isinstance(document, dict | list) or _size(document, {}) > MAX_YAML_NODES:
                intake.gap(name, "contains a document that is not a Kubernetes object")
                continue
            taken += 1
            _take_json(msgspec.json.encode(document, enc_hook=str), intake, name=name, is_list=isinstance(document, list))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError, TypeError, msgspec.MsgspecError) as error:
        intake.gap(name, f"invalid YAML: {' '.join(str(error).split())[:200]}")
        return
    if not taken:
        intake.gap(name, "contains no Kubernetes object")


def _size(value: Any, known: dict[int, int]) -> int:
    """The number of values with every alias expanded; above the limit for a value that contains itself."""
    if not isinstance(value, dict | list):
        return 1
    if (size := known.get(id(value))) is not None:
        return size
    known[id(value)] = MAX_YAML_NODES + 1  # for a value that contains itself
    inner = value.values() if isinstance(value, dict) else value
    known[id(value)] = size = 1 + sum(_size(member, known) for member in inner)
    return size
