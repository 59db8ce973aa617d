"""The JSON of the overview in REST."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from optral.api.clusters.clusters import NodesShape, PodsShape
from optral.api.http.routing import Shape
from optral.api.issues.issue_shapes import IssueShape, SeverityCounts
from optral.api.overview.coverage_shapes import CoverageShape
from optral.api.resources.freshness import Stale, StaleSince
from optral.clusters.connection import Skew
from optral.clusters.model import ClusterStatus
from optral.runbooks.model import ExecutionStatus
from optral.terms.severity import Severity

Health = Literal["critical", "warning", "unreachable", "incomplete", "pending", "healthy"]


class OpenCounts(Shape):
    """Open issues by severity"""

    critical: int
    high: int
    medium: int
    low: int
    total: int
    unacknowledged: int = Field(description="How many of them are not acknowledged")


class LastHour(Shape):
    opened: int
    resolved: int


class OverviewIssues(Shape):
    open: OpenCounts
    unacknowledged: SeverityCounts = Field(description="Open issues that are not acknowledged, by severity")
    urgent: list[IssueShape] = Field(
        description="At most 20 issues of at least medium severity: not acknowledged first, then the most severe, then the newest"
    )
    last_hour: LastHour


class FleetCounts(Shape):
    """How many clusters there are, by health"""

    total: int
    critical: int
    warning: int
    unreachable: int
    incomplete: int
    pending: int
    healthy: int


class AgentBrief(Shape):
    version: str | None = None
    version_skew: Skew | None = Field(
        None, description="The agent's version beside the server's, which supports its own and the one before"
    )


class OverviewCluster(Shape):
    id: str = Field(examples=["cls_01jd3q4m6ve5jt8cmykq3rzm0a"])
    name: str = Field(examples=["production-us-east"])
    status: ClusterStatus
    status_reason: str | None = None
    health: Health = Field(
        description="`critical`: a critical issue is open. `warning`: a high or medium issue is open, or the agent is late to report. "
        "`unreachable`: the agent does not report. `incomplete`: none of these, but something needed was not read. "
        "`pending`: no agent has connected yet. `healthy`: none of these"
    )
    unread: list[str] | None = Field(
        None,
        description="What is needed and was not read, so that a failure may be hidden; absent if everything was read",
        examples=[["Service of cluster production-us-east cannot be read"]],
    )
    worst_severity: Severity | None = Field(None, description="Of the open issues; absent without any")
    open_issues: OpenCounts
    agent: AgentBrief
    kubernetes_version: str | None = None
    last_heartbeat_at: datetime | None = None
    nodes: NodesShape | None = Field(None, description="Absent without the scope `resources:read`")
    pods: PodsShape | None = Field(None, description="Absent without the scope `resources:read`")
    stale: Stale
    stale_since: StaleSince = None


class ChangedValue(Shape):
    path: str
    from_: Any = Field(None, alias="from")
    to: Any = None


class RecentChange(Shape):
    resource_id: str
    action: Literal["created", "changed", "deleted"]
    kind: str = Field(examples=["Deployment"])
    namespace: str | None = None
    name: str
    cluster: str = Field(description="The cluster's name")
    cluster_id: str
    at: datetime
    manager: str | None = Field(None, description="The field manager that made the change", examples=["kubectl-client-side-apply"])
    fields: list[ChangedValue] = Field(description="The first 3 fields that changed")
    field_count: int


class ChangesShape(Shape):
    """Changes of workloads, configuration and nodes in the last hour"""

    since: datetime
    total: int = Field(description="At most 10,000")
    newest: list[RecentChange] = Field(description="At most 20, newest first")


class TargetShape(Shape):
    kind: str | None = None
    namespace: str | None = None
    name: str | None = None


class LiveExecution(Shape):
    id: str = Field(examples=["exe_01jd3q4m6ve5jt8cmykq3rzm0a"])
    runbook: str = Field(description="The runbook's name")
    status: ExecutionStatus
    cluster: str = Field(description="The cluster's name")
    cluster_id: str
    issue_id: str | None = None
    target: TargetShape
    dry_run: bool
    requested_by: str
    created_at: datetime
    started_at: datetime | None = None
    expires_at: datetime | None = Field(None, description="Until when it can be approved")


class ExecutionsShape(Shape):
    running: int = Field(description="Queued, running and verifying executions")
    waiting: int = Field(description="Executions waiting for approval")
    failed: int = Field(description="Executions of the last 24 hours that failed, timed out or were lost")
    newest: list[LiveExecution] = Field(description="At most 20 running and waiting executions, newest first")


class OverviewShape(Shape):
    at: datetime = Field(description="When the overview was made")
    coverage: CoverageShape
    issues: OverviewIssues
    fleet: FleetCounts | None = Field(None, description="Absent without the scope `clusters:read`")
    clusters: list[OverviewCluster] | None = Field(
        None, description="At most 2,000, worst health first; absent without the scope `clusters:read`"
    )
    changes: ChangesShape | None = Field(None, description="Absent without the scope `resources:read`")
    executions: ExecutionsShape | None = Field(None, description="Absent without the scope `runbooks:read`")
