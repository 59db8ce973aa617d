"""The map of a cluster as a table: a row for each node, and the pods that need attention below."""

from collections.abc import Mapping
from typing import Any

import typer

from optral.cli.base import output
from optral.cli.base.output import Column
from optral.kube.quantities import human_bytes, human_cores

Node = Mapping[str, Any]
POD_COLUMNS = (Column("NODE", "node"), Column("NAMESPACE", "namespace"), Column("POD", "name"), Column("STATE", "state", whole=True))
UNSCHEDULED = "(no node)"


def rows(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each node; pods without a node have one of their own at the end."""
    found = [_row(node) for node in answer["nodes"]]
    if answer["unscheduled"]:
        found.append({"name": UNSCHEDULED, "pods": len(answer["unscheduled"]), "notHealthy": _not_healthy(answer["unscheduled"])})
    return found


def show_pods(answer: Mapping[str, Any]) -> None:
    """Print the pods that are not healthy."""
    lists = [(node["name"], node["pods"]) for node in answer["nodes"]] + [(UNSCHEDULED, answer["unscheduled"])]
    found = [{**pod, "node": node} for node, pods in lists for pod in pods if pod["state"] != "healthy"]
    if found:
        typer.echo()
        output.table(POD_COLUMNS, found)


def _row(node: Node) -> dict[str, Any]:
    usage = node.get("usage") or {}
    most = node["allocatable"]
    status = node.get("status") or node["state"]
    return {
        "name": node["name"],
        "status": f"{status}, cordoned" if node["cordoned"] else status,
        "roles": node["roles"],
        "pods": f"{len(node['pods'])}/{most['pods']}" if "pods" in most else len(node["pods"]),
        "notHealthy": _not_healthy(node["pods"]),
        "cpuRequested": _share(node["requested"].get("cpuMillis"), most.get("cpuMillis"), human_cores),
        "cpuUsed": _share(usage.get("cpuMillis"), most.get("cpuMillis"), human_cores),
        "memoryRequested": _share(node["requested"].get("memoryBytes"), most.get("memoryBytes"), human_bytes),
        "memoryUsed": _share(usage.get("memoryBytes"), most.get("memoryBytes"), human_bytes),
    }


def _not_healthy(pods: list[Mapping[str, Any]]) -> int | None:
    return sum(pod["state"] != "healthy" for pod in pods) or None


def _share(value: int | None, most: int | None, shown: Any) -> str | None:
    """`2.5 (62 %)`; None if the value is not known."""
    if value is None:
        return None
    return f"{shown(value)} ({100 * value // most} %)" if most else shown(value)
