"""All SQL of the outbox. Statements without an organization are those of the worker, which reads all organizations."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import bindparam as b

from optral.kit import records
from optral.mail.model import Message
from optral.mail.tables import messages
from optral.store.transaction import Transaction

_NAMES = records.names(Message)
_APART = ("id", "org_id", "kind", "recipient", "created_at", "expires_at")  # never change
_at = messages.c.due_at.type
_mine = sa.and_(messages.c.org_id == b("org"), messages.c.id == b("the_id"))
_one = sa.select(*(messages.c[name] for name in _NAMES)).where(_mine)
_insert = sa.insert(messages)
_due = (
    sa.select(messages.c.org_id, messages.c.id)
    .where(messages.c.due_at <= b("now", type_=_at))
    .order_by(messages.c.due_at, messages.c.id)
    .limit(b("limit", type_=sa.Integer))
)
_newest = (
    sa.select(*(messages.c[name] for name in _NAMES))
    .where(messages.c.org_id == b("org"))
    .order_by(messages.c.created_at.desc(), messages.c.id.desc())
    .limit(b("limit", type_=sa.Integer))
)
_next_due = sa.select(sa.func.min(messages.c.due_at))
_save = (
    sa.update(messages)
    .where(_mine, messages.c.due_at == b("known", type_=_at))
    .values({name: b("p_" + name, type_=messages.c[name].type) for name in _NAMES if name not in _APART})
)
_old = sa.select(messages.c.id).where(messages.c.created_at < b("before", type_=_at)).limit(b("limit", type_=sa.Integer))
_delete_old = sa.delete(messages).where(messages.c.id.in_(_old.scalar_subquery()))


def insert(tx: Transaction, message: Message) -> None:
    tx.execute(_insert, records.row(message))


def get(tx: Transaction, message_id: str) -> Message | None:
    row = tx.execute(_one, {"org": tx.org_id, "the_id": message_id}).first()
    return None if row is None else records.from_row(Message, row)


def due(tx: Transaction, *, limit: int) -> list[tuple[str, str]]:
    return [(row.org_id, row.id) for row in tx.execute(_due, {"now": tx.now, "limit": limit})]


def next_due(tx: Transaction) -> datetime | None:
    due_at: datetime | None = tx.execute(_next_due).scalar_one()
    return due_at


def newest(tx: Transaction, *, limit: int) -> list[Message]:
    return [records.from_row(Message, row) for row in tx.execute(_newest, {"org": tx.org_id, "limit": limit})]


def save(tx: Transaction, message: Message, *, known_due_at: datetime | None) -> bool:
    values = {f"p_{name}": value for name, value in records.row(message).items() if name not in _APART}
    return tx.execute(_save, {"org": tx.org_id, "the_id": message.id, "known": known_due_at, **values}).rowcount == 1


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    return tx.execute(_delete_old, {"before": before, "limit": limit}).rowcount
