"""Endpoints that fail, hang or must not be called, and a database that cannot be written."""

import asyncio
import gc
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from optral.flows.webhooks import delivery, manage as flow
from optral.flows.webhooks.delivery import DeliveryWorker
from optral.flows.webhooks.dispatch import Notifier
from optral.kit.hub import ANY
from optral.store.store import Store
from optral.terms.actor import system
from optral.terms.errors import Refused
from optral.webhooks import model, service as webhooks
from optral.webhooks.http_sender import HttpSender
from optral.webhooks.model import Credentials, Ended, Form, Outcome
from optral.webhooks.sender import SenderOnDemand
from optral.webhooks.tables import webhooks as webhook_rows
from tests.conftest import new_org
from tests.flows.webhooks.deliveries import KEY, LOOPBACK, Hanging, Receiver, World
from tests.support.clock import FakeClock
from tests.support.stores import FullStore


async def test_a_failure_is_tried_again_under_the_same_id(world: World, receiver: Receiver) -> None:
    receiver.answers = [500, 302]
    hook, _ = await world.hook(receiver.url)
    await world.issue()
    await world.tell()
    await world.carry()
    await world.carry()
    assert len(receiver.got) == 1
    world.clock.advance(6.1)
    await world.carry()
    [kept] = await world.deliveries(hook)
    assert (kept.status, kept.answered, kept.attempts) == (Outcome.PENDING, 302, 2)  # a redirect is not followed
    world.clock.advance(361)
    await world.carry()
    [kept] = await world.deliveries(hook)
    assert (kept.status, kept.attempts) == (Outcome.DELIVERED, 3)
    assert {headers["webhook-id"] for headers, _ in receiver.got} == {kept.id}
    assert len({body for _, body in receiver.got}) == 1


@pytest.mark.parametrize("form", [Form.JSON, Form.SLACK, Form.TEAMS, Form.ALERTS, Form.PAGERDUTY, Form.JSM])
async def test_a_rate_limit_holds_the_webhook_and_counts_as_no_attempt(world: World, receiver: Receiver, form: Form) -> None:
    receiver.answers = [429, 429]
    to = receiver.alerts if form is Form.ALERTS else receiver.url
    more = {"credentials": Credentials(token="example")} if form in model.URLS else {}
    hook, _ = await world.hook(to, form=form, **more)
    for _ in range(5):
        await world.issue()
    await world.tell()
    await world.carry()
    assert len(receiver.got) == 2  # as many as are sent at once
    await world.carry()
    assert len(receiver.got) == 2
    limited = [one for one in await world.deliveries(hook) if one.error == "ratelimited"]
    assert [(one.status, one.attempts) for one in limited] == [(Outcome.PENDING, 0)] * 2
    world.clock.advance(10)
    for _ in range(3):
        await world.carry()
    assert {(one.status, one.attempts) for one in await world.deliveries(hook)} == {(Outcome.DELIVERED, 1)}
    assert len(receiver.got) == 7
    assert (await world.kept(hook)).failures == 0


async def test_a_digest_that_met_a_rate_limit_keeps_what_it_says(world: World, receiver: Receiver) -> None:
    await world.hook(receiver.url, form=Form.SLACK)
    for _ in range(25):
        await world.issue()
    await world.tell(70)
    for _ in range(20):
        await world.carry()
    receiver.answers = [429]
    world.clock.advance(70)
    await world.carry()
    await world.issue()
    await world.tell()
    world.clock.advance(20)
    for _ in range(3):
        await world.carry()
    digests = [body for _, body in receiver.got if b"5 more issues" in body]
    assert len(digests) == 2
    assert digests[0] == digests[1]


async def test_an_endpoint_that_answers_gone_is_switched_off_and_what_waits_is_dropped(world: World, receiver: Receiver) -> None:
    receiver.answers = [410]
    hook, _ = await world.hook(receiver.url)
    await world.issue()
    await world.tell()
    await world.carry()
    kept = await world.kept(hook)
    assert (kept.is_enabled, kept.ended) == (False, Ended.GONE)
    with pytest.raises(Refused):
        [one] = await world.deliveries(hook)
        await world.store.write(world.owner, lambda tx: flow.redeliver(tx, hook.id, one.id))


