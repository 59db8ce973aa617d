"""What a change reaches: every object whose answer may now be another.

A detector looks at one object but reads more of the view. This table says which changes alter which answers. Each step is bounded: a
Deployment with a thousand broken pods does not make every change of its status a thousand examinations.

Two questions come before all steps, since most changes end there. Objects hold only what is read of them, so one that differs from the
one before in nothing but its version (`is_unread`: a heartbeat, a status written again) reaches nobody. And a pod that was well and is
(`stays_well`) says nothing new to others, but for the steps that ask for it (`Detector.asks_well_pods`);
tests/detectors/test_reach_of_nobody.py
holds the steps to that. The object itself is examined in any case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import cast

from msgspec.structs import replace

from optral.detectors import gates
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
    """The steps to follow from a change, by `Kind.id`; those from a pod that stays well; the kinds in namespaces that are
    judged at all; the Events that are followed at all."""

    by_kind: Mapping[str, tuple[Reach, ...]]
    from_well_pods: tuple[Reach, ...]
    judged: tuple[str, ...]
    event_reasons: frozenset[str]


def steps(detectors: Iterable[Detector]) -> Steps:
    """The table of this module and what single detectors add to it (`Detector.reached_from`), each step once."""
    judges = tuple(detectors)
    by_kind = {kind: dict.fromkeys(own) for kind, own in _MORE.items()}
    for detector in judges:
        for kind, step in detector.reached_from.items():
            by_kind.setdefault(kind, {})[step] = None
    asking = (detector.reached_from[Pod.kind] for detector in judges if detector.asks_well_pods)
    return Steps(
        by_kind={kind: tuple(of_kind) for kind, of_kind in by_kind.items()},
        from_well_pods=tuple(dict.fromkeys(asking)),
        judged=tuple(sorted({kind for one in judges for kind in one.looks_at} & _NAMESPACED)),
        event_reasons=frozenset().union(*(detector.event_reasons for detector in judges)),
    )


def expand(view: ClusterView, touched: ObjectRef, targets: Targets, table: Steps) -> None:
    """Add to `targets` what this change reaches. A touched object that is gone is added as None: examined, with nothing to find."""
    thing = view.get(touched.kind, touched.uid)
    if touched.kind == Event.kind:
        event = cast(Event | None, thing)
        if event is not None and event.reason in table.event_reasons:
            _event(view, event, targets)
            _follow(view, event, table.by_kind.get(Event.kind, ()), targets)
        return  # an Event that goes ends nothing: its finding has its own end (`expires_at`)
    targets[touched.uid] = thing
    before = view.previous(touched.kind, touched.uid)
    if thing is not None and _is_tuned_anew(before, thing):
        _follow(view, thing, (_jobs_under, _pods_under), targets)
        if thing.kind == Namespace.kind:
            targets.update((other.uid, other) for other in _in_namespace(view, thing.name, table.judged) if other.uid not in targets)
    further = table.by_kind.get(touched.kind)
    known = thing or before
    if further is None or known is None:
        return
    if thing is not None and before is not None and thing is not before:  # else it came, went, or nobody knows what it was
        if isinstance(thing, Pod) and stays_well(cast(Pod, before), thing):
            further = table.from_well_pods
        elif is_unread(before, thing):
            return
    _follow(view, known, further, targets)


def is_unread(before: KubeObject, after: KubeObject) -> bool:
    """Whether a change altered nothing that any detector reads: only the version, and when a status was last written."""
    if before.metadata.generation != after.metadata.generation or before.metadata.labels != after.metadata.labels:
        return False  # the cheapest to see
    parts = (field for field in after.__struct_fields__ if field != "metadata")
    return all(getattr(before, part) == getattr(after, part) for part in parts) and _read_of(before.metadata) == _read_of(after.metadata)


def _read_of(metadata: Metadata) -> Metadata:
    if isinstance(metadata, DatedMetadata):
        wishes = tuple(change for change in metadata.managed_fields if change.subresource != "status")
        return replace(metadata, resource_version="", managed_fields=wishes)
    return replace(metadata, resource_version="")


def stays_well(before: Pod, after: Pod) -> bool:
    """Whether a pod was running, ready and not leaving, and still is, with the same labels and owners."""
    return (
        _is_well(before)
        and _is_well(after)
        and before.metadata.labels == after.metadata.labels
        and before.metadata.owner_references == after.metadata.owner_references
    )


def _is_well(pod: Pod) -> bool:
    return pod.status.phase == "Running" and pod.metadata.deletion_timestamp is None and pod.is_ready


def _follow(view: ClusterView, thing: KubeObject, steps: Iterable[Reach], targets: Targets) -> None:
    for step in steps:
        for other in islice(step(view, thing), MAX_REACHED):
            targets.setdefault(other.metadata.uid, other)


def _is_tuned_anew(before: KubeObject | None, thing: KubeObject) -> bool:
    """Whether its annotation about detectors says something else than before; it holds for what is under the object too."""
    was = "" if before is None else before.metadata.annotations.detectors
    return was != thing.metadata.annotations.detectors


def _in_namespace(view: ClusterView, name: str, kinds: Iterable[str]) -> Iterable[KubeObject]:
    """What is there of these kinds; those of which there is least come first, should there be more than are followed."""
    found = [list(islice(view.all_in(name, kind), MAX_IN_NAMESPACE)) for kind in kinds]
    found.sort(key=len)
    return islice(chain.from_iterable(found), MAX_IN_NAMESPACE)


def _jobs_under(view: ClusterView, thing: KubeObject) -> Iterable[KubeObject]:
    return view.jobs_of(owners.ref(thing)) if thing.kind == CronJob.kind else ()


def _pods_under(view: ClusterView, thing: KubeObject) -> Iterable[KubeObject]:
    return view.pods_of(owners.ref(thing))


def _event(view: ClusterView, event: Event, targets: Targets) -> None:
    about = event.involved_object
    thing = view.get(kind_id_of(about.api_version, about.kind), about.uid)
    if thing is None and about.kind == Node.kind:
        thing = view.node(about.name)  # a kubelet writes its node's name where the uid belongs
    if thing is not None:
        targets.setdefault(thing.metadata.uid, thing)
    if event.reason == "Preempted":  # its pod is mostly gone; who waits in its place tells of it
        homeless = (pod for pod in view.pods_in(about.namespace) if not pod.spec.node_name)
        targets.update((pod.metadata.uid, pod) for pod in islice(homeless, MAX_PODS))


def _of_pod(view: ClusterView, thing: KubeObject) -> Iterable[KubeObject]:
    """Claims wait or stop waiting with their pod, as long as it is not running."""
    pod = cast(Pod, thing)
    yield from _claims_of(view, pod)
    if view.get(Pod.kind, pod.uid) is None or view.previous(Pod.kind, pod.uid) is None:
        yield from _unserved_services(view, pod.metadata.namespace)
    if not gates.is_deleting(pod) and pod.status.phase in ("Pending", ""):
        controller = owners.controller(pod)  # a pod that could be made ends FailedCreate
        owner = view.get(controller.kind_id, controller.uid) if controller is not None else None
        if owner is not None:
            yield owner


def _unserved_services(view: ClusterView, namespace: str) -> Iterable[KubeObject]:
    """Services without a ready endpoint: a pod that comes or goes changes why. Slices tell of every pod they select, not of near misses."""
    services = islice(view.services_in(namespace), MAX_SERVICES)
    return [service for service in services if not any(piece.ready_count for piece in view.slices_of(owners.ref(service)))]


def _claims_of(view: ClusterView, pod: Pod) -> Iterable[KubeObject]:
    if pod.spec.volumes and pod.status.phase != "Running":
        for name in pod.claims:
            claim = view.by_name(PersistentVolumeClaim.kind, pod.namespace, name)
            if claim is not None:
                yield claim


def _troubled(view: ClusterView, owner: KubeObject) -> Iterable[KubeObject]:
    """Its pods that are not ready, with the claims they wait for."""
    for pod in islice((pod for pod in view.pods_of(owners.ref(owner)) if not pod.is_ready), MAX_PODS):
        yield pod
        yield from _claims_of(view, pod)


def _of_replica_set(view: ClusterView, thing: KubeObject) -> Iterable[KubeObject]:
    """The Deployment, whose serving revisions it may be; its own pods, which are let go when it is superseded; its sisters."""
    owner = view.object_at(view.workload_of(thing))
    if owner is not None:
        yield owner
        if isinstance(owner, Deployment):
            yield from (revision for revision in view.replica_sets_of(owners.ref(owner)) if _lacks_pods(revision))
            yield from _troubled(view, owner)
            return
    yield from _troubled(view, thing)


def _of_workload(view: ClusterView, thing: KubeObject) -> Iterable[KubeObject]:
    """Its troubled pods, whose severity follows its replicas, its ReplicaSets in trouble, and the Services in front of it."""
    yield from _troubled(view, thing)
    template = thing.spec.template if isinstance(thing, (Deployment, StatefulSet, DaemonSet)) else None
    labels = template.metadata.labels if template is not None else {}
    for service in view.services_in(thing.metadata.namespace):
        if selectors.matches(service.spec.selector, labels):
            yield service
    if isinstance(thing, StatefulSet):  # pending claims of its templates are told under its name
        yield from (claim for claim in islice(view.claims_in(thing.metadata.namespace), MAX_CLAIMS) if claim.status.phase == "Pending")
    if isinstance(thing, Deployment):
        yield from (revision for revision in view.replica_sets_of(owners.ref(thing)) if _lacks_pods(revision))


def _lacks_pods(revision: ReplicaSet) -> bool:
    return revision.status.replicas < revision.spec.replicas


def _of_job(view: ClusterView, thing: KubeObject) -> Iterable[KubeObject]:
    """A run that succeeds makes earlier ones of its CronJob good, and the failed pods of them all."""
    above = view.workload_of(thing)
    runs = view.jobs_of(above) if above.kind == owners.CRON_JOB else [cast(Job, thing)]
    yield from runs
    for run in runs:
        yield from _troubled(view, run)


def _of_slice(view: ClusterView, thing: KubeObject) -> Iterable[KubeObject]:
    service = view.by_name(Service.kind, thing.namespace, cast(EndpointSlice, thing).service_name)
    return () if service is None else (service,)


def _of_ingress(view: ClusterView, thing: KubeObject) -> Iterable[KubeObject]:
    for name in sorted(cast(Ingress, thing).backends)[:MAX_PODS]:
        service = view.by_name(Service.kind, thing.namespace, name)
        if service is not None:
            yield service


def _of_storage_class(view: ClusterView, thing: KubeObject) -> Iterable[KubeObject]:
    claims = cast(Iterable[PersistentVolumeClaim], view.all(PersistentVolumeClaim.kind))
    return list(islice((claim for claim in claims if claim.status.phase == "Pending" and claim.storage_class == thing.name), MAX_CLAIMS))


_MORE: dict[str, tuple[Reach, ...]] = {
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
