"""Judging many objects in pieces: one short transaction per piece, so that no cluster holds the store for long.

A round is what a session has left to judge: its whole inventory once that is complete, or when detector settings changed; or what one batch
touched, when it opens or ends too many issues for one transaction. The transaction that begins a small round judges its first piece, and
the sweep judges the others. What frames touch while a round lasts waits for the next one, each object once: a round ends however many
changes arrive.

Objects with findings come first. Conditions that were not found again end only after all of them, since another object may show the same
failure now. Issues are grouped with the last piece, which sees all of them. A round lives in memory: after a restart the agent opens a new
session, and its round begins again. Observing the same findings twice changes nothing.
"""

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from optral import detectors
from optral.clusters import service as clusters
from optral.clusters.model import ClusterState
from optral.detectors.finding import Examination
from optral.detectors.tuning import Settings
from optral.flows.inventory import judging
from optral.flows.inventory.judging import Judgement, Stage
from optral.flows.issues import ownership
from optral.issues import service as issues
from optral.kube.kinds import is_discovered
from optral.kube.objects import KubeObject
from optral.kube.view import ClusterView
from optral.resources import service as resources
from optral.store.transaction import Transaction
from optral.terms.refs import ObjectRef

MAX_OBJECTS = 4096  # examined in one piece: 40 ms if they are healthy
MAX_FINDINGS = 48  # objects with findings, or whose findings may end, in one piece: 60 ms
MAX_WITH_FRAMES = 512  # objects of an inventory whose first piece is judged in the transaction that completes it

Stretch = tuple[str, Sequence[str]]  # a kind id, and uids of that kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """Which missing objects are gone: those of kinds of which the agent has `settled` everything, and of custom kinds that are no longer
    `announced`."""

    settled: frozenset[str]
    announced: frozenset[str]
    is_complete: bool

    def is_visible(self, kind: str) -> bool:
        return kind in self.settled or (kind not in self.announced and is_discovered(kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What a piece did. `taken`: objects of the queue that were examined; `closing`: (uid, kind id) whose findings may have ended, None as
    long as there is a queue."""

    judgement: Judgement
    taken: int
    with_findings: frozenset[str]
    without_findings: Mapping[str, str]
    closing: Sequence[tuple[str, str]] | None
    is_last: bool
    is_synced: bool  # it recorded that the inventory is complete


@dataclass(slots=True, kw_only=True)
class Round:
    """What is left to judge. Moves only after a commit, by `postpone` and `advance`, under the cluster's lock.

    `postponed`: what was touched since the round began, as kind id by uid; the next round judges it. `unseen`: objects of kinds that the
    agent may not see, which keep their findings. `quiet` holds the kinds of objects examined without findings; a round of the whole
    inventory needs only `with_findings`.
    """

    settings: Settings
    is_whole: bool
    queue: deque[Stretch]
    unseen: frozenset[str] = frozenset()
    at: int = 0  # how many objects of the first stretch were examined
    with_findings: set[str] = field(default_factory=set)
    quiet: dict[str, str] = field(default_factory=dict)
    closing: Sequence[tuple[str, str]] | None = None
    postponed: dict[str, str] = field(default_factory=dict)
    pieces: int = 0

    @property
    def is_large(self) -> bool:
        """Whether the first piece is left to the sweep: many inventories that are completed at once would wait for each other's."""
        return sum(len(uids) for _, uids in self.queue) > MAX_WITH_FRAMES

    def postpone(self, touched: Mapping[str, str]) -> None:
        """Leave these objects to the next round, given as kind id by uid."""
        self.postponed.update(touched)

    def following(self) -> "Round | None":
        """The round of what was postponed, once this one has ended."""
        return of_touched(self.postponed, self.settings) if self.postponed else None

    def advance(self, piece: Piece) -> None:
        self.pieces += 1
        self.at += piece.taken
        while self.queue and self.at >= len(self.queue[0][1]):
            self.at -= len(self.queue.popleft()[1])
        self.with_findings -= piece.without_findings.keys()
        self.with_findings |= piece.with_findings
        if not self.is_whole:
            self.quiet |= piece.without_findings
            for uid in piece.with_findings:
                self.quiet.pop(uid, None)
        self.closing = piece.closing

    def left(self, view: ClusterView) -> Iterator[tuple[str, str, KubeObject | None]]:
        """(uid, kind id, object) of what is left of the queue, in its order."""
        skipped = self.at
        for kind, uids in self.queue:
            for uid, obj in view.walk(kind, islice(uids, skipped, None)):
                yield uid, kind, None if uid in self.unseen else obj
            skipped = 0


def of_inventory(tx: Transaction, state: ClusterState, view: ClusterView, settings: Settings) -> Round:
    """A round of everything that exists and everything that showed an issue and may be gone."""
    blind = resources.blind_kinds(tx, state.id)
    unseen = frozenset(uid for uid, kind in issues.uids(tx, state.id) if kind in blind) if blind else frozenset()
    kinds = detectors.examined_kinds(view, include_risk=settings.has_risk)
    queue: deque[Stretch] = deque((kind, uids) for kind in kinds if (uids := view.uids(kind)))
    return Round(settings=settings, is_whole=True, queue=queue, unseen=unseen)


def of_touched(touched: Mapping[str, str], settings: Settings) -> Round:
    """A round of these objects, given as kind id by uid."""
    by_kind: dict[str, list[str]] = {}
    for uid, kind in touched.items():
        by_kind.setdefault(kind, []).append(uid)
    return Round(settings=settings, is_whole=False, queue=deque(by_kind.items()))


