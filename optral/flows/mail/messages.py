"""What is sent by e-mail, in words."""

from datetime import timedelta

from optral.access import people, service as access
from optral.access.people import Invite
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


def invitation(tx: Transaction, outbox: Outbox, invite: Invite, *, token: str, organisation: str, recipient: str) -> None:
    """Queue an invitation with its link."""
    link = letters.Button("Accept the invitation", f"{outbox.link}/invite#{token}")
    blocks: list[letters.Block] = [
        f"You are invited to join {organisation} in Optral as {invite.role}.",
        link,
        "The link can be used once, within seven days. With it you choose a password and join.",
    ]
    footer = f"You receive this message because a member of {organisation} invited this address. Ignore it if you do not expect it."
    content = letters.content(f"Invitation to {organisation}", blocks, footer=footer)
    mail.queue(tx, outbox, Kind.INVITATION, recipient, content, expires_after=people.INVITE_LIFE)


def password_reset(tx: Transaction, outbox: Outbox, *, token: str, organisation: str, recipient: str) -> None:
    """Queue the link with which a member sets a password."""
    blocks: list[letters.Block] = [
        f"Somebody asked to reset the password of {recipient} in {organisation}.",
        letters.Button("Set a new password", f"{outbox.link}/reset#{token}"),
        "The link can be used once, within one hour. Setting a password ends all of your sessions; API keys stay valid.",
    ]
    footer = "If it was not you, ignore this message: your password stays as it is."
    content = letters.content("Reset your password", blocks, footer=footer)
    mail.queue(tx, outbox, Kind.PASSWORD_RESET, recipient, content, expires_after=people.RESET_LIFE)
