"""RBACForbidden: a ServiceAccount repeatedly requests something that it has no permission for.

Only the Events of controllers show this: an application that is denied writes it to its own log, which the analysis of its issue reads. One
denial is often a matter of order (a role that is applied next), so there must be three within ten minutes. The issue is about account, verb
and resource, whichever object shows it.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding
from optral.kube import owners, times
from optral.kube.objects import (
    Certificate,
    CronJob,
    DaemonSet,
    Deployment,
    Event,
    HorizontalPodAutoscaler,
    Ingress,
    Job,
    KubeObject,
    PersistentVolumeClaim,
    ReplicaSet,
    Service,
    ServiceAccount,
    StatefulSet,
)
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

OFTEN = 3
LASTS_S = 1800
_REASONS = frozenset(
    {
        "FailedCreate", "FailedDelete", "FailedUpdate", "FailedGet", "FailedSync", "SyncFailed", "ReconcileError", "ReconciliationFailed",
        "Failed", "Error", "Forbidden", "ProvisioningFailed", "VolumeResizeFailed", "FailedGetResourceMetric", "FailedGetScale",
        "FailedUpdateScale", "FailedComputeMetricsReplicas", "SyncLoadBalancerFailed", "FailedToUpdateEndpointSlices", "InstallFailed",
        "UpgradeFailed", "BuildFailed", "HealthCheckFailed", "IssuerNotReady", "UpdateFailed", "CreateFailed", "DeleteFailed",
    }
)  # fmt: skip
_DENIAL = re.compile(
    r'User "system:serviceaccount:([a-z0-9-]{1,63}):([a-z0-9.-]{1,253})" cannot (\w{1,20}) resource "([\w./-]{1,200})"', re.ASCII
)
_LOOKS_AT = (
    Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob, Service, Ingress, PersistentVolumeClaim, HorizontalPodAutoscaler,
    Certificate,
)  # fmt: skip
_FLUX = frozenset({"Kustomization.kustomize.toolkit.fluxcd.io", "HelmRelease.helm.toolkit.fluxcd.io"})


def detect(obj: KubeObject, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(obj):
        return
    denials: dict[tuple[str, str, str, str], list[Event]] = {}
    for event in gates.fresh_events(view, obj.uid, _REASONS, now=now, window_s=LASTS_S):
        if (denial := _DENIAL.search(event.message[:4000])) is not None:
            denials.setdefault((denial[1], denial[2], denial[3], denial[4]), []).append(event)
    for (namespace, name, verb, resource), events in denials.items():
        if (finding := _finding(obj, view, ObjectRef(ServiceAccount.kind, namespace, name), verb, resource, events)) is not None:
            yield finding


def _finding(obj: KubeObject, view: ClusterView, account: ObjectRef, verb: str, resource: str, events: list[Event]) -> Finding | None:
    newest, oldest = events[0], min(events, key=lambda event: event.first_seen)
    recent = [event for event in events if times.age_s(event.last_seen, now=newest.last_seen) <= gates.FRESH_S]
    if sum(event.times for event in recent) < OFTEN:
        return None
    seen = view.by_name(account.kind, account.namespace, account.name)
    subject = owners.ref(seen) if seen is not None else account
    return Finding(
        subject=subject,
        part=f"{verb} {resource}",
        title=titles.RBACForbidden.denied(object=wording.label(subject), verb=verb, resource=resource),
        since=max(oldest.first_seen, obj.created_at),
        expires_at=times.after(newest.last_seen, LASTS_S),
        facts={"verb": verb, "resource": resource, "asks": str(view.workload_of(obj)), "message": wording.clip(newest.message)},
    )


DETECTOR = Detector(
    type="RBACForbidden",
    title=titles.RBACForbidden.what,
    category="access",
    about=About.POLICY,
    severity=Severity.MEDIUM,
    gates=("G1", "G7"),
    looks_at=frozenset(kind.kind for kind in _LOOKS_AT) | _FLUX,
    detect=detect,
    event_reasons=_REASONS,
    tier=Tier.EXTENDED,
    needs=frozenset({"events"}),
)
