"""The values of a change to source files: which object, which path, from what to what, and why it cannot be made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

Files = Mapping[str, str]
"""The texts of a repository by path from its root, with `/` between folders."""


class Repository(Protocol):
    """The files of a repository at one commit."""

    @property
    def files(self) -> Files:
        """Its YAML files. Raises `CannotEdit` when there are too many."""
        ...

    def folder(self, path: str) -> Mapping[str, bytes]:
        """Every regular file below a folder, by path from there. Raises `CannotEdit` for a folder that is too large for a chart."""
        ...


class CannotEdit(Exception):
    """The change cannot be made in these files; the message says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Target:
    """An object of the cluster. `namespace` is empty for one without."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class Change(NamedTuple):
    """What stands at a path of the object before and after; None where nothing does. Elements of a list are steps by their `name`."""

    path: tuple[str, ...]
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {_text(self.before)} -> {_text(self.after)}"


class Edit(NamedTuple):
    """A file before and after. `notes` say what the reader has to know."""

    path: str
    before: str
    after: str
    notes: Sequence[str] = ()


def _text(value: Any) -> str:
    return "(none)" if value is None else str(value)
