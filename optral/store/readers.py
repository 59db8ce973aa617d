"""Threads for reads, which organizations share fairly; a read that takes too long, or that nobody waits for any more, is interrupted.

An organization takes all threads but one while it is alone, and at most a third while others are active, so that whoever comes next finds
a free thread instead of the end of a long query. Within an organization its callers (members, keys, agents, its background work) take
turns, and where it has three threads one caller leaves one of them to the others. One thread more is for the system across organizations:
every request waits for its short reads, which find out who the caller is.

`Turns` of the gateway is not used here: it orders jobs by a cost that is known before, and the cost of a query is not.
"""

import asyncio
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from optral.store.threads import fit_for_future
from optral.terms.actor import Actor, ActorKind
from optral.terms.errors import Unavailable

T = TypeVar("T")

WAIT_S = 30.0
"""How long a read waits for its turn."""
QUERY_S = 20.0
"""How long a read of a member or a key may take: less than a request may, so that the answer says what was slow."""
BACKGROUND_S = 30.0
"""The same for agents and the server's own work, such as the first look at a large cluster."""
MOST_WAITING = 1024  # of the system, and about as many of all organizations
MOST_OF_ORGANIZATION = 400
MOST_OF_CALLER = 100
ACTIVE_S = 1.0  # who had a read this recently is active
WATCH_EVERY_S = 0.25
_PEOPLE = (ActorKind.PERSON, ActorKind.KEY)
_log = structlog.get_logger(__name__)


class Interrupted(Exception):
    """The read was interrupted before its transaction began; nobody waits for it."""


class Running:
    """A read on its thread, which another thread may interrupt while its transaction is open."""

    __slots__ = ("_interrupt", "_lock", "is_interrupted")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._interrupt: Callable[[], object] | None = None
        self.is_interrupted = False

    def interruptible(self, interrupt: Callable[[], object]) -> "Running":
        """While the block is open another thread may call `interrupt`; never later, when the connection has another user."""
        with self._lock:
            if self.is_interrupted:
                raise Interrupted
            self._interrupt = interrupt
        return self

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._interrupt = None

    def interrupt(self) -> None:
        """End the statement that runs now, and let no transaction begin. May wait for the database."""
        with self._lock:
            self.is_interrupted = True
            if self._interrupt is not None:
                self._interrupt()


@dataclass(slots=True, eq=False)
class _Read:
    share: "_Share"
    caller: str
    job: Callable[[Running], Any]
    limit_s: float
    future: asyncio.Future[Any]
    since_s: float  # when it began to wait, and then to run
    running: Running | None = None
    interrupting: Future[None] | None = None
    is_dropped: bool = False


@dataclass(slots=True, eq=False)
class _Share:
    """The reads of one organization, or of the system. `queues`: of the callers with waiting reads, the one whose turn is next first."""

    org_id: str | None
    running: int = 0
    waiting: int = 0
    by_caller: Counter[str] = field(default_factory=Counter)
    queues: OrderedDict[str, deque[_Read]] = field(default_factory=OrderedDict)


