"""What the endpoints of all resources share: the connection, the names of filters, and ids in paths."""

import re

from optral.client.errors import ClientError
from optral.client.http import Http, Params
from optral.kit import records

_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}")


class Endpoints:
    def __init__(self, http: Http) -> None:
        self._http = http


def camel(filters: dict[str, str | int | None]) -> Params:
    return {records.camel(name): value for name, value in filters.items()}


def quote(segment: str) -> str:
    """A path segment. Raises `ClientError("bad_id")` for text that cannot be an id or a name."""
    if not _SEGMENT.fullmatch(segment):
        shown = segment if len(segment) <= 60 else segment[:60] + "…"
        raise ClientError("bad_id", say=f"{shown!r} is not a valid id; use the `list` command to find ids")
    return segment
