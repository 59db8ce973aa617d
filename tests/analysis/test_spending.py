"""The model's switch, and the budget of a day."""

from datetime import timedelta
from decimal import Decimal

import pytest

from optral.analysis import spending
from optral.analysis.model import Cost
from optral.store.store import Store
from optral.terms import actor
from optral.terms.errors import Refused
from optral.terms.ids import OrgId
from tests.support.clock import FakeClock

MOST = Cost(tokens=600, money=Decimal("0.25"))
BUDGET = Cost(tokens=1000, money=Decimal("0.60"))
HERE = "http://127.0.0.1:11434"
USAGE = {"requests": 2, "inputTokens": 250, "outputTokens": 50, "costUsd": 0.05}


async def test_nobody_wants_a_model_who_has_not_said_so(store: Store, org: OrgId) -> None:
    who = actor.system(org)
    assert not await store.read(who, lambda tx: spending.is_on(tx, HERE))
    assert await store.read(actor.system(), lambda tx: spending.wanting(tx, HERE)) == frozenset()
    for place in (HERE, "", HERE):
        await store.write(who, lambda tx, place=place: spending.set_on(tx, place))  # type: ignore[misc]
        assert await store.read(who, lambda tx: spending.is_on(tx, HERE)) is (place == HERE)
    assert await store.read(actor.system(), lambda tx: spending.wanting(tx, HERE)) == {org}


async def test_a_yes_to_one_place_is_none_to_another(store: Store, org: OrgId) -> None:
    who = actor.system(org)
    await store.write(who, lambda tx: spending.set_on(tx, HERE))
    for place in ("https://api.example.com", ""):
        assert not await store.read(who, lambda tx, place=place: spending.is_on(tx, place))  # type: ignore[misc]
        assert await store.read(actor.system(), lambda tx, place=place: spending.wanting(tx, place)) == frozenset()  # type: ignore[misc]


async def test_what_is_put_aside_counts_until_it_is_known_what_it_cost(store: Store, org: OrgId) -> None:
    who = actor.system(org)
    first = await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET, within_s=60))
    assert first is not None
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET, within_s=60)) is None, "both together may cost 1,200 tokens"
    await store.write(who, lambda tx: spending.settle(tx, first, USAGE))
    spent = await store.read(who, spending.today)
    assert (spent.requests, spent.input_tokens, spent.output_tokens, spent.money) == (2, 250, 50, Decimal("0.05"))
    assert spent.reserved == Cost(tokens=0, money=Decimal(0))
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET, within_s=60)) is not None
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET, within_s=60)) is None


async def test_what_nobody_settles_ends_and_what_is_settled_late_is_given_back_once(store: Store, org: OrgId, clock: FakeClock) -> None:
    who = actor.system(org)
    late = await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET, within_s=60, by=("usr_1",)))
    assert late is not None
    clock.advance(60 + spending.HELD_LONGER_S - 1)
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET, within_s=60)) is None
    clock.advance(1)
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET, within_s=60)) is not None
    await store.write(who, lambda tx: spending.settle(tx, late, USAGE))
    spent = await store.read(who, spending.today)
    assert (spent.input_tokens, spent.reserved.tokens) == (250, 600), "the second one still has all that it put aside"
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET, within_s=60)) is None


async def test_an_unknown_use_counts_as_the_most(store: Store, org: OrgId) -> None:
    who = actor.system(org)
    failed = await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET, within_s=60))
    assert failed is not None
    await store.write(who, lambda tx: spending.settle(tx, failed, None))
    spent = await store.read(who, spending.today)
    assert (spent.input_tokens, spent.money, spent.reserved.tokens) == (600, Decimal("0.25"), 0)


async def test_money_limits_where_tokens_do_not(store: Store, org: OrgId) -> None:
    who, tight = actor.system(org), Cost(tokens=10**9, money=Decimal("0.40"))
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, tight, within_s=60)) is not None
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, tight, within_s=60)) is None
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, Cost(tokens=10**9), within_s=60)) is not None, (
        "money is not limited"
    )


