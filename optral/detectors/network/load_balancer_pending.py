"""LoadBalancerPending: a Service of type LoadBalancer has no address, so nobody can reach it from outside the cluster.

A cloud takes minutes. Two failures in its Events open the issue at once. Without Events it opens after five minutes: high if other Services
of the cluster have an address, low if none has. Then probably nothing assigns addresses in this cluster (bare metal), and the Service still
works inside.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from optral.detectors import gates, wording
from optral.detectors.detector import Tier, of_service
from optral.detectors.finding import Finding
from optral.kube import owners, times
from optral.kube.objects import Event, Service
from optral.kube.reports import load_balancers
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

PATIENCE_S = 300
MAX_ASKED = 500
_FAILURES = frozenset(load_balancers.FAILURES)
_BALANCER = "LoadBalancer"


def detect(service: Service, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if not _waits(service) or gates.is_deleting(service) or service.spec.external_ips:
        return
    failures = gates.fresh_events(view, service.uid, _FAILURES, now=now)
    others_have_addresses = any(other.spec.type == _BALANCER and not _waits(other) for other in _services(view))
    subject = owners.ref(service)
    since = service.changed_at
    base = Severity.HIGH if failures or others_have_addresses else Severity.LOW
    yield Finding(
        subject=subject,
        base=base,
        title=titles.LoadBalancerPending.reported(
            object=wording.label(subject), message=wording.clip(failures[0].message, wording.MAX_DETAIL)
        )
        if failures
        else titles.LoadBalancerPending.unassigned(object=wording.label(subject)),
        since=since,
        opens_at=_opens_at(since, failures),
        facts={
            "reason": failures[0].reason if failures else None,
            "message": wording.clip(failures[0].message) if failures else None,
            "loadBalancerClass": service.spec.load_balancer_class or None,
            "othersHaveAddresses": others_have_addresses,
        },
    )


def _waits(service: Service) -> bool:
    """Whether it requests an external address and has none."""
    return service.spec.type == _BALANCER and not service.status.load_balancer.ingress


def _opens_at(since: datetime, failures: list[Event]) -> datetime:
    patient = times.after(since, PATIENCE_S)
    if sum(event.times for event in failures) < 2:
        return patient
    return min(patient, max(since, max(event.first_seen for event in failures)))


def _services(view: ClusterView) -> Iterator[Service]:
    return (service_ for service_ in view.all(Service.kind) if isinstance(service_, Service))


def _others(view: ClusterView, service: Service) -> Iterable[Service]:
    """The Services that wait, when another one gets or loses an address: the severity depends on whether any has one."""
    after, before = view.get(Service.kind, service.uid), view.previous(Service.kind, service.uid)
    had = [isinstance(service_, Service) and service_.spec.type == _BALANCER and not _waits(service_) for service_ in (after, before)]
    return islice((other for other in _services(view) if _waits(other)), MAX_ASKED) if had[0] != had[1] else ()


DETECTOR = of_service(
    type="LoadBalancerPending",
    title=titles.LoadBalancerPending.what,
    severity=Severity.HIGH,
    gates=("G1", "G7"),
    looks_at=frozenset({Service.kind}),
    detect=detect,
    event_reasons=_FAILURES,
    open_after_s=PATIENCE_S,
    tier=Tier.CORE,
    reached_from={Service.kind: _others},
)
