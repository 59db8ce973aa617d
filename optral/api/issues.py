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
from optral.api.clusters import NAME_PATTERN, LabelValue, resolve_all
from optral.api.freshness import Stale, StaleSince, combined, members
from optral.api.http.lists import PageQuery, envelope, page_query, page_request
from optral.api.http.query import TEXT_PATTERN
from optral.api.http.routing import Call, Input, Routes, Shape, check_id, etag, json_answer, json_response, present, single
from optral.api.http.times import Moment
from optral.clusters import service as clusters
from optral.clusters.model import Standing
from optral.events import service as events
from optral.flows.issues import issue_events, triage
from optral.issues import grouping, listing, service as issues
from optral.issues.grouping import Symptom
from optral.issues.model import Issue, IssueFilter, Status as IssueStatus
from optral.issues.snooze import MOST_OCCURRENCES, Snooze, Wish
from optral.issues.triage import Change
from optral.kit.paging import MAX_SIZE, PageRequest
from optral.runbooks import service as runbooks
from optral.runbooks.model import RunbookFilter
from optral.store.transaction import Transaction
from optral.terms.severity import Severity

Sort = Literal["detectedAt", "-detectedAt", "lastSeenAt", "-lastSeenAt", "severity", "-severity", "status", "-status"]
Status = Literal["open", "acknowledged", "resolved"]
Substatus = Literal["new", "ongoing", "escalating", "regressed", "flapping", "preexisting", "snoozed", "muted"]
Name = Annotated[str, Field(min_length=1, max_length=253, pattern=NAME_PATTERN)]
COUNTS_KEPT = 2048
ANY = "any"


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


class SnoozeShape(Shape):
    """No notifications are sent for the issue until the first of these conditions is met"""

    until: datetime | None = None
    occurrences: int | None = Field(None, description="End the snooze after this many more occurrences")
    occurrences_left: int | None = None
    severity_rises: bool = Field(description="End the snooze if the severity rises")
    by: str
    at: datetime


class SymptomShape(Shape):
    """An issue that another issue explains"""

    id: str
    type: str
    severity: Severity
    status: Status
    resource: str
    resource_kind: str
    namespace: str | None
    title: str
    relation: str | None = Field(None, description="How the issue is related to its cause", examples=["runs on"])
    attached_at: datetime | None = Field(None, description="When the issue was attached to its cause")
    detected_at: datetime
    resolved_at: datetime | None = None


class PromisedIssue(Shape):
    """The nine promised members, in their order, and the cluster's id: what every JSON of an issue begins with."""

    id: str = Field(examples=["iss_01jd3q4m6ve5jt8cmykq3rzm0a"])
    type: str = Field(examples=["OOMKilled"])
    severity: Severity
    status: Status
    cluster: str = Field(description="The cluster's name", examples=["production-us-east"])
    resource: str = Field(description="The object that failed most recently", examples=["api-server-7d4f8b9c6-xk2lm"])
    namespace: str | None = Field(description="null for cluster-scoped objects", examples=["default"])
    detected_at: datetime = Field(description="When the issue opened, by the server's clock")
    has_analysis: bool
    cluster_id: str


