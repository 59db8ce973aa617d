"""The service of SCIM: the token of a provider, its users, its groups. `flows/people/provisioning.py` decides what follows for members."""

import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from optral.identity import scim, scim_repository as rows
from optral.identity.scim import Document, ScimGroup, ScimToken, ScimUser
from optral.identity.scim_filter import Node, invalid
from optral.identity.scim_repository import Counts as Counts
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import NotFound, Refused, Stale

R = TypeVar("R", ScimUser, ScimGroup)
Digest = Callable[[str], bytes]
"""What is kept of a token."""
PREFIX = "scim_"
_FORM = re.compile(r"scim_[A-Za-z0-9_-]{43}", re.ASCII)
_WORDS = {ScimUser: "user", ScimGroup: "group"}


def token(tx: Transaction, provider_id: str) -> ScimToken | None:
    return rows.token(tx, provider_id)


def token_of(tx: Transaction, text: str, *, digest: Digest) -> ScimToken | None:
    """The token that this text is; for the system, across organizations."""
    return rows.token_by_digest(tx, digest(text)) if _FORM.fullmatch(text) else None


def create_token(tx: Transaction, provider_id: str, *, networks: frozenset[str] | None, digest: Digest) -> tuple[ScimToken, str]:
    """The first token of a provider, and its text, which is not kept. Raises `Refused("scim_exists")`."""
    if rows.token(tx, provider_id) is not None:
        raise Refused("scim_exists", say="the identity provider has a SCIM token; rotate it")
    return _save(tx, provider_id, networks, digest, {})


def roll_token(tx: Transaction, provider_id: str, *, digest: Digest) -> tuple[ScimToken, str]:
    """A new token; the one before works for `scim.OLD_TOKEN_LIFE` more. Raises `NotFound`."""
    old = _token(tx, provider_id)
    kept = {"old_digest": old.digest, "old_until": tx.now + scim.OLD_TOKEN_LIFE, "last_used_at": old.last_used_at}
    return _save(tx, provider_id, old.networks, digest, kept)


def distrust_token(tx: Transaction, provider_id: str) -> bool:
    """Let no text open the token, until it is rolled; whether there is one."""
    if (found := rows.token(tx, provider_id)) is None:
        return False
    rows.save_token(tx, replace(found, digest=secrets.token_bytes(len(found.digest)), old_digest=None, old_until=None))
    return True


def _save(
    tx: Transaction, provider_id: str, networks: frozenset[str] | None, digest: Digest, kept: dict[str, Any]
) -> tuple[ScimToken, str]:
    text = PREFIX + secrets.token_urlsafe(32)
    made = ScimToken(
        provider_id=provider_id,
        org_id=tx.org_id,
        hint=f"{text[:8]}…{text[-2:]}",
        digest=digest(text),
        networks=networks,
        created_by=tx.actor.id,
        created_at=tx.now,
        **kept,
    )
    rows.save_token(tx, made)
    return made, text


def remove(tx: Transaction, provider_id: str) -> ScimToken:
    """End SCIM of a provider: its token, users and groups. Raises `NotFound`."""
    gone = _token(tx, provider_id)
    rows.delete_all(tx, provider_id)
    return gone


def note_use(tx: Transaction, provider_id: str, at: datetime) -> None:
    rows.note_use(tx, provider_id, at)


def counts(tx: Transaction, provider_id: str) -> Counts:
    return rows.counts(tx, provider_id)


def unprovisioned(tx: Transaction, provider_id: str, *, limit: int = 1_000) -> list[str]:
    """Members that the provider knows, also removed ones, who are none of its users."""
    return rows.unprovisioned(tx, provider_id, limit=limit)


def is_used(tx: Transaction, provider_id: str) -> bool:
    """Whether the provider has provisioned anybody."""
    return rows.token(tx, provider_id) is not None and rows.count(tx, ScimUser, provider_id) > 0


def get(tx: Transaction, of: type[R], provider_id: str, resource_id: str) -> R:
    """Raises `NotFound`, also for one of another provider."""
    found = rows.one(tx, of, provider_id, id=resource_id) if resource_id.isprintable() else None
    if found is None:
        raise NotFound(say=f"there is no {_WORDS[of]} {resource_id[:100]}")
    return found


def find(
    tx: Transaction, of: type[R], provider_id: str, *, wanted: Node | None = None, start: int = 0, size: int = 100
) -> tuple[list[R], int]:
    """A page of those that match, and how many match. Raises `ScimInvalid`."""
    total = rows.count(tx, of, provider_id, wanted=wanted)
    return rows.find(tx, of, provider_id, wanted=wanted, start=start, size=size) if size else [], total


def create_user(tx: Transaction, provider_id: str, document: Document) -> ScimUser:
    """Raises `ScimInvalid`, `Refused("scim_not_unique")`, `Refused("too_many_users")`."""
    return _create(tx, ScimUser, provider_id, scim.user_values(document), most=scim.MAX_USERS, prefix="scu", has_ended=False)


