"""Pages of a list, as rooms see them: a number or a place to go on from. The edge seals places into opaque cursors."""

from dataclasses import dataclass
from typing import Any, NamedTuple

MAX_SIZE = 100
DEFAULT_SIZE = 20
MOST_COUNTED = 10_000
"""Rows of a list that are counted for its total, and that page numbers reach; a package that finds one more says so and stops counting."""


class PageCursor(NamedTuple):
    """Where a page ended: the value of the sort column and the id that breaks ties (keyset paging: stable under inserts)."""

    value: Any
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """`number` counts from 1 and is ignored when `after` is given. `sort` is a name the package knows; `descending` its direction."""

    number: int = 1
    size: int = DEFAULT_SIZE
    sort: str = ""
    descending: bool = True
    after: PageCursor | None = None

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size if self.after is None else 0
