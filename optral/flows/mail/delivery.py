"""The delivery of e-mail: one message after another over one connection, and a pause while the relay fails for all of them."""

import random
from collections import Counter

import structlog

from optral.flows import loops
from optral.kit.clock import Clock
from optral.kit.hub import ANY
from optral.mail import model, service as mail
from optral.mail.model import Answer, Envelope, Message, Outcome
from optral.mail.sender import Sender
from optral.store.store import Store
from optral.terms import actor
from optral.terms.errors import Unavailable
from optral.terms.ids import OrgId

AT_ONCE = 50
LOOK_EVERY_S = 2.0
_RELAY = "relay"
_log = structlog.get_logger(__name__)


class MailWorker:
    """Own `run` as a task. `key` opens sealed content; `sender` is how messages leave."""

    def __init__(self, store: Store, clock: Clock, *, key: bytes, sender: Sender) -> None:
        self._store, self._clock, self._key, self._sender = store, clock, key, sender
        self._chance = random.Random()  # noqa: S311 - only spreads attempts over time
        self.retries = loops.retries("mail", clock, _log)
        self.outcomes: Counter[str] = Counter()
        """Attempts since the start: sent, retried, failed."""

    async def run(self) -> None:
        try:
            with self._store.hubs[mail.QUEUED].follow(ANY) as follower:
                await self.retries.repeat(self.step, follower)
        finally:
            await self._sender.close()

    async def step(self) -> float:
        """Send what is due, until the relay fails for all; seconds until more is due (at most 2)."""
        for org_id, message_id in await self._store.read(actor.system(), lambda tx: mail.due(tx, limit=AT_ONCE)):
            if (rest_s := self.retries.wait_s(_RELAY)) > 0:
                return min(LOOK_EVERY_S, rest_s)
            await self._deliver(OrgId(org_id), message_id)
        upcoming = await self._store.read(actor.system(), mail.next_due)
        if upcoming is None:
            return LOOK_EVERY_S
        return min(LOOK_EVERY_S, max(0.05, (upcoming - self._clock.now()).total_seconds()))

    async def _deliver(self, org_id: OrgId, message_id: str) -> None:
        who = actor.system(org_id)
        message = await self._store.write(who, lambda tx: mail.claim(tx, message_id))
        if message is None:
            return
        answer = await self._send(message)
        self._note(answer)
        chance = self._chance.random()
        after = await self._store.write(who, lambda tx: mail.record(tx, message, answer, chance=chance))
        if after is not None:
            self.outcomes["retried" if after.status is Outcome.PENDING else after.status.value] += 1
            if after.status is Outcome.FAILED:
                _log.warning("mail.failed", message=message.id, kind=message.kind.value, error=after.error)

    async def _send(self, message: Message) -> Answer:
        try:
            if (content := mail.opened(message, key=self._key)) is not None:
                at = message.created_at
                return await self._sender.send(Envelope(id=message.id, recipient=message.recipient, content=content, created_at=at))
        except ValueError:  # damaged, or no message can be made of it
            _log.exception("mail.unreadable", message=message.id)
        return Answer(text=model.UNREADABLE)

    def _note(self, answer: Answer) -> None:
        if answer.is_of_relay:
            self.retries.failed(_RELAY, Unavailable(log=answer.error))
        else:
            self.retries.succeeded(_RELAY)
