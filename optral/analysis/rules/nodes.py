"""Nodes that are not ready or report a problem, and pods that fail because of their node."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading.case import Case, Focus, cite
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules.quotes import quote, quote_if_any
from optral.analysis.rules.rule import CRASH, CREATING, EVICTED, INIT, LIVENESS, MOUNT, NODE, READINESS, SANDBOX, STARTUP, rule
from optral.kit.words import plural
from optral.kube.reports import nodes, sandboxes
from optral.kube.reports.runtime import is_init_killed
from optral.kube.reports.sandboxes import Kind

_RUNTIME = re.compile(r"container runtime|PLEG|containerd|cri-o|docker", re.IGNORECASE)
_NETWORK = re.compile(r"NetworkPluginNotReady|cni|network plugin|network is not ready", re.IGNORECASE)
_PLUGINS = ("calico", "cilium", "flannel", "weave", "canal", "antrea", "kube-router", "aws-node", "kindnet", "multus")


def not_ready(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    node = focus.obj
    path, ready = node.condition("Ready")
    if node.kind != "Node" or not ready or ready.get("status") == "True":
        return
    reported = case.book.fields(node, path, "status", "reason", "message", "lastTransitionTime")
    opening = cite(f"Node `{node.name}` is not ready.", reported)
    message = f"{ready.get('reason') or ''} {ready.get('message') or ''}"
    remedy = actions.cordon(node, "No new pods are scheduled there while it is being repaired.", reported)
    for type_ in nodes.PRESSURES:
        place, pressure = node.condition(type_)
        if pressure.get("status") == "True":
            short = case.book.fields(node, place, "type", "status", "message")
            reports = cite("It reports {condition}.", short, condition=type_)
            yield focus.hypothesis("node_pressure", node, Level.STRONG, opening, reports, actions=[remedy])
    if ready.get("status") == "Unknown":
        yield focus.hypothesis(
            "kubelet_unreachable",
            node,
            Level.PROVEN,
            opening,
            _silent_since(ready, reported),
            *_lease(case, node),
            actions=[remedy, actions.advice("Check the machine", "The kubelet, the network or the machine is down.", reported)],
        )
    elif _NETWORK.search(message):
        yield focus.hypothesis(
            "network_plugin_not_ready",
            node,
            Level.PROVEN,
            opening,
            quote("Its network plugin is not ready", ready.get("message"), reported),
            *_plugin(case, node),
            actions=[remedy, actions.advice("Fix the network plugin's pod on this node", "Pods get no network there.", reported)],
        )
    elif _RUNTIME.search(message):
        yield focus.hypothesis(
            "runtime_not_ready",
            node,
            Level.PROVEN,
            opening,
            quote("Its container runtime is not working", ready.get("message"), reported),
            actions=[remedy, actions.advice("Restart the container runtime on the node", "The kubelet cannot talk to it.", reported)],
        )
    else:
        why = quote("Message from the kubelet", ready.get("message") or ready.get("reason"), reported)
        yield focus.hypothesis("node_not_ready", node, Level.POSSIBLE, opening, why, actions=[remedy])


def _silent_since(ready: Mapping[str, Any], reported: str) -> Sentence:
    """That the kubelet no longer reports, and since when the control plane says so."""
    if not (at := ready.get("lastTransitionTime")):
        return cite("Its kubelet no longer reports to the cluster.", reported)
    return cite("Its kubelet has not reported to the cluster since {since}.", reported, since=at)


def _lease(case: Case, node: SnapshotObject) -> list[Sentence]:
    lease = case.snap.find("Lease.coordination.k8s.io", "kube-node-lease", node.name)
    if lease is None:
        return []
    renewed = case.book.fields(lease, "spec", "renewTime")
    return [quote("Its lease was last renewed at", lease.text("spec.renewTime"), renewed, fact="since")]


def _plugin(case: Case, node: SnapshotObject) -> list[Sentence]:
    """The pod of the network plugin on this node, if it is not ready."""
    for pod in case.snap.all("Pod", "kube-system"):
        if pod.text("spec.nodeName") == node.name and any(word in pod.name for word in _PLUGINS):
            path, ready = pod.condition("Ready")
            if ready.get("status") != "True":
                return [cite(f"Pod `{pod.name}` of the network plugin is not ready.", case.book.fields(pod, path, "status", "reason"))]
    return []


def failing_node(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The pod fails because of its node: the node is not ready, or its runtime cannot create sandboxes."""
    pod = focus.obj
    node = case.snap.find("Node", None, pod.text("spec.nodeName")) if pod.kind == "Pod" else None
    if node is None:
        return
    placed = case.book.fields(pod, "spec", "nodeName")
    on_node = cite(f"Pod `{pod.name}` runs on node `{node.name}`.", placed)
    yield from not_ready(case, focus.next(NODE, node, on_node))
    sandbox = next((event for event in case.events(pod, *nodes.SANDBOX_EVENTS) if not is_init_killed(event.text("message"))), None)
    if sandbox is None:
        return
    reported, message = case.event_id(sandbox, pod), sandbox.text("message")
    opening = cite(f"The sandbox of pod `{pod.name}` cannot be created on node `{node.name}`.", reported, placed)
    failure = sandboxes.failure(message)
    if failure.name is Kind.RUNTIME_GONE:
        words = quote("The node's container runtime does not respond", message, reported)
        yield focus.hypothesis(
            "runtime_not_ready",
            node,
            Level.PROVEN,
            opening,
            words,
            actions=[actions.cordon(node, "No new pods are scheduled there.", reported)],
        )
    else:
        yield focus.hypothesis(
            "sandbox_failed",
            case.workload(pod) if failure.name is Kind.NO_HANDLER else node,
            Level.LIKELY,
            opening,
            quote("Message from the kubelet", message, reported),
            actions=[actions.advice(*_SANDBOX_REMEDY.get(failure.name, _NETWORK_REMEDY), reported)],
        )


