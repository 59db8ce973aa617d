"""Which objects an issue depends on, and how closely: its own object, what its pods use, what selects them, their nodes, what they call.

It is asked about objects that changed, which are few, rather than listing all that an object depends on. An object that no longer exists
is known by its name alone.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from optral.analysis.reading import calls
from optral.analysis.reading.case import Case, template_path
from optral.analysis.reading.snapshot import Revision, SnapshotObject
from optral.analysis.topology.topology_objects import CLAIM, INGRESS, SERVICE, backends, is_route, references, template_labels
from optral.kube import addresses, selectors
from optral.kube.kinds import LONG_RUNNING, WORKLOADS
from optral.terms.refs import ObjectRef

_POLICY, _HPA = "NetworkPolicy.networking.k8s.io", "HorizontalPodAutoscaler.autoscaling"
_LIMITS = frozenset({"LimitRange", "ResourceQuota"})
_POD_LABELS = "/spec/template/metadata/labels/"
Key = tuple[str, str | None, str]
MAX_SERVERS = 8  # workloads that are called, whose own references count


class Relation(NamedTuple):
    """How an object is related to the issue; `distance` 0 is its own object. `words` follow its name: `which Deployment web calls`."""

    name: str
    distance: int
    words: str = ""


SUBJECT = Relation("subject", 0)


class Reach:
    """What the object of a case depends on."""

    def __init__(self, case: Case) -> None:
        self.case = case
        question = case.question
        self._obj = case.snap.at(question.owner) or case.snap.at(question.resource)
        self._workload = None if self._obj is None else case.workload(self._obj)
        self._own = {ref[:3] for ref in (question.owner, question.resource, *([] if self._workload is None else [self._workload.ref]))}
        self._name = str(question.owner.short_kind) + " " + question.owner.name

    def of(self, revision: Revision) -> Relation | None:
        """How the object that changed is related to the issue; None where it is not."""
        ref = revision.ref
        if self.is_own(ref):
            return SUBJECT
        if self.uses(ref):
            return Relation("config", 1, f"which {self._name} uses")
        if ref.kind == "Node":
            return Relation("node", 1, "on which its pods run") if self._is_node(ref) else None
        if ref.kind in _LIMITS:
            return Relation("limits", 2, "of its namespace") if ref.namespace == self.case.question.owner.namespace else None
        if ref.kind in (_POLICY, _HPA, SERVICE):
            return self._selecting(ref)
        if ref.kind in WORKLOADS:
            return self._server(revision)
        called = next((one for one in self._servers if ref[:3] in _named(one)), None)
        return None if called is None else Relation("dependency", 3, f"which {called.short_kind} {called.name} uses")

    def is_own(self, ref: ObjectRef) -> bool:
        return ref[:3] in self._own

    def uses(self, ref: ObjectRef) -> bool:
        """Whether the issue's object names it, such as a ConfigMap."""
        return ref[:3] in self._references

    def is_autoscaled(self, ref: ObjectRef) -> bool:
        return any(_target(one) == ref[:3] for one in self.case.snap.all(_HPA, ref.namespace))

    def deployments(self) -> Iterator[SnapshotObject]:
        """The Deployment of the issue and, where there is no history at all, those of what it calls: their ReplicaSets show a rollout."""
        found = [self._workload, *([] if self.case.snap.history else self._servers)]
        return (one for one in found if one is not None and one.kind == "Deployment.apps")

    @cached_property
    def is_unscheduled(self) -> bool:
        """Whether the issue is about a pod without a node, which any node may get."""
        pods = self._pods
        return bool(pods) and any(not pod.text("spec.nodeName") for pod in pods)

    @cached_property
    def _pods(self) -> list[SnapshotObject]:
        if self._obj is not None and self._obj.kind == "Pod":
            return [self._obj]
        shown = self.case.snap.at(self.case.question.resource)
        if shown is not None and shown.kind == "Pod":
            return [shown]
        return [] if self._workload is None else self.case.live_pods(self._workload)

    @cached_property
    def _references(self) -> set[Key]:
        return set().union(*(_named(one) for one in (self._obj, self._workload) if one is not None))

    def _is_node(self, ref: ObjectRef) -> bool:
        return self.is_unscheduled or any(pod.text("spec.nodeName") == ref.name for pod in self._pods)

    def _selecting(self, ref: ObjectRef) -> Relation | None:
        """Of a Service, NetworkPolicy or autoscaler: whether it is called, selects the pods or scales them."""
        if ref.kind == SERVICE and (ref.namespace or "", ref.name) in self._called:
            return Relation("dependency", 2, f"which {self._name} calls")
        obj, workload = self.case.snap.find(*ref[:3]), self._workload
        if obj is None:
            is_left = ref.kind == _POLICY and ref.namespace == self.case.question.owner.namespace and self._is_restricted()
            return Relation("policy", 1, "of its namespace") if is_left else None
        if ref.kind == _HPA:
            is_scaled = workload is not None and _target(obj) == workload.ref[:3]
            return Relation("autoscaler", 1, "which scales it") if is_scaled else None
        if workload is not None and _selects(obj, workload, template_labels(workload)):
            return Relation("policy" if ref.kind == _POLICY else "service", 1, "which selects its pods")
        return self._selecting_server(obj) if ref.kind == _POLICY else None

    def _selecting_server(self, policy: SnapshotObject) -> Relation | None:
        called = next((one for one in self._servers if _selects(policy, one, template_labels(one))), None)
        return None if called is None else Relation("policy", 2, f"which selects the pods of {called.short_kind} {called.name}")

    def _is_restricted(self) -> bool:
        """Whether a policy is left that selects the pods, which may then do only what policies allow."""
        workload = self._workload
        policies = [] if workload is None else self.case.snap.all(_POLICY, workload.namespace)
        return workload is not None and any(_selects(one, workload, template_labels(workload)) for one in policies)

    def _server(self, revision: Revision) -> Relation | None:
        """A workload behind a Service that the issue is about or that its workload calls, also by the labels that it had before."""
        if not any(service.namespace == revision.ref.namespace for service in self._services):
            return None
        obj = self.case.snap.find(*revision.ref[:3])
        if obj is None:
            return None
        before = template_labels(obj) | {
            str(entry["path"]).removeprefix(_POD_LABELS).replace("~1", "/"): str(entry.get("from"))
            for entry in revision.diff
            if str(entry.get("path")).startswith(_POD_LABELS)
        }
        for service in self._services:
            if _selects(service, obj, template_labels(obj)) or _selects(service, obj, before):
                words = f"which {self._name} calls" if self._obj is not None and service.ref[:3] not in self._own else "which it selects"
                return Relation("dependency", 2, words)
        return None

    @cached_property
    def _called(self) -> set[tuple[str, str]]:
        """Namespace and name of the Services that addresses of the workload, or the facts of the issue, may mean."""
        namespace = self.case.question.owner.namespace or ""
        hosts = [str(self.case.question.facts.get("host") or "")]
        if self._workload is not None and self._workload.kind in (*WORKLOADS, "Pod"):
            hosts += [address.host for address in calls.of_template(self.case, self._workload, template_path(self._workload.kind))]
        named = {(name.namespace, name.name) for host in hosts if host for name in addresses.services(host, namespace)}
        return named | {(place or "", name) for kind, place, name in self._references if kind == SERVICE}

    @cached_property
    def _services(self) -> list[SnapshotObject]:
        """The Services that exist of those that are called, and the one that the issue is about."""
        found = (self.case.snap.find(SERVICE, namespace, name) for namespace, name in sorted(self._called))
        own = [self._obj] if self._obj is not None and self._obj.kind == SERVICE else []
        return [*own, *(one for one in found if one is not None)]

    @cached_property
    def _servers(self) -> list[SnapshotObject]:
        """The workloads behind these Services, as far as they can be read."""
        found: dict[Key, SnapshotObject] = {}
        for service in self._services:
            for pod in self.case.snap.selected(service.strings("spec.selector"), service.namespace)[:MAX_SERVERS]:
                workload = self.case.workload(pod)
                if workload.ref[:3] not in self._own:
                    found.setdefault(workload.ref[:3], workload)
        return list(found.values())[:MAX_SERVERS]


