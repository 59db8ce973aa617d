"""`optral overview`: the whole fleet on one screen."""

import sys
from typing import Any

from optral.cli import issues
from optral.cli.base import options, output
from optral.cli.base.command import Client
from optral.cli.base.options import Format
from optral.cli.base.output import Column, clean
from optral.cli.clusters import nodes_ready
from optral.cli.text.cells import named_object
from optral.kit.words import counted

SEVERITIES = ("critical", "high", "medium", "low")
HEALTHS = ("critical", "warning", "unreachable", "incomplete", "pending", "healthy")
ISSUES, CLUSTERS, CHANGES = 10, 15, 5  # rows for people; -o json has all
CLUSTER_COLUMNS = (
    Column("CLUSTER", "name", whole=True),
    Column("HEALTH", "health", whole=True),
    *(Column(one.upper(), f"openIssues.{one}", whole=True) for one in SEVERITIES),
    Column("NODES READY", "nodesReady", whole=True),
    Column("PODS NOT READY", "pods.notReady", whole=True),
    Column("AGENT", "agent.version"),
    output.STALE,
)
EXECUTION_COLUMNS = (
    Column("STATUS", "status", whole=True),
    Column("AGE", "createdAt", whole=True, age=True),
    Column("CLUSTER", "cluster", usual=output.SAME),
    Column("RUNBOOK", "runbook"),
    Column("TARGET", "target", text=named_object),
    Column("ID", "id", whole=True),
)
CHANGE_COLUMNS = (
    Column("AGE", "at", whole=True, age=True),
    Column("ACTION", "action", whole=True),
    Column("CLUSTER", "cluster", usual=output.SAME),
    Column("OBJECT", "", text=named_object),
    Column("FIELD", "field"),
    Column("BY", "manager"),
)


def overview(client: Client, cluster: options.Cluster = None, team: options.Team = None, out: options.Output = Format.TABLE) -> None:
    """Show what needs attention, the health of every cluster, and current activity.

    Healthy clusters are counted and not listed; -o json lists all.

    Example: optral overview
    """
    answer = client.overview(cluster=cluster, team=team)
    if out is not Format.TABLE:
        return output.as_data(answer.raw, out)
    sys.stdout.write("".join(f"{clean(line)}\n" for line in _summary(answer.value)))
    _tables(answer.value)
    return None


def _summary(found: dict[str, Any]) -> list[str]:
    open_, hour = found["issues"]["open"], found["issues"]["lastHour"]
    lines = [f"{counted(open_['total'], 'open issue')}{_among(open_, SEVERITIES)}, {open_['unacknowledged']} not acknowledged"]
    if fleet := found.get("fleet"):
        lines.append(f"{counted(fleet['total'], 'cluster')}{_among(fleet, HEALTHS)}")
    if runs := found.get("executions"):
        lines.append(
            f"{counted(runs['running'], 'execution')} running, {runs['waiting']} waiting for approval, {runs['failed']} failed in 24 hours"
        )
    changes = f", {counted(found['changes']['total'], 'change')}" if "changes" in found else ""
    lines.append(f"last hour: {counted(hour['opened'], 'issue')} opened, {hour['resolved']} resolved{changes}")
    return [*lines, found["coverage"]["summary"]] if "coverage" in found else lines


def _tables(found: dict[str, Any]) -> None:
    urgent, runs = found["issues"]["urgent"], found.get("executions", {}).get("newest", [])
    unwell = [
        cluster | {"nodesReady": nodes_ready(cluster.get("nodes"))}
        for cluster in found.get("clusters") or ()
        if cluster["health"] != "healthy"
    ]
    changes = found.get("changes", {}).get("newest", [])
    _section("needs attention", issues.COLUMNS, urgent[:ISSUES])
    _section("clusters", CLUSTER_COLUMNS, unwell[:CLUSTERS], left=len(unwell) - CLUSTERS)
    _section("executions", EXECUTION_COLUMNS, runs)
    _section("changes", CHANGE_COLUMNS, [change | {"field": _field(change)} for change in changes[:CHANGES]])


def _section(title: str, columns: tuple[Column, ...], rows: list[dict[str, Any]], *, left: int = 0) -> None:
    if not rows:
        return
    sys.stdout.write(f"\n{title}\n")
    output.table(columns, rows)
    if left > 0:
        sys.stdout.write(f"and {left} more; -o json lists all\n")


def _among(counts: dict[str, int], words: tuple[str, ...]) -> str:
    some = ", ".join(f"{counts[word]} {word}" for word in words if counts[word])
    return f" ({some})" if some else ""


def _field(one: dict[str, Any]) -> str:
    """`/spec/replicas 1 -> 3`, of the first field that changed."""
    if one["action"] != "changed" or not one["fields"]:
        return ""
    first = one["fields"][0]
    more = f" and {one['fieldCount'] - 1} more" if one["fieldCount"] > 1 else ""
    return f"{first['path']} {_value(first.get('from'))} -> {_value(first.get('to'))}{more}"


def _value(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 40 else text[:39] + "…"
