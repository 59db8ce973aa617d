"""All SQL of clusters, enrollment tokens, certificates and authorities. Every statement on a tenant table names its organization."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as b

from optral.clusters import model
from optral.clusters.model import Cluster, ClusterFilter, ClusterFreshness, ClusterState, ClusterStatus, PresenceRow
from optral.clusters.tables import (
    agent_certificates as certificates,
    clusters,
    enrollment_tokens as tokens,
)
from optral.kit.paging import PageRequest
from optral.store.lists import escaped
from optral.store.prepared import Prepared
from optral.store.transaction import Transaction

SORTS: Mapping[str, sa.Column[Any]] = {"name": clusters.c.name, "created_at": clusters.c.created_at}

_live = sa.and_(clusters.c.org_id == b("org"), clusters.c.deleted_at.is_(None))
_one = sa.and_(_live, clusters.c.id == b("the_id"))
_GET = sa.select(clusters).where(_one)
# NO KEY UPDATE: whoever writes under a fence holds off the next session until it has committed, and the other way round.
_NEWEST_HEARTBEAT = sa.select(sa.func.max(clusters.c.last_heartbeat_at))
_LOCK = _GET.with_for_update(key_share=True)
_LOCK_STATE = Prepared(
    sa.select(
        clusters.c.id,
        clusters.c.name,
        clusters.c.status,
        clusters.c.last_heartbeat_at,
        clusters.c.clock_offset_ms,
        clusters.c.synced_at,
        clusters.c.fence,
    )
    .where(_one)
    .with_for_update(key_share=True)
)
_ID_OF_NAME = sa.select(clusters.c.id).where(_live, clusters.c.name == b("name"))
_IDS_LIKE = sa.select(clusters.c.id).where(_live, clusters.c.name.like(b("name"), escape="\\"))
_NAMES = sa.select(clusters.c.id, clusters.c.name).where(
    clusters.c.org_id == b("org"), clusters.c.id.in_(b("ids", expanding=True))
)  # deleted ones too: their issues still mention them
_STANDINGS = sa.select(clusters.c.id, clusters.c.name, clusters.c.status, clusters.c.last_heartbeat_at, clusters.c.deleted_at).where(
    clusters.c.org_id == b("org"), clusters.c.id.in_(b("ids", expanding=True))
)  # deleted ones too, as for names
_INSERT = sa.insert(clusters)
_UPDATE = (
    sa.update(clusters)
    .where(_one)
    .values(name=b("new_name"), labels=b("new_labels"), updated_at=b("now"), version=clusters.c.version + 1)
    .returning(clusters)
)
_ADMIT = (
    sa.update(clusters)
    .where(_one)
    .values(
        fence=clusters.c.fence + 1,
        closed_at=None,
        closed_reason=None,
        agent_version=b("new_agent_version"),
        agent_instance=b("new_instance"),
        agent_capabilities=b("new_capabilities"),
        agent_cert_expires_at=b("new_expires"),
        kubernetes_version=b("new_kubernetes_version"),
        kube_system_uid=b("new_uid"),
        version=clusters.c.version + b("seen"),
        updated_at=sa.case((b("seen", type_=sa.Integer) == 1, b("now", type_=clusters.c.updated_at.type)), else_=clusters.c.updated_at),
    )
    .returning(clusters)
)
_TOUCH = (
    sa.update(clusters)
    .where(clusters.c.org_id == b("org"), clusters.c.id == b("the_id"), clusters.c.fence == b("session_fence"))
    .values(
        last_heartbeat_at=b("at", type_=clusters.c.last_heartbeat_at.type),
        clock_offset_ms=sa.func.coalesce(b("offset", type_=sa.BigInteger), clusters.c.clock_offset_ms),
    )
)
_CLOSE = (
    sa.update(clusters)
    .where(_one, clusters.c.fence == b("session_fence"))
    .values(closed_at=b("at", type_=clusters.c.closed_at.type), closed_reason=b("reason"))
)
_SYNCED = sa.update(clusters).where(_one).values(synced_at=b("now", type_=clusters.c.synced_at.type))
_MOVE = (
    sa.update(clusters)
    .where(
        _one,
        clusters.c.status == b("old"),
        clusters.c.fence == b("session_fence"),
        clusters.c.last_heartbeat_at.is_not_distinct_from(b("last_seen", type_=clusters.c.last_heartbeat_at.type)),
    )
    .values(status=b("new"), status_reason=b("reason"), version=clusters.c.version + 1, updated_at=b("now"))
    .returning(clusters)
)
_WATCHED = sa.select(clusters).where(
    clusters.c.deleted_at.is_(None),
    sa.or_(
        clusters.c.status.in_([ClusterStatus.ONLINE.value, ClusterStatus.DEGRADED.value]),
        clusters.c.last_heartbeat_at >= b("since", type_=clusters.c.last_heartbeat_at.type),
    ),
)
_DELETE = (
    sa.update(clusters)
    .where(_one)
    .values(deleted_at=b("now", type_=clusters.c.deleted_at.type), fence=clusters.c.fence + 1, version=clusters.c.version + 1)
    .returning(clusters)
)
_UNPURGED = (
    sa.select(clusters.c.org_id, clusters.c.id)
    .where(clusters.c.deleted_at.is_not(None), clusters.c.purged_at.is_(None))
    .order_by(clusters.c.deleted_at)
    .limit(20)
)
_PURGED = (
    sa.update(clusters)
    .where(clusters.c.org_id == b("org"), clusters.c.id == b("the_id"), clusters.c.deleted_at.is_not(None))
    .values(purged_at=b("now", type_=clusters.c.purged_at.type))
)
_BY_STATUS = (
    sa.select(clusters.c.status, sa.func.count().label("number")).where(clusters.c.deleted_at.is_(None)).group_by(clusters.c.status)
)
_FENCES = sa.select(clusters.c.id, clusters.c.fence, clusters.c.deleted_at).where(clusters.c.id.in_(b("ids", expanding=True)))

_DELETE_ALL_TOKENS = sa.delete(tokens).where(tokens.c.org_id == b("org"), tokens.c.cluster_id == b("the_id"))

_DELETE_CERTIFICATES = sa.delete(certificates).where(certificates.c.org_id == b("org"), certificates.c.cluster_id == b("the_id"))


def insert(tx: Transaction, cluster: Cluster) -> None:
    tx.execute(
        _INSERT,
        {
            "id": cluster.id,
            "org_id": cluster.org_id,
            "name": cluster.name,
            "labels": dict(cluster.labels),
            "status": cluster.status.value,
            "status_reason": cluster.status_reason,
            "agent_capabilities": [],
            "fence": 0,
            "created_at": cluster.created_at,
            "updated_at": cluster.updated_at,
            "version": cluster.version,
        },
    )


def get(tx: Transaction, cluster_id: str, *, lock: bool = False) -> Cluster | None:
    row = tx.execute(_LOCK if lock else _GET, {"org": tx.org_id, "the_id": cluster_id}).one_or_none()
    return None if row is None else _cluster(row)


def lock_state(tx: Transaction, cluster_id: str) -> tuple[ClusterState, int] | None:
    """What ingest needs of a cluster, and its fence; the cluster is locked until the transaction ends."""
    rows = tx.fetch(_LOCK_STATE, {"org": tx.org_id, "the_id": cluster_id})
    if not rows:
        return None
    id_, name, status_text, seen_at, offset_ms, synced_at, fence = rows[0]
    status = ClusterStatus(status_text)
    offset = timedelta(milliseconds=offset_ms or 0)
    return ClusterState(id_, name, offset, synced_at, status, model.standing(name, status, seen_at)), fence


def id_of_name(tx: Transaction, name: str) -> str | None:
    return tx.execute(_ID_OF_NAME, {"org": tx.org_id, "name": name}).scalar_one_or_none()


def ids_like(tx: Transaction, pattern: str) -> list[str]:
    """Ids of the live clusters whose name matches the pattern, in which `*` stands for any characters."""
    return list(tx.execute(_IDS_LIKE, {"org": tx.org_id, "name": escaped(pattern).replace("*", "%")}).scalars())


def names(tx: Transaction, ids: Iterable[str]) -> dict[str, str]:
    """Names by id, also of deleted clusters, since their issues still mention them."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    return {row.id: row.name for row in tx.execute(_NAMES, {"org": tx.org_id, "ids": wanted})}


