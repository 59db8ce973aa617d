"""Nodes that are not ready, and what they fail to give a pod."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case, row
from tests.analysis.cluster import World, at, deployment, ended, event, node, pod, service, state, waiting


def lost(status: str, reason: str, message: str, *more: Any) -> tuple[World, Explanation]:
    ready = {"type": "Ready", "status": status, "reason": reason, "message": message, "lastTransitionTime": at(3)}
    world = World([node("node-1", conditions=[*more, ready])])
    return world, world.ask("NodeNotReady", world.objects[0])


@case("kubelet_unreachable", "node-1")
def says_nothing_any_more() -> tuple[World, Explanation]:
    return lost("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")


@case("runtime_not_ready", "node-1")
def has_no_runtime() -> tuple[World, Explanation]:
    return lost("False", "KubeletNotReady", "PLEG is not healthy: pleg was last seen active 3m ago")


@case("network_plugin_not_ready", "node-1")
def has_no_network() -> tuple[World, Explanation]:
    return lost("False", "KubeletNotReady", "container runtime network not ready: NetworkPluginNotReady cni plugin not initialized")


row("node_not_ready", "node-1", "is_not_ready_for_its_own_reasons", lambda: lost("False", "KubeletNotReady", "node is shutting down"))


@case("node_pressure", "node-1", "has no disk left")
def has_no_disk_left() -> tuple[World, Explanation]:
    return lost("False", "KubeletNotReady", "busy", {"type": "DiskPressure", "status": "True", "message": "kubelet has disk pressure"})


@case("sandbox_failed", "node-1")
def gets_no_sandbox() -> tuple[World, Explanation]:
    words = "Failed to create pod sandbox: plugin type=calico failed: no IP addresses available"
    web = deployment()
    failing = pod(web, status={"phase": "Pending", "containerStatuses": [state(now=waiting("ContainerCreating"))]})
    world = World([web, failing, node(), event(failing, "FailedCreatePodSandBox", words), service()])
    return world, world.ask("ServiceNoEndpoints", world.objects[-1])


@case("runtime_not_ready", "node-1", "refuses pods of a namespace that is not looked at")
def refuses_pods_of_a_namespace_that_is_not_looked_at() -> tuple[World, Explanation]:
    world = World([node()])
    words = "rpc error: dial unix /run/containerd/containerd.sock: connect: no such file or directory"
    return world, world.ask("NodeRuntimeFault", world.objects[0], reasons=["FailedCreatePodSandBox"], message=words, pods=["shop/api-1"])


SYSTEM = "kube-system"


@case("scaled_to_zero", "names", "resolves no names")
def resolves_no_names() -> tuple[World, Explanation]:
    servers = deployment("names", replicas=0)
    entrance = service("names")
    for one in (servers, entrance):
        one["metadata"]["namespace"] = SYSTEM
    world = World([servers, entrance])
    return world, world.ask("ClusterDNSUnavailable", entrance)


@case("scheduler_unavailable", "node-1", "keeps crashing as the scheduler")
def keeps_crashing_as_the_scheduler() -> tuple[World, Explanation]:
    marks = {"labels": {"component": "kube-scheduler"}, "annotations": {"kubernetes.io/config.source": "file"}, "namespace": SYSTEM}
    crashed = state(restarts=5, now=waiting("CrashLoopBackOff"), last=ended(1))
    part = pod(None, "kube-scheduler-node-1", metadata=marks, status={"containerStatuses": [crashed]})
    part["metadata"]["namespace"] = SYSTEM
    world = World([node(), part])
    return world, world.ask("CrashLoopBackOff", part, container="api")
