"""The outermost object: what holds for every request holds here, whatever happens further in.

It draws the request id, knows the caller, counts the request and puts the three limit headers on each answer of /v1 and /api/events,
also on those nobody planned. It reads bodies (counted, never trusting Content-Length), bounds addresses, gives handlers a deadline and
turns what nobody caught into one last 500. Health, documentation and bootstrap live outside the limits.
"""

import asyncio
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, unquote_to_bytes

import structlog
import uuid_utils
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from optral.access.model import Window
from optral.access.oauth import AUDIENCE
from optral.access.policy import AddressNotAllowed
from optral.access.service import audit
from optral.alerts import service as alerts
from optral.api.http import cookies
from optral.api.http.openapi import TICKET_PARAMETER
from optral.api.http.problems import CONTEXT, INTERNAL, REFUSAL, SCIM_MEDIA_TYPE, UNAUTHENTICATED, Problem, answer, answer_to, as_scim
from optral.api.http.services import ApiServices
from optral.flows.people.sign_in import Caller
from optral.kit.words import counted
from optral.store.transaction import Transaction
from optral.terms.actor import Actor, system
from optral.terms.errors import OptralError, TooMany, Unauthenticated, Unavailable
from optral.terms.ids import OrgId
from optral.triggers import service as triggers
from optral.webhooks import service as webhooks

_log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 1024 * 1024
MAX_DISCARDED_BYTES = 16 * MAX_BODY_BYTES
MAX_URL_BYTES = 8 * 1024
MAX_REFUSED_PATH = 200  # in the audit record of a refusal
BODY_DEADLINE_S = 30.0
STREAMS = frozenset({"/v1/events/stream", "/api/events"})
_SIGN_IN = ("session", "session/providers", "session/provider", "session/provider/callback")
_RESETS = ("password-resets", "password-resets/check", "password-resets/complete")
_STRANGERS = (*_SIGN_IN, *_RESETS, "setup", "setup/check", "invites/accept", "invites/check", "device/code")
PROVIDER_SIGN_IN = frozenset({"/v1/session/provider", "/v1/session/provider/callback"})
POLL = ("POST", "/v1/device/token")
PUBLIC = frozenset({POLL, *(("POST", f"/v1/{path}") for path in _STRANGERS)})
"""What strangers may ask, to stop being strangers; counted by their address, and polls and sign-ins through a provider apart."""
HOOKS = "/v1/hooks/"
ON_CALL_HOOKS = "/v1/hooks/on-call/"
ALERT_HOOKS = ("/v1/hooks/alertmanager/", "/v1/hooks/alerts/")
"""Signed requests of programs, which fire triggers: no key, and the signature is checked by the endpoint."""
ASSISTANTS = "/mcp"
"""Tools for assistants: API keys alone, and never from a page of another origin."""
SCIM = "/scim/v2"
"""Where identity providers provision users and groups, each with its own token."""
OAUTH = frozenset({"/oauth/register", "/oauth/token"})
"""Where programs register and fetch a token that a person has approved. Without cookies and without a key."""
RESOURCE_METADATA = "/.well-known/oauth-protected-resource/mcp"
_ASKS = frozenset({"password_required", "wrong_password"})
"""Refusals that ask for a password; a wrong one is recorded where it is compared."""
_READS = frozenset({"GET", "HEAD"})
_BODY_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_MEDIA = {"PATCH": frozenset({"application/json", "application/merge-patch+json"})}
_JSON = frozenset({"application/json"})
_SCIM_JSON = _JSON | {SCIM_MEDIA_TYPE}
LOGOUTS = HOOKS + "identity-providers/"
"""Where identity providers say that a session ended, as a form."""
_FORM = frozenset({"application/x-www-form-urlencoded"})  # RFC 6749, section 4.1.3
_KEY_IN_URL = re.compile(rb"mht_[0-9A-Za-z]{8,}")
_SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_CSP = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_HSTS = (b"strict-transport-security", b"max-age=31536000")


@dataclass(slots=True)
class Context:
    """What the gate knows of one request; further in it is found in the scope under `problems.CONTEXT`."""

    request_id: str
    services: ApiServices
    actor: Actor | None = None
    caller: Caller = field(default_factory=Caller)
    window: Window | None = None
    started: bool = False
    status: int = 0
    ended: bool = False
    deadline: asyncio.Timeout | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: Callable[[], None] | None = None
    is_left: bool = False
    refused: str = ""
    """The error code of a request that the caller may not make."""

    def leave(self) -> None:
        """The client of a request that only reads is gone: end the work, whose query in the database would go on for nobody."""
        if self.deadline is not None and self.deadline.when() is not None and not self.deadline.expired():
            self.is_left = True
            self.deadline.reschedule(0)


