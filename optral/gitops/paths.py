"""Paths of a repository, from its root."""

import posixpath

from optral.gitops.model import CannotEdit


def joined(folder: str, entry: str) -> str:
    """A path within a folder. Raises as `normal`."""
    return normal(posixpath.join(folder, entry))


def normal(path: str) -> str:
    """Without `.`, `..` and slashes at the ends. Raises `CannotEdit` for a path that leaves the repository."""
    found = posixpath.normpath(path.strip("/") or ".")
    if found.startswith(".."):
        raise CannotEdit(f"{path} leaves the repository")
    return "" if found == "." else found
