"""Network policies: which pods a policy selects, and what all policies together let through.

Policies only add up: a pod that any policy selects for a direction may do what at least one of them allows, and nothing else.
Sources: Kubernetes API reference, NetworkPolicySpec; Kubernetes documentation, Network Policies.

What objects alone do not decide counts as allowed, so that no policy is accused on a guess:

- hostNetwork pods. They send from and listen on their node's address, so plugins select them by no policy and match them to no peer by
  label. No policy restricts such a pod; whether another pod's policies let it in or let traffic out to it depends on the plugin.
- ipBlock peers. Whether a plugin compares them with the address of the pod, the Service or the node is not defined.
- Namespaces that are not known, and named ports of pods that are not known.

Protocols are not compared: a Service and a policy that disagree about TCP and UDP is a different problem.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from optral.kube import ports, selectors
from optral.kube.cluster import Cluster
from optral.kube.objects import EgressAllowance, IngressAllowance, NetworkPolicy, Pod, PolicyPeer, PolicyPort

INGRESS, EGRESS = "Ingress", "Egress"
DNS_PORT = 53
_DNS_PORTS = (DNS_PORT, 5353)  # of the pods: OpenShift's listen on 5353 behind a Service on 53
_DNS_NAMESPACES = ("kube-system", "openshift-dns")
OF_ADDONS = (
    "AdminNetworkPolicy.policy.networking.k8s.io",
    "BaselineAdminNetworkPolicy.policy.networking.k8s.io",
    "ClusterNetworkPolicy.policy.networking.k8s.io",
    "CiliumNetworkPolicy.cilium.io",
    "CiliumClusterwideNetworkPolicy.cilium.io",
    "GlobalNetworkPolicy.crd.projectcalico.org",
    "NetworkPolicy.crd.projectcalico.org",
    "ClusterNetworkPolicy.crd.antrea.io",
    "NetworkPolicy.crd.antrea.io",
)
"""Kinds of policies that decide together with NetworkPolicies, and may allow what these block. Others of such a name count, too."""
_NAME_LABEL = "kubernetes.io/metadata.name"  # set by the API server on every namespace


def applies_to(pod: Pod) -> bool:
    """Whether policies apply to a pod at all: it has an address of its own, not that of its node."""
    return not pod.spec.host_network


def selects(policy: NetworkPolicy, pod: Pod) -> bool:
    """Whether a policy restricts a pod of its namespace."""
    return applies_to(pod) and selectors.fits(policy.spec.pod_selector, pod.labels)


def selecting(pod: Pod, direction: str, cluster: Cluster) -> list[NetworkPolicy]:
    """The policies that restrict a pod in this direction (`INGRESS`, `EGRESS`)."""
    return [policy for policy in cluster.policies_in(pod.metadata.namespace) if direction in policy.types and selects(policy, pod)]


def blocking_ingress(target: Pod, caller: Pod, port: int | None, cluster: Cluster) -> list[NetworkPolicy]:
    """The target's policies when none of them lets the caller in on this port of the pod; [] when it is let in.

    With `port` None the port is not known, and a rule for any port counts.
    """
    if caller.spec.host_network or _is_same(caller, target):
        return []
    restricting = selecting(target, INGRESS, cluster)
    is_allowed = any(_allows(policy, policy.spec.ingress, caller, target, port, cluster) for policy in restricting)
    return [] if is_allowed else restricting


def blocking_egress(caller: Pod, target: Pod, port: int | None, cluster: Cluster) -> list[NetworkPolicy]:
    """The caller's policies when none of them lets it out to this port of the target; [] when it is let out. `port` as above."""
    if target.spec.host_network or _is_same(caller, target):
        return []
    restricting = selecting(caller, EGRESS, cluster)
    is_allowed = any(_allows(policy, policy.spec.egress, target, target, port, cluster) for policy in restricting)
    return [] if is_allowed else restricting


def blocking_dns(caller: Pod, cluster: Cluster) -> list[NetworkPolicy]:
    """The caller's policies when none of them lets it out to the cluster's DNS; [] when it may ask."""
    restricting = selecting(caller, EGRESS, cluster)
    is_allowed = any(_allows_dns(policy, rule, cluster) for policy in restricting for rule in policy.spec.egress)
    return [] if is_allowed else restricting


