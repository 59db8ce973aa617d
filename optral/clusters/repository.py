"""All SQL of clusters, enrolment tokens, certificates and authorities. Every statement on a tenant table names its organisation."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam as b
from sqlalchemy.dialects import postgresql, sqlite

from optral.clusters import model
from optral.clusters.authority import Sealed
from optral.clusters.model import Cluster, ClusterFilter, PresenceRow, Standing, Status
from optral.clusters.rotation import ClusterStanding, Phase, Replica, Rotation
from optral.clusters.tables import (
    agent_certificates as certificates,
    authorities,
    ca_replicas as replicas,
    ca_rotation,
    clusters,
    enrollment_tokens as tokens,
)
from optral.kit.paging import PageRequest
from optral.store.transaction import Transaction

SORTS: Mapping[str, sa.Column[Any]] = {"name": clusters.c.name, "created_at": clusters.c.created_at}

_live = sa.and_(clusters.c.org_id == b("org"), clusters.c.deleted_at.is_(None))
_one = sa.and_(_live, clusters.c.id == b("the_id"))
_GET = sa.select(clusters).where(_one)
# NO KEY UPDATE: whoever writes under a fence holds off the next session until it has committed, and the other way round.
_NEWEST_HEARTBEAT = sa.select(sa.func.max(clusters.c.last_heartbeat_at))
_LOCK = _GET.with_for_update(key_share=True)
_ID_OF_NAME = sa.select(clusters.c.id).where(_live, clusters.c.name == b("name"))
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
        clusters.c.status.in_([Status.ONLINE.value, Status.DEGRADED.value]),
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

_INSERT_TOKEN = sa.insert(tokens)
_TOKEN_OWNER = sa.select(tokens.c.org_id, tokens.c.cluster_id).where(tokens.c.hash == b("the_hash"))
_token = sa.and_(tokens.c.org_id == b("org"), tokens.c.hash == b("the_hash"))
_GET_TOKEN = sa.select(tokens).where(_token)
_USE_TOKEN = (
    sa.update(tokens)
    .where(_token, tokens.c.used_at.is_(None), tokens.c.expires_at > b("now", type_=tokens.c.expires_at.type))
    .values(used_at=b("now", type_=tokens.c.used_at.type), used_key=b("key"), used_nonce=b("nonce"), fingerprint=b("print"))
)
_UNUSED_TOKENS = (
    sa.select(tokens.c.hash)
    .where(tokens.c.org_id == b("org"), tokens.c.cluster_id == b("the_id"), tokens.c.used_at.is_(None))
    .order_by(tokens.c.created_at.desc(), tokens.c.hash)
)
_DELETE_TOKENS = sa.delete(tokens).where(tokens.c.org_id == b("org"), tokens.c.hash == b("the_hash"))
_DELETE_ALL_TOKENS = sa.delete(tokens).where(tokens.c.org_id == b("org"), tokens.c.cluster_id == b("the_id"))

_INSERT_CERTIFICATE = sa.insert(certificates)
_certificate = sa.and_(certificates.c.org_id == b("org"), certificates.c.fingerprint == b("print"))
_GET_CERTIFICATE = sa.select(certificates).where(_certificate, certificates.c.cluster_id == b("the_id"))
_ACTIVATE = (
    sa.update(certificates)
    .where(_certificate)
    .values(status="active", first_used_at=sa.func.coalesce(certificates.c.first_used_at, b("now", type_=certificates.c.issued_at.type)))
)
_revoke = {"status": "revoked", "revoked_at": b("now", type_=certificates.c.revoked_at.type), "revoke_reason": b("reason")}
_REVOKE_OLDER = (
    sa.update(certificates)
    .where(
        certificates.c.org_id == b("org"),
        certificates.c.cluster_id == b("the_id"),
        certificates.c.fingerprint != b("print"),
        certificates.c.issued_at < b("issued", type_=certificates.c.issued_at.type),
        certificates.c.status != "revoked",
    )
    .values(**_revoke)
)
_REVOKE_ALL = (
    sa.update(certificates)
    .where(certificates.c.org_id == b("org"), certificates.c.cluster_id == b("the_id"), certificates.c.status != "revoked")
    .values(**_revoke)
)
_UNUSED_CERTIFICATES = sa.select(sa.func.count()).where(
    certificates.c.org_id == b("org"), certificates.c.cluster_id == b("the_id"), certificates.c.status == "issued"
)
_DELETE_CERTIFICATES = sa.delete(certificates).where(certificates.c.org_id == b("org"), certificates.c.cluster_id == b("the_id"))
_STATUSES = sa.select(certificates.c.fingerprint, certificates.c.status, certificates.c.revoke_reason).where(
    certificates.c.fingerprint.in_(b("prints", expanding=True))
)

_AUTHORITIES = sa.select(authorities).order_by(authorities.c.generation, authorities.c.name)
_DELETE_AUTHORITIES = sa.delete(authorities).where(authorities.c.generation.not_in(b("kept", expanding=True)))
_ROTATION = sa.select(ca_rotation).where(ca_rotation.c.id == 1)
_ROTATION_TO_SIGN = _ROTATION.with_for_update(read=True)  # whoever signs holds off a change of the phase until it has committed
_ROTATION_TO_CHANGE = _ROTATION.with_for_update()
_SET_ROTATION = (
    sa.update(ca_rotation)
    .where(ca_rotation.c.id == 1, ca_rotation.c.version == b("old_version"))
    .values(
        version=b("new_version"),
        phase=b("new_phase"),
        current=b("new_current"),
        upcoming=b("new_upcoming"),
        is_automatic=b("new_is_automatic"),
        since=b("new_since", type_=ca_rotation.c.since.type),
        started_at=b("new_started_at", type_=ca_rotation.c.started_at.type),
    )
)
_REPLICAS = sa.select(replicas).order_by(replicas.c.id)
_OLD_REPLICAS = sa.delete(replicas).where(replicas.c.seen_at < b("before", type_=replicas.c.seen_at.type))
_usable = sa.and_(certificates.c.status != "revoked", certificates.c.not_after > b("now", type_=certificates.c.not_after.type))
_CAN_CONNECT = (
    sa.select(
        clusters.c.org_id,
        clusters.c.id,
        clusters.c.name,
        clusters.c.status,
        clusters.c.agent_capabilities,
        clusters.c.trusted_cas,
        clusters.c.last_heartbeat_at,
        certificates.c.generation,
        sa.func.max(certificates.c.not_after, type_=certificates.c.not_after.type).label("valid_until"),
    )
    .join_from(clusters, certificates, sa.and_(certificates.c.org_id == clusters.c.org_id, certificates.c.cluster_id == clusters.c.id))
    .where(clusters.c.deleted_at.is_(None), _usable)
    .group_by(*(clusters.c[name] for name in ("org_id", "id")), certificates.c.generation)
    .order_by(clusters.c.name, clusters.c.id)
)
_SET_TRUSTED = (
    sa.update(clusters)
    .where(clusters.c.org_id == b("org"), clusters.c.id == b("the_id"), clusters.c.fence == b("session_fence"))
    .values(trusted_cas=b("pins", type_=clusters.c.trusted_cas.type))
)
_RETIRE = (
    sa.update(certificates)
    .where(certificates.c.status != "revoked", certificates.c.generation.not_in(b("kept", expanding=True)))
    .values(status="revoked", revoked_at=b("now", type_=certificates.c.revoked_at.type), revoke_reason=b("reason"))
)


class CertificateRow(NamedTuple):
    """What the database knows of a certificate; the database, not X.509, says whether it counts."""

    fingerprint: str
    cluster_id: str
    status: str
    chain_pem: str
    kube_system_uid: str
    replaces: bool
    issued_at: datetime
    not_after: datetime
    first_used_at: datetime | None
    generation: int = 1
    revoke_reason: str | None = None


class TokenRow(NamedTuple):
    cluster_id: str
    replaces: bool
    expires_at: datetime
    used_at: datetime | None
    used_key: str | None
    used_nonce: str | None
    fingerprint: str | None


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


def id_of_name(tx: Transaction, name: str) -> str | None:
    return tx.execute(_ID_OF_NAME, {"org": tx.org_id, "name": name}).scalar_one_or_none()


def names(tx: Transaction, ids: Iterable[str]) -> dict[str, str]:
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    return {row.id: row.name for row in tx.execute(_NAMES, {"org": tx.org_id, "ids": wanted})}


def standings(tx: Transaction, ids: Iterable[str]) -> dict[str, Standing]:
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    return {
        row.id: model.standing(row.name, Status(row.status) if row.deleted_at is None else Status.OFFLINE, row.last_heartbeat_at)
        for row in tx.execute(_STANDINGS, {"org": tx.org_id, "ids": wanted})
    }


def find(tx: Transaction, fits: ClusterFilter, page: PageRequest) -> list[Cluster]:
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
    tx.execute(_SYNCED, {"org": tx.org_id, "the_id": cluster_id, "now": tx.now})


def move(tx: Transaction, before: Cluster, *, status: Status, reason: str | None) -> Cluster | None:
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
    """Clusters of every organisation whose presence may change now."""
    return [PresenceRow(_cluster(row), row.closed_at, row.closed_reason) for row in tx.execute(_WATCHED, {"since": since})]


def delete(tx: Transaction, cluster_id: str) -> None:
    tx.execute(_DELETE, {"org": tx.org_id, "the_id": cluster_id, "now": tx.now})


def unpurged(tx: Transaction) -> list[tuple[str, str]]:
    return [(row.org_id, row.id) for row in tx.execute(_UNPURGED)]


def mark_purged(tx: Transaction, cluster_id: str) -> None:
    for statement in (_DELETE_ALL_TOKENS, _DELETE_CERTIFICATES):
        tx.execute(statement, {"org": tx.org_id, "the_id": cluster_id})
    tx.execute(_PURGED, {"org": tx.org_id, "the_id": cluster_id, "now": tx.now})


def newest_heartbeat(tx: Transaction) -> datetime | None:
    found: datetime | None = tx.execute(_NEWEST_HEARTBEAT).scalar_one()
    return found


def by_status(tx: Transaction) -> dict[str, int]:
    return {row.status: row.number for row in tx.execute(_BY_STATUS)}


def fences(tx: Transaction, ids: Sequence[str]) -> dict[str, int]:
    """Fence by cluster, of every organisation; deleted ones are left out."""
    return {row.id: row.fence for row in tx.execute(_FENCES, {"ids": list(ids)}) if row.deleted_at is None}


def insert_token(tx: Transaction, *, hashed: str, cluster_id: str, replaces: bool, expires_at: datetime) -> None:
    tx.execute(
        _INSERT_TOKEN,
        {
            "hash": hashed,
            "org_id": tx.org_id,
            "cluster_id": cluster_id,
            "replaces": replaces,
            "created_by": tx.actor.id,
            "created_at": tx.now,
            "expires_at": expires_at,
        },
    )


def drop_unused_tokens(tx: Transaction, cluster_id: str, *, keep: int) -> None:
    hashes = tx.execute(_UNUSED_TOKENS, {"org": tx.org_id, "the_id": cluster_id}).scalars().all()
    if stale := hashes[keep:]:
        tx.execute(_DELETE_TOKENS, [{"org": tx.org_id, "the_hash": hashed} for hashed in stale])


def token_owner(tx: Transaction, hashed: str) -> tuple[str, str] | None:
    row = tx.execute(_TOKEN_OWNER, {"the_hash": hashed}).one_or_none()
    return None if row is None else (row.org_id, row.cluster_id)


def get_token(tx: Transaction, hashed: str) -> TokenRow | None:
    row = tx.execute(_GET_TOKEN, {"org": tx.org_id, "the_hash": hashed}).one_or_none()
    return None if row is None else TokenRow(*(getattr(row, name) for name in TokenRow._fields))


def use_token(tx: Transaction, hashed: str, *, key: str, nonce: str, fingerprint: str) -> bool:
    """Spend the token. False when it is spent or expired: of many at once exactly one gets True."""
    parameters = {"org": tx.org_id, "the_hash": hashed, "now": tx.now, "key": key, "nonce": nonce, "print": fingerprint}
    return tx.execute(_USE_TOKEN, parameters).rowcount == 1


def insert_certificate(tx: Transaction, row: CertificateRow, *, serial: str) -> None:
    tx.execute(_INSERT_CERTIFICATE, {**row._asdict(), "org_id": tx.org_id, "serial": serial})


def get_certificate(tx: Transaction, cluster_id: str, fingerprint: str) -> CertificateRow | None:
    row = tx.execute(_GET_CERTIFICATE, {"org": tx.org_id, "the_id": cluster_id, "print": fingerprint}).one_or_none()
    return None if row is None else CertificateRow(*(getattr(row, name) for name in CertificateRow._fields))


def activate(tx: Transaction, fingerprint: str) -> None:
    tx.execute(_ACTIVATE, {"org": tx.org_id, "print": fingerprint, "now": tx.now})


def revoke_older(tx: Transaction, certificate: CertificateRow, *, reason: str) -> int:
    parameters = {
        "org": tx.org_id,
        "the_id": certificate.cluster_id,
        "print": certificate.fingerprint,
        "issued": certificate.issued_at,
        "now": tx.now,
        "reason": reason,
    }
    return tx.execute(_REVOKE_OLDER, parameters).rowcount


def revoke_all(tx: Transaction, cluster_id: str, *, reason: str) -> int:
    return tx.execute(_REVOKE_ALL, {"org": tx.org_id, "the_id": cluster_id, "now": tx.now, "reason": reason}).rowcount


def count_unused_certificates(tx: Transaction, cluster_id: str) -> int:
    return int(tx.execute(_UNUSED_CERTIFICATES, {"org": tx.org_id, "the_id": cluster_id}).scalar_one())


def certificate_statuses(tx: Transaction, fingerprints: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Status and reason of a revocation by fingerprint, of every organisation."""
    rows = tx.execute(_STATUSES, {"prints": list(fingerprints)})
    return {row.fingerprint: (row.status, row.revoke_reason) for row in rows}


