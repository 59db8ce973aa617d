"""ServiceMissing: a workload calls a Service that is not there, or a port that only it believes in.

An address in a template is a hint: the feature it belongs to may be switched off, the name may mean a host elsewhere. So an absent name
counts only with something beside it. Either a Service of nearly the same name that has the port, or, for a full name in another namespace,
one of just that name in the caller's own (then the caller wrote it wrong, and is the subject); or a workload of just that name which no
Service leads to (then the Service is missing, and is the subject). A port that the Service lacks is the caller's fault while others ask for
one it has; for a fault of the Service see ServiceTargetPortMismatch. Other names in other namespaces are not judged when they are absent.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain

from optral.detectors import gates, severity, wording
from optral.detectors.detector import About, Detector, Effect, Tier
from optral.detectors.finding import Finding, Suspect
from optral.detectors.network import calls, service_target_port_mismatch
from optral.detectors.network.calls import Call
from optral.kube import names, owners, times
from optral.kube.objects import DaemonSet, Deployment, KubeObject, Namespace, ResourceQuota, Service, StatefulSet
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

TYPE = "ServiceMissing"
CATEGORY = "network"
PATIENCE_S = 120
SLIP_PATIENCE_S = 60  # for what the caller wrote wrong: only a Service that comes in the same breath could make it right
MAX_PART = 253
_QUOTA_TYPES = frozenset({"ResourceQuotaExceeded"})
_APP_LABELS = ("app", "app.kubernetes.io/name", "k8s-app")


def detect(workload: KubeObject, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(workload) or gates.is_off_on_purpose(workload):
        return
    told: set[tuple[ObjectRef, str]] = set()
    for call in calls.of(workload):
        finding = _judge(workload, call, view, now=now)
        if finding is not None and (finding.subject, finding.part or "") not in told:
            told.add((finding.subject, finding.part or ""))
            yield finding


def _judge(workload: KubeObject, call: Call, view: ClusterView, *, now: datetime) -> Finding | None:
    service = calls.target(call, view)
    caller = owners.ref(workload)
    if service is not None:
        if not _asks_wrong(call, workload, service, view):
            return None
        offers = [port.port for port in service.spec.ports[:5]]
        says = f"{wording.label(caller)} calls port {call.port} of Service {service.name}, which has {', '.join(map(str, offers))}"
        found = _finding(workload, call, view, now=now, case="portMissing", subject=caller, says=says, near=service.name)
        return replace(found, facts={**found.facts, "offers": offers})
    home = next((name for name in call.meant if name.namespace == workload.metadata.namespace), None)
    if home is None:
        return _elsewhere(workload, call, view, now=now)
    if not view.services_in(home.namespace):
        return None  # an empty namespace may just not have been seen
    if (near := _near(home.name, call, view, home.namespace)) is not None:
        says = f"{wording.label(caller)} calls {call.host}, which is no Service; {near} is one"
        return _finding(workload, call, view, now=now, case="nameWrong", subject=caller, says=says, near=near)
    if (meant := _stands_for(home.name, workload, view)) is not None:
        says = f"Service {home.namespace}/{home.name} does not exist; {wording.label(caller)} calls it"
        absent = ObjectRef(Service.kind, home.namespace, home.name)
        return _finding(workload, call, view, now=now, case="serviceMissing", subject=absent, says=says, meant=str(meant))
    return None


def _elsewhere(workload: KubeObject, call: Call, view: ClusterView, *, now: datetime) -> Finding | None:
    """A full name in another namespace, which has no such Service, while the caller's own has it."""
    if len(call.meant) != 1 or not _is_in_sight(call.meant[0].namespace, view):
        return None  # a short name may mean a host
    name, own = call.meant[0], workload.metadata.namespace
    here = view.by_name(Service.kind, own, name.name)
    if not isinstance(here, Service) or (call.port is not None and all(port.port != call.port for port in here.spec.ports)):
        return None
    caller = owners.ref(workload)
    says = f"{wording.label(caller)} calls {name.name} in namespace {name.namespace}, which is no Service; {own} has one"
    return _finding(workload, call, view, now=now, case="namespaceWrong", subject=caller, says=says, near=f"{name.name}.{own}")


def _is_in_sight(namespace: str, view: ClusterView) -> bool:
    """Whether what a namespace does not have is known: some of its Services are seen, or it is none of the namespaces there are."""
    if view.services_in(namespace):
        return True
    return view.count(Namespace.kind) > 0 and view.by_name(Namespace.kind, None, namespace) is None


