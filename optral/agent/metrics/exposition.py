"""A bounded reader of the Prometheus text format that keeps only the samples of the names that are wanted.

A kubelet with a hundred pods writes megabytes, of which a few hundred lines matter. The name of a line decides before anything else of it
is read, which costs a twentieth of parsing all of it. Comments, and lines that are not samples, are skipped.
"""

import math
import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

MAX_BYTES = 64 * 1024 * 1024  # of one answer; a full node writes 2 to 5 MB
MAX_LINE = 16 * 1024
MAX_SAMPLES = 50_000
_LABEL = re.compile(rb'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
_ESCAPED = {b"\\n": b"\n", b'\\"': b'"', b"\\\\": b"\\"}
_ESCAPE = re.compile(rb"\\.")


class TooLarge(Exception):
    """An answer that exceeds the bounds of this module; nothing of it is used."""


class Sample(NamedTuple):
    """One sample. `at` is the time that the line states, in seconds since 1970; 0 if it states none."""

    name: str
    labels: dict[str, str]
    value: float
    at: float


class Reader:
    """Fed with pieces of an answer as they arrive; gives the samples of the names that are wanted."""

    def __init__(self, wanted: Collection[str]) -> None:
        self._wanted = {name.encode(): name for name in wanted}
        self._rest = b""
        self._bytes = self._samples = 0

    def feed(self, piece: bytes) -> Iterator[Sample]:
        """The samples that this piece completes. Raises `TooLarge`."""
        self._bytes += len(piece)
        if self._bytes > MAX_BYTES:
            raise TooLarge(f"more than {MAX_BYTES >> 20} MiB")
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > MAX_LINE:
            raise TooLarge(f"a line of more than {MAX_LINE} bytes")
        return self._read(lines)

    def end(self) -> Iterator[Sample]:
        """The last line, if it has no newline. Raises `TooLarge`."""
        rest, self._rest = self._rest, b""
        return self._read([rest])

    def _read(self, lines: list[bytes]) -> Iterator[Sample]:
        for line in lines:
            brace = line.find(b"{")
            name = self._wanted.get(line[:brace] if brace > 0 else line.partition(b" ")[0])
            if name is None or len(line) > MAX_LINE or (found := _sample(name, line, brace)) is None:
                continue
            self._samples += 1
            if self._samples > MAX_SAMPLES:
                raise TooLarge(f"more than {MAX_SAMPLES} samples")
            yield found


def _sample(name: str, line: bytes, brace: int) -> Sample | None:
    labels: dict[str, str] = {}
    if brace > 0:
        head, closed, tail = line.rpartition(b"}")
        if not closed:
            return None
        labels = {key.decode(): _text(value) for key, value in _LABEL.findall(head[brace + 1 :])}
    else:
        tail = line[len(name) :]
    fields = tail.split()
    try:
        value, at = float(fields[0]), int(fields[1]) / 1000 if len(fields) > 1 else 0.0
    except (ValueError, IndexError):
        return None
    return Sample(name, labels, value, at) if math.isfinite(value) else None


def _text(value: bytes) -> str:
    if b"\\" in value:
        value = _ESCAPE.sub(lambda match: _ESCAPED.get(match.group(), match.group()), value)
    return value.decode("utf-8", "replace")
