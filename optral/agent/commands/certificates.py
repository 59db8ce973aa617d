"""The renewal of a cert-manager Certificate: the condition `Issuing` in its status, by which cert-manager starts an issuance.

`cmctl renew` does the same. cert-manager removes the condition, or sets it to False, when the issuance has ended. An annotation cannot say
whose change it was, because an update of the status changes no metadata: the message of the condition names the command.
"""

from collections.abc import Mapping
from typing import Any

from optral.agent.commands.commands_common import failed
from optral.kit.mappings import without_none
from optral.kube.reports.certificates import ISSUING

REASON = "ManuallyTriggered"


def renewal(certificate: Mapping[str, Any], *, command_id: str, now: str) -> dict[str, Any]:
    """The status that asks for a renewal. Raises `Failure` when nothing would come of it."""
    name, status = certificate["metadata"].get("name"), certificate.get("status") or {}
    conditions = [condition for condition in status.get("conditions") or () if isinstance(condition, dict)]
    if not conditions:
        raise failed("UNSUPPORTED", f"Certificate {name} has no status, so cert-manager does not handle it; check that it runs")
    if (running := _issuing(conditions)) is not None:
        raise failed("NOTHING_TO_DO", f"Certificate {name} is being issued since {running.get('lastTransitionTime') or 'an unknown time'}")
    wanted = {
        "type": ISSUING,
        "status": "True",
        "reason": REASON,
        "message": message(command_id),
        "lastTransitionTime": now,
        "observedGeneration": certificate["metadata"].get("generation"),
    }
    kept = [condition for condition in conditions if condition.get("type") != ISSUING]
    return {"conditions": [*kept, without_none(wanted)]}


def change(before: Mapping[str, Any]) -> dict[str, Any]:
    """The renewal as a plan shows it."""
    conditions = (before.get("status") or {}).get("conditions") or ()
    now = next(
        (condition.get("status") for condition in conditions if isinstance(condition, dict) and condition.get("type") == ISSUING), None
    )
    return {"path": f"status.conditions[{ISSUING}].status", "from": now, "to": "True"}


def message(command_id: str) -> str:
    return f"Renewal requested by Optral ({command_id})"


def is_requested_by(certificate: Mapping[str, Any], command_id: str) -> bool:
    """Whether the Certificate shows that this command requested a renewal; no longer when the issuance has ended."""
    conditions = (certificate.get("status") or {}).get("conditions") or ()
    return any(
        isinstance(condition, dict) and condition.get("type") == ISSUING and condition.get("message") == message(command_id)
        for condition in conditions
    )


def revision(certificate: Mapping[str, Any]) -> int:
    """How often it has been issued; 0 for never."""
    number = (certificate.get("status") or {}).get("revision")
    return number if isinstance(number, int) else 0


def _issuing(conditions: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next((condition for condition in conditions if condition.get("type") == ISSUING and condition.get("status") == "True"), None)
