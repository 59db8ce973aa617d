"""Which pod of this cluster a series is about, and how that is known. A series of no pod that the agent knows is no evidence.

One Prometheus often holds several clusters, and pods of StatefulSets have the same names in all of them. So a series counts

- by uid: it carries the uid of a pod that the agent knows;
- by cluster: `kube_pod_info` shows under which labels the uids of this cluster are kept, the query selects these labels, and the
  namespace and name of the series belong to one uid only;
- by name: nothing there holds uids, but the name has a random part, and only one series set has it.

In any case the pod must have run for the whole window, which keeps a pod apart from an earlier one with its name, and leaves out what it
needs to warm up.
"""

from collections import defaultdict
from collections.abc import Iterable
from enum import IntEnum
from itertools import islice
from typing import NamedTuple

from optral.agent.prometheus import queries
from optral.agent.prometheus.client import Prometheus, Series
from optral.agent.prometheus.queries import CLUSTER_LABELS, InvalidParameter, Scope, Source
from optral.agent.watching.pod_index import Pod, PodIndex, Workload

ASKED_UIDS = 20  # of pods by which the cluster is looked for
WARM_UP_S = 300  # caches, connections, compilation: what a pod needs to answer as it will


class Proof(IntEnum):
    """How it is known that series are about these pods, the weakest first."""

    NAME = 1
    CLUSTER = 2
    UID = 3


class Cluster(NamedTuple):
    """How this cluster is labeled. `shared` are (namespace, pod) that several uids have there."""

    labels: tuple[tuple[str, str], ...] = ()
    is_proven: bool = False
    shared: frozenset[tuple[str, str]] = frozenset()

    def scope(self, namespace: str = "", pods: tuple[str, ...] = ()) -> Scope:
        return Scope(self.labels, namespace, pods)


async def find_cluster(prometheus: Prometheus, pod_index: PodIndex, *, namespace: str) -> Cluster:
    """Look for uids of this cluster's pods. Without any, no label is known. Raises `Unreachable`."""
    uids = [pod.uid for pod in islice(pod_index.running(), ASKED_UIDS)]
    if not uids:
        return Cluster()
    found = await prometheus.query(queries.cluster_of(uids))
    if not found:
        return Cluster()
    most = max(found, key=lambda one: one.value)
    labels = tuple((label, most.labels[label]) for label in CLUSTER_LABELS if most.labels.get(label))
    try:
        several = await prometheus.query(queries.shared_names(Scope(labels, namespace)))
    except InvalidParameter:
        return Cluster()  # a label that no query can name: no series is known to be of this cluster
    return Cluster(labels, True, frozenset((one.label(("namespace",)), one.label(("pod",))) for one in several))


class Prover:
    """Finds the pods of the series of one answer."""

    def __init__(self, pod_index: PodIndex, cluster: Cluster, *, now: float) -> None:
        self._pod_index, self._cluster, self._now = pod_index, cluster, now
        self._behind: dict[tuple[str, str], Workload | None] = {}

    def proven(
        self, answer: Iterable[Series], *, namespace: tuple[str, ...], pod: tuple[str, ...], uid: tuple[str, ...] = ()
    ) -> list[tuple[Series, Pod, Proof]]:
        """The series that are about pods of this cluster which have run for long enough."""
        series = list(answer)
        clusters: defaultdict[tuple[str, str], set[tuple[str, ...]]] = defaultdict(set)
        for one in series:
            clusters[one.label(namespace), one.label(pod)].add(tuple(one.labels.get(label, "") for label in CLUSTER_LABELS))
        found = []
        for one in series:
            name = (one.label(namespace), one.label(pod))
            known = self._by_uid(one.label(uid)) or self._by_name(name, one.label(uid), is_alone=len(clusters[name]) == 1)
            if known is not None and self._has_run(known[0]):
                found.append((one, *known))
        return found

    def _by_uid(self, uid: str) -> tuple[Pod, Proof] | None:
        pod = self._pod_index.by_uid(uid) if uid else None
        return None if pod is None else (pod, Proof.UID)

    def _by_name(self, name: tuple[str, str], uid: str, *, is_alone: bool) -> tuple[Pod, Proof] | None:
        pod = self._pod_index.named(*name)
        if pod is None or uid or name in self._cluster.shared:
            return None  # with a uid that is not known here, it is another pod of this name
        if self._cluster.is_proven:
            return pod, Proof.CLUSTER
        return (pod, Proof.NAME) if pod.is_generated and is_alone else None

    def _has_run(self, pod: Pod) -> bool:
        return 0 < pod.started_at <= self._now - queries.WINDOW_S - WARM_UP_S

    def workload(self, source: Source, series: Series, pod: Pod) -> Workload | None:
        """Whose requests these are: the pod's own, or those of the Service behind a proxy."""
        if not source.service:
            return self._pod_index.workload_of(pod)
        key = (series.label(source.of_namespace), series.label(source.service))
        if key not in self._behind:
            self._behind[key] = self._pod_index.behind(*key)
        return self._behind[key]
