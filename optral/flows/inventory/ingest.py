"""From frames of one agent's session to rows, findings, issues and events: one transaction per call.

The order inside the job: fence → what came in (unpacked once, however often the job runs) → `reports.apply` → `detectors.examine` →
`issues.observe` → `events.append`. After the commit the view of the cluster moves; then the gateway acknowledges. Everything is idempotent,
so a call whose answer was lost may simply come again.

Nothing is judged while a session's inventory is incomplete (a missing pod must not look like a healed one). Once every kind is live,
forbidden or gone, or after 120 s, the whole cluster is examined, together with everything that ever showed something here.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

import structlog

from optral import detectors
from optral.clusters import service as clusters
from optral.clusters.model import ClusterState, SessionRef
from optral.detectors import suspects, tuning as tuned
from optral.detectors.finding import Examination
from optral.detectors.tuning import Settings
from optral.events import service as events
from optral.flows.analysis import analyze, capture
from optral.flows.inventory.views import Views
from optral.flows.issues import grouping, issue_events
from optral.flows.issues.detector_settings import InForce, switched_off
from optral.issues import service as issues
from optral.issues.model import Move
from optral.kit.clock import Clock
from optral.kube import objects, redact
from optral.kube.changes import BadFrame, ChangeBatch, Frame, KindCursor, KindDigest, KindMark, ObjectChange, Op, Phase
from optral.kube.kinds import EVENT, KINDS
from optral.kube.objects import KubeObject
from optral.kube.view import ClusterView
from optral.resources import reports, service as resources
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
_SETTLED = frozenset({Phase.LIVE, Phase.FORBIDDEN, Phase.GONE})
_log = structlog.get_logger(__name__)

T = TypeVar("T")
Change = tuple[ObjectChange, KubeObject | None]


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
    is_judging: bool = False
    next_due: datetime | None = None
    settings: Settings | None = None  # what the whole inventory was last judged under
    recount_s: float = 0.0  # monotonic: when its rows are counted again
    resyncs: dict[str, str] = field(default_factory=dict)  # by kind, the reason

    @property
    def who(self) -> actor.Actor:
        return actor.agent(OrgId(self.ref.org_id), ClusterId(self.ref.cluster_id))

    def is_complete(self, settled: set[str]) -> bool:
        return self.ref.kinds - {EVENT.id} <= settled


@dataclass(slots=True)
class Outcome:
    resync: list[tuple[str, str]] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)
    is_judging: bool = False
    next_due: datetime | None = None
    failures: Counter[str] = field(default_factory=Counter)
    settings: Settings | None = None


class Inventory:
    """The walk of ingest. `changes` counts what was committed; `on_due` is called (on the loop) when a due time may have moved.

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
            modes, drifts = await self._store.write(opened.who, lambda tx: _begin(tx, session, cursors, drifted))
            self._sessions[session.cluster_id] = opened
            self._note(session, drifts)
            return modes

    async def ingest(self, session: SessionRef, frames: Sequence[Frame]) -> IngestAnswer:
        """Commit these frames. Raises `Refused("superseded")`, `BadFrame` (the peer broke the protocol), `Unavailable`."""
        self._disk.require_room()
        async with self.lock(session.cluster_id):
            known = self._sessions.get(session.cluster_id)
            if known is None or known.ref.fence != session.fence:
                raise Refused("superseded", say="this session is not the cluster's present one")
            incoming = _Incoming(frames, session.kinds, known.budget, self._clock)
            self._began[session.cluster_id] = self._clock.monotonic()
            try:
                outcome = await self.write(known, lambda tx: self._job(tx, known, incoming))
            finally:
                del self._began[session.cluster_id]
            self.changes += incoming.count
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
            reports.resyncs.publish(ref.cluster_id)

    def take_resyncs(self, session: SessionRef) -> list[tuple[str, str]]:
        """(kind id, reason) of what the agent must list again; each is given once. `reports.resyncs` says when there are any."""
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
        """The session is over: nothing of the cluster is judged any more, and its view is given back."""
        known = self._sessions.get(session.cluster_id)
        if known is not None and known.ref.fence == session.fence:
            del self._sessions[session.cluster_id]
            self.views.drop(session.cluster_id)

    def is_overdue(self, session: Session) -> bool:
        """Whether the session has been blind for as long as it may be."""
        return not session.is_judging and self._clock.monotonic() - session.opened_s >= BLIND_AT_MOST_S

    async def write(self, session: Session, job: Callable[[Transaction], Outcome]) -> Outcome:
        """Run a job of this session under the cluster's lock; whatever fails drops the view."""
        try:
            outcome = await self._store.write(session.who, job)
        except BaseException:
            self.views.drop(session.ref.cluster_id)
            raise
        session.settled |= outcome.settled
        self.detector_failures.update(outcome.failures)
        session.is_judging = session.is_judging or outcome.is_judging
        session.settings = outcome.settings or session.settings
        due, session.next_due = session.next_due, outcome.next_due
        if due != session.next_due:
            self.on_due()
        return outcome

    async def read(self, session: Session, job: Callable[[Transaction], T]) -> T:
        """What a job of this session's organisation reads."""
        return await self._store.read(session.who, job)

    async def complete(self, session: Session) -> None:
        """Judge a session whose inventory did not become complete in time, as far as it goes. Call under the cluster's lock."""
        await self.write(session, lambda tx: self._job(tx, session, _Incoming((), session.ref.kinds, session.budget, self._clock)))

    def _job(self, tx: Transaction, session: Session, incoming: "_Incoming") -> Outcome:
        ref = session.ref
        state = clusters.state(tx, ref.cluster_id, ref.fence)
        view = self.views.of(tx, ref.cluster_id)
        outcome = Outcome(is_judging=session.is_judging, next_due=session.next_due)
        changes = _Applying(tx, state, incoming, outcome).run()
        overlay = view.with_changes(changes)
        if changes:
            self.views.move(tx, ref.cluster_id, overlay, offset=state.clock_offset)
        settings = self.tuning.of(tx)
        if session.is_judging and session.settings == settings:
            judge(tx, state, overlay, [_ref(change) for change, _ in changes], outcome, settings=settings)
        elif session.is_judging:
            self.judge_anew(tx, state, overlay, outcome, session)
        elif (complete := session.is_complete(session.settled | outcome.settled)) or self.is_overdue(session):
            self._judge_all(tx, state, overlay, outcome, session, complete=complete)
        return outcome

    def judge_anew(self, tx: Transaction, state: ClusterState, view: ClusterView, outcome: Outcome, session: Session) -> None:
        """Look at everything once more, because somebody tuned detectors."""
        self._judge_all(tx, state, view, outcome, session, complete=session.is_complete(session.settled | outcome.settled))

    def _judge_all(
        self, tx: Transaction, state: ClusterState, view: ClusterView, outcome: Outcome, session: Session, *, complete: bool
    ) -> None:
        """The first look of a session: everything that is there, and everything that showed something and may be gone."""
        settings = outcome.settings = self.tuning.of(tx)
        limits = tuned.limits(settings, view, cluster_id=state.id)
        examination = detectors.examine_all(view, now=tx.now + state.clock_offset, include_risk=settings.has_risk, limits=limits)
        visible = session.ref.kinds if complete else session.settled | outcome.settled
        blind = resources.blind_kinds(tx, state.id)
        known = issues.uids(tx, state.id)
        unseen = frozenset(uid for uid, kind in known if kind in blind)  # missing data must not look like health
        examination = replace(
            examination,
            findings=tuple(finding for finding in examination.findings if finding.shown_by.uid not in unseen),
            examined=(examination.examined | {uid for uid, kind in known if kind in visible}) - unseen,
        )
        _observe(tx, state, view, examination, also=frozenset(), outcome=outcome, settings=settings)
        outcome.is_judging = True
        if complete:
            clusters.mark_synced(tx, state.id)


