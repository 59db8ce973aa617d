"""The file format of backups: a tar of small members, compressed with Zstandard, and encrypted with age if there is a passphrase.

An unencrypted backup is a `.tar.zst`: `zstd -d < FILE | tar t` lists it. An encrypted one begins with `MAGIC` and the length (four bytes,
big endian) of an age file with a passphrase that holds an X25519 identity; the rest is an age file for that identity with the same
`.tar.zst` in it. The library encrypts as a stream only for identities, and a backup may be larger than memory.
"""

import hashlib
import io
import os
import shutil
import sys
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import zstandard

from optral.kit.contain import contain
from optral.terms.errors import Misconfigured

MAGIC = b"optral-backup-encrypted-1\n"
_ZSTD = b"\x28\xb5\x2f\xfd"
STREAM = Path("-")
"""Standard output of a backup, standard input of a restore."""
MAX_IDENTITY = 64 * 1024
MAX_MEMBER = 1 << 30
_DAMAGE = (tarfile.TarError, zstandard.ZstdError, EOFError, ValueError)


class Member(NamedTuple):
    """One member of the tar."""

    name: str
    content: bytes


class Writer:
    """Adds members to an archive; use `writing`. `digest` is the SHA-256 of everything added so far, in hex."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def add(self, name: str, content: bytes) -> None:
        self._hash.update(name.encode() + content)
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(content), 0o600
        self._tar.addfile(info, io.BytesIO(content))


class Reader:
    """Gives the members of an archive in order; use `reading`. `digest` is that of all members before the last one given."""

    def __init__(self, tar: tarfile.TarFile, path: Path) -> None:
        self._tar, self._path = tar, path
        self._hash = hashlib.sha256()
        self._last = b""

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def next(self) -> Member | None:
        """The next member; None at the end. Raises `Misconfigured` for a damaged file."""
        self._hash.update(self._last)
        try:
            info = self._tar.next()
            if info is None:
                return None
            content = self._tar.extractfile(info) if info.isfile() and info.size <= MAX_MEMBER else None
            if content is None:
                raise tarfile.ReadError("a member that no backup has")
            member = Member(info.name, content.read())
        except _DAMAGE as error:
            raise damaged(self._path) from error
        self._last = member.name.encode() + member.content
        return member


@contextmanager
def writing(path: Path, passphrase: str | None) -> Iterator[Writer]:
    """A new file (mode 0600), complete and on the disk when the block ends, and gone when it fails. Raises `Misconfigured`.

    `STREAM` is standard output; what a failed backup wrote to it has no end, and no restore takes it.
    """
    if path == STREAM:
        with _writing_stream(passphrase) as writer:
            yield writer
        return
    draft = path.with_name(path.name + ".partial")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        if path.exists():
            draft.unlink()
            raise FileExistsError(17, "the file exists")
    except OSError as error:
        raise Misconfigured("backup_unwritable", say=f"cannot write {path}: {error.strerror}") from None
    with ExitStack() as undo:
        undo.callback(draft.unlink, missing_ok=True)
        try:
            with os.fdopen(descriptor, "wb") as file:
                with _packed(file, passphrase) as writer:
                    yield writer
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)  # unlike a rename, never over another file
        except OSError as error:
            raise Misconfigured("backup_unwritable", say=f"cannot write {path}: {error.strerror or error}") from error


@contextmanager
def _writing_stream(passphrase: str | None) -> Iterator[Writer]:
    if sys.stdout.isatty():
        raise Misconfigured("backup_unwritable", say="standard output is a terminal; redirect it into a file")
    try:
        with _packed(sys.stdout.buffer, passphrase) as writer:
            yield writer
        sys.stdout.buffer.flush()
    except OSError as error:
        raise Misconfigured("backup_unwritable", say=f"cannot write to standard output: {error.strerror or error}") from error


@contextmanager
def _packed(file: IO[bytes], passphrase: str | None) -> Iterator[Writer]:
    with _sink(file, passphrase) as sink, _compressed(sink) as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
        yield Writer(tar)


@contextmanager
def stored(path: Path, *, beside: Path) -> Iterator[Path]:
    """The file of this path. Standard input becomes a file, since a restore reads it twice: beside the data folder, where there is space
    for it, or where temporary files are. Raises `Misconfigured`.
    """
    if path != STREAM:
        yield path
        return
    at = beside if os.access(beside, os.W_OK) else None
    try:
        with tempfile.TemporaryDirectory(prefix=".optral-restore-", dir=at) as folder:
            copy = Path(folder) / "standard-input"
            with copy.open("xb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
            yield copy
    except OSError as error:
        raise Misconfigured("backup_unreadable", say=f"cannot keep standard input: {error.strerror or error}") from error


@contextmanager
def reading(path: Path, passphrase: str | None) -> Iterator[Reader]:
    """The members of a backup, in order. Raises `Misconfigured` when it is none, is damaged or has another passphrase."""
    try:
        with path.open("rb") as file, _source(file, path, passphrase) as source:
            stream = zstandard.ZstdDecompressor().stream_reader(source)
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                yield Reader(tar, path)
    except OSError as error:
        raise Misconfigured("backup_unreadable", say=f"cannot read {path}: {error.strerror or error}") from error
    except (tarfile.TarError, zstandard.ZstdError) as error:
        raise damaged(path) from error


def damaged(path: Path) -> Misconfigured:
    """The error for a file that is no complete backup."""
    return Misconfigured("backup_damaged", say=f"{path} is not a complete backup of Optral; nothing was restored")


@contextmanager
def _compressed(sink: IO[bytes]) -> Iterator[Any]:
    with zstandard.ZstdCompressor(level=3, write_checksum=True).stream_writer(sink, closefd=False) as stream:
        yield stream


@contextmanager
def _sink(file: IO[bytes], passphrase: str | None) -> Iterator[IO[bytes]]:
    """Where the compressed bytes go: into the file, or through age."""
    if passphrase is None:
        yield file
        return
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    wrapped = pyrage.passphrase.encrypt(str(identity).encode(), passphrase)
    file.write(MAGIC + len(wrapped).to_bytes(4, "big") + wrapped)
    with _piped(lambda source: pyrage.encrypt_io(source, file, [identity.to_public()])) as sink:
        yield sink


@contextmanager
def _source(file: IO[bytes], path: Path, passphrase: str | None) -> Iterator[IO[bytes]]:
    start = file.read(len(MAGIC))
    if start.startswith(_ZSTD):
        file.seek(0)
        yield file
        return
    if start != MAGIC:
        raise damaged(path)
    if passphrase is None:
        raise Misconfigured("passphrase_needed", say=f"{path} is encrypted; give its passphrase with --passphrase-file")
    import pyrage

    size = int.from_bytes(file.read(4), "big")
    if size > MAX_IDENTITY:
        raise damaged(path)
    try:
        identity = pyrage.x25519.Identity.from_str(pyrage.passphrase.decrypt(file.read(size), passphrase).decode())
    except (pyrage.DecryptError, pyrage.IdentityError, UnicodeDecodeError):
        raise Misconfigured("wrong_passphrase", say=f"this is not the passphrase of {path}") from None
    with _pulled(lambda sink: pyrage.decrypt_io(file, sink, [identity]), path) as source:
        yield source


@contextmanager
def _piped(work: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """What is written here goes to `work`, which reads it on a thread of its own."""
    reader, writer = os.pipe()
    with _beside(work, reader, "rb") as errors, os.fdopen(writer, "wb") as sink:
        yield sink
    if errors:
        raise OSError(f"encryption failed: {errors[0]}") from errors[0]


@contextmanager
def _pulled(work: Callable[[IO[bytes]], None], path: Path) -> Iterator[IO[bytes]]:
    """What `work` writes on a thread of its own can be read here. Raises `Misconfigured` when it does not reach its end."""
    reader, writer = os.pipe()
    with _beside(work, writer, "wb") as errors, os.fdopen(reader, "rb") as source:
        yield source
        while source.read(64 * 1024):
            pass  # so that age checks the end of the file
    if errors:
        raise damaged(path) from errors[0]


@contextmanager
def _beside(work: Callable[[IO[bytes]], None], end: int, mode: str) -> Iterator[list[Exception]]:
    """`work` on a thread with its end of a pipe; it has ended after the block, and the list has its error if there was one."""
    errors: list[Exception] = []

    def run() -> None:
        with contain(errors.append), os.fdopen(end, mode) as pipe:
            work(pipe)

    thread = threading.Thread(target=run, name="age", daemon=True)
    thread.start()
    try:
        yield errors
    finally:
        thread.join()
