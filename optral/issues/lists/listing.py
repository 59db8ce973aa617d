"""The SQL of lists: filters, pages, totals and facets of issues. Statements are built once per shape of a filter."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from optral.issues.lists.query_sql import COLUMNS
from optral.issues.model import Issue, IssueFilter
from optral.issues.repository import WHOLE, issue_of
from optral.issues.tables import issues
from optral.kit.paging import MOST_COUNTED, PageRequest
from optral.store import areas, search_sql
from optral.store.lists import FEW, containing, counted, paged, place_of, unindexed
from optral.store.transaction import Transaction
from optral.terms.severity import Severity

_org: sa.BindParameter[str] = sa.bindparam("org")
_IN = {
    "ids": issues.c.id,
    "clusters": issues.c.cluster_id,
    "statuses": issues.c.status,
    "severities": issues.c.severity_rank,
    "types": issues.c.type,
    "namespaces": issues.c.namespace,
    "resource_kinds": issues.c.resource_kind,
    "owner_kinds": issues.c.owner_kind,
    "owners": issues.c.owner_name,
    "categories": issues.c.category,
    "substatuses": issues.c.shown_as,
    "containers": issues.c.container,
    "assignees": issues.c.assignee,
    "teams": issues.c.team,
    "parents": issues.c.parent_issue_id,
}
NONE = "none"
_MAY_BE_NONE = frozenset({"assignees", "parents", "teams"})
_HAS = {"is_snoozed": issues.c.snooze, "is_muted": issues.c.mute_rule_id}
SORT = {
    "detected_at": issues.c.detected_at,
    "last_seen_at": issues.c.last_seen_at,
    "severity": issues.c.urgency,
    "status": issues.c.status_rank,
}
_FACETS = {
    "severity": issues.c.severity,
    "status": issues.c.status,
    "type": issues.c.type,
    "cluster": issues.c.cluster_id,
    "namespace": issues.c.namespace,
    "category": issues.c.category,
    "substatus": issues.c.shown_as,
    "assignee": issues.c.assignee,
    "team": issues.c.team,
}
FACET_NAMES = (*_FACETS, "label")
FACET_VALUES = 100


class AreaFilter(NamedTuple):
    """The areas that issues are in, or (`root`) those that the root of an issue would be in."""

    name: str
    pattern: areas.Pattern


Shape = tuple[tuple[str | search_sql.Part | AreaFilter, bool], ...]
"""The conditions of a filter without their values; of those with values, whether there is a single one."""
Test = tuple[str | search_sql.Part | AreaFilter, bool, Mapping[str, Any]]
"""One condition: its part of the shape, and its values by name."""


def shape_of(wanted: IssueFilter) -> tuple[Shape, dict[str, Any]]:
    """The conditions of the filter (each with whether it has a single value), and their values."""
    tests = [*_choices(wanted), *_tests(wanted)]
    return tuple((part, is_single) for part, is_single, _ in tests), {name: value_ for *_, given in tests for name, value_ in given.items()}


def _choices(wanted: IssueFilter) -> Iterator[Test]:
    """One of several values."""
    for name in _IN:
        chosen: Any = sorted(getattr(wanted, name))
        if name == "severities":
            chosen = sorted(Severity(value_).rank for value_ in chosen)
        named = [value_ for value_ in chosen if value_ != NONE]
        if name in _MAY_BE_NONE and len(named) < len(chosen):
            yield _or_none(name, named, wanted.roots)
        elif chosen:
            is_single = len(chosen) == 1
            yield name, is_single, {name: chosen[0] if is_single else chosen}


def _or_none(name: str, named: Sequence[Any], roots: Any) -> Test:
    """None, or one of these. Issues without a parent are those whose root would be inside `roots`, if that is limited."""
    if name == "parents" and roots is not None:
        given = areas.values_of(roots, "root") | ({"parents": named} if named else {})
        return AreaFilter("root", areas.pattern_of(roots)), not named, given
    return f"none:{name}", not named, {name: named}


def _tests(wanted: IssueFilter) -> Iterator[Test]:
    """Everything else, which always has a single value."""
    if wanted.areas is not None:
        yield AreaFilter("area", areas.pattern_of(wanted.areas)), True, areas.values_of(wanted.areas)
    for index, (key, value) in enumerate(sorted(wanted.labels)):
        yield f"label:{index}:{key}", True, {f"label_{index}": value}
    yield from ((name, claim, {}) for name in _HAS if (claim := getattr(wanted, name)) is not None)
    yield from ((name, True, {name: moment}) for name in ("since", "until") if (moment := getattr(wanted, name)) is not None)
    if wanted.q:
        yield "q", True, {"q": containing(wanted.q)}
    for index, criterion in enumerate(wanted.terms):
        part, given = search_sql.part_of(index, criterion, COLUMNS)
        yield part, True, given


def filtered(statement: sa.Select[Any], shape: Shape, *, by_time: bool = True) -> sa.Select[Any]:
    """Add the conditions of a filter of this shape; the values come as parameters."""
    statement = statement.where(issues.c.org_id == _org)
    detected_at = issues.c.detected_at if by_time else unindexed(issues.c.detected_at)
    for name, is_single in shape:
        if isinstance(name, search_sql.Part):
            statement = statement.where(search_sql.clause(name, COLUMNS))
        elif isinstance(name, AreaFilter):
            statement = statement.where(*_within(name, alone=is_single))
        elif name in _IN:
            column = _IN[name]
            single = column == sa.bindparam(name, type_=column.type)
            statement = statement.where(single if is_single else column.in_(sa.bindparam(name, expanding=True)))
        elif name in _HAS:
            statement = statement.where(_HAS[name].is_not(None) if is_single else _HAS[name].is_(None))
        elif name.startswith("none:"):
            statement = statement.where(_none(name.removeprefix("none:"), alone=is_single))
        elif name.startswith("label:"):
            _, index, key = name.split(":", 2)
            statement = statement.where(issues.c.labels[key].as_string() == sa.bindparam(f"label_{index}", type_=sa.String))
        elif name == "since":
            statement = statement.where(detected_at >= sa.bindparam("since", type_=issues.c.detected_at.type))
        elif name == "until":
            statement = statement.where(detected_at < sa.bindparam("until", type_=issues.c.detected_at.type))
        else:
            statement = statement.where(search_sql.says("q", COLUMNS))
    return statement


def _none(name: str, *, alone: bool) -> sa.ColumnElement[bool]:
    """The column is empty, or has one of the other requested values."""
    column = _IN[name]
    return column.is_(None) if alone else sa.or_(column.is_(None), column.in_(sa.bindparam(name, expanding=True)))


def _within(part: AreaFilter, *, alone: bool) -> list[sa.ColumnElement[bool]]:
    if part.name == "area":
        return areas.inside(part.pattern, issues.c.cluster_id, issues.c.namespace)
    is_root = without_root_in(part.pattern)
    return [is_root if alone else sa.or_(is_root, issues.c.parent_issue_id.in_(sa.bindparam("parents", expanding=True)))]


def without_root_in(pattern: areas.Pattern) -> sa.ColumnElement[bool]:
    """The issue is no symptom of an issue in these areas, whose parameters are named `root`."""
    root = issues.alias("root")
    inside = areas.inside(pattern, root.c.cluster_id, root.c.namespace, "root")
    known = sa.exists().where(root.c.org_id == _org, root.c.id == issues.c.parent_issue_id, *inside)
    return sa.or_(issues.c.parent_issue_id.is_(None), sa.not_(known))


@lru_cache(maxsize=1024)
def find_statement(shape: Shape, sort: str, descending: bool, after: bool, *, is_few: bool = False) -> sa.Select[Any]:
    """A page in the order of an index, or, if few issues match, of those that an index of the filter finds."""
    column: sa.ColumnElement[Any] = SORT[sort]
    statement = filtered(WHOLE, shape, by_time=is_few or sort == "detected_at")
    if is_few and shape:
        column = unindexed(column)
    return paged(statement, column, issues.c.id, descending=descending, after=after)


@lru_cache(maxsize=1024)
def _count(shape: Shape) -> sa.Select[Any]:
    return counted(filtered(sa.select(issues.c.id), shape))


@lru_cache(maxsize=1024)
def _facets(shape: Shape, *, is_newest: bool) -> sa.Select[Any]:
    """All facets in one pass: grouped one by one, SQLite walks the index of the group and looks up every row."""
    rows = counted_rows(shape, list(_FACETS.values()), newest=MOST_COUNTED if is_newest else None)
    return sa.select(*rows.c, sa.func.count().label("number")).group_by(*rows.c)


@lru_cache(maxsize=1024)
def _ids(shape: Shape) -> sa.Select[Any]:
    beyond, last = (sa.bindparam(name, type_=sa.String) for name in ("beyond", "last"))
    within = filtered(sa.select(issues.c.id), shape).where(issues.c.id > beyond, issues.c.id <= last)
    return within.order_by(issues.c.id).limit(sa.bindparam("limit", type_=sa.Integer))


@lru_cache(maxsize=256)
def _labels(shape: Shape, *, is_newest: bool) -> sa.Select[Any]:
    """The combinations of labels; most issues have none."""
    rows = counted_rows(shape, [sa.cast(issues.c.labels, sa.Text).label("labels")], newest=MOST_COUNTED if is_newest else None)
    return sa.select(rows.c.labels, sa.func.count().label("number")).where(rows.c.labels != "{}").group_by(rows.c.labels)


def counted_rows(shape: Shape, columns: list[Any], *, newest: int | None) -> sa.Subquery:
    """These columns of the matching issues, or of so many of the newest of them."""
    rows = filtered(sa.select(*columns), shape)
    if newest is not None:
        rows = rows.order_by(issues.c.detected_at.desc(), issues.c.id.desc()).limit(newest)
    return rows.subquery("counted")


def find(tx: Transaction, wanted: IssueFilter, page: PageRequest, *, matching: int | None = None) -> list[Issue]:
    """A page; `matching` is what `count` gives for the same filter."""
    shape, values = shape_of(wanted)
    is_few = matching is not None and matching <= FEW
    values |= {"org": tx.org_id, **place_of(page)}
    rows = tx.execute(find_statement(shape, page.sort, page.descending, page.after is not None, is_few=is_few), values)
    return [issue_of(row) for row in rows]


def count(tx: Transaction, wanted: IssueFilter) -> int:
    shape, values = shape_of(wanted)
    found: int = tx.execute(_count(shape), values | {"org": tx.org_id}).scalar_one()
    return found


def ids(tx: Transaction, wanted: IssueFilter, *, beyond: str, last: str, limit: int) -> list[str]:
    shape, values = shape_of(wanted)
    found = tx.execute(_ids(shape), values | {"org": tx.org_id, "beyond": beyond, "last": last, "limit": limit})
    return list(found.scalars())


def facets(tx: Transaction, wanted: IssueFilter) -> dict[str, dict[str, int]]:
    shape, values = shape_of(wanted)
    values |= {"org": tx.org_id}
    counted: dict[str, Counter[str]] = {name: Counter() for name in FACET_NAMES}
    is_newest = count(tx, wanted) > MOST_COUNTED
    rows: Sequence[Any] = tx.execute(_facets(shape, is_newest=is_newest), values).all()
    for row in rows:
        *group, number = row
        for name, value in zip(_FACETS, group, strict=True):
            if value is not None or name in ("assignee", "team"):
                counted[name][value or NONE] += number
    for row in tx.execute(_labels(shape, is_newest=is_newest), values):
        for key, value in json.loads(row.labels).items():
            counted["label"][f"{key}:{value}"] += row.number
    return {name: dict(counter.most_common(FACET_VALUES)) for name, counter in counted.items()}
