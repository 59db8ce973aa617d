"""A webhook of the form `email` sends issues to an address, with the filters, order and attempts of every other form."""

from collections.abc import AsyncIterator

import pytest

from optral.flows.webhooks.delivery import DeliveryWorker
from optral.mail.sender import SenderOnDemand
from optral.terms.errors import Invalid
from optral.webhooks.model import Form, Outcome
from optral.webhooks.sender import SenderOnDemand as HttpOnDemand
from tests.flows.webhooks.deliveries import KEY, World
from tests.support.mailserver import MailServer, mail_server

TO = "mailto:ops@example.com"


@pytest.fixture
async def server(world: World) -> AsyncIterator[MailServer]:
    """The mail server to which the world's e-mail goes."""
    async with mail_server() as server:
        mailer = SenderOnDemand(server.relay())
        world.delivery_worker = DeliveryWorker(world.store, world.clock, key=KEY, sender=HttpOnDemand(), mailer=mailer)
        yield server
        await mailer.close()


async def test_an_issue_arrives_as_text_and_html_with_its_link(world: World, server: MailServer) -> None:
    hook, _ = await world.hook(TO, form=Form.EMAIL)
    issue = await world.issue()
    await world.tell()
    await world.carry()
    [sent] = server.got
    assert sent["To"] == "ops@example.com" and sent["Subject"] == "New issue: Container api was killed for memory"
    text, html = sent.get_body(("plain",)), sent.get_body(("html",))
    assert text is not None and html is not None
    for shown in (text.get_content(), html.get_content()):
        assert f"https://optral.example/issues/{issue}" in shown and "severity high" in shown
    [delivery] = await world.deliveries(hook)
    assert (delivery.status, delivery.answered) == (Outcome.DELIVERED, 250)
    assert hook.shown_url == TO


async def test_what_the_server_refuses_for_good_fails_and_what_it_refuses_for_now_is_sent_later(world: World, server: MailServer) -> None:
    hook, _ = await world.hook(TO, form=Form.EMAIL)
    server.rcpt = ["451 greylisted", "550 no such user"]
    for _ in range(2):
        await world.issue()
    await world.tell()
    await world.carry()
    waiting, refused = sorted(await world.deliveries(hook), key=lambda one: one.status, reverse=True)
    assert (waiting.status, waiting.answered) == (Outcome.PENDING, 451)
    assert (refused.status, refused.answered, refused.error) == (Outcome.FAILED, 550, "refused_recipient")
    world.clock.advance(10)
    await world.carry()
    assert len(server.got) == 1


async def test_a_server_that_lost_its_relay_keeps_what_waits(world: World) -> None:
    hook, _ = await world.hook(TO, form=Form.EMAIL)
    await world.issue()
    await world.tell()
    await world.carry()
    [delivery] = await world.deliveries(hook)
    assert (delivery.status, delivery.error) == (Outcome.PENDING, "no_mail_server")


async def test_a_storm_is_twenty_messages_and_a_digest(world: World, server: MailServer) -> None:
    await world.hook(TO, form=Form.EMAIL)
    for number in range(30):
        await world.issue(title=f"Issue {number}")
    await world.tell(70)
    for _ in range(40):
        world.clock.advance(2)
        await world.carry()
    subjects = [one["Subject"] for one in server.got]
    assert len(subjects) == 21 and subjects[-1] == "New issues: 10 more issues"


async def test_a_test_message_arrives(world: World, server: MailServer) -> None:
    from optral.flows.webhooks import manage

    hook, _ = await world.hook(TO, form=Form.EMAIL)
    await world.store.write(world.owner, lambda tx: manage.test(tx, hook.id))
    await world.carry()
    assert [one["Subject"] for one in server.got] == ["Test: notifications of the webhook on-call arrive here"]
    assert "This is a test. No action is needed." in server.got[0].get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    "url", ["https://example.com/in", "ops@example.com", "mailto:a@example.com,b@example.com", "mailto:a@b.com?bcc=c@d.com\r\n"]
)
async def test_an_address_that_is_none_is_refused(world: World, url: str) -> None:
    with pytest.raises(Invalid):
        await world.hook(url, form=Form.EMAIL)
