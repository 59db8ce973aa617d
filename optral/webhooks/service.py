"""The service of webhooks: stored, matched with events, attempted, and reported.

Addresses and secrets are stored sealed; only a delivery worker opens them. Every change of a webhook is bound to its revision, so a worker
that records a failure and a person who edits never undo each other's change.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from optral.kit import records, sealed, signature
from optral.kit.hub import ANY, Topic
from optral.kit.paging import PageCursor, PageRequest
from optral.kit.records import Change
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import require_reach
from optral.terms.errors import NotFound, Refused, Stale
from optral.terms.severity import Severity
from optral.webhooks import model, repository, threads
from optral.webhooks.model import Answer, Credentials, Delivery, Ended, Filters, Form, LeftOut, Outcome, Target, Webhook, WebhookSettings

DUE: Topic[str] = Topic("deliveries due")
"""Published with `ANY` when a delivery may be due now, or a webhook wants events."""
ATTEMPTED: Topic[str] = Topic("deliveries")
"""The ids of deliveries, after each attempt."""


def create(
    tx: Transaction, given: WebhookSettings, *, key: bytes, url: str | None, cursor: int, credentials: Credentials | None = None
) -> tuple[Webhook, str]:
    """A new webhook and its secret, shown this once; it gets the events after number `cursor`. `key` seals (32 bytes).

    Raises `Invalid` for an address, credentials or hours that are none, `Refused("too_many_webhooks")`, and
    `Forbidden("beyond_own_clusters")` for a key limited to clusters, when the webhook would get events of others.
    """
    _require_reach(tx, given.filters)
    model.check_settings(given, now=tx.now)
    if repository.count(tx) >= model.MAX_WEBHOOKS:
        raise Refused("too_many_webhooks", say=f"an organization has at most {model.MAX_WEBHOOKS} webhooks; delete one")
    webhook_id, secret = ids.new("whk"), signature.new_secret()
    url = model.checked_url(url or model.URLS.get(given.form, ""), given.form)
    model.check_template(given, url)
    allowed = model.checked_credentials(credentials or Credentials(), given.form)
    target = Target(url, secret, credentials=allowed)
    made = records.extended(
        Webhook,
        given,
        id=webhook_id,
        org_id=tx.org_id,
        shown_url=model.shown(url, given.form),
        auth=target.credentials.auth,
        target=_seal(target, webhook_id, key),
        cursor=cursor,
        digest_at=model.next_digest(tx.now) if given.form is Form.EMAIL else None,
        refresh_at=tx.now if given.form is Form.ALERTS else None,
        created_by=tx.actor.id,
        created_at=tx.now,
        updated_at=tx.now,
    )
    repository.insert(tx, made)
    return made, secret


def get(tx: Transaction, webhook_id: str) -> Webhook:
    """Raises `NotFound` for none, and for one that gets events of clusters that the actor's key cannot see."""
    found = repository.get(tx, webhook_id)
    if found is None or not _reaches(tx, found.filters):
        raise NotFound("webhook_not_found", say=f"there is no webhook {webhook_id}")
    return found


def find(tx: Transaction, page: PageRequest) -> list[Webhook]:
    """A page of those the actor may see, by the time they were made."""
    return repository.all_of(tx, page, among=_seen(tx))


def count(tx: Transaction) -> int:
    """How many of them the actor may see."""
    seen = _seen(tx)
    return repository.count(tx) if seen is None else len(seen)


def _seen(tx: Transaction) -> list[str] | None:
    """Ids of the webhooks that tell only of clusters the actor may see; None: it may see all."""
    if tx.actor.clusters is None:
        return None
    whole = repository.all_of(tx, PageRequest(size=model.MAX_WEBHOOKS))
    return [one.id for one in whole if _reaches(tx, one.filters)]


def _reaches(tx: Transaction, filters: Filters) -> bool:
    """Whether the actor may see every cluster whose events such a webhook gets: deliveries can be read."""
    return tx.actor.reaches(filters.clusters)


def _require_reach(tx: Transaction, filters: Filters) -> None:
    require_reach(tx.actor, filters.clusters, field="filters.clusters")


