"""The YAML files of a repository from a packed archive of it, as forges serve one: a gzipped tar with one folder around everything."""

import gzip
import io
import tarfile
import zlib

from optral.gitops.checkout import MAX_FILES, is_source
from optral.gitops.manifest import MAX_BYTES
from optral.gitops.model import CannotEdit

MAX_UNPACKED = 512 * 1024 * 1024


def read(packed: bytes) -> dict[str, str]:
    """As `checkout.read` reads a folder. Raises `CannotEdit` for an archive that is too large, or none."""
    found: dict[str, str] = {}
    try:
        with tarfile.open(fileobj=_Bounded(packed), mode="r|") as tar:
            for entry in tar:
                path = entry.name.partition("/")[2]
                if entry.isreg() and entry.size <= MAX_BYTES and is_source(path) and (file := tar.extractfile(entry)) is not None:
                    text = _text(file.read())
                    found |= {} if text is None else {path: text}
                if len(found) > MAX_FILES:
                    raise CannotEdit(f"The repository has more than {MAX_FILES:,} YAML files")
    except (tarfile.TarError, OSError, EOFError, zlib.error):
        raise CannotEdit("The forge did not send a readable archive of the repository") from None
    return found


def _text(raw: bytes) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


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
