"""Fleet tokens and their uses. Each use creates a cluster with an identity of its own; no use ever gives a certificate of another cluster.

All uses of one token wait for each other on its row, so that N uses are N, whatever races. A use whose answer was lost is repeated for the
same Kubernetes cluster as long as its agent has never connected; after that a fleet token gives nothing for that cluster any more.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from optral.clusters import (
    attempts_repository,
    enrollment_service,
    fleet,
    fleet_repository as repository,
    model,
    rotation_service,
    service as clusters,
)
from optral.clusters.authority import Authority, Request
from optral.clusters.connection import Code, Contact
from optral.clusters.enrollment_service import Enrolled
from optral.clusters.fleet import EnrollmentState, FleetEnrollment, FleetToken, FleetTokenSettings, TokenStatus
from optral.clusters.model import Cluster, ClusterStatus, Reason
from optral.kit import records
from optral.kit.paging import PageRequest
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import Invalid, NotFound, Refused, Stale

NUMBERS_TRIED = 50


class TokenUse(NamedTuple):
    """`enrolled` None: the agent waits for approval. `is_new`: this use created the cluster."""

    cluster: Cluster
    enrolled: Enrolled | None
    is_new: bool

    @property
    def code(self) -> Code:
        """As it is recorded among the attempts to connect."""
        return Code.APPROVAL_PENDING if self.enrolled is None else Code.ENROLLED


def create(tx: Transaction, given: FleetTokenSettings, *, ttl: timedelta) -> tuple[FleetToken, str]:
    """The token's record and the token itself, which is shown this once. Raises `Invalid`, `Refused("too_many_fleet_tokens")`."""
    for ended in repository.drop_ended(tx, before=tx.now - fleet.KEPT):
        attempts_repository.forget(tx, ended)
    if repository.count_active(tx) >= fleet.MAX_ACTIVE:
        raise Refused("too_many_fleet_tokens", say=f"there are {fleet.MAX_ACTIVE} fleet tokens that can be used; revoke some first")
    if not (1 <= given.max_uses <= fleet.MAX_USES and timedelta(0) < ttl <= fleet.MAX_TTL):
        raise Invalid(say=f"a fleet token has 1 to {fleet.MAX_USES} uses and lives for at most {fleet.MAX_TTL.days} days", errors=[])
    checked = replace(
        given,
        name_pattern=fleet.check_pattern(given.name_pattern),
        labels=model.check_labels(given.labels),
        sources=fleet.check_sources(given.sources),
    )
    token = records.extended(FleetToken, checked, id=ids.new("flt"), created_by=tx.actor.id, created_at=tx.now, expires_at=tx.now + ttl)
    secret = enrollment_service.draw_token()
    repository.insert(tx, token, hashed=enrollment_service.hash_of(secret))
    return token, secret


def get(tx: Transaction, token_id: str) -> FleetToken:
    """Raises `NotFound`."""
    token = repository.get(tx, token_id)
    if token is None:
        raise NotFound("fleet_token_not_found", say="no fleet token has this id")
    return token


def find(tx: Transaction, page: PageRequest) -> list[FleetToken]:
    """Newest first."""
    return repository.find(tx, page)


def live(tx: Transaction) -> list[FleetToken]:
    """Neither revoked nor expired, newest first; those without uses left can still repeat an answer that was lost."""
    return repository.live(tx)


def count(tx: Transaction) -> int:
    return repository.count(tx)


def revoke(tx: Transaction, token_id: str) -> tuple[FleetToken, bool]:
    """End a token; False if it was revoked already. Raises `NotFound`.

    Clusters that it enrolled keep their identity; those that wait stay undecided.
    """
    is_news = repository.revoke(tx, token_id)
    return get(tx, token_id), is_news


def owner(tx: Transaction, token: str) -> tuple[str, str] | None:
    """(organization, fleet token) of a token; None for a token that is none. The system asks, across organizations."""
    return repository.owner(tx, enrollment_service.hash_of(token)) if model.is_token(token) else None


