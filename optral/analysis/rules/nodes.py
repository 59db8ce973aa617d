"""A node that is not ready, and pods that only suffer from their node."""

import re
from collections.abc import Iterator

from optral.analysis import actions
from optral.analysis.case import Case, Focus, said
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.rules.rule import CRASH, EVICTED, LIVENESS, MOUNT, NODE, READINESS, rule
from optral.analysis.snapshot import Thing

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
    opening = said(f"Node `{node.name}` is not ready.", told)
    message = f"{ready.get('reason') or ''} {ready.get('message') or ''}"
    remedy = actions.cordon(node, "No new pods go there while it is mended.", told)
    for type_ in _PRESSURES:
        place, pressure = node.condition(type_)
        if pressure.get("status") == "True":
            short = case.book.fields(node, place, "type", "status", "message")
            yield case.blame("node_pressure", node, 0.85, opening, said(f"It reports `{type_}`.", short), focus=focus, actions=[remedy])
    if ready.get("status") == "Unknown":
        yield case.blame(
            "kubelet_unreachable",
            node,
            0.93,
            opening,
            said("Its kubelet no longer reports to the cluster.", told),
            *_lease(case, node),
            focus=focus,
            actions=[remedy, actions.advice("Look at the machine", "Kubelet, network or machine are gone.", told)],
        )
    elif _NETWORK.search(message):
        yield case.blame(
            "network_plugin_not_ready",
            node,
            0.94,
            opening,
            said("Its network plugin is not ready.", told),
            *_plugin(case, node),
            focus=focus,
            actions=[remedy, actions.advice("Mend the network plugin's pod on this node", "Pods get no network there.", told)],
        )
    elif _RUNTIME.search(message):
        yield case.blame(
            "runtime_not_ready",
            node,
            0.93,
            opening,
            said("Its container runtime does not work.", told),
            focus=focus,
            actions=[remedy, actions.advice("Restart the container runtime on the node", "The kubelet cannot talk to it.", told)],
        )
    else:
        yield case.blame("node_not_ready", node, 0.6, opening, focus=focus, actions=[remedy])


def _lease(case: Case, node: Thing) -> list[Sentence]:
    lease = case.snap.find("Lease.coordination.k8s.io", "kube-node-lease", node.name)
    if lease is None:
        return []
    return [said("Its lease was renewed last then.", case.book.fields(lease, "spec", "renewTime"))]


def _plugin(case: Case, node: Thing) -> list[Sentence]:
    """The plugin's own pod on this node, when it is not ready."""
    for pod in case.snap.all("Pod", "kube-system"):
        if pod.text("spec.nodeName") == node.name and any(word in pod.name for word in _PLUGINS):
            path, ready = pod.condition("Ready")
            if ready.get("status") != "True":
                return [said(f"Pod `{pod.name}` of the plugin is not ready.", case.book.fields(pod, path, "status", "reason"))]
    return []


def host_of_trouble(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The pod suffers from its node: the node is not ready, or its runtime cannot make sandboxes."""
    pod = focus.thing
    node = case.snap.find("Node", None, pod.text("spec.nodeName")) if pod.kind == "Pod" else None
    if node is None:
        return
    placed = case.book.fields(pod, "spec", "nodeName")
    via = (*focus.via, said(f"Pod `{pod.name}` runs on node `{node.name}`.", placed))
    yield from not_ready(case, Focus(NODE, node, None, focus.weight * 0.98, via))
    sandbox = next(
        (e for e in case.events(pod, "FailedCreatePodSandBox", "NetworkNotReady") if "OOM-killed" not in e.text("message")), None
    )
    if sandbox is None:
        return
    told, message = case.event_id(sandbox, pod), sandbox.text("message")
    opening = said(f"Pod `{pod.name}` gets no sandbox on node `{node.name}`.", told, placed)
    if _SANDBOX_RUNTIME.search(message):
        words = said("The node's container runtime does not answer.", told)
        yield case.blame(
            "runtime_not_ready", node, 0.93, opening, words, focus=focus, actions=[actions.cordon(node, "No new pods go there.", told)]
        )
    else:
        yield case.blame(
            "sandbox_failed",
            node,
            0.8,
            opening,
            focus=focus,
            actions=[actions.advice("Look at the network plugin on that node", "It makes no network for the pod.", told)],
        )


def evicted(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    pod = focus.thing
    if pod.text("status.reason") != "Evicted":
        return
    told = case.book.fields(pod, "status", "reason", "message")
    workload = case.workload(pod)
    yield case.blame(
        "evicted",
        workload,
        0.7,
        said(f"Pod `{pod.name}` was evicted from its node.", told),
        focus=focus,
        actions=[actions.advice("Set requests that tell the truth, and look at the node", "The node ran short.", told)],
    )


RULES = (
    rule(not_ready, {NODE}, {"kubelet_unreachable", "runtime_not_ready", "network_plugin_not_ready", "node_pressure", "node_not_ready"}),
    rule(
        host_of_trouble,
        {MOUNT, READINESS, LIVENESS, CRASH, "ContainerCreating", EVICTED},
        {"kubelet_unreachable", "runtime_not_ready", "network_plugin_not_ready", "node_pressure", "node_not_ready", "sandbox_failed"},
    ),
    rule(evicted, {EVICTED}, {"evicted"}),
)
