"""E-mail over HTTP and on the command line: a test is queued, and the list says what became of it but never what it says."""

import asyncio

from optral.flows.mail.delivery import MailWorker
from optral.mail.sender import SenderOnDemand
from optral.mail.service import Outbox
from optral.store.store import Store
from tests.api.conftest import Api, running
from tests.cli.test_detectors import run
from tests.support.clock import FakeClock
from tests.support.mailserver import mail_server

KEY = b"k" * 32
LINK = "https://optral.example"


async def test_a_test_message_is_queued_sent_and_listed(api: Api) -> None:
    api.services.outbox = Outbox(KEY, LINK)
    queued = await api("POST", "/v1/mail/test", json={"recipient": "ops@example.com"})
    assert (queued.status_code, queued.json()["status"], queued.json()["recipient"]) == (202, "pending", "ops@example.com")
    async with mail_server() as server:
        sender = SenderOnDemand(server.relay())
        await MailWorker(api.store, api.clock, key=KEY, sender=sender).step()
        await sender.close()
    [message] = (await api.get("/v1/mail")).json()["messages"]
    assert (message["status"], message["kind"]) == ("sent", "test")
    assert LINK not in str(message) and not message.keys() & {"content", "text", "html"}
    [record] = (await api.get("/v1/audit?action=mail.test")).json()["audit"]
    assert record["summary"] == "sent a test message to ops@example.com"


async def test_a_server_without_a_relay_says_which_setting_is_missing(api: Api) -> None:
    answer = await api("POST", "/v1/mail/test", json={"recipient": "ops@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (409, "mail_not_configured")
    assert "OPTRAL_SMTP_HOST" in answer.json()["detail"]


async def test_an_address_that_would_add_to_a_header_is_refused(api: Api) -> None:
    api.services.outbox = Outbox(KEY, LINK)
    for address in ("ops@example.com\r\nBcc: a@example.com", "a@example.com,b@example.com", "<a@example.com>"):
        assert (await api("POST", "/v1/mail/test", json={"recipient": address})).status_code in (400, 422)


async def test_the_command_line_shows_the_outcome(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api, mail_server() as server:
        api.services.outbox = Outbox(KEY, LINK)
        server.rcpt = ["550 no such user"]
        sender = SenderOnDemand(server.relay())
        worker = MailWorker(store, clock, key=KEY, sender=sender)
        sending = asyncio.create_task(worker.run())
        try:
            assert "550 no such user" in str(await run(api, "mail", "test", "nobody@example.com", code=1))
            sent = await run(api, "mail", "test", "ops@example.com")
        finally:
            sending.cancel()
    assert sent["status"] == "sent" and server.recipients == ["ops@example.com"]


async def test_a_webhook_of_the_form_email_needs_a_relay_and_shows_its_address(api: Api) -> None:
    body = {"name": "night", "form": "email", "url": "mailto:night@example.com"}
    assert (await api("POST", "/v1/webhooks", json=body)).json()["code"] == "mail_not_configured"
    api.services.outbox = Outbox(KEY, LINK)
    made = await api("POST", "/v1/webhooks", json=body)
    assert (made.status_code, made.json()["url"]) == (201, "mailto:night@example.com")
    assert (await api("POST", "/v1/webhooks", json={**body, "url": "https://example.com/in"})).status_code == 422
