"""Clusters over HTTP: connect one, look at it, rename it, install its agent, delete it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import Response

import optral
from optral.api.http.lists import PageQuery, list_of, list_response, page_query, page_request
from optral.api.http.query import TEXT_PATTERN
from optral.api.http.routing import CREATED, Call, Input, Routes, Shape, check_id, etag, json_answer, present, single
from optral.api.resources.freshness import StaleSince, members
from optral.clusters import service as clusters
from optral.clusters.connection import Skew, skew
from optral.clusters.enrollment_service import EnrollmentToken
from optral.clusters.model import Cluster, ClusterFilter, ClusterStatus
from optral.flows.clusters import manage as flow
from optral.flows.idempotency import Answer
from optral.install.agent_install import Installation
from optral.issues.lists import trends
from optral.issues.lists.trends import Open
from optral.kit.paging import PageCursor
from optral.resources import service as resources
from optral.resources.model import Readiness
from optral.store.transaction import Transaction
from optral.terms.errors import Invalid
from optral.terms.severity import Severity

NAME_PATTERN = r"^[^,\x00-\x1f\x7f]+$"
LabelValue = Annotated[str, Field(pattern=r"^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$")]
Method = Literal["helm", "kubectl", "argocd", "flux", "local"]
_SORTS = {"name": "name", "createdAt": "created_at"}
Sort = Literal["name", "-name", "createdAt", "-createdAt"]
BySeverity = Mapping[Severity, Open]
"""The open issues of one cluster."""
_NOTHING = Readiness(0, 0, 0, 0)


class AgentShape(Shape):
    version: str | None = None
    version_skew: Skew | None = Field(
        None, description="The agent's version beside the server's, which supports its own and the one before"
    )
    capabilities: list[str]
    cert_expires_at: datetime | None = None


class InventoryShape(Shape):
    synced_at: datetime | None = Field(None, description="When the inventory was last synchronized completely")
    stale: bool = Field(description="The inventory may be out of date: it was never complete, or the agent is not connected")
    stale_since: StaleSince = None


class NodesShape(Shape):
    ready: int
    total: int


class PodsShape(Shape):
    not_ready: int = Field(description="Pods that are neither ready nor completed, for example pending or crashing pods")
    total: int


class WorstShape(Shape):
    """The most severe open issues"""

    severity: Severity
    count: int = Field(description="Number of open issues of this severity")


class CountsShape(Shape):
    open_issues: int = Field(description="As in the list of issues: without snoozed and muted issues and symptoms of other issues")
    worst: WorstShape | None = Field(None, description="Absent without an open issue")
    nodes: NodesShape | None = Field(None, description="Absent without the scope `resources:read`")
    pods: PodsShape | None = Field(None, description="Absent without the scope `resources:read`")


class ClusterShape(Shape):
    id: str = Field(examples=["cls_01jd3q4m6ve5jt8cmykq3rzm0a"])
    name: str = Field(examples=["production-us-east"])
    status: ClusterStatus
    status_reason: str | None = None
    labels: dict[str, str]
    last_heartbeat_at: datetime | None = None
    agent: AgentShape
    kubernetes_version: str | None = None
    counts: CountsShape
    clock_offset_ms: int | None = Field(None, description="The cluster's clock minus the server's clock, in milliseconds")
    inventory: InventoryShape
    unread: list[str] | None = Field(None, description="Only in lists: what is needed and was not read; see `GET /v1/coverage`")
    created_at: datetime
    version: int


ClusterList = list_of("ClusterList", "clusters", ClusterShape)


class Enrollment(Shape):
    """A one-time token that enrolls an agent; shown only in this response"""

    token: str
    expires_at: datetime
    ca_pin: str


class CreatedCluster(ClusterShape):
    enrollment: Enrollment


class DeletedCluster(Shape):
    id: str
    name: str
    uninstall: list[str] = Field(
        description="Commands that remove the agent from the cluster, and nothing else. They name the agent's Helm release or namespace"
        " where the inventory showed them, else RELEASE and NAMESPACE"
    )
    uninstall_note: str | None = Field(None, description="What to know before running these commands")


class RevokedCredentials(Shape):
    id: str
    name: str
    revoked: int = Field(description="Number of certificates that were revoked")


class InstallWarning(Shape):
    code: str = Field(description="address_private, address_internal, address_in_cluster, address_loopback or chart_in_cluster")
    message: str


class Install(Shape):
    method: Method
    command: str = Field(description="The complete command with the server's address, CA pin and a new one-time token")
    manifest: str | None = Field(
        None, description="The manifest that the command applies, as YAML. That of Argo CD and Flux contains no token and can go to Git"
    )
    expires_at: datetime = Field(description="When the token expires")
    warnings: list[InstallWarning] = Field(description="Addresses that only some clusters reach, with the setting to change")


class NewCluster(Input):
    name: str = Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$", examples=["production-us-east"])
    labels: dict[str, LabelValue] = Field(default_factory=dict, max_length=32)


class ClusterChange(Input):
    name: str | None = Field(None, min_length=1, max_length=63, pattern=r"^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$")
    labels: dict[str, LabelValue] | None = Field(None, max_length=32)


class NewToken(Input):
    replace: bool = Field(False, description="Allow a different Kubernetes cluster to enroll under this name")


def shape(cluster: Cluster, counts: dict[str, Any]) -> dict[str, Any]:
    return present(
        id=cluster.id,
        name=cluster.name,
        status=cluster.status,
        statusReason=cluster.status_reason,
        labels=dict(cluster.labels),
        lastHeartbeatAt=cluster.last_heartbeat_at,
        agent=present(
            version=cluster.agent_version,
            versionSkew=skew(cluster.agent_version, optral.__version__) if cluster.agent_version else None,
            capabilities=list(cluster.agent_capabilities),
            certExpiresAt=cluster.agent_cert_expires_at,
        ),
        kubernetesVersion=cluster.kubernetes_version,
        counts=counts,
        clockOffsetMs=cluster.clock_offset_ms,
        inventory=present(syncedAt=cluster.synced_at) | _freshness(cluster),
        createdAt=cluster.created_at,
        version=cluster.version,
    )


def resolve_all(tx: Transaction, given: list[str] | None) -> frozenset[str] | None:
    """Ids of the clusters given by id or name; None when none were given. Unknown ones match nothing."""
    if not given:
        return None
    return frozenset(found for one in given if (found := clusters.resolve(tx, one)) is not None)


def resolve_each(tx: Transaction, given: list[str], *, field: str) -> list[str]:
    """Ids of the clusters given by id or name, in order. Raises `Invalid("unknown_cluster")` if there is one that the actor cannot see."""
    found = {clusters.resolve(tx, one) for one in given}
    if None in found:
        errors = [{"field": field, "code": "unknown_value", "message": "give ids or names of clusters"}]
        raise Invalid("unknown_cluster", say="unknown cluster", errors=errors)
    return sorted(one for one in found if one is not None)


def readiness(tx: Transaction, cluster_ids: Collection[str]) -> dict[str, Readiness] | None:
    """The nodes and pods of each of these clusters; None for an actor who may not see the resources of whole clusters."""
    if "resources:read" not in tx.actor.scopes or not tx.actor.sees_whole_clusters:
        return None
    return dict.fromkeys(cluster_ids, _NOTHING) | resources.readiness(tx, cluster_ids)


def nodes_and_pods(found: Readiness | None) -> dict[str, Any]:
    """The members `nodes` and `pods`, or none."""
    if found is None:
        return {}
    nodes = {"ready": found.nodes - found.nodes_not_ready, "total": found.nodes}
    return {"nodes": nodes, "pods": {"notReady": found.pods_not_ready, "total": found.pods}}


def worst(open_issues: BySeverity) -> Severity | None:
    return max(open_issues, key=lambda severity: severity.rank, default=None)


def _counts(open_issues: BySeverity, ready: Readiness | None) -> dict[str, Any]:
    most = worst(open_issues)
    return present(
        openIssues=sum(found.number for found in open_issues.values()),
        worst=None if most is None else {"severity": most, "count": open_issues[most].number},
    ) | nodes_and_pods(ready)


def _shapes(tx: Transaction, found: Sequence[Cluster]) -> dict[str, dict[str, Any]]:
    """By id. The number of queries does not depend on how many clusters there are."""
    if not found:
        return {}
    ids = frozenset(one.id for one in found)
    open_issues, ready = trends.count_open(tx, ids), readiness(tx, ids) or {}
    return {one.id: shape(one, _counts(open_issues.get(one.id, {}), ready.get(one.id))) for one in found}


def _shape(tx: Transaction, cluster: Cluster) -> dict[str, Any]:
    return _shapes(tx, [cluster])[cluster.id]


def _freshness(cluster: Cluster) -> dict[str, Any]:
    """The two members for the whole inventory; it is also stale until it was once complete."""
    return members(cluster.standing, stale=cluster.synced_at is None)


async def list_clusters(
    call: Call,
    wanted: Annotated[PageQuery, Depends(page_query)],
    status: Annotated[list[ClusterStatus] | None, Query(description="One or more values; matches any of them")] = None,
    q: Annotated[str | None, Query(min_length=1, max_length=100, pattern=TEXT_PATTERN, description="Substring of the name")] = None,
    sort: Annotated[Sort, Query()] = "name",
) -> Response:
    """List clusters"""
    fits = ClusterFilter(status=frozenset(status) if status else None, name_contains=q)
    column = _SORTS[sort.lstrip("-")]
    page = page_request(call, wanted, ("-" if sort.startswith("-") else "") + column)

    def look(tx: Transaction) -> tuple[list[Cluster], int, dict[str, dict[str, Any]]]:
        found = clusters.find(tx, fits, page)
        shapes = _shapes(tx, found)
        gaps = call.services.coverage.record(tx, within=shapes).gaps if shapes else {}
        for one in shapes.values():
            one |= present(unread=gaps.get(one["name"]))
        return found, clusters.count(tx, fits), shapes

    found, total, shapes = await call.read(look)
    return list_response(
        call,
        wanted,
        ("-" if sort.startswith("-") else "") + column,
        found,
        total,
        plural="clusters",
        place=lambda one: PageCursor(getattr(one, column), one.id),
        shape=lambda one: shapes[one.id],
    )


async def create_cluster(call: Call, body: NewCluster) -> Response:
    """Create a cluster

    The response contains the agent's enrollment token, which is not shown again.
    """

    def render(made: flow.CreatedCluster) -> Answer:
        enrollment = {"token": made.token, "expiresAt": made.token_expires_at, "caPin": call.services.addresses.ca_pin}
        shown = shape(made.cluster, {"openIssues": 0})
        tag = etag(made.cluster.version, shown["inventory"])
        headers = {"Location": f"/v1/clusters/{made.cluster.id}", "ETag": tag, "Cache-Control": "no-store"}
        return json_answer({**shown, "enrollment": enrollment}, status=201, headers=headers)

    return await call.change(lambda tx: flow.create(tx, name=body.name, labels=body.labels), render)


async def get_cluster(call: Call, cluster_id: str) -> Response:
    """Get a cluster"""
    check_id(cluster_id, "cls")

    def look(tx: Transaction) -> dict[str, Any]:
        return _shape(tx, clusters.get(tx, cluster_id))

    shown = await call.read(look)
    return single(call, lambda: shown, shown["version"], shown["inventory"])


async def update_cluster(call: Call, cluster_id: str, body: ClusterChange) -> Response:
    """Update a cluster's name or labels"""
    check_id(cluster_id, "cls")
    version = call.expected_version()

    def job(tx: Transaction) -> dict[str, Any]:
        return _shape(tx, flow.update(tx, cluster_id, name=body.name, labels=body.labels, if_version=version))

    return await call.change(job, lambda shown: json_answer(shown, headers={"ETag": etag(shown["version"], shown["inventory"])}))


