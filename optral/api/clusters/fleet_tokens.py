"""Fleet tokens over HTTP, and the decision about agents that wait for approval."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.clusters.clusters import InstallWarning, LabelValue
from optral.api.clusters.connection import ConnectionAttempt, attempt_shape
from optral.api.http.lists import PageQuery, list_of, list_response, page_query, page_request, whole
from optral.api.http.query import LINE_PATTERN
from optral.api.http.routing import LOCATION, Call, Input, Routes, Shape, check_id, json_answer, json_response
from optral.api.http.shapes import renderer_in
from optral.clusters import connection_service as attempts, fleet_service as fleets, service as clusters
from optral.clusters.fleet import (
    MAX_SHOWN,
    MAX_SOURCES,
    MAX_TTL,
    MAX_USES,
    NAME_FORM,
    EnrollmentState,
    FleetEnrollment,
    FleetToken,
    FleetTokenSettings,
    TokenStatus,
)
from optral.clusters.model import Cluster, ClusterFilter
from optral.flows.clusters import fleet as flow
from optral.flows.idempotency import Answer
from optral.kit.paging import PageCursor, PageRequest
from optral.kit.records import build
from optral.store.transaction import Transaction
from optral.terms.errors import Refused

DAY_S = 24 * 3600
NEWEST_FIRST = "-created_at"


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


class FleetUse(Shape):
    """One use of a fleet token, which created a cluster"""

    cluster_id: str
    cluster_name: str
    state: EnrollmentState = Field(
        description="`waiting` for approval, `approved` and not enrolled yet, `issued`: it has a certificate, or `rejected`, with its"
        " cluster deleted"
    )
    kube_system_uid: str
    address: str
    used_at: datetime
    decided_by: str | None = Field(None, description="Who approved or rejected the agent")
    decided_at: datetime | None = None


class FleetTokenDetail(FleetTokenShape):
    enrollments: list[FleetUse] = Field(description=f"The newest {MAX_SHOWN} uses, newest first")
    attempts: list[ConnectionAttempt] = Field(description="Refused uses that the server saw, newest first")


class FleetInstall(Shape):
    """How each cluster of the fleet is installed"""

    command: str = Field(description="Helm command with the token. A name pattern with {name} takes the name from $CLUSTER_NAME")
    values: str = Field(description="Values of the chart as YAML, for Terraform and others; the token is in the Secret that they name")
    application_set: str = Field(description="ApplicationSet of Argo CD for all its clusters, as YAML, without the token")
    warnings: list[InstallWarning] = Field(description="Addresses that only some clusters reach, with the setting to change")


class CreatedFleetToken(FleetTokenShape):
    token: str = Field(description="Shown only in this response")
    ca_pin: str
    install: FleetInstall | None = Field(None, description="Absent if pods cannot reach this server or no image is set")
    install_problem: str | None = Field(None, description="Why `install` is absent, with the setting to change")


FleetTokenList = list_of("FleetTokenList", "fleet_tokens", FleetTokenShape)


class WaitingAgent(Shape):
    """An agent waiting for approval. Approving it lets the holder of this key enroll, and nobody else"""

    cluster_id: str
    cluster_name: str
    fleet_token_id: str
    kube_system_uid: str
    address: str
    key_fingerprint: str = Field(description="SHA-256 of the agent's public key")
    since: datetime
    version: int = Field(
        description='Version of the cluster. Sent as `If-Match: "v3"`, a decision is refused with 412 if an agent with another key waits'
        " by now"
    )


WaitingAgents = list_of("WaitingAgents", "waiting", WaitingAgent, paged=False)


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


_shape = renderer_in(FleetTokenShape, FleetToken, datetime, status=lambda one, now: one.status(now))
_use_shape = renderer_in(
    FleetUse,
    FleetEnrollment,
    dict,
    cluster_name=lambda one, names: names.get(one.cluster_id, one.cluster_id),
    decided_by=lambda one, _: _if_decided(one, one.decided_by),
    decided_at=lambda one, _: _if_decided(one, one.decided_at),
)


def _if_decided(use: FleetEnrollment, value: Any) -> Any:
    return None if use.state is EnrollmentState.WAITING else value


def _install(call: Call, token: FleetToken, secret: str) -> dict[str, Any]:
    try:
        found = flow.installation(call.services.addresses, token, secret)
    except Refused as refusal:
        return {"installProblem": refusal.say}
    warnings = [{"code": code, "message": message} for code, message in found.warnings]
    shown = {"command": found.command, "values": found.values, "applicationSet": found.application_set, "warnings": warnings}
    return {"install": shown}


async def list_fleet_tokens(call: Call, wanted: Annotated[PageQuery, Depends(page_query)]) -> Response:
    """List fleet tokens

    Newest first. Tokens that ended more than 90 days ago are forgotten.
    """
    page = page_request(call, wanted, NEWEST_FIRST)
    found, total, now = await call.read(lambda tx: (fleets.find(tx, page), fleets.count(tx), tx.now))
    return list_response(
        call,
        wanted,
        NEWEST_FIRST,
        found,
        total,
        plural="fleetTokens",
        place=lambda one: PageCursor(one.created_at, one.id),
        shape=lambda one: _shape(one, now),
    )


async def create_fleet_token(call: Call, body: NewFleetToken) -> Response:
    """Create a fleet token

    Enrolls up to `maxUses` clusters. Each use creates a cluster with an identity of its own.
    """
    given = build(FleetTokenSettings, body.model_dump(exclude={"expires_in_seconds"}))

    def job(tx: Transaction) -> dict[str, Any]:
        token, secret = flow.create(tx, given, ttl_s=body.expires_in_seconds)
        shown = {"token": secret, "caPin": call.services.addresses.ca_pin}
        return {**_shape(token, tx.now), **shown, **_install(call, token, secret)}

    def render(shown: dict[str, Any]) -> Answer:
        headers = {"Location": f"/v1/fleet-tokens/{shown['id']}", "Cache-Control": "no-store"}
        return json_answer(shown, status=201, headers=headers)

    return await call.change(job, render)


async def get_fleet_token(call: Call, token_id: str) -> Response:
    """Get a fleet token with its newest uses, and the refused ones that the server saw"""
    check_id(token_id, "flt")

    def look(tx: Transaction) -> dict[str, Any]:
        token = fleets.get(tx, token_id)
        seen = sorted(attempts.attempts(tx, token_id), key=lambda one: one.last_at, reverse=True)
        uses = fleets.uses_of(tx, token_id)
        names = clusters.names(tx, [use.cluster_id for use in uses])
        return {
            **_shape(token, tx.now),
            "enrollments": [_use_shape(use, names) for use in uses],
            "attempts": [attempt_shape(one) for one in seen if one.code.is_refusal],
        }

    return json_response(await call.read(look))


async def revoke_fleet_token(call: Call, token_id: str) -> Response:
    """Revoke a fleet token

    Clusters that it enrolled stay connected. Revoking again changes nothing.
    """
    check_id(token_id, "flt")
    return await call.change(lambda tx: _shape(flow.revoke(tx, token_id), tx.now), json_answer)


async def list_waiting_agents(call: Call) -> Response:
    """List agents waiting for approval"""

    def look(tx: Transaction) -> dict[str, Any]:
        found = fleets.waiting(tx)
        fits = ClusterFilter(ids=frozenset(one.cluster_id for one in found))
        known = {one.id: one for one in clusters.find(tx, fits, PageRequest(size=max(1, len(found))))}
        shown = [
            {
                "clusterId": one.cluster_id,
                "clusterName": known[one.cluster_id].name,
                "fleetTokenId": one.token_id,
                "kubeSystemUid": one.kube_system_uid,
                "address": one.address,
                "keyFingerprint": one.used_key,
                "since": one.used_at,
                "version": known[one.cluster_id].version,
            }
            for one in found
            if one.cluster_id in known
        ]
        return whole("waiting", shown)

    return json_response(await call.read(look))


async def approve_cluster(call: Call, cluster_id: str) -> Response:
    """Approve the agent that waits under a cluster

    The agent enrolls within a minute. The approval is for the key that the agent showed: with `If-Match`, it is refused if an agent with
    another key waits by now.
    """
    check_id(cluster_id, "cls")
    return await call.change(lambda tx: _decided(flow.approve(tx, cluster_id, if_version=call.expected_version())), json_answer)


async def reject_cluster(call: Call, cluster_id: str) -> Response:
    """Reject the agent that waits under a cluster, and delete the cluster"""
    check_id(cluster_id, "cls")
    return await call.change(lambda tx: _decided(flow.reject(tx, cluster_id, if_version=call.expected_version())), json_answer)


class DecidedCluster(Shape):
    id: str
    name: str


def _decided(cluster: Cluster) -> dict[str, Any]:
    return {"id": cluster.id, "name": cluster.name}


def add(app: FastAPI) -> None:
    routes, write = Routes(app, "clusters"), "clusters:write"
    one = "/v1/fleet-tokens/{token_id}"
    routes.add("GET", "/v1/fleet-tokens", list_fleet_tokens, scope=write, gives=FleetTokenList)
    routes.add(
        "POST", "/v1/fleet-tokens", create_fleet_token, scope=write, gives=CreatedFleetToken, status=201, errors=(409,), headers=LOCATION
    )
    routes.add("GET", "/v1/fleet-tokens/waiting", list_waiting_agents, scope=write, gives=WaitingAgents)
    routes.add("GET", one, get_fleet_token, scope=write, gives=FleetTokenDetail, errors=(404,))
    routes.add("DELETE", one, revoke_fleet_token, scope=write, gives=FleetTokenShape, errors=(404,))
    path = "/v1/clusters/{cluster_id}"
    routes.add("POST", path + "/approve", approve_cluster, scope=write, gives=DecidedCluster, errors=(404, 409, 412))
    routes.add("POST", path + "/reject", reject_cluster, scope=write, gives=DecidedCluster, errors=(404, 409, 412))
