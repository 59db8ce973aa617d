"""Finds the cluster and the objects that an alert is about, in the stored inventory. Nothing is guessed.

A label counts only if an object of that name exists. Labels of the exporter that was scraped are distinguished from those of the subject: a
`pod` whose node is another one than the label `node` names is the exporter, and so is a pod with the address of its node that was scraped
at that address. What cannot be resolved says why, with a code.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from optral.alerts.model import MAX_TARGETS, ClusterRule, Finding
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.reading.stored_snapshot import StoredSnapshot
from optral.analysis.topology.topology_objects import INGRESS, ROUTES, backends
from optral.clusters import service as clusters
from optral.flows.alerts.labels import NAMED, WORKLOAD_TYPES, Address, Names
from optral.flows.analysis.evidence_source import StoredSource, object_of
from optral.kube import kinds, owners
from optral.resources import lookup
from optral.store.transaction import Transaction
from optral.terms.refs import ObjectRef

MAX_LISTED = 5000  # nodes, routes, or pods of a namespace that are looked through
_RANDOM = re.compile(r"^(.+)-[bcdfghjklmnpqrstvwxz2456789]{5}$")  # the letters that Kubernetes draws the ends of names from
_ORDINAL = re.compile(r"^(.+)-\d{1,6}$")
_CREATORS = ("ReplicaSet.apps", "DaemonSet.apps", "Job.batch")
NODE, POD, SERVICE, SCALER = "Node", "Pod", "Service", "HorizontalPodAutoscaler.autoscaling"
_CLUSTER_SCOPED = frozenset(kind.id for kind in kinds.KINDS if not kind.namespaced)


def _shares_address(pod: SnapshotObject) -> bool:
    """Whether a pod has the address of its node."""
    return bool(pod.get("status.podIP")) and pod.get("status.podIP") == pod.get("status.hostIP")


class _Unresolved(NamedTuple):
    code: str
    reason: str


class Resolver:
    """Resolves the alerts of one transaction; what it reads of a cluster or namespace it reads once."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._clusters: dict[str, str | None] = {}
        self._inventories: dict[str, _Cluster] = {}

    def find(self, labels: Mapping[str, str], rule: ClusterRule) -> Finding:
        """What an alert with these labels is about."""
        cluster_id = self._cluster(labels, rule)
        if isinstance(cluster_id, _Unresolved):
            return Finding(code=cluster_id.code, reason=cluster_id.reason)
        names = Names(labels)
        inventory = self._inventories.setdefault(cluster_id, _Cluster(self._tx, cluster_id))
        found = _Search(inventory, names).objects()
        namespace, container = names.namespace, names.get("container")
        if isinstance(found, _Unresolved):
            is_known = namespace is not None and inventory.has_namespace(namespace)
            return Finding(
                cluster_id=cluster_id,
                namespace=namespace if is_known else None,
                container=container,
                code=found.code,
                reason=found.reason,
            )
        targets = list(dict.fromkeys(ref for obj in found for ref in inventory.around(obj)))[:MAX_TARGETS]
        return Finding(cluster_id=cluster_id, namespace=targets[0].namespace, targets=targets, container=container)

    def _cluster(self, labels: Mapping[str, str], rule: ClusterRule) -> str | _Unresolved:
        if rule.label is None:
            given, what = str(rule.cluster_id), "the cluster of the receiver"
        else:
            value = labels.get(rule.label, "")
            if not value:
                return _Unresolved("no_cluster_label", f"the alert has no label {rule.label}, which names the cluster")
            given, what = rule.clusters.get(value, value), f"the cluster {value[:64]!r} of the label {rule.label}"
        if given not in self._clusters:
            self._clusters[given] = clusters.resolve(self._tx, given)
        found = self._clusters[given]
        return found if found is not None else _Unresolved("unknown_cluster", f"{what} is not connected to Optral")


