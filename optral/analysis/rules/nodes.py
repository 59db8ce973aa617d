"""A node that is not ready, and pods that only suffer from their node."""

import re
from collections.abc import Iterator

from optral.analysis import actions
from optral.analysis.calibration import Level
from optral.analysis.case import WORKLOADS, Case, Focus, cite
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.rules import services
from optral.analysis.rules.quotes import quote
from optral.analysis.rules.rule import CRASH, CREATING, EVICTED, INIT, LIVENESS, MOUNT, NODE, READINESS, SANDBOX, SERVICE, STARTUP, rule
from optral.analysis.snapshot import Thing, moment
from optral.kit.words import plural

_RUNTIME = re.compile(r"container runtime|PLEG|containerd|cri-o|docker", re.IGNORECASE)
_NETWORK = re.compile(r"NetworkPluginNotReady|cni|network plugin|network is not ready", re.IGNORECASE)
_SANDBOX_RUNTIME = re.compile(
    r"containerd\.sock|crio\.sock|dockershim|connection error.{0,60}\.sock|transport: Error while dialing", re.IGNORECASE
)
_PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure")
_PLUGINS = ("calico", "cilium", "flannel", "weave", "canal", "antrea", "kube-router", "aws-node", "kindnet", "multus")


def not_ready(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    node = focus.thing
    path, ready = node.condition("Ready")
    if node.kind != "Node" or not ready or ready.get("status") == "True":
        return
    told = case.book.fields(node, path, "status", "reason", "message", "lastTransitionTime")
    opening = cite(f"Node `{node.name}` is not ready.", told)
    message = f"{ready.get('reason') or ''} {ready.get('message') or ''}"
    remedy = actions.cordon(node, "No new pods are scheduled there while it is being repaired.", told)
    for type_ in _PRESSURES:
        place, pressure = node.condition(type_)
        if pressure.get("status") == "True":
            short = case.book.fields(node, place, "type", "status", "message")
            yield case.hypothesis(
                "node_pressure", node, Level.STRONG, opening, cite(f"It reports `{type_}`.", short), focus=focus, actions=[remedy]
            )
    if ready.get("status") == "Unknown":
        yield case.hypothesis(
            "kubelet_unreachable",
            node,
            Level.PROVEN,
            opening,
            cite("Its kubelet no longer reports to the cluster.", told),
            *_lease(case, node),
            focus=focus,
            actions=[remedy, actions.advice("Check the machine", "The kubelet, the network or the machine is down.", told)],
        )
    elif _NETWORK.search(message):
        yield case.hypothesis(
            "network_plugin_not_ready",
            node,
            Level.PROVEN,
            opening,
            cite("Its network plugin is not ready.", told),
            *_plugin(case, node),
            focus=focus,
            actions=[remedy, actions.advice("Fix the network plugin's pod on this node", "Pods get no network there.", told)],
        )
    elif _RUNTIME.search(message):
        yield case.hypothesis(
            "runtime_not_ready",
            node,
            Level.PROVEN,
            opening,
            cite("Its container runtime does not work.", told),
            focus=focus,
            actions=[remedy, actions.advice("Restart the container runtime on the node", "The kubelet cannot talk to it.", told)],
        )
    else:
        yield case.hypothesis("node_not_ready", node, Level.POSSIBLE, opening, focus=focus, actions=[remedy])


def _lease(case: Case, node: Thing) -> list[Sentence]:
    lease = case.snap.find("Lease.coordination.k8s.io", "kube-node-lease", node.name)
    if lease is None:
        return []
    return [quote("Its lease was last renewed at", lease.text("spec.renewTime"), case.book.fields(lease, "spec", "renewTime"))]


def _plugin(case: Case, node: Thing) -> list[Sentence]:
    """The plugin's own pod on this node, when it is not ready."""
    for pod in case.snap.all("Pod", "kube-system"):
        if pod.text("spec.nodeName") == node.name and any(word in pod.name for word in _PLUGINS):
            path, ready = pod.condition("Ready")
            if ready.get("status") != "True":
                return [cite(f"Pod `{pod.name}` of the network plugin is not ready.", case.book.fields(pod, path, "status", "reason"))]
    return []


def host_of_trouble(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The pod suffers from its node: the node is not ready, or its runtime cannot make sandboxes."""
    pod = focus.thing
    node = case.snap.find("Node", None, pod.text("spec.nodeName")) if pod.kind == "Pod" else None
    if node is None:
        return
    placed = case.book.fields(pod, "spec", "nodeName")
    on_node = cite(f"Pod `{pod.name}` runs on node `{node.name}`.", placed)
    yield from not_ready(case, focus.next(NODE, node, on_node))
    sandbox = next(
        (e for e in case.events(pod, "FailedCreatePodSandBox", "NetworkNotReady") if "OOM-killed" not in e.text("message")), None
    )
    if sandbox is None:
        return
    told, message = case.event_id(sandbox, pod), sandbox.text("message")
    opening = cite(f"The sandbox of pod `{pod.name}` cannot be created on node `{node.name}`.", told, placed)
    if _SANDBOX_RUNTIME.search(message):
        words = cite("The node's container runtime does not respond.", told)
        yield case.hypothesis(
            "runtime_not_ready",
            node,
            Level.PROVEN,
            opening,
            words,
            focus=focus,
            actions=[actions.cordon(node, "No new pods are scheduled there.", told)],
        )
    else:
        yield case.hypothesis(
            "sandbox_failed",
            node,
            Level.LIKELY,
            opening,
            focus=focus,
            actions=[actions.advice("Check the network plugin on that node", "It does not set up the pod's network.", told)],
        )


def evicted(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Thrown out: for its own use of storage, or since the node ran short."""
    pod = focus.thing
    if pod.text("status.reason") != "Evicted":
        return
    told = case.book.fields(pod, "status", "reason", "message")
    message = pod.text("status.message")
    opening = cite(f"Pod `{pod.name}` was evicted from its node.", told)
    workload = case.workload(pod)
    if _OWN_LIMIT.search(message):
        asked = case.book.object(pod, "spec.containers[0].resources")
        yield case.hypothesis(
            "ephemeral_storage_exceeded",
            workload,
            Level.PROVEN,
            opening,
            cite("It used more local storage than its limit allows.", told, asked),
            focus=focus,
            actions=[
                actions.advice(
                    "Raise the limit of ephemeral storage, or write less", "The kubelet evicts pods that exceed it.", told, asked
                )
            ],
        )
        return
    node = case.snap.find("Node", None, pod.text("spec.nodeName"))
    short = _SHORT.search(message)
    if node is not None and short is not None:
        placed = case.book.fields(pod, "spec", "nodeName")
        yield case.hypothesis(
            "node_pressure",
            node,
            Level.LIKELY,
            opening,
            cite(f"Node `{node.name}` ran short of `{short.group(1) or short.group(2)}`.", told, placed),
            focus=focus,
            actions=[
                actions.cordon(node, "No new pods are scheduled there while it is short.", told),
                actions.advice(
                    "Set requests that match the actual usage", "Then the scheduler does not place more on the node than fits.", told
                ),
            ],
        )
    remedy = actions.advice("Set requests that match the actual usage, and check the node", "The node ran short.", told)
    yield case.hypothesis("evicted", workload, Level.LIKELY, opening, focus=focus, actions=[remedy])


def pressed(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A condition of the node that should not be true, whatever its Ready says."""
    node = focus.thing
    if node.kind != "Node":
        return
    for index, condition in node.indexed("status.conditions"):
        kind = str(condition.get("type") or "")
        if condition.get("status") != "True" or kind == "Ready" or kind in _HARMLESS:
            continue
        told = case.book.fields(node, f"status.conditions[{index}]", "type", "status", "reason", "message")
        cause = "node_pressure" if kind in _PRESSURES else "node_network_unavailable" if kind == "NetworkUnavailable" else "node_damaged"
        remedy = actions.cordon(node, "No new pods are scheduled there while it is being repaired.", told)
        yield case.hypothesis(
            cause,
            node,
            Level.PROVEN if _FITS.get(focus.symptom, kind) == kind else Level.LIKELY,
            cite(f"Node `{node.name}` reports `{kind}`.", told),
            *_hungry(case, node, kind),
            focus=focus,
            actions=[remedy, actions.advice(_NODE_REMEDY[cause], "The condition reports it.", told)],
        )


def _hungry(case: Case, node: Thing, kind: str) -> list[Sentence]:
    """Pods there without a memory request: the node was promised to more than it holds."""
    if kind != "MemoryPressure":
        return []
    free = [
        pod.name
        for pod in case.snap.all("Pod")
        if pod.text("spec.nodeName") == node.name
        and pod.text("status.phase") == "Running"
        and not all(((one.get("resources") or {}).get("requests") or {}).get("memory") for one in pod.many("spec.containers"))
    ]
    if not free:
        return []
    pods = plural(len(free), "pod")
    shown = case.book.relation(node.ref, "pods", f"{len(free)} {pods} without a memory request: {', '.join(sorted(free)[:5])}")
    has = "has" if len(free) == 1 else "have"
    return [cite(f"`{len(free)}` {pods} on it {has} no memory request.", shown)]


def cordoned(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    node = focus.thing
    if node.kind != "Node" or not node.get("spec.unschedulable"):
        return
    mark = case.book.fields(node, "spec", "unschedulable")
    yield case.hypothesis(
        "node_cordoned",
        node,
        Level.PROVEN,
        cite(f"Node `{node.name}` is cordoned: no new pods are scheduled there.", mark),
        focus=focus,
        actions=[actions.uncordon(node, "Uncordon it when its maintenance is done.", mark)],
    )


def runtime_fault(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The node says that it is ready, and its pods say that its runtime is not there."""
    node = focus.thing
    if node.kind != "Node":
        return
    for pod in case.snap.all("Pod"):
        if pod.text("spec.nodeName") == node.name:
            for event in case.events(pod, "FailedCreatePodSandBox", "FailedKillPod"):
                if _SANDBOX_RUNTIME.search(event.text("message")):
                    told, placed = case.event_id(event, pod), case.book.fields(pod, "spec", "nodeName")
                    yield case.hypothesis(
                        "runtime_not_ready",
                        node,
                        Level.PROVEN,
                        cite(f"The sandbox of pod `{pod.name}` cannot be created on node `{node.name}`.", told, placed),
                        cite("The node's container runtime does not respond.", told),
                        focus=focus,
                        actions=[actions.cordon(node, "No new pods are scheduled there.", told)],
                    )
                    return
    for event in case.events(node):
        if _RUNTIME.search(event.text("message")) and event.text("reason") in _RUNTIME_EVENTS:
            told = case.event_id(event, node)
            yield case.hypothesis(
                "runtime_not_ready",
                node,
                Level.LIKELY,
                cite(f"Node `{node.name}` reports an error of its container runtime.", told),
                focus=focus,
                actions=[actions.cordon(node, "No new pods are scheduled there.", told)],
            )
            return
    facts = case.question.facts
    if _SANDBOX_RUNTIME.search(str(facts.get("message") or "")) or _RUNTIME.search(str(facts.get("message") or "")):
        seen = case.book.fact(case.question.resource, facts, "reasons", "message", "pods")
        yield case.hypothesis(
            "runtime_not_ready",
            node,
            Level.STRONG,
            cite(f"The container runtime of node `{node.name}` fails to start pods.", seen, case.book.fields(node, "metadata", "name")),
            focus=focus,
            actions=[actions.cordon(node, "No new pods are scheduled there.", seen)],
        )


def flapping(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Ready now, not ready a moment ago, and again."""
    node = focus.thing
    path, ready = node.condition("Ready")
    turns = case.events(node, "NodeNotReady", "NodeReady")
    if node.kind != "Node" or not ready or (len(turns) < 2 and not case.question.facts):
        return
    shown = case.book.fields(node, path, "status", "reason", "lastTransitionTime")
    told = [case.event_id(one, node) for one in turns[:2]]
    yield case.hypothesis(
        "node_unsteady",
        node,
        Level.LIKELY,
        cite(f"Node `{node.name}` alternates between ready and not ready.", shown, *told),
        focus=focus,
        actions=[actions.cordon(node, "Pods that are scheduled there are evicted again.", shown)],
        missing=["the node's logs: kubelet, memory and network"],
    )


def static_part(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A part of the control plane that the kubelet runs from a file: nobody else does its work while it crashes."""
    pod = focus.thing
    part = pod.labels.get("component", "")
    node = case.snap.find("Node", None, pod.text("spec.nodeName"))
    if pod.namespace != "kube-system" or part not in _STATIC or node is None or pod.map("metadata.annotations").get(_FROM_FILE) != "file":
        return
    ended = case.book.relation(pod.ref, "container", f"component {part}, static pod of node {node.name}")
    yield case.hypothesis(
        "scheduler_unavailable" if part == "kube-scheduler" else "control_plane_down",
        node,
        Level.PLAUSIBLE,
        cite(f"Pod `{pod.name}` is `{part}` of node `{node.name}`, and it keeps crashing.", ended),
        focus=focus,
        actions=[
            actions.advice(
                f"Check the log of {part} and its manifest file on the node", "No other instance does its work while it crashes.", ended
            )
        ],
        missing=[f"log lines of {part}"],
    )


def control_plane(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A part of the control plane, or the cluster's DNS: its pods do not run, or its lease is old."""
    cause, level, remedy = _PARTS[focus.symptom]
    lease = focus.thing if focus.thing.kind.startswith("Lease.") else None
    if lease is not None:
        renewed = moment(lease.get("spec.renewTime"))
        if renewed is None or (case.now - renewed).total_seconds() < OLD_LEASE_S:
            return
        shown = case.book.fields(lease, "spec", "holderIdentity", "renewTime")
        yield case.hypothesis(
            cause,
            lease,
            Level.LIKELY,
            cite(f"`{lease.name}` has not renewed its lease.", shown),
            focus=focus,
            actions=[actions.advice(remedy, "Its holder does not respond.", shown)],
        )
        return
    pods = list(_parts(case, focus.thing))
    if focus.thing.kind == "Service" and not pods:
        yield from services.of_service(case, focus.next(SERVICE, focus.thing, steps=0))
        return
    ill = [pod for pod in pods if pod.condition("Ready")[1].get("status") != "True"]
    if not ill or (focus.thing.kind == "Service" and len(ill) < len(pods)):
        return
    thing = case.workload(focus.thing if focus.thing.kind != "Service" else pods[0])
    shown = case.book.fields(thing, "status", "replicas", "readyReplicas", "availableReplicas", "phase")
    counted = case.book.relation(thing.ref, "pods", f"{len(ill)} of {len(pods)} pods are not ready")
    yield case.hypothesis(
        cause,
        thing,
        level,
        cite(f"`{thing.name}` is failing.", shown),
        cite(f"`{len(ill)}` of its `{len(pods)}` pods are not ready.", counted),
        focus=focus,
        actions=[actions.advice(remedy, "The whole cluster depends on it.", counted), actions.diagnose(thing)],
    )


def _parts(case: Case, thing: Thing) -> Iterator[Thing]:
    """The pods a component consists of: the pod itself, a workload's, a Service's."""
    if thing.kind == "Pod":
        yield thing
    elif thing.kind == "Service":
        selector = thing.map("spec.selector")
        for pod in case.snap.all("Pod", thing.namespace):
            if selector and all(pod.labels.get(key) == value for key, value in selector.items()):
                yield pod
    elif thing.kind in WORKLOADS:
        yield from case.live_pods(thing)


OLD_LEASE_S = 60
_STATIC = frozenset({"kube-scheduler", "kube-controller-manager", "kube-apiserver", "etcd"})
_FROM_FILE = "kubernetes.io/config.source"
_OWN_LIMIT = re.compile(r"ephemeral.{0,40}limit|emptyDir.{0,60}limit|exceeds? the (?:total )?limit", re.IGNORECASE)
_SHORT = re.compile(r"low on resource: ([a-z.-]+)|had condition: \[?(\w+)", re.IGNORECASE)
_HARMLESS = frozenset(
    {
        "EtcdIsVoter",
        "DrainInProgress",
        "Drained",
        "MaintenancePlanned",
        "MaintenanceInProgress",
        "GracefulNodeShutdownInProgress",
    }
)
_FITS = {
    "NodeMemoryPressure": "MemoryPressure",
    "NodeDiskPressure": "DiskPressure",
    "NodePIDPressure": "PIDPressure",
    "NodeNetworkUnavailable": "NetworkUnavailable",
}
_NODE_REMEDY = {
    "node_pressure": "Free the resource, or move pods to other nodes",
    "node_network_unavailable": "Check the node's network plugin or the cloud provider's routes",
    "node_damaged": "Check the machine: kernel, disk and runtime; replace it if it does not recover",
}
_RUNTIME_EVENTS = frozenset({"ContainerGCFailed", "ImageGCFailed", "FreeDiskSpaceFailed", "FailedCreatePodSandBox", "SystemOOM"})
_PARTS = {
    "ControlPlaneUnhealthy": ("control_plane_down", Level.STRONG, "Check this component of the control plane"),
    "ClusterDNSUnavailable": (
        "dns_unavailable",
        Level.STRONG,
        "Fix the cluster DNS first: every name lookup fails without it",
    ),
}
OF_NODES = {"kubelet_unreachable", "runtime_not_ready", "network_plugin_not_ready", "node_pressure", "node_not_ready"}


RULES = (
    rule(not_ready, {NODE, "NodeReadinessFlapping"}, OF_NODES, version=2),
    rule(
        host_of_trouble,
        {MOUNT, READINESS, LIVENESS, CRASH, CREATING, EVICTED, SANDBOX, INIT, STARTUP},
        OF_NODES | {"sandbox_failed"},
        version=2,
    ),
    rule(evicted, {EVICTED}, {"evicted", "ephemeral_storage_exceeded", "node_pressure"}, version=2),
    rule(
        pressed,
        {*_FITS, "NodeProblem"},
        {"node_pressure", "node_network_unavailable", "node_damaged"},
    ),
    rule(cordoned, {"NodeCordoned"}, {"node_cordoned"}),
    rule(runtime_fault, {"NodeRuntimeFault"}, {"runtime_not_ready"}),
    rule(flapping, {"NodeReadinessFlapping"}, {"node_unsteady"}),
    rule(control_plane, set(_PARTS), {cause for cause, *_ in _PARTS.values()} | services.CAUSES, version=2),
    rule(static_part, {CRASH}, {"scheduler_unavailable", "control_plane_down"}),
)
