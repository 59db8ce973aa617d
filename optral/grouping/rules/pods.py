"""What explains failures of pods and containers: their node, their claims, another stage of the same container."""

from collections.abc import Iterable, Iterator

from optral.detectors import CATALOG, candidate_causes
from optral.grouping.failure_index import Candidate, FailureIndex
from optral.grouping.model import AffectedObject, Failure
from optral.grouping.rules import common, groups
from optral.kube import owners, placement, revisions
from optral.kube.objects import DaemonSet, Node, Pod
from optral.kube.reports import nodes
from optral.kube.reports.images import Kind
from optral.kube.reports.scheduler import Blocker
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

_EITHER = groups.NODE_DOWN | groups.NODE_PRESSURE
_NODE_TYPES = {  # which failures of its node explain a failure of a pod
    **dict.fromkeys(
        (
            "ReadinessProbeFailed",
            "LivenessProbeFailed",
            "StartupProbeFailed",
            "PodNotReady",
            "PodStuckTerminating",
            "InitContainerStuck",
            "FrequentRestarts",
            "DependencyUnreachable",
        ),
        groups.NODE_DOWN,
    ),
    **dict.fromkeys(
        ("FailedCreatePodSandBox", "PodFailed", "CreateContainerError", "ImageInspectError", "FailedMount", "FailedAttachVolume"), _EITHER
    ),
    "Evicted": groups.NODE_PRESSURE,
}
_ON_ONE_NODE = {  # of two failures of one node: which explain which
    "NodeReadinessFlapping": frozenset({"NodeNotReady", "NodeProblem", "NodeRuntimeFault"}),
    "NodeNotReady": frozenset({"NodeProblem", "NodeNetworkUnavailable"}),
    "NodeRuntimeFault": frozenset({"NodeNotReady", "NodeProblem", "NodeDiskPressure"}),
    "Evicted": groups.NODE_PRESSURE,
    "PodStuckTerminating": groups.NODE_DOWN,
    "FailedCreatePodSandBox": groups.NODE_DOWN,
}
_PULL_FAILURES_OF_NODE = frozenset({Kind.DISK_FULL, Kind.HOST_UNKNOWN, Kind.UNREACHABLE})
_CLAIM_BLOCKERS = frozenset({Blocker.CLAIM_UNBOUND, Blocker.CLAIM_NOT_FOUND, Blocker.VOLUME_MISSING})
_CNI_PATHS = ("/etc/cni/net.d", "/opt/cni/bin")


