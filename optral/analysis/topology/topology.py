"""Objects related to an issue as a graph in layers: callers, Services, workloads, pods, and what these run on and use.

It is built from what objects say: owner references, selectors, addresses, volumes and references. An edge that does not work says why,
and so does every edge between the cause that an analysis names and the object of the issue. A group shows a few of its members, those that
fail first, and counts the others. Nothing here lists a cluster: the cost does not depend on its size.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple

from optral.analysis.reading import calls
from optral.analysis.reading.case import WORKLOADS, Case, template_path
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.topology.topology_objects import (
    CLAIM,
    CLUSTER_SCOPED,
    CONFIG_MAP,
    GATEWAY,
    INGRESS,
    NODE,
    ROUTES,
    SECRET,
    SERVICE,
    Backend,
    Layer,
    State,
    backends,
    is_near,
    is_route,
    layer_of,
    parents,
    port_problem,
    references,
    state_of,
    template_labels,
    uses,
)
from optral.kube import selectors
from optral.terms.refs import ObjectRef

MAX_SHOWN = 6  # of one group: pods of a workload, callers of a Service, what a template refers to
MAX_READ = 100  # workloads, Services or routes of a namespace that are looked at
MAX_RELATED = 8
SCALER = "HorizontalPodAutoscaler.autoscaling"
BUDGET = "PodDisruptionBudget.policy"
EVERYWHERE = "kube-root-ca.crt"  # the ConfigMap that Kubernetes publishes in every namespace


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """`status` is a word or two about the state: `CrashLoopBackOff`, `1/3 ready`."""

    ref: ObjectRef
    layer: Layer
    state: State
    status: str = ""
    is_subject: bool = False
    is_cause: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`problem` says why it does not work; empty where nothing speaks against it."""

    source: ObjectRef
    target: ObjectRef
    relation: str
    problem: str = ""


class LeftOut(NamedTuple):
    """This many more objects of a kind that have this relation to a node."""

    beside: ObjectRef
    kind: str
    relation: str
    more: int


@dataclass(frozen=True, slots=True)
class Topology:
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    left_out: Sequence[LeftOut]


class Related(NamedTuple):
    """An object with an issue of its own, and how it is related to the object of this one (`runs on`)."""

    ref: ObjectRef
    relation: str


class Cause(NamedTuple):
    """What an analysis names as the cause, the title of it, and the names of the objects that its explanation names."""

    ref: ObjectRef
    title: str
    names: frozenset[str] = frozenset()


NAMING = frozenset({"object", "service", "claim", "node"})
"""The facts of a cause that are names of objects (`causes/facts.py`)."""


Pods = Callable[[Sequence[str], int], tuple[list[SnapshotObject], int]]
"""(some of the pods whose controllers have these uids, failing ones first; how many there are), at most so many."""
_Key = tuple[str, str | None, str]


def _key(ref: ObjectRef) -> _Key:
    return ref.kind, None if ref.kind in CLUSTER_SCOPED else ref.namespace, ref.name


def build(case: Case, pods: Pods, *, cause: Cause | None = None, related: Sequence[Related] = ()) -> Topology:
    """The graph around the issue that the question is about."""
    builder = _Builder(case, pods)
    builder.center()
    if cause is not None:
        builder.add_cause(cause)
    builder.add_related(related)
    return builder.finish()


def without(found: Topology, may_show: Callable[[ObjectRef], bool]) -> tuple[Topology, int]:
    """The part of a graph that may be shown, and how many of its nodes may not."""
    kept = [node for node in found.nodes if may_show(node.ref)]
    keys = {_key(node.ref) for node in kept}
    edges = [edge for edge in found.edges if _key(edge.source) in keys and _key(edge.target) in keys]
    left_out = [one for one in found.left_out if _key(one.beside) in keys]
    return Topology(kept, edges, left_out), len(found.nodes) - len(kept)


