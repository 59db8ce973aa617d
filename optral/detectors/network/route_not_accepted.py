"""RouteNotAccepted: a Gateway does not serve an HTTPRoute that names it, or a backend of the route does not exist.

Each parent reports its own conditions: `Accepted` (the Gateway takes the route) and `ResolvedRefs` (everything that the route refers to
exists and may be used). Conditions of parents that the route no longer names are leftovers. A Gateway that does not exist reports none. A
parent may also be a Service (service mesh); this detector does not check those.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from optral.detectors import gates, wording
from optral.detectors.detector import Tier, of_route
from optral.detectors.finding import Finding, Suspect
from optral.kube import names, owners, times
from optral.kube.objects import Gateway, HTTPRoute, Reference, RouteParent, Service, condition
from optral.kube.reports.gateways import OF_ROUTE
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

PATIENCE_S = 120
SILENCE_PATIENCE_S = 300
MAX_REFERENCES = 50
_GATEWAY_TYPES = frozenset({"GatewayNotProgrammed"})
_SERVICE_TYPES = frozenset({"ServiceMissing"})


class _Fault(NamedTuple):
    case: str
    parent: str
    reason: str
    message: str
    since: datetime
    patience_s: int


def detect(route: HTTPRoute, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(route):
        return
    faults = sorted(_faults(route, view, now=now), key=lambda fault: (fault.case, fault.parent))
    if not faults:
        return
    worst = faults[0]
    subject = owners.ref(route)
    missing = _missing_backends(route, view)
    yield Finding(
        subject=subject,
        title=_title(subject, worst),
        since=worst.since,
        opens_at=times.after(worst.since, worst.patience_s),
        facts={
            "case": worst.case,
            "gateways": sorted({fault.parent for fault in faults})[:20],
            "reason": worst.reason or None,
            "message": wording.clip(worst.message) or None,
            "missingBackends": [str(reference) for reference in missing][:20],
            "nearest": _nearest(worst, route, view),
        },
        suspects=_suspects(route, missing),
    )


def _faults(route: HTTPRoute, view: ClusterView, *, now: datetime) -> Iterator[_Fault]:
    wanted = {_home(parent, route) for parent in route.spec.parent_refs}
    statuses = [(parent, status) for status in route.status.parents if (parent := _home(status.parent_ref, route)) in wanted]
    for parent, status in statuses:
        yield from _rejections(parent[1], status, route)
    if any(not status.parent_ref.name for status in route.status.parents):
        return  # a status without a parent: any of the Gateways may have written it
    answered = {parent for parent, _ in statuses}
    for reference in route.spec.parent_refs[:MAX_REFERENCES]:
        parent = _home(reference, route)
        if parent not in answered and reference.name and reference.kind in ("", "Gateway"):
            yield _silence(parent, route, view, now=now)


def _rejections(gateway: str, status: RouteParent, route: HTTPRoute) -> Iterator[_Fault]:
    """The conditions with which a Gateway rejects the route."""
    for kind in OF_ROUTE:
        found = condition(status.conditions, kind)
        if found is not None and found.status == "False":
            yield _Fault(kind, gateway, found.reason, found.message, found.last_transition_time or route.created_at, PATIENCE_S)


def _silence(parent: tuple[str, str], route: HTTPRoute, view: ClusterView, *, now: datetime) -> _Fault:
    """Why a Gateway reports no conditions: no controller has processed the route, or the Gateway does not exist."""
    if view.by_name(Gateway.kind, *parent) is not None:
        return _Fault("noAnswer", parent[1], "", "no controller has processed it", route.changed_at, SILENCE_PATIENCE_S)
    since = times.latest(route.changed_at, view.gone_since(Gateway.kind, *parent, now=now)) or route.changed_at
    return _Fault("gatewayMissing", parent[1], "", "which does not exist", since, PATIENCE_S)


def _home(reference: Reference, route: HTTPRoute) -> tuple[str, str]:
    return reference.namespace or route.metadata.namespace, reference.name


def _missing_backends(route: HTTPRoute, view: ClusterView) -> list[ObjectRef]:
    backends = [backend for rule in route.spec.rules for backend in rule.backend_refs if backend.kind in ("", Service.kind)]
    references = {ObjectRef(Service.kind, *_home(backend, route)): None for backend in backends[:MAX_REFERENCES]}
    return [reference for reference in references if view.by_name(*reference[:3]) is None]


def _nearest(worst: _Fault, route: HTTPRoute, view: ClusterView) -> str | None:
    if worst.case != "gatewayMissing":
        return None
    return names.nearest(worst.parent, (gateway.name for gateway in view.all(Gateway.kind)))


def _suspects(route: HTTPRoute, missing: list[ObjectRef]) -> tuple[Suspect, ...]:
    parents = {ObjectRef(Gateway.kind, *_home(parent, route)): None for parent in route.spec.parent_refs[:MAX_REFERENCES]}
    through = [Suspect(parent, "goes through", _GATEWAY_TYPES) for parent in parents]
    return (*through, *(Suspect(backend, "sends to", _SERVICE_TYPES) for backend in missing))


def _title(subject: ObjectRef, worst: _Fault) -> Title:
    label = wording.label(subject)
    if worst.case == "gatewayMissing":
        return titles.RouteNotAccepted.no_gateway(object=label, gateway=worst.parent)
    return titles.RouteNotAccepted.not_served(object=label, gateway=worst.parent, detail=wording.detail(worst.message or worst.reason))


def _of_gateway(view: ClusterView, gateway: Gateway) -> list[HTTPRoute]:
    return view.routes_through(owners.ref(gateway))


def _of_service(view: ClusterView, service: Service) -> list[HTTPRoute]:
    return view.routes_of(owners.ref(service))


DETECTOR = of_route(
    type="RouteNotAccepted",
    title=titles.RouteNotAccepted.what,
    severity=Severity.HIGH,
    looks_at=frozenset({HTTPRoute.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
    reached_from={Gateway.kind: _of_gateway, Service.kind: _of_service},
)
