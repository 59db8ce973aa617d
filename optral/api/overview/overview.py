"""The overview over HTTP: the whole fleet in one answer. The shapes are in `overview_shapes.py`, what happened over time in `trends.py`.

One read transaction with a fixed number of queries, however many clusters and issues there are. Parts that the caller has no scope for are
left out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import FastAPI, Query
from starlette.responses import Response

import optral
from optral.api.clusters.clusters import nodes_and_pods, readiness, resolve_all, worst
from optral.api.http.routing import Call, Routes, present
from optral.api.issues import listed
from optral.api.issues.issue_shapes import Name, Team
from optral.api.overview.overview_shapes import OverviewShape
from optral.api.resources.freshness import members
from optral.clusters import service as clusters
from optral.clusters.connection import skew
from optral.clusters.model import Cluster, ClusterFilter, ClusterFreshness, ClusterStatus
from optral.issues.lists import trends
from optral.issues.lists.trends import Open
from optral.kit.paging import MOST_COUNTED, PageRequest
from optral.resources import service as resources
from optral.resources.model import Readiness, Revision
from optral.runbooks import service as runbooks
from optral.runbooks.model import Execution, ExecutionFilter, ExecutionStatus as Run
from optral.store.transaction import Transaction
from optral.terms.severity import Severity

MOST_CLUSTERS = 2000
URGENT = 20
CHANGES = 20
FIELDS = 3  # of a change
EXECUTIONS = 20
LATELY = timedelta(hours=1)
FAILED_WITHIN = timedelta(hours=24)
_RUNNING = frozenset({Run.QUEUED, Run.RUNNING, Run.VERIFYING})
_WAITING = frozenset({Run.PENDING_APPROVAL})
_FAILED = frozenset({Run.FAILED, Run.TIMED_OUT, Run.LOST})
_HEALTH = ("critical", "warning", "unreachable", "incomplete", "pending", "healthy")  # worst first
Gaps = Mapping[str, Sequence[str]]
"""By name of a cluster: what is needed and was not read."""
Within = frozenset[str] | None
"""The clusters that the request names; None: all of them."""


async def overview(
    call: Call,
    cluster: Annotated[list[Name] | None, Query(description="Cluster ids or names; unknown ones match nothing")] = None,
    team: Annotated[
        Team | None, Query(description="`issues` are those of this team, or of `none`; the other parts are those of all teams")
    ] = None,
) -> Response:
    """Get an overview of all clusters

    Issues are counted as in the list of issues: without resolved, snoozed and muted issues and without symptoms of other issues. Parts
    that the caller has no scope for are absent: `clusters` and `fleet` need `clusters:read`, `changes` needs `resources:read` and
    `executions` needs `runbooks:read`.
    """

    def render(tx: Transaction) -> dict[str, Any]:
        return _overview(call, tx, resolve_all(tx, cluster), team)

    return await call.answer(render)


def _overview(call: Call, tx: Transaction, within: Within, team: str | None) -> dict[str, Any]:
    open_issues = trends.count_open(tx, within, team=team)
    everyones = open_issues if team is None else trends.count_open(tx, within)
    urgent = trends.most_urgent(tx, within, team=team, limit=URGENT)
    changes, changed = _changes(tx, within)
    standings = clusters.standings(tx, {change.cluster_id for change in changes})
    lately = tx.now - LATELY
    covered = call.services.coverage.record(tx, within=within)
    shown: dict[str, Any] = {
        "at": tx.now,
        "coverage": covered.brief,
        "issues": {
            "open": _counts(open_issues.values()),
            "unacknowledged": _unacknowledged(open_issues.values()),
            "urgent": [*listed.shapes(tx, urgent).values()],
            "lastHour": {
                "opened": trends.count_opened(tx, lately, within, team=team),
                "resolved": trends.count_resolved(tx, lately, within, team=team),
            },
        },
    }
    scopes = tx.actor.scopes
    if "clusters:read" in scopes:
        shown |= _fleet(tx, within, everyones, covered.gaps)
    if "resources:read" in scopes:
        newest = [_change(change, clusters.standing_in(standings, change.cluster_id)) for change in changes]
        shown["changes"] = {"since": lately, "total": min(changed, MOST_COUNTED), "newest": newest}
    if "runbooks:read" in scopes:
        shown["executions"] = _executions(tx, within)
    return shown


# --- issues


def _counts(by_cluster: Any) -> dict[str, Any]:
    """The numbers of all these clusters by severity, and how many of them nobody has acknowledged."""
    numbers: Counter[Severity] = Counter()
    unacknowledged = 0
    for of_cluster in by_cluster:
        for severity, found in of_cluster.items():
            numbers[severity] += found.number
            unacknowledged += found.unacknowledged
    by_severity = {severity.value: numbers[severity] for severity in Severity}
    return {**by_severity, "total": numbers.total(), "unacknowledged": unacknowledged}


def _unacknowledged(by_cluster: Iterable[Mapping[Severity, Open]]) -> dict[str, int]:
    clusters_of = list(by_cluster)
    return {one.value: sum(of[one].unacknowledged for of in clusters_of if one in of) for one in Severity}


# --- clusters


def _fleet(tx: Transaction, within: Within, open_issues: Mapping[str, Mapping[Severity, Open]], gaps: Gaps) -> dict[str, Any]:
    fits = ClusterFilter(ids=within)
    found = clusters.find(tx, fits, PageRequest(size=MOST_CLUSTERS, sort="name", descending=False))
    ready = readiness(tx, [one.id for one in found]) or {}
    shapes = [_cluster(one, open_issues.get(one.id, {}), ready.get(one.id), gaps.get(one.name, ())) for one in found]
    shapes.sort(key=lambda one: (_HEALTH.index(one["health"]), *(-one["openIssues"][severity.value] for severity in Severity)))
    by_health = Counter(shape["health"] for shape in shapes)
    total = len(found) if len(found) < MOST_CLUSTERS else clusters.count(tx, fits)
    return {"fleet": {"total": total, **{word: by_health[word] for word in _HEALTH}}, "clusters": shapes}


def _cluster(one: Cluster, open_issues: Mapping[Severity, Open], ready: Readiness | None, unread: Sequence[str]) -> dict[str, Any]:
    most, numbers = worst(open_issues), _counts([open_issues])
    shown = present(
        id=one.id,
        name=one.name,
        status=one.status,
        statusReason=one.status_reason,
        health=health(one.status, most, unread=unread),
        unread=[*unread] or None,
        worstSeverity=most,
        openIssues=numbers,
        agent=present(version=one.agent_version, versionSkew=skew(one.agent_version, optral.__version__) if one.agent_version else None),
        kubernetesVersion=one.kubernetes_version,
        lastHeartbeatAt=one.last_heartbeat_at,
    )
    return shown | nodes_and_pods(ready) | members(one.standing, stale=one.synced_at is None)


def health(status: ClusterStatus, most: Severity | None, *, unread: Sequence[str] = ()) -> str:
    """One word for a cluster. It counts as healthy only if its agent reports now, and everything that is needed was read."""
    if status is ClusterStatus.PENDING:
        return "pending"
    if status is ClusterStatus.OFFLINE:
        return "unreachable"
    if most is Severity.CRITICAL:
        return "critical"
    if most not in (None, Severity.LOW) or status is not ClusterStatus.ONLINE:
        return "warning"
    return "incomplete" if unread else "healthy"


# --- what happened lately


def _changes(tx: Transaction, within: Within) -> tuple[list[Revision], int]:
    if "resources:read" not in tx.actor.scopes:
        return [], 0
    return resources.changes(tx, clusters=within, since=tx.now - LATELY, limit=CHANGES)


def _change(one: Revision, standing: ClusterFreshness) -> dict[str, Any]:
    fields = [{"path": entry["path"], "from": entry.get("from"), "to": entry.get("to")} for entry in one.diff[:FIELDS]]
    return present(
        resourceId=one.resource_id,
        action=one.action,
        kind=one.short_kind,
        namespace=one.namespace,
        name=one.name,
        cluster=standing.name,
        clusterId=one.cluster_id,
        at=one.at,
        manager=one.manager,
        fields=fields,
        fieldCount=len(one.diff),
    )


def _executions(tx: Transaction, within: Within) -> dict[str, Any]:
    if within is not None and not within:
        return {"running": 0, "waiting": 0, "failed": 0, "newest": []}
    chosen = within or frozenset()

    def count(statuses: frozenset[Run], since: datetime | None = None) -> int:
        return runbooks.count_executions(tx, ExecutionFilter(clusters=chosen, statuses=_texts(statuses), since=since))

    alive = ExecutionFilter(clusters=chosen, statuses=_texts(_RUNNING | _WAITING))
    found = runbooks.find_executions(tx, alive, PageRequest(size=EXECUTIONS, sort="createdAt"))
    names = clusters.names(tx, {one.cluster_id for one in found})
    newest = [_execution(one, names.get(one.cluster_id, one.cluster_id)) for one in found]
    return {
        "running": count(_RUNNING),
        "waiting": count(_WAITING),
        "failed": count(_FAILED, since=tx.now - FAILED_WITHIN),
        "newest": newest,
    }


def _texts(statuses: frozenset[Run]) -> frozenset[str]:
    return frozenset(status.value for status in statuses)


def _execution(one: Execution, cluster: str) -> dict[str, Any]:
    target = present(kind=one.target.get("kind"), namespace=one.target.get("namespace"), name=one.target.get("name"))
    return present(
        id=one.id,
        runbook=one.runbook_name,
        status=one.status,
        cluster=cluster,
        clusterId=one.cluster_id,
        issueId=one.issue_id,
        target=target,
        dryRun=one.dry_run,
        requestedBy=one.requested_by,
        createdAt=one.created_at,
        startedAt=one.started_at,
        expiresAt=one.expires_at if one.status is Run.PENDING_APPROVAL else None,
    )


def add(app: FastAPI) -> None:
    Routes(app, "overview").add("GET", "/v1/overview", overview, scope="issues:read", gives=OverviewShape)
