"""Judges what depends on time alone: debounces that end, findings that expire, issues without findings for long enough.

It also judges the pieces of rounds (`rounds.py`), one of each cluster in turn, so that a large cluster delays nobody.

The times are indexed; each session knows its cluster's next one, so that a quiet server does nothing. Only clusters whose inventory is
current in this process are judged: a cluster that is offline, or whose inventory is incomplete, keeps its issues as they are.
"""

import asyncio
from datetime import datetime, timedelta
from functools import partial

import structlog

from optral.clusters import service as clusters
from optral.detectors.tuning import Settings
from optral.flows.inventory import rounds
from optral.flows.inventory.ingest import Inventory, Outcome, Session
from optral.flows.inventory.judging import Judgement, locate, regroup
from optral.flows.issues.detector_settings import REMEMBERED_S, in_force
from optral.issues import service as issues
from optral.issues.lifecycle import grouping
from optral.kit.clock import Clock
from optral.kit.contain import contain
from optral.resources import service as resources
from optral.store.transaction import Transaction
from optral.terms.errors import OptralError, Refused

LOOK_AT_LEAST_EVERY_S = 5.0
AT_ONCE = 500  # objects examined in one transaction
FROZEN_FOR = timedelta(seconds=15)
BLIND_FOR = timedelta(seconds=60)  # objects of a kind the agent may not see: what they showed stays as it is
_log = structlog.get_logger(__name__)


