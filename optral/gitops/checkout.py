"""The YAML files of a local checkout, and the edits written back to it."""

import os
from collections.abc import Sequence
from pathlib import Path

from optral.gitops.manifest import MAX_BYTES
from optral.gitops.model import CannotEdit, Edit

MAX_FILES = 20_000
_NAMES = (".yaml", ".yml", "Kustomization")


def is_source(path: str) -> bool:
    """Whether a file of a repository is read: YAML outside of hidden folders."""
    return path.endswith(_NAMES) and not any(part.startswith(".") for part in path.split("/")[:-1])


def read(root: Path) -> dict[str, str]:
    """Every YAML file below a folder by its path from there, but those of hidden folders, larger than 1 MiB, or not UTF-8.

    Symbolic links are not followed. Raises `CannotEdit` when there are more than `MAX_FILES`.
    """
    found: dict[str, str] = {}
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            path = Path(folder, name)
            if is_source(name) and (text := _text(path)) is not None:
                found[path.relative_to(root).as_posix()] = text
        if len(found) > MAX_FILES:
            raise CannotEdit(f"{root} has more than {MAX_FILES:,} YAML files. Name the folder of the application")
    return found


def write(root: Path, edits: Sequence[Edit]) -> None:
    """Write the edits. A file that has changed since it was read stays as it is: raises `CannotEdit` before anything is written."""
    for edit in edits:
        if _text(root / edit.path) != edit.before:
            raise CannotEdit(f"{edit.path} has just changed. Run the command again")
    for edit in edits:
        (root / edit.path).write_text(edit.after, encoding="utf-8", newline="")


def _text(path: Path) -> str | None:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
        return None
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        return None
