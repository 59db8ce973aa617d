"""The second door of access: members, sessions, invitations and the first-run link. The flows in `flows/people/` write the audit
record of each change; passwords come here as hashes (`passwords.py`), since hashing has no place in a transaction.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from optral.access import bindings, bindings_repository, delegations_repository, model, people, people_repository as rows, repository
from optral.access.model import Member, Organisation, require
from optral.access.people import Invite, PasswordReset, Proof, Session, SetupLink
from optral.access.people_repository import Account as Account, KnownSession as KnownSession
from optral.access.policy import SignInPolicy, check_address, checked_networks
from optral.access.service import REVOKED, get_key, revoke_key
from optral.kit.paging import PageRequest
from optral.store.transaction import Transaction
from optral.terms import actor as actors, ids
from optral.terms.actor import ActorKind, Role
from optral.terms.errors import Forbidden, NotFound, Refused
from optral.terms.ids import KeyId, OrgId, UserId

LINK_INVALID = "this link is not valid: it was used already, it has expired, or it does not exist; ask for a new one"
MAX_PRUNED = 500


def account(tx: Transaction, *, email: str, organisation: str = "") -> Account | None:
    """Who signs in with this address; for the system, across organizations. The oldest membership, unless the organization is named."""
    return next(iter(accounts(tx, email=email, organisation=organisation)), None)


def accounts(tx: Transaction, *, email: str, organisation: str = "") -> list[Account]:
    """The memberships that can sign in with this address and a password; for the system, across organizations. The oldest comes first."""
    return rows.accounts(tx, email=email.strip().lower(), organisation=organisation.strip())


def memberships(tx: Transaction, *, email: str, organisation: str = "") -> list[tuple[OrgId, Member]]:
    """The members with this address, with or without a password; for the system, across organizations."""
    return rows.memberships(tx, email=email.strip().lower(), organisation=organisation.strip())


class ProviderSession(NamedTuple):
    """The identity provider of a sign-in, what it calls its own session, and when the person signed in there, if it says so."""

    provider_id: str
    name: str | None
    authenticated_at: datetime | None


def open_session(
    tx: Transaction, *, pepper: bytes, user_id: UserId, device: str = "", of: ProviderSession | None = None
) -> tuple[Session, str]:
    """A new session of a member, and its token, which is not kept. `device` is what the program calls itself."""
    policy = rows.policy(tx)
    check_address(tx.actor.address, policy.session_networks)
    life = people.SESSION_LIFE if policy.session_hours is None else timedelta(hours=policy.session_hours)
    token = people.generate_token()
    session = Session(
        id=ids.new("ses"),
        org_id=tx.org_id,
        user_id=user_id,
        created_at=tx.now,
        seen_at=tx.now,
        confirmed_at=tx.now if of is None else min(tx.now, of.authenticated_at or tx.now - people.SESSION_LIFE),
        expires_at=tx.now + life,
        address=tx.actor.address[:64],
        device=device[:200],
        provider_id=None if of is None else of.provider_id,
        provider_session=None if of is None else of.name,
    )
    rows.insert_session(tx, session, model.digest(pepper, token))
    rows.note_sign_in(tx, user_id, tx.now)
    return session, token


def session(tx: Transaction, session_id: str) -> KnownSession:
    """A session that is open. Raises `NotFound`."""
    known = rows.session_by_id(tx, session_id)
    if known is None or not known.session.is_usable(tx.now):
        raise NotFound(say="this session does not exist")
    return known


def own_sessions(tx: Transaction) -> list[Session]:
    """The open sessions of the signed-in person, the one used last first."""
    return [one for one in rows.sessions_of(tx, tx.actor.id) if one.is_usable(tx.now)]


def confirm_session(tx: Transaction, session_id: str) -> Session:
    """Note that the person typed the password now."""
    rows.confirm_session(tx, session_id, tx.now)
    return session(tx, session_id).session


def end_session(tx: Transaction, session_id: str) -> bool:
    """End a session at once; its streams end within five seconds. Whether there was one."""
    return _end(tx, session_id)


def end_token(tx: Transaction, *, pepper: bytes, token: str) -> None:
    """End the session of this token, if it is one; for the system, across organizations. For the session that a browser had before it signs
    in again."""
    known = rows.session_by_digest(tx, model.digest(pepper, token)) if people.is_token(token) else None
    if known is not None:
        _end(tx.acting_for(known.session.org_id), known.session.id)


def end_sessions(tx: Transaction, user_id: str, *, but: str = "") -> int:
    """End the sessions of a member, except one; return how many."""
    doomed = [one for one in rows.session_ids_of(tx, user_id) if one != but]
    for one in doomed:
        _end(tx, one)
    return len(doomed)


def sign_in_policy(tx: Transaction) -> SignInPolicy:
    """How the people of the organization sign in."""
    return rows.policy(tx)


def password_owners(tx: Transaction) -> list[str]:
    """Email addresses of the owners who can sign in with a password, also while a provider is down."""
    return rows.password_owner_emails(tx)


def set_sign_in_policy(tx: Transaction, wanted: SignInPolicy) -> tuple[SignInPolicy, int]:
    """Change it; returns what it is now, and how many sessions ended since passwords are for owners alone from now on.

    Raises `Invalid("invalid_network")`, `Refused("last_owner")` when no owner has a password, and `Forbidden("address_not_allowed")` when
    whoever changes it would be shut out.
    """
    begin_change(tx)
    wanted = replace(wanted, session_networks=checked_networks(wanted.session_networks, field="sessionNetworks"))
    check_address(tx.actor.address, wanted.session_networks)
    ended = 0
    if wanted.is_provider_only:
        if not rows.password_owner_ids(tx):
            raise Refused("last_owner", say="no owner has a password; without one, nobody can sign in while the identity provider is down")
        ended = _end_passwords(tx)
    rows.set_policy(tx, wanted)
    return wanted, ended


def allow_any_network(tx: Transaction) -> None:
    """People can sign in from anywhere again; for whoever runs the server, when the networks shut everybody out."""
    rows.set_policy(tx, replace(rows.policy(tx), session_networks=None))


def end_provider_sessions(tx: Transaction, provider_id: str, *, user_id: str | None, name: str | None, until: datetime) -> list[str]:
    """End the sessions of a provider that began until then: of this member, the one that the provider calls so, or both; returns them."""
    found = rows.provider_session_ids(tx, provider_id, user_id=user_id, name=name, until=until)
    return [one for one in found if _end(tx, one)]


def session_ids(tx: Transaction, user_id: str) -> list[str]:
    """The sessions of a member, also those that have expired."""
    return rows.session_ids_of(tx, user_id)


def identities(tx: Transaction, user_id: str) -> frozenset[str]:
    """The ids under which a member has acted: their own, and those of all their keys."""
    return frozenset({user_id, *rows.every_key_of(tx, user_id)})


def usable_keys(tx: Transaction, user_id: str) -> list[KeyId]:
    """The member's keys that are not revoked."""
    return rows.keys_of(tx, user_id)


