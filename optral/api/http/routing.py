"""How an endpoint is declared and called: its scope, its own parameters, its body read strictly, its answer prepared by hand.

An endpoint gets a `Call` and gives a `Response`; the models named in the declaration make the contract. An endpoint without a
declared scope does not build.
"""

import hashlib
import hmac
import inspect
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from optral.access.model import require
from optral.api.http import query, signature
from optral.api.http.decode import strict_json
from optral.api.http.limited_keys import WITHIN_CLUSTERS, WITHIN_NAMESPACES
from optral.api.http.problems import CONTEXT, Problem
from optral.flows.idempotency import Answer, IdempotencyKey, answer_once, perform, perform_after
from optral.kit.mappings import without_none
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import Actor, require_reach
from optral.terms.errors import Forbidden, NotFound, Stale

if TYPE_CHECKING:
    from optral.api.http.services import ApiServices
    from optral.flows.people.sign_in import Caller

T = TypeVar("T")
W = TypeVar("W")
Endpoint = Callable[..., Coroutine[Any, Any, Response]]
ANY_KEY = "any"
"""The scope of what every valid key may ask: about itself, its plan, the contract."""
PUBLIC = "public"
"""The scope of the few addresses for people who are not known yet: they sign in, or hold a link. `gate.PUBLIC` lists them."""
SESSION = "session"
"""The scope of what is about the caller's own session; a key has none."""
SCOPE_MARK = "x-required-scope"
REACH_MARK = "x-organisation-wide"
WHOLE_CLUSTERS_MARK = "x-whole-clusters"
LOCATION, CREATED = {"Location": 1}, {"Location": 1, "ETag": 1}
"""The headers of the answers that name an object, and of those that have created one."""
PURE_MARK = "x-pure"  # a POST that changes nothing and takes no Idempotency-Key; not in the published document
MAX_IDEMPOTENCY_KEY = 255
MAX_CACHED = 256
MAX_CACHED_BYTES = 512
_VISIBLE = re.compile(r"[!-~]+")
_TAG = re.compile(r'"v([0-9]{1,16})(?:-[0-9]{1,16}){0,2}(?:-stale[0-9]*)?"')


class Shape(BaseModel):
    """Base of the JSON shapes: camelCase outside, no unknown members in what is sent to us."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Input(Shape):
    """Base of request bodies."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=False, extra="forbid", strict=True)


