"""The keys of a search language: what each takes, and the check of a query against them.

A list of things has a table of keys of its own (`optral/issues/lists/query.py`, `optral/resources/query.py`); how a query is written, what
is refused and with which words is the same for all of them.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from optral.kit.search_terms import Malformed, Term, Value, parse

NONE = "none"
LABEL = "label"
MAX_COMPARED = 10
"""So many texts, patterns and labels a query has: no index helps them, and each is compared with every row that the rest leaves."""
_LABEL = re.compile(r"([A-Za-z0-9._/-]{1,200})(?:[=:](.*))?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key of the language. `field`: the field of the filter for its exact values, or None. `check` raises `Malformed` for a bad value."""

    name: str
    about: str
    example: str
    field: str | None = None
    aliases: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    has_none: bool = False
    takes_patterns: bool = False
    takes_minus: bool = True
    is_single: bool = False
    check: Callable[[str, int], object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A term of the search language that no field of a filter has: any of these (`has_none`: or nothing), or, if negated, none of them.

    `key` is the name of a key, or empty for a text. In patterns `*` stands for any characters. Labels are written `name=value`.
    """

    key: str
    values: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    has_none: bool = False
    is_negated: bool = False


def by_name(keys: Iterable[Key]) -> dict[str, Key]:
    """The keys by their names and aliases."""
    return {name: key for key in keys for name in (key.name, *key.aliases)}


def read(text: str, keys: Mapping[str, Key]) -> tuple[Term, ...]:
    """The terms of a query, each with the full name of its key and valid values. Raises `Malformed`."""
    terms = tuple(_checked(term, keys) for term in parse(text, keys.keys()))
    compared = 0
    for term in terms:
        compared += sum(not term.key or term.key == LABEL or value.is_pattern for value in term.values)
        if compared > MAX_COMPARED:
            raise Malformed(term.position, f"at most {MAX_COMPARED} texts, values with * and labels are allowed in a query")
    return terms


def exact(term: Term) -> list[str]:
    return [value.text for value in term.values if not value.is_pattern]


def criterion(term: Term, keys: Mapping[str, Key]) -> Criterion:
    """The term as a condition of its own."""
    given = exact(term)
    has_none = NONE in given and bool(term.key) and keys[term.key].has_none
    return Criterion(
        key=term.key,
        values=tuple(sorted({text for text in given if not (has_none and text == NONE)})),
        patterns=tuple(sorted({value.text for value in term.values if value.is_pattern})),
        has_none=has_none,
        is_negated=term.is_negated,
    )


def is_label(text: str, position: int) -> None:
    """Raises `Malformed` if this is no label."""
    if _LABEL.fullmatch(text) is None:
        raise Malformed(position, "a label is expected as name=value")


def _checked(term: Term, keys: Mapping[str, Key]) -> Term:
    if not term.key:
        return term
    key = keys[term.key]
    if term.is_negated and not key.takes_minus:
        raise Malformed(term.position, f"{key.name} cannot be negated")
    if key.is_single and len(term.values) > 1:
        raise Malformed(term.position, f"{key.name} takes one value")
    values = tuple(_value(key, value, term.position) for value in term.values)
    return replace(term, key=key.name, values=values)


def _value(key: Key, value: Value, position: int) -> Value:
    if value.is_pattern and not key.takes_patterns:
        raise Malformed(position, f"{key.name} does not take *")
    if key.values:
        if value.text.lower() not in key.values:
            raise Malformed(position, f"{key.name} must be one of {', '.join(key.values)}")
        return Value(value.text.lower())
    if key.check is not None:
        key.check(value.text, position)
    return value
