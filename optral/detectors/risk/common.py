"""How risks are written: a question about one object, whose answer is a list of names; an empty answer is a good one.

A risk works today. It is told once per object, low or medium, and not about what carries the cluster itself: add-ons of the control plane
need the host, run as one replica and have nobody who could change that.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Reach, Tier
from optral.detectors.finding import Finding
from optral.detectors.policy import references
from optral.detectors.severity import VITAL_NAMESPACES
from optral.detectors.thresholds import Limits, Threshold
from optral.kube import owners, selectors, times
from optral.kube.objects import (
    DaemonSet,
    DatedMetadata,
    Deployment,
    HorizontalPodAutoscaler,
    KubeObject,
    PodDisruptionBudget,
    Service,
    StatefulSet,
    TemplateContainer,
    TemplateSpec,
)
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

CATEGORY = "risk"
PATIENCE_S = 300  # a workload that is being set up is not yet what it will be
MAX_NAMED = 20
WORKLOADS = references.WORKLOADS
SERVED = (Deployment.kind, StatefulSet.kind, DaemonSet.kind)

Find = Callable[..., Collection[str]]
"""Asks one object (of a kind the check looks at), given the view and the time: the names of what is risky about it, in a stable order.
A check that has thresholds is handed their values as well."""


def check(
    name: str,
    say: str,
    find: Find,
    *,
    title: str,
    about: About,
    module: str,
    severity: Severity = Severity.LOW,
    looks_at: Iterable[str] = WORKLOADS,
    reached_from: Mapping[str, Reach] | None = None,
    open_after_s: int = PATIENCE_S,
    subject: ObjectRef | None = None,
    thresholds: Mapping[str, Threshold] | None = None,
) -> Detector:
    """A detector of a risk. `say` follows the object's name in the title of a finding and may contain thresholds (`{name}`). `subject` is
    for what concerns more than the object itself.
    """

    def detect(thing: KubeObject, view: ClusterView, *, now: datetime, limits: Limits | None = None) -> Iterator[Finding]:
        if gates.is_deleting(thing) or is_of_the_cluster(thing):
            return
        names = list(find(thing, view, now) if limits is None else find(thing, view, now, limits))[:MAX_NAMED]
        if names:
            said, facts = (say, {}) if limits is None else (say.format(**limits), limits)
            yield _finding(
                name, subject or owners.ref(thing), thing, say=said, names=names, facts=facts, severity=severity, open_after_s=open_after_s
            )

    detect.__module__ = module  # where its question is, which is where a reader and the tests look for it
    return Detector(
        type=name,
        title=title,
        category=CATEGORY,
        about=about,
        severity=severity,
        gates=("G1",),
        looks_at=frozenset(looks_at),
        detect=detect,
        open_after_s=open_after_s,
        tier=Tier.RISK,
        reached_from=reached_from or {},
        thresholds=thresholds or {},
    )


def _finding(
    name: str,
    subject: ObjectRef,
    thing: KubeObject,
    *,
    say: str,
    names: list[str],
    facts: Mapping[str, float],
    severity: Severity,
    open_after_s: int,
) -> Finding:
    metadata = thing.metadata
    since = times.latest(thing.created_at, metadata.changed_at if isinstance(metadata, DatedMetadata) else None) or thing.created_at
    return Finding(
        type=name,
        subject=subject,
        shown_by=owners.ref(thing),
        severity=severity,
        title=f"{wording.label(subject)} {say}: {wording.clip(', '.join(names[:5]), 200)}",
        category=CATEGORY,
        since=since,
        opens_at=times.after(since, open_after_s),
        facts={"where": [wording.clip(one, 200) for one in names], **facts},
    )


def is_of_the_cluster(thing: KubeObject) -> bool:
    """Whether it belongs to the namespaces that carry the cluster."""
    namespace = thing.metadata.namespace
    return namespace in VITAL_NAMESPACES or namespace.startswith("kube-")


def containers(fails: Callable[[TemplateContainer, TemplateSpec], bool], *, with_init: bool = False) -> Find:
    """Asks every container of a template: the names of those that fail."""

    def find(workload: KubeObject, view: ClusterView, now: datetime) -> list[str]:
        spec = references.template_of(workload)
        everyone = (*spec.init_containers, *spec.containers) if with_init else lasting(spec)
        return [container.name for container in everyone if fails(container, spec)]

    return find


def lasting(spec: TemplateSpec) -> tuple[TemplateContainer, ...]:
    """The containers that stay: the main ones and the native sidecars."""
    return (*spec.containers, *(container for container in spec.init_containers if container.is_sidecar))


def chosen(*kinds: str) -> Reach:
    """Reaches the workloads that a Service or a budget selects, or did before this change, and those that an autoscaler scales."""

    def step(view: ClusterView, thing: KubeObject) -> Iterable[KubeObject]:
        states = [one for one in (view.previous(thing.kind, thing.uid), view.get(thing.kind, thing.uid)) if one is not None]
        workloads = (workload for kind in kinds for workload in view.workloads_in(thing.metadata.namespace, kind))
        return [workload for workload in workloads if any(_chooses(state, workload) for state in states)]

    return step


def _chooses(thing: KubeObject, workload: KubeObject) -> bool:
    if isinstance(thing, HorizontalPodAutoscaler):
        return thing.spec.scale_target_ref.name == workload.name
    labels = workload.spec.template.metadata.labels if isinstance(workload, (Deployment, StatefulSet, DaemonSet)) else {}
    if isinstance(thing, Service):
        return selectors.matches(thing.spec.selector, labels)
    return isinstance(thing, PodDisruptionBudget) and selectors.fits(thing.spec.selector, labels)


def when_it_comes_or_goes(step: Reach) -> Reach:
    """For changes of which only the first and the last count: that there is a pod, not how it is."""

    def reach(view: ClusterView, thing: KubeObject) -> Iterable[KubeObject]:
        stays = view.get(thing.kind, thing.uid) is not None and view.previous(thing.kind, thing.uid) not in (None, thing)
        return () if stays else step(view, thing)

    return reach
