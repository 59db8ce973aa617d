"""What `optral up` remembers between starts: its API key, and which cluster record belongs to which kubeconfig context."""

import os
from pathlib import Path

import msgspec

from optral.terms.errors import Misconfigured

NAME = "up.json"


class Record(msgspec.Struct, rename="camel"):
    """`clusters` maps "context server" to a cluster id."""

    api_key: str = ""
    clusters: dict[str, str] = {}


def load(directory: Path) -> Record:
    """The record in this directory; an empty one at the first start. Raises `Misconfigured` when the file is damaged."""
    path = directory / NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except FileNotFoundError:
        return Record()
    except (OSError, msgspec.DecodeError) as error:
        raise Misconfigured("up_record_unreadable", say=f"cannot read {path}: {error}; choose another --data-dir") from None


def save(directory: Path, record: Record) -> None:
    """Replace the record; only its owner may read it, since it holds a key."""
    path = directory / NAME
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
