"""What NetworkPolicies let through: may this pod call that one on this port?

All policies that select a pod for a direction add up; what none of them allows is blocked. What cannot be judged from objects (address
blocks, namespaces that have not been seen, ports that cannot be resolved) counts as allowed: nobody is accused on a guess.
"""

from collections.abc import Iterable
from typing import NamedTuple

from optral.detectors.network import ports
from optral.kube import selectors
from optral.kube.objects import EgressAllowance, IngressAllowance, NetworkPolicy, Pod, PolicyPeer, PolicyPort
from optral.kube.view import ClusterView

DNS = 53
DNS_NAMESPACE = "kube-system"


class End(NamedTuple):
    """One end of a connection: where it is and what it is labelled. `pod` where it is a certain pod."""

    namespace: str
    labels: dict[str, str]
    pod: Pod | None = None


def end_of(pod: Pod) -> End:
    return End(pod.metadata.namespace, pod.labels, pod)


def selecting(pod: Pod, direction: str, view: ClusterView) -> list[NetworkPolicy]:
    """The policies that restrict a pod in this direction (`Ingress`, `Egress`)."""
    policies = view.policies_in(pod.metadata.namespace)
    return [one for one in policies if direction in one.types and selectors.fits(one.spec.pod_selector, pod.labels)]


def lets_in(target: Pod, caller: End, port: int | None, view: ClusterView) -> bool:
    """Whether the target's policies let the caller in on this port of it."""
    policies = selecting(target, "Ingress", view)
    return not policies or any(_allows(policy, policy.spec.ingress, caller, target, port, view) for policy in policies)


def lets_out(caller: Pod, target: Pod, port: int | None, view: ClusterView) -> bool:
    """Whether the caller's policies let it reach the target on this port."""
    policies = selecting(caller, "Egress", view)
    return not policies or any(_allows(policy, policy.spec.egress, end_of(target), target, port, view) for policy in policies)


def lets_resolve(caller: Pod, view: ClusterView) -> bool:
    """Whether the caller's policies let it ask the cluster's DNS: anybody in kube-system, on port 53."""
    for policy in selecting(caller, "Egress", view):
        for rule in policy.spec.egress:
            if not any(_covers(port, DNS, None) for port in rule.ports) and rule.ports:
                continue
            if not rule.peers or any(_may_be_dns(peer, policy, view) for peer in rule.peers):
                return True
    return not selecting(caller, "Egress", view)


def _may_be_dns(peer: PolicyPeer, policy: NetworkPolicy, view: ClusterView) -> bool:
    return peer.ip_block is not None or _in_namespace(peer, DNS_NAMESPACE, policy, view)


def _allows(
    policy: NetworkPolicy,
    rules: Iterable[IngressAllowance | EgressAllowance],
    other: End,
    target: Pod,
    port: int | None,
    view: ClusterView,
) -> bool:
    for rule in rules:
        if rule.ports and port is not None and not any(_covers(one, port, target) for one in rule.ports):
            continue
        if not rule.peers or any(_is_meant(peer, other, policy, view) for peer in rule.peers):
            return True
    return False


def _is_meant(peer: PolicyPeer, other: End, policy: NetworkPolicy, view: ClusterView) -> bool:
    if peer.ip_block is not None:
        return True
    if not _in_namespace(peer, other.namespace, policy, view):
        return False
    return peer.pod_selector is None or selectors.fits(peer.pod_selector, other.labels)


def _in_namespace(peer: PolicyPeer, namespace: str, policy: NetworkPolicy, view: ClusterView) -> bool:
    if peer.namespace_selector is None:
        return namespace == policy.metadata.namespace
    seen = view.namespace(namespace)
    return seen is None or selectors.fits(peer.namespace_selector, seen.labels)


def _covers(allowed: PolicyPort, port: int, target: Pod | None) -> bool:
    """Whether a rule's port is this one. Protocols are left aside: who mixes them up has another issue."""
    if allowed.port is None:
        return True
    if isinstance(allowed.port, str):
        return target is None or any(one.name == allowed.port and one.container_port == port for one in ports.declared(target))
    return allowed.port <= port <= max(allowed.port, allowed.end_port or 0)
