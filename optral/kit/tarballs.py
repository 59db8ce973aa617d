"""Packs a folder into a gzipped tar whose bytes depend only on names and content: no times, owners or modes of this machine."""

import gzip
import io
import tarfile
from collections.abc import Iterator
from importlib.resources.abc import Traversable


def pack(folder: Traversable, *, root: str, programs: frozenset[str] = frozenset()) -> bytes:
    """Everything below `folder`, under the directory `root`, in the order of the names. Files that `programs` names can be executed."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in _files(folder, root):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o755 if name.rpartition("/")[2] in programs else 0o644
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), compresslevel=9, mtime=0)


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        name = f"{prefix}/{entry.name}"
        if entry.is_dir():
            yield from _files(entry, name)
        else:
            yield name, entry.read_bytes()
