"""The inventory over HTTP: objects as they are now, one with its manifest, its history, its Kubernetes Events and its own."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.api.clusters.clusters import NAME_PATTERN, resolve_all
from optral.api.http.lists import PageQuery, TotalCapped, list_response, page_query, page_request, whole
from optral.api.http.query import TEXT_PATTERN
from optral.api.http.routing import Call, Routes, Shape, check_id, json_response, present
from optral.api.overview import search_terms
from optral.api.resources.freshness import Stale, StaleSince, members
from optral.clusters import search as cluster_search, service as clusters
from optral.clusters.model import ClusterFreshness
from optral.flows.issues import ownership
from optral.kit import yamls
from optral.kit.search_terms import MAX_LENGTH, Malformed, Term, Value
from optral.kube import columns, entity_links
from optral.kube.columns import Cells, Column
from optral.kube.columns.fields import CPU_USED, MEMORY_USED
from optral.kube.quantities import human_bytes, human_cores
from optral.kube.statuses import State
from optral.resources import placement, query, service as resources, usage
from optral.resources.model import KindCount, KubernetesEvent, Resource, ResourceFilter, Revision
from optral.store.transaction import Transaction

Name = Annotated[str, Field(min_length=1, max_length=253, pattern=NAME_PATTERN)]
Sort = Literal["name", "-name", "kind", "-kind", "namespace", "-namespace", "updatedAt", "-updatedAt", "createdAt", "-createdAt", "status"]

CLUSTERS_OF_A_NODE = 4
"""In so many clusters pods are looked for by the name of their node, which is in no index."""


class PodCounts(Shape):
    total: int
    failing: int
    pending: int


class OwnerShape(Shape):
    kind: str
    name: str


class CurrentUsage(Shape):
    cpu_millis: int = Field(description="Thousandths of a core")
    memory_bytes: int
    observed_at: datetime = Field(description="When the agent measured it")


class ResourceShape(Shape):
    id: str = Field(examples=["res_01jd3q4m6ve5jt8cmykq3rzm0a"])
    kind: str = Field(examples=["Pod"])
    group: str | None = Field(None, description="API group; absent for the core group")
    namespace: str | None = Field(description="null for cluster-scoped objects")
    name: str
    cluster: str = Field(description="The cluster's name")
    cluster_id: str
    uid: str
    resource_version: str
    generation: int | None = None
    owner: OwnerShape | None = None
    labels: dict[str, str]
    columns: dict[str, str | int] | None = Field(
        None,
        description="What `kubectl get` shows of its kind, by the names in `columns` of the list; only in the list and in one resource",
        examples=[{"ready": "1/1", "restarts": 3, "node": "node-1"}],
    )
    status: str | None = Field(None, description="Short status for tables", examples=["CrashLoopBackOff"])
    state: Literal["failing", "pending", "healthy"] | None = Field(
        None, description="What `status` says: `failing` needs attention, `pending` waits; absent without a status"
    )
    usage: CurrentUsage | None = Field(
        None, description="What a pod or node uses now; only in the list, and absent without a report of the last 15 minutes"
    )
    pods: PodCounts | None = Field(
        None,
        description="Its pods and those of its ReplicaSets; only in the list, of workloads with `workloads=true`. "
        "`state` is then the worst of it and its pods",
    )
    health: Literal["healthy", "progressing", "degraded", "suspended"] | None = Field(
        None, description="What a custom resource reports about itself; absent for other kinds, and if it reports nothing"
    )
    created_at: datetime | None = None
    updated_at: datetime
    stale: Stale
    stale_since: StaleSince = None


class ColumnShape(Shape):
    name: str = Field(description="The name of its values in `columns` of a resource", examples=["ready"])
    title: str = Field(examples=["Ready"])
    description: str
    type: Literal["text", "count", "time"] = Field(description="`time`: values are RFC 3339 times")
    wide: bool = Field(description="Of less interest: `optral resources list` shows it with `-o wide`")
    is_state: bool = Field(description="Repeats `status`, which need not be shown beside it")


class ColumnsOfKind(Shape):
    kind: str
    group: str | None = None
    columns: list[ColumnShape]


class EntityLinkShape(Shape):
    """A link in an annotation of an object; only http and https"""

    title: str = Field(examples=["Runbook"])
    url: str = Field(examples=["https://wiki.example.com/shop"])
    annotation: str = Field(examples=["a8r.io/runbook"])


class ResourceWithManifest(ResourceShape):
    team: str | None = Field(None, description="The team that owns it, as its issues have; absent if none is known", examples=["payments"])
    team_reason: str | None = Field(None, description="What decided the team", examples=["label team of Deployment api"])
    links: list[EntityLinkShape] | None = Field(None, description="Links in its annotations, at most 10; absent without any")
    manifest: str | None = Field(
        None, description="YAML, redacted by the agent in the cluster; absent without the scope `resources:manifest`"
    )


class ResourceList(Shape):
    resources: list[ResourceShape]
    columns: list[ColumnsOfKind] = Field(description="The columns of each kind on this page, in the order to show them in")
    total: int
    total_capped: TotalCapped | None = None
    page: int
    page_size: int
    next_cursor: str | None = None


class KindCountShape(Shape):
    cluster: str
    cluster_id: str
    kind: str
    group: str | None = None
    namespace: str | None = None
    count: int
    stale: Stale
    stale_since: StaleSince = None


class Counts(Shape):
    counts: list[KindCountShape]
    total: int


class DiffEntry(Shape):
    path: str
    op: Literal["add", "remove", "replace"]
    from_: Any = Field(None, alias="from")
    to: Any = None


class RevisionShape(Shape):
    revision: int
    action: str = Field(examples=["changed"])
    at: datetime
    generation: int | None = None
    manager: str | None = Field(None, description="The field manager that made the change", examples=["kubectl-client-side-apply"])
    operation: str | None = None
    diff: list[DiffEntry]
    truncated: bool


class History(Shape):
    history: list[RevisionShape]
    total: int
    page: int
    page_size: int
    stale: Stale
    stale_since: StaleSince = None


class KubernetesEventShape(Shape):
    type: str = Field(examples=["Warning"])
    reason: str = Field(examples=["BackOff"])
    message: str
    source: str
    count: int
    first_at: datetime
    last_at: datetime


class KubernetesEvents(Shape):
    events: list[KubernetesEventShape]
    total: int
    page: int
    page_size: int
    stale: Stale
    stale_since: StaleSince = None


class TreeShape(Shape):
    root: ResourceShape
    owners: list[ResourceShape] = Field(description="Nearest owner first")
    children: list[ResourceShape] = Field(description="Dependents at all depths; each names its owner")
    truncated: bool


def shape(one: Resource, cluster: ClusterFreshness) -> dict[str, Any]:
    return {
        **present(id=one.id, kind=one.short_kind, group=one.group or None),
        "namespace": one.namespace,
        **present(
            name=one.name,
            cluster=cluster.name,
            clusterId=one.cluster_id,
            uid=one.uid,
            resourceVersion=one.resource_version,
            generation=one.generation,
            owner={"kind": one.owner_kind.partition(".")[0], "name": one.owner_name} if one.owner_kind else None,
            labels=dict(one.labels),
            status=one.status,
            state=one.state.name.lower() if one.status or one.pods else None,
            pods=one.pods and one.pods._asdict(),
            health=one.health,
            createdAt=one.created_at,
            updatedAt=one.updated_at,
        ),
        **members(cluster, stale=one.stale, since=one.stale_since),
    }


def _columns(found: Sequence[Resource]) -> list[dict[str, Any]]:
    kinds = dict.fromkeys(one.kind for one in found)
    return [
        {
            **present(kind=kind.partition(".")[0], group=kind.partition(".")[2] or None),
            "columns": [_column(one) for one in columns.of(kind)],
        }
        for kind in kinds
    ]


def _column(one: Column) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "description": one.description,
        "type": one.type,
        "wide": one.wide,
        "isState": one.is_state,
    }


def as_yaml(manifest: bytes) -> str:
    """A stored manifest (JSON) as people read it."""
    return yamls.dumped(msgspec.json.decode(manifest))


async def filters(
    cluster: Annotated[list[Name] | None, Query(description="Cluster ids or names; unknown ones match nothing")] = None,
    kind: Annotated[list[Name] | None, Query(description="Kinds such as `Pod`, `Deployment.apps` or `Certificate`")] = None,
    group: Annotated[list[Name] | None, Query(description="API groups such as `cert-manager.io`; matches all of their kinds")] = None,
    namespace: Annotated[list[Name] | None, Query(description="One or more values; matches any of them")] = None,
    name: Annotated[str | None, Query(min_length=1, max_length=253, pattern=TEXT_PATTERN, description="Exact name")] = None,
    q: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=MAX_LENGTH,
            pattern=TEXT_PATTERN,
            description="A query such as `kind:Pod ns:shop state:failing -name:test*`; words without a key are text in the name",
        ),
    ] = None,
    status: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=128, pattern=TEXT_PATTERN)]] | None,
        Query(description="Exact `status`, such as `CrashLoopBackOff`; one or more values, matches any of them"),
    ] = None,
    state: Annotated[
        list[Literal["failing", "pending", "healthy"]] | None,
        Query(description="`healthy` includes objects without a status; one or more values, matches any of them"),
    ] = None,
    label: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[A-Za-z0-9._/-]+:[A-Za-z0-9._-]*$")]] | None,
        Query(description="One or more labels as `name:value`; matches all of them"),
    ] = None,
    workloads: Annotated[
        bool,
        Query(
            description="`true`: only workloads that no other workload owns: Deployments, StatefulSets, DaemonSets, CronJobs, and Jobs, "
            "ReplicaSets and pods without such an owner. `state` and `sort=status` then go by the worst of a workload and its pods"
        ),
    ] = False,
) -> dict[str, Any]:
    labels = dict(pair.split(":", 1) for pair in label or ())
    return {
        "clusters": cluster,
        "kinds": frozenset(kind or ()),
        "groups": frozenset(group or ()),
        "namespaces": frozenset(namespace or ()),
        "name": name,
        "query": search_terms.read(query.read, q or "", field="q"),
        "labels": labels,
        "statuses": frozenset(status or ()),
        "states": frozenset(State[one.upper()] for one in state or ()),
        "workloads": workloads,
    }


def _filter(tx: Transaction, given: dict[str, Any]) -> ResourceFilter | None:
    """None when only unknown clusters were given: nothing fits."""
    chosen = resolve_all(tx, given["clusters"])
    if chosen is not None and not chosen:
        return None
    fields = {name: value for name, value in given.items() if name != "query"}
    wanted = ResourceFilter(**{**fields, "clusters": chosen or frozenset()})
    terms = given["query"]
    wanted = query.narrowed(wanted, [cluster_search.with_ids(tx, term) for term in terms if term.key != "node"])
    return query.narrowed(wanted, [_with_pods(tx, term, wanted.clusters) for term in terms if term.key == "node"])


def _with_pods(tx: Transaction, term: Term, within: frozenset[str]) -> Term:
    """The term with the ids of the pods in place of the name of their node. Raises `Problem` 400 if too many clusters have such a node."""
    name = term.values[0].text
    found = placement.clusters_with(tx, name, within, most=CLUSTERS_OF_A_NODE + 1)
    if len(found) > CLUSTERS_OF_A_NODE:
        raise search_terms.refused(
            Malformed(term.position, f"more than {CLUSTERS_OF_A_NODE} clusters have a node {name}; add cluster:"), field="q"
        )
    return replace(term, values=tuple(Value(id_) for id_ in placement.pods_on(tx, name, found)))


async def list_resources(
    call: Call,
    wanted: Annotated[PageQuery, Depends(page_query)],
    given: Annotated[dict[str, Any], Depends(filters)],
    sort: Annotated[Sort, Query(description="`status`: failing objects first, then pending ones, then the rest, each by name")] = "name",
) -> Response:
    """List resources"""
    page = page_request(call, wanted, sort)

    def look(tx: Transaction) -> tuple[list[Resource], int, dict[str, ClusterFreshness], dict[str, dict[str, Any]]]:
        if (fits := _filter(tx, given)) is None:
            return [], 0, {}, {}
        matching = resources.count(tx, fits)
        found = resources.find(tx, fits, page, matching=matching)
        standings = clusters.standings(tx, {one.cluster_id for one in found})
        return found, matching, standings, _listed_members(tx, found)

    found, total, standings, more = await call.read(look)
    return list_response(
        call,
        wanted,
        sort,
        found,
        total,
        plural="resources",
        place=lambda one: resources.place_of(one, sort.lstrip("-")),
        shape=lambda one: shape(one, clusters.standing_in(standings, one.cluster_id)) | more[one.id],
        columns=_columns(found),
    )


def _listed_members(tx: Transaction, found: Sequence[Resource]) -> dict[str, dict[str, Any]]:
    """What only a list shows of each object, by id: the values of its columns, and what it uses."""
    cells, used = resources.cells(tx, found), usage.now(tx, found)
    shown: dict[str, dict[str, Any]] = {}
    for one in found:
        own, now = cells.get(one.id), used.get(one.id)
        if now is not None:
            own = {**(own or {}), **_used_cells(now.used)}
        shown[one.id] = present(columns=own, usage=None if now is None else _used(now))
    return shown


def _used_cells(used: usage.Amounts) -> Cells:
    cpu, memory = used
    return {
        **({} if cpu is None else {CPU_USED.name: human_cores(cpu)}),
        **({} if memory is None else {MEMORY_USED.name: human_bytes(memory)}),
    }


def _used(now: usage.Now) -> dict[str, Any]:
    return {"cpuMillis": now.used.cpu_millis, "memoryBytes": now.used.memory_bytes, "observedAt": now.observed_at}


async def count_resources(call: Call, given: Annotated[dict[str, Any], Depends(filters)]) -> Response:
    """Count resources by cluster, kind and namespace"""

    def render(tx: Transaction) -> dict[str, Any]:
        fits = _filter(tx, given)
        counted = [] if fits is None else resources.counts(tx, fits)
        standings = clusters.standings(tx, {one.cluster_id for one in counted})
        shown = [_count(one, clusters.standing_in(standings, one.cluster_id)) for one in counted]
        return {"counts": shown, "total": sum(one.count for one in counted)}

    return await call.answer(render)


def _count(one: KindCount, cluster: ClusterFreshness) -> dict[str, Any]:
    counted = present(
        cluster=cluster.name,
        clusterId=one.cluster_id,
        kind=one.kind.partition(".")[0],
        group=one.kind.partition(".")[2] or None,
        namespace=one.namespace,
        count=one.count,
    )
    return counted | members(cluster, stale=one.stale, since=one.stale_since)


async def get_resource(call: Call, resource_id: str) -> Response:
    """Get a resource with its manifest"""
    check_id(resource_id, "res")

    def render(tx: Transaction) -> dict[str, Any]:
        found = resources.get(tx, resource_id)
        cells = resources.cells(tx, [found]).get(found.id)
        raw = resources.manifest(tx, resource_id)
        links = [link._asdict() for link in entity_links.of_manifest(raw)]
        team, reason = ownership.of_resource(tx, found) or (None, None)
        more = present(columns=cells, links=links or None, team=team, teamReason=reason)
        shown = shape(found, clusters.standing(tx, found.cluster_id)) | more
        if not tx.actor.may("resources:manifest", found.cluster_id, found.namespace):
            return shown
        return {**shown, "manifest": as_yaml(raw)}

    return await call.answer(render)


async def resource_history(call: Call, resource_id: str) -> Response:
    """List changes to a resource's spec, newest first"""
    check_id(resource_id, "res")

    def render(tx: Transaction) -> dict[str, Any]:
        return whole("history", [_revision(one) for one in resources.history(tx, resource_id)]) | _freshness(tx, resource_id)

    return await call.answer(render)