def of_form(tx: Transaction, form: Form) -> list[Webhook]:
    """Those of a form, also ones that get events of clusters that the actor cannot see: their URL and filters are not for the actor."""
    found = repository.all_of(tx, PageRequest(size=model.MAX_WEBHOOKS, descending=False))
    return [one for one in found if one.form is form]


def with_buttons(tx: Transaction) -> list[Webhook]:
    """Every webhook that is on and on whose messages people act; of all organizations."""
    return repository.with_buttons(tx)


def place(one: Webhook | Delivery) -> PageCursor:
    return PageCursor(one.created_at, one.id)


def change(
    tx: Transaction,
    webhook_id: str,
    wanted: Change[Webhook],
    *,
    key: bytes,
    url: str | None = None,
    credentials: Credentials | None = None,
    signing_secret: str | None = None,
    head: int,
    if_revision: int | None = None,
) -> Webhook:
    """Enabled again, it gets what comes after `head`. Raises as `create`, `NotFound`, `Stale`, and
    `Refused("credentials_needed")` for a new address without the credentials for it."""
    before = get(tx, webhook_id)
    after = wanted(before)
    _require_reach(tx, after.filters)
    model.check_settings(after, now=tx.now)
    if if_revision is not None and if_revision != before.revision:
        raise Stale(say="the webhook was changed in the meantime; read it again, then repeat the change")
    if url is not None or credentials is not None:
        after = model.forgiven(_aimed(before, after, url, credentials, key))
    if after.ticket is not None and (url is not None or after.ticket != before.ticket):
        model.check_template(after, opened(after, key=key).url)
    if signing_secret is not None:
        target = opened(after, key=key)
        incoming = model.renewed(target.incoming, signing_secret, before.form, tx.now)
        after = replace(after, target=_seal(replace(target, incoming=incoming), before.id, key))
    if after.is_enabled != before.is_enabled:
        after = model.forgiven(replace(after, ended=None if after.is_enabled else Ended.BY_HAND))
    if after == before:
        return before
    after = _save(tx, before, after)
    if after.is_enabled != before.is_enabled:
        _switched(tx, after, head=head)
    _release(tx, before, after)
    return after


def _aimed(before: Webhook, after: Webhook, url: str | None, credentials: Credentials | None, key: bytes) -> Webhook:
    known = opened(before, key=key)
    if url is not None and url != known.url and before.auth is not None and credentials is None:
        raise Refused("credentials_needed", say="a new address needs the credentials for it: give both")
    target = replace(
        known,
        url=known.url if url is None else model.checked_url(url, before.form),
        credentials=known.credentials if credentials is None else model.checked_credentials(credentials, before.form),
    )
    return replace(
        after, shown_url=model.shown(target.url, before.form), auth=target.credentials.auth, target=_seal(target, before.id, key)
    )


def _switched(tx: Transaction, webhook: Webhook, *, head: int) -> None:
    """Call after the webhook's row was written: until then a notifier may still write deliveries."""
    if webhook.is_enabled:
        repository.move(tx, webhook.id, known=webhook.cursor, seq=head)
    else:
        repository.drop_pending(tx, webhook.id, why=model.DISABLED)


def _release(tx: Transaction, before: Webhook, after: Webhook) -> None:
    """What waits for the end of a hold or of quiet hours waits for the end that they have now."""
    moved: dict[datetime, datetime] = {}
    for severity in (None, *Severity):
        known, until = before.release_at(tx.now, severity), after.release_at(tx.now, severity)
        if known not in (tx.now, until):
            moved[known] = max(until, moved.get(known, until))
    for known in sorted(moved, key=lambda known: moved[known] in moved):  # so that nothing moves twice
        repository.release(tx, after.id, held_until=known, released_at=moved[known])
    if moved:
        tx.publish(DUE, ANY)


def roll(tx: Transaction, webhook_id: str, *, key: bytes) -> tuple[Webhook, str]:
    """A new secret, shown this once; the old one signs too for 24 hours. Raises `NotFound`."""
    before = get(tx, webhook_id)
    known, secret = opened(before, key=key), signature.new_secret()
    target = replace(known, secret=secret, previous=known.secret, previous_until=tx.now + model.ROLL_OVERLAP)
    return _save(tx, before, replace(before, target=_seal(target, before.id, key))), secret


