"""The service of clusters. Functions take the transaction first; events and audit records are written by the flows that call them.

A session of an agent is known by its fence: opening one raises the cluster's fence, and whoever still writes under an older one is refused
with the code `superseded`. `ENDED` is published when a cluster's credentials or the cluster itself ended; followers then read the rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError

from optral.clusters import (
    attempts_repository,
    authority as ca,
    credentials_repository,
    model,
    repository,
    rotation_repository,
    rotation_service,
)
from optral.clusters.authority import Authority
from optral.clusters.credentials_repository import CertificateRow
from optral.clusters.model import (
    Admission,
    AgentFacts,
    Cluster,
    ClusterFreshness,
    ClusterState,
    ClusterStatus,
    SessionRef,
    Verdict,
)
from optral.clusters.repository import (
    count as count,
    find as find,
    labelled as labelled,
    mark_synced as mark_synced,
    names as names,
    newest_heartbeat as newest_heartbeat,
    standings as standings,
    unpurged as unpurged,
    watched as watched,
)
from optral.clusters.rotation import Rotation
from optral.kit.hub import Topic
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import NotFound, Refused, Stale
from optral.terms.ids import ClusterId

ENDED: Topic[ClusterId] = Topic("ended sessions")
"""Clusters whose certificates were revoked, or that were deleted."""

DELETED_SAY = "the cluster was deleted; create it again and start the agent with the new token, or uninstall the agent"
SORTS = frozenset(repository.SORTS)
count_by_status = repository.by_status


class LiveSession(NamedTuple):
    """What must still be true of an open session."""

    cluster_id: str
    fingerprint: str
    fence: int


def open_authority(tx: Transaction, *, key_encryption_key: bytes, trust_domain: str = ca.DEFAULT_TRUST_DOMAIN) -> Authority:
    """Open the certificate authorities, making them on an empty database. Raises `Misconfigured` when the key does not fit."""
    rotation = rotation_repository.rotation(tx, to_sign=True)  # before the authorities: what it names must be among them
    rows = rotation_repository.sealed_authorities(tx)
    if not rows:
        rotation_repository.insert_authorities(tx, ca.create(key_encryption_key=key_encryption_key, trust_domain=trust_domain, now=tx.now))
        rows = rotation_repository.sealed_authorities(tx)
    if rotation is None:
        rotation_repository.insert_rotation(tx, Rotation())
    return ca.open_sealed(rows, key_encryption_key=key_encryption_key, rotation=rotation)


def create(tx: Transaction, *, name: str, labels: Mapping[str, str] | None = None) -> Cluster:
    """Record a cluster that waits for its agent. Raises `Refused("name_taken")`, `Invalid`."""
    cluster = Cluster(
        id=ids.new("cls"),
        org_id=tx.org_id,
        name=model.check_name(name),
        labels=model.check_labels(labels or {}),
        created_at=tx.now,
        updated_at=tx.now,
    )
    if repository.id_of_name(tx, name) is not None:
        raise _name_taken(name)
    try:
        repository.insert(tx, cluster)
    except IntegrityError:
        raise _name_taken(name) from None
    return cluster


def get(tx: Transaction, cluster_id: str, *, lock: bool = False) -> Cluster:
    """The cluster. Raises `NotFound` for none, a deleted one, another organization's, and one the actor's key may not see.

    With `lock` it stays as read until the end of the transaction: for whoever decides by it what to write.
    """
    cluster = repository.get(tx, cluster_id, lock=lock) if tx.actor.may_see_cluster(cluster_id) else None
    if cluster is None:
        raise NotFound("cluster_not_found", say=f"there is no cluster {cluster_id[:64]}")
    return cluster


def hold(tx: Transaction, cluster_id: str) -> None:
    """Let nobody write under this cluster until the end of the transaction: what is read from here on is what will be written over."""
    repository.get(tx, cluster_id, lock=True)


def visible_names(tx: Transaction) -> frozenset[str] | None:
    """Ids and names of the clusters that the actor is limited to; None when it sees all."""
    if tx.actor.clusters is None:
        return None
    return frozenset({*tx.actor.clusters, *repository.names(tx, tx.actor.clusters).values()})


def standing_in(found: Mapping[str, ClusterFreshness], cluster_id: str) -> ClusterFreshness:
    """The cluster's entry; for a cluster without a row, its id as the name, and stale."""
    return found.get(cluster_id) or ClusterFreshness(cluster_id, True, None)


