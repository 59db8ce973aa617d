"""A request takes effect once under its Idempotency-Key, however often it is repeated, for each actor and on both engines."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from optral.access import service as access
from optral.events import service as events
from optral.events.model import NewEvent
from optral.flows import idempotency
from optral.flows.idempotency import Answer, IdempotencyKey, perform, perform_after
from optral.store.metadata import metadata
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import Actor, system
from optral.terms.errors import Invalid, Refused, Unavailable
from optral.terms.ids import OrgId
from tests.conftest import ActorMaker, new_org
from tests.support.clock import FakeClock

SECRET = b'{"key":"mht_shown_once"}\nand more'


def effect(tx: Transaction) -> int:
    events.append(tx, [NewEvent("cluster.updated", None, "cls_a", {})])
    return events.head(tx)


def render(number: int) -> Answer:
    return Answer(201, {"content-type": "application/json", "x-number": str(number)}, SECRET)


def given(key: str = "k", *, route: str = "/v1/clusters", body: str = "d" * 64, secret: bytes = b"pepper") -> IdempotencyKey:
    return IdempotencyKey(key=key, method="POST", route=route, body_digest=body, secret=secret)


async def ask(store: Store, actor: Actor, idempotency: IdempotencyKey | None) -> Answer:
    return await perform(store, actor, job=effect, render=render, idempotency=idempotency)


async def effects(store: Store, org: OrgId) -> int:
    return await store.read(system(org), events.head)


async def test_the_same_request_again_gets_the_same_bytes(store: Store, org: OrgId, actor: ActorMaker) -> None:
    who = actor()
    first = await ask(store, who, given())
    again = await ask(store, who, given())
    assert first == render(1)
    assert (again.status, again.body) == (201, SECRET)
    assert again.headers == {**first.headers, "Idempotent-Replayed": "true"}
    assert await effects(store, org) == 1


async def test_without_a_key_each_request_counts(store: Store, org: OrgId, actor: ActorMaker) -> None:
    who = actor()
    await ask(store, who, None)
    await ask(store, who, None)
    assert await effects(store, org) == 2


async def test_twenty_at_once_do_it_once(store: Store, org: OrgId, actor: ActorMaker) -> None:
    who = actor()
    answers = await asyncio.gather(*(ask(store, who, given()) for _ in range(20)))
    assert {answer.body for answer in answers} == {SECRET}
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 19
    assert await effects(store, org) == 1


async def test_another_body_is_a_mismatch(store: Store, org: OrgId, actor: ActorMaker) -> None:
    who = actor()
    await ask(store, who, given())
    with pytest.raises(Invalid) as refusal:
        await ask(store, who, given(body="e" * 64))
    assert refusal.value.code == "idempotency_mismatch"
    assert await effects(store, org) == 1


async def test_another_key_holder_route_or_organisation_is_another_request(
    store: Store, org: OrgId, actor: ActorMaker, clock: FakeClock
) -> None:
    who, other = actor(), await new_org(store, clock, name="Other")
    await ask(store, who, given())
    await ask(store, actor(), given())
    await ask(store, who, given(route="/v1/api-keys"))
    await ask(store, actor(org_id=other), given())
    assert await effects(store, org) == 3
    assert await effects(store, other) == 1


async def test_a_failed_effect_keeps_no_answer(store: Store, org: OrgId, actor: ActorMaker) -> None:
    who = actor()

    def fail(tx: Transaction) -> int:
        effect(tx)
        raise Refused("conflict", say="not now")

    with pytest.raises(Refused):
        await perform(store, who, job=fail, render=render, idempotency=given())
    assert await effects(store, org) == 0
    assert (await ask(store, who, given())).headers == render(1).headers


async def test_a_failing_rendering_undoes_the_effect(store: Store, org: OrgId, actor: ActorMaker) -> None:
    def broken(_number: int) -> Answer:
        raise ValueError("cannot be shown")

    with pytest.raises(ValueError, match="shown"):
        await perform(store, actor(), job=effect, render=broken, idempotency=given())
    assert await effects(store, org) == 0


async def test_an_answer_is_kept_for_a_day_and_then_forgotten(store: Store, org: OrgId, actor: ActorMaker, clock: FakeClock) -> None:
    who = actor()
    await ask(store, who, given())
    clock.advance(timedelta(hours=24).total_seconds())
    assert "Idempotent-Replayed" in (await ask(store, who, given())).headers
    assert await store.write(system(org), access.prune_answers) == 0
    clock.advance(1)
    assert "Idempotent-Replayed" not in (await ask(store, who, given())).headers
    assert await effects(store, org) == 2
    clock.advance(timedelta(hours=25).total_seconds())
    assert await store.write(system(org), access.prune_answers) == 1
    assert await store.write(system(org), access.prune_answers) == 0


async def test_the_kept_answer_cannot_be_read_in_the_database(store: Store, org: OrgId, actor: ActorMaker) -> None:
    who = actor()
    await ask(store, who, given("my-key"))
    row = await store.read(system(), lambda tx: tx.execute(sa.select(metadata.tables["idempotent_answers"])).one())
    assert b"mht_shown_once" not in bytes(row.sealed)
    assert "my-key" not in repr(tuple(row))
    with pytest.raises(Refused) as refusal:
        await ask(store, who, given("my-key", secret=b"another pepper"))
    assert refusal.value.code == "idempotent_answer_lost"


class Outside:
    """Work outside the database that costs each time, and ends when it is let go."""

    def __init__(self, store: Store, who: Actor) -> None:
        self.store, self.who = store, who
        self.calls, self.error, self.begun, self.may_end = 0, "", asyncio.Event(), asyncio.Event()

    async def work(self) -> int:
        self.calls += 1
        self.begun.set()
        await self.may_end.wait()
        if self.error:
            raise Refused("no_draft", say=self.error)
        return self.calls

    async def ask(self, idempotency: IdempotencyKey | None) -> Answer:
        return await perform_after(
            self.store, self.who, work=self.work, job=lambda tx, _: effect(tx), render=render, idempotency=idempotency
        )


async def test_work_outside_the_database_is_done_once(store: Store, org: OrgId, actor: ActorMaker) -> None:
    outside = Outside(store, actor())
    first = asyncio.create_task(outside.ask(given()))
    await outside.begun.wait()
    with pytest.raises(Unavailable) as refusal:
        await outside.ask(given())
    assert (refusal.value.code, refusal.value.retry_after_s) == ("request_in_progress", 5)
    with pytest.raises(Invalid):
        await outside.ask(given(body="e" * 64))
    outside.may_end.set()
    assert (await first).headers == render(1).headers
    assert (await outside.ask(given())).headers["Idempotent-Replayed"] == "true"
    assert (outside.calls, await effects(store, org)) == (1, 1)
    await outside.ask(None)
    assert (outside.calls, await effects(store, org)) == (2, 2)


async def test_work_that_failed_or_never_ended_is_done_again(store: Store, actor: ActorMaker, clock: FakeClock) -> None:
    outside = Outside(store, actor())
    outside.error = "the model has no idea"
    outside.may_end.set()
    for calls in (1, 2):
        with pytest.raises(Refused):
            await outside.ask(given())
        assert outside.calls == calls
    outside.error = ""
    outside.may_end.clear()
    outside.begun.clear()
    dead = asyncio.create_task(outside.ask(given("of a server that dies")))
    await outside.begun.wait()
    clock.advance(access.CLAIMED_FOR.total_seconds() + 1)
    outside.begun.clear()
    again = asyncio.create_task(outside.ask(given("of a server that dies")))
    await outside.begun.wait()  # it took the claim over before the first one ends
    outside.may_end.set()
    assert "Idempotent-Replayed" not in (await again).headers
    await dead


async def test_canceled_work_is_done_again_at_once(store: Store, actor: ActorMaker) -> None:
    outside = Outside(store, actor())
    cancelled = asyncio.create_task(outside.ask(given()))
    await outside.begun.wait()
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    outside.may_end.set()
    assert (await outside.ask(given())).headers == render(1).headers


async def test_others_wait_until_the_first_one_has_ended(store: Store, actor: ActorMaker, clock: FakeClock, monkeypatch: Any) -> None:
    def turn(who: Actor, key: str = "k") -> Any:
        return idempotency.one_at_a_time(store, who, route="silences", key=key, say="try again")

    order: list[str] = []
    first, second = actor(), actor()
    has_begun = asyncio.Event()

    async def waits() -> None:
        has_begun.set()
        async with turn(second):
            order.append("second")

    async with turn(first), turn(first, "another"):
        waiting = asyncio.create_task(waits())
        await has_begun.wait()
        order.append("first")
    await waiting
    assert order == ["first", "second"]

    monkeypatch.setattr(idempotency, "TURN_WAITS_S", ())
    dead = turn(first)
    await dead.__aenter__()
    with pytest.raises(Unavailable) as refusal:
        await turn(second).__aenter__()
    assert (refusal.value.code, refusal.value.say, refusal.value.retry_after_s) == ("request_in_progress", "try again", 5)
    clock.advance(access.CLAIMED_FOR.total_seconds() + 1)
    async with turn(second):  # the server of the first one was killed
        pass