def delete(tx: Transaction, webhook_id: str, *, if_revision: int | None = None) -> Webhook:
    """Forget it with its deliveries. Raises `NotFound`, `Stale`."""
    found = get(tx, webhook_id)
    if not repository.delete(tx, webhook_id, known=if_revision) and if_revision is not None:
        raise Stale(say="the webhook was changed in the meantime; read it again before you delete it")
    return found


def organisation_of(tx: Transaction, webhook_id: str) -> str | None:
    """The organization of a webhook; for a request, which names none."""
    return repository.organisation_of(tx, webhook_id)


_target = msgspec.json.Decoder(Target)  # here, not in the threads of the store: two that prepare a type at once end the process


def opened(webhook: Webhook, *, key: bytes) -> Target:
    """Where to send and what to sign with. Raises `Refused("webhook_unreadable")` when the key-encryption key is another one."""
    try:
        plain = sealed.unseal(webhook.target, key=key, binding=webhook.id)
        if plain is not None:
            return _target.decode(plain)
    except (ValueError, msgspec.MsgspecError):  # a row that was cut off or written by hand
        pass
    raise Refused("webhook_unreadable", say="the webhook was sealed with another key-encryption key; create it again")


def _seal(target: Target, webhook_id: str, key: bytes) -> bytes:
    return sealed.seal(msgspec.json.encode(target), key=key, binding=webhook_id)


def _save(tx: Transaction, before: Webhook, after: Webhook) -> Webhook:
    after = replace(after, revision=before.revision + 1, updated_at=tx.now)
    if not repository.update(tx, after, known=before.revision):
        raise Stale(say="the webhook was changed in the meantime; read it again, then repeat the change")
    return after


# --- deliveries


def enabled(tx: Transaction) -> list[tuple[str, str, int]]:
    """(organization id, webhook id, cursor) of every webhook that is on; of all organizations."""
    return repository.enabled(tx)


def judged(tx: Transaction, webhook: Webhook, *, up_to: int, made: Sequence[Delivery]) -> bool:
    """Note that events up to that number were judged, and what is to be delivered; False when another replica did it first, or when
    the webhook was switched off or deleted meanwhile."""
    if not repository.move(tx, webhook.id, known=webhook.cursor, seq=up_to):
        return False
    if made:
        repository.insert_deliveries(tx, made)
        tx.publish(DUE, ANY)
    return True


def new_delivery(
    tx: Transaction,
    webhook: Webhook,
    *,
    event: str,
    body: str,
    event_seq: int | None = None,
    subject_id: str | None = None,
    due_at: datetime | None = None,
    verdict: str | None = None,
) -> Delivery:
    """A delivery that is due then, or now; not yet a row."""
    return Delivery(
        id=ids.new("dlv"),
        org_id=tx.org_id,
        webhook_id=webhook.id,
        event=event,
        event_seq=event_seq,
        subject_id=subject_id,
        body=body,
        due_at=due_at or tx.now,
        verdict=verdict,
        created_at=tx.now,
    )


def add(tx: Transaction, made: Delivery) -> Delivery:
    """Put down one delivery (a test)."""
    repository.insert_deliveries(tx, [made])
    tx.publish(DUE, ANY)
    return made


def notified_of(tx: Transaction, webhook: Webhook, issue_ids: Collection[str]) -> frozenset[str]:
    """Those of the issues whose opening was delivered to this webhook, or will be, as far as deliveries are kept, and those that have a
    message or ticket. What waits for an escalation may not be."""
    if not issue_ids:
        return frozenset()
    statuses = [Outcome.DELIVERED] if webhook.escalation_minutes else [*Outcome]
    delivered = repository.subjects(tx, webhook.id, among=issue_ids, statuses=statuses)
    return delivered | threads.among(tx, webhook.id, issue_ids) if webhook.form.follows else delivered


def openings_until(tx: Transaction, webhook: Webhook, release: datetime) -> int:
    """How many opened issues this webhook is notified of within this minute, or at the moment when what is held leaves."""
    return repository.count_openings(tx, webhook.id, since=tx.now - timedelta(minutes=1), moment=release)