async def test_a_delivery_that_failed_can_be_sent_again(world: World, receiver: Receiver) -> None:
    hook, _ = await world.hook(receiver.url)
    await world.issue()
    await world.tell()
    await world.carry()
    [one] = await world.deliveries(hook)
    await world.store.write(world.owner, lambda tx: flow.redeliver(tx, hook.id, one.id))
    await world.carry()
    assert [headers["webhook-id"] for headers, _ in receiver.got] == [one.id, one.id]


async def test_one_dead_endpoint_delays_no_other(world: World, receiver: Receiver, silent: str) -> None:
    dead, _ = await world.hook(silent)
    for _ in range(3):
        await world.issue()
    await world.tell()
    await world.delivery_worker.step()
    await world.hook(receiver.url)
    await world.issue()
    await world.tell()
    while not receiver.got:
        await world.delivery_worker.step()
        await asyncio.sleep(0)
    assert any(one.status is Outcome.PENDING for one in await world.deliveries(dead))
    for task in tuple(world.delivery_worker._tasks._tasks):
        task.cancel()


async def test_endpoints_of_one_organisation_that_hang_delay_no_other_organisation(world: World, store: Store, clock: FakeClock) -> None:
    sender = Hanging()
    delivery_worker = DeliveryWorker(store, clock, key=KEY, sender=sender)
    for number in range(40):
        await world.hook(f"https://hangs.example/{number}")
    await world.issue()
    await world.issue()
    await world.tell()
    await delivery_worker.step()
    org = await new_org(store, clock, name="Other")
    other = World(store, clock, org, replace(world.owner, org_id=org), sender)
    await other.hook("https://works.example/")
    await other.issue()
    await other.tell()
    await sender.until("https://works.example/", delivery_worker)
    assert len([one for one in sender.sent if "hangs" in one]) <= delivery.IN_FLIGHT_OF_ORG
    await sender.close()
    await delivery_worker.idle()


async def test_a_long_backlog_of_one_organisation_hides_no_other(world: World, store: Store, clock: FakeClock) -> None:
    sender = Hanging()
    delivery_worker = DeliveryWorker(store, clock, key=KEY, sender=sender)
    hook, _ = await world.hook("https://hangs.example/")
    for _ in range(2 * delivery.IN_FLIGHT + 10):
        await world.store.write(world.owner, lambda tx: flow.test(tx, hook.id))
    clock.advance(1)
    org = await new_org(store, clock, name="Other")
    other = World(store, clock, org, replace(world.owner, org_id=org), sender)
    works, _ = await other.hook("https://works.example/")
    await store.write(other.owner, lambda tx: flow.test(tx, works.id))
    await delivery_worker.step()
    await sender.until("https://works.example/", delivery_worker)
    assert sender.sent.count("https://hangs.example/") <= delivery.IN_FLIGHT_TO_ONE
    await sender.close()
    for task in tuple(delivery_worker._tasks._tasks):
        task.cancel()


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """An endpoint that takes the connection and never answers."""
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    server.close()


async def test_a_sender_that_was_never_used_leaves_nothing_open(caplog: pytest.LogCaptureFixture) -> None:
    HttpSender()
    await SenderOnDemand().close()
    gc.collect()
    assert "Unclosed" not in caplog.text


