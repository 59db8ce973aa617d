"""CustomResourceNotReady: a resource of an add-on reports that it is not healthy.

Flux and Argo CD report it in different ways. A resource that is suspended, still progressing or waiting for another one is not a failure,
and neither is an Application that is only out of sync: somebody decides when to sync. Certificates have a type of their own.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from optral.detectors import gates, severity, wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding
from optral.kube import owners, times
from optral.kube.objects import Application, HelmRelease, Kustomization, condition
from optral.kube.view import ClusterView
from optral.terms.severity import Severity

TYPE = "CustomResourceNotReady"
CATEGORY = "delivery"
PATIENCE_S = 600
_WAITING = frozenset({"Progressing", "DependencyNotReady", "Suspended", "ReconciliationSuspended"})
Resource = Kustomization | HelmRelease | Application


class _Failure(NamedTuple):
    state: str
    message: str
    since: datetime


def detect(resource: Resource, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(resource):
        return
    failure = _of_application(resource) if isinstance(resource, Application) else _of_flux(resource)
    if failure is None:
        return
    subject = owners.ref(resource)
    yield Finding(
        type=TYPE,
        subject=subject,
        shown_by=subject,
        severity=severity.adjust(Severity.MEDIUM, subject=subject, view=view),
        title=f"{wording.label(subject)} is not ready: {wording.clip(failure.message or failure.state, 160)}",
        category=CATEGORY,
        since=failure.since,
        opens_at=times.after(failure.since, PATIENCE_S),
        facts={"state": failure.state, "message": wording.clip(failure.message)},
    )


def _of_flux(resource: Kustomization | HelmRelease) -> _Failure | None:
    observed = resource.status.observed_generation
    if resource.spec.suspend or (observed is not None and observed < resource.metadata.generation):
        return None
    for name, bad in (("Stalled", "True"), ("Ready", "False")):
        reported = condition(resource.status.conditions, name)
        if reported is not None and reported.status == bad and reported.reason not in _WAITING:
            return _Failure(reported.reason or name, reported.message, reported.last_transition_time or resource.created_at)
    return None


def _of_application(application: Application) -> _Failure | None:
    status = application.status
    for reported in status.conditions:
        if reported.type.endswith("Error"):
            return _Failure(reported.type, reported.message, reported.last_transition_time or application.created_at)
    operation = status.operation_state
    if operation is not None and operation.phase in ("Failed", "Error") and status.sync.status != "Synced":
        return _Failure(f"sync{operation.phase}", operation.message, operation.finished_at or application.created_at)
    if status.health.status == "Degraded":
        return _Failure("degraded", status.health.message, status.health.last_transition_time or application.created_at)
    return None


DETECTOR = Detector(
    type=TYPE,
    title="A custom resource is not ready",
    category=CATEGORY,
    about=About.OBJECT,
    severity=Severity.MEDIUM,
    gates=("G1", "G6", "G9"),
    looks_at=frozenset({Kustomization.kind, HelmRelease.kind, Application.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
)
