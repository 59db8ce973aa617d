"""The SQL of counts: what needs work now, and what opened and ended over time. Each reads an index made for it (`tables.py`)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from optral.issues.model import Issue, Status
from optral.issues.repository import WHOLE, issue_of
from optral.issues.tables import ACKNOWLEDGED, NEEDS_WORK, ROOT, issue_activity, issues
from optral.kit.paging import MOST_COUNTED
from optral.store.dialects import among, by_dialect, listed
from optral.store.lists import unindexed
from optral.store.transaction import Transaction

_org: sa.BindParameter[str] = sa.bindparam("org")
_needs_work = (issues.c.org_id == _org, sa.text(NEEDS_WORK))
_RANKED = {
    "types": (issues.c.type,),
    "owners": (issues.c.cluster_id, issues.c.namespace, issues.c.owner_kind, issues.c.owner_name),
}


def _within(statement: sa.Select[Any], *, is_limited: bool) -> sa.Select[Any]:
    return statement.where(issues.c.cluster_id.in_(sa.bindparam("clusters", expanding=True))) if is_limited else statement


def _values(tx: Transaction, clusters: Collection[str] | None, **more: Any) -> dict[str, Any]:
    return {"org": tx.org_id, **more} | ({} if clusters is None else {"clusters": sorted(clusters)})


@lru_cache(maxsize=2)
def _by_cluster(*, is_limited: bool) -> sa.Select[Any]:
    by = (issues.c.cluster_id, issues.c.severity_rank, issues.c.status)
    return _within(sa.select(*by, sa.func.count().label("number")).where(*_needs_work), is_limited=is_limited).group_by(*by)


def count_by_cluster(tx: Transaction, clusters: Collection[str] | None) -> Sequence[sa.Row[Any]]:
    """(cluster_id, severity_rank, status, number) of what needs work."""
    return tx.execute(_by_cluster(is_limited=clusters is not None), _values(tx, clusters)).all()


@lru_cache(maxsize=2)
def _first(*, is_limited: bool) -> sa.Select[Any]:
    urgent = WHOLE.where(*_needs_work, unindexed(issues.c.severity_rank) >= sa.bindparam("rank", type_=sa.Integer))
    order = (issues.c.status_rank.desc(), issues.c.severity_rank.desc(), issues.c.id.desc())
    return _within(urgent, is_limited=is_limited).order_by(*order).limit(sa.bindparam("limit", type_=sa.Integer))


def most_urgent(tx: Transaction, clusters: Collection[str] | None, *, rank: int, limit: int) -> list[Issue]:
    """Issues of at least this rank of severity that need work: not acknowledged first, then most severe, then newest."""
    rows = tx.execute(_first(is_limited=clusters is not None), _values(tx, clusters, rank=rank, limit=limit))
    return [issue_of(row) for row in rows]


# --- over time

_root = (issues.c.org_id == _org, sa.text(ROOT))
_START = sa.bindparam("start", type_=issues.c.detected_at.type)
_TIMES = {"opened": issues.c.detected_at, "ended": issues.c.resolved_at}


@lru_cache(maxsize=4)
def _histogram(what: str, *, is_limited: bool) -> sa.Select[Any]:
    at = _TIMES[what]
    since = sa.type_coerce(at, sa.BigInteger) - sa.bindparam("start", type_=issues.c.detected_at.type)
    bucket = sa.cast(since, sa.BigInteger).op("/")(sa.bindparam("width_us", type_=sa.BigInteger)).label("bucket")
    rows = _within(sa.select(bucket, sa.func.count().label("number")).where(*_root, at >= _START), is_limited=is_limited)
    return rows.group_by(sa.literal_column("bucket"))


def histogram(tx: Transaction, what: str, clusters: Collection[str] | None, *, start: datetime, width_us: int) -> dict[int, int]:
    """How many issues opened or ended (`what`) in each bucket of this width since `start`, by number of the bucket."""
    statement = _histogram(what, is_limited=clusters is not None)
    return {row.bucket: row.number for row in tx.execute(statement, _values(tx, clusters, start=start, width_us=width_us))}


@lru_cache(maxsize=4)
def _noisiest(what: str, *, is_limited: bool) -> sa.Select[Any]:
    by = _RANKED[what]
    rows = _within(
        sa.select(*by, issues.c.severity_rank, issues.c.status).where(*_root, issues.c.detected_at >= _START), is_limited=is_limited
    )
    newest = rows.order_by(issues.c.detected_at.desc()).limit(MOST_COUNTED).subquery("newest")
    keys = [newest.c[column.name] for column in by]
    opened, worst = sa.func.count().label("opened"), sa.func.max(newest.c.severity_rank).label("worst")
    unresolved = sa.func.sum(sa.case((newest.c.status == Status.RESOLVED.value, 0), else_=1)).label("unresolved")
    ranked = sa.select(*keys, opened, unresolved, worst).group_by(*keys)
    return ranked.order_by(opened.desc(), worst.desc(), *keys).limit(sa.bindparam("limit", type_=sa.Integer))


def noisiest(tx: Transaction, what: str, clusters: Collection[str] | None, *, start: datetime, limit: int) -> Sequence[sa.Row[Any]]:
    """The types or owners (`what`) with the most of the newest issues that opened since `start`: the columns, opened, unresolved, worst."""
    return tx.execute(_noisiest(what, is_limited=clusters is not None), _values(tx, clusters, start=start, limit=limit)).all()


@lru_cache(maxsize=2)
def _ended(*, is_limited: bool) -> sa.Select[Any]:
    rows = sa.select(issues.c.detected_at, issues.c.resolved_at).where(*_root, issues.c.resolved_at >= _START)
    return _within(rows, is_limited=is_limited).order_by(issues.c.resolved_at.desc()).limit(sa.bindparam("limit", type_=sa.Integer))


def ended(tx: Transaction, clusters: Collection[str] | None, *, start: datetime, limit: int) -> Sequence[sa.Row[Any]]:
    """(detected_at, resolved_at) of the issues that were resolved last, since `start`."""
    return tx.execute(_ended(is_limited=clusters is not None), _values(tx, clusters, start=start, limit=limit)).all()


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
    lambda dialect: sa.select(issues.c.id, issues.c.detected_at, issues.c.cluster_id).where(
        unindexed(issues.c.org_id) == _org, among(issues.c.id, dialect)
    )
)


def detected(tx: Transaction, issue_ids: Collection[str]) -> Sequence[sa.Row[Any]]:
    """(id, detected_at, cluster_id) of these issues."""
    return tx.execute(_DETECTED[tx.dialect], {"org": tx.org_id, "wanted": listed(tx, issue_ids)}).all() if issue_ids else []