async def test_addresses_that_nobody_allowed_are_refused_before_a_connection(world: World, receiver: Receiver) -> None:
    sender = HttpSender()
    delivery_worker = DeliveryWorker(world.store, world.clock, key=KEY, sender=sender)
    hook, _ = await world.hook(receiver.url)
    named, _ = await world.hook(receiver.url.replace("127.0.0.1", "localhost"))
    await world.issue()
    await world.tell()
    await delivery_worker.step()
    await delivery_worker.idle()
    await sender.close()
    for one in (hook, named):
        [kept] = await world.deliveries(one)
        assert (kept.status, kept.error) == (Outcome.PENDING, "refused_address")
    assert receiver.got == []


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1."])
async def test_a_number_instead_of_an_address_is_refused_also_where_it_was_kept_before(receiver: Receiver, host: str) -> None:
    sender = HttpSender(private=LOOPBACK)
    answer = await sender.send(receiver.url.replace("127.0.0.1", host), {}, b"{}")
    await sender.close()
    assert (answer.error, receiver.got) == ("refused_address", [])


async def test_a_full_disk_makes_the_delivery_worker_rest_and_is_logged_once(world: World) -> None:
    sender, full = Hanging(), FullStore(world.store)
    hook, _ = await world.hook("https://works.example/")
    await world.store.write(world.owner, lambda tx: flow.test(tx, hook.id))
    delivery_worker = DeliveryWorker(full, world.clock, key=KEY, sender=sender)
    with capture_logs() as logs:
        running = asyncio.create_task(delivery_worker.run())
        await full.has_tried(1)
        assert full.tried == 1
        for tried in (2, 3):
            world.clock.advance(delivery_worker.retries.wait_s("writes"))
            world.store.hubs[webhooks.DUE].publish(ANY)
            await full.has_tried(tried)
            assert full.tried == tried
        assert delivery_worker.retries.total == 3
        full.failure = None
        world.clock.advance(delivery_worker.retries.wait_s("writes"))
        world.store.hubs[webhooks.DUE].publish(ANY)
        await sender.until("https://works.example/", delivery_worker)
        await delivery_worker.idle()
        async with asyncio.timeout(10):
            while len(logs) < 2:  # noqa: ASYNC110 — the worker says so after its round, not with the delivery
                await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [one["event"] for one in logs] == ["deliveries.deferred", "deliveries.recovered"]


async def test_a_delivery_that_breaks_the_delivery_worker_rests_alone(world: World) -> None:
    sender = Hanging()
    broken, _ = await world.hook("https://broken.example/")
    whole, _ = await world.hook("https://works.example/")
    for hook in (broken, whole):
        await world.store.write(world.owner, lambda tx, one=hook.id: flow.test(tx, one))
    spoil = sa.update(webhook_rows).where(webhook_rows.c.org_id == world.org, webhook_rows.c.id == broken.id).values(filters={"events": 1})
    await world.store.write(system(world.org), lambda tx: tx.execute(spoil) and None)
    delivery_worker = DeliveryWorker(world.store, world.clock, key=KEY, sender=sender)
    for _ in range(5):
        await delivery_worker.step()
        await delivery_worker.idle()
    assert (sender.sent, delivery_worker.retries.total, delivery_worker.retries.waiting()) == (["https://works.example/"], 1, {broken.id})


async def test_the_notifier_writes_only_where_there_is_something_to_judge(world: World, receiver: Receiver) -> None:
    counted = FullStore(world.store)
    counted.failure = None
    notifier = Notifier(counted, world.clock)
    await world.issue()
    for _ in range(3):
        await world.hook(receiver.url)
    await notifier.step()
    assert counted.tried == 0, "all stand at the newest event"
    await world.issue()
    world.clock.advance(1)
    assert await notifier.step() == 2.0
    assert counted.tried == 0, "the issue waits for its cause"
    world.clock.advance(2.5)
    await notifier.step()
    assert counted.tried == 3
    await notifier.step()
    assert counted.tried == 3


async def test_a_full_disk_makes_the_notifier_rest(world: World, receiver: Receiver) -> None:
    full = FullStore(world.store)
    await world.hook(receiver.url)
    await world.issue()
    world.clock.advance(5)
    notifier = Notifier(full, world.clock)
    running = asyncio.create_task(notifier.run())
    for _ in range(3):
        await full.has_tried(1)
        world.store.hubs[webhooks.DUE].publish(ANY)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (full.tried, notifier.retries.total) == (1, 1)