class _Cluster:
    """The stored objects of one cluster."""

    def __init__(self, tx: Transaction, cluster_id: str) -> None:
        self._tx, self._id = tx, cluster_id
        self._snapshots: dict[str, StoredSnapshot] = {}

    def snapshot(self, namespace: str) -> StoredSnapshot:
        """The objects of a namespace (empty: those without one)."""
        if namespace not in self._snapshots:
            source = StoredSource(
                self._tx,
                self._id,
                namespaces=[namespace] if namespace else [],
                kinds=frozenset(kinds.BY_ID),
                events_since=self._tx.now,
                list_at_most=MAX_LISTED,
            )
            self._snapshots[namespace] = StoredSnapshot(source, now=self._tx.now)
        return self._snapshots[namespace]

    def has_namespace(self, name: str) -> bool:
        return self.named("Namespace", None, name) is not None

    def named(self, kind: str, namespace: str | None, name: str) -> SnapshotObject | None:
        place = None if kind in _CLUSTER_SCOPED else namespace
        if place is None and kind not in _CLUSTER_SCOPED:
            return None
        return self.snapshot(place or "").find(kind, place, name)

    @cached_property
    def nodes(self) -> dict[str, SnapshotObject]:
        """Nodes by each of their addresses."""
        found = (object_of(one) for one in lookup.everywhere(self._tx, self._id, NODE, limit=MAX_LISTED))
        return {str(address.get("address")): node for node in found for address in node.many("status.addresses")}

    def pod_at(self, namespace: str, address: str) -> SnapshotObject | None:
        """The pod of a namespace with this address; none on the network of its node, which others share."""
        pods = self.snapshot(namespace).all(POD, namespace)
        return next((pod for pod in pods if pod.get("status.podIP") == address and not _shares_address(pod)), None)

    def routes_to(self, host: str) -> list[SnapshotObject]:
        """The Ingresses and HTTPRoutes of this host."""
        return [route for hosts, route in self._routes if host.lower() in hosts]

    @cached_property
    def _routes(self) -> list[tuple[frozenset[str], SnapshotObject]]:
        found: list[tuple[frozenset[str], SnapshotObject]] = []
        for kind in (INGRESS, *(one for one in ROUTES if one.startswith("HTTPRoute"))):
            for route in (object_of(one) for one in lookup.everywhere(self._tx, self._id, kind, limit=MAX_LISTED)):
                hosts = {str(rule.get("host") or "").lower() for rule in route.many("spec.rules")} - {""}
                named = route.get("spec.hostnames")
                hosts |= {str(one).lower() for one in named} if isinstance(named, list) else set()
                found.append((frozenset(hosts), route))
        return found

    def around(self, obj: SnapshotObject) -> Iterator[ObjectRef]:
        """The object, the workload above it, and the workloads that a Service, a route or a scaler leads to."""
        yield obj.ref
        if obj.kind == SERVICE:
            yield from self._behind(obj)
        elif obj.kind == INGRESS or obj.kind in ROUTES:
            for backend in backends(obj):
                if (service := self.named(SERVICE, backend.namespace, backend.name)) is not None:
                    yield service.ref
                    yield from self._behind(service)
        elif obj.kind == SCALER:
            target = obj.map("spec.scaleTargetRef")
            kind = kinds.id_of_name(str(target.get("kind") or ""))
            if (scaled := self.named(kind, obj.namespace, str(target.get("name") or ""))) is not None:
                yield scaled.ref
        else:
            yield self.workload(obj)

    def _behind(self, service: SnapshotObject) -> Iterator[ObjectRef]:
        """The workloads whose pods a Service selects."""
        selector = service.strings("spec.selector")
        pods = self.snapshot(service.namespace or "").selected(selector, service.namespace)
        yield from dict.fromkeys(self.workload(pod) for pod in pods)

    def workload(self, obj: SnapshotObject) -> ObjectRef:
        """The workload that people know, also where an owner between has not arrived."""
        above = self.snapshot(obj.namespace or "").workload_of(obj)
        if above is obj and (owner := obj.owner()) is not None and obj.kind == POD:
            return owners.guess_above(owner, obj.labels)
        return above.ref