class Gate:
    """The ASGI application handed to the listener. `allowed(path)` gives the methods an address knows (empty: the address is unknown)."""

    def __init__(self, app: ASGIApp, services: ApiServices, allowed: Callable[[str], list[str]]) -> None:
        self._app, self._services, self._allowed = app, services, allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        context = Context(request_id=f"req_{uuid_utils.uuid7().hex}", services=self._services, cut=_cutter(send))
        scope[CONTEXT] = context
        if scope["method"] in _READS:
            _follow(send, context.leave)
        metered = REFUSAL in scope or is_metered(scope["path"])
        if scope["method"] == "HEAD" and scope["path"] not in STREAMS:
            # A copy: uvicorn reads the method of its own scope to know that no body follows.
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        out = self._stamped(scope, send, context, metered=metered)
        try:
            async with asyncio.timeout(None if scope["path"] in STREAMS else self._services.handler_deadline_s) as deadline:
                context.deadline = deadline
                try:
                    await self._serve(scope, receive, out, context, metered=metered)
                finally:
                    context.deadline = None
        except OptralError as error:
            await self._say(answer_to(error, request_id=context.request_id), scope, receive, out, context)
        except TimeoutError:
            if context.is_left:
                return
            if not deadline.expired():
                _log.exception("a wait inside ended without an answer", request_id=context.request_id)
            slow = Unavailable("deadline_exceeded", retry_after_s=1, say="the request timed out; try again with a narrower filter")
            await self._say(answer_to(slow, request_id=context.request_id), scope, receive, out, context)
        except Exception:  # noqa: BLE001 - the last resort: whatever it was, the caller gets an answer and the log the cause
            _log.exception("unexpected error", request_id=context.request_id, path=scope["path"])
            last = answer(status=500, code="internal", detail=INTERNAL, request_id=context.request_id)
            await self._say(last, scope, receive, out, context)
        if context.started and not context.ended and context.cut is not None:
            context.cut()  # the rest will not come: the client must see that, and not wait for it
        await self._note_refusal(scope, context)

    async def _note_refusal(self, scope: Scope, context: Context) -> None:
        """After the answer, whose time must not tell what there is."""
        is_recorded = scope["method"] in _BODY_METHODS or context.refused == AddressNotAllowed.default_code
        if is_recorded and context.refused and context.refused not in _ASKS:
            try:
                await self._record_refusal(scope, context)
            except OptralError as error:
                _log.warning("refusal not recorded", request_id=context.request_id, code=error.code, say=error.say)

    async def _record_refusal(self, scope: Scope, context: Context) -> None:
        """Record a refused write of a known caller, or a request without the secret of the trigger, webhook or receiver that it names."""
        path, services = str(scope["path"])[:MAX_REFUSED_PATH], self._services
        who, action, target = context.actor, "request.refuse", path
        if who is None and path.startswith(HOOKS):
            action, owner = _hook_of(path)
            target = path.removeprefix(HOOKS).rpartition("/")[2]
            org_id = await services.store.read(system(), lambda tx: owner(tx, target))
            who = None if org_id is None else replace(system(OrgId(org_id)), request_id=context.request_id, address=_address(scope))
        if who is None or who.org_id is None:
            return
        kind = (who.id, action, scope["method"], "/".join(path.split("/")[:3]) if context.actor else target, context.refused)
        if (count := services.refusals.take(who.org_id, kind, now=services.clock.now())) is not None:
            detail = {"method": scope["method"], "path": path, "code": context.refused, "count": count}
            await services.store.write(who, lambda tx: audit(tx, action=action, target=target, outcome="denied", detail=detail))

    async def _serve(self, scope: Scope, receive: Receive, send: Send, context: Context, *, metered: bool) -> None:
        if not metered:
            await self._app(scope, receive, send)
            return
        if (refusal := scope.get(REFUSAL)) is not None:
            context.window = await self._services.limiter.peek_ip(_address(scope))
            raise refusal
        await self._refuse_key_in_url(scope, context)
        if scope["method"] == "OPTIONS":
            await self._preflight(scope, send, context)
            return
        if (scope["method"], scope["path"]) in PUBLIC or _is_of_programs(scope):
            window = await self._let_stranger(scope, context)
        else:
            caller = await self._caller(scope, context)
            context.actor = replace(caller, request_id=context.request_id, address=_address(scope))
            hit = self._services.limiter.hit_scim if _is_scim(scope["path"]) else self._services.limiter.hit_actor
            context.window = window = await hit(caller)
        if not window.allowed:
            raise self._too_many(window)
        _bound_address(scope)
        await self._app(scope, await self._read_body(scope, receive, context), send)

    async def _read_body(self, scope: Scope, receive: Receive, context: Context) -> Receive:
        """The body has a deadline of its own; the handler's begins when the body is there."""
        deadline = context.deadline
        if deadline is None or deadline.when() is None:
            return await _read_body(scope, receive)
        deadline.reschedule(None)
        body = await _read_body(scope, receive)
        deadline.reschedule(asyncio.get_running_loop().time() + self._services.handler_deadline_s)
        return body

    async def _caller(self, scope: Scope, context: Context) -> Actor:
        """Who asks. A failure counts against the caller's address, and shows that count."""
        try:
            if scope["path"] in STREAMS and (ticket := _ticket(scope)) is not None:
                if (actor := await self._services.tickets.take(ticket)) is not None:
                    return actor
                raise Unauthenticated(say=UNAUTHENTICATED)
            given = _header(scope, b"authorization")
            if _is_scim(scope["path"]):
                return await self._services.scim_callers.authenticate(given, address=_address(scope))
            if scope["path"] == ASSISTANTS:
                cookies.check_origin(scope, public_url=self._services.addresses.public_url)
            elif given is None and (cookie := self._cookie(scope)) is not None:
                return await self._person(scope, cookie)
            audience = AUDIENCE if scope["path"] == ASSISTANTS else None
            return await self._services.authenticator.authenticate(given, audience=audience, address=_address(scope))
        except Unauthenticated as error:
            context.window = await self._services.limiter.hit_ip(_address(scope))
            if not context.window.allowed:
                raise self._too_many(context.window) from None
            raise Unauthenticated(say=error.say if _is_scim(scope["path"]) else UNAUTHENTICATED, log=error.log) from None
        except AddressNotAllowed as error:
            await self._count_elsewhere(scope, context, error)
            raise

    async def _count_elsewhere(self, scope: Scope, context: Context, refused: AddressNotAllowed) -> None:
        """A right key or session from a wrong network may be stolen: it counts as a wrong one does, and is on record."""
        context.refused = refused.code
        if refused.actor is not None:
            context.actor = replace(refused.actor, request_id=context.request_id, address=_address(scope))
        context.window = await self._services.limiter.hit_ip(_address(scope))
        if not context.window.allowed:
            raise self._too_many(context.window) from None

    async def _person(self, scope: Scope, cookie: str) -> Actor:
        """Who is signed in. A change must also come from our own page: a browser sends cookies by itself."""
        person = await self._services.authenticator.authenticate_session(cookie, address=_address(scope))
        if scope["method"] in _BODY_METHODS:
            cookies.check_same_origin(scope, public_url=self._services.addresses.public_url, is_strict=True)
            _check_media(scope)  # also of an empty body: a form has another type
        return person

    async def _let_stranger(self, scope: Scope, context: Context) -> Window:
        context.caller = Caller(
            address=_address(scope), device=_header(scope, b"user-agent") or "", request_id=context.request_id, cookie=self._cookie(scope)
        )
        limiter, address = self._services.limiter, _address(scope)
        if is_program := _is_of_programs(scope):
            hit = limiter.hit_alert_hook if scope["path"].startswith(ALERT_HOOKS) else limiter.hit_hook
        else:
            kinds = {POLL[1]: limiter.hit_poll, **dict.fromkeys(PROVIDER_SIGN_IN, limiter.hit_provider_sign_in)}
            hit = kinds.get(scope["path"], limiter.hit_stranger)
        context.window = window = await hit(address)
        if window.allowed and not is_program:  # no browser sends those of programs
            cookies.check_same_origin(scope, public_url=self._services.addresses.public_url, is_strict=False)
        return window

    def _cookie(self, scope: Scope) -> str | None:
        return cookies.read(scope, cookies.name_for(scope, insecure_http=self._services.insecure_http))

    async def _refuse_key_in_url(self, scope: Scope, context: Context) -> None:
        found = _KEY_IN_URL.search(unquote_to_bytes(scope.get("raw_path") or b"") + b"?" + unquote_to_bytes(scope["query_string"]))
        if found is None:
            return
        context.window = await self._services.limiter.hit_ip(_address(scope))
        try:
            exposed = await self._services.authenticator.authenticate("Bearer " + found.group().decode())
        except Unauthenticated:
            _log.warning("something like an API key stood in an address", request_id=context.request_id)
        else:
            await self._services.store.write(
                exposed, lambda tx: audit(tx, action="key.exposed", target=exposed.id, outcome="denied", detail={"where": "url"})
            )
        raise Problem(
            400,
            "key_in_url",
            say="the URL contains an API key, which may now be in logs: replace the key, and send it as Authorization: Bearer",
        )

    async def _preflight(self, scope: Scope, send: Send, context: Context) -> None:
        """OPTIONS needs no key and counts nothing. No other origin is let in, so there are no CORS headers."""
        context.window = await self._services.limiter.peek_ip(_address(scope))
        allowed = self._allowed(scope["path"])
        if not allowed:
            raise Problem(404, "not_found", say="unknown endpoint; /v1/openapi.json lists all endpoints")
        await send({"type": "http.response.start", "status": 204, "headers": [(b"allow", ", ".join([*allowed, "OPTIONS"]).encode())]})
        await send({"type": "http.response.body", "body": b""})

    def _too_many(self, window: Window) -> TooMany:
        wait_s = max(1.0, window.reset_unix_s - self._services.clock.now().timestamp())
        return TooMany(
            retry_after_s=wait_s,
            say=f"rate limit of {window.limit} requests per minute exceeded; retry in {counted(math.ceil(wait_s), 'second')}",
        )

    def _stamped(self, scope: Scope, send: Send, context: Context, *, metered: bool) -> Send:
        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                context.started, context.status = True, message["status"]
                message = {**message, "headers": self._headers(scope, message, context, metered=metered)}
            await send(message)
            context.ended = message["type"] == "http.response.body" and not message.get("more_body", False)

        return stamped

    def _headers(self, scope: Scope, message: Message, context: Context, *, metered: bool) -> list[tuple[bytes, bytes]]:
        headers = [pair for pair in message.get("headers", ()) if message["status"] != 405 or pair[0].lower() != b"allow"]
        if message["status"] == 405:
            headers.append((b"allow", ", ".join(self._allowed(scope["path"])).encode()))
        if message["status"] == 401 and scope["path"] == ASSISTANTS:
            headers = [pair for pair in headers if pair[0].lower() != b"www-authenticate"]
            metadata = f"{cookies.base_url(scope, self._services.addresses.public_url)}{RESOURCE_METADATA}"
            headers.append((b"www-authenticate", f'Bearer resource_metadata="{metadata}"'.encode()))
        headers.append((b"x-request-id", context.request_id.encode()))
        headers.extend(_SECURITY)
        names = {name.lower() for name, _ in headers}
        if _CSP[0] not in names:
            headers.append(_CSP)
        if scope.get("scheme") == "https":
            headers.append(_HSTS)
        if metered:
            headers.extend(self._limit_headers(context.window))
            if b"cache-control" not in names:
                headers.append((b"cache-control", b"no-store" if message["status"] >= 400 else b"private, no-cache"))
        return headers

    def _limit_headers(self, window: Window | None) -> list[tuple[bytes, bytes]]:
        if window is None:  # the count itself failed: say the least that is true
            window = Window(limit=0, remaining=0, reset_unix_s=math.ceil(self._services.clock.now().timestamp()) + 1, allowed=False)
        return [
            (b"x-ratelimit-limit", str(window.limit).encode()),
            (b"x-ratelimit-remaining", str(max(0, window.remaining)).encode()),
            (b"x-ratelimit-reset", str(window.reset_unix_s).encode()),
        ]

    async def _say(self, response: Response, scope: Scope, receive: Receive, send: Send, context: Context) -> None:
        if not context.started:
            response = as_scim(response) if _is_scim(scope["path"]) else response
            await response(scope, receive, send)


