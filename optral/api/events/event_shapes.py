"""The `data` of each event type, and contracts/events.json, which is made of these models.

The schemas are JSON Schema draft 7, limited to what OpenAPI 3.0 also knows.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from optral.analysis.model import Trigger
from optral.api.http.routing import Shape
from optral.api.issues.issue_shapes import ActionBrief, CauseBrief, FixShape, IssueImpact, PromisedIssue
from optral.clusters.connection import Code
from optral.clusters.fleet import TokenStatus
from optral.clusters.model import ClusterStatus
from optral.events.model import TYPES
from optral.runbooks.model import ExecutionStatus

Json = dict[str, Any]

Stale = Annotated[bool, Field(description="Whether the cluster's agent was disconnected at the time of the event")]
StaleSince = Annotated[datetime | None, Field(description="The last heartbeat before the event; null while current, or if there was none")]


class IssueEvent(PromisedIssue):
    title: str | None = Field(None, description="What broke, in one line")  # absent in events that were written before it was added
    substatus: str
    impact: IssueImpact | None = Field(None, description="What the issue and its symptoms affect")  # absent in older events
    count: int
    parent_issue_id: str | None = Field(None, description="Id of the issue that explains this one")
    team: str | None = Field(None, description="The team that owns what fails")
    stale: Stale = False  # the log keeps events that were written before it had these two members
    stale_since: StaleSince = None


class Difference(Shape):
    from_: Any = Field(alias="from")
    to: Any


class UpdatedIssueEvent(IssueEvent):
    changes: dict[str, Difference] = Field(
        description="What changed, by member: type, status, severity, substatus, resource, title, resolution, assignee, labels, "
        "snooze, muteRuleId, commentCount, parentIssueId, severitySetBy, impact, count, fix. An edited comment has the same "
        "commentCount twice"
    )
    via: str | None = Field(None, description="The webhook through which another system, such as PagerDuty, requested the change")


class ResolvedIssueEvent(IssueEvent):
    resolution: str | None = Field(
        description="Why it was resolved: recovered, resource_deleted, superseded, manual, cluster_deleted or detector_disabled"
    )
    resolved_at: datetime | None


class AgentAddress(Shape):
    instance: str
    address: str


class ClusterEvent(Shape):
    id: str
    name: str
    status: ClusterStatus
    status_reason: str | None = None
    last_heartbeat_at: datetime | None = None
    agent_version: str | None = None
    kubernetes_version: str | None = None
    stale: Stale = False
    stale_since: StaleSince = None
    deleted: bool = False
    agents: list[AgentAddress] = Field([], description="Agents that compete for the connection with one identity; stop all but one")


class ConnectionEvent(Shape):
    """An agent that connects got one step further, or was refused."""

    id: str = Field(description="The cluster's id")
    name: str
    code: Code
    refused: bool
    message: str = Field(description="What happened")
    fix: str = Field(description="What to do about it; empty if nothing")
    at: datetime


class FleetEvent(Shape):
    """A fleet token was created, used or revoked."""

    id: str = Field(description="The token's id (flt_…)")
    name: str
    status: TokenStatus
    uses: int
    max_uses: int


class AnchorEvent(Shape):
    """The end of the organization's audit log; at most one an hour. Keep it, and compare the log with it."""

    id: str = Field(description="The organization's id (org_…)")
    seq: int = Field(description="Number of the newest audit record")
    hash: str = Field(description="SHA-256 of the record and of everything before it, in hex")
    head: str = Field(description="Both, as `optral audit verify --head` takes it", examples=["4812:9f2c"])
    at: datetime


class MemberEvent(Shape):
    """What a member may do where was changed, or the member was removed. Sent only to callers who see the whole organization."""

    id: str = Field(description="The member's id (usr_…)")
    email: str
    by: str = Field(description="Who changed it")
    removed: bool = Field(False, description="The membership has ended")


class RunbookRef(Shape):
    id: str
    slug: str
    name: str
    version: int


class Target(Shape):
    kind: str
    namespace: str | None = None
    name: str


class ExecutionEvent(Shape):
    """An execution of a runbook; in `runbook.completed`, `status` is the outcome."""

    id: str = Field(description="The execution's id (exe_…)")
    runbook: RunbookRef
    status: ExecutionStatus
    dry_run: bool
    cluster: str = Field(description="The cluster's name")
    cluster_id: str
    issue_id: str | None = None
    target: Target
    requested_by: str
    trigger_id: str | None = Field(None, description="The trigger that started it")
    break_glass: str | None = Field(None, description="Reason for a change during a freeze, or without missing approvals")
    created_at: datetime
    finished_at: datetime | None = None
    verification: str | None = Field(None, description="passed, failed or inconclusive")
    version: int


