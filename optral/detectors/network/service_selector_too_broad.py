"""ServiceSelectorTooBroad: a Service also sends traffic to pods of another workload, which do not serve its port.

Pods of two workloads behind one Service are often intended: a canary, blue and green, members of a cluster. So what counts is a workload
with ready pods that plainly does not serve the port, beside one that does: it declares ports without this one, or it is a Job. Images of
the same name are one program in two versions. A named target port skips such pods, and a headless Service leaves the choice to its clients.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import Tier, of_service
from optral.detectors.finding import Finding
from optral.detectors.network import endpoints
from optral.kube import owners, ports
from optral.kube.images import repository
from optral.kube.objects import Pod, Service, ServicePort
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

_RUNS = frozenset({owners.JOB, owners.CRON_JOB})


def detect(service: Service, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(service) or not service.spec.selector or service.spec.type == "ExternalName" or service.is_headless:
        return
    numbered = [port for port in service.spec.ports if isinstance(port.target, int)]
    by_owner = view.by_workload(pod for pod in endpoints.selected(service, view) if pod.is_ready) if numbered else {}
    servers, strangers = _divided(by_owner, numbered) if len(by_owner) > 1 else (set(), [])
    if not servers or not strangers:
        return
    subject = owners.ref(service)
    since = _since(service, [by_owner[owner] for owner in strangers])
    yield Finding(
        subject=subject,
        title=titles.ServiceSelectorTooBroad.broad(object=wording.label(subject), stranger=wording.label(strangers[0])),
        since=since,
        facts=_facts(service, numbered, servers, strangers),
    )


def _facts(service: Service, numbered: Sequence[ServicePort], servers: set[ObjectRef], strangers: Sequence[ObjectRef]) -> dict[str, object]:
    return {
        "selector": dict(service.spec.selector),
        "serving": [str(owner) for owner in sorted(servers)][:20],
        "notServing": [str(owner) for owner in strangers][:20],
        "ports": sorted({port.target for port in numbered if isinstance(port.target, int)})[:20],
    }


def _divided(by_owner: Mapping[ObjectRef, Sequence[Pod]], numbered: Sequence[ServicePort]) -> tuple[set[ObjectRef], list[ObjectRef]]:
    """The workloads whose pods serve one of the ports, and the unrelated ones, sorted."""
    servers = {owner for owner, pods in by_owner.items() if any(_serves(port, pods[0]) for port in numbered)}
    known = {image for owner in servers for image in _programs(by_owner[owner][0])}
    return servers, sorted(owner for owner in set(by_owner) - servers if _is_stranger(owner, by_owner[owner][0], known))


def _serves(port: ServicePort, pod: Pod) -> bool:
    return ports.is_declared(port, pod) or any(knock == port.target for knock in ports.probed(pod))


def _is_stranger(owner: ObjectRef, pod: Pod, known: set[str]) -> bool:
    """Whether it is another program which is known not to listen on the port."""
    if known & _programs(pod):
        return False
    return owner.kind in _RUNS or (bool(pod.spec.containers) and all(container.ports for container in pod.spec.containers))


def _programs(pod: Pod) -> set[str]:
    """The images of its containers without tag and digest."""
    return {repository(container.image) for container in pod.spec.containers if container.image}


def _since(service: Service, groups: list[list[Pod]]) -> datetime:
    first = min(min(pod.created_at for pod in pods) for pods in groups)
    return max(service.changed_at, first)


DETECTOR = of_service(
    type="ServiceSelectorTooBroad",
    title=titles.ServiceSelectorTooBroad.what,
    severity=Severity.MEDIUM,
    gates=("G1", "G2", "G4"),
    looks_at=frozenset({Service.kind}),
    detect=detect,
    open_after_s=300,
    tier=Tier.EXTENDED,
    reached_from={Pod.kind: endpoints.in_front_of_ready},
)
