"""The server as the screens see it: calls that never block them, and the event stream.

A call runs on a thread of its own, which does not keep the program from ending, and is given up after its deadline.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, TypeVar

from optral.client.client import Client
from optral.client.errors import ClientError
from optral.client.stream import Event, follow_async
from optral.terms.errors import Refused

T = TypeVar("T")
UNAUTHENTICATED = 401
DEADLINE_S = 20.0
MAX_CALLS = 8
TYPES = (
    "issue.created,issue.updated,issue.resolved,analysis.ready,cluster.online,cluster.offline,execution.updated,runbook.started,"
    "runbook.completed,approval.requested,approval.approved,approval.rejected,approval.expired"
)


class Server:
    """One server and one key. `url` is shown, and says with the key where the events come from."""

    def __init__(self, client: Client, url: str, api_key: str) -> None:
        self.client, self.url, self._api_key = client, url.rstrip("/"), api_key
        self._slots = asyncio.Semaphore(MAX_CALLS)

    def events(self, tell: Callable[[bool], None]) -> AsyncIterator[Event]:
        """Events without end; `tell` hears whether the stream is open. Raises `ClientError` when the server refuses."""
        return follow_async(self.url, self._api_key, types=TYPES, tell=tell)

    async def call(self, work: Callable[[Client], T], *, deadline_s: float = DEADLINE_S) -> T:
        """What `work` returns or raises; `ClientError` after the deadline in seconds, which includes waiting for calls in progress."""
        try:
            async with asyncio.timeout(deadline_s):
                await self._slots.acquire()
                return await self._started(work)
        except TimeoutError:
            raise ClientError("timed_out", say=f"{self.url} did not answer within {deadline_s:.0f} s") from None

    async def call_as_person(self, email: str, password: str, work: Callable[[Client], T]) -> T:
        """The same, signed in as this person for the one call."""

        def signed_in(_: Client) -> T:
            try:
                with Client.as_person(self.url, email, password) as person:
                    return work(person)
            except ClientError as error:
                if error.status != UNAUTHENTICATED:
                    raise
                raise Refused(error.code, say=error.say) from None  # the key of the screens is as valid as before

        return await self.call(signed_in)

    def _started(self, work: Callable[[Client], T]) -> "asyncio.Future[T]":
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        threading.Thread(target=self._run, args=(work, answer, loop), name="call", daemon=True).start()
        return answer

    def _run(self, work: Callable[[Client], T], answer: "asyncio.Future[T]", loop: asyncio.AbstractEventLoop) -> None:
        value: Any = None
        error: Exception | None = None
        try:
            value = work(self.client)
        except Exception as raised:  # noqa: BLE001 - it is raised again where the answer is awaited
            error = raised
        with suppress(RuntimeError):  # the loop has ended, nobody waits
            loop.call_soon_threadsafe(self._done, answer, value, error)

    def _done(self, answer: "asyncio.Future[T]", value: T, error: Exception | None) -> None:
        self._slots.release()
        if answer.done():
            return
        if error is None:
            answer.set_result(value)
        else:
            answer.set_exception(error)


def is_passing(error: Exception) -> bool:
    """Whether the same request may work in a moment: no answer, too many requests, or a fault of the server."""
    status = getattr(error, "status", 1)
    return status in (0, 429) or status >= 500