async def test_a_new_day_has_its_own_budget_and_old_days_go(store: Store, org: OrgId, clock: FakeClock) -> None:
    who = actor.system(org)
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET, within_s=60)) is not None
    clock.advance(86_400)
    assert await store.read(who, spending.today) == spending.DailySpending()
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET, within_s=60)) is not None
    before = clock.now() - timedelta(hours=1)
    assert await store.write(actor.system(), lambda tx: spending.delete_old(tx, before=before, limit=10)) == 1
    assert (await store.read(who, spending.today)).reserved.tokens == MOST.tokens


async def test_the_limit_of_a_month_holds_for_questions_that_run_together_and_ends_with_it(
    store: Store, org: OrgId, clock: FakeClock
) -> None:
    who, month = actor.system(org), clock.now().isoformat()[:7]

    async def reserved(*by: str) -> spending.Reservation | None:
        return await store.write(who, lambda tx: spending.reserve_for(tx, by, MOST, Cost(tokens=10_000), monthly_tokens=1000, within_s=60))

    first = await reserved("usr_1")
    assert first is not None
    with pytest.raises(Refused, match="1,000 tokens a month"):
        await reserved("usr_1")
    assert await reserved("usr_2") is not None, "another person has another limit"
    with pytest.raises(Refused, match="1,000 tokens a month"):
        await reserved("usr_2", "key_new")
    assert await store.read(who, lambda tx: spending.usage(tx, month, actor_id="key_new", limit=5)) == []
    await store.write(who, lambda tx: spending.settle(tx, first, USAGE))
    assert await reserved("usr_1") is not None, "what was not used is free again"
    (mine,) = await store.read(who, lambda tx: spending.usage(tx, month, actor_id="usr_1", limit=5))
    assert (mine.requests, mine.input_tokens, mine.output_tokens, mine.money) == (2, 250, 50, Decimal("0.05"))
    clock.advance(32 * 86_400)
    assert await reserved("usr_1") is not None
    assert await store.write(actor.system(), lambda tx: spending.delete_old(tx, before=clock.now(), limit=10)) > 0
    assert await store.write(actor.system(), lambda tx: spending.delete_old(tx, before=clock.now(), limit=10)) == 2
    assert not await store.read(who, lambda tx: spending.usage(tx, month, limit=5))


async def test_what_is_used_step_by_step_stays_counted_and_the_rest_is_given_back_once(store: Store, org: OrgId, clock: FakeClock) -> None:
    who, month = actor.system(org), clock.now().isoformat()[:7]
    held = await store.write(who, lambda tx: spending.reserve_for(tx, ("usr_1",), MOST, BUDGET, monthly_tokens=0, within_s=60))
    assert held is not None

    async def seen() -> tuple[int, int, int, Decimal | None]:
        spent, (mine,) = await store.read(who, lambda tx: (spending.today(tx), spending.usage(tx, month, limit=5)))
        assert (mine.requests, mine.input_tokens, mine.output_tokens) == (spent.requests, spent.input_tokens, spent.output_tokens)
        return spent.requests, spent.input_tokens + spent.output_tokens, spent.reserved.tokens, spent.reserved.money

    steps = [
        ({"requests": 1, "inputTokens": 100, "outputTokens": 200, "costUsd": 0.1}, (1, 300, 300, Decimal("0.15"))),
        ({"requests": 2, "inputTokens": 180, "outputTokens": 20, "costUsd": 0.04}, (2, 200, 400, Decimal("0.21"))),
        ({"requests": 3, "inputTokens": 700, "outputTokens": 20, "costUsd": 0.3}, (3, 720, 0, Decimal(0))),
    ]
    for usage, expected in steps:
        held = await store.write(who, lambda tx, held=held, usage=usage: spending.count(tx, held, usage))  # type: ignore[misc]
        assert await seen() == expected
    clock.advance(60 + spending.HELD_LONGER_S)
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET, within_s=60)) is None, "720 of 1,000 tokens are used"
    assert await seen() == (3, 720, 0, Decimal(0)), "the end of the reservation gives back nothing more"
    await store.write(who, lambda tx: spending.settle(tx, held, USAGE))
    assert await seen() == (2, 300, 0, Decimal(0)), "a late end is known exactly"
