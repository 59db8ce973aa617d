"""The SQL of families of issues: what grouping compares, when a cluster is grouped again, and symptoms by their parent."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from optral.issues.model import Issue
from optral.issues.repository import WHOLE, issue_of
from optral.issues.tables import issue_groupings, issue_relations, issues
from optral.store import areas
from optral.store.dialects import among, by_dialect, listed
from optral.store.lists import unindexed
from optral.store.prepared import Prepared
from optral.store.transaction import Transaction

_org: sa.BindParameter[str] = sa.bindparam("org")
_cluster: sa.BindParameter[str] = sa.bindparam("cluster")
_ids: sa.BindParameter[list[str]] = sa.bindparam("ids", expanding=True)


class Row(NamedTuple):
    """A stored failure and relation, with fields of the issue."""

    issue_id: str
    failure: str
    relation: str | None
    attached_at: datetime | None
    orphaned_at: datetime | None
    parent: str | None
    status: str
    severity: str
    computed_severity: str | None
    impact: dict[str, Any]
    told_impact: dict[str, Any]


_relations = (
    sa.select(
        issue_relations.c.issue_id,
        issue_relations.c.failure,
        issue_relations.c.relation,
        issue_relations.c.attached_at,
        issue_relations.c.orphaned_at,
        issues.c.parent_issue_id,
        issues.c.status,
        issues.c.severity,
        issues.c.computed_severity,
        issues.c.impact,
        issues.c.told_impact,
    )
    .join_from(issue_relations, issues, sa.and_(issues.c.org_id == issue_relations.c.org_id, issues.c.id == issue_relations.c.issue_id))
    .where(issue_relations.c.org_id == _org, issues.c.org_id == _org, issue_relations.c.cluster_id == _cluster)
    .order_by(issue_relations.c.issue_id)
)
_texts = Prepared(
    by_dialect(
        lambda dialect: sa.select(issue_relations.c.issue_id, issue_relations.c.failure).where(
            issue_relations.c.org_id == _org, among(issue_relations.c.issue_id, dialect)
        )
    )
)
_count = (
    sa.select(sa.func.count())
    .select_from(issue_relations)
    .where(issue_relations.c.org_id == _org, issue_relations.c.cluster_id == _cluster)
)


def load(tx: Transaction, cluster_id: str) -> list[Row]:
    return [Row(*tuple(row)) for row in tx.execute(_relations, {"org": tx.org_id, "cluster": cluster_id})]


def texts(tx: Transaction, issue_ids: Collection[str]) -> dict[str, str]:
    """The stored texts of these issues."""
    found = tx.fetch(_texts, {"org": tx.org_id, "wanted": listed(tx, issue_ids)}) if issue_ids else ()
    return {row.issue_id: row.failure for row in found}


def count(tx: Transaction, cluster_id: str) -> int:
    found: int = tx.execute(_count, {"org": tx.org_id, "cluster": cluster_id}).scalar_one()
    return found


def _upsert(table: sa.Table, key: str, columns: Sequence[str]) -> dict[str, Any]:
    statements: dict[str, Any] = {}
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert)):
        statement = insert(table)
        statements[dialect] = statement.on_conflict_do_update(
            index_elements=[key],
            set_={name: statement.excluded[name] for name in columns},
            where=table.c.org_id == statement.excluded.org_id,
        )
    return statements


_SAVE = _upsert(issue_relations, "issue_id", ["failure"])
_DUE = _upsert(issue_groupings, "cluster_id", ["due_at"])
_place = (
    sa.update(issue_relations)
    .where(issue_relations.c.org_id == _org, issue_relations.c.issue_id == sa.bindparam("the_id"))
    .values(relation=sa.bindparam("p_relation"), attached_at=sa.bindparam("p_attached"), orphaned_at=sa.bindparam("p_orphaned"))
)
_forget = sa.delete(issue_relations).where(issue_relations.c.org_id == _org, issue_relations.c.issue_id.in_(_ids))
_due = Prepared(sa.select(issue_groupings.c.due_at).where(issue_groupings.c.org_id == _org, issue_groupings.c.cluster_id == _cluster))
_overdue = sa.select(issue_groupings.c.cluster_id).where(
    issue_groupings.c.due_at <= sa.bindparam("now", type_=issue_groupings.c.due_at.type)
)
_not_due = sa.delete(issue_groupings).where(issue_groupings.c.org_id == _org, issue_groupings.c.cluster_id == _cluster)
_forget_cluster = tuple(
    sa.delete(table).where(table.c.org_id == _org, table.c.cluster_id == _cluster) for table in (issue_relations, issue_groupings)
)


def save(tx: Transaction, cluster_id: str, texts: Mapping[str, str]) -> None:
    if texts:
        rows = [{"org_id": tx.org_id, "issue_id": issue_id, "cluster_id": cluster_id, "failure": text} for issue_id, text in texts.items()]
        tx.execute(_SAVE[tx.dialect], rows)


def place(tx: Transaction, rows: Sequence[tuple[str, str | None, datetime | None, datetime | None]]) -> None:
    """Store (issue id, relation, attached at, orphaned at) of the issues that moved."""
    if rows:
        tx.execute(
            _place,
            [
                {"org": tx.org_id, "the_id": issue_id, "p_relation": relation, "p_attached": attached, "p_orphaned": orphaned}
                for issue_id, relation, attached, orphaned in rows
            ],
        )


def forget(tx: Transaction, issue_ids: Collection[str]) -> None:
    if issue_ids:
        tx.execute(_forget, {"org": tx.org_id, "ids": list(issue_ids)})


def forget_cluster(tx: Transaction, cluster_id: str) -> None:
    for statement in _forget_cluster:
        tx.execute(statement, {"org": tx.org_id, "cluster": cluster_id})


def due_at(tx: Transaction, cluster_id: str) -> datetime | None:
    rows = tx.fetch(_due, {"org": tx.org_id, "cluster": cluster_id})
    found: datetime | None = rows[0].due_at if rows else None
    return found


def overdue(tx: Transaction) -> frozenset[str]:
    """The clusters of every organization whose grouping is due. The table has a row for each cluster that is to be grouped again."""
    return frozenset(tx.execute(_overdue, {"now": tx.now}).scalars())


def set_due(tx: Transaction, cluster_id: str, moment: datetime | None) -> None:
    if moment is None:
        tx.execute(_not_due, {"org": tx.org_id, "cluster": cluster_id})
    else:
        tx.execute(_DUE[tx.dialect], [{"org_id": tx.org_id, "cluster_id": cluster_id, "due_at": moment}])


# --- issues


_by_ids = WHOLE.where(issues.c.org_id == _org, issues.c.id.in_(_ids)).order_by(issues.c.id)
_symptoms = (
    WHOLE.add_columns(issue_relations.c.relation, issue_relations.c.attached_at)
    .join_from(
        issues,
        issue_relations,
        sa.and_(issue_relations.c.org_id == issues.c.org_id, issue_relations.c.issue_id == issues.c.id),
        isouter=True,
    )
    .where(issues.c.org_id == _org, issues.c.parent_issue_id == sa.bindparam("parent"))
    .order_by(unindexed(issues.c.status_rank).desc(), issues.c.urgency.desc(), issues.c.id.desc())
    .limit(sa.bindparam("limit"))
)
_counts = (
    sa.select(issues.c.parent_issue_id, sa.func.count())
    .where(issues.c.org_id == _org, issues.c.parent_issue_id.in_(_ids))
    .group_by(issues.c.parent_issue_id)
)
_opened_since = (
    sa.select(sa.func.count())
    .select_from(issues)
    .where(
        issues.c.org_id == _org,
        issues.c.cluster_id == _cluster,
        issues.c.status == "open",
        issues.c.detected_at >= sa.bindparam("since", type_=issues.c.detected_at.type),
        issues.c.substatus != "preexisting",
    )
)


def by_ids(tx: Transaction, issue_ids: Collection[str]) -> list[Issue]:
    return [issue_of(row) for row in tx.execute(_by_ids, {"org": tx.org_id, "ids": list(issue_ids)})] if issue_ids else []


_urgencies = sa.select(issues.c.id, issues.c.severity, issues.c.parent_issue_id).where(issues.c.id.in_(_ids))  # of all organizations


def urgencies(tx: Transaction, issue_ids: Collection[str]) -> list[tuple[str, str, bool]]:
    """(issue, severity, whether it is a symptom) of these issues, of all organizations."""
    rows = tx.execute(_urgencies, {"ids": list(issue_ids)}) if issue_ids else ()
    return [(row.id, row.severity, row.parent_issue_id is not None) for row in rows]


_touch = sa.update(issues).where(issues.c.org_id == _org, issues.c.id.in_(_ids)).values(version=issues.c.version + 1)


def touch(tx: Transaction, issue_ids: Collection[str]) -> None:
    if issue_ids:
        tx.execute(_touch, {"org": tx.org_id, "ids": sorted(issue_ids)})


@lru_cache(maxsize=64)
def _seen(statement: sa.Select[Any], pattern: areas.Pattern) -> sa.Select[Any]:
    """The statement for those issues that the actor may see."""
    return statement.where(*areas.inside(pattern, issues.c.cluster_id, issues.c.namespace))


def symptoms(tx: Transaction, parent: str, limit: int) -> list[tuple[Issue, str | None, datetime | None]]:
    seen = tx.actor.within(None)
    values = {"org": tx.org_id, "parent": parent, "limit": limit, **areas.values_of(seen)}
    rows: Sequence[Any] = tx.execute(_seen(_symptoms, areas.pattern_of(seen)), values).all()
    return [(issue_of(row[:-2]), row.relation, row.attached_at) for row in rows]


def symptom_counts(tx: Transaction, parents: Collection[str]) -> dict[str, int]:
    seen = tx.actor.within(None)
    values = {"org": tx.org_id, "ids": list(parents), **areas.values_of(seen)}
    rows: Sequence[Any] = tx.execute(_seen(_counts, areas.pattern_of(seen)), values).all() if parents else ()
    return {row.parent_issue_id: row[1] for row in rows}


def opened_since(tx: Transaction, cluster_id: str, since: datetime) -> int:
    found: int = tx.execute(_opened_since, {"org": tx.org_id, "cluster": cluster_id, "since": since}).scalar_one()
    return found
