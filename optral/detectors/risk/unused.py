"""Objects that are no longer used. Only checked if every user is known: a namespace with pods of a custom owner (an operator) is ignored.

Programs also read ConfigMaps through the API: those with labels that a loader may search for, those of a controller and those of the
kubelet are never reported as unused.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import cast

from optral.detectors import gates
from optral.detectors.detector import About
from optral.detectors.policy import references
from optral.detectors.risk.common import check
from optral.kube import times
from optral.kube.objects import ConfigMap, Job, KubeObject, PersistentVolumeClaim, StatefulSet, TemplateSpec
from optral.kube.view import ClusterView
from optral.terms.en import titles

UNUSED_AFTER_S = 7 * 86400
MAX_WORKLOADS = 2000
_KNOWN = frozenset({*references.WORKLOADS, Job.kind, "Node"})
_PLAIN_LABELS = ("app.kubernetes.io/", "helm.sh/", "kustomize.toolkit.fluxcd.io/", "argocd.argoproj.io/")
_ORDINARY = frozenset({"app", "release", "chart", "heritage", "component"})


def _unread(configuration: ConfigMap, view: ClusterView, now: datetime) -> list[str]:
    is_ours = not configuration.owner_references and not configuration.metadata.annotations.leader and _has_plain_labels(configuration)
    if not is_ours or gates.is_kept_by_kubelet(configuration.name) or _is_new(configuration, now):
        return []
    home = configuration.metadata.namespace
    if not _sees_all_users(view, home):
        return []
    return [] if any(configuration.name in _config_maps(spec) for spec in _templates(view, home)) else ["no pod reads it"]


def _unmounted(claim: PersistentVolumeClaim, view: ClusterView, now: datetime) -> list[str]:
    home = claim.metadata.namespace
    if claim.status.phase != "Bound" or _is_new(claim, now) or view.pods_with_claim(home, claim.name) or not _sees_all_users(view, home):
        return []
    if any(claim.name in _claims(spec) for spec in _templates(view, home)) or _belongs_to_stateful_set(claim, view):
        return []
    return ["no pod mounts it"]


def _is_new(obj: KubeObject, now: datetime) -> bool:
    return times.age_s(obj.created_at, now=now) < UNUSED_AFTER_S


def _has_plain_labels(obj: KubeObject) -> bool:
    return all(label in _ORDINARY or label.startswith(_PLAIN_LABELS) for label in obj.labels)


def _sees_all_users(view: ClusterView, namespace: str) -> bool:
    return all(pod.owner_references and view.workload_of(pod).kind in _KNOWN for pod in view.pods_in(namespace))


def _templates(view: ClusterView, namespace: str) -> Iterator[TemplateSpec]:
    workloads = (workload for kind in references.WORKLOADS for workload in view.workloads_in(namespace, kind))
    yield from (references.template_of(workload) for workload in islice(workloads, MAX_WORKLOADS))
    jobs = cast(Iterable[Job], view.workloads_in(namespace, Job.kind))
    yield from (job.spec.template.spec for job in islice(jobs, MAX_WORKLOADS))


def _config_maps(spec: TemplateSpec) -> set[str]:
    names: set[str] = set()
    for container in (*spec.init_containers, *spec.containers):
        names |= {source.config_map_ref.name for source in container.env_from if source.config_map_ref is not None}
        for variable in container.env:
            if variable.value_from is not None and variable.value_from.config_map_key_ref is not None:
                names.add(variable.value_from.config_map_key_ref.name)
        names |= {text for text in (*container.command, *container.args) if "/" not in text}
        names |= {text.rpartition("=")[2] for text in container.args}
    for volume in spec.volumes:
        if volume.config_map is not None:
            names.add(volume.config_map.name)
        for piece in volume.projected.sources if volume.projected is not None else ():
            if piece.config_map is not None:
                names.add(piece.config_map.name)
    return names


def _claims(spec: TemplateSpec) -> set[str]:
    return {volume.persistent_volume_claim.claim_name for volume in spec.volumes if volume.persistent_volume_claim is not None}


def _belongs_to_stateful_set(claim: PersistentVolumeClaim, view: ClusterView) -> bool:
    """A StatefulSet that is scaled down keeps the claims of its later replicas."""
    body = claim.name.rpartition("-")[0]
    sets = cast(Iterable[StatefulSet], view.workloads_in(claim.metadata.namespace, StatefulSet.kind))
    return any(body == f"{stateful_set.metadata.name}-{top.name}" for top in sets for stateful_set in top.spec.volume_claim_templates)


def _named_by(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    """The objects that a workload referred to before or refers to now."""
    for workload in (view.previous(obj.kind, obj.uid), view.get(obj.kind, obj.uid)):
        spec = references.template_of(workload) if workload is not None else TemplateSpec()
        for kind, names in ((ConfigMap.kind, _config_maps(spec)), (PersistentVolumeClaim.kind, _claims(spec))):
            for name in sorted(names):
                if (used := view.by_name(kind, obj.namespace, name)) is not None:
                    yield used


_REACHED = dict.fromkeys(references.WORKLOADS, _named_by)
CONFIG_MAP = check(
    titles.UnusedConfigMap,
    _unread,
    about=About.OBJECT,
    module=__name__,
    looks_at=(ConfigMap.kind,),
    reached_from=_REACHED,
    open_after_s=UNUSED_AFTER_S,
)
CLAIM = check(
    titles.UnusedPersistentVolumeClaim,
    _unmounted,
    about=About.VOLUME,
    module=__name__,
    looks_at=(PersistentVolumeClaim.kind,),
    reached_from=_REACHED,
    open_after_s=UNUSED_AFTER_S,
)
