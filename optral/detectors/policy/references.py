"""MissingReference and ServiceAccountMissing: a pod template refers to an object that does not exist.

Running pods continue; the next one will not start. This type reports it before that happens. Once pods show it (a container that waits for
a ConfigMap, a rejection because of a missing ServiceAccount), other types report it and these do not. Optral never reads Secrets, so they
never count as missing. A kind of which no object has been reported is not considered empty (G14). A StorageClass need not exist for volumes
that are bound by hand: a class that a PersistentVolume names, or whose claims are all bound, does not count as missing.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple, cast

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Effect, Reach, Tier
from optral.detectors.finding import Finding, Suspect
from optral.detectors.workloads import failed_create
from optral.kube import names, owners, times
from optral.kube.objects import (
    ConfigMap,
    CronJob,
    DaemonSet,
    Deployment,
    KubeObject,
    Namespace,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    PriorityClass,
    Service,
    ServiceAccount,
    StatefulSet,
    StorageClass,
    TemplateContainer,
    TemplateSpec,
)
from optral.kube.reports import pods
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

CATEGORY = "configuration"
PATIENCE_S = 120
MAX_PODS = 50
MAX_FOUND = 20
WORKLOADS = (Deployment.kind, StatefulSet.kind, DaemonSet.kind, CronJob.kind)
_IN_NAMESPACE = (ConfigMap.kind, ServiceAccount.kind, PersistentVolumeClaim.kind, Service.kind)
_ANYWHERE = (PriorityClass.kind, StorageClass.kind)
_OF_SETS = frozenset({Service.kind, StorageClass.kind})  # named by StatefulSets only
_SHOWN_AS = frozenset({"CreateContainerConfigError", "FailedMount", "FailedScheduling", "FailedCreate", "PersistentVolumeClaimNotFound"})
_EVENTS = ("FailedMount", "Failed", "FailedScheduling")
_BUILT_IN_PRIORITIES = frozenset({"system-cluster-critical", "system-node-critical"})
Workload = Deployment | StatefulSet | DaemonSet | CronJob


class Named(NamedTuple):
    """A reference of a template; `key` if it names one key of a ConfigMap."""

    kind: str
    name: str
    key: str = ""


def detect(workload: Workload, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if _is_excluded(workload, view):
        return
    missing = (named for named in of(workload) if named.kind != ServiceAccount.kind and _is_missing(named, workload, view))
    for named in islice(missing, MAX_FOUND):
        if not _is_shown_by_pods(named, workload, view, now=now):
            yield _finding(named, workload, view, base=Severity.MEDIUM, now=now)


def detect_account(workload: Workload, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if _is_excluded(workload, view):
        return
    named = Named(ServiceAccount.kind, template_of(workload).service_account_name)
    if named.name and _is_missing(named, workload, view) and not _is_refused(workload, view, now=now):
        yield _finding(named, workload, view, base=Severity.HIGH, now=now)


def of(workload: Workload) -> Iterator[Named]:
    """The objects that the template of a workload requires, without repeats."""
    spec = template_of(workload)
    found = dict.fromkeys((*_of_containers(spec), *_of_volumes(spec), *_of_pod(spec)))
    if isinstance(workload, StatefulSet):
        found |= dict.fromkeys(_of_set(workload))
    yield from (named for named in found if named.name)


def template_of(workload: KubeObject) -> TemplateSpec:
    """The pod template of a workload; an empty one if it has none."""
    if isinstance(workload, CronJob):
        return workload.spec.job_template.spec.template.spec
    return workload.spec.template.spec if isinstance(workload, (Deployment, StatefulSet, DaemonSet)) else TemplateSpec()


def _of_containers(spec: TemplateSpec) -> Iterator[Named]:
    for container in (*spec.init_containers, *spec.containers):
        yield from _of_container(container)


def _of_container(container: TemplateContainer) -> Iterator[Named]:
    for variable in container.env:
        wanted = variable.value_from.config_map_key_ref if variable.value_from is not None else None
        if wanted is not None and not wanted.optional:
            yield Named(ConfigMap.kind, wanted.name, wanted.key)
    for source in container.env_from:
        if source.config_map_ref is not None and not source.config_map_ref.optional:
            yield Named(ConfigMap.kind, source.config_map_ref.name)


def _of_volumes(spec: TemplateSpec) -> Iterator[Named]:
    for volume in spec.volumes:
        if volume.config_map is not None and not volume.config_map.optional:
            yield Named(ConfigMap.kind, volume.config_map.name)
        if volume.persistent_volume_claim is not None:
            yield Named(PersistentVolumeClaim.kind, volume.persistent_volume_claim.claim_name)
        for source in volume.projected.sources if volume.projected is not None else ():
            if source.config_map is not None and not source.config_map.optional:
                yield Named(ConfigMap.kind, source.config_map.name)


def _of_pod(spec: TemplateSpec) -> Iterator[Named]:
    yield Named(ServiceAccount.kind, spec.service_account_name)
    yield Named(PriorityClass.kind, spec.priority_class_name)


def _of_set(workload: StatefulSet) -> Iterator[Named]:
    yield Named(Service.kind, workload.spec.service_name)
    for template in workload.spec.volume_claim_templates:
        yield Named(StorageClass.kind, template.spec.storage_class_name or "")


def _is_excluded(workload: Workload, view: ClusterView) -> bool:
    namespace = view.namespace(workload.metadata.namespace)
    is_going = namespace is not None and gates.is_deleting(namespace)
    return gates.is_deleting(workload) or gates.is_switched_off(workload) or is_going


def _is_missing(named: Named, workload: Workload, view: ClusterView) -> bool:
    found = view.by_name(named.kind, _namespace_of(named.kind, workload), named.name)
    if found is not None and not _lacks(found, named.key):
        return False
    if named.kind == StorageClass.kind and _is_bound_by_hand(named.name, workload, view):
        return False
    return bool(view.count(named.kind)) and named.name not in _BUILT_IN_PRIORITIES and not gates.is_kept_by_kubelet(named.name)


def _is_bound_by_hand(storage_class: str, workload: KubeObject, view: ClusterView) -> bool:
    """Whether volumes of this class exist, or all claims of the set for it are bound: then its pods start without a StorageClass."""
    if view.volumes_of_class(storage_class):
        return True
    return isinstance(workload, StatefulSet) and all(_is_bound(claim, workload, view) for claim in _claims(workload, storage_class))


def _claims(workload: StatefulSet, storage_class: str) -> Iterator[str]:
    """The names of its claims of this class: one per template and replica."""
    start = workload.spec.ordinals.start if workload.spec.ordinals is not None else 0
    for template in workload.spec.volume_claim_templates:
        if template.spec.storage_class_name == storage_class:
            yield from (f"{template.metadata.name}-{workload.name}-{start + replica}" for replica in range(workload.spec.replicas))


def _is_bound(claim: str, workload: StatefulSet, view: ClusterView) -> bool:
    found = view.by_name(PersistentVolumeClaim.kind, workload.namespace, claim)
    return isinstance(found, PersistentVolumeClaim) and found.status.phase == "Bound"


def _lacks(found: KubeObject, key: str) -> bool:
    """An object of which only the metadata is known has no keys, so none of them counts as missing."""
    return bool(key) and isinstance(found, ConfigMap) and bool(found.data or found.binary_data) and not found.has(key)


def _namespace_of(kind: str, workload: KubeObject) -> str | None:
    return None if kind in _ANYWHERE else workload.namespace


def _is_shown_by_pods(named: Named, workload: Workload, view: ClusterView, *, now: datetime) -> bool:
    """Whether a pod that does not start shows it already: then another type reports it. A missing Service or StorageClass of a StatefulSet
    is never shown by pods."""
    if named.kind == PriorityClass.kind:
        return _is_refused(workload, view, now=now)
    quoted = f'"{named.name}"'
    unready = (pod for pod in view.pods_of(owners.ref(workload)) if not pod.is_ready)
    return any(quoted in text for pod in islice(unready, MAX_PODS) for text in _messages_of(pod, view, now=now))


def _messages_of(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[str]:
    for status in (*pod.status.init_container_statuses, *pod.status.container_statuses):
        if status.state.waiting is not None:
            yield status.state.waiting.message
    yield from (reported.message for reported in pod.status.conditions if reported.type == pods.SCHEDULED)
    yield from (event.message for event in gates.fresh_events(view, pod.uid, _EVENTS, now=now))


def _is_refused(workload: Workload, view: ClusterView, *, now: datetime) -> bool:
    """Whether its controllers already report that no pod can be created because of it (FailedCreate)."""
    if isinstance(workload, Deployment):
        controllers: list[KubeObject] = list(view.replica_sets_of(owners.ref(workload)))
    elif isinstance(workload, CronJob):
        controllers = list(view.jobs_of(owners.ref(workload)))
    else:
        controllers = [workload]
    causes = {
        refusal.facts["cause"]
        for controller in controllers
        for refusal in failed_create.detect(cast(failed_create.Controller, controller), view, now=now)
    }
    return bool(causes & {"serviceAccountMissing", "priorityClassMissing"})


def _finding(named: Named, workload: Workload, view: ClusterView, *, base: Severity, now: datetime) -> Finding:
    subject = owners.ref(workload)
    home = _namespace_of(named.kind, workload)
    gone_at = view.gone_since(named.kind, home, named.name, now=now)
    since = times.latest(workload.metadata.changed_at, workload.created_at, gone_at) or workload.created_at
    missing = ObjectRef(named.kind, home, named.name)
    what, is_key = wording.label(missing), bool(named.key) and view.object_at(missing) is not None
    template = titles.MissingReference.service if named.kind == Service.kind else titles.MissingReference.missing
    others = (obj.name for obj in islice(view.all(named.kind), 2000) if obj.namespace == home)
    return Finding(
        subject=subject,
        part=f"{missing.short_kind}/{named.name}" + (f"/{named.key}" if named.key else ""),
        base=base,
        title=template(object=wording.label(subject), missing=titles.KEY_OF(key=named.key, holder=what) if is_key else what),
        since=since,
        facts={"kind": missing.short_kind, "name": named.name, "key": named.key or None, "nearest": names.nearest(named.name, others)},
        suspects=(Suspect(subject, "already shows", _SHOWN_AS),),
    )


# --- which objects a change reaches --------------------------------------------------------------------------------------------------


def _users(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    """The workloads that name an object that was created or deleted, or a ConfigMap whose keys changed."""
    before, now = view.previous(obj.kind, obj.uid), view.get(obj.kind, obj.uid)
    if before is not None and now is not None and before != now and _keys(before) == _keys(now):
        return ()
    is_first = now is not None and view.count(obj.kind) == 1  # the first object of its kind: until now the kind was unknown
    near = (workload for workload in _workloads(view, obj) if is_first or obj.kind not in _OF_SETS or workload.kind == StatefulSet.kind)
    return [workload for workload in near if is_first or any(_names(named, obj) for named in of(workload))]


def _keys(obj: KubeObject) -> object:
    return (obj.data.keys(), obj.binary_data.keys()) if isinstance(obj, ConfigMap) else obj.metadata.name


def _sets_of(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    """The StatefulSets that name the class of a volume or claim that came or went, or of a claim that is bound now or was before."""
    before, now = view.previous(obj.kind, obj.uid), view.get(obj.kind, obj.uid)
    if before is not None and now is not None and before != now and _class_of(before) == _class_of(now):
        return ()
    wanted, _ = _class_of(obj)
    sets = (workload for workload in _workloads(view, obj) if isinstance(workload, StatefulSet))
    return [workload for workload in sets if any(named.name == wanted for named in _of_set(workload) if named.kind == StorageClass.kind)]


def _class_of(obj: KubeObject) -> tuple[str, bool]:
    """The class of a volume or claim, and whether it is a bound claim."""
    if isinstance(obj, PersistentVolumeClaim):
        return obj.storage_class or "", obj.status.phase == "Bound"
    return cast(PersistentVolume, obj).spec.storage_class_name, False


def _names(named: Named, obj: KubeObject) -> bool:
    return named.kind == obj.kind and named.name == obj.name


def _workloads(view: ClusterView, obj: KubeObject) -> Iterator[Workload]:
    for kind in WORKLOADS:
        near = view.all(kind) if obj.namespace is None else view.workloads_in(obj.metadata.namespace, kind)
        yield from cast(Iterable[Workload], near)


def _of_pending(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    """The workload of a pod that waits to start, or did before this change."""
    before = view.previous(Pod.kind, obj.uid)
    if not any(isinstance(pod, Pod) and pod.status.phase in ("Pending", "") for pod in (before, obj)):
        return ()
    owner = view.object_at(view.workload_of(obj))
    return () if owner is None or owner.kind not in WORKLOADS else (owner,)


def _within(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    """The workloads of a namespace that is deleted: everything in it is deleted too."""
    return [workload for kind in WORKLOADS for workload in view.workloads_in(obj.name, kind)]


def _workload_of(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    owner = view.object_at(view.workload_of(obj))
    return () if owner is None or owner.kind not in WORKLOADS else (owner,)


_REACHED: dict[str, Reach] = {
    **dict.fromkeys((*_IN_NAMESPACE, *_ANYWHERE), _users),
    PersistentVolume.kind: _sets_of,
    PersistentVolumeClaim.kind: lambda view, claim: (*_users(view, claim), *_sets_of(view, claim)),
    Pod.kind: _of_pending,
    Namespace.kind: _within,
    "ReplicaSet.apps": _workload_of,
    "Job.batch": _workload_of,
}
MISSING = Detector(
    type="MissingReference",
    title=titles.MissingReference.what,
    category=CATEGORY,
    about=About.WORKLOAD,
    severity=Severity.MEDIUM,
    gates=("G1", "G6", "G11", "G14"),
    effect=Effect.NO_PODS,
    is_warning=True,
    looks_at=frozenset(WORKLOADS),
    detect=detect,
    event_reasons=frozenset({"FailedCreate"}),
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
    reached_from=_REACHED,
)
ACCOUNT = Detector(
    type="ServiceAccountMissing",
    title=titles.ServiceAccountMissing.what,
    category=CATEGORY,
    about=About.WORKLOAD,
    severity=Severity.HIGH,
    gates=("G1", "G6", "G11", "G14"),
    is_warning=True,
    looks_at=frozenset(WORKLOADS),
    detect=detect_account,
    event_reasons=frozenset({"FailedCreate"}),
    open_after_s=PATIENCE_S,
    reached_from=_REACHED,
)
