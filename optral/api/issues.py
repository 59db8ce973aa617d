"""Issues over HTTP. The list is the hottest address: one read transaction, plain dictionaries, one encoding.

The models only make the contract.
`total` is counted once per filter and event number of the organisation: an unchanged number means an unchanged count.
"""

from collections import OrderedDict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.analysis import service as analyses
from optral.analysis.model import Analysis
from optral.api import analyses as analyses_api
from optral.api.analyses import AnalysisShape
from optral.api.clusters import NAME_PATTERN, resolve_all
from optral.api.lists import Asked, asked, envelope, page_request, whole
from optral.api.moments import Moment
from optral.api.query import TEXT_PATTERN
from optral.api.routing import Call, Input, Routes, Shape, check_id, etag, json_answer, json_response, present, single
from optral.clusters import service as clusters
from optral.events import service as events
from optral.flows import triage
from optral.issues import service as issues
from optral.issues.model import Activity, Issue, IssueFilter
from optral.kit.paging import MAX_SIZE, PageRequest
from optral.runbooks import service as runbooks
from optral.runbooks.model import RunbookFilter
from optral.store.transaction import Transaction
from optral.terms.severity import Severity

Sort = Literal["detectedAt", "-detectedAt", "lastSeenAt", "-lastSeenAt", "severity", "-severity", "status", "-status"]
Status = Literal["open", "acknowledged", "resolved"]
Name = Annotated[str, Field(min_length=1, max_length=253, pattern=NAME_PATTERN)]
COUNTS_KEPT = 2048


class OwnerShape(Shape):
    kind: str
    name: str


class AffectedShape(Shape):
    kind: str
    namespace: str | None = None
    name: str
    since: str | None = None


class SuggestedRunbook(Shape):
    id: str
    slug: str
    name: str
    risk: str


class IssueShape(Shape):
    """The nine promised members come first, in this order."""

    id: str = Field(examples=["iss_01jd3q4m6ve5jt8cmykq3rzm0a"])
    type: str = Field(examples=["OOMKilled"])
    severity: Severity
    status: Status
    cluster: str = Field(description="The cluster's name", examples=["production-us-east"])
    resource: str = Field(description="The newest failing object", examples=["api-server-7d4f8b9c6-xk2lm"])
    namespace: str | None = Field(description="null for cluster-scoped objects", examples=["default"])
    detected_at: datetime = Field(description="When the issue opened, by the server's clock")
    has_analysis: bool
    cluster_id: str
    resource_id: str | None = None
    resource_kind: str
    owner: OwnerShape | None = None
    container: str | None = None
    title: str
    category: str
    substatus: str
    first_seen_at: datetime
    last_seen_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolution: str | None = None
    count: int
    affected: list[AffectedShape]
    assignee: str | None = None
    labels: dict[str, str]
    parent_issue_id: str | None = None
    previous_issue_id: str | None = None
    facts: dict[str, Any]
    analysis_id: str | None = Field(None, description="The newest analysis; with one issue only")
    analysis: AnalysisShape | None = Field(None, description="The newest analysis; with one issue only")
    suggested_runbooks: list[SuggestedRunbook] | None = Field(None, description="Those that fit its type; with one issue only")
    version: int


class IssueList(Shape):
    issues: list[IssueShape]
    total: int
    page: int
    page_size: int
    next_cursor: str | None = None


class Facet(Shape):
    value: str
    count: int


class Facets(Shape):
    """How many issues fit, by each value of each facet."""

    severity: list[Facet]
    status: list[Facet]
    type: list[Facet]
    cluster: list[Facet]
    namespace: list[Facet]


class ActivityShape(Shape):
    id: str
    at: datetime
    actor_kind: str = Field(examples=["key"])
    actor_id: str
    action: str = Field(examples=["acknowledged"])
    detail: dict[str, Any]


class ActivityList(Shape):
    activity: list[ActivityShape]
    total: int
    page: int
    page_size: int


class IssueChange(Input):
    status: Status = Field(description="A manual resolve holds while the same occurrence lasts")


