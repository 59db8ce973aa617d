"""ServiceNameUnresolvable: the pods of a workload cannot resolve the name of a Service that their template calls.

The Service exists and may be healthy; the DNS settings of the template keep the pods from its name (`kube/dns.py`). The call may be one
that the program makes rarely, so it stays ready. Left out: an address that leads to the workload itself, which it may only
hand to others, and what runs beside the cluster's DNS.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import Tier, of_service
from optral.detectors.finding import Finding
from optral.detectors.network import calls
from optral.detectors.network.calls import Call
from optral.kube import dns, owners, times
from optral.kube.addresses import ServiceName
from optral.kube.dns import Fault
from optral.kube.objects import ConfigMap, DaemonSet, Deployment, KubeObject, Service, StatefulSet, Template
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

PATIENCE_S = 120


def detect(workload: Deployment | StatefulSet | DaemonSet, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    template = workload.spec.template
    if dns.is_of_cluster(template.spec) or workload.namespace in dns.NAMESPACES:
        return
    if gates.is_deleting(workload) or gates.is_switched_off(workload):
        return
    found = next(_faults(workload, template, view), None)
    if found is None:
        return
    call, service, fault = found
    subject = owners.ref(workload)
    since = workload.metadata.changed_at or workload.created_at
    yield Finding(
        subject=subject,
        title=titles.ServiceNameUnresolvable.unresolvable(object=wording.label(subject), service=service.name, setting=fault.setting),
        since=since,
        opens_at=times.after(since, PATIENCE_S),
        facts={
            "host": call.host,
            "place": call.place,
            "service": f"{service.namespace}/{service.name}",
            "field": fault.field,
            "value": fault.value,
            "wanted": fault.wanted,
        },
    )


def _faults(workload: KubeObject, template: Template, view: ClusterView) -> Iterator[tuple[Call, Service, Fault]]:
    for call in calls.of(workload, view):
        service = calls.target(call, view) if call.is_certain else None
        if service is None or calls.is_own(service, workload):
            continue
        name = ServiceName(service.metadata.namespace, service.name)
        fault = dns.fault(template.spec, call.host, name, view)
        if fault is not None and (name == call.candidates[0] or service.is_headless):  # else `a.b` is rather a host than a pod of b
            yield call, service, fault


def _of_service(view: ClusterView, service: Service) -> Iterable[KubeObject]:
    return view.callers_of(service.metadata.namespace, service.name) if calls.is_service_changed(view, service) else ()


def _of_config(view: ClusterView, config: ConfigMap) -> Iterable[KubeObject]:
    return view.readers_of(config.metadata.namespace, config.name)


DETECTOR = of_service(
    type="ServiceNameUnresolvable",
    title=titles.ServiceNameUnresolvable.what,
    severity=Severity.HIGH,
    gates=("G1", "G6"),
    looks_at=frozenset(calls.CALLERS),
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
    reached_from={Service.kind: _of_service, ConfigMap.kind: _of_config},
)
