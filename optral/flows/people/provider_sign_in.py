"""How people come in through an identity provider, and confirm with it that it is still they.

The browser begins an attempt and gets its secrets (state, nonce, PKCE verifier) sealed in a cookie; the provider sends it back with a code;
Optral exchanges the code, verifies the ID token, and opens a session of the member. Whoever begins is a stranger: every forged or failed
answer gets one text, and its reason is in the log and in the audit log.
"""

import asyncio
import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

import structlog

from optral.access import people_service as access, provided
from optral.access.model import Member
from optral.access.people_service import ProviderSession
from optral.access.service import Limiter, audit
from optral.flows.people import provider_rights, provisioning
from optral.flows.people.sign_in import Caller, SignedIn, look, opened, sign_out
from optral.identity import advice, model, protocol, service as identity, tokens
from optral.identity.model import Attempt, Provider
from optral.identity.protocol import CodeRefused, ProviderFailed, Providers
from optral.identity.tokens import BadToken
from optral.kit import sealed
from optral.kit.clock import Clock
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor as actors
from optral.terms.actor import Actor
from optral.terms.errors import Forbidden, Invalid, NotFound, OptralError, Refused, Unauthenticated, Unavailable
from optral.terms.ids import OrgId

FAILED = "the sign-in with the identity provider failed; try again, and if it fails again, ask an owner of your organization"
TOO_MANY_GROUPS = (
    "you are in too many groups for the identity provider to send them to Optral; ask its administrator to send only the groups that have"
    " roles in Optral (a filter on the groups claim), or to use SCIM or app roles"
)
GROUPS_LEFT_OUT = "groups_left_out"
SIGN_OUT_WITHIN_S = 2.0
"""How long signing out waits for the metadata of the provider, when they are not known."""
MAX_HINT_BYTES = 2_800  # of an ID token: sealed and encoded, it must fit into a cookie of 4,096
_BINDING = "sign-in attempt"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What the provider sent the browser back with, as the browser tells it."""

    state: str = field(repr=False)
    code: str = field(default="", repr=False)
    error: str = ""
    issuer: str | None = None


class Started(NamedTuple):
    """Where the browser goes, and what it keeps in its cookie until it returns."""

    url: str
    cookie: str


class SignedOut(NamedTuple):
    """The provider whose session is to end too, and where the browser ends it; None if the provider does not say where."""

    provider: Provider
    url: str | None


class _Entering(NamedTuple):
    provider: Provider
    subject: str
    claims: Mapping[str, Any]
    id_token: str


class ProviderSessions:
    """Use on one event loop. `key` seals client secrets and attempts (32 bytes)."""

    def __init__(self, store: Store, providers: Providers, clock: Clock, limiter: Limiter, *, pepper: bytes, key: bytes) -> None:
        self._store, self._providers, self._clock, self._limiter = store, providers, clock, limiter
        self._pepper, self._key = pepper, key
        self._attempt_key = hmac.digest(key, b"optral sign-in attempts", hashlib.sha256)

    async def offered(self, organisation: str) -> list[Provider]:
        """The enabled providers of the organization of this name, or of the only one; none for an unknown name."""

        def job(tx: Transaction) -> list[Provider]:
            org_id = access.organisation_to_enter(tx, organisation)
            return [] if org_id is None else [one for one in identity.find(tx.acting_for(org_id)) if one.is_enabled]

        return await self._store.read(actors.system(), job)

    async def start(self, provider_id: str, *, public_url: str | None) -> Started:
        """Begin a sign-in. Raises `NotFound`, `Refused("public_url_needed")`, `Unavailable("provider_unavailable")`."""
        provider = await self._store.read(actors.system(), lambda tx: identity.enabled(tx, provider_id))
        if provider is None:
            raise NotFound("provider_not_found", say=f"there is no identity provider {provider_id}")
        return await self._started(provider, session="", public_url=public_url)

    async def start_confirmation(self, actor: Actor, *, public_url: str | None) -> Started:
        """Begin to confirm the session with the provider that it was opened with.

        Raises as `start`, and `Refused("not_a_provider_session")`.
        """

        provider = await self._store.read(actor, _own_provider)
        if provider is None:
            raise Refused(
                "not_a_provider_session", say="this session was opened with a password, or its provider is disabled; use the password"
            )
        return await self._started(provider, session=actor.session_id, public_url=public_url)

    async def test(self, provider: Provider) -> str:
        """Ask the provider for its metadata and keys now; what is wrong with them, and nothing if people can sign in and out."""
        try:
            metadata = await self._providers.test(provider.issuer)
        except ProviderFailed as failure:
            return failure.reason
        return advice.NO_LOGOUT if provider.ends_provider_session and metadata.end_session_endpoint is None else ""

    async def finish(self, caller: Caller, returned: Returned, *, cookie: str | None, public_url: str | None) -> SignedIn:
        """Open the session of whoever the provider vouches for.

        Raises `Unauthenticated("provider_sign_in_failed")`, the same for everything that was forged or refused; `Forbidden("no_access")`
        for a person who is no member, or has no role by any rule, `Forbidden("too_many_groups")` when the groups do not arrive;
        `Unavailable("provider_unavailable")`.
        """
        attempt: Attempt | None = None
        try:
            attempt = self._attempt(cookie, returned, session="")
            entering = await self._entering(attempt, returned, public_url=public_url)
            done, reason = await self._store.write(caller.acting(actors.system()), lambda tx: self._entered(tx, caller, entering))
        except (BadToken, ProviderFailed) as failure:
            raise await self._refused(caller, attempt, failure.reason, failure) from None
        except Forbidden as failure:
            await self._refused(caller, attempt, failure.code, None)
            raise
        if done is None:
            raise await self._refused(caller, attempt, reason, None)
        return replace(done, logout_hint=self._logout_hint(entering, done.session.id))

    async def sign_out(self, actor: Actor, *, hint: str | None, public_url: str | None) -> SignedOut | None:
        """End the actor's own session, and say how to end that at its provider, if the provider is set so. The provider is asked
        last and shortly: whatever it answers, the session here has ended."""

        def job(tx: Transaction) -> Provider | None:
            provider = _own_provider(tx)
            sign_out(tx)
            return provider

        provider = await self._store.write(actor, job)
        if provider is None or not provider.ends_provider_session or public_url is None:
            return None
        try:
            async with asyncio.timeout(SIGN_OUT_WITHIN_S):
                endpoint = (await self._providers.metadata(provider.issuer)).end_session_endpoint
        except (ProviderFailed, TimeoutError) as failure:
            _log.warning("session at the identity provider stays", provider=provider.id, reason=str(failure) or "timeout")
            endpoint = None
        if endpoint is None:
            return SignedOut(provider, None)
        plain, return_uri = self._unsealed(hint, _hint_of(actor.session_id)), public_url.rstrip("/") + model.SIGNED_OUT_PATH
        id_token = None if plain is None else plain.decode()
        return SignedOut(provider, model.logout_url(endpoint, provider, id_token=id_token, return_uri=return_uri))

    async def confirm(self, actor: Actor, returned: Returned, *, cookie: str | None, public_url: str | None) -> SignedIn:
        """Note that the signed-in person signed in at the provider again. Raises as `finish`."""
        caller = Caller(address=actor.address, request_id=actor.request_id)
        attempt: Attempt | None = None
        try:
            attempt = self._attempt(cookie, returned, session=actor.session_id)
            entering = await self._entering(attempt, returned, public_url=public_url)
            tokens.check_fresh(entering.claims, since=attempt.at)
        except (BadToken, ProviderFailed) as failure:
            raise await self._refused(caller, attempt, failure.reason, failure) from None

        def job(tx: Transaction) -> SignedIn | None:
            known = identity.identity(tx, entering.provider.id, entering.subject)
            if known is None or known.user_id != tx.actor.id:
                return None
            session = access.confirm_session(tx, tx.actor.session_id)
            audit(tx, action="session.confirm", target=session.id, detail={"provider": entering.provider.id})
            return look(tx)

        done = await self._store.write(actor, job)
        if done is None:
            raise await self._refused(caller, attempt, "another_person", BadToken("another_person"))
        return done

    async def end(self, provider_id: str, logout_token: str) -> None:
        """End the sessions that the provider says have ended. Raises `Invalid("invalid_logout_token")`, the same for every bad one."""
        provider = await self._store.read(actors.system(), lambda tx: identity.enabled(tx, provider_id))
        if provider is None:
            raise _bad_logout("unknown provider")
        try:
            keys = await self._providers.keys(provider.issuer, key_id=tokens.key_id(logout_token))
            expected = tokens.Expected(issuer=provider.issuer, client_id=provider.client_id, now=self._clock.now())
            claims = tokens.verify_logout_token(logout_token, keys, expected)
        except (BadToken, ProviderFailed) as failure:
            _log.warning("logout token refused", provider=provider_id, reason=failure.reason)
            raise _bad_logout(failure.reason) from None
        used = _used_name(provider, claims)
        if await self._limiter.was_used(used, within_s=tokens.REPLAYED_S):
            _log.warning("logout token refused", provider=provider_id, reason="replayed")
            raise _bad_logout("replayed")
        await self._store.write(actors.system(OrgId(provider.org_id)), lambda tx: _ended(tx, provider, claims))
        await self._limiter.is_first_use(used, within_s=tokens.REPLAYED_S)  # last: after a failure the provider tries again

    async def _started(self, provider: Provider, *, session: str, public_url: str | None) -> Started:
        redirect_uri = _redirect_uri(public_url)
        try:
            metadata = await self._providers.metadata(provider.issuer)
        except ProviderFailed as failure:
            _log.warning("identity provider does not answer", provider=provider.id, reason=failure.reason)
            raise _unavailable(failure) from None
        attempt = model.begin(provider, session=session, now=self._clock.now())
        url = model.authorization_url(metadata.authorization_endpoint, provider, attempt, redirect_uri=redirect_uri)
        plain = json.dumps(asdict(attempt)).encode()
        return Started(url, self._sealed(plain, _BINDING))

    def _attempt(self, cookie: str | None, returned: Returned, *, session: str) -> Attempt:
        """The attempt of this browser. Raises `BadToken` for none, an old one, or one that the answer does not belong to."""
        plain = self._unsealed(cookie, _BINDING)
        if plain is None:
            raise BadToken("no_attempt")
        attempt = Attempt(**json.loads(plain))
        if not hmac.compare_digest(attempt.state.encode(), returned.state.encode()):
            raise BadToken("wrong_state")
        if not attempt.is_open(self._clock.now()):
            raise BadToken("attempt_expired")
        if attempt.session != session:
            raise BadToken("attempt_of_another_session")
        return attempt

    def _logout_hint(self, entering: _Entering, session_id: str) -> str:
        """The ID token, sealed for the browser to keep as long as this session; nothing where it is not needed, or too long."""
        plain = entering.id_token.encode()
        if not entering.provider.ends_provider_session or len(plain) > MAX_HINT_BYTES:
            return ""
        return self._sealed(plain, _hint_of(session_id))

    def _sealed(self, plain: bytes, binding: str) -> str:
        return urlsafe_b64encode(sealed.seal(plain, key=self._attempt_key, binding=binding)).decode()

    def _unsealed(self, text: str | None, binding: str) -> bytes | None:
        try:
            raw = urlsafe_b64decode((text or "").encode())
        except (ValueError, BadBase64):
            return None
        return sealed.unseal(raw, key=self._attempt_key, binding=binding) if len(raw) > sealed.OVERHEAD else None

    async def _entering(self, attempt: Attempt, returned: Returned, *, public_url: str | None) -> _Entering:
        """Who the provider says this is. Raises `BadToken`, `ProviderFailed`."""
        provider = await self._store.read(actors.system(), lambda tx: identity.enabled(tx, attempt.provider_id))
        if provider is None or provider.org_id != attempt.org_id:
            raise BadToken("provider_disabled")
        metadata = await self._providers.metadata(provider.issuer)
        protocol.check_response_issuer(returned.issuer, provider, metadata)
        if returned.error or not returned.code:
            raise BadToken(f"provider_error_{protocol.word(returned.error) or 'unknown'}")
        secret = identity.secret_of(provider, key=self._key)
        answer = await self._providers.exchange(
            provider, secret=secret, code=returned.code, verifier=attempt.verifier, redirect_uri=_redirect_uri(public_url)
        )
        claims = await protocol.verified(self._providers, provider, answer, nonce=attempt.nonce, code=returned.code, clock=self._clock)
        if provider.reads_userinfo and not attempt.session and (missing := provider.missing(claims)):
            found = await self._providers.userinfo(provider, access_token=answer.access_token, subject=claims["sub"])
            claims = {**claims, **{name: found[name] for name in missing if name in found}}
        return _Entering(provider, str(claims["sub"]), claims, answer.id_token)

    def _entered(self, tx: Transaction, caller: Caller, entering: _Entering) -> tuple[SignedIn | None, str]:
        """The session, or why there is none; what was found out about rights is kept in both cases."""
        provider = entering.provider
        acting = tx.acting_for(OrgId(provider.org_id))
        member, claims, reason = _member(acting, entering)
        if member is None:
            return None, reason
        if not provider_rights.give(acting, provider, member, claims):
            access.end_sessions(acting, member.id)
            return None, GROUPS_LEFT_OUT if provider.left_out(claims) else "no_rule_matches"
        identity.note_sign_in(acting, provider.id, entering.subject)
        of = ProviderSession(provider.id, tokens.session_name(entering.claims), tokens.authenticated_at(entering.claims))
        done = opened(tx, caller, acting, access.member(acting, member.id), pepper=self._pepper, of=of)
        by = acting.acting_as(member.id)
        audit(by, action="session.create", target=done.session.id, detail={"member": member.id, "provider": provider.id})
        return done, ""

    async def _refused(self, caller: Caller, attempt: Attempt | None, reason: str, failure: Exception | None) -> OptralError:
        """The error to raise, after its reason is on record."""
        provider_id = None if attempt is None else attempt.provider_id
        _log.warning("sign-in with an identity provider refused", provider=provider_id, reason=reason, request_id=caller.request_id)
        if attempt is not None:
            who, target = caller.acting(actors.system(OrgId(attempt.org_id))), attempt.provider_id
            detail = {"provider": target, "reason": reason}
            await self._store.write(who, lambda tx: audit(tx, action="identity.refuse", target=target, outcome="denied", detail=detail))
        if reason == GROUPS_LEFT_OUT or (reason == tokens.TOO_LARGE and isinstance(failure, BadToken)):
            return Forbidden("too_many_groups", say=TOO_MANY_GROUPS)
        if failure is None:
            return Forbidden("no_access", say="you have no access to this organization; ask one of its owners")
        if isinstance(failure, ProviderFailed) and not isinstance(failure, CodeRefused):
            return _unavailable(failure)
        return Unauthenticated("provider_sign_in_failed", say=FAILED)


def _hint_of(session_id: str) -> str:
    """What the ID token of a session is bound to: the one of another session opens nothing."""
    return f"ID token of {session_id}"


def _own_provider(tx: Transaction) -> Provider | None:
    """The enabled provider that the actor signed in with."""
    own = next((one for one in access.own_sessions(tx) if one.id == tx.actor.session_id), None)
    return None if own is None else next((one for one in identity.find(tx) if one.id == own.provider_id and one.is_enabled), None)


def _ended(tx: Transaction, provider: Provider, claims: Mapping[str, Any]) -> None:
    """End what the claims name: the session of `sid`, or all of `sub`; only that session of that person if both are there."""
    subject, name = claims.get("sub"), claims.get("sid")
    known = identity.identity(tx, provider.id, subject) if isinstance(subject, str) else None
    if subject is not None and known is None:
        return
    ended = access.end_provider_sessions(
        tx, provider.id, user_id=None if known is None else known.user_id, name=name, until=tokens.issued_until(claims)
    )
    if ended:
        audit(tx, action="identity.logout", target=provider.id, detail={"sessionsEnded": len(ended)})


def _used_name(provider: Provider, claims: Mapping[str, Any]) -> str:
    """What a logout token is remembered by."""
    text = f"{provider.id} {claims['jti']}".encode("utf-8", "surrogatepass")
    return f"logout:{hashlib.sha256(text).hexdigest()}"


def _bad_logout(reason: str) -> Invalid:
    return Invalid("invalid_logout_token", say="the logout token is not valid", log=reason)


def _member(tx: Transaction, entering: _Entering) -> tuple[Member | None, Mapping[str, Any], str]:
    """The member that this identity is: known, found by an address that can be trusted, or new; and the claims that give rights. None,
    and why."""
    provider, claims = entering.provider, entering.claims
    access.begin_change(tx)  # two subjects with one address come one after the other
    known = identity.identity(tx, provider.id, entering.subject)
    member = None if known is None else provided.member(tx, known.user_id)
    if known is not None and (member is None or member.removed_at is not None):
        return None, claims, "access_ended"
    user, reason = provisioning.person(tx, provider, claims, member=member)
    if reason:
        return None, claims, reason
    if user is not None:
        claims = provisioning.groups_claim(tx, user)
    if member is None:
        member, reason = _new_member(tx, entering, claims)
    if member is not None and user is not None:
        provisioning.link(tx, user, member)
    return member, claims, reason


def _new_member(tx: Transaction, entering: _Entering, claims: Mapping[str, Any]) -> tuple[Member | None, str]:
    """The member of a subject that signs in for the first time."""
    provider = entering.provider
    email = provider.trusted_email(entering.claims)
    if email is None:
        return None, "email_not_trusted"
    member = provided.member_by_email(tx, email)
    if member is not None and member.removed_at is not None:
        return None, "access_ended"
    if member is not None and identity.is_linked(tx, provider.id, member.id):
        return None, "address_of_another_subject"
    if member is None:
        if not provider.creates_members or model.rights(provider.parsed_rules(), claims) == model.Rights(None, ()):
            return None, GROUPS_LEFT_OUT if provider.creates_members and provider.left_out(claims) else "not_a_member"
        member = provided.create_member(tx, email=email)
        audit(tx, action="member.create", target=member.id, detail={"email": email, "provider": provider.id})
    identity.link(tx, provider.id, entering.subject, member.id)
    detail = {"email": member.email, "provider": provider.id, "passwordEnded": provided.take_over(tx, member)}
    audit(tx, action="member.link", target=member.id, detail=detail)
    return member, ""


def _redirect_uri(public_url: str | None) -> str:
    if public_url is None:
        raise Refused("public_url_needed", say="sign-in with an identity provider needs OPTRAL_PUBLIC_URL; ask whoever runs this server")
    return public_url.rstrip("/") + model.CALLBACK_PATH


def _unavailable(failure: ProviderFailed) -> Unavailable:
    say = "the identity provider does not answer as it should; try again, or sign in with a password if you have one"
    return Unavailable("provider_unavailable", retry_after_s=5, say=say, log=failure.reason)
