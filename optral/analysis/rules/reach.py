"""Whether NetworkPolicies let one pod reach another. What cannot be judged here counts as allowed.

Policies only add up: a pod that any policy selects for a direction may do what at least one of them allows, and nothing else.
A pod on the network of its node sends and is reached by the node's address, so that plugins select it by no policy and know it by no label.
Source: Kubernetes API reference, NetworkPolicySpec.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from optral.analysis.case import Case, template_path
from optral.analysis.rules.scheduling import fits_labels
from optral.analysis.snapshot import Thing, dicts, words as texts
from optral.kube import selectors

POLICY = "NetworkPolicy.networking.k8s.io"
DNS = 53


def shutting_in(case: Case, caller: Thing, target: Thing) -> list[Thing]:
    """The policies of the target's namespace that select it and none of which lets the caller in."""
    chosen = [] if _is_on_node(caller) else list(_selecting(case, target, "Ingress"))
    return [] if any(_lets(case, one, "ingress", "from", caller) for one in chosen) else chosen


def shutting_out(case: Case, caller: Thing, target: Thing) -> list[Thing]:
    """The policies that select the caller and none of which lets it out to the target."""
    chosen = [] if _is_on_node(target) else list(_selecting(case, caller, "Egress"))
    return [] if any(_lets(case, one, "egress", "to", target) for one in chosen) else chosen


def silencing(case: Case, caller: Thing) -> list[Thing]:
    """The policies that select the caller and none of which lets it ask for names."""
    chosen = list(_selecting(case, caller, "Egress"))
    for policy in chosen:
        for rule in policy.many("spec.egress"):
            ports = dicts(rule.get("ports"))
            if not ports or any(one.get("port") in (DNS, "dns", "dns-tcp", None) or one.get("endPort") for one in ports):
                return []
    return chosen


def holding(case: Case, thing: Thing) -> list[Thing]:
    """The policies that select a pod of a workload or of a Service, for either direction."""
    pods = list(_pods(case, thing))
    return [one for one in case.snap.all(POLICY, thing.namespace) if any(_selects(one, pod) for pod in pods)]


def directions(policy: Thing) -> list[str]:
    """Ingress, Egress or both; where it does not say, Ingress, and Egress if it has rules for it."""
    return texts(policy.get("spec.policyTypes")) or (["Ingress", "Egress"] if policy.get("spec.egress") else ["Ingress"])


def _pods(case: Case, thing: Thing) -> Iterator[Thing]:
    """Its pods; without any the pod that it would have."""
    if thing.kind == "Service":
        selector = thing.strings("spec.selector")
        found = [pod for pod in case.snap.all("Pod", thing.namespace) if selectors.matches(selector, pod.labels)]
        likely = {"metadata": {"labels": selector}} if selector else None
    else:
        workload = case.workload(thing)
        found = [thing] if thing.kind == "Pod" else case.live_pods(workload)
        likely = workload.map(template_path(workload.kind).rpartition(".")[0])
    yield from found or ([Thing("Pod", likely)] if likely else [])


def _selecting(case: Case, pod: Thing, direction: str) -> Iterator[Thing]:
    return (one for one in case.snap.all(POLICY, pod.namespace) if direction in directions(one) and _selects(one, pod))


def _selects(policy: Thing, pod: Thing) -> bool:
    return not _is_on_node(pod) and fits_labels(policy.map("spec.podSelector"), pod.labels)


def _is_on_node(pod: Thing) -> bool:
    return pod.get("spec.hostNetwork") is True


def _lets(case: Case, policy: Thing, direction: str, side: str, other: Thing) -> bool:
    for rule in policy.many(f"spec.{direction}"):
        peers = dicts(rule.get(side))
        if not peers or any(_is_peer(case, policy, peer, other) for peer in peers):
            return True
    return False


def _is_peer(case: Case, policy: Thing, peer: Mapping[str, Any], other: Thing) -> bool:
    if peer.get("ipBlock"):
        return True
    spaces = peer.get("namespaceSelector")
    if isinstance(spaces, dict):
        home = case.snap.find("Namespace", None, other.namespace or "")
        if home is not None and not fits_labels(spaces, {"kubernetes.io/metadata.name": home.name, **home.labels}):
            return False
    elif other.namespace != policy.namespace:
        return False
    pods = peer.get("podSelector")
    return not isinstance(pods, dict) or fits_labels(pods, other.labels)