async def delete_cluster(call: Call, cluster_id: str) -> Response:
    """Delete a cluster

    Revokes the agent's credentials, ends its connection, resolves the cluster's issues and frees its name immediately.
    """
    check_id(cluster_id, "cls")
    version = call.expected_version()

    def job(tx: Transaction) -> flow.DeletedCluster:
        call.check_version(version, clusters.get(tx, cluster_id, lock=True).version)
        return flow.delete(tx, cluster_id)

    def render(done: flow.DeletedCluster) -> Answer:
        commands, note = list(done.uninstall.commands), done.uninstall.note
        return json_answer(present(id=done.cluster.id, name=done.cluster.name, uninstall=commands, uninstallNote=note))

    return await call.change(job, render)


async def create_enrollment_token(call: Call, cluster_id: str, body: NewToken | None = None) -> Response:
    """Create an enrollment token

    Using the token revokes the cluster's previous certificates.
    """
    check_id(cluster_id, "cls")

    def render(made: EnrollmentToken) -> Answer:
        shown = {"token": made.token, "expiresAt": made.expires_at, "caPin": call.services.addresses.ca_pin}
        return json_answer(shown, status=201, headers={"Cache-Control": "no-store"})

    return await call.change(lambda tx: flow.new_enrollment_token(tx, cluster_id, replace=body is not None and body.replace), render)


