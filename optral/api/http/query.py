"""Query strings by the contract: a route's own parameters are the only ones; lists take commas or repetition; scalars come once."""

from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from starlette.datastructures import QueryParams

from optral.api.http.problems import Problem, nearest

MAX_PARAMETERS = 50
MAX_VALUES = 50
TEXT_PATTERN = r"^[^\x00-\x1f\x7f]*$"
"""What `_text` lets through, for the contract of free text."""
LINE_PATTERN = r"^[^\x00-\x1f\x7f]+$"
"""A text of one line, such as a name that people give."""
SAYS_SOMETHING = r"[^\s\x00-\x1f\x7f]"
"""Text with something to see in it. The ranges are there because engines differ on which control characters are spaces."""


def read(raw: bytes, known: Mapping[str, bool]) -> QueryParams:
    """Parse a raw query string; `known` tells per name whether it is a list. Raises `Problem` 400."""
    if not raw:
        return QueryParams()
    pairs = [pair for pair in raw.split(b"&") if pair]
    if len(pairs) > MAX_PARAMETERS:
        raise Problem(400, "too_many_parameters", say=f"at most {MAX_PARAMETERS} query parameters are allowed")
    values: dict[str, list[str]] = {}
    for pair in pairs:
        raw_name, _, raw_value = pair.partition(b"=")
        _add(values, known, _text(raw_name), _text(raw_value))
    for name, given in values.items():
        if len(given) > MAX_VALUES:
            raise _bad("too_many_values", name, f"at most {MAX_VALUES} values are allowed")
    return QueryParams([(name, value) for name, given in values.items() for value in given])


def _add(values: dict[str, list[str]], known: Mapping[str, bool], name: str, value: str) -> None:
    is_list = known.get(name)
    if is_list is None:
        raise _bad("unknown_parameter", name, f"unknown query parameter{nearest(name, known)}")
    if is_list:
        values.setdefault(name, []).extend(value.split(","))
    elif name in values:
        raise _bad("repeated_parameter", name, "must be given only once")
    else:
        values[name] = [value]


def _text(raw: bytes) -> str:
    try:
        text = unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(400, "bad_parameter", say="a query parameter is not valid UTF-8") from None
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise Problem(400, "bad_parameter", say="a query parameter contains a control character")
    return text


def _bad(code: str, name: str, why: str) -> Problem:
    return Problem(400, code, say=f"{name[:100]}: {why}", errors=[{"field": name[:100], "code": code, "message": why}])
