"""How people tune detectors: switch a type off, delay it, change its severity or its thresholds, or shift the severity of all types
(`ALL`); for all clusters, a cluster, a namespace or a workload.

Pure: settings and findings in, findings out. Only thresholds must be known before a detector runs, so they are looked up per object
(`limits`). The setting that is nearest to the workload wins, field by field and threshold by threshold: organization, cluster, namespace,
namespace of one cluster, then the annotation `optral.ai/detectors` of the namespace and of the workload. Anybody may write an annotation
into a manifest, so unreadable parts of it are ignored.
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
from optral.kit import durations
from optral.kube import owners, times
from optral.kube.objects import Job, KubeObject, Pod, ReplicaSet
from optral.kube.teams import TeamSettings
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

LONGEST_OPEN_AFTER_S = 7 * 86400
SHORTEST_RESOLVE_AFTER_S, LONGEST_RESOLVE_AFTER_S = 60, 86400
REASON = "Its severity is set in the detector settings."
ALL = "*"
"""The name of all types, of which only the severity can be shifted."""
ANNOTATION = "optral.ai/detectors"
MAX_ANNOTATION = 2000
_ITEM = re.compile(r"(\*|[A-Za-z]{2,60})(?:\.([A-Za-z]{2,40}))?\s*=\s*([+-]?[a-z0-9.]{1,12})")
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,6})?")
_SEVERITIES = frozenset(severity.value for severity in Severity)
_MEMBERS = frozenset({"openAfter", "resolveAfter", "severity"})
_SHIFTS = {"-1": -1, "0": 0, "+1": 1, "1": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """What is set for one type at one place; None where nothing is set. Seconds. `severity_shift`, of `ALL` types: -1, 0 or 1 step."""

    is_enabled: bool | None = None
    open_after_s: int | None = None
    resolve_after_s: int | None = None
    severity: Severity | None = None
    thresholds: Values = ()
    severity_shift: int | None = None

    @property
    def is_empty(self) -> bool:
        return self == NOTHING

    def under(self, nearer: "Tuning") -> "Tuning":
        """This tuning, overridden by one of a nearer place."""
        return Tuning(
            is_enabled=self.is_enabled if nearer.is_enabled is None else nearer.is_enabled,
            open_after_s=self.open_after_s if nearer.open_after_s is None else nearer.open_after_s,
            resolve_after_s=self.resolve_after_s if nearer.resolve_after_s is None else nearer.resolve_after_s,
            severity=nearer.severity or self.severity,
            thresholds=_merged(self.thresholds, nearer.thresholds),
            severity_shift=self.severity_shift if nearer.severity_shift is None else nearer.severity_shift,
        )


def _merged(values: Values, nearer: Values) -> Values:
    return tuple(sorted((dict(values) | dict(nearer)).items())) if values and nearer else nearer or values


NOTHING = Tuning()


class TuningScope(NamedTuple):
    """Where a tuning applies: "" for every cluster, "" for every namespace."""

    cluster_id: str = ""
    namespace: str = ""


def around(cluster_id: str, namespace: str) -> Iterable[TuningScope]:
    """The places whose tunings apply there, the nearest last."""
    return dict.fromkeys((TuningScope(), TuningScope(cluster_id), TuningScope("", namespace), TuningScope(cluster_id, namespace)))


@dataclass(frozen=True, slots=True)
class Settings:
    """What an organization has set. Equal settings give equal findings."""

    has_risk: bool = False
    tunings: Mapping[str, Mapping[TuningScope, Tuning]] = field(default_factory=dict)
    teams: TeamSettings = field(default_factory=TeamSettings)  # of the issues of what is found

    def of(self, issue_type: str, *, cluster_id: str = "", namespace: str = "") -> Tuning:
        """The tuning of a type there, without annotations."""
        places = self.tunings.get(issue_type)
        if not places:
            return NOTHING
        found = NOTHING
        for place in around(cluster_id, namespace):
            found = found.under(places.get(place, NOTHING))
        return found


DEFAULT = Settings()


def apply(examination: Examination, settings: Settings, view: ClusterView, *, cluster_id: str) -> Examination:
    """The examination with settings and annotations applied. Costs nothing for objects without findings."""
    if not examination.findings:
        return examination
    tuned = (tune(finding, settings, view, cluster_id=cluster_id) for finding in examination.findings)
    findings = tuple(finding for finding in tuned if finding is not None)
    return examination if findings == examination.findings else replace(examination, findings=findings)


def tune(finding: Finding, settings: Settings, view: ClusterView, *, cluster_id: str) -> Finding | None:
    """The finding with its tuning applied; None if its type is switched off for it."""
    tuning = tuning_of_finding(finding, settings, view, cluster_id=cluster_id)
    if tuning.is_enabled is False:
        return None
    if tuning.severity is not None:
        finding = replace(finding, severity=tuning.severity, impact=replace(finding.impact, reason=REASON))
    elif finding.category != "risk" and (said := _shift(finding, settings, view, cluster_id=cluster_id)) is not None:
        finding = _shifted(finding, *said)
    if tuning is NOTHING or tuning.is_empty:
        return finding
    return replace(
        finding,
        opens_at=finding.opens_at if tuning.open_after_s is None else times.after(finding.since, tuning.open_after_s),
        resolve_after_s=finding.resolve_after_s if tuning.resolve_after_s is None else tuning.resolve_after_s,
    )


def _shifted(finding: Finding, steps: int, who: str) -> Finding:
    """The finding with another severity by a setting, which takes the place of the label of the namespace."""
    before, reason = finding.unlabeled or (finding.severity, finding.impact.reason)
    after = before.raised() if steps > 0 else before.lowered() if steps < 0 else before
    if after != before:
        reason = f"{reason[:-1]}; {who} one step {'more' if steps > 0 else 'less'}."
    return replace(finding, severity=after, impact=replace(finding.impact, reason=reason, is_raised=after.rank > before.rank))


def _shift(finding: Finding, settings: Settings, view: ClusterView, *, cluster_id: str) -> tuple[int, str] | None:
    """By how many steps the severity of all types is shifted at the nearest place that says so, and who counts what that way."""
    steps = from_annotations(ALL, finding.subject, finding.shown_by, view).severity_shift
    if steps is not None:
        return steps, "an annotation counts it"
    places = settings.tunings.get(ALL, {})
    for place in reversed(list(around(cluster_id, namespace_of(finding.subject, finding.shown_by)))) if places else ():
        if (steps := places.get(place, NOTHING).severity_shift) is not None:
            what = f"namespace {place.namespace}" if place.namespace else "this cluster" if place.cluster_id else "all clusters"
            return steps, f"the organization counts {what}"
    return None


def limits(settings: Settings, view: ClusterView, *, cluster_id: str) -> AskLimits:
    """Returns a function that gives the thresholds for an object: the defaults, overridden by settings, overridden by annotations."""

    def ask(detector: Detector, obj: KubeObject) -> Limits:
        shown_by = owners.ref(obj)
        subject = view.workload_of(obj) if isinstance(obj, (Pod, ReplicaSet, Job)) else shown_by
        tunings = [settings.of(detector.type, cluster_id=cluster_id, namespace=namespace_of(subject, shown_by))]
        tunings += [read(text).get(detector.type, NOTHING) for text in _annotations(subject, shown_by, view)]
        found = thresholds.defaults(detector.thresholds)
        for tuning in tunings:
            found |= thresholds.fitting(detector.thresholds, tuning.thresholds)
        return found

    return ask


def tuning_of_finding(finding: Finding, settings: Settings, view: ClusterView, *, cluster_id: str) -> Tuning:
    """The tuning of a finding, from all places; the nearest wins."""
    return tuning_of(finding.type, finding.subject, finding.shown_by, settings, view, cluster_id=cluster_id)


def tuning_of(
    issue_type: str, subject: ObjectRef, shown_by: ObjectRef, settings: Settings, view: ClusterView, *, cluster_id: str
) -> Tuning:
    """The tuning of a type for a subject and the object that shows it, from all places; the nearest wins."""
    found = settings.of(issue_type, cluster_id=cluster_id, namespace=namespace_of(subject, shown_by))
    return found.under(from_annotations(issue_type, subject, shown_by, view))


def namespace_of(subject: ObjectRef, shown_by: ObjectRef) -> str:
    """The namespace whose settings apply; "" for an object without one."""
    return subject.namespace or shown_by.namespace or ""


def from_annotations(issue_type: str, subject: ObjectRef, shown_by: ObjectRef, view: ClusterView) -> Tuning:
    """The tuning from annotations: those of the namespace, the workload and the object that shows the finding."""
    found = NOTHING
    for text in _annotations(subject, shown_by, view):
        found = found.under(read(text).get(issue_type, NOTHING))
    return found


def _annotations(subject: ObjectRef, shown_by: ObjectRef, view: ClusterView) -> Iterable[str]:
    """The annotation texts of the namespace, the workload and the object that shows the finding, without empty ones."""
    namespace = namespace_of(subject, shown_by)
    home = view.namespace(namespace) if namespace else None
    workload = view.object_at(subject)
    shown = view.object_at(shown_by) if shown_by != subject else None
    return [obj.metadata.annotations.detectors for obj in (home, workload, shown) if obj is not None and obj.metadata.annotations.detectors]


@lru_cache(2048)
def read(text: str) -> Mapping[str, Tuning]:
    """The tunings in an annotation, by type: `FailedScheduling=off, OOMKilled.severity=medium, ReadinessProbeFailed.openAfter=10m`;
    `*.severity=-1` for all types.

    `on`, `off` or a severity after the type; seconds, or a number with s, m, h or d, after `openAfter` and `resolveAfter`; after any other
    name the value of a threshold, 0.8, 5 or 30d. `thresholds.fitting` checks whether the type has it and whether the value is in range.
    """
    found: dict[str, Tuning] = {}
    for item in re.split(r"[,;\s]+", re.sub(r"\s*=\s*", "=", text[:MAX_ANNOTATION])):
        if (match := _ITEM.fullmatch(item)) is None or (tuning := _parse(match[2] or "", match[3])) is None:
            continue
        if (match[1] == ALL) == (tuning.severity_shift is not None):
            found[match[1]] = found.get(match[1], NOTHING).under(tuning)
    return found


def _parse(member: str, value: str) -> Tuning | None:
    if member in ("", "severity") and value in _SEVERITIES:
        return Tuning(severity=Severity(value))
    if member == "severity" and value in _SHIFTS:
        return Tuning(severity_shift=_SHIFTS[value])
    if not member:
        return Tuning(is_enabled=value == "on") if value in ("on", "off") else None
    if member not in _MEMBERS:
        number = float(value) if _NUMBER.fullmatch(value) else durations.seconds(value)  # `30d` of a threshold in seconds
        return None if number is None else Tuning(thresholds=((member, number),))
    seconds = durations.seconds(value)
    if seconds is None:
        return None
    if member == "openAfter":
        return Tuning(open_after_s=min(seconds, LONGEST_OPEN_AFTER_S))
    if member == "resolveAfter":
        return Tuning(resolve_after_s=min(max(seconds, SHORTEST_RESOLVE_AFTER_S), LONGEST_RESOLVE_AFTER_S))
    return None