@dataclass(slots=True)
class _Builder:
    case: Case
    pods: Pods
    nodes: dict[_Key, Node] = field(default_factory=dict)
    edges: dict[tuple[_Key, _Key], Edge] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    done: set[_Key] = field(default_factory=set)

    # --- the object of the issue

    def center(self) -> None:
        question = self.case.question
        owner, resource = self._at(question.owner), self._at(question.resource)
        top = self.case.workload(resource) if resource is not None else owner
        for ref, obj in ((question.owner, owner), (question.resource, resource)):
            if obj is not None or (owner is None and resource is None):
                self.node(ref)
                self.nodes[_key(ref)] = self._as_subject(self.nodes[_key(ref)])
        for obj in (top, owner, resource):
            if obj is not None and (obj is not owner or not self._is_between(obj, top)):
                self.surround(obj)
        if top is not None:
            self._lead_down(top, owner, resource)
        self._mark_missing()

    def _as_subject(self, node: Node) -> Node:
        fails = not self.case.question.is_resolved and node.state in (State.OK, State.UNKNOWN)
        return replace(node, is_subject=True, state=State.FAILING if fails else node.state)

    def _lead_down(self, top: SnapshotObject, owner: SnapshotObject | None, resource: SnapshotObject | None) -> None:
        """The way from the workload to the object that failed."""
        if owner is not None and self._is_between(owner, top):
            self.link(top.ref, owner.ref, "owns")
        if resource is not None and resource.kind == "Pod" and top is not resource:
            self.link(top.ref, resource.ref, "runs")
            self._around_pod(resource)

    def _is_between(self, obj: SnapshotObject, top: SnapshotObject | None) -> bool:
        """Whether an object only stands between a workload and its pods, as a ReplicaSet does."""
        return top is not None and top is not obj and obj.kind in ("ReplicaSet.apps", "Job.batch")

    def surround(self, obj: SnapshotObject) -> None:
        """What belongs to an object of any kind, once."""
        if _key(obj.ref) in self.done:
            return
        self.done.add(_key(obj.ref))
        self.node(obj.ref)
        if obj.kind in WORKLOADS:
            self._around_workload(obj)
        elif obj.kind == "Pod":
            if obj.owner() is None:
                self._around_pod(obj)
                self._uses(obj, "spec")
        elif obj.kind == SERVICE:
            self._around_service(obj)
        elif obj.kind == INGRESS or is_route(obj.kind):
            self._around_route(obj)
        elif obj.kind == GATEWAY:
            self._around_gateway(obj)
        elif obj.kind in (CLAIM, CONFIG_MAP, SECRET):
            self._users_of(obj)
        elif obj.kind in (SCALER, BUDGET):
            self._governed_by(obj)

    # --- by kind

    def _around_workload(self, workload: SnapshotObject) -> None:
        for service in self._services_of(workload):
            self.surround(service)
        self._pods_of(workload)
        path = template_path(workload.kind)
        self._uses(workload, path)
        self._calls(workload)

    def _pods_of(self, workload: SnapshotObject) -> None:
        between = [one for kind in ("ReplicaSet.apps", "Job.batch") for one in self.case.snap.owned(workload, kind)]
        shown, total = self.pods([workload.uid, *(one.uid for one in between)], MAX_SHOWN)
        for pod in shown:
            self.link(workload.ref, pod.ref, "runs")
            self._around_pod(pod)
        if total > len(shown):
            self.left_out.append(LeftOut(workload.ref, "Pod", "runs", total - len(shown)))

    def _around_pod(self, pod: SnapshotObject) -> None:
        name = pod.text("spec.nodeName")
        if name:
            self.refer(pod, NODE, name, "runs on")
        for volume in pod.many("spec.volumes"):
            claim = volume.get("persistentVolumeClaim")
            if isinstance(claim, dict) and isinstance(claim.get("claimName"), str):
                self.refer(pod, CLAIM, claim["claimName"], "mounts")

    def _around_service(self, service: SnapshotObject) -> None:
        selector = service.strings("spec.selector")
        found = [one for one in self._workloads(service.namespace) if selectors.matches(selector, template_labels(one))]
        for workload in self._some(found, service, "selects"):
            self.link(service.ref, workload.ref, "selects")
            self.surround(workload)
        if selector and not found:
            self._selects_nothing(service, selector)
        self._callers_of(service)

    def _selects_nothing(self, service: SnapshotObject, selector: Mapping[str, str]) -> None:
        """A Service whose selector fits no workload: the workload it was probably meant for, where one value differs a little."""
        alone = self.case.snap.selected(selector, service.namespace)
        for pod in self._some(alone, service, "selects"):
            self.link(service.ref, pod.ref, "selects")
            self._around_pod(pod)
        if alone:
            return
        wanted = ", ".join(f"{key}={value}" for key, value in selector.items())
        self.mark(service.ref, State.FAILING, "selects no pods")
        near = [one for one in self._workloads(service.namespace) if is_near(selector, template_labels(one))]
        for workload in near[:1]:
            differs = selectors.differences(selector, template_labels(workload))
            labels = ", ".join(f"{key}={value}" for key, value in differs.items())
            self.link(service.ref, workload.ref, "selects", f"selects {wanted}, the pods have {labels}")
            self.surround(workload)

    def _callers_of(self, service: SnapshotObject) -> None:
        found: list[tuple[SnapshotObject, str]] = []
        for namespace in self._namespaces(service):
            for workload, addresses in calls.of_workloads(self.case, namespace, at_most=MAX_READ):
                called = [address for address in addresses if address.service is not None and address.service.ref == service.ref]
                if called:
                    found.append((workload, port_problem(service, [one.port for one in called])))
        found.sort(key=lambda one: not one[1])
        for workload, problem in self._some(found, service, "calls", lambda one: one[0]):
            self.link(workload.ref, service.ref, "calls", problem, layer=Layer.CALLER)
        routes = [one for one in self._routes(service.namespace) if any(_leads_to(backend, service) for backend in backends(one))]
        for route in self._some(routes, service, "routes to"):
            self._route(route, service)
            self._gateways_of(route)

    def _namespaces(self, service: SnapshotObject) -> list[str | None]:
        """Where callers are looked for: beside the Service, and where the facts of the issue name some."""
        named = self.case.question.facts.get("callers")
        others = [str(one).split("/") for one in named] if isinstance(named, list | tuple) else []
        return list(dict.fromkeys([service.namespace, *(parts[1] for parts in others if len(parts) == 3)]))

    def _routes(self, namespace: str | None) -> list[SnapshotObject]:
        """The Ingresses and the routes of the Gateway API in a namespace."""
        return [one for kind in (INGRESS, *ROUTES) for one in islice(self.case.snap.all(kind, namespace), MAX_READ)]

    def _around_route(self, route: SnapshotObject) -> None:
        places = list(dict.fromkeys((backend.namespace, backend.name) for backend in backends(route)))
        for namespace, name in places[:MAX_SHOWN]:
            service = self._find(SERVICE, namespace, name)
            if service is None:
                self.refer(route, SERVICE, name, "routes to", namespace=namespace, layer=Layer.SERVICE)
            else:
                self._route(route, service)
                self.surround(service)
        self._gateways_of(route)

    def _route(self, route: SnapshotObject, service: SnapshotObject) -> None:
        ports = [backend.port for backend in backends(route) if _leads_to(backend, service)]
        self.link(route.ref, service.ref, "routes to", port_problem(service, ports), layer=Layer.CALLER)

    def _gateways_of(self, route: SnapshotObject) -> None:
        for parent in parents(route)[:MAX_SHOWN] if is_route(route.kind) else ():
            ref = ObjectRef(GATEWAY, parent.namespace, parent.name)
            is_missing = self._is_missing(*_key(ref))
            self.node(ref, State.MISSING if is_missing else None)
            self.link(ref, route.ref, "routes to", "it does not exist" if is_missing else parent.problem, layer=Layer.CALLER)

    def _around_gateway(self, gateway: SnapshotObject) -> None:
        """The routes beside a Gateway that attach to it, those that it refuses first."""
        place = (gateway.namespace, gateway.name)
        found = [
            (one, parent) for one in self._routes(gateway.namespace) for parent in parents(one) if (parent.namespace, parent.name) == place
        ]
        found.sort(key=lambda one: not one[1].problem)
        for route, parent in self._some(found, gateway, "routes to", lambda one: one[0]):
            self.link(gateway.ref, route.ref, "routes to", parent.problem, layer=Layer.CALLER)
            self.surround(route)

    def _users_of(self, obj: SnapshotObject) -> None:
        """The workloads whose pods mount or read an object."""
        found = [one for one in self._workloads(obj.namespace) if uses(one, obj)]
        for workload in self._some(found, obj, "uses"):
            self.surround(workload)
            if not any(target == _key(obj.ref) for _, target in self.edges):
                self.link(workload.ref, obj.ref, "mounts" if obj.kind == CLAIM else "reads", self._problem_of(obj))

    def _governed_by(self, obj: SnapshotObject) -> None:
        """The workload that an autoscaler scales or a disruption budget protects."""
        if obj.kind == SCALER:
            target = obj.map("spec.scaleTargetRef")
            found = [
                one for one in self._workloads(obj.namespace) if (one.short_kind, one.name) == (target.get("kind"), target.get("name"))
            ]
        else:
            selector = selectors.parse(obj.get("spec.selector"))
            found = [one for one in self._workloads(obj.namespace) if selectors.fits(selector, template_labels(one))]
        relation = "scales" if obj.kind == SCALER else "protects"
        for workload in self._some(found, obj, relation):
            self.link(obj.ref, workload.ref, relation)
            self.surround(workload)

    # --- what a template refers to

    def _uses(self, obj: SnapshotObject, path: str) -> None:
        found = [fromkey for fromkey in dict.fromkeys(references(obj.map(path))) if fromkey.name != EVERYWHERE]
        by_kind = {kind: [one for one in found if one.kind == kind] for kind in (CLAIM, CONFIG_MAP, SECRET)}
        for kind, wanted in by_kind.items():
            wanted.sort(key=lambda one: one.is_optional or not self._is_missing(one.kind, obj.namespace, one.name))
            for one in wanted[:MAX_SHOWN]:
                relation = "mounts" if kind == CLAIM else "reads"
                self.refer(obj, kind, one.name, relation, is_optional=one.is_optional)
            if len(wanted) > MAX_SHOWN:
                self.left_out.append(LeftOut(obj.ref, kind, "reads", len(wanted) - MAX_SHOWN))

    def _calls(self, workload: SnapshotObject) -> None:
        found: dict[_Key, tuple[SnapshotObject, list[int | None]]] = {}
        for address in calls.of_workload(self.case, workload) if workload.kind in calls.CALLERS else ():
            if address.service is not None:
                found.setdefault(_key(address.service.ref), (address.service, []))[1].append(address.port)
        called = [(service, port_problem(service, ports)) for service, ports in found.values()]
        called.sort(key=lambda one: not one[1])
        for service, problem in self._some(called, workload, "calls", lambda one: one[0]):
            if (_key(service.ref), _key(workload.ref)) not in self.edges:  # it calls itself through its own Service
                self.link(workload.ref, service.ref, "calls", problem, layer=Layer.DEPENDENCY)

    # --- the cause, and other issues

    def add_cause(self, cause: Cause) -> None:
        obj = self._at(cause.ref)
        self.node(cause.ref)
        self.nodes[_key(cause.ref)] = replace(self.nodes[_key(cause.ref)], is_cause=True)
        if obj is not None and _key(cause.ref) not in self.done and obj.kind in (SERVICE, *WORKLOADS):
            self.surround(obj)
        self._mark_named(cause)
        subject = self._subject()
        if _key(cause.ref) == _key(subject):
            return
        path = self._path(_key(cause.ref), _key(subject))
        if not path:
            self.link(cause.ref, subject, "affects", cause.title)
        for pair in path:
            edge = self.edges[pair]
            self.edges[pair] = replace(edge, problem=edge.problem or cause.title)

    def _mark_named(self, cause: Cause) -> None:
        """What uses an object that the explanation names, if the cause is there or the object of the issue is."""
        at_fault = {_key(cause.ref), _key(self.case.question.owner), _key(self.case.question.resource)}
        for pair, edge in self.edges.items():
            if pair[0] in at_fault and pair[1][2] in cause.names and self.nodes[pair[1]].layer is Layer.DEPENDENCY:
                self.edges[pair] = replace(edge, problem=edge.problem or cause.title)

    def _mark_missing(self) -> None:
        """The object that the detector found missing may be of a kind that is not read, as Secrets are."""
        facts = self.case.question.facts
        for key, node in self.nodes.items():
            if (node.ref.short_kind, node.ref.name) == (facts.get("missingKind"), facts.get("missingName")) and node.state is State.UNKNOWN:
                self.nodes[key] = replace(node, state=State.MISSING, status="does not exist")
                for pair, edge in self.edges.items():
                    if pair[1] == key:
                        self.edges[pair] = replace(edge, problem=edge.problem or "it does not exist")

    def _subject(self) -> ObjectRef:
        """The object that stands for the issue: the one that failed, if it is still there."""
        question = self.case.question
        return question.resource if self._at(question.resource) is not None or not question.owner.name else question.owner

    def add_related(self, related: Sequence[Related]) -> None:
        subject = self.case.question.owner
        for one in related[:MAX_RELATED]:
            if not one.ref.name or _key(one.ref) == _key(subject):
                continue
            obj = self._at(one.ref)
            is_new = _key(one.ref) not in self.nodes
            self.node(one.ref, State.FAILING if obj is not None else None)
            if is_new or not self._path(_key(one.ref), _key(subject)):
                self.link(one.ref, subject, one.relation or "affected by")
        if len(related) > MAX_RELATED:
            self.left_out.append(LeftOut(subject, "", "affected by", len(related) - MAX_RELATED))

    def _path(self, start: _Key, end: _Key) -> list[tuple[_Key, _Key]]:
        """The edges of the shortest way between two nodes, whichever way they point; none without one."""
        ways: dict[_Key, list[tuple[_Key, _Key]]] = {start: []}
        queue = [start]
        for here in queue:
            if here == end:
                return ways[here]
            for pair in self.edges:
                if here in pair and (other := pair[0] if pair[1] == here else pair[1]) not in ways:
                    ways[other] = [*ways[here], pair]
                    queue.append(other)
        return []

    # --- nodes and edges

    def finish(self) -> Topology:
        order = list(Layer)
        nodes = sorted(self.nodes.values(), key=lambda one: order.index(one.layer))
        return Topology(nodes, list(self.edges.values()), self.left_out)

    def node(self, ref: ObjectRef, state: State | None = None, *, layer: Layer | None = None) -> None:
        """Add an object that is not there yet; `state` is what others know of it."""
        key = _key(ref)
        if key in self.nodes:
            return
        obj = self._at(ref)
        own, status = self._absent(ref, state) if obj is None else state_of(obj)
        if state is State.FAILING:
            own = State.FAILING
        uid = ref.uid or (obj.uid if obj is not None else "")
        self.nodes[key] = Node(ref=ObjectRef(*key, uid), layer=layer or layer_of(ref.kind), state=own, status=status)

    def _absent(self, ref: ObjectRef, state: State | None) -> tuple[State, str]:
        if state is State.MISSING:
            return State.MISSING, "does not exist"
        return state or State.UNKNOWN, "not in the inventory" if self._is_missing(*_key(ref)) else ""

    def mark(self, ref: ObjectRef, state: State, status: str) -> None:
        self.nodes[_key(ref)] = replace(self.nodes[_key(ref)], state=state, status=status)

    def link(self, source: ObjectRef, target: ObjectRef, relation: str, problem: str = "", *, layer: Layer | None = None) -> None:
        """`layer` is where the end that is not known yet stands: the caller's for an edge that comes in."""
        self.node(source, layer=layer if layer is Layer.CALLER else None)
        self.node(target, layer=layer if layer is not Layer.CALLER else None)
        pair = (_key(source), _key(target))
        if pair[0] != pair[1]:
            self.edges.setdefault(
                pair, Edge(source=self.nodes[pair[0]].ref, target=self.nodes[pair[1]].ref, relation=relation, problem=problem)
            )

    def refer(
        self,
        obj: SnapshotObject,
        kind: str,
        name: str,
        relation: str,
        *,
        namespace: str | None = None,
        is_optional: bool = False,
        layer: Layer | None = None,
    ) -> None:
        """An object that another one names, which may not exist; in the same namespace unless one is given."""
        namespace = None if kind in CLUSTER_SCOPED else namespace or obj.namespace
        ref = ObjectRef(kind, namespace, name)
        found = self._find(kind, namespace, name)
        is_missing = self._is_missing(kind, namespace, name)
        if is_missing and is_optional:
            return
        self.node(ref, State.MISSING if is_missing else None, layer=layer)
        self.link(obj.ref, ref, relation, "it does not exist" if is_missing else self._problem_of(found))

    def _problem_of(self, obj: SnapshotObject | None) -> str:
        """Why nothing can use an object in this state."""
        if obj is None or obj.kind not in (CLAIM, NODE):
            return ""
        state, status = state_of(obj)
        return status if state is State.FAILING else ""

    # --- reading

    def _at(self, ref: ObjectRef) -> SnapshotObject | None:
        return self.case.snap.at(ref) if ref.name else None

    def _find(self, kind: str, namespace: str | None, name: str) -> SnapshotObject | None:
        return self.case.snap.find(kind, namespace, name)

    def _is_missing(self, kind: str, namespace: str | None, name: str) -> bool:
        return self.case.snap.missing(kind, namespace, name) is not None

    def _workloads(self, namespace: str | None) -> list[SnapshotObject]:
        return list(calls.callers(self.case, namespace, at_most=MAX_READ))

    def _services_of(self, workload: SnapshotObject) -> list[SnapshotObject]:
        labels = template_labels(workload)
        services = islice(self.case.snap.all(SERVICE, workload.namespace), MAX_READ)
        found = [service for service in services if selectors.matches(service.strings("spec.selector"), labels)]
        return self._some(found, workload, "selects")

    def _some(
        self, found: Sequence[Any], beside: SnapshotObject, relation: str, obj: Callable[[Any], SnapshotObject] = lambda one: one
    ) -> list[Any]:
        """The first of a group; the others are counted."""
        if len(found) > MAX_SHOWN:
            self.left_out.append(LeftOut(beside.ref, obj(found[0]).kind, relation, len(found) - MAX_SHOWN))
        return list(found[:MAX_SHOWN])


# --- what an object says


def _leads_to(backend: Backend, service: SnapshotObject) -> bool:
    return (backend.namespace, backend.name) == (service.namespace, service.name)
