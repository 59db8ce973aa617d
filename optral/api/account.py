"""Who the caller is, what the plan allows, what was done (audit), and the contract itself."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.access import service as access
from optral.access.model import AuditFilter, AuditRecord
from optral.api.clusters import NAME_PATTERN
from optral.api.http.contract_texts import ContractTexts
from optral.api.http.lists import PageQuery, TotalCapped, envelope, page_query, page_request
from optral.api.http.routing import ANY_KEY, Call, Routes, Shape, json_response, present
from optral.api.http.times import Moment
from optral.kit.paging import Place

Sort = Literal["at", "-at"]
Name = Annotated[str, Field(min_length=1, max_length=300, pattern=NAME_PATTERN)]


class OrganisationShape(Shape):
    id: str
    name: str
    plan: str


class ActorShape(Shape):
    kind: Literal["key", "person"]
    id: str
    role: str | None = None
    scopes: list[str]
    clusters: list[str] | None = Field(None, description="Ids of the clusters that the key can access; absent for all clusters")


class PersonShape(Shape):
    id: str
    email: str
    role: str


class Me(Shape):
    organisation: OrganisationShape
    actor: ActorShape
    member: PersonShape | None = Field(None, description="The member who is signed in, or who created the API key")


class Plan(Shape):
    plan: str
    requests_per_minute: int


class AuditShape(Shape):
    id: str
    at: datetime
    actor_kind: str
    actor_id: str
    action: str = Field(examples=["cluster.create"])
    target: str
    outcome: str = Field(examples=["success"])
    detail: dict[str, Any]


class AuditList(Shape):
    audit: list[AuditShape]
    total: int
    total_capped: TotalCapped | None = None
    page: int
    page_size: int
    next_cursor: str | None = None


async def get_me(call: Call) -> Response:
    """Get the authenticated caller"""
    me = await call.read(access.me)
    organisation, member, actor = me.organisation, me.member, call.actor
    shown = {
        "organisation": {"id": organisation.id, "name": organisation.name, "plan": organisation.plan},
        "actor": present(
            kind=actor.kind,
            id=actor.id,
            role=actor.role,
            scopes=sorted(actor.scopes),
            clusters=None if actor.clusters is None else sorted(actor.clusters),
        ),
        **({} if member is None else {"member": {"id": member.id, "email": member.email, "role": member.role}}),
    }
    return json_response(shown)


async def get_plan(call: Call) -> Response:
    """Get the plan and its limits"""
    plan = await call.read(access.plan)
    limit = call.services.limiter.plan_limit(plan) if call.actor.session_id else call.window_limit
    return json_response({"plan": plan, "requestsPerMinute": limit})


async def list_audit(
    call: Call,
    wanted: Annotated[PageQuery, Depends(page_query)],
    action: Annotated[list[Name] | None, Query(description="One or more values; matches any of them")] = None,
    target: Annotated[Name | None, Query(description="The id of the object that was acted on")] = None,
    since: Annotated[Moment | None, Query(description="Start of the time range, inclusive")] = None,
    until: Annotated[Moment | None, Query(description="End of the time range, exclusive")] = None,
    sort: Annotated[Sort, Query()] = "-at",
) -> Response:
    """List audit records"""
    order = ("-" if sort.startswith("-") else "") + "seq"
    page = page_request(call, wanted, order)
    fits = AuditFilter(actions=frozenset(action or ()), target=target, since=since, until=until)
    found, total = await call.read(lambda tx: (access.find_audit(tx, fits, page), access.count_audit(tx, fits)))
    return json_response(
        envelope(
            call, wanted, plural="audit", found=found, total=total, sort=order, place=lambda one: Place(one.seq, one.id), shape=_audit_shape
        )
    )


def _audit_shape(one: AuditRecord) -> dict[str, Any]:
    return present(
        id=one.id,
        at=one.at,
        actorKind=one.actor_kind,
        actorId=one.actor_id,
        action=one.action,
        target=one.target,
        outcome=one.outcome,
        detail=msgspec.json.decode(one.detail),
    )


def add(app: FastAPI) -> None:
    routes = Routes(app, "account")
    routes.add("GET", "/v1/me", get_me, scope=ANY_KEY, gives=Me)
    routes.add("GET", "/v1/plan", get_plan, scope=ANY_KEY, gives=Plan)
    routes.add("GET", "/v1/audit", list_audit, scope="audit:read", gives=AuditList)


def add_contract(app: FastAPI, texts: ContractTexts) -> None:
    """The contract at its two addresses."""
    routes = Routes(app, "contract")

    async def get_open_api_json(_call: Call) -> Response:
        """Get this OpenAPI document as JSON"""
        return Response(await texts.json(), media_type="application/json")

    async def get_open_api_yaml(_call: Call) -> Response:
        """Get this OpenAPI document as YAML"""
        return Response(await texts.yaml(), media_type="application/yaml")

    anything = {"schema": {"type": "object", "additionalProperties": True}}
    routes.add("GET", "/v1/openapi.json", get_open_api_json, scope=ANY_KEY, media={"application/json": anything})
    routes.add("GET", "/v1/openapi.yaml", get_open_api_yaml, scope=ANY_KEY, media={"application/yaml": anything})
