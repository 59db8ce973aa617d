"""Whether a new answer is weaker than the one that an issue shows: less certain, and only because it had less evidence. Pure.

A weaker answer is kept as an attempt, and the issue shows the earlier one until a fact that this one cites has changed
(docs/decisions/kept-answers.md). What passes does not change a fact: log lines, Events, measurements and probes say what happened, and pods
are replaced. What somebody sets does: each cited place of an object that is no pod is read again, and the recorded changes are searched.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum, auto
from typing import Any

from optral.analysis.model import Explanation, Status
from optral.analysis.reading import evidence
from optral.analysis.reading.case import WORKLOADS, Case, steps_of
from optral.analysis.reading.evidence import ABSENCE, CHANGE, DETECTED, EVENT, LOG, METRIC, NOTHING, OBJECT, PROBE
from optral.analysis.reading.logs import MAX_BYTES
from optral.analysis.reading.snapshot import LogKey, Revision, SnapshotObject
from optral.analysis.rules import RULESET
from optral.kube.kinds import LOG_SIGNS, id_of_name
from optral.terms.refs import ObjectRef

_REPORTS = {LOG_SIGNS.name: LOG_SIGNS.id}
_OF_PODS = frozenset({"Pod", LOG_SIGNS.id})
_PASSING = frozenset({EVENT, METRIC, PROBE})
_NEWS = frozenset({LOG, CHANGE, *_PASSING})  # what was not there before; the other kinds say what is
_NAMED = re.compile(r"(?:^|, )([A-Za-z][^\s:]*): ")
_TEMPLATE = ("spec", "template", "spec")
_NUMBER = re.compile(r"\d+")
_ESCAPED = re.compile(r"""\\([nrt\\"'])""")
Fact = Mapping[str, Any]


class Now(Enum):
    """What a new investigation says of a fact that an earlier answer cites."""

    HOLDS = auto()
    CHANGED = auto()
    UNKNOWN = auto()


def is_weaker(known: Mapping[str, Any], found: Explanation, case: Case, *, since: datetime, has_recovered: bool = False) -> bool:
    """Whether `found`, of this case, is weaker than `known`, the `Explanation.body` of an answer given at `since` (cluster time).

    If the objects have recovered, no answer without a cause says more than one that names it, whatever has changed since. Otherwise it is
    not if the rules have changed, or a fact that `known` cites. Nor is it if all of these facts were looked at again, and a log, an Event,
    a measurement, a probe or a change that `known` does not have supports it: then the new answer knows better.
    """
    if has_recovered and found.status is not Status.READY and "rootCause" in known:
        return True
    if not _is_less(known, found) or known.get("engine", {}).get("ruleset") != RULESET or _has_new_template(case, since):
        return False
    states = {state_of(fact, case, since=since) for fact in cited(known)}
    if Now.CHANGED in states:
        return False
    seen = {_place(fact) for fact in known["evidence"]}
    return Now.UNKNOWN in states or not any(fact["kind"] in _NEWS and _place(fact) not in seen for fact in found.body["evidence"])


def _is_less(known: Mapping[str, Any], found: Explanation) -> bool:
    is_named = "rootCause" in known
    return is_named and (found.status is not Status.READY or found.confidence < known["confidence"])


def cited(known: Mapping[str, Any]) -> Iterator[Fact]:
    """The facts that the claims of an answer cite."""
    ids = {id_ for claim in known["rootCause"]["claims"] for id_ in claim["evidenceIds"]}
    return (fact for fact in known["evidence"] if fact["id"] in ids)


def _place(fact: Fact) -> tuple[str, ObjectRef, str]:
    """Where a fact was read, whatever it said and of whichever pod: when a pod is replaced, the same place of another is nothing new."""
    return _place_of(fact["kind"], _ref(fact), fact["path"])


def _place_of(kind: str, ref: ObjectRef, path: str) -> tuple[str, ObjectRef, str]:
    return kind, ObjectRef(ref.kind, ref.namespace, "" if ref.kind in _OF_PODS else ref.name), path


def _ref(fact: Fact) -> ObjectRef:
    ref = fact["ref"]
    return ObjectRef(_REPORTS.get(ref["kind"]) or id_of_name(ref["kind"]), ref.get("namespace"), ref["name"])


def state_of(fact: Fact, case: Case, *, since: datetime) -> Now:
    """Whether a fact of an answer given at `since` still holds, as far as the case shows."""
    if fact["id"] in case.book:
        return Now.HOLDS
    if fact["kind"] == LOG:
        return _of_line(fact, case)
    ref = _ref(fact)
    if fact["kind"] in _PASSING or fact["path"] == DETECTED:
        return _looked_at(fact, case)
    if any(_touches(revision, fact, ref) for revision in case.snap.history if revision.at > since):
        return Now.CHANGED
    obj = case.snap.find(*ref[:3])
    if fact["kind"] == ABSENCE and _has_appeared(fact, obj, case):
        return Now.CHANGED
    if fact["kind"] != OBJECT or _passes(ref, fact["path"]) or not case.snap.sees(ref.kind):
        return _looked_at(fact, case)
    return Now.HOLDS if obj is not None and _says(obj, fact) else Now.CHANGED


def _looked_at(fact: Fact, case: Case) -> Now:
    """Whether the new investigation looked at the same place, whatever it found there."""
    place = _place(fact)
    return Now.HOLDS if any(_place_of(one.kind, one.ref, one.path) == place for one in case.book.all()) else Now.UNKNOWN


def _of_line(fact: Fact, case: Case) -> Now:
    """A line still holds while the log has it, at whatever time. A log that has been read again and lacks it says something else now."""
    container, _, run = fact["path"].removeprefix("logs/").partition(" ")
    text = case.snap.logs.get(LogKey(fact["ref"].get("namespace") or "", fact["ref"]["name"], container, bool(run)))
    if not text:
        return Now.UNKNOWN
    written = _without_numbers(text)
    return Now.HOLDS if all(_without_numbers(part) in written for part in fact["excerpt"].split("…")) else Now.CHANGED


def _without_numbers(text: str) -> str:
    """The words of a log, with what is escaped in it as it is quoted; times and counts differ each time that they are written."""
    return _NUMBER.sub("0", evidence.plain(_ESCAPED.sub(lambda found: " " if found[1] in "nrt" else found[1], text), 2 * MAX_BYTES))


def _passes(ref: ObjectRef, path: str) -> bool:
    """Whether the place says only how pods are at the moment."""
    return ref.kind in _OF_PODS or (ref.kind in WORKLOADS and path.startswith("status"))


def _has_new_template(case: Case, since: datetime) -> bool:
    """Whether the pods of the issue's workload are made from another template since then: they may fail for another reason."""
    return any(
        revision.at > since and revision.ref[:3] == case.question.owner[:3] and any(path[:3] == _TEMPLATE for path in _paths(revision))
        for revision in case.snap.history
    )


def _touches(revision: Revision, fact: Fact, ref: ObjectRef) -> bool:
    """Whether somebody changed what the fact says of this object."""
    if revision.ref[:3] != ref[:3]:
        return False
    if fact["kind"] != OBJECT:
        return True
    place = steps_of(fact["path"])
    return any(all(a == b or b.isdigit() for a, b in zip(path, place, strict=False)) for path in _paths(revision))


def _paths(revision: Revision) -> list[tuple[str, ...]]:
    """The places that it changed. In a list they name the member, and evidence its number."""
    return [steps_of(str(entry.get("path") or "").lstrip("/")) for entry in revision.diff]


def _has_appeared(fact: Fact, obj: SnapshotObject | None, case: Case) -> bool:
    """Whether what was not there is there: a value at a place of the object, or an object whose kind and name the fact says."""
    if fact["excerpt"] == NOTHING:
        return obj is not None and obj.kind != "Pod" and obj.get(fact["path"]) is not None
    kind, _, name = fact["path"].partition(" ")
    namespace, _, name = name.rpartition("/")
    places = (namespace or fact["ref"].get("namespace"), None)
    return bool(name) and any(case.snap.find(id_of_name(kind), place, name) is not None for place in places)


def _says(obj: SnapshotObject, fact: Fact) -> bool:
    """Whether the object says the same at the same place, as a whole or in the members that the fact names."""
    base: str = fact["path"]
    said: str = fact["excerpt"]
    if base and evidence.excerpt(evidence.value_text(obj.get(base))) == said:
        return True
    return evidence.excerpt(evidence.members_text(evidence.members(obj, base, _NAMED.findall(said)))) == said
