"""All SQL of analyses and captured logs."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from optral.analysis.model import Analysis, AnalysisFilter, Status, Trigger
from optral.analysis.tables import READY, analyses, analysis_feedback, analysis_settings, captured_logs, captured_surroundings
from optral.kit.paging import PageRequest
from optral.store import batches
from optral.store.dialects import by_dialect
from optral.store.lists import paged, place_of, unindexed
from optral.store.transaction import Transaction

_UNUSED = "feedback"  # of an earlier version
_NAMES = [column.name for column in analyses.c if column.name != _UNUSED]
_WHOLE = sa.select(*(analyses.c[name] for name in _NAMES))


def _insert_alone(dialect: str) -> sa.Executable:
    """Unless the issue has a live one: of two who ask at the same moment one finds the other's."""
    build = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return build(analyses).on_conflict_do_nothing(
        index_elements=["org_id", "issue_id"], index_where=sa.text("status IN ('queued', 'running')")
    )


_INSERT = by_dialect(_insert_alone)
_update = (
    sa.update(analyses)
    .where(
        analyses.c.org_id == sa.bindparam("p_org_id"),
        analyses.c.id == sa.bindparam("p_id"),
        analyses.c.version == sa.bindparam("known_version"),
    )
    .values({name: sa.bindparam("p_" + name) for name in _NAMES if name not in ("id", "org_id")})
)
_mine = analyses.c.org_id == sa.bindparam("org")
_get = _WHOLE.where(_mine, analyses.c.id == sa.bindparam("id"))
_live = _WHOLE.where(
    _mine, analyses.c.issue_id == sa.bindparam("issue"), analyses.c.status.in_([Status.QUEUED.value, Status.RUNNING.value])
)
_live_of = _WHOLE.where(
    _mine,
    analyses.c.issue_id.in_(sa.bindparam("issues", expanding=True)),
    analyses.c.status.in_([Status.QUEUED.value, Status.RUNNING.value]),
)
_newest = (
    _WHOLE.where(_mine, analyses.c.issue_id == sa.bindparam("issue")).order_by(analyses.c.created_at.desc(), analyses.c.id.desc()).limit(1)
)
_answers = _WHOLE.where(
    _mine,
    analyses.c.issue_id == sa.bindparam("issue"),
    analyses.c.status.in_([Status.READY.value, Status.INCONCLUSIVE.value]),
)
_newest_answer = _answers.where(analyses.c.weaker_than.is_(None)).order_by(analyses.c.created_at.desc(), analyses.c.id.desc()).limit(1)
_last_answers = _newest_answer.limit(sa.bindparam("limit", type_=sa.Integer))
_newest_ids = (
    sa.select(analyses.c.issue_id, sa.func.max(analyses.c.id).label("id"))
    .where(_mine, analyses.c.issue_id.in_(sa.bindparam("issues", expanding=True)))
    .group_by(analyses.c.issue_id)
)
_answer_ids = _newest_ids.where(analyses.c.status.in_([Status.READY.value, Status.INCONCLUSIVE.value]), analyses.c.weaker_than.is_(None))
_with_ids = (unindexed(analyses.c.org_id) == sa.bindparam("org"), analyses.c.id.in_(sa.bindparam("ids", expanding=True)))
_by_ids = _WHOLE.where(*_with_ids)
_causes = sa.select(analyses.c.issue_id, analyses.c.cause_id).where(*_with_ids)
_answered = _answers.where(analyses.c.evidence_hash == sa.bindparam("hash")).order_by(analyses.c.id.desc()).limit(1)
# Of all organizations: the worker acts as the system and then as the organization of each row.
_but = analyses.c.org_id.not_in(sa.bindparam("but", expanding=True))
_is_asked = sa.case((analyses.c.trigger == Trigger.MANUAL.value, 0), else_=1)
_waiting = (
    sa.select(
        analyses.c.id,
        analyses.c.org_id,
        analyses.c.due_at,
        _is_asked.label("is_automatic"),
        sa.func.row_number()
        .over(partition_by=analyses.c.cluster_id, order_by=(_is_asked, analyses.c.due_at, analyses.c.id))
        .label("place"),
    )
    .where(analyses.c.due_at.is_not(None), analyses.c.due_at <= sa.bindparam("now"), _but)
    .subquery()
)
_due = (
    sa.select(_waiting.c.id, _waiting.c.org_id)
    .order_by(_waiting.c.is_automatic, _waiting.c.place, _waiting.c.due_at)
    .limit(sa.bindparam("limit"))
)
_next_due = sa.select(sa.func.min(analyses.c.due_at)).where(analyses.c.due_at.is_not(None), _but)


def _row(analysis: Analysis, prefix: str = "") -> dict[str, Any]:
    values = {name: getattr(analysis, name) for name in _NAMES}
    values["status"], values["trigger"] = analysis.status.value, analysis.trigger.value
    values["result"] = dict(analysis.result)
    return {prefix + name: value for name, value in values.items()}


