"""GatewayNotProgrammed: a Gateway or one of its listeners is not served.

Its controller reports it in conditions, which are found by type and not by position. Every Gateway starts with `Unknown`, and keeps it if
no controller knows its class, so `Unknown` gets more time than `False`. A listener has its own conditions: an unusable certificate affects
one listener and not the others.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from optral.detectors import gates, wording
from optral.detectors.detector import Tier, of_route
from optral.detectors.finding import Finding, Suspect
from optral.kube import names, owners, times
from optral.kube.objects import Condition, Gateway, GatewayClass, condition
from optral.kube.reports import gateways
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

PATIENCE_S = 120
UNDECIDED_PATIENCE_S = 300


class _Fault(NamedTuple):
    """What is wrong with the Gateway (`listener` None) or with one of its listeners."""

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
        subject=subject,
        title=_title(gateway, worst, is_class_missing=is_class_missing),
        since=worst.since,
        opens_at=times.after(worst.since, worst.patience_s),
        facts={
            "case": "classMissing" if is_class_missing else "listener" if worst.listener is not None else "notProgrammed",
            "class": name,
            "nearest": names.nearest(name, (gateway_class.name for gateway_class in view.all(GatewayClass.kind)))
            if is_class_missing
            else None,
            "condition": worst.type,
            "reason": worst.reason,
            "message": wording.clip(worst.message),
            "listeners": sorted({fault.listener for fault in faults if fault.listener is not None})[:20],
            "routes": len(view.routes_through(subject)),
        },
        suspects=(Suspect(ObjectRef(GatewayClass.kind, None, name), "asks for"),),
    )


def _faults(gateway: Gateway) -> Iterator[_Fault]:
    """The faults of the Gateway first: if it is not served, none of its listeners is."""
    reported = gateway.status.conditions
    if not reported:
        yield _Fault(None, gateways.PROGRAMMED, "", "no controller has processed it", gateway.changed_at, UNDECIDED_PATIENCE_S)
        return
    for kind in gateways.OF_GATEWAY:
        if (
            (found := condition(reported, kind)) is not None
            and found.status in gateways.NOT_MET
            and found.reason != gateways.REPEATS_LISTENERS
        ):
            yield _fault(gateway, None, found)
    for listener in gateway.status.listeners:
        for kind in gateways.OF_LISTENER:
            if (found := condition(listener.conditions, kind)) is not None and found.status in gateways.NOT_MET:
                yield _fault(gateway, listener.name, found)
                break


def _fault(gateway: Gateway, listener: str | None, reported: Condition) -> _Fault:
    patience_s = PATIENCE_S if reported.status == "False" else UNDECIDED_PATIENCE_S
    since = reported.last_transition_time or gateway.created_at
    return _Fault(listener, reported.type, reported.reason, reported.message, since, patience_s)


def _title(gateway: Gateway, worst: _Fault, *, is_class_missing: bool) -> Title:
    label, detail = wording.label(owners.ref(gateway)), wording.detail(worst.message or worst.reason)
    if is_class_missing:
        return titles.GatewayNotProgrammed.class_missing(object=label, gateway_class=gateway.spec.gateway_class_name)
    if worst.listener is not None:
        return titles.GatewayNotProgrammed.listener(object=label, listener=worst.listener, detail=detail)
    return titles.GatewayNotProgrammed.not_served(object=label, detail=detail)


def _of_class(view: ClusterView, gateway_class: GatewayClass) -> list[Gateway]:
    return view.gateways_of_class(gateway_class.name)


DETECTOR = of_route(
    type="GatewayNotProgrammed",
    title=titles.GatewayNotProgrammed.what,
    severity=Severity.HIGH,
    looks_at=frozenset({Gateway.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
    reached_from={GatewayClass.kind: _of_class},
)