class IssueShape(PromisedIssue):
    """The first nine members are stable and always in this order"""

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
    resolved_by: str | None = Field(None, description="Id of the member who resolved it or disabled its detector; otherwise `system`")
    resolution: str | None = Field(
        None, description="`recovered`, `resource_deleted`, `superseded`, `manual`, `cluster_deleted`, `detector_disabled`"
    )
    count: int
    affected: list[AffectedShape]
    assignee: str | None = None
    labels: dict[str, str]
    parent_issue_id: str | None = Field(None, description="Id of the issue that explains this one")
    symptom_count: int = Field(description="Number of symptoms of this issue, including resolved ones")
    symptoms: list[SymptomShape] | None = Field(None, description="At most 100, unresolved first; only in the response for a single issue")
    previous_issue_id: str | None = None
    snooze: SnoozeShape | None = None
    mute_rule_id: str | None = Field(None, description="The mute rule that suppresses notifications of this issue")
    comment_count: int
    facts: dict[str, Any]
    stale: Stale
    stale_since: StaleSince = None
    analysis_id: str | None = Field(None, description="The latest analysis; only in the response for a single issue")
    analysis: AnalysisShape | None = Field(None, description="The latest analysis; only in the response for a single issue")
    suggested_runbooks: list[SuggestedRunbook] | None = Field(
        None, description="Runbooks that apply to this issue type; only in the response for a single issue"
    )
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
    """Number of matching issues for each value of each facet"""

    severity: list[Facet]
    status: list[Facet]
    type: list[Facet]
    cluster: list[Facet]
    namespace: list[Facet]
    category: list[Facet]
    substatus: list[Facet]
    assignee: list[Facet] = Field(description="Member ids; `none` for unassigned issues")
    label: list[Facet] = Field(description="`key:value`")
    stale: Stale
    stale_since: StaleSince = None


class SnoozeWish(Input):
    """Conditions that end the snooze; at least one is required, and the first one that is met ends it"""

    until: Moment | None = Field(None, description="At most one year from now")
    occurrences: int | None = Field(None, ge=1, le=MOST_OCCURRENCES, description="End the snooze after this many more occurrences")
    severity_rises: bool = Field(False, description="End the snooze if the severity rises")


class IssueChange(Input):
    """Omitted members do not change"""

    status: Status = Field(default=None, description="`resolved` holds until a new occurrence")  # type: ignore[arg-type]
    assignee: str | None = Field(None, max_length=64, description="A member's id or `me`; null unassigns", examples=["me"])
    labels: dict[str, LabelValue | None] | None = Field(
        None,
        max_length=32,
        description="Merged into the existing labels; null removes a label",
        examples=[{"team": "payments", "old": None}],
    )
    snooze: SnoozeWish | None = Field(None, description="null ends the snooze")

    def wanted(self) -> Change:
        """The same in words of the room."""
        wish = self.snooze
        return Change(
            status=IssueStatus(self.status) if "status" in self.model_fields_set else None,
            assigns="assignee" in self.model_fields_set,
            assignee=self.assignee,
            labels=self.labels,
            snoozes="snooze" in self.model_fields_set,
            wish=None if wish is None else Wish(until=wish.until, occurrences=wish.occurrences, severity_rises=wish.severity_rises),
        )


def shape(issue: Issue, cluster: Standing, analysis: Analysis | None = None, *, symptom_count: int = 0) -> dict[str, Any]:
    """`analysis` is the newest one, for answers that include it."""
    return {
        **issue_events.promised(issue, cluster=cluster.name),
        **present(
            resourceId=issue.resource_id,
            resourceKind=issue.resource_kind,
            owner={"kind": issue.owner_kind, "name": issue.owner_name} if issue.owner_kind else None,
            container=issue.container,
            title=issue.title,
            category=issue.category,
            substatus=issue.shown_as,
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
            symptomCount=symptom_count,
            previousIssueId=issue.previous_issue_id,
            snooze=None if issue.snooze is None else _snooze(issue.snooze, issue.count),
            muteRuleId=issue.mute_rule_id,
            commentCount=issue.comment_count,
            facts=dict(issue.facts),
            analysisId=None if analysis is None else analysis.id,
            analysis=None if analysis is None else analyses_api.shape(analysis, cluster),
            version=issue.version,
        ),
        **members(cluster),
    }


def _symptom(symptom: Symptom) -> dict[str, Any]:
    issue = symptom.issue
    return {
        "id": issue.id,
        "type": issue.type,
        "severity": issue.severity,
        "status": issue.status,
        "resource": issue.resource,
        "resourceKind": issue.resource_kind,
        "namespace": issue.namespace,
        "title": issue.title,
        "detectedAt": issue.detected_at,
        **present(relation=symptom.relation, attachedAt=symptom.at, resolvedAt=issue.resolved_at),
    }


