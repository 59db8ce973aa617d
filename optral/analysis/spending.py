"""Whether an organization lets a language model be asked about its issues, and what it may cost a day.

Before anybody asks, the most that it can cost is put aside; afterwards what it did cost takes that place. So four who ask at once never go
beyond the day's budget together, and a worker that dies in between counts as having spent all that it reserved.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from optral.analysis import spending_repository as repository
from optral.analysis.model import Cost
from optral.store.transaction import Transaction
from optral.terms.errors import Refused

_NO_LIMIT = 2**62
_MILLION = 1_000_000


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
    """What was put aside, on which day, and the member and key that asked (`by`, empty for an analysis)."""

    day: str
    most: Cost
    by: tuple[str, ...] = ()


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
        reserved=Cost(tokens=found["booked_tokens"], money=Decimal(found["booked_micros"]) / _MILLION),
    )


def reserve(tx: Transaction, most: Cost, budget: Cost) -> Reservation | None:
    """Put aside the most that one analysis may cost; None when the day's budget has not so much left. No money in `budget`: no limit."""
    day = _day(tx.now)
    values = {
        "tokens": most.tokens,
        "micros": _micros(most.money),
        "most_tokens": budget.tokens,
        "most_micros": _NO_LIMIT if budget.money is None else _micros(budget.money),
    }
    return Reservation(day, most) if repository.reserve(tx, day, values) else None


def reserve_for(tx: Transaction, by: tuple[str, ...], most: Cost, budget: Cost, *, monthly_tokens: int) -> Reservation | None:
    """As `reserve`, for a question of this person, or of the person and this key, each of which may use so many tokens in a month in UTC
    (0: no limit).

    Raises `Refused("model_limit_reached")` where that is used up.
    """
    limit = monthly_tokens or _NO_LIMIT
    if not all(repository.reserve_usage(tx, month(tx.now), one, tokens=most.tokens, most_tokens=limit) for one in by):
        say = f"your questions to the model may use {monthly_tokens:,} tokens a month, and this one up to {most.tokens:,}"
        raise Refused(
            "model_limit_reached", say=f"{say}; see `optral ai usage`. Ask a question that needs no model, or wait until next month (UTC)"
        )
    reservation = reserve(tx, most, budget)
    if reservation is None:
        for one in by:
            repository.settle_usage(tx, month(tx.now), one, _settled(most, {}))
        return None
    return replace(reservation, by=by)


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


def settle(tx: Transaction, reservation: Reservation, usage: Mapping[str, Any]) -> None:
    """Replace what was put aside by what it did cost (`usage` of an analysis), on the day of the reservation."""
    values = _settled(reservation.most, usage)
    repository.settle(tx, reservation.day, values | {"micros": _micros(reservation.most.money)})
    for one in reservation.by:
        repository.settle_usage(tx, reservation.day[:7], one, values)


def _settled(most: Cost, usage: Mapping[str, Any]) -> dict[str, int]:
    """What a use adds, and what of the reservation ends."""
    return {
        "more_requests": int(usage.get("requests", 0)),
        "more_input": int(usage.get("inputTokens", 0)),
        "more_output": int(usage.get("outputTokens", 0)),
        "more_micros": _micros(Decimal(str(usage.get("costUsd", 0)))),
        "tokens": most.tokens,
    }


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` days before that moment, of all organizations; how many."""
    return repository.delete_old(tx, before, limit)


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _micros(money: Decimal | None) -> int:
    return 0 if money is None else round(money * _MILLION)
