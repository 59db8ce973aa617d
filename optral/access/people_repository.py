"""SQL of members, sessions, invitations and first-run links."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from optral.access import people
from optral.access.model import Member
from optral.access.people import Invite, PasswordReset, Session, SetupLink
from optral.access.policy import SignInPolicy
from optral.access.repository import to_member
from optral.access.tables import api_keys, invites, members, organisations, password_resets, sessions, setup_links
from optral.kit import records
from optral.kit.paging import PageRequest
from optral.store.metadata import Timestamp
from optral.store.transaction import Transaction
from optral.terms.actor import Role
from optral.terms.ids import KeyId, OrgId, UserId
from optral.terms.reach import Grant

_ORG: sa.BindParameter[str] = sa.bindparam("org")
_AT: sa.BindParameter[datetime] = sa.bindparam("at", type_=Timestamp)

_MINE = (members.c.org_id == _ORG) & (members.c.id == sa.bindparam("user"))
_BY_EMAIL = sa.select(members).where(members.c.org_id == _ORG, members.c.email == sa.bindparam("email"))
# Across organizations: whose address this is, is what is being asked. The oldest membership comes first.
_ACCOUNTS = (
    sa.select(members)
    .join(organisations, organisations.c.org_id == members.c.org_id)
    .where(
        members.c.email == sa.bindparam("email"),
        members.c.removed_at.is_(None),
        members.c.password_hash.is_not(None),
        organisations.c.is_provider_only.is_(False) | (members.c.role == "owner"),
        (sa.bindparam("organisation", type_=sa.String) == "") | (organisations.c.name == sa.bindparam("organisation", type_=sa.String)),
    )
    .order_by(members.c.created_at, members.c.id)
)
_MEMBERSHIPS = (
    sa.select(members)
    .join(organisations, organisations.c.org_id == members.c.org_id)
    .where(
        members.c.email == sa.bindparam("email"),
        members.c.removed_at.is_(None),
        (sa.bindparam("organisation", type_=sa.String) == "") | (organisations.c.name == sa.bindparam("organisation", type_=sa.String)),
    )
    .order_by(members.c.created_at, members.c.id)
)
_PASSWORD = sa.select(members.c.password_hash).where(_MINE)
_SET_PASSWORD = sa.update(members).where(_MINE).values(password_hash=sa.bindparam("hash"), email=sa.bindparam("email"))
_FORGET_PASSWORD = sa.update(members).where(_MINE).values(password_hash=None)
_SET_ROLE = sa.update(members).where(_MINE).values(role=sa.bindparam("new_role"))
_REMOVE = sa.update(members).where(_MINE).values(removed_at=_AT, password_hash=None)
_BRING_BACK = sa.update(members).where(_MINE).values(removed_at=None, role=sa.bindparam("new_role"), is_limited=sa.false())
_SET_PROVIDER = sa.update(members).where(_MINE).values(provider_id=sa.bindparam("provider"))
_SIGNED_IN = sa.update(members).where(_MINE).values(signed_in_at=_AT)
_OWNERS = sa.select(members.c.id).where(members.c.org_id == _ORG, members.c.role == "owner", members.c.removed_at.is_(None))
_PASSWORD_OWNERS = _OWNERS.where(members.c.password_hash.is_not(None))
_PASSWORD_OWNER_EMAILS = _PASSWORD_OWNERS.with_only_columns(members.c.email).order_by(members.c.email)
_POLICY = sa.select(*(organisations.c[name] for name in records.names(SignInPolicy))).where(organisations.c.org_id == _ORG)
_SET_POLICY = sa.update(organisations).where(organisations.c.org_id == _ORG)
_PASSWORD_SESSIONS = (
    sa.select(sessions.c.id)
    .join(members, members.c.id == sessions.c.user_id)
    .where(sessions.c.org_id == _ORG, sessions.c.provider_id.is_(None), members.c.role != "owner")
)
_LOCK_ORG = sa.select(organisations.c.org_id).where(organisations.c.org_id == _ORG).with_for_update()
_LOCKED_OUT = (
    sa.select(organisations.c.org_id)
    .where(
        ~sa.exists().where(members.c.org_id == organisations.c.org_id, members.c.password_hash.is_not(None), members.c.removed_at.is_(None))
    )
    .order_by(organisations.c.created_at, organisations.c.org_id)
    .limit(10)
)
_SORTS = {"createdAt": members.c.created_at, "email": members.c.email}

_INSERT_SESSION = sa.insert(sessions)
_SESSION = (
    sa.select(
        sessions,
        members.c.role,
        members.c.email,
        members.c.is_limited,
        organisations.c.plan,
        organisations.c.idle_minutes,
        organisations.c.session_networks,
    )
    .join(members, members.c.id == sessions.c.user_id)
    .join(organisations, organisations.c.org_id == sessions.c.org_id)
    .where(members.c.removed_at.is_(None))
)
_SESSION_BY_DIGEST = _SESSION.where(sessions.c.digest == sa.bindparam("digest"))
_SESSION_BY_ID = _SESSION.where(sessions.c.org_id == _ORG, sessions.c.id == sa.bindparam("session"))
_SESSIONS_OF = sa.select(sessions.c.id).where(sessions.c.org_id == _ORG, sessions.c.user_id == sa.bindparam("user"))
_WHOLE_SESSIONS_OF = (
    sa.select(sessions, organisations.c.idle_minutes)
    .join(organisations, organisations.c.org_id == sessions.c.org_id)
    .where(sessions.c.org_id == _ORG, sessions.c.user_id == sa.bindparam("user"))
    .order_by(sessions.c.seen_at.desc(), sessions.c.id.desc())
)
_DELETE_SESSION = sa.delete(sessions).where(sessions.c.org_id == _ORG, sessions.c.id == sa.bindparam("session"))
_CONFIRM = sa.update(sessions).where(sessions.c.org_id == _ORG, sessions.c.id == sa.bindparam("session")).values(confirmed_at=_AT)
_SEEN = (
    sa.update(sessions)
    .where(sessions.c.org_id == _ORG, sessions.c.id == sa.bindparam("session"), sessions.c.seen_at < _AT)
    .values(seen_at=_AT)
)
_OLD_SESSIONS = (
    sa.select(sessions.c.org_id, sessions.c.id)
    .where((sessions.c.expires_at < sa.bindparam("now", type_=Timestamp)) | (sessions.c.seen_at < sa.bindparam("idle", type_=Timestamp)))
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_KEYS_OF = sa.select(api_keys.c.id).where(
    api_keys.c.org_id == _ORG, api_keys.c.created_by == sa.bindparam("user"), api_keys.c.revoked_at.is_(None)
)
_EVERY_KEY_OF = sa.select(api_keys.c.id).where(api_keys.c.org_id == _ORG, api_keys.c.created_by == sa.bindparam("user"))

_INSERT_INVITE = sa.insert(invites)
_INVITES = sa.select(invites).where(invites.c.org_id == _ORG, invites.c.expires_at > sa.bindparam("now", type_=Timestamp))
_INVITE = sa.select(invites).where(invites.c.org_id == _ORG, invites.c.id == sa.bindparam("invite"))
_INVITE_BY_DIGEST = sa.select(invites).where(invites.c.digest == sa.bindparam("digest"))
_DELETE_INVITE = sa.delete(invites).where(invites.c.org_id == _ORG, invites.c.id == sa.bindparam("invite"))
_OLD_INVITES = (
    sa.select(invites.c.org_id, invites.c.id)
    .where(invites.c.expires_at < sa.bindparam("now", type_=Timestamp))
    .limit(sa.bindparam("limit", type_=sa.Integer))
)

_INSERT_RESET = sa.insert(password_resets)
_RESETS = sa.select(password_resets.c.digest).where(
    password_resets.c.org_id == _ORG,
    password_resets.c.user_id == sa.bindparam("user"),
    password_resets.c.expires_at > sa.bindparam("now", type_=Timestamp),
)
_RESET_BY_DIGEST = sa.select(password_resets).where(password_resets.c.digest == sa.bindparam("digest"))
_DELETE_RESETS = sa.delete(password_resets).where(password_resets.c.org_id == _ORG, password_resets.c.user_id == sa.bindparam("user"))
_OLD_RESETS = (
    sa.select(password_resets.c.digest)
    .where(password_resets.c.expires_at < sa.bindparam("now", type_=Timestamp))
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_DELETE_OLD_RESETS = sa.delete(password_resets).where(password_resets.c.digest.in_(_OLD_RESETS.scalar_subquery()))

_INSERT_LINK = sa.insert(setup_links)
_LINK = sa.select(setup_links).where(setup_links.c.digest == sa.bindparam("digest"))
_DELETE_LINKS = sa.delete(setup_links).where(setup_links.c.organisation_id == _ORG)
_DELETE_FIRST_LINKS = sa.delete(setup_links).where(setup_links.c.organisation_id.is_(None))
_OLD_LINKS = sa.delete(setup_links).where(setup_links.c.expires_at < sa.bindparam("now", type_=Timestamp))


class KnownSession(NamedTuple):
    """A session with what its use depends on."""

    session: Session
    role: Role
    email: str
    plan: str
    grants: tuple[Grant, ...] | None = None
    """Of a limited member; `()` until they are read."""
    networks: Sequence[str] | None = None
    """Where it may be used from; None: anywhere."""


class Account(NamedTuple):
    """The member with this address, and the hash of the password. For sign-in, across organizations."""

    org_id: OrgId
    member: Member
    password_hash: str


def accounts(tx: Transaction, *, email: str, organisation: str) -> list[Account]:
    found = tx.execute(_ACCOUNTS, {"email": email, "organisation": organisation})
    return [Account(OrgId(row.org_id), to_member(row), row.password_hash) for row in found]


def memberships(tx: Transaction, *, email: str, organisation: str) -> list[tuple[OrgId, Member]]:
    rows = tx.execute(_MEMBERSHIPS, {"email": email, "organisation": organisation})
    return [(OrgId(row.org_id), to_member(row)) for row in rows]


def member_by_email(tx: Transaction, email: str) -> Member | None:
    """Also one who was removed."""
    row = tx.execute(_BY_EMAIL, {"org": tx.org_id, "email": email}).one_or_none()
    return None if row is None else to_member(row)


def password_hash(tx: Transaction, user_id: str) -> str | None:
    row = tx.execute(_PASSWORD, {"org": tx.org_id, "user": user_id}).one_or_none()
    return None if row is None else row.password_hash


def set_password(tx: Transaction, user_id: str, *, email: str, hash: str) -> None:
    tx.execute(_SET_PASSWORD, {"org": tx.org_id, "user": user_id, "email": email, "hash": hash})


def forget_password(tx: Transaction, user_id: str) -> None:
    tx.execute(_FORGET_PASSWORD, {"org": tx.org_id, "user": user_id})


def find_members(tx: Transaction, page: PageRequest) -> list[Member]:
    column = _SORTS[page.sort or "createdAt"]
    query = sa.select(members).where(members.c.org_id == tx.org_id, members.c.removed_at.is_(None))
    if page.after is not None:
        here, there = sa.tuple_(column, members.c.id), sa.tuple_(sa.literal(page.after.value, column.type), sa.literal(page.after.id))
        query = query.where(here < there if page.descending else here > there)
    order = (column.desc(), members.c.id.desc()) if page.descending else (column, members.c.id)
    return [to_member(row) for row in tx.execute(query.order_by(*order).limit(page.size).offset(page.offset))]


def names(tx: Transaction, ids: Sequence[str]) -> dict[str, str]:
    if not ids:
        return {}
    people = sa.select(members.c.id, members.c.email.label("name")).where(members.c.org_id == tx.org_id, members.c.id.in_(ids))
    keys = sa.select(api_keys.c.id, api_keys.c.name).where(api_keys.c.org_id == tx.org_id, api_keys.c.id.in_(ids))
    return {row.id: row.name for row in tx.execute(sa.union_all(people, keys))}


def set_role(tx: Transaction, user_id: str, role: Role) -> None:
    tx.execute(_SET_ROLE, {"org": tx.org_id, "user": user_id, "new_role": role.value})


def remove_member(tx: Transaction, user_id: str, at: datetime) -> None:
    tx.execute(_REMOVE, {"org": tx.org_id, "user": user_id, "at": at})


def bring_back(tx: Transaction, user_id: str, role: Role) -> None:
    """A member who was removed is one again."""
    tx.execute(_BRING_BACK, {"org": tx.org_id, "user": user_id, "new_role": role.value})


def set_provider(tx: Transaction, user_id: str, provider_id: str | None) -> None:
    """From now on this identity provider decides the rights of the member; None: people do."""
    tx.execute(_SET_PROVIDER, {"org": tx.org_id, "user": user_id, "provider": provider_id})


def note_sign_in(tx: Transaction, user_id: str, at: datetime) -> None:
    tx.execute(_SIGNED_IN, {"org": tx.org_id, "user": user_id, "at": at})


def lock_organisation(tx: Transaction) -> None:
    """Two changes of who its owners are must not pass each other; SQLite has one writer anyway."""
    tx.execute(_LOCK_ORG, {"org": tx.org_id})


def owner_ids(tx: Transaction) -> set[str]:
    return set(tx.execute(_OWNERS, {"org": tx.org_id}).scalars())


def password_owner_ids(tx: Transaction) -> set[str]:
    """The owners who can sign in by password."""
    return set(tx.execute(_PASSWORD_OWNERS, {"org": tx.org_id}).scalars())


def password_owner_emails(tx: Transaction) -> list[str]:
    return list(tx.execute(_PASSWORD_OWNER_EMAILS, {"org": tx.org_id}).scalars())


def policy(tx: Transaction) -> SignInPolicy:
    return records.from_row(SignInPolicy, tx.execute(_POLICY, {"org": tx.org_id}).one())


def set_policy(tx: Transaction, given: SignInPolicy) -> None:
    tx.execute(_SET_POLICY.values(records.row(given)), {"org": tx.org_id})


def password_session_ids(tx: Transaction) -> list[str]:
    """The sessions that members who are no owners opened with a password."""
    return list(tx.execute(_PASSWORD_SESSIONS, {"org": tx.org_id}).scalars())


def provider_session_ids(tx: Transaction, provider_id: str, *, user_id: str | None, name: str | None, until: datetime) -> list[str]:
    """The sessions of a provider that began before: of this member, and the one that the provider calls so, or did not name."""
    query = sa.select(sessions.c.id).where(
        sessions.c.org_id == tx.org_id, sessions.c.provider_id == provider_id, sessions.c.created_at <= until
    )
    if user_id is not None:
        query = query.where(sessions.c.user_id == user_id)
    if name is not None:
        is_it = sessions.c.provider_session == name
        query = query.where(is_it if user_id is None else is_it | sessions.c.provider_session.is_(None))
    return list(tx.execute(query).scalars())


def locked_out(tx: Transaction) -> list[OrgId]:
    """At most ten organizations in which nobody can sign in; for the system, across organizations."""
    return [OrgId(one) for one in tx.execute(_LOCKED_OUT).scalars()]


def keys_of(tx: Transaction, user_id: str) -> list[KeyId]:
    """The keys a person made that are not revoked yet."""
    return [KeyId(one) for one in tx.execute(_KEYS_OF, {"org": tx.org_id, "user": user_id}).scalars()]


def every_key_of(tx: Transaction, user_id: str) -> list[KeyId]:
    """The keys a person made, also those that are revoked."""
    return [KeyId(one) for one in tx.execute(_EVERY_KEY_OF, {"org": tx.org_id, "user": user_id}).scalars()]


def insert_session(tx: Transaction, session: Session, digest: bytes) -> None:
    tx.execute(
        _INSERT_SESSION,
        {
            "org_id": tx.org_id,
            "id": session.id,
            "user_id": session.user_id,
            "digest": digest,
            "created_at": session.created_at,
            "seen_at": session.seen_at,
            "confirmed_at": session.confirmed_at,
            "expires_at": session.expires_at,
            "address": session.address,
            "device": session.device,
            "provider_id": session.provider_id,
            "provider_session": session.provider_session,
        },
    )


def session_by_digest(tx: Transaction, digest: bytes) -> KnownSession | None:
    return _session(tx.execute(_SESSION_BY_DIGEST, {"digest": digest}).one_or_none())


def session_by_id(tx: Transaction, session_id: str) -> KnownSession | None:
    return _session(tx.execute(_SESSION_BY_ID, {"org": tx.org_id, "session": session_id}).one_or_none())


def session_ids_of(tx: Transaction, user_id: str) -> list[str]:
    return list(tx.execute(_SESSIONS_OF, {"org": tx.org_id, "user": user_id}).scalars())


def sessions_of(tx: Transaction, user_id: str) -> list[Session]:
    """The sessions of a member, the one used last first, also those that have expired."""
    return [_to_session(row) for row in tx.execute(_WHOLE_SESSIONS_OF, {"org": tx.org_id, "user": user_id})]


def delete_session(tx: Transaction, session_id: str) -> bool:
    return bool(tx.execute(_DELETE_SESSION, {"org": tx.org_id, "session": session_id}).rowcount)


def confirm_session(tx: Transaction, session_id: str, at: datetime) -> None:
    tx.execute(_CONFIRM, {"org": tx.org_id, "session": session_id, "at": at})


def touch_sessions(tx: Transaction, seen: Sequence[tuple[str, str, datetime]]) -> None:
    """Note when sessions (organization, session, when) were last used, of any organization; never moves backwards."""
    tx.execute(_SEEN, [{"org": org_id, "session": session_id, "at": at} for org_id, session_id, at in seen])


def delete_old_sessions(tx: Transaction, *, now: datetime, idle: datetime, limit: int) -> int:
    old = tx.execute(_OLD_SESSIONS, {"now": now, "idle": idle, "limit": limit}).all()
    if old:
        tx.execute(_DELETE_SESSION, [{"org": row.org_id, "session": row.id} for row in old])
    return len(old)


def insert_invite(tx: Transaction, invite: Invite, digest: bytes) -> None:
    tx.execute(
        _INSERT_INVITE,
        {
            "org_id": tx.org_id,
            "id": invite.id,
            "digest": digest,
            "role": invite.role.value,
            "email": invite.email,
            "created_by": invite.created_by,
            "created_at": invite.created_at,
            "expires_at": invite.expires_at,
        },
    )


def open_invites(tx: Transaction, now: datetime) -> list[Invite]:
    """Those that can still be accepted, newest first."""
    found = [_invite(row) for row in tx.execute(_INVITES, {"org": tx.org_id, "now": now})]
    return sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)


def invite(tx: Transaction, invite_id: str) -> Invite | None:
    row = tx.execute(_INVITE, {"org": tx.org_id, "invite": invite_id}).one_or_none()
    return None if row is None else _invite(row)


def invite_by_digest(tx: Transaction, digest: bytes) -> Invite | None:
    """Of any organization; for the system, across organizations."""
    row = tx.execute(_INVITE_BY_DIGEST, {"digest": digest}).one_or_none()
    return None if row is None else _invite(row)


def delete_invite(tx: Transaction, invite_id: str) -> bool:
    """Whether it was there: of two who open one link, one finds it."""
    return bool(tx.execute(_DELETE_INVITE, {"org": tx.org_id, "invite": invite_id}).rowcount)


def delete_old_invites(tx: Transaction, *, now: datetime, limit: int) -> int:
    old = tx.execute(_OLD_INVITES, {"now": now, "limit": limit}).all()
    if old:
        tx.execute(_DELETE_INVITE, [{"org": row.org_id, "invite": row.id} for row in old])
    return len(old)


def insert_reset(tx: Transaction, reset: PasswordReset, digest: bytes) -> None:
    values = {"org_id": reset.org_id, "digest": digest, "user_id": reset.user_id, "expires_at": reset.expires_at}
    tx.execute(_INSERT_RESET, values)


def count_open_resets(tx: Transaction, user_id: str) -> int:
    return len(tx.execute(_RESETS, {"org": tx.org_id, "user": user_id, "now": tx.now}).all())


def reset_by_digest(tx: Transaction, digest: bytes) -> PasswordReset | None:
    """Of any organization; for the system, across organizations."""
    row = tx.execute(_RESET_BY_DIGEST, {"digest": digest}).one_or_none()
    return None if row is None else PasswordReset(org_id=OrgId(row.org_id), user_id=UserId(row.user_id), expires_at=row.expires_at)


def delete_resets(tx: Transaction, user_id: str) -> int:
    """Of two who use one link, one finds it."""
    return tx.execute(_DELETE_RESETS, {"org": tx.org_id, "user": user_id}).rowcount


def delete_old_resets(tx: Transaction, *, now: datetime, limit: int) -> int:
    return tx.execute(_DELETE_OLD_RESETS, {"now": now, "limit": limit}).rowcount


def insert_link(tx: Transaction, link: SetupLink, digest: bytes) -> None:
    tx.execute(_INSERT_LINK, {"digest": digest, "organisation_id": link.org_id, "expires_at": link.expires_at})


def link_by_digest(tx: Transaction, digest: bytes) -> SetupLink | None:
    row = tx.execute(_LINK, {"digest": digest}).one_or_none()
    return None if row is None else SetupLink(org_id=row.organisation_id and OrgId(row.organisation_id), expires_at=row.expires_at)


def delete_links(tx: Transaction, org_id: OrgId | None) -> int:
    """End every first-run link of this organization, or of none yet; return how many there were."""
    if org_id is None:
        return tx.execute(_DELETE_FIRST_LINKS).rowcount
    return tx.execute(_DELETE_LINKS, {"org": org_id}).rowcount


def delete_old_links(tx: Transaction, now: datetime) -> None:
    tx.execute(_OLD_LINKS, {"now": now})


def _session(row: sa.Row[Any] | None) -> KnownSession | None:
    if row is None:
        return None
    return KnownSession(_to_session(row), Role(row.role), row.email, row.plan, () if row.is_limited else None, row.session_networks)


def _to_session(row: sa.Row[Any]) -> Session:
    return Session(
        id=row.id,
        org_id=OrgId(row.org_id),
        user_id=UserId(row.user_id),
        created_at=row.created_at,
        seen_at=row.seen_at,
        confirmed_at=row.confirmed_at,
        expires_at=row.expires_at,
        address=row.address or "",
        device=row.device or "",
        idle=people.SESSION_IDLE if row.idle_minutes is None else timedelta(minutes=row.idle_minutes),
        provider_id=row.provider_id,
        provider_session=row.provider_session,
    )


def _invite(row: sa.Row[Any]) -> Invite:
    return Invite(
        id=row.id,
        org_id=OrgId(row.org_id),
        role=Role(row.role),
        email=row.email,
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
