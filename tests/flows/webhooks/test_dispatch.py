"""From an event to an endpoint: a real HTTP receiver on loopback, the specification's own verifier, both databases."""

import asyncio
import gc
import ipaddress
import json
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent import futures
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web
from standardwebhooks import Webhook as Verifier
from structlog.testing import capture_logs

from optral.events import service as events
from optral.events.model import NewEvent
from optral.flows.webhooks import dispatch, manage as flow
from optral.flows.webhooks.dispatch import DeliveryWorker, Notifier
from optral.issues import lifecycle, repository as issue_rows
from optral.issues.model import Condition, Issue, Substatus
from optral.kit import sealed
from optral.kit.hub import ANY
from optral.kit.paging import PageRequest
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import Actor, system
from optral.terms.errors import NotFound, Refused, Unavailable
from optral.terms.ids import OrgId
from optral.terms.severity import Severity
from optral.webhooks import service as webhooks
from optral.webhooks.http_sender import HttpSender
from optral.webhooks.model import Answer, Delivery, Ended, Filters, Form, Outcome, Target, Webhook
from optral.webhooks.sender import Sender, SenderOnDemand
from optral.webhooks.tables import deliveries as delivery_rows, webhooks as webhook_rows
from tests.conftest import ActorMaker, new_org
from tests.support.clock import NOON, FakeClock
from tests.support.stores import FullStore

KEY = b"k" * 32
LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@dataclass
class Receiver:
    """An endpoint that keeps what it got, with scripted answers."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        self.got.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        await self.gate.wait()
        return web.Response(status=self.answers.pop(0) if self.answers else 204, headers={"Location": "http://127.0.0.1:1/"})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    one = Receiver()
    one.gate.set()
    app = web.Application()
    app.router.add_post("/hook", one.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield one
    one.gate.set()
    await runner.cleanup()


class World:
    """An organisation with issues, a notifier and a delivery worker."""

    def __init__(self, store: Store, clock: FakeClock, org: OrgId, owner: Actor, sender: Sender) -> None:
        self.store, self.clock, self.org, self.owner = store, clock, org, owner
        self.cluster = ids.new("cls")
        self.notifier = Notifier(store, clock, link="https://optral.example")
        self.delivery_worker = DeliveryWorker(store, clock, key=KEY, sender=sender)

    async def hook(self, url: str, *, filters: Filters | None = None, form: Form = Form.JSON) -> tuple[Webhook, str]:
        wanted = filters or Filters()
        return await self.store.write(self.owner, lambda tx: flow.create(tx, key=KEY, name="on-call", url=url, form=form, filters=wanted))

    async def issue(self, kind: str = "issue.created", **more: Any) -> str:
        made = issue(self.org, self.cluster, **more)

        def job(tx: Any) -> None:
            issue_rows.insert(tx, [made])
            data = {"id": made.id, "type": made.type, "severity": made.severity.value, "namespace": made.namespace}
            events.append(tx, [NewEvent(type=kind, cluster_id=self.cluster, subject_id=made.id, data=data)])

        await self.store.write(system(self.org), job)
        return made.id

    async def event(self, kind: str, subject: str, **data: Any) -> None:
        event = NewEvent(type=kind, cluster_id=self.cluster, subject_id=subject, data=data)
        await self.store.write(system(self.org), lambda tx: events.append(tx, [event]))

    async def tell(self, after_s: float = 5) -> None:
        self.clock.advance(after_s)
        for _ in range(3):
            await self.notifier.step()

    async def carry(self) -> None:
        await self.delivery_worker.step()
        await self.delivery_worker.idle()

    async def deliveries(self, hook: Webhook) -> list[Delivery]:
        page = PageRequest(size=100, descending=False)
        return await self.store.read(self.owner, lambda tx: webhooks.find_deliveries(tx, hook.id, page))

    async def kept(self, hook: Webhook) -> Webhook:
        return await self.store.read(self.owner, lambda tx: webhooks.get(tx, hook.id))


def issue(org: OrgId, cluster: str, **more: Any) -> Issue:
    shown = Condition(
        cluster_id=cluster,
        uid="uid-web-1",
        fingerprint=ids.new("iss"),
        type="OOMKilled",
        kind="Pod",
        namespace="shop",
        name="web-1",
        subject_kind="Deployment.apps",
        subject_namespace="shop",
        subject_name="web",
        part="api",
        severity=Severity.HIGH,
        title="Container api was killed for memory",
        category="memory",
        since=NOON,
        opens_at=NOON,
        expires_at=None,
        resolve_after_s=120,
    )
    made = lifecycle.open_issue([shown], id=ids.new("iss"), org_id=org, occurrences=1, now=NOON, preexisting=False, previous=None)
    return replace(made, **more)


@pytest.fixture
async def world(store: Store, clock: FakeClock, org: OrgId, actor: ActorMaker) -> AsyncIterator[World]:
    sender = SenderOnDemand(private=LOOPBACK)
    yield World(store, clock, org, actor(), sender)
    await sender.close()


async def test_an_issue_is_delivered_once_and_its_signature_verifies(world: World, receiver: Receiver) -> None:
    hook, secret = await world.hook(receiver.url)
    issue_id = await world.issue()
    await world.tell()
    await world.tell()
    await world.carry()
    await world.carry()
    [(headers, body)] = receiver.got
    assert int(headers["webhook-timestamp"]) == int(world.clock.now().timestamp())
    verified = _verified(secret, headers, body)
    assert verified["type"] == "issue.created"
    assert verified["data"]["id"] == issue_id
    assert verified["data"]["url"] == f"https://optral.example/issues/{issue_id}"
    [kept] = await world.deliveries(hook)
    assert (kept.status, kept.answered, kept.id) == (Outcome.DELIVERED, 204, headers["webhook-id"])


def _verified(secret: str, headers: dict[str, str], body: bytes) -> Any:
    """What the specification's verifier makes of it; our clock stands in the past, so the time is judged apart."""

    class Timeless(Verifier):
        def _Webhook__verify_timestamp(self, timestamp_header: str) -> Any:
            return datetime.fromtimestamp(float(timestamp_header), tz=UTC)

    return Timeless(secret).verify(body, headers)