def shape(issue: Issue, cluster_name: str, analysis: Analysis | None = None) -> dict[str, Any]:
    """`analysis` is the newest one, where it is to be told inline."""
    return {
        "id": issue.id,
        "type": issue.type,
        "severity": issue.severity,
        "status": issue.status,
        "cluster": cluster_name,
        "resource": issue.resource,
        "namespace": issue.namespace,
        "detectedAt": issue.detected_at,
        "hasAnalysis": issue.has_analysis,
        **present(
            clusterId=issue.cluster_id,
            resourceId=issue.resource_id,
            resourceKind=issue.resource_kind,
            owner={"kind": issue.owner_kind, "name": issue.owner_name} if issue.owner_kind else None,
            container=issue.container,
            title=issue.title,
            category=issue.category,
            substatus=issue.substatus,
            firstSeenAt=issue.first_seen_at,
            lastSeenAt=issue.last_seen_at,
            resolvedAt=issue.resolved_at,
            resolvedBy=issue.resolved_by,
            resolution=issue.resolution,
            count=issue.count,
            affected=[present(**one) for one in issue.affected],
            assignee=issue.assignee,
            labels=dict(issue.labels),
            parentIssueId=issue.parent_issue_id,
            previousIssueId=issue.previous_issue_id,
            facts=dict(issue.facts),
            analysisId=None if analysis is None else analysis.id,
            analysis=None if analysis is None else analyses_api.shape(analysis),
            version=issue.version,
        ),
    }