def _freshness(tx: Transaction, resource_id: str) -> dict[str, Any]:
    """The two members for what is shown about one object."""
    source = resources.source(tx, resource_id)
    return members(clusters.standing(tx, source.cluster_id), stale=source.stale, since=source.stale_since)


def _revision(one: Revision) -> dict[str, Any]:
    return present(
        revision=one.revision,
        action=one.action,
        at=one.at,
        generation=one.generation,
        manager=one.manager,
        operation=one.operation,
        diff=list(one.diff),
        truncated=one.truncated,
    )


async def resource_events(call: Call, resource_id: str) -> Response:
    """List the Kubernetes Events of a resource, newest first"""
    check_id(resource_id, "res")

    def look(tx: Transaction) -> tuple[list[KubernetesEvent], dict[str, Any]]:
        return resources.events(tx, resource_id), _freshness(tx, resource_id)

    found, freshness = await call.read(look)
    return json_response(whole("events", [kubernetes_event(one) for one in found]) | freshness)


def kubernetes_event(one: KubernetesEvent) -> dict[str, Any]:
    return present(
        type=one.type, reason=one.reason, message=one.message, source=one.source, count=one.count, firstAt=one.first_at, lastAt=one.last_at
    )


async def resource_tree(call: Call, resource_id: str) -> Response:
    """Get a resource with its owners and dependents"""
    check_id(resource_id, "res")

    def render(tx: Transaction) -> dict[str, Any]:
        tree = resources.tree(tx, resource_id)
        cluster = clusters.standing(tx, tree.root.cluster_id)
        return {
            "root": shape(tree.root, cluster),
            "owners": [shape(one, cluster) for one in tree.owners],
            "children": [shape(child, cluster) for child in tree.children],
            "truncated": tree.truncated,
        }

    return await call.answer(render)


def add(app: FastAPI) -> None:
    routes = Routes(app, "resources")
    one = "/v1/resources/{resource_id}"
    routes.add("GET", "/v1/resources", list_resources, scope="resources:read", gives=ResourceList)
    routes.add("GET", "/v1/resources/counts", count_resources, scope="resources:read", gives=Counts)
    routes.add("GET", one, get_resource, scope="resources:read", gives=ResourceWithManifest, errors=(404,))
    routes.add("GET", one + "/history", resource_history, scope="resources:read", gives=History, errors=(404,))
    routes.add("GET", one + "/events", resource_events, scope="resources:read", gives=KubernetesEvents, errors=(404,))
    routes.add("GET", one + "/tree", resource_tree, scope="resources:read", gives=TreeShape, errors=(404,))