def node(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The node of the pod; for a failure of a node, another failure of the same node."""
    if (types := _node_types(failure)) and (pod := index.pod(affected.ref)) is not None and pod.spec.node_name:
        yield from common.on_object(index, candidate_causes.node_ref(pod.spec.node_name, index.view), types, "runs on")
    if failure.subject.kind == Node.kind and (types := _ON_ONE_NODE.get(failure.type, frozenset())):
        yield from common.on_object(index, failure.subject, types, "is on")


def _node_types(failure: Failure) -> frozenset[str]:
    if failure.type == "ImagePullBackOff":
        return _EITHER if failure.facts.get("cause") in _PULL_FAILURES_OF_NODE else frozenset()
    return _NODE_TYPES.get(failure.type, frozenset())


def same_container(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """One issue for one container of one revision, even when its replicas are at different stages of the same failure."""
    if failure.type in CATALOG.catch_alls:
        stronger = [one for one in index.on(failure.subject, groups.POD_DOWN) if one.type != failure.type]
    elif failure.part is not None and failure.type in groups.CONTAINER:
        ranks = CATALOG.ranks
        stronger = [
            one for one in index.on(failure.subject, groups.CONTAINER) if one.part == failure.part and ranks[one.type] < ranks[failure.type]
        ]
    else:
        return
    mine = _revision(index, affected) if stronger else ""
    for cause in stronger:
        if any(_revision(index, other) == mine for other in cause.objects):
            yield Candidate(cause, "is the same container as", is_same_failure=True)


def _revision(index: FailureIndex, affected: AffectedObject) -> str:
    pod = index.pod(affected.ref)
    return revisions.of_pod(pod.labels) if pod is not None else ""


def failed_scheduling(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """Claims, failed nodes or a preemption that keep the pod from being scheduled."""
    blockers = [str(blocker) for blocker in failure.facts.get("blockers") or ()]
    pod = index.pod(affected.ref)
    if pod is not None and any(blocker.partition(":")[0] in _CLAIM_BLOCKERS for blocker in blockers):
        for suspect in candidate_causes.claims_of(pod, index.view):
            yield from common.on_object(index, suspect.ref, suspect.types, suspect.relation)
    resources = [blocker.partition(":")[2] for blocker in blockers if blocker.startswith(f"{Blocker.INSUFFICIENT}:")]
    if pod is not None and any(index.exceeds_every_node(pod, resource) for resource in resources):
        return  # it would not fit if every node were healthy
    if pod is not None:
        yield from _nodes_that_would_take(index, pod, affected, blockers)
    yield from common.on_object(index, failure.subject, {"Preempted"}, "is explained by the preemption of")


def _nodes_that_would_take(index: FailureIndex, pod: Pod, affected: AffectedObject, blockers: Iterable[str]) -> Iterator[Candidate]:
    """The failures of nodes without which the pod would run there: of those that repel it, and those that the detector names."""
    named = ((one.ref, one.types, one.relation) for one in affected.suspects if one.ref.kind == Node.kind)
    repelling = ((owners.ref(node), types, "cannot run on") for node, types in _repelling_nodes(index, blockers))
    for ref, types, relation in (*named, *repelling):
        for candidate in common.on_object(index, ref, types, relation):
            node = index.view.node(ref.name)
            keys = {placement.CORDON.key} if candidate.cause.type == "NodeCordoned" else nodes.FAULT_TAINTS
            if node is not None and index.fits.would_take(node, pod, without=keys):
                yield candidate


def _repelling_nodes(index: FailureIndex, blockers: Iterable[str]) -> Iterator[tuple[Node, frozenset[str]]]:
    """Failed nodes whose taint keeps the pod away. If the scheduler reports taints without names, every tainted node counts."""
    for blocker in blockers:
        name, _, what = blocker.partition(":")
        if name not in (Blocker.TAINT, Blocker.NODE_GONE):
            continue
        for key in nodes.FAULT_TAINTS:
            if blocker in (Blocker.TAINT, Blocker.NODE_GONE) or what.startswith(key):
                types = groups.NODE_DOWN if key in nodes.LOST_TAINTS else groups.NODE_PRESSURE
                yield from ((node, types) for node in index.view.nodes_tainted(key))


def claims(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The claims that the pod mounts."""
    if (pod := index.pod(affected.ref)) is not None:
        for suspect in candidate_causes.claims_of(pod, index.view):
            yield from common.on_object(index, suspect.ref, suspect.types, suspect.relation)


def unscheduled(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The scheduler, for a pod that none has looked at."""
    if (pod := index.pod(affected.ref)) is not None:
        yield from common.scheduler_of(index, pod)


def network_plugin(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """Pod networks are set up by a DaemonSet that mounts the node's CNI directories; its pod on the same node must have failed."""
    pod = index.pod(affected.ref)
    name = pod.spec.node_name if pod is not None else affected.ref.name if affected.ref.kind == Node.kind else ""
    if not name or not index.has(groups.WORKLOAD):
        return
    for plugin in _failing_network_plugins(index):
        for cause in index.on(plugin, groups.WORKLOAD):
            if cause.type in groups.REPLICAS_MISSING | groups.NO_PODS or any(_is_on(index, one, name) for one in cause.objects):
                yield Candidate(cause, "gets its network from")


def _failing_network_plugins(index: FailureIndex) -> list[ObjectRef]:
    failing = {one.subject for kind in groups.WORKLOAD for one in index.of_type(kind) if one.subject.kind == DaemonSet.kind}
    return [ref for ref in sorted(failing) if _mounts_cni(index.view, ref)]


def _mounts_cni(view: ClusterView, ref: ObjectRef) -> bool:
    daemon = view.object_at(ref)
    if not isinstance(daemon, DaemonSet):
        return False
    return any(v.host_path is not None and v.host_path.path.startswith(_CNI_PATHS) for v in daemon.spec.template.spec.volumes)


def _is_on(index: FailureIndex, affected: AffectedObject, node: str) -> bool:
    pod = index.pod(affected.ref)
    return pod is not None and pod.spec.node_name == node


def node_network(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The network plugin, where the node reports that it is not initialized."""
    reported = f"{failure.facts.get('reason', '')} {failure.facts.get('message', '')}".lower()
    if failure.type == "NodeNetworkUnavailable" or any(name in reported for name in ("cni", "network plugin", "networkplugin")):
        yield from network_plugin(index, failure, affected)


def full_volume(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The full volume of a workload whose container exits with an error: it cannot write."""
    if failure.facts.get("exitCode") in (None, 0, 126, 127, 137):
        return
    for cause in index.of_type("VolumeFillingUp"):
        if cause.facts.get("isFull") and cause.facts.get("usedBy") == str(failure.subject):
            yield Candidate(cause, "writes to", is_same_failure=True)