_NETWORK_REMEDY = ("Check the network plugin on that node", "It does not set up the pod's network.")
_SANDBOX_REMEDY = {
    Kind.NO_FREE_ADDRESS: ("Free pod addresses on that node, or enlarge its address range", "It has no free pod IP address."),
    Kind.NO_HANDLER: (
        "Install the handler of the RuntimeClass on that node, or select nodes that have it",
        "The container runtime of the node does not have the handler.",
    ),
    Kind.NAME_IN_USE: ("Delete the pod", "A sandbox with its name is left over on the node."),
    Kind.TIMEOUT: ("Check the container runtime on that node", "It does not create the sandbox in time."),
    Kind.UNKNOWN: ("Check the container runtime and the network plugin on that node", "The sandbox cannot be created."),
}


def evicted(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Evicted: for its own use of storage, or because the node ran short of a resource."""
    pod = focus.obj
    if pod.text("status.reason") != "Evicted":
        return
    reported = case.book.fields(pod, "status", "reason", "message")
    message = pod.text("status.message")
    opening = cite(f"Pod `{pod.name}` was evicted from its node.", reported)
    workload = case.workload(pod)
    if nodes.exceeds_own_limit(message):
        declared = case.book.object(pod, "spec.containers[0].resources")
        yield focus.hypothesis(
            "ephemeral_storage_exceeded",
            workload,
            Level.PROVEN,
            opening,
            quote("It used more local storage than its limit allows", message, reported, declared),
            actions=[
                actions.advice(
                    "Raise the ephemeral storage limit, or write less", "The kubelet evicts pods that exceed it.", reported, declared
                )
            ],
        )
        return
    node = case.snap.find("Node", None, pod.text("spec.nodeName"))
    short = nodes.short_of(message)
    if node is not None and short is not None:
        placed = case.book.fields(pod, "spec", "nodeName")
        yield focus.hypothesis(
            "node_pressure",
            node,
            Level.LIKELY,
            opening,
            cite("Node {node} ran short of {condition}.", reported, placed, node=node.name, condition=short),
            actions=[
                actions.cordon(node, "No new pods are scheduled there while it is short.", reported),
                actions.advice(
                    "Set requests that match the actual usage", "Then the scheduler does not place more on the node than fits.", reported
                ),
            ],
        )
    remedy = actions.advice("Set requests that match the actual usage, and check the node", "The node ran short of resources.", reported)
    why = quote("Message from the kubelet", message, reported) if message else cite("The reason is {reason}.", reported, reason="Evicted")
    yield focus.hypothesis("evicted", workload, Level.LIKELY, opening, why, actions=[remedy])


def by_condition(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A condition that reports a problem of the node, whatever its Ready condition is."""
    node = focus.obj
    if node.kind != "Node":
        return
    for index, condition in node.indexed("status.conditions"):
        kind = str(condition.get("type") or "")
        cause = _cause_of(kind, str(condition.get("status") or ""))
        if cause is None:
            continue
        reported = case.book.fields(node, f"status.conditions[{index}]", "type", "status", "reason", "message")
        remedy = actions.cordon(node, "No new pods are scheduled there while it is being repaired.", reported)
        yield focus.hypothesis(
            cause,
            node,
            Level.PROVEN if _FITS.get(focus.symptom, kind) == kind else Level.LIKELY,
            cite(_REPORTS[str(condition.get("status"))].format(node.name), reported, condition=kind),
            *quote_if_any("Message", condition.get("message"), reported),
            *_without_request(case, node, kind),
            actions=[
                remedy,
                actions.advice(_NODE_REMEDY[cause], "The node reports it in its conditions.", reported),
                None if cause == "node_network_unavailable" else actions.drain(node, "Its pods start on other nodes.", reported),
            ],
        )


_REPORTS = {"True": "Node `{}` reports {{condition}}.", "False": "Node `{}` reports that {{condition}} is false."}


def _cause_of(kind: str, status: str) -> str | None:
    """The cause that a condition of a node stands for; None if it reports no problem."""
    if status == "True" and kind in nodes.PRESSURES:
        return "node_pressure"
    if status == "True" and kind == nodes.NETWORK_UNAVAILABLE:
        return "node_network_unavailable"
    return "node_damaged" if nodes.is_problem(kind, status) else None


def _without_request(case: Case, node: SnapshotObject, kind: str) -> list[Sentence]:
    """Pods on the node without a memory request: the scheduler placed more there than fits."""
    if kind != nodes.MEMORY_PRESSURE:
        return []
    free = [
        pod.name
        for pod in case.snap.all("Pod")
        if pod.text("spec.nodeName") == node.name
        and pod.text("status.phase") == "Running"
        and not all(((spec.get("resources") or {}).get("requests") or {}).get("memory") for spec in pod.many("spec.containers"))
    ]
    if not free:
        return []
    pods = plural(len(free), "pod")
    shown = case.book.relation(node.ref, "pods", f"{len(free)} {pods} without a memory request: {', '.join(sorted(free)[:5])}")
    has = "has" if len(free) == 1 else "have"
    return [cite(f"`{len(free)}` {pods} on it {has} no memory request.", shown)]


def cordoned(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    node = focus.obj
    if node.kind != "Node" or not node.get("spec.unschedulable"):
        return
    mark = case.book.fields(node, "spec", "unschedulable")
    yield focus.hypothesis(
        "node_cordoned",
        node,
        Level.PROVEN,
        cite(f"Node `{node.name}` is cordoned: no new pods are scheduled there.", mark),
        actions=[actions.uncordon(node, "Uncordon it when its maintenance is done.", mark)],
    )


def runtime_fault(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The node reports that it is ready, and its pods report that its container runtime does not respond."""
    node = focus.obj
    if node.kind != "Node":
        return
    for pod in case.snap.all("Pod"):
        if pod.text("spec.nodeName") == node.name:
            for event in case.events(pod, *nodes.RUNTIME_EVENTS_OF_PODS):
                if nodes.is_runtime_error(event.text("message")):
                    reported, placed = case.event_id(event, pod), case.book.fields(pod, "spec", "nodeName")
                    yield focus.hypothesis(
                        "runtime_not_ready",
                        node,
                        Level.PROVEN,
                        cite(f"The sandbox of pod `{pod.name}` cannot be created on node `{node.name}`.", reported, placed),
                        quote("The node's container runtime does not respond", event.text("message"), reported),
                        actions=[actions.cordon(node, "No new pods are scheduled there.", reported)],
                    )
                    return
    for event in case.events(node, nodes.NO_SANDBOX, nodes.SYSTEM_OOM, *nodes.RUNTIME_EVENTS):
        if _RUNTIME.search(event.text("message")):
            reported = case.event_id(event, node)
            yield focus.hypothesis(
                "runtime_not_ready",
                node,
                Level.LIKELY,
                quote(f"Node `{node.name}` reports an error of its container runtime", event.text("message"), reported),
                actions=[actions.cordon(node, "No new pods are scheduled there.", reported)],
            )
            return
    facts = case.question.facts
    message = str(facts.get("message") or "")
    if nodes.is_runtime_error(message) or _RUNTIME.search(message):
        seen = case.book.fact(case.question.resource, facts, "reasons", "message", "pods")
        yield focus.hypothesis(
            "runtime_not_ready",
            node,
            Level.STRONG,
            cite(f"The container runtime of node `{node.name}` fails to start pods.", seen, case.book.fields(node, "metadata", "name")),
            quote("Message", message, seen),
            actions=[actions.cordon(node, "No new pods are scheduled there.", seen)],
        )


def flapping(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The node alternates between ready and not ready."""
    node = focus.obj
    path, ready = node.condition("Ready")
    changes = case.events(node, *nodes.READINESS_EVENTS)
    if node.kind != "Node" or not ready or (len(changes) < 2 and not case.question.facts):
        return
    shown = case.book.fields(node, path, "status", "reason", "lastTransitionTime")
    reported = [case.event_id(event, node) for event in changes[:2]]
    yield focus.hypothesis(
        "node_unsteady",
        node,
        Level.LIKELY,
        cite(f"Node `{node.name}` alternates between ready and not ready.", shown, *reported),
        *([cite("The last change was at {since}.", shown, since=at)] if (at := ready.get("lastTransitionTime")) else []),
        actions=[
            actions.cordon(node, "Pods that are scheduled there are evicted again.", shown),
            actions.drain(node, "Its pods start on other nodes.", shown),
        ],
        missing=["the node's logs: kubelet, memory and network"],
    )


_FITS = {f"Node{kind}": kind for kind in (*nodes.PRESSURES, nodes.NETWORK_UNAVAILABLE)}
"""Issue type → the condition that it is named after."""
_NODE_REMEDY = {
    "node_pressure": "Free the resource, or move pods to other nodes",
    "node_network_unavailable": "Check the node's network plugin or the cloud provider's routes",
    "node_damaged": "Check the machine: kernel, disk and runtime; replace it if it does not recover",
}
OF_NODES = {"kubelet_unreachable", "runtime_not_ready", "network_plugin_not_ready", "node_pressure", "node_not_ready"}


RULES = (
    rule(not_ready, {NODE, "NodeReadinessFlapping"}, OF_NODES, version=2),
    rule(
        failing_node,
        {MOUNT, READINESS, LIVENESS, CRASH, CREATING, EVICTED, SANDBOX, INIT, STARTUP},
        OF_NODES | {"sandbox_failed"},
        version=3,
    ),
    rule(evicted, {EVICTED}, {"evicted", "ephemeral_storage_exceeded", "node_pressure"}, version=2),
    rule(
        by_condition,
        {*_FITS, "NodeProblem"},
        {"node_pressure", "node_network_unavailable", "node_damaged"},
        version=2,
    ),
    rule(cordoned, {"NodeCordoned"}, {"node_cordoned"}),
    rule(runtime_fault, {"NodeRuntimeFault"}, {"runtime_not_ready"}, version=2),
    rule(flapping, {"NodeReadinessFlapping"}, {"node_unsteady"}),
)
