"""From events to webhooks: which events notify which webhook.

The *notifier* reads each webhook's events after its own number, keeps what its filters want, and writes deliveries and the new number in
one transaction: exactly one row per event and webhook, whatever dies in between. Notifications of issues wait a few seconds, so that a
symptom that came before its cause is folded into it first; in a storm a minute late. Symptoms, risks, muted, snoozed and preexisting issues
are silent, except for the end of one whose beginning was delivered.

A delivery is due at once, when the quiet hours of its webhook end, or when nobody has acknowledged its issue in time.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import structlog

from optral.events import service as events
from optral.events.model import Event
from optral.flows import loops
from optral.flows.issues.ripeness import SILENT, is_back, is_silent, opens, ripe
from optral.flows.webhooks import alert_bodies, bodies, messages, routing
from optral.issues import service as issues
from optral.issues.model import Issue
from optral.kit.clock import Clock
from optral.kit.hub import ANY
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.actor import Actor
from optral.terms.errors import NotFound
from optral.terms.ids import OrgId
from optral.terms.severity import Severity
from optral.webhooks import model, service as webhooks
from optral.webhooks.model import Delivery, Filters, Form, Webhook

AT_ONCE = 200  # events judged in one transaction
LOOK_EVERY_S = 2.0
DIGEST_AFTER = timedelta(minutes=1)
HELD = timedelta(seconds=10)  # a message that waited longer is written again
_ABOUT_ISSUES = frozenset(model.MOVES) | {"analysis.ready"}
_ROUTES = frozenset({"assignee", "labels", "team"})
"""Changes of an issue that people make, or that decide whose it is."""
_log = structlog.get_logger(__name__)


class Notifier:
    """Own `run` as a task; `step` judges what there is and returns when to come back. `link` is the address people open, or empty."""

    def __init__(self, store: Store, clock: Clock, *, link: str = "") -> None:
        self._store, self._clock, self._link = store, clock, link
        self.retries = loops.retries("webhook_dispatch", clock, _log)

    async def run(self) -> None:
        with self._store.hubs[webhooks.DUE].follow(ANY) as follower:
            await self.retries.repeat(self.step, follower, at_least_s=0.2)

    async def step(self) -> float:
        """Judge new events for every webhook; seconds until more may be ripe (at most 2)."""
        wait_s = LOOK_EVERY_S
        for org_id, webhook_id in await self._store.read(actor.system(), _behind):
            if self.retries.wait_s(webhook_id) > 0:
                continue
            with self.retries.attempt(webhook_id):
                wait_s = min(wait_s, await self._judge(actor.system(OrgId(org_id)), webhook_id))
        return wait_s

    async def _judge(self, who: Actor, webhook_id: str) -> float:
        """A look that writes nothing goes first: what waits for its cause is seen again and again, and writers are few."""
        is_ripe, left_s = await self._store.read(who, lambda tx: _look(tx, webhook_id))
        return await self._store.write(who, lambda tx: judge(tx, webhook_id, link=self._link)) if is_ripe else left_s


def _behind(tx: Transaction) -> list[tuple[str, str]]:
    """(organization id, webhook id) of every webhook that is on and has events after its own number; of all organizations."""
    head = cache(lambda org_id: events.head(tx.acting_for(OrgId(org_id))))
    return [(org_id, webhook_id) for org_id, webhook_id, cursor in webhooks.enabled(tx) if cursor < head(org_id)]


def _look(tx: Transaction, webhook_id: str) -> tuple[bool, float]:
    """Whether a webhook has ripe events, and seconds until more may be."""
    try:
        webhook = webhooks.get(tx, webhook_id)
    except NotFound:
        return False, LOOK_EVERY_S
    ready, wait_s = ripe(events.read_after(tx, webhook.cursor, limit=AT_ONCE), now=tx.now, else_s=LOOK_EVERY_S)
    return bool(ready), wait_s


def judge(tx: Transaction, webhook_id: str, *, link: str) -> float:
    """Turn the next ripe events into deliveries of this webhook; seconds until more may be ripe, 0 when there is more already."""
    try:
        webhook = webhooks.get(tx, webhook_id)
    except NotFound:
        return LOOK_EVERY_S
    if not webhook.is_enabled:
        return LOOK_EVERY_S  # switched off since it was listed
    found = events.read_after(tx, webhook.cursor, limit=AT_ONCE)
    ready, wait_s = ripe(found, now=tx.now, else_s=LOOK_EVERY_S)
    if not ready:
        return wait_s
    judging = _judging(tx, webhook, ready, link)
    deliveries = [one for event in ready if (one := judging.delivery(event)) is not None]
    if not webhooks.judged(tx, webhook, up_to=ready[-1].seq, made=deliveries):
        return 0.0
    judging.save_digest()
    return 0.0 if len(found) == AT_ONCE and len(ready) == AT_ONCE else wait_s


def _judging(tx: Transaction, webhook: Webhook, ready: Sequence[Event], link: str) -> "_Judging":
    def ids() -> set[str]:
        return {event.subject_id for event in ready if event.type in _ABOUT_ISSUES}

    def ending() -> set[str]:
        if webhook.form.follows or webhook.escalation_minutes:
            return {id_ for event in ready for id_ in (_issue_id(event, webhook.form), _root_id(event, webhook.form)) if id_}
        return {event.subject_id for event in ready if event.type == "issue.resolved"}

    return _Judging(
        tx=tx,
        webhook=webhook,
        link=link,
        notified=cache(lambda: webhooks.notified_of(tx, webhook, ending())),
        matches=routing.matching(tx, webhook.filters, ids),
    )


@dataclass(slots=True, kw_only=True)
class _Judging:
    """One round for one webhook. `notified`: which of the issues it was notified of when they opened; `matches`: whether an issue matches
    the query of its filters."""

    tx: Transaction
    webhook: Webhook
    link: str
    notified: Callable[[], Collection[str]]
    matches: Callable[[str], bool]
    told: dict[datetime, int] = field(default_factory=dict)
    digests: dict[datetime, list[str]] = field(default_factory=dict)
    verdicts: dict[str, str] = field(default_factory=dict)

    def delivery(self, event: Event) -> Delivery | None:
        """What is due for an event; None: nothing of its own."""
        if self.webhook.form.is_read and (messages.is_minor(event.data) or self._is_known(event)):
            return None
        issue_id = _issue_id(event, self.webhook.form)
        issue = issues.find_one(self.tx, issue_id) if issue_id else None
        named = self._alert(event, issue) if self.webhook.form.follows else self._message(event, issue)
        if named is None and (root := self._root(event)) is not None:
            return self._create(event, "issue.updated", root)
        return None if named is None else self._create(event, named, issue)

    def _is_known(self, event: Event) -> bool:
        """Whether an analysis has the cause that this webhook was notified of, or will be. One that failed changes nothing."""
        if event.type != "analysis.ready":
            return False
        opening = webhooks.last_about(self.tx, self.webhook.id, event.subject_id)
        if opening is not None and opening.event == "issue.created" and opening.due_at is not None and opening.due_at > self.tx.now + HELD:
            return True  # it is written again when it leaves
        known = self.verdicts.get(event.subject_id) or webhooks.last_verdict(self.tx, self.webhook.id, event.subject_id)
        return known is not None and bodies.verdict(self.tx, event, None) in (known, "failed")

    def _message(self, event: Event, issue: Issue | None) -> str | None:
        """The name of the event that this webhook gets, or None."""
        filters = self.webhook.filters
        name = "issue.created" if self._begins_again(event, issue) else _name(event, filters)
        if name not in filters.events or (issue is None and name in _ABOUT_ISSUES):
            return None
        if issue is None:
            return name if model.wants(filters, routing.about(name, event.cluster_id, None)) else None
        if not is_silent(issue) and routing.covers(filters, issue) and self.matches(issue.id):
            return name if not self._is_sequel(name) or issue.id in self.notified() else None
        is_end = name == "issue.resolved" and routing.covers(replace(filters, min_severity=None), issue)
        return name if is_end and issue.id in self.notified() else None

    def _begins_again(self, event: Event, issue: Issue | None) -> bool:
        """Whether an issue waits for somebody again, or reaches the severity that the quiet hours that hold or dropped it let through."""
        if issue is None or (self.webhook.escalation_minutes and _is_released(event)):
            return issue is not None
        hours, now = self.webhook.quiet_hours, self.tx.now
        if hours is None or not _is_worse(event.data.get("changes", {}), hours.passing_severity) or hours.release_at(now, None) <= now:
            return False
        known = webhooks.last_about(self.tx, self.webhook.id, issue.id)
        return known is None or (known.due_at is not None and known.due_at > now)

    def _is_sequel(self, name: str) -> bool:
        """Whether such an event means nothing to those who were not notified when the issue opened: it was acknowledged in time, or one of
        many in a digest."""
        is_end_for_people = self.webhook.form.is_read and name == "issue.resolved" and "issue.created" in self.webhook.filters.events
        return name != "issue.created" and (bool(self.webhook.escalation_minutes) or is_end_for_people)

    def _alert(self, event: Event, issue: Issue | None) -> str | None:
        """The same for a form that follows issues: once it was notified of one, until it resolves."""
        if issue is None or event.data.get("via") == self.webhook.id:
            return None  # the last: it came from there
        if event.type in self.webhook.form.shown_events:
            return "issue.updated" if issue.id in self.notified() else None
        if event.type not in model.MOVES:
            return None
        if self.webhook.form is Form.ALERTS:
            return event.type if alert_bodies.concerns(issue, event, self.webhook.filters) else None
        if issue.id not in self.notified():
            is_new = not self.webhook.form.has_digest or _begins(event, self.webhook.filters)
            return "issue.created" if is_new and alert_bodies.fires(issue, self.webhook.filters) and self.matches(issue.id) else None
        is_shown = not self.webhook.form.shown_changes.isdisjoint(event.data.get("changes", {}))
        return event.type if event.type != "issue.updated" or is_shown else None

    def _root(self, event: Event) -> Issue | None:
        """The issue that has one symptom more or less by this event, if a message shows their number."""
        root_id = _root_id(event, self.webhook.form)
        return issues.find_one(self.tx, root_id) if root_id and root_id in self.notified() else None

    def _create(self, event: Event, name: str, issue: Issue | None) -> Delivery | None:
        due_at = self._due_at(event, name, issue)
        if due_at is None:
            return None
        is_again = name == "issue.created" and event.type == "issue.updated"
        if is_again and webhooks.hasten(self.tx, self.webhook, event.subject_id, due_at):
            return None
        if self._is_in_digest(event, name, due_at):
            return None
        if self.webhook.form.follows and issue is not None:
            body = bodies.of_issue(self.tx, self.webhook, issue, link=self.link)
        else:
            minutes = self.webhook.escalation_minutes
            body = bodies.of_event(self.tx, self.webhook.form, event, name=name, issue=issue, link=self.link, escalated_min=minutes)
        verdict = bodies.verdict(self.tx, event, issue) if self.webhook.form.is_read else None
        if verdict is not None:
            self.verdicts[event.subject_id] = verdict
        return webhooks.new_delivery(
            self.tx,
            self.webhook,
            event=name,
            body=body,
            verdict=verdict,
            event_seq=event.seq,
            subject_id=issue.id if issue else event.subject_id,
            due_at=due_at,
        )

    def _due_at(self, event: Event, name: str, issue: Issue | None) -> datetime | None:
        """When it may leave; None: never, since it falls into quiet hours that drop. What has begun goes on: the alert of an issue ends
        when it ends, and so does a message that hours without a later one would leave standing."""
        now, hours = self.tx.now, self.webhook.quiet_hours
        is_dropping = hours is not None and hours.is_dropped
        if name != "issue.created" and issue is not None and (self.webhook.form.follows or is_dropping):
            return now
        if name == "issue.created" and issue is not None and self.webhook.escalation_minutes:
            since = event.at if opens(event) or _is_released(event) else issue.detected_at
            now = max(now, since + timedelta(minutes=self.webhook.escalation_minutes))
        release = self.webhook.release_at(now, issue.severity if issue else None)
        return None if is_dropping and release > now else release

    def _is_in_digest(self, event: Event, name: str, due_at: datetime) -> bool:
        """Whether an opened issue is one too many for a message of its own; if so, it is noted for the digest."""
        if name != "issue.created" or not self.webhook.form.has_digest:
            return False
        if due_at not in self.told:
            self.told[due_at] = webhooks.openings_until(self.tx, self.webhook, due_at)
        self.told[due_at] += 1
        if self.told[due_at] <= model.STORM_MESSAGES:
            return False
        self.digests.setdefault(due_at, []).append(event.subject_id)
        return True

    def save_digest(self) -> None:
        """Add what was noted to the digest that waits, or make one that waits a minute for more."""
        for due_at, ids in self.digests.items():
            waiting = webhooks.open_digest(self.tx, self.webhook, earliest=due_at, latest=due_at + DIGEST_AFTER)
            if waiting is not None and webhooks.add_to_digest(self.tx, waiting, bodies.Digest.of(waiting).and_more(ids).body()):
                continue
            is_held = due_at > self.tx.now and not self.webhook.escalation_minutes
            due, body = due_at if is_held else due_at + DIGEST_AFTER, bodies.Digest().and_more(ids).body()
            webhooks.add(self.tx, webhooks.new_delivery(self.tx, self.webhook, event=model.DIGEST, body=body, due_at=due))


def _name(event: Event, wanted: Filters) -> str:
    """The event type that a webhook gets for this event.

    A symptom that outlived its root is a new issue for a webhook that never got it. So is, for a webhook without `issue.updated`, an issue
    that reopened, is no longer muted or snoozed, or reached the severity that the webhook wants.
    """
    if event.type != "issue.updated":
        return event.type
    changes = event.data.get("changes", {})
    parent = changes.get("parentIssueId")
    if parent is not None and parent.get("to") is None:
        return "issue.created"
    is_news = "issue.updated" not in wanted.events and (is_back(changes) or _is_unmuted(changes) or _is_worse(changes, wanted.min_severity))
    return "issue.created" if is_news else event.type


def _begins(event: Event, wanted: Filters) -> bool:
    """Whether an issue that has no message yet gets one with this event. A change of one that was in a digest is none, unless it is what
    the query of the webhook may ask for."""
    is_routed = wanted.query is not None and not _ROUTES.isdisjoint(event.data.get("changes", {}))
    return is_routed or _name(event, replace(wanted, events=frozenset())) == "issue.created"


def _is_released(event: Event) -> bool:
    """Whether somebody who had acknowledged the issue has taken that back."""
    return bool(event.data.get("changes", {}).get("status") == {"from": "acknowledged", "to": "open"})


def _is_unmuted(changes: Mapping[str, Any]) -> bool:
    shown_as = changes.get("substatus", {})
    return shown_as.get("from") in SILENT and shown_as.get("to") not in SILENT


def _is_worse(changes: Mapping[str, Any], least: Severity | None) -> bool:
    severity = changes.get("severity")
    return least is not None and severity is not None and Severity(severity["from"]).rank < least.rank <= Severity(severity["to"]).rank


def _issue_id(event: Event, form: Form) -> str | None:
    """The issue of an event, or the one that an execution is for."""
    if event.type in _ABOUT_ISSUES:
        return event.subject_id
    return event.data.get("issueId") if event.type in form.shown_events else None


def _root_id(event: Event, form: Form) -> str | None:
    """The issue that the issue of an event has become a symptom of, or is one of no longer, for a form that edits its message."""
    if form is not Form.SLACK_APP:
        return None
    moved = event.data.get("changes", {}).get("parentIssueId", {})
    root_id: str | None = event.data.get("parentIssueId") if event.type == "issue.created" else moved.get("to") or moved.get("from")
    return root_id
