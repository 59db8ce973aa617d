"""Files that a command reads or creates."""

import os
import sys
from pathlib import Path
from typing import Any

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


def read_text(file: Path) -> str:
    """The text of a file; `-` is standard input. Raises `Misconfigured`."""
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except OSError as error:
        raise Misconfigured("file_unreadable", say=f"cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Misconfigured("not_text", say=f"{file} is not UTF-8 text") from None


def object_of(text: str, file: Path, *, members: str) -> dict[str, Any]:
    """The object that a file of YAML or JSON holds, with these members. Raises `Misconfigured`."""
    import yaml

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Misconfigured("not_yaml", say=f"{file} is neither YAML nor JSON: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(found, dict):
        raise Misconfigured("not_yaml", say=f"{file} is not an object; write {members} as YAML or JSON")
    return found
