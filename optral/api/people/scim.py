"""`/scim/v2`: SCIM 2.0 for identity providers (RFC 7644), in its own shapes and errors.

The gate knows the caller by its token: an identity provider, which reaches its own users and groups alone. `/Schemas` describes what is
kept. Not there, and answered with 501: bulk requests, `/Me`, and searches by POST.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, NamedTuple

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from optral.api.http import cookies
from optral.api.http.decode import strict_json
from optral.api.http.gate import SCIM
from optral.api.http.problems import CONTEXT, SCIM_MEDIA_TYPE, Problem, answer_to, as_scim
from optral.api.http.routing import as_json
from optral.api.http.services import ApiServices
from optral.api.people import scim_schemas
from optral.flows.people import provisioning as flow
from optral.identity import scim, scim_filter, scim_service as scims, service as identity
from optral.identity.model import Provider
from optral.identity.scim import Document, Kind, ScimGroup, ScimUser
from optral.identity.scim_filter import ScimInvalid
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound, OptralError, Refused, Stale

MAX_RESULTS = 200
_TYPES: Mapping[Kind, type[ScimUser] | type[ScimGroup]] = {Kind.USER: ScimUser, Kind.GROUP: ScimGroup}
_KINDS = {endpoint.strip("/").lower(): kind for kind, endpoint in scim_schemas.ENDPOINTS.items()}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_ALWAYS = ("schemas", "id", "meta")
Resource = ScimUser | ScimGroup


class _Ask(NamedTuple):
    """One request of a provider."""

    request: Request
    services: ApiServices
    base: str
    kind: Kind
    resource_id: str

    @property
    def provider_id(self) -> str:
        return str(self.request.scope[CONTEXT].actor.id)

    async def read(self, job: Callable[[Transaction], Any]) -> Any:
        return await self.services.store.read(self.request.scope[CONTEXT].actor, job)

    async def write(self, job: Callable[[Transaction], Any]) -> Any:
        return await self.services.store.write(self.request.scope[CONTEXT].actor, job)

    async def body(self) -> Any:
        return strict_json(await self.request.body())


def add_endpoints(app: FastAPI, services: ApiServices) -> None:
    async def endpoint(request: Request) -> Response:
        try:
            return await _answer(request, services)
        except OptralError as error:
            return as_scim(answer_to(error, request_id=request.scope[CONTEXT].request_id), _scim_type(error))

    app.router.add_route(SCIM + "/{path:path}", endpoint, methods=list(_METHODS), include_in_schema=False)


async def _answer(request: Request, services: ApiServices) -> Response:
    base = cookies.base_url(request.scope, services.addresses.public_url) + SCIM
    name, _, resource_id = request.path_params["path"].partition("/")
    if (described := _description(base, name, resource_id)) is not None:
        _check_method(request, "GET")
        return _response(described)
    if name.lower() in ("bulk", "me", ".search") or resource_id == ".search":
        raise Problem(501, "scim_not_supported", say=f"{name} is not supported; /ServiceProviderConfig lists what is")
    if (kind := _KINDS.get(name.lower())) is None or "/" in resource_id:
        raise NotFound(say=f"there is no {name[:50]}; /ResourceTypes lists what there is")
    ask = _Ask(request, services, base, kind, resource_id)
    handlers = _ON_ONE if resource_id else _ON_ALL
    _check_method(request, *handlers)
    return await handlers[request.method](ask)


def _description(base: str, name: str, wanted: str) -> dict[str, Any] | None:
    """A page of discovery. Raises `NotFound` for an unknown entry of one."""
    if name == "ServiceProviderConfig" and not wanted:
        return scim_schemas.features(base, MAX_RESULTS)
    if name not in ("ResourceTypes", "Schemas"):
        return None
    entries = scim_schemas.resource_types(base) if name == "ResourceTypes" else scim_schemas.schemas(base)
    if not wanted:
        return _listed(list(entries.values()), len(entries), 1)
    if wanted not in entries:
        raise NotFound(say=f"there is no {wanted[:100]} in /{name}")
    return entries[wanted]


async def _find(ask: _Ask) -> Response:
    given = ask.request.query_params
    start, size = max(1, _number(given.get("startIndex"), 1)), min(max(0, _number(given.get("count"), MAX_RESULTS)), MAX_RESULTS)
    wanted = None if not given.get("filter") else scim_filter.parse(given["filter"])
    shows = _shows(ask)
    of: Any = _TYPES[ask.kind]

    def job(tx: Transaction) -> dict[str, Any]:
        found, total = scims.find(tx, of, ask.provider_id, wanted=wanted, start=start - 1, size=size)
        return _listed([_shape(tx, ask, one, shows) for one in found], total, start)

    return _response(await ask.read(job))


async def _get(ask: _Ask) -> Response:
    def job(tx: Transaction) -> tuple[Resource, dict[str, Any]]:
        found = _one(tx, ask)
        return found, _shape(tx, ask, found, _shows(ask))

    found, shown = await ask.read(job)
    headers = {"ETag": _tag(found)}
    if _tag(found) in _tags(ask.request, "if-none-match"):
        return Response(status_code=304, headers=headers)
    return _response(shown, headers=headers)


async def _create(ask: _Ask) -> Response:
    document = scim.read(ask.kind, await ask.body())

    def job(tx: Transaction) -> tuple[Resource, dict[str, Any]]:
        create = flow.create_user if ask.kind is Kind.USER else flow.create_group
        made = create(tx, _provider(tx, ask), document)
        return made, _shape(tx, ask, made, _shows(ask))

    made, shown = await ask.write(job)
    return _response(shown, status=201, headers={"Location": shown["meta"]["location"], "ETag": _tag(made)})


async def _replace(ask: _Ask) -> Response:
    document = scim.read(ask.kind, await ask.body())
    return await _changed(ask, lambda _before: document)


async def _patch(ask: _Ask) -> Response:
    body = await ask.body()
    return await _changed(ask, lambda before: scim.patched(ask.kind, before, body))


async def _changed(ask: _Ask, change: Callable[[Document], Document]) -> Response:
    if_revision = _expected(ask.request)

    def job(tx: Transaction) -> tuple[Resource, dict[str, Any]]:
        flow.begin_change(tx)
        before, provider = _one(tx, ask), _provider(tx, ask)
        after: Resource
        if isinstance(before, ScimUser):
            document = {name: value for name, value in before.document.items() if name != "active"}  # only what the provider sends now
            after = flow.change_user(tx, provider, before, change(document), if_revision=if_revision)
        else:
            after = flow.change_group(tx, provider, before, change(scims.group_document(tx, before)), if_revision=if_revision)
        return after, _shape(tx, ask, after, _shows(ask))

    after, shown = await ask.write(job)
    return _response(shown, headers={"ETag": _tag(after)})


async def _delete(ask: _Ask) -> Response:
    if_revision = _expected(ask.request)

    def job(tx: Transaction) -> None:
        flow.begin_change(tx)
        gone = _one(tx, ask)
        if isinstance(gone, ScimUser):
            flow.delete_user(tx, gone, if_revision=if_revision)
        else:
            flow.delete_group(tx, _provider(tx, ask), gone, if_revision=if_revision)

    await ask.write(job)
    return Response(status_code=204)


_Handlers = Mapping[str, Callable[[_Ask], Awaitable[Response]]]
_ON_ALL: _Handlers = {"GET": _find, "POST": _create}
_ON_ONE: _Handlers = {"GET": _get, "PUT": _replace, "PATCH": _patch, "DELETE": _delete}


def _one(tx: Transaction, ask: _Ask) -> Resource:
    of: Any = _TYPES[ask.kind]
    found: Resource = scims.get(tx, of, ask.provider_id, ask.resource_id)
    return found


def _provider(tx: Transaction, ask: _Ask) -> Provider:
    return identity.get(tx, ask.provider_id)


def _shape(tx: Transaction, ask: _Ask, one: Resource, shows: Callable[[str], bool]) -> dict[str, Any]:
    location = f"{ask.base}{scim_schemas.ENDPOINTS[ask.kind]}/{one.id}"
    meta = {"resourceType": ask.kind.value, "created": one.created_at, "lastModified": one.updated_at}
    shown = {"schemas": [ask.kind.schema], "id": one.id, **one.document, "meta": meta | {"location": location, "version": _tag(one)}}
    if isinstance(one, ScimGroup) and shows("members"):
        users = f"{ask.base}{scim_schemas.ENDPOINTS[Kind.USER]}/"
        shown["members"] = [{"value": user, "type": "User", "$ref": users + user} for user in scims.members(tx, one.id)]
    return {name: value for name, value in shown.items() if name in _ALWAYS or shows(name)}


def _shows(ask: _Ask) -> Callable[[str], bool]:
    """Which attributes the caller wants, by `attributes` or `excludedAttributes`."""
    wanted, unwanted = (_names(ask, ask.request.query_params.get(name)) for name in ("attributes", "excludedAttributes"))
    return lambda name: name.lower() in wanted if wanted else name.lower() not in unwanted


def _names(ask: _Ask, given: str | None) -> Collection[str]:
    prefix = ask.kind.schema.lower() + ":"
    return {one.strip().lower().removeprefix(prefix).partition(".")[0] for one in (given or "").split(",") if one.strip()}


def _listed(found: list[dict[str, Any]], total: int, start: int) -> dict[str, Any]:
    return {"schemas": [_LIST], "totalResults": total, "startIndex": start, "itemsPerPage": len(found), "Resources": found}


def _response(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(as_json(value), status, dict(headers or {}), SCIM_MEDIA_TYPE)


def _tag(one: Resource) -> str:
    return f'W/"{one.revision}"'


def _tags(request: Request, header: str) -> list[str]:
    return [part.strip() for part in request.headers.get(header, "").split(",") if part.strip()]


def _expected(request: Request) -> int | None:
    """The version in If-Match. Raises `Stale` for what can be no version of ours."""
    tags = _tags(request, "if-match")
    if not tags or tags == ["*"]:
        return None
    number = tags[0].removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise Stale(say="the resource has changed since the version in If-Match; get it again and repeat the change")
    return int(number)


def _number(given: str | None, default: int) -> int:
    if given is None:
        return default
    if not (given.lstrip("-").isascii() and given.lstrip("-").isdecimal() and len(given) < 10):
        raise scim_filter.invalid("invalidValue", "startIndex and count must be whole numbers")
    return int(given)


def _check_method(request: Request, *allowed: str) -> None:
    if request.method not in allowed:
        say = f"{request.method} is not possible here; use {' or '.join(allowed)}"
        raise Problem(405, "method_not_allowed", say=say, headers={"Allow": ", ".join(allowed)})


def _scim_type(error: OptralError) -> str:
    """The word of RFC 7644, table 9."""
    if isinstance(error, ScimInvalid):
        return error.scim_type
    if error.code == "malformed_json":
        return "invalidSyntax"
    return "uniqueness" if isinstance(error, Refused) and error.code == "scim_not_unique" else ""
