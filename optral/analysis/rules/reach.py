"""Whether NetworkPolicies let one pod reach another: `kube/policies.py`, asked about the manifests of a case."""

from collections.abc import Iterable, Iterator
from typing import cast

from optral.analysis.case import Case, template_path
from optral.analysis.snapshot import Thing
from optral.kube import policies, ports, selectors
from optral.kube.objects import NetworkPolicy, Pod, Service

POLICY = NetworkPolicy.kind
DNS_PORT = policies.DNS_PORT


def blocking_ingress(case: Case, caller: Thing, target: Thing, port: int | None) -> list[Thing]:
    """The target's policies when none of them lets the caller in on this port of the pod."""
    return _things(case, policies.blocking_ingress(_pod(target), _pod(caller), port, case.snap))


def blocking_egress(case: Case, caller: Thing, target: Thing, port: int | None) -> list[Thing]:
    """The caller's policies when none of them lets it out to this port of the target."""
    return _things(case, policies.blocking_egress(_pod(caller), _pod(target), port, case.snap))


def blocking_dns(case: Case, caller: Thing) -> list[Thing]:
    """The caller's policies when none of them lets it out to DNS."""
    return _things(case, policies.blocking_dns(_pod(caller), case.snap))


def target_port(service: Thing, port: int | None, pod: Thing) -> int | None:
    """The port of the pod behind a port of the Service; None when it is not known."""
    return ports.target(cast(Service, service.typed), port, _pod(pod))


def restricting(case: Case, thing: Thing) -> list[Thing]:
    """The policies that select a pod of a workload or of a Service, in either direction."""
    pods = [_pod(pod) for pod in _pods(case, thing)]
    return _things(case, (one for one in case.snap.policies_in(thing.namespace or "") if any(policies.selects(one, pod) for pod in pods)))


def directions(policy: Thing) -> list[str]:
    """Ingress, Egress or both."""
    return sorted(cast(NetworkPolicy, policy.typed).types, reverse=True)


def _pods(case: Case, thing: Thing) -> Iterator[Thing]:
    """Its pods; when it has none, a pod as its template or its selector describes it."""
    if thing.kind == "Service":
        selector = thing.strings("spec.selector")
        found = [pod for pod in case.snap.all("Pod", thing.namespace) if selectors.matches(selector, pod.labels)]
        likely = {"metadata": {"labels": selector}} if selector else None
    else:
        workload = case.workload(thing)
        found = [thing] if thing.kind == "Pod" else case.live_pods(workload)
        likely = workload.map(template_path(workload.kind).rpartition(".")[0])
    yield from found or ([Thing("Pod", likely)] if likely else [])


def _pod(thing: Thing) -> Pod:
    return cast(Pod, thing.typed)


def _things(case: Case, found: Iterable[NetworkPolicy]) -> list[Thing]:
    things = (case.snap.find(POLICY, policy.namespace, policy.name) for policy in found)
    return [thing for thing in things if thing is not None]
