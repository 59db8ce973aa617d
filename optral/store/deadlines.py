"""Stored times at which work is due. A clock that ran ahead has left them in the future: the work would wait until the clock gets there.

A column of such times says so in its table (`info=deadline(…)`), with how far ahead the rule that writes it ever goes. `bring_back` moves
what is further ahead (docs/decisions/clocks.md). `flows/deadlines.py` calls it.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from optral.store.metadata import metadata
from optral.store.transaction import Transaction

SKEW = timedelta(minutes=1)  # between the clocks of replicas
_KEY = "deadline"


class Deadline(NamedTuple):
    """`at_most`: how far ahead a time is brought back to. `written`: columns that are written together with it. A wait may be longer than
    `at_most`; it was written by a wrong clock only where one of them is in the future as well."""

    column: sa.Column[Any]
    at_most: timedelta
    written: Sequence[str]


def deadline(at_most: timedelta, *written: str) -> dict[str, Any]:
    """The `info` of a column whose times are deadlines."""
    return {_KEY: (at_most, written)}


def all_deadlines() -> Iterator[Deadline]:
    """Of all tables that are loaded."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if _KEY in column.info:
                yield Deadline(column, *column.info[_KEY])


def find(tx: Transaction) -> list[Deadline]:
    """The columns that hold a time too far ahead."""
    return [one for one in all_deadlines() if tx.execute(sa.select(sa.literal(1)).where(_is_ahead(tx, one)).limit(1)).first() is not None]


def bring_back(tx: Transaction, found: Sequence[Deadline]) -> dict[str, int]:
    """Move the times that are too far ahead; how many, by table."""
    moved: dict[str, int] = {}
    for one in found:
        change = sa.update(one.column.table).where(_is_ahead(tx, one)).values({one.column: tx.now + one.at_most})
        moved[one.column.table.name] = moved.get(one.column.table.name, 0) + tx.execute(change).rowcount
    return moved


def _is_ahead(tx: Transaction, one: Deadline) -> sa.ColumnElement[bool]:
    columns = one.column.table.c
    conditions = [one.column > tx.now + one.at_most + SKEW]
    if one.written:
        conditions.append(sa.or_(*(columns[name] > tx.now + SKEW for name in one.written)))
    if "finished_at" in columns:
        conditions.append(columns["finished_at"].is_(None))
    return sa.and_(*conditions)
