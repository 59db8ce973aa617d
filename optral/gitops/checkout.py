"""The YAML files of a local checkout, and the edits written back to it."""

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath

from optral.gitops.manifest import MAX_BYTES
from optral.gitops.model import CannotEdit, Edit, Files

MAX_FILES = 20_000
MAX_CHART_FILES, MAX_CHART_BYTES = 5_000, 32 * 1024 * 1024
_NAMES = (".yaml", ".yml", "Kustomization")


def is_source(path: str) -> bool:
    """Whether a file of a repository is read: YAML outside of hidden folders."""
    return path.endswith(_NAMES) and not any(part.startswith(".") for part in path.split("/")[:-1])


class ChartFiles:
    """The files of a chart, up to a bound."""

    def __init__(self, path: str) -> None:
        self.files: dict[str, bytes] = {}
        self._path, self._bytes = path, 0

    def has_room(self, size: int) -> bool:
        """True, or raises `CannotEdit`."""
        if len(self.files) >= MAX_CHART_FILES or self._bytes + size > MAX_CHART_BYTES:
            limit = f"{MAX_CHART_FILES:,} files or {MAX_CHART_BYTES // 2**20} MiB"
            raise CannotEdit(f"The chart {self._path or 'at the root of the repository'} has more than {limit}")
        return True

    def add(self, path: str, content: bytes) -> None:
        """A path that leaves the folder is left out."""
        if ".." not in PurePosixPath(path).parts and not path.startswith("/"):
            self.files[path] = content
            self._bytes += len(content)


class Checkout:
    """A `Repository` in a local folder. Symbolic links are not followed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def files(self) -> Files:
        return read(self._root)

    def folder(self, path: str) -> Mapping[str, bytes]:
        """The files below a folder, but those of Git itself. Raises `CannotEdit` for one that is reached through a link."""
        start, gathered = self._root / path, ChartFiles(path)
        if any(one.is_symlink() for one in (start, *start.parents) if self._root in one.parents):
            raise CannotEdit(f"{path} is reached through a symbolic link, which is not followed. Name the folder that it points to")
        for file in _below(start):
            if gathered.has_room(file.stat().st_size):
                gathered.add(file.relative_to(start).as_posix(), file.read_bytes())
        return gathered.files


def _below(start: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(start):
        folders[:] = sorted(name for name in folders if name != ".git")
        yield from (path for name in sorted(names) if (path := Path(folder, name)).is_file() and not path.is_symlink())


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
