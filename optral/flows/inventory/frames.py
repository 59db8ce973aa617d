"""The frames of one call: unpacked and decoded on the store's thread, then written to rows in the order they arrived."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import structlog

from optral.clusters.model import ClusterState
from optral.kit.clock import Clock
from optral.kube import objects, redact
from optral.kube.changes import BadFrame, ChangeBatch, Frame, KindDigest, KindMark, ObjectChange, Op, Phase
from optral.kube.kinds import EVENT
from optral.kube.objects import KubeObject
from optral.resources import reports
from optral.resources.events import Budget
from optral.store.transaction import Transaction

_SETTLED = frozenset({Phase.LIVE, Phase.FORBIDDEN, Phase.GONE})
_log = structlog.get_logger(__name__)

Change = tuple[ObjectChange, KubeObject | None]


class Applied(NamedTuple):
    """What the frames changed: objects, what the agent must send again as (kind id, reason), and the kinds that are complete now."""

    changes: list[Change]
    resync: list[tuple[str, str]]
    settled: set[str]


class Incoming:
    """Frames of one call, unpacked, searched for secrets and decoded once, however often the job runs."""

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
        """The second search for secrets: one scan over a whole batch; only a hit is searched object by object."""
        if not redact.scan(b"\n".join([change.raw for change in changes])):
            return changes
        return [change._replace(raw=redact.scrub(change.raw)) if redact.scan(change.raw) else change for change in changes]


def apply(tx: Transaction, state: ClusterState, incoming: Incoming) -> Applied:
    """Write the frames to rows. Raises `BadFrame`."""
    applied = Applied([], [], set())
    for step in incoming.steps():
        if isinstance(step, list):
            applied.changes.extend(_write(tx, state, incoming, step))
        elif isinstance(step, KindMark):
            _mark(tx, state, step, applied)
        elif not reports.matches(tx, state.id, step):
            _log.warning("ingest.digest_mismatch", cluster=state.id, kind=step.kind)
            applied.resync.append((step.kind, "digest_mismatch"))
    return applied


def _write(tx: Transaction, state: ClusterState, incoming: Incoming, changes: list[ObjectChange]) -> list[Change]:
    kube_events = [change for change in changes if change.kind == EVENT.id]
    rest = [change for change in changes if change.kind != EVENT.id] if kube_events else changes
    touched = reports.apply(tx, state.id, rest, offset=state.clock_offset, decode=incoming.decode)
    if kube_events:
        touched = touched + reports.apply_events(tx, state.id, kube_events, offset=state.clock_offset)
    return [(change, incoming.decode(change)) for change in touched]


def _mark(tx: Transaction, state: ClusterState, mark: KindMark, applied: Applied) -> None:
    outcome = reports.mark(tx, state.id, mark)
    applied.changes.extend((change, None) for change in outcome.removed)
    if outcome.resync is not None:
        _log.warning("ingest.resync", cluster=state.id, kind=mark.kind, reason=outcome.resync)
        applied.resync.append((mark.kind, outcome.resync))
        applied.settled.discard(mark.kind)
    elif mark.phase in _SETTLED:
        applied.settled.add(mark.kind)