def _snooze(snooze: Snooze, count: int) -> dict[str, Any]:
    return present(
        until=snooze.until,
        occurrences=snooze.occurrences,
        occurrencesLeft=snooze.left(count),
        severityRises=snooze.severity_rises,
        by=snooze.by,
        at=snooze.at,
    )


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
    status: Annotated[list[Status] | None, Query(description="One or more values; matches any of them")] = None,
    severity: Annotated[list[Severity] | None, Query(description="One or more values; matches any of them")] = None,
    cluster: Annotated[list[Name] | None, Query(description="Cluster ids or names; unknown ones match nothing")] = None,
    type: Annotated[list[Name] | None, Query(description="One or more values; matches any of them. New values may be added")] = None,
    namespace: Annotated[list[Name] | None, Query(description="One or more values; matches any of them")] = None,
    category: Annotated[list[Name] | None, Query(description="One or more values; matches any of them. New values may be added")] = None,
    substatus: Annotated[list[Substatus] | None, Query(description="One or more values; matches any of them")] = None,
    kind: Annotated[list[Name] | None, Query(description="Kind of the owner, for example `Deployment`")] = None,
    container: Annotated[list[Name] | None, Query(description="One or more values; matches any of them")] = None,
    assignee: Annotated[list[Name] | None, Query(description="Member ids, `me`, or `none` for unassigned issues")] = None,
    label: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[A-Za-z0-9._/-]+:[A-Za-z0-9._-]*$")]] | None,
        Query(description="One or more labels as `name:value`; matches all of them"),
    ] = None,
    parent: Annotated[
        list[Name] | None,
        Query(description="Ids of root issues, to list their symptoms; `none` (default) excludes symptoms; `any` lists roots and symptoms"),
    ] = None,
    snoozed: Annotated[bool | None, Query(description="`true`: only snoozed issues; `false`: no snoozed issues")] = None,
    muted: Annotated[bool | None, Query(description="`true`: only muted issues; `false`: no muted issues")] = None,
    since: Annotated[Moment | None, Query(description="Detected at or after this time")] = None,
    until: Annotated[Moment | None, Query(description="Detected before this time")] = None,
    q: Annotated[
        str | None, Query(min_length=1, max_length=100, pattern=TEXT_PATTERN, description="Substring of the title, resource or owner")
    ] = None,
) -> dict[str, Any]:
    return {
        "clusters": cluster,
        "statuses": frozenset(status or ()),
        "severities": frozenset(severity or ()),
        "types": frozenset(type or ()),
        "namespaces": frozenset(namespace or ()),
        "categories": frozenset(category or ()),
        "substatuses": frozenset(substatus or ()),
        "owner_kinds": frozenset(kind or ()),
        "containers": frozenset(container or ()),
        "assignees": frozenset(assignee or ()),
        "labels": frozenset((name, value) for name, _, value in (pair.partition(":") for pair in label or ())),
        "parents": frozenset() if ANY in (parent or ()) else frozenset(parent or ("none",)),
        "is_snoozed": snoozed,
        "is_muted": muted,
        "since": since,
        "until": until,
        "q": q,
    }


def _filter(tx: Transaction, given: dict[str, Any]) -> IssueFilter | None:
    """None when only unknown clusters were given: nothing fits."""
    chosen = resolve_all(tx, given["clusters"])
    if chosen is not None and not chosen:
        return None
    people = given["assignees"]
    if triage.ME in people:
        me = triage.person(tx, triage.ME)
        people = (people - {triage.ME}) | ({me} if me is not None else {"nobody"})
    return IssueFilter(**{**given, "clusters": chosen or frozenset(), "assignees": people})


_counts = _Counts()


