"""Nodes that are not ready, and what they fail to give a pod."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case
from tests.analysis.cluster import World, at, deployment, event, node, pod, service, state, waiting


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


@case("node_not_ready", "node-1")
def is_not_ready_for_its_own_reasons() -> tuple[World, Explanation]:
    return lost("False", "KubeletNotReady", "node is shutting down")


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
