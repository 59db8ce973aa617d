"""Writes the weekly digests as deliveries of webhooks of the form e-mail.

A webhook's row has the time of its next digest, which moves in the transaction that writes the delivery: several servers write it once,
and a server that was down writes it late. A webhook without the event `digest.weekly` gets none.
"""

import msgspec
import structlog

from optral.flows import loops
from optral.flows.documents import digest
from optral.flows.webhooks import routing
from optral.kit.clock import Clock
from optral.kit.hub import ANY
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.ids import OrgId
from optral.webhooks import model, service as webhooks
from optral.webhooks.model import Webhook

AT_ONCE = 50
LOOK_EVERY_S = 30.0
_log = structlog.get_logger(__name__)


class WeeklyDigests:
    """Own `run` as a task. `link`: the address that people open, or empty."""

    def __init__(self, store: Store, clock: Clock, *, link: str = "") -> None:
        self._store, self._link = store, link
        self.retries = loops.retries("weekly_digests", clock, _log)

    async def run(self) -> None:
        with self._store.hubs[webhooks.DUE].follow(ANY) as follower:
            await self.retries.repeat(self.step, follower, at_least_s=LOOK_EVERY_S)

    async def step(self) -> float:
        """Write the digests that are due; seconds until the next look."""
        for org_id, webhook_id in await self._store.read(actor.system(), lambda tx: webhooks.due_digests(tx, limit=AT_ONCE)):
            if self.retries.wait_s(webhook_id) == 0:
                with self.retries.attempt(webhook_id):
                    await self._write(OrgId(org_id), webhook_id)
        return LOOK_EVERY_S

    async def _write(self, org_id: OrgId, webhook_id: str) -> None:
        who = actor.system(org_id)
        webhook, body = await self._store.read(who, lambda tx: _composed(tx, webhook_id, self._link))
        await self._store.write(who, lambda tx: _queued(tx, webhook, body))


def _composed(tx: Transaction, webhook_id: str, link: str) -> tuple[Webhook, str]:
    """The webhook and its digest; empty: it gets none."""
    webhook = webhooks.get(tx, webhook_id)
    if not webhook.is_enabled or model.WEEKLY not in webhook.filters.events:
        return webhook, ""
    document = digest.of(tx, among=routing.among(tx, webhook.filters), about=webhook.filters.query or "")
    return webhook, msgspec.json.encode(digest.mail(document, link=link)).decode()


def _queued(tx: Transaction, webhook: Webhook, body: str) -> None:
    if webhooks.end_week(tx, webhook) and body:
        due_at = webhook.release_at(tx.now, None)
        webhooks.add(tx, webhooks.new_delivery(tx, webhook, event=model.WEEKLY, body=body, due_at=due_at))