def password_hash(tx: Transaction, user_id: str) -> str | None:
    return rows.password_hash(tx, user_id)


def set_password(tx: Transaction, member: Member, *, hash: str, email: str | None = None) -> None:
    """Give a member a password, and another address if asked. Raises `Refused` when another member has it."""
    address = member.email if email is None else model.checked_email(email)
    other = rows.member_by_email(tx, address)
    if other is not None and other.id != member.id:
        raise _taken()
    rows.set_password(tx, member.id, email=address, hash=hash)
    rows.delete_resets(tx, member.id)


def member(tx: Transaction, user_id: str) -> Member:
    """A member of now. Raises `NotFound`."""
    found = repository.member(tx, user_id)
    if found is None or found.removed_at is not None:
        raise NotFound(say=f"there is no member {user_id}")
    return found


def scopes_of(tx: Transaction, member: Member) -> frozenset[str]:
    """What the member may do, somewhere at least; what keys of the member can have is within it."""
    if not member.is_limited:
        return model.ROLE_SCOPES[member.role]
    found = bindings_repository.of_members(tx, tx.org_id, [member.id])[member.id]
    return frozenset().union(*(bindings.scopes_of(one) for one in found if one.is_active(tx.now)))


def owner(tx: Transaction) -> Member:
    """The first owner. Raises `NotFound`."""
    if (found := repository.owner(tx)) is None:
        raise NotFound(say="the organization has no owner")
    return found


