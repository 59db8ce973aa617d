"""Columns of nodes and of what belongs to a whole cluster."""

from collections.abc import Mapping

from optral.kube import quantities
from optral.kube.columns.fields import CPU_USED, MEMORY_USED, Cell, Column, Read, Tree, listed, number, part, parts, text

_ROLE = "node-role.kubernetes.io/"


def _node(tree: Tree) -> Mapping[str, Cell]:
    status = part(tree, "status")
    offered, info = part(status, "allocatable"), part(status, "nodeInfo")
    addresses = {text(one, "type"): text(one, "address") for one in parts(status, "addresses")}
    cpu, memory = quantities.milli_or_none(offered, "cpu"), quantities.bytes_or_none(offered, "memory")
    return {
        "roles": _roles(part(tree, "metadata", "labels")),
        "version": text(info, "kubeletVersion"),
        "cpu": "" if cpu is None else quantities.human_cores(cpu),
        "memory": "" if memory is None else quantities.human_bytes(memory),
        "pods": quantities.bytes_or_none(offered, "pods"),
        "taints": len(parts(part(tree, "spec"), "taints")),
        "ip": addresses.get("InternalIP", ""),
        "os": text(info, "osImage"),
        "kernel": text(info, "kernelVersion"),
        "runtime": text(info, "containerRuntimeVersion"),
    }


def _roles(labels: Tree) -> str:
    named = [label.removeprefix(_ROLE) for label in labels if label.startswith(_ROLE)]
    return listed(sorted([*named, text(labels, "kubernetes.io/role")]))


def _priority_class(tree: Tree) -> Mapping[str, Cell]:
    return {"value": number(tree, "value"), "default": "yes" if tree.get("globalDefault") is True else "no"}


KINDS: dict[str, tuple[tuple[Column, ...], Read]] = {
    "Node": (
        (
            Column("roles", "Roles", "From the labels of the node"),
            Column("version", "Version", "Of the kubelet"),
            Column("cpu", "CPU", "Allocatable to pods"),
            Column("memory", "Memory", "Allocatable to pods"),
            Column("pods", "Max pods", "Allocatable pods", "count"),
            Column("taints", "Taints", "Number of taints", "count"),
            CPU_USED,
            MEMORY_USED,
            Column("ip", "IP", "The internal address", wide=True),
            Column("os", "OS image", "The operating system", wide=True),
            Column("kernel", "Kernel", "Version of the kernel", wide=True),
            Column("runtime", "Container runtime", "With its version", wide=True),
        ),
        _node,
    ),
    "PriorityClass.scheduling.k8s.io": (
        (
            Column("value", "Value", "A higher one comes first", "count"),
            Column("default", "Default", "Whether pods without a class have it"),
        ),
        _priority_class,
    ),
}
