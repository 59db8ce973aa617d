"""The SQL of what people say about analyses."""

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from optral.analysis.model import Feedback, FeedbackCount, FeedbackInput
from optral.analysis.tables import analysis_feedback as feedback
from optral.store.dialects import by_dialect
from optral.store.transaction import Transaction

_KEY = ("analysis_id", "person_id")
_ONCE = (*_KEY, "org_id", "created_at")
_org: sa.BindParameter[str] = sa.bindparam("org")
_mine = feedback.c.org_id == _org
_of_these = feedback.c.analysis_id.in_(sa.bindparam("ids", expanding=True))
_start = sa.bindparam("start", type_=feedback.c.updated_at.type)


def _put(dialect: str) -> sa.Executable:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(feedback)
    changed = {column.name: statement.excluded[column.name] for column in feedback.c if column.name not in _ONCE}
    return statement.on_conflict_do_update(index_elements=_KEY, set_=changed)


_PUT = by_dialect(_put)
_own = sa.select(feedback).where(_mine, _of_these, feedback.c.person_id == sa.bindparam("person"))
_of_analysis = (
    sa.select(feedback)
    .where(_mine, feedback.c.analysis_id == sa.bindparam("analysis"))
    .order_by(feedback.c.updated_at.desc(), feedback.c.person_id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_count = (
    sa.select(feedback.c.analysis_id, feedback.c.is_helpful, sa.func.count().label("number"))
    .where(_mine, _of_these)
    .group_by(feedback.c.analysis_id, feedback.c.is_helpful)
)
_delete = sa.delete(feedback).where(
    _mine, feedback.c.analysis_id == sa.bindparam("analysis"), feedback.c.person_id == sa.bindparam("person")
)


def put(tx: Transaction, given: Feedback) -> None:
    """Write the row in place of the one of the same person and analysis."""
    said = given.said
    values = {
        "org_id": tx.org_id,
        "analysis_id": given.analysis_id,
        "person_id": given.person_id,
        "cluster_id": given.cluster_id,
        "issue_type": given.issue_type,
        "cause_id": given.cause_id,
        "is_helpful": said.is_helpful,
        "reason": said.reason,
        "actual_cause": said.actual_cause,
        "comment": said.comment,
        "created_at": given.created_at,
        "updated_at": given.updated_at,
    }
    tx.execute(_PUT[tx.dialect], [values])


def delete(tx: Transaction, analysis_id: str, person_id: str) -> None:
    tx.execute(_delete, {"org": tx.org_id, "analysis": analysis_id, "person": person_id})


def own(tx: Transaction, analysis_ids: Collection[str], person_id: str) -> dict[str, Feedback]:
    """The rows of one person, by analysis."""
    if not analysis_ids:
        return {}
    rows = tx.execute(_own, {"org": tx.org_id, "ids": list(analysis_ids), "person": person_id})
    return {row.analysis_id: _feedback(row) for row in rows}


def of_analysis(tx: Transaction, analysis_id: str, limit: int) -> list[Feedback]:
    """Newest first."""
    return [_feedback(row) for row in tx.execute(_of_analysis, {"org": tx.org_id, "analysis": analysis_id, "limit": limit})]


def count(tx: Transaction, analysis_ids: Collection[str]) -> Iterator[tuple[str, bool, int]]:
    """(analysis id, whether it helped, how many said so)."""
    for row in tx.execute(_count, {"org": tx.org_id, "ids": list(analysis_ids)}) if analysis_ids else ():
        yield row.analysis_id, row.is_helpful, row.number


# --- over all analyses


def _within(statement: sa.Select[Any], *, is_limited: bool) -> sa.Select[Any]:
    return statement.where(feedback.c.cluster_id.in_(sa.bindparam("clusters", expanding=True))) if is_limited else statement


def _values(tx: Transaction, clusters: Collection[str] | None, **more: Any) -> dict[str, Any]:
    return {"org": tx.org_id, **more} | ({} if clusters is None else {"clusters": sorted(clusters)})


@lru_cache(maxsize=2)
def _counted(*, is_limited: bool) -> sa.Select[Any]:
    by = (feedback.c.issue_type, feedback.c.cause_id, feedback.c.is_helpful, feedback.c.reason)
    statement = sa.select(*by, sa.func.count().label("number")).where(_mine, feedback.c.updated_at >= _start)
    return _within(statement, is_limited=is_limited).group_by(*by)


def counted(tx: Transaction, since: datetime, clusters: Collection[str] | None) -> Iterator[FeedbackCount]:
    """How often each thing was said since then."""
    for row in tx.execute(_counted(is_limited=clusters is not None), _values(tx, clusters, start=since)):
        yield FeedbackCount(row.issue_type, row.cause_id, row.is_helpful, row.reason, row.number)


@lru_cache(maxsize=2)
def _histogram(*, is_limited: bool) -> sa.Select[Any]:
    since = sa.type_coerce(feedback.c.updated_at, sa.BigInteger) - _start
    bucket = sa.cast(since, sa.BigInteger).op("/")(sa.bindparam("width_us", type_=sa.BigInteger)).label("bucket")
    statement = sa.select(bucket, feedback.c.is_helpful, sa.func.count().label("number")).where(_mine, feedback.c.updated_at >= _start)
    return _within(statement, is_limited=is_limited).group_by(sa.literal_column("bucket"), feedback.c.is_helpful)


def histogram(tx: Transaction, start: datetime, width_us: int, clusters: Collection[str] | None) -> Iterator[tuple[int, bool, int]]:
    """(bucket of this width since `start`, whether it helped, how many said so)."""
    values = _values(tx, clusters, start=start, width_us=width_us)
    for row in tx.execute(_histogram(is_limited=clusters is not None), values):
        yield row.bucket, row.is_helpful, row.number


def _feedback(row: Any) -> Feedback:
    said = FeedbackInput(
        is_helpful=row.is_helpful,
        reason=row.reason,
        actual_cause=row.actual_cause,
        comment=row.comment,
    )
    return Feedback(
        analysis_id=row.analysis_id,
        person_id=row.person_id,
        cluster_id=row.cluster_id,
        issue_type=row.issue_type,
        cause_id=row.cause_id,
        said=said,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