def standing(tx: Transaction, cluster_id: str) -> ClusterFreshness:
    """The same for one cluster."""
    return standing_in(standings(tx, [cluster_id]), cluster_id)


def resolve(tx: Transaction, id_or_name: str) -> str | None:
    """The id of a live cluster given by id or name; None when the actor sees no such cluster."""
    found = id_or_name if ids.is_id(id_or_name, "cls") else repository.id_of_name(tx, id_or_name)
    if found is None or not tx.actor.may_see_cluster(found) or repository.get(tx, found) is None:
        return None
    return found


def matching(tx: Transaction, pattern: str) -> list[str]:
    """Ids of the live clusters that the actor sees and whose name matches the pattern, in which `*` stands for any characters."""
    return [one for one in repository.ids_like(tx, pattern) if tx.actor.may_see_cluster(one)]


def update(
    tx: Transaction,
    cluster_id: str,
    *,
    name: str | None = None,
    labels: Mapping[str, str] | None = None,
    if_version: int | None = None,
) -> Cluster:
    """Rename or relabel; what is None stays. Nothing to change leaves the version. Raises `NotFound`, `Stale`, `Refused("name_taken")`."""
    before = get(tx, cluster_id, lock=True)
    if if_version is not None and before.version != if_version:
        raise Stale(say=f"{cluster_id} was changed in the meantime; read it again")
    new_name = before.name if name is None else model.check_name(name)
    new_labels = before.labels if labels is None else model.check_labels(labels)
    if new_name == before.name and new_labels == before.labels:
        return before
    if new_name != before.name and repository.id_of_name(tx, new_name) is not None:
        raise _name_taken(new_name)
    try:
        return repository.update(tx, cluster_id, name=new_name, labels=new_labels)
    except IntegrityError:
        raise _name_taken(new_name) from None


def delete(tx: Transaction, cluster_id: str) -> Cluster:
    """End a cluster: its name is free, its tokens and certificates are void, its session ends.

    Rows go later (`unpurged`). Returns it as it was.
    """
    cluster = get(tx, cluster_id, lock=True)
    repository.delete(tx, cluster_id)
    revoke_certificates(tx, cluster_id, reason="cluster_deleted")
    return cluster


def revoke_certificates(tx: Transaction, cluster_id: str, *, reason: str) -> int:
    """Revoke every certificate of the cluster, drop its unused tokens and end its session within seconds; returns how many certificates."""
    credentials_repository.drop_unused_tokens(tx, cluster_id, keep=0)
    revoked = credentials_repository.revoke_all(tx, cluster_id, reason=reason)
    tx.publish(ENDED, ClusterId(cluster_id))
    return revoked


def mark_purged(tx: Transaction, cluster_id: str) -> None:
    """The cluster's rows elsewhere are gone; drop its tokens and certificates. Its name stays for the issues that mention it."""
    attempts_repository.forget(tx, cluster_id)
    repository.mark_purged(tx, cluster_id)


def check_certificate(tx: Transaction, cluster_id: str, fingerprint: str) -> CertificateRow:
    """The certificate's row. Raises `Refused`: cluster_deleted, certificate_unknown, ca_retired, revoked, expired."""
    if repository.get(tx, cluster_id) is None:
        raise Refused("cluster_deleted", say=DELETED_SAY)
    row = credentials_repository.get_certificate(tx, cluster_id, fingerprint)
    if row is None:
        raise Refused("certificate_unknown", say="this certificate was not issued for this cluster")
    if row.status == "revoked" and row.revoke_reason == rotation_service.RETIRED:
        raise Refused("ca_retired", say=rotation_service.RETIRED_SAY)
    if row.status == "revoked":
        raise Refused("revoked", say="the certificate was revoked; enroll again with a new token")
    if row.not_after <= tx.now:
        raise Refused("expired", say="the certificate has expired; enroll again with a new token")
    return row


