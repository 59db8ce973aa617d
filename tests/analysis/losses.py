"""What a cluster may no longer show a moment later, although the fault is the same: each loss is a snapshot without something."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from optral.analysis.engine import engine, weaker
from optral.analysis.model import Explanation, Question, Status
from optral.analysis.reading.snapshot import Snapshot, SnapshotObject
from optral.kube.kinds import EVENT

Json = dict[str, Any]
PASSING = ("PodUsage", "NodeUsage", "WorkloadTraffic")


class Loss(NamedTuple):
    name: str
    snapshot: Snapshot


def worse_answers(question: Question, snap: Snapshot, before: Explanation) -> list[str]:
    """The losses after which the answer shown is worse than it was."""
    found = []
    for loss in losses(snap):
        investigation = engine.investigate(question, loss.snapshot)
        after = engine.explain(investigation)
        is_kept = weaker.is_weaker(before.body, after, investigation.case, since=snap.now - timedelta(minutes=5))
        if not is_kept and (after.status is not Status.READY or after.confidence < before.confidence):
            found.append(f"without {loss.name}: {before.cause_id} {before.confidence} became {after.cause_id} {after.confidence}")
    return found


def losses(snap: Snapshot) -> Iterator[Loss]:
    """Each thing that may get lost, alone; then all of what passes at once."""
    things = [obj for kind in sorted(snap.kinds()) for obj in snap.all(kind)]
    events = [event for obj in things for event in snap.events(obj)]
    for key in snap.logs:
        yield Loss(
            f"log of {key.pod}", replaced(snap, things, events, logs={other: text for other, text in snap.logs.items() if other != key})
        )
    if events:
        yield Loss("Events", replaced(snap, things, []))
    if snap.history:
        yield Loss("recorded changes", replaced(snap, things, events, history=()))
    if snap.probes:
        yield Loss("probes", replaced(snap, things, events, probes={}))
    for kind in sorted(snap.kinds()):
        rest = [obj for obj in things if obj.kind != kind]
        yield Loss(f"permission to list {kind}", replaced(snap, rest, events, visible=snap.visible - {kind}))
    for pod in (obj for obj in things if obj.kind == "Pod"):
        yield Loss(f"pod {pod.name}", replaced(snap, [obj for obj in things if obj is not pod], events))
        runs = [running(pod) if obj is pod else obj for obj in things]
        yield Loss(f"the last end of pod {pod.name}", replaced(snap, runs, events))
    lasting = [obj for obj in things if obj.short_kind not in PASSING]
    yield Loss("all that passes", replaced(snap, [running(obj) for obj in lasting], [], logs={}, history=(), probes={}))


def replaced(snap: Snapshot, things: list[SnapshotObject], events: list[SnapshotObject], **fields: Any) -> Snapshot:
    """The snapshot with these objects and Events, and with other values of these fields."""
    names = ("now", "visible", "logs", "log_errors", "history", "reservations", "probes")
    empty = Snapshot(**{name: getattr(snap, name) for name in names})
    rows = [(obj.kind, obj.raw) for obj in things] + [(EVENT.id, event.raw) for event in events]
    return replace(empty, **fields).load(rows)


def running(obj: SnapshotObject) -> SnapshotObject:
    """A pod in the moment after its containers were started again."""
    if obj.kind != "Pod" or not obj.many("status.containerStatuses"):
        return obj
    raw: Json = deepcopy(dict(obj.raw))
    for status in raw["status"]["containerStatuses"]:
        status |= {"state": {"running": {"startedAt": "2026-03-01T12:00:00Z"}}, "lastState": {}, "ready": True}
    return SnapshotObject("Pod", raw)
