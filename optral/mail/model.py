"""Outgoing e-mail as values: a message in the outbox, and how it is retried.

A message can contain a link that signs somebody in, so its content is sealed, and deleted when the message was sent or has failed.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from optral.kit.retry import spread_s

LEASE = timedelta(minutes=2)  # a worker that died is replaced after this; longer than an attempt takes
RETRY_AFTER_S = (5, 30, 120, 600, 1800)  # the last repeats until the message expires
RELAY_RETRY_S = 30.0
MAX_ERROR = 200
UNREADABLE = "the message cannot be read: it was sealed with another key-encryption key, or is damaged"
Tls = Literal["starttls", "tls", "none"]


class Kind(StrEnum):
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a kind
    TEST = "test"


class Outcome(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a message says, as plain text and as HTML."""

    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of the outbox. `content` is sealed, and None once it was sent or has failed. `due_at` None: no more attempts.

    It is not sent after `expires_at`: a link that has expired is of no use."""

    id: str
    org_id: str
    kind: Kind
    recipient: str
    status: Outcome = Outcome.PENDING
    content: bytes | None = field(repr=False)
    attempts: int = 0
    due_at: datetime | None
    error: str | None = None
    created_at: datetime
    expires_at: datetime
    attempted_at: datetime | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The result of an attempt: the reply code and text of the relay, or what failed before there was a reply.

    `is_of_relay`: every message fails now (no connection, or the relay refuses the sign-in or the sender)."""

    code: int | None = None
    text: str = ""
    is_of_relay: bool = False

    @property
    def is_sent(self) -> bool:
        return self.code is not None and 200 <= self.code < 300

    @property
    def is_final(self) -> bool:
        """Whether another attempt is pointless. What the relay refuses for every message, the operator can fix."""
        return self.text == UNREADABLE or (self.code is not None and self.code >= 500 and not self.is_of_relay)

    @property
    def error(self) -> str:
        return f"{'' if self.code is None else self.code} {self.text}".strip()[:MAX_ERROR]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """The mail server that takes messages, and the address they are from."""

    host: str
    port: int
    tls: Tls
    sender: str
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A message that leaves. `id` is the same at every attempt: with it, mail programs recognize a message that was sent twice."""

    id: str
    recipient: str
    content: Content
    created_at: datetime


def after_attempt(message: Message, answer: Answer, *, now: datetime, chance: float) -> Message:
    """The message after an attempt: sent, due again, or failed. `chance` in 0–1 spreads the next attempt by ± 20 %.

    An attempt that fails for every message is not counted, so that messages are sent soon after the relay is back."""
    if answer.is_sent:
        counted = message.attempts + 1
        return replace(message, attempts=counted, status=Outcome.SENT, attempted_at=now, sent_at=now, due_at=None, content=None, error=None)
    wait_s = RELAY_RETRY_S if answer.is_of_relay else RETRY_AFTER_S[min(message.attempts, len(RETRY_AFTER_S) - 1)]
    failed = replace(message, attempts=message.attempts + (not answer.is_of_relay), attempted_at=now, error=answer.error)
    due_at = now + timedelta(seconds=spread_s(wait_s, chance))
    if answer.is_final or due_at >= message.expires_at:
        return replace(failed, status=Outcome.FAILED, due_at=None, content=None)
    return replace(failed, due_at=due_at)


def expired(message: Message) -> Message:
    """The message when it could not be sent in time."""
    return replace(message, status=Outcome.FAILED, due_at=None, content=None, error=message.error or "expired")
