"""The events that subscribers get for every change of an issue."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from optral.clusters.model import ClusterFreshness
from optral.events.model import NewEvent
from optral.issues.model import Issue, Move
from optral.kit.times import rfc3339

_NAMES = {
    "mute_rule_id": "muteRuleId",
    "comment_count": "commentCount",
    "parent_issue_id": "parentIssueId",
    "severity_set_by": "severitySetBy",
}


def events_of(moves: Iterable[Move], *, cluster: ClusterFreshness, via: str | None = None) -> list[NewEvent]:
    """The events of these moves of issues of one cluster. `via`: the webhook through which another system requested them."""
    return [
        NewEvent(
            type=f"issue.{move.kind}",
            cluster_id=move.issue.cluster_id,
            subject_id=move.issue.id,
            data=_data(move, cluster) | ({} if via is None else {"via": via}),
            namespace=move.issue.namespace,
        )
        for move in moves
    ]


def promised(issue: Issue, *, cluster: str) -> dict[str, Any]:
    """The nine promised members in their order and the cluster's id: what every JSON of an issue begins with. `cluster`: its name."""
    return {
        "id": issue.id,
        "type": issue.type,
        "severity": issue.severity.value,
        "status": issue.status.value,
        "cluster": cluster,
        "resource": issue.resource,
        "namespace": issue.namespace,
        "detectedAt": issue.detected_at,
        "hasAnalysis": issue.has_analysis,
        "clusterId": issue.cluster_id,
    }


def _data(move: Move, cluster: ClusterFreshness) -> dict[str, Any]:
    """The promised members, whether the cluster's data is current, and what changed."""
    issue = move.issue
    data = promised(issue, cluster=cluster.name) | {
        "detectedAt": _time(issue.detected_at),
        "title": issue.title,
        "substatus": issue.shown_as.value,
        "impact": issue.shown_impact,
        "count": issue.count,
        "parentIssueId": issue.parent_issue_id,
        "team": issue.team,
        "stale": cluster.stale,
        "staleSince": None if cluster.stale_since is None else _time(cluster.stale_since),
    }
    if move.kind == "resolved":
        data["resolution"] = issue.resolution
        data["resolvedAt"] = None if issue.resolved_at is None else _time(issue.resolved_at)
    if move.kind == "updated":
        data["changes"] = _changes(move.changes)
    return data


def _changes(changes: Mapping[str, tuple[Any, Any]]) -> dict[str, dict[str, Any]]:
    return {_NAMES.get(name, name): {"from": before, "to": after} for name, (before, after) in changes.items()}


def _time(moment: datetime) -> str:
    return rfc3339(moment, timespec="milliseconds")
