"""Fleet tokens over HTTP, and the decision about agents that wait for approval."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.api.clusters import LabelValue
from optral.api.connection import ConnectionAttempt, attempt_shape
from optral.api.http.query import LINE_PATTERN
from optral.api.http.routing import Call, Input, Routes, Shape, check_id, json_answer, json_response, present
from optral.clusters import connection_service as attempts, fleet_service as fleets, service as clusters
from optral.clusters.fleet import MAX_SOURCES, MAX_TTL, MAX_USES, NAME_FORM, FleetToken, TokenStatus
from optral.clusters.model import Cluster
from optral.flows.clusters import fleet as flow
from optral.flows.idempotency import Answer
from optral.kit.paging import DEFAULT_SIZE, MAX_SIZE
from optral.store.transaction import Transaction

DAY_S = 24 * 3600


class FleetTokenShape(Shape):
    id: str = Field(examples=["flt_01jd3q4m6ve5jt8cmykq3rzm0a"])
    name: str
    status: TokenStatus
    name_pattern: str
    labels: dict[str, str]
    max_uses: int
    uses: int
    sources: list[str] = Field(description="Networks in CIDR notation from which the token can be used; empty for any")
    needs_approval: bool
    created_by: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class FleetTokenDetail(FleetTokenShape):
    attempts: list[ConnectionAttempt] = Field(description="Refused uses that the server saw, newest first")


class CreatedFleetToken(FleetTokenShape):
    token: str = Field(description="Shown only in this response")
    ca_pin: str


class FleetTokenList(Shape):
    fleet_tokens: list[FleetTokenShape]
    total: int
    page: int
    page_size: int


class WaitingAgent(Shape):
    """An agent that waits for approval. Approving it lets the holder of this key enroll, and nobody else"""

    cluster_id: str
    cluster_name: str
    fleet_token_id: str
    kube_system_uid: str
    address: str
    key_fingerprint: str = Field(description="SHA-256 of the agent's public key")
    since: datetime


class WaitingAgents(Shape):
    waiting: list[WaitingAgent]


class NewFleetToken(Input):
    name: str = Field(min_length=1, max_length=63, pattern=LINE_PATTERN, examples=["edge sites"])
    name_pattern: str = Field(
        "{name}",
        max_length=80,
        pattern=f"^{NAME_FORM}$",
        description="Name of each cluster: {name} is the name that its agent proposes, {number} counts the uses, {uid} is the start of the"
        " uid of its kube-system namespace",
    )
    labels: dict[str, LabelValue] = Field(default_factory=dict, max_length=32)
    max_uses: int = Field(ge=1, le=MAX_USES)
    expires_in_seconds: int = Field(DAY_S, ge=60, le=int(MAX_TTL.total_seconds()))
    sources: list[Annotated[str, Field(max_length=64)]] = Field(default_factory=list, max_length=MAX_SOURCES)
    needs_approval: bool = False


def _shape(token: FleetToken, now: datetime) -> dict[str, Any]:
    return present(
        id=token.id,
        name=token.name,
        status=token.status(now),
        namePattern=token.name_pattern,
        labels=dict(token.labels),
        maxUses=token.max_uses,
        uses=token.uses,
        sources=list(token.sources),
        needsApproval=token.needs_approval,
        createdBy=token.created_by,
        createdAt=token.created_at,
        expiresAt=token.expires_at,
        lastUsedAt=token.last_used_at,
        revokedAt=token.revoked_at,
    )


async def list_fleet_tokens(
    call: Call,
    page: Annotated[int, Query(ge=1, le=100, description="Page number, starting at 1")] = 1,
    page_size: Annotated[int, Query(alias="pageSize", ge=1, le=MAX_SIZE, description="Items per page")] = DEFAULT_SIZE,
) -> Response:
    """List fleet tokens

    Newest first. Tokens that ended more than 90 days ago are forgotten.
    """

    def look(tx: Transaction) -> dict[str, Any]:
        found = fleets.find(tx, size=page_size, offset=(page - 1) * page_size)
        shown = [_shape(one, tx.now) for one in found]
        return {"fleetTokens": shown, "total": fleets.count(tx), "page": page, "pageSize": page_size}

    return json_response(await call.read(look))


async def create_fleet_token(call: Call, body: NewFleetToken) -> Response:
    """Create a fleet token

    Enrolls up to `maxUses` clusters. Each use creates a cluster with an identity of its own.
    """

    def job(tx: Transaction) -> dict[str, Any]:
        token, secret = flow.create(
            tx,
            name=body.name,
            name_pattern=body.name_pattern,
            max_uses=body.max_uses,
            ttl_s=body.expires_in_seconds,
            labels=body.labels,
            sources=body.sources,
            needs_approval=body.needs_approval,
        )
        return {**_shape(token, tx.now), "token": secret, "caPin": call.services.addresses.ca_pin}

    def render(shown: dict[str, Any]) -> Answer:
        headers = {"Location": f"/v1/fleet-tokens/{shown['id']}", "Cache-Control": "no-store"}
        return json_answer(shown, status=201, headers=headers)

    return await call.change(job, render)


async def get_fleet_token(call: Call, token_id: str) -> Response:
    """Get a fleet token with the refused uses that the server saw"""
    check_id(token_id, "flt")

    def look(tx: Transaction) -> dict[str, Any]:
        token = fleets.get(tx, token_id)
        seen = sorted(attempts.attempts(tx, token_id), key=lambda one: one.last_at, reverse=True)
        return {**_shape(token, tx.now), "attempts": [attempt_shape(one) for one in seen if one.code.is_refusal]}

    return json_response(await call.read(look))


async def revoke_fleet_token(call: Call, token_id: str) -> Response:
    """Revoke a fleet token

    Clusters that it enrolled stay connected. Revoking again changes nothing.
    """
    check_id(token_id, "flt")
    return await call.change(lambda tx: _shape(flow.revoke(tx, token_id), tx.now), json_answer)


async def list_waiting_agents(call: Call) -> Response:
    """List agents that wait for approval"""

    def look(tx: Transaction) -> dict[str, Any]:
        found = fleets.waiting(tx)
        names = clusters.names(tx, [one.cluster_id for one in found])
        shown = [
            {
                "clusterId": one.cluster_id,
                "clusterName": names.get(one.cluster_id, one.cluster_id),
                "fleetTokenId": one.token_id,
                "kubeSystemUid": one.kube_system_uid,
                "address": one.address,
                "keyFingerprint": one.used_key,
                "since": one.used_at,
            }
            for one in found
        ]
        return {"waiting": shown}

    return json_response(await call.read(look))


async def approve_cluster(call: Call, cluster_id: str) -> Response:
    """Approve the agent that waits under a cluster

    The agent enrolls within a minute. The approval is for the key that the agent showed.
    """
    check_id(cluster_id, "cls")
    return await call.change(lambda tx: _decided(flow.approve(tx, cluster_id)), json_answer)


async def reject_cluster(call: Call, cluster_id: str) -> Response:
    """Reject the agent that waits under a cluster, and delete the cluster"""
    check_id(cluster_id, "cls")
    return await call.change(lambda tx: _decided(flow.reject(tx, cluster_id)), json_answer)


class DecidedCluster(Shape):
    id: str
    name: str


def _decided(cluster: Cluster) -> dict[str, Any]:
    return {"id": cluster.id, "name": cluster.name}


def add(app: FastAPI) -> None:
    routes, one = Routes(app, "clusters"), "/v1/fleet-tokens/{token_id}"
    routes.add("GET", "/v1/fleet-tokens", list_fleet_tokens, scope="clusters:write", gives=FleetTokenList)
    routes.add(
        "POST",
        "/v1/fleet-tokens",
        create_fleet_token,
        scope="clusters:write",
        gives=CreatedFleetToken,
        status=201,
        errors=(409,),
        headers={"Location": 1},
    )
    routes.add("GET", "/v1/fleet-tokens/waiting", list_waiting_agents, scope="clusters:write", gives=WaitingAgents)
    routes.add("GET", one, get_fleet_token, scope="clusters:write", gives=FleetTokenDetail, errors=(404,))
    routes.add("DELETE", one, revoke_fleet_token, scope="clusters:write", gives=FleetTokenShape, errors=(404,))
    path = "/v1/clusters/{cluster_id}"
    routes.add("POST", path + "/approve", approve_cluster, scope="clusters:write", gives=DecidedCluster, errors=(404, 409))
    routes.add("POST", path + "/reject", reject_cluster, scope="clusters:write", gives=DecidedCluster, errors=(404, 409))