@pytest.mark.parametrize(
    "more",
    [
        {"parent_issue_id": "iss_parent"},
        {"substatus": "preexisting"},
        {"substatus": "muted"},
        {"substatus": "snoozed"},
        {"type": "ImageTagLatest"},
    ],
)
async def test_symptoms_and_what_was_put_aside_are_silent(world: World, receiver: Receiver, more: dict[str, Any]) -> None:
    if "substatus" in more:
        more = {"substatus": Substatus(more["substatus"])}
    hook, _ = await world.hook(receiver.url)
    await world.issue(**more)
    await world.tell(90)
    assert await world.deliveries(hook) == []


async def test_a_symptom_that_outlived_its_root_is_delivered_as_new(world: World, receiver: Receiver) -> None:
    hook, _ = await world.hook(receiver.url)
    await world.issue("issue.updated")
    await world.tell()
    assert await world.deliveries(hook) == []
    made = issue(world.org, world.cluster)
    await world.store.write(system(world.org), lambda tx: issue_rows.insert(tx, [made]))
    await world.event("issue.updated", made.id, changes={"parentIssueId": {"from": "iss_parent", "to": None}})
    await world.tell()
    assert [one.event for one in await world.deliveries(hook)] == ["issue.created"]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": {"from": "resolved", "to": "open"}, "substatus": {"from": "ongoing", "to": "regressed"}},
        {"substatus": {"from": "snoozed", "to": "ongoing"}},
        {"substatus": {"from": "muted", "to": "new"}},
        {"severity": {"from": "medium", "to": "high"}},
    ],
)
async def test_a_reopened_issue_is_delivered_to_webhooks_without_updates(world: World, receiver: Receiver, changes: dict[str, Any]) -> None:
    wanted = Filters(min_severity=Severity.HIGH)
    hook, _ = await world.hook(receiver.url, filters=wanted)
    every, _ = await world.hook(receiver.url, filters=replace(wanted, events=wanted.events | {"issue.updated"}))
    issue_id = await world.issue("cluster.updated")
    await world.event("issue.updated", issue_id, changes={"title": {"from": "a", "to": "b"}})
    await world.event("issue.updated", issue_id, changes=changes)
    await world.tell()
    assert [one.event for one in await world.deliveries(hook)] == ["issue.created"]
    assert [one.event for one in await world.deliveries(every)] == ["issue.updated", "issue.updated"]


