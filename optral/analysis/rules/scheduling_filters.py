"""The scheduler's filters for one pod, applied again to the nodes of a snapshot."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from optral.analysis.reading.case import Case
from optral.analysis.reading.snapshot import SnapshotObject
from optral.kube import placement, requests, selectors
from optral.kube.objects import Node, PersistentVolume, Taint
from optral.kube.objects.pods import TERMINAL_PHASES

ANTI_AFFINITY = "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution"


def typed(node: SnapshotObject) -> Node:
    return cast(Node, node.typed)


def allocatable(node: SnapshotObject, resource: str) -> int:
    return requests.offered(typed(node), resource)


class Filters:
    """One pod against nodes. Each `passing_…` method returns the nodes that one filter lets through."""

    def __init__(self, case: Case, pod: SnapshotObject) -> None:
        self.case, self.pod, self.spec = case, pod, pod.scheduling
        self.requests = requests.of(self.spec)

    # --- single nodes

    def matches(self, node: SnapshotObject) -> bool:
        """Whether the node has the labels that the pod selects."""
        return placement.fits_node(self.spec, typed(node))

    def is_reserved(self, node: SnapshotObject) -> bool:
        """Whether it is a node of the control plane that accepts no ordinary pods, because of a taint or a permanent cordon."""
        if node.get("spec.unschedulable") and placement.is_control_plane(node.labels):
            return True
        return any(
            taint.key in placement.CONTROL_PLANE_ROLES
            and taint.effect in placement.REPELLING
            and not placement.tolerates(self.spec.tolerations, taint)
            for taint in typed(node).spec.taints
        )

    def reaches_volumes(self, node: SnapshotObject) -> bool:
        """Whether the pod's bound volumes can be used on the node."""
        return all(placement.fits_volume(cast(PersistentVolume, volume.typed), typed(node)) for volume, _ in self.local_volumes())

    def is_large_enough(self, node: SnapshotObject, resource: str) -> bool:
        """Whether the empty node could hold the pod."""
        return self.requests[resource] <= allocatable(node, resource)

    def untolerated(self, node: SnapshotObject) -> tuple[int, Taint] | None:
        """(index, taint) of the first taint that the pod does not tolerate."""
        return placement.untolerated(self.spec, typed(node))

    def is_dedicated(self, node: SnapshotObject) -> bool:
        """Whether a NoSchedule taint reserves the node for pods that tolerate it.

        A running pod that does not tolerate the taint shows that the taint is new: then the taint is the problem.
        """
        refused = self.untolerated(node)
        if refused is None or refused[1].effect != "NoSchedule":
            return False
        running = (pod for pod in self.case.snap.all("Pod") if _is_on(pod, node) and pod.text("status.phase") == "Running")
        return all(placement.tolerates(pod.scheduling.tolerations, refused[1]) for pod in running)

    def short_of(self, node: SnapshotObject) -> list[str]:
        """The resources of which the node has too little left."""
        reserved = self._booked(node)
        return [name for name, wanted in self.requests.items() if wanted > allocatable(node, name) - reserved.get(name, 0)]

    def kept_off_by(self, node: SnapshotObject) -> tuple[SnapshotObject, int] | None:
        """(pod there, index of the term) when a required anti-affinity keeps the pod off this node."""
        for index, term in self.pod.indexed(ANTI_AFFINITY):
            key = str(term.get("topologyKey") or "")
            domain = placement.labels(typed(node)).get(key)
            if domain is None:
                continue
            for other in self._pods_in_domain(key, domain, term):
                if selectors.fits(selectors.parse(term.get("labelSelector")), other.labels):
                    return other, index
        return None

    # --- filters

    def passing_cordon(self, nodes: list[SnapshotObject]) -> list[SnapshotObject]:
        return [node for node in nodes if not placement.is_cordoned_for(self.spec, typed(node))]

    def passing_taints(self, nodes: list[SnapshotObject]) -> list[SnapshotObject]:
        return [node for node in nodes if self.untolerated(node) is None]

    def passing_room(self, nodes: list[SnapshotObject]) -> list[SnapshotObject]:
        return [node for node in nodes if not self.short_of(node)]

    def passing_host_ports(self, nodes: list[SnapshotObject]) -> list[SnapshotObject]:
        return [node for node in nodes if not placement.host_ports(self.spec) & self._host_ports_on(node)]

    def passing_anti_affinity(self, nodes: list[SnapshotObject]) -> list[SnapshotObject]:
        return [node for node in nodes if self.kept_off_by(node) is None]

    def only_cordoned(self, nodes: list[SnapshotObject]) -> list[SnapshotObject]:
        """Cordoned nodes, where they are all that is left for such a pod: every other node is dedicated to other pods."""
        left = self.passing_cordon(nodes)
        cordoned = [node for node in self.passing_taints(nodes) if node not in left]
        return cordoned if cordoned and left and all(self.is_dedicated(node) for node in left) else []

    # --- what is on the nodes

    def knows_volumes(self) -> bool:
        """Whether the pod's claims and their volumes are in the snapshot as far as they exist."""
        snap, namespace = self.case.snap, self.pod.namespace
        sources = (volume.get("persistentVolumeClaim") for volume in self.pod.many("spec.volumes"))
        names = [str(source.get("claimName") or "") for source in sources if isinstance(source, dict)]
        return not names or (snap.holds("PersistentVolumeClaim", namespace) and snap.holds("PersistentVolume"))

    def local_volumes(self) -> Iterator[tuple[SnapshotObject, SnapshotObject]]:
        """The pod's bound volumes that are available on some nodes only, with their claims."""
        for volume_source in self.pod.many("spec.volumes"):
            source = volume_source.get("persistentVolumeClaim")
            name = str(source.get("claimName") or "") if isinstance(source, dict) else ""
            claim = self.case.snap.find("PersistentVolumeClaim", self.pod.namespace, name)
            volume = self.case.snap.find("PersistentVolume", None, claim.text("spec.volumeName")) if claim is not None else None
            if claim is not None and volume is not None and volume.map("spec.nodeAffinity.required"):
                yield volume, claim

    def _booked(self, node: SnapshotObject) -> dict[str, int]:
        """What the pods of a node request: those in the snapshot, and the reservations of the others."""
        total: dict[str, int] = {}
        here = [requests.of(pod.scheduling) for pod in self._pods_on(node)]
        elsewhere = [reservation.requests for reservation in self.case.snap.reservations if reservation.node == node.name]
        for amounts in (*here, *elsewhere):
            for name, amount in amounts.items():
                total[name] = total.get(name, 0) + amount
        return total

    def _host_ports_on(self, node: SnapshotObject) -> set[int]:
        taken = {port for pod in self._pods_on(node) for port in placement.host_ports(pod.scheduling)}
        return taken | {
            port for reservation in self.case.snap.reservations if reservation.node == node.name for port in reservation.host_ports
        }

    def _pods_on(self, node: SnapshotObject) -> Iterator[SnapshotObject]:
        return (pod for pod in self.case.snap.all("Pod") if _is_on(pod, node) and pod.text("status.phase") not in TERMINAL_PHASES)

    def _pods_in_domain(self, key: str, domain: str, term: Mapping[str, Any]) -> Iterator[SnapshotObject]:
        namespaces = term.get("namespaces") or [self.pod.namespace]
        for other in self.case.snap.all("Pod"):
            node = self.case.snap.find("Node", None, other.text("spec.nodeName"))
            if node is None or other.name == self.pod.name or other.namespace not in namespaces:
                continue
            if placement.labels(typed(node)).get(key) == domain and other.text("status.phase") not in TERMINAL_PHASES:
                yield other


def _is_on(pod: SnapshotObject, node: SnapshotObject) -> bool:
    return pod.text("spec.nodeName") == node.name
