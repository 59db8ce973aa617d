"""From events to webhooks: which events notify which webhook, and their delivery.

The *notifier* reads each webhook's events after its own number, keeps what its filters want, and writes deliveries and the new number in
one transaction: exactly one row per event and webhook, whatever dies in between. Notifications of issues wait a few seconds, so that a
symptom that came before its cause is folded into it first; in a storm a minute late. Symptoms, risks, muted, snoozed and preexisting issues
are silent, except for the end of one whose beginning was delivered.

The *delivery worker* sends what is due: at most two at once to one endpoint and sixteen of one organization, so that dead ones delay nobody
else.
"""

import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import msgspec
import structlog

from optral.access import service as access
from optral.clusters import service as clusters
from optral.events import service as events
from optral.events.model import Event
from optral.flows import loops
from optral.flows.issues.ripeness import SILENT, is_back, is_silent, ripe
from optral.flows.webhooks import alert_bodies, messages
from optral.issues import service as issues
from optral.issues.model import Issue
from optral.kit import signature
from optral.kit.clock import Clock
from optral.kit.hub import ANY
from optral.kit.tasks import Tasks
from optral.kit.times import rfc3339
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.actor import Actor
from optral.terms.errors import NotFound, Refused
from optral.terms.ids import OrgId
from optral.terms.severity import Severity
from optral.webhooks import model, service as webhooks
from optral.webhooks.model import About, Delivery, Filters, Form, LeftOut, Webhook
from optral.webhooks.sender import Sender

AT_ONCE = 200  # events judged in one transaction
LOOK_EVERY_S = 2.0
IN_FLIGHT = 64  # as many connections as the sender keeps
IN_FLIGHT_TO_ONE = 2
IN_FLIGHT_OF_ORG = 16
_WRITES = "writes"
_MOVES = frozenset({"issue.created", "issue.updated", "issue.resolved"})
_ABOUT_ISSUES = _MOVES | {"analysis.ready"}
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
    notified = cache(lambda: webhooks.notified_of(tx, webhook.id, {event.subject_id for event in ready if event.type == "issue.resolved"}))
    deliveries = [one for event in ready if (one := _delivery(tx, webhook, event, link=link, notified=notified)) is not None]
    if not webhooks.judged(tx, webhook, up_to=ready[-1].seq, made=deliveries):
        return 0.0
    return 0.0 if len(found) == AT_ONCE and len(ready) == AT_ONCE else wait_s


def _delivery(tx: Transaction, webhook: Webhook, event: Event, *, link: str, notified: Callable[[], Collection[str]]) -> Delivery | None:
    """`notified` returns which of the resolved issues this webhook was notified of when they opened."""
    if webhook.form is Form.ALERTS:
        return _alert_delivery(tx, webhook, event, link=link)
    name = _name(event, webhook.filters)
    if name not in webhook.filters.events:
        return None
    issue = _issue(tx, event)
    if issue is None and name in _ABOUT_ISSUES:
        return None
    about = About(
        event=name,
        cluster_id=event.cluster_id,
        namespace=issue.namespace if issue else None,
        issue_type=issue.type if issue else None,
        severity=issue.severity if issue else None,
    )
    if (issue is not None and is_silent(issue)) or not model.wants(webhook.filters, about):
        is_end = name == "issue.resolved" and model.wants(replace(webhook.filters, min_severity=None), about)
        if not is_end or event.subject_id not in notified():
            return None
    body = body_of(tx, webhook.form, event, name=name, issue=issue, link=link)
    return webhooks.new_delivery(tx, webhook, event=name, body=body, event_seq=event.seq, subject_id=event.subject_id)


def _alert_delivery(tx: Transaction, webhook: Webhook, event: Event, *, link: str) -> Delivery | None:
    issue = _issue(tx, event)
    if issue is None or event.type not in _MOVES or not alert_bodies.concerns(issue, event, webhook.filters):
        return None
    body = _alerts(tx, webhook, issue, link=link)
    return webhooks.new_delivery(tx, webhook, event=event.type, body=body, event_seq=event.seq, subject_id=issue.id)


