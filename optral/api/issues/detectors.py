"""Detectors over HTTP: list with their settings, change where they apply and how, and run them on supplied objects."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import FastAPI, Query
from starlette.responses import Response

from optral import detectors
from optral.api.http.lists import whole
from optral.api.http.routing import Call, Routes, json_answer, json_response
from optral.api.issues.detector_shapes import (
    DetectorChange,
    DetectorList,
    DetectorsChange,
    DetectorShape,
    DetectorsShape,
    Listing,
    Name,
    Namespace,
    TestInput,
    TestShape,
    TierName,
    preview_shape,
    shifts,
)
from optral.clusters import service as clusters
from optral.detectors.detector import Detector
from optral.detectors.tuning import (
    Settings,
    TuningScope,
)
from optral.flows.issues import detector_preview, detector_settings as flow
from optral.flows.issues.detector_preview import DetectorPreview
from optral.store.transaction import Transaction
from optral.terms.actor import require_reach
from optral.terms.errors import Invalid

_MEMBERS = {"enabled": "is_enabled", "open_after_seconds": "open_after_s", "resolve_after_seconds": "resolve_after_s"}
"""Members of a `Tuning` that have another name here."""


def _place(tx: Transaction, cluster: str | None, namespace: str | None) -> TuningScope:
    """The scope of settings. Raises `Invalid` for a cluster that the actor cannot see."""
    if cluster is None:
        return TuningScope("", namespace or "")
    found = clusters.resolve(tx, cluster)
    if found is None:
        errors = [{"field": "cluster", "code": "unknown_cluster", "message": "give the id or name of a cluster"}]
        raise Invalid("unknown_cluster", say=f"no cluster has the id or name {cluster}", errors=errors)
    return TuningScope(found, namespace or "")


def _select(tier: TierName | None, category: str | None, q: str | None) -> Iterable[Detector]:
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
        listing = Listing(tx, _place(tx, cluster, namespace), failures)
        rows = [listing.shape(detector) for detector in _select(tier, category, q)]
        return whole("detectors", rows) | {"riskChecks": listing.settings.has_risk, "severityShifts": listing.shifts}

    return json_response(await call.read(job))


async def get_detector(
    call: Call,
    detector_type: str,
    cluster: Annotated[Name | None, Query(description="Show the settings in effect in this cluster (id or name)")] = None,
    namespace: Annotated[Namespace | None, Query(description="Show the settings in effect in this namespace")] = None,
) -> Response:
    """Get a detector with its settings"""
    detector, failures = flow.known(detector_type), call.services.detector_failures()
    return json_response(await call.read(lambda tx: Listing(tx, _place(tx, cluster, namespace), failures).shape(detector)))


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
        return Listing(tx, place, failures).shape(detector)

    return await call.change(job, json_answer)


def _changes(body: DetectorChange) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True, exclude={"cluster", "namespace"})
    return {_MEMBERS.get(name, name): value for name, value in given.items()}


async def update_detectors(call: Call, body: DetectorsChange) -> Response:
    """Enable or disable risk checks, or shift the severity of all types

    Risk checks find configurations that work today and can fail later. They are off by default and send no notifications.

    A shift counts issues one step more or less severe: for all clusters, for a cluster, for a namespace or for both; the most specific
    setting takes precedence. It takes effect within ten seconds and applies to open issues too.
    """

    def job(tx: Transaction) -> dict[str, Any]:
        place = _place(tx, body.cluster, body.namespace)
        if "risk_checks" in body.model_fields_set:
            flow.switch_risk(tx, has_risk=bool(body.risk_checks))
        if "severity_shift" in body.model_fields_set:
            flow.shift_severity(tx, place, body.severity_shift)
        settings, listed = flow.settings(tx)
        return {"riskChecks": settings.has_risk, "severityShifts": shifts(listed)}

    return await call.change(job, json_answer)


async def test_detectors(call: Call, body: TestInput) -> Response:
    """Run detectors on objects that you supply

    Nothing is stored. Secrets are dropped, and other objects are redacted before they are examined. At most 500 objects, 64 KiB of text
    or 1 MiB in total.
    """

    def read(tx: Transaction) -> tuple[Settings, TuningScope]:
        return flow.settings(tx)[0], _place(tx, body.cluster, None)

    settings, place = await call.read(read)
    now = body.at or call.services.clock.now()

    def work() -> DetectorPreview:
        return detector_preview.examine(
            body.objects, now=now, include_risk=body.include_risk, settings=settings, cluster_id=place.cluster_id
        )

    return json_response(preview_shape(await asyncio.to_thread(work)))


def add(app: FastAPI) -> None:
    routes = Routes(app, "detectors")
    path, one, read, write = "/v1/detectors", "/v1/detectors/{detector_type}", "issues:read", "detectors:write"
    routes.add("GET", path, list_detectors, scope=read, gives=DetectorList, errors=(422,))
    routes.add("PATCH", path, update_detectors, scope=write, gives=DetectorsShape, errors=(409, 422))
    routes.add("POST", f"{path}/test", test_detectors, scope=read, gives=TestShape, is_pure=True)
    routes.add("GET", one, get_detector, scope=read, gives=DetectorShape, errors=(404, 422))
    routes.add("PATCH", one, update_detector, scope=write, gives=DetectorShape, errors=(404, 409))
