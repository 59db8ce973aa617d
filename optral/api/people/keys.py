"""API keys over HTTP: made and rolled by people, shown once, revoked here. A key makes no key."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.access import service as access
from optral.access.model import KEY_SCOPES, ApiKey, KeyFilter, KeySettings, key_scopes
from optral.access.policy import MAX_NETWORKS
from optral.api.clusters.clusters import NAME_PATTERN, resolve_each
from optral.api.http.lists import PageQuery, list_of, list_response, page_query, page_request
from optral.api.http.query import LINE_PATTERN
from optral.api.http.routing import LOCATION, Call, Input, Routes, Shape, check_id, json_answer, json_response
from optral.api.http.shapes import renderer
from optral.api.http.times import Moment
from optral.flows.people import keys as flow
from optral.kit.paging import PageCursor
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound
from optral.terms.ids import ClusterId

if TYPE_CHECKING:
    Scope = str
else:
    Scope = Literal[tuple(sorted(KEY_SCOPES))]  # the contract lists them
Name = Annotated[str, Field(min_length=1, max_length=253, pattern=NAME_PATTERN)]
Sort = Literal["createdAt", "-createdAt", "name", "-name", "expiresAt", "-expiresAt"]
_ATTRIBUTES = {"createdAt": "created_at", "name": "name", "expiresAt": "expires_at"}


class KeyShape(Shape):
    id: str = Field(examples=["key_01jd3q4m6ve5jt8cmykq3rzm0a"])
    name: str
    prefix: str = Field(description="The start and end of the key, to recognize it")
    scopes: list[str]
    clusters: list[str] | None = Field(None, description="Ids of the clusters that the key can access; absent for all clusters")
    limit_per_minute: int | None = Field(None, description="Requests per minute, if lower than the plan's limit")
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    replaced_by: str | None = Field(None, description="Id of the key that replaced this one")
    networks: list[str] | None = Field(None, description="Networks (CIDR) that the key can be used from; absent for any")


KeyList = list_of("KeyList", "api_keys", KeyShape)


class CreatedKey(KeyShape):
    key: str = Field(description="The API key; shown only in this response", examples=["mht_…"])


class NewKey(Input):
    name: str = Field(min_length=1, max_length=100, pattern=LINE_PATTERN, examples=["ci"])
    scopes: list[Scope] | None = Field(
        None, min_length=1, max_length=50, description="Defaults to all scopes that your role allows for a key"
    )
    clusters: list[Name] | None = Field(None, min_length=1, max_length=50, description="Cluster ids or names; defaults to all clusters")
    expires_at: Moment | None = Field(None, description="Defaults to 90 days from now; at most one year")
    limit_per_minute: int | None = Field(None, ge=1, le=1_000_000, description="Requests per minute, if lower than the plan's limit")
    networks: list[Annotated[str, Field(min_length=1, max_length=50)]] | None = Field(
        None,
        min_length=1,
        max_length=MAX_NETWORKS,
        description="Networks (CIDR) that the key can be used from; defaults to any",
        examples=[["192.0.2.0/24"]],
    )


class Roll(Input):
    overlap_days: int = Field(0, ge=0, le=7, description="Days until the old key stops working; 0 revokes it immediately")


shape = renderer(KeyShape, ApiKey, prefix="hint")


async def list_api_keys(
    call: Call,
    wanted: Annotated[PageQuery, Depends(page_query)],
    with_revoked: Annotated[bool, Query(alias="withRevoked", description="Include revoked keys")] = False,
    sort: Annotated[Sort, Query()] = "-createdAt",
) -> Response:
    """List API keys"""
    fits = KeyFilter(with_revoked=with_revoked)
    attribute = _ATTRIBUTES[sort.lstrip("-")]
    page = page_request(call, wanted, sort)
    found, total = await call.read(lambda tx: (access.find_keys(tx, fits, page), access.count_keys(tx, fits)))
    return list_response(
        call, wanted, sort, found, total, plural="apiKeys", place=lambda one: PageCursor(getattr(one, attribute), one.id), shape=shape
    )


async def create_api_key(call: Call, body: NewKey) -> Response:
    """Create an API key

    Requires a sign-in session and a password entered within the last 15 minutes; API keys cannot create keys. The response contains the
    key, which is not shown again. The key acts for the member who creates it, with at most that member's rights, and ends with their
    membership.
    """
    scopes = call.actor.scopes & key_scopes(is_limited=body.clusters is not None) if body.scopes is None else frozenset(body.scopes)

    def job(tx: Transaction) -> tuple[ApiKey, str]:
        clusters = None if body.clusters is None else frozenset(map(ClusterId, resolve_each(tx, body.clusters, field="clusters")))
        wanted = KeySettings(
            name=body.name,
            scopes=scopes,
            clusters=clusters,
            expires_at=body.expires_at,
            limit_per_minute=body.limit_per_minute,
            networks=None if body.networks is None else frozenset(body.networks),
        )
        return flow.create(tx, wanted, pepper=call.services.pepper)

    return await call.change(job, _created)


async def roll_api_key(call: Call, key_id: str, body: Roll) -> Response:
    """Rotate an API key

    Creates a key with the same name, scopes, clusters and lifetime; the old key keeps working for the overlap. The requirements are the
    same as for creating a key.
    """
    check_id(key_id, "key")
    overlap = timedelta(days=body.overlap_days)
    return await call.change(lambda tx: flow.roll(tx, key_id, pepper=call.services.pepper, overlap=overlap), _created)


def _created(created: tuple[ApiKey, str]) -> Any:
    """The answer with the new key's secret, which no other answer contains."""
    key, secret = created
    headers = {"Location": f"/v1/api-keys/{key.id}", "Cache-Control": "no-store"}
    return json_answer({**shape(key), "key": secret}, status=201, headers=headers)


async def get_api_key(call: Call, key_id: str) -> Response:
    """Get an API key, without its secret

    Revoked keys return 404; list them with `withRevoked=true`.
    """
    check_id(key_id, "key")
    key = await call.read(lambda tx: access.get_key(tx, key_id))
    if key.revoked_at is not None:
        raise NotFound(say=f"the API key {key_id} was revoked; list keys with withRevoked=true to see it")
    return json_response(shape(key))


async def revoke_api_key(call: Call, key_id: str) -> Response:
    """Revoke an API key

    Requests with the key fail within one second; its open streams end within five.
    """
    check_id(key_id, "key")
    return await call.change(lambda tx: flow.revoke(tx, key_id), lambda revoked: json_answer(shape(revoked)))


def add(app: FastAPI) -> None:
    routes = Routes(app, "api-keys")
    one = "/v1/api-keys/{key_id}"
    routes.add("GET", "/v1/api-keys", list_api_keys, scope="keys:read", gives=KeyList)
    routes.add("POST", "/v1/api-keys", create_api_key, scope="keys:write", gives=CreatedKey, status=201, headers=LOCATION)
    routes.add("POST", f"{one}/roll", roll_api_key, scope="keys:write", gives=CreatedKey, status=201, errors=(404, 409), headers=LOCATION)
    routes.add("GET", one, get_api_key, scope="keys:read", gives=KeyShape, errors=(404,))
    routes.add("DELETE", one, revoke_api_key, scope="keys:write", gives=KeyShape, errors=(404,))
