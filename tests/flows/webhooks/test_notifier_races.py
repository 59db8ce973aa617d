"""Webhooks that change, go or cannot be read while they are judged: none silences another."""

import asyncio
from collections.abc import Callable
from concurrent import futures
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from optral.flows.webhooks import dispatch, manage as flow
from optral.flows.webhooks.delivery import DeliveryWorker
from optral.store.transaction import Transaction
from optral.terms.actor import system
from optral.terms.errors import Unavailable
from optral.webhooks.model import Webhook
from optral.webhooks.tables import deliveries as delivery_rows, webhooks as webhook_rows
from tests.flows.webhooks.deliveries import KEY, OFF, Hanging, Receiver, World
from tests.support.stores import FullStore


async def test_one_webhook_that_cannot_be_read_silences_no_other(world: World, receiver: Receiver) -> None:
    broken, _ = await world.hook(receiver.url)
    whole, _ = await world.hook(receiver.url)
    spoil = sa.update(webhook_rows).where(webhook_rows.c.org_id == world.org, webhook_rows.c.id == broken.id).values(filters={})
    await world.store.write(system(world.org), lambda tx: tx.execute(spoil) and None)
    await world.issue()
    await world.tell()
    assert len(await world.deliveries(whole)) == 1


async def test_a_webhook_switched_off_a_moment_ago_gets_nothing_more(world: World, receiver: Receiver) -> None:
    hook, _ = await world.hook(receiver.url)
    await world.issue()
    world.clock.advance(5)
    await world.store.write(world.owner, lambda tx: flow.change(tx, hook.id, OFF, key=KEY))
    await world.store.write(system(world.org), lambda tx: dispatch.judge(tx, hook.id, link=""))
    assert await world.deliveries(hook) == []


async def test_one_webhook_that_the_database_puts_off_silences_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock or a statement that takes too long may be one webhook's own: also when no other has anything new, the round goes on."""
    first, second = sorted([(await world.hook("https://works.example/"))[0] for _ in range(2)], key=lambda hook: hook.id)
    judge = dispatch.judge

    def slow(tx: Transaction, webhook_id: str, *, link: str) -> float:
        if webhook_id == first.id:
            raise Unavailable("database_unavailable", say="a statement took too long")
        return judge(tx, webhook_id, link=link)

    with monkeypatch.context() as patched, capture_logs() as logs:
        patched.setattr(dispatch, "judge", slow)
        for told in (1, 2):
            await world.issue()
            await world.tell()
            assert len(await world.deliveries(second)) == told
            assert world.notifier.retries.waiting() == {first.id}
    assert [(one["event"], one["of"]) for one in logs] == [("webhook_dispatch.deferred", first.id)]
    await world.tell()
    assert len(await world.deliveries(first)) == 2


async def with_a_judge_within(world: World, hook: Webhook, monkeypatch: pytest.MonkeyPatch, job: Callable[[Transaction], Any]) -> None:
    """Run the owner's job; a notifier judges as soon as it changed a first row, as far as the database lets it."""
    loop, execute = asyncio.get_running_loop(), Transaction.execute
    judges: list[futures.Future[float]] = []

    async def judge() -> float:
        return await world.store.write(system(world.org), lambda tx: dispatch.judge(tx, hook.id, link=""))

    def watched(tx: Transaction, statement: sa.Executable, parameters: Any = None) -> sa.CursorResult[Any]:
        done = execute(tx, statement, parameters)
        if tx.actor == world.owner and isinstance(statement, sa.Update | sa.Delete) and not judges:
            judges.append(asyncio.run_coroutine_threadsafe(judge(), loop))
            if tx.dialect != "sqlite":  # which has one writer
                futures.wait(judges, timeout=0.5)
        return done

    monkeypatch.setattr(Transaction, "execute", watched)
    await world.store.write(world.owner, job)
    await asyncio.wrap_future(judges[0])


async def test_a_webhook_deleted_while_it_is_judged_leaves_no_delivery(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hook, _ = await world.hook("https://works.example/")
    await world.issue()
    world.clock.advance(5)
    await with_a_judge_within(world, hook, monkeypatch, lambda tx: flow.delete(tx, hook.id))
    left = sa.select(delivery_rows.c.id).where(delivery_rows.c.org_id == world.org)
    assert await world.store.read(system(world.org), lambda tx: tx.execute(left).all()) == []


async def test_a_webhook_switched_off_while_it_is_judged_has_nothing_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hook, _ = await world.hook("https://works.example/")
    await world.issue()
    world.clock.advance(5)
    await with_a_judge_within(world, hook, monkeypatch, lambda tx: flow.change(tx, hook.id, OFF, key=KEY))
    assert [one for one in await world.deliveries(hook) if one.due_at is not None] == []


@pytest.mark.parametrize(
    ("undo", "why"), [(sa.delete(webhook_rows), "deleted"), (sa.update(webhook_rows).values(is_enabled=False), "disabled")]
)
async def test_a_delivery_whose_webhook_is_gone_or_off_ends(world: World, undo: sa.Update | sa.Delete, why: str) -> None:
    sender, counted = Hanging(), FullStore(world.store)
    counted.failure = None
    hook, _ = await world.hook("https://works.example/")
    await world.issue()
    await world.tell()
    [one] = await world.deliveries(hook)
    here = undo.where(webhook_rows.c.org_id == world.org, webhook_rows.c.id == hook.id)
    await world.store.write(system(world.org), lambda tx: tx.execute(here) and None)
    delivery_worker = DeliveryWorker(counted, world.clock, key=KEY, sender=sender)
    await delivery_worker.step()
    await delivery_worker.idle()
    tried = counted.tried
    for _ in range(3):  # its own end wakes it
        await delivery_worker.step()
        await delivery_worker.idle()
    assert (sender.sent, counted.tried) == ([], tried)
    left = sa.select(delivery_rows).where(delivery_rows.c.org_id == world.org, delivery_rows.c.id == one.id)
    row = await world.store.read(system(world.org), lambda tx: tx.execute(left).one())
    assert (row.status, row.due_at, row.error, row.attempts) == ("failed", None, why, 0)