def organisation_to_enter(tx: Transaction, name: str) -> OrgId | None:
    """The organization of this name; without a name, the only one there is. For the system, across organizations."""
    if name:
        return repository.organisation_named(tx, name.strip())
    return next(iter(repository.organisation_ids(tx)), None) if repository.count_organisations(tx) == 1 else None


def organisation(tx: Transaction) -> Organisation:
    if (found := repository.organisation(tx)) is None:
        raise NotFound(say="this organization does not exist")
    return found


def find_members(tx: Transaction, page: PageRequest | None = None) -> list[Member]:
    """A page of members; sorts: createdAt, email."""
    return rows.find_members(tx, page or PageRequest())


def names(tx: Transaction, ids: Iterable[str]) -> dict[str, str]:
    """Email addresses of members and names of API keys, also of those that are removed or revoked."""
    return rows.names(tx, sorted(set(ids)))


def set_role(tx: Transaction, user_id: str, role: Role, *, proof: Proof | None = None) -> tuple[Member, list[Invite]]:
    """Change a member's role; returns the member and the invitations that ended, since the new role could not make them.

    Raises `Forbidden` beyond the actor's own rights and for a powerful role without a password, `Refused("last_owner")` when no owner would
    be left.
    """
    begin_change(tx)
    before = member(tx, user_id)
    people.check_may_touch(tx.actor, before)
    check_may_give(tx, role, proof)
    if role is not Role.OWNER:
        _keep_an_owner(tx, before)
    elif before.is_limited:
        raise Refused("owner_not_limited", say="an owner owns the whole organization; lift the limit of this member first")
    rows.set_role(tx, user_id, role)
    if rows.policy(tx).is_provider_only:
        _end_passwords(tx)
    wake(tx, user_id)
    return member(tx, user_id), end_invites_of(tx, user_id)


def remove_member(tx: Transaction, user_id: str) -> tuple[Member, list[KeyId], list[Invite]]:
    """End a membership with its sessions, keys and open invitations; returns who it was, and the keys and invitations.

    Raises as `set_role`.
    """
    begin_change(tx)
    gone = member(tx, user_id)
    people.check_may_touch(tx.actor, gone)
    _keep_an_owner(tx, gone)
    keys = end_credentials(tx, user_id)
    for one in bindings_repository.of_members(tx, tx.org_id, [user_id])[user_id]:
        bindings_repository.delete(tx, one.id)
    for delegation in delegations_repository.of_person(tx, user_id):
        delegations_repository.delete(tx, delegation.id)
    rows.remove_member(tx, user_id, tx.now)
    return gone, keys, end_invites_of(tx, user_id)


def create_invite(
    tx: Transaction, *, pepper: bytes, role: Role, email: str | None = None, proof: Proof | None = None
) -> tuple[Invite, str]:
    """Invite somebody for seven days; returns the invitation and the token of its link, which is not kept.

    Raises `Forbidden` for a role beyond the actor's own rights and for a powerful role without `proof`, `Refused` for somebody who is a
    member or when too many are open.
    """
    begin_change(tx)
    check_may_give(tx, role, proof)
    address = None if email is None else model.checked_email(email)
    if address is not None and (known := rows.member_by_email(tx, address)) is not None and known.removed_at is None:
        raise _taken()
    _check_invitable(tx, role)
    if len(open_invites(tx)) >= people.MAX_OPEN_INVITES:
        raise Refused("too_many_invites", say=f"{people.MAX_OPEN_INVITES} invitations are open; withdraw some first")
    token = people.generate_token()
    made = Invite(
        id=ids.new("inv"),
        org_id=tx.org_id,
        role=role,
        email=address,
        created_by=tx.actor.id,
        created_at=tx.now,
        expires_at=tx.now + people.INVITE_LIFE,
    )
    rows.insert_invite(tx, made, model.digest(pepper, token))
    return made, token


