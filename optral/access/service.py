"""The service of access. Changes of keys go through `flows/people/keys.py`, which writes their audit record too.

`audit` stands last in a transaction: it locks the end of the organization's chain until the commit.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from optral.access import chain, repository, sealing
from optral.access.authenticator import Authenticator as Authenticator
from optral.access.limiter import Limiter as Limiter
from optral.access.model import (
    GENESIS,
    ApiKey,
    AuditFilter,
    AuditRecord,
    KeyFilter,
    KeySettings,
    Me,
    Member,
    Organisation,
    Verdict,
    canonical as canonical,
    chained,
    checked_clusters,
    checked_email,
    checked_name,
    checked_plan,
    checked_scopes,
    digest,
    expiry,
    generate_key,
    hint,
    require as require,
)
from optral.access.policy import checked_networks
from optral.kit.hub import Topic
from optral.kit.paging import MOST_COUNTED, PageRequest
from optral.store.metadata import to_micros
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import ActorKind, Role
from optral.terms.errors import Invalid, NotFound, Refused, Unavailable
from optral.terms.ids import KeyId, OrgId, UserId

REVOKED: Topic[KeyId] = Topic("revoked keys")
"""Keys and sign-in sessions whose rights ended or changed: their open streams check them again."""

ANSWERS_KEPT = timedelta(hours=24)
CLAIMED_FOR = timedelta(minutes=2)  # a request ends within 30 seconds; one that has not by then died with its server
MAX_PRUNED = 500
_CHUNK = 500


def create_organisation(tx: Transaction, *, name: str, plan: str, owner_email: str) -> tuple[Organisation, Member]:
    """Make an organization and its owner; for the system, across organizations. Raises `Refused` when the name is taken."""
    made = Organisation(OrgId(ids.new("org")), checked_name(name, field="organisation"), checked_plan(plan), tx.now)
    if repository.is_organisation_name_taken(tx, made.name):
        raise Refused("organisation_exists", say=f"there is already an organization named {made.name}")
    owner = Member(UserId(ids.new("usr")), checked_email(owner_email), Role.OWNER, tx.now)
    acting = tx.acting_for(made.id)
    repository.insert_organisation(acting, made)
    repository.insert_member(acting, owner)
    return made, owner


def organisation_ids(tx: Transaction) -> list[OrgId]:
    """Every organization; for the system, across organizations."""
    return repository.organisation_ids(tx)


def count_organisations(tx: Transaction) -> int:
    """All organizations; for the system, across organizations."""
    return repository.count_organisations(tx)


def create_key(tx: Transaction, given: KeySettings, *, pepper: bytes) -> tuple[ApiKey, str]:
    """Make a key of the actor's person (of the owner, for the system); returns it and its secret, which is not kept.

    Raises `Invalid`, or `Forbidden` for what its maker may not do itself.
    """
    limit = given.limit_per_minute
    if limit is not None and not 1 <= limit <= 1_000_000:
        raise Invalid("invalid_limit", say="limitPerMinute must be between 1 and 1000000")
    secret, seen = generate_key(), checked_clusters(given.clusters, tx.actor)
    made = ApiKey(
        id=KeyId(ids.new("key")),
        org_id=tx.org_id,
        name=checked_name(given.name),
        hint=hint(secret),
        scopes=checked_scopes(given.scopes, tx.actor, is_limited=seen is not None),
        clusters=seen,
        limit_per_minute=limit,
        created_by=_person(tx).id,
        created_at=tx.now,
        expires_at=expiry(given.expires_at, tx.now),
        revoked_at=None,
        last_used_at=None,
        audience=given.audience,
        networks=checked_networks(given.networks, field="networks"),
    )
    repository.insert_key(tx, made, digest(pepper, secret))
    return made, secret


def revoke_key(tx: Transaction, key_id: str) -> ApiKey:
    """End a key: refused everywhere within a second, its streams within five. Revoking again changes nothing."""
    key = get_key(tx, key_id)
    if key.revoked_at is None:
        repository.revoke_key(tx, key_id, tx.now)
        tx.publish(REVOKED, key.id)
    return get_key(tx, key_id)


def get_key(tx: Transaction, key_id: str) -> ApiKey:
    if (key := repository.key(tx, key_id)) is None:
        raise NotFound(say=f"there is no API key {key_id}")
    return key


def find_keys(tx: Transaction, wanted: KeyFilter | None = None, page: PageRequest | None = None) -> list[ApiKey]:
    """A page of keys; sorts: createdAt, name, expiresAt."""
    return repository.find_keys(tx, wanted or KeyFilter(), page or PageRequest())


def count_keys(tx: Transaction, wanted: KeyFilter | None = None) -> int:
    return repository.count_keys(tx, wanted or KeyFilter())


def me(tx: Transaction) -> Me:
    """Who the actor is."""
    key = repository.key(tx, tx.actor.id) if tx.actor.kind is ActorKind.KEY else None
    member = repository.member(tx, key.created_by if key else tx.actor.id)
    return Me(_organisation(tx), member, key, tx.actor.scopes)


def plan(tx: Transaction) -> str:
    """The organization's plan: free, team or enterprise."""
    return _organisation(tx).plan


