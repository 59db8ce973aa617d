"""The events and audit records of triggers."""

from collections.abc import Mapping
from typing import Any

from optral.access import service as access
from optral.events import service as events
from optral.events.model import NewEvent
from optral.kit.times import rfc3339
from optral.store.transaction import Transaction
from optral.triggers.model import Firing, Trigger


def emit(
    tx: Transaction, trigger: Trigger, *, firing: Firing | None = None, action: str | None = None, detail: Mapping[str, Any] | None = None
) -> None:
    """Write the event of a trigger, and the audit record when there is one; the last statements of a transaction."""
    data = {
        "id": trigger.id,
        "name": trigger.name,
        "source": trigger.source.value,
        "enabled": trigger.is_enabled,
        "blocked": None if trigger.block is None else trigger.block.value,
        "firing": None if firing is None else {"id": firing.id, "state": firing.state.value, "code": firing.code},
        "executionId": None if firing is None else firing.execution_id,
        "version": trigger.version,
    }
    events.append(tx, [NewEvent("trigger.updated", None, trigger.id, data)])
    if action is not None:
        access.audit(tx, action=action, target=trigger.id, detail=_summary(trigger) | dict(detail or {}))


def _summary(trigger: Trigger) -> dict[str, Any]:
    found = {"name": trigger.name, "source": trigger.source.value, "runbook": trigger.runbook, "actsFor": trigger.acts_for}
    if trigger.block is not None:
        until = None if trigger.blocked_until is None else rfc3339(trigger.blocked_until)
        found |= {"block": trigger.block.value, "reason": trigger.block_reason or "", "nextAllowedAt": until or ""}
    return found
