"""Sends the alerts of open issues to Alertmanager again, before they end by themselves.

A webhook's row has the time of its next refresh. Whoever moves that time sends the alerts, so several servers do it once, and one that dies
leaves it to the next. What fires is read from the issues at that moment: an alert that Alertmanager forgot, or that was never delivered,
fires again. An issue that resolved, or became silent, while its alert was on the way has sent the end before; the end is sent once more.
Then the silences of the Alertmanager are read.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import structlog

from optral.alerts import silence_rows
from optral.clusters import service as clusters
from optral.flows import loops
from optral.flows.webhooks import alert_bodies, delivery, routing
from optral.flows.webhooks.alertmanager import Alertmanager
from optral.issues import service as issues
from optral.issues.model import UNRESOLVED, Issue
from optral.kit.clock import Clock
from optral.kit.hub import ANY
from optral.kit.outbound import Caller
from optral.kit.paging import PageRequest
from optral.kit.tasks import Tasks
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import Refused, Unavailable
from optral.terms.ids import OrgId
from optral.webhooks import model, service as webhooks
from optral.webhooks.model import Answer, Webhook

MOST_FIRING = 1000  # alerts of one webhook that are kept firing: of the most urgent issues
AT_ONCE = 100  # alerts in one request
IN_FLIGHT = 16
LOOK_EVERY_S = 5.0
_log = structlog.get_logger(__name__)


class _Firing(NamedTuple):
    issues: Sequence[Issue]
    clusters: dict[str, str]


class AlertRefresher:
    """Own `run` as a task. `key` opens sealed targets, `caller` is how requests leave, `link` the address people open, or empty."""

    def __init__(self, store: Store, clock: Clock, *, key: bytes, caller: Caller, link: str = "") -> None:
        self._store, self._clock, self._key, self._caller, self._link = store, clock, key, caller, link
        self._in_flight: set[str] = set()
        self._tasks = Tasks(lambda name, error: _log.error("a refresh of alerts broke off", webhook=name, exc_info=error))
        self.retries = loops.retries("alert_refreshes", clock, _log)

    async def run(self) -> None:
        try:
            with self._store.hubs[webhooks.DUE].follow(ANY) as follower:
                await self.retries.repeat(self.step, follower, at_least_s=1.0)
        finally:
            await self._tasks.stop()
            await self._caller.close()

    async def step(self) -> float:
        """Start every refresh that is due and has room; seconds until the next look."""
        due = await self._store.read(actor.system(), lambda tx: webhooks.due_refreshes(tx, limit=IN_FLIGHT + len(self._in_flight)))
        for org_id, webhook_id in due:
            if webhook_id not in self._in_flight and len(self._in_flight) < IN_FLIGHT and self.retries.wait_s(webhook_id) == 0:
                self._in_flight.add(webhook_id)
                self._tasks.start(webhook_id, self._attempt(OrgId(org_id), webhook_id))
        return LOOK_EVERY_S

    async def idle(self) -> None:
        """Wait until no refresh is in flight; for tests and for a stop."""
        await self._tasks.idle()

    async def _attempt(self, org_id: OrgId, webhook_id: str) -> None:
        try:
            with self.retries.attempt(webhook_id):
                await self.refresh(org_id, webhook_id)
        finally:
            self._in_flight.discard(webhook_id)

    async def refresh(self, org_id: OrgId, webhook_id: str) -> None:
        """Send the alerts of one webhook, unless another server does, and note what came of it."""
        who = actor.system(org_id)
        webhook = await self._store.write(who, lambda tx: webhooks.claim_refresh(tx, webhook_id))
        if webhook is None:
            return
        answer, silences, error, began = Answer(error=model.UNREADABLE), None, None, self._clock.now()
        try:
            there = Alertmanager(self._caller, webhooks.opened(webhook, key=self._key))
            answer = await self._send(who, webhook, there)
            silences = await there.silences(webhook.id, now=began) if answer.is_good else None
        except Refused:
            pass  # another key sealed it
        except Unavailable as failure:
            error = f"silences: {failure.log}"

        def record(tx: Transaction) -> None:
            if silences is not None:
                silence_rows.replace(tx, webhook.id, silences, read_at=began)
            delivery.note_ended(tx, webhooks.record_refresh(tx, webhook_id, answer, more=error))

        await self._store.write(who, record)

    async def _send(self, who: actor.Actor, webhook: Webhook, there: Alertmanager) -> Answer:
        firing = await self._store.read(who, lambda tx: _firing(tx, webhook))
        answer = Answer(status=200)
        for start in range(0, len(firing.issues), AT_ONCE):
            sent = [
                alert_bodies.firing(issue, cluster=firing.clusters.get(issue.cluster_id, ""), link=self._link, now=self._clock.now())
                for issue in firing.issues[start : start + AT_ONCE]
            ]
            answer = await there.fire(sent)
            if not answer.is_good:
                return answer
        ended = await self._store.read(who, lambda tx: _ended(tx, webhook, firing, link=self._link))
        return await there.fire(ended) if ended else answer


def _firing(tx: Transaction, webhook: Webhook) -> _Firing:
    """What fires at a webhook now, the most urgent first."""
    wanted = replace(routing.roots(webhook.filters), statuses=UNRESOLVED, is_snoozed=False)
    found = issues.find(tx, wanted, PageRequest(size=MOST_FIRING, sort="severity"))
    firing = [issue for issue in found if alert_bodies.fires(issue, webhook.filters)]
    return _Firing(firing, clusters.names(tx, {issue.cluster_id for issue in firing}))


def _ended(tx: Transaction, webhook: Webhook, sent: _Firing, *, link: str) -> list[dict[str, Any]]:
    """The ends of alerts whose issues no longer fire, though they did when they were sent."""
    now_ = issues.find_all(tx, [issue.id for issue in sent.issues])
    ended = [issue for issue in now_ if not alert_bodies.fires(issue, webhook.filters)]
    bodies = [
        alert_bodies.body(issue, webhook.filters, cluster=sent.clusters.get(issue.cluster_id, ""), link=link, now=tx.now) for issue in ended
    ]
    return [alert for body in bodies for alert in body]
