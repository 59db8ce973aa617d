"""The `data` of each event type as JSON Schema (draft 7, the part of it that OpenAPI 3.0 knows): contracts/events.json."""

from typing import Any

Json = dict[str, Any]


def _text(**more: Any) -> Json:
    return {"type": "string", **more}


def _nullable(schema: Json) -> Json:
    return {**schema, "type": [schema["type"], "null"]}


_TIME = _text(format="date-time")
_STALE: Json = {"type": "boolean", "description": "The cluster's agent was not connected at the time of the event"}
_STALE_SINCE = _nullable(_text(format="date-time", description="The last heartbeat then; null while current, and when there was none"))
_NOT_IN_OLD_EVENTS = frozenset({"stale", "staleSince"})  # the log keeps events that an earlier version wrote
_CHANGES: Json = {
    "type": "object",
    "description": "What an operator sees differ, by member: status, severity, substatus, resource, title, resolution, assignee, labels, "
    "snooze, muteRuleId, commentCount, parentIssueId, count. An edited comment has the same commentCount twice",
    "additionalProperties": {"type": "object", "required": ["from", "to"], "properties": {"from": {}, "to": {}}},
}


def _issue(**more: Json) -> Json:
    members = {
        "id": _text(),
        "type": _text(),
        "severity": _text(enum=["critical", "high", "medium", "low"]),
        "status": _text(enum=["open", "acknowledged", "resolved"]),
        "cluster": _text(description="The cluster's name"),
        "resource": _text(description="The newest failing object"),
        "namespace": _nullable(_text()),
        "detectedAt": _TIME,
        "hasAnalysis": {"type": "boolean"},
        "clusterId": _text(),
        "substatus": _text(),
        "count": {"type": "integer"},
        "stale": _STALE,
        "staleSince": _STALE_SINCE,
        **more,
    }
    return {"type": "object", "required": [name for name in members if name not in _NOT_IN_OLD_EVENTS], "properties": members}


_CLUSTER: Json = {
    "type": "object",
    "required": ["id", "name", "status"],
    "properties": {
        "id": _text(),
        "name": _text(),
        "status": _text(enum=["pending", "online", "degraded", "offline"]),
        "statusReason": _nullable(_text()),
        "lastHeartbeatAt": _nullable(_TIME),
        "agentVersion": _nullable(_text()),
        "kubernetesVersion": _nullable(_text()),
        "stale": _STALE,
        "staleSince": _STALE_SINCE,
        "deleted": {"type": "boolean"},
        "agents": {
            "type": "array",
            "description": "Agents that take the tunnel from each other with one identity; stop all but one",
            "items": {
                "type": "object",
                "required": ["instance", "address"],
                "properties": {"instance": _text(), "address": _text()},
            },
        },
    },
}
_EXECUTION: Json = {
    "type": "object",
    "description": "An execution of a runbook; `runbook.completed` carries how it ended in `status`",
    "required": ["id", "runbook", "status", "dryRun", "cluster", "clusterId", "target", "requestedBy", "createdAt", "version"],
    "properties": {
        "id": _text(description="The execution's id (exe_…)"),
        "runbook": {
            "type": "object",
            "required": ["id", "slug", "name", "version"],
            "properties": {"id": _text(), "slug": _text(), "name": _text(), "version": {"type": "integer"}},
        },
        "status": _text(
            enum=[
                "pendingApproval",
                "queued",
                "running",
                "verifying",
                "succeeded",
                "failed",
                "timedOut",
                "canceled",
                "rejected",
                "expired",
                "lost",
            ]
        ),
        "dryRun": {"type": "boolean"},
        "cluster": _text(description="The cluster's name"),
        "clusterId": _text(),
        "issueId": _nullable(_text()),
        "target": {
            "type": "object",
            "required": ["kind", "name"],
            "properties": {"kind": _text(), "namespace": _nullable(_text()), "name": _text()},
        },
        "requestedBy": _text(),
        "createdAt": _TIME,
        "finishedAt": _nullable(_TIME),
        "verification": _nullable(_text(description="passed, failed or inconclusive")),
        "version": {"type": "integer"},
    },
}
_RESOLUTION = "Why it ended: recovered, resource_deleted, superseded, manual, cluster_deleted, detector_disabled (nobody looks any more)"
_ANALYSIS: Json = {
    "type": "object",
    "description": "An analysis ended: ready, inconclusive or failed",
    "required": ["id", "issueId", "clusterId", "status", "trigger", "rootCause", "confidence", "summary"],
    "properties": {
        "id": _text(description="The analysis' id (ana_…)"),
        "issueId": _text(),
        "clusterId": _text(),
        "status": _text(enum=["ready", "inconclusive", "failed"]),
        "trigger": _text(enum=["auto", "manual", "logs", "facts"]),
        "rootCause": _nullable(_text(description="An id of docs/causes.md")),
        "confidence": {"type": ["number", "null"]},
        "summary": _nullable(_text()),
    },
}
_RESET: Json = {
    "type": "object",
    "description": "Events were missed, or the place is not ours: read the lists again, then follow on from here",
    "required": ["reason", "head"],
    "properties": {"reason": _text(enum=["too_old", "unknown"]), "head": {"type": "integer"}},
}
BY_TYPE: Json = {
    "issue.created": _issue(),
    "issue.updated": _issue(changes=_CHANGES),
    "issue.resolved": _issue(resolution=_nullable(_text(description=_RESOLUTION)), resolvedAt=_nullable(_TIME)),
    "cluster.online": _CLUSTER,
    "cluster.offline": _CLUSTER,
    "cluster.updated": _CLUSTER,
    **dict.fromkeys(
        (
            "runbook.started",
            "runbook.completed",
            "execution.updated",
            "approval.requested",
            "approval.approved",
            "approval.rejected",
            "approval.expired",
        ),
        _EXECUTION,
    ),
    "analysis.ready": _ANALYSIS,
    "stream.reset": _RESET,
}


def schemas() -> Json:
    """The document: one schema per type that is written now."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Optral events",
        "description": "The `data` line of each event of /v1/events/stream, and the `data` member in /v1/events, by event type.",
        "events": BY_TYPE,
    }