def judge(
    tx: Transaction, state: ClusterState, view: ClusterView, touched: Sequence[ObjectRef], outcome: Outcome, *, settings: Settings
) -> None:
    """Examine what was touched and let issues and subscribers know."""
    if touched:
        limits = tuned.limits(settings, view, cluster_id=state.id)
        now = tx.now + state.clock_offset
        examination = detectors.examine(view, touched, now=now, include_risk=settings.has_risk, limits=limits)
        also = frozenset(ref.uid for ref in touched if ref.kind != EVENT.id)
        _observe(tx, state, view, examination, also=also, outcome=outcome, settings=settings)


def _observe(
    tx: Transaction,
    state: ClusterState,
    view: ClusterView,
    examination: Examination,
    *,
    also: frozenset[str],
    outcome: Outcome,
    settings: Settings,
) -> None:
    examination = tuned.apply(examination, settings, view, cluster_id=state.id)
    whole = Examination(
        findings=examination.findings,
        examined=examination.examined | also,
        look_again=examination.look_again,
        failures=examination.failures,
        unjudged=examination.unjudged,
    )
    moves = issues.observe(
        tx,
        state,
        whole,
        now=tx.now,
        synced_at=state.synced_at,
        exists=lambda ref: ref == suspects.CLUSTER or view.by_name(ref.kind, ref.namespace, ref.name) is not None,
        resolve_after_s=detectors.resolve_after_s,
        switched_off=switched_off(tx, settings, view, cluster_id=state.id),
    )
    outcome.failures.update(examination.failures)
    regroup(tx, state, view, outcome, moves)


