"""What a pod requests of its node, and what a node offers.

CPU is in thousandths of a core, everything else in whole units (bytes, pods, devices), rounded up. What cannot be read counts as 0.
Sources: Kubernetes documentation, "Sidecar Containers", "Pod Overhead" and "Assign Pod-level CPU and memory resources".
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from optral.kube import quantities
from optral.kube.objects import Container, Node, Quantity
from optral.kube.objects.scheduling import SchedulingContainer, Spec

Amounts = dict[str, int]
PODS = "pods"  # the resource of which each pod takes one


def of(spec: Spec) -> Amounts:
    """What a pod requests, by resource; one of `pods` is among it.

    The main containers and the native sidecars run together. An init container runs beside the sidecars that started before it, and the
    pod needs room for the largest of these moments. Pod-level requests replace the sum; the overhead of the runtime class comes on top.
    """
    total = _sum(spec.containers)
    sidecars: Amounts = {}
    largest: Amounts = {}
    for container in spec.init_containers:
        if container.is_sidecar:
            _add(sidecars, container.resources.requests)
        else:
            moment = dict(sidecars)
            _add(moment, container.resources.requests)
            _raise_to(largest, moment)
    for resource, value in sidecars.items():
        total[resource] = total.get(resource, 0) + value
    _raise_to(total, largest)
    for resource in spec.resources.requests:
        total[resource] = amount(spec.resources.requests, resource)
    _add(total, spec.overhead)
    total[PODS] = total.get(PODS, 0) + 1
    return total


def limit(spec: Spec, resource: str) -> int | None:
    """What a pod may use of a resource: its own limit, or the sum of those of the containers that run side by side; None without one."""
    if resource in spec.resources.limits:
        return amount(spec.resources.limits, resource)
    found = [container.resources.limits for container in long_running(spec)]
    return sum(amount(limits, resource) for limits in found) if found and all(resource in limits for limits in found) else None


def offered(node: Node, resource: str) -> int:
    """How much of a resource the node has for pods."""
    return amount(node.status.allocatable, resource)


def long_running(spec: Spec) -> list[Container | SchedulingContainer]:
    """The containers that run side by side for as long as the pod does."""
    return [*spec.containers, *(container for container in spec.init_containers if container.is_sidecar)]


def amount(amounts: Mapping[str, Quantity], resource: str) -> int:
    """One resource of a `requests`, `allocatable` or `hard` map; 0 when it is absent or cannot be read."""
    return _amount(resource, amounts[resource]) if resource in amounts else 0


@lru_cache(maxsize=8192)
def _amount(resource: str, quantity: Quantity) -> int:
    return (quantities.read_milli(quantity) if resource == "cpu" else quantities.read_bytes(quantity)) or 0


def _sum(containers: Iterable[Container | SchedulingContainer]) -> Amounts:
    total: Amounts = {}
    for container in containers:
        _add(total, container.resources.requests)
    return total


def _add(total: Amounts, amounts: Mapping[str, Quantity]) -> None:
    for resource, quantity in amounts.items():
        total[resource] = total.get(resource, 0) + _amount(resource, quantity)


def _raise_to(total: Amounts, amounts: Amounts) -> None:
    for resource, value in amounts.items():
        total[resource] = max(total.get(resource, 0), value)