def use(
    tx: Transaction, authority: Authority, *, token_id: str, request: Request, nonce: str, kube_system_uid: str, contact: Contact
) -> TokenUse:
    """Enroll a cluster with a fleet token.

    Raises `Refused`: token_unknown, token_revoked, token_expired, token_exhausted, source_not_allowed, cluster_exists, approval_rejected,
    approval_held, name_required, name_invalid, name_taken.
    """
    token = repository.get(tx, token_id, lock=True)
    if token is None:
        raise Refused("token_unknown", say="unknown enrollment token; create a new one")
    if not fleet.is_allowed(contact.address, token.sources):
        raise Refused("source_not_allowed", say=f"{contact.address or 'this address'} is outside the source networks of the token")
    before = repository.newest_use(tx, token_id, kube_system_uid)
    if before is not None and before.state is EnrollmentState.REJECTED:
        raise Refused("approval_rejected", say="the enrollment of this cluster was rejected")
    cluster = None if before is None else _live(tx, before.cluster_id)
    if before is not None and cluster is not None:
        return _again(tx, authority, token, before, cluster, request=request, nonce=nonce, contact=contact)
    _check_usable(token, tx.now)
    if (other := repository.cluster_with_uid(tx, kube_system_uid)) is not None:
        raise Refused("cluster_exists", say=f"this Kubernetes cluster is already connected as {other[1]}")
    number = repository.spend(tx, token_id)
    if number is None:
        raise Refused("token_exhausted", say=f"the token has been used {token.max_uses} times, its maximum; create a new one")
    created = clusters.create(tx, name=_name(tx, token, number, kube_system_uid, contact), labels=token.labels)
    reason = Reason.AWAITS_APPROVAL if token.needs_approval else Reason.NEVER_CONNECTED
    repository.set_uid(tx, created.id, kube_system_uid, reason=reason)
    created = replace(created, kube_system_uid=kube_system_uid, status_reason=reason, version=created.version + 1)
    entry = FleetEnrollment(
        cluster_id=created.id,
        token_id=token_id,
        state=EnrollmentState.WAITING,
        kube_system_uid=kube_system_uid,
        address=contact.address[:64],
        used_key=request.key_digest,
        used_nonce=nonce,
        used_at=tx.now,
    )
    repository.insert_use(tx, entry)
    enrolled = None if token.needs_approval else _issue(tx, authority, entry, request=request)
    return TokenUse(created, enrolled, is_new=True)


def decide(tx: Transaction, cluster_id: str, *, is_approved: bool, if_version: int | None = None) -> FleetEnrollment:
    """Approve or reject the agent that waits for approval with this cluster.

    The version of the cluster moves when an agent with another key takes the place of the one that waits: with `if_version`, a decision is
    for the key that was shown. Raises `NotFound`, `Stale`, `Refused("not_waiting")`.
    """
    cluster = clusters.get(tx, cluster_id, lock=True)
    if if_version is not None and if_version != cluster.version:
        raise Stale(say="the waiting agent or the cluster has changed; check the agent again before you decide")
    if not repository.decide(tx, cluster_id, EnrollmentState.APPROVED if is_approved else EnrollmentState.REJECTED):
        raise Refused("not_waiting", say="no agent is waiting for approval for this cluster")
    found = repository.use_of(tx, cluster_id)
    assert found is not None  # decided above
    if is_approved:
        repository.set_uid(tx, cluster_id, found.kube_system_uid, reason=Reason.NEVER_CONNECTED)
    return found


def use_of(tx: Transaction, cluster_id: str) -> FleetEnrollment | None:
    """The use that created this cluster; None if no fleet token did."""
    return repository.use_of(tx, cluster_id)


def uses_of(tx: Transaction, token_id: str) -> list[FleetEnrollment]:
    """The newest uses of a token, those of deleted clusters among them; at most `fleet.MAX_SHOWN`."""
    return repository.uses_of(tx, token_id, limit=fleet.MAX_SHOWN)


