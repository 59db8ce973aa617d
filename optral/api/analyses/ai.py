"""The language model: whether the organization lets it be asked, and what that cost today."""

from datetime import datetime, time, timedelta
from typing import Annotated, Any

from fastapi import FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.analysis import spending
from optral.analysis.model import Offer
from optral.analysis.spending import MonthlyUsage
from optral.api.http.routing import Call, Input, Routes, Shape, json_answer, json_response, present
from optral.flows.analysis import analyze
from optral.store.transaction import Transaction

MAX_USAGE = 200


class SpentShape(Shape):
    requests: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None = Field(None, description="Cost at the prices in the operator's settings; absent if they are not set")


class DailyShape(Shape):
    tokens: int = Field(description="Input and output tokens")
    cost_usd: float | None = None


class AiShape(Shape):
    enabled: bool = Field(description="Whether evidence may be sent to the model; off by default")
    configured: bool = Field(description="Whether the operator of the server has configured a model")
    provider: str | None = Field(None, examples=["ollama"])
    model: str | None = None
    destination: str | None = Field(
        None, description="Where evidence would be sent; consent applies to this destination only", examples=["https://api.openai.com"]
    )
    allowed_destination: str | None = Field(
        None,
        description="The destination that was consented to, if it differs from `destination`: nothing is sent until the new one is allowed",
    )
    today: SpentShape
    daily: DailyShape | None = Field(None, description="The organization's limits per day (UTC)")
    resets_at: datetime


class AiChange(Input):
    enabled: bool
    destination: str | None = Field(
        None,
        min_length=1,
        max_length=2048,
        description="Where evidence may go: the `destination` that was read. Another than the present one is refused, and so is none"
        " while there is an `allowedDestination`. To switch it off nothing needs to be named.",
        examples=["https://api.openai.com"],
    )


class ModelUsageShape(Shape):
    actor_id: str = Field(description="Who asked: a member (usr_…) or an API key (key_…)")
    requests: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None = None


class AiUsage(Shape):
    month: str = Field(examples=["2026-11"])
    monthly_tokens: int | None = Field(
        None, description="Input and output tokens that each member and each API key may use in a month; absent: no limit"
    )
    usage: list[ModelUsageShape] = Field(description=f"The most tokens first, at most {MAX_USAGE}")


async def get_ai_usage(
    call: Call,
    month: Annotated[
        str | None, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="Month (UTC); default: the present one")
    ] = None,
) -> Response:
    """Get what questions to the language model used in a month

    By member or API key; what API keys of a member use counts for the member, too. Without the scope `audit:read`, and for members who
    are limited to clusters or namespaces, only their own.
    """
    offer, sees_all = call.services.offer, "audit:read" in call.actor.scopes and call.actor.reach is None
    has_prices = offer is not None and offer.daily.money is not None
    limit = present(monthlyTokens=(offer.monthly_tokens or None) if offer is not None else None)

    def read(tx: Transaction) -> dict[str, Any]:
        wanted = month or spending.month(tx.now)
        found = spending.usage(tx, wanted, actor_id=None if sees_all else tx.actor.id, limit=MAX_USAGE)
        return {"month": wanted, **limit, "usage": [_usage(one, has_prices=has_prices) for one in found]}

    return json_response(await call.read(read))


def _usage(one: MonthlyUsage, *, has_prices: bool) -> dict[str, Any]:
    return present(
        actorId=one.actor_id,
        requests=one.requests,
        inputTokens=one.input_tokens,
        outputTokens=one.output_tokens,
        costUsd=float(one.money) if has_prices else None,
    )


async def get_ai(call: Call) -> Response:
    """Get the language model settings and today's usage"""
    return json_response(await call.read(lambda tx: _shape(tx, call.services.offer)))


async def update_ai(call: Call, body: AiChange) -> Response:
    """Enable or disable the operator's language model"""
    offer = call.services.offer

    def job(tx: Transaction) -> dict[str, Any]:
        analyze.switch_model(tx, is_on=body.enabled, offer=offer, named=body.destination)
        return _shape(tx, offer)

    return await call.change(job, json_answer)


def _shape(tx: Transaction, offer: Offer | None) -> dict[str, Any]:
    spent, has_prices = spending.today(tx), offer is not None and offer.daily.money is not None
    today = present(
        requests=spent.requests,
        inputTokens=spent.input_tokens,
        outputTokens=spent.output_tokens,
        costUsd=float(spent.money) if has_prices else None,
    )
    destination, allowed = offer.destination if offer is not None else "", spending.destination(tx)
    shape = {
        "enabled": spending.is_on(tx, destination),
        **present(allowedDestination=allowed if allowed not in ("", destination) else None),
        "configured": offer is not None,
        "today": today,
        "resetsAt": datetime.combine(tx.now.date() + timedelta(days=1), time(), tx.now.tzinfo),
    }
    if offer is None:
        return shape
    daily = present(tokens=offer.daily.tokens, costUsd=None if offer.daily.money is None else float(offer.daily.money))
    return shape | {"provider": offer.provider, "model": offer.model, "destination": offer.destination, "daily": daily}


def add(app: FastAPI) -> None:
    routes = Routes(app, "analyses")
    routes.add("GET", "/v1/ai", get_ai, scope="issues:read", gives=AiShape)
    routes.add("GET", "/v1/ai/usage", get_ai_usage, scope="issues:read", gives=AiUsage)
    routes.add("PATCH", "/v1/ai", update_ai, scope="detectors:write", gives=AiShape, errors=(409,))