def last_about(tx: Transaction, webhook_id: str, issue_id: str) -> Delivery | None:
    """The newest delivery about an issue, as far as deliveries are kept."""
    return repository.last_about(tx, webhook_id, issue_id)


def last_verdict(tx: Transaction, webhook_id: str, issue_id: str) -> str | None:
    """The `verdict` that this webhook got last about an issue, or will get, as far as deliveries are kept."""
    return repository.last_verdict(tx, webhook_id, issue_id)


def hasten(tx: Transaction, webhook: Webhook, issue_id: str, due_at: datetime) -> bool:
    """Let the notification that an issue opened, if it is held, leave at that time; whether one was held."""
    held = repository.last_about(tx, webhook.id, issue_id)
    if held is None or held.event != "issue.created" or held.attempts or held.due_at is None or held.due_at <= tx.now:
        return False
    tx.publish(DUE, ANY)
    return repository.save(tx, replace(held, due_at=min(due_at, held.due_at)), known_due_at=held.due_at)


def open_digest(tx: Transaction, webhook: Webhook, *, earliest: datetime, latest: datetime) -> Delivery | None:
    """The digest that is due in that time, is not sent yet and takes more."""
    return repository.open_digest(tx, webhook.id, earliest=earliest, latest=latest)


def add_to_digest(tx: Transaction, one: Delivery, body: str) -> bool:
    """Replace the body of a digest; False when it is being sent."""
    return repository.save(tx, replace(one, body=body), known_due_at=one.due_at)


def delivery(tx: Transaction, webhook_id: str, delivery_id: str) -> Delivery:
    """Raises `NotFound`."""
    get(tx, webhook_id)
    found = repository.delivery(tx, delivery_id)
    if found is None or found.webhook_id != webhook_id:
        raise NotFound("delivery_not_found", say=f"there is no delivery {delivery_id} of this webhook")
    return found


def find_deliveries(tx: Transaction, webhook_id: str, page: PageRequest, *, status: str | None = None) -> list[Delivery]:
    """A page, by the time they were made; of one status only, when given."""
    return repository.find_deliveries(tx, webhook_id, page, status)


def count_deliveries(tx: Transaction, webhook_id: str, *, status: str | None = None) -> int:
    return repository.count_deliveries(tx, webhook_id, status)


def redeliver(tx: Transaction, webhook_id: str, delivery_id: str) -> Delivery:
    """Try it again from the start of the schedule, under its old id. Raises `NotFound`, `Refused("webhook_disabled")`."""
    if not get(tx, webhook_id).is_enabled:
        raise Refused("webhook_disabled", say="the webhook is disabled; enable it first")
    delivery(tx, webhook_id, delivery_id)
    repository.revive(tx, delivery_id)
    tx.publish(DUE, ANY)
    return delivery(tx, webhook_id, delivery_id)


def due_deliveries(tx: Transaction, *, but: LeftOut, limit: int) -> list[tuple[str, str, str]]:
    """(organization id, delivery id, webhook id) of what waits, oldest first; of all organizations but those left out."""
    return repository.due(tx, now=tx.now, but=but, limit=limit)


def next_due(tx: Transaction, *, but: LeftOut) -> datetime | None:
    """When the next delivery may be tried; of all organizations but those left out."""
    return repository.next_due(tx, but=but)


def claim(tx: Transaction, delivery_id: str) -> tuple[Webhook, Delivery] | None:
    """Take a delivery in hand for a minute; None when another worker has it or there is nothing to do.

    One whose webhook is gone or off ends here: it was put down while that happened. A test is sent all the same. Of several changes of an
    issue, all but the form `json` send the latest only: an earlier one, sent after it, would open what has ended. So a change waits while
    an earlier one is being sent. A message that a person requested again is sent all the same."""
    found = repository.delivery(tx, delivery_id)
    if found is None or found.due_at is None or found.due_at > tx.now:
        return None
    webhook = repository.get(tx, found.webhook_id)
    if webhook is None or not (webhook.is_enabled or found.event == model.TEST):
        drop(tx, found, model.DELETED if webhook is None else model.DISABLED)
        return None
    if not _is_next(tx, webhook, found):
        return None
    taken = replace(found, due_at=tx.now + model.LEASE, claimed_at=tx.now)
    return (webhook, taken) if repository.save(tx, taken, known_due_at=found.due_at) else None


