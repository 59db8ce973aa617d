"""SQL of lists: pages in an order, counts that stop, and orders of large tables that the planner takes from the right index."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from optral.kit.paging import MOST_COUNTED, PageRequest

FEW = 1000
"""So many matching rows are cheaper to find by their filter and to sort than to look for in the order of the list."""


def counted(rows: sa.Select[Any], most: int = MOST_COUNTED) -> sa.Select[Any]:
    """The number of these rows, at most one more than `most`."""
    return sa.select(sa.func.count()).select_from(rows.limit(most + 1).subquery("counted"))


def in_order(column: sa.ColumnElement[Any], id_: sa.ColumnElement[Any], page: PageRequest) -> tuple[Any, Any]:
    """The order of the page: by the column, equal values by id."""
    return (column.desc(), id_.desc()) if page.descending else (column, id_)


def beyond(column: sa.ColumnElement[Any], id_: sa.ColumnElement[Any], page: PageRequest) -> sa.ColumnElement[bool]:
    """The rows after the place from which the page goes on, which it must have."""
    assert page.after is not None
    here, place = sa.tuple_(column, id_), sa.tuple_(sa.literal(page.after.value, column.type), sa.literal(page.after.id))
    return here < place if page.descending else here > place


def paged(
    statement: sa.Select[Any], column: sa.ColumnElement[Any], id_: sa.ColumnElement[Any], *, descending: bool, after: bool
) -> sa.Select[Any]:
    """A page in the order of `in_order`, as a statement to keep: `place_of` has its parameters. `after`: it goes on from a place."""
    if after:
        here, place = (
            sa.tuple_(column, id_),
            sa.tuple_(sa.bindparam("after_value", type_=column.type), sa.bindparam("after_id", type_=id_.type)),
        )
        statement = statement.where(here < place if descending else here > place)
    order = (column.desc(), id_.desc()) if descending else (column.asc(), id_.asc())
    return statement.order_by(*order).limit(sa.bindparam("limit", type_=sa.Integer)).offset(sa.bindparam("offset", type_=sa.Integer))


def place_of(page: PageRequest) -> dict[str, Any]:
    """The parameters of a statement of `paged`."""
    values: dict[str, Any] = {"limit": page.size, "offset": page.offset}
    return values if page.after is None else values | {"after_value": page.after.value, "after_id": page.after.id}


def unindexed(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The same value, for which no index is used; 0 or an empty text in place of NULL.

    Planners guess how many rows a condition leaves, and SQLite has no statistics to guess from. This keeps an order from drawing in an
    index that holds every row of an organization, and a wide range from being sorted where the order of the list ends after a page.
    """
    empty: Any = 0 if isinstance(column.type, sa.BigInteger | sa.Integer) or hasattr(column.type, "process_bind_param") else ""
    return sa.func.coalesce(column, sa.literal_column(repr(empty)), type_=column.type)


def escaped(text: str) -> str:
    """The text for `LIKE … ESCAPE '\\\\'`, in lower case, so that all of it stands for itself."""
    return text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def containing(text: str) -> str:
    """The pattern of everything that contains the text; compared with `lower` of a column."""
    return f"%{escaped(text)}%"


def merged(parts: Sequence[sa.Select[Any]], order: sa.ColumnElement[Any], page: PageRequest) -> sa.Select[Any]:
    """A page of several lists in one order, each read from its own index and no further than the page needs.

    One statement with `IN` would sort everything that matches, or look for it in the index of the order. `order` is a column of each part.
    """
    direction = sa.desc if page.descending else sa.asc
    single = [part.order_by(direction(order)) for part in parts]
    if len(single) == 1:
        return single[0].limit(page.size).offset(page.offset)
    limited = [sa.select(part.limit(page.offset + page.size).subquery(f"part{number}")) for number, part in enumerate(single)]
    whole = sa.union_all(*limited).subquery("whole")
    return sa.select(whole).order_by(direction(whole.c[order.key])).limit(page.size).offset(page.offset)  # type: ignore[index]


def numbered(parts: Sequence[sa.Select[Any]], number: sa.ColumnElement[Any], page: PageRequest, *, is_few: bool) -> sa.Select[Any]:
    """A page of a log, whose rows have numbers. `is_few`: one part, of so few rows that they are sorted; otherwise as `merged`."""
    if page.after is not None:
        beyond = number < page.after.value if page.descending else number > page.after.value
        parts = [part.where(beyond) for part in parts]
    if not is_few:
        return merged(parts, number, page)
    order = unindexed(number)
    return parts[0].order_by(order.desc() if page.descending else order).limit(page.size).offset(page.offset)
