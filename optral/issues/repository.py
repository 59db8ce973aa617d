"""All SQL of issues. Every ingest job makes one lookup by uid; everything else runs only if there are findings or conditions."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from optral.issues.model import Activity, Condition, Issue, State, Status, Substatus
from optral.issues.tables import issue_activity, issue_comments, issue_conditions, issue_groupings, issue_looks, issue_texts, issues
from optral.issues.triage import snooze
from optral.kit.paging import PageRequest
from optral.store.dialects import among, by_dialect, listed
from optral.store.prepared import Prepared
from optral.store.transaction import Transaction
from optral.terms.severity import Severity

MAX_TEXT = 1000
_STATES = {state.value: state for state in State}
_SEVERITIES = {severity.value: severity for severity in Severity}
_CONDITION_FIELDS = tuple(f.name for f in fields(Condition))
_ISSUE_FIELDS = tuple(f.name for f in fields(Issue))
_org: sa.BindParameter[str] = sa.bindparam("org")
_cluster: sa.BindParameter[str] = sa.bindparam("cluster")


_condition_columns = [issue_conditions.c[name] for name in _CONDITION_FIELDS]
_conditions = sa.select(*_condition_columns).where(issue_conditions.c.org_id == _org, issue_conditions.c.cluster_id == _cluster)
# The plus keeps SQLite's planner, which knows no statistics, from walking all conditions of the cluster instead of looking up the uids.
_by_uid = sa.select(*_condition_columns).where(sa.text("+issue_conditions.org_id = :org"), issue_conditions.c.cluster_id == _cluster)
_BY_UIDS_OF = {
    "sqlite": _by_uid.where(among(issue_conditions.c.uid, "sqlite")),
    "postgresql": _conditions.where(among(issue_conditions.c.uid, "postgresql")),
}
_BY_UIDS = Prepared(_BY_UIDS_OF)
_UIDS_AMONG = Prepared({dialect: select.with_only_columns(issue_conditions.c.uid) for dialect, select in _BY_UIDS_OF.items()})
_by_issue = sa.select(*_condition_columns).where(issue_conditions.c.org_id == _org, issue_conditions.c.state != State.CLOSED.value)
_BY_ISSUES = Prepared(by_dialect(lambda dialect: _by_issue.where(among(issue_conditions.c.issue_id, dialect))))
_BY_FINGERPRINTS = Prepared(by_dialect(lambda dialect: _conditions.where(among(issue_conditions.c.fingerprint, dialect))))


def _condition(row: Any) -> Condition:
    values: dict[str, Any] = dict(zip(_CONDITION_FIELDS, row, strict=True))
    values["state"], values["severity"] = _STATES[values["state"]], _SEVERITIES[values["severity"]]
    return Condition(**values)


def conditions_of(tx: Transaction, cluster_id: str, uids: Collection[str]) -> list[Condition]:
    """All conditions of these objects."""
    rows = tx.fetch(_BY_UIDS, {"org": tx.org_id, "cluster": cluster_id, "wanted": listed(tx, uids)})
    return [_condition(row) for row in rows]


def with_conditions(tx: Transaction, cluster_id: str, uids: Collection[str]) -> set[str]:
    """Those of these objects that have conditions, including closed ones."""
    return {row.uid for row in tx.fetch(_UIDS_AMONG, {"org": tx.org_id, "cluster": cluster_id, "wanted": listed(tx, uids)})}


def conditions_with(tx: Transaction, cluster_id: str, fingerprints: Collection[str]) -> list[Condition]:
    rows = tx.fetch(_BY_FINGERPRINTS, {"org": tx.org_id, "cluster": cluster_id, "wanted": listed(tx, fingerprints)})
    return [_condition(row) for row in rows]


def living_conditions(tx: Transaction, issue_ids: Collection[str]) -> list[Condition]:
    """The conditions of these issues that are not closed."""
    return [_condition(row) for row in tx.fetch(_BY_ISSUES, {"org": tx.org_id, "wanted": listed(tx, issue_ids)})]


def _save(table: sa.Table, key: Sequence[str]) -> Prepared:
    def build(dialect: str) -> Any:
        statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
        rest = {column.name: statement.excluded[column.name] for column in table.c if column.name not in (*key, "org_id")}
        return statement.on_conflict_do_update(index_elements=list(key), set_=rest, where=table.c.org_id == statement.excluded.org_id)

    return Prepared(by_dialect(build))


_SAVE_CONDITIONS = _save(issue_conditions, ("cluster_id", "uid", "fingerprint"))
_SAVE_LOOKS = _save(issue_looks, ("cluster_id", "uid"))
_delete_condition = sa.delete(issue_conditions).where(
    issue_conditions.c.org_id == _org,
    issue_conditions.c.cluster_id == _cluster,
    issue_conditions.c.uid == sa.bindparam("the_uid"),
    issue_conditions.c.fingerprint == sa.bindparam("the_fingerprint"),
)


def save_conditions(tx: Transaction, conditions: Sequence[Condition]) -> None:
    if conditions:
        rows = [{name: getattr(c, name) for name in _CONDITION_FIELDS} | {"org_id": tx.org_id} for c in conditions]
        tx.send_many(_SAVE_CONDITIONS, rows)


def delete_conditions(tx: Transaction, conditions: Sequence[Condition]) -> None:
    if conditions:
        tx.execute(
            _delete_condition,
            [{"org": tx.org_id, "cluster": c.cluster_id, "the_uid": c.uid, "the_fingerprint": c.fingerprint} for c in conditions],
        )


def save_looks(tx: Transaction, cluster_id: str, looks: dict[str, Any]) -> None:
    if looks:
        rows = [{"org_id": tx.org_id, "cluster_id": cluster_id, "uid": uid, "due_at": at} for uid, at in looks.items()]
        tx.send_many(_SAVE_LOOKS, rows)


_delete_look = sa.delete(issue_looks).where(
    issue_looks.c.org_id == _org, issue_looks.c.cluster_id == _cluster, issue_looks.c.uid == sa.bindparam("the_uid")
)


def delete_looks(tx: Transaction, cluster_id: str, uids: Collection[str]) -> None:
    if uids:
        tx.execute(_delete_look, [{"org": tx.org_id, "cluster": cluster_id, "the_uid": uid} for uid in uids])


def _due(table: sa.Table) -> sa.Select[Any]:
    return (
        sa.select(table.c.uid)
        .where(table.c.org_id == _org, table.c.cluster_id == _cluster, table.c.due_at <= sa.bindparam("now"))
        .order_by(table.c.due_at)
        .limit(sa.bindparam("limit"))
    )


def _next(table: sa.Table) -> sa.Select[Any]:
    return sa.select(sa.func.min(table.c.due_at)).where(table.c.org_id == _org, table.c.cluster_id == _cluster)


_DUE = (_due(issue_conditions), _due(issue_looks))
_dues = sa.select(
    _next(issue_conditions).scalar_subquery().label("condition"),
    _next(issue_looks).scalar_subquery().label("look"),
    sa.select(issue_groupings.c.due_at)
    .where(issue_groupings.c.org_id == _org, issue_groupings.c.cluster_id == _cluster)
    .scalar_subquery()
    .label("grouping"),
)
_DUES = Prepared(_dues)


def due(tx: Transaction, cluster_id: str, now: Any, limit: int) -> list[str]:
    values = {"org": tx.org_id, "cluster": cluster_id, "now": now, "limit": limit}
    return [row[0] for statement in _DUE for row in tx.execute(statement, values).all()]


def due_looks(tx: Transaction, cluster_id: str, now: Any, limit: int) -> list[str]:
    values = {"org": tx.org_id, "cluster": cluster_id, "now": now, "limit": limit}
    return [row[0] for row in tx.execute(_DUE[1], values).all()]


def dues(tx: Transaction, cluster_id: str) -> tuple[datetime | None, datetime | None]:
    """When the next examination and the next grouping of the cluster are due; None where none is."""
    [(condition, look, grouping)] = tx.fetch(_DUES, {"org": tx.org_id, "cluster": cluster_id})
    return min((at for at in (condition, look) if at is not None), default=None), grouping


_ENUMS: list[tuple[str, dict[str, Any]]] = [
    (name, {member.value: member for member in kind})
    for name, kind in (("severity", Severity), ("status", Status), ("substatus", Substatus))
]
_issue_columns = [issues.c[name] for name in _ISSUE_FIELDS]
WHOLE = sa.select(*_issue_columns)
_issues = WHOLE
_ISSUES_WITH = Prepared(
    by_dialect(
        lambda dialect: _issues.where(
            issues.c.org_id == _org, issues.c.cluster_id == _cluster, among(issues.c.fingerprint, dialect)
        ).order_by(issues.c.detected_at, issues.c.id)
    )
)
_get = _issues.where(issues.c.org_id == _org, issues.c.id == sa.bindparam("issue"))
_live_of = (
    _issues.where(issues.c.org_id == _org, issues.c.cluster_id == _cluster, issues.c.status != "resolved")
    .order_by(issues.c.id)
    .limit(sa.bindparam("limit"))
)
_subjects_of_live = (
    sa.select(
        *(issues.c.id, issues.c.team, issues.c.team_reason),
        *(issue_conditions.c.subject_kind, issue_conditions.c.subject_namespace, issue_conditions.c.subject_name),
    )
    .join(issue_conditions, sa.and_(issue_conditions.c.org_id == issues.c.org_id, issue_conditions.c.issue_id == issues.c.id))
    .where(issues.c.org_id == _org, issues.c.cluster_id == _cluster, issues.c.status != "resolved")
    .distinct()
)
_KEPT = ("id", "org_id", "has_analysis")  # a move of the issue never writes this: an analysis may have finished meanwhile
_insert = sa.insert(issues)
_update = Prepared(
    sa.update(issues)
    .where(issues.c.org_id == _org, issues.c.id == sa.bindparam("the_id"))
    .values({c.name: sa.bindparam("p_" + c.name) for c in issues.c if c.name not in _KEPT})
)
_mark_analysed = (
    sa.update(issues)
    .where(issues.c.org_id == _org, issues.c.id == sa.bindparam("the_id"))
    .values(has_analysis=sa.true(), version=issues.c.version + 1)
)
_touch = Prepared(
    sa.update(issues)
    .where(
        issues.c.org_id == _org,
        issues.c.id == sa.bindparam("the_id"),
        issues.c.status != "resolved",
        issues.c.last_seen_at <= sa.bindparam("before", type_=issues.c.last_seen_at.type),
    )
    .values(last_seen_at=sa.bindparam("now", type_=issues.c.last_seen_at.type))
)


def _save_text(dialect: str) -> Any:
    """Write the text of an issue only if it is another one: most updates leave it as it is."""
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(issue_texts)
    statement = statement.values({column.name: sa.bindparam("p_" + column.name) for column in issue_texts.c})
    is_other = issue_texts.c.text != statement.excluded.text
    return statement.on_conflict_do_update(index_elements=["org_id", "issue_id"], set_={"text": statement.excluded.text}, where=is_other)


_SAVE_TEXT = Prepared(by_dialect(_save_text))


def issue_of(row: Any) -> Issue:
    values: dict[str, Any] = dict(zip(_ISSUE_FIELDS, row, strict=True))  # a list of issues is the hottest read
    for name, kind in _ENUMS:
        values[name] = kind[values[name]]
    if values["snooze"] is not None:
        values["snooze"] = snooze.of(values["snooze"])
    return Issue(**values)


def _row(issue: Issue) -> dict[str, Any]:
    row = {name: getattr(issue, name) for name in _ISSUE_FIELDS}
    return row | {
        "severity_rank": issue.severity.rank,
        "urgency": issue.urgency,
        "status_rank": issue.status.rank,
        "facts": dict(issue.facts),
        "affected": list(issue.affected),
        "impact": dict(issue.impact),
        "told_impact": dict(issue.told_impact),
        "reopened": list(issue.reopened),
        "pace": dict(issue.pace),
        "labels": dict(issue.labels),
        "shown_as": issue.shown_as.value,
        "snooze": None if issue.snooze is None else issue.snooze.plain(),
        "snoozed_until": None if issue.snooze is None else issue.snooze.until,
    }


def issues_with(tx: Transaction, cluster_id: str, fingerprints: Collection[str]) -> dict[str, Issue]:
    """The newest issue of each fingerprint; an unresolved one takes precedence."""
    found: dict[str, Issue] = {}
    for row in tx.fetch(_ISSUES_WITH, {"org": tx.org_id, "cluster": cluster_id, "wanted": listed(tx, fingerprints)}):
        issue, known = issue_of(row), found.get(row.fingerprint)
        if known is None or known.status is Status.RESOLVED:
            found[row.fingerprint] = issue
    return found


def insert(tx: Transaction, new: Sequence[Issue]) -> None:
    if new:
        tx.execute(_insert, [_row(issue) for issue in new])
        _save_texts(tx, new)


def _save_texts(tx: Transaction, written: Sequence[Issue]) -> None:
    tx.send_many(_SAVE_TEXT, [{"p_issue_id": one.id, "p_org_id": tx.org_id, "p_text": _text(one)} for one in written])


def _text(issue: Issue) -> str:
    return "\n".join((issue.title, issue.resource, issue.owner_name)).lower()[:MAX_TEXT]


def mark_analyzed(tx: Transaction, issue_id: str) -> None:
    """Record that the issue has a (new) analysis; this increments its version."""
    tx.execute(_mark_analysed, {"org": tx.org_id, "the_id": issue_id})


def update(tx: Transaction, moved: Sequence[Issue]) -> None:
    if moved:
        rows = [_row(issue) for issue in moved]
        tx.send_many(
            _update,
            [
                {"p_" + name: value for name, value in row.items() if name not in _KEPT} | {"org": tx.org_id, "the_id": row["id"]}
                for row in rows
            ],
        )
        _save_texts(tx, moved)


def touch(tx: Transaction, issue_ids: Collection[str], *, now: Any, before: Any) -> None:
    if issue_ids:
        tx.send_many(_touch, [{"org": tx.org_id, "the_id": id_, "now": now, "before": before} for id_ in sorted(issue_ids)])


def get(tx: Transaction, issue_id: str) -> Issue | None:
    row = tx.execute(_get, {"org": tx.org_id, "issue": issue_id}).first()
    return None if row is None else issue_of(row)


def live_of(tx: Transaction, cluster_id: str, limit: int) -> list[Issue]:
    return [issue_of(row) for row in tx.execute(_live_of, {"org": tx.org_id, "cluster": cluster_id, "limit": limit})]


_postpone = (
    sa.update(issue_conditions)
    .where(
        issue_conditions.c.org_id == _org,
        issue_conditions.c.cluster_id == _cluster,
        issue_conditions.c.uid == sa.bindparam("the_uid"),
        issue_conditions.c.due_at < sa.bindparam("until", type_=issue_conditions.c.due_at.type),
    )
    .values(due_at=sa.bindparam("until", type_=issue_conditions.c.due_at.type))
)


def subjects_of_live(tx: Transaction, cluster_id: str) -> Sequence[Any]:
    """Of each unresolved issue of the cluster the id, the team with its reason, and its subject."""
    return tx.execute(_subjects_of_live, {"org": tx.org_id, "cluster": cluster_id}).all()


def postpone(tx: Transaction, cluster_id: str, uids: Collection[str], until: Any) -> None:
    if uids:
        tx.execute(_postpone, [{"org": tx.org_id, "cluster": cluster_id, "the_uid": uid, "until": until} for uid in uids])


_all_uids = sa.select(issue_conditions.c.uid, issue_conditions.c.kind).where(
    issue_conditions.c.org_id == _org, issue_conditions.c.cluster_id == _cluster
)


def uids(tx: Transaction, cluster_id: str) -> list[tuple[str, str]]:
    """(uid, kind id) of every object of the cluster that has conditions, including closed ones."""
    return [(row.uid, row.kind) for row in tx.execute(_all_uids, {"org": tx.org_id, "cluster": cluster_id})]


_FORGET = tuple(sa.delete(table).where(table.c.org_id == _org, table.c.cluster_id == _cluster) for table in (issue_conditions, issue_looks))


def forget_cluster(tx: Transaction, cluster_id: str) -> None:
    """Delete all conditions and scheduled examinations of a cluster."""
    for statement in _FORGET:
        tx.execute(statement, {"org": tx.org_id, "cluster": cluster_id})


def add_activity(tx: Transaction, rows: Sequence[Activity]) -> None:
    if rows:
        names = [f.name for f in fields(Activity)]
        tx.execute(sa.insert(issue_activity), [{name: getattr(row, name) for name in names} | {"org_id": tx.org_id} for row in rows])


_activity_columns = [issue_activity.c[f.name] for f in fields(Activity)]
_of_issue = (issue_activity.c.org_id == _org, issue_activity.c.issue_id == sa.bindparam("issue"))
_activity = sa.select(*_activity_columns).where(*_of_issue)
_count_activity = sa.select(sa.func.count()).select_from(issue_activity).where(*_of_issue)


def activity(tx: Transaction, issue_id: str, page: PageRequest | None = None) -> list[Activity]:
    query, column = _activity, issue_activity.c.id
    if page is not None and page.after is not None:
        query = query.where(column < page.after.id if page.descending else column > page.after.id)
    query = query.order_by(column.desc() if page is not None and page.descending else column)
    if page is not None:
        query = query.limit(page.size).offset(page.offset)
    return [Activity(**row._mapping) for row in tx.execute(query, {"org": tx.org_id, "issue": issue_id})]


_same_fingerprint = (
    sa.select(issues.c.id)
    .where(issues.c.org_id == _org, issues.c.cluster_id == _cluster, issues.c.fingerprint == sa.bindparam("fingerprint"))
    .order_by(issues.c.detected_at.desc())
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_opened_at = (
    sa.select(issue_activity.c.at)
    .where(
        issue_activity.c.org_id == _org,
        issue_activity.c.issue_id.in_(sa.bindparam("ids", expanding=True)),
        issue_activity.c.action.in_(("opened", "reopened")),
        issue_activity.c.at >= sa.bindparam("since", type_=issue_activity.c.at.type),
    )
    .order_by(issue_activity.c.at.desc())
    .limit(sa.bindparam("limit", type_=sa.Integer))
)


def opened_at(tx: Transaction, cluster_id: str, fingerprint: str, *, since: Any, limit: int) -> list[Any]:
    """The newest times at which issues with this fingerprint opened, newest first."""
    place = {"org": tx.org_id, "cluster": cluster_id, "fingerprint": fingerprint, "limit": limit}
    ids = list(tx.execute(_same_fingerprint, place).scalars())
    return list(tx.execute(_opened_at, {"org": tx.org_id, "ids": ids, "since": since, "limit": limit}).scalars()) if ids else []


def count_activity(tx: Transaction, issue_id: str) -> int:
    found: int = tx.execute(_count_activity, {"org": tx.org_id, "issue": issue_id}).scalar_one()
    return found


_old = (
    sa.select(issues.c.id, issues.c.org_id)
    .where(issues.c.resolved_at.is_not(None), issues.c.resolved_at < sa.bindparam("before", type_=issues.c.resolved_at.type))
    .order_by(issues.c.resolved_at)
    .limit(sa.bindparam("limit"))
)
_delete_issues = sa.delete(issues).where(issues.c.id.in_(sa.bindparam("ids", expanding=True)))
_delete_text = sa.delete(issue_texts).where(
    issue_texts.c.org_id == sa.bindparam("of_org"), issue_texts.c.issue_id == sa.bindparam("of_issue")
)
_DELETE_WITH = tuple(
    sa.delete(table).where(table.c.issue_id.in_(sa.bindparam("ids", expanding=True))) for table in (issue_activity, issue_comments)
)


def delete_old(tx: Transaction, before: Any, limit: int) -> int:
    rows = tx.execute(_old, {"before": before, "limit": limit}).all()
    ids = [row.id for row in rows]
    if ids:
        for statement in _DELETE_WITH:
            tx.execute(statement, {"ids": ids})
        tx.execute(_delete_text, [{"of_org": row.org_id, "of_issue": row.id} for row in rows])
        tx.execute(_delete_issues, {"ids": ids})
    return len(ids)
