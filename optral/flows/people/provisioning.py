"""What an identity provider provisions by SCIM, and what follows for members: who leaves there has no access here within the same request.

A user of SCIM becomes a member by signing in, never by being provisioned, and is matched with a member that the provider signed in before:
by the subject, or by the address that the member has. So a provider ends and changes only memberships that it vouches for.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from optral.access import model as access_model, people, people_service as access, provided
from optral.access.model import Member
from optral.access.policy import AddressNotAllowed, check_address, checked_networks
from optral.access.service import audit
from optral.flows.people import members, provider_rights
from optral.identity import scim, scim_service as scims, service as identity
from optral.identity.model import MICROSOFT, Provider
from optral.identity.scim import Document, ScimGroup, ScimToken, ScimUser
from optral.identity.scim_filter import invalid
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor as actors
from optral.terms.actor import Actor, Role
from optral.terms.errors import Refused, Stale, Unauthenticated
from optral.terms.ids import OrgId

NOTED_EVERY = timedelta(minutes=1)
REMOVED = (
    "this person was removed from Optral, which SCIM cannot undo: unassign the person at the identity provider, or have an owner of Optral"
    " invite them again"
)
_SAY = "send the SCIM token of an identity provider as Authorization: Bearer"


class ScimCallers:
    """Knows who calls `/scim/v2`. Use on one event loop."""

    def __init__(self, store: Store, pepper: bytes) -> None:
        self._store, self._pepper = store, pepper

    async def authenticate(self, header: str | None, *, address: str) -> Actor:
        """The provider behind a token, as the system of its organization under the provider's id.

        Raises `Unauthenticated`, the same for every bad token, and `AddressNotAllowed`.
        """
        scheme, _, text = (header or "").strip().partition(" ")

        def look(tx: Transaction) -> tuple[ScimToken | None, datetime]:
            return scims.token_of(tx, text.strip(), digest=_digest(self._pepper)), tx.now

        found, now = await self._store.read(actors.system(), look)
        if scheme.lower() != "bearer" or found is None:
            raise Unauthenticated(say=_SAY, log="unknown SCIM token")
        who = replace(actors.system(OrgId(found.org_id)), id=found.provider_id)
        try:
            check_address(address, found.networks)
        except AddressNotAllowed as error:
            error.actor = who
            raise
        if found.last_used_at is None or now - found.last_used_at >= NOTED_EVERY:
            await self._store.write(who, lambda tx: scims.note_use(tx, found.provider_id, tx.now))
        return who


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """SCIM of a provider. `unprovisioned`: members who sign in with the provider and are none of its users."""

    token: ScimToken | None
    counts: scims.Counts
    unprovisioned: int


def status(tx: Transaction, provider_id: str) -> Status:
    """Raises `NotFound`."""
    identity.get(tx, provider_id)
    known = [provided.member(tx, one) for one in scims.unprovisioned(tx, provider_id)]
    present = sum(one is not None and one.removed_at is None for one in known)
    return Status(token=scims.token(tx, provider_id), counts=scims.counts(tx, provider_id), unprovisioned=present)


def create_token(tx: Transaction, provider_id: str, *, networks: Collection[str] | None, pepper: bytes) -> tuple[ScimToken, str]:
    """The token of a provider, shown this once. Raises `NotFound`, `Invalid("invalid_network")`, `Refused("scim_exists")`, and
    `Forbidden("confirmation_required")` for a person whose last confirmation is old."""
    people.require_confirmed(tx.actor, tx.now)
    identity.get(tx, provider_id)
    within = checked_networks(networks, field="networks")
    made, text = scims.create_token(tx, provider_id, networks=within, digest=_digest(pepper))
    audit(tx, action="scim.create", target=provider_id, detail={"networks": None if within is None else sorted(within)})
    return made, text


def roll_token(tx: Transaction, provider_id: str, *, pepper: bytes) -> tuple[ScimToken, str]:
    """Raises as `create_token`, and `NotFound("scim_not_found")`."""
    people.require_confirmed(tx.actor, tx.now)
    made, text = scims.roll_token(tx, provider_id, digest=_digest(pepper))
    audit(tx, action="scim.roll", target=provider_id)
    return made, text


def remove(tx: Transaction, provider_id: str) -> None:
    """End SCIM of a provider; members stay as they are. Raises as `roll_token`."""
    people.require_confirmed(tx.actor, tx.now)
    scims.remove(tx, provider_id)
    audit(tx, action="scim.delete", target=provider_id)


def person(tx: Transaction, provider: Provider, claims: Mapping[str, Any], *, member: Member | None) -> tuple[ScimUser | None, str]:
    """Who signs in, among those that the provider provisions; None if it provisions nobody. Otherwise why they may not sign in.

    `member`: the member that the subject is already.
    """
    found = None if member is None else scims.user_of_member(tx, provider.id, member.id)
    if found is None:
        names = ("sub", "oid") if provider.issuer.startswith(MICROSOFT) else ("sub",)  # its `sub` differs by application
        subjects = [one for name in names if isinstance(one := claims.get(name), str) and one.isprintable()]
        found = scims.user_of_subject(tx, provider.id, subjects, provider.trusted_email(claims))
    if found is None:
        is_needed = scims.is_used(tx, provider.id) and (member is None or member.role is not Role.OWNER)
        return None, "not_provisioned" if is_needed else ""
    if not found.is_active:
        return None, "access_ended"
    if found.member_id not in (None, None if member is None else member.id):
        return None, "provisioned_as_another_member"
    return found, ""


def groups_claim(tx: Transaction, user: ScimUser) -> dict[str, Any]:
    """What the rules see of the user in place of an ID token."""
    return scim.claims(scims.groups_of(tx, user.id))


def link(tx: Transaction, user: ScimUser, member: Member) -> None:
    """From now on this user is this member."""
    if user.member_id != member.id:
        scims.save_link(tx, user, member_id=member.id, has_ended=False)


def begin_change(tx: Transaction) -> None:
    """First in a transaction that changes or deletes a user or group, before that is read: requests at once wait for each other."""
    access.begin_change(tx)


def create_user(tx: Transaction, provider: Provider, document: Document) -> ScimUser:
    """Raises as `scims.create_user`, and `ScimInvalid` when it would end the access of the last owner, or let in who was removed here."""
    access.begin_change(tx)
    made = scims.create_user(tx, provider.id, document)
    audit(tx, action="scim_user.create", target=made.id, detail=_user_detail(made))
    return _settled(tx, provider, made, lets_in=made.is_active)


def change_user(tx: Transaction, provider: Provider, before: ScimUser, document: Document, *, if_revision: int | None) -> ScimUser:
    """Raises as `create_user`, and `Stale`."""
    _check_revision(before, if_revision)
    after = scims.change_user(tx, before, document)
    if after != before:
        audit(tx, action="scim_user.update", target=after.id, detail=_user_detail(after))
    elif not before.is_removed:
        return before
    return _settled(tx, provider, after, lets_in=bool(document.get("active")))


def delete_user(tx: Transaction, gone: ScimUser, *, if_revision: int | None) -> None:
    """Raises as `change_user`."""
    _check_revision(gone, if_revision)
    _end_access(tx, gone)
    scims.delete(tx, gone)
    audit(tx, action="scim_user.delete", target=gone.id, detail=_user_detail(gone))


def create_group(tx: Transaction, provider: Provider, document: Document) -> ScimGroup:
    """Raises as `scims.create_group`."""
    access.begin_change(tx)
    made = scims.create_group(tx, provider.id, document)
    inside = scims.members(tx, made.id)
    audit(tx, action="scim_group.create", target=made.id, detail={"name": made.display_name, "changed": len(inside)})
    _settle_rights(tx, provider, inside)
    return made


def change_group(tx: Transaction, provider: Provider, before: ScimGroup, document: Document, *, if_revision: int | None) -> ScimGroup:
    """Raises as `create_group`, and `Stale`."""
    _check_revision(before, if_revision)
    after, touched = scims.change_group(tx, before, document)
    if after == before:
        return before
    is_renamed = after.names != before.names
    audit(tx, action="scim_group.update", target=after.id, detail={"name": after.display_name, "changed": len(touched)})
    _settle_rights(tx, provider, {*touched, *(scims.members(tx, after.id) if is_renamed else ())})
    return after


def delete_group(tx: Transaction, provider: Provider, gone: ScimGroup, *, if_revision: int | None) -> None:
    _check_revision(gone, if_revision)
    inside = scims.members(tx, gone.id)
    scims.delete(tx, gone)
    audit(tx, action="scim_group.delete", target=gone.id, detail={"name": gone.display_name, "changed": len(inside)})
    _settle_rights(tx, provider, inside)


def _settled(tx: Transaction, provider: Provider, user: ScimUser, *, lets_in: bool) -> ScimUser:
    """Match the user with a member, and give that what the provider says. Raises `ScimInvalid` if that is impossible.

    `lets_in`: the provider says in this request that the user is active.
    """
    user = _matched(tx, provider, user)
    if user.is_removed and lets_in:
        raise invalid("mutability", REMOVED)
    member = None if user.member_id is None else provided.member(tx, user.member_id)
    if member is None:
        return user
    if not user.is_active:
        has_ended = _end_access(tx, user) or user.has_ended
        return scims.save_link(tx, user, member_id=member.id, has_ended=has_ended, is_removed=user.is_removed)
    if user.has_ended:
        if member.removed_at is not None:
            provided.bring_back(tx, member)
            scims.note_removal(tx, member.id, is_removed=False)
            audit(tx, action="member.restore", target=member.id, detail={"email": member.email, "provider": provider.id})
        user = scims.save_link(tx, user, member_id=member.id, has_ended=False)
    _settle_rights(tx, provider, [user.id])
    return user


def _matched(tx: Transaction, provider: Provider, user: ScimUser) -> ScimUser:
    """With the member that the provider signed in with this subject, or with this address: an address alone proves nothing here."""
    if user.member_id is not None:
        return user
    known = None if user.external_id is None else identity.identity(tx, provider.id, user.external_id)
    found = None if known is None else provided.member(tx, known.user_id)
    for address in (user.user_key, user.email):
        if found is None and address is not None:
            other = provided.member_by_email(tx, address)
            found = other if other is not None and identity.is_linked(tx, provider.id, other.id) else None
    if found is None or scims.user_of_member(tx, provider.id, found.id) is not None:
        return user
    return scims.save_link(tx, user, member_id=found.id, has_ended=False, is_removed=found.removed_at is not None)


def _end_access(tx: Transaction, user: ScimUser) -> bool:
    """End the membership with all that it holds; whether there was one. Raises `ScimInvalid` for the last owner."""
    member = None if user.member_id is None else provided.member(tx, user.member_id)
    if member is None or member.removed_at is not None:
        return False
    try:
        members.remove(tx, member.id)
    except Refused as error:
        raise invalid("mutability", error.say) from None
    return True


def _settle_rights(tx: Transaction, provider: Provider, user_ids: Collection[str]) -> None:
    """Give the members among these users what their groups give now. Who has nothing left is signed out."""
    for user_id in sorted(user_ids):
        user = scims.get(tx, ScimUser, provider.id, user_id)
        member = None if user.member_id is None else provided.member(tx, user.member_id)
        if member is None or member.removed_at is not None or not user.is_active:
            continue
        if not provider_rights.give(tx, provider, member, groups_claim(tx, user)):
            access.end_sessions(tx, member.id)


def _digest(pepper: bytes) -> scims.Digest:
    return partial(access_model.digest, pepper)


def _check_revision(present: ScimUser | ScimGroup, if_revision: int | None) -> None:
    if if_revision is not None and present.revision != if_revision:
        raise Stale(say="the resource has changed since the version in If-Match; get it again and repeat the change")


def _user_detail(user: ScimUser) -> dict[str, Any]:
    return {"name": user.user_name, "active": user.is_active, "provider": user.provider_id}
