"""The YAML files of a repository from a packed archive of it, as forges serve one: a gzipped tar with one folder around everything."""

import gzip
import io
import stat
import sys
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Self

from optral.gitops.checkout import MAX_FILES, ChartFiles, is_source
from optral.gitops.manifest import MAX_BYTES
from optral.gitops.model import CannotEdit, Files

MAX_UNPACKED = 512 * 1024 * 1024  # read through
MAX_KEPT = 64 * 1024 * 1024  # of memory: YAML files with their paths
MAX_HEADER = 16 * 1024
_HEADERS = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_UNREADABLE = "The forge did not send a readable archive of the repository"


class Archive:
    """A `Repository` in a packed archive, or the one chart in a file that `helm package` wrote."""

    def __init__(self, packed: bytes, *, unreadable: str = _UNREADABLE) -> None:
        self._packed, self._unreadable = packed, unreadable
        self.executables: set[str] = set()
        """Paths of the `files` that may be run."""

    @cached_property
    def files(self) -> Files:
        """As `checkout.read` reads a folder. Raises `CannotEdit` for an archive that is too large, or none."""
        found: dict[str, str] = {}
        kept = 0
        for entry, path, raw in self._entries(lambda path, size: size <= MAX_BYTES and is_source(path)):
            if (text := _text(raw)) is None:
                continue
            kept += sys.getsizeof(path) + sys.getsizeof(text)
            if len(found) >= MAX_FILES or kept > MAX_KEPT:
                raise CannotEdit(f"The repository has more than {MAX_FILES:,} YAML files, or {MAX_KEPT // 2**20} MiB of them")
            found[path] = text
            self.executables |= {path} if entry.mode & stat.S_IXUSR else set()
        return found

    def folder(self, path: str) -> Mapping[str, bytes]:
        """The files below a folder. Raises as `files`, and for a folder that is too large for a chart."""
        prefix, gathered = f"{path}/" if path else "", ChartFiles(path)
        for _, name, raw in self._entries(lambda name, size: name.startswith(prefix) and gathered.has_room(size)):
            gathered.add(name.removeprefix(prefix), raw)
        return gathered.files

    def _entries(self, is_wanted: Callable[[str, int], bool]) -> Iterator[tuple[tarfile.TarInfo, str, bytes]]:
        try:
            with tarfile.open(fileobj=_Bounded(self._packed), mode="r|", tarinfo=_Entry) as tar:
                while (entry := tar.next()) is not None:
                    tar.members.clear()  # type: ignore[attr-defined]  # else it keeps every entry
                    path = entry.name.partition("/")[2]
                    if entry.isreg() and is_wanted(path, entry.size) and (file := tar.extractfile(entry)) is not None:
                        yield entry, path, file.read()
        except (tarfile.TarError, OSError, EOFError, zlib.error):
            raise CannotEdit(self._unreadable) from None


def _text(raw: bytes) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


class _Entry(tarfile.TarInfo):
    """Refuses a long header, which tarfile would read as a whole."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        entry = super().frombuf(buf, encoding, errors)
        if entry.type in _HEADERS and entry.size > MAX_HEADER:
            raise CannotEdit(f"The archive of the repository has a header of more than {MAX_HEADER // 1024} KiB")
        return entry


class _Bounded(io.RawIOBase):
    """Unpacks as it is read, up to a bound: a small archive can hold much."""

    def __init__(self, packed: bytes) -> None:
        super().__init__()
        self._file, self._left = gzip.GzipFile(fileobj=io.BytesIO(packed)), MAX_UNPACKED

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        part = self._file.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(part)
        if self._left < 0:
            raise CannotEdit(f"The repository is larger than {MAX_UNPACKED // 2**20} MiB")
        return part