def create_group(tx: Transaction, provider_id: str, document: Document) -> ScimGroup:
    """Raises as `create_user`, with `Refused("too_many_groups")`."""
    made = _create(tx, ScimGroup, provider_id, scim.group_values(document), most=scim.MAX_GROUPS, prefix="scg")
    _set_members(tx, made, document)
    return made


def change_user(tx: Transaction, before: ScimUser, document: Document) -> ScimUser:
    """Without `active`, that stays. Raises as `create_user`, and `Stale`."""
    return _update(tx, before, scim.user_values({"active": before.is_active} | document))


def change_group(tx: Transaction, before: ScimGroup, document: Document) -> tuple[ScimGroup, set[str]]:
    """The group, and the users who joined or left it. Raises as `create_group`, and `Stale`."""
    touched = _set_members(tx, before, document)
    return _update(tx, before, scim.group_values(document), is_touched=bool(touched)), touched


def save_link(tx: Transaction, before: ScimUser, *, member_id: str | None, has_ended: bool, is_removed: bool = False) -> ScimUser:
    """Note which member the user is, and whether the provider, or somebody else, ended that membership."""
    after = replace(before, member_id=member_id, has_ended=has_ended, is_removed=is_removed)
    if after != before:
        rows.update(tx, after, known=before.revision)
    return after


def note_removal(tx: Transaction, member_id: str, *, is_removed: bool) -> None:
    """Note that the actor ended a membership, or gave it back, for the users of other providers."""
    rows.note_removal(tx, member_id, is_removed=is_removed, but=tx.actor.id)


def delete(tx: Transaction, gone: ScimUser | ScimGroup) -> None:
    rows.delete(tx, gone)


def members(tx: Transaction, group_id: str) -> list[str]:
    """The ids of the users in a group."""
    return rows.members(tx, group_id)


def group_document(tx: Transaction, group: ScimGroup) -> Document:
    """With its members."""
    return {**group.document, "members": [{"value": one} for one in rows.members(tx, group.id)]}


def groups_of(tx: Transaction, user_id: str) -> list[ScimGroup]:
    return rows.groups_of(tx, user_id)


def user_of_member(tx: Transaction, provider_id: str, member_id: str) -> ScimUser | None:
    return rows.one(tx, ScimUser, provider_id, member_id=member_id)


def user_of_subject(tx: Transaction, provider_id: str, subjects: Collection[str], address: str | None) -> ScimUser | None:
    """The user whose external id is one of these; otherwise one that has this address and is no member yet."""
    for subject in subjects:
        if (found := rows.one(tx, ScimUser, provider_id, external_id=subject)) is not None:
            return found
    candidates = [] if address is None else rows.by_address(tx, provider_id, address)
    return next((one for one in candidates if one.member_id is None), None)


def _create(tx: Transaction, of: type[R], provider_id: str, values: dict[str, Any], *, most: int, prefix: str, **more: Any) -> R:
    if rows.count(tx, of, provider_id) >= most:
        raise Refused(f"too_many_{_WORDS[of]}s", say=f"an identity provider can provision at most {most} {_WORDS[of]}s")
    _check_unique(tx, of, provider_id, values, but="")
    made = of(id=ids.new(prefix), org_id=tx.org_id, provider_id=provider_id, created_at=tx.now, updated_at=tx.now, **values, **more)
    rows.insert(tx, made)
    return made


def _update(tx: Transaction, before: R, values: dict[str, Any], *, is_touched: bool = False) -> R:
    after = replace(before, **values)
    if after == before and not is_touched:
        return before
    _check_unique(tx, type(before), before.provider_id, values, but=before.id)
    after = replace(after, revision=before.revision + 1, updated_at=tx.now)
    if not rows.update(tx, after, known=before.revision):
        raise Stale(say="the resource has changed meanwhile; get it again and repeat the change")
    return after


def _check_unique(tx: Transaction, of: type[R], provider_id: str, values: dict[str, Any], *, but: str) -> None:
    for column, name in (("user_key", "userName"), ("external_id", "externalId"), ("display_name", "displayName")):
        if values.get(column) is None or (of is ScimUser and column == "display_name"):
            continue
        other = rows.one(tx, of, provider_id, **{column: values[column]})
        if other is not None and other.id != but:
            raise Refused("scim_not_unique", say=f"another {_WORDS[of]} has this {name}: {other.id}")


def _set_members(tx: Transaction, group: ScimGroup, document: Document) -> set[str]:
    """Bring the members to those of the document; returns who joined or left. Raises `ScimInvalid` for an unknown user."""
    wanted, present = scim.member_ids(document), set(rows.members(tx, group.id))
    new = wanted - present
    if unknown := new - rows.known_users(tx, group.provider_id, new):
        raise invalid("invalidValue", f"members: there is no user {min(unknown)}")
    rows.add_members(tx, group.id, new)
    rows.remove_members(tx, group.id, present - wanted)
    return new | (present - wanted)


def _token(tx: Transaction, provider_id: str) -> ScimToken:
    if (found := rows.token(tx, provider_id)) is None:
        raise NotFound("scim_not_found", say="the identity provider has no SCIM token; create one")
    return found
