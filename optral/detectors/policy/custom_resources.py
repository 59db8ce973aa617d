"""CustomResourceNotReady: a resource of an add-on says itself that it is not well.

Flux and Argo CD each have their own way to say so. What is suspended, still progressing or waits for another resource is no fault, and
neither is an Application that is only out of sync: somebody decides when to sync. Certificates have a type of their own.
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


class _Said(NamedTuple):
    state: str
    message: str
    since: datetime


def detect(resource: Resource, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(resource):
        return
    said = _of_application(resource) if isinstance(resource, Application) else _of_flux(resource)
    if said is None:
        return
    subject = owners.ref(resource)
    yield Finding(
        type=TYPE,
        subject=subject,
        shown_by=subject,
        severity=severity.judge(Severity.MEDIUM, subject=subject, view=view),
        title=f"{wording.label(subject)} is not ready: {wording.clip(said.message or said.state, 160)}",
        category=CATEGORY,
        since=said.since,
        opens_at=times.after(said.since, PATIENCE_S),
        facts={"state": said.state, "message": wording.clip(said.message)},
    )


def _of_flux(resource: Kustomization | HelmRelease) -> _Said | None:
    observed = resource.status.observed_generation
    if resource.spec.suspend or (observed is not None and observed < resource.metadata.generation):
        return None
    for name, bad in (("Stalled", "True"), ("Ready", "False")):
        told = condition(resource.status.conditions, name)
        if told is not None and told.status == bad and told.reason not in _WAITING:
            return _Said(told.reason or name, told.message, told.last_transition_time or resource.created_at)
    return None


def _of_application(application: Application) -> _Said | None:
    status = application.status
    for told in status.conditions:
        if told.type.endswith("Error"):
            return _Said(told.type, told.message, told.last_transition_time or application.created_at)
    operation = status.operation_state
    if operation is not None and operation.phase in ("Failed", "Error") and status.sync.status != "Synced":
        return _Said(f"sync{operation.phase}", operation.message, operation.finished_at or application.created_at)
    if status.health.status == "Degraded":
        return _Said("degraded", status.health.message, status.health.last_transition_time or application.created_at)
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