class _Counts:
    """Counts by (organisation, filter) with the event number they hold for; the least used go first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, tuple[int, int]] = OrderedDict()

    def of(self, tx: Transaction, fits: IssueFilter) -> int:
        key, head = (tx.org_id, tx.actor.clusters, fits), events.head(tx)
        kept = self._kept.get(key)
        if kept is not None and kept[0] == head:
            return kept[1]
        total = issues.count(tx, fits)
        self._kept[key] = (head, total)
        if len(self._kept) > COUNTS_KEPT:
            self._kept.popitem(last=False)
        return total


async def filters(
    status: Annotated[list[Status] | None, Query(description="Any of these")] = None,
    severity: Annotated[list[Severity] | None, Query(description="Any of these")] = None,
    cluster: Annotated[list[Name] | None, Query(description="Ids or names; unknown ones match nothing")] = None,
    type: Annotated[list[Name] | None, Query(description="Any of these; an open set")] = None,
    namespace: Annotated[list[Name] | None, Query(description="Any of these")] = None,
    since: Annotated[Moment | None, Query(description="Detected at or after")] = None,
    until: Annotated[Moment | None, Query(description="Detected before")] = None,
    q: Annotated[
        str | None, Query(min_length=1, max_length=100, pattern=TEXT_PATTERN, description="Part of title, resource or owner")
    ] = None,
) -> dict[str, Any]:
    return {
        "clusters": cluster,
        "statuses": frozenset(status or ()),
        "severities": frozenset(severity or ()),
        "types": frozenset(type or ()),
        "namespaces": frozenset(namespace or ()),
        "since": since,
        "until": until,
        "q": q,
    }


def _filter(tx: Transaction, given: dict[str, Any]) -> IssueFilter | None:
    """None when only unknown clusters were given: nothing fits."""
    chosen = resolve_all(tx, given["clusters"])
    if chosen is not None and not chosen:
        return None
    return IssueFilter(**{**given, "clusters": chosen or frozenset()})


_counts = _Counts()


async def list_issues(
    call: Call,
    wanted: Annotated[Asked, Depends(asked)],
    given: Annotated[dict[str, Any], Depends(filters)],
    sort: Annotated[Sort, Query()] = "-detectedAt",
) -> Response:
    """List issues"""
    page = page_request(call, wanted, sort)

    def look(tx: Transaction) -> tuple[list[Issue], int, dict[str, str]]:
        if (fits := _filter(tx, given)) is None:
            return [], 0, {}
        found = issues.find(tx, fits, page)
        return found, _counts.of(tx, fits), clusters.names(tx, {one.cluster_id for one in found})

    found, total, names = await call.read(look)
    return json_response(
        envelope(
            call,
            wanted,
            plural="issues",
            found=found,
            total=total,
            sort=sort,
            place=lambda one: issues.place(one, sort.lstrip("-")),
            shape=lambda one: shape(one, names.get(one.cluster_id, one.cluster_id)),
        )
    )


async def issue_facets(call: Call, given: Annotated[dict[str, Any], Depends(filters)]) -> Response:
    """Count issues by facet"""

    def look(tx: Transaction) -> tuple[dict[str, dict[str, int]], dict[str, str]]:
        if (fits := _filter(tx, given)) is None:
            return {}, {}
        counted = issues.facets(tx, fits)
        return counted, clusters.names(tx, counted.get("cluster", {}))

    counted, names = await call.read(look)
    shown = {facet: counted.get(facet, {}) for facet in ("severity", "status", "type", "cluster", "namespace")}
    shown["cluster"] = {names.get(one, one): count for one, count in shown["cluster"].items()}
    return json_response({facet: [{"value": value, "count": count} for value, count in values.items()] for facet, values in shown.items()})


async def get_issue(call: Call, issue_id: str) -> Response:
    """One issue"""
    check_id(issue_id, "iss")

    def look(tx: Transaction) -> tuple[Issue, str, Analysis | None, list[dict[str, str]]]:
        found = issues.get(tx, issue_id)
        name = clusters.names(tx, [found.cluster_id]).get(found.cluster_id, found.cluster_id)
        return found, name, analyses.newest(tx, found.id), _suggested(tx, found.type)

    issue, name, analysis, suggested = await call.read(look)
    return single(call, lambda: shape(issue, name, analysis) | {"suggestedRunbooks": suggested}, issue.version)


def _suggested(tx: Transaction, issue_type: str) -> list[dict[str, str]]:
    """The runbooks that fit an issue of this type."""
    found = runbooks.find(tx, RunbookFilter(issue_types=frozenset({issue_type})), PageRequest(size=MAX_SIZE, descending=False))
    return [{"id": one.id, "slug": one.slug, "name": one.name, "risk": one.definition.risk} for one in found if one.is_enabled]


async def update_issue(call: Call, issue_id: str, body: IssueChange) -> Response:
    """Acknowledge, resolve or open an issue"""
    check_id(issue_id, "iss")
    version = call.expected_version()

    def job(tx: Transaction) -> tuple[Issue, str, Analysis | None]:
        done = triage.update_issue(tx, issue_id, status=body.status, if_version=version)
        name = clusters.names(tx, [done.cluster_id]).get(done.cluster_id, done.cluster_id)
        return done, name, analyses.newest(tx, done.id)

    return await call.change(job, lambda done: json_answer(shape(*done), headers={"ETag": etag(done[0].version)}))


async def issue_activity(call: Call, issue_id: str) -> Response:
    """What happened to an issue, oldest first"""
    check_id(issue_id, "iss")
    found = await call.read(lambda tx: issues.activity(tx, issue_id))
    return json_response(whole("activity", [_activity(one) for one in found]))


def _activity(one: Activity) -> dict[str, Any]:
    return present(id=one.id, at=one.at, actorKind=one.actor_kind, actorId=one.actor_id, action=one.action, detail=dict(one.detail))


_EXAMPLE = {
    "issues": [
        {
            "id": "iss_01jd3q4m6ve5jt8cmykq3rzm0a",
            "type": "OOMKilled",
            "severity": "critical",
            "status": "open",
            "cluster": "production-us-east",
            "resource": "api-server-7d4f8b9c6-xk2lm",
            "namespace": "default",
            "detectedAt": "2024-01-15T10:30:00Z",
            "hasAnalysis": False,
            "clusterId": "cls_01jd3q4m6ve5jt8cmykq3rzm0b",
            "resourceKind": "Pod",
            "owner": {"kind": "Deployment", "name": "api-server"},
            "container": "api",
            "title": "Container api was killed at its memory limit of 128 MiB",
            "category": "resources",
            "substatus": "new",
            "firstSeenAt": "2024-01-15T10:30:00Z",
            "lastSeenAt": "2024-01-15T10:31:10Z",
            "count": 3,
            "affected": [{"kind": "Pod", "namespace": "default", "name": "api-server-7d4f8b9c6-xk2lm"}],
            "labels": {},
            "facts": {"limitBytes": 134217728, "exitCode": 137},
            "version": 2,
        }
    ],
    "total": 1,
    "page": 1,
    "pageSize": 20,
}


def add(app: FastAPI) -> None:
    routes = Routes(app, "issues")
    one = "/v1/issues/{issue_id}"
    routes.add("GET", "/v1/issues", list_issues, scope="issues:read", gives=IssueList, example=_EXAMPLE)
    routes.add("GET", "/v1/issues/facets", issue_facets, scope="issues:read", gives=Facets)
    routes.add("GET", one, get_issue, scope="issues:read", gives=IssueShape, errors=(404,), headers={"ETag": 1})
    routes.add("PATCH", one, update_issue, scope="issues:write", gives=IssueShape, errors=(404, 409, 412), headers={"ETag": 1})
    routes.add("GET", one + "/activity", issue_activity, scope="issues:read", gives=ActivityList, errors=(404,))
