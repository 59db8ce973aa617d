"""Lists: one envelope for all, pages by number up to 10,000 rows, opaque cursors beyond.

A cursor is sealed (HMAC) and bound to organisation, address, filters and sort: moved elsewhere it is refused, not misread.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec
from fastapi import Query
from pydantic import Field

from optral.api.http.problems import Problem
from optral.api.http.routing import Call
from optral.kit.paging import DEFAULT_SIZE, MAX_SIZE, MOST_COUNTED, PageRequest, Place

T = TypeVar("T")
MAX_ROWS_BY_NUMBER = MOST_COUNTED
TotalCapped = Annotated[bool, Field(description="Present if more rows match than `total`, which counts at most 10,000")]
_SEAL_BYTES = 16


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


def page_request(call: Call, wanted: PageQuery, sort: str) -> PageRequest:
    """The page to read. With a cursor it is one row longer, to know whether there is a next page."""
    descending = sort.startswith("-")
    if wanted.cursor is None:
        return PageRequest(number=wanted.page, size=wanted.size, sort=sort.lstrip("-"), descending=descending)
    place = _open(wanted.cursor, key=call.services.cursor_key, binding=_binding(call, sort))
    return PageRequest(size=wanted.size + 1, sort=sort.lstrip("-"), descending=descending, after=place)


def envelope(
    call: Call,
    wanted: PageQuery,
    *,
    plural: str,
    found: Sequence[T],
    total: int,
    sort: str,
    place: Callable[[T], Place],
    shape: Callable[[T], Any],
) -> dict[str, Any]:
    """The list answer. `place` names where a row stands in the sort order."""
    if wanted.cursor is None:
        rows, more = found, wanted.page * wanted.size < total
    else:
        rows, more = found[: wanted.size], len(found) > wanted.size
    members: dict[str, Any] = {
        plural: [shape(row) for row in rows],
        "total": min(total, MOST_COUNTED),
        "page": wanted.page,
        "pageSize": wanted.size,
    }
    if total > MOST_COUNTED:
        members["totalCapped"] = True
    if more and rows:
        members["nextCursor"] = _seal(place(rows[-1]), key=call.services.cursor_key, binding=_binding(call, sort))
    return members


def whole(plural: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The envelope of a list that is bounded by what is kept, and so comes on one page."""
    return {plural: rows, "total": len(rows), "page": 1, "pageSize": max(1, len(rows))}


def _binding(call: Call, sort: str) -> bytes:
    filters = sorted((name, value) for name, value in call.query_params.multi_items() if name not in ("page", "pageSize", "cursor", "sort"))
    return msgspec.json.encode([call.actor.org_id, call.scope["path"], sort, filters])


def _seal(place: Place, *, key: bytes, binding: bytes) -> str:
    payload = msgspec.msgpack.encode([place.value, place.id])
    seal = hmac.digest(key, payload + b"\x00" + binding, hashlib.sha256)[:_SEAL_BYTES]
    return base64.urlsafe_b64encode(seal + payload).rstrip(b"=").decode()


def _open(cursor: str, *, key: bytes, binding: bytes) -> Place:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        raw = b""
    seal, payload = raw[:_SEAL_BYTES], raw[_SEAL_BYTES:]
    if not hmac.compare_digest(seal, hmac.digest(key, payload + b"\x00" + binding, hashlib.sha256)[:_SEAL_BYTES]):
        raise Problem(400, "bad_cursor", say="the cursor belongs to another list, filter or sort order; start again without it")
    value, row_id = msgspec.msgpack.decode(payload)
    return Place(value, row_id)
