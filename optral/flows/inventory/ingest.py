"""From frames of one agent's session to rows, findings, issues and events: one transaction per call.

The order inside the job: fence → `frames.apply` (unpack, write rows) → `rounds.judge` (examine, observe issues, group, write events).
After the commit the view of the cluster moves; then the gateway acknowledges. Everything is idempotent, so that the agent may send again
what was not acknowledged.

Nothing is judged while a session's inventory is incomplete (a missing pod must not look like a recovered one). Once every kind is live,
forbidden or gone, or after 120 s, the whole cluster is examined in pieces, together with everything that ever showed an issue here
(`rounds.py`); what frames touch until then is examined after it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

import structlog

from optral.clusters import service as clusters
from optral.clusters.model import ClusterState, SessionRef
from optral.detectors.tuning import Settings
from optral.flows.inventory import frames, rounds
from optral.flows.inventory.frames import Incoming
from optral.flows.inventory.judging import Judgement
from optral.flows.inventory.rounds import Piece, Round, Visibility
from optral.flows.inventory.views import Views
from optral.flows.issues import ownership
from optral.flows.issues.detector_settings import InForce
from optral.kit.clock import Clock
from optral.kube.changes import Frame, KindCursor, ObjectChange
from optral.kube.kinds import BY_ID, EVENT, REPORT_KINDS
from optral.kube.view import ClusterView
from optral.resources import reports
from optral.resources.events import Budget
from optral.store.disk import Disk
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import Refused
from optral.terms.ids import ClusterId, OrgId
from optral.terms.refs import ObjectRef

BLIND_AT_MOST_S = 120
RECOUNT_EVERY_S = 3600.0
ROWS_CHANGED = "rows_changed"
_USAGE = frozenset(kind.id for kind in REPORT_KINDS)
_log = structlog.get_logger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class IngestAnswer:
    """What the agent must send again: (kind id, reason)."""

    resync: Sequence[tuple[str, str]] = ()


@dataclass(slots=True)
class Session:
    """What is known of a session beside its rows. Moves only after a commit, under the cluster's lock."""

    ref: SessionRef
    opened_s: float
    budget: Budget
    settled: set[str] = field(default_factory=set)
    is_judging: bool = False  # the whole inventory was judged once, as far as it was there
    is_synced: bool = False  # it was complete then
    round: Round | None = None  # what is left to judge; nothing else is judged meanwhile
    may_write_late: bool = False  # a job failed and may still commit, so only the writer knows the rows
    next_due: datetime | None = None  # what the rows say; written after a commit, under the cluster's lock
    look_at: datetime | None = None  # when the sweep wants to look instead, whatever the rows say; only the sweep writes it
    settings: Settings | None = None  # what the whole inventory was last judged under
    recount_s: float = 0.0  # monotonic: when its rows are counted again
    resyncs: dict[str, str] = field(default_factory=dict)  # by kind, the reason

    @property
    def who(self) -> actor.Actor:
        return actor.agent(OrgId(self.ref.org_id), ClusterId(self.ref.cluster_id))

    @property
    def due_at(self) -> datetime | None:
        return self.look_at or self.next_due

    def visibility(self, settled: frozenset[str]) -> Visibility:
        """What may be concluded from a missing object once these kinds are settled."""
        return Visibility(settled=settled, announced=self.ref.kinds, is_complete=self.is_complete(settled))

    @property
    def became_complete(self) -> bool:
        """Whether the inventory was judged before it was complete, and is complete now."""
        return self.is_judging and not self.is_synced and self.is_complete(self.settled)

    def is_complete(self, settled: Collection[str]) -> bool:
        """Whether every kind that all clusters have is settled. Custom kinds take part in judgment as they come: there may be hundreds."""
        return all(kind in settled for kind in self.ref.kinds if kind in BY_ID and kind != EVENT.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a job of a session led to. `judgement` None: nothing was judged, so that what was known stays.

    `begun`: a new round. `piece`: what was judged of the new or the present one. `touched`: what the next one judges, as kind id by uid.
    `has_usage`: reports of what pods or nodes use were committed.
    """

    resync: Sequence[tuple[str, str]] = ()
    settled: frozenset[str] = frozenset()
    judgement: Judgement | None = None
    begun: Round | None = None
    piece: Piece | None = None
    touched: Mapping[str, str] = field(default_factory=dict)
    has_usage: bool = False


class Inventory:
    """The walk of ingest. `changes` counts what was committed; `on_due` is called (on the loop) when a due time may have moved,
    `on_usage` when reports of usage were committed.

    `drifts` counts kinds whose rows were found to be changed outside the server.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        views: Views | None = None,
        *,
        disk: Disk | None = None,
        on_due: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._clock, self.views = store, clock, views or Views()
        self._disk = disk or Disk(None, clock)
        self._sessions: dict[str, Session] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self.on_due = on_due
        self.on_usage: Callable[[SessionRef], None] = lambda _session: None
        self.changes = self.drifts = 0
        self.detector_failures: Counter[str] = Counter()
        self.tuning = InForce()
        self._began: dict[str, float] = {}

    async def begin(self, session: SessionRef, cursors: Sequence[KindCursor]) -> dict[str, str]:
        """Open a session: per kind "resume" or "snapshot". Raises `Refused("superseded")`, `Unavailable`.

        The rows of the kinds that the agent may resume are counted first, on a reader: after a restart or a restore, the digests that
        both sides kept say nothing about the rows.
        """
        self._disk.require_room()
        async with self.lock(session.cluster_id):
            before = self._sessions.get(session.cluster_id)
            if before is not None and before.ref.fence > session.fence:
                raise Refused("superseded", say="a newer session of this cluster has taken over")
            if before is None or before.ref.fence + 1 != session.fence:
                self.views.drop(session.cluster_id)  # another process may have written meanwhile
            now_s = self._clock.monotonic()
            opened = Session(session, now_s, Budget(now_s), recount_s=now_s + RECOUNT_EVERY_S)
            resumable = [cursor.kind for cursor in cursors if cursor.generation and cursor.kind != EVENT.id]
            drifted = await self.read(opened, lambda tx: reports.drifted(tx, session.cluster_id, resumable)) if resumable else []
            modes, drifts, removed = await self._store.write(opened.who, lambda tx: _begin(tx, session, cursors, drifted))
            if removed:
                self.views.drop(session.cluster_id)
            self._sessions[session.cluster_id] = opened
            self._note(session, drifts)
            return modes

    async def ingest(self, session: SessionRef, received: Sequence[Frame]) -> IngestAnswer:
        """Commit these frames. Raises `Refused("superseded")`, `BadFrame` (the peer broke the protocol), `Unavailable`."""
        self._disk.require_room()
        async with self.lock(session.cluster_id):
            known = self._sessions.get(session.cluster_id)
            if known is None or known.ref.fence != session.fence:
                raise Refused("superseded", say="this is not the cluster's current session")
            incoming = Incoming(received, session.kinds, known.budget, self._clock)
            await self.prepare_view(known)
            self._began[session.cluster_id] = self._clock.monotonic()
            try:
                outcome = await self.write(known, lambda tx: self._job(tx, known, incoming))
            finally:
                del self._began[session.cluster_id]
            self.changes += incoming.count
            if outcome.has_usage:
                self.on_usage(session)
            return IngestAnswer(outcome.resync)

    async def recount(self, session: Session, kind: str) -> None:
        """Count the rows of one kind; have the agent list it again when they were changed outside the server. Call under the lock."""
        ref = session.ref
        if not await self.read(session, lambda tx: reports.drifted(tx, ref.cluster_id, [kind])):
            return
        drifts = await self._store.write(session.who, lambda tx: _correct(tx, ref, [kind]))
        session.resyncs |= {drift.kind: ROWS_CHANGED for drift in drifts}
        self._note(ref, drifts)
        if drifts:
            self._store.hubs[reports.RESYNCS].publish(ref.cluster_id)

    def take_resyncs(self, session: SessionRef) -> list[tuple[str, str]]:
        """(kind id, reason) of what the agent must list again; each is given once. `reports.RESYNCS` is published when there are any."""
        known = self._sessions.get(session.cluster_id)
        if known is None or known.ref.fence != session.fence:
            return []
        taken, known.resyncs = known.resyncs, {}
        return list(taken.items())

    def _note(self, session: SessionRef, drifts: Sequence[reports.Drift]) -> None:
        self.drifts += len(drifts)
        for drift in drifts:
            _log.warning(
                "ingest.rows_changed",
                say="rows of this kind were changed or lost outside the server; the agent lists the kind again",
                cluster=session.cluster_id,
                kind=drift.kind,
                rows=drift.rows,
                expected=drift.expected,
            )

    @property
    def lag_s(self) -> float:
        """For how long the oldest frames in hand have waited for their commit, in seconds."""
        return max((self._clock.monotonic() - began for began in self._began.values()), default=0.0)

    def lock(self, cluster_id: str) -> asyncio.Lock:
        """One job at a time per cluster: ingest and sweep share this."""
        return self._locks.setdefault(cluster_id, asyncio.Lock())

    def sessions(self) -> list[Session]:
        """The sessions opened here, also of agents that have gone since."""
        return list(self._sessions.values())

    def end(self, session: SessionRef) -> None:
        """The session ended: its cluster is no longer judged, and its view is dropped."""
        known = self._sessions.get(session.cluster_id)
        if known is not None and known.ref.fence == session.fence:
            del self._sessions[session.cluster_id]
            self.views.drop(session.cluster_id)

    def is_overdue(self, session: Session) -> bool:
        """Whether the session has been blind for as long as it may be."""
        return not session.is_judging and self._clock.monotonic() - session.opened_s >= BLIND_AT_MOST_S

    async def prepare_view(self, session: Session) -> None:
        """Build the view on a reader of the store: in a job it would hold the writer for 25 µs per object. Call under the lock."""
        if not session.may_write_late and session.ref.cluster_id not in self.views:
            await self.read(session, lambda tx: self.views.of(tx, session.ref.cluster_id))

    async def write(self, session: Session, job: Callable[[Transaction], Outcome]) -> Outcome:
        """Run a job of this session under the cluster's lock; whatever fails drops the view."""
        with ExitStack() as undo:
            undo.callback(self.views.drop, session.ref.cluster_id)
            session.may_write_late = True
            outcome = await self._store.write(session.who, job)
            session.may_write_late = False
            undo.pop_all()
        session.settled |= outcome.settled
        self._move_round(session, outcome)
        if (judgement := outcome.judgement) is not None:
            self._keep(session, judgement)
        return outcome

    def _move_round(self, session: Session, outcome: Outcome) -> None:
        session.round = outcome.begun or session.round
        if session.round is None:
            return
        session.round.postpone(outcome.touched)
        if (piece := outcome.piece) is not None:
            session.round.advance(piece)
            if piece.is_last:
                session.round = session.round.following()
                session.is_synced = session.is_synced or piece.is_synced
        self.on_due()

    def _keep(self, session: Session, judgement: Judgement) -> None:
        self.detector_failures.update(judgement.failures)
        session.is_judging = session.is_judging or judgement.settings is not None
        session.settings = judgement.settings or session.settings
        due, session.next_due = session.next_due, judgement.next_due
        if due != session.next_due:
            self.on_due()

    async def read(self, session: Session, job: Callable[[Transaction], T]) -> T:
        """What a job of this session's organization reads."""
        return await self._store.read(session.who, job)

    async def read_all(self, job: Callable[[Transaction], T]) -> T:
        """What a job reads of all organizations."""
        return await self._store.read(actor.system(), job)

    async def complete(self, session: Session) -> None:
        """Judge a session whose inventory did not become complete in time, as far as it goes. Call under the cluster's lock."""
        await self.write(session, lambda tx: self._job(tx, session, Incoming((), session.ref.kinds, session.budget, self._clock)))

    def _job(self, tx: Transaction, session: Session, incoming: Incoming) -> Outcome:
        ref = session.ref
        state = clusters.state(tx, ref.cluster_id, ref.fence)
        view = self.views.of(tx, ref.cluster_id)
        applied = frames.apply(tx, state, incoming)
        overlay = view.with_changes(applied.changes)
        if applied.changes:
            self.views.move(tx, ref.cluster_id, overlay, offset=state.clock_offset)
        settled = frozenset(session.settled | applied.settled)
        touched = [_ref(change) for change, _ in applied.changes]
        judged = self._judge(tx, state, overlay, session, touched, settled)
        if session.is_judging and ownership.follow(tx, state, overlay, settings := self.tuning.of(tx), touched):
            judged = replace(judged, begun=rounds.of_inventory(tx, state, overlay, settings))
        has_usage = any(change.kind in _USAGE for change, _ in applied.changes)
        return replace(judged, resync=applied.resync, settled=settled, has_usage=has_usage)

    def _judge(
        self,
        tx: Transaction,
        state: ClusterState,
        view: ClusterView,
        session: Session,
        touched: Sequence[ObjectRef],
        settled: frozenset[str],
    ) -> Outcome:
        """Judge what was touched if the rest of the inventory is judged; else begin to judge all of it, if it is complete."""
        settings = self.tuning.of(tx)
        if session.round is not None and session.round.settings == settings:
            return Outcome(touched=rounds.reached(view, touched, settings))
        is_up_to_date = session.is_judging and session.settings == settings
        if is_up_to_date and (session.is_synced or not session.is_complete(settled)):
            if not touched:
                return Outcome()
            judgement, begun = rounds.judge(tx, state, view, touched, settings=settings)
            return Outcome(judgement=judgement, begun=begun)
        if session.is_judging or session.is_complete(settled) or self.is_overdue(session):
            return self.begin_round(tx, state, view, session, settings=settings, settled=settled)
        return Outcome()

    @staticmethod
    def begin_round(
        tx: Transaction, state: ClusterState, view: ClusterView, session: Session, *, settings: Settings, settled: frozenset[str]
    ) -> Outcome:
        """Begin to judge the whole inventory of a session of which these kinds have settled."""
        begun = rounds.of_inventory(tx, state, view, settings)
        if begun.is_large:
            return Outcome(begun=begun)
        piece = rounds.judge_piece(tx, state, view, begun, session.visibility(settled))
        return Outcome(judgement=piece.judgement, begun=begun, piece=piece)


def _ref(change: ObjectChange) -> ObjectRef:
    return ObjectRef(change.kind, change.namespace or None, change.name, change.uid)


def _correct(tx: Transaction, session: SessionRef, kinds: Sequence[str]) -> list[reports.Drift]:
    """Nobody else writes these rows meanwhile: what a reader saw is looked at again."""
    clusters.state(tx, session.cluster_id, session.fence)
    return reports.correct(tx, session.cluster_id, kinds) if kinds else []


def _begin(
    tx: Transaction, session: SessionRef, cursors: Sequence[KindCursor], drifted: Sequence[str]
) -> tuple[dict[str, str], list[reports.Drift], int]:
    """The mode of each kind, the kinds whose rows were changed outside the server, and how many objects of vanished kinds were removed."""
    drifts = _correct(tx, session, drifted)
    modes = reports.begin(tx, session.cluster_id, session.kinds - {EVENT.id}, cursors)
    if EVENT.id in session.kinds:
        modes[EVENT.id] = "resume"  # Events have no snapshots
    return modes, drifts, reports.remove_unannounced(tx, session.cluster_id, session.kinds)
