"""Turns time into cluster.online and cluster.offline, each told exactly once.

The gateway reports each frame of a session; a loop writes the last ones in one batch, at most every 15 seconds per cluster, and judges who
is late. A session of this process is judged on the monotonic clock; one that only rows know of (another replica's, or from before a
restart) by how long its written heartbeat has not changed, with as much patience more as writing it may lag. The wall clock counts once: a
heartbeat that was there when this process started is as old as it then says, and one from the future is as doubtful as an old one. An
offline cluster comes back only by a session of this process or a heartbeat that is seen to change, never by a clock that is set back.
Whether rows of a cluster are stale (`clusters.model.standing`) follows from the status alone, so a server steps once before it answers
anybody. The row changes only if it still is what was judged, so two replicas never report the same transition twice.
"""

import asyncio
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from optral.clusters import model, service as clusters
from optral.clusters.model import Cluster, ClusterStatus, PresenceRow, Reason, SessionRef, Sighting, Verdict
from optral.events import service as events
from optral.flows import loops
from optral.flows.clusters import cluster_events
from optral.kit.clock import Clock
from optral.kit.retry import ROUND
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.ids import OrgId

STEP_S = 1.0
WRITE_EVERY_S = 15.0
_AT_ONCE = 64  # transitions written together: they share a commit
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Local:
    """A session of this process, or its last moments."""

    ref: SessionRef
    last_frame: float  # monotonic
    last_frame_at: datetime
    is_beating: bool = False  # a session counts from its first heartbeat on
    is_open: bool = True
    written: float | None = None
    offset_ms: int | None = None


@dataclass(slots=True)
class _Written:
    """A heartbeat that a row shows."""

    at: datetime
    seen: float  # monotonic, when it was first read here
    age_s: float  # how old it was then
    has_moved: bool  # another one was read before: somebody writes them


