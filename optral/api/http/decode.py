"""JSON from strangers, decoded strictly: what this lets through, every later part can hold.

The standard decoder lets pass or falls over: nesting (RecursionError is no ValueError), NaN, duplicate keys, lone surrogates,
NUL, integers beyond 64 bits. A scan in one regular expression bounds depth and size before anything is built.
"""

import json
import math
import re
from typing import Any, NoReturn

from optral.api.http.problems import Problem

MAX_DEPTH = 32
MAX_NODES = 10_000
MAX_STRING_BYTES = 64 * 1024
MAX_INTEGER = 2**53 - 1
_MARKS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},]', re.DOTALL)


def strict_json(raw: bytes) -> Any:
    """Decode; raises `Problem` 400 `malformed_json` that says what is wrong."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        _refuse("not valid UTF-8")
    _bound(text)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_number)
    except json.JSONDecodeError as error:
        _refuse(f"{error.msg} at character {error.pos}")
    _check(value)
    return value


def _bound(text: str) -> None:
    depth = nodes = 0
    for mark in _MARKS.finditer(text):
        sign = text[mark.start()]
        if sign in "[{":
            depth += 1
            nodes += 1
            if depth > MAX_DEPTH:
                _refuse(f"nested deeper than {MAX_DEPTH} levels")
        elif sign in "]}":
            depth -= 1
        elif sign == ",":
            nodes += 1
        if nodes > MAX_NODES:
            _refuse(f"more than {MAX_NODES} values")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        _refuse("duplicate name in an object")
    return made


def _constant(name: str) -> NoReturn:
    _refuse(f"{name} is not valid JSON")


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(number := int(digits)) > MAX_INTEGER:
        _refuse("an integer is outside ±(2^53-1)")
    return number


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        _refuse("a number is too large")
    return number


def _check(value: Any) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name)
            _check(inner)
    elif isinstance(value, list):
        for inner in value:
            _check(inner)


def _check_text(text: str) -> None:
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError:
        _refuse("a string contains a lone surrogate")
    if size > MAX_STRING_BYTES:
        _refuse("a string is longer than 64 KiB")
    if "\x00" in text:
        _refuse("a string contains a NUL character")


def _refuse(why: str) -> NoReturn:
    raise Problem(400, "malformed_json", say=f"invalid JSON: {why}")