def _analysis(row: Any) -> Analysis:
    values = dict(row._mapping)
    values["status"], values["trigger"] = Status(values["status"]), Trigger(values["trigger"])
    return Analysis(**values)


def insert(tx: Transaction, new: Sequence[Analysis]) -> None:
    """Write them; those whose issue has a live one already are not written."""
    if new:
        tx.execute(_INSERT[tx.dialect], [_row(analysis) for analysis in new])


def update(tx: Transaction, before: Analysis, after: Analysis) -> bool:
    """Whether it was written: not when somebody else has changed the row since it was read."""
    return tx.execute(_update, {**_row(after, "p_"), "known_version": before.version}).rowcount == 1


_touch = (
    sa.update(analyses)
    .where(analyses.c.org_id == sa.bindparam("p_org"), analyses.c.id == sa.bindparam("p_id"))
    .values(version=analyses.c.version + 1)
)


def touch(tx: Transaction, analysis_id: str) -> None:
    """The next version of an analysis: something is shown with it that is not in its row."""
    tx.execute(_touch, {"p_org": tx.org_id, "p_id": analysis_id})


def get(tx: Transaction, analysis_id: str) -> Analysis | None:
    row = tx.execute(_get, {"org": tx.org_id, "id": analysis_id}).first()
    return None if row is None else _analysis(row)


def live(tx: Transaction, issue_id: str) -> Analysis | None:
    """The queued or running one."""
    row = tx.execute(_live, {"org": tx.org_id, "issue": issue_id}).first()
    return None if row is None else _analysis(row)


def live_of(tx: Transaction, issue_ids: Collection[str]) -> dict[str, Analysis]:
    """The queued or running one of each of these issues that has one."""
    if not issue_ids:
        return {}
    return {row.issue_id: _analysis(row) for row in tx.execute(_live_of, {"org": tx.org_id, "issues": list(issue_ids)})}


def newest(tx: Transaction, issue_id: str) -> Analysis | None:
    row = tx.execute(_newest, {"org": tx.org_id, "issue": issue_id}).first()
    return None if row is None else _analysis(row)


def newest_answer(tx: Transaction, issue_id: str) -> Analysis | None:
    """The answer that an issue shows or would show: its newest one that is no attempt."""
    row = tx.execute(_newest_answer, {"org": tx.org_id, "issue": issue_id}).first()
    return None if row is None else _analysis(row)


def last_answers(tx: Transaction, issue_id: str, limit: int) -> list[Analysis]:
    """The answers of an issue, the newest first."""
    return [_analysis(row) for row in tx.execute(_last_answers, {"org": tx.org_id, "issue": issue_id, "limit": limit})]


def newest_of(tx: Transaction, issue_ids: Sequence[str]) -> dict[str, Analysis]:
    """The newest analysis of each of these issues that has one, in any state."""
    return {row.issue_id: _analysis(row) for row in _chosen(tx, _newest_ids, _by_ids, issue_ids)}


def answers_of(tx: Transaction, issue_ids: Sequence[str]) -> dict[str, Analysis]:
    """The answer that each of these issues shows, if it has one."""
    return {row.issue_id: _analysis(row) for row in _chosen(tx, _answer_ids, _by_ids, issue_ids)}


def causes_of(tx: Transaction, issue_ids: Sequence[str]) -> dict[str, str | None]:
    """The cause, or None, that the answer of each of these issues names, of those that have one."""
    return {row.issue_id: row.cause_id for row in _chosen(tx, _answer_ids, _causes, issue_ids)}


def _chosen(tx: Transaction, ids: sa.Select[Any], statement: sa.Select[Any], issue_ids: Sequence[str]) -> Sequence[sa.Row[Any]]:
    """Rows of one analysis of each of these issues: of those that `ids` may choose the newest. Ids rise with time."""
    found = tx.execute(ids, {"org": tx.org_id, "issues": list(issue_ids)}).all() if issue_ids else []
    return tx.execute(statement, {"org": tx.org_id, "ids": [row.id for row in found]}).all() if found else []


def answered(tx: Transaction, issue_id: str, evidence_hash: str) -> Analysis | None:
    """The newest answer of an issue that rests on this very evidence."""
    row = tx.execute(_answered, {"org": tx.org_id, "issue": issue_id, "hash": evidence_hash}).first()
    return None if row is None else _analysis(row)


def due(tx: Transaction, now: datetime, limit: int, but: frozenset[str]) -> list[tuple[str, str]]:
    """(id, organization) of rows that may be claimed, of all organizations but these: requests of people first, clusters in turn."""
    return [(row.id, row.org_id) for row in tx.execute(_due, {"now": now, "limit": limit, "but": sorted(but)})]


def next_due(tx: Transaction, but: frozenset[str]) -> datetime | None:
    found: datetime | None = tx.execute(_next_due, {"but": sorted(but)}).scalar_one()
    return found


_IN = {"issues": analyses.c.issue_id, "statuses": analyses.c.status, "clusters": analyses.c.cluster_id}