class Omission(NamedTuple):
    """The policy that comes nearest to letting some traffic pass, and why its rules do not: `require the pod label role=client`."""

    policy: NetworkPolicy
    reason: str

    @classmethod
    def of_dns(cls, blocking: Iterable[NetworkPolicy]) -> "Omission | None":
        """As `omission`, of policies that block DNS."""
        with_rules = [policy for policy in blocking if policy.spec.egress]
        reason = f"do not include port {DNS_PORT} of the cluster's DNS"
        return cls(min(with_rules, key=lambda policy: policy.name), reason) if with_rules else None


def omission(
    blocking: Iterable[NetworkPolicy], direction: str, caller: Pod, target: Pod, port: int | None, cluster: Cluster
) -> Omission | None:
    """Of the policies that block this traffic, what the nearest rule omits; None if they have no rules: then they block on purpose."""
    nearest: tuple[int, str, tuple[str, ...]] | None = None
    by_name = {policy.name: policy for policy in blocking}
    other = caller if direction == INGRESS else target
    for name, policy in by_name.items():
        rules: Iterable[IngressAllowance | EgressAllowance] = policy.spec.ingress if direction == INGRESS else policy.spec.egress
        for rule in rules:
            is_open = not rule.ports or port is None or any(_covers(one, port, target) for one in rule.ports)
            of_port = () if is_open else (f"do not include port {port}",)
            for unmet in [tuple(_unmet(peer, other, policy, cluster)) for peer in rule.peers] or [()]:
                found = (len(unmet) + len(of_port), name, (*unmet, *of_port))
                nearest = found if nearest is None else min(nearest, found)
    return None if nearest is None else Omission(by_name[nearest[1]], " and ".join(nearest[2]))


def _is_same(caller: Pod, target: Pod) -> bool:
    return bool(caller.uid) and caller.uid == target.uid  # a pod always reaches itself


def _allows_dns(policy: NetworkPolicy, rule: EgressAllowance, cluster: Cluster) -> bool:
    if rule.ports and not any(_covers(one, port, None) for one in rule.ports for port in _DNS_PORTS):
        return False
    return not rule.peers or any(
        peer.ip_block is not None or next(_unmet_by_namespace(peer, namespace, policy, cluster), None) is None
        for peer in rule.peers
        for namespace in _DNS_NAMESPACES
        if namespace == _DNS_NAMESPACES[0] or cluster.namespace(namespace) is not None
    )


def _allows(
    policy: NetworkPolicy,
    rules: Iterable[IngressAllowance | EgressAllowance],
    other: Pod,
    target: Pod,
    port: int | None,
    cluster: Cluster,
) -> bool:
    """Whether a rule lets traffic to this port of `target` pass; `other` is the end that the rule's peers describe."""
    for rule in rules:
        if rule.ports and port is not None and not any(_covers(one, port, target) for one in rule.ports):
            continue
        if not rule.peers or any(_is_peer(peer, other, policy, cluster) for peer in rule.peers):
            return True
    return False


def _is_peer(peer: PolicyPeer, other: Pod, policy: NetworkPolicy, cluster: Cluster) -> bool:
    return next(_unmet(peer, other, policy, cluster), None) is None


def _unmet(peer: PolicyPeer, other: Pod, policy: NetworkPolicy, cluster: Cluster) -> Iterator[str]:
    """What a pod lacks to be this peer, as phrases."""
    if peer.ip_block is not None:
        return
    yield from _unmet_by_namespace(peer, other.metadata.namespace, policy, cluster)
    if peer.pod_selector is not None:
        yield from (f"require the pod label {label}" for label in selectors.unmet(peer.pod_selector, other.labels))


def _unmet_by_namespace(peer: PolicyPeer, namespace: str, policy: NetworkPolicy, cluster: Cluster) -> Iterator[str]:
    if peer.namespace_selector is None:
        if namespace != policy.metadata.namespace:
            yield f"include only pods of namespace {policy.metadata.namespace}"
    elif (known := cluster.namespace(namespace)) is not None:
        labels = {_NAME_LABEL: namespace, **known.labels}
        yield from (f"require the namespace label {label}" for label in selectors.unmet(peer.namespace_selector, labels))


def _covers(allowed: PolicyPort, port: int, target: Pod | None) -> bool:
    """Whether a rule's port, port range or port name covers a port of the target; a name counts where the target is not known."""
    if allowed.port is None:
        return True
    if isinstance(allowed.port, str):
        return target is None or any(one.name == allowed.port and one.container_port == port for one in ports.declared(target))
    return allowed.port <= port <= max(allowed.port, allowed.end_port or 0)
