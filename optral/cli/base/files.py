"""Files that a command creates."""

import os
from pathlib import Path

from optral.terms.errors import Misconfigured


def check_new(file: Path) -> None:
    """Raises `Misconfigured` if the file exists."""
    if file.exists():
        raise Misconfigured("file_exists", say=f"{file} exists; name a new file with --file")


def write_new(file: Path, content: bytes) -> None:
    """Write a file (mode 0600) that must not exist. Raises `Misconfigured`."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Misconfigured("file_unwritable", say=f"cannot write {file}: {error.strerror}") from None
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