async def list_issues(
    call: Call,
    wanted: Annotated[PageQuery, Depends(page_query)],
    given: Annotated[dict[str, Any], Depends(filters)],
    sort: Annotated[Sort, Query()] = "-detectedAt",
) -> Response:
    """List issues"""
    page = page_request(call, wanted, sort)

    def look(tx: Transaction) -> tuple[list[Issue], int, dict[str, Standing], dict[str, int]]:
        if (fits := _filter(tx, given)) is None:
            return [], 0, {}, {}
        found = issues.find(tx, fits, page)
        counts = grouping.symptom_counts(tx, [one.id for one in found])
        return found, _counts.of(tx, fits), clusters.standings(tx, {one.cluster_id for one in found}), counts

    found, total, standings, symptoms = await call.read(look)
    return json_response(
        envelope(
            call,
            wanted,
            plural="issues",
            found=found,
            total=total,
            sort=sort,
            place=lambda one: issues.place(one, sort.lstrip("-")),
            shape=lambda one: shape(one, clusters.standing_in(standings, one.cluster_id), symptom_count=symptoms.get(one.id, 0)),
        )
    )


async def issue_facets(call: Call, given: Annotated[dict[str, Any], Depends(filters)]) -> Response:
    """Count issues by facet"""

    def look(tx: Transaction) -> tuple[dict[str, dict[str, int]], dict[str, Standing]]:
        if (fits := _filter(tx, given)) is None:
            return {}, {}
        counted = issues.facets(tx, fits)
        return counted, clusters.standings(tx, counted.get("cluster", {}))

    counted, standings = await call.read(look)
    shown = {facet: counted.get(facet, {}) for facet in listing.FACET_NAMES}
    shown["cluster"] = {clusters.standing_in(standings, one).name: count for one, count in shown["cluster"].items()}
    facets = {facet: [{"value": value, "count": count} for value, count in values.items()] for facet, values in shown.items()}
    return json_response(facets | combined(standings.values()))


async def get_issue(call: Call, issue_id: str) -> Response:
    """Get an issue"""
    check_id(issue_id, "iss")

    def look(tx: Transaction) -> dict[str, Any]:
        found = issues.get(tx, issue_id)
        symptoms = [_symptom(one) for one in grouping.symptoms_of(tx, found.id)]
        return _whole(tx, found) | {"symptoms": symptoms, "suggestedRunbooks": _suggested(tx, found.type)}

    shown = await call.read(look)
    return single(call, lambda: shown, shown["version"], shown)


def _whole(tx: Transaction, issue: Issue) -> dict[str, Any]:
    """The issue with its newest analysis."""
    count = grouping.symptom_counts(tx, [issue.id]).get(issue.id, 0)
    return shape(issue, clusters.standing(tx, issue.cluster_id), analyses.shown(tx, issue.id), symptom_count=count)


def _suggested(tx: Transaction, issue_type: str) -> list[dict[str, str]]:
    """The runbooks that fit an issue of this type."""
    found = runbooks.find(tx, RunbookFilter(issue_types=frozenset({issue_type})), PageRequest(size=MAX_SIZE, descending=False))
    return [{"id": one.id, "slug": one.slug, "name": one.name, "risk": one.definition.risk} for one in found if one.is_enabled]


async def update_issue(call: Call, issue_id: str, body: IssueChange) -> Response:
    """Update an issue: status, assignee, labels or snooze"""
    check_id(issue_id, "iss")
    version, wanted = call.expected_version(), body.wanted()

    def job(tx: Transaction) -> dict[str, Any]:
        return _whole(tx, triage.change(tx, issue_id, wanted, if_version=version))

    return await call.change(job, lambda shown: json_answer(shown, headers={"ETag": etag(shown["version"], shown)}))


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
            "symptomCount": 0,
            "commentCount": 0,
            "facts": {"limitBytes": 134217728, "exitCode": 137},
            "stale": False,
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
