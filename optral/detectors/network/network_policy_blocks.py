"""NetworkPolicyBlocks: a new NetworkPolicy seems to cut a workload off from what it calls, or from DNS.

That policies block is what they are for, so a policy alone is never an issue. It becomes one when a workload that it touches stopped being
ready within the hour after the policy was written, and the policies together do not let through what the workload is known to call (by
the addresses in its template): into the pods of a Service, out to them, or out to DNS. An inference from two facts, and said to be one.
`traffic` counts what it cannot judge as allowed.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from optral.detectors import gates, severity, wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding
from optral.detectors.network import calls, ports, traffic
from optral.kube import owners, selectors, times
from optral.kube.objects import KubeObject, NetworkPolicy, Pod, Service, condition
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

TYPE = "NetworkPolicyBlocks"
CATEGORY = "network"
PATIENCE_S = 120
BEFORE_S = 120  # clocks and the last good probe
WITHIN_S = 3600
MAX_PODS = 50
MAX_SERVICES = 50


class _Block(NamedTuple):
    """A workload that lost what it needs: which way, since when, and what it cannot reach."""

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
        type=TYPE,
        subject=subject,
        shown_by=subject,
        severity=severity.judge(Severity.MEDIUM, subject=subject, view=view),
        title=wording.clip(
            f"NetworkPolicy {policy.namespace}/{policy.name} seems to cut {wording.label(first.workload)} off from {first.blocked}",
            wording.MAX_TITLE,
        ),
        category=CATEGORY,
        since=first.since,
        opens_at=times.after(first.since, PATIENCE_S),
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
        yield from _ways_out(policy, view)
    if "Ingress" in policy.types:
        yield from _ways_in(policy, view)


def _ways_out(policy: NetworkPolicy, view: ClusterView) -> Iterator[_Block]:
    """Of the pods that it selects: do they still reach DNS, and what they call?"""
    chosen = (pod for pod in view.pods_in(policy.metadata.namespace) if selectors.fits(policy.spec.pod_selector, pod.labels))
    for workload, pod, since in _ailing(chosen, policy, view):
        if not traffic.lets_resolve(pod, view):
            yield _Block("dns", owners.ref(workload), since, "DNS")
        for service, target, port in _called(workload, view):
            if not traffic.lets_out(pod, target, port, view):
                yield _Block("egress", owners.ref(workload), since, f"Service {service.namespace}/{service.name}")


def _ways_in(policy: NetworkPolicy, view: ClusterView) -> Iterator[_Block]:
    """Of the Services before the pods that it selects: are their callers still let in?"""
    for service in islice(view.services_in(policy.metadata.namespace), MAX_SERVICES):
        targets = [pod for pod in ports.selected(service, view) if selectors.fits(policy.spec.pod_selector, pod.labels)]
        if not targets:
            continue
        for caller in view.callers_of(service.metadata.namespace, service.name):
            for workload, pod, since in _ailing(view.pods_of(owners.ref(caller)), policy, view):
                asked = [call for call in calls.of(workload) if calls.target(call, view) is service]
                if any(
                    not traffic.lets_in(targets[0], traffic.end_of(pod), _number(service, call.port, targets[0]), view) for call in asked
                ):
                    yield _Block("ingress", owners.ref(workload), since, f"Service {service.namespace}/{service.name}")


def _ailing(pods: Iterable[Pod], policy: NetworkPolicy, view: ClusterView) -> Iterator[tuple[KubeObject, Pod, datetime]]:
    """The workloads of these pods that stopped being ready after the policy came, each with one such pod and since when."""
    worst: dict[str, tuple[KubeObject, Pod, datetime]] = {}
    for pod, since in islice(((pod, since) for pod in pods if (since := _ailing_since(pod)) is not None), MAX_PODS):
        workload = view.object_at(view.workload_of(pod))
        template = calls.template_of(workload)
        if workload is None or template is None or template.spec.host_network:
            continue
        if workload.uid not in worst or since < worst[workload.uid][2]:
            worst[workload.uid] = (workload, pod, since)
    for workload, pod, since in worst.values():
        if -BEFORE_S <= times.age_s(policy.changed_at, now=since) <= WITHIN_S:
            yield workload, pod, since


def _ailing_since(pod: Pod) -> datetime | None:
    """Since when it runs without being ready; None where it is ready, does not run, or leaves."""
    if not ports.is_alive(pod) or pod.status.phase != "Running" or pod.is_ready:
        return None
    ready = condition(pod.status.conditions, "Ready")
    return (ready.last_transition_time if ready is not None else None) or pod.created_at


def _called(workload: KubeObject, view: ClusterView) -> Iterator[tuple[Service, Pod, int | None]]:
    """The Services that it calls, one pod of each, and the port of the pod that the call ends at."""
    for call in calls.of(workload):
        service = calls.target(call, view)
        targets = ports.selected(service, view) if service is not None else []
        if service is not None and targets:
            yield service, targets[0], _number(service, call.port, targets[0])


def _number(service: Service, asked: int | None, target: Pod) -> int | None:
    """The port of the pod behind a port of the Service; None where it cannot be told."""
    port = next((one for one in service.spec.ports if asked is None or one.port == asked), None)
    if port is None or isinstance(port.target, int):
        return asked if port is None else int(port.target)
    return next((one.container_port for one in ports.declared(target) if one.name == port.target), None)


# --- what reaches it --------------------------------------------------------------------------------------------------------------


def _of_pod(view: ClusterView, pod: Pod) -> Iterable[NetworkPolicy]:
    """A pod that came, went, or changed its readiness: the policies around it, and around what its workload calls."""
    after, before = view.get(Pod.kind, pod.uid), view.previous(Pod.kind, pod.uid)
    if isinstance(after, Pod) and isinstance(before, Pod) and _counts_as(after) == _counts_as(before):
        return ()
    workload = view.object_at(view.workload_of(pod))
    return _around(view, pod.metadata.namespace, workload)


def _counts_as(pod: Pod) -> tuple[object, ...]:
    """All that is read of a pod here, but for its ports, which it keeps."""
    return ports.is_alive(pod), _ailing_since(pod), pod.labels, pod.owner_references


def _of_workload(view: ClusterView, workload: KubeObject) -> Iterable[NetworkPolicy]:
    if not calls.is_rewritten(view, workload):
        return ()
    return [*_around(view, workload.metadata.namespace, workload), *_around(view, "", view.previous(workload.kind, workload.uid))]


def _of_service(view: ClusterView, service: Service) -> Iterable[NetworkPolicy]:
    """Its own namespace's, and those around its callers, who may not get out to it."""
    if not calls.is_redrawn(view, service):
        return
    yield from view.policies_in(service.metadata.namespace)
    for caller in view.callers_of(service.metadata.namespace, service.name):
        yield from view.policies_in(caller.metadata.namespace)


def _of_policy(view: ClusterView, policy: NetworkPolicy) -> Iterable[NetworkPolicy]:
    """Policies add up: one that comes or goes changes what its neighbours block."""
    return view.policies_in(policy.metadata.namespace)


def _around(view: ClusterView, namespace: str, workload: KubeObject | None) -> Iterable[NetworkPolicy]:
    namespaces = {namespace}
    for call in calls.of(workload) if workload is not None else ():
        namespaces.update(name.namespace for name in call.meant)
    for one in sorted(namespaces):
        yield from view.policies_in(one)


DETECTOR = Detector(
    type=TYPE,
    title="A NetworkPolicy blocks calls that a workload needs",
    category=CATEGORY,
    about=About.POLICY,
    severity=Severity.MEDIUM,
    gates=("G1", "G2"),
    looks_at=frozenset({NetworkPolicy.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
    reached_from={
        Pod.kind: _of_pod,
        Service.kind: _of_service,
        NetworkPolicy.kind: _of_policy,
        **dict.fromkeys(calls.CALLERS, _of_workload),
    },
)
