"""IngressClassMissing: no controller feels responsible for an Ingress, because its class does not exist.

Two cases: it names a class that is not there, or names none and no class is the default. Some controllers serve such Ingresses all the
same (clouds have classes without an object, older controllers go by the annotation), and then they write their address down: an Ingress
that has an address is served.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from optral.detectors import gates, severity, wording
from optral.detectors.detector import About, Detector
from optral.detectors.finding import Finding
from optral.kube import names, owners, times
from optral.kube.objects import Ingress, IngressClass
from optral.kube.view import ClusterView
from optral.terms.severity import Severity

TYPE = "IngressClassMissing"
CATEGORY = "network"
PATIENCE_S = 60
CLASSLESS_PATIENCE_S = 180  # controllers that take what nobody else takes write their address down once a minute
_BUILT_IN = frozenset({"gce", "gce-internal", "gce-multi-cluster", "gce-multi-cluster-internal"})  # served without an IngressClass object


def detect(ingress: Ingress, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(ingress) or ingress.status.load_balancer.ingress:
        return
    name = ingress.class_name
    if name in _BUILT_IN or (name and view.ingress_class(name) is not None):
        return
    classes = [one for one in view.all(IngressClass.kind) if isinstance(one, IngressClass)]
    if not name and any(one.is_default for one in classes):
        return
    subject = owners.ref(ingress)
    gone_at = view.gone_since(IngressClass.kind, None, name, now=now) if name else None
    since = times.latest(ingress.changed_at, gone_at) or ingress.changed_at
    what = f"asks for IngressClass {name}, which does not exist" if name else "names no class, and no IngressClass is the default"
    yield Finding(
        type=TYPE,
        subject=subject,
        shown_by=subject,
        severity=severity.judge(Severity.HIGH, subject=subject, view=view),
        title=wording.clip(f"No controller handles Ingress {ingress.namespace}/{ingress.name}: it {what}", wording.MAX_TITLE),
        category=CATEGORY,
        since=since,
        opens_at=times.after(since, PATIENCE_S if name else CLASSLESS_PATIENCE_S),
        facts=_facts(name, [one.name for one in classes]),
    )


def _facts(name: str | None, classes: list[str]) -> dict[str, object]:
    return {
        "case": "classMissing" if name else "noDefault",
        "class": name,
        "nearest": names.nearest(name, classes) if name else None,
        "classes": sorted(classes)[:20],
    }


def _of_class(view: ClusterView, made: IngressClass) -> Iterable[Ingress]:
    """Those that ask for it by name, and those that take the default."""
    yield from view.ingresses_of_class(made.name)
    yield from view.ingresses_of_class("")


DETECTOR = Detector(
    type=TYPE,
    title="No controller handles an Ingress",
    category=CATEGORY,
    about=About.ROUTE,
    severity=Severity.HIGH,
    gates=("G1",),
    looks_at=frozenset({Ingress.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    reached_from={IngressClass.kind: _of_class},
)
