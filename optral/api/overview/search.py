"""One search over everything that has a name: issues, objects, clusters, runbooks and executions, the best of each first.

It only reads what the caller may read: a kind is left out without its scope, and a key that is limited to clusters finds nothing beyond.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

from fastapi import FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.api.http.query import TEXT_PATTERN
from optral.api.http.routing import ANY_KEY, Call, Routes, Shape, json_response, present
from optral.api.issues.issue_shapes import Status
from optral.api.resources.freshness import Stale, StaleSince, members
from optral.clusters import service as clusters
from optral.clusters.model import ClusterFilter, ClusterFreshness
from optral.issues import service as issues
from optral.issues.model import Issue
from optral.kit.paging import PageRequest
from optral.resources import service as resources
from optral.resources.model import Resource
from optral.runbooks import service as runbooks
from optral.runbooks.model import Execution, ExecutionFilter, RunbookFilter
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.severity import Severity

T = TypeVar("T")
MOST = 8
MAX_TEXT = 100
NEWEST_EXECUTIONS = 100
RECENT_DAYS = 30
RECENT = timedelta(days=RECENT_DAYS)


class IssueHit(Shape):
    id: str = Field(examples=["iss_01jd3q4m6ve5jt8cmykq3rzm0a"])
    title: str
    type: str
    severity: Severity
    status: Status
    resource: str
    namespace: str | None
    cluster: str
    stale: Stale
    stale_since: StaleSince = None


class ResourceHit(Shape):
    id: str = Field(examples=["res_01jd3q4m6ve5jt8cmykq3rzm0a"])
    kind: str = Field(examples=["Deployment"])
    name: str
    namespace: str | None
    cluster: str
    status: str | None = None
    stale: Stale
    stale_since: StaleSince = None


class ClusterHit(Shape):
    id: str = Field(examples=["cls_01jd3q4m6ve5jt8cmykq3rzm0a"])
    name: str
    status: str
    stale: Stale
    stale_since: StaleSince = None


class RunbookHit(Shape):
    id: str
    slug: str
    name: str
    risk: str


class ExecutionHit(Shape):
    id: str = Field(examples=["exe_01jd3q4m6ve5jt8cmykq3rzm0a"])
    runbook: str = Field(description="The runbook's name")
    status: str
    target: str = Field(description="Kind and name of the object", examples=["Deployment api-server"])
    cluster: str
    created_at: datetime


class SearchResults(Shape):
    """The best matches of each kind; empty for kinds that the caller may not read"""

    issues: list[IssueHit] = Field(
        description=f"Open ones by severity, root issues before symptoms; then resolved ones detected in the last {RECENT_DAYS} days"
    )
    resources: list[ResourceHit] = Field(description="Exact names first, then names that begin with the text, then the shortest")
    clusters: list[ClusterHit]
    runbooks: list[RunbookHit]
    executions: list[ExecutionHit] = Field(description=f"Among the newest {NEWEST_EXECUTIONS}")


async def search(
    call: Call,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=MAX_TEXT,
            pattern=TEXT_PATTERN,
            description="An id, or part of a name or title; `namespace/name` searches objects of one namespace",
        ),
    ],
    limit: Annotated[int, Query(ge=1, le=MOST, description="Most results of each kind")] = MOST,
) -> Response:
    """Search issues, resources, clusters, runbooks and executions"""
    text = q.strip()

    def read(tx: Transaction) -> dict[str, Any]:
        def allowed(scope: str, find: Callable[[Transaction, str, int], list[T]]) -> list[T]:
            return find(tx, text, limit) if text and scope in tx.actor.scopes else []

        objects, found = allowed("resources:read", _resources), allowed("issues:read", _issues)
        runs = allowed("runbooks:read", _executions)
        seen = [*(one.cluster_id for one in found), *(one.cluster_id for one in objects), *(run.cluster_id for run in runs)]
        standings = clusters.standings(tx, set(seen))

        def at(cluster_id: str) -> ClusterFreshness:
            return clusters.standing_in(standings, cluster_id)

        return {
            "issues": [issue_hit(one, at(one.cluster_id)) for one in found],
            "resources": [_resource(one, at(one.cluster_id)) for one in objects],
            "clusters": allowed("clusters:read", _clusters),
            "runbooks": allowed("runbooks:read", _runbooks),
            "executions": [_execution(run, at(run.cluster_id)) for run in runs],
        }

    return json_response(await call.read(read))


def _issues(tx: Transaction, text: str, limit: int) -> list[Issue]:
    """Open ones by severity, but roots before symptoms; then the newest of the resolved ones."""
    if ids.is_id(text, "iss"):
        return _those([issues.find_one(tx, text)])
    found = issues.search(tx, text, since=tx.now - RECENT, limit=limit)
    return sorted(found, key=lambda one: (one.resolved_at is not None, one.resolved_at is None and one.parent_issue_id is not None))


def _resources(tx: Transaction, text: str, limit: int) -> list[Resource]:
    if ids.is_id(text, "res"):
        return _those([resources.find_one(tx, text)])
    namespace, slash, name = text.partition("/")
    if slash and namespace:
        return resources.search(tx, name, namespace=namespace, limit=limit)
    return resources.search(tx, text, limit=limit)


def _clusters(tx: Transaction, text: str, limit: int) -> list[dict[str, Any]]:
    found = clusters.find(tx, ClusterFilter(name_contains=text), PageRequest(size=limit, sort="name", descending=False))
    if not found and (known := clusters.resolve(tx, text)) is not None:
        found = [clusters.get(tx, known)]
    return [{"id": one.id, "name": one.name, "status": one.status, **members(one.standing)} for one in found]


def _runbooks(tx: Transaction, text: str, limit: int) -> list[dict[str, Any]]:
    fits = RunbookFilter(q=text, among=clusters.visible_names(tx))
    found = runbooks.find(tx, fits, PageRequest(size=limit, sort="name", descending=False))
    return [{"id": one.id, "slug": one.slug, "name": one.name, "risk": one.definition.risk} for one in found]


def _executions(tx: Transaction, text: str, limit: int) -> list[Execution]:
    """Those of the newest whose id, runbook or object has the text."""
    newest = runbooks.find_executions(tx, ExecutionFilter(), PageRequest(size=NEWEST_EXECUTIONS))
    lowered = text.lower()
    said = ((one, f"{one.id} {one.runbook_slug} {one.runbook_name} {one.target.get('name', '')}".lower()) for one in newest)
    return [one for one, words in said if lowered in words][:limit]


def _those(found: Iterable[T | None]) -> list[T]:
    return [one for one in found if one is not None]


def issue_hit(one: Issue, cluster: ClusterFreshness) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "type": one.type,
        "severity": one.severity,
        "status": one.status,
        "resource": one.resource,
        "namespace": one.namespace,
        "cluster": cluster.name,
        **members(cluster),
    }


def _resource(one: Resource, cluster: ClusterFreshness) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.short_kind,
        "name": one.name,
        "namespace": one.namespace,
        "cluster": cluster.name,
        **present(status=one.status),
        **members(cluster, stale=one.stale, since=one.stale_since),
    }


def _execution(one: Execution, cluster: ClusterFreshness) -> dict[str, Any]:
    return {
        "id": one.id,
        "runbook": one.runbook_name,
        "status": one.status,
        "target": f"{one.target.get('kind', '')} {one.target.get('name', '')}".strip(),
        "cluster": cluster.name,
        "createdAt": one.created_at,
    }


def add(app: FastAPI) -> None:
    Routes(app, "search").add("GET", "/v1/search", search, scope=ANY_KEY, gives=SearchResults)
