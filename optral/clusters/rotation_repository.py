"""All SQL of the certificate authorities and their rotation. It concerns every organization, so most statements name none."""

from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import bindparam as b
from sqlalchemy.dialects import postgresql, sqlite

from optral.clusters.authority import Sealed
from optral.clusters.model import ClusterStatus
from optral.clusters.rotation import ClusterStanding, Phase, Replica, Rotation
from optral.clusters.tables import (
    agent_certificates as certificates,
    authorities,
    ca_replicas as replicas,
    ca_rotation,
    clusters,
)
from optral.store.transaction import Transaction

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
    """This server stops: nothing waits for it."""
    tx.execute(sa.delete(replicas).where(replicas.c.id == replica_id))


def known_replicas(tx: Transaction) -> list[Replica]:
    return [Replica(id=row.id, version=row.version, seen_at=row.seen_at) for row in tx.execute(_REPLICAS)]


def can_connect(tx: Transaction, *, capability: str, generations_of: Callable[[Sequence[str]], frozenset[int]]) -> list[ClusterStanding]:
    """Every cluster, of all organizations, with a certificate that is neither revoked nor expired."""
    found: dict[str, ClusterStanding] = {}
    for row in tx.execute(_CAN_CONNECT, {"now": tx.now}):
        known = found.get(row.id)
        found[row.id] = ClusterStanding(
            org_id=row.org_id,
            cluster_id=row.id,
            name=row.name,
            is_online=row.status in (ClusterStatus.ONLINE.value, ClusterStatus.DEGRADED.value),
            takes_roots=capability in row.agent_capabilities,
            trusts=generations_of(row.trusted_cas or ()),
            certificates=frozenset({row.generation}) | (known.certificates if known else frozenset()),
            valid_until=max(row.valid_until, known.valid_until) if known else row.valid_until,
            last_seen=row.last_heartbeat_at,
        )
    return list(found.values())


def set_trusted(tx: Transaction, cluster_id: str, *, fence: int, pins: Sequence[str]) -> None:
    """Record the server CAs that a cluster's agent trusts; a session with an older fence changes nothing."""
    tx.execute(_SET_TRUSTED, {"org": tx.org_id, "the_id": cluster_id, "session_fence": fence, "pins": list(pins)})


def retire_certificates(tx: Transaction, *, keep: Sequence[int], reason: str) -> int:
    """Revoke the certificates of every generation but these, in all organizations."""
    return tx.execute(_RETIRE, {"kept": list(keep), "now": tx.now, "reason": reason}).rowcount
