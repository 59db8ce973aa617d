"""Which objects to examine again after a change: those for which a detector may now report something else.

A detector looks at one object but reads more of the view. The table of this module says which changes alter which answers. Each step is
bounded: a status change of a Deployment with a thousand failing pods does not cause a thousand examinations. If more than the status of
an object changed, the steps are followed from its previous version too: what it named or selected before may have recovered.

Two checks come before all steps, since most changes end there. The view holds only the fields that detectors read, so an object that
differs from its previous version only in its version reaches nothing (`is_unread`: a heartbeat, a status written again). A pod that was
healthy and still is (`stays_healthy`) changes nothing for other objects, except for the steps that ask for it
(`Detector.reached_from_healthy_pods`); tests/detectors/test_reach_of_nobody.py checks that. The changed object itself is always examined.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import cast

from msgspec.structs import replace

from optral.detectors import gates, severity
from optral.detectors.detector import Detector, Reach
from optral.kube import owners, selectors
from optral.kube.kinds import KINDS
from optral.kube.objects import (
    CronJob,
    DaemonSet,
    DatedMetadata,
    Deployment,
    EndpointSlice,
    Event,
    Ingress,
    Job,
    KubeObject,
    Metadata,
    Namespace,
    Node,
    PersistentVolumeClaim,
    Pod,
    ReplicaSet,
    Service,
    StatefulSet,
    StorageClass,
    kind_id_of,
)
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

MAX_PODS = 50  # of one workload; only their severity depends on it, and each is examined again with its own changes
MAX_CLAIMS = 200
MAX_SERVICES = 500  # of one namespace
MAX_REACHED = 1000  # by one change along one step
MAX_IN_NAMESPACE = 3000  # by a changed annotation of it: a quarter of a second
_NAMESPACED = frozenset(kind.id for kind in KINDS if kind.namespaced)

Targets = dict[str, KubeObject | None]


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps to follow from a change, by `Kind.id`; those from a pod that stays healthy; the namespaced kinds that detectors look at;
    the reasons of Events that matter to a detector."""

    by_kind: Mapping[str, tuple[Reach, ...]]
    from_healthy_pods: tuple[Reach, ...]
    examined: tuple[str, ...]
    event_reasons: frozenset[str]


def steps(detectors: Iterable[Detector]) -> Steps:
    """The table of this module with the steps that detectors add (`Detector.reached_from`), without repeats."""
    every = tuple(detectors)
    by_kind = {kind: dict.fromkeys(own) for kind, own in _STEPS.items()}
    for detector in every:
        for kind, step in detector.reached_from.items():
            by_kind.setdefault(kind, {})[step] = None
    from_healthy_pods = (detector.reached_from[Pod.kind] for detector in every if detector.reached_from_healthy_pods)
    return Steps(
        by_kind={kind: tuple(of_kind) for kind, of_kind in by_kind.items()},
        from_healthy_pods=tuple(dict.fromkeys(from_healthy_pods)),
        examined=tuple(sorted({kind for detector in every for kind in detector.looks_at} & _NAMESPACED)),
        event_reasons=frozenset().union(*(detector.event_reasons for detector in every)),
    )


def expand(view: ClusterView, touched: ObjectRef, targets: Targets, table: Steps) -> None:
    """Add to `targets` what this change reaches. A deleted object is added as None: examined, with nothing to find."""
    current = view.get(touched.kind, touched.uid)
    if touched.kind == Event.kind:
        if current is not None:  # a deleted Event resolves nothing: its finding has its own end (`expires_at`)
            _follow_event(view, cast(Event, current), targets, table)
        return
    targets[touched.uid] = current
    before = view.previous(touched.kind, touched.uid)
    if current is not None and (_is_tuning_changed(before, current) or _is_stage_changed(before, current)):
        _follow_annotation(view, current, targets, table)
    latest = current or before
    if latest is not None:
        known = before if view.has_change(touched.uid) else None
        onward = _next_steps(touched.kind, known, current, table)
        _follow(view, latest, onward, targets)
        if onward and known is not None and current is not None and not _names_the_same(known, current):
            _follow(view, known, onward, targets)


def _next_steps(kind: str, before: KubeObject | None, current: KubeObject | None, table: Steps) -> tuple[Reach, ...]:
    """The steps to follow from this change: fewer for a pod that stays healthy, none if no detector reads the difference."""
    every = table.by_kind.get(kind, ())
    if not every or current is None or before is None:  # created, deleted, or the previous version is unknown
        return every
    if isinstance(current, Pod) and stays_healthy(cast(Pod, before), current):
        return table.from_healthy_pods
    return () if is_unread(before, current) else every