def regroup(tx: Transaction, state: ClusterState, view: ClusterView, outcome: Outcome, moves: Sequence[Move] = ()) -> None:
    """Group what is due, and let everybody know of these moves and of those that grouping makes."""
    moves, due_at = grouping.group(tx, state, view, moves)
    outcome.next_due = min((moment for moment in (issues.next_due(tx, state.id), due_at) if moment is not None), default=None)
    if moves:
        analyze.on_moves(tx, moves, may_capture=lambda namespace: capture.lets(view.namespace(namespace)))
        events.append(tx, issue_events.told(moves, cluster=state.standing))


def locate(view: ClusterView, refs: Iterable[ObjectRef]) -> list[ObjectRef]:
    """Give references that are only a uid the object they mean; those that mean none stay as they are."""
    return [ref if ref.kind else _found(view, ref.uid) or ref for ref in refs]


def _found(view: ClusterView, uid: str) -> ObjectRef | None:
    for kind in KINDS:
        if (thing := view.get(kind.id, uid)) is not None:
            return ObjectRef(kind.id, thing.namespace, thing.metadata.name, uid)
    return None


def _ref(change: ObjectChange) -> ObjectRef:
    return ObjectRef(change.kind, change.namespace or None, change.name, change.uid)


def _correct(tx: Transaction, session: SessionRef, kinds: Sequence[str]) -> list[reports.Drift]:
    """Nobody else writes these rows meanwhile: what a reader saw is looked at again."""
    clusters.state(tx, session.cluster_id, session.fence)
    return reports.correct(tx, session.cluster_id, kinds) if kinds else []


def _begin(
    tx: Transaction, session: SessionRef, cursors: Sequence[KindCursor], drifted: Sequence[str]
) -> tuple[dict[str, str], list[reports.Drift]]:
    drifts = _correct(tx, session, drifted)
    modes = reports.begin(tx, session.cluster_id, session.kinds - {EVENT.id}, cursors)
    if EVENT.id in session.kinds:
        modes[EVENT.id] = "resume"  # Events have no snapshots
    return modes, drifts


