"""The events, the issue's history and the audit records of an execution: one shape for every event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from optral.access import service as access
from optral.clusters import service as clusters
from optral.events import service as events
from optral.events.model import NewEvent
from optral.flows.executions import fixes
from optral.issues import service as issues
from optral.kit.times import rfc3339
from optral.runbooks.model import Execution
from optral.store.transaction import Transaction

COMPLETED = "runbook.completed"


def emit(tx: Transaction, execution: Execution, *kinds: str, audit: str | None = None, detail: Mapping[str, Any] | None = None) -> None:
    """Write the events of these types, and the audit record when there is one; the last statements of a transaction."""
    name = clusters.names(tx, [execution.cluster_id]).get(execution.cluster_id, execution.cluster_id)
    data = event_data(execution, name)
    made = fixes.made_by(tx, execution) if COMPLETED in kinds else None
    fix = {} if made is None else {"fix": made[1].plain()}
    announced = [
        NewEvent(kind, execution.cluster_id, execution.id, data | (fix if kind == COMPLETED else {}), execution.namespace) for kind in kinds
    ]
    events.append(tx, announced + ([] if made is None else fixes.event(tx, *made)))
    if audit is not None:
        summary = {"runbook": execution.runbook_slug, "version": execution.runbook_version, "cluster": execution.cluster_id}
        target = {"target": "/".join(str(part) for name in ("namespace", "name") if (part := execution.target.get(name)))}
        dry_run = {"dryRun": True} if execution.dry_run else {}
        verified = {} if execution.verification is None else {"verification": execution.verification.get("status")}
        given = summary | (target if target["target"] else {}) | verified | dry_run | dict(detail or {})
        access.audit(tx, action=f"execution.{audit}", target=execution.id, detail=given, cluster_id=execution.cluster_id)


def send(tx: Transaction, execution: Execution, step: str, message: str) -> None:
    """Write the message of a step as an event, which webhooks deliver."""
    name = clusters.names(tx, [execution.cluster_id]).get(execution.cluster_id, execution.cluster_id)
    data = event_data(execution, name) | {"step": step, "message": message}
    events.append(tx, [NewEvent("runbook.notification", execution.cluster_id, execution.id, data, execution.namespace)])


def note(tx: Transaction, execution: Execution, action: str) -> None:
    """A line in the history of the issue that the execution is for; before the events."""
    if execution.issue_id is None or execution.dry_run:
        return
    detail = {"executionId": execution.id, "runbook": execution.runbook_slug, "status": execution.status.value}
    issues.note(tx, execution.issue_id, action, detail)


def event_data(execution: Execution, cluster: str) -> dict[str, Any]:
    """The `data` of every event about an execution."""
    return {
        "id": execution.id,
        "runbook": {
            "id": execution.runbook_id,
            "slug": execution.runbook_slug,
            "name": execution.runbook_name,
            "version": execution.runbook_version,
        },
        "status": execution.status.value,
        "dryRun": execution.dry_run,
        "cluster": cluster,
        "clusterId": execution.cluster_id,
        "issueId": execution.issue_id,
        "target": dict(execution.target),
        "requestedBy": execution.requested_by,
        "triggerId": execution.trigger_id,
        "breakGlass": execution.break_glass,
        "createdAt": _time(execution.created_at),
        "finishedAt": None if execution.finished_at is None else _time(execution.finished_at),
        "verification": None if execution.verification is None else execution.verification.get("status"),
        "version": execution.version,
    }


def _time(moment: datetime) -> str:
    return rfc3339(moment, timespec="milliseconds")
