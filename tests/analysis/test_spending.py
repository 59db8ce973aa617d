"""The model's switch, and the budget of a day."""

from datetime import timedelta
from decimal import Decimal

from optral.analysis import spending
from optral.analysis.model import Cost
from optral.store.store import Store
from optral.terms import actor
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
    first = await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET))
    assert first is not None
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET)) is None, "both together may cost 1,200 tokens"
    await store.write(who, lambda tx: spending.settle(tx, first, USAGE))
    spent = await store.read(who, spending.today)
    assert (spent.requests, spent.input_tokens, spent.output_tokens, spent.money) == (2, 250, 50, Decimal("0.05"))
    assert spent.reserved == Cost(tokens=0, money=Decimal(0))
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET)) is not None
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET)) is None


async def test_money_limits_where_tokens_do_not(store: Store, org: OrgId) -> None:
    who, tight = actor.system(org), Cost(tokens=10**9, money=Decimal("0.40"))
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, tight)) is not None
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, tight)) is None
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, Cost(tokens=10**9))) is not None, "money is not limited"


async def test_a_new_day_has_its_own_budget_and_old_days_go(store: Store, org: OrgId, clock: FakeClock) -> None:
    who = actor.system(org)
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET)) is not None
    clock.advance(86_400)
    assert await store.read(who, spending.today) == spending.DailySpending()
    assert await store.write(who, lambda tx: spending.reserve(tx, MOST, BUDGET)) is not None
    before = clock.now() - timedelta(hours=1)
    assert await store.write(actor.system(), lambda tx: spending.delete_old(tx, before=before, limit=10)) == 1
    assert (await store.read(who, spending.today)).reserved.tokens == MOST.tokens