class Call(Request):
    """One authenticated request."""

    query: QueryParams
    """The query parameters, read by the contract (query.py); the framework asks for them as `query_params`."""
    cache: "ArgumentCache | None" = None

    @property
    def query_params(self) -> QueryParams:
        return self.query

    @property
    def services(self) -> "ApiServices":
        return cast("ApiServices", self.scope[CONTEXT].services)

    @property
    def actor(self) -> Actor:
        actor = self.scope[CONTEXT].actor
        assert actor is not None
        return cast(Actor, actor)

    @property
    def actor_or_none(self) -> Actor | None:
        """The actor; None at addresses for people who are not known yet."""
        return cast("Actor | None", self.scope[CONTEXT].actor)

    @property
    def caller(self) -> "Caller":
        """Where the request comes from; for addresses that need no key."""
        return cast("Caller", self.scope[CONTEXT].caller)

    @property
    def request_id(self) -> str:
        return cast(str, self.scope[CONTEXT].request_id)

    @property
    def cut(self) -> Callable[[], None] | None:
        """Ends the connection at once, where the server has a way."""
        return cast("Callable[[], None] | None", self.scope[CONTEXT].cut)

    @property
    def window_limit(self) -> int:
        """Requests a minute this caller has."""
        return cast(int, self.scope[CONTEXT].window.limit)

    async def decode_body(self) -> None:
        """Decode the body now: an error raised while the framework asks for it would come out as one of the framework's own."""
        if raw := await self.body():
            self._decoded = strict_json(raw)

    async def json(self) -> Any:
        return self._decoded

    async def check_rights(self) -> None:
        """Raise `Forbidden("access_changed")` if the caller has lost a right since the request came: before an answer that took a while."""
        if not await self.services.authenticator.keeps_rights(self.actor):
            say = "your access changed before the answer was ready, so it is not shown and nothing was saved; repeat the request"
            raise Forbidden("access_changed", say=say)

    async def read(self, job: Callable[[Transaction], T]) -> T:
        return await self.services.store.read(self.actor, job)

    async def answer(self, render: Callable[[Transaction], Any]) -> Response:
        """Read, render and encode on the store's thread: for an answer that grows with the cluster and would hold up the event loop."""
        body = await self.read(lambda tx: as_json(render(tx)))
        return Response(body, media_type="application/json")

    async def change(self, job: Callable[[Transaction], T], render: Callable[[T], Answer]) -> Response:
        """Do a change and answer with what it rendered inside its own transaction; a repeated Idempotency-Key gets the first answer."""
        done = await perform(self.services.store, self.actor, job=job, render=render, idempotency=await self._idempotency())
        return Response(done.body, done.status, dict(done.headers))

    async def change_after(
        self, work: Callable[[], Awaitable[W]], job: Callable[[Transaction, W], T], render: Callable[[T], Answer]
    ) -> Response:
        """As `change`, for a job that needs the result of work outside the database, which a repeated Idempotency-Key does not repeat."""
        key = await self._idempotency()
        done = await perform_after(self.services.store, self.actor, work=work, job=job, render=render, idempotency=key)
        return Response(done.body, done.status, dict(done.headers))

    async def answer_once(self, work: Callable[[], Awaitable[Answer]]) -> Response:
        """Answer with the result of work that changes nothing, and costs: a repeated Idempotency-Key gets the first answer, as long as the
        caller's rights are the same."""
        key, who = await self._idempotency(), self.actor
        if key is not None:
            rights = hashlib.sha256(msgspec.json.encode((who.scopes, who.reach, who.grants), order="deterministic")).hexdigest()
            key = replace(key, route=f"{key.route} {rights}")
        done = await answer_once(self.services.store, who, work=work, idempotency=key)
        return Response(done.body, done.status, dict(done.headers))

    async def _idempotency(self) -> IdempotencyKey | None:
        given = self.headers.get("idempotency-key")
        if given is None or self.method != "POST":
            return None
        if len(given) > MAX_IDEMPOTENCY_KEY or not _VISIBLE.fullmatch(given):
            raise Problem(400, "bad_idempotency_key", say="Idempotency-Key must be 1 to 255 visible ASCII characters")
        return IdempotencyKey(
            key=given,
            method=self.method,
            route=self.scope["path"],
            body_digest=self._digest(await self.body()),
            secret=self.services.pepper,
        )

    def _digest(self, body: bytes) -> str:
        """What tells bodies apart. It is kept, so that of a body with a password must not let anybody guess at it."""
        has_password = isinstance(decoded := getattr(self, "_decoded", None), dict) and "password" in decoded
        if has_password:
            return hmac.digest(self.services.pepper, body, hashlib.sha256).hex()
        return hashlib.sha256(body).hexdigest()

    def expected_version(self) -> int | None:
        """The version in If-Match; None without one or for `*`. Raises `Stale` for what can be no version of ours."""
        given = self.headers.get("if-match")
        if given is None or given.strip() == "*":
            return None
        tag = _TAG.fullmatch(given.strip())
        if tag is None:
            raise Stale(say="the object has changed since the version in If-Match; get it again and repeat the change")
        return int(tag[1])

    @staticmethod
    def check_version(expected: int | None, present_version: int) -> None:
        """Raise `Stale` when If-Match named another version than the present one."""
        if expected is not None and expected != present_version:
            raise Stale(say="the object has changed since the version in If-Match; get it again and repeat the change")