def sealed_authorities(tx: Transaction) -> list[Sealed]:
    return [Sealed(row.name, row.trust_domain, row.certificate_pem, row.sealed_key, row.generation) for row in tx.execute(_AUTHORITIES)]


def insert_authorities(tx: Transaction, rows: Sequence[Sealed]) -> None:
    """Insert; where another replica was first, its rows stay."""
    insert_for = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    tx.execute(
        insert_for(authorities).on_conflict_do_nothing(index_elements=["name"]),
        [
            {
                "name": row.name,
                "trust_domain": row.trust_domain,
                "certificate_pem": row.certificate_pem,
                "sealed_key": row.sealed_key,
                "created_at": tx.now,
                "generation": row.generation,
            }
            for row in rows
        ],
    )


def delete_authorities(tx: Transaction, *, keep: Sequence[int]) -> None:
    """Delete every generation but these, keys and all."""
    tx.execute(_DELETE_AUTHORITIES, {"kept": list(keep)})


def insert_rotation(tx: Transaction, rotation: Rotation) -> None:
    """Insert the one row, unless another replica was first."""
    insert_for = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    row = {name: getattr(rotation, name) for name in ("version", "current", "upcoming", "is_automatic", "since", "started_at")}
    tx.execute(insert_for(ca_rotation).on_conflict_do_nothing(index_elements=["id"]), {"id": 1, "phase": rotation.phase.value, **row})


