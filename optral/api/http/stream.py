"""One client's event stream: replay what it missed, then follow, with no gap between the two.

The stream follows the hub before it reads, so what is committed in between wakes it. It holds no queue of its own: it takes at most
256 events (and sends at most 256 KiB) at a time from the log, and a client that does not take them within 10 seconds is cut; it comes
back with `Last-Event-ID`. Rights are checked again on news of a revocation and every 4 seconds.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import structlog
from starlette.types import Message, Receive, Scope, Send

from optral.access.service import REVOKED
from optral.api.http.problems import UNAUTHENTICATED
from optral.events import service as events
from optral.events.model import RESET, Event
from optral.kit.clock import Clock
from optral.kit.hub import Follower
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.actor import Actor
from optral.terms.errors import OptralError, TooMany, Unauthenticated, Unavailable
from optral.terms.ids import KeyId, OrgId

_log = structlog.get_logger(__name__)

BATCH = 256
CHUNK_BYTES = 256 * 1024
WRITE_DEADLINE_S = 10.0
END_DEADLINE_S = 1.0
RIGHTS_EVERY_S = 4.0  # a key revoked on another replica, which nobody announces here, ends its streams within 5 seconds
POLL_S = 1.5  # where other processes write too, their events are not announced here
RETRY_MS = (3000, 5000)
PER_KEY, PER_ORG, PER_PROCESS = 5, 20, 2000


class StreamLimits:
    """How many streams are open, by key, by organization and in all."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}

    def enter(self, actor: Actor) -> Callable[[], None]:
        """Count one more; the returned function counts it off. Raises `TooMany`."""
        names = [
            (f"{'session' if actor.session_id else 'key'} {actor.credential}", PER_KEY),
            (f"organization {actor.org_id}", PER_ORG),
            ("server", PER_PROCESS),
        ]
        for name, limit in names:
            if self._open.get(name, 0) >= limit:
                say = f"this {name.partition(' ')[0]} has {limit} open event streams, the maximum; close one"
                raise TooMany("too_many_streams", retry_after_s=10, say=say)
        for name, _ in names:
            self._open[name] = self._open.get(name, 0) + 1
        return lambda: self._leave([name for name, _ in names])

    def _leave(self, names: Sequence[str]) -> None:
        for name in names:
            self._open[name] -= 1
            if not self._open[name]:
                del self._open[name]

    def __len__(self) -> int:
        return self._open.get("server", 0)


class Subscription(NamedTuple):
    """Which events, and after which one; `after` None is from now on. `clusters` holds ids; None is all."""

    types: frozenset[str] | None
    clusters: frozenset[str] | None
    after: str | None


class Timing(NamedTuple):
    heartbeat_s: float
    max_age_s: float
    polls: bool


@dataclass(frozen=True, slots=True)
class _Read:
    """What one look at the log gave; `position` is where to go on, at once if it `is_behind` the newest event."""

    found: list[Event]
    position: int
    is_behind: bool


