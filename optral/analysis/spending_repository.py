"""All SQL of the model's switch and of what a model cost."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from optral.analysis.tables import model_settings, model_spending
from optral.store.dialects import by_dialect
from optral.store.transaction import Transaction

_COUNTS = ("requests", "input_tokens", "output_tokens", "cost_micros", "booked_tokens", "booked_micros")
_destination = sa.select(model_settings.c.destination).where(model_settings.c.org_id == sa.bindparam("org"))
_wanting = sa.select(model_settings.c.org_id).where(model_settings.c.destination == sa.bindparam("goes_to"))  # of all organizations


def _allow(dialect: str) -> sa.Executable:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(model_settings)
    return statement.on_conflict_do_update(index_elements=["org_id"], set_={"destination": statement.excluded.destination})


def _begin(dialect: str) -> sa.Executable:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(model_spending)
    return statement.on_conflict_do_nothing(index_elements=["org_id", "day"])


_ALLOW = by_dialect(_allow)
_BEGIN = by_dialect(_begin)
_row = model_spending.c
_mine = (_row.org_id == sa.bindparam("org"), _row.day == sa.bindparam("on_day"))
_of = sa.select(model_spending).where(*_mine)
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


def reserve(tx: Transaction, day: str, values: dict[str, int]) -> bool:
    """Put aside `tokens` and `micros`, unless that would go beyond `most_tokens` or `most_micros`; whether it was done."""
    tx.execute(_BEGIN[tx.dialect], [{"org_id": tx.org_id, "day": day, **dict.fromkeys(_COUNTS, 0)}])
    return tx.execute(_book, {"org": tx.org_id, "on_day": day, **values}).rowcount == 1


def settle(tx: Transaction, day: str, values: dict[str, Any]) -> None:
    tx.execute(_settle, {"org": tx.org_id, "on_day": day, **values})


def delete_old(tx: Transaction, before: datetime, limit: int) -> int:
    return tx.execute(_delete_old, {"before": before.date().isoformat(), "limit": limit}).rowcount