def rotation(tx: Transaction, *, to_sign: bool = False, to_change: bool = False) -> Rotation | None:
    """The state of the rotation. Locked `to_sign` by it nobody changes it, `to_change` it nobody else uses it, until the commit."""
    statement = _ROTATION_TO_CHANGE if to_change else _ROTATION_TO_SIGN if to_sign else _ROTATION
    row = tx.execute(statement).one_or_none()
    if row is None:
        return None
    return Rotation(
        version=row.version,
        phase=Phase(row.phase),
        current=row.current,
        upcoming=row.upcoming,
        is_automatic=row.is_automatic,
        since=row.since,
        started_at=row.started_at,
    )


def set_rotation(tx: Transaction, rotation: Rotation, *, instead_of: int) -> None:
    """Write the next state. The row was read with `to_change`, so the version is the one that was read."""
    names = ("version", "current", "upcoming", "is_automatic", "since", "started_at")
    new = {f"new_{name}": getattr(rotation, name) for name in names}
    tx.execute(_SET_ROTATION, {"old_version": instead_of, "new_phase": rotation.phase.value, **new})


def report_replica(tx: Transaction, replica: Replica, *, forget_before: datetime) -> None:
    """Record what a server has loaded; servers not seen for long are forgotten."""
    insert_for = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    statement = insert_for(replicas).values(id=replica.id, version=replica.version, seen_at=replica.seen_at)
    new = {"version": statement.excluded.version, "seen_at": statement.excluded.seen_at}
    tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=new))
    tx.execute(_OLD_REPLICAS, {"before": forget_before})


