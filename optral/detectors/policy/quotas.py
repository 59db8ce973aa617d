"""ResourceQuotaExceeded: a quota rejects objects that a workload needs.

A full quota that rejects nothing does its job, so something must be rejected. Controllers record when they cannot create pods or claims
(see `failed_create`). The API server records nothing when it rejects a Service or a claim of a person. Then a quota of Services or claims
must be full while workloads of the namespace name one that does not exist, or while a workload that is newer than every Service is the only
one without a Service of its name. All of these are one issue of the quota.
"""

import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, cast

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Stage
from optral.detectors.finding import Finding
from optral.detectors.workloads import failed_create
from optral.kube import addresses, calls, owners, selectors, times
from optral.kube.objects import (
    DaemonSet,
    Deployment,
    Job,
    KubeObject,
    PersistentVolumeClaim,
    ReplicaSet,
    ResourceQuota,
    Service,
    StatefulSet,
)
from optral.kube.quantities import milli_or_none
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

PATIENCE_S = 60  # for missing objects: they are applied one after another
_COUNTED = {
    Service.kind: ("services", "count/services"),
    PersistentVolumeClaim.kind: ("persistentvolumeclaims", "count/persistentvolumeclaims", "requests.storage"),
}
_CALLERS = (Deployment.kind, StatefulSet.kind, DaemonSet.kind)
_CONTROLLERS = (ReplicaSet.kind, StatefulSet.kind, DaemonSet.kind, Job.kind)
MAX_CALLERS = 500
MIN_SERVED = 5  # workloads with a Service of their name: enough to expect one for each
MAX_LACKING = 2  # workloads without a Service that the quota may have rejected
Caller = Deployment | StatefulSet | DaemonSet


