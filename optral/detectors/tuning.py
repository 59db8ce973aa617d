"""How people tune detectors: switch a type off, let it wait longer, call it less urgent, move its thresholds; everywhere, in a cluster, a
namespace, a workload.

Pure: settings and findings in, findings out; only thresholds must be known before a type judges, so they are asked for object by object
(`limits`). What is nearer to the workload wins, member by member and threshold by threshold: organisation, cluster, namespace, namespace of
one cluster, then the annotation `optral.ai/detectors` of the namespace and of the workload. An annotation is text that anybody may write
into a manifest, so what cannot be read in it is passed over and says nothing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from optral.detectors import thresholds
from optral.detectors.detector import AskLimits, Detector
from optral.detectors.finding import Examination, Finding
from optral.detectors.thresholds import Limits, Values
from optral.kube import owners, times
from optral.kube.objects import Job, KubeObject, Pod, ReplicaSet
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

LONGEST_OPEN_AFTER_S = 7 * 86400
SHORTEST_RESOLVE_AFTER_S, LONGEST_RESOLVE_AFTER_S = 60, 86400
ANNOTATION = "optral.ai/detectors"
MAX_ANNOTATION = 2000
_ITEM = re.compile(r"([A-Za-z]{2,60})(?:\.([A-Za-z]{2,40}))?\s*=\s*([a-z0-9.]{1,12})")
_DURATION = re.compile(r"(\d{1,6})([smhd]?)")
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,6})?")
_SEVERITIES = frozenset(severity.value for severity in Severity)
_MEMBERS = frozenset({"openAfter", "resolveAfter", "severity"})
_UNIT_S = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """What one place says of one type; None where it says nothing. Seconds."""

    is_enabled: bool | None = None
    open_after_s: int | None = None
    resolve_after_s: int | None = None
    severity: Severity | None = None
    thresholds: Values = ()

    @property
    def is_empty(self) -> bool:
        return self == NOTHING

    def under(self, nearer: "Tuning") -> "Tuning":
        """This one, with what a nearer place says over it."""
        return Tuning(
            is_enabled=self.is_enabled if nearer.is_enabled is None else nearer.is_enabled,
            open_after_s=self.open_after_s if nearer.open_after_s is None else nearer.open_after_s,
            resolve_after_s=self.resolve_after_s if nearer.resolve_after_s is None else nearer.resolve_after_s,
            severity=nearer.severity or self.severity,
            thresholds=_merged(self.thresholds, nearer.thresholds),
        )


def _merged(values: Values, nearer: Values) -> Values:
    return tuple(sorted((dict(values) | dict(nearer)).items())) if values and nearer else nearer or values


NOTHING = Tuning()


class Place(NamedTuple):
    """Where a tuning holds: "" for every cluster, "" for every namespace."""

    cluster_id: str = ""
    namespace: str = ""


def around(cluster_id: str, namespace: str) -> Iterable[Place]:
    """The places whose tunings hold there, the nearest last."""
    return dict.fromkeys((Place(), Place(cluster_id), Place("", namespace), Place(cluster_id, namespace)))


@dataclass(frozen=True, slots=True)
class Settings:
    """What an organisation has set. Equal settings judge equally."""

    has_risk: bool = False
    tunings: Mapping[str, Mapping[Place, Tuning]] = field(default_factory=dict)

    def of(self, issue_type: str, *, cluster_id: str = "", namespace: str = "") -> Tuning:
        """What holds for a type there, annotations aside."""
        places = self.tunings.get(issue_type)
        if not places:
            return NOTHING
        found = NOTHING
        for place in around(cluster_id, namespace):
            found = found.under(places.get(place, NOTHING))
        return found


DEFAULT = Settings()


def apply(examination: Examination, settings: Settings, view: ClusterView, *, cluster_id: str) -> Examination:
    """The examination as the settings and annotations have it. Costs nothing for objects that show nothing."""
    if not examination.findings:
        return examination
    findings = tuple(after for one in examination.findings if (after := tuned(one, settings, view, cluster_id=cluster_id)) is not None)
    return examination if findings == examination.findings else replace(examination, findings=findings)


def tuned(finding: Finding, settings: Settings, view: ClusterView, *, cluster_id: str) -> Finding | None:
    """The finding as it counts; None when its type is switched off for it."""
    said = of_finding(finding, settings, view, cluster_id=cluster_id)
    if said is NOTHING or said.is_empty:
        return finding
    if said.is_enabled is False:
        return None
    return replace(
        finding,
        severity=said.severity or finding.severity,
        opens_at=finding.opens_at if said.open_after_s is None else times.after(finding.since, said.open_after_s),
        resolve_after_s=finding.resolve_after_s if said.resolve_after_s is None else said.resolve_after_s,
    )


def limits(settings: Settings, view: ClusterView, *, cluster_id: str) -> AskLimits:
    """Answers which thresholds hold for an object: the defaults, over them what is set, over that what annotations say."""

    def ask(detector: Detector, thing: KubeObject) -> Limits:
        shown_by = owners.ref(thing)
        subject = view.workload_of(thing) if isinstance(thing, (Pod, ReplicaSet, Job)) else shown_by
        said = [settings.of(detector.type, cluster_id=cluster_id, namespace=namespace_of(subject, shown_by))]
        said += [read(text).get(detector.type, NOTHING) for text in _annotations(subject, shown_by, view)]
        found = thresholds.defaults(detector.thresholds)
        for one in said:
            found |= thresholds.fitting(detector.thresholds, one.thresholds)
        return found

    return ask


def of_finding(finding: Finding, settings: Settings, view: ClusterView, *, cluster_id: str) -> Tuning:
    """Everything that is said of a finding, the nearest over the others."""
    return said_of(finding.type, finding.subject, finding.shown_by, settings, view, cluster_id=cluster_id)


def said_of(issue_type: str, subject: ObjectRef, shown_by: ObjectRef, settings: Settings, view: ClusterView, *, cluster_id: str) -> Tuning:
    """Everything that is said of a type for a subject and what shows it, the nearest over the others."""
    found = settings.of(issue_type, cluster_id=cluster_id, namespace=namespace_of(subject, shown_by))
    return found.under(annotated(issue_type, subject, shown_by, view))


def namespace_of(subject: ObjectRef, shown_by: ObjectRef) -> str:
    """The namespace whose settings hold for it; "" for what has none."""
    return subject.namespace or shown_by.namespace or ""


def annotated(issue_type: str, subject: ObjectRef, shown_by: ObjectRef, view: ClusterView) -> Tuning:
    """What annotations say of it: those of the namespace, the workload and the object that shows it."""
    found = NOTHING
    for text in _annotations(subject, shown_by, view):
        found = found.under(read(text).get(issue_type, NOTHING))
    return found


def _annotations(subject: ObjectRef, shown_by: ObjectRef, view: ClusterView) -> Iterable[str]:
    """What is written at the namespace, the workload and the object that shows it; only texts."""
    namespace = namespace_of(subject, shown_by)
    home = view.namespace(namespace) if namespace else None
    workload = view.object_at(subject)
    shown = view.object_at(shown_by) if shown_by != subject else None
    return [
        thing.metadata.annotations.detectors
        for thing in (home, workload, shown)
        if thing is not None and thing.metadata.annotations.detectors
    ]


@lru_cache(2048)
def read(text: str) -> Mapping[str, Tuning]:
    """What an annotation says, by type: `FailedScheduling=off, OOMKilled.severity=medium, ReadinessProbeFailed.openAfter=10m`.

    `on`, `off` or a severity after the type; seconds, or a number with s, m, h or d, after `openAfter` and `resolveAfter`; after any other
    name the value of a threshold, 0.8, 5 or 30d. Whether the type has it and the value may be is not asked here: see `thresholds.fitting`.
    """
    found: dict[str, Tuning] = {}
    for item in re.split(r"[,;\s]+", re.sub(r"\s*=\s*", "=", text[:MAX_ANNOTATION])):
        if (match := _ITEM.fullmatch(item)) is not None and (said := _said(match[2] or "", match[3])) is not None:
            found[match[1]] = found.get(match[1], NOTHING).under(said)
    return found


def _said(member: str, value: str) -> Tuning | None:
    if member in ("", "severity") and value in _SEVERITIES:
        return Tuning(severity=Severity(value))
    if not member:
        return Tuning(is_enabled=value == "on") if value in ("on", "off") else None
    if member not in _MEMBERS:
        number = float(value) if _NUMBER.fullmatch(value) else _seconds(value)  # `30d` of a threshold in seconds
        return None if number is None else Tuning(thresholds=((member, number),))
    seconds = _seconds(value)
    if seconds is None:
        return None
    if member == "openAfter":
        return Tuning(open_after_s=min(seconds, LONGEST_OPEN_AFTER_S))
    if member == "resolveAfter":
        return Tuning(resolve_after_s=min(max(seconds, SHORTEST_RESOLVE_AFTER_S), LONGEST_RESOLVE_AFTER_S))
    return None


def _seconds(text: str) -> int | None:
    match = _DURATION.fullmatch(text)
    return None if match is None else int(match[1]) * _UNIT_S[match[2]]