def admit(tx: Transaction, cluster_id: str, *, fingerprint: str, facts: AgentFacts) -> Admission:
    """Open a session: the newest wins, by a higher fence. The first use of a certificate revokes all older ones of the cluster.

    Raises `Refused` as `check_certificate`, and cluster_mismatch for another kube-system uid than the certificate was issued for.
    """
    before = repository.get(tx, cluster_id, lock=True)
    certificate = check_certificate(tx, cluster_id, fingerprint)
    assert before is not None  # check_certificate looked again in the same transaction
    facts = facts.clean()
    _check_uid(before, certificate, facts)
    preview = replace(
        before,
        agent_version=facts.agent_version,
        agent_capabilities=facts.capabilities,
        kubernetes_version=facts.kubernetes_version,
        kube_system_uid=facts.kube_system_uid,
    )
    after = repository.admit(
        tx,
        cluster_id,
        expires=certificate.not_after,
        is_seen=model.facts_differ(before, preview),
        facts={
            "new_agent_version": facts.agent_version,
            "new_instance": facts.instance,
            "new_capabilities": list(facts.capabilities),
            "new_kubernetes_version": facts.kubernetes_version,
            "new_uid": facts.kube_system_uid,
        },
    )
    return Admission(after.fence, before, after, _first_use(tx, certificate))


def state(tx: Transaction, cluster_id: str, fence: int) -> ClusterState:
    """What ingest needs, under the session's fence, and nobody overtakes until this transaction ends.

    Raises `Refused("superseded")` when a newer session was opened, `Refused("cluster_deleted")` when the cluster is gone.
    """
    locked = repository.lock_state(tx, cluster_id)
    if locked is None:
        raise Refused("cluster_deleted", say=DELETED_SAY)
    found, current = locked
    if current != fence:
        raise Refused("superseded", say="a newer session of this cluster has taken over")
    return found


def record_heartbeats(tx: Transaction, beats: Sequence[tuple[SessionRef, datetime, int | None]]) -> None:
    """Write when agents were last seen and, where known, their clock offset in ms. Of all organizations; older fences change nothing."""
    repository.touch(
        tx,
        [
            {"org": ref.org_id, "the_id": ref.cluster_id, "session_fence": ref.fence, "at": at, "offset": _plausible(offset_ms)}
            for ref, at, offset_ms in beats
        ],
    )


def close_session(tx: Transaction, ref: SessionRef, *, reason: str) -> None:
    """The session was closed (goodbye, revoked, expired): the cluster goes offline soon. An older fence changes nothing."""
    repository.close(tx, ref.cluster_id, fence=ref.fence, at=tx.now, reason=reason)


def move(tx: Transaction, before: Cluster, verdict: Verdict) -> Cluster | None:
    """Give the cluster this presence; None when something else moved it meanwhile, so each transition is published once."""
    return repository.move(tx, before, status=ClusterStatus(verdict.status), reason=verdict.reason)


def ended(tx: Transaction, sessions: Sequence[LiveSession]) -> dict[str, str]:
    """Which of these open sessions must end, and why (cluster_deleted, ca_retired, revoked, superseded), by cluster id.

    Of all organizations.
    """
    fences = repository.fences(tx, [session.cluster_id for session in sessions])
    statuses = credentials_repository.certificate_statuses(tx, [session.fingerprint for session in sessions])
    verdicts = {}
    for session in sessions:
        if session.cluster_id not in fences:
            verdicts[session.cluster_id] = "cluster_deleted"
        elif (status := statuses.get(session.fingerprint, ("revoked", None)))[0] == "revoked":
            verdicts[session.cluster_id] = rotation_service.RETIRED if status[1] == rotation_service.RETIRED else "revoked"
        elif fences[session.cluster_id] > session.fence:
            verdicts[session.cluster_id] = "superseded"
    return verdicts


def _check_uid(cluster: Cluster, certificate: CertificateRow, facts: AgentFacts) -> None:
    is_first = certificate.first_used_at is None
    is_known = cluster.kube_system_uid in (None, facts.kube_system_uid) or (is_first and certificate.replaces)
    if facts.kube_system_uid != certificate.kube_system_uid or not is_known:
        raise Refused(
            "cluster_mismatch", say="this certificate belongs to a different Kubernetes cluster; enroll with a token that has `replace`"
        )


def _first_use(tx: Transaction, certificate: CertificateRow) -> int:
    if certificate.first_used_at is not None:
        return 0
    credentials_repository.activate(tx, certificate.fingerprint)
    revoked = credentials_repository.revoke_older(tx, certificate, reason="replaced")
    if revoked:
        tx.publish(ENDED, ClusterId(certificate.cluster_id))
    return revoked


def _plausible(offset_ms: int | None) -> int | None:
    return offset_ms if offset_ms is not None and abs(offset_ms) <= model.MAX_CLOCK_OFFSET_MS else None


def _name_taken(name: str) -> Refused:
    return Refused("name_taken", say=f"a cluster named {name} already exists; choose another name or use that cluster")