def _asks_wrong(call: Call, workload: KubeObject, service: Service, view: ClusterView) -> bool:
    offered = {port.port for port in service.spec.ports}
    if call.port is None or not offered or call.port in offered or service.is_headless or service.spec.type == "ExternalName":
        return False
    return not service_target_port_mismatch.misunderstood(service, view)


def _near(name: str, call: Call, view: ClusterView, namespace: str) -> str | None:
    """A Service of nearly this name that has the port which is asked for."""
    services = [one for one in view.services_in(namespace) if call.port is None or any(port.port == call.port for port in one.spec.ports)]
    return names.nearest(name, (one.name for one in services))


def _stands_for(name: str, caller: KubeObject, view: ClusterView) -> ObjectRef | None:
    """The running workload that a Service of this name would lead to."""
    for workload in calls.workloads_in(view, caller.metadata.namespace):
        template = calls.template_of(workload)
        if workload.uid == caller.uid or template is None or gates.is_off_on_purpose(workload) or gates.is_deleting(workload):
            continue
        if name == workload.name or any(template.metadata.labels.get(label) == name for label in _APP_LABELS):
            return owners.ref(workload)
    return None


def _finding(
    workload: KubeObject,
    call: Call,
    view: ClusterView,
    *,
    now: datetime,
    case: str,
    subject: ObjectRef,
    says: str,
    near: str | None = None,
    meant: str | None = None,
) -> Finding:
    since = _since(workload, call, view, now=now)
    return Finding(
        type=TYPE,
        subject=subject,
        part=call.host[:MAX_PART] if subject.kind != Service.kind else None,
        shown_by=owners.ref(workload),
        severity=severity.judge(Severity.HIGH, subject=owners.ref(workload), view=view, now=now),
        title=wording.clip(says, wording.MAX_TITLE),
        category=CATEGORY,
        since=since,
        opens_at=times.after(since, PATIENCE_S if case == "serviceMissing" else SLIP_PATIENCE_S),
        facts={
            "case": case,
            "host": call.host,
            "port": call.port,
            "place": call.place,
            "nearest": near,
            "workload": meant,
            "caller": str(owners.ref(workload)),
        },
        suspects=_refusers(subject, view) if subject.kind == Service.kind else (),
    )


def _refusers(absent: ObjectRef, view: ClusterView) -> tuple[Suspect, ...]:
    """The quotas of its namespace, which may not let it be made."""
    quotas = sorted(view.quotas_in(absent.namespace or ""), key=lambda quota: quota.name)
    return tuple(Suspect(owners.ref(quota), "may be refused by", _QUOTA_TYPES) for quota in quotas[:10] if _counts_services(quota))


def _counts_services(quota: ResourceQuota) -> bool:
    return any(name in ("services", "count/services") or name.startswith("services.") for name in quota.status.hard)


def _since(workload: KubeObject, call: Call, view: ClusterView, *, now: datetime) -> datetime:
    """When the caller was last written; when the Service went, where somebody saw it go."""
    changed_at = workload.metadata.changed_at if isinstance(workload, Deployment | StatefulSet | DaemonSet) else None
    gone_at = [view.gone_since(Service.kind, name.namespace, name.name, now=now) for name in call.meant]
    return times.latest(workload.created_at, changed_at, *gone_at) or workload.created_at


def _of_service(view: ClusterView, service: Service) -> Iterable[KubeObject]:
    """Everybody in its namespace, whose misspelling it may be, and its callers elsewhere."""
    if not calls.is_redrawn(view, service):
        return ()
    namespace = service.metadata.namespace
    return chain(calls.workloads_in(view, namespace), view.callers_of(namespace, service.name))


def _of_workload(view: ClusterView, workload: KubeObject) -> Iterable[KubeObject]:
    """Those who may mean it, and those who call what it calls: whether they are right depends on what the others ask for."""
    if not calls.is_rewritten(view, workload):
        return ()
    fellows = (view.callers_of(service.metadata.namespace, service.name) for service in calls.called_by(view, workload))
    return chain(calls.workloads_in(view, workload.metadata.namespace), *fellows)


DETECTOR = Detector(
    type=TYPE,
    title="A workload calls a Service that does not exist",
    category=CATEGORY,
    about=About.SERVICE,
    severity=Severity.HIGH,
    gates=("G1", "G6"),
    effect=Effect.SERVICE_DOWN,
    looks_at=frozenset(calls.CALLERS),
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
    reached_from={Service.kind: _of_service, **dict.fromkeys(calls.CALLERS, _of_workload)},
)
