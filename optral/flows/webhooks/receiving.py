"""Takes what PagerDuty and Jira Service Management report about the alerts of a webhook: an acknowledgment there is one here.

Every request that does not prove where it comes from gets the same answer. A report concerns issues that the webhook was notified of. It
changes nothing when it is old, was there before, or is older than the status that the issue has (docs/decisions/on-call.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from optral.clusters import service as clusters
from optral.flows.issues import triage
from optral.flows.webhooks import on_call_reports as reports
from optral.flows.webhooks.on_call_reports import Move, Report
from optral.issues import service as issues
from optral.issues.model import Activity, Issue, Status
from optral.issues.triage.triage import Change
from optral.kit import signature
from optral.kit.paging import PageRequest
from optral.kit.times import rfc3339
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import NotFound, Refused, Unauthenticated
from optral.terms.ids import OrgId
from optral.webhooks import service as webhooks
from optral.webhooks.model import Form, Webhook

MAX_BODY_BYTES = 256 * 1024  # PagerDuty drops larger ones itself
MAX_AGE = timedelta(hours=1)  # PagerDuty repeats a request for about 20 minutes
MAX_AHEAD = timedelta(minutes=5)
UNKNOWN = "the request does not carry the signature or the secret of this webhook"
_NOWHERE = "org_none"  # an organization without webhooks
_LOOKED_AT = PageRequest(size=200, descending=True)
_STATUSES = frozenset({"acknowledged", "unacknowledged", "reopened"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a report led to: `acknowledged`, `unacknowledged`, `noted` in the history, or `ignored` with the reason."""

    outcome: str
    reason: str | None = None


def _ignored(reason: str) -> Outcome:
    return Outcome("ignored", reason)


async def receive(store: Store, webhook_id: str, *, headers: Mapping[str, str], body: bytes, key: bytes) -> Outcome:
    """Do what a request reports. `key` opens sealed secrets.

    Raises `Unauthenticated("invalid_signature")`, `Refused("webhook_disabled")`, `Invalid("invalid_body")`.
    """
    checked = await store.read(actor.system(), lambda tx: _checked(tx, webhook_id, headers, body, key))
    if checked is None:
        raise Unauthenticated("invalid_signature", say=UNKNOWN)
    org_id, webhook = checked
    if not webhook.is_enabled:
        raise Refused("webhook_disabled", say="the webhook is disabled; enable it first")
    if (report := reports.read(webhook.form, body)) is None:
        return _ignored("other_event")
    return await store.write(actor.system(org_id), lambda tx: apply(tx, webhook, report))


@cache
def _nobody() -> str:
    return signature.new_secret()


def _checked(tx: Transaction, webhook_id: str, headers: Mapping[str, str], body: bytes, key: bytes) -> tuple[OrgId, Webhook] | None:
    """The webhook whose service sent a request; does the same work for one that does not exist."""
    org_id = OrgId(webhooks.organisation_of(tx, webhook_id) or _NOWHERE)
    form, keys = Form.PAGERDUTY, tuple[str, ...]()
    webhook: Webhook | None = None
    try:
        webhook = webhooks.get(tx.acting_for(org_id), webhook_id)
        form, keys = webhook.form, webhooks.opened(webhook, key=key).keys_of(webhook.form, tx.now)
    except (NotFound, Refused):
        pass
    is_sender = reports.is_from(form, headers, body, keys=keys or (_nobody(),))
    return (org_id, webhook) if is_sender and keys and webhook is not None else None


def apply(tx: Transaction, webhook: Webhook, report: Report) -> Outcome:
    """Do what a report asks for, as far as it is about an issue of the webhook and newer than what is known."""
    if not tx.now - MAX_AGE <= report.at <= tx.now + MAX_AHEAD:
        return _ignored("too_old" if report.at < tx.now else "too_early")
    issue = issues.find_one(tx, report.key)
    if issue is None or not webhooks.notified_of(tx, webhook, [report.key]):
        return _ignored("unknown_issue")
    clusters.hold(tx, issue.cluster_id)
    history = issues.activity(tx, issue.id, _LOOKED_AT)
    if any(one.detail.get("report") == report.id for one in history):
        return _ignored("repeated")
    return _applied(tx, webhook, issues.get(tx, issue.id), report, next((one for one in history if one.action in _STATUSES), None))


def _applied(tx: Transaction, webhook: Webhook, issue: Issue, report: Report, last: Activity | None) -> Outcome:
    """`last` gave the issue its status."""
    if (reason := _why_ignored(issue, report, last, is_own=last is not None and last.detail.get("via") == webhook.id)) is not None:
        return _ignored(reason)
    service = reports.NAMES[webhook.form]
    occurred_at = rfc3339(report.at, timespec="microseconds")
    via = {"via": webhook.id, "through": service, "by": report.by or service, "report": report.id, "occurredAt": occurred_at}
    if report.move is Move.UNACKNOWLEDGED:
        triage.change(tx, issue.id, Change(status=Status.OPEN, via=via))
        return Outcome("unacknowledged")
    is_taken = issue.status is Status.OPEN and report.move is not Move.REASSIGNED
    if is_taken:
        triage.change(tx, issue.id, Change(status=Status.ACKNOWLEDGED, via=via))
    if report.move is not Move.ACKNOWLEDGED:
        to = {"to": ", ".join(report.to)} if report.move is Move.REASSIGNED else {}
        issues.note(tx, issue.id, f"on_call_{report.move.value}", via | to)
    return Outcome("acknowledged" if is_taken else "noted")


def _why_ignored(issue: Issue, report: Report, last: Activity | None, *, is_own: bool) -> str | None:
    if issue.status is Status.RESOLVED:
        return "resolved"
    if report.move is not Move.REASSIGNED and last is not None and report.at <= _moment(last, is_own=is_own):
        return "superseded"
    if report.move is Move.UNACKNOWLEDGED:  # not an acknowledgment of a member or of another service
        return None if issue.status is Status.ACKNOWLEDGED and is_own else "unchanged"
    if not report.by:
        return "no_person"
    return "unchanged" if report.move is Move.ACKNOWLEDGED and issue.status is not Status.OPEN else None


def _moment(last: Activity, *, is_own: bool) -> datetime:
    """When the status was set: by the clock of the service, if it was set there."""
    return datetime.fromisoformat(str(last.detail["occurredAt"])) if is_own else last.at
