"""Detectors over HTTP: what is looked for, what is switched off or tuned where, and what they would say of objects you paste."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral import detectors
from optral.api.clusters import NAME_PATTERN
from optral.api.http.lists import whole
from optral.api.http.routing import Call, Input, Routes, Shape, json_answer, json_response, present
from optral.api.http.times import Moment
from optral.clusters import service as clusters
from optral.clusters.model import ClusterFilter
from optral.detectors import thresholds
from optral.detectors.detector import Detector, Tier
from optral.detectors.explain import GateAnswer, Near, Verdict
from optral.detectors.finding import Finding
from optral.detectors.tuning import (
    LONGEST_OPEN_AFTER_S,
    LONGEST_RESOLVE_AFTER_S,
    SHORTEST_RESOLVE_AFTER_S,
    Place,
    Settings,
    Tuning,
)
from optral.flows.issues import detector_preview, detector_settings as flow
from optral.flows.issues.detector_preview import Tried
from optral.kit.paging import PageRequest
from optral.kube.kinds import BY_ID, EVENT
from optral.store.transaction import Transaction
from optral.terms.actor import require_reach
from optral.terms.errors import Invalid
from optral.terms.severity import Severity
from optral.tuning.model import Tuned

Name = Annotated[str, Field(min_length=1, max_length=253, pattern=NAME_PATTERN)]
Namespace = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
SeverityName = Literal["critical", "high", "medium", "low"]
TierName = Literal["core", "extended", "risk"]
ThresholdValue = Annotated[float, Field(strict=True, allow_inf_nan=False)]
MAX_CLUSTERS = 50  # in one answer about missing inputs
NEVER_SENT = frozenset({"metrics"})
"""Inputs that a detector may need and no agent sends."""
_OF_NEEDS = {"events": EVENT.id, "leases": "Lease.coordination.k8s.io"}


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


class DetectorList(Shape):
    detectors: list[DetectorShape]
    risk_checks: bool = Field(description="Whether risk checks are enabled")
    total: int
    page: int
    page_size: int


class RiskSwitch(Input):
    risk_checks: bool = Field(description="Whether risk checks are enabled")


class RiskShape(Shape):
    risk_checks: bool


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


# --- shapes -----------------------------------------------------------------------------------------------------------------------


class _Listing:
    """All that the shapes of detectors need, read in one transaction."""

    def __init__(self, tx: Transaction, place: Place, failures: Mapping[str, int]) -> None:
        self.place, self.failures = place, failures
        self.settings, tunings = flow.settings(tx)
        self.tunings: dict[str, list[Tuned]] = {}
        for one in tunings:
            self.tunings.setdefault(one.type, []).append(one)
        self.open = flow.open_issues(tx, place.cluster_id or None)
        ids = (
            [place.cluster_id]
            if place.cluster_id
            else [one.id for one in clusters.find(tx, ClusterFilter(), PageRequest(size=MAX_CLUSTERS))]
        )
        self.blind = [frozenset(kind for kind in kinds if not _is_optional(kind)) for kinds in flow.blindness(tx, ids).values()]

    def shape(self, detector: Detector) -> dict[str, Any]:
        said = self.settings.of(detector.type, cluster_id=self.place.cluster_id, namespace=self.place.namespace)
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
            "enabled": said.is_enabled is not False and (detector.tier is not Tier.RISK or self.settings.has_risk),
            "effective": _members(said),
            "thresholds": _thresholds(detector, said),
            "sees": sees,
            "blindTo": blind_to,
            "openIssues": self.open.get(detector.type, 0),
            "failures": self.failures.get(detector.type, 0),
            "tunings": [_tuned(one) for one in self.tunings.get(detector.type, [])],
        }

    def _sight(self, detector: Detector) -> tuple[str, list[str]]:
        unseen = detector.needs & NEVER_SENT
        wanted = detector.looks_at | {_OF_NEEDS[need] for need in detector.needs if need in _OF_NEEDS}
        blind = {kind for kinds in self.blind for kind in kinds & wanted}
        missing = sorted({*unseen, *blind})
        if unseen or (self.blind and all(detector.looks_at <= kinds for kinds in self.blind)):
            return "no", missing
        return ("partly" if missing else "yes"), missing


def _is_optional(kind: str) -> bool:
    known = BY_ID.get(kind)
    return known is not None and known.optional


def _members(said: Tuning) -> dict[str, Any]:
    return present(
        openAfterSeconds=said.open_after_s,
        resolveAfterSeconds=said.resolve_after_s,
        severity=None if said.severity is None else said.severity.value,
    )


def _thresholds(detector: Detector, said: Tuning) -> list[dict[str, Any]]:
    here = thresholds.defaults(detector.thresholds) | thresholds.fitting(detector.thresholds, said.thresholds)
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
    return present(
        cluster=one.place.cluster_id or None,
        namespace=one.place.namespace or None,
        enabled=one.tuning.is_enabled,
        **_members(one.tuning),
        thresholds=dict(one.tuning.thresholds) or None,
        updatedBy=one.updated_by,
        updatedAt=one.updated_at,
    )


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


def _near(one: Near) -> dict[str, Any]:
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


def _preview(preview: Tried) -> dict[str, Any]:
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


# --- endpoints --------------------------------------------------------------------------------------------------------------------


def _place(tx: Transaction, cluster: str | None, namespace: str | None) -> Place:
    """Raises `Invalid` for a cluster that the actor cannot see."""
    if cluster is None:
        return Place("", namespace or "")
    found = clusters.resolve(tx, cluster)
    if found is None:
        errors = [{"field": "cluster", "code": "unknown_cluster", "message": "give the id or name of a cluster"}]
        raise Invalid("unknown_cluster", say=f"no cluster has the id or name {cluster}", errors=errors)
    return Place(found, namespace or "")


def _chosen(tier: TierName | None, category: str | None, q: str | None) -> Iterable[Detector]:
    return (
        detector
        for detector in detectors.DETECTORS
        if (tier is None or detector.tier.value == tier)
        and (category is None or detector.category == category)
        and (q is None or q.lower() in detector.type.lower())
    )


async def list_detectors(
    call: Call,
    cluster: Annotated[Name | None, Query(description="Show the settings in effect in this cluster (id or name)")] = None,
    namespace: Annotated[Namespace | None, Query(description="Show the settings in effect in this namespace")] = None,
    tier: Annotated[TierName | None, Query(description="core, extended or risk")] = None,
    category: Annotated[Name | None, Query(description="For example `storage`")] = None,
    q: Annotated[Name | None, Query(description="Substring of the type")] = None,
) -> Response:
    """List detectors with their settings"""
    failures = call.services.detector_failures()

    def job(tx: Transaction) -> dict[str, Any]:
        listing = _Listing(tx, _place(tx, cluster, namespace), failures)
        rows = [listing.shape(detector) for detector in _chosen(tier, category, q)]
        return whole("detectors", rows) | {"riskChecks": listing.settings.has_risk}

    return json_response(await call.read(job))


async def get_detector(
    call: Call,
    detector_type: str,
    cluster: Annotated[Name | None, Query(description="Show the settings in effect in this cluster (id or name)")] = None,
    namespace: Annotated[Namespace | None, Query(description="Show the settings in effect in this namespace")] = None,
) -> Response:
    """Get a detector with its settings"""
    detector, failures = flow.known(detector_type), call.services.detector_failures()
    return json_response(await call.read(lambda tx: _Listing(tx, _place(tx, cluster, namespace), failures).shape(detector)))


async def update_detector(call: Call, detector_type: str, body: DetectorChange) -> Response:
    """Update a detector's settings

    Settings can be made for all clusters, for a cluster, for a namespace or for both; the most specific setting takes precedence, per
    member and per threshold. Changes take effect within ten seconds and apply to open issues too.
    """
    detector, failures = flow.known(detector_type), call.services.detector_failures()

    def job(tx: Transaction) -> dict[str, Any]:
        place = _place(tx, body.cluster, body.namespace)
        require_reach(tx.actor, [place.cluster_id] if place.cluster_id else None, field="cluster")
        flow.change(tx, detector.type, place, _changes(body))
        return _Listing(tx, place, failures).shape(detector)

    return await call.change(job, json_answer)


def _changes(body: DetectorChange) -> dict[str, Any]:
    given = body.model_fields_set
    named = {
        "enabled": ("is_enabled", body.enabled),
        "open_after_seconds": ("open_after_s", body.open_after_seconds),
        "resolve_after_seconds": ("resolve_after_s", body.resolve_after_seconds),
        "severity": ("severity", None if body.severity is None else Severity(body.severity)),
        "thresholds": ("thresholds", body.thresholds),
    }
    return {name: value for field, (name, value) in named.items() if field in given}


async def update_detectors(call: Call, body: RiskSwitch) -> Response:
    """Enable or disable risk checks

    Risk checks find configurations that work today and can fail later. They are off by default and send no notifications.
    """

    return await call.change(
        lambda tx: flow.switch_risk(tx, has_risk=body.risk_checks), lambda settings: json_answer({"riskChecks": settings.has_risk})
    )


async def test_detectors(call: Call, body: TestInput) -> Response:
    """Run detectors on objects that you supply

    Nothing is stored. Secrets are dropped, and other objects are redacted before they are examined. At most 500 objects, 64 KiB of text
    or 1 MiB in total.
    """

    def read(tx: Transaction) -> tuple[Settings, Place]:
        return flow.settings(tx)[0], _place(tx, body.cluster, None)

    settings, place = await call.read(read)
    now = body.at or call.services.clock.now()

    def work() -> Tried:
        return detector_preview.examine(
            body.objects, now=now, include_risk=body.include_risk, settings=settings, cluster_id=place.cluster_id
        )

    return json_response(_preview(await asyncio.to_thread(work)))


def add(app: FastAPI) -> None:
    routes = Routes(app, "detectors")
    path, one, read, write = "/v1/detectors", "/v1/detectors/{detector_type}", "issues:read", "detectors:write"
    routes.add("GET", path, list_detectors, scope=read, gives=DetectorList, errors=(422,))
    routes.add("PATCH", path, update_detectors, scope=write, gives=RiskShape)
    routes.add("POST", f"{path}/test", test_detectors, scope=read, gives=TestShape, is_pure=True)
    routes.add("GET", one, get_detector, scope=read, gives=DetectorShape, errors=(404, 422))
    routes.add("PATCH", one, update_detector, scope=write, gives=DetectorShape, errors=(404, 409))
