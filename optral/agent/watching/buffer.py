"""What waits for the control plane: the newest version of each object, redacted, until it is acknowledged.

Level-triggered: a lost message costs a repeat, never a wrong answer. Per kind it knows what the control plane holds after everything
framed so far (uid → resource version, and the digest of it), and up to where that was acknowledged. No objects are kept beyond the
unacknowledged: a snapshot is listed from the API server again. Above 64 MiB the kind that weighs most is dropped and listed again later.
During a snapshot each object is framed once; what changes after it was framed waits behind SNAPSHOT_END, so the count stays exact.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from uuid import uuid4

from optral.agent.watching.outgoing import NOWHERE, KindCursor, Outgoing, SentKind, digest_of
from optral.kit.clock import Clock
from optral.kube.changes import KindDigest, KindMark, ObjectChange, Op, Phase
from optral.kube.kinds import EVENT, Kind
from optral.kube.redact import Redacted

MAX_BYTES = 64 * 1024 * 1024
HIGH_WATER_BYTES = 12 * 1024 * 1024  # listing pauses above this: about 1,500 pods
BATCH_ITEMS = 32
BATCH_BYTES = 1024 * 1024
MIN_BATCH_BYTES = 64 * 1024  # whatever the control plane says: smaller batches would only cost both sides more
OVERHEAD_BYTES = 400  # of a queued change beside its JSON
MAX_EVENTS = 2000
MAX_EVENT_BYTES = 8 * 1024 * 1024
EVENTS_PER_S = 50
EVENT_BURST = 900  # the first list; the control plane takes a thousand of a session
_MODULUS = 1 << 128


_SETTLED = frozenset({Phase.LIVE, Phase.FORBIDDEN, Phase.GONE})


class Buffer:
    """Fed by the watches, drained by the tunnel, both on one loop. It takes only `Redacted` objects."""

    def __init__(self, clock: Clock, kinds: Iterable[Kind], *, max_bytes: int = MAX_BYTES, high_water: int = HIGH_WATER_BYTES) -> None:
        self._clock = clock
        self._books = {kind.id: SentKind(kind) for kind in kinds}
        self._ready: deque[SentKind] = deque()
        self._unacked: deque[tuple[int, Outgoing]] = deque()
        self._max_bytes, self._room_bytes, self._batch_bytes = max_bytes, high_water, BATCH_BYTES
        self._bytes = 0
        self._space = asyncio.Event()
        self._space.set()
        self._events: dict[str, ObjectChange] = {}
        self._event_bytes = 0
        self._event_tokens, self._event_refilled = float(EVENT_BURST), clock.monotonic()
        self.dropped_events = 0
        self.partial: set[str] = set()
        self.changed = asyncio.Event()
        self._waiting_since: float | None = None

    # --- the watches' side -----------------------------------------------------------------------------------------------------

    def add(self, kind: Kind) -> None:
        """Keep changes of this kind too."""
        self._books.setdefault(kind.id, SentKind(kind))

    def remove(self, kind: Kind) -> None:
        """Forget a kind that no longer exists, with all that waits of it."""
        if (book := self._books.get(kind.id)) is None:
            return
        self._forget(book)
        self._requeue_without(kind.id)
        del self._books[kind.id]
        if book.ready:
            self._ready.remove(book)

    def start_snapshot(self, kind: Kind) -> None:
        """Forget all about a kind: its next inventory goes up as a snapshot."""
        book = self._books[kind.id]
        self._forget(book)
        self._requeue_without(kind.id)
        book.snapshotting, book.dirty = True, False
        book.acked = NOWHERE

    def begin(self, kind: Kind) -> None:
        """A complete inventory follows."""
        book = self._books[kind.id]
        if book.dirty:
            return
        if not book.snapshotting:
            book.listed = set()
            return
        self._forget(book)
        book.generation = uuid4().hex
        book.marks.append(Phase.SNAPSHOT_BEGIN)
        self._queue(book)

    def upsert(self, kind: Kind, uid: str, namespace: str, name: str, resource_version: str, raw: Redacted) -> None:
        """The object is now this; replaces what still waits of it."""
        change = ObjectChange(Op.UPSERT, kind.id, uid, namespace, name, resource_version, raw)
        if kind is EVENT:
            self._put_event(change)
            return
        book = self._books[kind.id]
        if book.listed is not None:
            book.listed.add(uid)
            held = book.sent.get(uid)
            if held is not None and held[0] == resource_version and uid not in book.pending:
                return
        self._put(book, change)

    def delete(self, kind: Kind, uid: str, namespace: str, name: str, resource_version: str) -> None:
        """The object is gone; wins over what still waits of it."""
        if kind is EVENT:
            return
        book = self._books[kind.id]
        if book.listed is not None:
            book.listed.discard(uid)
        if book.snapshotting and uid not in book.sent:
            self._drop(book, uid)
            return
        self._put(book, ObjectChange(Op.DELETE, kind.id, uid, namespace, name, resource_version, b""))

    def end(self, kind: Kind, resource_version: str) -> None:
        """The inventory is complete: what it did not name is gone."""
        book = self._books[kind.id]
        if book.dirty:
            return
        if book.snapshotting:
            book.complete = resource_version
        elif book.listed is not None:
            for uid in [uid for uid in (*book.sent, *book.pending) if uid not in book.listed]:
                self._put(book, ObjectChange(Op.DELETE, kind.id, uid, "", "", resource_version, b""))
            book.listed = None
            if book.phase is not Phase.LIVE:
                book.marks.append(Phase.LIVE)
            book.digest_due = True
        self._queue(book)

    def mark(self, kind: Kind, phase: Phase) -> None:
        """Access refused, or kind unknown. Sent once; the server then marks the inventory of the kind as stale."""
        book = self._books.get(kind.id)
        if book is None or book.phase is phase or phase in book.marks:
            return
        book.marks.append(phase)
        self._queue(book)

    async def room(self) -> None:
        """Wait until the tunnel has taken enough for more of an inventory."""
        while self._bytes > self._room_bytes:
            self._space.clear()
            await self._space.wait()

    # --- the tunnel's side -----------------------------------------------------------------------------------------------------

    @property
    def queued(self) -> int:
        """Changes that wait to be framed."""
        return sum(len(book.pending) + len(book.held) for book in self._books.values()) + len(self._events)

    @property
    def bytes(self) -> int:
        return self._bytes + self._event_bytes

    @property
    def unacked(self) -> int:
        """Frames that wait for their acknowledgement."""
        return len(self._unacked)

    def has_work(self) -> bool:
        return bool(self._ready or self._events)

    def waited_s(self) -> float:
        """How long the oldest waiting work has waited, in seconds."""
        return 0.0 if self._waiting_since is None else self._clock.monotonic() - self._waiting_since

    def is_full_batch(self) -> bool:
        """Tell whether a whole batch is there already (or a mark, which never waits)."""
        return any(len(book.pending) >= BATCH_ITEMS or book.marks or book.complete is not None for book in self._ready)

    def standing(self, kind: Kind) -> KindCursor:
        """How far the kind was acknowledged: the cursor of a Hello."""
        book = self._books[kind.id]
        return NOWHERE if book.dirty or book.snapshotting else book.acked

    def dirty_kinds(self) -> list[Kind]:
        return [book.kind for book in self._books.values() if book.dirty]

    def digest_all(self) -> None:
        """Ask for a digest of each live kind, as soon as nothing of it waits."""
        for book in self._books.values():
            if book.phase is Phase.LIVE:
                book.digest_due = True
                self._queue(book)

    def limit(self, batch_bytes: int) -> None:
        """The control plane takes batches of at most this many bytes, uncompressed; 0: it did not say."""
        self._batch_bytes = min(BATCH_BYTES, max(batch_bytes, MIN_BATCH_BYTES)) if batch_bytes else BATCH_BYTES

    def take(self) -> Outgoing | None:
        """The next frame, or None. Events are rate-limited and go first: the end of an inventory triggers its evaluation.

        Kinds take turns; a mark never overtakes the objects before it.
        """
        outgoing = self._take_events() if self._events else None
        if outgoing is None:
            outgoing = self._take_objects()
        self._waiting_since = self._clock.monotonic() if self._ready else None
        return outgoing

    def framed(self, seq: int, outgoing: Outgoing) -> None:
        """Keep the frame until its number is acknowledged."""
        self._unacked.append((seq, outgoing))
        self._bytes += outgoing.size_bytes

    def ack(self, seq: int) -> bool:
        """All frames up to this number are committed. Returns whether that was news."""
        moved = False
        while self._unacked and self._unacked[0][0] <= seq:
            _, outgoing = self._unacked.popleft()
            self._bytes -= outgoing.size_bytes
            for kind_id, standing in outgoing.after:
                if (book := self._books.get(kind_id)) is not None:
                    book.acked = standing
            moved = True
        if moved and self._bytes <= self._room_bytes:
            self._space.set()
        return moved

    def rewind(self) -> None:
        """A new session: what was not acknowledged waits again, except where something newer does."""
        frames, self._unacked = [outgoing for _, outgoing in self._unacked], deque()
        for outgoing in reversed(frames):
            self._bytes -= outgoing.size_bytes
            for change in reversed(outgoing.changes):
                self._put_back(change)
            if (mark := outgoing.mark) is not None and mark.kind in self._books:
                self._say_again(self._books[mark.kind])

    def resume(self, kind: Kind) -> None:
        """A new session goes on where the last one was: say where the kind stands, since a session is judged once every kind is live."""
        self._say_again(self._books[kind.id])

    def _say_again(self, book: SentKind) -> None:
        if book.phase in _SETTLED and not book.marks and not book.snapshotting:
            book.marks.append(book.phase)
            self._queue(book)

    # --- inside ----------------------------------------------------------------------------------------------------------------

    def _put(self, book: SentKind, change: ObjectChange) -> None:
        if book.dirty:
            return
        table = book.held if book.snapshotting and change.uid in book.sent else book.pending
        self._store(book, table, change)
        if table is book.pending:
            self._queue(book)
        if self._bytes > self._max_bytes:
            self._give_up_largest()

    def _store(self, book: SentKind, table: dict[str, ObjectChange], change: ObjectChange) -> None:
        before = table.get(change.uid)
        table[change.uid] = change
        grown = len(change.raw) + OVERHEAD_BYTES - (0 if before is None else len(before.raw) + OVERHEAD_BYTES)
        book.size_bytes += grown
        self._bytes += grown

    def _drop(self, book: SentKind, uid: str) -> None:
        if (change := book.pending.pop(uid, None)) is not None:
            self._shrink(book, change)

    def _shrink(self, book: SentKind, change: ObjectChange) -> None:
        book.size_bytes -= len(change.raw) + OVERHEAD_BYTES
        self._bytes -= len(change.raw) + OVERHEAD_BYTES

    def _queue(self, book: SentKind) -> None:
        if not book.ready:
            book.ready = True
            self._ready.append(book)
        if self._waiting_since is None:
            self._waiting_since = self._clock.monotonic()
        self.changed.set()

    def _forget(self, book: SentKind) -> None:
        self._bytes -= book.size_bytes
        book.size_bytes = 0
        book.pending.clear()
        book.held.clear()
        book.sent.clear()
        book.marks.clear()
        book.sum, book.complete, book.listed, book.digest_due, book.phase = 0, None, None, False, None

    def _requeue_without(self, kind_id: str) -> None:
        """Frames of this kind that are unacknowledged no longer determine its cursor."""
        for _, outgoing in self._unacked:
            outgoing.after = [(kind, standing) for kind, standing in outgoing.after if kind != kind_id]

    def _give_up_largest(self) -> None:
        book = max(self._books.values(), key=lambda book: book.size_bytes)
        self._forget(book)
        self._requeue_without(book.kind.id)
        book.dirty, book.snapshotting, book.acked = True, False, NOWHERE
        if self._bytes <= self._room_bytes:
            self._space.set()
        self.changed.set()

    def _take_objects(self) -> Outgoing | None:
        out = Outgoing()
        touched: list[SentKind] = []
        while self._ready:
            book = self._ready[0]
            if book.marks and book.marks[0] is Phase.SNAPSHOT_BEGIN:
                return self._closed(out, touched) if out.changes else self._take_mark(book)
            if book.pending:
                touched.append(book)
                self._fill(out, book)
                if len(out.changes) >= BATCH_ITEMS or book.pending:
                    self._ready.rotate(-1)
                    return self._closed(out, touched)
            if book.marks or book.complete is not None or book.digest_due:
                if out.changes:
                    return self._closed(out, touched)
                return self._take_mark(book)
            self._ready.popleft()
            book.ready = False
        return self._closed(out, touched) if out.changes else None

    def _fill(self, out: Outgoing, book: SentKind) -> None:
        pending = book.pending
        while pending and len(out.changes) < BATCH_ITEMS:
            uid = next(iter(pending))
            if not self._fits(out, pending[uid]):
                return
            change = pending.pop(uid)
            self._shrink(book, change)
            self._account(book, change)
            out.changes.append(change)
            out.size_bytes += len(change.raw) + OVERHEAD_BYTES

    def _fits(self, out: Outgoing, change: ObjectChange) -> bool:
        """Whether the batch stays within the limit; an object that exceeds it alone travels alone."""
        return not out.changes or out.size_bytes + len(change.raw) + OVERHEAD_BYTES <= self._batch_bytes

    def _account(self, book: SentKind, change: ObjectChange) -> None:
        before = book.sent.pop(change.uid, None)
        total = book.sum - (before[1] if before is not None else 0)
        if change.op is Op.UPSERT:
            number = digest_of(change.uid, change.resource_version)
            book.sent[change.uid] = (change.resource_version, number)
            total += number
        book.sum = total % _MODULUS

    def _closed(self, out: Outgoing, touched: list[SentKind]) -> Outgoing:
        out.after = [(book.kind.id, self._standing(book)) for book in touched]
        return out

    def _standing(self, book: SentKind) -> KindCursor:
        return KindCursor("" if book.snapshotting else book.generation, len(book.sent), book.sum)

    def _take_mark(self, book: SentKind) -> Outgoing:
        if book.marks:
            phase = book.marks.popleft()
            book.phase = phase
            mark = KindMark(book.kind.id, phase, book.generation)
        elif book.complete is not None:
            mark = KindMark(book.kind.id, Phase.SNAPSHOT_END, book.generation, book.complete, len(book.sent))
            book.complete, book.snapshotting = None, False
            book.pending, book.held = book.held, {}
            book.marks.append(Phase.LIVE)
            book.digest_due = True
        else:
            book.digest_due = False
            return Outgoing(digest=KindDigest(book.kind.id, len(book.sent), book.sum), size_bytes=OVERHEAD_BYTES)
        return Outgoing(mark=mark, after=[(book.kind.id, self._standing(book))], size_bytes=OVERHEAD_BYTES)

    def _put_back(self, change: ObjectChange) -> None:
        if change.kind == EVENT.id:
            self._events.setdefault(change.uid, change)
            self._event_bytes = sum(len(event.raw) for event in self._events.values())
            return
        book = self._books.get(change.kind)
        if book is None or book.dirty or book.snapshotting or change.uid in book.pending:
            return
        self._store(book, book.pending, change)
        self._queue(book)

    def _put_event(self, change: ObjectChange) -> None:
        if (before := self._events.pop(change.uid, None)) is not None:
            self._event_bytes -= len(before.raw)
        self._events[change.uid] = change
        self._event_bytes += len(change.raw)
        while len(self._events) > MAX_EVENTS or self._event_bytes > MAX_EVENT_BYTES:
            oldest = self._events.pop(next(iter(self._events)))
            self._event_bytes -= len(oldest.raw)
            self.dropped_events += 1
        if self._waiting_since is None:
            self._waiting_since = self._clock.monotonic()
        self.changed.set()

    def _take_events(self) -> Outgoing | None:
        now = self._clock.monotonic()
        self._event_tokens = min(EVENT_BURST, self._event_tokens + (now - self._event_refilled) * EVENTS_PER_S)
        self._event_refilled = now
        count = min(BATCH_ITEMS, len(self._events), int(self._event_tokens))
        if count == 0:
            return None
        out = Outgoing()
        for uid in list(self._events)[:count]:
            if not self._fits(out, self._events[uid]):
                break
            self._event_tokens -= 1
            change = self._events.pop(uid)
            self._event_bytes -= len(change.raw)
            out.changes.append(change)
            out.size_bytes += len(change.raw) + OVERHEAD_BYTES
        return out
