"""The door of the clusters room. Functions take the transaction first; events and audit records are written by the flows that call them.

A session of an agent is known by its fence: opening one raises the cluster's fence, and whoever still writes under an older one is refused
with the code `superseded`. `ENDED` is published when a cluster's credentials or the cluster itself ended; followers then read the rows.
"""

import hashlib
import secrets
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError

from optral.clusters import authority as ca, model, repository, rotation_service
from optral.clusters.authority import Authority, Issued, Request
from optral.clusters.model import (
    Admission,
    AgentFacts,
    Cluster,
    ClusterFilter,
    ClusterState,
    PresenceRow,
    SessionRef,
    Standing,
    Status,
    Verdict,
)
from optral.clusters.repository import CertificateRow
from optral.clusters.rotation import Rotation
from optral.kit.hub import Topic
from optral.kit.paging import PageRequest
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import NotFound, Refused, Stale, TooMany
from optral.terms.ids import ClusterId

ENDED: Topic[ClusterId] = Topic("ended sessions")
"""Clusters whose certificates were revoked, or that were deleted."""

SORTS = frozenset(repository.SORTS)
UNUSED_CERTIFICATES = 20  # per cluster; a client that only asks and never connects is stopped here
_ALPHABET = string.ascii_letters + string.digits


class EnrollmentToken(NamedTuple):
    """A one-use token, shown once: only its hash is kept."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A certificate for an agent; `is_repeat` when it was issued before and only its answer was lost."""

    cluster_id: str
    chain_pem: str
    renew_at: datetime
    fingerprint: str
    is_repeat: bool


class LiveSession(NamedTuple):
    """What must still be true of an open session."""

    cluster_id: str
    fingerprint: str
    fence: int


def open_authority(tx: Transaction, *, key_encryption_key: bytes, trust_domain: str = ca.DEFAULT_TRUST_DOMAIN) -> Authority:
    """Open the certificate authorities, making them on an empty database. Raises `Misconfigured` when the key does not fit."""
    rotation = repository.rotation(tx, to_sign=True)  # before the authorities: what it names must be among them
    rows = repository.sealed_authorities(tx)
    if not rows:
        repository.insert_authorities(tx, ca.create(key_encryption_key=key_encryption_key, trust_domain=trust_domain, now=tx.now))
        rows = repository.sealed_authorities(tx)
    if rotation is None:
        repository.insert_rotation(tx, Rotation())
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
    """The cluster. Raises `NotFound` for none, a deleted one, another organisation's, and one the actor's key may not see.

    With `lock` it stays as read until the end of the transaction: for whoever decides by it what to write.
    """
    cluster = repository.get(tx, cluster_id, lock=lock) if tx.actor.may_see(cluster_id) else None
    if cluster is None:
        raise NotFound("cluster_not_found", say=f"there is no cluster {cluster_id[:64]}")
    return cluster


def hold(tx: Transaction, cluster_id: str) -> None:
    """Let nobody write under this cluster until the end of the transaction: what is read from here on is what will be written over."""
    repository.get(tx, cluster_id, lock=True)


def find(tx: Transaction, fits: ClusterFilter, page: PageRequest) -> list[Cluster]:
    """A page of the clusters the actor may see; `page.sort` is one of `SORTS` (default: name)."""
    return repository.find(tx, fits, page)


def count(tx: Transaction, fits: ClusterFilter) -> int:
    return repository.count(tx, fits)


def names(tx: Transaction, cluster_ids: Iterable[str]) -> dict[str, str]:
    """Names by id, also of deleted clusters, since their issues still mention them."""
    return repository.names(tx, cluster_ids)


def visible_names(tx: Transaction) -> frozenset[str] | None:
    """Ids and names of the clusters that the actor is limited to; None when it sees all."""
    if tx.actor.clusters is None:
        return None
    return frozenset({*tx.actor.clusters, *repository.names(tx, tx.actor.clusters).values()})


