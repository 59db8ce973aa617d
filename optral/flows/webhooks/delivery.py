"""The delivery of what is due: at most two at once to one endpoint and sixteen of one organization, so that dead ones delay nobody else."""

import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple, Protocol

import msgspec
import structlog

from optral.access import service as access
from optral.events import service as events
from optral.flows import loops
from optral.flows.issues.ripeness import is_silent
from optral.flows.webhooks import bodies, on_call
from optral.flows.webhooks.dispatch import HELD, LOOK_EVERY_S
from optral.issues import service as issues
from optral.issues.model import Status
from optral.kit import signature
from optral.kit.clock import Clock
from optral.kit.hub import ANY
from optral.kit.tasks import Tasks
from optral.mail.model import Content, Envelope
from optral.mail.sender import Sender as Mailer
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import Refused, TooMany
from optral.terms.ids import OrgId
from optral.webhooks import model, service as webhooks
from optral.webhooks.model import Delivery, Form, LeftOut, Target, Webhook
from optral.webhooks.sender import Sender

IN_FLIGHT = 64  # as many connections as the sender keeps
IN_FLIGHT_TO_ONE = 2
IN_FLIGHT_OF_ORG = 16
MAX_REST_S = 60.0  # of a webhook whose service limits the rate, before one of its deliveries asks again
_WRITES = "writes"
_content = msgspec.json.Decoder(Content)
_log = structlog.get_logger(__name__)


class _Recipient(NamedTuple):
    org_id: str
    webhook_id: str


class IssueSender(Protocol):
    """How deliveries of a form leave that keeps one message or ticket for each issue."""

    async def send(self, who: actor.Actor, webhook: Webhook, delivery: Delivery, target: Target) -> model.Answer:
        """Try once; never raises for what the service does."""
        ...

    async def close(self) -> None: ...


