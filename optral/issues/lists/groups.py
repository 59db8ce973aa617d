"""Groups of issues: by workload, type, cluster or namespace, each with the number of its issues by severity and the title of a worst one.

Issues that need work are counted exactly up to `MOST_OPEN`: their number depends on what is broken now. Resolved issues are history, which
grows: where a filter lets them in, the newest `MOST_COUNTED` of all matching issues are counted, and the answer says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import sqlalchemy as sa

from optral.issues.lists import listing
from optral.issues.model import UNRESOLVED, Issue, IssueFilter
from optral.issues.repository import WHOLE, issue_of
from optral.issues.tables import issues
from optral.kit.paging import MOST_COUNTED
from optral.kit.search_terms import quoted
from optral.store.lists import counted
from optral.store.transaction import Transaction
from optral.terms.severity import Severity

_COLUMNS: dict[str, tuple[sa.Column[Any], ...]] = {
    "workload": (issues.c.cluster_id, issues.c.namespace, issues.c.owner_kind, issues.c.owner_name),
    "type": (issues.c.type,),
    "cluster": (issues.c.cluster_id,),
    "namespace": (issues.c.namespace,),
}
BY = tuple(_COLUMNS)
MOST_OPEN = 100_000
LATELY, SPAN = timedelta(hours=24), timedelta(hours=2)
_SPANS = range(LATELY // SPAN + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Issues that have these values in common; the members that the grouping does not use are None, as is the namespace of none.

    `title` is that of one of the worst issues. `opened`: how many were detected in each `SPAN` of the last 24 hours, the oldest first.
    """

    number: int
    severities: Mapping[Severity, int]
    title: str
    opened: Sequence[int]
    type: str | None = None
    cluster_id: str | None = None
    namespace: str | None = None
    owner_kind: str | None = None
    owner_name: str | None = None

    @property
    def severity(self) -> Severity:
        """The worst."""
        return max(self.severities, key=lambda severity: severity.rank)


class Grouped(NamedTuple):
    """A page of the groups, and of all groups their number, the number of their issues, and the clusters that these are in.

    `is_capped`: more issues match than were counted.
    """

    groups: Sequence[Group] = ()
    total: int = 0
    issues: int = 0
    clusters: Sequence[str] = ()
    is_capped: bool = False


def find(tx: Transaction, wanted: IssueFilter, by: str, *, limit: int, offset: int = 0) -> Grouped:
    """Groups of the filter by one of `BY`: the largest first, then the most severe."""
    shape, values = listing.shape_of(wanted)
    values |= {"org": tx.org_id}
    most = MOST_OPEN if wanted.statuses and wanted.statuses <= UNRESOLVED else MOST_COUNTED
    is_capped = tx.execute(_count(shape, most), values).scalar_one() > most
    newest = most if is_capped else None
    ends = {f"end_{spans}": tx.now - SPAN * spans for spans in _SPANS}
    rows = tx.execute(_groups(shape, by, newest), values | ends | {"limit": limit, "offset": offset}).all()
    if not rows and offset:
        return find(tx, wanted, by, limit=1)._replace(groups=())
    total, number = (rows[0].groups, rows[0].issues) if rows else (0, 0)
    clusters = list(tx.execute(_clusters(shape, newest), values).scalars())
    return Grouped([_group(row, by) for row in rows], total, int(number), clusters, is_capped)


def members(tx: Transaction, wanted: IssueFilter, by: str, groups: Sequence[Group]) -> dict[str, list[Issue]]:
    """The issues of each of these groups of the filter by its `key_of`, the most urgent first."""
    shape, values = listing.shape_of(wanted)
    found: dict[str, list[Issue]] = {key_of(group, by): [] for group in groups}
    values |= {"org": tx.org_id, "keys": list(found), "limit": sum(group.number for group in groups)}
    for row in tx.execute(_members(shape, by), values) if groups else ():
        found[row[-1]].append(issue_of(row[:-1]))
    return found


def key_of(group: Group, by: str) -> str:
    return "/".join(getattr(group, column.key) or "" for column in _COLUMNS[by])


def query_of(group: Group, by: str, *, cluster: str | None) -> str:
    """The terms of the search language that select the issues of a group; `cluster` is the name of its cluster."""
    terms = {
        "cluster": cluster if by in ("workload", "cluster") else None,
        "ns": (group.namespace or "none") if by in ("workload", "namespace") else None,
        "type": group.type,
        "kind": group.owner_kind,
        "owner": group.owner_name,
    }
    return " ".join(f"{key}:{quoted(value)}" for key, value in terms.items() if value)


@lru_cache(maxsize=512)
def _count(shape: listing.Shape, most: int) -> sa.Select[Any]:
    return counted(listing.filtered(sa.select(issues.c.id), shape), most)


@lru_cache(maxsize=512)
def _groups(shape: listing.Shape, by: str, newest: int | None) -> sa.Select[Any]:
    rows = listing.counted_rows(shape, [*_COLUMNS[by], issues.c.severity_rank, issues.c.title, issues.c.detected_at], newest=newest)
    *place, rank, title, at = rows.c
    number, highest = sa.func.count().label("number"), sa.func.max(rank).label("highest")
    worst = sa.func.max(sa.cast(rank, sa.String) + title).label("worst")
    ranks = (sa.func.sum(sa.case((rank == one.rank, 1), else_=0)).label(one.value) for one in Severity)
    ends = ((spans, sa.bindparam(f"end_{spans}", type_=at.type)) for spans in _SPANS)
    until = (sa.func.sum(sa.case((at <= end, 1), else_=0)).label(f"until_{spans}") for spans, end in ends)
    grouped = sa.select(*place, number, highest, worst, *ranks, *until).group_by(*place).subquery("grouped")
    every = grouped.c
    order = (every.number.desc(), every.highest.desc(), *(sa.func.coalesce(every[column.key], "") for column in place))
    whole = (sa.func.count().over().label("groups"), sa.func.sum(every.number).over().label("issues"))
    page = sa.select(*every, *whole).order_by(*order)
    return page.limit(sa.bindparam("limit", type_=sa.Integer)).offset(sa.bindparam("offset", type_=sa.Integer))


@lru_cache(maxsize=512)
def _members(shape: listing.Shape, by: str) -> sa.Select[Any]:
    first, *others = (sa.func.coalesce(column, "") for column in _COLUMNS[by])
    key: sa.ColumnElement[str] = first
    for column in others:
        key = key + "/" + column
    found = listing.filtered(WHOLE.add_columns(key), shape).where(key.in_(sa.bindparam("keys", expanding=True)))
    found = found.order_by(issues.c.urgency.desc(), issues.c.detected_at.desc(), issues.c.id.desc())
    return found.limit(sa.bindparam("limit", type_=sa.Integer))


@lru_cache(maxsize=512)
def _clusters(shape: listing.Shape, newest: int | None) -> sa.Select[Any]:
    return sa.select(listing.counted_rows(shape, [issues.c.cluster_id], newest=newest)).distinct()


def _group(row: Any, by: str) -> Group:
    place = {column.key: getattr(row, column.key) for column in _COLUMNS[by]}
    severities = {one: number for one in Severity if (number := int(getattr(row, one.value)))}
    opened = [int(later - earlier) for earlier, later in pairwise(getattr(row, f"until_{spans}") for spans in reversed(_SPANS))]
    return Group(number=row.number, severities=severities, title=row.worst[1:], opened=opened, **place)  # after the rank, one digit