def _alerts(tx: Transaction, webhook: Webhook, issue: Issue, *, link: str) -> str:
    cluster = clusters.names(tx, [issue.cluster_id]).get(issue.cluster_id, "")
    return msgspec.json.encode(alert_bodies.body(issue, webhook.filters, cluster=cluster, link=link, now=tx.now)).decode()


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
    is_news = "issue.updated" not in wanted.events and (is_back(changes) or _is_unmuted(changes) or _is_worse(changes, wanted))
    return "issue.created" if is_news else event.type


def _is_unmuted(changes: Mapping[str, Any]) -> bool:
    shown_as = changes.get("substatus", {})
    return shown_as.get("from") in SILENT and shown_as.get("to") not in SILENT


def _is_worse(changes: Mapping[str, Any], wanted: Filters) -> bool:
    least, severity = wanted.min_severity, changes.get("severity")
    return least is not None and severity is not None and Severity(severity["from"]).rank < least.rank <= Severity(severity["to"]).rank


def _issue(tx: Transaction, event: Event) -> Issue | None:
    if event.type not in _ABOUT_ISSUES:
        return None
    try:
        return issues.get(tx, event.subject_id)
    except NotFound:
        return None


def body_of(tx: Transaction, form: Form, event: Event, *, name: str, issue: Issue | None, link: str) -> str:
    """What is sent: the event with the issue's title and address, or a message for people."""
    data = dict(event.data)
    if issue is not None:
        data["title"] = issue.title
        if link:
            data["url"] = f"{link}/issues/{issue.id}"
    if form is Form.SLACK:
        cluster = clusters.names(tx, [event.cluster_id]).get(event.cluster_id, "") if event.cluster_id else ""
        return msgspec.json.encode(messages.message(name, data, cluster=cluster)).decode()
    return envelope(name, event.at, data)


def envelope(name: str, at: datetime, data: dict[str, object]) -> str:
    """The body as Standard Webhooks has it: type, timestamp, data."""
    body = msgspec.json.encode({"type": name, "timestamp": rfc3339(at, timespec="milliseconds"), "data": data})
    if len(body) > model.MAX_BODY_BYTES:
        kept: dict[str, object] = {key: data[key] for key in ("id", "clusterId", "url") if key in data}
        return envelope(name, at, kept | {"isShortened": True})
    return body.decode()


class _Recipient(NamedTuple):
    org_id: str
    webhook_id: str


