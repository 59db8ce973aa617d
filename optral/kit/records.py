"""Frozen records of settings: built from what a caller gave, changed by a function, written as JSON and as a row.

A record is a frozen dataclass. How its members are read and written follows from their types, once for each class: a set is a sorted
list, a record an object with camelCase names. Enums and tuples stay what they are: encoders of JSON know them.
"""

import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")
Change: TypeAlias = Callable[[R], R]
"""What a PATCH is: from the record before to the record after, not yet checked."""
_Convert: TypeAlias = Callable[[Any], Any]


def build(of: type[R], given: Mapping[str, Any]) -> R:
    """A record of these members: those of a request under their own names, or of JSON that `plain` wrote. Raises `KeyError` for others."""
    return of(**_read(of, given))


def changing(of: type[R], given: Mapping[str, Any]) -> Change[R]:
    """The change that sets these members and leaves the rest."""
    members = _read(of, given)
    return lambda before: replace(before, **members)


def extended(of: type[R], settings: "DataclassInstance", **more: Any) -> R:
    """A record of a subclass of the settings: their members and more."""
    return of(**{name: getattr(settings, name) for name in names(type(settings))}, **more)


@cache
def names(of: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(of))


def plain(record: "DataclassInstance", of: type["DataclassInstance"], *, but: Collection[str] = ()) -> dict[str, Any]:
    """The members of `of`, a class of the record, as JSON: what is None is left out, and so is an empty list or object."""
    return _plain(of, tuple(but))(record)


def row(record: "DataclassInstance") -> dict[str, Any]:
    """All members as the columns of a row."""
    found = {name: getattr(record, name) for name in names(type(record))}
    found |= {name: value.value for name, value in found.items() if isinstance(value, Enum)}
    return found | {name: write(found[name]) for name, write in writers(type(record)).items() if found[name] is not None}


def from_row(of: type[R], values: Iterable[Any]) -> R:
    """The record of a row with the columns `names(of)`."""
    given = dict(zip(names(of), values, strict=True))
    for name, read in _converted(of):
        if given[name] is not None:
            given[name] = read(given[name])
    return of(**given)


def from_columns(of: type[R], row: Any) -> R:
    """The record of a row that has its columns and others."""
    return from_row(of, [getattr(row, name) for name in names(of)])


@cache
def writers(of: type["DataclassInstance"]) -> dict[str, Callable[[Any], Any]]:
    """How members are written as JSON, without those that are written as they are."""
    hints = get_type_hints(of)
    return {name: write for name in names(of) if (write := _writer(_bare(hints[name]))) is not None}


def object_writer(members: Sequence[tuple[str, Callable[[Any], Any]]]) -> Callable[[Any], dict[str, Any]]:
    """What writes a record: of each member the name and what gets its value. A member that is None is left out."""
    return lambda record: {name: value for name, get in members if (value := get(record)) is not None}


def getter(of: type["DataclassInstance"], member: str) -> Callable[[Any], Any]:
    """What gets the value of a member as JSON."""
    read, write = attrgetter(member), writers(of).get(member)
    return read if write is None else lambda record: None if (value := read(record)) is None else write(value)


@cache
def _plain(of: type["DataclassInstance"], but: tuple[str, ...]) -> Callable[[Any], dict[str, Any]]:
    hints = get_type_hints(of)
    getters = {name: _filled(getter(of, name), _bare(hints[name])) for name in names(of) if name not in but}
    return object_writer([(camel(name), get) for name, get in getters.items()])


def _filled(get: Callable[[Any], Any], of: Any) -> Callable[[Any], Any]:
    return (lambda record: get(record) or None) if of in (frozenset, tuple, list, dict, Sequence, Mapping) else get


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _read(of: type, given: Mapping[str, Any]) -> dict[str, Any]:
    readers = _readers(of)
    found = {}
    for key, value in given.items():
        name, read = readers[key]
        found[name] = value if read is None or value is None else read(value)
    return found


@cache
def _readers(of: type) -> dict[str, tuple[str, _Convert | None]]:
    hints = get_type_hints(of)
    return {key: (name, _reader(_bare(hints[name]))) for name in names(of) for key in (name, camel(name))}


@cache
def _converted(of: type) -> tuple[tuple[str, _Convert], ...]:
    return tuple((name, read) for key, (name, read) in _readers(of).items() if key == name and read is not None)


def _bare(hint: Any) -> Any:
    """The class of a member that may be None."""
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(arg for arg in get_args(hint) if arg is not NoneType)
    return get_origin(hint) or hint


def _reader(of: Any) -> _Convert | None:
    if is_dataclass(of):
        known = _readers(cast(type, of))
        return lambda given: build(cast(type, of), {name: value for name, value in given.items() if name in known})
    if of is Sequence:
        return tuple
    return of if isinstance(of, type) and issubclass(of, (Enum, tuple, frozenset)) else None


def _writer(of: Any) -> _Convert | None:
    if is_dataclass(of):
        return _plain(cast(type, of), ())
    return sorted if isinstance(of, type) and issubclass(of, frozenset) else None
