"""Moving an issue by hand, and what subscribers are told of every move of an issue."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from optral.access import service as access
from optral.clusters import service as clusters
from optral.events import service as events
from optral.events.model import NewEvent
from optral.issues import service as issues
from optral.issues.model import Issue, Move
from optral.store.transaction import Transaction

_NAMES = {"severity": "severity", "status": "status", "substatus": "substatus", "resource": "resource", "title": "title"} | {
    "resolution": "resolution",
    "count": "count",
}


def update_issue(tx: Transaction, issue_id: str, *, status: str, if_version: int | None = None) -> Issue:
    """Acknowledge, resolve or reopen an issue; what is so already stays as it is and tells nobody.

    Raises `NotFound`, `Stale`, and `Refused` as `issues.set_status`.
    """
    clusters.hold(tx, issues.get(tx, issue_id).cluster_id)
    move = issues.set_status(tx, issue_id, status, if_version=if_version)
    if move is None:
        return issues.get(tx, issue_id)
    issue = move.issue
    name = clusters.names(tx, [issue.cluster_id]).get(issue.cluster_id, issue.cluster_id)
    events.append(tx, told([move], cluster=name))
    access.audit(tx, action=f"issue.{move.action}", target=issue.id, detail={"status": issue.status.value, "version": issue.version})
    return issue


def told(moves: Iterable[Move], *, cluster: str) -> list[NewEvent]:
    """The events of these moves; `cluster` is the cluster's name."""
    return [
        NewEvent(type=f"issue.{move.kind}", cluster_id=move.issue.cluster_id, subject_id=move.issue.id, data=_data(move, cluster))
        for move in moves
    ]


def _data(move: Move, cluster: str) -> dict[str, Any]:
    """The nine promised members in their order, the cluster's id, and what changed."""
    issue = move.issue
    data: dict[str, Any] = {
        "id": issue.id,
        "type": issue.type,
        "severity": issue.severity.value,
        "status": issue.status.value,
        "cluster": cluster,
        "resource": issue.resource,
        "namespace": issue.namespace,
        "detectedAt": _time(issue.detected_at),
        "hasAnalysis": issue.has_analysis,
        "clusterId": issue.cluster_id,
        "substatus": issue.substatus.value,
        "count": issue.count,
    }
    if move.kind == "resolved":
        data["resolution"] = issue.resolution
        data["resolvedAt"] = None if issue.resolved_at is None else _time(issue.resolved_at)
    if move.kind == "updated":
        data["changes"] = _changes(move.changes)
    return data


def _changes(changes: Mapping[str, tuple[Any, Any]]) -> dict[str, dict[str, Any]]:
    return {_NAMES[name]: {"from": before, "to": after} for name, (before, after) in changes.items()}


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