def _follow_event(view: ClusterView, event: Event, targets: Targets, table: Steps) -> None:
    if event.reason not in table.event_reasons:
        return
    _add_involved(view, event, targets)
    _follow(view, event, table.by_kind.get(Event.kind, ()), targets)


def _follow_annotation(view: ClusterView, obj: KubeObject, targets: Targets, table: Steps) -> None:
    """What is written on an object applies to those below as well: Jobs and pods, or everything in a Namespace."""
    _follow(view, obj, (_jobs_under, _pods_under), targets)
    if obj.kind == Namespace.kind:
        for other in _in_namespace(view, obj.name, table.examined):
            targets.setdefault(other.uid, other)


def is_unread(before: KubeObject, after: KubeObject) -> bool:
    """Whether no detector reads what changed: only the version, or the time at which a status was last written."""
    if before.metadata.generation != after.metadata.generation or before.metadata.labels != after.metadata.labels:
        return False  # the cheapest comparison
    parts = (field for field in after.__struct_fields__ if field != "metadata")
    return all(getattr(before, part) == getattr(after, part) for part in parts) and _read_of(before.metadata) == _read_of(after.metadata)


def _names_the_same(before: KubeObject, after: KubeObject) -> bool:
    """Whether the two versions name and select the same objects: at most their status and what is not read of the metadata differ."""
    parts = (field for field in after.__struct_fields__ if field not in ("metadata", "status"))
    metadata, other = before.metadata, after.metadata
    return (metadata.labels, metadata.owner_references) == (other.labels, other.owner_references) and all(
        getattr(before, part) == getattr(after, part) for part in parts
    )


def _read_of(metadata: Metadata) -> Metadata:
    if isinstance(metadata, DatedMetadata):
        of_spec = tuple(change for change in metadata.managed_fields if change.subresource != "status")
        return replace(metadata, resource_version="", managed_fields=of_spec)
    return replace(metadata, resource_version="")


def stays_healthy(before: Pod, after: Pod) -> bool:
    """Whether a pod was running, ready and not being deleted, and still is, with the same labels and owners."""
    return (
        _is_well(before)
        and _is_well(after)
        and before.metadata.labels == after.metadata.labels
        and before.metadata.owner_references == after.metadata.owner_references
    )


def _is_well(pod: Pod) -> bool:
    return pod.status.phase == "Running" and pod.metadata.deletion_timestamp is None and pod.is_ready


def _follow(view: ClusterView, obj: KubeObject, steps: Iterable[Reach], targets: Targets) -> None:
    for step in steps:
        for other in islice(step(view, obj), MAX_REACHED):
            targets.setdefault(other.metadata.uid, other)


def _is_tuning_changed(before: KubeObject | None, after: KubeObject) -> bool:
    previous = "" if before is None else before.metadata.annotations.detectors
    return previous != after.metadata.annotations.detectors


def _is_stage_changed(before: KubeObject | None, after: KubeObject) -> bool:
    """Whether the label changed that says that no customer depends on a Namespace: the severity of everything in it depends on it."""
    known = severity.stage_label(before) if isinstance(before, Namespace) else None
    return isinstance(after, Namespace) and severity.stage_label(after) != known


def _in_namespace(view: ClusterView, name: str, kinds: Iterable[str]) -> Iterable[KubeObject]:
    """The objects of these kinds, at most `MAX_IN_NAMESPACE`; kinds with the fewest objects come first."""
    found = [list(islice(view.all_in(name, kind), MAX_IN_NAMESPACE)) for kind in kinds]
    found.sort(key=len)
    return islice(chain.from_iterable(found), MAX_IN_NAMESPACE)


