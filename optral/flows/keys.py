"""API keys are made and ended here: the room's work and its audit record, in one transaction."""

from datetime import datetime

from optral.access import service as access
from optral.access.model import ApiKey
from optral.store.transaction import Transaction
from optral.terms.ids import ClusterId


def create(
    tx: Transaction,
    *,
    pepper: bytes,
    name: str,
    scopes: frozenset[str],
    clusters: frozenset[ClusterId] | None = None,
    expires_at: datetime | None = None,
    limit_per_minute: int | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; returns it and its secret, shown this once. Raises `Invalid` or `Forbidden` as `access.create_key` does."""
    key, secret = access.create_key(
        tx, pepper=pepper, name=name, scopes=scopes, clusters=clusters, expires_at=expires_at, limit_per_minute=limit_per_minute
    )
    detail = {
        "name": key.name,
        "scopes": sorted(key.scopes),
        "clusters": None if key.clusters is None else sorted(key.clusters),
        "expiresAt": key.expires_at.isoformat(),
    }
    access.audit(tx, action="key.create", target=key.id, detail=detail)
    return key, secret


def revoke(tx: Transaction, key_id: str) -> ApiKey:
    """End a key; `NotFound` for one of another organisation. Revoking again changes nothing and is not recorded."""
    was_revoked = access.get_key(tx, key_id).revoked_at is not None
    key = access.revoke_key(tx, key_id)
    if not was_revoked:
        access.audit(tx, action="key.revoke", target=key.id, detail={"name": key.name})
    return key