class EventStream:
    """The ASGI response of an event stream."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        actor: Actor,
        wanted: Subscription,
        timing: Timing,
        still_allowed: Callable[[], Awaitable[bool]],
        limits: StreamLimits,
        stopping: asyncio.Event,
        cut: Callable[[], None] | None,
    ) -> None:
        self._stopping = stopping
        self._store, self._clock, self._actor, self._wanted, self._timing = store, clock, actor, wanted, timing
        self._still_allowed, self._cut = still_allowed, cut
        self._leave = limits.enter(actor)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._actor.org_id is not None
        send = _Whole(send)
        try:
            with (
                self._store.hubs[events.APPENDED].follow(OrgId(self._actor.org_id)) as news,
                self._store.hubs[REVOKED].follow(KeyId(self._actor.credential)) as revocations,
            ):
                await self._check_may_begin()
                ended = await self._until_first_ends(
                    asyncio.create_task(self._write(send, news), name="stream-write"),
                    asyncio.create_task(_until_gone(receive), name="stream-gone"),
                    asyncio.create_task(self._until_revoked(revocations), name="stream-rights"),
                    asyncio.create_task(self._until_stopping(), name="stream-stop"),
                )
            if not send.has_begun:
                _refuse(ended)
            await self._end(send)
        except SlowClient:
            _log.info("a client of the event stream took nothing for too long and was cut", actor=self._actor.id)
        finally:
            self._leave()

    async def _check_may_begin(self) -> None:
        if self._stopping.is_set():
            _refuse({"stream-stop"})
        if not await self._still_allowed():
            _refuse({"stream-rights"})

    async def _until_first_ends(self, *tasks: asyncio.Task[None]) -> set[str]:
        """The names of those that ended, once one has; the others are canceled. Raises what one of them raised."""
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error
        return {task.get_name() for task in done}

    async def _end(self, send: "_Whole") -> None:
        """End the answer as HTTP has it, where its beginning was sent; a client that reads nothing is not waited for."""
        if not send.is_open:
            return
        try:
            async with asyncio.timeout(END_DEADLINE_S):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            if self._cut is not None:
                self._cut()

    async def _write(self, send: Send, news: Follower[OrgId]) -> None:
        pen = _Pen(send, self._cut)
        position, reset = await self._start()
        await pen.begin()
        await pen.put(f"retry: {random.randint(*RETRY_MS)}\n\n".encode())  # noqa: S311 - spreads returning clients, guards nothing
        if reset is not None:
            await pen.put(reset)
        age_s = self._timing.max_age_s * random.uniform(0.9, 1.1)  # noqa: S311
        ends_s = self._clock.monotonic() + age_s
        while self._clock.monotonic() < ends_s and not self._has_ended():
            read = await self._read(position)
            position = read.position
            for chunk in _chunks(read.found):
                await pen.put(chunk)
            if not read.is_behind:
                await self._wait(news, pen)

    def _has_ended(self) -> bool:
        """Whether the actor may see less than when the stream began: a binding has ended."""
        return self._actor.ends_at is not None and self._clock.now() >= self._actor.ends_at

    async def _wait(self, news: Follower[OrgId], pen: "_Pen") -> None:
        """Return when there may be news; keep the connection warm meanwhile."""
        while True:
            left_s = self._timing.heartbeat_s - pen.silent_s()
            if left_s <= 0:
                await pen.put(b": hb\n\n")
                return
            if await news.wait(min(left_s, POLL_S) if self._timing.polls else left_s) or self._timing.polls:
                return

    async def _start(self) -> tuple[int, bytes | None]:
        """Where to begin, and the reset to send first when the client's place is too old, not ours, or no place at all."""

        def look(tx: Transaction) -> tuple[int, int]:
            return events.head(tx), events.oldest(tx)

        head, oldest = await self._store.read(self._actor, look)
        after = self._wanted.after
        if after is None:
            return head, None
        place = int(after) if after.isascii() and after.isdecimal() and len(after) < 20 else -1
        if 0 <= place <= head and (place >= oldest - 1 or head == place):
            return place, None
        reason = "unknown" if place < 0 or place > head else "too_old"
        return head, frame(head, RESET, {"reason": reason, "head": head})

    async def _read(self, position: int) -> _Read:
        def look(tx: Transaction) -> _Read:
            found, end = events.replay(tx, position, types=self._wanted.types, clusters=self._wanted.clusters, limit=BATCH)
            return _Read(found, end, is_behind=len(found) == BATCH or end < events.head(tx))

        try:
            return await self._store.read(self._actor, look)
        except Unavailable as error:
            await asyncio.sleep(min(error.retry_after_s, 1))
            return _Read([], position, is_behind=False)

    async def _until_revoked(self, revocations: Follower[KeyId]) -> None:
        await revocations.wait(RIGHTS_EVERY_S)
        while await self._still_allowed():
            await revocations.wait(RIGHTS_EVERY_S)

    async def _until_stopping(self) -> None:
        await self._stopping.wait()


class _Whole:
    """Passes messages on and knows whether the answer was begun and not ended."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.is_open = self.has_begun = False

    async def __call__(self, message: Message) -> None:
        self.has_begun = True
        self.is_open = message["type"] == "http.response.start" or bool(message.get("more_body", False))
        await self._send(message)


class _Pen:
    """Writes to the client, each time within the deadline; knows how long it has been silent."""

    def __init__(self, send: Send, cut: Callable[[], None] | None) -> None:
        self._send, self._cut = send, cut
        self._last_s = asyncio.get_running_loop().time()

    def silent_s(self) -> float:
        return asyncio.get_running_loop().time() - self._last_s

    async def begin(self) -> None:
        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
        await self._out({"type": "http.response.start", "status": 200, "headers": headers})

    async def put(self, chunk: bytes) -> None:
        await self._out({"type": "http.response.body", "body": chunk, "more_body": True})
        self._last_s = asyncio.get_running_loop().time()

    async def _out(self, message: Message) -> None:
        try:
            async with asyncio.timeout(WRITE_DEADLINE_S):
                await self._send(message)
        except TimeoutError:
            if self._cut is not None:
                self._cut()
            raise SlowClient from None


class SlowClient(OptralError):
    """The client took nothing for 10 seconds; it was cut and may come back."""

    default_code = "slow_client"


def _refuse(ended: Collection[str]) -> None:
    """Say why a stream ended before it began; nothing to a client that has left."""
    if "stream-gone" in ended:
        return
    if "stream-rights" in ended:
        raise Unauthenticated(say=UNAUTHENTICATED)
    raise Unavailable("stopping", retry_after_s=1, say="the server is shutting down; reconnect")


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def frame(seq: int, name: str, data: Mapping[str, object]) -> bytes:
    """One event on the wire; JSON holds no line break."""
    return f"id: {seq}\nevent: {name}\ndata: ".encode() + msgspec.json.encode(data) + b"\n\n"


def _chunks(found: Sequence[Event]) -> Iterator[bytes]:
    chunk = bytearray()
    for event in found:
        chunk += frame(event.seq, event.type, event.data)
        if len(chunk) >= CHUNK_BYTES:
            yield bytes(chunk)
            chunk.clear()
    if chunk:
        yield bytes(chunk)