def _jobs_under(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    return view.jobs_of(owners.ref(obj)) if obj.kind == CronJob.kind else ()


def _pods_under(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    return view.pods_of(owners.ref(obj))


def _add_involved(view: ClusterView, event: Event, targets: Targets) -> None:
    about = event.involved_object
    obj = view.get(kind_id_of(about.api_version, about.kind), about.uid)
    if obj is None and about.kind == Node.kind:
        obj = view.node(about.name)  # a kubelet writes the name of its node where the uid belongs
    if obj is not None:
        targets.setdefault(obj.metadata.uid, obj)
    if event.reason == "Preempted":  # the preempted pod is usually deleted; its replacement, still pending, shows the issue
        unscheduled = (pod for pod in view.unscheduled_pods() if pod.metadata.namespace == about.namespace)
        targets.update((pod.metadata.uid, pod) for pod in islice(unscheduled, MAX_PODS))


def _of_pod(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    """Its claims and its controller while it is not running; Services without endpoints when it is created or deleted."""
    pod = cast(Pod, obj)
    yield from _claims_of(view, pod)
    if view.get(Pod.kind, pod.uid) is None or view.previous(Pod.kind, pod.uid) is None:
        yield from _unserved_services(view, pod.metadata.namespace)
    if not gates.is_deleting(pod) and pod.status.phase in ("Pending", ""):
        controller = owners.controller(pod)  # a pod that was created ends FailedCreate
        owner = view.get(controller.kind_id, controller.uid) if controller is not None else None
        if owner is not None:
            yield owner


def _unserved_services(view: ClusterView, namespace: str) -> Iterable[KubeObject]:
    """Services without a ready endpoint: the reason may be a pod that their selector misses, which no slice lists."""
    services = islice(view.services_in(namespace), MAX_SERVICES)
    return [service for service in services if not any(piece.ready_count for piece in view.slices_of(owners.ref(service)))]


def _claims_of(view: ClusterView, pod: Pod) -> Iterable[KubeObject]:
    if pod.spec.volumes and pod.status.phase != "Running":
        for name in pod.claims:
            claim = view.by_name(PersistentVolumeClaim.kind, pod.namespace, name)
            if claim is not None:
                yield claim


def _unready_pods(view: ClusterView, owner: KubeObject) -> Iterable[KubeObject]:
    """Its pods that are not ready, with the claims that they wait for."""
    for pod in islice((pod for pod in view.pods_of(owners.ref(owner)) if not pod.is_ready), MAX_PODS):
        yield pod
        yield from _claims_of(view, pod)


def _of_replica_set(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    """Its Deployment, the other revisions that lack pods, and the pods that are not ready: those of a superseded revision are ignored."""
    owner = view.object_at(view.workload_of(obj))
    if owner is not None:
        yield owner
        if isinstance(owner, Deployment):
            yield from (revision for revision in view.replica_sets_of(owners.ref(owner)) if _lacks_pods(revision))
            yield from _unready_pods(view, owner)
            return
    yield from _unready_pods(view, obj)


def _of_workload(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    """Its pods that are not ready, whose severity depends on its replicas; its ReplicaSets that lack pods; the Services that select it."""
    yield from _unready_pods(view, obj)
    template = obj.spec.template if isinstance(obj, (Deployment, StatefulSet, DaemonSet)) else None
    labels = template.metadata.labels if template is not None else {}
    for service in view.services_in(obj.metadata.namespace):
        if selectors.matches(service.spec.selector, labels):
            yield service
    if isinstance(obj, StatefulSet):  # issues of its pending claims are about the StatefulSet
        yield from (claim for claim in islice(view.claims_in(obj.metadata.namespace), MAX_CLAIMS) if claim.status.phase == "Pending")
    if isinstance(obj, Deployment):
        yield from (revision for revision in view.replica_sets_of(owners.ref(obj)) if _lacks_pods(revision))


def _lacks_pods(revision: ReplicaSet) -> bool:
    return revision.status.replicas < revision.spec.replicas


def _of_job(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    """All runs of its CronJob, or its reruns, and their failed pods: a run that succeeds ends the issues of earlier runs."""
    runs = view.runs_of(cast(Job, obj)) or [cast(Job, obj)]
    yield from runs
    for run in runs:
        yield from _unready_pods(view, run)


def _of_slice(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    service = view.by_name(Service.kind, obj.namespace, cast(EndpointSlice, obj).service_name)
    return () if service is None else (service,)


def _of_ingress(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    for name in sorted(cast(Ingress, obj).backends)[:MAX_PODS]:
        service = view.by_name(Service.kind, obj.namespace, name)
        if service is not None:
            yield service


def _of_storage_class(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    claims = cast(Iterable[PersistentVolumeClaim], view.all(PersistentVolumeClaim.kind))
    return list(islice((claim for claim in claims if claim.status.phase == "Pending" and claim.storage_class == obj.name), MAX_CLAIMS))


_STEPS: dict[str, tuple[Reach, ...]] = {
    Pod.kind: (_of_pod,),
    ReplicaSet.kind: (_of_replica_set,),
    Deployment.kind: (_of_workload,),
    StatefulSet.kind: (_of_workload,),
    DaemonSet.kind: (_of_workload,),
    Job.kind: (_of_job,),
    EndpointSlice.kind: (_of_slice,),
    Ingress.kind: (_of_ingress,),
    StorageClass.kind: (_of_storage_class,),
}
