"""IngressClassMissing: no controller handles an Ingress, because its class does not exist.

Two cases: the Ingress names a class that does not exist, or it names none and no class is the default. Some controllers serve such an
Ingress anyway (clouds have classes without an object, older controllers use the annotation) and write their address to its status: an
Ingress that has an address is served.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import of_route
from optral.detectors.finding import Finding
from optral.kube import names, owners, times
from optral.kube.objects import Ingress, IngressClass
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

PATIENCE_S = 60
CLASSLESS_PATIENCE_S = 180  # a controller that serves Ingresses without a class writes its address once a minute
_BUILT_IN = frozenset({"gce", "gce-internal", "gce-multi-cluster", "gce-multi-cluster-internal"})  # served without an IngressClass object


def detect(ingress: Ingress, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    name = ingress.class_name
    if gates.is_deleting(ingress) or ingress.status.load_balancer.ingress or name in _BUILT_IN:
        return
    classes = [cls for cls in view.all(IngressClass.kind) if isinstance(cls, IngressClass)]
    if view.ingress_class(name) is not None if name else any(cls.is_default for cls in classes):
        return
    subject = owners.ref(ingress)
    since = _since(ingress, name, view, now=now)
    yield Finding(
        subject=subject,
        title=titles.IngressClassMissing.missing(object=wording.label(subject), ingress_class=name)
        if name
        else titles.IngressClassMissing.no_default(object=wording.label(subject)),
        since=since,
        opens_at=times.after(since, PATIENCE_S if name else CLASSLESS_PATIENCE_S),
        facts=_facts(name, [cls.name for cls in classes]),
    )


def _since(ingress: Ingress, name: str | None, view: ClusterView, *, now: datetime) -> datetime:
    """When the Ingress was last changed, or when its class was deleted, whichever is later."""
    deleted_at = view.gone_since(IngressClass.kind, None, name, now=now) if name else None
    return times.latest(ingress.changed_at, deleted_at) or ingress.changed_at


def _facts(name: str | None, classes: list[str]) -> dict[str, object]:
    return {
        "case": "classMissing" if name else "noDefault",
        "class": name,
        "nearest": names.nearest(name, classes) if name else None,
        "classes": sorted(classes)[:20],
    }


def _ingresses_of(view: ClusterView, ingress_class: IngressClass) -> Iterable[Ingress]:
    """The Ingresses that name a class, and those that use the default."""
    yield from view.ingresses_of_class(ingress_class.name)
    yield from view.ingresses_of_class("")


DETECTOR = of_route(
    type="IngressClassMissing",
    title=titles.IngressClassMissing.what,
    severity=Severity.HIGH,
    looks_at=frozenset({Ingress.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    reached_from={IngressClass.kind: _ingresses_of},
)
