"""The port through which messages leave, and the sender that loads SMTP with the first of them."""

import asyncio
from typing import TYPE_CHECKING, Protocol

from optral.mail.model import Answer, Envelope, Relay

if TYPE_CHECKING:
    from optral.mail.smtp import SmtpSender


class Sender(Protocol):
    """The port that tests replace."""

    async def send(self, envelope: Envelope) -> Answer:
        """Try once; never raises for what the relay does."""
        ...

    async def close(self) -> None:
        """End the connection; the next message opens another."""
        ...


class SenderOnDemand:
    """An `SmtpSender` that is created, and whose module is loaded, with the first message; most servers send few."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._sender: SmtpSender | None = None
        self._opening = asyncio.Lock()

    async def send(self, envelope: Envelope) -> Answer:
        async with self._opening:
            if self._sender is None:
                self._sender = await asyncio.to_thread(_smtp_sender, self._relay)
        return await self._sender.send(envelope)

    async def close(self) -> None:
        if self._sender is not None:
            await self._sender.close()


def _smtp_sender(relay: Relay) -> "SmtpSender":
    from optral.mail.smtp import SmtpSender

    return SmtpSender(relay)