def forget_replica(tx: Transaction, replica_id: str) -> None:
    tx.execute(sa.delete(replicas).where(replicas.c.id == replica_id))


def known_replicas(tx: Transaction) -> list[Replica]:
    return [Replica(id=row.id, version=row.version, seen_at=row.seen_at) for row in tx.execute(_REPLICAS)]


def can_connect(tx: Transaction, *, capability: str, generations_of: Callable[[Sequence[str]], frozenset[int]]) -> list[ClusterStanding]:
    """Every cluster, of all organisations, with a certificate that is neither revoked nor expired."""
    found: dict[str, ClusterStanding] = {}
    for row in tx.execute(_CAN_CONNECT, {"now": tx.now}):
        known = found.get(row.id)
        found[row.id] = ClusterStanding(
            org_id=row.org_id,
            cluster_id=row.id,
            name=row.name,
            is_online=row.status in (Status.ONLINE.value, Status.DEGRADED.value),
            takes_roots=capability in row.agent_capabilities,
            trusts=generations_of(row.trusted_cas or ()),
            certificates=frozenset({row.generation}) | (known.certificates if known else frozenset()),
            valid_until=max(row.valid_until, known.valid_until) if known else row.valid_until,
            last_seen=row.last_heartbeat_at,
        )
    return list(found.values())


def set_trusted(tx: Transaction, cluster_id: str, *, fence: int, pins: Sequence[str]) -> None:
    tx.execute(_SET_TRUSTED, {"org": tx.org_id, "the_id": cluster_id, "session_fence": fence, "pins": list(pins)})


def retire_certificates(tx: Transaction, *, keep: Sequence[int], reason: str) -> int:
    """Revoke the certificates of every generation but these, in all organisations."""
    return tx.execute(_RETIRE, {"kept": list(keep), "now": tx.now, "reason": reason}).rowcount


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
        status=Status(row.status),
        status_reason=row.status_reason,
        last_heartbeat_at=row.last_heartbeat_at,
        agent_version=row.agent_version,
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
