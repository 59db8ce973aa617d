"""Which pods of a cluster are on which node, and what they request of it.

The row of a pod says it in `place`: its node, and what it requests unless it has ended. Of rows that an earlier version wrote, it is read
from the manifest, which costs ten times as much, until the pod changes.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from optral.kit.paging import PageRequest
from optral.kube import requests
from optral.kube.kinds import NODE_USAGE
from optral.kube.objects import NodeUsage, Pod, Quantity
from optral.kube.objects.base import Part
from optral.kube.objects.pods import TERMINAL_PHASES
from optral.kube.objects.scheduling import SchedulingSpec
from optral.kube.statuses import State
from optral.resources import list_repository, lookup, lookup_repository
from optral.resources.model import ResourceFilter
from optral.store.transaction import Transaction

MAX_PODS = 15_000
MAX_NODES = 1_000
RESOURCES = ("cpu", "memory", "pods")
_OF_DEPLOYMENT = re.compile(r"^(.+)-[bcdfghjklmnpqrstvwxz2456789]{5,10}$")  # the letters of hashes that Kubernetes generates
_ROLE = "node-role.kubernetes.io/"
_STATES = tuple(State)

Amounts = Mapping[str, int]
"""By `RESOURCES`: CPU in thousandths of a core, memory in bytes, pods by number."""


class PlacedPod(NamedTuple):
    id: str
    namespace: str
    name: str
    state: State
    owner: str | None
    requested: Mapping[str, int]


class Consumption(NamedTuple):
    cpu_millis: int
    memory_bytes: int


@dataclass(slots=True, kw_only=True)
class MappedNode:
    """A node with its pods. `id` and `state` are None for a node that pods name and the inventory does not have.

    `requested` sums up the requests of its pods that have not ended; `used` is None without a report of the agent.
    """

    name: str
    id: str | None = None
    state: State | None = None
    status: str | None = None
    roles: Sequence[str] = ()
    is_cordoned: bool = False
    capacity: Amounts = field(default_factory=dict)
    allocatable: Amounts = field(default_factory=dict)
    requested: dict[str, int] = field(default_factory=lambda: dict.fromkeys(RESOURCES, 0))
    used: Consumption | None = None
    pods: list[PlacedPod] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterMap:
    """Nodes and pods, those that fail first; the numbers left out are those beyond `MAX_NODES` and `MAX_PODS`."""

    nodes: Sequence[MappedNode]
    unscheduled: Sequence[PlacedPod]
    nodes_left_out: int
    pods_left_out: int


class _Place(NamedTuple):
    node: str
    requested: Amounts


class _PodStatus(Part, frozen=True):
    phase: str = ""


class _Pod(Part, frozen=True):
    spec: SchedulingSpec = SchedulingSpec()
    status: _PodStatus = _PodStatus()


def place_of(pod: "_Pod | Pod") -> str:
    """The place of a pod as its row has it: `node-1 cpu=100 pods=1`; only the node if it has ended, which is empty before it has one."""
    node = pod.spec.node_name
    if pod.status.phase in TERMINAL_PHASES:
        return node
    wanted = requests.of(pod.spec)
    return " ".join([node, *(f"{name}={wanted[name]}" for name in RESOURCES if wanted.get(name))])


def is_at(pod: Pod, place: str | None) -> bool:
    """Whether the pod is still on the node of this place, and as much at its end."""
    if place is None:
        return False
    node, space, _ = place.partition(" ")
    return node == pod.spec.node_name and bool(space) is (pod.status.phase not in TERMINAL_PHASES)


class _NodeSpec(Part, frozen=True):
    unschedulable: bool = False


class _NodeStatus(Part, frozen=True):
    capacity: dict[str, Quantity] = msgspec.field(default_factory=dict)
    allocatable: dict[str, Quantity] = msgspec.field(default_factory=dict)


class _NodeMetadata(Part, frozen=True):
    labels: dict[str, str] = msgspec.field(default_factory=dict)


class _Node(Part, frozen=True):
    metadata: _NodeMetadata = _NodeMetadata()
    spec: _NodeSpec = _NodeSpec()
    status: _NodeStatus = _NodeStatus()


_pod = msgspec.json.Decoder(_Pod)
_node = msgspec.json.Decoder(_Node)
_usage = msgspec.json.Decoder(NodeUsage)


def of(tx: Transaction, cluster_id: str) -> ClusterMap:
    """The map of a cluster that the actor may see."""
    node_rows = lookup_repository.by_state(tx, cluster_id, "Node", MAX_NODES + 1)
    pod_rows = lookup_repository.by_state(tx, cluster_id, "Pod", MAX_PODS + 1)
    nodes = _nodes(tx, cluster_id, node_rows[:MAX_NODES])
    beyond = _beyond(tx, cluster_id) if len(node_rows) > MAX_NODES or len(pod_rows) > MAX_PODS else {}
    unscheduled: list[PlacedPod] = []
    for row, place in _places(tx, pod_rows[:MAX_PODS]):
        pod = PlacedPod(row.id, row.namespace, row.name, _STATES[row.state], _owner(row.owner_kind, row.owner_name), place.requested)
        if not place.node:
            unscheduled.append(pod)
            continue
        node = nodes.get(place.node) or nodes.setdefault(place.node, MappedNode(name=place.node))
        node.pods.append(pod)
        for name, value in place.requested.items():
            node.requested[name] += value
    return ClusterMap(
        nodes=list(nodes.values()),
        unscheduled=unscheduled,
        nodes_left_out=max(0, beyond.get("Node", 0) - MAX_NODES),
        pods_left_out=max(0, beyond.get("Pod", 0) - MAX_PODS),
    )


@lru_cache(maxsize=4096)
def _owner(kind: str | None, name: str | None) -> str | None:
    """`Deployment/web` for pods of its ReplicaSets, whose names end in a hash of the template; one with another name stands for itself."""
    if not kind or not name:
        return None
    if kind == "ReplicaSet.apps" and (found := _OF_DEPLOYMENT.match(name)):
        return f"Deployment/{found[1]}"
    return f"{kind.partition('.')[0]}/{name}"


def pods_on(tx: Transaction, node: str, clusters: Collection[str]) -> frozenset[str]:
    """Ids of the pods that are on a node of this name, in any of these clusters."""
    found: set[str] = set()
    for cluster_id in clusters:
        rows = lookup_repository.by_state(tx, cluster_id, "Pod", MAX_PODS)
        found.update(row.id for row, place in _places(tx, rows) if place.node == node)
    return frozenset(found)


def clusters_with(tx: Transaction, node: str, within: frozenset[str], *, most: int) -> list[str]:
    """The clusters (of `within`, unless that is empty) that have a node of this name, at most so many."""
    named = ResourceFilter(clusters=within, kinds=frozenset({"Node"}), name=node)
    rows = list_repository.find(tx, named, PageRequest(size=most, sort="name", descending=False))
    return [row.cluster_id for row in rows if tx.actor.may_see_cluster(row.cluster_id)]


def _beyond(tx: Transaction, cluster_id: str) -> dict[str, int]:
    return {row.kind: row.number for row in list_repository.of_kinds(tx, [cluster_id], ("Node", "Pod"))}


def _nodes(tx: Transaction, cluster_id: str, rows: Sequence[Any]) -> dict[str, MappedNode]:
    used = _reports(tx, cluster_id)
    manifests = dict(lookup.manifests(tx, [row.id for row in rows]))
    return {row.name: _mapped(row, manifests.get(row.id, b"{}"), used) for row in rows}


def _mapped(row: Any, raw: bytes, used: Mapping[str, tuple[str, Consumption]]) -> MappedNode:
    try:
        read = _node.decode(raw)
    except msgspec.DecodeError:
        read = _Node()
    uid, report = used.get(row.name, ("", None))
    return MappedNode(
        name=row.name,
        id=row.id,
        state=State(row.state),
        status=row.status,
        roles=sorted(label.removeprefix(_ROLE) for label in read.metadata.labels if label.startswith(_ROLE)),
        is_cordoned=read.spec.unschedulable,
        capacity=_amounts(read.status.capacity),
        allocatable=_amounts(read.status.allocatable),
        used=report if uid == row.uid else None,
    )


def _amounts(given: Mapping[str, Quantity]) -> Amounts:
    return {name: requests.amount(given, name) for name in RESOURCES if name in given}


def _reports(tx: Transaction, cluster_id: str) -> dict[str, tuple[str, Consumption]]:
    """(uid, use) by the name of the node. A report counts for the node with this uid only."""
    found = {}
    for one in lookup.every(tx, cluster_id, NODE_USAGE.id, [""], limit=MAX_NODES):
        report = _usage.decode(one.read())
        if report.status.observed_at is not None and report.metadata.owner_references:
            used = Consumption(report.status.cpu.now_millis, report.status.memory.now_bytes)
            found[one.name] = (report.metadata.owner_references[0].uid, used)
    return found


def _places(tx: Transaction, rows: Sequence[Any]) -> Iterator[tuple[Any, _Place]]:
    """Each row with its place, in the same order."""
    manifests = dict(lookup.manifests(tx, [row.id for row in rows if row.place is None]))
    for row in rows:
        yield row, _read(_place_in(manifests[row.id]) if row.place is None else row.place)


@lru_cache(maxsize=4096)
def _read(place: str) -> _Place:
    node, *amounts = place.split(" ")
    pairs = (amount.partition("=") for amount in amounts)
    return _Place(node, {name: int(value) for name, _, value in pairs})


def _place_in(raw: bytes) -> str:
    """Without a node for a pod whose fields have other types than the API's: one odd object does not hide the others."""
    try:
        return place_of(_pod.decode(raw))
    except msgspec.DecodeError:
        return ""
