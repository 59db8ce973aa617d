"""Sends messages over SMTP: one connection, TLS as configured, at most 30 seconds for each message.

The relay signs (DKIM) and decides which senders it accepts. The text of its replies is kept, on one line; the password never is.
"""

import asyncio
import ssl
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

import aiosmtplib
from aiosmtplib import errors

from optral.kit.printable import one_line
from optral.mail.model import MAX_ERROR, Answer, Envelope, Relay

TIMEOUT_S = 10.0  # for one command
WHOLE_S = 30.0
_FAILURES = (errors.SMTPException, OSError, TimeoutError)


class SmtpSender:
    """Messages leave one after another. Own one per process and close it."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._client: aiosmtplib.SMTP | None = None
        self._turn = asyncio.Lock()

    async def send(self, envelope: Envelope) -> Answer:
        try:
            async with asyncio.timeout(WHOLE_S), self._turn:
                return await self._try(envelope)
        except TimeoutError as failure:
            return _answer(failure, is_of_relay=True)

    async def check(self) -> Answer:
        """Connect and sign in, and send nothing."""
        try:
            async with asyncio.timeout(WHOLE_S), self._turn:
                await self._connected()
                return Answer(code=250)
        except _FAILURES as failure:
            self._drop()
            return _answer(failure, is_of_relay=True)

    async def close(self) -> None:
        async with self._turn:
            if self._client is not None and self._client.is_connected:
                with suppress(*_FAILURES):
                    await self._client.quit(timeout=1.0)
            self._drop()

    async def _try(self, envelope: Envelope) -> Answer:
        is_sent = False
        try:
            client = await self._connected()
        except _FAILURES as failure:
            self._drop()
            return _answer(failure, is_of_relay=True)
        try:
            answer = await _send(client, envelope, sender=self._relay.sender)
            is_sent = answer.is_sent
            return answer
        except _FAILURES as failure:
            return _answer(failure, is_of_relay=isinstance(failure, (errors.SMTPSenderRefused, OSError)))
        finally:
            if not is_sent:
                self._drop()  # its state is unknown

    async def _connected(self) -> aiosmtplib.SMTP:
        """A connection that answers: the existing one, which the relay may have closed, or a new one."""
        if self._client is not None:
            try:
                await self._client.noop()
            except _FAILURES:
                self._drop()
            else:
                return self._client
        relay = self._relay
        self._client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            timeout=TIMEOUT_S,
            use_tls=relay.tls == "tls",
            start_tls=relay.tls == "starttls",
            tls_context=None if relay.tls == "none" else ssl.create_default_context(),
            username=relay.username or None,
            password=relay.password or None,
        )
        await self._client.connect()
        return self._client

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


async def _send(client: aiosmtplib.SMTP, envelope: Envelope, *, sender: str) -> Answer:
    is_ascii = envelope.recipient.isascii()
    if not is_ascii and not client.supports_extension("smtputf8"):
        return Answer(code=553, text="the relay accepts no address with these characters (SMTPUTF8)")
    options = [] if is_ascii else ["SMTPUTF8", "BODY=8BITMIME"]
    sent = message(envelope, sender=sender).as_bytes()
    _, text = await client.sendmail(Address(addr_spec=sender).addr_spec, [envelope.recipient], sent, mail_options=options)
    return Answer(code=250, text=one_line(text, most=MAX_ERROR))


def message(envelope: Envelope, *, sender: str) -> EmailMessage:
    """The message as it leaves."""
    content = envelope.content
    sent = EmailMessage(policy=SMTP if envelope.recipient.isascii() else SMTPUTF8)
    sent["From"] = Address("Optral", addr_spec=sender)
    sent["To"] = envelope.recipient
    sent["Subject"] = one_line(content.subject, most=200)
    sent["Date"] = format_datetime(envelope.created_at)
    sent["Message-ID"] = f"<{envelope.id}@{sender.rpartition('@')[2]}>"
    sent["Auto-Submitted"] = "auto-generated"
    sent.set_content(content.text)
    sent.add_alternative(content.html, subtype="html")
    return sent


def _answer(failure: Exception, *, is_of_relay: bool) -> Answer:
    if isinstance(failure, errors.SMTPRecipientsRefused):
        failure = failure.recipients[0]
    if isinstance(failure, errors.SMTPResponseException):
        return Answer(code=failure.code, text=one_line(failure.message, most=MAX_ERROR), is_of_relay=is_of_relay)
    return Answer(text=_reason(failure), is_of_relay=is_of_relay)


def _reason(failure: Exception) -> str:
    if isinstance(failure, ssl.SSLCertVerificationError):
        return f"the certificate of the relay is not valid: {failure.verify_message}"
    if isinstance(failure, TimeoutError):
        return "the relay did not answer in time"
    return one_line(str(failure) or type(failure).__name__, most=MAX_ERROR)
