"""What a failure affects: workloads with their pods, and the workloads that call them. Only computed for findings.

Impacts of several findings merge without counting a pod twice, since they are kept by workload; people see `Counts`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from optral.detectors import gates, users
from optral.kube import owners
from optral.kube.objects import (
    DaemonSet,
    Deployment,
    Ingress,
    KubeObject,
    Node,
    PersistentVolumeClaim,
    Pod,
    ReplicaSet,
    Service,
    StatefulSet,
)
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

MAX_WORKLOADS = 200  # of one finding
MAX_CALLERS = 100
MAX_PODS = 2000
_WORKLOADS = (Deployment, StatefulSet, DaemonSet, ReplicaSet)
Name = tuple[str, str, str]
"""Kind, namespace and name of a workload."""


@dataclass(frozen=True, slots=True)
class Impact:
    """The affected workloads with the number of pods of each, the workloads that call them, and the reason for the severity.

    `is_cluster_wide`: it concerns the cluster and not one application, so it comes before others of its severity. `is_raised`: a setting
    counts it one step more.
    """

    workloads: Mapping[Name, int] = field(default_factory=dict)
    callers: frozenset[Name] = frozenset()
    reason: str = ""
    is_cluster_wide: bool = False
    is_raised: bool = False

    @property
    def namespaces(self) -> frozenset[str]:
        return frozenset(namespace for _, namespace, _ in self.workloads if namespace)

    def plain(self) -> dict[str, Any]:
        """As JSON, the same for equal impacts."""
        return {
            "workloads": [[*name, pods] for name, pods in sorted(self.workloads.items())],
            "callers": [list(name) for name in sorted(self.callers)],
            "reason": self.reason,
            "clusterWide": self.is_cluster_wide,
        } | ({"raised": True} if self.is_raised else {})

    @property
    def counts(self) -> "Counts":
        return Counts(
            len(self.workloads), sum(self.workloads.values()), len(self.namespaces), len(self.callers), self.reason, self.is_cluster_wide
        )


NONE = Impact()


class Counts(NamedTuple):
    """How many workloads, pods, namespaces and callers are affected."""

    workloads: int = 0
    pods: int = 0
    namespaces: int = 0
    callers: int = 0
    reason: str = ""
    is_cluster_wide: bool = False

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "workloads": self.workloads,
            "pods": self.pods,
            "namespaces": self.namespaces,
            "callers": self.callers,
            "reason": self.reason,
            "clusterWide": self.is_cluster_wide,
        }


def of_plain(plain: Mapping[str, Any]) -> Impact:
    """The opposite of `Impact.plain`."""
    if not plain:
        return NONE
    return Impact(
        {(kind, namespace, name): pods for kind, namespace, name, pods in plain["workloads"]},
        frozenset((kind, namespace, name) for kind, namespace, name in plain["callers"]),
        plain["reason"],
        plain["clusterWide"],
        plain.get("raised", False),
    )


def total(impacts: Iterable[Impact]) -> Impact:
    """What the objects that show one failure affect together: each pod is one of them. The first gives the reason."""
    impacts = list(impacts)
    pods: Counter[Name] = Counter()
    for one in impacts:
        pods.update(one.workloads)
    return _together(impacts, pods)


def union(impacts: Iterable[Impact]) -> Impact:
    """What related failures affect together: of each workload, the pods of the one that affects most. The first gives the reason."""
    impacts = list(impacts)
    pods: dict[Name, int] = {}
    for one in impacts:
        for name, number in one.workloads.items():
            pods[name] = max(number, pods.get(name, 0))
    return _together(impacts, pods)


def _together(impacts: list[Impact], pods: Mapping[Name, int]) -> Impact:
    if len(impacts) == 1:
        return impacts[0]
    callers = frozenset().union(*(one.callers for one in impacts)) - pods.keys()
    first = impacts[0] if impacts else NONE
    return Impact(dict(pods), callers, first.reason, first.is_cluster_wide, first.is_raised)


def of(subject: ObjectRef, shown_by: KubeObject, view: ClusterView) -> tuple[dict[Name, int], frozenset[Name]]:
    """The workloads that a failure of a subject affects, with their pods, and the callers of a Service."""
    if subject.kind == Node.kind:
        on_node = (pod for pod in view.pods_on(subject.name) if not gates.has_finished(pod))
        return _by_workload(on_node, view), frozenset()
    if isinstance(shown_by, Pod):
        return {_name(view.workload_of(shown_by)): 1}, frozenset()
    if isinstance(shown_by, Service):
        return _behind(shown_by, view), frozenset(_name(owners.ref(one)) for one in users.callers(shown_by, view)[:MAX_CALLERS])
    if isinstance(shown_by, PersistentVolumeClaim):
        return _by_workload(view.pods_with_claim(shown_by.metadata.namespace, shown_by.name), view), frozenset()
    if isinstance(shown_by, Ingress):
        return _behind_ingress(shown_by, view), frozenset()
    if isinstance(shown_by, _WORKLOADS):
        return {_name(view.workload_of(shown_by)): _missing(shown_by)}, frozenset()
    return {}, frozenset()


def _name(reference: ObjectRef) -> Name:
    return reference.short_kind, reference.namespace or "", reference.name


def _missing(workload: Deployment | StatefulSet | DaemonSet | ReplicaSet) -> int:
    """The replicas that a workload lacks."""
    if isinstance(workload, DaemonSet):
        return max(0, workload.status.desired_number_scheduled - workload.status.number_available)
    return max(0, workload.spec.replicas - workload.status.available_replicas)


def _by_workload(pods: Iterable[Pod], view: ClusterView) -> dict[Name, int]:
    found: Counter[Name] = Counter()
    for workload, of_it in islice(view.by_workload(islice(pods, MAX_PODS)).items(), MAX_WORKLOADS):
        found[_name(workload)] += len(of_it)
    return found


def _behind(service: Service, view: ClusterView) -> dict[Name, int]:
    """The workloads behind a Service, with the replicas that each lacks or, if it lacks none, its pods."""
    behind = (one for one in gates.workloads_behind(service, view) if isinstance(one, _WORKLOADS))
    return {_name(owners.ref(one)): _missing(one) or len(view.pods_of(owners.ref(one))) for one in islice(behind, MAX_WORKLOADS)}


def _behind_ingress(ingress: Ingress, view: ClusterView) -> dict[Name, int]:
    found: dict[Name, int] = {}
    for name in sorted(ingress.backends):
        service = view.by_name(Service.kind, ingress.metadata.namespace, name)
        found |= _behind(service, view) if isinstance(service, Service) else {}
    return found