def open_invites(tx: Transaction) -> list[Invite]:
    """Those that can still be accepted, newest first; at most `people.MAX_OPEN_INVITES`."""
    return [invite for invite in rows.open_invites(tx, tx.now) if _may_still_give(tx, invite)]


def end_invites_of(tx: Transaction, user_id: str) -> list[Invite]:
    """Delete the open invitations that their maker can no longer make; returns them."""
    void = [invite for invite in rows.open_invites(tx, tx.now) if invite.created_by == user_id and not _may_still_give(tx, invite)]
    for one in void:
        rows.delete_invite(tx, one.id)
    return void


def withdraw_invite(tx: Transaction, invite_id: str) -> Invite:
    """Its link opens nothing from now on. Raises `NotFound`, `Forbidden` for a key."""
    require(tx.actor, "members:write")
    found = rows.invite(tx, invite_id)
    if found is None or not rows.delete_invite(tx, invite_id):
        raise NotFound(say=f"there is no open invitation {invite_id}")
    return found


def invite_of(tx: Transaction, *, pepper: bytes, token: str) -> Invite:
    """The invitation of a link, for the system acting across organizations.

    Raises `Forbidden("link_invalid")`, the same for every invalid link and for one whose maker could not make it now.
    """
    found = rows.invite_by_digest(tx, model.digest(pepper, token)) if people.is_token(token) else None
    if found is None or not found.is_open(tx.now) or not _may_still_give(tx.acting_for(found.org_id), found):
        raise Forbidden("link_invalid", say=LINK_INVALID)
    return found


def accept_invite(tx: Transaction, invite: Invite, *, email: str, hash: str) -> Member:
    """Make the member and use the invitation up. Somebody who was a member before gets no session or key of that time back.

    Raises `Forbidden` when another was faster or the maker has lost the right to make it, `Refused` for an address that is taken.
    """
    rows.lock_organisation(tx)
    address = model.checked_email(email)
    if invite.email is not None and invite.email != address:
        raise Refused("invite_for_another", say="this invitation is for another e-mail address; use that one, or ask for a new link")
    if not rows.delete_invite(tx, invite.id) or not _may_still_give(tx, invite):
        raise Forbidden("link_invalid", say=LINK_INVALID)
    _check_invitable(tx, invite.role)
    known = rows.member_by_email(tx, address)
    if known is not None and known.removed_at is None:
        raise _taken()
    if known is not None:
        end_credentials(tx, known.id)  # what a request that passed the removal may have left
        rows.bring_back(tx, known.id, invite.role)
        made = member(tx, known.id)
    else:
        made = Member(UserId(ids.new("usr")), address, invite.role, tx.now)
        repository.insert_member(tx, made)
    rows.set_password(tx, made.id, email=address, hash=hash)
    return made


def create_reset(tx: Transaction, member: Member, *, pepper: bytes) -> str | None:
    """Let a member set a password within an hour; returns the token of the link, which is not kept. None if too many links are open."""
    if rows.count_open_resets(tx, member.id) >= people.MAX_OPEN_RESETS:
        return None
    token = people.generate_token()
    reset = PasswordReset(org_id=tx.org_id, user_id=member.id, expires_at=tx.now + people.RESET_LIFE)
    rows.insert_reset(tx, reset, model.digest(pepper, token))
    return token


