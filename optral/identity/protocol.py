"""Asks identity providers: discovery, keys, and the exchange of a code; each with a deadline, at addresses that the guard allows.

Metadata and keys are kept for an hour. A token with an unknown `kid` has the keys read again, since providers rotate them, at most once a
minute, so that forged tokens do not make Optral ask. A failure stands for five seconds: those who wait for the same answer get it, too. A
person who signs in waits for one request to the provider when both are known.
"""

import asyncio
import base64
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from optral.identity import tokens
from optral.identity.model import Provider
from optral.identity.tokens import BadToken, Jwk
from optral.kit.clock import Clock
from optral.kit.outbound import Caller, CallFailed, Request

KEPT_S = 3600.0
REFETCH_S = 60.0
FAILED_S = 5.0
WITHIN_S = 10.0
MAX_ANSWER_BYTES = 512 * 1024
MAX_KEYS = 100
CACHED = 200  # providers
WELL_KNOWN = "/.well-known/openid-configuration"


class ProviderFailed(Exception):
    """The provider does not answer, or not with what the protocol asks for; `reason` is for the log and owners."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CodeRefused(ProviderFailed):
    """The provider refused the code, or the client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a provider says of itself. `names_issuer`: its answers to the browser have the parameter `iss` (RFC 9207)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_issuer: bool
    posts_secret: bool
    userinfo_endpoint: str | None
    end_session_endpoint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a code was exchanged for."""

    id_token: str = field(repr=False)
    access_token: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class _Known:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    metadata: Metadata | None = None
    metadata_at_s: float = 0.0
    keys: Sequence[Jwk] = ()
    keys_at_s: float = float("-inf")
    asked_at_s: float = float("-inf")
    """When the keys were requested last, with or without an answer."""
    failed: str = ""
    failed_at_s: float = float("-inf")


class Providers:
    """Use on one event loop."""

    def __init__(self, caller: Caller, clock: Clock) -> None:
        self._caller, self._clock = caller, clock
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def metadata(self, issuer: str) -> Metadata:
        """Raises `ProviderFailed`."""
        known = self._of(issuer)
        async with known.lock:
            return await self._metadata(known, issuer)

    async def keys(self, issuer: str, *, key_id: str | None) -> Sequence[Jwk]:
        """The provider's keys; read again if none has this id. Raises `ProviderFailed`."""
        known = self._of(issuer)
        async with known.lock:
            now_s = self._clock.monotonic()
            age_s = now_s - known.keys_at_s
            is_there = key_id is None or any(key.get("kid") == key_id for key in known.keys)
            if age_s < KEPT_S and (is_there or now_s - known.asked_at_s < REFETCH_S):
                return known.keys
            known.asked_at_s = now_s
            await self._read_keys(known, issuer)
            return known.keys

    async def test(self, issuer: str) -> Metadata:
        """Read metadata and keys again, and keep them; what was kept stays if that fails. Raises `ProviderFailed`."""
        fresh = _Known()
        await self._read_keys(fresh, issuer)
        if not any(tokens.is_usable(key) for key in fresh.keys):
            raise ProviderFailed("no_usable_keys")
        known = self._of(issuer)
        async with known.lock:
            known.metadata, known.metadata_at_s, known.failed_at_s = fresh.metadata, self._clock.monotonic(), float("-inf")
            known.keys, known.keys_at_s = fresh.keys, fresh.keys_at_s
            return await self._metadata(known, issuer)

    async def exchange(self, provider: Provider, *, secret: str | None, code: str, verifier: str, redirect_uri: str) -> Answer:
        """The tokens for a code. Raises `CodeRefused`, `BadToken` for tokens that are too large, `ProviderFailed`."""
        metadata = await self.metadata(provider.issuer)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        if secret is None:
            form["client_id"] = provider.client_id
        elif metadata.posts_secret:
            form |= {"client_id": provider.client_id, "client_secret": secret}
        else:
            pair = f"{quote(provider.client_id, safe='')}:{quote(secret, safe='')}"  # RFC 6749, 2.3.1
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        request = Request("POST", metadata.token_endpoint, headers, urlencode(form).encode(), MAX_ANSWER_BYTES, WITHIN_S)
        try:
            status, found = await self._ask(request)
        except ProviderFailed as failure:
            raise (BadToken(failure.reason) if failure.reason == tokens.TOO_LARGE else failure) from None
        if 400 <= status < 500:
            raise CodeRefused(f"token_endpoint_{word(found.get('error')) or status}")
        if status != 200 or not isinstance(found.get("id_token"), str):
            raise ProviderFailed("no_id_token" if status == 200 else f"status_{status}")
        access_token = found.get("access_token")
        return Answer(id_token=found["id_token"], access_token=access_token if isinstance(access_token, str) else None)

    async def userinfo(self, provider: Provider, *, access_token: str | None, subject: str) -> Mapping[str, Any]:
        """The claims of the userinfo endpoint. Raises `ProviderFailed`, also for those of somebody else (Core 1.0, 5.3.2)."""
        endpoint = (await self.metadata(provider.issuer)).userinfo_endpoint
        if endpoint is None or access_token is None or not access_token.isascii() or not access_token.isprintable():
            raise ProviderFailed("no_userinfo")
        headers = {"accept": "application/json", "authorization": f"Bearer {access_token}"}
        status, found = await self._ask(Request("GET", endpoint, headers, None, MAX_ANSWER_BYTES, WITHIN_S))
        if status != 200:
            raise ProviderFailed(f"userinfo_status_{status}")
        if found.get("sub") != subject:
            raise ProviderFailed("userinfo_of_another")
        return found

    async def _read_keys(self, known: _Known, issuer: str) -> None:
        metadata = await self._metadata(known, issuer)
        found = (await self._get(known, metadata.jwks_uri)).get("keys")
        if not isinstance(found, list):
            raise ProviderFailed("bad_keys")
        known.keys, known.keys_at_s = [key for key in found[:MAX_KEYS] if isinstance(key, dict)], self._clock.monotonic()

    def _of(self, issuer: str) -> _Known:
        known = self._known.setdefault(issuer, _Known())
        self._known.move_to_end(issuer)
        if len(self._known) > CACHED:
            self._known.popitem(last=False)
        return known

    async def _metadata(self, known: _Known, issuer: str) -> Metadata:
        now_s = self._clock.monotonic()
        if known.metadata is None or now_s - known.metadata_at_s >= KEPT_S:
            known.metadata, known.metadata_at_s = _metadata(await self._get(known, issuer.rstrip("/") + WELL_KNOWN), issuer), now_s
        return known.metadata

    async def _get(self, known: _Known, url: str) -> Mapping[str, Any]:
        if self._clock.monotonic() - known.failed_at_s < FAILED_S:
            raise ProviderFailed(known.failed)
        try:
            status, found = await self._ask(Request("GET", url, {"accept": "application/json"}, None, MAX_ANSWER_BYTES, WITHIN_S))
            if status != 200:
                raise ProviderFailed(f"status_{status}")
        except ProviderFailed as failure:
            known.failed, known.failed_at_s = failure.reason, self._clock.monotonic()
            raise
        return found

    async def _ask(self, request: Request) -> tuple[int, Mapping[str, Any]]:
        try:
            reply = await self._caller.call(request)
        except CallFailed as failure:
            raise ProviderFailed(failure.name) from None
        try:
            found = json.loads(reply.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            if 200 <= reply.status < 300:
                raise ProviderFailed("not_json")
            found = {}
        return reply.status, found


async def verified(providers: Providers, provider: Provider, answer: Answer, *, nonce: str, code: str, clock: Clock) -> Mapping[str, Any]:
    """The claims of the ID token. Raises `BadToken`, `ProviderFailed`."""
    keys = await providers.keys(provider.issuer, key_id=tokens.key_id(answer.id_token))
    expected = tokens.Expected(issuer=provider.issuer, client_id=provider.client_id, now=clock.now())
    return tokens.verify_id_token(answer.id_token, keys, expected, nonce=nonce, access_token=answer.access_token, code=code)


def check_response_issuer(given: str | None, provider: Provider, metadata: Metadata) -> None:
    """Raise `BadToken` when the answer came from another provider (mix-up, RFC 9207)."""
    if given is None and metadata.names_issuer:
        raise BadToken("no_issuer_in_response")
    if given is not None and given != provider.issuer:
        raise BadToken("response_of_another_issuer")


def _metadata(found: Mapping[str, Any], issuer: str) -> Metadata:
    if found.get("issuer") != issuer:
        raise ProviderFailed("issuer_mismatch")
    methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    is_list = isinstance(methods, list)
    return Metadata(
        authorization_endpoint=_url(found, "authorization_endpoint", issuer),
        token_endpoint=_url(found, "token_endpoint", issuer),
        jwks_uri=_url(found, "jwks_uri", issuer),
        names_issuer=found.get("authorization_response_iss_parameter_supported") is True,
        posts_secret=is_list and "client_secret_basic" not in methods and "client_secret_post" in methods,
        userinfo_endpoint=None if found.get("userinfo_endpoint") is None else _url(found, "userinfo_endpoint", issuer),
        end_session_endpoint=_usable_url(found, "end_session_endpoint", issuer),
    )


def _url(found: Mapping[str, Any], name: str, issuer: str) -> str:
    """An address that the provider names; not over plain HTTP unless the provider itself is."""
    given = found.get(name)
    allowed = ("https", "http") if issuer.startswith("http:") else ("https",)
    if not isinstance(given, str) or len(given) > 2000 or not given.isascii() or not _is_url(given, allowed):
        raise ProviderFailed(f"bad_{name}")
    return given


def _usable_url(found: Mapping[str, Any], name: str, issuer: str) -> str | None:
    """As `_url`; None for an address without which people can sign in, and which cannot be used."""
    try:
        return _url(found, name, issuer)
    except ProviderFailed:
        return None


def _is_url(text: str, schemes: Sequence[str]) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and not parts.fragment and parts.port != 0
    except ValueError:
        return False


def word(error: Any) -> str:
    """An error code of OAuth, such as `invalid_grant`; nothing else of a provider's answer goes to the log."""
    return error if isinstance(error, str) and error.isascii() and error.replace("_", "").isalnum() and len(error) <= 40 else ""