def _hook_of(path: str) -> tuple[str, Callable[[Transaction, str], str | None]]:
    """The action of a refused request of a program, and how to find the organization that it is for."""
    if path.startswith(ON_CALL_HOOKS):
        return "webhook.refuse", webhooks.organisation_of
    if path.startswith(ALERT_HOOKS):
        return "alert_receiver.refuse", alerts.organisation_of
    return "trigger.refuse", triggers.organisation_of


def is_metered(path: str) -> bool:
    """Whether this is an address of the API, whose answers have limits."""
    return path == "/v1" or path.startswith("/v1/") or path in ("/api/events", ASSISTANTS, *OAUTH) or _is_scim(path)


def _is_scim(path: str) -> bool:
    return path == SCIM or path.startswith(SCIM + "/")


def _is_of_programs(scope: Scope) -> bool:
    return scope["method"] == "POST" and (scope["path"].startswith(HOOKS) or scope["path"] in OAUTH)


def _header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


def _ticket(scope: Scope) -> str | None:
    if _header(scope, b"authorization") is not None:
        return None
    values = (
        parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=100).get(TICKET_PARAMETER)
        if len(scope["query_string"]) < MAX_URL_BYTES
        else None
    )
    return values[0] if values else None


def _address(scope: Scope) -> str:
    """The caller's network address."""
    return str((scope.get("client") or ("unknown", 0))[0])


