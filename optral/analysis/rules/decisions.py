"""Decision tables: rows are read from top to bottom, and the first row whose signs all hold decides.

A sign is a fact that is true or false of the case, named by one word; `"not x"` in a row requires that it is false. A row without signs
always holds. A call must give exactly the signs that the rows name, so that signs and rows cannot diverge.
"""

from typing import Generic, NamedTuple, TypeVar

from optral.analysis.engine.calibration import Level

Result = TypeVar("Result")


class Verdict(NamedTuple):
    """What a report or an exit means, for any container or pod."""

    cause: str
    level: Level
    words: str
    remedy: str


class Row(NamedTuple, Generic[Result]):
    result: Result
    needs: frozenset[str]
    excludes: frozenset[str]


def row(result: Result, *signs: str) -> Row[Result]:
    """`row(Level.PROVEN, "typo", "not served")`."""
    needs = frozenset(sign for sign in signs if not sign.startswith("not "))
    excludes = frozenset(sign.removeprefix("not ") for sign in signs if sign.startswith("not "))
    return Row(result, needs, excludes)


class Table(Generic[Result]):
    """The last row must hold for everything, so that each case has a decision."""

    def __init__(self, *rows: Row[Result]) -> None:
        if rows[-1].needs or rows[-1].excludes:
            raise ValueError("the last row of a decision table names no sign")
        self.rows = rows
        self.signs = frozenset().union(*(entry.needs | entry.excludes for entry in rows))

    def decide(self, **signs: bool) -> Result:
        """The result of the first row that holds. Raises `ValueError` for other signs than those of the rows."""
        if signs.keys() != self.signs:
            raise ValueError(f"signs {sorted(signs)} are not those of the table: {sorted(self.signs)}")
        holding = {name for name, holds in signs.items() if holds}
        return self.rows[self.row_of(holding)].result

    def row_of(self, holding: set[str]) -> int:
        """The index of the first row that holds when exactly these signs are true."""
        return next(index for index, entry in enumerate(self.rows) if entry.needs <= holding and not entry.excludes & holding)