@pytest.mark.parametrize(
    "changes",
    [
        {"substatus": {"from": "snoozed", "to": "muted"}},
        {"severity": {"from": "high", "to": "critical"}},
        {"status": {"from": "open", "to": "acknowledged"}},
    ],
)
async def test_what_is_no_beginning_is_not_told_as_one(world: World, receiver: Receiver, changes: dict[str, Any]) -> None:
    hook, _ = await world.hook(receiver.url, filters=Filters(min_severity=Severity.HIGH))
    await world.event("issue.updated", await world.issue("cluster.updated"), changes=changes)
    await world.tell()
    assert await world.deliveries(hook) == []


@pytest.mark.parametrize(
    "more",
    [{"parent_issue_id": "iss_parent"}, {"mute_rule_id": "mut_rule"}, {"severity": Severity.LOW}],
    ids=["symptom", "muted", "milder"],
)
async def test_a_webhook_that_got_the_opening_gets_the_resolution(world: World, receiver: Receiver, more: dict[str, Any]) -> None:
    hook, _ = await world.hook(receiver.url, filters=Filters(min_severity=Severity.HIGH))
    told = await world.issue()
    await world.tell()
    kept = replace(await world.store.read(world.owner, lambda tx: issue_rows.get(tx, told)), **more)
    await world.store.write(world.owner, lambda tx: issue_rows.update(tx, [kept]))
    await world.event("issue.resolved", told, resolution="recovered")
    await world.issue("issue.resolved", **more)
    await world.tell()
    assert [(one.event, one.subject_id) for one in await world.deliveries(hook)] == [("issue.created", told), ("issue.resolved", told)]


async def test_what_comes_back_waits_for_its_cause_too(world: World, receiver: Receiver) -> None:
    hook, _ = await world.hook(receiver.url)
    await world.event("issue.updated", await world.issue("cluster.updated"), changes={"status": {"from": "resolved", "to": "open"}})
    await world.tell(1)
    assert await world.deliveries(hook) == []
    await world.tell(3)
    assert len(await world.deliveries(hook)) == 1


async def test_an_issue_waits_for_its_cause_and_longer_in_a_storm(world: World, receiver: Receiver) -> None:
    hook, _ = await world.hook(receiver.url)
    await world.issue()
    await world.tell(1)
    assert await world.deliveries(hook) == []
    await world.tell(3)
    assert len(await world.deliveries(hook)) == 1
    for _ in range(dispatch.STORM_ISSUES + 1):
        await world.issue()
    await world.tell(30)
    assert len(await world.deliveries(hook)) == 1
    await world.tell(31)
    assert len(await world.deliveries(hook)) == dispatch.STORM_ISSUES + 2


async def test_only_what_the_filters_want_is_delivered(world: World, receiver: Receiver) -> None:
    critical, _ = await world.hook(receiver.url, filters=Filters(min_severity=Severity.CRITICAL))
    offline, _ = await world.hook(receiver.url, filters=Filters(events=frozenset({"cluster.offline"})))
    await world.issue(severity=Severity.MEDIUM)
    await world.issue(severity=Severity.CRITICAL)
    await world.event("cluster.offline", world.cluster, name="prod")
    await world.tell()
    assert [len(await world.deliveries(one)) for one in (critical, offline)] == [1, 1]


async def test_what_happened_before_a_webhook_was_made_or_while_it_was_off_is_not_told(world: World, receiver: Receiver) -> None:
    await world.issue()
    hook, _ = await world.hook(receiver.url)
    await world.store.write(world.owner, lambda tx: flow.change(tx, hook.id, key=KEY, is_enabled=False))
    await world.issue()
    await world.tell()
    await world.store.write(world.owner, lambda tx: flow.change(tx, hook.id, key=KEY, is_enabled=True))
    await world.tell()
    assert await world.deliveries(hook) == []
    told = await world.issue()
    await world.tell()
    assert [one.subject_id for one in await world.deliveries(hook)] == [told]


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