class _Search:
    """The objects of one cluster that the labels of an alert name."""

    def __init__(self, inventory: _Cluster, names: Names) -> None:
        self._in, self._names = inventory, names

    def objects(self) -> list[SnapshotObject] | _Unresolved:
        """The first of these that finds something: workloads and other named objects, pods, nodes, Services, addresses, Jobs."""
        for search in (self._named, self._pods, self._node, self._service, self._address, self._job):
            if found := search():
                return found
        return self._why_not()

    def _named(self) -> list[SnapshotObject]:
        pairs = [(kind, name) for label, kind in NAMED if (name := self._names.get(label))]
        kind = WORKLOAD_TYPES.get((self._names.exact("workload_type") or "").lower())
        if kind is not None and (name := self._names.exact("workload")):
            pairs.insert(0, (kind, name))
        return [obj for kind, name in pairs if (obj := self._in.named(kind, self._names.namespace, name)) is not None]

    def _pods(self) -> list[SnapshotObject]:
        name, namespace = self._names.get("pod"), self._names.namespace
        if name is None or namespace is None:
            return []
        pod = self._in.named(POD, namespace, name)
        if pod is None:
            return self._creator(namespace, name)
        node = self._node()
        if node and node[0].name != pod.text("spec.nodeName"):
            return node  # the pod is the exporter that reported about another node
        host = self._names.address
        if host is not None and _shares_address(pod) and pod.get("status.podIP") == host.host and host.host in self._in.nodes:
            return [self._in.nodes[host.host], pod]  # an exporter of its node, or an alert about itself
        return [pod]

    def _creator(self, namespace: str, name: str) -> list[SnapshotObject]:
        """What created a pod that is gone, if exactly one object has the name that its name begins with."""
        kinds_of = ((_RANDOM, _CREATORS), (_ORDINAL, ("StatefulSet.apps",)))
        found = [
            obj
            for pattern, creators in kinds_of
            if (match := pattern.match(name)) is not None
            for kind in creators
            if (obj := self._in.named(kind, namespace, match.group(1))) is not None
        ]
        return found if len(found) == 1 else []

    def _node(self) -> list[SnapshotObject]:
        name = self._names.get("node")
        node = None if name is None else self._in.named(NODE, None, name)
        return [] if node is None else [node]

    def _service(self) -> list[SnapshotObject]:
        name = self._names.get("service")
        service = None if name is None else self._in.named(SERVICE, self._names.namespace, name)
        return [] if service is None else [service]

    def _address(self) -> list[SnapshotObject]:
        address = self._names.address
        if address is None:
            return []
        if not address.is_ip:
            node = self._in.named(NODE, None, address.host)
            return [node] if node is not None else self._at_host(address)
        if (node := self._in.nodes.get(address.host)) is not None:
            return [node]
        namespace = self._names.namespace
        pod = None if namespace is None else self._in.pod_at(namespace, address.host)
        return [] if pod is None else [pod]

    def _at_host(self, address: Address) -> list[SnapshotObject]:
        """What a host name leads to: a Service of the cluster, or the routes of the host."""
        name, _, rest = address.host.partition(".")
        namespace, _, suffix = rest.partition(".")
        if namespace and (suffix == "svc" or suffix.startswith("svc.")):
            service = self._in.named(SERVICE, namespace, name)
            return [] if service is None else [service]
        return self._in.routes_to(address.host)

    def _job(self) -> list[SnapshotObject]:
        name = self._names.get("job")
        job = None if name is None else self._in.named("Job.batch", self._names.namespace, name)
        return [] if job is None else [job]

    def _why_not(self) -> _Unresolved:
        namespace = self._names.namespace
        named = next(((label, name) for label in ("pod", "node", "service") if (name := self._names.get(label))), None)
        named = next(((label, name) for label, _ in NAMED if (name := self._names.get(label))), named)
        if named is None:
            return _Unresolved("no_object_label", "the alert has no label that names a workload, pod, node, Service or address")
        label, name = named
        if namespace is None and label not in ("node", "persistentvolume"):
            return _Unresolved("no_namespace_label", f"the label {label} names {name[:64]!r}, and no label names its namespace")
        if namespace is not None and not self._in.has_namespace(namespace):
            return _Unresolved("unknown_namespace", f"the cluster has no namespace {namespace[:64]!r}")
        where = f" in namespace {namespace[:64]}" if namespace else ""
        return _Unresolved("unknown_object", f"the cluster has no {label} {name[:64]!r}{where}")
