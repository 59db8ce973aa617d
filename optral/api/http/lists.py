"""Lists: one envelope for all, pages by number up to 10,000 rows, opaque cursors beyond.

A cursor is sealed (HMAC) and bound to organization, address, filters and sort: moved elsewhere it is refused, not misread.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec
from fastapi import Query
from pydantic import Field, create_model
from starlette.responses import Response

from optral.api.http import cursors
from optral.api.http.problems import Problem
from optral.api.http.routing import Call, Shape, json_response
from optral.kit.paging import DEFAULT_SIZE, MAX_SIZE, MOST_COUNTED, PageCursor, PageRequest

T = TypeVar("T")
MAX_ROWS_BY_NUMBER = MOST_COUNTED
TotalCapped = Annotated[bool, Field(description="Present if more rows match than `total`, which counts at most 10,000")]


class PageQuery(NamedTuple):
    """The paging parameters of a request."""

    page: int
    size: int
    cursor: str | None


async def page_query(
    page: Annotated[int, Query(ge=1, le=MAX_ROWS_BY_NUMBER, description="Page number, starting at 1")] = 1,
    page_size: Annotated[int, Query(alias="pageSize", ge=1, le=MAX_SIZE, description="Items per page")] = DEFAULT_SIZE,
    cursor: Annotated[
        str | None,
        Query(max_length=2000, pattern=r"^[A-Za-z0-9_-]+$", description="`nextCursor` of the previous page; `page` is then ignored"),
    ] = None,
) -> PageQuery:
    if cursor is None and page * page_size > MAX_ROWS_BY_NUMBER:
        raise Problem(
            400, "page_too_deep", say=f"page × pageSize must be at most {MAX_ROWS_BY_NUMBER}; use cursor=<nextCursor> to read further"
        )
    return PageQuery(page, page_size, cursor)


async def numbered_query(
    page: Annotated[int, Query(ge=1, le=MAX_ROWS_BY_NUMBER, description="Page number, starting at 1")] = 1,
    page_size: Annotated[int, Query(alias="pageSize", ge=1, le=MAX_SIZE, description="Items per page")] = DEFAULT_SIZE,
) -> PageQuery:
    """The paging parameters of a list without cursors."""
    return await page_query(page, page_size, None)


def page_request(call: Call, wanted: PageQuery, sort: str) -> PageRequest:
    """The page to read. With a cursor it is one row longer, to know whether there is a next page."""
    descending = sort.startswith("-")
    if wanted.cursor is None:
        return PageRequest(number=wanted.page, size=wanted.size, sort=sort.lstrip("-"), descending=descending)
    value, row_id = cursors.unseal(wanted.cursor, key=call.services.cursor_key, binding=binding(call, sort))
    return PageRequest(size=wanted.size + 1, sort=sort.lstrip("-"), descending=descending, after=PageCursor(value, row_id))


def list_response(
    call: Call,
    wanted: PageQuery,
    sort: str,
    found: Sequence[T],
    total: int,
    *,
    plural: str,
    place: Callable[[T], PageCursor],
    shape: Callable[[T], Any],
    **more: Any,
) -> Response:
    """One page of a list. `place` names where a row stands in the sort order; `more` follows the members that every list has."""
    if wanted.cursor is None:
        rows, has_next = found, wanted.page * wanted.size < total
    else:
        rows, has_next = found[: wanted.size], len(found) > wanted.size
    members: dict[str, Any] = {
        plural: [shape(row) for row in rows],
        "total": min(total, MOST_COUNTED),
        "page": wanted.page,
        "pageSize": wanted.size,
    }
    if total > MOST_COUNTED:
        members["totalCapped"] = True
    if has_next and rows:
        members["nextCursor"] = cursors.seal([*place(rows[-1])], key=call.services.cursor_key, binding=binding(call, sort))
    return json_response(members | more)


def whole(plural: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The envelope of a list that is bounded by what is kept, and so comes on one page."""
    return {plural: rows, "total": len(rows), "page": 1, "pageSize": max(1, len(rows))}


def list_of(name: str, plural: str, row: Any, *, capped: bool = False, paged: bool = True) -> type[Shape]:
    """The shape of a list that `list_response` answers, or with `paged=False` of one that `whole` does."""
    members: dict[str, Any] = {plural: list[row], "total": int}
    if capped:
        members["total_capped"] = (TotalCapped | None, None)
    members |= {"page": int, "page_size": int}
    if paged:
        members["next_cursor"] = (str | None, None)
    return create_model(name, __base__=Shape, **members)


def binding(call: Call, sort: str = "", *, ignored: Sequence[str] = ("page", "pageSize", "sort")) -> bytes:
    """What a cursor of this request belongs to: its path, its sort order, and its parameters but those that may differ."""
    filters = sorted((name, value) for name, value in call.query_params.multi_items() if name not in ("cursor", *ignored))
    return msgspec.json.encode([call.actor.org_id, call.scope["path"], sort, filters])