@lru_cache(maxsize=64)
def _filtered(shape: tuple[str, ...], *, counted: bool, descending: bool, after: bool) -> sa.Select[Any]:
    statement: sa.Select[Any] = sa.select(sa.func.count()).select_from(analyses) if counted else _WHOLE
    statement = statement.where(_mine)
    statement = statement.where(*(_IN[name].in_(sa.bindparam(name, expanding=True)) for name in shape))
    if counted:
        return statement
    return paged(statement, analyses.c.created_at, analyses.c.id, descending=descending, after=after)


def _values(tx: Transaction, wanted: AnalysisFilter) -> dict[str, Any]:
    values: dict[str, Any] = {name: sorted(chosen) for name in ("issues", "statuses") if (chosen := getattr(wanted, name))}
    if tx.actor.clusters is not None:
        values["clusters"] = sorted(tx.actor.clusters)
    return values


def find(tx: Transaction, wanted: AnalysisFilter, page: PageRequest) -> list[Analysis]:
    """A page, ordered by the time of the request."""
    values = _values(tx, wanted)
    statement = _filtered(tuple(values), counted=False, descending=page.descending, after=page.after is not None)
    values |= {"org": tx.org_id, **place_of(page)}
    return [_analysis(row) for row in tx.execute(statement, values)]


def count(tx: Transaction, wanted: AnalysisFilter) -> int:
    values = _values(tx, wanted)
    found: int = tx.execute(_filtered(tuple(values), counted=True, descending=True, after=False), values | {"org": tx.org_id}).scalar_one()
    return found


_ready_since = (
    sa.select(analyses.c.issue_id, analyses.c.finished_at)
    .where(_mine, sa.text(READY), analyses.c.finished_at >= sa.bindparam("since", type_=analyses.c.finished_at.type))
    .order_by(analyses.c.finished_at.desc())
    .limit(sa.bindparam("limit", type_=sa.Integer))
)


def ready_since(tx: Transaction, since: datetime, limit: int) -> Sequence[sa.Row[Any]]:
    """(issue_id, finished_at) of the newest analyses that named a cause, newest first."""
    return tx.execute(_ready_since, {"org": tx.org_id, "since": since, "limit": limit}).all()


# --- automatic analyses

_is_automatic = sa.select(analysis_settings.c.is_automatic).where(analysis_settings.c.org_id == sa.bindparam("org"))


def _set_automatic(dialect: str) -> sa.Executable:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(analysis_settings)
    return statement.on_conflict_do_update(index_elements=["org_id"], set_={"is_automatic": statement.excluded.is_automatic})


_SET_AUTOMATIC = by_dialect(_set_automatic)


def is_automatic(tx: Transaction) -> bool:
    """Whether the organization wants severe issues analyzed by themselves when they open; it does unless it has said no."""
    found: bool | None = tx.execute(_is_automatic, {"org": tx.org_id}).scalar_one_or_none()
    return found is not False


def set_automatic(tx: Transaction, is_automatic: bool) -> None:
    tx.execute(_SET_AUTOMATIC[tx.dialect], [{"org_id": tx.org_id, "is_automatic": is_automatic}])


_forgo = sa.delete(analyses).where(
    analyses.c.org_id == sa.bindparam("org"),
    analyses.c.issue_id == sa.bindparam("issue"),
    analyses.c.status == Status.QUEUED.value,
    analyses.c.trigger == Trigger.AUTO.value,
)


def forgo(tx: Transaction, issue_id: str) -> None:
    """Take back the automatic analysis that has not begun: the issue has turned out to be the symptom of another."""
    tx.execute(_forgo, {"org": tx.org_id, "issue": issue_id})


# --- cleaning


_FEEDBACK_KEY = ("analysis_id", "person_id")
_LOG_KEY = ("issue_id", "namespace", "pod", "container", "previous")
_OLD = {
    "analyses": batches.older(analyses, "created_at", "id"),
    "feedback": batches.older(analysis_feedback, "updated_at", *_FEEDBACK_KEY),
    "logs": batches.older(captured_logs, "captured_at", *_LOG_KEY),
    "surroundings": batches.older(captured_surroundings, "captured_at", "issue_id"),
}
_PURGE = (
    batches.of_cluster(captured_logs, *_LOG_KEY),
    batches.of_cluster(captured_surroundings, "issue_id"),
    batches.of_cluster(analysis_feedback, *_FEEDBACK_KEY),
    batches.of_cluster(analyses, "id"),
)


def delete_old(tx: Transaction, what: str, before: datetime, limit: int) -> int:
    return tx.execute(_OLD[what], {"before": before, "limit": limit}).rowcount


def purge(tx: Transaction, cluster_id: str, limit: int) -> int:
    """Delete up to `limit` rows of a cluster; how many were deleted."""
    for statement in _PURGE:
        if deleted := tx.execute(statement, {"org": tx.org_id, "cluster": cluster_id, "limit": limit}).rowcount:
            return deleted
    return 0