def account_of_reset(tx: Transaction, *, pepper: bytes, token: str) -> Account:
    """Whose password a link sets, for the system acting across organizations.

    Raises `Forbidden("link_invalid")`, the same for every invalid link and for a member who can no longer sign in with a password.
    """
    reset = rows.reset_by_digest(tx, model.digest(pepper, token)) if people.is_token(token) else None
    if reset is not None and tx.now < reset.expires_at:
        known = repository.member(tx.acting_for(reset.org_id), reset.user_id)
        for one in () if known is None else accounts(tx, email=known.email):
            if (one.org_id, one.member.id) == (reset.org_id, reset.user_id):
                return one
    raise Forbidden("link_invalid", say=LINK_INVALID)


def use_resets(tx: Transaction, user_id: str) -> None:
    """End every link of the member. Raises `Forbidden("link_invalid")` when another request was faster."""
    if not rows.delete_resets(tx, user_id):
        raise Forbidden("link_invalid", say=LINK_INVALID)


def create_setup_links(tx: Transaction, *, pepper: bytes) -> list[tuple[OrgId | None, str]]:
    """First-run links for every organization (at most ten) nobody can sign in to; one for the first organization when there is none.

    For the system, across organizations. Returns whose link it is, and its token.
    """
    rows.delete_old_links(tx, tx.now)
    wanted: list[OrgId | None] = [*rows.locked_out(tx)] if repository.count_organisations(tx) else [None]
    made: list[tuple[OrgId | None, str]] = []
    for org_id in wanted:
        token = people.generate_token()
        rows.insert_link(tx, SetupLink(org_id=org_id, expires_at=tx.now + people.SETUP_LIFE), model.digest(pepper, token))
        made.append((org_id, token))
    return made


def setup_link(tx: Transaction, *, pepper: bytes, token: str) -> SetupLink:
    """The first-run link of a token, if it still has a purpose. Raises `Forbidden("link_invalid")`, the same for every bad one."""
    found = rows.link_by_digest(tx, model.digest(pepper, token)) if people.is_token(token) else None
    if found is None or tx.now >= found.expires_at or not _is_wanted(tx, found):
        raise Forbidden("link_invalid", say=LINK_INVALID)
    return found


def use_setup_link(tx: Transaction, link: SetupLink) -> None:
    """End it and its like. Raises `Forbidden` when another was faster."""
    if not rows.delete_links(tx, link.org_id):
        raise Forbidden("link_invalid", say=LINK_INVALID)


def prune(tx: Transaction) -> int:
    """Remove at most 500 expired sessions, invitations and password resets; for the system, across organizations."""
    gone = rows.delete_old_sessions(tx, now=tx.now, idle=tx.now - people.SESSION_IDLE, limit=MAX_PRUNED)
    for delete in (rows.delete_old_invites, rows.delete_old_resets):
        gone += delete(tx, now=tx.now, limit=MAX_PRUNED - gone) if gone < MAX_PRUNED else 0
    return gone


def roll_key(tx: Transaction, key_id: str, *, successor: KeyId, ends_at: datetime) -> None:
    """Note that a key has a successor and ends at `ends_at` at the latest. Raises `Refused` for one that was rolled or has ended."""
    key = get_key(tx, key_id)
    if key.replaced_by is not None or not key.is_usable(tx.now):
        raise _not_rollable(key_id, "rolled" if key.replaced_by is not None else key.status(tx.now))
    if ends_at <= tx.now:
        revoke_key(tx, key_id)
        ends_at = key.expires_at
    if not repository.replace_key(tx, key_id, by=successor, expires_at=min(key.expires_at, ends_at)):
        raise _not_rollable(key_id, "rolled")


def begin_change(tx: Transaction) -> None:
    """Changes of who belongs to an organization pass one after the other, each by the rights that its maker has now.

    The actor's role was read before the transaction began; another change may have taken it away since.
    """
    rows.lock_organisation(tx)
    if tx.actor.kind is not ActorKind.PERSON:
        return
    present = repository.member(tx, tx.actor.id)
    if present is None or present.removed_at is not None:
        is_same = False
    else:
        is_same = present.is_limited if tx.actor.grants is not None else present.role is tx.actor.role and not present.is_limited
    if not is_same:
        raise Forbidden("beyond_own_rights", say="your role changed during this request; nothing was changed")


