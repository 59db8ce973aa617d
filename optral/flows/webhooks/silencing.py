"""Silences of Alertmanagers that concern an issue: shown, created and ended from the issue.

A silence is read from Alertmanager (`refresh.py`), so one that was created there is shown too. It silences the alert that Optral
sends about the issue, or one that Optral received and joined to it. A mute rule or a snooze is something else: it silences Optral.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from optral.access import service as access
from optral.alerts import service as alerts, silence_rows, silences
from optral.alerts.model import AlertStatus
from optral.alerts.service import AlertFilter
from optral.alerts.silences import Draft, Matcher, Silence
from optral.clusters import service as clusters
from optral.flows.idempotency import one_at_a_time
from optral.flows.webhooks import alert_bodies, routing
from optral.flows.webhooks.alertmanager import Alertmanager
from optral.issues import service as issues
from optral.issues.lifecycle import grouping
from optral.issues.model import Issue
from optral.kit.outbound import Caller
from optral.kit.paging import PageRequest
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import Actor
from optral.terms.errors import Invalid, NotFound, Refused
from optral.webhooks import service as webhooks
from optral.webhooks.model import Form, Webhook

MOST_ALERTS = 100  # that fire, and are compared with silences
About = Literal["issue", "alerts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueSilence:
    """A silence with what it concerns: the alert that Optral sends, or alerts that it received."""

    silence: Silence
    about: Sequence[About]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueSilences:
    """The silences that concern an issue, where more can be created, and what those would silence."""

    silences: Sequence[IssueSilence]
    alertmanagers: Sequence[Webhook]
    matchers: Mapping[About, Sequence[Matcher]]
    shares_too_little: bool
    """Alerts fire that the actor may silence, but only by labels that other alerts have too."""


def of(tx: Transaction, issue_id: str) -> IssueSilences:
    """Raises `NotFound`."""
    issue = issues.get(tx, issue_id)
    theirs = _alerts(tx, issue)
    own = alert_bodies.labels(issue, cluster=clusters.names(tx, [issue.cluster_id]).get(issue.cluster_id, ""))
    own["severity"] = issue.severity.value
    there = _alertmanagers(tx, issue)
    found = [
        IssueSilence(silence=one, about=about)
        for one in silence_rows.current(tx)
        if one.webhook_id in there and (about := _about(one, own, theirs))
    ]
    may_silence = theirs if tx.actor.reach is None else []  # their labels may be those of alerts elsewhere
    matchers: dict[About, Sequence[Matcher]] = {"issue": silences.of_issue(issue.id), "alerts": silences.of_alerts(may_silence)}
    too_little = bool(may_silence) and not matchers["alerts"]
    return IssueSilences(silences=found, alertmanagers=list(there.values()), matchers=matchers, shares_too_little=too_little)


def _about(silence: Silence, own: Mapping[str, str], theirs: Sequence[Mapping[str, str]]) -> list[About]:
    about: list[About] = ["issue"] if silence.silences(own) else []
    return [*about, "alerts"] if any(silence.silences(labels) for labels in theirs) else about


def _alerts(tx: Transaction, issue: Issue) -> list[Mapping[str, str]]:
    """The labels of the alerts that fire and that an issue explains, its symptoms included."""
    family = (issue.id, *(one.issue.id for one in grouping.symptoms_of(tx, issue.id)))
    wanted = AlertFilter(issue_ids=family, status=AlertStatus.FIRING.value)
    return [one.labels for one in alerts.find(tx, wanted, PageRequest(size=MOST_ALERTS))]


def _alertmanagers(tx: Transaction, issue: Issue) -> dict[str, Webhook]:
    """Also those whose deliveries the actor may not read, if their clusters and namespaces include the issue: what concerns the issue is
    shown to whoever sees the issue."""
    sees_all = tx.actor.reach is None
    found = [one for one in webhooks.of_form(tx, Form.ALERTS) if one.is_enabled]
    return {one.id: one for one in found if sees_all or routing.includes(one.filters, issue)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A silence as people ask for it. `webhook_id`: id or name of a webhook of the form `alerts`."""

    webhook_id: str
    about: About
    ends_at: datetime
    comment: str


class Outcome(StrEnum):
    """What became of a request for a silence."""

    CREATED = "created"
    EXTENDED = "extended"
    UNCHANGED = "unchanged"


class Requested(NamedTuple):
    silence: Silence
    outcome: Outcome


def turn(store: Store, who: Actor, issue_id: str) -> AbstractAsyncContextManager[None]:
    """Until a silence is created and recorded, others for the same issue wait: two at once would both find none to extend.

    Raises `Unavailable("request_in_progress")`.
    """
    say = "another request creates a silence for this issue; try again, so that you extend that silence"
    return one_at_a_time(store, who, route="silences", key=issue_id, say=say)