def detect(obj: KubeObject, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if isinstance(obj, ResourceQuota):
        yield from _of_quota(obj, view)
    elif isinstance(obj, (ReplicaSet, StatefulSet, DaemonSet, Job)):
        yield from _of_controller(obj, view, now=now)


def _of_controller(controller: failed_create.Controller, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    for refusal in failed_create.detect(controller, view, now=now):
        name = refusal.facts.get("named")
        if refusal.facts.get("cause") != "quotaExceeded" or not isinstance(name, str):
            continue
        seen = view.by_name(ResourceQuota.kind, controller.namespace, name)
        subject = owners.ref(seen) if seen is not None else ObjectRef(ResourceQuota.kind, controller.namespace, name)
        numbers = refusal.facts.get("quota", {})
        short = sorted(numbers.get("requested", {}))
        yield Finding(
            subject=subject,
            title=titles.ResourceQuotaExceeded.pods_for(object=wording.label(subject), resources=", ".join(short[:5]))
            if short
            else titles.ResourceQuotaExceeded.pods(object=wording.label(subject)),
            since=refusal.since,
            expires_at=refusal.expires_at,
            facts={"cause": "refused", "refused": str(refusal.subject), "resources": short, **numbers, "message": refusal.facts["message"]},
        )


def _of_quota(quota: ResourceQuota, view: ClusterView) -> Iterator[Finding]:
    if gates.is_deleting(quota):
        return
    for kind, resources in _COUNTED.items():
        full = [resource for resource in resources if is_full(quota, resource)]
        absent = sorted(_absent(kind, quota.metadata.namespace, view)) if full else []
        if absent:
            yield _of_absent(quota, kind, full, absent, view)
            return


def _of_absent(quota: ResourceQuota, kind: str, full: list[str], absent: list[str], view: ClusterView) -> Finding:
    subject = owners.ref(quota)
    return Finding(
        subject=subject,
        title=titles.ResourceQuotaExceeded.others(object=wording.label(subject), resources=", ".join(full), kind=kind, name=absent[0]),
        since=quota.created_at,
        opens_at=times.after(quota.created_at, PATIENCE_S),
        is_onset_unknown=True,  # the quota existed before it was full
        facts={"cause": "nothingLeft", "resources": full, "missingKind": kind, "missing": absent[:20], **_numbers(quota, full)},
    )


def is_full(quota: ResourceQuota, resource: str, share: float = 1.0) -> bool:
    """Whether this share (1 is all) of a resource is used; False for a resource that the quota does not limit or an unreadable amount."""
    hard, used = milli_or_none(quota.status.hard or quota.spec.hard, resource), milli_or_none(quota.status.used, resource)
    return hard is not None and used is not None and used >= hard * share and used > 0


def _absent(kind: str, namespace: str, view: ClusterView) -> set[str]:
    """The names of Services (or claims) that workloads of the namespace refer to and that do not exist."""
    if not view.count(kind):
        return set()
    workloads = (workload for caller_kind in _CALLERS for workload in view.workloads_in(namespace, caller_kind))
    active = [cast(Caller, workload) for workload in itertools.islice(workloads, MAX_CALLERS) if not gates.is_switched_off(workload)]
    named = {name for workload in active for name in _named(kind, workload, namespace)}
    absent = {name for name in named if view.by_name(kind, namespace, name) is None}
    return absent | _without_service(active, view.services_in(namespace)) if kind == Service.kind else absent


def _without_service(workloads: list[Caller], services: list[Service]) -> set[str]:
    """The workloads that declare a port, are newer than every Service and have none, while each of the others has a Service of its name."""
    names = {service.name for service in services}
    serving = [workload for workload in workloads if any(container.ports for container in workload.spec.template.spec.containers)]
    lacking = [workload for workload in serving if workload.name not in names]
    if not 0 < len(lacking) <= MAX_LACKING or len(serving) - len(lacking) < MIN_SERVED:
        return set()
    newest = times.after(max(service.created_at for service in services), PATIENCE_S)
    if any(workload.created_at <= newest for workload in lacking):
        return set()
    return {workload.name for workload in lacking if not _is_selected(workload, services)}


def _is_selected(workload: Caller, services: list[Service]) -> bool:
    labels = workload.spec.template.metadata.labels
    return any(selectors.matches(service.spec.selector, labels) for service in services)


def _named(kind: str, workload: Caller, namespace: str) -> set[str]:
    template = workload.spec.template.spec
    if kind == PersistentVolumeClaim.kind:
        return {volume.persistent_volume_claim.claim_name for volume in template.volumes if volume.persistent_volume_claim is not None}
    own = {workload.spec.service_name} - {""} if isinstance(workload, StatefulSet) else set()
    candidates = (addresses.services(call.host, namespace)[:1] for call in calls.of_template(template) if call.is_certain)
    return own | {likeliest[0].name for likeliest in candidates if likeliest and likeliest[0].namespace == namespace}


def _numbers(quota: ResourceQuota, resources: Iterable[str]) -> dict[str, Any]:
    hard = quota.status.hard or quota.spec.hard
    names = list(resources)
    return {
        "limited": {name: str(hard[name]) for name in names if name in hard},
        "used": {name: str(quota.status.used[name]) for name in names if name in quota.status.used},
    }


def _quotas_beside(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    """The quotas of its namespace, unless only the status of a workload changed: almost every change is of that kind."""
    before, now = view.previous(obj.kind, obj.uid), view.get(obj.kind, obj.uid)
    if before is not None and now is not None and before != now and _has_same_references(before, now):
        return ()
    return view.quotas_in(obj.metadata.namespace)


def _has_same_references(before: KubeObject, now: KubeObject) -> bool:
    if not isinstance(before, (Deployment, StatefulSet, DaemonSet)) or not isinstance(now, (Deployment, StatefulSet, DaemonSet)):
        return True
    return before.spec.template == now.spec.template and gates.is_switched_off(before) == gates.is_switched_off(now)


DETECTOR = Detector(
    type="ResourceQuotaExceeded",
    title=titles.ResourceQuotaExceeded.what,
    category="admission",
    about=About.POLICY,
    severity=Severity.HIGH,
    gates=("G1", "G7"),
    stage=Stage.QUOTA,
    looks_at=frozenset({ResourceQuota.kind, *_CONTROLLERS}),
    detect=detect,
    event_reasons=frozenset({"FailedCreate"}),
    reached_from=dict.fromkeys((*_CALLERS, Service.kind, PersistentVolumeClaim.kind), _quotas_beside),
    needs=frozenset({"events"}),
)