class Route(APIRoute):
    """A route that checks the caller's scope, then the query names, and reads bodies strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        scope = (self.openapi_extra or {}).get(SCOPE_MARK)
        if not scope:
            raise RuntimeError(f"{self.path} declares no scope")
        is_organisation_wide = bool((self.openapi_extra or {}).get(REACH_MARK))
        is_within_namespaces = not (self.openapi_extra or {}).get(WHOLE_CLUSTERS_MARK)
        endpoint = cast(Endpoint, inspect.unwrap(self.endpoint))
        takes, cache = signature.read(endpoint), ArgumentCache()

        async def handler(request: Request) -> Response:
            call = Call(request.scope, request.receive)
            if call.actor_or_none is not None and call.actor.reach is not None:
                _narrow(call, scope, is_organisation_wide=is_organisation_wide, is_within_namespaces=is_within_namespaces)
            _check_scope(call, scope)
            raw = call.scope.get("query_string", b"")
            if (cached := cache.get(raw)) is not None:
                call.query, arguments = cached
                return await endpoint(call, **arguments)
            call.query, call.cache = query.read(raw, takes.query), cache
            if takes.has_body:
                await call.decode_body()
            return await handle(call)

        return handler


class ArgumentCache(dict[bytes, tuple[QueryParams, dict[str, Any]]]):
    """What the framework read out of a query string: clients repeat theirs, and reading it costs most of a request.

    Only valid queries are kept. It is bounded: the oldest entry goes first. Endpoints do not change their arguments.
    """

    def keep(self, raw: bytes, query_params: QueryParams, arguments: dict[str, Any]) -> None:
        if len(raw) > MAX_CACHED_BYTES:
            return
        if len(self) >= MAX_CACHED:
            del self[next(iter(self))]
        self[raw] = (query_params, arguments)


def _caching_arguments(endpoint: Endpoint) -> Endpoint:
    """The endpoint; if its arguments follow from the query string alone, the framework's call of it fills the route's cache."""
    takes = signature.read(endpoint)
    if not takes.is_query_only:
        return endpoint

    @wraps(endpoint)
    async def keep_arguments(**arguments: Any) -> Response:
        call: Call = arguments.pop(takes.request)
        if call.cache is not None:
            call.cache.keep(call.scope.get("query_string", b""), call.query, arguments)
        return await endpoint(call, **arguments)

    return keep_arguments


def _narrow(call: Call, scope: str, *, is_organisation_wide: bool, is_within_namespaces: bool) -> None:
    """Let a limited caller act only where it has the scope, and on whole clusters alone where the route concerns these.

    Raises `Forbidden`, whatever the request names, when nothing is left. A caller without any binding is refused for want of the scope.
    """
    if is_organisation_wide and call.actor.grants != ():
        require_reach(call.actor)
    if scope in (ANY_KEY, PUBLIC, SESSION) or scope not in call.actor.scopes:
        return
    narrowed = call.actor.using(scope)
    if is_organisation_wide:
        require_reach(narrowed)
    elif not is_within_namespaces:
        narrowed = narrowed.on_whole_clusters()
    call.scope[CONTEXT].actor = narrowed


def _check_scope(call: Call, scope: str) -> None:
    if scope == SESSION and not call.actor.session_id:
        raise Forbidden("session_required", say="this endpoint requires a sign-in session; an API key has none")
    if scope not in (ANY_KEY, PUBLIC, SESSION):
        require(call.actor, scope)


class Routes:
    """Declares endpoints of one resource on the app."""

    def __init__(self, app: FastAPI, tag: str) -> None:
        self._app, self._tag = app, tag

    def add(
        self,
        method: str,
        path: str,
        endpoint: Endpoint,
        *,
        scope: str,
        gives: Any = None,
        status: int = 200,
        errors: Sequence[int] = (),
        headers: Mapping[str, int] | None = None,
        example: Any = None,
        media: Mapping[str, Any] | None = None,
        hidden: bool = False,
        is_pure: bool = False,
    ) -> None:
        """`errors` are those beyond what every endpoint may answer; `headers` those of the success beyond the common ones.

        `is_pure`: a POST that changes nothing and takes no Idempotency-Key.
        """
        success: dict[str, Any] = {"description": "No content" if status == 204 else "Success"}
        if media is not None:
            success["content"] = dict(media)
        elif example is not None:
            success["content"] = {"application/json": {"example": example}}
        is_organisation_wide = scope not in (PUBLIC, SESSION) and f"{method} {path}" not in WITHIN_CLUSTERS
        is_of_whole_clusters = scope not in (PUBLIC, SESSION) and f"{method} {path}" not in WITHIN_NAMESPACES
        extra: dict[str, Any] = {SCOPE_MARK: scope, REACH_MARK: is_organisation_wide, PURE_MARK: is_pure}
        extra[WHOLE_CLUSTERS_MARK] = is_of_whole_clusters
        extra |= {"x-errors": sorted(errors), "x-headers": dict(headers or {})}
        self._app.router.add_api_route(
            path,
            _caching_arguments(endpoint),
            methods=[method],
            response_model=gives,
            status_code=status,
            responses={status: success},
            tags=[self._tag],
            operation_id=to_camel(endpoint.__name__),
            summary=(endpoint.__doc__ or "").strip().splitlines()[0].rstrip(".") if endpoint.__doc__ else None,
            openapi_extra=extra,
            include_in_schema=not hidden,
            route_class_override=Route,
            response_class=Response if gives is None else JSONResponse,
        )


def present(**members: Any) -> dict[str, Any]:
    """The members that have a value: what is not there is left out rather than null."""
    return without_none(members)


def as_json(value: Any) -> bytes:
    return msgspec.json.encode(value)


def json_response(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(as_json(value), status, dict(headers or {}), "application/json")


def json_answer(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer to be rendered inside an effect's transaction."""
    return Answer(status=status, headers={**(headers or {}), "content-type": "application/json"}, body=as_json(value))


def etag(version: int, freshness: Mapping[str, Any] | None = None, *, inner: int | str | None = None) -> str:
    """The tag of a version. An answer that is stale (`freshness.members`) has another tag than the same version while it was current.

    `inner` is the version of what the answer contains and `version` does not count: a number, or two with `-` between them.
    """
    tag = f"v{version}" if inner is None else f"v{version}-{inner}"
    if not freshness or not freshness["stale"]:
        return f'"{tag}"'
    since = freshness.get("staleSince")
    return f'"{tag}-stale{"" if since is None else int(since.timestamp())}"'


def single(
    call: Call, value: Callable[[], Any], version: int, freshness: Mapping[str, Any] | None = None, *, inner: int | str | None = None
) -> Response:
    """One object with its ETag; 304 without a body when the caller has this version, as fresh as it is now."""
    tag = etag(version, freshness, inner=inner)
    given = call.headers.get("if-none-match")
    if given is not None and (given.strip() == "*" or tag in {part.strip().removeprefix("W/") for part in given.split(",")}):
        return Response(status_code=304, headers={"ETag": tag})
    return json_response(value(), headers={"ETag": tag})


def check_id(text: str, prefix: str) -> str:
    """The id, if it is well formed. Raises `NotFound` otherwise, as for an unknown id."""
    if not ids.is_id(text, prefix):
        raise NotFound(say="no such object; check the id, and that your key has access to its cluster")
    return text