class Presence:
    """Own `run` as a task. `opened`, `on_frame`, `on_heartbeat` and `closed` are cheap and called on the loop."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._started = clock.monotonic()
        self._sessions: dict[str, _Local] = {}
        self._written: dict[str, _Written] = {}
        self._remarks: dict[str, Reason] = {}
        self._wake = asyncio.Event()
        self.retries = loops.retries("presence", clock, _log)

    def opened(self, ref: SessionRef) -> None:
        """A session was admitted; the older one of the cluster no longer counts."""
        self._sessions[ref.cluster_id] = _Local(ref, self._clock.monotonic(), self._clock.now())

    def on_frame(self, ref: SessionRef) -> None:
        """The agent sent a frame, so it is alive."""
        if (local := self._mine(ref)) is not None:
            local.last_frame, local.last_frame_at = self._clock.monotonic(), self._clock.now()

    def on_heartbeat(self, ref: SessionRef, *, offset_ms: int | None) -> None:
        """A heartbeat came; `offset_ms` is the cluster's clock minus the server's, None when the agent does not know it yet."""
        self.on_frame(ref)
        if (local := self._mine(ref)) is not None:
            local.offset_ms = local.offset_ms if offset_ms is None else offset_ms
            if not local.is_beating:
                local.is_beating = True
                self._wake.set()

    def closed(self, ref: SessionRef) -> None:
        """The session ended, however. What the cluster is now depends on how long it stays silent."""
        if (local := self._mine(ref)) is not None:
            local.is_open, local.written = False, None  # so that the last moment is written down

    async def run(self) -> None:
        """Step every second, and at once when a session begins to beat; never sooner after a step that failed."""
        while True:
            try:
                async with asyncio.timeout(STEP_S):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            await self.retries.run_once(self.step)
            if self.retries.wait_s(ROUND) > 0:
                await asyncio.sleep(STEP_S)

    async def step(self) -> None:
        """Write the heartbeats, then judge every cluster whose presence may change."""
        await self._write_heartbeats()
        since = self._clock.now() - timedelta(seconds=model.DEGRADED_AFTER_S)
        rows = await self._store.read(actor.system(), lambda tx: clusters.watched(tx, since=since))
        moves = [(row.cluster, verdict) for row, verdict in self._judge(rows) if self._is_move(row.cluster, verdict)]
        for start in range(0, len(moves), _AT_ONCE):
            await asyncio.gather(*(self._move(before, verdict) for before, verdict in moves[start : start + _AT_ONCE]))
        self._forget(rows)

    def _mine(self, ref: SessionRef) -> _Local | None:
        local = self._sessions.get(ref.cluster_id)
        return local if local is not None and local.ref.fence == ref.fence else None

    async def _write_heartbeats(self) -> None:
        now = self._clock.monotonic()
        due = [
            local
            for local in self._sessions.values()
            if local.is_beating and (local.written is None or now - local.written >= WRITE_EVERY_S) and local.written != local.last_frame
        ]
        if not due:
            return
        beats = [(local.ref, local.last_frame_at, local.offset_ms) for local in due]
        moments = [local.last_frame for local in due]
        await self._store.write(actor.system(), lambda tx: clusters.record_heartbeats(tx, beats))
        for local, moment in zip(due, moments, strict=True):
            local.written = moment

    def _judge(self, rows: Sequence[PresenceRow]) -> Iterator[tuple[PresenceRow, Verdict]]:
        for row in rows:
            yield row, model.judge(self._sighting(row))

    def remark(self, cluster_id: str, reason: Reason) -> None:
        """The agent of this cluster does wrong (`model.REMARKS`), until this is withdrawn. For the process that holds its session."""
        self._remarks[cluster_id] = reason

    def withdraw(self, cluster_id: str, reason: Reason) -> None:
        """The agent no longer does; a later remark stays."""
        if self._remarks.get(cluster_id) is reason:
            del self._remarks[cluster_id]

    def _is_move(self, cluster: Cluster, verdict: Verdict) -> bool:
        if verdict.status is not cluster.status:
            return True
        local = self._sessions.get(cluster.id)
        is_mine = local is not None and local.ref.fence == cluster.fence  # another process does not know about remarks
        return is_mine and verdict.reason != cluster.status_reason and bool(model.REMARKS & {verdict.reason, cluster.status_reason})

    def _sighting(self, row: PresenceRow) -> Sighting:
        cluster, now = row.cluster, self._clock.now()
        local = self._sessions.get(cluster.id)
        if local is not None and local.ref.fence == cluster.fence:
            silent_s = self._clock.monotonic() - local.last_frame if local.is_beating else self._silent_by_row(cluster, now)
            closed_at = None if local.is_open else row.closed_at
        else:
            silent_s, closed_at = self._silent_by_row(cluster, now), row.closed_at
        return Sighting(
            status=cluster.status,
            silent_s=silent_s,
            closed_s=None if closed_at is None else (now - closed_at).total_seconds(),
            closed_reason=row.closed_reason,
            in_grace=self._is_starting(),
            remark=self._remarks.get(cluster.id),
        )

    def _silent_by_row(self, cluster: Cluster, now: datetime) -> float | None:
        heartbeat_at = cluster.last_heartbeat_at
        if heartbeat_at is None:
            return None
        known = self._written.get(cluster.id)
        if known is None or known.at != heartbeat_at:
            is_from_before = known is None and self._is_starting()
            age_s = abs((now - heartbeat_at).total_seconds()) if is_from_before else 0.0
            known = self._written[cluster.id] = _Written(heartbeat_at, self._clock.monotonic(), age_s, has_moved=known is not None)
        if cluster.status is ClusterStatus.OFFLINE and not known.has_moved:
            return math.inf
        return max(0.0, known.age_s + self._clock.monotonic() - known.seen - WRITE_EVERY_S)

    def _is_starting(self) -> bool:
        return self._clock.monotonic() - self._started < model.START_GRACE_S

    async def _move(self, before: Cluster, verdict: Verdict) -> None:
        await self._store.write(actor.system(OrgId(before.org_id)), lambda tx: _move(tx, before, verdict))

    def _forget(self, rows: Sequence[PresenceRow]) -> None:
        fences = {row.cluster.id: row.cluster.fence for row in rows}
        self._written = {cluster_id: known for cluster_id, known in self._written.items() if cluster_id in fences}
        for cluster_id, local in list(self._sessions.items()):
            has_ended = cluster_id not in fences or fences[cluster_id] > local.ref.fence
            if not local.is_open and has_ended:
                del self._sessions[cluster_id]


def _move(tx: Transaction, before: Cluster, verdict: Verdict) -> None:
    after = clusters.move(tx, before, verdict)
    if after is not None:
        events.append(tx, [cluster_events.moved(before, after)])


def is_present(cluster: Cluster) -> bool:
    """Whether the cluster's agent reports now, on time or late."""
    return cluster.status.is_connected
