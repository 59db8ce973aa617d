"""The JSON of detectors in REST: request bodies, responses, and the functions that build them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from optral.api.clusters.clusters import NAME_PATTERN
from optral.api.http.routing import Input, Shape, present
from optral.api.http.times import Moment
from optral.clusters import service as clusters
from optral.clusters.model import ClusterFilter
from optral.detector_settings.model import Tuned
from optral.detectors import thresholds
from optral.detectors.detector import Detector, Tier
from optral.detectors.explain import DetectorVerdict, GateAnswer, Verdict
from optral.detectors.finding import Finding
from optral.detectors.tuning import (
    ALL,
    LONGEST_OPEN_AFTER_S,
    LONGEST_RESOLVE_AFTER_S,
    SHORTEST_RESOLVE_AFTER_S,
    Tuning,
    TuningScope,
)
from optral.flows.issues import detector_settings as flow
from optral.flows.issues.detector_preview import DetectorPreview
from optral.kit.paging import PageRequest
from optral.kube.kinds import BY_ID, EVENT, LOG_SIGNS, POD_USAGE, WORKLOAD_TRAFFIC
from optral.store.transaction import Transaction

Name = Annotated[str, Field(min_length=1, max_length=253, pattern=NAME_PATTERN)]

Namespace = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]

SeverityName = Literal["critical", "high", "medium", "low"]

TierName = Literal["core", "extended", "risk"]

ThresholdValue = Annotated[float, Field(strict=True, allow_inf_nan=False)]

MAX_CLUSTERS = 50  # in one answer about missing inputs

_NEED_OF_KIND = {POD_USAGE.id: "metrics", WORKLOAD_TRAFFIC.id: "prometheus", LOG_SIGNS.id: "logs"}  # kinds that only agents know by name
_KIND_OF_NEED = {"events": EVENT.id, "leases": "Lease.coordination.k8s.io"} | {need: kind for kind, need in _NEED_OF_KIND.items()}


class DefaultsShape(Shape):
    severity: SeverityName | None = Field(None, description="Initial severity; the workload can raise or lower it")
    open_after_seconds: int = Field(description="How long the condition must hold before an issue opens")
    resolve_after_seconds: int = Field(description="How long the condition must be absent before the issue resolves")


class TuningShape(Shape):
    cluster: str | None = Field(None, description="Cluster id; absent for all clusters")
    namespace: str | None = Field(None, description="Absent for all namespaces")
    enabled: bool | None = None
    open_after_seconds: int | None = None
    resolve_after_seconds: int | None = None
    severity: SeverityName | None = None
    thresholds: dict[str, float] | None = Field(None, description="Thresholds by name; absent if none is set in this scope")
    updated_by: str
    updated_at: datetime


class ThresholdShape(Shape):
    """A threshold of the detector that can be set"""

    name: str = Field(examples=["restartsPerHour"])
    description: str
    default: float
    value: float = Field(description="Value in effect in the requested scope, without annotations")
    min: float
    max: float
    whole: bool = Field(description="Whether the value must be an integer")
    unit: str = Field(description="`s` for seconds, `share` for a fraction of 1, otherwise what is counted", examples=["restarts"])


class EffectiveShape(Shape):
    """The settings in effect in the requested scope, without annotations; absent members have their defaults"""

    open_after_seconds: int | None = None
    resolve_after_seconds: int | None = None
    severity: SeverityName | None = None


class DetectorShape(Shape):
    type: str = Field(examples=["CrashLoopBackOff"])
    tier: TierName
    category: str
    page: str = Field(
        description="Path of the detector's documentation page in the source", examples=["docs/detectors/CrashLoopBackOff.md"]
    )
    looks_at: list[str] = Field(description="Kinds of objects that the detector examines")
    needs: list[str] = Field(description="Data that the detector needs besides objects: events, logs, leases, metrics")
    gates: list[str] = Field(description="The gates that prevent false alarms", examples=[["G1", "G7"]])
    defaults: DefaultsShape
    enabled: bool = Field(description="Whether the detector is enabled in the requested scope; a risk also requires `riskChecks`")
    effective: EffectiveShape
    thresholds: list[ThresholdShape] = Field(description="Thresholds that can be set; most detectors have none")
    sees: Literal["yes", "partly", "no"] = Field(description="Whether the agents provide the data that the detector needs")
    blind_to: list[str] = Field(description="The data that is missing: kinds that agents are not allowed to read, or `metrics`")
    open_issues: int = Field(description="Number of unresolved issues of this type")
    failures: int = Field(description="Number of failed runs since the server started; see the server's log")
    tunings: list[TuningShape]


class ShiftShape(Shape):
    """A shift of the severity of all types in a scope"""

    cluster: str | None = Field(None, description="Cluster id; absent for all clusters")
    namespace: str | None = Field(None, description="Absent for all namespaces")
    severity_shift: int
    updated_by: str
    updated_at: datetime


class DetectorList(Shape):
    detectors: list[DetectorShape]
    risk_checks: bool = Field(description="Whether risk checks are enabled")
    severity_shifts: list[ShiftShape]
    total: int
    page: int
    page_size: int


class DetectorsChange(Input):
    """Members that are given are set, null resets them, and omitted members do not change"""

    risk_checks: bool | None = Field(None, description="Whether risk checks are enabled in the organization")
    severity_shift: int | None = Field(
        None,
        ge=-1,
        le=1,
        description="Steps by which the computed severity of every type is shifted in this scope. It replaces the step of a namespace that "
        "is labeled as non-production. A severity that is set for a type or an issue takes precedence",
    )
    cluster: Name | None = Field(None, description="Scope of `severityShift`: cluster id or name; absent for all clusters")
    namespace: Namespace | None = Field(None, description="Scope of `severityShift`; absent for all namespaces")


class DetectorsShape(Shape):
    risk_checks: bool
    severity_shifts: list[ShiftShape]


class DetectorChange(Input):
    """Members that are given are set for this scope, null resets them, and omitted members do not change"""

    cluster: Name | None = Field(None, description="Cluster id or name; absent for all clusters")
    namespace: Namespace | None = Field(None, description="Absent for all namespaces")
    enabled: bool | None = None
    open_after_seconds: int | None = Field(None, ge=0, le=LONGEST_OPEN_AFTER_S)
    resolve_after_seconds: int | None = Field(None, ge=SHORTEST_RESOLVE_AFTER_S, le=LONGEST_RESOLVE_AFTER_S)
    severity: SeverityName | None = None
    thresholds: dict[str, ThresholdValue | None] | None = Field(
        None, max_length=20, description="Thresholds by name; null for a threshold resets it, null instead of the object resets all"
    )


class TestInput(Input):
    objects: str | dict[str, Any] | list[Any] = Field(
        description="JSON or YAML text, an object, or a list of objects. Lists are expanded and Secrets are dropped"
    )
    at: Moment | None = Field(None, description="Evaluate as of this time; defaults to now")
    cluster: Name | None = Field(None, description="Cluster whose settings apply; defaults to the settings for all clusters")
    include_risk: bool = Field(False, description="Include risk checks")


class GateShape(Shape):
    gate: str = Field(examples=["G1"])
    holds_back: bool
    asks: str = Field(examples=["it is being deleted"])


class FoundShape(Shape):
    type: str
    subject: str = Field(examples=["Deployment/shop/api"])
    shown_by: str = Field(examples=["Pod/shop/api-5d4f9c-x1"])
    container: str | None = Field(None, description="The container, or another part of the subject")
    severity: SeverityName
    title: str
    category: str
    since: datetime
    opens_at: datetime = Field(description="When the finding opens an issue")
    facts: dict[str, Any]
    suspects: list[str] = Field(description="Candidate causes: objects whose own issue would explain this one")


class NearShape(Shape):
    type: str
    shown_by: str
    verdict: Literal["open", "waits", "silenced", "over", "heldBack", "off", "failed"]
    by: str | None = Field(None, description="The issue type that takes precedence")
    opens_at: datetime | None = None
    gates: list[GateShape]


class TestShape(Shape):
    at: datetime
    objects: int = Field(description="Number of objects that were examined")
    secrets_dropped: int
    unreadable: int = Field(description="Entries that are not Kubernetes objects")
    ignored: dict[str, int] = Field(description="Objects of kinds that Optral does not watch, by kind")
    findings: list[FoundShape]
    detectors: list[NearShape] = Field(description="Detectors that considered an object, with their verdict and the reason")
    cut: bool = Field(description="More detectors considered the objects than are listed")


class Listing:
    """Builds the JSON of detectors from settings, tunings and counts, which it reads in one transaction."""

    def __init__(self, tx: Transaction, place: TuningScope, failures: Mapping[str, int]) -> None:
        self.place, self.failures = place, failures
        self.settings, tunings = flow.settings(tx)
        self.shifts = shifts(tunings)
        self.tunings: dict[str, list[Tuned]] = {}
        for tuning in tunings:
            self.tunings.setdefault(tuning.type, []).append(tuning)
        self.open = flow.open_issues(tx, place.cluster_id or None)
        ids = (
            [place.cluster_id]
            if place.cluster_id
            else [one.id for one in clusters.find(tx, ClusterFilter(), PageRequest(size=MAX_CLUSTERS))]
        )
        self.blind = [frozenset(kind for kind in kinds if not _is_optional(kind)) for kinds in flow.blindness(tx, ids).values()]

    def shape(self, detector: Detector) -> dict[str, Any]:
        tuning = self.settings.of(detector.type, cluster_id=self.place.cluster_id, namespace=self.place.namespace)
        sees, blind_to = self._sight(detector)
        return {
            "type": detector.type,
            "tier": detector.tier.value,
            "category": detector.category,
            "page": detector.page,
            "looksAt": sorted(detector.looks_at),
            "needs": sorted(detector.needs),
            "gates": list(detector.gates),
            "defaults": present(
                severity=detector.severity.value,
                openAfterSeconds=detector.open_after_s,
                resolveAfterSeconds=detector.resolve_after_s,
            ),
            "enabled": tuning.is_enabled is not False and (detector.tier is not Tier.RISK or self.settings.has_risk),
            "effective": _members(tuning),
            "thresholds": _thresholds(detector, tuning),
            "sees": sees,
            "blindTo": blind_to,
            "openIssues": self.open.get(detector.type, 0),
            "failures": self.failures.get(detector.type, 0),
            "tunings": [_tuned(one) for one in self.tunings.get(detector.type, [])],
        }

    def _sight(self, detector: Detector) -> tuple[str, list[str]]:
        wanted = detector.looks_at | {_KIND_OF_NEED[need] for need in detector.needs if need in _KIND_OF_NEED}
        blind = {kind for kinds in self.blind for kind in kinds & wanted}
        missing = sorted(_NEED_OF_KIND.get(kind, kind) for kind in blind)
        needed = frozenset(kind for kind, need in _NEED_OF_KIND.items() if need in detector.needs) or detector.looks_at
        if self.blind and all(needed <= kinds for kinds in self.blind):
            return "no", missing
        return ("partly" if missing else "yes"), missing


def _is_optional(kind: str) -> bool:
    known = BY_ID.get(kind)
    return known is not None and known.optional


def _members(tuning: Tuning) -> dict[str, Any]:
    return present(
        openAfterSeconds=tuning.open_after_s,
        resolveAfterSeconds=tuning.resolve_after_s,
        severity=None if tuning.severity is None else tuning.severity.value,
    )


def _thresholds(detector: Detector, tuning: Tuning) -> list[dict[str, Any]]:
    here = thresholds.defaults(detector.thresholds) | thresholds.fitting(detector.thresholds, tuning.thresholds)
    return [
        {
            "name": name,
            "description": threshold.doc,
            "default": threshold.default,
            "value": here[name],
            "min": threshold.min,
            "max": threshold.max,
            "whole": isinstance(threshold.default, int),
            "unit": threshold.unit,
        }
        for name, threshold in detector.thresholds.items()
    ]


def _tuned(one: Tuned) -> dict[str, Any]:
    members = present(enabled=one.tuning.is_enabled, **_members(one.tuning), thresholds=dict(one.tuning.thresholds) or None)
    return _where(one) | members | _by(one)


def _where(one: Tuned) -> dict[str, Any]:
    return present(cluster=one.place.cluster_id or None, namespace=one.place.namespace or None)


def _by(one: Tuned) -> dict[str, Any]:
    return {"updatedBy": one.updated_by, "updatedAt": one.updated_at}


def shifts(listed: Iterable[Tuned]) -> list[dict[str, Any]]:
    """The shifts of the severity of all types, by place."""
    return [_where(one) | {"severityShift": one.tuning.severity_shift} | _by(one) for one in listed if one.type == ALL]


def _found(finding: Finding) -> dict[str, Any]:
    return present(
        type=finding.type,
        subject=str(finding.subject),
        shownBy=str(finding.shown_by),
        container=finding.part,
        severity=finding.severity.value,
        title=finding.title,
        category=finding.category,
        since=finding.since,
        opensAt=finding.opens_at,
        facts=dict(finding.facts),
        suspects=sorted({str(suspect.ref) for suspect in finding.suspects}),
    )


def _near(one: DetectorVerdict) -> dict[str, Any]:
    waits = one.finding is not None and one.verdict is Verdict.WAITS
    return present(
        type=one.type,
        shownBy=str(one.shown_by),
        verdict=one.verdict.value,
        by=one.by,
        opensAt=one.finding.opens_at if waits and one.finding is not None else None,
        gates=[_gate(answer) for answer in one.gates],
    )


def _gate(answer: GateAnswer) -> dict[str, Any]:
    return {"gate": answer.gate, "holdsBack": answer.holds_back, "asks": answer.say}


def preview_shape(preview: DetectorPreview) -> dict[str, Any]:
    return {
        "at": preview.now,
        "objects": preview.objects,
        "secretsDropped": preview.secrets_dropped,
        "unreadable": preview.unreadable,
        "ignored": preview.ignored,
        "findings": [_found(finding) for finding in preview.explanation.findings],
        "detectors": [_near(one) for one in preview.explanation.near],
        "cut": preview.explanation.is_cut,
    }
