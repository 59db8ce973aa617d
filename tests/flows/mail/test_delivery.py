"""E-mail leaves through a real SMTP server: once, soon after an outage, and never with a header that somebody smuggled in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from optral.flows.mail import messages as flow
from optral.flows.mail.delivery import MailWorker
from optral.mail import letters, service as mail
from optral.mail.model import Answer, Envelope, Kind, Message, Outcome, Relay
from optral.mail.sender import SenderOnDemand
from optral.mail.service import Outbox
from optral.store.postgres import PostgresStore, engine_for
from optral.store.store import Store
from optral.terms.errors import Invalid, Refused
from optral.terms.ids import OrgId
from tests.conftest import ActorMaker
from tests.support.clock import FakeClock
from tests.support.mailserver import PASSWORD, USER, MailServer, mail_server, self_signed

KEY = b"k" * 32
OUTBOX = Outbox(KEY, "https://optral.example")


class World:
    """An organization that sends test messages, and workers."""

    def __init__(self, store: Store, clock: FakeClock, actor: ActorMaker, stack: AsyncExitStack) -> None:
        self.store, self.clock, self.admin, self._stack = store, clock, actor(), stack

    def worker(self, relay: Relay, *, store: Store | None = None, key: bytes = KEY) -> MailWorker:
        sender = SenderOnDemand(relay)
        self._stack.push_async_callback(sender.close)
        return MailWorker(store or self.store, self.clock, key=key, sender=sender)

    async def test(self, *recipients: str) -> None:
        for recipient in recipients or ("ops@example.com",):
            await self.store.write(self.admin, lambda tx, to=recipient: flow.test(tx, OUTBOX, to))

    async def messages(self) -> list[Message]:
        """The messages, oldest first."""
        return (await self.store.read(self.admin, mail.newest))[::-1]

    async def pass_time(self, worker: MailWorker, *, minutes: int) -> None:
        for _ in range(minutes):
            self.clock.advance(60)
            await worker.step()


@pytest.fixture
async def world(store: Store, clock: FakeClock, org: OrgId, actor: ActorMaker) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        yield World(store, clock, actor, stack)


async def test_a_message_has_text_and_html_and_leaves_once(world: World) -> None:
    async with mail_server() as server:
        worker = world.worker(server.relay())
        await world.test("ops@example.com", "dev@example.com")
        await worker.step()
        await worker.step()
    assert server.recipients == ["ops@example.com", "dev@example.com"]
    assert server.connections == 1, "one connection serves a batch"
    sent = server.got[0]
    assert (sent["Subject"], sent["To"], sent["From"]) == ("Test message", "ops@example.com", "Optral <optral@example.com>")
    assert sent["Auto-Submitted"] == "auto-generated"
    text, html = sent.get_body(("plain",)), sent.get_body(("html",))
    assert text is not None and html is not None
    assert "https://optral.example" in text.get_content() and 'href="https://optral.example"' in html.get_content()
    kept = await world.messages()
    assert [(one.status, one.attempts, one.content) for one in kept] == [(Outcome.SENT, 1, None)] * 2


async def test_nothing_is_queued_on_a_server_that_sends_no_mail(world: World) -> None:
    with pytest.raises(Refused, match="OPTRAL_SMTP_HOST"):
        await world.store.write(world.admin, lambda tx: flow.test(tx, None, "ops@example.com"))


async def test_starttls_and_the_sign_in(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusted = self_signed(tmp_path)
    server = MailServer()
    async with mail_server(server, context=context, authenticator=server.authenticate, auth_required=True):
        relay = server.relay(tls="starttls", username=USER, password=PASSWORD)
        await world.test()
        await world.worker(relay).step()
        [untrusted] = await world.messages()
        assert "certificate of the relay is not valid" in (untrusted.error or "")
        assert not server.users, "no password is sent to a server that cannot prove who it is"
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        world.clock.advance(60)
        await world.worker(server.relay(tls="starttls", username=USER, password="wrong")).step()
        [refused] = await world.messages()
        assert refused.status is Outcome.PENDING and (refused.error or "").startswith("535")
        world.clock.advance(60)
        await world.worker(relay).step()
    assert server.was_tls == [True]
    assert [(one.status, one.error) for one in await world.messages()] == [(Outcome.SENT, None)]


async def test_a_server_without_starttls_gets_nothing(world: World) -> None:
    async with mail_server() as server:
        await world.test()
        await world.worker(server.relay(tls="starttls")).step()
    assert not server.got
    [kept] = await world.messages()
    assert kept.status is Outcome.PENDING and kept.error


async def test_what_is_refused_for_now_is_sent_later_and_what_is_refused_for_good_fails_with_the_reason(world: World) -> None:
    async with mail_server() as server:
        worker = world.worker(server.relay())
        server.rcpt = ["451 greylisted", "550 no such user"]
        await world.test("grey@example.com", "nobody@example.com", "ops@example.com")
        with structlog.testing.capture_logs() as logs:
            await worker.step()
        assert server.recipients == ["ops@example.com"], "one refused message delays no other"
        grey, nobody, _ = await world.messages()
        assert (grey.status, grey.error, grey.attempts) == (Outcome.PENDING, "451 greylisted", 1)
        assert (nobody.status, nobody.error, nobody.content) == (Outcome.FAILED, "550 no such user", None)
        assert [one["error"] for one in logs if one["event"] == "mail.failed"] == ["550 no such user"]
        world.clock.advance(10)
        await worker.step()
        assert server.recipients == ["ops@example.com", "grey@example.com"]
    assert worker.outcomes == {"sent": 2, "retried": 1, "failed": 1}


async def test_an_hour_without_the_relay_loses_and_doubles_nothing(world: World) -> None:
    async with mail_server() as server:
        worker = world.worker(server.relay())
    await world.store.write(
        world.admin,
        lambda tx: [
            mail.queue(tx, OUTBOX, Kind.INVITATION, f"m{n}@example.com", _content(), expires_after=timedelta(days=3)) for n in range(30)
        ],
    )
    await world.pass_time(worker, minutes=60)
    assert {one.status for one in await world.messages()} == {Outcome.PENDING}
    assert {one.attempts for one in await world.messages()} == {0}, "what the relay fails for all is counted for none"
    async with mail_server(server):
        await world.pass_time(worker, minutes=3)
    assert sorted(server.recipients) == sorted(f"m{n}@example.com" for n in range(30))


async def test_a_message_that_expired_is_not_sent(world: World) -> None:
    async with mail_server() as server:
        await world.test()
        world.clock.advance(3601)
        await world.worker(server.relay()).step()
    assert not server.got
    assert [(one.status, one.error) for one in await world.messages()] == [(Outcome.FAILED, "expired")]


async def test_a_worker_that_dies_between_sending_and_recording_sends_it_again_under_the_same_id(world: World) -> None:
    """SMTP has no way around this; mail programs recognize the second by its Message-ID."""
    async with mail_server() as server:
        await world.test()
        worker = world.worker(server.relay())
        stopped = asyncio.Event()

        async def forever(_: Message) -> Answer:
            await _sent_by(worker, _)
            stopped.set()
            await asyncio.Event().wait()
            raise AssertionError

        dying = world.worker(server.relay())
        dying._send = forever  # type: ignore[method-assign]
        task = asyncio.create_task(dying.step())
        await stopped.wait()
        task.cancel()
        await worker.step()
        assert len(server.got) == 1, "it is not due while the claim of the dead worker lasts"
        world.clock.advance(121)
        await worker.step()
        await worker.step()
    assert len(server.got) == 2
    assert server.got[0]["Message-ID"] == server.got[1]["Message-ID"]


async def test_another_key_encryption_key_fails_the_message_and_not_the_worker(world: World) -> None:
    async with mail_server() as server:
        await world.test()
        await world.worker(server.relay(), key=b"x" * 32).step()
    [kept] = await world.messages()
    assert kept.status is Outcome.FAILED and "key-encryption key" in (kept.error or "")


@pytest.mark.parametrize(
    "address",
    ["ops@example.com\r\nBcc: all@example.com", "ops@example.com, all@example.com", "Ops <ops@example.com>", "ops", "a@\u2488com"],
)
async def test_an_address_that_would_add_to_a_header_is_refused(world: World, address: str) -> None:
    with pytest.raises(Invalid, match="no e-mail can be sent"):
        await world.test(address)


async def test_a_subject_cannot_add_a_header_and_html_of_strangers_is_text(world: World) -> None:
    content = letters.content("Hello\r\nBcc: all@example.com", ["<script>alert(1)</script>"], footer="f")
    async with mail_server() as server:
        await world.store.write(
            world.admin, lambda tx: mail.queue(tx, OUTBOX, Kind.TEST, "ops@example.com", content, expires_after=timedelta(hours=1))
        )
        await world.worker(server.relay()).step()
    [sent] = server.got
    assert sent["Bcc"] is None and sent["Subject"] == "Hello  Bcc: all@example.com"
    html = sent.get_body(("html",))
    assert html is not None and "<script>" not in html.get_content()


async def test_an_international_domain_is_sent_in_ascii(world: World) -> None:
    async with mail_server() as server:
        await world.test("ops@straße.example")
        await world.worker(server.relay()).step()
    assert server.recipients == ["ops@xn--strae-oqa.example"]


@pytest.mark.parametrize("engine_name", ["postgresql"])
async def test_two_replicas_send_each_message_once(world: World, database_url: str) -> None:
    other = PostgresStore(engine_for(database_url), world.clock, loop=asyncio.get_running_loop())
    try:
        async with mail_server() as server:
            await world.test(*(f"m{n}@example.com" for n in range(20)))
            workers = [world.worker(server.relay()), world.worker(server.relay(), store=other)]
            await asyncio.gather(*(worker.step() for worker in workers))
    finally:
        await other.close()
    assert sorted(server.recipients) == sorted(f"m{n}@example.com" for n in range(20))


def _content() -> letters.Content:
    return letters.content("Digest", ["text"], footer="f")


async def _sent_by(worker: MailWorker, message: Message) -> Answer:
    content = mail.opened(message, key=KEY)
    assert content is not None
    envelope = Envelope(id=message.id, recipient=message.recipient, content=content, created_at=message.created_at)
    return await worker._sender.send(envelope)
