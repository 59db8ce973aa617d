"""NetworkPolicyBlocks: a NetworkPolicy cuts a workload off from what it calls, or from DNS.

Policies exist to block traffic, so a policy alone is never an issue. All policies together must block what a workload calls (by the
addresses in its template): into the pods of a Service, out to them, or out to DNS. One of two facts comes in addition. The workload stops
being ready within an hour of the policy's last change. Or its pods are ready, and the policies have rules for such traffic that omit it:
policies without any rule isolate pods on purpose. The fact `omits` says what the nearest rule omits.

Whether the network plugin enforces policies is not known, so this is an inference (`isInference`), unless the log of the workload reports
that the call fails. Policies of add-ons may allow what these block; where there are any, only the log counts. `kube/policies.py` counts
what it cannot decide as allowed.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding
from optral.detectors.network import calls, endpoints, failing_calls
from optral.kube import dns, log_reports, log_signs, owners, policies, ports, selectors, times
from optral.kube.objects import ConfigMap, KubeObject, LogSigns, Namespace, NetworkPolicy, Pod, Service, condition
from optral.kube.policies import Omission
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

BEFORE_S = 120  # clock differences, and the last probe that passed
WITHIN_S = 3600
CHANGED_PATIENCE_S = 120
PATIENCE_S = 300  # of policies and workloads that are applied one after the other
MAX_PODS = 50
MAX_SERVICES = 50
MAX_WORKLOADS = 500
MAX_CALLERS = 100


class _Block(NamedTuple):
    """A workload that the policies cut off: in which direction, since when, and from what.

    Of pods that are ready, what the rules omit, and until when the log reports the failure (None: it does not).
    """

    case: str
    workload: ObjectRef
    since: datetime
    blocked: str
    omits: str = ""
    reported_until: datetime | None = None


def detect(policy: NetworkPolicy, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(policy):
        return
    blocks = sorted(_blocks(policy, view, now=now), key=lambda block: (bool(block.omits), block.since, block.workload))
    if not blocks:
        return
    first = blocks[0]
    subject = owners.ref(policy)
    is_reported = first.reported_until is not None
    template = titles.NetworkPolicyBlocks.cuts if is_reported else titles.NetworkPolicyBlocks.seems
    yield Finding(
        subject=subject,
        base=Severity.HIGH if is_reported else Severity.MEDIUM,
        title=template(
            object=wording.label(subject),
            workload=wording.label(first.workload),
            blocked=first.blocked,
            detail=titles.OMITS(omits=first.omits) if first.omits else "",
        ),
        since=first.since,
        opens_at=times.after(first.since, PATIENCE_S if first.omits else CHANGED_PATIENCE_S),
        expires_at=first.reported_until,
        facts={
            "case": first.case,
            "isInference": not is_reported,
            "blocked": first.blocked,
            "omits": first.omits or None,
            "workloads": sorted({str(block.workload) for block in blocks})[:20],
            "policyChangedAt": policy.changed_at.isoformat(),
            "directions": sorted(policy.types),
        },
    )


def _blocks(policy: NetworkPolicy, view: ClusterView, *, now: datetime) -> Iterator[_Block]:
    if "Egress" in policy.types:
        yield from _blocked_out(policy, view)
    if "Ingress" in policy.types:
        yield from _blocked_in(policy, view)
    for omitted in _omitted(policy, view):
        found = _judged(omitted, policy, view, now=now)
        if found is not None:
            yield found


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
    for service in _services_before(policy, view):
        targets = [pod for pod in endpoints.selected(service, view) if policies.selects(policy, pod)]
        if not targets:
            continue
        for caller in view.callers_of(service.metadata.namespace, service.name):
            for workload, pod, since in _not_ready_since_change(view.pods_of(owners.ref(caller)), policy, view):
                used = [call for call in calls.of(workload, view) if calls.target(call, view) == service]
                if any(policies.blocking_ingress(targets[0], pod, ports.target(service, call.port, targets[0]), view) for call in used):
                    yield _Block("ingress", owners.ref(workload), since, f"Service {service.namespace}/{service.name}")


def _services_before(policy: NetworkPolicy, view: ClusterView) -> Iterable[Service]:
    """The Services that may send to the pods of a policy."""
    services = view.services_in(policy.metadata.namespace)
    return islice((one for one in services if selectors.may_overlap(one.spec.selector, policy.spec.pod_selector)), MAX_SERVICES)


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


# --- workloads whose pods are ready ------------------------------------------------------------------------------------------------


class _Omitted(NamedTuple):
    """A call of a workload that no policy lets pass, with the first ready pod of the workload and what the rules omit."""

    case: str
    workload: KubeObject
    pod: Pod
    service: Service
    omission: Omission | None


def _omitted(policy: NetworkPolicy, view: ClusterView) -> Iterator[_Omitted]:
    if "Egress" in policy.types and policy.spec.egress:
        for workload in islice(calls.workloads_in(view, policy.metadata.namespace), MAX_WORKLOADS):
            template = calls.template_of(workload)
            if template is not None and selectors.fits(policy.spec.pod_selector, template.metadata.labels):
                yield from view.once(_omitted_on_the_way_out, workload)
    if "Ingress" in policy.types and policy.spec.ingress:
        for service in _services_before(policy, view):
            if any(policies.selects(policy, pod) for pod in endpoints.selected(service, view)[:1]):
                yield from view.once(_omitted_on_the_way_in, service)


def _omitted_on_the_way_out(view: ClusterView, workload: KubeObject) -> list[_Omitted]:
    pod, called = _ready_pod(workload, view), list(_called(workload, view, is_certain=True))
    template = calls.template_of(workload)
    if pod is None or template is None or not called:
        return []
    found = []
    for service, target, port in called:
        blocking = policies.blocking_egress(pod, target, port, view)
        found.append(_Omitted("egress", workload, pod, service, policies.omission(blocking, policies.EGRESS, pod, target, port, view)))
    if dns.is_of_cluster(template.spec):
        asked = Omission.of_dns(policies.blocking_dns(pod, view))
        found.insert(0, _Omitted("dns", workload, pod, called[0][0], asked))
    return found


def _omitted_on_the_way_in(view: ClusterView, service: Service) -> list[_Omitted]:
    targets = endpoints.selected(service, view)
    found = []
    for caller in view.callers_of(service.metadata.namespace, service.name)[:MAX_CALLERS] if targets else ():
        pod = _ready_pod(caller, view)
        for called, target, port in _called(caller, view, is_certain=True) if pod is not None else ():
            if pod is not None and called == service:
                blocking = policies.blocking_ingress(target, pod, port, view)
                found.append(
                    _Omitted("ingress", caller, pod, service, policies.omission(blocking, policies.INGRESS, pod, target, port, view))
                )
    return found


def _ready_pod(workload: KubeObject, view: ClusterView) -> Pod | None:
    ready = (pod for pod in view.pods_of(owners.ref(workload)) if pod.is_ready and endpoints.is_alive(pod))
    return min(ready, key=lambda pod: pod.name, default=None)


def _judged(omitted: _Omitted, policy: NetworkPolicy, view: ClusterView, *, now: datetime) -> _Block | None:
    """A call that this policy, as the nearest one, omits; None where other policies may let it pass and no log reports a failure."""
    workload, service, omission = omitted.workload, omitted.service, omitted.omission
    if omission is None or omission.policy != policy:
        return None
    if omitted.case == "dns":
        signs = failing_calls.of_workload(workload, view, now=now)
        sign = next((sign for sign in signs if log_signs.is_name_failure(sign.message)), None)
    else:
        sign = failing_calls.to_service(workload, service, view, now=now)
    if sign is None and _has_policies_of_addons(view):
        return None
    since = max(policy.changed_at, omitted.pod.created_at)
    blocked = "DNS" if omitted.case == "dns" else f"Service {service.namespace}/{service.name}"
    until = None if sign is None else log_reports.over_at(sign)
    return _Block(omitted.case, owners.ref(workload), since, blocked, omission.reason, until)


def _has_policies_of_addons(view: ClusterView) -> bool:
    """Whether there are policies of another kind, which may allow what these block."""
    return any(
        kind in policies.OF_ADDONS or kind.partition(".")[0].endswith("NetworkPolicy") for kind in view.kinds() - {NetworkPolicy.kind}
    )


def _called(workload: KubeObject, view: ClusterView, *, is_certain: bool = False) -> Iterator[tuple[Service, Pod, int | None]]:
    """The Services that it calls (`is_certain`: beyond doubt), one pod of each, and the port of that pod that the call reaches."""
    for call in calls.of(workload, view):
        service = calls.target(call, view) if call.is_certain or not is_certain else None
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
    return endpoints.is_alive(pod), pod.is_ready, _not_ready_since(pod), pod.labels, pod.owner_references


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


def _of_config(view: ClusterView, config: ConfigMap) -> Iterable[NetworkPolicy]:
    """The policies of its own namespace and of those where its readers call."""
    namespaces = {config.metadata.namespace, *(name.namespace for name in calls.names_near(view, config))}
    return [policy for namespace in sorted(namespaces) for policy in view.policies_in(namespace)]


def _of_policy(view: ClusterView, policy: NetworkPolicy) -> Iterable[NetworkPolicy]:
    """Policies add up: creating or deleting one changes what the others of its namespace block."""
    return view.policies_in(policy.metadata.namespace)


def _of_namespace(view: ClusterView, namespace: Namespace) -> Iterator[NetworkPolicy]:
    """A relabeled namespace: the policies where its workloads call Services, and its own, which let pods out to others."""
    for workload in calls.workloads_in(view, namespace.name):
        yield from _around(view, namespace.name, workload)


def _of_addon(view: ClusterView, _policy: KubeObject) -> Iterable[KubeObject]:
    """All policies, when the first policy of an add-on comes or the last one goes."""
    return view.all(NetworkPolicy.kind)


def _of_caller(view: ClusterView, workload: KubeObject) -> Iterable[NetworkPolicy]:
    return _around(view, workload.metadata.namespace, workload)


def _around(view: ClusterView, namespace: str, workload: KubeObject | None) -> Iterable[NetworkPolicy]:
    namespaces = {namespace}
    for call in calls.of(workload, view) if workload is not None else ():
        namespaces.update(name.namespace for name in call.candidates)
    for name in sorted(namespaces):
        yield from view.policies_in(name)


DETECTOR = Detector(
    type="NetworkPolicyBlocks",
    title=titles.NetworkPolicyBlocks.what,
    category="network",
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
        ConfigMap.kind: _of_config,
        NetworkPolicy.kind: _of_policy,
        Namespace.kind: _of_namespace,
        LogSigns.kind: failing_calls.around(_of_caller),
        **dict.fromkeys(policies.OF_ADDONS, _of_addon),
        **dict.fromkeys(calls.CALLERS, _of_workload),
    },
)
