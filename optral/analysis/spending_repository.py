"""All SQL of the model's switch and of what a model cost."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from optral.analysis.tables import model_reservations, model_settings, model_spending, model_usage
from optral.store.dialects import by_dialect
from optral.store.transaction import Transaction

_COUNTS = ("requests", "input_tokens", "output_tokens", "cost_micros", "booked_tokens", "booked_micros")
_destination = sa.select(model_settings.c.destination).where(model_settings.c.org_id == sa.bindparam("org"))
_wanting = sa.select(model_settings.c.org_id).where(model_settings.c.destination == sa.bindparam("goes_to"))  # of all organizations


def _allow(dialect: str) -> sa.Executable:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(model_settings)
    return statement.on_conflict_do_update(index_elements=["org_id"], set_={"destination": statement.excluded.destination})


def _begin(table: sa.Table) -> Callable[[str], sa.Executable]:
    """Inserts a row unless it is there."""

    def of(dialect: str) -> sa.Executable:
        statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
        return statement.on_conflict_do_nothing(index_elements=[column.name for column in table.primary_key])

    return of


_ALLOW = by_dialect(_allow)
_BEGIN = by_dialect(_begin(model_spending))
_BEGIN_USAGE = by_dialect(_begin(model_usage))
_row = model_spending.c
_mine = (_row.org_id == sa.bindparam("org"), _row.day == sa.bindparam("on_day"))
_of = sa.select(model_spending).where(*_mine)
_lock = _of.with_for_update()
_book = (
    sa.update(model_spending)
    .where(
        *_mine,
        _row.input_tokens + _row.output_tokens + _row.booked_tokens + sa.bindparam("tokens") <= sa.bindparam("most_tokens"),
        _row.cost_micros + _row.booked_micros + sa.bindparam("micros") <= sa.bindparam("most_micros"),
    )
    .values(booked_tokens=_row.booked_tokens + sa.bindparam("tokens"), booked_micros=_row.booked_micros + sa.bindparam("micros"))
)
_settle = (
    sa.update(model_spending)
    .where(*_mine)
    .values(
        requests=_row.requests + sa.bindparam("more_requests"),
        input_tokens=_row.input_tokens + sa.bindparam("more_input"),
        output_tokens=_row.output_tokens + sa.bindparam("more_output"),
        cost_micros=_row.cost_micros + sa.bindparam("more_micros"),
        booked_tokens=_row.booked_tokens - sa.bindparam("tokens"),
        booked_micros=_row.booked_micros - sa.bindparam("micros"),
    )
)
_use = model_usage.c
_ours = (_use.org_id == sa.bindparam("org"), _use.month == sa.bindparam("in_month"), _use.actor_id == sa.bindparam("actor"))
_book_usage = (
    sa.update(model_usage)
    .where(*_ours, _use.input_tokens + _use.output_tokens + _use.booked_tokens + sa.bindparam("tokens") <= sa.bindparam("most_tokens"))
    .values(booked_tokens=_use.booked_tokens + sa.bindparam("tokens"))
)
_settle_usage = (
    sa.update(model_usage)
    .where(*_ours)
    .values(
        requests=_use.requests + sa.bindparam("more_requests"),
        input_tokens=_use.input_tokens + sa.bindparam("more_input"),
        output_tokens=_use.output_tokens + sa.bindparam("more_output"),
        cost_micros=_use.cost_micros + sa.bindparam("more_micros"),
        booked_tokens=_use.booked_tokens - sa.bindparam("tokens"),
    )
)
_held = model_reservations.c
_begin_reservation = sa.insert(model_reservations)
_keep_aside = (
    sa.update(model_reservations)
    .where(_held.org_id == sa.bindparam("org"), _held.id == sa.bindparam("id_"))
    .values(tokens=sa.bindparam("left_tokens"), micros=sa.bindparam("left_micros"))
)
_end_reservation = sa.delete(model_reservations).where(_held.org_id == sa.bindparam("org"), _held.id == sa.bindparam("id_"))
_end_expired = (
    sa.delete(model_reservations)
    .where(_held.org_id == sa.bindparam("org"), _held.expires_at <= sa.bindparam("now"))
    .returning(_held.id, _held.day, _held.actors, _held.tokens, _held.micros)
)
_usage = (
    sa.select(model_usage)
    .where(_use.org_id == sa.bindparam("org"), _use.month == sa.bindparam("in_month"))
    .order_by((_use.input_tokens + _use.output_tokens).desc(), _use.actor_id)
    .limit(sa.bindparam("limit"))
)
_usage_of = sa.select(model_usage).where(*_ours)
_old_usage = sa.select(_use.org_id, _use.month, _use.actor_id).where(_use.month < sa.bindparam("before")).limit(sa.bindparam("limit"))
_delete_old_usage = sa.delete(model_usage).where(sa.tuple_(_use.org_id, _use.month, _use.actor_id).in_(_old_usage))
# Of all organizations; one row an organization and day.
_chosen = sa.select(_row.org_id, _row.day).where(_row.day < sa.bindparam("before")).order_by(_row.day).limit(sa.bindparam("limit"))
_delete_old = sa.delete(model_spending).where(sa.tuple_(_row.org_id, _row.day).in_(_chosen))


def destination(tx: Transaction) -> str:
    found: str | None = tx.execute(_destination, {"org": tx.org_id}).scalar_one_or_none()
    return found or ""


def allow(tx: Transaction, destination: str) -> None:
    tx.execute(_ALLOW[tx.dialect], [{"org_id": tx.org_id, "destination": destination}])


def wanting(tx: Transaction, destination: str) -> frozenset[str]:
    """Organizations that let evidence go there, of all."""
    return frozenset(tx.execute(_wanting, {"goes_to": destination}).scalars())


def of(tx: Transaction, day: str) -> dict[str, int]:
    """Column to number; empty for a day without any."""
    row = tx.execute(_of, {"org": tx.org_id, "on_day": day}).first()
    return {} if row is None else {name: int(row._mapping[name]) for name in _COUNTS}


def lock(tx: Transaction, day: str) -> None:
    """Hold the row of a day, which may be new, until the end of the transaction."""
    tx.execute(_BEGIN[tx.dialect], [{"org_id": tx.org_id, "day": day, **dict.fromkeys(_COUNTS, 0)}])
    tx.execute(_lock, {"org": tx.org_id, "on_day": day})


def begin_reservation(tx: Transaction, values: dict[str, Any]) -> None:
    tx.execute(_begin_reservation, [{"org_id": tx.org_id, **values}])


def keep_aside(tx: Transaction, id_: str, *, tokens: int, micros: int) -> bool:
    """Put aside only so much from now on; whether it had not ended yet."""
    return tx.execute(_keep_aside, {"org": tx.org_id, "id_": id_, "left_tokens": tokens, "left_micros": micros}).rowcount == 1


def end_reservation(tx: Transaction, id_: str) -> bool:
    """Whether it had not ended yet."""
    return tx.execute(_end_reservation, {"org": tx.org_id, "id_": id_}).rowcount == 1


def end_expired(tx: Transaction) -> list[dict[str, Any]]:
    """Delete the reservations that have expired, and return them."""
    return [dict(row._mapping) for row in tx.execute(_end_expired, {"org": tx.org_id, "now": tx.now})]


def reserve(tx: Transaction, day: str, values: dict[str, int]) -> bool:
    """Put aside `tokens` and `micros`, unless that would go beyond `most_tokens` or `most_micros`; whether it was done."""
    return tx.execute(_book, {"org": tx.org_id, "on_day": day, **values}).rowcount == 1


def settle(tx: Transaction, day: str, values: dict[str, Any]) -> None:
    tx.execute(_settle, {"org": tx.org_id, "on_day": day, **values})


def reserve_usage(tx: Transaction, month: str, actor_id: str, *, tokens: int, most_tokens: int) -> bool:
    """Put aside tokens of a month, unless that would go beyond `most_tokens`; whether it was done."""
    counts = dict.fromkeys((name for name in _COUNTS if name != "booked_micros"), 0)
    tx.execute(_BEGIN_USAGE[tx.dialect], [{"org_id": tx.org_id, "month": month, "actor_id": actor_id, **counts}])
    values = {"org": tx.org_id, "in_month": month, "actor": actor_id, "tokens": tokens, "most_tokens": most_tokens}
    return tx.execute(_book_usage, values).rowcount == 1


def settle_usage(tx: Transaction, month: str, actor_id: str, values: dict[str, Any]) -> None:
    tx.execute(_settle_usage, {"org": tx.org_id, "in_month": month, "actor": actor_id, **values})


def usage(tx: Transaction, month: str, *, actor_id: str | None, limit: int) -> list[dict[str, Any]]:
    """The rows of a month, the most tokens first; of one actor where one is named."""
    values = {"org": tx.org_id, "in_month": month}
    if actor_id is None:
        return [dict(row._mapping) for row in tx.execute(_usage, {**values, "limit": limit})]
    return [dict(row._mapping) for row in tx.execute(_usage_of, {**values, "actor": actor_id})]


def delete_old(tx: Transaction, before: datetime, limit: int) -> int:
    """Days of analyses first, then months of who asked."""
    day = before.date().isoformat()
    deleted = tx.execute(_delete_old, {"before": day, "limit": limit}).rowcount
    return deleted or tx.execute(_delete_old_usage, {"before": day[:7], "limit": limit}).rowcount
