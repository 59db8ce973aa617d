"""The two secrets that live outside the database: the pepper of API keys, and the key that seals private keys.

Each is a file of 32 bytes in hex (or base64), made with mode 0600 in the data folder at the first start, or named by a setting. The
database keeps a check value of each: a server whose secret does not fit refuses to start, instead of answering 401 to every key
or failing to open its authorities. A missing file is never created again for a database that was made with another. Of several servers that
start at once with one empty folder, one makes the file and the others read it.
"""

import base64
import binascii
import os
import secrets as randomness
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

import structlog

from optral.store import secret_checks
from optral.store.open import make_folder
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import system
from optral.terms.errors import Misconfigured

BYTES = 32
NAMES = ("pepper", "key_encryption_key")
_log = structlog.get_logger(__name__)


class Places(Protocol):
    """The part of the settings that matters here."""

    @property
    def data_dir(self) -> Path: ...

    @property
    def pepper_file(self) -> Path | None: ...

    @property
    def key_encryption_key_file(self) -> Path | None: ...


@dataclass(frozen=True, slots=True)
class Secrets:
    """32 bytes each."""

    pepper: bytes = field(repr=False)
    key_encryption_key: bytes = field(repr=False)


class SecretFile(NamedTuple):
    """The file of a secret. `is_ours`: in the data folder, and created when it does not exist."""

    name: str
    setting: str
    path: Path
    is_ours: bool


async def opened(store: Store, places: Places) -> Secrets:
    """Read or make the secrets and compare them with the database. Raises `Misconfigured` with one line that names file and setting."""
    pepper = await _secret(store, locate(places, "pepper"))
    key = await _secret(store, locate(places, "key_encryption_key"))
    return Secrets(pepper, key)


def locate(places: Places, name: str) -> SecretFile:
    """Where a secret is: `pepper` or `key_encryption_key`."""
    given = places.pepper_file if name == "pepper" else places.key_encryption_key_file
    return SecretFile(name, f"OPTRAL_{name.upper()}_FILE", given or places.data_dir / name.replace("_", "-"), given is None)


async def _secret(store: Store, place: SecretFile) -> bytes:
    known = await store.read(system(), lambda tx: secret_checks.kept(tx).get(place.name))
    secret = read(place.path, place.setting) if place.path.exists() else _new(place, is_known=known is not None)
    value = secret_checks.value_of(place.name, secret)
    kept = known or await store.write(system(), lambda tx: _keep(tx, place.name, value))
    if kept != value:
        raise Misconfigured(
            f"{place.name}_mismatch",
            say=f"{place.path} is not the {_words(place)} this database was made with; bring that file back or set {place.setting}",
        )
    return secret


def _new(place: SecretFile, *, is_known: bool) -> bytes:
    if is_known:
        raise Misconfigured(
            f"{place.name}_missing",
            say=f"{place.path} is missing, and this database was made with its {_words(place)}; bring the file back or set {place.setting}",
        )
    if not place.is_ours:
        raise Misconfigured(f"{place.name}_missing", say=f"{place.setting}: {place.path} does not exist")
    write_once(place.path, randomness.token_bytes(BYTES))
    return read(place.path, place.setting)


def read(path: Path, setting: str) -> bytes:
    """The 32 bytes in this file, written as hex or base64."""
    try:
        text = path.read_text("ascii").strip()
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise Misconfigured("bad_secret_file", say=f"{setting}: cannot read {path}: {reason}") from None
    if stat.S_IMODE(mode) & stat.S_IROTH:
        _log.warning("everybody on this machine can read a secret; give its file mode 0600", path=str(path))
    secret = _decoded(text)
    if secret is None or len(secret) != BYTES:
        raise Misconfigured(
            "bad_secret_file", say=f"{setting}: {path} must hold {BYTES} bytes as hex or base64, as from: openssl rand -hex 32"
        )
    return secret


def write_once(path: Path, secret: bytes) -> None:
    """Create the file (mode 0600) unless it exists: complete or not at all, and on the disk before anything is made with it.

    Read it afterwards: the secret may be that of another server which created the file first.
    """
    make_folder(path.parent)
    text = (secret.hex() + "\n").encode()
    try:
        descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".new", dir=path.parent)
        draft = Path(name)
        try:
            _write_through(descriptor, text)
            _link(draft, path, text)
        finally:
            draft.unlink()
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except OSError as error:
        raise Misconfigured("data_dir_unwritable", say=f"cannot write {path}: {error.strerror}; set OPTRAL_DATA_DIR") from None


def _link(draft: Path, path: Path, text: bytes) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another server was first
    except OSError:  # a file system without hard links; a server that reads the file too early refuses to start, and starts the next time
        with suppress(FileExistsError):
            _write_through(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), text)


def _write_through(descriptor: int, text: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _decoded(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        pass
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _keep(tx: Transaction, name: str, value: bytes) -> bytes:
    """Keep our check value; the one that another server kept meanwhile wins."""
    secret_checks.keep(tx, name, value)
    return secret_checks.kept(tx)[name]


def _words(place: SecretFile) -> str:
    return place.name.replace("_", "-")
