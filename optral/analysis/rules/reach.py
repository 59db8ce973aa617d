"""Whether NetworkPolicies let one pod reach another: `kube/policies.py`, applied to the manifests of a case."""

from collections.abc import Iterable, Iterator
from typing import cast

from optral.analysis.engine import probing
from optral.analysis.engine.probing import Ask, Role
from optral.analysis.reading.case import Case, template_path
from optral.analysis.reading.snapshot import SYSTEM_NAMESPACE, SnapshotObject
from optral.kube import policies, ports, selectors
from optral.kube.objects import NetworkPolicy, Pod, Service

POLICY = NetworkPolicy.kind
DNS_PORT = policies.DNS_PORT
_SIDECARS = frozenset({"istio-proxy", "linkerd-proxy"})


def blocking_ingress(case: Case, caller: SnapshotObject, target: SnapshotObject, port: int | None) -> list[SnapshotObject]:
    """The target's policies when none of them lets the caller in on this port of the pod."""
    return _things(case, policies.blocking_ingress(_pod(target), _pod(caller), port, case.snap.cluster))


def blocking_egress(case: Case, caller: SnapshotObject, target: SnapshotObject, port: int | None) -> list[SnapshotObject]:
    """The caller's policies when none of them lets it out to this port of the target."""
    return _things(case, policies.blocking_egress(_pod(caller), _pod(target), port, case.snap.cluster))


def blocking_dns(case: Case, caller: SnapshotObject) -> list[SnapshotObject]:
    """The caller's policies when none of them lets it out to DNS."""
    return _things(case, policies.blocking_dns(_pod(caller), case.snap.cluster))


def omitted(case: Case, direction: str, caller: SnapshotObject, target: SnapshotObject, port: int | None) -> str:
    """Why the nearest rule of the policies that block this traffic does not let it pass; empty where they have no rule."""
    ends, cluster = (_pod(caller), _pod(target)), case.snap.cluster
    if direction == policies.INGRESS:
        blocking = policies.blocking_ingress(ends[1], ends[0], port, cluster)
    else:
        blocking = policies.blocking_egress(*ends, port, cluster)
    found = policies.omission(blocking, direction, *ends, port, cluster)
    if found is None:
        return ""
    return f": {'its rules' if len(blocking) == 1 else f'the rules of {found.policy.name}'} {found.reason}"


def mesh_sidecar(pod: SnapshotObject) -> str:
    """The name of the pod's mesh sidecar; empty without one."""
    names = (str(one.get("name")) for field in ("initContainers", "containers") for one in pod.many(f"spec.{field}"))
    return next((name for name in names if name in _SIDECARS), "")


def cluster_dns(case: Case, role: Role) -> tuple[Ask, ...]:
    """Whether the name of the cluster's DNS resolves, which shows that it responds."""
    found = (one for one in case.snap.all("Service", SYSTEM_NAMESPACE) if one.labels.get("k8s-app") == "kube-dns")
    return next((asks for one in found if (asks := probing.of_name(role, one))), ())


def target_port(service: SnapshotObject, port: int | None, pod: SnapshotObject) -> int | None:
    """The port of the pod behind a port of the Service; None when it is not known."""
    return ports.target(cast(Service, service.typed), port, _pod(pod))


def selects(service: SnapshotObject, pod: SnapshotObject) -> bool:
    """Whether the selector of a Service selects a pod; a Service without a selector selects none."""
    selector = service.strings("spec.selector")
    return bool(selector) and selectors.matches(selector, pod.labels)


def backends(case: Case, service: SnapshotObject) -> Iterator[SnapshotObject]:
    """The pods that a Service selects."""
    return iter(case.snap.selected(service.strings("spec.selector"), service.namespace))


def restricting(case: Case, obj: SnapshotObject) -> list[SnapshotObject]:
    """The policies that select a pod of a workload or of a Service, in either direction."""
    pods = [_pod(pod) for pod in _pods(case, obj)]
    in_namespace = case.snap.cluster.policies_in(obj.namespace or "")
    return _things(case, (policy for policy in in_namespace if any(policies.selects(policy, pod) for pod in pods)))


def is_in_network_of_node(pod: SnapshotObject) -> bool:
    """Whether its traffic is that of its node, which most network plugins let through."""
    return not policies.applies_to(_pod(pod))


def directions(policy: SnapshotObject) -> list[str]:
    """Ingress, Egress or both."""
    return sorted(cast(NetworkPolicy, policy.typed).types, reverse=True)


def _pods(case: Case, obj: SnapshotObject) -> Iterator[SnapshotObject]:
    """Its pods; when it has none, a pod as its template or its selector describes it."""
    if obj.kind == "Service":
        selector = obj.strings("spec.selector")
        pods = case.snap.selected(selector, obj.namespace)
        described = {"metadata": {"labels": selector}} if selector else None
    else:
        workload = case.workload(obj)
        pods = [obj] if obj.kind == "Pod" else case.live_pods(workload)
        described = workload.map(template_path(workload.kind).rpartition(".")[0])
    yield from pods or ([SnapshotObject("Pod", described)] if described else [])


def _pod(obj: SnapshotObject) -> Pod:
    return cast(Pod, obj.typed)


def _things(case: Case, found: Iterable[NetworkPolicy]) -> list[SnapshotObject]:
    things = (case.snap.find(POLICY, policy.namespace, policy.name) for policy in found)
    return [obj for obj in things if obj is not None]
