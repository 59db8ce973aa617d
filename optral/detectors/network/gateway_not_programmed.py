"""GatewayNotProgrammed: a Gateway is not served, or one of its listeners is not.

Its controller says so in conditions, to be found by type and never by place. `Unknown` is how every Gateway begins, and how it stays when
no controller knows its class, so it gets more time than a plain no. A listener has conditions of its own: a certificate that cannot be used
takes one down and leaves the rest.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from optral.detectors import gates, severity, wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding, Suspect
from optral.kube import names, owners, times
from optral.kube.objects import Condition, Gateway, GatewayClass, condition
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

TYPE = "GatewayNotProgrammed"
CATEGORY = "network"
PATIENCE_S = 120
UNDECIDED_PATIENCE_S = 300
_OF_GATEWAY = ("Accepted", "Programmed")
_OF_LISTENER = ("Accepted", "ResolvedRefs", "Programmed")
_NOT_MET = frozenset({"False", "Unknown"})


class _Fault(NamedTuple):
    """What is not as it should be: of the Gateway (`listener` None) or of one listener."""

    listener: str | None
    type: str
    reason: str
    message: str
    since: datetime
    patience_s: int


def detect(gateway: Gateway, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(gateway):
        return
    faults = list(_faults(gateway))
    if not faults:
        return
    worst = faults[0]
    subject = owners.ref(gateway)
    name = gateway.spec.gateway_class_name
    is_class_missing = view.by_name(GatewayClass.kind, None, name) is None and worst.listener is None
    yield Finding(
        type=TYPE,
        subject=subject,
        shown_by=subject,
        severity=severity.judge(Severity.HIGH, subject=subject, view=view),
        title=wording.clip(_title(gateway, worst, is_class_missing=is_class_missing), wording.MAX_TITLE),
        category=CATEGORY,
        since=worst.since,
        opens_at=times.after(worst.since, worst.patience_s),
        facts={
            "case": "classMissing" if is_class_missing else "listener" if worst.listener is not None else "notProgrammed",
            "class": name,
            "nearest": names.nearest(name, (one.name for one in view.all(GatewayClass.kind))) if is_class_missing else None,
            "condition": worst.type,
            "reason": worst.reason,
            "message": wording.clip(worst.message),
            "listeners": sorted({fault.listener for fault in faults if fault.listener is not None})[:20],
            "routes": len(view.routes_through(subject)),
        },
        suspects=(Suspect(ObjectRef(GatewayClass.kind, None, name), "asks for"),),
    )


def _faults(gateway: Gateway) -> Iterator[_Fault]:
    """Those of the Gateway first: when it is not served, none of its listeners is."""
    told = gateway.status.conditions
    if not told:
        yield _Fault(None, "Programmed", "", "no controller has processed it", gateway.changed_at, UNDECIDED_PATIENCE_S)
        return
    for kind in _OF_GATEWAY:
        if (found := condition(told, kind)) is not None and found.status in _NOT_MET and found.reason != "ListenersNotValid":
            yield _fault(gateway, None, found)
    for listener in gateway.status.listeners:
        for kind in _OF_LISTENER:
            if (found := condition(listener.conditions, kind)) is not None and found.status in _NOT_MET:
                yield _fault(gateway, listener.name, found)
                break


def _fault(gateway: Gateway, listener: str | None, told: Condition) -> _Fault:
    patience_s = PATIENCE_S if told.status == "False" else UNDECIDED_PATIENCE_S
    return _Fault(listener, told.type, told.reason, told.message, told.last_transition_time or gateway.created_at, patience_s)


def _title(gateway: Gateway, worst: _Fault, *, is_class_missing: bool) -> str:
    name = f"{gateway.namespace}/{gateway.name}"
    if is_class_missing:
        return f"No controller handles Gateway {name}: GatewayClass {gateway.spec.gateway_class_name} does not exist"
    what = f"Listener {worst.listener} of Gateway {name}" if worst.listener is not None else f"Gateway {name}"
    why = wording.clip(worst.message or worst.reason, 160)
    return f"{what} is not served{f': {why}' if why else ''}"


def _of_class(view: ClusterView, made: GatewayClass) -> list[Gateway]:
    return view.gateways_of_class(made.name)


DETECTOR = Detector(
    type=TYPE,
    title="A Gateway is not programmed",
    category=CATEGORY,
    about=About.ROUTE,
    severity=Severity.HIGH,
    gates=("G1",),
    looks_at=frozenset({Gateway.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
    reached_from={GatewayClass.kind: _of_class},
)
