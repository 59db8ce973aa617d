"""NetworkPolicyBlocks: a new NetworkPolicy seems to cut a workload off from what it calls, or from DNS.

Policies exist to block traffic, so a policy alone is never an issue. It becomes one when a workload stops being ready within an hour of the
policy's last change, and all policies together do not allow what the workload calls (by the addresses in its template): into the pods of a
Service, out to them, or out to DNS. This is an inference from two facts, and `isInference` says so.
`kube/policies.py` counts what it cannot decide as allowed.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from optral.detectors import gates, severity, wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding
from optral.detectors.network import calls, endpoints
from optral.kube import owners, policies, ports, times
from optral.kube.objects import KubeObject, NetworkPolicy, Pod, Service, condition
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

BEFORE_S = 120  # clock differences, and the last probe that passed
WITHIN_S = 3600
MAX_PODS = 50
MAX_SERVICES = 50


class _Block(NamedTuple):
    """A workload that the policies cut off: in which direction, since when, and from what."""

    case: str
    workload: ObjectRef
    since: datetime
    blocked: str


def detect(policy: NetworkPolicy, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(policy):
        return
    blocks = sorted(_blocks(policy, view), key=lambda block: (block.since, block.workload))
    if not blocks:
        return
    first = blocks[0]
    subject = owners.ref(policy)
    yield Finding(
        subject=subject,
        severity=severity.adjust(Severity.MEDIUM, subject=subject, view=view),
        title=f"NetworkPolicy {policy.namespace}/{policy.name} seems to cut {wording.label(first.workload)} off from {first.blocked}",
        since=first.since,
        facts={
            "case": first.case,
            "isInference": True,
            "blocked": first.blocked,
            "workloads": sorted({str(block.workload) for block in blocks})[:20],
            "policyChangedAt": policy.changed_at.isoformat(),
            "directions": sorted(policy.types),
        },
    )


def _blocks(policy: NetworkPolicy, view: ClusterView) -> Iterator[_Block]:
    if "Egress" in policy.types:
        yield from _blocked_out(policy, view)
    if "Ingress" in policy.types:
        yield from _blocked_in(policy, view)


def _blocked_out(policy: NetworkPolicy, view: ClusterView) -> Iterator[_Block]:
    """The workloads that the policy selects and that can no longer reach DNS, or a Service that they call."""
    selected = (pod for pod in view.pods_in(policy.metadata.namespace) if policies.selects(policy, pod))
    for workload, pod, since in _not_ready_since_change(selected, policy, view):
        if policies.blocking_dns(pod, view):
            yield _Block("dns", owners.ref(workload), since, "DNS")
        for service, target, port in _called(workload, view):
            if policies.blocking_egress(pod, target, port, view):
                yield _Block("egress", owners.ref(workload), since, f"Service {service.namespace}/{service.name}")


def _blocked_in(policy: NetworkPolicy, view: ClusterView) -> Iterator[_Block]:
    """The callers of Services in front of the pods that the policy selects, when the pods no longer let them in."""
    for service in islice(view.services_in(policy.metadata.namespace), MAX_SERVICES):
        targets = [pod for pod in endpoints.selected(service, view) if policies.selects(policy, pod)]
        if not targets:
            continue
        for caller in view.callers_of(service.metadata.namespace, service.name):
            for workload, pod, since in _not_ready_since_change(view.pods_of(owners.ref(caller)), policy, view):
                used = [call for call in calls.of(workload) if calls.target(call, view) == service]
                if any(policies.blocking_ingress(targets[0], pod, ports.target(service, call.port, targets[0]), view) for call in used):
                    yield _Block("ingress", owners.ref(workload), since, f"Service {service.namespace}/{service.name}")


def _not_ready_since_change(pods: Iterable[Pod], policy: NetworkPolicy, view: ClusterView) -> Iterator[tuple[KubeObject, Pod, datetime]]:
    """The workloads of these pods that stopped being ready after the policy changed, each with its first such pod and the time."""
    first: dict[str, tuple[KubeObject, Pod, datetime]] = {}
    for pod, since in islice(((pod, since) for pod in pods if (since := _not_ready_since(pod)) is not None), MAX_PODS):
        workload = view.object_at(view.workload_of(pod))
        if workload is None or calls.template_of(workload) is None or pod.spec.host_network:
            continue
        if workload.uid not in first or since < first[workload.uid][2]:
            first[workload.uid] = (workload, pod, since)
    for workload, pod, since in first.values():
        if -BEFORE_S <= times.age_s(policy.changed_at, now=since) <= WITHIN_S:
            yield workload, pod, since


def _not_ready_since(pod: Pod) -> datetime | None:
    """Since when it runs without being ready; None when it is ready, does not run, or is terminating."""
    if not endpoints.is_alive(pod) or pod.status.phase != "Running" or pod.is_ready:
        return None
    ready = condition(pod.status.conditions, "Ready")
    return (ready.last_transition_time if ready is not None else None) or pod.created_at


def _called(workload: KubeObject, view: ClusterView) -> Iterator[tuple[Service, Pod, int | None]]:
    """The Services that it calls, one pod of each, and the port of that pod that the call reaches."""
    for call in calls.of(workload):
        service = calls.target(call, view)
        targets = endpoints.selected(service, view) if service is not None else []
        if service is not None and targets:
            yield service, targets[0], ports.target(service, call.port, targets[0])


# --- which changes concern a policy ------------------------------------------------------------------------------------------------


def _of_pod(view: ClusterView, pod: Pod) -> Iterable[NetworkPolicy]:
    """A pod that was created, deleted or changed its readiness: the policies in its namespace, and where its workload's calls go."""
    after, before = view.get(Pod.kind, pod.uid), view.previous(Pod.kind, pod.uid)
    if isinstance(after, Pod) and isinstance(before, Pod) and _relevant(after) == _relevant(before):
        return ()
    workload = view.object_at(view.workload_of(pod))
    return _around(view, pod.metadata.namespace, workload)