class Sweep:
    """Own `run` as a task; `step` does what is due now and returns when to come back."""

    def __init__(self, clock: Clock, inventory: Inventory) -> None:
        self._clock, self._inventory = clock, inventory
        self._noticed_s = self._grouped_s = clock.monotonic()
        self._woken = asyncio.Event()
        inventory.on_due = self._woken.set

    async def run(self) -> None:
        while True:
            self._woken.clear()
            wait_s = await self.step()
            try:
                async with asyncio.timeout(wait_s):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def step(self) -> float:
        """Judge what is due in every cluster; return the seconds until the next is due (at most 5)."""
        await self._notice_tuning()
        await self._notice_groupings()
        for session in self._inventory.sessions():
            if self._is_due(session):
                with contain(partial(self._defer, session)):
                    await self._look(session)
        return self._wait_s()

    async def _notice_tuning(self) -> None:
        """Judge a cluster again when its organization changed detector settings: a quiet cluster would not notice."""
        if self._clock.monotonic() - self._noticed_s < REMEMBERED_S:
            return
        self._noticed_s = self._clock.monotonic()
        found: dict[str, Settings] = {}
        for session in self._inventory.sessions():
            org_id = session.ref.org_id
            if not session.is_judging:
                continue
            if org_id not in found:
                try:
                    found[org_id] = await self._inventory.read(session, in_force)
                except OptralError as error:
                    _log.warning("sweep.tuning_unread", code=error.code, log=error.log)
                    return
            if session.settings != found[org_id]:
                self._inventory.tuning.forget(org_id)
                session.look_at = self._clock.now()

    async def _notice_groupings(self) -> None:
        """Group a cluster again when a log that was fetched shows more of an issue: the log may have been stored by another server."""
        judging = {session.ref.cluster_id: session for session in self._inventory.sessions() if session.is_judging}
        if not judging or self._clock.monotonic() - self._grouped_s < LOOK_AT_LEAST_EVERY_S:
            return
        self._grouped_s = self._clock.monotonic()
        try:
            overdue = await self._inventory.read_all(grouping.overdue)
        except OptralError as error:
            _log.warning("sweep.groupings_unread", code=error.code, log=error.log)
            return
        for cluster_id in overdue & judging.keys():
            session = judging[cluster_id]
            if session.round is None and not self._is_due(session):
                session.look_at = self._clock.now()

    async def _look(self, session: Session) -> None:
        async with self._inventory.lock(session.ref.cluster_id):
            if session.round is not None:
                session.look_at = None
                await self._inventory.prepare_view(session)
                await self._inventory.write(session, lambda tx: self._piece(tx, session))
            elif self._inventory.is_overdue(session):
                await self._inventory.complete(session)
            elif self._is_due(session):
                session.look_at = None
                await self._inventory.write(session, lambda tx: self._job(tx, session))

    def _piece(self, tx: Transaction, session: Session) -> Outcome:
        ref = session.ref
        state = clusters.state(tx, ref.cluster_id, ref.fence)
        view = self._inventory.views.of(tx, ref.cluster_id).with_changes(())  # what it remembers of this piece goes with it
        settings, settled = self._inventory.tuning.of(tx), frozenset(session.settled)
        assert session.round is not None
        if session.round.settings != settings:
            return self._inventory.begin_round(tx, state, view, session, settings=settings, settled=settled)
        piece = rounds.judge_piece(tx, state, view, session.round, session.visibility(settled))
        return Outcome(judgement=piece.judgement, piece=piece)

    def _job(self, tx: Transaction, session: Session) -> Outcome:
        ref = session.ref
        state = clusters.state(tx, ref.cluster_id, ref.fence)
        if not state.status.is_connected:
            tx.on_commit(lambda: self._freeze(session))
            return Outcome(judgement=Judgement(next_due=tx.now + FROZEN_FOR))
        view = self._inventory.views.of(tx, ref.cluster_id)
        due = locate(view, issues.due(tx, ref.cluster_id, now=tx.now, limit=AT_ONCE))
        issues.delete_due_looks(tx, ref.cluster_id, now=tx.now, limit=AT_ONCE)
        blind = resources.blind_kinds(tx, ref.cluster_id) if due else frozenset()
        issues.postpone(tx, ref.cluster_id, [ref for ref in due if ref.kind in blind], until=tx.now + BLIND_FOR)
        settings = self._inventory.tuning.of(tx)
        if session.settings != settings or session.became_complete:
            return self._inventory.begin_round(tx, state, view, session, settings=settings, settled=frozenset(session.settled))
        if not (visible := [ref for ref in due if ref.kind not in blind]):
            return Outcome(judgement=Judgement(next_due=regroup(tx, state, view)))
        judgement, begun = rounds.judge(tx, state, view, visible, settings=settings)
        return Outcome(judgement=judgement, begun=begun)

    def _freeze(self, session: Session) -> None:
        """Free the memory of a cluster that may never return, and look at it again later."""
        self._inventory.views.drop(session.ref.cluster_id)
        session.look_at = self._clock.now() + FROZEN_FOR

    def _is_due(self, session: Session) -> bool:
        if session.round is not None:
            return session.look_at is None or session.look_at <= self._clock.now()
        if not session.is_judging:
            return self._inventory.is_overdue(session)
        if session.became_complete and session.look_at is None:
            return True
        return session.due_at is not None and session.due_at <= self._clock.now()

    def _defer(self, session: Session, error: Exception) -> None:
        if isinstance(error, Refused):
            self._inventory.end(session.ref)  # superseded, or the cluster is gone
            return
        if isinstance(error, OptralError):
            _log.warning("sweep.deferred", cluster=session.ref.cluster_id, code=error.code, log=error.log)
        else:
            _log.error("sweep.failed", cluster=session.ref.cluster_id, exc_info=error)
        session.look_at = self._clock.now() + FROZEN_FOR

    def _wait_s(self) -> float:
        now: datetime = self._clock.now()
        sessions = self._inventory.sessions()
        waits = [(s.due_at - now).total_seconds() for s in sessions if s.round is None and s.is_judging and s.due_at is not None]
        waits += [0.0 if s.look_at is None else (s.look_at - now).total_seconds() for s in sessions if s.round is not None]
        return max(0.0, min([LOOK_AT_LEAST_EVERY_S, *waits]))
