"""What stands beside a recommended action: the command of kubectl that does the same, why the agent does not make the change, and why it
has to wait."""

import shlex
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from optral.api.http.routing import Shape, present
from optral.clusters import service as clusters
from optral.flows.executions import start
from optral.install import agent_chart
from optral.runbooks import service as runbooks
from optral.runbooks.executions import ability, kubectl
from optral.runbooks.executions.ability import Obstacle
from optral.safeguards.model import Hold
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound


class ObstacleShape(Shape):
    """Why the agent of the cluster does not make the change, and what lets it"""

    code: Literal["agent_read_only", "verb_not_allowed", "namespace_not_allowed", "namespace_protected"]
    message: str
    chart_values: dict[str, Any] | None = Field(
        None,
        description="Values of the optral-agent chart that allow it; absent if nothing does",
        examples=[{"profile": "operate", "operate": {"namespaces": ["shop"]}}],
    )
    helm: str | None = Field(None, description="Command that sets them; absent if the server has no public address")
    up: str | None = Field(None, description="Command that allows it for an agent that `optral up` started; absent for nodes")


class HoldShape(Shape):
    """Why a run would be refused for a while"""

    code: Literal["execution_running", "cooling_down"]
    message: str = Field(examples=["raise-memory-limit changed Deployment shop/web recently"])
    until: datetime | None = Field(None, description="When a run is possible again; absent while an execution runs")


def at_actions(tx: Transaction, analysis: Mapping[str, Any], *, public_url: str | None) -> dict[str, Any]:
    """An analysis in JSON whose actions have `command` and `obstacle`, where there are any."""
    actions = analysis.get("recommendedActions") or []
    if not actions:
        return dict(analysis)
    try:
        capabilities = clusters.get(tx, analysis["clusterId"]).agent_capabilities
    except NotFound:  # deleted since
        capabilities = ()
    cluster_id = analysis["clusterId"]
    return {**analysis, "recommendedActions": [_at_action(tx, action, cluster_id, capabilities, public_url) for action in actions]}


def _at_action(
    tx: Transaction, action: Mapping[str, Any], cluster_id: str, capabilities: tuple[str, ...], public_url: str | None
) -> dict[str, Any]:
    edit, found, held = (action.get("edit") or {}).get("command"), None, None
    command = edit
    if slug := action.get("runbook"):
        runbook, given = runbooks.get(tx, slug), action.get("parameters") or {}
        made, held = runbook.definition, start.held_now(tx, runbook, cluster_id, given)
        command = edit or kubectl.commands(made, given)
        namespace = given.get("namespace")
        found = ability.obstacle(capabilities, [(step.verb, namespace) for step in made.steps])
    return {**action, **present(command=command, obstacle=None if found is None else _shape(found, public_url), hold=held and _hold(held))}


def _hold(held: Hold) -> dict[str, Any]:
    return present(code=held.code, message=held.say, until=held.until)


def _shape(found: Obstacle, public_url: str | None) -> dict[str, Any]:
    is_known = bool(public_url and found.values)
    helm = ["helm", "upgrade", "optral-agent", agent_chart.url(public_url or ""), "-n", "optral", "--reuse-values"] if is_known else None
    return present(
        code=found.code,
        message=f"{found.say}.",
        chartValues=found.values or None,
        helm=None if helm is None else shlex.join([*helm, *found.helm]),
        up=shlex.join(found.up) if found.up else None,
    )