async def revoke_credentials(call: Call, cluster_id: str) -> Response:
    """Revoke the credentials of a cluster's agent

    Ends the agent's connection within 5 seconds and refuses its certificates from then on. The cluster and its data are kept. A new
    enrollment token connects the cluster again; unused tokens are revoked too.
    """
    check_id(cluster_id, "cls")

    def job(tx: Transaction) -> dict[str, Any]:
        cluster = clusters.get(tx, cluster_id)
        return {"id": cluster.id, "name": cluster.name, "revoked": flow.revoke_credentials(tx, cluster_id)}

    return await call.change(job, json_answer)


async def install_agent(
    call: Call,
    cluster_id: str,
    method: Annotated[
        Method | Literal["auto"],
        Query(
            description="How the agent is installed in the cluster; `local` runs it outside, with a kubeconfig, and `auto` is the first"
            " method that can work with the addresses of this server"
        ),
    ] = "kubectl",
    replace: Annotated[bool, Query(description="Allow a different Kubernetes cluster to enroll under this name")] = False,
) -> Response:
    """Get the install command of a cluster's agent

    Every response contains a new enrollment token.
    """
    check_id(cluster_id, "cls")

    def render(made: Installation) -> Answer:
        shown = present(
            method=made.method,
            command=made.command,
            manifest=made.manifest,
            expiresAt=made.token.expires_at,
            warnings=[{"code": code, "message": message} for code, message in made.warnings],
        )
        return json_answer(shown, headers={"Cache-Control": "no-store"})

    return await call.change(lambda tx: flow.install(tx, cluster_id, method, addresses=call.services.addresses, replace=replace), render)


def add(app: FastAPI) -> None:
    routes = Routes(app, "clusters")
    one, read, write = "/v1/clusters/{cluster_id}", "clusters:read", "clusters:write"
    routes.add("GET", "/v1/clusters", list_clusters, scope=read, gives=ClusterList)
    routes.add("POST", "/v1/clusters", create_cluster, scope=write, gives=CreatedCluster, status=201, errors=(409,), headers=CREATED)
    routes.add("GET", one, get_cluster, scope=read, gives=ClusterShape, errors=(404,), headers={"ETag": 1})
    routes.add("PATCH", one, update_cluster, scope=write, gives=ClusterShape, errors=(404, 409, 412), headers={"ETag": 1})
    routes.add("DELETE", one, delete_cluster, scope=write, gives=DeletedCluster, errors=(404, 412))
    routes.add("POST", one + "/enrollment-tokens", create_enrollment_token, scope=write, gives=Enrollment, status=201, errors=(404,))
    routes.add("POST", one + "/revoke-credentials", revoke_credentials, scope=write, gives=RevokedCredentials, errors=(404,))
    routes.add("GET", one + "/install", install_agent, scope=write, gives=Install, errors=(404, 409))