class DeliveryWorker:
    """Own `run` as a task. `key` opens sealed targets; `sender` is how a delivery leaves; `link` as of the notifier."""

    def __init__(self, store: Store, clock: Clock, *, key: bytes, sender: Sender, link: str = "") -> None:
        self._store, self._clock, self._key, self._sender, self._link = store, clock, key, sender, link
        self._in_flight: dict[str, _Recipient] = {}
        self._tasks = Tasks(lambda name, error: _log.error("a delivery broke off", delivery=name, exc_info=error))
        self._chance = random.Random()  # noqa: S311 - only spreads attempts over time
        self.retries = loops.retries("deliveries", clock, _log)

    async def run(self) -> None:
        try:
            with self._store.hubs[webhooks.DUE].follow(ANY) as follower:
                await self.retries.repeat(self.step, follower)
        finally:
            await self._tasks.stop()
            await self._sender.close()

    async def step(self) -> float:
        """Start every delivery that is due and has room; seconds until more is due (at most 2)."""
        while (rest_s := self.retries.wait_s(_WRITES)) == 0 and await self._start_due():
            pass  # what filled the list may have left others behind it
        if rest_s > 0:
            return rest_s
        if len(self._in_flight) >= IN_FLIGHT:
            return LOOK_EVERY_S  # each delivery wakes the loop when it ends
        full = self._full()
        upcoming = await self._store.read(
            actor.system(), lambda tx: webhooks.next_due(tx, but=full.and_webhooks({one.webhook_id for one in self._in_flight.values()}))
        )
        if upcoming is None:
            return LOOK_EVERY_S
        return min(LOOK_EVERY_S, max(0.05, (upcoming - self._clock.now()).total_seconds()))

    async def _start_due(self) -> bool:
        """Start what is due and has room; whether anything was started."""
        full, there = self._full(), len(self._in_flight)
        if there >= IN_FLIGHT:
            return False
        due = await self._store.read(actor.system(), lambda tx: webhooks.due_deliveries(tx, but=full, limit=IN_FLIGHT + there))
        for org_id, delivery_id, webhook_id in due:
            if delivery_id not in self._in_flight and self._has_room(org_id, webhook_id):
                self._in_flight[delivery_id] = _Recipient(org_id, webhook_id)
                self._tasks.start(delivery_id, self._attempt(OrgId(org_id), delivery_id, webhook_id))
        return len(self._in_flight) > there

    def _has_room(self, org_id: str, webhook_id: str) -> bool:
        """Asked after the list was read: a delivery that was in flight meanwhile may have failed."""
        if self.retries.wait_s(_WRITES) > 0 or self.retries.wait_s(webhook_id) > 0:
            return False
        recipients = self._in_flight.values()
        of_org = sum(1 for recipient in recipients if recipient.org_id == org_id)
        to_one = sum(1 for recipient in recipients if recipient.webhook_id == webhook_id)
        return len(recipients) < IN_FLIGHT and of_org < IN_FLIGHT_OF_ORG and to_one < IN_FLIGHT_TO_ONE

    def _full(self) -> LeftOut:
        """Who rests, or has as many deliveries in flight as allowed. They are passed over, so that others do not wait for their backlog."""
        of_org = Counter(one.org_id for one in self._in_flight.values())
        to_one = Counter(one.webhook_id for one in self._in_flight.values())
        return LeftOut(
            orgs=frozenset(one for one, count in of_org.items() if count >= IN_FLIGHT_OF_ORG),
            webhooks=self.retries.waiting().union(one for one, count in to_one.items() if count >= IN_FLIGHT_TO_ONE),
        )

    async def idle(self) -> None:
        """Wait until no delivery is in flight; for tests and for a stop."""
        await self._tasks.idle()

    async def _attempt(self, org_id: OrgId, delivery_id: str, webhook_id: str) -> None:
        try:
            with self.retries.attempt(webhook_id, writes=_WRITES):
                await self.deliver(org_id, delivery_id)
        finally:
            self._in_flight.pop(delivery_id, None)
            self._store.hubs[webhooks.DUE].publish(ANY)  # there is room for another

    async def deliver(self, org_id: OrgId, delivery_id: str) -> None:
        """Try one delivery once and note what came of it."""
        who = actor.system(org_id)
        held = await self._store.write(who, lambda tx: _claim(tx, delivery_id, self._link))
        if held is None:
            return
        webhook, delivery = held
        answer = await self._send(webhook, delivery)
        chance = self._chance.random()
        await self._store.write(who, lambda tx: _record(tx, delivery, answer, chance))

    async def _send(self, webhook: Webhook, delivery: Delivery) -> model.Answer:
        now, body = self._clock.now(), delivery.body.encode()
        try:
            target = webhooks.opened(webhook, key=self._key)
            headers = signature.headers(delivery.id, body, keys=target.secrets(now), now=now)
        except (Refused, ValueError):
            _log.error("deliveries.unreadable", webhook=webhook.id, delivery=delivery.id)
            return model.Answer(error=model.UNREADABLE)
        return await self._sender.send(target.url, headers | target.credentials.headers, body)


def _claim(tx: Transaction, delivery_id: str, link: str) -> tuple[Webhook, Delivery] | None:
    """Alerts are as of now: those of an earlier attempt may have ended since."""
    held = webhooks.claim(tx, delivery_id)
    if held is None or held[0].form is not Form.ALERTS or held[1].subject_id is None:
        return held
    webhook, delivery = held
    issue = issues.find_one(tx, held[1].subject_id)
    return held if issue is None else (webhook, replace(delivery, body=_alerts(tx, webhook, issue, link=link)))


def _record(tx: Transaction, delivery: Delivery, answer: model.Answer, chance: float) -> None:
    noted = webhooks.record(tx, delivery, answer, chance=chance)
    note_ended(tx, None if noted is None else noted[1])


def note_ended(tx: Transaction, ended: Webhook | None) -> None:
    """Audit that an attempt switched a webhook off."""
    if ended is not None:
        access.audit(tx, action="webhook.disable", target=ended.id, detail={"why": ended.ended.value if ended.ended else ""})
