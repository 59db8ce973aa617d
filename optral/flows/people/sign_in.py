"""How people come in: sign-in, the first-run link, an invitation accepted; and how they confirm who they are and leave.

Everybody here is a stranger at first, so every refusal is one body and costs the same: an address nobody has is checked like any other,
and a refused sign-in is written to the audit log later, by `run`, not while the stranger measures. A password is hashed or checked before
the transaction begins; what it was checked against is looked at again inside.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import structlog

from optral.access import model, passwords, people, people_service as access
from optral.access.model import Member, Organisation
from optral.access.people import Invite, Proof, Session, SetupLink
from optral.access.people_service import Account, ProviderSession
from optral.access.service import Limiter, audit, create_organisation
from optral.flows.people.setup import DEFAULT_PLAN
from optral.identity import service as identity
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor as actors
from optral.terms.actor import Actor, Role
from optral.terms.errors import Forbidden, Invalid, NotFound, OptralError, Unauthenticated
from optral.terms.ids import OrgId, UserId

FLUSH_EVERY_S = 2.0
MAX_DENIED = 1000
SIGN_IN_FAILED = "the email address or the password is wrong"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Where a stranger's request comes from; `cookie` is the session the browser had before, `device` what the program calls itself."""

    address: str = ""
    device: str = ""
    request_id: str = ""
    cookie: str | None = field(default=None, repr=False)

    def acting(self, who: Actor) -> Actor:
        return replace(who, address=self.address, request_id=self.request_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A sign-in session and its member. `token` is the cookie's value, only there when the session is new; `logout_hint` is that of
    the cookie with which signing out ends the session at an identity provider, too."""

    session: Session
    member: Member
    organisation: Organisation
    token: str = field(default="", repr=False)
    logout_hint: str = field(default="", repr=False)


class Offer(NamedTuple):
    """What a link would do: for the page that asks for a password. `organisation` None: it is still to be named."""

    organisation: str | None
    email: str | None
    role: str


class _Denied(NamedTuple):
    org_id: OrgId
    user_id: UserId
    caller: Caller


class Sessions:
    """Use on one event loop. Own a task of `run`, and call `flush` at the end."""

    def __init__(self, store: Store, limiter: Limiter, pepper: bytes) -> None:
        self._store, self._limiter, self._pepper = store, limiter, pepper
        self._denied: deque[_Denied] = deque(maxlen=MAX_DENIED)

    async def sign_in(self, caller: Caller, *, email: str, password: str, organisation: str = "") -> SignedIn:
        """Raises `Unauthenticated("sign_in_failed")`, the same whatever was wrong, and `TooMany` after five tries."""
        await self._limiter.try_password(caller.address, email)
        account = await self._store.read(actors.system(), lambda tx: access.account(tx, email=email, organisation=organisation))
        is_right = await passwords.matches(password, None if account is None else account.password_hash)
        if account is None or not is_right:
            if account is not None:
                self._denied.append(_Denied(account.org_id, account.member.id, replace(caller, cookie=None)))
            raise Unauthenticated("sign_in_failed", say=SIGN_IN_FAILED)
        await self._limiter.forgive(caller.address, email)
        try:
            return await self._across(caller, lambda tx: self._signed_in(tx, caller, account))
        except Forbidden:  # the right password, from another network than the organization allows
            self._denied.append(_Denied(account.org_id, account.member.id, replace(caller, cookie=None)))
            raise

    async def confirm(self, actor: Actor, *, password: str) -> SignedIn:
        """Note that the signed-in person typed the password now. Raises as `prove` does."""
        proof = await self._checked(actor, password)
        return await self._store.write(actor, lambda tx: _confirmed(tx, proof))

    async def change_password(self, actor: Actor, *, current: str, password: str) -> SignedIn:
        """Give the signed-in person another password and end their other sessions. Raises as `confirm`, and `Invalid` for a bad one."""
        proof = await self._checked(actor, current)
        email = (await self._store.read(actor, lambda tx: access.member(tx, actor.id))).email
        kept = await passwords.hashed(people.checked_password(password, email=email))

        def job(tx: Transaction) -> SignedIn:
            if access.password_hash(tx, tx.actor.id) != proof.hash:
                raise access.wrong_password()
            access.set_password(tx, access.member(tx, tx.actor.id), hash=kept)
            access.confirm_session(tx, tx.actor.session_id)
            ended = access.end_sessions(tx, tx.actor.id, but=tx.actor.session_id)
            audit(tx, action="member.password", target=tx.actor.id, detail={"sessionsEnded": ended})
            return look(tx)

        return await self._store.write(actor, job)

    async def prove(self, actor: Actor, role: Role, *, password: str | None) -> Proof | None:
        """What giving a powerful role takes: the actor's password, or a sign-in at the provider just now. None for the others.

        Raises `Forbidden`: for a role that the actor cannot give, "password_required" without one, "wrong_password"; and `TooMany` after
        five wrong ones, which count together with those of signing in.
        """
        if role not in people.POWERFUL:
            return None
        people.check_may_give(actor, role)
        if password is None:
            if await self.is_fresh_at_provider(actor):
                return Proof(user_id=actor.id, is_by_provider=True)
            people.require_proof(actor, role, None)
            return None
        return await self._checked(actor, password)

    async def is_fresh_at_provider(self, actor: Actor) -> bool:
        """Whether the actor signed in at the identity provider just now, which stands for the password."""
        return await self._store.read(actor, _is_fresh_at_provider)

    async def _checked(self, actor: Actor, password: str) -> Proof:
        member, kept = await self._store.read(actor, lambda tx: (access.member(tx, actor.id), access.password_hash(tx, actor.id)))
        await self._limiter.try_password(actor.address, member.email)
        await self._limiter.try_password("", actor.session_id)  # a stolen session may be used from many addresses
        if not await passwords.matches(password, kept) or kept is None:
            await self._store.write(actor, lambda tx: audit(tx, action="session.confirm", target=actor.session_id, outcome="denied"))
            raise access.wrong_password()
        await self._limiter.forgive(actor.address, member.email)
        await self._limiter.forgive("", actor.session_id)
        return Proof(user_id=actor.id, hash=kept)

    async def offered_by_setup(self, *, token: str) -> Offer:
        """What a first-run link would do. Raises `Forbidden("link_invalid")`."""
        return await self._store.read(actors.system(), lambda tx: _setup_offer(tx, access.setup_link(tx, pepper=self._pepper, token=token)))

    async def set_up(self, caller: Caller, *, token: str, organisation: str | None, email: str, password: str) -> SignedIn:
        """Open a first-run link: make the organization, or give the owner of the one there is a password, and sign in.

        Raises `Forbidden("link_invalid")`, `Invalid` for a bad name, address or password.
        """
        await self.offered_by_setup(token=token)  # nobody but a link's holder has passwords hashed
        kept = await passwords.hashed(people.checked_password(password, email=model.checked_email(email)))
        return await self._across(
            caller, lambda tx: self._set_up(tx, caller, token=token, organisation=organisation, email=email, hash=kept)
        )

    async def offered_by_invite(self, *, token: str) -> Offer:
        """What an invitation would do. Raises `Forbidden("link_invalid")`."""

        def look(tx: Transaction) -> Offer:
            invite = access.invite_of(tx, pepper=self._pepper, token=token)
            return Offer(access.organisation(tx.acting_for(invite.org_id)).name, invite.email, invite.role)

        return await self._store.read(actors.system(), look)

    async def accept(self, caller: Caller, *, token: str, email: str, password: str) -> SignedIn:
        """Accept an invitation and sign in. Raises `Forbidden("link_invalid")`, `Refused("member_exists")`, `Invalid`."""
        await self.offered_by_invite(token=token)
        kept = await passwords.hashed(people.checked_password(password, email=model.checked_email(email)))

        def job(tx: Transaction) -> SignedIn:
            invite = access.invite_of(tx, pepper=self._pepper, token=token)
            return self._accepted(tx, caller, invite, email=email, hash=kept)

        return await self._across(caller, job)

    async def run(self) -> None:
        """Write refused sign-ins to the audit log every 2 seconds; a task to own."""
        while True:
            await asyncio.sleep(FLUSH_EVERY_S)
            await self.flush()

    async def flush(self) -> None:
        """Write the refused sign-ins so far; they wait for the next time when the database cannot."""
        while self._denied:
            one = self._denied.popleft()
            who = one.caller.acting(actors.system(one.org_id))
            try:
                await self._store.write(who, partial(_record_denied, user_id=one.user_id))
            except OptralError as error:
                self._denied.appendleft(one)
                _log.warning("refused sign-ins wait for the database", waiting=len(self._denied), reason=error.code)
                return

    def _across(self, caller: Caller, job: "Callable[[Transaction], SignedIn]") -> "Awaitable[SignedIn]":
        return self._store.write(caller.acting(actors.system()), job)

    def _signed_in(self, tx: Transaction, caller: Caller, account: Account) -> SignedIn:
        acting = tx.acting_for(account.org_id)
        if access.password_hash(acting, account.member.id) != account.password_hash:
            raise Unauthenticated("sign_in_failed", say=SIGN_IN_FAILED)  # changed or removed while it was checked
        made = self._opened(tx, caller, acting, access.member(acting, account.member.id))
        by = acting.acting_as(made.member.id)
        audit(by, action="session.create", target=made.session.id, detail={"member": made.member.id})
        return made

    def _set_up(self, tx: Transaction, caller: Caller, *, token: str, organisation: str | None, email: str, hash: str) -> SignedIn:
        link = access.setup_link(tx, pepper=self._pepper, token=token)
        access.use_setup_link(tx, link)
        if link.org_id is None:
            if not organisation:
                raise _missing_organisation()
            made, owner = create_organisation(tx, name=organisation, plan=DEFAULT_PLAN, owner_email=email)
            acting = tx.acting_for(made.id)
            detail = {"name": made.name, "plan": made.plan, "owner": owner.email}
            audit(acting, action="organisation.create", target=made.id, detail=detail)
        else:
            acting = tx.acting_for(link.org_id)
            owner = access.owner(acting)
        access.set_password(acting, owner, hash=hash, email=email)
        signed_in = self._opened(tx, caller, acting, access.member(acting, owner.id))
        by = acting.acting_as(owner.id)
        audit(by, action="member.setup", target=owner.id, detail={"email": signed_in.member.email})
        return signed_in

    def _accepted(self, tx: Transaction, caller: Caller, invite: Invite, *, email: str, hash: str) -> SignedIn:
        acting = tx.acting_for(invite.org_id)
        member = access.accept_invite(acting, invite, email=email, hash=hash)
        identity.unlink(acting, member.id)  # of the time before a removal
        made = self._opened(tx, caller, acting, member)
        by = acting.acting_as(member.id)
        audit(by, action="invite.accept", target=member.id, detail={"invite": invite.id, "email": member.email, "role": member.role})
        return made

    def _opened(self, tx: Transaction, caller: Caller, acting: Transaction, member: Member) -> SignedIn:
        return opened(tx, caller, acting, member, pepper=self._pepper)


def opened(
    tx: Transaction, caller: Caller, acting: Transaction, member: Member, *, pepper: bytes, of: ProviderSession | None = None
) -> SignedIn:
    """A new session in place of the one that the browser had before. `acting` is of the member's organization."""
    if caller.cookie is not None:
        access.end_token(tx, pepper=pepper, token=caller.cookie)
    session, token = access.open_session(acting, pepper=pepper, user_id=member.id, device=caller.device, of=of)
    return SignedIn(session=session, member=member, organisation=access.organisation(acting), token=token)


def _is_fresh_at_provider(tx: Transaction) -> bool:
    """Whether the session is of an identity provider, at which the person signed in within the last two minutes."""
    session = access.session(tx, tx.actor.session_id).session if tx.actor.session_id else None
    return session is not None and session.provider_id is not None and tx.now - session.confirmed_at <= people.CONFIRMED_NOW


def look(tx: Transaction) -> SignedIn:
    """The actor's own session. Raises `NotFound` when it has none."""
    known = access.session(tx, tx.actor.session_id)
    return SignedIn(session=known.session, member=access.member(tx, known.session.user_id), organisation=access.organisation(tx))


def sign_out(tx: Transaction) -> None:
    """End the actor's own session: its cookie opens nothing more, its streams end within five seconds."""
    if access.end_session(tx, tx.actor.session_id):
        audit(tx, action="session.end", target=tx.actor.session_id)


def end_own(tx: Transaction, session_id: str) -> None:
    """End one session of the signed-in person. Raises `NotFound` for one that is not theirs, or has ended."""
    if session_id not in {one.id for one in access.own_sessions(tx)}:
        raise NotFound(say="this session does not exist")
    access.end_session(tx, session_id)
    audit(tx, action="session.end", target=session_id)


def end_others(tx: Transaction) -> int:
    """End the sessions of the signed-in person except this one; return how many."""
    if ended := access.end_sessions(tx, tx.actor.id, but=tx.actor.session_id):
        audit(tx, action="session.end_others", target=tx.actor.id, detail={"sessionsEnded": ended})
    return ended


def first_links(tx: Transaction, *, pepper: bytes) -> list[tuple[OrgId | None, str]]:
    """First-run links for what nobody can sign in to yet (none when all can); for the system, across organizations, at the start."""
    made = access.create_setup_links(tx, pepper=pepper)
    for org_id, _ in made:
        if org_id is not None:
            audit(tx.acting_for(org_id), action="setup.link", target=org_id)
    return made


def _confirmed(tx: Transaction, proof: Proof) -> SignedIn:
    if access.password_hash(tx, tx.actor.id) != proof.hash:
        raise access.wrong_password()
    session = access.confirm_session(tx, tx.actor.session_id)
    audit(tx, action="session.confirm", target=session.id)
    return look(tx)


def _setup_offer(tx: Transaction, link: SetupLink) -> Offer:
    if link.org_id is None:
        return Offer(None, None, "owner")
    return Offer(access.organisation(tx.acting_for(link.org_id)).name, None, "owner")


def _record_denied(tx: Transaction, *, user_id: UserId) -> None:
    audit(tx.acting_as(user_id), action="session.create", target=user_id, outcome="denied")


def _missing_organisation() -> Invalid:
    say = "no organization exists yet; enter a name for the first one"
    return Invalid("invalid_name", say=say, errors=[{"field": "organisation", "code": "invalid_name", "message": say}])
