"""Pods for which there is no node."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case
from tests.analysis.cluster import World, container, deployment, node, obj, pod, replica_set, service, template


def unplaced(message: str, *others: Any, spec: Any = None, **pod_spec: Any) -> tuple[World, Explanation]:
    web = deployment(of=template(spec or container(), **pod_spec))
    owner = replica_set(web)
    conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}]
    failing = pod(owner, node=None, status={"phase": "Pending", "conditions": conditions})
    world = World([web, owner, failing, *(others or (node("node-1"), node("node-2")))])
    return world, world.ask("FailedScheduling", failing, owner=web)


def asks(**requests: str) -> Any:
    return container(resources={"requests": requests})


@case("insufficient_cpu", "api")
def asks_for_more_cpu_than_any_node_has() -> tuple[World, Explanation]:
    return unplaced("0/2 nodes are available: 2 Insufficient cpu.", spec=asks(cpu="12"))


@case("insufficient_memory", "api")
def asks_for_more_memory_than_is_left() -> tuple[World, Explanation]:
    hungry = [pod(None, f"eater-{n}", node=f"node-{n}", spec={"containers": [asks(memory="7Gi")]}, ready=True) for n in (1, 2)]
    return unplaced("0/2 nodes are available: 2 Insufficient memory.", node("node-1"), node("node-2"), *hungry, spec=asks(memory="2Gi"))


@case("insufficient_resource", "api")
def asks_for_what_no_node_offers() -> tuple[World, Explanation]:
    return unplaced("0/2 nodes are available: 2 Insufficient example.com/gpu.", spec=asks(**{"example.com/gpu": "1"}))


@case("node_selector_mismatch", "api")
def selects_a_label_that_no_node_has() -> tuple[World, Explanation]:
    nodes = (node("node-1", labels={"disk": "ssd"}), node("node-2", labels={"disk": "ssd"}))
    return unplaced("0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.", *nodes, nodeSelector={"disk": "sdd"})


@case("node_affinity_mismatch", "api")
def requires_an_affinity_that_no_node_meets() -> tuple[World, Explanation]:
    terms = [{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["north"]}]}]
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}
    return unplaced("0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.", affinity=affinity)


@case("untolerated_taint", "api")
def does_not_tolerate() -> tuple[World, Explanation]:
    nodes = [node(name, spec={"taints": [{"key": "pool", "value": "batch", "effect": "NoSchedule"}]}) for name in ("node-1", "node-2")]
    return unplaced("0/2 nodes are available: 2 node(s) had untolerated taint(s).", *nodes)


@case("node_cordoned", "api")
def fits_a_cordoned_node_alone() -> tuple[World, Explanation]:
    nodes = (node("node-1", labels={"disk": "ssd"}, spec={"unschedulable": True}), node("node-2", labels={"disk": "hdd"}))
    words = "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unschedulable."
    return unplaced(words, *nodes, nodeSelector={"disk": "ssd"})


@case("anti_affinity", "api")
def must_be_alone_and_is_not() -> tuple[World, Explanation]:
    term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "api"}}}
    affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    others = [pod(None, f"api-{n}", node=f"node-{n}", ready=True) for n in (1, 2)]
    words = "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules."
    return unplaced(words, node("node-1"), node("node-2"), *others, affinity=affinity)


@case("host_port_conflict", "api")
def wants_a_port_of_the_node_that_is_taken() -> tuple[World, Explanation]:
    open_port = container(ports=[{"containerPort": 80, "hostPort": 80}])
    other = pod(None, "edge", node="node-1", spec={"containers": [open_port]}, ready=True)
    return unplaced("0/1 nodes are available: 1 node(s) didn't have free ports.", node("node-1"), other, spec=open_port)


@case("host_port_conflict", "api")
def wants_a_port_of_the_node_that_a_pod_out_of_sight_has() -> tuple[World, Explanation]:
    words = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."
    return unplaced(words, node("node-1"), spec=container(ports=[{"containerPort": 80, "hostPort": 8443}]))


@case("affinity_mismatch", "api")
def cannot_be_spread() -> tuple[World, Explanation]:
    return unplaced("0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints.")


@case("volume_node_conflict", "api")
def has_its_volume_elsewhere() -> tuple[World, Explanation]:
    return unplaced("0/2 nodes are available: 2 node(s) had volume node affinity conflict.")


VOLUME = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
UNBOUND = "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims."


@case("pvc_unbound", "api")
def needs_a_claim_that_is_not_there() -> tuple[World, Explanation]:
    return unplaced('0/2 nodes are available: persistentvolumeclaim "data" not found.', volumes=VOLUME)


@case("kubelet_unreachable", "node-1")
def finds_only_a_lost_node() -> tuple[World, Explanation]:
    lost = node(
        "node-1",
        spec={"taints": [{"key": "node.kubernetes.io/unreachable", "effect": "NoSchedule"}]},
        conditions=[
            {"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status."}
        ],
    )
    return unplaced("0/1 nodes are available: 1 node(s) had untolerated taint(s).", lost)


@case("scheduler_unavailable", "scheduling-1")
def nobody_looks_at_it() -> tuple[World, Explanation]:
    web = deployment()
    owner = replica_set(web)
    left = pod(owner, node=None, status={"phase": "Pending", "conditions": []})
    own = pod(None, "kube-scheduler-x", node="scheduling-1", metadata={"labels": {}})
    own["metadata"]["namespace"] = "kube-system"
    world = World([web, owner, left, own, node("scheduling-1"), service()])
    return world, world.ask("ServiceNoEndpoints", world.objects[-1])


def reserved(name: str) -> Any:
    return node(name, spec={"taints": [{"key": "pool", "value": "batch", "effect": "NoSchedule"}]})


TAINTED_OR_CLOSED = "0/2 nodes are available: 1 node(s) had untolerated taint {pool: batch}, 1 node(s) were unschedulable."


@case("node_cordoned", "api", "fits the cordoned node alone, the other is kept for others")
def fits_the_cordoned_node_alone_the_other_is_kept_for_others() -> tuple[World, Explanation]:
    tolerant = pod(None, "batch-1", node="node-2", spec={"tolerations": [{"key": "pool", "operator": "Exists"}]}, ready=True)
    return unplaced(TAINTED_OR_CLOSED, node("node-1", spec={"unschedulable": True}), reserved("node-2"), tolerant)


@case("untolerated_taint", "api", "was on the node that has a taint now")
def was_on_the_node_that_has_a_taint_now() -> tuple[World, Explanation]:
    ordinary = pod(None, "other-1", node="node-2", ready=True)
    return unplaced(TAINTED_OR_CLOSED, node("node-1", spec={"unschedulable": True}), reserved("node-2"), ordinary)


@case("insufficient_cpu", "api", "asks for too much together with its sidecar")
def asks_for_too_much_together_with_its_sidecar() -> tuple[World, Explanation]:
    beside = {**asks(cpu="2"), "name": "mesh", "restartPolicy": "Always"}
    return unplaced("0/2 nodes are available: 2 Insufficient cpu.", spec=asks(cpu="3"), initContainers=[beside])


def of_volume(why: str, *others: Any, **requests: str) -> tuple[World, Explanation]:
    """A pod whose volume is on node-1."""
    here = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["node-1"]}]}
    volume = obj("v1", "PersistentVolume", "pv-1", namespace=None, spec={"nodeAffinity": {"required": {"nodeSelectorTerms": [here]}}})
    claim = obj("v1", "PersistentVolumeClaim", "data", spec={"volumeName": "pv-1"}, status={"phase": "Bound"})
    words = f"0/2 nodes are available: 1 {why}, 1 node(s) had volume node affinity conflict."
    mounted = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    return unplaced(words, *others, volume, claim, spec=asks(**requests), volumes=mounted)


@case("insufficient_cpu", "api", "finds the node of its volume full")
def finds_the_node_of_its_volume_full() -> tuple[World, Explanation]:
    eater = pod(None, "eater", node="node-1", spec={"containers": [asks(cpu="3500m")]}, ready=True)
    return of_volume("Insufficient cpu", node("node-1"), node("node-2"), eater, cpu="1")


@case("node_cordoned", "api", "finds the node of its volume cordoned")
def finds_the_node_of_its_volume_cordoned() -> tuple[World, Explanation]:
    return of_volume("node(s) were unschedulable", node("node-1", spec={"unschedulable": True}), node("node-2"), cpu="1")


@case("node_affinity_mismatch", "api", "avoids all nodes but the control plane's")
def avoids_all_nodes_but_the_control_planes() -> tuple[World, Explanation]:
    terms = [{"matchExpressions": [{"key": "pool", "operator": "NotIn", "values": ["work"]}]}]
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}
    key = "node-role.kubernetes.io/control-plane"
    master = node("node-2", labels={key: ""}, spec={"taints": [{"key": key, "effect": "NoSchedule"}]})
    words = f"0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint {{{key}: }}."
    return unplaced(words, node("node-1", labels={"pool": "work"}), master, affinity=affinity)
