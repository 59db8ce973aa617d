"""All SQL of enrollment tokens and certificates. Every statement on a tenant table names its organization."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam as b

from optral.clusters.tables import (
    agent_certificates as certificates,
    enrollment_tokens as tokens,
)
from optral.store.transaction import Transaction

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
_OPEN_TOKENS = (
    sa.select(tokens.c.hash, tokens.c.cluster_id, tokens.c.created_by)
    .where(tokens.c.org_id == b("org"), tokens.c.used_at.is_(None), tokens.c.expires_at > b("now", type_=tokens.c.expires_at.type))
    .order_by(tokens.c.created_at, tokens.c.hash)
)
_DELETE_TOKENS = sa.delete(tokens).where(tokens.c.org_id == b("org"), tokens.c.hash == b("the_hash"))
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
_STATUSES = sa.select(certificates.c.fingerprint, certificates.c.status, certificates.c.revoke_reason).where(
    certificates.c.fingerprint.in_(b("prints", expanding=True))
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


class OpenToken(NamedTuple):
    """A token that can still be used; `hashed` is all that is kept of it."""

    hashed: str
    cluster_id: str
    created_by: str


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
    delete_tokens(tx, hashes[keep:])


def open_tokens(tx: Transaction) -> list[OpenToken]:
    """The tokens of single clusters that can still be used, oldest first."""
    return [OpenToken._make(row) for row in tx.execute(_OPEN_TOKENS, {"org": tx.org_id, "now": tx.now})]


def delete_tokens(tx: Transaction, hashes: Sequence[str]) -> None:
    if hashes:
        tx.execute(_DELETE_TOKENS, [{"org": tx.org_id, "the_hash": hashed} for hashed in hashes])


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
    """Status and reason of a revocation by fingerprint, of every organization."""
    rows = tx.execute(_STATUSES, {"prints": list(fingerprints)})
    return {row.fingerprint: (row.status, row.revoke_reason) for row in rows}
