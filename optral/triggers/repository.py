"""All SQL of triggers and their firings. Statements without an organization are those of the worker, which reads all organizations."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as b
from sqlalchemy.dialects import postgresql, sqlite

from optral.kit import records
from optral.kit.paging import PageRequest
from optral.store import lists
from optral.store.dialects import by_dialect
from optral.store.lists import counted
from optral.store.transaction import Transaction
from optral.triggers.model import Firing, Source, Trigger
from optral.triggers.tables import trigger_firings, triggers

_TRIGGER = records.names(Trigger)
_FIRING = records.names(Firing)
_FIXED = ("id", "cursor")  # the cursor moves by itself

_trigger = sa.select(*(triggers.c[name] for name in _TRIGGER)).where(triggers.c.org_id == b("org"))
_ONE = _trigger.where(triggers.c.id == b("the_id"))
_LOCKED = _ONE.with_for_update()
_COUNT = sa.select(sa.func.count()).select_from(triggers).where(triggers.c.org_id == b("org"))
_INSERT = sa.insert(triggers)
_RESCHEDULE = (
    sa.update(triggers)
    .where(triggers.c.org_id == b("org"), triggers.c.id == b("the_id"), triggers.c.next_at == b("known", type_=triggers.c.next_at.type))
    .values(next_at=b("next", type_=triggers.c.next_at.type))
)
_ORGANISATION = sa.select(triggers.c.org_id).where(triggers.c.id == b("the_id"))
_OF_PERSON = _trigger.where(sa.or_(triggers.c.acts_for == b("person"), triggers.c.secret_by == b("person"))).order_by(triggers.c.id)
_LOCKED_OF_PERSON = _OF_PERSON.with_for_update()
_SIGNED = _trigger.where(triggers.c.secret.is_not(None)).order_by(triggers.c.id)
_mine = sa.and_(triggers.c.org_id == b("org"), triggers.c.id == b("the_id"), triggers.c.version == b("known"))
_UPDATE = (
    sa.update(triggers).where(_mine).values({name: b("p_" + name, type_=triggers.c[name].type) for name in _TRIGGER if name not in _FIXED})
)
_MOVE = (
    sa.update(triggers)
    .where(triggers.c.org_id == b("org"), triggers.c.id == b("the_id"), triggers.c.cursor == b("known"))
    .values(cursor=b("seq"))
)
_DELETE = sa.delete(triggers).where(_mine)
_DELETE_FIRINGS = sa.delete(trigger_firings).where(trigger_firings.c.org_id == b("org"), trigger_firings.c.trigger_id == b("trigger"))
_WATCHING = (
    sa.select(triggers.c.org_id, triggers.c.id, triggers.c.cursor)
    .where(triggers.c.source == Source.ISSUE.value, triggers.c.is_enabled.is_(True))
    .order_by(triggers.c.id)
)
_DUE = (
    sa.select(triggers.c.org_id, triggers.c.id)
    .where(triggers.c.next_at <= b("now", type_=triggers.c.next_at.type), triggers.c.is_enabled.is_(True))
    .order_by(triggers.c.next_at, triggers.c.id)
    .limit(b("limit", type_=sa.Integer))
)
_SCHEDULED = (
    sa.select(triggers.c.org_id, triggers.c.id)
    .where(triggers.c.next_at > b("now", type_=triggers.c.next_at.type), triggers.c.is_enabled.is_(True))
    .order_by(triggers.c.next_at, triggers.c.id)
)
_NEXT_SCHEDULE = sa.select(sa.func.min(triggers.c.next_at)).where(triggers.c.is_enabled.is_(True))

_firing = sa.select(*(trigger_firings.c[name] for name in _FIRING)).where(trigger_firings.c.org_id == b("org"))
_ONE_FIRING = _firing.where(trigger_firings.c.id == b("the_id"))
_LOCKED_FIRING = _ONE_FIRING.with_for_update()
_BY_KEY = _firing.where(trigger_firings.c.trigger_id == b("trigger"), trigger_firings.c.key == b("key"))
_of_trigger = _firing.where(trigger_firings.c.trigger_id == b("trigger"))
_ids_of = sa.select(trigger_firings.c.id).where(trigger_firings.c.org_id == b("org"), trigger_firings.c.trigger_id == b("trigger"))
_COUNT_OF = counted(_ids_of)
_COUNT_IN_STATE = counted(_ids_of.where(trigger_firings.c.state == b("state")))
_COUNT_SINCE = (
    sa.select(sa.func.count())
    .select_from(trigger_firings)
    .where(
        trigger_firings.c.org_id == b("org"),
        trigger_firings.c.trigger_id == b("trigger"),
        trigger_firings.c.created_at > b("since", type_=trigger_firings.c.created_at.type),
    )
)
_UPDATE_FIRING = (
    sa.update(trigger_firings)
    .where(trigger_firings.c.org_id == b("org"), trigger_firings.c.id == b("the_id"))
    .values({name: b("p_" + name, type_=trigger_firings.c[name].type) for name in _FIRING if name not in ("id", "trigger_id", "key")})
)
_DUE_FIRINGS = (
    sa.select(trigger_firings.c.org_id, trigger_firings.c.id)
    .where(trigger_firings.c.due_at <= b("now", type_=trigger_firings.c.due_at.type))
    .order_by(trigger_firings.c.due_at, trigger_firings.c.id)
    .limit(b("limit", type_=sa.Integer))
)
_NEXT_FIRING = sa.select(sa.func.min(trigger_firings.c.due_at))
_RUNNING = (
    sa.select(trigger_firings.c.org_id, trigger_firings.c.id, trigger_firings.c.execution_id)
    .where(trigger_firings.c.execution_id.is_not(None), trigger_firings.c.outcome.is_(None))
    .order_by(trigger_firings.c.created_at, trigger_firings.c.id)
    .limit(b("limit", type_=sa.Integer))
)
_OLD = (
    sa.select(trigger_firings.c.id)
    .where(trigger_firings.c.created_at < b("before", type_=trigger_firings.c.created_at.type))
    .limit(b("limit", type_=sa.Integer))
)
_DELETE_OLD = sa.delete(trigger_firings).where(trigger_firings.c.id.in_(_OLD.scalar_subquery()))


def get(tx: Transaction, trigger_id: str, *, lock: bool = False) -> Trigger | None:
    row = tx.execute(_LOCKED if lock else _ONE, {"org": tx.org_id, "the_id": trigger_id}).first()
    return None if row is None else records.from_row(Trigger, row)


def all_of(tx: Transaction, page: PageRequest) -> list[Trigger]:
    query = _trigger.order_by(*lists.in_order(triggers.c.created_at, triggers.c.id, page)).limit(page.size).offset(page.offset)
    if page.after is not None:
        query = query.where(lists.beyond(triggers.c.created_at, triggers.c.id, page))
    return [records.from_row(Trigger, row) for row in tx.execute(query, {"org": tx.org_id})]


def count(tx: Transaction) -> int:
    return int(tx.execute(_COUNT, {"org": tx.org_id}).scalar_one())


def insert(tx: Transaction, made: Trigger) -> None:
    tx.execute(_INSERT, records.row(made) | {"org_id": tx.org_id})


def update(tx: Transaction, made: Trigger, *, known: int) -> bool:
    values = {f"p_{name}": value for name, value in records.row(made).items() if name not in _FIXED}
    return tx.execute(_UPDATE, {"org": tx.org_id, "the_id": made.id, "known": known, **values}).rowcount == 1


def move(tx: Transaction, trigger_id: str, *, known: int, seq: int) -> bool:
    """False when another replica moved it first, or it is gone."""
    return tx.execute(_MOVE, {"org": tx.org_id, "the_id": trigger_id, "known": known, "seq": seq}).rowcount == 1


def reschedule(tx: Transaction, made: Trigger, *, known: datetime) -> bool:
    """False when another replica did it first."""
    return tx.execute(_RESCHEDULE, {"org": tx.org_id, "the_id": made.id, "known": known, "next": made.next_at}).rowcount == 1


def organisation_of(tx: Transaction, trigger_id: str) -> str | None:
    found: str | None = tx.execute(_ORGANISATION, {"the_id": trigger_id}).scalar()
    return found


def of_person(tx: Transaction, user_id: str, *, lock: bool) -> list[Trigger]:
    statement = _LOCKED_OF_PERSON if lock else _OF_PERSON
    return [records.from_row(Trigger, row) for row in tx.execute(statement, {"org": tx.org_id, "person": user_id})]


def signed(tx: Transaction) -> list[Trigger]:
    return [records.from_row(Trigger, row) for row in tx.execute(_SIGNED, {"org": tx.org_id})]


def delete(tx: Transaction, trigger_id: str, *, known: int) -> bool:
    if tx.execute(_DELETE, {"org": tx.org_id, "the_id": trigger_id, "known": known}).rowcount != 1:
        return False
    tx.execute(_DELETE_FIRINGS, {"org": tx.org_id, "trigger": trigger_id})
    return True


def watching(tx: Transaction) -> list[tuple[str, str, int]]:
    return [(row.org_id, row.id, row.cursor) for row in tx.execute(_WATCHING)]


def due(tx: Transaction, limit: int) -> list[tuple[str, str]]:
    return [(row.org_id, row.id) for row in tx.execute(_DUE, {"now": tx.now, "limit": limit})]


def scheduled(tx: Transaction) -> list[tuple[str, str]]:
    return [(row.org_id, row.id) for row in tx.execute(_SCHEDULED, {"now": tx.now})]


def next_schedule(tx: Transaction) -> datetime | None:
    found: datetime | None = tx.execute(_NEXT_SCHEDULE).scalar_one()
    return found


# --- firings


def _insert_firing(dialect: str) -> Any:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(trigger_firings)
    return statement.on_conflict_do_nothing(index_elements=["org_id", "trigger_id", "key"]).returning(trigger_firings.c.id)


_INSERT_FIRING = by_dialect(_insert_firing)


def add_firing(tx: Transaction, made: Firing) -> bool:
    """False when there is one of this trigger and key."""
    return tx.execute(_INSERT_FIRING[tx.dialect], records.row(made) | {"org_id": tx.org_id}).first() is not None


def firing(tx: Transaction, firing_id: str, *, lock: bool = False) -> Firing | None:
    row = tx.execute(_LOCKED_FIRING if lock else _ONE_FIRING, {"org": tx.org_id, "the_id": firing_id}).first()
    return None if row is None else records.from_row(Firing, row)


def firing_by_key(tx: Transaction, trigger_id: str, key: str) -> Firing | None:
    row = tx.execute(_BY_KEY, {"org": tx.org_id, "trigger": trigger_id, "key": key}).first()
    return None if row is None else records.from_row(Firing, row)


def find_firings(tx: Transaction, trigger_id: str, page: PageRequest, state: str | None) -> list[Firing]:
    query = (
        _of_trigger.order_by(*lists.in_order(trigger_firings.c.created_at, trigger_firings.c.id, page)).limit(page.size).offset(page.offset)
    )
    if state is not None:
        query = query.where(trigger_firings.c.state == state)
    if page.after is not None:
        query = query.where(lists.beyond(trigger_firings.c.created_at, trigger_firings.c.id, page))
    return [records.from_row(Firing, row) for row in tx.execute(query, {"org": tx.org_id, "trigger": trigger_id})]


def count_firings(tx: Transaction, trigger_id: str, state: str | None) -> int:
    query, values = (_COUNT_OF, {}) if state is None else (_COUNT_IN_STATE, {"state": state})
    return int(tx.execute(query, {"org": tx.org_id, "trigger": trigger_id, **values}).scalar_one())


def count_since(tx: Transaction, trigger_id: str, since: datetime) -> int:
    return int(tx.execute(_COUNT_SINCE, {"org": tx.org_id, "trigger": trigger_id, "since": since}).scalar_one())


def update_firing(tx: Transaction, made: Firing) -> None:
    values = {f"p_{name}": value for name, value in records.row(made).items() if name not in ("id", "trigger_id", "key")}
    tx.execute(_UPDATE_FIRING, {"org": tx.org_id, "the_id": made.id, **values})


def due_firings(tx: Transaction, limit: int) -> list[tuple[str, str]]:
    return [(row.org_id, row.id) for row in tx.execute(_DUE_FIRINGS, {"now": tx.now, "limit": limit})]


def next_firing(tx: Transaction) -> datetime | None:
    found: datetime | None = tx.execute(_NEXT_FIRING).scalar_one()
    return found


def running(tx: Transaction, limit: int) -> list[tuple[str, str, str]]:
    return [(row.org_id, row.id, row.execution_id) for row in tx.execute(_RUNNING, {"limit": limit})]


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    return tx.execute(_DELETE_OLD, {"before": before, "limit": limit}).rowcount
