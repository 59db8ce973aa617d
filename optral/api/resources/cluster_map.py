"""The map of a cluster over HTTP: its nodes, what they offer, what is requested and used of it, and the pods on them."""

import gzip
from typing import Any, Literal

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.http.routing import Call, Routes, Shape, as_json, check_id, present
from optral.api.resources.freshness import Stale, StaleSince, members
from optral.clusters import service as clusters
from optral.kube.statuses import State
from optral.resources import placement, service as resources
from optral.resources.placement import Amounts, MappedNode, PlacedPod
from optral.store.transaction import Transaction

_COMPRESSED_FROM = 16 * 1024  # bytes; smaller answers fit into a few packets
_LEVEL = 1
_STATES = [state.name.lower() for state in State]


class MapPod(Shape):
    id: str = Field(examples=["res_01jd3q4m6ve5jt8cmykq3rzm0a"])
    namespace: str
    name: str
    state: Literal["failing", "pending", "healthy"]
    owner: str | None = Field(
        None,
        description="Kind and name of its owner, of a ReplicaSet the Deployment; absent for a pod on its own",
        examples=["Deployment/web"],
    )
    cpu_millis: int | None = Field(None, description="What it requests; absent if it requests none, or has ended")
    memory_bytes: int | None = None


class MapAmounts(Shape):
    cpu_millis: int | None = Field(None, description="Thousandths of a core")
    memory_bytes: int | None = None
    pods: int | None = None


class MapUsage(Shape):
    cpu_millis: int = Field(description="Thousandths of a core")
    memory_bytes: int


class MapNode(Shape):
    id: str | None = Field(None, description="Absent for a node that pods name, but that is not in the inventory or in `nodesLeftOut`")
    name: str
    state: Literal["failing", "pending", "healthy", "unknown"] = Field(description="`unknown`: the node has no `id`")
    status: str | None = Field(None, examples=["Ready"])
    roles: list[str] = Field(examples=[["control-plane"]])
    cordoned: bool = Field(description="New pods are not scheduled on it")
    capacity: MapAmounts
    allocatable: MapAmounts = Field(description="What the node offers to pods")
    requested: MapAmounts = Field(description="The sum of the requests of `pods`, without pods that have ended")
    usage: MapUsage | None = Field(None, description="Absent if the agent does not report it")
    pods: list[MapPod] = Field(description="Failing pods first, then pending pods")


class MapShape(Shape):
    """The nodes of a cluster with their pods. Failing nodes come first, then pending nodes"""

    cluster_id: str
    cluster: str = Field(description="The cluster's name")
    nodes: list[MapNode]
    unscheduled: list[MapPod] = Field(description="Pods without a node")
    nodes_left_out: int = Field(description=f"Nodes beyond the first {placement.MAX_NODES}")
    pods_left_out: int = Field(description=f"Pods beyond the first {placement.MAX_PODS}. They are not in `requested`")
    stale: Stale
    stale_since: StaleSince = None


async def map_of_cluster(call: Call, cluster_id: str) -> Response:
    """Get the nodes of a cluster with their capacity, requests, usage and pods

    Large responses are compressed with gzip if the request accepts it.
    """
    check_id(cluster_id, "cls")
    is_accepted = "gzip" in call.headers.get("accept-encoding", "")

    def render(tx: Transaction) -> tuple[bytes, bool]:
        body = as_json(_map(tx, cluster_id))
        is_packed = is_accepted and len(body) >= _COMPRESSED_FROM
        return (gzip.compress(body, _LEVEL) if is_packed else body), is_packed

    body, is_packed = await call.read(render)
    headers = {"Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if is_packed else {})
    return Response(body, headers=headers, media_type="application/json")


def _map(tx: Transaction, cluster_id: str) -> dict[str, Any]:
    cluster = clusters.get(tx, cluster_id)
    outdated = resources.outdated_kinds(tx, cluster_id) & {"Node", "Pod"}
    found = placement.of(tx, cluster_id)
    return members(clusters.standing(tx, cluster_id), stale=bool(outdated)) | {
        "clusterId": cluster_id,
        "cluster": cluster.name,
        "nodes": [_node(node) for node in found.nodes],
        "unscheduled": [_pod(one) for one in found.unscheduled],
        "nodesLeftOut": found.nodes_left_out,
        "podsLeftOut": found.pods_left_out,
    }


def _node(one: MappedNode) -> dict[str, Any]:
    return present(
        id=one.id,
        name=one.name,
        state="unknown" if one.state is None else _STATES[one.state],
        status=one.status,
        roles=list(one.roles),
        cordoned=one.is_cordoned,
        capacity=_amounts(one.capacity),
        allocatable=_amounts(one.allocatable),
        requested=_amounts(one.requested),
        usage=None if one.used is None else {"cpuMillis": one.used.cpu_millis, "memoryBytes": one.used.memory_bytes},
        pods=[_pod(pod) for pod in one.pods],
    )


def _amounts(given: Amounts) -> dict[str, int]:
    return present(cpuMillis=given.get("cpu"), memoryBytes=given.get("memory"), pods=given.get("pods"))


def _pod(one: PlacedPod) -> dict[str, Any]:
    id_, namespace, name, state, owner, requested = one  # of thousands: by attribute, it takes twice as long
    shown: dict[str, Any] = {"id": id_, "namespace": namespace, "name": name, "state": _STATES[state]}
    if owner is not None:
        shown["owner"] = owner
    if cpu := requested.get("cpu"):
        shown["cpuMillis"] = cpu
    if memory := requested.get("memory"):
        shown["memoryBytes"] = memory
    return shown


def add(app: FastAPI) -> None:
    path = "/v1/clusters/{cluster_id}/map"
    Routes(app, "clusters").add("GET", path, map_of_cluster, scope="resources:read", gives=MapShape, errors=(404,))
