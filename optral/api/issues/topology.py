"""The topology of an issue over HTTP: the objects around it in layers, and which of them and of the edges between them fail."""

from typing import TYPE_CHECKING, Any, Literal

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.http.routing import Call, Routes, Shape, check_id, json_response, present
from optral.api.resources.freshness import Stale, StaleSince, members
from optral.clusters import service as clusters
from optral.clusters.model import ClusterFreshness
from optral.resources import service as resources
from optral.store.transaction import Transaction
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

if TYPE_CHECKING:
    from optral.analysis.topology.topology import Edge, LeftOut, Node
    from optral.flows.analysis.issue_topology import IssueGraph


class NodeIssue(Shape):
    id: str
    severity: Severity


class TopologyNode(Shape):
    id: str = Field(description="Unique in this response", examples=["Deployment.apps/shop/api"])
    kind: str = Field(examples=["Deployment"])
    namespace: str | None = None
    name: str
    resource_id: str | None = Field(None, description="Absent for an object that is not in the inventory")
    layer: Literal["caller", "service", "workload", "pod", "dependency"] = Field(description="Each layer depends on the next")
    state: Literal["ok", "failing", "missing", "unknown"] = Field(
        description="`missing`: something refers to it, but it does not exist; `unknown`: objects of its kind are not read"
    )
    status: str | None = Field(None, examples=["1/3 ready"])
    is_subject: bool = Field(description="The issue is about this object or its owner")
    is_cause: bool = Field(description="The analysis names this object as the cause")
    issue: NodeIssue | None = Field(None, description="The issue of this object: this one, a symptom or the root")


class TopologyEdge(Shape):
    source: str = Field(description="Id of a node")
    target: str = Field(description="Id of a node")
    relation: str = Field(examples=["calls"], description="New values may be added")
    broken: bool
    problem: str | None = Field(None, description="Why it is broken", examples=["port 8200 is called; the Service has 80"])


class TopologyLeftOut(Shape):
    beside: str = Field(description="Id of a node")
    kind: str | None = Field(None, examples=["Pod"])
    relation: str
    count: int = Field(description="How many more objects have this relation to the node")


class IssueTopology(Shape):
    """Objects related to an issue. A group shows its failing members first and counts the others"""

    issue_id: str
    nodes: list[TopologyNode]
    edges: list[TopologyEdge]
    left_out: list[TopologyLeftOut]
    not_permitted: int = Field(
        description="Objects that the caller may not read (without the scope `resources:read`, or outside of its namespaces)"
    )
    stale: Stale
    stale_since: StaleSince = None


async def issue_topology_of(call: Call, issue_id: str) -> Response:
    """Get the objects around an issue and what is broken between them"""
    check_id(issue_id, "iss")

    def read(tx: Transaction) -> "tuple[IssueGraph, ClusterFreshness]":
        from optral.flows.analysis import issue_topology  # on the thread that reads: the rules take 0.2 s to load

        around = issue_topology.of(tx, issue_id)
        return around, clusters.standing(tx, around.issue.cluster_id)

    around, cluster = await call.read(read)
    found = around.topology
    return json_response(
        members(cluster)
        | {
            "issueId": around.issue.id,
            "nodes": [_node(node, around) for node in found.nodes],
            "edges": [_edge(edge) for edge in found.edges],
            "leftOut": [_left_out(one) for one in found.left_out],
            "notPermitted": around.not_permitted,
        }
    )


def _id(ref: ObjectRef) -> str:
    return "/".join(part for part in (ref.kind, ref.namespace, ref.name) if part)


def _node(node: "Node", around: "IssueGraph") -> dict[str, Any]:
    ref = node.ref
    issue = around.issues.get((ref.kind, ref.namespace, ref.name))
    return present(
        id=_id(ref),
        kind=ref.short_kind,
        namespace=ref.namespace,
        name=ref.name,
        resourceId=resources.id_of(around.issue.cluster_id, ref.kind, ref.uid) if ref.uid else None,
        layer=node.layer.value,
        state=node.state.value,
        status=node.status or None,
        isSubject=node.is_subject,
        isCause=node.is_cause,
        issue=None if issue is None else {"id": issue.id, "severity": issue.severity.value},
    )


def _edge(edge: "Edge") -> dict[str, Any]:
    return present(
        source=_id(edge.source), target=_id(edge.target), relation=edge.relation, broken=bool(edge.problem), problem=edge.problem or None
    )


def _left_out(one: "LeftOut") -> dict[str, Any]:
    kind = one.kind.partition(".")[0]
    return present(beside=_id(one.beside), kind=kind or None, relation=one.relation, count=one.more)


def add(app: FastAPI) -> None:
    Routes(app, "issues").add(
        "GET", "/v1/issues/{issue_id}/topology", issue_topology_of, scope="issues:read", gives=IssueTopology, errors=(404,)
    )
