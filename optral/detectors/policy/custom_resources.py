"""CustomResourceNotReady: a resource of an add-on reports that it failed, or that it is not ready yet and stays so.

What a resource reports is read by `kube/health`: a table for the kinds of common projects and the conventions of the field for all others.
A resource that somebody suspended is no failure, and neither is an Application that is only out of sync: somebody decides when to sync.
Progress is reported only if it must end, and after long. Certificates, Gateways and routes have types of their own.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding
from optral.detectors.thresholds import Limits, Threshold
from optral.kube import owners, references, times
from optral.kube.health import Health, State
from optral.kube.objects import CustomResource
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

PATIENCE_S = 600
MAX_ELSEWHERE = 5
THRESHOLDS = {
    "failedForSeconds": Threshold(
        default=PATIENCE_S, min=0, max=86_400, unit="s", doc="How long a resource must report a failure before an issue opens"
    ),
    "progressingForSeconds": Threshold(
        default=3600, min=300, max=604_800, unit="s", doc="How long a resource may report that it is not ready yet before an issue opens"
    ),
}
KINDS = frozenset({"Kustomization.kustomize.toolkit.fluxcd.io", "HelmRelease.helm.toolkit.fluxcd.io", "Application.argoproj.io"})
"""The custom resources that every agent watches; those that an agent discovers are examined too."""


def detect(resource: CustomResource, view: ClusterView, *, now: datetime, limits: Limits) -> Iterator[Finding]:
    health = resource.health
    if gates.is_deleting(resource):
        return
    if health.state is State.DEGRADED:
        patience_s = limits["failedForSeconds"]
    elif health.state is State.PROGRESSING and health.must_end:
        patience_s = limits["progressingForSeconds"]
    else:
        return
    subject = owners.ref(resource)
    since = health.since or now
    yield Finding(
        subject=subject,
        title=_title(subject, health),
        since=since,
        opens_at=times.after(since, patience_s),
        facts={
            "kind": subject.short_kind,
            "group": subject.kind.partition(".")[2],
            "name": subject.name,
            "health": health.state.value,
            "shownBy": health.shown_by,
            "state": health.reason or health.state.value,
            "message": wording.clip(health.message),
            **_elsewhere(resource),
            **limits,
        },
        is_onset_unknown=health.since is None,
    )


def _elsewhere(resource: CustomResource) -> dict[str, list[str]]:
    """What it refers to in other namespaces, so that an analysis reads them."""
    named = (*resource.refs, *references.named_in(resource.health.message))
    found = [f"{one.short_kinds[0]}/{one.namespace}/{one.name}" for one in named if one.namespace not in ("", resource.namespace)]
    return {"refersTo": list(dict.fromkeys(found))[:MAX_ELSEWHERE]} if found else {}


def _title(subject: ObjectRef, health: Health) -> Title:
    group = subject.kind.partition(".")[2]
    reported = wording.clip(health.message or health.reason or health.shown_by, wording.MAX_DETAIL)
    template = titles.CustomResourceNotReady.degraded if health.state is State.DEGRADED else titles.CustomResourceNotReady.progressing
    return template(object=wording.label(subject), group=group, message=reported)


DETECTOR = Detector(
    type="CustomResourceNotReady",
    title=titles.CustomResourceNotReady.what,
    category="delivery",
    about=About.OBJECT,
    severity=Severity.MEDIUM,
    gates=("G1", "G6", "G9"),
    looks_at=KINDS,
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
    examines_custom=True,
    thresholds=THRESHOLDS,
)
