"""What PagerDuty and Jira Service Management report about the alerts that they were sent. Pure.

Sources: PagerDuty developer documentation, "Webhooks V3: Overview", "Behavior" and "Verifying Signatures"; Jira Service Management
documentation, "Alert action data". An incident of PagerDuty has one `incident_key`, the deduplication key of its first alert. Requests that
Optral itself sent come back as well, by an integration and not by a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from optral.kit import printable, signature
from optral.terms.errors import Invalid
from optral.webhooks.model import Form

MAX_NAME = 100
NAMES = {Form.PAGERDUTY: "PagerDuty", Form.JSM: "Jira Service Management"}
_PROGRAMS = frozenset({"api", "integration", "policy", "system", "automation"})
_SIGNATURE = "v1="


class Move(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    RESOLVED = "resolved"
    REASSIGNED = "reassigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One move of an alert. `id` is the same each time it is sent; `key` is that of the alert, empty for an incident without one; `by` is
    the name of the person, empty for a program; `to` are the names of the new assignees."""

    id: str
    key: str
    move: Move
    at: datetime
    by: str = ""
    to: Sequence[str] = ()


def is_from(form: Form, headers: Mapping[str, str], body: bytes, *, keys: Sequence[str]) -> bool:
    """Whether the service sent the request. PagerDuty signs with each secret of the subscription; the other sends a bearer token."""
    if form is Form.PAGERDUTY:
        given = [one.strip() for one in headers.get("x-pagerduty-signature", "").split(",")]
        return signature.is_hex_signed([one.removeprefix(_SIGNATURE) for one in given if one.startswith(_SIGNATURE)], body, keys=keys)
    return signature.is_bearer(headers.get("authorization", ""), keys=keys)


def read(form: Form, body: bytes) -> Report | None:
    """What a request reports; None for what does not matter here. Raises `Invalid("invalid_body")`."""
    try:
        return _pagerduty(body) if form is Form.PAGERDUTY else _jsm(body)
    except (msgspec.MsgspecError, ValueError, OverflowError, OSError, RecursionError):
        say = f"the body is no event of {NAMES[form]}; send its webhooks here unchanged"
        raise Invalid("invalid_body", say=say, errors=[{"field": "", "code": "invalid_body", "message": say}]) from None


class _Reference(msgspec.Struct):
    type: str = ""
    summary: str | None = None


class _Event(msgspec.Struct):
    id: str
    event_type: str
    occurred_at: datetime
    data: msgspec.Raw
    agent: _Reference | None = None


class _Incident(msgspec.Struct):
    incident_key: str | None = None
    assignees: list[_Reference] = []


class _Delivery(msgspec.Struct):
    event: _Event


_delivery, _incident = msgspec.json.Decoder(_Delivery), msgspec.json.Decoder(_Incident)
_EVENTS = {f"incident.{move.value}": move for move in Move}


def _pagerduty(body: bytes) -> Report | None:
    event = _delivery.decode(body).event
    if (move := _EVENTS.get(event.event_type)) is None:
        return None
    incident = _incident.decode(event.data)
    is_person = event.agent is not None and event.agent.type == "user_reference"
    return Report(
        id=printable.one_line(event.id, most=64),
        key=printable.one_line(incident.incident_key),
        move=move,
        at=event.occurred_at if event.occurred_at.tzinfo else event.occurred_at.replace(tzinfo=UTC),
        by=_name(event.agent.summary) if is_person and event.agent else "",
        to=[_name(one.summary) for one in incident.assignees[:5]],
    )


class _Source(msgspec.Struct):
    type: str = ""


class _Alert(msgspec.Struct, rename="camel"):
    alert_id: str
    updated_at: int
    alias: str = ""
    username: str | None = None
    owner: str | None = None


class _Action(msgspec.Struct):
    action: str
    alert: _Alert
    source: _Source = msgspec.field(default_factory=_Source)


_action = msgspec.json.Decoder(_Action)
_ACTIONS = {
    "Acknowledge": Move.ACKNOWLEDGED,
    "UnAcknowledge": Move.UNACKNOWLEDGED,
    "Close": Move.RESOLVED,
    "AssignOwnership": Move.REASSIGNED,
    "TakeOwnership": Move.REASSIGNED,
}


def _jsm(body: bytes) -> Report | None:
    given = _action.decode(body)
    if (move := _ACTIONS.get(given.action)) is None:
        return None
    alert, micros = given.alert, given.alert.updated_at
    while micros >= 10**16:  # nanoseconds in the documentation
        micros //= 1000
    micros *= 1000 if micros < 10**14 else 1  # milliseconds, as of `createdAt`
    by = "" if given.source.type.lower() in _PROGRAMS else _name(alert.username)
    at = datetime.fromtimestamp(micros / 1_000_000, UTC)
    report_id = printable.one_line(f"{alert.alert_id[:40]}/{at.timestamp()}/{move.value}")
    return Report(id=report_id, key=printable.one_line(alert.alias), move=move, at=at, by=by, to=[_name(alert.owner or alert.username)])


def _name(given: str | None) -> str:
    return printable.one_line(given, most=MAX_NAME).strip() or "somebody"