class _Incoming:
    """Frames of one call, unpacked, searched for secrets and decoded on the store's thread, and once however often the job runs."""

    def __init__(self, frames: Sequence[Frame], kinds: frozenset[str], budget: Budget, clock: Clock) -> None:
        self._frames, self._kinds, self._budget, self._clock = frames, kinds, budget, clock
        self._steps: list[list[ObjectChange] | KindMark | KindDigest] | None = None
        self._decoded: dict[int, KubeObject] = {}
        self.count = sum(frame.count for frame in frames if isinstance(frame, ChangeBatch))

    def steps(self) -> list[list[ObjectChange] | KindMark | KindDigest]:
        """Changes that follow each other as one list, between the marks as they came. Raises `BadFrame`."""
        if self._steps is None:
            steps: list[list[ObjectChange] | KindMark | KindDigest] = []
            for frame in self._frames:
                self._take(frame, steps)
            self._steps = steps
        return self._steps

    def decode(self, change: ObjectChange) -> KubeObject | None:
        if change.op is Op.DELETE:
            return None
        known = self._decoded.get(id(change))
        if known is None:
            known = objects.decode(change.kind, change.raw, uid=change.uid, namespace=change.namespace, name=change.name)
            self._decoded[id(change)] = known
        return known

    def _take(self, frame: Frame, steps: list[Any]) -> None:
        if isinstance(frame, ChangeBatch):
            changes = [change for change in self._clean(frame.unpack()) if self._admits(change)]
            if steps and isinstance(steps[-1], list):
                steps[-1].extend(changes)
            else:
                steps.append(changes)
        elif frame.kind not in self._kinds and frame.kind != EVENT.id:
            raise BadFrame(f"{frame.kind} was not announced")
        elif frame.kind != EVENT.id:
            steps.append(frame)

    def _admits(self, change: ObjectChange) -> bool:
        if change.kind == EVENT.id:
            return self._budget.admits(self._clock.monotonic())
        if change.kind not in self._kinds:
            raise BadFrame(f"{change.kind} was not announced")
        return True

    @staticmethod
    def _clean(changes: Sequence[ObjectChange]) -> Sequence[ObjectChange]:
        """The second look for secrets: one scan over all of a batch; only a hit is taken apart."""
        if not redact.scan(b"\n".join([change.raw for change in changes])):
            return changes
        return [change._replace(raw=redact.scrub(change.raw)) if redact.scan(change.raw) else change for change in changes]


class _Applying:
    """Steps on their way into rows, in the order they came."""

    def __init__(self, tx: Transaction, state: ClusterState, incoming: _Incoming, outcome: Outcome) -> None:
        self._tx, self._state, self._incoming, self._outcome = tx, state, incoming, outcome
        self._changes: list[Change] = []

    def run(self) -> list[Change]:
        for step in self._incoming.steps():
            if isinstance(step, list):
                self._apply(step)
            elif isinstance(step, KindMark):
                self._mark(step)
            elif not reports.matches(self._tx, self._state.id, step):
                _log.warning("ingest.digest_mismatch", cluster=self._state.id, kind=step.kind)
                self._outcome.resync.append((step.kind, "digest_mismatch"))
        return self._changes

    def _apply(self, changes: list[ObjectChange]) -> None:
        offset = self._state.clock_offset
        events_of = [change for change in changes if change.kind == EVENT.id]
        rest = [change for change in changes if change.kind != EVENT.id] if events_of else changes
        touched = reports.apply(self._tx, self._state.id, rest, offset=offset, decode=self._incoming.decode)
        if events_of:
            touched = touched + reports.apply_events(self._tx, self._state.id, events_of, offset=offset)
        self._changes += [(change, self._incoming.decode(change)) for change in touched]

    def _mark(self, said: KindMark) -> None:
        outcome = reports.mark(self._tx, self._state.id, said)
        self._changes += [(change, None) for change in outcome.removed]
        if outcome.resync is not None:
            _log.warning("ingest.resync", cluster=self._state.id, kind=said.kind, reason=outcome.resync)
            self._outcome.resync.append((said.kind, outcome.resync))
            self._outcome.settled.discard(said.kind)
        elif said.phase in _SETTLED:
            self._outcome.settled.add(said.kind)
