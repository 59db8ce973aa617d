"""Decision tables: rows that are read from top to bottom, the first one whose signs all hold decides.

A sign is something that is true or false of the case, named by one word; `"not x"` in a row asks that it is false. A row that names no
sign always holds. Signs and rows cannot drift apart: a call must give exactly the signs that the rows name.
"""

from typing import Generic, NamedTuple, TypeVar

Result = TypeVar("Result")


class Row(NamedTuple, Generic[Result]):
    result: Result
    needs: frozenset[str]
    excludes: frozenset[str]


def row(result: Result, *signs: str) -> Row[Result]:
    """`row(Level.PROVEN, "slip", "not served")`."""
    needs = frozenset(sign for sign in signs if not sign.startswith("not "))
    excludes = frozenset(sign.removeprefix("not ") for sign in signs if sign.startswith("not "))
    return Row(result, needs, excludes)


class Table(Generic[Result]):
    """The last row must hold for everything, so that each case has a decision."""

    def __init__(self, *rows: Row[Result]) -> None:
        if rows[-1].needs or rows[-1].excludes:
            raise ValueError("the last row of a decision table names no sign")
        self.rows = rows
        self.signs = frozenset().union(*(one.needs | one.excludes for one in rows))

    def decide(self, **signs: bool) -> Result:
        """The result of the first row that holds. Raises `ValueError` for other signs than those of the rows."""
        if signs.keys() != self.signs:
            raise ValueError(f"signs {sorted(signs)} are not those of the table: {sorted(self.signs)}")
        holding = {name for name, holds in signs.items() if holds}
        return next(one.result for one in self.rows if one.needs <= holding and not one.excludes & holding)