def _selects(obj: SnapshotObject, workload: SnapshotObject, labels: Mapping[str, str]) -> bool:
    """Whether a Service or NetworkPolicy selects pods of this workload, if they have these labels."""
    if obj.namespace != workload.namespace:
        return False
    if obj.kind == SERVICE:
        return selectors.matches(obj.strings("spec.selector"), labels)
    return bool(labels) and selectors.fits(selectors.parse(obj.get("spec.podSelector")), labels)


def _target(autoscaler: SnapshotObject) -> Key:
    kind = autoscaler.text("spec.scaleTargetRef.kind")
    known = next((one for one in LONG_RUNNING if one.partition(".")[0] == kind), kind)
    return known, autoscaler.namespace, autoscaler.text("spec.scaleTargetRef.name")


def _named(obj: SnapshotObject) -> set[Key]:
    """The objects that a manifest refers to."""
    if obj.kind == INGRESS or is_route(obj.kind):
        return {(SERVICE, backend.namespace, backend.name) for backend in backends(obj)}
    if obj.kind in (*WORKLOADS, "Pod"):
        return {(one.kind, obj.namespace, one.name) for one in references(obj.map(template_path(obj.kind)))}
    storage_class = obj.text("spec.storageClassName") if obj.kind == CLAIM else ""
    return {("StorageClass.storage.k8s.io", None, storage_class)} if storage_class else set()