def _relevant(pod: Pod) -> tuple[object, ...]:
    """What this detector reads of a pod and can change."""
    return endpoints.is_alive(pod), _not_ready_since(pod), pod.labels, pod.owner_references


def _of_workload(view: ClusterView, workload: KubeObject) -> Iterable[NetworkPolicy]:
    if not calls.is_changed(view, workload):
        return ()
    return [*_around(view, workload.metadata.namespace, workload), *_around(view, "", view.previous(workload.kind, workload.uid))]


def _of_service(view: ClusterView, service: Service) -> Iterable[NetworkPolicy]:
    """The policies of its own namespace, and of its callers' namespaces, which may not let them out to it."""
    if not calls.is_service_changed(view, service):
        return
    yield from view.policies_in(service.metadata.namespace)
    for caller in view.callers_of(service.metadata.namespace, service.name):
        yield from view.policies_in(caller.metadata.namespace)


def _of_policy(view: ClusterView, policy: NetworkPolicy) -> Iterable[NetworkPolicy]:
    """Policies add up: creating or deleting one changes what the others of its namespace block."""
    return view.policies_in(policy.metadata.namespace)


def _around(view: ClusterView, namespace: str, workload: KubeObject | None) -> Iterable[NetworkPolicy]:
    namespaces = {namespace}
    for call in calls.of(workload) if workload is not None else ():
        namespaces.update(name.namespace for name in call.candidates)
    for name in sorted(namespaces):
        yield from view.policies_in(name)


DETECTOR = Detector(
    type="NetworkPolicyBlocks",
    title="A NetworkPolicy blocks calls that a workload needs",
    category="network",
    about=About.POLICY,
    severity=Severity.MEDIUM,
    gates=("G1", "G2"),
    looks_at=frozenset({NetworkPolicy.kind}),
    detect=detect,
    open_after_s=120,
    tier=Tier.EXTENDED,
    reached_from={
        Pod.kind: _of_pod,
        Service.kind: _of_service,
        NetworkPolicy.kind: _of_policy,
        **dict.fromkeys(calls.CALLERS, _of_workload),
    },
)