def standings(tx: Transaction, ids: Iterable[str]) -> dict[str, ClusterFreshness]:
    """Name and staleness by id, also of deleted clusters. An id without a row is left out; use `standing_in` to look one up."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    return {
        row.id: model.standing(
            row.name, ClusterStatus(row.status) if row.deleted_at is None else ClusterStatus.OFFLINE, row.last_heartbeat_at
        )
        for row in tx.execute(_STANDINGS, {"org": tx.org_id, "ids": wanted})
    }


def find(tx: Transaction, fits: ClusterFilter, page: PageRequest) -> list[Cluster]:
    """A page of the clusters the actor may see; `page.sort` is one of `SORTS` (default: name)."""
    column = SORTS[page.sort or "name"]
    statement = sa.select(clusters).where(*_conditions(tx, fits))
    if page.after is not None:
        place = sa.tuple_(sa.literal(page.after.value, column.type), sa.literal(page.after.id))
        here = sa.tuple_(column, clusters.c.id)
        statement = statement.where(here < place if page.descending else here > place)
    order = (column.desc(), clusters.c.id.desc()) if page.descending else (column.asc(), clusters.c.id.asc())
    return [_cluster(row) for row in tx.execute(statement.order_by(*order).limit(page.size).offset(page.offset))]


def count(tx: Transaction, fits: ClusterFilter) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(clusters).where(*_conditions(tx, fits))).scalar_one())


def update(tx: Transaction, cluster_id: str, *, name: str, labels: Mapping[str, str]) -> Cluster:
    parameters = {"org": tx.org_id, "the_id": cluster_id, "new_name": name, "new_labels": dict(labels), "now": tx.now}
    return _cluster(tx.execute(_UPDATE, parameters).one())


def admit(tx: Transaction, cluster_id: str, *, facts: Mapping[str, Any], expires: datetime, is_seen: bool) -> Cluster:
    parameters = {"org": tx.org_id, "the_id": cluster_id, "new_expires": expires, "seen": int(is_seen), "now": tx.now, **facts}
    return _cluster(tx.execute(_ADMIT, parameters).one())


def touch(tx: Transaction, beats: Sequence[Mapping[str, Any]]) -> None:
    """Each beat has org, the_id, session_fence, at, offset (None: not known)."""
    tx.execute(_TOUCH, beats)


def close(tx: Transaction, cluster_id: str, *, fence: int, at: datetime, reason: str) -> None:
    tx.execute(_CLOSE, {"org": tx.org_id, "the_id": cluster_id, "session_fence": fence, "at": at, "reason": reason})


def mark_synced(tx: Transaction, cluster_id: str) -> None:
    """The inventory is complete as of now: every kind of the session ended its snapshot or was resumed."""
    tx.execute(_SYNCED, {"org": tx.org_id, "the_id": cluster_id, "now": tx.now})


def move(tx: Transaction, before: Cluster, *, status: ClusterStatus, reason: str | None) -> Cluster | None:
    """Set the status, unless another replica did, a session began or a heartbeat came meanwhile (then None)."""
    row = tx.execute(
        _MOVE,
        {
            "org": tx.org_id,
            "the_id": before.id,
            "old": before.status.value,
            "session_fence": before.fence,
            "last_seen": before.last_heartbeat_at,
            "new": status.value,
            "reason": reason,
            "now": tx.now,
        },
    ).one_or_none()
    return None if row is None else _cluster(row)


def watched(tx: Transaction, *, since: datetime) -> list[PresenceRow]:
    """Clusters of all organizations whose presence may change now: not offline, or seen after `since`."""
    return [PresenceRow(_cluster(row), row.closed_at, row.closed_reason) for row in tx.execute(_WATCHED, {"since": since})]


def delete(tx: Transaction, cluster_id: str) -> None:
    tx.execute(_DELETE, {"org": tx.org_id, "the_id": cluster_id, "now": tx.now})


def unpurged(tx: Transaction) -> list[tuple[str, str]]:
    """Deleted clusters whose rows still wait to go, as (organization, cluster), of all organizations; at most 20."""
    return [(row.org_id, row.id) for row in tx.execute(_UNPURGED)]


def mark_purged(tx: Transaction, cluster_id: str) -> None:
    for statement in (_DELETE_ALL_TOKENS, _DELETE_CERTIFICATES):
        tx.execute(statement, {"org": tx.org_id, "the_id": cluster_id})
    tx.execute(_PURGED, {"org": tx.org_id, "the_id": cluster_id, "now": tx.now})


def newest_heartbeat(tx: Transaction) -> datetime | None:
    """When an agent was last seen, over all organizations."""
    found: datetime | None = tx.execute(_NEWEST_HEARTBEAT).scalar_one()
    return found


def by_status(tx: Transaction) -> dict[str, int]:
    """How many live clusters have each status, over all organizations; for metrics."""
    return {row.status: row.number for row in tx.execute(_BY_STATUS)}


def fences(tx: Transaction, ids: Sequence[str]) -> dict[str, int]:
    """Fence by cluster, of every organization; deleted ones are left out."""
    return {row.id: row.fence for row in tx.execute(_FENCES, {"ids": list(ids)}) if row.deleted_at is None}


def labelled(tx: Transaction, org_id: str, labels: Mapping[str, str]) -> frozenset[str]:
    """Ids of the live clusters of an organization that have all of these labels; for the system, across organizations."""
    having = [clusters.c.labels[name].as_string() == value for name, value in sorted(labels.items())]
    statement = sa.select(clusters.c.id).where(clusters.c.org_id == org_id, clusters.c.deleted_at.is_(None), *having)
    return frozenset(tx.execute(statement).scalars())


def _conditions(tx: Transaction, fits: ClusterFilter) -> list[sa.ColumnElement[bool]]:
    conditions = [clusters.c.org_id == tx.org_id, clusters.c.deleted_at.is_(None)]
    conditions.extend(clusters.c.id.in_(sorted(ids)) for ids in (fits.ids, tx.actor.clusters) if ids is not None)
    if fits.status is not None:
        conditions.append(clusters.c.status.in_(sorted(status.value for status in fits.status)))
    if fits.name_contains:
        conditions.append(clusters.c.name.contains(fits.name_contains.lower(), autoescape=True))
    return conditions


def _cluster(row: sa.Row[Any]) -> Cluster:
    return Cluster(
        id=row.id,
        org_id=row.org_id,
        name=row.name,
        labels=row.labels,
        status=ClusterStatus(row.status),
        status_reason=row.status_reason,
        last_heartbeat_at=row.last_heartbeat_at,
        agent_version=row.agent_version,
        agent_instance=row.agent_instance,
        agent_capabilities=tuple(row.agent_capabilities),
        agent_cert_expires_at=row.agent_cert_expires_at,
        kubernetes_version=row.kubernetes_version,
        kube_system_uid=row.kube_system_uid,
        clock_offset_ms=row.clock_offset_ms,
        synced_at=row.synced_at,
        fence=row.fence,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )
