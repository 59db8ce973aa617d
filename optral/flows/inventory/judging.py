"""Judges a cluster inside a transaction: examine, observe issues, group them, write their events.

Ingest judges what frames touched, the sweep what is due; both judge everything once a session's inventory is complete, or when somebody
changes detector settings. Each function returns a `Judgement`; the caller keeps it after the commit.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from optral import detectors
from optral.clusters import service as clusters
from optral.clusters.model import ClusterState
from optral.detectors import candidate_causes, tuning as tuned
from optral.detectors.finding import Examination
from optral.detectors.tuning import Settings
from optral.events import service as events
from optral.flows.analysis import analyze, capture
from optral.flows.issues import grouping, issue_events
from optral.flows.issues.detector_settings import switched_off
from optral.issues import service as issues
from optral.issues.model import Move
from optral.kube.kinds import EVENT, is_discovered
from optral.kube.view import ClusterView
from optral.resources import service as resources
from optral.store.transaction import Transaction
from optral.terms.refs import ObjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a judgement led to. `next_due`: when the cluster is to be judged again; `failures` of detectors, by type.

    `settings`: what the whole inventory was judged under; None when only a part was.
    """

    next_due: datetime | None
    failures: Mapping[str, int] = field(default_factory=Counter)
    settings: Settings | None = None


def judge(tx: Transaction, state: ClusterState, view: ClusterView, touched: Sequence[ObjectRef], *, settings: Settings) -> Judgement:
    """Examine these objects."""
    limits = tuned.limits(settings, view, cluster_id=state.id)
    now = tx.now + state.clock_offset
    examination = detectors.examine(view, touched, now=now, include_risk=settings.has_risk, limits=limits)
    touched_uids = frozenset(ref.uid for ref in touched if ref.kind != EVENT.id)
    examination = replace(examination, examined=examination.examined | touched_uids)
    return _observe(tx, state, view, examination, settings=settings)


def judge_all(
    tx: Transaction,
    state: ClusterState,
    view: ClusterView,
    *,
    settings: Settings,
    visible: frozenset[str],
    announced: frozenset[str],
    is_complete: bool,
) -> Judgement:
    """Examine everything that exists, and everything that showed an issue and may be gone.

    `visible`: the kinds of which the agent has reported everything, so that a missing object is gone. A custom kind that is not among the
    `announced` ones no longer exists, and neither do its objects.
    """
    limits = tuned.limits(settings, view, cluster_id=state.id)
    examination = detectors.examine_all(view, now=tx.now + state.clock_offset, include_risk=settings.has_risk, limits=limits)
    blind = resources.blind_kinds(tx, state.id)
    known = issues.uids(tx, state.id)
    unseen = frozenset(uid for uid, kind in known if kind in blind)  # missing data must not look like health
    examination = replace(
        examination,
        findings=tuple(finding for finding in examination.findings if finding.shown_by.uid not in unseen),
        examined=(examination.examined | {uid for uid, kind in known if kind in visible or _has_vanished(kind, announced)}) - unseen,
    )
    judgement = replace(_observe(tx, state, view, examination, settings=settings), settings=settings)
    if is_complete:
        clusters.mark_synced(tx, state.id)
    return judgement


def _has_vanished(kind: str, announced: frozenset[str]) -> bool:
    return kind not in announced and is_discovered(kind)


def _observe(tx: Transaction, state: ClusterState, view: ClusterView, examination: Examination, *, settings: Settings) -> Judgement:
    moves = issues.observe(
        tx,
        state,
        tuned.apply(examination, settings, view, cluster_id=state.id),
        now=tx.now,
        synced_at=state.synced_at,
        exists=lambda ref: ref == candidate_causes.CLUSTER or view.by_name(ref.kind, ref.namespace, ref.name) is not None,
        resolve_after_s=detectors.resolve_after_s,
        switched_off=switched_off(tx, settings, view, cluster_id=state.id),
    )
    return Judgement(next_due=regroup(tx, state, view, moves), failures=examination.failures)


def regroup(tx: Transaction, state: ClusterState, view: ClusterView, moves: Sequence[Move] = ()) -> datetime | None:
    """Group what is due, write the events of these moves and of those that grouping makes; returns when the cluster is due next."""
    moves, next_due = grouping.group(tx, state, view, moves)
    if moves:
        analyze.on_moves(tx, moves, may_capture=lambda namespace: capture.lets(view.namespace(namespace)))
        events.append(tx, issue_events.events_of(moves, cluster=state.standing))
    return next_due


def locate(view: ClusterView, refs: Iterable[ObjectRef]) -> list[ObjectRef]:
    """Give references that are only a uid the object they mean; those that mean none stay as they are."""
    return [ref if ref.kind else _found(view, ref.uid) or ref for ref in refs]


def _found(view: ClusterView, uid: str) -> ObjectRef | None:
    for kind in view.kinds():
        if (thing := view.get(kind, uid)) is not None:
            return ObjectRef(kind, thing.namespace, thing.metadata.name, uid)
    return None
