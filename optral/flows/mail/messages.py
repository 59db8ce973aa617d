"""What is sent by e-mail, in words."""

from datetime import timedelta

from optral.access import service as access
from optral.mail import letters, service as mail
from optral.mail.model import Kind, Message
from optral.mail.service import Outbox
from optral.store.transaction import Transaction

TEST_LIFE = timedelta(hours=1)


def test(tx: Transaction, outbox: Outbox | None, recipient: str) -> Message:
    """Queue a test message. Raises `Refused("mail_not_configured")`, `Invalid("invalid_email")`."""
    outbox = mail.required(outbox)
    blocks: list[letters.Block] = [f"The server {outbox.link} can send e-mail.", letters.Button("Open Optral", outbox.link)]
    footer = "You receive this message because an administrator sent a test."
    content = letters.content("Test message", blocks, footer=footer)
    queued = mail.queue(tx, outbox, Kind.TEST, recipient, content, expires_after=TEST_LIFE)
    access.audit(tx, action="mail.test", target=queued.id, detail={"recipient": queued.recipient})
    return queued
