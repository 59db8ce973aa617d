"""Builds a typed object out of JSON that does not fit its type: what fits is kept, what does not is left at its default.

The slow second try behind `objects.decode`. The shape of the result is ruled by the type, never by the JSON, so hostile nesting ends where
the type ends. Text loses NUL and unpaired surrogates, which databases and UTF-8 refuse.
"""

import json
import re
import types
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

S = TypeVar("S", bound=msgspec.Struct)
MAX_ITEMS = 10_000  # of one list or map; Kubernetes stays far below
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class _UnfitError(Exception):
    """This value cannot be made into this type."""


def read(raw: bytes) -> dict[str, Any]:
    """The JSON object in these bytes, without text that no database takes; empty when it is none. Never raises."""
    try:
        tree = msgspec.json.decode(raw)
        if b"\\u0000" in raw or b"\\ud" in raw.lower():
            tree = _storable(tree)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    return tree if isinstance(tree, dict) else {}


def build(wanted: type[S], raw: bytes) -> S:
    """Make the struct from JSON bytes, leaving out what does not fit; all defaults when nothing can be read. Never raises."""
    try:
        return _struct(wanted, json.loads(raw.decode("utf-8", "replace")))
    except (ValueError, RecursionError, _UnfitError):
        return wanted()


def convert(wanted: type[S], tree: Mapping[str, Any]) -> S:
    """The struct of decoded JSON; the slow second try only where it does not fit."""
    try:
        return msgspec.convert(tree, wanted)
    except (msgspec.MsgspecError, RecursionError):
        return from_tree(wanted, tree)


def from_tree(wanted: type[S], tree: Mapping[str, Any]) -> S:
    """As `build`, from JSON that is decoded already."""
    try:
        return _struct(wanted, tree)
    except (RecursionError, _UnfitError):
        return wanted()


def _struct(wanted: type[S], value: Any) -> S:
    if not isinstance(value, Mapping):
        raise _UnfitError
    given: dict[str, Any] = {}
    for name, encoded, kind in _fields(wanted):
        if encoded in value:
            try:
                given[name] = _value(kind, value[encoded])
            except _UnfitError:
                continue
    return wanted(**given)


@lru_cache(maxsize=256)
def _fields(wanted: type[msgspec.Struct]) -> tuple[tuple[str, str, Any], ...]:
    return tuple((field.name, field.encode_name, field.type) for field in msgspec.structs.fields(wanted))


def _value(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _first_that_fits(get_args(kind), value)
    if origin is tuple:
        return _items(get_args(kind)[0], value)
    if origin is dict:
        return _map(get_args(kind)[1], value)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _struct(kind, value)
    return _leaf(kind, value)


def _first_that_fits(kinds: tuple[Any, ...], value: Any) -> Any:
    for kind in kinds:
        try:
            return _value(kind, value)
        except _UnfitError:
            continue
    raise _UnfitError


def _items(kind: Any, value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _UnfitError
    kept = []
    for item in value[:MAX_ITEMS]:
        try:
            kept.append(_value(kind, item))
        except _UnfitError:
            continue
    return tuple(kept)


def _map(kind: Any, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _UnfitError
    kept = {}
    for key, item in list(value.items())[:MAX_ITEMS]:
        try:
            kept[_text(key)] = _value(kind, item)
        except _UnfitError:
            continue
    return kept


def _leaf(kind: Any, value: Any) -> Any:
    bare = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if bare is str:
        if not isinstance(value, str):
            raise _UnfitError
        return _text(value)
    if bare is datetime and not isinstance(value, str):
        raise _UnfitError  # a number would be taken for seconds since 1970
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        raise _UnfitError from None


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return {_text(key): _storable(item) for key, item in value.items()} if isinstance(value, dict) else value


def _text(value: str) -> str:
    return _UNSTORABLE.sub("\ufffd", value)
