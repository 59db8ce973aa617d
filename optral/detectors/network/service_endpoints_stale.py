"""ServiceEndpointsStale: a Service without a selector sends only to addresses of pods that no longer exist.

A person or an add-on writes the endpoints of such a Service, and nothing removes them with the pod. An address outside the cluster is
healthy, and whose it is cannot be known. An address counts as stale if no pod has it, and one of two facts shows that it was that of a pod:
the endpoint names a pod that does not exist on a node that does, or it is in the range of a node (`podCIDRs`) from which running pods of
that node have theirs. The first two addresses of a range belong to the node. A network plugin with ranges of its own leaves only the first
fact.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import islice
from typing import NamedTuple

from optral.detectors import gates, wording
from optral.detectors.detector import Effect, Tier, of_service
from optral.detectors.finding import Finding
from optral.detectors.network.endpoints import is_alive
from optral.kube import owners, policies
from optral.kube.objects import Endpoint, KubeObject, Node, Pod, Service
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

PATIENCE_S = 300  # add-ons that follow their pods, such as those that elect a leader
MAX_SLICES = 500
MAX_LISTED = 20


class _Stale(NamedTuple):
    """An address that nobody has: the phrase that says why, and the pod or node that shows it."""

    address: str
    reason: str
    shown_by: str
    node: str | None = None


def detect(service: Service, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(service) or service.spec.selector or service.spec.type == "ExternalName":
        return
    subject = owners.ref(service)
    stale: list[_Stale] = []
    for endpoint in (endpoint for piece in view.slices_of(subject) for endpoint in piece.endpoints if endpoint.is_ready):
        found = _stale(endpoint, service.metadata.namespace, view)
        if found is None:
            return
        stale.append(found)
    if not stale:
        return
    first = min(stale)
    yield Finding(
        subject=subject,
        title=_title(subject, first),
        since=now,
        is_onset_unknown=True,
        facts={
            "addresses": sorted(found.address for found in stale)[:MAX_LISTED],
            "reason": first.reason,
            "shownBy": first.shown_by,
            "slices": sorted(piece.name for piece in view.slices_of(subject))[:MAX_LISTED],
        },
    )


def _title(subject: ObjectRef, stale: _Stale) -> Title:
    label, address = wording.label(subject), stale.address
    if stale.node is None:
        return titles.ServiceEndpointsStale.pod_gone(object=label, address=address)
    return titles.ServiceEndpointsStale.unused(object=label, address=address, node=stale.node)


def _stale(endpoint: Endpoint, namespace: str, view: ClusterView) -> _Stale | None:
    """Why nobody has the addresses of an endpoint; None if somebody has one, or may have."""
    target, address = endpoint.target_ref, next(iter(endpoint.addresses), "")
    if not address or any(_holder(one, view) is not None for one in endpoint.addresses):
        return None
    is_local_pod = target is not None and target.kind == Pod.kind and view.node(endpoint.node_name) is not None
    if target is not None and is_local_pod and view.by_name(Pod.kind, namespace, target.name) is None:
        return _Stale(address, f"the address of pod {target.name}, which does not exist", f"Pod {namespace}/{target.name}")
    node = _node_of(address, view)
    if node is None:
        return None
    return _Stale(address, f"which is in the pod range of Node {node.name}, and no pod has it", f"Node {node.name}", node.name)


def _holder(address: str, view: ClusterView) -> Pod | None:
    """The pod of the node with this range that has the address."""
    node = _node_of(address, view)
    pods = view.pods_on(node.name) if node is not None else []
    return next((pod for pod in pods if pod.status.pod_ip == address and is_alive(pod)), None)


def _node_of(address: str, view: ClusterView) -> Node | None:
    """The node whose range the address is in, if pods of the node have theirs from it."""
    for node in view.all(Node.kind):
        if isinstance(node, Node) and any(_is_in(address, cidr) for cidr in node.spec.pod_cidrs):
            pods = (pod for pod in view.pods_on(node.name) if is_alive(pod) and policies.applies_to(pod))
            uses_it = any(_is_in(pod.status.pod_ip, cidr) for pod in pods for cidr in node.spec.pod_cidrs)
            return node if uses_it else None
    return None


@lru_cache(4096)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


@lru_cache(4096)
def _network(cidr: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(cidr, strict=False)
    except ValueError:
        return None


def _is_in(address: str, cidr: str) -> bool:
    """Whether an address is one that pods may get out of a range."""
    network, number = _network(cidr), _address(address)
    if network is None or number is None or number not in network:
        return False
    return int(number) - int(network.network_address) > 1


# --- which changes concern a Service -----------------------------------------------------------------------------------------------


def _of_pod(view: ClusterView, pod: Pod) -> Iterator[KubeObject]:
    """A pod that comes, goes or gets its address: the Services whose endpoints name it, or are in the range of its node."""
    versions = [one for one in (view.get(Pod.kind, pod.uid), view.previous(Pod.kind, pod.uid)) if isinstance(one, Pod)]
    serves = len(versions) == 2 and all(one.is_ready and is_alive(one) for one in versions)
    if serves and len({one.status.pod_ip for one in versions}) == 1:
        return
    node = view.node(pod.spec.node_name)
    ranges = node.spec.pod_cidrs if node is not None else ()
    yield from _services(view, lambda endpoint: _names(endpoint, pod) or _is_within(endpoint, ranges))


def _of_node(view: ClusterView, node: Node) -> Iterable[KubeObject]:
    """A node that comes, goes or gets another range."""
    after, before = view.get(Node.kind, node.uid), view.previous(Node.kind, node.uid)
    if isinstance(after, Node) and isinstance(before, Node) and after.spec.pod_cidrs == before.spec.pod_cidrs:
        return ()
    return _services(view, lambda endpoint: endpoint.node_name == node.name or _is_within(endpoint, node.spec.pod_cidrs))


def _names(endpoint: Endpoint, pod: Pod) -> bool:
    return endpoint.target_ref is not None and endpoint.target_ref.name == pod.name


def _is_within(endpoint: Endpoint, ranges: Iterable[str]) -> bool:
    return any(_is_in(address, cidr) for address in endpoint.addresses for cidr in ranges)


def _services(view: ClusterView, concerns: Callable[[Endpoint], bool]) -> Iterator[KubeObject]:
    for piece in islice(view.written_slices(), MAX_SLICES):
        if any(map(concerns, piece.endpoints)) and (found := view.by_name(Service.kind, piece.namespace, piece.service_name)) is not None:
            yield found


DETECTOR = of_service(
    type="ServiceEndpointsStale",
    title=titles.ServiceEndpointsStale.what,
    severity=Severity.HIGH,
    gates=("G1", "G12", "G14"),
    effect=Effect.SERVICE_DOWN,
    looks_at=frozenset({Service.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
    reached_from={Pod.kind: _of_pod, Node.kind: _of_node},
    reached_from_healthy_pods=True,
)
