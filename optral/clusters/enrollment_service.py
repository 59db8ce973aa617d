"""Enrollment and certificates of agents: one-use tokens, first certificates and renewals.

A certificate counts while its row says so; the transport has already checked its signature and dates.
"""

import hashlib
import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from optral.clusters import credentials_repository, model, repository, rotation_service, service as clusters
from optral.clusters.authority import Authority, Issued, Request
from optral.clusters.credentials_repository import CertificateRow, OpenToken as OpenToken, open_tokens as open_tokens
from optral.store.transaction import Transaction
from optral.terms.errors import Refused, TooMany

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


def new_enrollment_token(tx: Transaction, cluster_id: str, *, replaces: bool = False) -> EnrollmentToken:
    """Make a one-use token, valid for an hour. `replaces` allows another kube-system uid than the recorded one. Raises `NotFound`."""
    clusters.get(tx, cluster_id)
    token = draw_token()
    expires_at = tx.now + timedelta(seconds=model.TOKEN_TTL_S)
    credentials_repository.drop_unused_tokens(tx, cluster_id, keep=model.TOKENS_KEPT - 1)
    credentials_repository.insert_token(tx, hashed=hash_of(token), cluster_id=cluster_id, replaces=replaces, expires_at=expires_at)
    return EnrollmentToken(token, expires_at)


def delete_tokens(tx: Transaction, found: Sequence[OpenToken]) -> None:
    """End these tokens; clusters that are enrolled stay so."""
    credentials_repository.delete_tokens(tx, [one.hashed for one in found])


def token_owner(tx: Transaction, token: str) -> tuple[str, str] | None:
    """(organization, cluster) a token was made for, used or not; None for a token nobody made. The system asks, across organizations."""
    return credentials_repository.token_owner(tx, hash_of(token)) if model.is_token(token) else None


def redeem(tx: Transaction, authority: Authority, *, token: str, request: Request, nonce: str, kube_system_uid: str) -> Enrolled:
    """Spend a token for a certificate. The same token, key and nonce within 10 minutes get the same certificate again.

    Raises `Refused`: token_unknown, token_used, token_expired, cluster_deleted, cluster_mismatch (another cluster than recorded).
    """
    row = credentials_repository.get_token(tx, hash_of(token))
    if row is None:
        raise Refused("token_unknown", say="unknown enrollment token; create a new one")
    cluster = repository.get(tx, row.cluster_id)
    if cluster is None:
        raise Refused("cluster_deleted", say="the cluster of this token was deleted")
    if cluster.kube_system_uid not in (None, kube_system_uid) and not row.replaces:
        raise Refused("cluster_mismatch", say=f"{cluster.name} is a different Kubernetes cluster; create a token with `replace`")
    rotation_service.up_to_date(tx, authority)
    issued = authority.issue_agent(request, org_id=tx.org_id, cluster_id=cluster.id, now=tx.now)
    if credentials_repository.use_token(tx, hash_of(token), key=request.key_digest, nonce=nonce, fingerprint=issued.fingerprint):
        record(tx, cluster.id, issued, kube_system_uid=kube_system_uid, replaces=row.replaces)
        return Enrolled(cluster.id, issued.chain_pem, issued.renew_at, issued.fingerprint, is_repeat=False)
    return _repeat(tx, token, request=request, nonce=nonce)


def renew(tx: Transaction, authority: Authority, *, cluster_id: str, fingerprint: str, request: Request) -> Enrolled:
    """A fresh certificate for the same cluster; the old one ends when the new one is first used.

    Raises `Refused` as `check_certificate`.
    """
    old = clusters.check_certificate(tx, cluster_id, fingerprint)
    if credentials_repository.count_unused_certificates(tx, cluster_id) >= UNUSED_CERTIFICATES:
        raise TooMany("rate_limited", retry_after_s=3600, say="too many certificates were requested and never used")
    rotation_service.up_to_date(tx, authority)
    issued = authority.issue_agent(request, org_id=tx.org_id, cluster_id=cluster_id, now=tx.now)
    record(tx, cluster_id, issued, kube_system_uid=old.kube_system_uid, replaces=old.replaces)
    return Enrolled(cluster_id, issued.chain_pem, issued.renew_at, issued.fingerprint, is_repeat=False)


def record(tx: Transaction, cluster_id: str, issued: Issued, *, kube_system_uid: str, replaces: bool) -> None:
    """Keep a certificate that was issued."""
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
    credentials_repository.insert_certificate(tx, row, serial=issued.serial)


def _repeat(tx: Transaction, token: str, *, request: Request, nonce: str) -> Enrolled:
    row = credentials_repository.get_token(tx, hash_of(token))  # again: on PostgreSQL the winner may have committed since the first look
    if row is None or row.used_at is None:
        raise Refused("token_expired", say="the enrollment token has expired; create a new one")
    age_s = (tx.now - row.used_at).total_seconds()
    is_same = bool(nonce) and nonce == row.used_nonce and request.key_digest == row.used_key
    if not is_same or age_s > model.TOKEN_REPLAY_S or row.fingerprint is None:
        raise Refused("token_used", say="the enrollment token was already used; create a new one")
    certificate = clusters.check_certificate(tx, row.cluster_id, row.fingerprint)
    renew_at = certificate.issued_at + (certificate.not_after - certificate.issued_at) / 2
    return Enrolled(row.cluster_id, certificate.chain_pem, renew_at, certificate.fingerprint, is_repeat=True)


def draw_token() -> str:
    """A new token, of 256 random bits."""
    return "mhe_" + "".join(secrets.choice(_ALPHABET) for _ in range(43))


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
