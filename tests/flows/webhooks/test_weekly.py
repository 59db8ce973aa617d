"""The weekly digest: written once for each Monday, of the issues that the webhook lets through, and sent as text and HTML."""

from collections.abc import AsyncIterator

import pytest

from optral.flows.webhooks.delivery import DeliveryWorker
from optral.flows.webhooks.weekly import WeeklyDigests
from optral.mail.sender import SenderOnDemand
from optral.store.store import Store
from optral.terms.errors import Invalid
from optral.terms.ids import OrgId
from optral.webhooks import model
from optral.webhooks.model import Filters, Form
from optral.webhooks.sender import SenderOnDemand as HttpOnDemand
from tests.conftest import ActorMaker
from tests.flows.webhooks.deliveries import KEY, World
from tests.support.clock import FakeClock
from tests.support.mailserver import MailServer, mail_server

WEEK_S = 7 * 24 * 3600
TO = "mailto:pay@example.com"


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
async def world(store: Store, clock: FakeClock, org: OrgId, actor: ActorMaker, server: MailServer) -> AsyncIterator[World]:
    world = World(store, clock, org, actor(), HttpOnDemand())
    mailer = SenderOnDemand(server.relay())
    world.delivery_worker = DeliveryWorker(store, clock, key=KEY, sender=HttpOnDemand(), mailer=mailer)
    yield world
    await mailer.close()


async def test_each_monday_has_one_digest_of_what_the_webhook_lets_through(world: World, server: MailServer) -> None:
    filters = Filters(events=frozenset({model.WEEKLY}), query="ns:shop")
    hook, _ = await world.hook(TO, form=Form.EMAIL, filters=filters)
    shown, _ = await world.issue(title="Container api was killed"), await world.issue(title="Not ours", namespace="till")
    workers = [WeeklyDigests(world.store, world.clock, link="https://optral.example") for _ in range(2)]
    for worker in workers:
        await worker.step()
    assert not await world.deliveries(hook), "no Monday has passed"
    assert hook.digest_at is not None and (hook.digest_at.weekday(), hook.digest_at.hour) == (0, 7)
    world.clock.advance((hook.digest_at - world.clock.now()).total_seconds())
    for worker in workers * 2:
        await worker.step()
    await world.carry()
    [sent] = server.got
    assert sent["Subject"].startswith("Digest of 7 days until") and sent["Subject"].endswith("ns:shop")
    text, html = sent.get_body(("plain",)), sent.get_body(("html",))
    assert text is not None and html is not None
    for part in (text.get_content(), html.get_content()):
        assert "Container api was killed" in part and f"https://optral.example/issues/{shown}" in part and "Not ours" not in part
        assert "Time to resolve" in part and "No alert was received." in part
    world.clock.advance(WEEK_S)
    await workers[0].step()
    await world.carry()
    assert len(server.got) == 2


async def test_a_webhook_without_the_event_gets_none(world: World, server: MailServer) -> None:
    hook, _ = await world.hook(TO, form=Form.EMAIL)
    world.clock.advance(WEEK_S)
    await WeeklyDigests(world.store, world.clock).step()
    assert not await world.deliveries(hook) and not server.got


async def test_only_email_can_have_the_event(world: World) -> None:
    with pytest.raises(Invalid, match="form email"):
        await world.hook("https://example.com/in", filters=Filters(events=frozenset({model.WEEKLY})))
