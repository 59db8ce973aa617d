"""What belongs to the cluster as a whole: nodes and namespaces."""

from typing import ClassVar

import msgspec

from optral.kube.objects.base import Condition, KubeObject, Part, Quantity, Time


class Taint(Part, frozen=True):
    key: str = ""
    value: str = ""
    effect: str = ""
    time_added: Time | None = None


class NodeSpec(Part, frozen=True):
    unschedulable: bool = False
    taints: tuple[Taint, ...] = ()
    pod_cidrs: tuple[str, ...] = msgspec.field(default=(), name="podCIDRs")


class NodeInfo(Part, frozen=True):
    kubelet_version: str = ""
    boot_id: str = msgspec.field(default="", name="bootID")


class NodeStatus(Part, frozen=True):
    conditions: tuple[Condition, ...] = ()
    node_info: NodeInfo = NodeInfo()
    allocatable: dict[str, Quantity] = {}


class Node(KubeObject, frozen=True):
    kind: ClassVar[str] = "Node"
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()


class NamespaceStatus(Part, frozen=True):
    phase: str = ""
    conditions: tuple[Condition, ...] = ()


class Namespace(KubeObject, frozen=True):
    kind: ClassVar[str] = "Namespace"
    status: NamespaceStatus = NamespaceStatus()
