"""How a risk is declared: a check of one object that returns a list of names; an empty list means that nothing is wrong.

A risk works today. It is reported once per object, with severity low or medium, and not for the components of the cluster itself: control
plane add-ons need the host and run with one replica, and nobody can change that.
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
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Template

PATIENCE_S = 300  # a new workload may not be complete yet
MAX_NAMED = 20
WORKLOADS = references.WORKLOADS
SERVED = (Deployment.kind, StatefulSet.kind, DaemonSet.kind)

Find = Callable[..., Collection[str]]
"""Checks one object with the view and the time, and returns the names of what is risky about it, in a stable order.
A check with thresholds also gets their values."""


def check(
    texts: type[titles.Risk],
    find: Find,
    *,
    about: About,
    module: str,
    severity: Severity = Severity.LOW,
    looks_at: Iterable[str] = WORKLOADS,
    reached_from: Mapping[str, Reach] | None = None,
    open_after_s: int = PATIENCE_S,
    subject: ObjectRef | None = None,
    thresholds: Mapping[str, Threshold] | None = None,
) -> Detector:
    """A detector of the risk with these texts; the thresholds are parameters of its title. `subject` is for checks that concern more than
    the object itself."""

    def detect(obj: KubeObject, view: ClusterView, *, now: datetime, limits: Limits | None = None) -> Iterator[Finding]:
        if gates.is_deleting(obj) or is_cluster_component(obj):
            return
        names = list(find(obj, view, now) if limits is None else find(obj, view, now, limits))[:MAX_NAMED]
        if names:
            yield _finding(subject or owners.ref(obj), obj, template=texts.found, names=names, limits=limits or {}, severity=severity)

    detect.__module__ = module  # the module of the check, where readers and tests look for it
    return Detector(
        type=texts.__name__,
        title=texts.what,
        category="risk",
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
    subject: ObjectRef,
    obj: KubeObject,
    *,
    template: Template,
    names: list[str],
    limits: Limits,
    severity: Severity,
) -> Finding:
    metadata = obj.metadata
    since = times.latest(obj.created_at, metadata.changed_at if isinstance(metadata, DatedMetadata) else None) or obj.created_at
    return Finding(
        subject=subject,
        base=severity,
        title=template(object=wording.label(subject), names=wording.clip(", ".join(names[:5]), 200), **limits),
        since=since,
        facts={"where": [wording.clip(name, 200) for name in names], **limits},
    )


def is_cluster_component(obj: KubeObject) -> bool:
    """Whether it belongs to a namespace of the cluster's own components."""
    namespace = obj.metadata.namespace
    return namespace in VITAL_NAMESPACES or namespace.startswith("kube-")


def containers(fails: Callable[[TemplateContainer, TemplateSpec], bool], *, with_init: bool = False) -> Find:
    """A check of every container of a template; it returns the names of those that fail."""

    def find(workload: KubeObject, view: ClusterView, now: datetime) -> list[str]:
        spec = references.template_of(workload)
        everyone = (*spec.init_containers, *spec.containers) if with_init else lasting(spec)
        return [container.name for container in everyone if fails(container, spec)]

    return find


def lasting(spec: TemplateSpec) -> tuple[TemplateContainer, ...]:
    """The containers that keep running: the main ones and the native sidecars."""
    return (*spec.containers, *(container for container in spec.init_containers if container.is_sidecar))


def chosen(*kinds: str) -> Reach:
    """Reaches the workloads that a Service or a budget selects, or did before this change, and those that an autoscaler scales."""

    def step(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
        states = [state for state in (view.previous(obj.kind, obj.uid), view.get(obj.kind, obj.uid)) if state is not None]
        workloads = (workload for kind in kinds for workload in view.workloads_in(obj.metadata.namespace, kind))
        return [workload for workload in workloads if any(_chooses(state, workload) for state in states)]

    return step


def _chooses(obj: KubeObject, workload: KubeObject) -> bool:
    if isinstance(obj, HorizontalPodAutoscaler):
        return obj.spec.scale_target_ref.name == workload.name
    labels = workload.spec.template.metadata.labels if isinstance(workload, (Deployment, StatefulSet, DaemonSet)) else {}
    if isinstance(obj, Service):
        return selectors.matches(obj.spec.selector, labels)
    return isinstance(obj, PodDisruptionBudget) and selectors.fits(obj.spec.selector, labels)


def on_create_or_delete(step: Reach) -> Reach:
    """For objects whose changes do not matter, only their creation and deletion."""

    def reach(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
        stays = view.get(obj.kind, obj.uid) is not None and view.previous(obj.kind, obj.uid) not in (None, obj)
        return () if stays else step(view, obj)

    return reach
