"""The SQL of terms of a search language that no field of a filter has: negations, patterns, and a second term with the same key.

No index helps these. They are compared row by row with what the other conditions leave, in the order of the list: a page ends when it
is full, a total at 10,000. Like texts, patterns do not distinguish upper and lower case, which both databases then compare the same way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa

from optral.kit.search_keys import Criterion
from optral.store.dialects import Folded
from optral.store.lists import containing, escaped

_COMPARES = frozenset({"is", "like", "says"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What is compared with the values of each key. `text`: what a text is looked for in; `claims`: true if the column has a value."""

    of: Mapping[str, sa.ColumnElement[Any]]
    text: tuple[sa.ColumnElement[Any], ...]
    labels: sa.Column[Any]
    claims: Mapping[str, sa.ColumnElement[Any]] = field(default_factory=dict)


class Alternative(NamedTuple):
    """One value of a condition: how the column is compared, with which value, and, of a label, its name."""

    how: str
    value: str = ""
    name: str = ""


class Part(NamedTuple):
    """A condition without its values, for which there is one statement: the comparisons, each with the name of its label."""

    number: int
    key: str
    is_negated: bool
    comparisons: tuple[tuple[str, str], ...]


def part_of(index: int, criterion: Criterion, columns: Columns) -> tuple[Part, dict[str, str]]:
    """The condition as a part of a statement, and its parameters."""
    found = list(_alternatives(criterion, columns))
    part = Part(index, criterion.key, criterion.is_negated, tuple((one.how, one.name) for one in found))
    return part, {_parameter(index, at): one.value for at, one in enumerate(found) if one.how in _COMPARES}


def clause(part: Part, columns: Columns) -> sa.ColumnElement[bool]:
    """Any of the comparisons, or, if negated, none of them, whereby what has no value has none of the values."""
    claim = sa.or_(*(_compared(part, at, columns) for at in range(len(part.comparisons))))
    return sa.not_(sa.func.coalesce(claim, sa.false())) if part.is_negated else claim


def says(parameter: str, columns: Columns) -> sa.ColumnElement[bool]:
    """Whether one of the columns of the text contains the text of this parameter."""
    return sa.or_(*(_like(column, parameter) for column in columns.text))


def _alternatives(criterion: Criterion, columns: Columns) -> Iterator[Alternative]:
    if not criterion.key:
        yield Alternative("says", containing(criterion.values[0]))
    elif criterion.key in columns.claims:
        yield from (Alternative("any" if value == "true" else "none") for value in criterion.values)
    elif criterion.key == "label":
        yield from map(_label, (*criterion.values, *criterion.patterns))
    else:
        yield from (Alternative("is", value) for value in criterion.values)
        yield from (Alternative("like", _pattern(value)) for value in criterion.patterns)
        if criterion.has_none:
            yield Alternative("none")


def _label(text: str) -> Alternative:
    name, separator, value = text.replace(":", "=", 1).partition("=")
    if not separator or value == "*":
        return Alternative("any", name=name)
    return Alternative("like", _pattern(value), name) if "*" in value else Alternative("is", value, name)


def _pattern(text: str) -> str:
    return escaped(text).replace("*", "%")


def _parameter(index: int, at: int) -> str:
    return f"term{index}_{at}"


def _column(key: str, label: str, columns: Columns) -> sa.ColumnElement[Any]:
    if key == "label":
        found: sa.ColumnElement[Any] = columns.labels[label].as_string()
        return found
    return columns.claims[key] if key in columns.claims else columns.of[key]


def _compared(part: Part, at: int, columns: Columns) -> sa.ColumnElement[bool]:
    (how, label), parameter = part.comparisons[at], _parameter(part.number, at)
    if how == "says":
        return says(parameter, columns)
    column = _column(part.key, label, columns)
    if how == "is":
        return column == sa.bindparam(parameter, type_=sa.String)
    if how == "like":
        return _like(column, parameter)
    return column.is_(None) if how == "none" else column.is_not(None)


def _like(column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
    return Folded(column).like(sa.bindparam(parameter, type_=sa.String), escape="\\")