def reached(view: ClusterView, touched: Sequence[ObjectRef], settings: Settings) -> dict[str, str]:
    """The touched objects and those that depend on them, as kind id by uid."""
    return _kinds(detectors.reached(view, touched, include_risk=settings.has_risk), touched)


def judge(
    tx: Transaction, state: ClusterState, view: ClusterView, touched: Sequence[ObjectRef], *, settings: Settings
) -> tuple[Judgement, Round | None]:
    """Judge what was touched and what depends on it; if that is too much for one transaction, return the round that does it instead."""
    targets = detectors.reached(view, touched, include_risk=settings.has_risk)
    examination = judging.examine(tx, state, view, targets.items(), settings=settings, stop_after=MAX_FINDINGS + 1)
    if _is_large(tx, state, examination):
        return Judgement(next_due=tx.now), of_touched(_kinds(targets, touched), settings)
    return judging.observe(tx, state, view, examination, settings=settings), None


def _kinds(targets: Mapping[str, KubeObject | None], touched: Sequence[ObjectRef]) -> dict[str, str]:
    kinds = {ref.uid: ref.kind for ref in touched}
    return {uid: kinds[uid] if obj is None else obj.kind for uid, obj in targets.items()}


def _is_large(tx: Transaction, state: ClusterState, examination: Examination) -> bool:
    if len(examination.examined) <= MAX_FINDINGS:
        return False
    concerned = {finding.shown_by.uid for finding in examination.findings}
    concerned.update(issues.with_conditions(tx, state.id, examination.examined))
    return len(concerned) > MAX_FINDINGS


def judge_piece(tx: Transaction, state: ClusterState, view: ClusterView, judged: Round, visibility: Visibility) -> Piece:
    """Judge the next piece of a round; the last one groups the issues. Changes only rows, so that it may be done again."""
    taken: list[tuple[str, str]] = []
    examination = judging.examine(tx, state, view, _take(judged, view, taken), settings=judged.settings, stop_after=MAX_FINDINGS)
    with_findings = frozenset(finding.shown_by.uid for finding in examination.findings)
    quiet = {uid: kind for uid, kind in taken if uid not in with_findings}
    examined, closing = with_findings, judged.closing
    is_exhausted = len(taken) < MAX_OBJECTS and len(with_findings) < MAX_FINDINGS
    if is_exhausted:
        every = _closing(tx, state, view, judged, visibility, with_findings=with_findings, quiet=quiet)
        ending, closing = every[: MAX_FINDINGS - len(with_findings)], every[MAX_FINDINGS - len(with_findings) :]
        others = ((uid, view.get(kind, uid)) for uid, kind in ending if uid not in quiet)
        examination = _joined(examination, judging.examine(tx, state, view, others, settings=judged.settings))
        examined |= {uid for uid, _ in ending}
    is_last = is_exhausted and not closing and _may_end(tx, state, view, judged, examined)
    stage = _stage(judged, is_last=is_last)
    judgement = judging.observe(tx, state, view, replace(examination, examined=examined), settings=judged.settings, stage=stage)
    is_synced = False
    if is_last and judged.is_whole:
        judgement, is_synced = replace(judgement, settings=judged.settings), visibility.is_complete
    if is_synced:
        clusters.mark_synced(tx, state.id)
    return Piece(
        judgement=judgement,
        taken=len(taken),
        with_findings=with_findings,
        without_findings=quiet,
        closing=closing,
        is_last=is_last,
        is_synced=is_synced,
    )


def _may_end(tx: Transaction, state: ClusterState, view: ClusterView, judged: Round, examined: frozenset[str]) -> bool:
    """Whether a piece that examined these last objects ends the round: several are grouped in one of their own, after the teams."""
    if judged.pieces and examined:
        return False
    return not (judged.is_whole and ownership.refresh(tx, state, view, judged.settings))


def _stage(judged: Round, *, is_last: bool) -> Stage:
    if not is_last:
        return Stage.MORE
    return Stage.LAST if judged.pieces else Stage.ONLY


def _take(judged: Round, view: ClusterView, taken: list[tuple[str, str]]) -> Iterator[tuple[str, KubeObject | None]]:
    """The objects of the next piece; adds to `taken` those that were read."""
    for uid, kind, obj in islice(judged.left(view), MAX_OBJECTS):
        taken.append((uid, kind))
        yield uid, obj


def _joined(first: Examination, second: Examination) -> Examination:
    return Examination(
        findings=(*first.findings, *second.findings),
        examined=first.examined | second.examined,
        look_again={**first.look_again, **second.look_again},
        failures=dict(Counter(first.failures) + Counter(second.failures)),
        unexamined=first.unexamined | second.unexamined,
    )


def _closing(
    tx: Transaction,
    state: ClusterState,
    view: ClusterView,
    judged: Round,
    visibility: Visibility,
    *,
    with_findings: frozenset[str],
    quiet: Mapping[str, str],
) -> list[tuple[str, str]]:
    """(uid, kind id) of the objects whose conditions may end, now that everything in the queue was examined."""
    if judged.closing is not None:
        return [(uid, kind) for uid, kind in judged.closing if uid not in judged.postponed]
    examined = judged.quiet.keys() | quiet.keys()

    def may_end(uid: str, kind: str) -> bool:
        if uid in judged.postponed or uid in with_findings:
            return False
        if not judged.is_whole:
            return uid in examined
        has_finding = uid in judged.with_findings and uid not in quiet
        return uid not in judged.unseen and not has_finding and (visibility.is_visible(kind) or view.get(kind, uid) is not None)

    return [(uid, kind) for uid, kind in issues.uids(tx, state.id) if may_end(uid, kind)]
