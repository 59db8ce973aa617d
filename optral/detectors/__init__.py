"""Detectors: one ailment per file, pure. This file lists them and runs them.

A new detector is one file with a `Detector` in the package of its area, one test, one page under docs/detectors/, and one line in the
area's `DETECTORS`.

`examine` answers for everything whose answer a change may alter, not only for what changed (see `reach.py`). A detector that raises is
counted in `Examination.failures` and logged, its type stays unjudged on that object (`Examination.unjudged`), the other types go on, and
the object is looked at again after a minute.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import structlog

from optral.detectors import gates, network, nodes, pods, policy, precedence, reach, risk, storage, workloads
from optral.detectors.detector import Detector, Reach
from optral.detectors.finding import Examination, Finding
from optral.kube import times
from optral.kube.objects import KubeObject, Pod
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

AREAS = (pods, workloads, nodes, storage, network, policy, risk)
DETECTORS: tuple[Detector, ...] = tuple(detector for area in AREAS for detector in area.DETECTORS)
BY_TYPE = {detector.type: detector for detector in DETECTORS}
RETRY_S = 60  # after a detector raised

_log = structlog.get_logger(__name__)


def resolve_after_s(issue_type: str) -> int:
    """How long a type's finding must be absent before its issue ends. Raises `KeyError` for a type nobody detects."""
    return BY_TYPE[issue_type].resolve_after_s


def examine(view: ClusterView, touched: Iterable[ObjectRef], *, now: datetime) -> Examination:
    """Every finding true now on what was touched and on what depends on it; `now` is cluster time. Never raises.

    `touched` names changed and deleted objects by kind id and uid; give the overlay, so that deleted objects can be asked about. Fifteen
    microseconds for a healthy pod.
    """
    targets: dict[str, KubeObject | None] = {}
    for reference in touched:
        reach.expand(view, reference, targets, _EVENT_REASONS, _REACHED_FROM)
    return _examine(view, targets, now=now)


def examine_all(view: ClusterView, *, now: datetime) -> Examination:
    """Every finding true now in the whole cluster, with every object that any detector looks at as examined."""
    targets: dict[str, KubeObject | None] = {thing.metadata.uid: thing for kind in _BY_KIND for thing in view.all(kind)}
    return _examine(view, targets, now=now)


def _examine(view: ClusterView, targets: dict[str, KubeObject | None], *, now: datetime) -> Examination:
    findings: list[Finding] = []
    look_again: dict[str, datetime] = {}
    failures: Counter[str] = Counter()
    unjudged: set[tuple[str, str]] = set()
    for uid, thing in targets.items():
        if thing is None:
            continue
        is_leaving = False
        if type(thing) is Pod:
            if _is_quiet(thing, now):
                continue
            is_leaving = _is_out_of_play(thing, view)
        found, failed = _judge(thing, view, is_leaving=is_leaving, now=now)
        for name in failed:
            failures[name] += 1
            unjudged.add((uid, name))
        if found or failed:
            findings.extend(found)
            if (due := _due(found, bool(failed), now=now)) is not None:
                look_again[uid] = due
    return Examination(
        findings=tuple(findings),
        examined=frozenset(targets),
        look_again=look_again,
        failures=dict(failures),
        unjudged=frozenset(unjudged),
    )


def _is_quiet(pod: Pod, now: datetime) -> bool:
    try:
        return gates.is_quiet(pod, now=now)
    except Exception:  # noqa: BLE001 - owner of the loop: a strange pod is then judged by each detector on its own
        _log.exception("gates.failed", uid=pod.metadata.uid)
        return False


def _is_out_of_play(pod: Pod, view: ClusterView) -> bool:
    try:
        return gates.is_out_of_play(pod, view)
    except Exception:  # noqa: BLE001 - owner of the loop: as above
        _log.exception("gates.failed", uid=pod.metadata.uid)
        return False


def _judge(thing: KubeObject, view: ClusterView, *, is_leaving: bool, now: datetime) -> tuple[list[Finding], list[str]]:
    """All findings on one object, and the types whose detector raised. Of a pod on its way out only those about leaving."""
    found: list[Finding] = []
    failed: list[str] = []
    for detector in _BY_KIND.get(thing.kind, ()):
        if is_leaving and not detector.sees_leaving:
            continue
        try:
            found.extend(detector.run(thing, view, now=now))
        except Exception:  # noqa: BLE001 - owner of the loop: one detector's mistake must not blind the others
            _log.exception("detector.failed", type=detector.type, kind=thing.kind, uid=thing.metadata.uid)
            failed.append(detector.type)
    return [_sane(finding, now=now) for finding in precedence.choose(found) if not _is_over(finding, now)], failed


def _is_over(finding: Finding, now: datetime) -> bool:
    return finding.expires_at is not None and finding.expires_at <= now


def _sane(finding: Finding, *, now: datetime) -> Finding:
    """Keep what objects claim about time within what every room can calculate with (1970 to ten years from now)."""
    since, opens_at = times.clamped(finding.since, now=now), times.clamped(finding.opens_at, now=now)
    expires_at = None if finding.expires_at is None else times.clamped(finding.expires_at, now=now)
    if (since, opens_at, expires_at) == (finding.since, finding.opens_at, finding.expires_at):
        return finding
    return replace(finding, since=since, opens_at=opens_at, expires_at=expires_at)


def _due(found: list[Finding], is_unsure: bool, *, now: datetime) -> datetime | None:
    moments = [moment for finding in found for moment in (finding.opens_at, finding.expires_at) if moment is not None and moment > now]
    if is_unsure:
        moments.append(times.after(now, RETRY_S))
    return min(moments, default=None)


def _by_kind() -> dict[str, tuple[Detector, ...]]:
    table: defaultdict[str, list[Detector]] = defaultdict(list)
    for detector in DETECTORS:
        for kind in detector.looks_at:
            table[kind].append(detector)
    return {kind: tuple(detectors) for kind, detectors in table.items()}


def _reached_from() -> dict[str, tuple[Reach, ...]]:
    table: defaultdict[str, list[Reach]] = defaultdict(list)
    for detector in DETECTORS:
        for kind, step in detector.reached_from.items():
            if step not in table[kind]:
                table[kind].append(step)
    return {kind: tuple(steps) for kind, steps in table.items()}


_BY_KIND = _by_kind()
_REACHED_FROM = _reached_from()
_EVENT_REASONS: frozenset[str] = frozenset().union(*(detector.event_reasons for detector in DETECTORS))