def standings(tx: Transaction, cluster_ids: Iterable[str]) -> dict[str, Standing]:
    """Name and staleness by id, also of deleted clusters. An id without a row is left out; use `standing_in` to look one up."""
    return repository.standings(tx, cluster_ids)


def standing_in(found: Mapping[str, Standing], cluster_id: str) -> Standing:
    """The cluster's entry; for a cluster without a row, its id as the name, and stale."""
    return found.get(cluster_id) or Standing(cluster_id, True, None)


def standing(tx: Transaction, cluster_id: str) -> Standing:
    """The same for one cluster."""
    return standing_in(standings(tx, [cluster_id]), cluster_id)


def resolve(tx: Transaction, id_or_name: str) -> str | None:
    """The id of a live cluster given by id or name; None when the actor sees no such cluster."""
    found = id_or_name if ids.is_id(id_or_name, "cls") else repository.id_of_name(tx, id_or_name)
    if found is None or not tx.actor.may_see(found) or repository.get(tx, found) is None:
        return None
    return found


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
    repository.drop_unused_tokens(tx, cluster_id, keep=0)
    revoked = repository.revoke_all(tx, cluster_id, reason=reason)
    tx.publish(ENDED, ClusterId(cluster_id))
    return revoked


def unpurged(tx: Transaction) -> list[tuple[str, str]]:
    """Deleted clusters whose rows still wait to go, as (organisation, cluster), of all organisations; at most 20."""
    return repository.unpurged(tx)


def mark_purged(tx: Transaction, cluster_id: str) -> None:
    """The cluster's rows elsewhere are gone; drop its tokens and certificates. Its name stays for the issues that mention it."""
    repository.mark_purged(tx, cluster_id)


def count_by_status(tx: Transaction) -> dict[str, int]:
    """How many live clusters have each status, over all organisations; for metrics."""
    return repository.by_status(tx)


def newest_heartbeat(tx: Transaction) -> datetime | None:
    """When an agent was last seen, over all organizations."""
    return repository.newest_heartbeat(tx)


def new_enrollment_token(tx: Transaction, cluster_id: str, *, replaces: bool = False) -> EnrollmentToken:
    """Make a one-use token, valid for an hour. `replaces` allows another kube-system uid than the recorded one. Raises `NotFound`."""
    get(tx, cluster_id)
    token = "mhe_" + "".join(secrets.choice(_ALPHABET) for _ in range(43))
    expires_at = tx.now + timedelta(seconds=model.TOKEN_TTL_S)
    repository.drop_unused_tokens(tx, cluster_id, keep=model.TOKENS_KEPT - 1)
    repository.insert_token(tx, hashed=_hash(token), cluster_id=cluster_id, replaces=replaces, expires_at=expires_at)
    return EnrollmentToken(token, expires_at)


def token_owner(tx: Transaction, token: str) -> tuple[str, str] | None:
    """(organisation, cluster) a token was made for, used or not; None for a token nobody made. The system asks, across organisations."""
    return repository.token_owner(tx, _hash(token)) if model.is_token(token) else None


def redeem(tx: Transaction, authority: Authority, *, token: str, request: Request, nonce: str, kube_system_uid: str) -> Enrolled:
    """Spend a token for a certificate. The same token, key and nonce within 10 minutes get the same certificate again.

    Raises `Refused`: token_unknown, token_used, token_expired, cluster_deleted, cluster_mismatch (another cluster than recorded).
    """
    row = repository.get_token(tx, _hash(token))
    if row is None:
        raise Refused("token_unknown", say="unknown enrolment token; create a new one")
    cluster = repository.get(tx, row.cluster_id)
    if cluster is None:
        raise Refused("cluster_deleted", say="the cluster of this token was deleted")
    if cluster.kube_system_uid not in (None, kube_system_uid) and not row.replaces:
        raise Refused("cluster_mismatch", say=f"{cluster.name} is a different Kubernetes cluster; create a token with `replace`")
    rotation_service.up_to_date(tx, authority)
    issued = authority.issue_agent(request, org_id=tx.org_id, cluster_id=cluster.id, now=tx.now)
    if repository.use_token(tx, _hash(token), key=request.key_digest, nonce=nonce, fingerprint=issued.fingerprint):
        _record(tx, cluster.id, issued, kube_system_uid=kube_system_uid, replaces=row.replaces)
        return Enrolled(cluster.id, issued.chain_pem, issued.renew_at, issued.fingerprint, is_repeat=False)
    return _repeat(tx, token, request=request, nonce=nonce)