class DeliveryWorker:
    """Own `run` as a task. `key` opens sealed targets; deliveries leave through the `issue_senders` of their form, the `mailer` or the
    `sender`; `link` as of the notifier."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        key: bytes,
        sender: Sender,
        mailer: Mailer | None = None,
        issue_senders: Mapping[Form, IssueSender] = MappingProxyType({}),
        link: str = "",
    ) -> None:
        self._mailer, self._issue_senders = mailer, issue_senders
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
            if self._mailer is not None:
                await self._mailer.close()
            for one in self._issue_senders.values():
                await one.close()

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
        """Try one delivery once and note what came of it. Raises `TooMany` when the service wants the others of the webhook to wait too."""
        who = actor.system(org_id)
        held = await self._store.write(who, lambda tx: _claim(tx, delivery_id, self._link))
        if held is None:
            return
        webhook, delivery = held
        answer = await self._send(who, webhook, delivery)
        chance = self._chance.random()
        await self._store.write(who, lambda tx: _record(tx, delivery, answer, chance))
        if answer.is_rate_limited:
            raise TooMany(retry_after_s=min(answer.retry_after_s or 0.0, MAX_REST_S), log=f"delivery {delivery.id}")

    async def _send(self, who: actor.Actor, webhook: Webhook, delivery: Delivery) -> model.Answer:
        now, body = self._clock.now(), delivery.body.encode()
        try:
            target = webhooks.opened(webhook, key=self._key)
            if webhook.form is Form.EMAIL:
                return await self._send_mail(target.url.removeprefix(model.MAILTO), delivery)
            if (issue_sender := self._issue_senders.get(webhook.form)) is not None:
                return await issue_sender.send(who, webhook, delivery, target)
            if webhook.form in model.URLS:
                return await self._sender.send(*on_call.requested(webhook.form, target, body))
            headers = signature.headers(delivery.id, body, keys=target.secrets(now), now=now)
        except (Refused, ValueError):
            _log.error("deliveries.unreadable", webhook=webhook.id, delivery=delivery.id)
            return model.Answer(error=model.UNREADABLE)
        return await self._sender.send(target.url, headers | target.credentials.headers, body)

    async def _send_mail(self, recipient: str, delivery: Delivery) -> model.Answer:
        if self._mailer is None:
            return model.Answer(error="no_mail_server")
        began = time.monotonic()
        envelope = Envelope(id=delivery.id, recipient=recipient, content=_content.decode(delivery.body), created_at=delivery.created_at)
        answer = await self._mailer.send(envelope)
        error = None if answer.is_sent else model.REFUSED if answer.is_final else "mail_server"
        return model.Answer(status=answer.code, error=error, took_ms=int((time.monotonic() - began) * 1000))


def _claim(tx: Transaction, delivery_id: str, link: str) -> tuple[Webhook, Delivery] | None:
    """A delivery in hand, with its body as of now: those of an earlier attempt may no longer hold."""
    held = webhooks.claim(tx, delivery_id)
    if held is None:
        return None
    webhook, delivery = held
    needed = _needed(tx, webhook, delivery)
    if needed is None:
        webhooks.drop(tx, delivery, model.ACKNOWLEDGED)
        return None
    return webhook, _current(tx, webhook, needed, link)


def _needed(tx: Transaction, webhook: Webhook, delivery: Delivery) -> Delivery | None:
    """A delivery that waited, of a digest with the issues of which people are still to be notified; None if there are none."""
    if delivery.attempts:
        return delivery
    escalates = webhook.escalation_minutes > 0
    if _is_unsent_digest(delivery):
        digest = bodies.Digest.of(delivery)
        wanted = {Status.OPEN} if escalates else {Status.OPEN, Status.ACKNOWLEDGED}
        left = _among(tx, digest.issues, wanted)
        return replace(delivery, body=bodies.Digest(left, digest.more).body()) if left or digest.more else None
    if _opens_late(tx, webhook, delivery) or (escalates and delivery.event == "issue.created"):
        return delivery if _among(tx, [delivery.subject_id or ""], {Status.OPEN} if escalates else set(Status)) else None
    return delivery


def _among(tx: Transaction, issue_ids: Sequence[str], wanted: Set[Status]) -> list[str]:
    """The issues that have such a status and send notifications."""
    return [one.id for one in issues.find_all(tx, issue_ids) if one.status in wanted and not is_silent(one)]


def _is_unsent_digest(delivery: Delivery) -> bool:
    return delivery.event == model.DIGEST and delivery.attempted_at is None


def _opens_late(tx: Transaction, webhook: Webhook, delivery: Delivery) -> bool:
    """Whether it tells people of an issue that opened a while ago."""
    is_late = delivery.delivered_at is None and tx.now - delivery.created_at > HELD
    return is_late and webhook.form.is_read and delivery.event == "issue.created"


def _current(tx: Transaction, webhook: Webhook, delivery: Delivery, link: str) -> Delivery:
    """With the body as of now, of a digest and of what waited."""
    if _is_unsent_digest(delivery):
        return replace(delivery, body=bodies.of_digest(tx, webhook.form, bodies.Digest.of(delivery), link=link))
    if webhook.form.follows and delivery.subject_id is not None:
        issue = issues.find_one(tx, delivery.subject_id)
        return delivery if issue is None else replace(delivery, body=bodies.of_issue(tx, webhook, issue, link=link))
    if delivery.event_seq is not None and _opens_late(tx, webhook, delivery):
        return _late(tx, webhook, delivery, delivery.event_seq, link)
    return delivery


def _late(tx: Transaction, webhook: Webhook, delivery: Delivery, seq: int, link: str) -> Delivery:
    """A message that waited, of the issue as it is now."""
    issue = issues.find_one(tx, delivery.subject_id) if delivery.subject_id else None
    event = next((one for one in events.read_after(tx, seq - 1, limit=1) if one.seq == seq), None)
    if issue is None or event is None:
        return delivery
    minutes = webhook.escalation_minutes
    body = bodies.of_event(tx, webhook.form, event, name=delivery.event, issue=issue, link=link, escalated_min=minutes)
    return replace(delivery, body=body, verdict=bodies.verdict(tx, event, issue))


def _record(tx: Transaction, delivery: Delivery, answer: model.Answer, chance: float) -> None:
    noted = webhooks.record(tx, delivery, answer, chance=chance)
    note_ended(tx, None if noted is None else noted[1])


def note_ended(tx: Transaction, ended: Webhook | None) -> None:
    """Audit that an attempt switched a webhook off."""
    if ended is not None:
        access.audit(tx, action="webhook.disable", target=ended.id, detail={"why": ended.ended.value if ended.ended else ""})
