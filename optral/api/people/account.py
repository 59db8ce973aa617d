"""Who the caller is, what the plan allows, and the contract itself."""

from typing import Any, Literal

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.access import service as access
from optral.access.model import Me
from optral.api.http.contract_texts import ContractTexts
from optral.api.http.routing import ANY_KEY, Call, Routes, Shape, json_response, present
from optral.api.people.bindings import PlaceShape, places
from optral.store.transaction import Transaction


class OrganisationShape(Shape):
    id: str
    name: str
    plan: str


class ActorShape(Shape):
    kind: Literal["key", "person"]
    id: str
    role: str | None = None
    scopes: list[str]
    clusters: list[str] | None = Field(None, description="Ids of the clusters that the caller can access; absent for all clusters")
    places: list[PlaceShape] | None = Field(
        None, description="What a limited member, or its key, may do where; empty when no binding is in force, absent without a limit"
    )


class AccountShape(Shape):
    id: str
    email: str
    role: str


class MeShape(Shape):
    organisation: OrganisationShape
    actor: ActorShape
    member: AccountShape | None = Field(None, description="The member who is signed in, or who created the API key")


class Plan(Shape):
    plan: str
    requests_per_minute: int


async def get_me(call: Call) -> Response:
    """Get the authenticated caller"""
    grants = call.actor.grants

    def read(tx: Transaction) -> tuple[Me, list[dict[str, Any]] | None]:
        return access.me(tx), None if grants is None else places(tx, grants)

    me, limits = await call.read(read)
    organisation, member, actor = me.organisation, me.member, call.actor
    shown = {
        "organisation": {"id": organisation.id, "name": organisation.name, "plan": organisation.plan},
        "actor": present(
            kind=actor.kind,
            id=actor.id,
            role=actor.role,
            scopes=sorted(actor.scopes),
            clusters=None if actor.clusters is None else sorted(actor.clusters),
            places=limits,
        ),
        **({} if member is None else {"member": {"id": member.id, "email": member.email, "role": member.role}}),
    }
    return json_response(shown)


async def get_plan(call: Call) -> Response:
    """Get the plan and its limits"""
    plan = await call.read(access.plan)
    limit = call.services.limiter.plan_limit(plan) if call.actor.session_id else call.window_limit
    return json_response({"plan": plan, "requestsPerMinute": limit})


def add(app: FastAPI) -> None:
    routes = Routes(app, "account")
    routes.add("GET", "/v1/me", get_me, scope=ANY_KEY, gives=MeShape)
    routes.add("GET", "/v1/plan", get_plan, scope=ANY_KEY, gives=Plan)


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
