"""Whether an organization lets a language model be asked about its issues, and what it may cost a day.

Before anybody asks, the most that it can cost is put aside; afterwards what it did cost takes that place. So four who ask at once never go
beyond the day's budget together. Before each request, the most that all of them can use with it is counted, and so much less is
put aside. A reservation has an end, later than whoever asks: if their server was killed, the next who ask get back what it still puts
aside, and what it had used stays counted.
"""

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from optral.analysis import spending_repository as repository
from optral.analysis.model import Cost
from optral.store.transaction import Transaction
from optral.terms.errors import Refused

HELD_LONGER_S = 120.0  # than the time that may be used: clocks of servers differ, and what was used has to be written, too
_NO_LIMIT = 2**62
_MILLION = 1_000_000
_NOTHING = Cost(tokens=0)
_COLUMNS = ("more_requests", "more_input", "more_output", "more_micros")


@dataclass(frozen=True, slots=True, kw_only=True)
class DailySpending:
    """What a day has cost, and what those who ask right now may still cost (`reserved`)."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    money: Decimal = Decimal(0)
    reserved: Cost = field(default_factory=lambda: Cost(tokens=0))


@dataclass(frozen=True, slots=True)
class Reservation:
    """What is put aside, on which day, the member and key that asked (`by`, empty for an analysis), and the usage that counts already."""

    id: str
    day: str
    most: Cost
    by: tuple[str, ...]
    counted: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyUsage:
    """What the questions of a person or a key cost in a month."""

    actor_id: str
    requests: int
    input_tokens: int
    output_tokens: int
    money: Decimal


def is_on(tx: Transaction, destination: str) -> bool:
    """Whether evidence of the organization may go there; it may not unless somebody has said yes to that very place."""
    return destination != "" and repository.destination(tx) == destination


def destination(tx: Transaction) -> str:
    """Where evidence of the organization may go; empty: nowhere."""
    return repository.destination(tx)


def set_on(tx: Transaction, destination: str) -> None:
    """Evidence may go there and nowhere else; empty: nowhere."""
    repository.allow(tx, destination)


def wanting(tx: Transaction, destination: str) -> frozenset[str]:
    """Ids of the organizations that let evidence go there; of all organizations."""
    return repository.wanting(tx, destination)


def today(tx: Transaction) -> DailySpending:
    """What the organization has spent since midnight UTC."""
    found = repository.of(tx, _day(tx.now))
    if not found:
        return DailySpending()
    return DailySpending(
        requests=found["requests"],
        input_tokens=found["input_tokens"],
        output_tokens=found["output_tokens"],
        money=Decimal(found["cost_micros"]) / _MILLION,
        reserved=_cost(found["booked_tokens"], found["booked_micros"]),
    )


def reserve(tx: Transaction, most: Cost, budget: Cost, *, within_s: float, by: tuple[str, ...] = ()) -> Reservation | None:
    """Put aside the most that an analysis or question may cost, which ends within so many seconds; None when the day's budget has not so
    much left. No money in `budget`: no limit.
    """
    day = _day(tx.now)
    repository.lock(tx, day)
    for row in repository.end_expired(tx):
        rest = _cost(row["tokens"], row["micros"])
        _count(tx, Reservation(row["id"], row["day"], rest, tuple(row["actors"])), {}, rest)
    booked = {"tokens": most.tokens, "micros": _micros(most.money)}
    limits = {"most_tokens": budget.tokens, "most_micros": _NO_LIMIT if budget.money is None else _micros(budget.money)}
    if not repository.reserve(tx, day, booked | limits):
        return None
    made = Reservation(secrets.token_hex(16), day, most, by)
    expires_at = tx.now + timedelta(seconds=within_s + HELD_LONGER_S)
    repository.begin_reservation(tx, {"id": made.id, "day": day, "actors": list(by), **booked, "expires_at": expires_at})
    return made


def reserve_for(
    tx: Transaction, by: tuple[str, ...], most: Cost, budget: Cost, *, monthly_tokens: int, within_s: float
) -> Reservation | None:
    """As `reserve`, for a question of this person, or of the person and this key, each of which may use so many tokens in a month in UTC
    (0: no limit).

    Raises `Refused("model_limit_reached")` where that is used up.
    """
    reservation = reserve(tx, most, budget, within_s=within_s, by=by)
    limit = monthly_tokens or _NO_LIMIT
    if reservation is None or all(repository.reserve_usage(tx, month(tx.now), one, tokens=most.tokens, most_tokens=limit) for one in by):
        return reservation
    say = f"your questions to the model may use {monthly_tokens:,} tokens a month, and this one up to {most.tokens:,}"
    raise Refused(
        "model_limit_reached", say=f"{say}; see `optral ai usage`. Ask a question that needs no model, or wait until next month (UTC)"
    )


def usage(tx: Transaction, in_month: str, *, actor_id: str | None = None, limit: int) -> list[MonthlyUsage]:
    """What questions cost in a month (2026-11), the most first; those of one person or key where it is named."""
    return [
        MonthlyUsage(
            actor_id=row["actor_id"],
            requests=row["requests"],
            input_tokens=row["input_tokens"],
            output_tokens=row["output_tokens"],
            money=Decimal(row["cost_micros"]) / _MILLION,
        )
        for row in repository.usage(tx, in_month, actor_id=actor_id, limit=limit)
    ]


def month(moment: datetime) -> str:
    return moment.date().isoformat()[:7]


def add(spent: Counter[str], usage: Mapping[str, Any]) -> None:
    """Add what one run used to counts of requests, inputTokens, outputTokens, and costMicros (millionths of a US dollar)."""
    spent.update({name: int(usage.get(name, 0)) for name in ("requests", "inputTokens", "outputTokens")})
    spent["costMicros"] += round(float(usage.get("costUsd", 0)) * _MILLION)


def count(tx: Transaction, held: Reservation, usage: Mapping[str, Any]) -> Reservation:
    """Count what was used so far in place of as much of what is put aside; the rest of the reservation."""
    repository.lock(tx, held.day)
    more, micros = _more(held, usage), _micros(held.most.money)
    tokens = max(0, held.most.tokens - more["more_input"] - more["more_output"])
    rest = _cost(tokens, max(0, micros - more["more_micros"]))
    is_held = repository.keep_aside(tx, held.id, tokens=tokens, micros=_micros(rest.money))
    _count(tx, held, more, _cost(held.most.tokens - tokens, micros - _micros(rest.money)) if is_held else _NOTHING)
    return replace(held, most=rest, counted=usage)


def settle(tx: Transaction, reservation: Reservation, usage: Mapping[str, Any] | None) -> None:
    """Replace what was put aside by what it did cost (`usage` of an analysis; None: all of it), on the day of the reservation."""
    most = reservation.most
    if usage is None:
        reservation, usage = replace(reservation, counted={}), {"requests": 1, "inputTokens": most.tokens, "costUsd": most.money or 0}
    repository.lock(tx, reservation.day)
    is_held = repository.end_reservation(tx, reservation.id)
    _count(tx, reservation, _more(reservation, usage), most if is_held else _NOTHING)


def _more(held: Reservation, usage: Mapping[str, Any]) -> dict[str, int]:
    """What the usage adds to what is counted; negative where that was too much."""
    names = {"more_requests": "requests", "more_input": "inputTokens", "more_output": "outputTokens"}
    more = {column: int(usage.get(name, 0)) - int(held.counted.get(name, 0)) for column, name in names.items()}
    used, counted = (_micros(Decimal(str(one.get("costUsd", 0)))) for one in (usage, held.counted))
    return more | {"more_micros": used - counted}


def _count(tx: Transaction, held: Reservation, more: Mapping[str, int], back: Cost) -> None:
    """Add to what was used, and give back so much of what was put aside."""
    values = {**dict.fromkeys(_COLUMNS, 0), **more, "tokens": back.tokens}
    repository.settle(tx, held.day, values | {"micros": _micros(back.money)})
    for one in held.by:
        repository.settle_usage(tx, held.day[:7], one, values)


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` days before that moment, of all organizations; how many."""
    return repository.delete_old(tx, before, limit)


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _cost(tokens: int, micros: int) -> Cost:
    return Cost(tokens=tokens, money=Decimal(micros) / _MILLION)


def _micros(money: Decimal | None) -> int:
    return 0 if money is None else round(money * _MILLION)