def waiting(tx: Transaction) -> list[FleetEnrollment]:
    """The uses that wait for approval, oldest first; at most as many as a token has uses."""
    return repository.waiting(tx, limit=fleet.MAX_USES)


def _live(tx: Transaction, cluster_id: str) -> Cluster | None:
    try:
        return clusters.get(tx, cluster_id, lock=True)
    except NotFound:
        return None


def _check_usable(token: FleetToken, now: datetime) -> None:
    status = token.status(now)
    if status is not TokenStatus.ACTIVE:
        say = {"revoked": "was revoked", "expired": "has expired", "exhausted": f"has no uses left of {token.max_uses}"}[status.value]
        raise Refused(f"token_{status.value}", say=f"the fleet token {say}; create a new one")


def _again(
    tx: Transaction,
    authority: Authority,
    token: FleetToken,
    before: FleetEnrollment,
    cluster: Cluster,
    *,
    request: Request,
    nonce: str,
    contact: Contact,
) -> TokenUse:
    """The same Kubernetes cluster again: its answer was lost, or it waited for approval. An approval is for one key alone."""
    if cluster.status is not ClusterStatus.PENDING or cluster.last_heartbeat_at is not None:
        raise Refused("cluster_exists", say=f"this Kubernetes cluster is already connected as {cluster.name}")
    if token.revoked_at is not None:
        raise Refused("token_revoked", say="the fleet token was revoked; create a new one")
    is_same_key = before.used_key == request.key_digest
    if not is_same_key and before.approved_at is not None and (left := before.approved_at + fleet.HELD - tx.now) > timedelta(0):
        minutes = -(-left // timedelta(minutes=1))
        say = f"another agent of this Kubernetes cluster was approved as {cluster.name} and has {minutes} minutes to connect; this one"
        raise Refused("approval_held", say=f"{say} can wait for approval after that, or reject the cluster first")
    is_decided = not token.needs_approval or (before.state in (EnrollmentState.APPROVED, EnrollmentState.ISSUED) and is_same_key)
    entry = replace(before, used_key=request.key_digest, used_nonce=nonce, address=contact.address[:64], used_at=tx.now)
    if not is_decided:
        if not is_same_key:
            clusters.revoke_certificates(tx, cluster.id, reason="replaced")
            repository.set_uid(tx, cluster.id, before.kube_system_uid, reason=Reason.AWAITS_APPROVAL)
        repository.update_use(tx, replace(entry, state=EnrollmentState.WAITING, fingerprint=None))
        return TokenUse(cluster, None, is_new=False)
    if before.fingerprint is not None:
        clusters.revoke_certificates(tx, cluster.id, reason="replaced")
    return TokenUse(cluster, _issue(tx, authority, entry, request=request), is_new=False)


def _issue(tx: Transaction, authority: Authority, entry: FleetEnrollment, *, request: Request) -> Enrolled:
    rotation_service.up_to_date(tx, authority)
    issued = authority.issue_agent(request, org_id=tx.org_id, cluster_id=entry.cluster_id, now=tx.now)
    enrollment_service.record(tx, entry.cluster_id, issued, kube_system_uid=entry.kube_system_uid, replaces=False)
    repository.update_use(tx, replace(entry, state=EnrollmentState.ISSUED, fingerprint=issued.fingerprint))
    return Enrolled(entry.cluster_id, issued.chain_pem, issued.renew_at, issued.fingerprint, is_repeat=False)


def _name(tx: Transaction, token: FleetToken, number: int, kube_system_uid: str, contact: Contact) -> str:
    """The name by the token's pattern; a number that is taken is passed over."""
    last = number + (NUMBERS_TRIED if "{number}" in token.name_pattern else 1)
    for attempt in range(number, last):
        name = fleet.name_for(token.name_pattern, wanted=contact.cluster_name, number=attempt, kube_system_uid=kube_system_uid)
        if clusters.resolve(tx, name) is None:
            return name
    raise Refused("name_taken", say=f"a cluster named {name} exists already")
