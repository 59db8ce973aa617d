"""SCIM of an identity provider over HTTP: its token and its state, for owners. The protocol itself is `optral.api.people.scim`."""

from datetime import datetime
from typing import Any

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.access.policy import MAX_NETWORKS
from optral.api.http import cookies
from optral.api.http.gate import SCIM
from optral.api.http.routing import Call, Input, Routes, Shape, check_id, json_answer, json_response, present
from optral.api.people.identity import Text
from optral.flows.people import provisioning as flow
from optral.identity.scim import ScimToken
from optral.store.transaction import Transaction


class ScimShape(Shape):
    base_url: str = Field(
        description="Address that the identity provider calls (tenant URL)", examples=["https://optral.example.com/scim/v2"]
    )
    is_enabled: bool = Field(alias="enabled", description="Whether there is a token")
    token_hint: str | None = None
    networks: list[str] | None = Field(None, description="Networks (CIDR) that the token can be used from; absent for any")
    created_at: datetime | None = Field(None, description="When the token was created or rotated")
    old_token_until: datetime | None = Field(None, description="Until when the token before it works")
    last_used_at: datetime | None = Field(None, description="Last request of the provider, to the minute")
    users: int = Field(description="Users that the provider provisioned")
    active_users: int
    matched_users: int = Field(description="Users who are members here")
    groups: int
    unprovisioned_members: int = Field(
        description="Members who signed in with the provider and are none of its users; from their next sign-in they have no access"
    )


class CreatedScimToken(Shape):
    base_url: str
    token: str = Field(description="Shown only in this response", examples=["scim_…"])
    token_hint: str


class NewScimToken(Input):
    networks: list[Text] | None = Field(
        None, max_length=MAX_NETWORKS, description="Networks (CIDR) that it can be used from; absent for any", examples=[["192.0.2.0/24"]]
    )


def _base(call: Call) -> str:
    return cookies.base_url(call.scope, call.services.addresses.public_url) + SCIM


def _shape(call: Call, now: flow.Status) -> dict[str, Any]:
    counts, token = now.counts, now.token
    shown = {"baseUrl": _base(call), "enabled": token is not None, "users": counts.users, "activeUsers": counts.active}
    shown |= {"matchedUsers": counts.matched, "groups": counts.groups, "unprovisionedMembers": now.unprovisioned}
    if token is None:
        return shown
    return shown | present(
        tokenHint=token.hint,
        networks=None if token.networks is None else sorted(token.networks),
        createdAt=token.created_at,
        oldTokenUntil=token.old_until,
        lastUsedAt=token.last_used_at,
    )


async def get_scim(call: Call, provider_id: str) -> Response:
    """Get the state of SCIM provisioning, without its token"""
    check_id(provider_id, "idp")
    return json_response(_shape(call, await call.read(lambda tx: flow.status(tx, provider_id))))


async def create_scim_token(call: Call, provider_id: str, body: NewScimToken) -> Response:
    """Let an identity provider provision users and groups by SCIM

    The response contains the token, which is not shown again. Requires an owner whose password was entered within the last 15 minutes.
    """
    check_id(provider_id, "idp")

    def job(tx: Transaction) -> tuple[ScimToken, str]:
        return flow.create_token(tx, provider_id, networks=body.networks, pepper=call.services.pepper)

    return await call.change(job, lambda made: _shown_once(call, *made, status=201))


async def roll_scim_token(call: Call, provider_id: str) -> Response:
    """Rotate the SCIM token

    The old token is accepted for 24 hours more. Requires an owner whose password was entered within the last 15 minutes.
    """
    check_id(provider_id, "idp")
    return await call.change(
        lambda tx: flow.roll_token(tx, provider_id, pepper=call.services.pepper), lambda made: _shown_once(call, *made, status=200)
    )


def _shown_once(call: Call, one: ScimToken, text: str, *, status: int) -> Any:
    shown = {"baseUrl": _base(call), "token": text, "tokenHint": one.hint}
    return json_answer(shown, status=status, headers={"Cache-Control": "no-store"})


async def delete_scim(call: Call, provider_id: str) -> Response:
    """End SCIM provisioning

    Deletes the token and what was provisioned. Members stay as they are; rights follow from ID tokens again. Requires an owner whose
    password was entered within the last 15 minutes.
    """
    check_id(provider_id, "idp")

    def job(tx: Transaction) -> flow.Status:
        flow.remove(tx, provider_id)
        return flow.status(tx, provider_id)

    return await call.change(job, lambda now: json_answer(_shape(call, now)))


def add(app: FastAPI) -> None:
    routes = Routes(app, "identity-providers")
    path, scope = "/v1/identity-providers/{provider_id}/scim", "identity:write"
    routes.add("GET", path, get_scim, scope=scope, gives=ScimShape, errors=(404,))
    routes.add("POST", path, create_scim_token, scope=scope, gives=CreatedScimToken, status=201, errors=(404, 409))
    routes.add("POST", path + "/roll", roll_scim_token, scope=scope, gives=CreatedScimToken, errors=(404,))
    routes.add("DELETE", path, delete_scim, scope=scope, gives=ScimShape, errors=(404,))
