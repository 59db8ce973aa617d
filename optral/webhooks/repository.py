"""All SQL of webhooks and their deliveries. Statements without an organization are those of the delivery workers, which read all
organizations."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as b

from optral.kit import records
from optral.kit.paging import PageRequest
from optral.store import lists
from optral.store.lists import counted
from optral.store.transaction import Transaction
from optral.webhooks.model import DIGEST, MOVES, SUPERSEDED, Auth, Delivery, Form, LeftOut, Outcome, Webhook
from optral.webhooks.tables import deliveries, webhooks

_WEBHOOK = records.names(Webhook)
_APART = (
    "id",
    "org_id",
    "cursor",
    "digest_at",
    "refresh_at",
    "refreshed_at",
    "refresh_error",
)  # have statements of their own, or never change
_DELIVERY = tuple(field.name for field in fields(Delivery))

_webhook = sa.select(*(webhooks.c[name] for name in _WEBHOOK))
_all = _webhook.where(webhooks.c.org_id == b("org"))
_one = _all.where(webhooks.c.id == b("the_id"))
_organisation = sa.select(webhooks.c.org_id).where(webhooks.c.id == b("the_id"))
_enabled = sa.select(webhooks.c.org_id, webhooks.c.id, webhooks.c.cursor).where(webhooks.c.is_enabled.is_(True)).order_by(webhooks.c.id)
_with_buttons = _webhook.where(
    webhooks.c.is_enabled.is_(True), webhooks.c.form == Form.SLACK_APP.value, webhooks.c.auth == Auth.APP.value
).order_by(webhooks.c.id)
_count = sa.select(sa.func.count()).select_from(webhooks).where(webhooks.c.org_id == b("org"))
_insert = sa.insert(webhooks)
_update = (
    sa.update(webhooks)
    .where(webhooks.c.org_id == b("org"), webhooks.c.id == b("the_id"), webhooks.c.revision == b("known"))
    .values({name: b("p_" + name, type_=webhooks.c[name].type) for name in _WEBHOOK if name not in _APART})
)
_move = (
    sa.update(webhooks)
    .where(webhooks.c.org_id == b("org"), webhooks.c.id == b("the_id"), webhooks.c.cursor == b("known"), webhooks.c.is_enabled.is_(True))
    .values(cursor=b("seq"))
)
_delete = sa.delete(webhooks).where(webhooks.c.org_id == b("org"), webhooks.c.id == b("the_id"))

_refreshed = sa.and_(webhooks.c.refresh_at.is_not(None), webhooks.c.is_enabled.is_(True))
_due_refreshes = (
    sa.select(webhooks.c.org_id, webhooks.c.id)
    .where(_refreshed, webhooks.c.refresh_at <= b("now", type_=webhooks.c.refresh_at.type))
    .order_by(webhooks.c.refresh_at)
    .limit(b("limit", type_=sa.Integer))
)
_due_digests = (
    sa.select(webhooks.c.org_id, webhooks.c.id)
    .where(webhooks.c.digest_at <= b("now", type_=webhooks.c.digest_at.type))
    .order_by(webhooks.c.digest_at)
    .limit(b("limit", type_=sa.Integer))
)
_next_refresh = sa.select(sa.func.min(webhooks.c.refresh_at)).where(_refreshed)
_mine = sa.and_(webhooks.c.org_id == b("org"), webhooks.c.id == b("the_id"))
_claim_refresh = (
    sa.update(webhooks)
    .where(_mine, webhooks.c.refresh_at == b("known", type_=webhooks.c.refresh_at.type))
    .values(refresh_at=b("until", type_=webhooks.c.refresh_at.type))
)
_claim_digest = (
    sa.update(webhooks)
    .where(_mine, webhooks.c.digest_at == b("known", type_=webhooks.c.digest_at.type))
    .values(digest_at=b("until", type_=webhooks.c.digest_at.type))
)
_note_refresh = (
    sa.update(webhooks)
    .where(_mine)
    .values(refreshed_at=b("now", type_=webhooks.c.refreshed_at.type), refresh_error=b("error", type_=webhooks.c.refresh_error.type))
)

_MOMENT = deliveries.c.due_at.type
_delivery = sa.select(*(deliveries.c[name] for name in _DELIVERY))
_of_webhook = _delivery.where(deliveries.c.org_id == b("org"), deliveries.c.webhook_id == b("webhook"))
_ids_of = sa.select(deliveries.c.id).where(deliveries.c.org_id == b("org"), deliveries.c.webhook_id == b("webhook"))
_count_of = counted(_ids_of)
_count_with_status = counted(_ids_of.where(deliveries.c.status == b("status")))
_one_delivery = _delivery.where(deliveries.c.org_id == b("org"), deliveries.c.id == b("the_id"))
_openings = sa.and_(deliveries.c.org_id == b("org"), deliveries.c.webhook_id == b("webhook"), deliveries.c.event == "issue.created")
_among = deliveries.c.subject_id.in_(b("among", expanding=True))
_subjects = sa.select(deliveries.c.subject_id, deliveries.c.status).where(_openings, _among)
_count_openings = sa.select(sa.func.count()).where(_openings)
_recent = _count_openings.where(deliveries.c.created_at > b("since", type_=deliveries.c.created_at.type))
_due_at = _count_openings.where(deliveries.c.due_at == b("moment", type_=deliveries.c.due_at.type))
_not_left_out = sa.and_(
    deliveries.c.org_id.not_in(b("full_orgs", expanding=True)), deliveries.c.webhook_id.not_in(b("full_webhooks", expanding=True))
)
_due = (
    sa.select(deliveries.c.org_id, deliveries.c.id, deliveries.c.webhook_id)
    .where(deliveries.c.due_at <= b("now", type_=deliveries.c.due_at.type), _not_left_out)
    .order_by(deliveries.c.due_at, deliveries.c.id)
    .limit(b("limit", type_=sa.Integer))
)
_next_due = sa.select(sa.func.min(deliveries.c.due_at)).where(_not_left_out)
_insert_delivery = sa.insert(deliveries)
_save = (
    sa.update(deliveries)
    .where(
        deliveries.c.org_id == b("org"), deliveries.c.id == b("the_id"), deliveries.c.due_at == b("known", type_=deliveries.c.due_at.type)
    )
    .values({name: b("p_" + name, type_=deliveries.c[name].type) for name in _DELIVERY if name not in ("id", "org_id", "webhook_id")})
)
_revive = (
    sa.update(deliveries)
    .where(deliveries.c.org_id == b("org"), deliveries.c.id == b("the_id"))
    .values(status=Outcome.PENDING.value, tried=0, due_at=b("now", type_=deliveries.c.due_at.type))
)
_drop_pending = (
    sa.update(deliveries)
    .where(deliveries.c.org_id == b("org"), deliveries.c.webhook_id == b("webhook"), deliveries.c.due_at.is_not(None))
    .values(status=Outcome.FAILED.value, due_at=None, error=b("why"), message=None)
)
_release = (
    sa.update(deliveries)
    .where(deliveries.c.org_id == b("org"), deliveries.c.webhook_id == b("webhook"), deliveries.c.tried == 0)
    .where(deliveries.c.due_at == b("held_until", type_=_MOMENT))
    .values(due_at=b("released_at", type_=_MOMENT))
)
_about = sa.and_(
    deliveries.c.org_id == b("org"),
    deliveries.c.webhook_id == b("webhook"),
    deliveries.c.subject_id == b("subject"),
    deliveries.c.event.in_(MOVES),
)
_later = sa.select(deliveries.c.id).where(_about, deliveries.c.event_seq > b("seq"))
_is_superseded = sa.select(_later.exists())
_earlier = sa.and_(_about, deliveries.c.event_seq < b("seq"), deliveries.c.due_at.is_not(None))
_sent_since = deliveries.c.claimed_at > b("since", type_=deliveries.c.claimed_at.type)
_is_one_sent = sa.select(sa.select(deliveries.c.id).where(_earlier, _sent_since).exists())
_supersede = sa.update(deliveries).where(_earlier).values(status=Outcome.FAILED.value, due_at=None, error=SUPERSEDED, message=None)
_open_digest = (
    _of_webhook.where(deliveries.c.event == DIGEST, deliveries.c.attempted_at.is_(None), deliveries.c.claimed_at.is_(None))
    .where(deliveries.c.due_at.between(b("earliest", type_=_MOMENT), b("latest", type_=_MOMENT)))
    .order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc())
    .limit(1)
)
_last_about = (
    _of_webhook.where(deliveries.c.subject_id == b("subject"), deliveries.c.event.in_(MOVES))
    .order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc())
    .limit(1)
)
_last_verdict = (
    sa.select(deliveries.c.verdict)
    .where(deliveries.c.org_id == b("org"), deliveries.c.webhook_id == b("webhook"), deliveries.c.subject_id == b("subject"))
    .where(deliveries.c.verdict.is_not(None), deliveries.c.status != Outcome.FAILED.value)
    .order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc())
    .limit(1)
)
_delete_of = sa.delete(deliveries).where(deliveries.c.org_id == b("org"), deliveries.c.webhook_id == b("webhook"))
_old = (
    sa.select(deliveries.c.id)
    .where(deliveries.c.created_at < b("before", type_=deliveries.c.created_at.type))
    .limit(b("limit", type_=sa.Integer))
)
_delete_old = sa.delete(deliveries).where(deliveries.c.id.in_(_old.scalar_subquery()))


def all_of(tx: Transaction, page: PageRequest, *, among: Sequence[str] | None = None) -> list[Webhook]:
    """A page; of these ids only, when given."""
    query = _all if among is None else _all.where(webhooks.c.id.in_(among))
    query = query.order_by(*lists.in_order(webhooks.c.created_at, webhooks.c.id, page)).limit(page.size).offset(page.offset)
    if page.after is not None:
        query = query.where(lists.beyond(webhooks.c.created_at, webhooks.c.id, page))
    return [records.from_row(Webhook, row) for row in tx.execute(query, {"org": tx.org_id})]


def count(tx: Transaction) -> int:
    return int(tx.execute(_count, {"org": tx.org_id}).scalar_one())


def get(tx: Transaction, webhook_id: str) -> Webhook | None:
    row = tx.execute(_one, {"org": tx.org_id, "the_id": webhook_id}).first()
    return None if row is None else records.from_row(Webhook, row)


def organisation_of(tx: Transaction, webhook_id: str) -> str | None:
    found: str | None = tx.execute(_organisation, {"the_id": webhook_id}).scalar()
    return found


def enabled(tx: Transaction) -> list[tuple[str, str, int]]:
    return [(row.org_id, row.id, row.cursor) for row in tx.execute(_enabled)]


def with_buttons(tx: Transaction) -> list[Webhook]:
    return [records.from_row(Webhook, row) for row in tx.execute(_with_buttons)]


def insert(tx: Transaction, made: Webhook) -> None:
    tx.execute(_insert, records.row(made))


def update(tx: Transaction, made: Webhook, *, known: int) -> bool:
    values = {f"p_{name}": value for name, value in records.row(made).items() if name not in _APART}
    return tx.execute(_update, {"org": tx.org_id, "the_id": made.id, "known": known, **values}).rowcount == 1


def move(tx: Transaction, webhook_id: str, *, known: int, seq: int) -> bool:
    """False when it was moved already, is off, or is gone."""
    return tx.execute(_move, {"org": tx.org_id, "the_id": webhook_id, "known": known, "seq": seq}).rowcount == 1


def delete(tx: Transaction, webhook_id: str, *, known: int | None = None) -> bool:
    """Whether it was there, at the revision that is known. The webhook first: who judges it at this moment has moved it before, and left
    what is then deleted, or waits and finds none.
    """
    query = _delete if known is None else _delete.where(webhooks.c.revision == known)
    if tx.execute(query, {"org": tx.org_id, "the_id": webhook_id}).rowcount != 1:
        return False
    tx.execute(_delete_of, {"org": tx.org_id, "webhook": webhook_id})
    return True


def due_refreshes(tx: Transaction, *, limit: int) -> list[tuple[str, str]]:
    return [(row.org_id, row.id) for row in tx.execute(_due_refreshes, {"now": tx.now, "limit": limit})]


def due_digests(tx: Transaction, *, limit: int) -> list[tuple[str, str]]:
    return [(row.org_id, row.id) for row in tx.execute(_due_digests, {"now": tx.now, "limit": limit})]


def claim_digest(tx: Transaction, webhook_id: str, *, known: datetime, until: datetime) -> bool:
    return tx.execute(_claim_digest, {"org": tx.org_id, "the_id": webhook_id, "known": known, "until": until}).rowcount == 1


def next_refresh(tx: Transaction) -> datetime | None:
    found: datetime | None = tx.execute(_next_refresh).scalar_one()
    return found


def claim_refresh(tx: Transaction, webhook_id: str, *, known: datetime, until: datetime) -> bool:
    """False when another worker moved it."""
    return tx.execute(_claim_refresh, {"org": tx.org_id, "the_id": webhook_id, "known": known, "until": until}).rowcount == 1


def note_refresh(tx: Transaction, webhook_id: str, *, error: str | None) -> None:
    tx.execute(_note_refresh, {"org": tx.org_id, "the_id": webhook_id, "now": tx.now, "error": error})


# --- deliveries


def insert_deliveries(tx: Transaction, made: Sequence[Delivery]) -> None:
    tx.execute(_insert_delivery, [_delivery_row(one) for one in made])


def is_superseded(tx: Transaction, one: Delivery) -> bool:
    """Whether the webhook has a delivery of a later change of the same issue."""
    return bool(tx.execute(_is_superseded, _place(one)).scalar_one())


def supersede_earlier(tx: Transaction, one: Delivery, *, since: datetime) -> bool:
    """End those of earlier changes of the same issue. False, and nothing, while one of them is being sent, claimed after `since`."""
    if tx.execute(_is_one_sent, {**_place(one), "since": since}).scalar_one():
        return False
    tx.execute(_supersede, _place(one))
    return True


def _place(one: Delivery) -> dict[str, Any]:
    return {"org": one.org_id, "webhook": one.webhook_id, "subject": one.subject_id, "seq": one.event_seq}


def find_deliveries(tx: Transaction, webhook_id: str, page: PageRequest, status: str | None) -> list[Delivery]:
    query = _of_webhook.order_by(*lists.in_order(deliveries.c.created_at, deliveries.c.id, page)).limit(page.size).offset(page.offset)
    if status is not None:
        query = query.where(deliveries.c.status == status)
    if page.after is not None:
        query = query.where(lists.beyond(deliveries.c.created_at, deliveries.c.id, page))
    return [_as_delivery(row) for row in tx.execute(query, {"org": tx.org_id, "webhook": webhook_id})]


def count_deliveries(tx: Transaction, webhook_id: str, status: str | None) -> int:
    query, values = (_count_of, {}) if status is None else (_count_with_status, {"status": status})
    return int(tx.execute(query, {"org": tx.org_id, "webhook": webhook_id, **values}).scalar_one())


def subjects(tx: Transaction, webhook_id: str, *, among: Collection[str], statuses: Collection[Outcome]) -> frozenset[str]:
    """Those of the issues with a delivery of their opening, in one of these statuses."""
    found = tx.execute(_subjects, {"org": tx.org_id, "webhook": webhook_id, "among": sorted(among)})
    return frozenset(row.subject_id for row in found if row.status in statuses)


def count_openings(tx: Transaction, webhook_id: str, *, since: datetime, moment: datetime) -> int:
    """Deliveries of opened issues made since then, or due at exactly that later moment."""
    given = {"org": tx.org_id, "webhook": webhook_id}
    recent = int(tx.execute(_recent, {**given, "since": since}).scalar_one())
    return max(recent, int(tx.execute(_due_at, {**given, "moment": moment}).scalar_one())) if moment > tx.now else recent


def open_digest(tx: Transaction, webhook_id: str, *, earliest: datetime, latest: datetime) -> Delivery | None:
    row = tx.execute(_open_digest, {"org": tx.org_id, "webhook": webhook_id, "earliest": earliest, "latest": latest}).first()
    return None if row is None else _as_delivery(row)


def last_about(tx: Transaction, webhook_id: str, issue_id: str) -> Delivery | None:
    row = tx.execute(_last_about, {"org": tx.org_id, "webhook": webhook_id, "subject": issue_id}).first()
    return None if row is None else _as_delivery(row)


def last_verdict(tx: Transaction, webhook_id: str, issue_id: str) -> str | None:
    found: str | None = tx.execute(_last_verdict, {"org": tx.org_id, "webhook": webhook_id, "subject": issue_id}).scalar()
    return found


def delivery(tx: Transaction, delivery_id: str) -> Delivery | None:
    row = tx.execute(_one_delivery, {"org": tx.org_id, "the_id": delivery_id}).first()
    return None if row is None else _as_delivery(row)


def due(tx: Transaction, *, now: datetime, but: LeftOut, limit: int) -> list[tuple[str, str, str]]:
    return [(row.org_id, row.id, row.webhook_id) for row in tx.execute(_due, {"now": now, "limit": limit, **_left_out(but)})]


def next_due(tx: Transaction, *, but: LeftOut) -> datetime | None:
    found: datetime | None = tx.execute(_next_due, _left_out(but)).scalar_one()
    return found


def _left_out(but: LeftOut) -> dict[str, list[str]]:
    return {"full_orgs": sorted(but.orgs), "full_webhooks": sorted(but.webhooks)}


def save(tx: Transaction, made: Delivery, *, known_due_at: datetime | None) -> bool:
    values = {f"p_{name}": value for name, value in _delivery_row(made).items() if name not in ("id", "org_id", "webhook_id")}
    return tx.execute(_save, {"org": tx.org_id, "the_id": made.id, "known": known_due_at, **values}).rowcount == 1


def revive(tx: Transaction, delivery_id: str) -> None:
    tx.execute(_revive, {"org": tx.org_id, "the_id": delivery_id, "now": tx.now})


def drop_pending(tx: Transaction, webhook_id: str, *, why: str) -> None:
    tx.execute(_drop_pending, {"org": tx.org_id, "webhook": webhook_id, "why": why})


def release(tx: Transaction, webhook_id: str, *, held_until: datetime, released_at: datetime) -> None:
    """Let what waits until `held_until`, and was never tried, leave at another time."""
    given = {"org": tx.org_id, "webhook": webhook_id, "held_until": held_until, "released_at": released_at}
    tx.execute(_release, given)


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    return tx.execute(_delete_old, {"before": before, "limit": limit}).rowcount


def _delivery_row(made: Delivery) -> dict[str, Any]:
    return {name: getattr(made, name) for name in _DELIVERY} | {"status": made.status.value}


def _as_delivery(row: Any) -> Delivery:
    return Delivery(**{**row._mapping, "status": Outcome(row.status)})
