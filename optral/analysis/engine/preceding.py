"""What changed shortly before an issue began, on its object or on what that depends on: the likeliest trigger first.

A change is shown as what came before, not as the cause. Left out is what changes without anybody's intent: replicas that an
autoscaler sets, taints of the node lifecycle, and objects that change all the time. Secrets are not read, so their changes are not known.
Within five minutes the closest relation comes first, then what came longer before; of two equals the one nearest in time.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from optral.analysis.engine import verifier
from optral.analysis.reading import scope
from optral.analysis.reading.case import Case, steps_of
from optral.analysis.reading.evidence import Change, plain
from optral.analysis.reading.snapshot import Revision
from optral.analysis.topology.reach import Reach, Relation
from optral.kit import durations
from optral.kit.words import counted
from optral.kube.kinds import WORKLOADS
from optral.kube.redact_values import MARKER

WITHIN, SHORTLY = timedelta(minutes=30), timedelta(minutes=5)
LATE = timedelta(seconds=30)  # a change is recorded when it arrives; the time of an issue is often the one that the cluster wrote
BY_RESTART = timedelta(hours=24)  # a restart puts into effect what was changed in this time before it
MAX_CHANGES, MAX_FIELDS, MAX_VALUE = 3, 3, 80
RESTLESS = 6  # more changes of one object in half an hour: a program keeps its state in it
_ANNOTATIONS = "/spec/template/metadata/annotations"
_PREFIXES = ("spec/template/spec/", "spec/template/", "spec/")
_HPA = "HorizontalPodAutoscaler.autoscaling"
_OF_LOAD = scope.ABOUT_ROOM | {"ContainerExhausted", "CPUThrottled", "DependencyOverloaded", "NodeSaturated", "WorkloadSlow"}
"""Issues that more or fewer pods may bring about, whoever scaled."""
_MATTERS_WHEN_CREATED = frozenset({_HPA, "LimitRange", "NetworkPolicy.networking.k8s.io", "ResourceQuota"})
_BY_CONTROLLERS = frozenset({"/spec/volumeName", "/spec/clusterIP", "/spec/clusterIPs"})
_LIFECYCLE_TAINTS = "node.kubernetes.io/"


class PrecedingChange(NamedTuple):
    """One field that changed, or an object that appeared or went: `seconds` before the issue; `text` says it in a sentence without its
    period. `is_own_start`: the object of the issue was created."""

    change: Change
    relation: Relation
    seconds: int
    text: str
    is_own_start: bool = False


class _Candidate(NamedTuple):
    revision: Revision
    relation: Relation
    fields: Sequence[Mapping[str, Any]]
    effective_at: datetime

    @property
    def is_restart(self) -> bool:
        """Whether its pods were only replaced."""
        return bool(self.fields) and all(str(one["path"]).startswith(_ANNOTATIONS) for one in self.fields)


def of(case: Case) -> list[PrecedingChange]:
    """What changed in the half hour before the issue, at most three objects with three fields each."""
    since = case.question.reopened_at or case.question.since
    if since is None:
        return []
    found = sorted(_candidates(case, since), key=lambda one: _order(one, since))
    return [shown for one in found[:MAX_CHANGES] for shown in _shown(case, one, since)]


def _order(one: _Candidate, since: datetime) -> tuple[object, ...]:
    gap = since - one.effective_at
    return gap > SHORTLY, one.relation.distance + 2 * one.is_restart, gap, one.revision.ref[:3]


def _candidates(case: Case, since: datetime) -> Iterator[_Candidate]:
    reach = Reach(case)
    window = [one for one in case.snap.history if since - WITHIN <= one.at <= since + LATE]
    times = Counter(one.ref[:3] for one in window)
    window = [one for one in [*window, *_rolled_out(reach, window, since)] if times[one.ref[:3]] <= RESTLESS]
    is_new = any(one.action == "created" and reach.is_own(one.ref) for one in window)
    seen: set[tuple[object, ...]] = set()
    for revision in sorted(window, key=lambda one: one.at, reverse=True):
        found = _candidate(case, reach, revision, is_new=is_new) if revision.ref[:3] not in seen else None
        if found is not None:
            seen.add(revision.ref[:3])
            yield found
            if found.is_restart and found.relation.name == "subject":
                yield from _taken_up(case, reach, found, seen)


def _candidate(case: Case, reach: Reach, revision: Revision, *, is_new: bool) -> _Candidate | None:
    if revision.action != "changed" and not _matters(reach, revision, is_new=is_new):
        return None
    fields = [entry for entry in revision.diff if not _is_noise(case, reach, revision, entry)]
    if revision.action == "changed" and not fields:
        return None
    relation = reach.of(revision)
    return None if relation is None else _Candidate(revision, relation, sorted(fields, key=_place), revision.at)


def _matters(reach: Reach, revision: Revision, *, is_new: bool) -> bool:
    """Whether it may be a trigger that the object appeared or went. What came together with the workload is part of it."""
    if revision.action == "created":
        return reach.is_own(revision.ref) or (not is_new and revision.ref.kind in _MATTERS_WHEN_CREATED)
    return not reach.is_own(revision.ref)


def _taken_up(case: Case, reach: Reach, restart: _Candidate, seen: set[tuple[object, ...]]) -> Iterator[_Candidate]:
    """What the workload uses and what was changed in the day before its restart: new pods are the first that read it."""
    at = restart.revision.at
    for revision in case.snap.history:
        if at - BY_RESTART <= revision.at < at and revision.action == "changed" and revision.ref[:3] not in seen:
            found = _candidate(case, reach, revision, is_new=False) if reach.uses(revision.ref) else None
            if found is not None:
                seen.add(revision.ref[:3])
                yield found._replace(effective_at=at)


def _rolled_out(reach: Reach, window: Sequence[Revision], since: datetime) -> Iterator[Revision]:
    """Rollouts that no history shows, from the ReplicaSets of a Deployment."""
    known = {one.ref[:3] for one in window}
    for workload in reach.deployments():
        if workload.ref[:3] in known:
            continue
        changes = [change for change in reach.case.template_changes(workload) if change.at is not None]
        if changes and changes[0].at is not None and since - WITHIN <= changes[0].at <= since + LATE:
            diff = [{"path": f"/{one.path}", "from": one.before, "to": one.after} for one in changes]
            yield Revision(ref=workload.ref, at=changes[0].at, manager=changes[0].manager, diff=diff)


def _is_noise(case: Case, reach: Reach, revision: Revision, entry: Mapping[str, Any]) -> bool:
    """Whether a controller changed the field, or it does not matter to a running pod."""
    path = str(entry.get("path") or "")
    if path in _BY_CONTROLLERS:
        return True
    if path == "/spec/replicas" and revision.ref.kind in WORKLOADS:
        return case.question.type not in _OF_LOAD and entry.get("to") != 0 and reach.is_autoscaled(revision.ref)
    if revision.ref.kind == "Node" and path.startswith("/labels"):
        return not reach.is_unscheduled
    if revision.ref.kind == "Node" and path == "/spec/taints":
        return _own_taints(entry.get("from")) == _own_taints(entry.get("to"))
    return False


def _own_taints(taints: object) -> list[object]:
    """The taints that somebody set; the others tell how the node is, as its conditions do."""
    found = taints if isinstance(taints, list) else []
    return [one for one in found if not (isinstance(one, dict) and str(one.get("key")).startswith(_LIFECYCLE_TAINTS))]


def _place(entry: Mapping[str, Any]) -> tuple[bool, bool, str]:
    """Images first, and metadata last."""
    path = str(entry.get("path"))
    return "/metadata/" in path, not path.endswith("/image"), path


# --- words


def _shown(case: Case, one: _Candidate, since: datetime) -> Iterator[PrecedingChange]:
    revision = one.revision
    seconds = max(0, round((since - revision.at).total_seconds()))
    when = f"{durations.in_words(seconds)} before" if seconds else "at the same time"
    name = f"{revision.ref.short_kind} {revision.ref.name}"
    who = f"{name}, {one.relation.words}," if one.relation.words else name

    def shown(entry: Mapping[str, Any], text: str) -> PrecedingChange:
        return PrecedingChange(_change(case, revision, entry), one.relation, seconds, text)

    if revision.action != "changed":
        again = " and created again" if revision.action == "deleted" and case.snap.find(*revision.ref[:3]) is not None else ""
        states = {"to": "created"} if revision.action == "created" else {"from": "present"}
        said = shown(states, plain(f"{who} was {revision.action}{again} {when}"))
        is_own_start = revision.action == "created" and one.relation.name == "subject"
        yield said._replace(change=replace(said.change, before=None, after=None), is_own_start=is_own_start)
        return
    if one.is_restart:
        names = ", ".join(_named(str(entry["path"]).removeprefix(_ANNOTATIONS)) for entry in one.fields[:MAX_FIELDS])
        only = f"only annotations of its pod template changed: {names}"
        yield shown(one.fields[0], f"{plain(f'{who} was restarted {when}')}; {only}")
        return
    left = len(one.fields) - MAX_FIELDS
    for number, entry in enumerate(one.fields[:MAX_FIELDS], start=1):
        more = f" (and {counted(left, 'more field')})" if left > 0 and number == MAX_FIELDS else ""
        taken = "; the restart put it into effect" if one.effective_at != revision.at else ""
        yield shown(entry, f"{plain(f'{who} changed {when}')}: {_field(entry)}{more}{taken}")


def _change(case: Case, revision: Revision, entry: Mapping[str, Any]) -> Change:
    """The change as the rules cite it, which may know it from the ReplicaSets; as it was recorded where they do not know it."""
    path, before, after = str(entry.get("path") or "").lstrip("/"), entry.get("from"), entry.get("to")
    obj = case.snap.find(*revision.ref[:3]) if revision.ref.kind in WORKLOADS and path else None
    for known in case.changes(obj) if obj is not None else ():
        if (steps_of(known.path), known.before, known.after) == (steps_of(path), before, after):
            return replace(known, at=revision.at)
    return case.book.change(revision.ref, path, before, after, at=revision.at, manager=revision.manager)


def _named(path: str) -> str:
    """A path as it is shown: without what every path into a pod template begins with."""
    path = path.lstrip("/").replace("~1", "/").replace("~0", "~")
    path = path.removesuffix("/value") if "/env/" in path else path
    short = next((path.removeprefix(prefix) for prefix in _PREFIXES if path.startswith(prefix)), path)
    return f"`{plain(short, 120).replace('`', '')}`"


def _field(entry: Mapping[str, Any]) -> str:
    named, before, after = _named(str(entry["path"])), _value(entry.get("from")), _value(entry.get("to"))
    if entry.get("from") is None:
        return f"{named} was added" + (f": `{after}`" if after else "")
    if entry.get("to") is None:
        return f"{named} was removed" + (f": `{before}`" if before else "")
    return f"{named} from `{before}` to `{after}`" if before and after else f"{named}, whose values are not shown"


def _value(value: object) -> str:
    """A value as it may stand in a sentence; "" for what is masked or long."""
    if isinstance(value, Mapping):
        value = value.get("value")  # a variable that was added or removed
    text = value if isinstance(value, str) else "" if value is None else msgspec.json.encode(value).decode()
    may_stay = 0 < len(text) <= MAX_VALUE and "`" not in text and MARKER.search(text) is None
    return plain(text) if may_stay and verifier.may_be_quoted(text) else ""
