"""How a command line comes by a key: it starts a login, a signed-in person approves or denies it, the command line fetches its key.

The key is an API key of that person, created when it is fetched; approval and key each have an audit record. Whoever asks for a login is a
stranger, and every code that opens nothing gets the same answer.
"""

from dataclasses import dataclass, field
from datetime import datetime

from optral.access import device, device_service as logins, model, oauth, people, people_service
from optral.access.device import Approval, DeviceLogin
from optral.access.model import ApiKey, KeySettings
from optral.access.service import Limiter, audit
from optral.flows.people import keys
from optral.flows.people.sign_in import Caller
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor as actors
from optral.terms.actor import Actor, ActorKind
from optral.terms.errors import Forbidden, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A login that waits. `device_code` is for the program alone, `user_code` for the person to type."""

    device_code: str = field(repr=False)
    user_code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """What a program learns: its key once the login is approved, or the seconds to wait before it asks again."""

    key: ApiKey | None = None
    secret: str = field(default="", repr=False)
    email: str = ""
    organisation: str = ""
    wait_s: int = device.INTERVAL_S


class Logins:
    """Use on one event loop."""

    def __init__(self, store: Store, limiter: Limiter, pepper: bytes) -> None:
        self._store, self._limiter, self._pepper = store, limiter, pepper

    async def start(self, caller: Caller, *, name: str) -> Started:
        """Raises `Invalid` for a bad name, `TooMany` while too many logins are pending."""

        def job(tx: Transaction) -> Started:
            login, device_code, user_code = logins.start(tx, pepper=self._pepper, name=name, address=caller.address)
            return Started(device_code=device_code, user_code=user_code, expires_at=login.expires_at)

        return await self._store.write(caller.acting(actors.system()), job)

    async def pending(self, actor: Actor, *, user_code: str) -> DeviceLogin:
        """What would be approved. Raises `NotFound("user_code_unknown")`, `TooMany` for a person who types too many codes."""
        await self._limiter.try_user_code(actor.id)
        return await self._store.read(actor, lambda tx: logins.pending(tx, pepper=self._pepper, user_code=user_code))

    async def approve(self, actor: Actor, *, user_code: str, scopes: frozenset[str], days: int) -> DeviceLogin:
        """Let the program have a key of the signed-in person.

        Raises as `pending`; `Forbidden("confirmation_required")` for one who last typed the password long ago, and beyond their rights;
        `Invalid` for scopes that no key can have, or a bad number of days.
        """
        await self._limiter.try_user_code(actor.id)

        def job(tx: Transaction) -> DeviceLogin:
            people.require_person(tx.actor)
            people.require_confirmed(tx.actor, tx.now)
            approval = Approval(
                org_id=tx.org_id,
                user_id=people_service.member(tx, tx.actor.id).id,
                scopes=model.checked_scopes(scopes, tx.actor),
                key_expires_at=device.key_expiry(days, tx.now),
            )
            login = logins.decide(tx, pepper=self._pepper, user_code=user_code, approval=approval)
            detail = {"scopes": sorted(approval.scopes), "expiresAt": approval.key_expires_at.isoformat()}
            audit(tx, action="login.approve", target=tx.actor.id, detail=_named(login) | detail)
            return login

        return await self._store.write(actor, job)

    async def deny(self, actor: Actor, *, user_code: str) -> DeviceLogin:
        """Refuse the login. Raises as `pending`."""
        await self._limiter.try_user_code(actor.id)

        def job(tx: Transaction) -> DeviceLogin:
            login = logins.decide(tx, pepper=self._pepper, user_code=user_code, approval=None)
            audit(tx, action="login.deny", target=tx.actor.id, outcome="denied", detail=_named(login))
            return login

        return await self._store.write(actor, job)

    async def poll(self, caller: Caller, *, device_code: str) -> PollResult:
        """The key, or how long to wait.

        Raises `Forbidden("login_denied")` when the person refused or may no longer have such a key, and `Forbidden("device_code_invalid")`,
        the same for every code that is unknown, expired or used.
        """
        login = await self._store.read(actors.system(), lambda tx: logins.by_device(tx, pepper=self._pepper, device_code=device_code))
        if login is None:
            raise _invalid()
        if login.is_denied:
            raise _denied()
        if not await self._limiter.is_first_use(_poll_name(self._pepper, device_code), within_s=device.INTERVAL_S - 1):
            return PollResult(wait_s=2 * device.INTERVAL_S)
        if login.approval is None:
            return PollResult()
        return await self._fetch(caller, login, login.approval, device_code)

    async def _fetch(self, caller: Caller, login: DeviceLogin, approval: Approval, device_code: str) -> PollResult:
        person = await self._store.read(actors.system(approval.org_id), lambda tx: _acting(tx, approval))

        def job(tx: Transaction) -> PollResult:
            if not logins.take(tx, pepper=self._pepper, device_code=device_code):
                raise _invalid()
            member = _present(tx, approval)
            scopes = approval.scopes & people_service.scopes_of(tx, member)
            wanted = KeySettings(name=login.name, scopes=scopes, expires_at=approval.key_expires_at)
            key, secret = keys.create(tx, wanted, pepper=self._pepper)
            return PollResult(key=key, secret=secret, email=member.email, organisation=people_service.organisation(tx).name)

        return await self._store.write(caller.acting(person), job)


class Grants:
    """Assistants get an access token of the person who approves them: an API key for `/mcp` alone, which ends by itself.

    `bound` is what the code is bound to (`oauth.bound_to`).
    """

    def __init__(self, store: Store, pepper: bytes) -> None:
        self._store, self._pepper = store, pepper

    async def approve(self, actor: Actor, *, name: str, bound: str) -> str:
        """The code for the assistant. Raises `Forbidden` for a person who last typed the password long ago."""

        def job(tx: Transaction) -> str:
            people.require_person(tx.actor)
            people.require_confirmed(tx.actor, tx.now)
            user_id, scopes = people_service.member(tx, tx.actor.id).id, model.checked_scopes(oauth.SCOPES & tx.actor.scopes, tx.actor)
            ends_at = tx.now + oauth.TOKEN_LIFE
            approval = Approval(org_id=tx.org_id, user_id=user_id, scopes=scopes, key_expires_at=ends_at)
            code = logins.grant(tx, pepper=self._pepper, name=name, bound=bound, approval=approval)
            detail = {"name": name, "from": tx.actor.address, "scopes": sorted(scopes), "expiresAt": ends_at.isoformat()}
            audit(tx, action="login.approve", target=tx.actor.id, detail=detail | {"audience": oauth.AUDIENCE})
            return code

        return await self._store.write(actor, job)

    async def exchange(self, caller: Caller, *, code: str, bound: str) -> tuple[ApiKey, str]:
        """The token and its secret. Raises `Forbidden`, the same for every code that is not good or was used."""
        login = await self._store.read(actors.system(), lambda tx: logins.granted(tx, pepper=self._pepper, code=code, bound=bound))
        if login is None or login.approval is None:
            raise _invalid()
        approval = login.approval
        person = await self._store.read(actors.system(approval.org_id), lambda tx: _acting(tx, approval))

        def job(tx: Transaction) -> tuple[ApiKey, str]:
            if not logins.take_granted(tx, pepper=self._pepper, code=code, bound=bound):
                raise _invalid()
            scopes = approval.scopes & people_service.scopes_of(tx, _present(tx, approval))
            wanted = KeySettings(name=login.name, scopes=scopes, expires_at=approval.key_expires_at, audience=oauth.AUDIENCE)
            return keys.create(tx, wanted, pepper=self._pepper)

        return await self._store.write(caller.acting(person), job)


def revoke_own(tx: Transaction) -> ApiKey:
    """End the key that asks. Raises `NotFound` for a person, who has none."""
    if tx.actor.kind is not ActorKind.KEY:
        raise NotFound(say="this request was made with a sign-in session, not with an API key; sign out instead")
    return keys.revoke(tx, tx.actor.id)


def _acting(tx: Transaction, approval: Approval) -> Actor:
    """The person who approved, with the rights of now."""
    member = _present(tx, approval)
    return actors.person(approval.org_id, approval.user_id, scopes=people_service.scopes_of(tx, member), role=member.role)


def _present(tx: Transaction, approval: Approval) -> model.Member:
    try:
        member = people_service.member(tx, approval.user_id)
    except NotFound:
        raise _denied() from None
    if not approval.scopes & people_service.scopes_of(tx, member):
        raise _denied()
    return member


def _poll_name(pepper: bytes, device_code: str) -> str:
    return f"poll:{model.digest(pepper, f'poll:{device_code}').hex()}"


def _named(login: DeviceLogin) -> dict[str, str]:
    return {"name": login.name, "from": login.address}


def _denied() -> Forbidden:
    return Forbidden("login_denied", say="the login was denied")


def _invalid() -> Forbidden:
    return Forbidden("device_code_invalid", say="this login expired or was already completed; run `optral login` again")