class Readers:
    """`count` threads for organizations and one for the system. Used from one event loop; `now` is a monotonic clock.

    `dropped` counts reads without a result: `timeout` (interrupted at its limit), `abandoned` (the caller left), `busy` (no turn).

    A thread that has ended a read takes the next one itself: to ask the event loop for it costs half as much as a small read. So a lock
    guards what waits and runs. What has waited or run for too long is looked for a few times a second, which costs less than timers.
    """

    def __init__(self, count: int, *, loop: asyncio.AbstractEventLoop, now: Callable[[], float] = time.monotonic) -> None:
        self._pool = ThreadPoolExecutor(count + 1, thread_name_prefix="store-reader")
        self._interrupter = ThreadPoolExecutor(1, thread_name_prefix="store-interrupt")
        self._count, self._loop, self._now = count, loop, now
        self._lock = threading.Lock()
        self._shares: dict[str | None, _Share] = {}
        self._waiting: OrderedDict[str | None, _Share] = OrderedDict()
        self._running: dict[_Read, None] = {}
        self._active: OrderedDict[str, float] = OrderedDict()
        self._of_organizations = 0
        self._is_empty = asyncio.Event()
        self._is_empty.set()
        self._is_watching = False
        self.depth = 0
        """Reads that wait for their turn."""
        self.dropped: Counter[str] = Counter({"timeout": 0, "abandoned": 0, "busy": 0})

    async def run(self, actor: Actor, job: Callable[[Running], T]) -> T:
        """Run the job in a thread. Raises what it raises, or `Unavailable`: too many reads wait, no turn came, or it took too long.

        The job holds its transaction within `Running.interruptible`. A caller that is canceled loses its turn, or its job is interrupted.
        """
        limit_s = QUERY_S if actor.kind in _PEOPLE else BACKGROUND_S
        with self._lock:
            share = self._shares.get(actor.org_id) or _Share(actor.org_id)
            self._check_space(share, actor.id)
            read = _Read(share, actor.id, job, limit_s, self._loop.create_future(), self._now())
            begun = self._enter(read)
        for one in begun:
            self._pool.submit(self._work, one)
        self._watch()
        try:
            result: T = await read.future
        except asyncio.CancelledError:
            self._drop(read, "abandoned")
            raise
        return result

    async def close(self) -> None:
        """Finish what waits and end the threads, without holding the loop."""
        await self._is_empty.wait()
        await self._loop.run_in_executor(None, self._pool.shutdown)
        await self._loop.run_in_executor(None, self._interrupter.shutdown)

    # --- the queue; under the lock ---
    def _enter(self, read: _Read) -> list[_Read]:
        """Start the read or let it wait; returns what begins now."""
        share = read.share
        self._shares[share.org_id] = share
        self._is_empty.clear()
        self._note(share)
        if not share.waiting and self._may_start(share) and self._may_start_of(share, read.caller):
            return [self._start(read)]
        share.queues.setdefault(read.caller, deque()).append(read)
        share.waiting += 1
        self.depth += 1
        self._waiting[share.org_id] = share
        if share.org_id is None:
            self._waiting.move_to_end(None, last=False)
        return self._begin()  # its share may have grown since a read ended

    def _check_space(self, share: _Share, caller: str) -> None:
        if share.org_id is None:
            is_full = share.waiting >= MOST_WAITING
        else:
            is_full = share.waiting >= MOST_OF_ORGANIZATION or len(share.queues.get(caller, ())) >= MOST_OF_CALLER
            is_full = is_full or self.depth >= 2 * MOST_WAITING
        if is_full:
            self.dropped["busy"] += 1
            raise _busy()

    def _unqueue(self, read: _Read) -> None:
        share, queue = read.share, read.share.queues[read.caller]
        queue.remove(read)
        share.waiting -= 1
        self.depth -= 1
        if not queue:
            del share.queues[read.caller]
        if not share.waiting:
            del self._waiting[share.org_id]

    def _begin(self) -> list[_Read]:
        """Start waiting reads while there is a thread for one."""
        begun = []
        while self._waiting and (read := self._next()) is not None:
            share = read.share
            share.queues.move_to_end(read.caller)
            if share.org_id is not None:
                self._waiting.move_to_end(share.org_id)
            self._unqueue(read)
            self._note(share)
            begun.append(self._start(read))
        return begun

    def _next(self) -> _Read | None:
        for share in self._waiting.values():
            if self._may_start(share):
                for caller, queue in share.queues.items():
                    if self._may_start_of(share, caller):
                        return queue[0]
        return None

    def _start(self, read: _Read) -> _Read:
        read.running, read.since_s = Running(), self._now()
        self._running[read] = None
        self._count_running(read, 1)
        return read

    def _end(self, read: _Read) -> list[_Read]:
        """The read has left its thread; returns what begins now."""
        del self._running[read]
        self._count_running(read, -1)
        self._forget(read.share)
        return self._begin()

    def _count_running(self, read: _Read, change: int) -> None:
        share = read.share
        self._of_organizations += change if share.org_id is not None else 0
        share.running += change
        share.by_caller[read.caller] += change
        if not share.by_caller[read.caller]:
            del share.by_caller[read.caller]

    def _forget(self, share: _Share) -> None:
        if not (share.running or share.waiting):
            del self._shares[share.org_id]

    # --- the shares; under the lock ---
    def _may_start(self, share: _Share) -> bool:
        if len(self._running) > self._count:
            return False
        if share.org_id is None:
            return share.running < self._count
        return self._of_organizations < self._count and share.running < self._limit(share)

    def _may_start_of(self, share: _Share, caller: str) -> bool:
        return share.org_id is None or share.by_caller[caller] < max(2, self._limit(share) - 1)

    def _limit(self, share: _Share) -> int:
        return max(1, self._count // 3 if self._has_others(share) else self._count - 1)

    def _has_others(self, share: _Share) -> bool:
        before = self._now() - ACTIVE_S
        while self._active and next(iter(self._active.values())) < before:
            self._active.popitem(last=False)
        mine = (None, share.org_id)
        return len(self._active) > (share.org_id in self._active) or any(one not in mine for one in self._waiting)

    def _note(self, share: _Share) -> None:
        if share.org_id is not None:
            self._active[share.org_id] = self._now()
            self._active.move_to_end(share.org_id)

    # --- on the threads ---
    def _work(self, read: _Read | None) -> None:
        while read is not None:
            read = self._step(read)

    def _step(self, read: _Read) -> _Read | None:
        """Do this read; returns the one to do next."""
        result, failure = None, None
        try:
            result = read.job(read.running or Running())
        except BaseException as error:  # noqa: BLE001 - the caller gets it
            failure = fit_for_future(error)
        with self._lock:
            begun = self._end(read)
        self._loop.call_soon_threadsafe(self._deliver, read, result, failure)
        for one in begun[1:]:  # the share of an organization has grown
            self._pool.submit(self._work, one)
        return begun[0] if begun else None

    # --- on the event loop ---
    def _deliver(self, read: _Read, result: Any, failure: Exception | None) -> None:
        self._note_empty()
        if read.future.done():
            return
        if failure is None:
            read.future.set_result(result)
        else:
            read.future.set_exception(failure)

    def _note_empty(self) -> None:
        if not self._shares:
            self._is_empty.set()

    def _drop(self, read: _Read, why: str) -> None:
        """Nobody waits for this read any more: it leaves the queue, or is interrupted."""
        with self._lock:
            is_waiting = read.running is None
            if read.is_dropped or not (is_waiting or read in self._running):
                return  # after a pause of this process its limit and its result come together
            read.is_dropped = True
            self.dropped[why] += 1
            if is_waiting:
                self._unqueue(read)
                self._forget(read.share)
        self._note_empty()
        if not read.future.done():
            read.future.set_exception(_busy() if is_waiting else _too_slow(read.limit_s))
        if not is_waiting:
            self._interrupt(read)

    def _interrupt(self, read: _Read) -> None:
        """On a thread of its own: the request to PostgreSQL takes a connection."""
        if read.running is None or (read.interrupting is not None and not read.interrupting.done()):
            return
        if read.interrupting is not None and (error := read.interrupting.exception()) is not None:
            _log.warning("a read could not be interrupted; it is tried again", error=str(error))
        read.interrupting = self._interrupter.submit(read.running.interrupt)

    def _watch(self) -> None:
        if not self._is_watching:
            self._is_watching = True
            self._loop.call_later(WATCH_EVERY_S, self._look)

    def _look(self) -> None:
        """Drop what has waited or run for too long, and interrupt what was interrupted between two statements again."""
        self._is_watching = False
        now = self._now()
        with self._lock:
            oldest = [queue[0] for share in self._waiting.values() for queue in share.queues.values()]
            running = list(self._running)
        for read in oldest:
            if now - read.since_s > WAIT_S:
                self._drop(read, "busy")
        for read in running:
            if read.is_dropped:
                self._interrupt(read)
            elif now - read.since_s > read.limit_s:
                self._drop(read, "timeout")
        if self._shares:
            self._watch()


def _busy() -> Unavailable:
    say = "too many requests of your organization are waiting for the database; try again, and send fewer of them at the same time"
    return Unavailable("store_busy", say=say, retry_after_s=2)


def _too_slow(limit_s: float) -> Unavailable:
    say = f"the query took longer than {limit_s:.0f} seconds and was stopped; narrow it, for example to a cluster, a namespace or a kind"
    return Unavailable("query_timeout", say=say, retry_after_s=5)
