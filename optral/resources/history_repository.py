"""The SQL of what happened to objects: their revisions, and the Kubernetes Events about them."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from optral.resources.tables import kubernetes_events, resource_history
from optral.store import areas
from optral.store.dialects import by_dialect, listed
from optral.store.lists import counted, unindexed
from optral.store.prepared import Prepared
from optral.store.transaction import Transaction
from optral.terms.reach import Areas

_add_history = {
    "sqlite": sqlite.insert(resource_history).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(resource_history).on_conflict_do_nothing(),
}
_trim_history = sa.delete(resource_history).where(
    resource_history.c.org_id == sa.bindparam("org"),
    resource_history.c.resource_id == sa.bindparam("id"),
    resource_history.c.revision <= sa.bindparam("upto"),
)
_newest_revisions = (
    sa.select(resource_history.c.resource_id, sa.func.max(resource_history.c.revision).label("revision"))
    .where(resource_history.c.org_id == sa.bindparam("org"), resource_history.c.resource_id.in_(sa.bindparam("ids", expanding=True)))
    .group_by(resource_history.c.resource_id)
)
_history = (
    sa.select(resource_history)
    .where(resource_history.c.org_id == sa.bindparam("org"), resource_history.c.resource_id == sa.bindparam("id"))
    .order_by(resource_history.c.revision.desc())
)


def add_history(tx: Transaction, rows: Sequence[dict[str, Any]], *, keep: int) -> None:
    """Add revisions and drop those beyond `keep` of their objects."""
    if not rows:
        return
    tx.execute(_add_history[tx.dialect], rows)
    old = [{"org": tx.org_id, "id": row["resource_id"], "upto": row["revision"] - keep} for row in rows if row["revision"] > keep]
    if old:
        tx.execute(_trim_history, old)


def newest_revisions(tx: Transaction, ids: Sequence[str]) -> dict[str, int]:
    """The newest revision in the history of each of these objects that has one."""
    if not ids:
        return {}
    return {row.resource_id: row.revision for row in tx.execute(_newest_revisions, {"org": tx.org_id, "ids": list(ids)})}


def history(tx: Transaction, resource_id: str) -> Sequence[sa.Row[Any]]:
    return tx.execute(_history, {"org": tx.org_id, "id": resource_id}).all()


_newest = sa.select(resource_history).where(
    resource_history.c.org_id == sa.bindparam("org"),
    resource_history.c.at >= sa.bindparam("since", type_=resource_history.c.at.type),
    resource_history.c.kind != "Job.batch",  # the runs of CronJobs: what comes and goes by itself is no change
)


@lru_cache(maxsize=64)
def _changes(pattern: areas.Pattern) -> sa.Select[Any]:
    return _newest.where(*areas.inside(pattern, resource_history.c.cluster_id, resource_history.c.namespace))


def changes(tx: Transaction, within: Areas, since: datetime, limit: int) -> tuple[Sequence[sa.Row[Any]], int]:
    """The newest revisions of all objects but Jobs since then, newest first, and their number (at most one more than `MOST_COUNTED`)."""
    statement = _changes(areas.pattern_of(within))
    values = {"org": tx.org_id, "since": since, **areas.values_of(within)}
    number: int = tx.execute(counted(statement.with_only_columns(resource_history.c.revision)), values).scalar_one()
    newest = statement.order_by(resource_history.c.at.desc(), unindexed(resource_history.c.resource_id))
    return tx.execute(newest.limit(limit), values).all(), number


def _save_events(dialect: str) -> sa.Executable:
    build = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = build(kubernetes_events)
    names = ("resource_version", "message", "count", "last_at", "seen_at", "manifest")
    return statement.on_conflict_do_update(
        index_elements=["cluster_id", "uid"],
        set_={name: statement.excluded[name] for name in names},
        where=kubernetes_events.c.org_id == statement.excluded.org_id,
    )


_SAVE_EVENTS = Prepared(by_dialect(_save_events))
_event_versions = Prepared(
    {
        "sqlite": (
            "SELECT uid, resource_version FROM kubernetes_events"
            " WHERE +org_id = ? AND cluster_id = ? AND uid IN (SELECT value FROM json_each(?))"
        ),
        "postgresql": (
            "SELECT found.* FROM (SELECT %s::text AS org_id, %s::text AS cluster_id) AS actor CROSS JOIN unnest(%s::text[]) AS wanted(uid)"
            " CROSS JOIN LATERAL (SELECT uid, resource_version FROM kubernetes_events WHERE kubernetes_events.uid = wanted.uid"
            " AND kubernetes_events.cluster_id = actor.cluster_id AND kubernetes_events.org_id || '' = actor.org_id OFFSET 0) AS found"
        ),
    }
)
_events_of = (
    sa.select(kubernetes_events)
    .where(
        kubernetes_events.c.org_id == sa.bindparam("org"),
        kubernetes_events.c.cluster_id == sa.bindparam("cluster"),
        kubernetes_events.c.object_uid == sa.bindparam("uid"),
    )
    .order_by(kubernetes_events.c.last_at.desc(), kubernetes_events.c.uid)
    .limit(sa.bindparam("limit"))
)


def event_versions(tx: Transaction, cluster_id: str, uids: Sequence[str]) -> dict[str, str]:
    return dict(tx.fetch(_event_versions, (tx.org_id, cluster_id, listed(tx, uids))))


def save_events(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        tx.send_many(_SAVE_EVENTS, rows)


def events_of(tx: Transaction, cluster_id: str, uid: str, limit: int) -> Sequence[sa.Row[Any]]:
    return tx.execute(_events_of, {"org": tx.org_id, "cluster": cluster_id, "uid": uid, "limit": limit}).all()
