"""The outbox: queue a message, claim it, record the attempt. A message is queued in the transaction of what causes it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec

from optral.kit import sealed
from optral.kit.hub import ANY, Topic
from optral.mail import model, repository
from optral.mail.model import Answer, Content, Kind, Message
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import Refused
from optral.terms.mailbox import checked_address

QUEUED: Topic[str] = Topic("mail due")
"""Published with `ANY` when a message may be due now."""
MAX_LISTED = 100
_content = msgspec.json.Decoder(Content)  # here, not in the threads of the store: two that prepare a type at once end the process


@dataclass(frozen=True, slots=True)
class Outbox:
    """How the server sends e-mail. `key` (32 bytes) seals content; `link` is the public URL of the server."""

    key: bytes = field(repr=False)
    link: str


def required(outbox: Outbox | None) -> Outbox:
    """Raises `Refused("mail_not_configured")` if the server sends no e-mail."""
    if outbox is None:
        raise Refused("mail_not_configured", say="this server sends no e-mail; set OPTRAL_SMTP_HOST and OPTRAL_SMTP_FROM (docs/email.md)")
    return outbox


def queue(tx: Transaction, outbox: Outbox, kind: Kind, recipient: str, content: Content, *, expires_after: timedelta) -> Message:
    """Queue a message; it is sent after the commit. Raises `Invalid("invalid_email")`."""
    message_id = ids.new("eml")
    message = Message(
        id=message_id,
        org_id=tx.org_id,
        kind=kind,
        recipient=checked_address(recipient),
        content=sealed.seal(msgspec.json.encode(content), key=outbox.key, binding=message_id),
        due_at=tx.now,
        created_at=tx.now,
        expires_at=tx.now + expires_after,
    )
    repository.insert(tx, message)
    tx.publish(QUEUED, ANY)
    return message


def opened(message: Message, *, key: bytes) -> Content | None:
    """The content of a message; None if another key sealed it."""
    plain = None if message.content is None else sealed.unseal(message.content, key=key, binding=message.id)
    return None if plain is None else _content.decode(plain)


def newest(tx: Transaction) -> list[Message]:
    """The newest messages of the organization, at most 100."""
    return repository.newest(tx, limit=MAX_LISTED)


def due(tx: Transaction, *, limit: int) -> list[tuple[str, str]]:
    """(organization id, message id) of the messages that are due, oldest first; of all organizations."""
    return repository.due(tx, limit=limit)


def next_due(tx: Transaction) -> datetime | None:
    """When the next message is due; of all organizations."""
    return repository.next_due(tx)


def claim(tx: Transaction, message_id: str) -> Message | None:
    """Claim a message for two minutes; None if another worker has it, or it has expired."""
    message = repository.get(tx, message_id)
    if message is None or message.due_at is None or message.due_at > tx.now:
        return None
    is_late = message.expires_at <= tx.now
    claimed = model.expired(message) if is_late else replace(message, due_at=tx.now + model.LEASE)
    return claimed if repository.save(tx, claimed, known_due_at=message.due_at) and not is_late else None


def record(tx: Transaction, claimed: Message, answer: Answer, *, chance: float) -> Message | None:
    """Record the result of an attempt; None if the claim ended meanwhile."""
    after = model.after_attempt(claimed, answer, now=tx.now, chance=chance)
    return after if repository.save(tx, after, known_due_at=claimed.due_at) else None


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` messages from before that moment, of all organizations; return how many."""
    return repository.delete_old(tx, before=before, limit=limit)
