"""Judges a cluster inside a transaction: examine, observe issues, group them, write their events.

Ingest judges what frames touched, the sweep what is due. What is too much for one transaction is judged in pieces (`rounds.py`). Each
function returns a `Judgement`; the caller keeps it after the commit.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from functools import cache

from optral import detectors
from optral.clusters.model import ClusterState
from optral.detectors import candidate_causes, tuning as tuned
from optral.detectors.finding import Examination
from optral.detectors.tuning import Settings
from optral.events import service as events
from optral.flows.alerts import joining
from optral.flows.analysis import analyze, capture
from optral.flows.issues import grouping, issue_events, ownership
from optral.flows.issues.detector_settings import switched_off
from optral.issues import service as issues
from optral.issues.model import Condition, Move
from optral.kube.objects import KubeObject
from optral.kube.view import ClusterView
from optral.resources import service as resources
from optral.store.transaction import Transaction
from optral.terms.refs import ObjectRef


class Stage(Enum):
    """Whether an observation is the only one of a judgment, the last of several, or more follow."""

    ONLY = auto()
    MORE = auto()
    LAST = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a judgment led to. `next_due`: when the cluster is to be judged again; `failures` of detectors, by type.

    `settings`: what the whole inventory was judged under; None when only a part was.
    """

    next_due: datetime | None
    failures: Mapping[str, int] = field(default_factory=Counter)
    settings: Settings | None = None


def examine(
    tx: Transaction,
    state: ClusterState,
    view: ClusterView,
    objects: Iterable[tuple[str, KubeObject | None]],
    *,
    settings: Settings,
    stop_after: int | None = None,
) -> Examination:
    """What is wrong with these objects now (`detectors.examine_objects`)."""
    limits = tuned.limits(settings, view, cluster_id=state.id)
    now = tx.now + state.clock_offset
    return detectors.examine_objects(view, objects, now=now, include_risk=settings.has_risk, limits=limits, stop_after=stop_after)


def observe(
    tx: Transaction,
    state: ClusterState,
    view: ClusterView,
    examination: Examination,
    *,
    settings: Settings,
    stage: Stage = Stage.ONLY,
) -> Judgement:
    """Open, update and resolve the issues of the examined objects, and group the cluster's issues unless more objects follow."""
    moves = issues.observe(
        tx,
        state,
        tuned.apply(examination, settings, view, cluster_id=state.id),
        now=tx.now,
        synced_at=state.synced_at,
        exists=lambda ref: ref == candidate_causes.CLUSTER or view.by_name(ref.kind, ref.namespace, ref.name) is not None,
        resolve_after_s=detectors.resolve_after_s,
        switched_off=switched_off(tx, settings, view, cluster_id=state.id),
        is_known=_is_known(tx, state, view),
        team_of=ownership.team_of(state, view, settings),
    )
    next_due = regroup(tx, state, view, moves, stage=stage)
    if stage is Stage.LAST and state.synced_at is None:
        analyze.queue_preexisting(tx, state.id)
    return Judgement(next_due=next_due, failures=examination.failures)


def _is_known(tx: Transaction, state: ClusterState, view: ClusterView) -> Callable[[Condition], bool]:
    """Answers whether a condition that was not found again has ended. Without the reports that it rests on, that is not known.

    For one observation, in which thousands may end: which kinds are outdated is read once, and only when something rests on reports.
    """
    now = tx.now + state.clock_offset

    @cache
    def outdated() -> frozenset[str]:
        return resources.outdated_kinds(tx, state.id)

    def ask(condition: Condition) -> bool:
        if condition.expires_at is not None:  # an object has shown it, and no report
            return True
        obj = view.get(condition.kind, condition.uid)
        return obj is None or detectors.is_covered(condition.type, obj, view, now=now, outdated=outdated)

    return ask


def regroup(
    tx: Transaction, state: ClusterState, view: ClusterView, moves: Sequence[Move] = (), *, stage: Stage = Stage.ONLY
) -> datetime | None:
    """Group what is due, write the events of these moves and of those that grouping makes; returns when the cluster is due next."""
    moves, next_due = grouping.group(tx, state, view, moves, is_due=stage is not Stage.MORE)
    if moves:
        joining.on_moves(tx, moves)
        are_all_known = stage is Stage.ONLY or state.synced_at is not None
        analyze.on_moves(tx, moves, may_capture=lambda namespace: capture.lets(view.namespace(namespace)), with_preexisting=are_all_known)
        events.append(tx, issue_events.events_of(moves, cluster=state.standing))
    return next_due


def locate(view: ClusterView, refs: Iterable[ObjectRef]) -> list[ObjectRef]:
    """Give references that are only a uid the object they mean; those that mean none stay as they are."""
    return [ref if ref.kind else _found(view, ref.uid) or ref for ref in refs]


def _found(view: ClusterView, uid: str) -> ObjectRef | None:
    for kind in view.kinds():
        if (obj := view.get(kind, uid)) is not None:
            return ObjectRef(kind, obj.namespace, obj.metadata.name, uid)
    return None
