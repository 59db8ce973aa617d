"""Webhooks as people change them: the package's work and its audit record, in one transaction."""

from typing import Any

from optral.access import service as access
from optral.alerts import silence_rows
from optral.events import service as events
from optral.flows.webhooks import bodies, routing
from optral.kit import records
from optral.kit.hub import ANY
from optral.kit.records import Change
from optral.kit.times import rfc3339
from optral.store.transaction import Transaction
from optral.webhooks import model, service as webhooks, threads
from optral.webhooks.model import Credentials, Delivery, Filters, Form, Webhook, WebhookSettings
from optral.webhooks.ticket_template import TicketTemplate


def create(
    tx: Transaction, given: WebhookSettings, *, key: bytes, url: str | None, credentials: Credentials | None = None
) -> tuple[Webhook, str]:
    """A new webhook and its secret, shown this once; it gets the events from now on. Raises as `webhooks.create`."""
    routing.check(given.filters)
    made, secret = webhooks.create(tx, given, key=key, url=url, credentials=credentials, cursor=events.head(tx))
    tx.publish(webhooks.DUE, ANY)
    access.audit(tx, action="webhook.create", target=made.id, detail=_detail(made, "is_enabled"))
    return made, secret


def change(
    tx: Transaction,
    webhook_id: str,
    wanted: Change[Webhook],
    *,
    key: bytes,
    url: str | None = None,
    credentials: Credentials | None = None,
    signing_secret: str | None = None,
    if_revision: int | None = None,
) -> Webhook:
    """What is so already tells nobody. Raises as `webhooks.change`."""
    before = webhooks.get(tx, webhook_id)
    head = events.head(tx)
    after = webhooks.change(
        tx,
        webhook_id,
        wanted,
        key=key,
        url=url,
        credentials=credentials,
        signing_secret=signing_secret,
        head=head,
        if_revision=if_revision,
    )
    routing.check(after.filters)
    if url is not None and after.form is Form.TICKET:
        threads.delete_of(tx, webhook_id)  # numbers of tickets mean others in another project
    if after != before:
        access.audit(tx, action="webhook.update", target=after.id, detail=_detail(after))
    return after


def _detail(webhook: Webhook, *but: str) -> dict[str, Any]:
    settings = records.plain(webhook, WebhookSettings, but=("name", "form", "ticket", "filters", "held_until", *but))
    held = {} if webhook.held_until is None else {"heldUntil": rfc3339(webhook.held_until)}
    ticket = {} if webhook.ticket is None else {"ticket": sorted(records.plain(webhook.ticket, TicketTemplate))}
    auth = {} if webhook.auth is None else {"auth": webhook.auth.value}
    return {"name": webhook.name, "url": webhook.shown_url, **auth, **held, **ticket, **settings, **records.plain(webhook.filters, Filters)}


def roll(tx: Transaction, webhook_id: str, *, key: bytes) -> tuple[Webhook, str]:
    """A new secret, shown this once. Raises `NotFound`."""
    made, secret = webhooks.roll(tx, webhook_id, key=key)
    access.audit(tx, action="webhook.roll", target=made.id, detail={"name": made.name})
    return made, secret


def delete(tx: Transaction, webhook_id: str, *, if_revision: int | None = None) -> Webhook:
    """Forget it with its deliveries. Raises `NotFound`, `Stale`."""
    gone = webhooks.delete(tx, webhook_id, if_revision=if_revision)
    silence_rows.delete_of(tx, webhook_id)
    threads.delete_of(tx, webhook_id)
    access.audit(tx, action="webhook.delete", target=gone.id, detail={"name": gone.name})
    return gone


def test(tx: Transaction, webhook_id: str) -> Delivery:
    """A message that says it is a test, on its way now; also to a webhook that is off. Raises `NotFound`."""
    webhook = webhooks.get(tx, webhook_id)
    made = webhooks.add(tx, webhooks.new_delivery(tx, webhook, event=model.TEST, body=bodies.of_test(webhook, tx.now)))
    access.audit(tx, action="webhook.test", target=webhook_id, detail={"delivery": made.id, "name": webhook.name})
    return made


def redeliver(tx: Transaction, webhook_id: str, delivery_id: str) -> Delivery:
    """Try it again, under its old id. Raises as `webhooks.redeliver`."""
    again = webhooks.redeliver(tx, webhook_id, delivery_id)
    name = webhooks.get(tx, webhook_id).name
    access.audit(tx, action="webhook.redeliver", target=webhook_id, detail={"delivery": delivery_id, "name": name})
    return again