def renew(tx: Transaction, authority: Authority, *, cluster_id: str, fingerprint: str, request: Request) -> Enrolled:
    """A fresh certificate for the same cluster; the old one ends when the new one is first used.

    Raises `Refused` as `check_certificate`.
    """
    old = check_certificate(tx, cluster_id, fingerprint)
    if repository.count_unused_certificates(tx, cluster_id) >= UNUSED_CERTIFICATES:
        raise TooMany("rate_limited", retry_after_s=3600, say="too many certificates were requested and never used")
    rotation_service.up_to_date(tx, authority)
    issued = authority.issue_agent(request, org_id=tx.org_id, cluster_id=cluster_id, now=tx.now)
    _record(tx, cluster_id, issued, kube_system_uid=old.kube_system_uid, replaces=old.replaces)
    return Enrolled(cluster_id, issued.chain_pem, issued.renew_at, issued.fingerprint, is_repeat=False)


def check_certificate(tx: Transaction, cluster_id: str, fingerprint: str) -> CertificateRow:
    """The certificate's row. Raises `Refused`: cluster_deleted, certificate_unknown, ca_retired, revoked, expired."""
    if repository.get(tx, cluster_id) is None:
        raise Refused("cluster_deleted", say="the cluster was deleted")
    row = repository.get_certificate(tx, cluster_id, fingerprint)
    if row is None:
        raise Refused("certificate_unknown", say="this certificate was not issued for this cluster")
    if row.status == "revoked" and row.revoke_reason == rotation_service.RETIRED:
        raise Refused("ca_retired", say=rotation_service.RETIRED_SAY)
    if row.status == "revoked":
        raise Refused("revoked", say="the certificate was revoked; enrol again with a new token")
    if row.not_after <= tx.now:
        raise Refused("expired", say="the certificate has expired; enrol again with a new token")
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
    cluster = repository.get(tx, cluster_id, lock=True)
    if cluster is None:
        raise Refused("cluster_deleted", say="the cluster was deleted")
    if cluster.fence != fence:
        raise Refused("superseded", say="a newer session of this cluster has taken over")
    offset = timedelta(milliseconds=cluster.clock_offset_ms or 0)
    return ClusterState(cluster.id, cluster.name, offset, cluster.synced_at, cluster.status, cluster.standing)


def mark_synced(tx: Transaction, cluster_id: str) -> None:
    """The inventory is complete as of now: every kind of the session ended its snapshot or was resumed."""
    repository.mark_synced(tx, cluster_id)


def record_heartbeats(tx: Transaction, beats: Sequence[tuple[SessionRef, datetime, int | None]]) -> None:
    """Write when agents were last seen and, where known, their clock offset in ms. Of all organisations; older fences change nothing."""
    repository.touch(
        tx,
        [
            {"org": ref.org_id, "the_id": ref.cluster_id, "session_fence": ref.fence, "at": at, "offset": _plausible(offset_ms)}
            for ref, at, offset_ms in beats
        ],
    )


def close_session(tx: Transaction, ref: SessionRef, *, reason: str) -> None:
    """The session ended knowingly (goodbye, revoked, expired): the cluster goes offline soon. An older fence changes nothing."""
    repository.close(tx, ref.cluster_id, fence=ref.fence, at=tx.now, reason=reason)


