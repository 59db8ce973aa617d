"""On which nodes a pod may run: node selectors, node affinity, taints and tolerations, host ports.

These are the scheduler's filters that objects alone decide; room is in `kube/requests.py`, the labels of other pods in `kube/selectors.py`.
Source: Kubernetes API reference, PodSpec, NodeSelectorTerm and Toleration.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from optral.kube import lenient, selectors
from optral.kube.objects import Node, NodeSelectorTerm, PersistentVolume, Requirement, Taint
from optral.kube.objects.scheduling import SchedulingSpec, Spec, Toleration
from optral.kube.objects.templates import TemplateSpec

HOST_NAME = "kubernetes.io/hostname"  # set by every kubelet
CORDON = Taint(key="node.kubernetes.io/unschedulable", effect="NoSchedule")
CONTROL_PLANE_ROLES = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
"""Labels of a node of the control plane, and keys of the taints that keep ordinary pods off it."""
_ROLE, _ROLES = "kubernetes.io/role", ("master", "control-plane")  # before Kubernetes 1.6
REPELLING = ("NoSchedule", "NoExecute")  # effects that keep a pod off; PreferNoSchedule does not


def scheduling(spec: Mapping[str, Any]) -> SchedulingSpec:
    """The `spec` of a pod's manifest as the scheduler reads it; fields of a wrong shape keep their defaults."""
    return lenient.convert(SchedulingSpec, spec)


def labels(node: Node) -> dict[str, str]:
    """The labels that selectors and topology keys are compared with."""
    return {HOST_NAME: node.name, **node.labels}


def is_control_plane(labels: Mapping[str, str]) -> bool:
    """Whether a node with these labels runs the control plane."""
    return any(role in labels for role in CONTROL_PLANE_ROLES) or labels.get(_ROLE) in _ROLES


def has_labels(node: Node, selector: Mapping[str, str]) -> bool:
    """Whether a node has all labels of a node selector; an empty selector fits every node."""
    return not selectors.differences(selector, labels(node))


def fits_node(spec: Spec, node: Node) -> bool:
    """Whether a node meets the pod's node selector and its required node affinity."""
    return has_labels(node, spec.node_selector) and fits_terms(spec.affinity.node_affinity.required.node_selector_terms, node)


def fits_terms(terms: tuple[NodeSelectorTerm, ...], node: Node) -> bool:
    """Whether a node meets one of the terms; without terms every node does."""
    return not terms or any(_fits_term(term, node) for term in terms)


def fits_volume(volume: PersistentVolume, node: Node) -> bool:
    """Whether a node may use a volume that belongs to a place."""
    return fits_terms(volume.spec.node_affinity.required.node_selector_terms, node)


def place_of(volume: PersistentVolume) -> Requirement | None:
    """The first expression that lists where a volume may be used; None for one that may be used anywhere."""
    terms = volume.spec.node_affinity.required.node_selector_terms
    return next((one for term in terms for one in term.match_expressions if one.operator == "In" and one.values), None)


def unmet(spec: SchedulingSpec, nodes: Iterable[Node]) -> Requirement | None:
    """The first expression of the required node affinity that none of the nodes meets; None where each is met by some node."""
    having = [labels(node) for node in nodes]
    wanted = [expression for term in spec.affinity.node_affinity.required.node_selector_terms for expression in term.match_expressions]
    return next((one for one in wanted if not any(_holds(one, found) for found in having)), None)


def only_avoids(spec: SchedulingSpec) -> bool:
    """Whether the pod says only which nodes it refuses, and none that it wants."""
    terms = spec.affinity.node_affinity.required.node_selector_terms
    wanted = [one for term in terms for one in (*term.match_expressions, *term.match_fields)]
    return bool(wanted) and not spec.node_selector and all(one.operator in ("NotIn", "DoesNotExist") for one in wanted)


def tolerates(tolerations: Iterable[Toleration], taint: Taint) -> bool:
    """Whether one of the tolerations matches the taint."""
    return any(_matches(toleration, taint) for toleration in tolerations)


def untolerated(spec: SchedulingSpec | TemplateSpec, node: Node) -> tuple[int, Taint] | None:
    """The first taint that keeps the pod off the node, with its index; the taint of a cordon does not count (see `CORDON`)."""
    return next(repelling(spec, node), None)


def repelling(spec: SchedulingSpec | TemplateSpec, node: Node) -> Iterator[tuple[int, Taint]]:
    """The taints that keep the pod off the node, as `untolerated` has the first."""
    for index, taint in enumerate(node.spec.taints):
        if taint.effect in REPELLING and taint.key != CORDON.key and not tolerates(spec.tolerations, taint):
            yield index, taint


def is_cordoned_for(spec: SchedulingSpec | TemplateSpec, node: Node) -> bool:
    """Whether a cordon keeps the pod off the node; DaemonSet pods tolerate it."""
    return node.spec.unschedulable and not tolerates(spec.tolerations, CORDON)


def host_ports(spec: SchedulingSpec | TemplateSpec) -> frozenset[int]:
    """The ports of the node that the pod's containers take."""
    return frozenset(port.host_port for container in spec.containers for port in container.ports if port.host_port > 0)


def _matches(toleration: Toleration, taint: Taint) -> bool:
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.operator == "Exists":
        return not toleration.key or toleration.key == taint.key
    return toleration.key == taint.key and toleration.value == taint.value


def _fits_term(term: NodeSelectorTerm, node: Node) -> bool:
    """An empty term fits no node."""
    if not term.match_expressions and not term.match_fields:
        return False
    return all(_holds(expression, labels(node)) for expression in term.match_expressions) and all(
        _holds(field, {"metadata.name": node.name}) for field in term.match_fields
    )


def _holds(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    if requirement.operator not in ("Gt", "Lt"):
        return selectors.holds(requirement, labels)
    value, bound = _number(labels.get(requirement.key)), _number(next(iter(requirement.values), None))
    if value is None or bound is None:
        return False
    return value > bound if requirement.operator == "Gt" else value < bound


def _number(text: str | None) -> int | None:
    digits = text.removeprefix("-") if text is not None else ""
    return int(text) if text is not None and digits.isascii() and digits.isdigit() and len(digits) < 20 else None
