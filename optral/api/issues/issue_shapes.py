"""The JSON of issues in REST: request bodies, responses, and the functions that build them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from optral.analysis.model import Analysis
from optral.api.analyses import analyses as analyses_api
from optral.api.analyses.analyses import AnalysisShape
from optral.api.clusters.clusters import NAME_PATTERN, LabelValue
from optral.api.http.lists import TotalCapped
from optral.api.http.query import LINE_PATTERN
from optral.api.http.routing import Input, Shape, present
from optral.api.http.times import Moment
from optral.api.issues.tickets import IssueTicketShape
from optral.api.overview.coverage_shapes import CoverageShape
from optral.api.resources.freshness import Stale, StaleSince, members
from optral.api.resources.resources import EntityLinkShape
from optral.clusters.model import ClusterFreshness
from optral.clusters.service import standing_in
from optral.flows.executions.fixes import FailedFix, Fix
from optral.flows.issues import issue_events
from optral.issues.lifecycle.grouping import Symptom
from optral.issues.lists import groups
from optral.issues.model import Issue, Status as IssueStatus
from optral.issues.triage.snooze import MOST_OCCURRENCES, Snooze, SnoozeConditions
from optral.issues.triage.triage import Change
from optral.kube.teams import MAX_TEAM
from optral.terms.severity import Severity

Status = Literal["open", "acknowledged", "resolved"]

Name = Annotated[str, Field(min_length=1, max_length=253, pattern=NAME_PATTERN)]
Team = Annotated[str, Field(min_length=1, max_length=MAX_TEAM, pattern=LINE_PATTERN)]


class SeverityCounts(Shape):
    critical: int
    high: int
    medium: int
    low: int


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


class CauseBrief(Shape):
    id: str = Field(description="An id from docs/causes.md", examples=["memory_limit_too_low"])
    title: str
    explanation: str
    confidence_label: Literal["high", "medium", "low"] | None = None


class ActionBrief(Shape):
    """What the analysis recommends first"""

    title: str
    risk: Literal["readOnly", "low", "high", "destructive", "manual"]
    runbook: str | None = Field(None, description="The runbook that does it; absent for a manual step", examples=["raise-memory-limit"])
    parameters: dict[str, Any] | None = None


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


class FixShape(Shape):
    """A verified execution of a runbook that fixed the issue"""

    execution_id: str
    by: str = Field(description="Id of the member or API key that requested the execution; otherwise `system`")
    verified_at: datetime
    resolves_at: datetime | None = Field(
        description="When the issue resolves if it stays healthy; null while an object shows the failure, and of a resolved issue"
    )


class FailedFixShape(Shape):
    """The newest execution of a runbook for the issue, which did not help"""

    execution_id: str
    by: str = Field(description="Id of the member or API key that requested the execution; otherwise `system`")
    at: datetime = Field(description="When the execution ended")
    text: str = Field(description="What did not help, in a sentence", examples=["The memory limit of 128Mi did not suffice."])


class IssueImpact(Shape):
    """What an issue and its symptoms affect"""

    workloads: int = Field(description="Workloads whose pods are affected")
    pods: int
    namespaces: int
    callers: int = Field(description="Other workloads that call an affected Service, as far as their configuration shows it")
    reason: str = Field(
        description="Why the issue has its severity: docs/severity.md", examples=["No replica of Deployment shop/api is available."]
    )


class PromisedIssue(Shape):
    """The nine stable members in their order, and the id of the cluster; every JSON of an issue starts with them."""

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
    first_seen_at: datetime = Field(
        description="When the failure began, as far as the cluster shows it; earlier than `detectedAt` for an old one"
    )
    last_seen_at: datetime
    unchanged_since: datetime = Field(description="Since when it has neither opened again nor escalated; otherwise `firstSeenAt`")
    resolves_at: datetime | None = Field(
        None, description="When the issue resolves if the failure does not return: no object shows it any more; absent while one does"
    )
    fix: FixShape | None = Field(
        None, description="Present after a verified fix, also of a resolved issue; absent an hour after the failure returned"
    )
    failed_fix: FailedFixShape | None = Field(
        None,
        description="Present if the verification of the newest change failed, or the failure returned within an hour; "
        "only in the response for a single issue",
    )
    resolved_at: datetime | None = None
    resolved_by: str | None = Field(None, description="Id of the member who resolved it or disabled its detector; otherwise `system`")
    resolution: str | None = Field(
        None, description="`recovered`, `resource_deleted`, `superseded`, `manual`, `cluster_deleted`, `detector_disabled`"
    )
    impact: IssueImpact
    severity_set_by: str | None = Field(None, description="Id of the member or API key that set the severity; absent if it is computed")
    computed_severity: Severity | None = Field(None, description="The severity without that; absent if nobody set it")
    count: int
    affected: list[AffectedShape]
    team: str | None = Field(None, description="The team that owns what fails; absent if none is known", examples=["payments"])
    team_reason: str | None = Field(None, description="What decided the team", examples=["label team of Deployment api"])
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
    cause: CauseBrief | None = Field(None, description="The cause that the analysis names")
    cause_unknown: str | None = Field(
        None,
        description="Why no cause is known; absent with `cause` and if the issue was not analyzed",
        examples=["Cause unknown; missing: log lines of container app"],
    )
    action: ActionBrief | None = None
    stale: Stale
    stale_since: StaleSince = None
    analysis_id: str | None = Field(None, description="The analysis that the issue shows; only in the response for a single issue")
    analysis: AnalysisShape | None = Field(None, description="The analysis that the issue shows; only in the response for a single issue")
    links: list[EntityLinkShape] | None = Field(
        None, description="Links in annotations of the owner, at most 10; only in the response for a single issue"
    )
    tickets: list[IssueTicketShape] | None = Field(
        None, description="Tickets in other systems that follow the issue; only in the response for a single issue"
    )
    suggested_runbooks: list[SuggestedRunbook] | None = Field(
        None, description="Runbooks that apply to this issue type; only in the response for a single issue"
    )
    version: int


class IssueList(Shape):
    issues: list[IssueShape]
    total: int
    total_capped: TotalCapped | None = None
    page: int
    page_size: int
    next_cursor: str | None = None
    coverage: CoverageShape = Field(description="What the list covers, in the clusters and namespaces of its filters")


class Facet(Shape):
    value: str
    count: int


class Facets(Shape):
    """Number of matching issues for each value of each facet, among the newest 10,000"""

    severity: list[Facet]
    status: list[Facet]
    type: list[Facet]
    cluster: list[Facet]
    namespace: list[Facet]
    category: list[Facet]
    substatus: list[Facet]
    assignee: list[Facet] = Field(description="Member ids; `none` for unassigned issues")
    team: list[Facet] = Field(description="`none` for issues without a team")
    label: list[Facet] = Field(description="`key:value`")
    stale: Stale
    stale_since: StaleSince = None


class GroupShape(Shape):
    """Issues with the same workload, type, cluster or namespace; members that `by` does not use are absent"""

    count: int = Field(description="Issues in the group")
    severity: Severity = Field(description="The highest severity in the group")
    severities: SeverityCounts = Field(description="Issues in the group by severity")
    title: str = Field(description="The title of one of the most severe issues")
    opened: list[int] = Field(description="Issues of the group detected in each 2 hours of the last 24, the oldest first")
    type: str | None = None
    cluster: str | None = Field(None, description="The cluster's name")
    cluster_id: str | None = None
    namespace: str | None = Field(None, description="Absent also for issues of cluster-scoped objects")
    owner: OwnerShape | None = None
    query: str = Field(
        description="Selects the issues of the group; for `q` of `GET /v1/issues`", examples=["ns:shop kind:Deployment owner:api"]
    )
    issues: list[IssueShape] | None = Field(None, description="The issues of a small group, the most urgent first; see `withIssues`")


class GroupList(Shape):
    groups: list[GroupShape] = Field(description="The largest group first, then the one with the highest severity")
    total: int = Field(description="Number of groups")
    page: int
    page_size: int
    issues: int = Field(description="Issues that were counted")
    issues_capped: bool = Field(
        description="Whether more issues match than were counted: the newest 10,000, or 100,000 if only open and acknowledged issues match"
    )
    stale: Stale
    stale_since: StaleSince = None


class SnoozeConditionsInput(Input):
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
    snooze: SnoozeConditionsInput | None = Field(None, description="null ends the snooze")
    severity: Annotated[Severity, Field(strict=False)] | None = Field(
        None, description="Holds until it is changed again, whatever is computed; null returns to the computed severity"
    )

    def to_change(self) -> Change:
        """The change as a value of `optral.issues`."""
        wish = self.snooze
        return Change(
            status=IssueStatus(self.status) if "status" in self.model_fields_set else None,
            assigns="assignee" in self.model_fields_set,
            assignee=self.assignee,
            labels=self.labels,
            rates="severity" in self.model_fields_set,
            severity=self.severity,
            snoozes="snooze" in self.model_fields_set,
            wish=None
            if wish is None
            else SnoozeConditions(until=wish.until, occurrences=wish.occurrences, severity_rises=wish.severity_rises),
        )


def shape(
    issue: Issue,
    cluster: ClusterFreshness,
    analysis: Analysis | None = None,
    *,
    symptom_count: int = 0,
    resolves_at: datetime | None = None,
    brief: Mapping[str, Any] | None = None,
    fix: Fix | None = None,
) -> dict[str, Any]:
    """The JSON of an issue. Responses for a single issue include `analysis`, the newest one."""
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
            unchangedSince=issue.unchanged_since,
            resolvesAt=resolves_at if issue.status is not IssueStatus.RESOLVED else None,
            fix=None if fix is None else _fix(fix),
            resolvedAt=issue.resolved_at,
            resolvedBy=issue.resolved_by,
            resolution=issue.resolution,
            impact=issue.shown_impact,
            severitySetBy=issue.severity_set_by,
            computedSeverity=issue.computed_severity if issue.severity_set else None,
            count=issue.count,
            affected=[present(**one) for one in issue.affected],
            team=issue.team,
            teamReason=issue.team_reason,
            assignee=issue.assignee,
            labels=dict(issue.labels),
            parentIssueId=issue.parent_issue_id,
            symptomCount=symptom_count,
            previousIssueId=issue.previous_issue_id,
            snooze=None if issue.snooze is None else _snooze(issue.snooze, issue.count),
            muteRuleId=issue.mute_rule_id,
            commentCount=issue.comment_count,
            facts=dict(issue.facts),
            **(brief or {}),
            analysisId=None if analysis is None else analysis.id,
            analysis=None if analysis is None else analyses_api.shape(analysis, cluster),
            version=issue.version,
        ),
        **members(cluster),
    }


def symptom_shape(symptom: Symptom) -> dict[str, Any]:
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


def _fix(fix: Fix) -> dict[str, Any]:
    return {"executionId": fix.execution_id, "by": fix.by, "verifiedAt": fix.verified_at, "resolvesAt": fix.resolves_at}


def failed_fix(found: FailedFix) -> dict[str, Any]:
    return {"executionId": found.execution_id, "by": found.by, "at": found.at, "text": found.text}


def _snooze(snooze: Snooze, count: int) -> dict[str, Any]:
    return present(
        until=snooze.until,
        occurrences=snooze.occurrences,
        occurrencesLeft=snooze.left(count),
        severityRises=snooze.severity_rises,
        by=snooze.by,
        at=snooze.at,
    )


LIST_EXAMPLE = {
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
            "impact": {
                "workloads": 1,
                "pods": 1,
                "namespaces": 1,
                "callers": 0,
                "reason": "Deployment default/api-server has 2 of 3 replicas.",
            },
            "count": 3,
            "affected": [{"kind": "Pod", "namespace": "default", "name": "api-server-7d4f8b9c6-xk2lm"}],
            "labels": {},
            "symptomCount": 0,
            "commentCount": 0,
            "facts": {"limitBytes": 134217728, "exitCode": 137},
            "causeUnknown": "Analysis is running",
            "stale": False,
            "version": 2,
        }
    ],
    "total": 1,
    "page": 1,
    "pageSize": 20,
}


def group_shape(
    group: groups.Group, by: str, standings: Mapping[str, ClusterFreshness], members: list[dict[str, Any]] | None
) -> dict[str, Any]:
    cluster = None if group.cluster_id is None else standing_in(standings, group.cluster_id).name
    return {
        "count": group.number,
        "severity": group.severity,
        "severities": {one.value: group.severities.get(one, 0) for one in Severity},
        "title": group.title,
        "opened": group.opened,
        **present(
            type=group.type,
            cluster=cluster,
            clusterId=group.cluster_id,
            namespace=group.namespace,
            owner={"kind": group.owner_kind, "name": group.owner_name} if group.owner_kind else None,
        ),
        "query": groups.query_of(group, by, cluster=cluster),
        **present(issues=members),
    }