def _bound_address(scope: Scope) -> None:
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_URL_BYTES:
        raise Problem(414, "url_too_long", say="the URL is longer than 8 KiB")
    if any(ord(character) < 32 or ord(character) == 127 or character == "\ufffd" for character in scope["path"]):
        raise Problem(404, "not_found", say="unknown endpoint; /v1/openapi.json lists all endpoints")


async def _read_body(scope: Scope, receive: Receive) -> Receive:
    """Read the whole body, at most 1 MiB of it, and hand it on as one message."""
    if scope["method"] not in _BODY_METHODS:
        return receive
    if _header(scope, b"content-encoding") not in (None, "identity"):
        raise Problem(415, "unsupported_encoding", say="Content-Encoding is not supported; send the body uncompressed")
    if (_header(scope, b"expect") or "").lower() == "100-continue" and _announced_bytes(scope) > MAX_BODY_BYTES:
        raise _too_large(closes=True)
    body = await _collect(receive)
    if body:
        _check_media(scope)
    replayed = False

    async def replay() -> Message:
        nonlocal replayed
        if replayed:
            return await receive()
        replayed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _announced_bytes(scope: Scope) -> int:
    given = _header(scope, b"content-length") or ""
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 20 else 0


async def _collect(receive: Receive) -> bytes:
    """The body. What is beyond the limit is read and dropped, within bounds: a client that still sends would not see the answer."""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_DEADLINE_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Problem(400, "body_incomplete", say="the request ended before the whole body arrived")
                size += len(message.get("body", b""))
                if size <= MAX_BODY_BYTES:
                    parts.append(message.get("body", b""))
                if size > MAX_DISCARDED_BYTES or not message.get("more_body", False):
                    break
    except TimeoutError:
        raise Problem(408, "body_too_slow", say="the body took longer than 30 seconds", headers={"Connection": "close"}) from None
    if size > MAX_BODY_BYTES:
        raise _too_large(closes=size > MAX_DISCARDED_BYTES)
    return b"".join(parts)