def audit(
    tx: Transaction,
    *,
    action: str,
    target: str,
    outcome: str = "success",
    detail: Mapping[str, Any] | None = None,
    cluster_id: str | None = None,
) -> AuditRecord:
    """Append who did what to the organization's audit chain, in the transaction of the change itself.

    `cluster_id` is the cluster of the target, where the target is not the cluster itself: with it the record is found by cluster.
    """
    head = repository.lock_audit_head(tx, GENESIS)
    columns: dict[str, Any] = {
        "org_id": tx.org_id,
        "seq": head.seq + 1,
        "id": ids.new("aud"),
        "actor_kind": tx.actor.kind.value,
        "actor_id": tx.actor.id[:64],
        "address": tx.actor.address[:64],
        "request_id": tx.actor.request_id[:64],
        "action": action,
        "target": target[:300],
        "outcome": outcome,
        "detail": canonical(dict(detail or {})),
    }
    hashed = chained(head.hash, {**columns, "at": to_micros(tx.now)})
    record = AuditRecord(**columns, at=tx.now, hash=hashed, cluster_id=cluster_id or (target if ids.is_id(target, "cls") else None))
    repository.append_record(tx, record)
    return record


def records_after(tx: Transaction, seq: int, *, limit: int = _CHUNK) -> list[AuditRecord]:
    """The audit records after this number, oldest first, at most 500."""
    return repository.records_after(tx, seq, min(limit, _CHUNK))


def find_audit(tx: Transaction, wanted: AuditFilter, page: PageRequest) -> list[AuditRecord]:
    """A page of the audit records, by their number."""
    return repository.find_records(tx, wanted, page)


def count_audit(tx: Transaction, wanted: AuditFilter, *, most: int = MOST_COUNTED) -> int:
    """How many records fit, at most one more than `most`."""
    return repository.count_records(tx, wanted, most)


def verify(tx: Transaction) -> Verdict:
    """Walk the organization's whole audit chain in this transaction (`chain`): a changed, removed, added or reordered record shows."""
    walk = chain.begin(tx)
    while not walk.is_done:
        walk = chain.step(tx, walk)
    return Verdict(walk.read, None if walk.fault is None else walk.fault.seq)


def audit_place(tx: Transaction) -> chain.Checkpoint:
    """The head of the chain: whoever keeps it can prove later that nothing before it was removed or changed."""
    head = repository.audit_head(tx)
    return chain.Checkpoint(0, b"") if head is None else chain.Checkpoint(head.seq, head.hash)


def prune_audit(tx: Transaction, *, before: datetime, limit: int = MAX_PRUNED) -> int:
    """Remove at most `limit` (≤ 500) records older than `before`; what is left is proved from the hash of the last one removed."""
    head = repository.lock_audit_head(tx, GENESIS)
    last: AuditRecord | None = None
    for record in repository.records_after(tx, head.base_seq, min(limit, MAX_PRUNED)):
        if record.at >= before:
            break
        last = record
    return 0 if last is None else repository.delete_records(tx, seq=last.seq, hash=last.hash)


def claim_answer(tx: Transaction, *, route: str, key: str, body_digest: str, secret: bytes) -> bytes | None:
    """Begin an effect under an Idempotency-Key: None when it is to be done now, else the answer it had.

    Raises `Invalid("idempotency_mismatch")` when the key came with another body before, and `Unavailable("request_in_progress")`.
    """
    name = sealing.name_of(route, key)
    if repository.claim_answer(tx, name, digest=body_digest, expired=tx.now - ANSWERS_KEPT, abandoned=tx.now - CLAIMED_FOR):
        return None
    kept = repository.answer(tx, name)
    if kept is None or kept.digest != body_digest:
        raise Invalid("idempotency_mismatch", say="this Idempotency-Key was used with another request; use a new key for a new request")
    if kept.sealed is None:
        say = "the first request with this Idempotency-Key is still in progress; repeat it to get its response"
        raise Unavailable("request_in_progress", say=say, retry_after_s=5)
    plain = sealing.unseal(bytes(kept.sealed), idempotency_key=key, secret=secret, binding=_binding(tx, route))
    if plain is None:
        raise Refused(
            "idempotent_answer_lost", say="this request was already processed, but its response can no longer be read; check its effect"
        )
    return plain


def keep_answer(tx: Transaction, *, route: str, key: str, answer: bytes, secret: bytes) -> None:
    """End what `claim_answer` began: keep the answer, sealed, for at least 24 hours."""
    sealed = sealing.seal(answer, idempotency_key=key, secret=secret, binding=_binding(tx, route))
    repository.fill_answer(tx, sealing.name_of(route, key), sealed)


def unclaim_answer(tx: Transaction, *, route: str, key: str) -> None:
    """Delete a claim that has no answer, so that the next request does the work."""
    repository.delete_claim(tx, sealing.name_of(route, key))


def prune_answers(tx: Transaction, *, limit: int = MAX_PRUNED) -> int:
    """Remove at most `limit` (≤ 500) idempotent answers older than 24 hours; return how many."""
    return repository.delete_answers(tx, tx.now - ANSWERS_KEPT, min(limit, MAX_PRUNED))


def count_members(tx: Transaction) -> int:
    """How many people the organization has."""
    return repository.count_members(tx)


def _organisation(tx: Transaction) -> Organisation:
    if (organisation := repository.organisation(tx)) is None:
        raise NotFound(say="this organization does not exist")
    return organisation


def _person(tx: Transaction) -> Member:
    """The person the actor acts for."""
    if tx.actor.kind is ActorKind.SYSTEM:
        person = repository.owner(tx)
    elif tx.actor.kind is ActorKind.KEY:
        key = repository.key(tx, tx.actor.id)
        person = None if key is None else repository.member(tx, key.created_by)
    else:
        person = repository.member(tx, tx.actor.id)
    if person is None:
        raise NotFound(say="the organization has no member to create this key for")
    return person


def _binding(tx: Transaction, route: str) -> str:
    return f"{tx.org_id} {tx.actor.id} {route}"