def watched(tx: Transaction, *, since: datetime) -> list[PresenceRow]:
    """Clusters of all organisations whose presence may change now: not offline, or seen after `since`."""
    return repository.watched(tx, since=since)


def move(tx: Transaction, before: Cluster, verdict: Verdict) -> Cluster | None:
    """Give the cluster this presence; None when something else moved it meanwhile, so each transition is published once."""
    return repository.move(tx, before, status=Status(verdict.status), reason=verdict.reason)


def ended(tx: Transaction, sessions: Sequence[LiveSession]) -> dict[str, str]:
    """Which of these open sessions must end, and why (cluster_deleted, ca_retired, revoked, superseded), by cluster id.

    Of all organisations.
    """
    fences = repository.fences(tx, [session.cluster_id for session in sessions])
    statuses = repository.certificate_statuses(tx, [session.fingerprint for session in sessions])
    verdicts = {}
    for session in sessions:
        if session.cluster_id not in fences:
            verdicts[session.cluster_id] = "cluster_deleted"
        elif (status := statuses.get(session.fingerprint, ("revoked", None)))[0] == "revoked":
            verdicts[session.cluster_id] = rotation_service.RETIRED if status[1] == rotation_service.RETIRED else "revoked"
        elif fences[session.cluster_id] > session.fence:
            verdicts[session.cluster_id] = "superseded"
    return verdicts


def _record(tx: Transaction, cluster_id: str, issued: Issued, *, kube_system_uid: str, replaces: bool) -> None:
    row = CertificateRow(
        issued.fingerprint,
        cluster_id,
        "issued",
        issued.chain_pem,
        kube_system_uid,
        replaces,
        tx.now,
        issued.not_after,
        first_used_at=None,
        generation=issued.generation,
    )
    repository.insert_certificate(tx, row, serial=issued.serial)


def _repeat(tx: Transaction, token: str, *, request: Request, nonce: str) -> Enrolled:
    row = repository.get_token(tx, _hash(token))  # again: on PostgreSQL the winner may have committed since the first look
    if row is None or row.used_at is None:
        raise Refused("token_expired", say="the enrolment token has expired; create a new one")
    age_s = (tx.now - row.used_at).total_seconds()
    is_same = bool(nonce) and nonce == row.used_nonce and request.key_digest == row.used_key
    if not is_same or age_s > model.TOKEN_REPLAY_S or row.fingerprint is None:
        raise Refused("token_used", say="the enrolment token was already used; create a new one")
    certificate = check_certificate(tx, row.cluster_id, row.fingerprint)
    renew_at = certificate.issued_at + (certificate.not_after - certificate.issued_at) / 2
    return Enrolled(row.cluster_id, certificate.chain_pem, renew_at, certificate.fingerprint, is_repeat=True)


def _check_uid(cluster: Cluster, certificate: CertificateRow, facts: AgentFacts) -> None:
    is_first = certificate.first_used_at is None
    is_known = cluster.kube_system_uid in (None, facts.kube_system_uid) or (is_first and certificate.replaces)
    if facts.kube_system_uid != certificate.kube_system_uid or not is_known:
        raise Refused(
            "cluster_mismatch", say="this certificate belongs to a different Kubernetes cluster; enrol with a token that has `replace`"
        )


def _first_use(tx: Transaction, certificate: CertificateRow) -> int:
    if certificate.first_used_at is not None:
        return 0
    repository.activate(tx, certificate.fingerprint)
    revoked = repository.revoke_older(tx, certificate, reason="replaced")
    if revoked:
        tx.publish(ENDED, ClusterId(certificate.cluster_id))
    return revoked


def _plausible(offset_ms: int | None) -> int | None:
    return offset_ms if offset_ms is not None and abs(offset_ms) <= model.MAX_CLOCK_OFFSET_MS else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _name_taken(name: str) -> Refused:
    return Refused("name_taken", say=f"a cluster named {name} already exists; choose another name or use that cluster")