def begin_secret(tx: Transaction) -> None:
    """For what hands out a secret that outlives its maker's membership: no removal passes until the commit.

    Raises `Forbidden` when the membership, or the key, ended during the request, so that a removal ends every such secret.
    """
    rows.lock_organisation(tx)
    key = repository.key(tx, tx.actor.id) if tx.actor.kind is ActorKind.KEY else None
    maker = repository.member(tx, tx.actor.id if key is None else key.created_by)
    if (key is not None and not key.is_usable(tx.now)) or (maker is not None and maker.removed_at is not None):
        raise Forbidden("beyond_own_rights", say="your access ended during this request; nothing was changed")


def require_admin_proof(tx: Transaction, proof: Proof | None, *, what: str) -> None:
    """For what only owners and admins change (`what`), with their password. Raises `Forbidden`, `Forbidden("password_required")`."""
    check_may_give(tx, Role.ADMIN, proof, what=what)


def check_may_give(tx: Transaction, role: Role, proof: Proof | None, *, what: str = "") -> None:
    people.check_may_give(tx.actor, role)
    people.require_proof(tx.actor, role, proof, what=what)
    if proof is not None and not proof.is_by_provider and rows.password_hash(tx, proof.user_id) != proof.hash:
        raise wrong_password()  # changed while it was checked


def _may_still_give(tx: Transaction, invite: Invite) -> bool:
    """Whether the maker of an invitation could make it now. Keys once made some; no member has a key's id, so those are void."""
    if invite.created_by == actors.system().id:
        return True
    maker = repository.member(tx, invite.created_by)
    return maker is not None and maker.removed_at is None and not maker.is_limited and people.may_give(maker.role, invite.role)


def end_credentials(tx: Transaction, user_id: str) -> list[KeyId]:
    """End every session, password reset and key of a member; returns the keys."""
    end_sessions(tx, user_id)
    rows.delete_resets(tx, user_id)
    keys = rows.keys_of(tx, user_id)
    for key_id in keys:
        revoke_key(tx, key_id)
    return keys


def _not_rollable(key_id: str, state: str) -> Refused:
    return Refused("key_not_rollable", say=f"{key_id} is {state} already; roll its successor, or create a new key")


def _is_wanted(tx: Transaction, link: SetupLink) -> bool:
    if link.org_id is None:
        return repository.count_organisations(tx) == 0
    return link.org_id in rows.locked_out(tx)


def _keep_an_owner(tx: Transaction, leaving: Member) -> None:
    remaining = rows.password_owner_ids(tx) if rows.policy(tx).is_provider_only else rows.owner_ids(tx)
    if leaving.role is Role.OWNER and remaining <= {leaving.id}:
        raise Refused("last_owner", say="an organization needs an owner who can sign in; make another member an owner first")


def _check_invitable(tx: Transaction, role: Role) -> None:
    if role is not Role.OWNER and rows.policy(tx).is_provider_only:
        raise Refused("provider_only", say="members sign in with the identity provider, which also creates them; only owners are invited")


def _end(tx: Transaction, session_id: str) -> bool:
    if not rows.delete_session(tx, session_id):
        return False
    tx.publish(REVOKED, KeyId(session_id))
    return True


def _end_passwords(tx: Transaction) -> int:
    """End the sessions that members who are no owners opened with a password; return how many."""
    return sum(_end(tx, one) for one in rows.password_session_ids(tx))


def wake(tx: Transaction, user_id: str) -> None:
    """Open streams look at their rights again."""
    touched = [KeyId(one) for one in rows.session_ids_of(tx, user_id)] + rows.keys_of(tx, user_id)
    for one in touched:
        tx.publish(REVOKED, one)


def wrong_password() -> Forbidden:
    return Forbidden("wrong_password", say="the password is wrong")


def _taken() -> Refused:
    return Refused("member_exists", say="this e-mail address belongs to a member")
