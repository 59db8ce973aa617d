"""CreateContainerConfigError: the configuration of a container refers to a missing object, or is contradictory.

Usually a Secret, a ConfigMap or one of their keys does not exist. The issue opens after thirty seconds, because a Secret that is applied
together with its Deployment may be created second. Optional references never cause this (G11).
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import containers, gates, wording
from optral.detectors.containers import ContainerView
from optral.detectors.detector import Stage, of_container
from optral.detectors.finding import Finding
from optral.kube.objects import Pod
from optral.kube.reports.containers import root_refusal
from optral.kube.reports.mounts import missing_reference
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

TYPE = "CreateContainerConfigError"
_EVENTS = frozenset({"Failed"})


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    for seen in containers.of(pod):
        if seen.waiting_reason == TYPE:
            yield _finding(pod, seen, view, now=now)


def _finding(pod: Pod, seen: ContainerView, view: ClusterView, *, now: datetime) -> Finding:
    subject = view.workload_of(pod)
    since = failing_since(pod, seen, view, now=now)
    return Finding(
        subject=subject,
        part=seen.name,
        title=_title(seen, subject),
        since=since,
        facts=seen.facts | {"message": wording.clip(seen.waiting_message)} | missing_reference(seen.waiting_message),
    )


def failing_since(pod: Pod, seen: ContainerView, view: ClusterView, *, now: datetime) -> datetime:
    """The first Event of this failure, since the image may have been pulled for minutes before it; otherwise when the container began to
    wait."""
    waited = containers.waiting_since(pod, seen)
    first_seen = [event.first_seen for event in gates.fresh_events(view, pod.uid, _EVENTS, now=now) if event.container == seen.name]
    return max(waited, min(first_seen)) if first_seen else waited


def _title(seen: ContainerView, subject: ObjectRef) -> Title:
    message, where = seen.waiting_message, (wording.label(subject), seen.name)
    missing, refusal = missing_reference(message), root_refusal(message)
    kind, name, key = (missing.get(part, "") for part in ("missingKind", "missingName", "missingKey"))
    if key:
        return titles.CreateContainerConfigError.key_missing(object=where[0], container=where[1], kind=kind, name=name, key=key)
    if missing:
        return titles.CreateContainerConfigError.missing(object=where[0], container=where[1], kind=kind, name=name)
    why = titles.AS_ROOT[refusal.name]() if refusal is not None else wording.clip(message, 120)
    if not why:
        return titles.CreateContainerConfigError.invalid(object=where[0], container=where[1])
    return titles.CreateContainerConfigError.refused(object=where[0], container=where[1], why=why)


DETECTOR = of_container(
    type=TYPE,
    title=titles.CreateContainerConfigError.what,
    category="configuration",
    severity=Severity.HIGH,
    gates=("G1", "G2", "G5", "G10", "G11"),
    rank=20,
    stage=Stage.CONTAINER,
    detect=detect,
    event_reasons=_EVENTS,
    open_after_s=30,
)