async def create(
    store: Store,
    who: Actor,
    issue_id: str,
    *,
    wanted: Wanted,
    caller: Caller,
    key: bytes,
) -> Requested:
    """A silence in an Alertmanager. One that holds there already, from this issue with the same matchers, is extended if it ends
    earlier, and else left as it is; also one that Alertmanager created although its answer was lost. It is not recorded yet (`record`).
    Call it within `turn`.

    Raises `NotFound`, `Invalid("invalid_silence")`, `Refused("no_alerts_to_silence")`, `Refused("alerts_share_too_little")` and
    `Unavailable`.
    """

    def prepare(tx: Transaction) -> tuple[Webhook, frozenset[str], Draft, datetime]:
        found = of(tx, issue_id)
        matchers = found.matchers[wanted.about]
        if not matchers and found.shares_too_little:
            say = "the alerts share no labels that say what they are about, so a silence would match others; silence each in Alertmanager"
            raise Refused("alerts_share_too_little", say=say)
        if not matchers:
            say = "no alert that fires is joined to this issue, or you see only some clusters and namespaces, and it may concern others"
            raise Refused("no_alerts_to_silence", say=say)
        member = access.me(tx).member
        draft = Draft(
            matchers=matchers,
            starts_at=tx.now - silences.SKEW,
            ends_at=silences.checked_end(wanted.ends_at, now=tx.now),
            created_by=f"{who.id if member is None else member.email} (Optral)",
            comment=wanted.comment,
        )
        known = frozenset(one.silence.id for one in found.silences if one.silence.issue_id == issue_id)
        return _one(found, wanted.webhook_id), known, draft, tx.now

    webhook, known, draft, now = await store.read(who, prepare)
    there = Alertmanager(caller, webhooks.opened(webhook, key=key))
    held = [one for one in await there.silences(webhook.id, now=now) if draft.repeats(one, known=known)]
    before = max(held, key=lambda one: one.ends_at, default=None)
    if before is not None and not draft.extends(before):
        return Requested(replace(before, issue_id=issue_id), Outcome.UNCHANGED)
    made = Silence(
        id=await there.silence(draft, changed=before),
        webhook_id=webhook.id,
        matchers=tuple(draft.matchers),
        starts_at=now if before is None else before.starts_at,
        ends_at=draft.ends_at,
        created_by=draft.created_by,
        comment=draft.comment,
        issue_id=issue_id,
        seen_at=now,
    )
    return Requested(made, Outcome.CREATED if before is None else Outcome.EXTENDED)


def _one(found: IssueSilences, webhook_id: str) -> Webhook:
    for one in found.alertmanagers:
        if webhook_id in (one.id, one.name):
            return one
    say = "no enabled webhook of the form alerts has this id or name"
    raise Invalid("invalid_silence", say=say, errors=[{"field": "webhookId", "code": "invalid_silence", "message": say}])


def record(tx: Transaction, requested: Requested) -> Requested:
    """Note a silence that was created or extended, in its copy, the history of the issue and the audit log; once, if it is unchanged."""
    made, outcome = requested
    is_noted = any(one.id == made.id and one.issue_id for one in silence_rows.of_webhook(tx, made.webhook_id))
    if outcome is Outcome.UNCHANGED and is_noted:
        return requested
    issue = issues.get(tx, made.issue_id or "")
    silence_rows.delete(tx, made.webhook_id, [made.id])
    silence_rows.insert(tx, [made])
    _note(tx, issue, made, "silenced", "issue.silence")
    return requested


def _note(tx: Transaction, issue: Issue, silence: Silence, did: str, action: str) -> None:
    detail = {"silence": silence.id, "webhook": silence.webhook_id, "endsAt": silence.ends_at.isoformat(), "comment": silence.comment}
    issues.note(tx, issue.id, did, detail)
    access.audit(tx, action=action, target=issue.id, detail=detail, cluster_id=issue.cluster_id)


async def end(store: Store, who: Actor, issue_id: str, silence_id: str, *, caller: Caller, key: bytes) -> Silence:
    """End a silence in its Alertmanager; not recorded yet (`record_end`).

    Raises `NotFound`, `Refused("silence_elsewhere")` for one that was not created from this issue, and `Unavailable`.
    """

    def prepare(tx: Transaction) -> tuple[Silence, Alertmanager]:
        found = of(tx, issue_id)
        one = next((each.silence for each in found.silences if each.silence.id == silence_id), None)
        if one is None:
            raise NotFound("silence_not_found", say="no silence of this id concerns the issue; it may have ended")
        if one.issue_id != issue_id:
            raise Refused("silence_elsewhere", say="the silence was not created from this issue; end it in Alertmanager")
        return one, Alertmanager(caller, webhooks.opened(_one(found, one.webhook_id), key=key))

    silence, there = await store.read(who, prepare)
    await there.expire(silence.id)
    return silence


def record_end(tx: Transaction, silence: Silence) -> Silence:
    """Note that a silence was ended."""
    silence_rows.delete(tx, silence.webhook_id, [silence.id])
    _note(tx, issues.get(tx, silence.issue_id or ""), silence, "unsilenced", "issue.unsilence")
    return silence