def _too_large(*, closes: bool) -> Problem:
    return Problem(413, "body_too_large", say="the body is larger than 1 MiB", headers={"Connection": "close"} if closes else {})


def _check_media(scope: Scope) -> None:
    given = (_header(scope, b"content-type") or "").partition(";")[0].strip().lower()
    is_form = scope["path"] == "/oauth/token" or scope["path"].startswith(LOGOUTS)
    taken = _FORM if is_form else _SCIM_JSON if _is_scim(scope["path"]) else _MEDIA.get(scope["method"], _JSON)
    if given not in taken:
        raise Problem(415, "unsupported_media_type", say=f"unsupported Content-Type; send {' or '.join(sorted(taken))}")


def _without_body(send: Send) -> Send:
    """For HEAD: the headers of GET, no body."""

    async def headers_only(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return headers_only


def _follow(send: Send, on_lost: Callable[[], None]) -> None:
    """Have `on_lost` called when the client goes before the answer has ended; never where the server has no way to tell."""
    cycle: Any = getattr(send, "__self__", None)
    if hasattr(cycle, "on_lost"):
        cycle.on_lost = on_lost


def _cutter(send: Send) -> Callable[[], None] | None:
    """How to end a connection whose peer reads nothing: a normal close would wait for it for ever. None where the server has no way."""
    cut: Callable[[], None] | None = getattr(getattr(send, "__self__", None), "cut", None)
    return cut
