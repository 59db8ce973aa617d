"""Probes that are missing or harmful. Jobs are ignored: they finish by themselves, and nothing sends them traffic."""

from datetime import datetime

from optral.detectors.detector import About
from optral.detectors.policy import references
from optral.detectors.risk.common import SERVED, check, chosen, containers
from optral.kube import selectors
from optral.kube.objects import DaemonSet, Deployment, Service, StatefulSet, TemplateContainer, TemplateSpec
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

Served = Deployment | StatefulSet | DaemonSet


def _has_no_liveness(container: TemplateContainer, spec: TemplateSpec) -> bool:
    return container.liveness_probe is None


def _without_readiness(workload: Served, view: ClusterView, now: datetime) -> list[str]:
    """Only behind a Service: nothing else uses the readiness of a pod."""
    if not is_served(workload, view):
        return []
    return [container.name for container in references.template_of(workload).containers if container.readiness_probe is None]


def is_served(workload: Served, view: ClusterView) -> bool:
    """Whether some Service selects its pods."""
    labels = workload.spec.template.metadata.labels
    return any(selectors.matches(service.spec.selector, labels) for service in view.services_in(workload.metadata.namespace))


def _has_identical_probes(container: TemplateContainer, spec: TemplateSpec) -> bool:
    probe = container.liveness_probe
    return probe is not None and probe.exec is None and probe == container.readiness_probe


def _kills_at_once(container: TemplateContainer, spec: TemplateSpec) -> bool:
    probe = container.liveness_probe
    if probe is None or container.startup_probe is not None:
        return False
    return probe.initial_delay_seconds <= 0 and probe.failure_threshold <= 1


LIVENESS_MISSING = check(
    titles.LivenessProbeMissing,
    containers(_has_no_liveness),
    about=About.WORKLOAD,
    module=__name__,
    looks_at=SERVED,
)
READINESS_MISSING = check(
    titles.ReadinessProbeMissing,
    _without_readiness,
    about=About.WORKLOAD,
    module=__name__,
    looks_at=SERVED,
    reached_from={Service.kind: chosen(*SERVED)},
)
IDENTICAL = check(
    titles.ProbesIdentical,
    containers(_has_identical_probes),
    about=About.WORKLOAD,
    module=__name__,
    severity=Severity.MEDIUM,
    looks_at=SERVED,
)
TOO_AGGRESSIVE = check(
    titles.LivenessTooAggressive,
    containers(_kills_at_once),
    about=About.WORKLOAD,
    module=__name__,
    severity=Severity.MEDIUM,
    looks_at=SERVED,
)
