"""API keys are made, rolled and ended here: the package's work and its audit record, in one transaction.

People make keys, lately confirmed by their password; a key makes none, so that one that leaked cannot outlive its own end.
"""

from datetime import timedelta

from optral.access import model, people, people_service, service as access
from optral.access.model import ApiKey, KeySettings
from optral.store.transaction import Transaction


def create(tx: Transaction, given: KeySettings, *, pepper: bytes) -> tuple[ApiKey, str]:
    """Make a key; returns it and its secret, shown this once. Raises `Invalid` or `Forbidden` as `access.create_key` does.

    Also `Forbidden`: `keys_cannot_make_keys` for a key, `confirmation_required` for a person who last typed the password long ago.
    """
    people.require_person(tx.actor)
    people.require_confirmed(tx.actor, tx.now)
    key, secret = access.create_key(tx, given, pepper=pepper)
    detail = {
        "name": key.name,
        "scopes": sorted(key.scopes),
        "clusters": None if key.clusters is None else sorted(key.clusters),
        "expiresAt": key.expires_at.isoformat(),
    } | ({} if key.networks is None else {"networks": sorted(key.networks)})
    access.audit(tx, action="key.create", target=key.id, detail=detail)
    return key, secret


def roll(tx: Transaction, key_id: str, *, pepper: bytes, overlap: timedelta) -> tuple[ApiKey, str]:
    """Make a key's successor with the same name, scopes, clusters, cap and length of life; returns it and its secret.

    The old key works on for `overlap` (0: it ends now), never longer than it would have. The successor is the key of whoever rolls.
    Raises as `create`, and `Refused` for a key that has ended or was rolled before, so that at most two live.
    """
    people.require_person(tx.actor)
    people.require_confirmed(tx.actor, tx.now)
    old = access.get_key(tx, key_id)
    life = min(old.expires_at - old.created_at, model.LONGEST_LIFE)
    wanted = KeySettings(
        name=old.name,
        scopes=old.scopes & model.key_scopes(is_limited=old.clusters is not None),  # older keys have more on record
        clusters=old.clusters,
        expires_at=tx.now + life,
        limit_per_minute=old.limit_per_minute,
        audience=old.audience,
        networks=old.networks,
    )
    new, secret = access.create_key(tx, wanted, pepper=pepper)
    people_service.roll_key(tx, key_id, successor=new.id, ends_at=tx.now + overlap)
    access.audit(
        tx, action="key.roll", target=old.id, detail={"name": old.name, "successor": new.id, "overlapS": int(overlap.total_seconds())}
    )
    return new, secret


def revoke(tx: Transaction, key_id: str) -> ApiKey:
    """End a key; `NotFound` for one of another organization. Revoking again changes nothing and is not recorded."""
    was_revoked = access.get_key(tx, key_id).revoked_at is not None
    key = access.revoke_key(tx, key_id)
    if not was_revoked:
        access.audit(tx, action="key.revoke", target=key.id, detail={"name": key.name})
    return key
