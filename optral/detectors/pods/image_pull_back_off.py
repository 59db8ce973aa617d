"""ImagePullBackOff: the image of a container cannot be pulled.

The waiting message often reports only the back-off; the cause is in the Event "Failed". A cause that no retry can remove (no such image, no
permission, wrong platform) opens the issue at once; any other waits two minutes, since registries and networks have short failures. The
reason alternates between ErrImagePull and ImagePullBackOff: both are this type.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import candidate_causes, containers, gates, wording
from optral.detectors.containers import ContainerView
from optral.detectors.detector import Stage, of_container
from optral.detectors.finding import Finding
from optral.kube import times
from optral.kube.objects import Event, Pod
from optral.kube.reports import images
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

_NODE_FAILURES = candidate_causes.NODE_DOWN | candidate_causes.NODE_PRESSURE
PATIENCE_S = 120
_EVENTS = frozenset({"Failed"})


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    for seen in containers.of(pod):
        if seen.waiting_reason in images.PULL_REASONS:
            yield _finding(pod, seen, view, now=now)


def _finding(pod: Pod, seen: ContainerView, view: ClusterView, *, now: datetime) -> Finding:
    subject = view.workload_of(pod)
    message = _message(pod, seen, view, now=now)
    cause = images.pull_failure(f"{seen.waiting_reason} {message}")
    since = containers.waiting_since(pod, seen)
    return Finding(
        subject=subject,
        part=seen.name,
        title=titles.ImagePullBackOff.failed(
            object=wording.label(subject), image=wording.clip(seen.spec.image, 200), why=titles.PULL_FAILURES[cause.name]()
        ),
        since=since,
        opens_at=since if cause.is_permanent else times.after(since, PATIENCE_S),
        facts=seen.facts
        | {
            "cause": cause.name,
            "isPermanent": cause.is_permanent,
            "reason": seen.waiting_reason,
            "message": wording.clip(message),
            "node": pod.spec.node_name,
        },
        suspects=()
        if cause.is_permanent
        else candidate_causes.node_of(pod, view, candidate_causes.NODE_DOWN | candidate_causes.NODE_PRESSURE),
    )


def _message(pod: Pod, seen: ContainerView, view: ClusterView, *, now: datetime) -> str:
    """The most specific message: the newest recent Event about this image that names a cause, otherwise the waiting message.

    "Error: ErrImagePull" follows every failed pull as an Event with the same reason and names no cause.
    """
    messages = [event.message for event in gates.fresh_events(view, pod.uid, _EVENTS, now=now) if _is_about(event, seen)]
    return next(
        (message for message in [*messages, seen.waiting_message] if images.pull_failure(message) is not images.UNKNOWN),
        seen.waiting_message,
    )


def _is_about(event: Event, seen: ContainerView) -> bool:
    names_it = event.container == seen.name or (event.container is None and bool(seen.spec.image) and seen.spec.image in event.message)
    return names_it and "pull" in event.message.lower()


DETECTOR = of_container(
    type="ImagePullBackOff",
    title=titles.ImagePullBackOff.what,
    category="image",
    severity=Severity.HIGH,
    gates=("G1", "G2", "G5", "G7", "G10"),
    rank=90,
    stage=Stage.IMAGE,
    detect=detect,
    event_reasons=_EVENTS,
    open_after_s=PATIENCE_S,
)