class CompletedEvent(ExecutionEvent):
    """An execution of a runbook has ended; `status` is the outcome."""

    fix: FixShape | None = Field(None, description="Present if the verification passed and the issue is still open")


class NotificationEvent(ExecutionEvent):
    """The message of a `notify` step of an execution."""

    step: str
    message: str


class AnalysisEvent(Shape):
    """An analysis has finished: ready, inconclusive or failed."""

    id: str = Field(description="The analysis' id (ana_…)")
    issue_id: str
    cluster_id: str
    status: Literal["ready", "inconclusive", "failed"]
    trigger: Trigger
    root_cause: str | None = Field(description="An id from docs/causes.md")
    confidence: float | None
    summary: str | None
    cause: CauseBrief | None = Field(None, description="As in the issue; these three are absent if the issue shows another analysis")
    cause_unknown: str | None = None
    action: ActionBrief | None = None


class FeedbackEvent(Shape):
    """A person said whether an analysis helped, changed it, or withdrew it."""

    id: str = Field(description="The analysis' id (ana_…)")
    issue_id: str
    cluster_id: str
    issue_type: str
    root_cause: str | None = Field(description="The cause that the analysis named: an id from docs/causes.md")
    helpful: int = Field(description="How many people it helped")
    not_helpful: int


class FiringRef(Shape):
    id: str
    state: str = Field(description="waiting, started, refused or skipped")
    code: str | None = Field(None, description="Why nothing was started")


class TriggerEvent(Shape):
    """A trigger was created, changed, blocked, unblocked, deleted, or has fired."""

    id: str = Field(description="The trigger's id (trg_…)")
    name: str
    source: str = Field(description="issue, schedule or webhook")
    enabled: bool
    blocked: str | None = Field(None, description="consecutive_failures, creator_lost_rights or secret_not_trusted")
    firing: FiringRef | None = None
    execution_id: str | None = Field(None, description="The execution that the firing started")
    version: int


class SafeguardsEvent(Shape):
    """All executions were stopped, paused or resumed; or limits, a freeze or a maintenance window were changed."""

    id: str = Field(description="Id of the organization, or of the freeze or window")
    changed: Literal["executions", "limits", "window"]
    paused: bool = Field(description="Whether executions are stopped or paused now")
    by: str | None = Field(None, description="Who stopped, paused or resumed them")
    reason: str | None = None


class StreamReset(Shape):
    """Events were missed, or the position is unknown: read the lists again, then continue from `head`."""

    reason: Literal["too_old", "unknown"]
    head: int


_GROUPS: dict[str, type[Shape]] = {
    "issue.created": IssueEvent,
    "issue.updated": UpdatedIssueEvent,
    "issue.resolved": ResolvedIssueEvent,
    "cluster.connection": ConnectionEvent,
    "cluster": ClusterEvent,
    "fleet": FleetEvent,
    "audit": AnchorEvent,
    "runbook.completed": CompletedEvent,
    "runbook.notification": NotificationEvent,
    "member": MemberEvent,
    "runbook": ExecutionEvent,
    "execution": ExecutionEvent,
    "approval": ExecutionEvent,
    "analysis.ready": AnalysisEvent,
    "analysis.feedback": FeedbackEvent,
    "trigger": TriggerEvent,
    "safeguards": SafeguardsEvent,
    "stream.reset": StreamReset,
}
"""The shape of an event type, or of all types of a subject."""


def shape_of(event_type: str) -> type[Shape]:
    """The model of the type's `data`. Raises `KeyError` for a type without one."""
    return _GROUPS.get(event_type) or _GROUPS[event_type.partition(".")[0]]


def schemas() -> Json:
    """The document: one schema per type that is written now."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Optral events",
        "description": "The `data` line of each event of /v1/events/stream, and the `data` member in /v1/events, by event type.",
        "events": BY_TYPE,
    }


def _schema(shape: type[Shape]) -> Json:
    raw = shape.model_json_schema()
    plain: Json = _plain(raw, raw.get("$defs", {}))
    return plain


def _plain(schema: Any, definitions: Mapping[str, Json]) -> Any:
    """One schema with its references filled in, `T | None` written as a list of types, and no generated titles or defaults."""
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        target: Json = _plain(definitions[schema["$ref"].rpartition("/")[2]], definitions)
        return target | {word: value for word, value in schema.items() if word == "description"}
    found: Json = {}
    for word, value in schema.items():
        if word in ("title", "default", "$defs", "examples"):
            continue
        if word == "properties":
            found[word] = {name: _plain(inner, definitions) for name, inner in value.items()}
        elif word == "anyOf":
            (kind,) = (inner for inner in value if inner != {"type": "null"})
            plain = _plain(kind, definitions)
            found |= plain | {"type": [plain["type"], "null"]}
        else:
            found[word] = _plain(value, definitions)
    return found


BY_TYPE: Json = {name: _schema(shape_of(name)) for name in TYPES}