def _is_next(tx: Transaction, webhook: Webhook, found: Delivery) -> bool:
    """Whether it may be sent now; if not, it has ended or waits."""
    if webhook.form is Form.JSON or found.event not in model.MOVES or found.event_seq is None:
        return True
    if (webhook.form.follows or not found.attempts) and repository.is_superseded(tx, found):
        drop(tx, found, model.SUPERSEDED)
        return False
    if repository.supersede_earlier(tx, found, since=tx.now - model.LEASE):
        return True
    repository.save(tx, replace(found, due_at=tx.now + model.NEXT_CHANGE_AFTER), known_due_at=found.due_at)
    return False


def drop(tx: Transaction, held: Delivery, why: str) -> None:
    """End a delivery that need not be sent."""
    ended = replace(held, status=Outcome.FAILED, due_at=None, claimed_at=None, error=why, message=None)
    repository.save(tx, ended, known_due_at=held.due_at)


def record(tx: Transaction, held: Delivery, answer: Answer, *, chance: float) -> tuple[Delivery, Webhook | None] | None:
    """Note what an attempt came to; the webhook when it was switched off by that. None: the delivery is no longer ours."""
    after = model.after_attempt(held, answer, now=tx.now, chance=chance)
    if not repository.save(tx, after, known_due_at=held.due_at):
        return None
    tx.publish(ATTEMPTED, after.id)
    return after, _note(tx, held.webhook_id, answer)


def _note(tx: Transaction, webhook_id: str, answer: Answer) -> Webhook | None:
    before = repository.get(tx, webhook_id)
    if before is None or (after := model.after_answer(before, answer, now=tx.now)) == before:
        return None
    if (after.failing_since, after.is_enabled) != (before.failing_since, before.is_enabled):
        after = replace(after, revision=before.revision + 1, updated_at=tx.now)  # counts alone are shown to nobody: no ETag changes
    if not repository.update(tx, after, known=before.revision):
        return None  # somebody is editing it; the next attempt notes it
    if after.is_enabled or not before.is_enabled:
        return None
    repository.drop_pending(tx, webhook_id, why=model.DISABLED)
    return after


# --- refreshing alerts


def due_refreshes(tx: Transaction, *, limit: int) -> list[tuple[str, str]]:
    """(organization id, webhook id) of those whose alerts are to be sent again, the longest due first; of all organizations."""
    return repository.due_refreshes(tx, limit=limit)


def due_digests(tx: Transaction, *, limit: int) -> list[tuple[str, str]]:
    """(organization id, webhook id) of those whose digest is due; of all organizations."""
    return repository.due_digests(tx, limit=limit)


def end_week(tx: Transaction, webhook: Webhook) -> bool:
    """Set when the next digest is due; False when another worker did."""
    known, until = webhook.digest_at, model.next_digest(tx.now)
    return known is not None and known <= tx.now and repository.claim_digest(tx, webhook.id, known=known, until=until)


def next_refresh(tx: Transaction) -> datetime | None:
    """When the next is due; of all organizations."""
    return repository.next_refresh(tx)


def claim_refresh(tx: Transaction, webhook_id: str) -> Webhook | None:
    """Take the refresh of a webhook in hand until the next is due; None when another worker did, or it is off."""
    found = repository.get(tx, webhook_id)
    if found is None or not found.is_enabled or found.refresh_at is None or found.refresh_at > tx.now:
        return None
    later = tx.now + model.REFRESH_EVERY
    return found if repository.claim_refresh(tx, webhook_id, known=found.refresh_at, until=later) else None


def record_refresh(tx: Transaction, webhook_id: str, answer: Answer, *, more: str | None = None) -> Webhook | None:
    """Note what a refresh came to; the webhook when it was switched off by that. `more`: what else went wrong, beside the answer."""
    repository.note_refresh(tx, webhook_id, error=more if answer.is_good else answer.error or f"status {answer.status}")
    return _note(tx, webhook_id, answer)


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` deliveries made before that moment, of all organizations; how many."""
    return repository.delete_old(tx, before=before, limit=limit)
