"""The SQL of counts: what needs work now, and what opened and ended over time. Each reads an index made for it (`tables.py`)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from optral.grouping import families
from optral.issues.lists import listing
from optral.issues.model import Issue, Status
from optral.issues.repository import WHOLE, issue_of
from optral.issues.tables import ACKNOWLEDGED, NEEDS_WORK, ROOT, issue_activity, issues
from optral.kit.paging import MOST_COUNTED
from optral.store import areas, buckets
from optral.store.dialects import among, by_dialect, listed
from optral.store.lists import unindexed
from optral.store.transaction import Transaction
from optral.terms.reach import Areas

_org: sa.BindParameter[str] = sa.bindparam("org")
_RANKED = {
    "types": (issues.c.type,),
    "owners": (issues.c.cluster_id, issues.c.namespace, issues.c.owner_kind, issues.c.owner_name),
}


class VisibleAreas(NamedTuple):
    """Which issues are counted, without values: those in these areas, and, of an actor who does not see whole clusters, which are roots.

    `has_team`: only those of one team.
    """

    pattern: areas.Pattern
    roots: areas.Pattern
    has_team: bool = False


def _seen(tx: Transaction, within: Areas, team: str | None = None) -> VisibleAreas:
    roots = None if tx.actor.sees_whole_clusters else areas.pattern_of(tx.actor.within(None))
    return VisibleAreas(areas.pattern_of(within), roots, team is not None)


def _within(statement: sa.Select[Any], seen: VisibleAreas) -> sa.Select[Any]:
    return statement.where(*areas.inside(seen.pattern, issues.c.cluster_id, issues.c.namespace), *_of_team(seen))


def _of_team(seen: VisibleAreas) -> tuple[sa.ColumnElement[bool], ...]:
    """Not by the index of teams, which holds all history."""
    return (unindexed(issues.c.team) == sa.bindparam("team", type_=sa.String),) if seen.has_team else ()


def _open_within(statement: sa.Select[Any], seen: VisibleAreas) -> sa.Select[Any]:
    """Those that need work. Of members limited to namespaces by the index of what is not resolved: that of a place holds all history."""
    if seen.roots is None:
        return _within(statement.where(*_needs_work(seen)), seen)
    places = areas.inside(seen.pattern, unindexed(issues.c.cluster_id), unindexed(issues.c.namespace))
    return statement.where(*_needs_work(seen), *places, *_of_team(seen))


def _values(tx: Transaction, within: Areas, *, team: str | None = None, **more: Any) -> dict[str, Any]:
    """`team`: the name of one, or `none`."""
    roots = None if tx.actor.sees_whole_clusters else tx.actor.within(None)
    more |= {} if team is None else {"team": "" if team == listing.NONE else team}
    return {"org": tx.org_id, **more, **areas.values_of(within), **areas.values_of(roots, "root")}


def _needs_work(seen: VisibleAreas) -> tuple[sa.ColumnElement[bool], ...]:
    """What needs work; in the words of the indexes where these serve."""
    if seen.roots is None:
        return issues.c.org_id == _org, sa.text(NEEDS_WORK)  # type: ignore[return-value]
    quiet = (issues.c.mute_rule_id.is_(None), issues.c.snooze.is_(None))
    return issues.c.org_id == _org, issues.c.status != sa.literal_column("'resolved'"), *quiet, listing.without_root_in(seen.roots)


def _root(seen: VisibleAreas) -> tuple[sa.ColumnElement[bool], ...]:
    is_root = sa.text(ROOT) if seen.roots is None else listing.without_root_in(seen.roots)
    return issues.c.org_id == _org, is_root  # type: ignore[return-value]


@lru_cache(maxsize=64)
def _by_cluster(seen: VisibleAreas) -> sa.Select[Any]:
    by = (issues.c.cluster_id, issues.c.severity_rank, issues.c.status)
    return _open_within(sa.select(*by, sa.func.count().label("number")), seen).group_by(*by)


def count_by_cluster(tx: Transaction, within: Areas, team: str | None) -> Sequence[sa.Row[Any]]:
    """(cluster_id, severity_rank, status, number) of what needs work."""
    return tx.execute(_by_cluster(_seen(tx, within, team)), _values(tx, within, team=team)).all()


@lru_cache(maxsize=64)
def _first(seen: VisibleAreas) -> sa.Select[Any]:
    urgent = WHOLE.where(unindexed(issues.c.urgency) >= sa.bindparam("least", type_=sa.BigInteger))
    order = (issues.c.status_rank.desc(), issues.c.urgency.desc(), issues.c.id.desc())
    return _open_within(urgent, seen).order_by(*order).limit(sa.bindparam("limit", type_=sa.Integer))


def most_urgent(tx: Transaction, within: Areas, *, team: str | None, rank: int, limit: int) -> list[Issue]:
    """Issues of at least this rank of severity that need work: not acknowledged first, then by urgency, then newest."""
    values = _values(tx, within, team=team, least=families.least_urgency(rank), limit=limit)
    rows = tx.execute(_first(_seen(tx, within, team)), values)
    return [issue_of(row) for row in rows]


# --- over time

_START = sa.bindparam("start", type_=issues.c.detected_at.type)
_TIMES = {"opened": issues.c.detected_at, "ended": issues.c.resolved_at}


@lru_cache(maxsize=64)
def _histogram(what: str, seen: VisibleAreas) -> sa.Select[Any]:
    at = _TIMES[what]
    rows = _within(
        sa.select(buckets.number(at), issues.c.severity_rank, sa.func.count().label("number")).where(*_root(seen), at >= _START), seen
    )
    return rows.group_by(sa.literal_column("bucket"), issues.c.severity_rank)


def histogram(tx: Transaction, what: str, within: Areas, *, team: str | None, start: datetime, width_us: int) -> dict[tuple[int, int], int]:
    """How many issues opened or ended (`what`) in each bucket of this width since `start`, by number of the bucket and rank of severity."""
    rows = tx.execute(_histogram(what, _seen(tx, within, team)), _values(tx, within, team=team, start=start, width_us=width_us))
    return {(row.bucket, row.severity_rank): row.number for row in rows}


@lru_cache(maxsize=64)
def _noisiest(what: str, seen: VisibleAreas) -> sa.Select[Any]:
    by = _RANKED[what]
    rows = _within(sa.select(*by, issues.c.severity_rank, issues.c.status).where(*_root(seen), issues.c.detected_at >= _START), seen)
    newest = rows.order_by(issues.c.detected_at.desc()).limit(MOST_COUNTED).subquery("newest")
    keys = [newest.c[column.name] for column in by]
    opened, worst = sa.func.count().label("opened"), sa.func.max(newest.c.severity_rank).label("worst")
    unresolved = sa.func.sum(sa.case((newest.c.status == Status.RESOLVED.value, 0), else_=1)).label("unresolved")
    ranked = sa.select(*keys, opened, unresolved, worst).group_by(*keys)
    return ranked.order_by(opened.desc(), worst.desc(), *keys).limit(sa.bindparam("limit", type_=sa.Integer))


def noisiest(tx: Transaction, what: str, within: Areas, *, start: datetime, limit: int) -> Sequence[sa.Row[Any]]:
    """The types or owners (`what`) with the most of the newest issues that opened since `start`: the columns, opened, unresolved, worst."""
    return tx.execute(_noisiest(what, _seen(tx, within)), _values(tx, within, start=start, limit=limit)).all()


@lru_cache(maxsize=64)
def _ended(seen: VisibleAreas) -> sa.Select[Any]:
    rows = sa.select(issues.c.detected_at, issues.c.resolved_at).where(*_root(seen), issues.c.resolved_at >= _START)
    return _within(rows, seen).order_by(issues.c.resolved_at.desc()).limit(sa.bindparam("limit", type_=sa.Integer))


def ended(tx: Transaction, within: Areas, *, start: datetime, limit: int) -> Sequence[sa.Row[Any]]:
    """(detected_at, resolved_at) of the issues that were resolved last, since `start`."""
    return tx.execute(_ended(_seen(tx, within)), _values(tx, within, start=start, limit=limit)).all()


@lru_cache(maxsize=64)
def _last_ended(seen: VisibleAreas) -> sa.Select[Any]:
    rows = _within(WHOLE.where(*_root(seen), issues.c.resolved_at >= _START), seen)
    return rows.order_by(issues.c.resolved_at.desc()).limit(sa.bindparam("limit", type_=sa.Integer))


def last_ended(tx: Transaction, within: Areas, *, start: datetime, limit: int) -> list[Issue]:
    """The issues that were resolved last, since `start`."""
    rows = tx.execute(_last_ended(_seen(tx, within)), _values(tx, within, start=start, limit=limit))
    return [issue_of(row) for row in rows]


_acknowledged = (
    sa.select(issue_activity.c.issue_id, issue_activity.c.at)
    .where(issue_activity.c.org_id == _org, sa.text(ACKNOWLEDGED), issue_activity.c.at >= _START)
    .order_by(issue_activity.c.at.desc())
    .limit(sa.bindparam("limit", type_=sa.Integer))
)


def acknowledged(tx: Transaction, *, start: datetime, limit: int) -> Sequence[sa.Row[Any]]:
    """(issue_id, at) of the last acknowledgements since `start`, newest first, in all clusters."""
    return tx.execute(_acknowledged, {"org": tx.org_id, "start": start, "limit": limit}).all()


_DETECTED = by_dialect(
    lambda dialect: sa.select(issues.c.id, issues.c.detected_at, issues.c.cluster_id, issues.c.namespace).where(
        unindexed(issues.c.org_id) == _org, among(issues.c.id, dialect)
    )
)


def detected(tx: Transaction, issue_ids: Collection[str]) -> Sequence[sa.Row[Any]]:
    """(id, detected_at, cluster_id, namespace) of these issues."""
    return tx.execute(_DETECTED[tx.dialect], {"org": tx.org_id, "wanted": listed(tx, issue_ids)}).all() if issue_ids else []