class Hanging:
    """A sender that gets no answer from some addresses until `close`."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self._closed = asyncio.Event()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.sent.append(url)
        if "hangs" in url:
            await self._closed.wait()
        return Answer(status=204)

    async def close(self) -> None:
        self._closed.set()

    async def until(self, url: str, delivery_worker: DeliveryWorker) -> None:
        """Let the delivery worker run until something was sent there."""
        async with asyncio.timeout(30):
            while url not in self.sent:
                await delivery_worker.step()
                await asyncio.sleep(0.001)


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
    assert len([one for one in sender.sent if "hangs" in one]) <= dispatch.FLYING_OF_ORG
    await sender.close()
    await delivery_worker.idle()


async def test_a_long_backlog_of_one_organisation_hides_no_other(world: World, store: Store, clock: FakeClock) -> None:
    sender = Hanging()
    delivery_worker = DeliveryWorker(store, clock, key=KEY, sender=sender)
    hook, _ = await world.hook("https://hangs.example/")
    for _ in range(2 * dispatch.FLYING + 10):
        await world.store.write(world.owner, lambda tx: flow.test(tx, hook.id))
    clock.advance(1)
    org = await new_org(store, clock, name="Other")
    other = World(store, clock, org, replace(world.owner, org_id=org), sender)
    works, _ = await other.hook("https://works.example/")
    await store.write(other.owner, lambda tx: flow.test(tx, works.id))
    await delivery_worker.step()
    await sender.until("https://works.example/", delivery_worker)
    assert sender.sent.count("https://hangs.example/") <= dispatch.FLYING_TO_ONE
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
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [one["event"] for one in logs] == ["deliveries.deferred", "deliveries.recovered"]


async def test_a_delivery_that_breaks_the_delivery_worker_rests_alone(world: World) -> None:
    sender = Hanging()
    broken, _ = await world.hook("https://broken.example/")
    whole, _ = await world.hook("https://works.example/")
    for hook in (broken, whole):
        await world.store.write(world.owner, lambda tx, one=hook.id: flow.test(tx, one))
    spoil = sa.update(webhook_rows).where(webhook_rows.c.org_id == world.org, webhook_rows.c.id == broken.id).values(filters={})
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


async def test_both_secrets_sign_for_a_day_after_a_roll(world: World, receiver: Receiver) -> None:
    hook, old = await world.hook(receiver.url)
    _, new = await world.store.write(world.owner, lambda tx: flow.roll(tx, hook.id, key=KEY))
    await world.issue()
    await world.tell()
    await world.carry()
    for secret in (old, new):
        _verified(secret, *receiver.got[0])
    world.clock.advance(timedelta(hours=25).total_seconds())
    await world.issue()
    await world.tell()
    await world.carry()
    _verified(new, *receiver.got[1])
    with pytest.raises(Exception, match="signature"):
        _verified(old, *receiver.got[1])


async def test_a_message_for_people_names_what_is_wrong_and_mentions_nobody(world: World, receiver: Receiver) -> None:
    await world.hook(receiver.url, form=Form.SLACK)
    await world.issue(title="Container <!channel> of web & api", severity=Severity.CRITICAL)
    await world.tell()
    await world.carry()
    message = json.loads(receiver.got[0][1])
    assert "&lt;!channel&gt; of web &amp; api" in message["text"]
    assert "<!channel>" not in json.dumps(message)
    assert "https://optral.example/issues/" in message["blocks"][0]["text"]["text"]


async def test_a_message_for_people_is_never_longer_than_they_take(world: World, receiver: Receiver) -> None:
    await world.hook(receiver.url, form=Form.SLACK, filters=Filters(events=frozenset({"issue.created", "analysis.ready"})))
    issue_id = await world.issue(title="one\n✅ *Issue resolved*: " + "<&>" * 2000)
    await world.event("analysis.ready", issue_id, rootCause="c" * 4000, confidence=0.9)
    await world.tell()
    await world.carry()
    assert len(receiver.got) == 2
    for _, body in receiver.got:
        text = json.loads(body)["blocks"][0]["text"]["text"]
        assert len(text) <= 3000
        assert text.splitlines()[0].endswith(">") and "one ✅" in text.splitlines()[0]


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
    await world.store.write(world.owner, lambda tx: flow.change(tx, hook.id, key=KEY, is_enabled=False))
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
    await with_a_judge_within(world, hook, monkeypatch, lambda tx: flow.change(tx, hook.id, key=KEY, is_enabled=False))
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


async def test_a_test_message_is_sent_also_by_a_webhook_that_is_off(world: World, receiver: Receiver) -> None:
    hook, secret = await world.hook(receiver.url)
    await world.store.write(world.owner, lambda tx: flow.change(tx, hook.id, key=KEY, is_enabled=False))
    await world.store.write(world.owner, lambda tx: flow.test(tx, hook.id))
    await world.carry()
    assert _verified(secret, *receiver.got[0])["type"] == "webhook.test"


async def test_a_delivery_worker_that_died_is_replaced_after_a_minute(world: World, receiver: Receiver) -> None:
    hook, _ = await world.hook(receiver.url)
    await world.issue()
    await world.tell()
    [one] = await world.deliveries(hook)
    assert await world.store.write(system(world.org), lambda tx: webhooks.claim(tx, one.id)) is not None
    await world.carry()
    assert receiver.got == []
    world.clock.advance(61)
    await world.carry()
    assert len(receiver.got) == 1


async def test_an_answer_that_comes_after_the_lease_changes_nothing(world: World, receiver: Receiver) -> None:
    hook, _ = await world.hook(receiver.url)
    await world.issue()
    await world.tell()
    [one] = await world.deliveries(hook)
    held = await world.store.write(system(world.org), lambda tx: webhooks.claim(tx, one.id))
    assert held is not None
    world.clock.advance(61)
    await world.carry()
    late = await world.store.write(system(world.org), lambda tx: webhooks.record(tx, held[1], Answer(status=500), chance=0.5))
    assert late is None
    assert [kept.status for kept in await world.deliveries(hook)] == [Outcome.DELIVERED]


async def test_two_notifiers_make_one_delivery(world: World, receiver: Receiver) -> None:
    hook, _ = await world.hook(receiver.url)
    await world.issue()
    world.clock.advance(5)
    await asyncio.gather(world.notifier.step(), Notifier(world.store, world.clock).step())
    assert len(await world.deliveries(hook)) == 1


async def test_the_address_and_the_secret_rest_sealed(world: World, receiver: Receiver) -> None:
    hook, secret = await world.hook(receiver.url + "?token=hush")
    kept = await world.kept(hook)
    assert b"hush" not in kept.target and secret.encode() not in kept.target
    assert webhooks.opened(kept, key=KEY) == Target(receiver.url + "?token=hush", secret)
    with pytest.raises(Refused):
        webhooks.opened(kept, key=b"x" * 32)


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(lambda hook: sealed.seal(b"{}", key=b"x" * 32, binding=hook), id="another key"),
        pytest.param(lambda hook: b"", id="empty"),
        pytest.param(lambda hook: b"cut off", id="cut off"),
        pytest.param(lambda hook: sealed.seal(b"no json", key=KEY, binding=hook), id="no json"),
        pytest.param(lambda hook: sealed.seal(b'{"url": 1}', key=KEY, binding=hook), id="no target"),
        pytest.param(lambda hook: sealed.seal(b'{"url": "http://a/", "secret": "whsec_?"}', key=KEY, binding=hook), id="no secret"),
    ],
)
async def test_what_cannot_be_unsealed_fails_at_once_and_says_so(world: World, receiver: Receiver, target: Callable[[str], bytes]) -> None:
    hook, _ = await world.hook(receiver.url)
    spoil = sa.update(webhook_rows).where(webhook_rows.c.org_id == world.org, webhook_rows.c.id == hook.id).values(target=target(hook.id))
    await world.store.write(system(world.org), lambda tx: tx.execute(spoil) and None)
    await world.store.write(world.owner, lambda tx: flow.test(tx, hook.id))
    await world.carry()
    [one] = await world.deliveries(hook)
    assert (one.status, one.error, one.due_at, one.attempts) == (Outcome.FAILED, "unreadable", None, 1)
    assert receiver.got == [] and (await world.kept(hook)).failing_since is None


async def test_another_organisation_sees_and_gets_nothing(world: World, receiver: Receiver, store: Store, clock: FakeClock) -> None:
    hook, _ = await world.hook(receiver.url)
    other = await new_org(store, clock, name="Other")
    with pytest.raises(NotFound):
        await store.read(system(other), lambda tx: webhooks.get(tx, hook.id))
