"""The SQL of what is captured when an issue opens: the log lines of its containers, and what was around it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from optral.analysis.model import CapturedLog
from optral.analysis.tables import capture_settings, captured_logs, captured_surroundings
from optral.store.dialects import by_dialect
from optral.store.transaction import Transaction


def _save_log(dialect: str) -> sa.Executable:
    build = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = build(captured_logs)
    return statement.on_conflict_do_update(
        index_elements=["issue_id", "namespace", "pod", "container", "previous"],
        set_={name: statement.excluded[name] for name in ("text", "truncated", "captured_at", "failure", "due_at", "attempts")},
        where=captured_logs.c.org_id == statement.excluded.org_id,
    )


_SAVE_LOG = by_dialect(_save_log)


def _want_log(dialect: str) -> sa.Executable:
    """What was captured earlier stays until something newer comes; what is being fetched goes on, what rests after a failure does not."""
    build = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = build(captured_logs)
    return statement.on_conflict_do_update(
        index_elements=["issue_id", "namespace", "pod", "container", "previous"],
        set_={name: statement.excluded[name] for name in ("failure", "due_at", "attempts")},
        where=sa.and_(
            captured_logs.c.org_id == statement.excluded.org_id,
            sa.or_(captured_logs.c.due_at.is_(None), captured_logs.c.failure.is_not(None)),
        ),
    )


_WANT_LOG = by_dialect(_want_log)
_logs = (
    sa.select(captured_logs)
    .where(captured_logs.c.org_id == sa.bindparam("org"), captured_logs.c.issue_id == sa.bindparam("issue"))
    .order_by(
        captured_logs.c.captured_at.desc(),
        *(captured_logs.c[name] for name in ("namespace", "pod", "container")),
        captured_logs.c.previous.desc(),
    )
    .limit(20)
)

_hold_logs = (
    sa.select(captured_logs.c.pod)
    .where(captured_logs.c.org_id == sa.bindparam("org"), captured_logs.c.issue_id == sa.bindparam("issue"))
    .order_by(captured_logs.c.pod, captured_logs.c.container, captured_logs.c.previous)
    .with_for_update()
)


# Of all organizations, like the due analyses. Texts stay where they are: what is due is only chosen from.
_log_key = [captured_logs.c[name] for name in ("org_id", "issue_id", "namespace", "pod", "container", "previous")]
_in_line = (
    sa.select(
        *_log_key,
        captured_logs.c.cluster_id,
        captured_logs.c.due_at,
        captured_logs.c.attempts,
        captured_logs.c.captured_at,
        sa.func.row_number()
        .over(partition_by=captured_logs.c.cluster_id, order_by=(captured_logs.c.due_at, captured_logs.c.issue_id))
        .label("place"),
    )
    .where(captured_logs.c.due_at.is_not(None), captured_logs.c.due_at <= sa.bindparam("now"))
    .subquery()
)
_due_logs = (
    sa.select(_in_line)
    .where(_in_line.c.place <= sa.bindparam("of_each"))
    .order_by(_in_line.c.place, _in_line.c.due_at)
    .limit(sa.bindparam("limit"))
)
_next_due_log = sa.select(sa.func.min(captured_logs.c.due_at)).where(captured_logs.c.due_at.is_not(None))
_this_log = (
    captured_logs.c.org_id == sa.bindparam("p_org_id"),
    captured_logs.c.issue_id == sa.bindparam("p_issue_id"),
    captured_logs.c.namespace == sa.bindparam("p_namespace"),
    captured_logs.c.pod == sa.bindparam("p_pod"),
    captured_logs.c.container == sa.bindparam("p_container"),
    captured_logs.c.previous == sa.bindparam("p_previous"),
)
_log = sa.select(captured_logs).where(*_this_log).with_for_update()
_delete_log = sa.delete(captured_logs).where(*_this_log)


def due_logs(tx: Transaction, now: datetime, *, of_each: int, limit: int) -> list[tuple[str, CapturedLog]]:
    """(organization, log without its text) of logs that somebody should fetch: the first `of_each` of each cluster."""
    rows = tx.execute(_due_logs, {"now": now, "of_each": of_each, "limit": limit})
    return [(row.org_id, _captured(row)) for row in rows]


def next_due_log(tx: Transaction) -> datetime | None:
    found: datetime | None = tx.execute(_next_due_log).scalar_one()
    return found


def log(tx: Transaction, named: CapturedLog) -> CapturedLog | None:
    """The row of this very log as it stands; on PostgreSQL nobody else takes it before this transaction ends."""
    row = tx.execute(_log, _log_values(tx, named)).first()
    return None if row is None else _captured(row)


def delete_log(tx: Transaction, named: CapturedLog) -> None:
    tx.execute(_delete_log, _log_values(tx, named))


def _log_values(tx: Transaction, named: CapturedLog) -> dict[str, Any]:
    names = ("issue_id", "namespace", "pod", "container", "previous")
    return {"p_org_id": tx.org_id} | {f"p_{name}": getattr(named, name) for name in names}


def _captured(row: Any) -> CapturedLog:
    values = dict(row._mapping)
    values.pop("org_id")
    values.pop("place", None)
    return CapturedLog(**values)


def save_logs(tx: Transaction, logs: Iterable[CapturedLog]) -> None:
    if rows := _log_rows(tx, logs):
        tx.execute(_SAVE_LOG[tx.dialect], rows)


def want_logs(tx: Transaction, logs: Iterable[CapturedLog]) -> None:
    if rows := _log_rows(tx, logs):
        tx.execute(_WANT_LOG[tx.dialect], rows)


def _log_rows(tx: Transaction, logs: Iterable[CapturedLog]) -> list[dict[str, Any]]:
    names = [column.name for column in captured_logs.c if column.name != "org_id"]
    return [{"org_id": tx.org_id, **{name: getattr(log, name) for name in names}} for log in logs]


def hold_logs(tx: Transaction, issue_id: str) -> None:
    """Until this transaction ends nobody else changes what is captured for the issue; SQLite has one writer anyway.

    Call before saving the last of several logs that come in at once, so that one of them sees itself to be the last.
    """
    tx.execute(_hold_logs, {"org": tx.org_id, "issue": issue_id})


def logs(tx: Transaction, issue_id: str) -> list[CapturedLog]:
    """What was captured for an issue, newest first."""
    return [_captured(row) for row in tx.execute(_logs, {"org": tx.org_id, "issue": issue_id})]


_with_logs = (
    sa.select(captured_logs.c.issue_id)
    .where(
        captured_logs.c.org_id == sa.bindparam("org"),
        captured_logs.c.issue_id.in_(sa.bindparam("issues", expanding=True)),
        sa.or_(captured_logs.c.attempts > 0, captured_logs.c.text != ""),
    )
    .distinct()
)


def with_logs(tx: Transaction, issue_ids: Sequence[str]) -> set[str]:
    """Those of the issues of which a log was fetched or is being fetched."""
    if not issue_ids:
        return set()
    return set(tx.execute(_with_logs, {"org": tx.org_id, "issues": list(issue_ids)}).scalars())


# --- what was around the issue


def _save_surroundings(dialect: str) -> sa.Executable:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(captured_surroundings)
    return statement.on_conflict_do_update(
        index_elements=["issue_id"],
        set_={name: statement.excluded[name] for name in ("captured_at", "body")},
        where=captured_surroundings.c.org_id == statement.excluded.org_id,
    )


_SAVE_SURROUNDINGS = by_dialect(_save_surroundings)
_surroundings = sa.select(captured_surroundings.c.captured_at, captured_surroundings.c.body).where(
    captured_surroundings.c.org_id == sa.bindparam("org"), captured_surroundings.c.issue_id == sa.bindparam("issue")
)
_is_on = sa.select(capture_settings.c.is_on).where(capture_settings.c.org_id == sa.bindparam("org"))


def _set_on(dialect: str) -> sa.Executable:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(capture_settings)
    return statement.on_conflict_do_update(index_elements=["org_id"], set_={"is_on": statement.excluded.is_on})


_SET_ON = by_dialect(_set_on)


def save_surroundings(tx: Transaction, issue_id: str, *, cluster_id: str, body: str) -> None:
    row = {"org_id": tx.org_id, "issue_id": issue_id, "cluster_id": cluster_id, "captured_at": tx.now, "body": body}
    tx.execute(_SAVE_SURROUNDINGS[tx.dialect], [row])


def surroundings(tx: Transaction, issue_id: str) -> tuple[datetime, str] | None:
    """(since when it is kept, the JSON); None where nothing was captured."""
    row = tx.execute(_surroundings, {"org": tx.org_id, "issue": issue_id}).first()
    return None if row is None else (row.captured_at, row.body)


def is_capture_on(tx: Transaction) -> bool:
    """Whether the organization wants containers' last words fetched when their issue opens; it does unless it has said no."""
    found: bool | None = tx.execute(_is_on, {"org": tx.org_id}).scalar_one_or_none()
    return found is not False


def set_capture(tx: Transaction, is_on: bool) -> None:
    tx.execute(_SET_ON[tx.dialect], [{"org_id": tx.org_id, "is_on": is_on}])
