"""InvalidImageName, ErrImageNeverPull and ImageInspectError: an image that the kubelet does not even try to pull.

One file, since all three are a waiting reason of the same name that does not go away by itself: the name is invalid, the policy forbids
pulling an image that is not on the node, or the runtime cannot inspect the image that it has.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from optral.detectors import candidate_causes, containers, wording
from optral.detectors.containers import ContainerView
from optral.detectors.detector import About, Detector, Effect, Stage, Tier
from optral.detectors.finding import Finding
from optral.detectors.pods.create_container_config_error import failing_since
from optral.kube.objects import Pod
from optral.kube.reports import images
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity
from optral.terms.template import Template

_EVENTS = frozenset({"InspectFailed", images.NEVER_PULL, "Failed"})


class Refusal(NamedTuple):
    """A type, its texts and rank, and which failures of the node would explain it."""

    type: str
    what: str
    template: Template
    rank: int
    node_types: frozenset[str] = frozenset()


REFUSALS = (
    Refusal(images.INVALID_NAME, titles.InvalidImageName.what, titles.InvalidImageName.failed, 60),
    Refusal(images.NEVER_PULL, titles.ErrImageNeverPull.what, titles.ErrImageNeverPull.failed, 70),
    Refusal(
        images.INSPECT,
        titles.ImageInspectError.what,
        titles.ImageInspectError.failed,
        80,
        candidate_causes.NODE_DOWN | candidate_causes.NODE_PRESSURE,
    ),
)


def _finding(pod: Pod, seen: ContainerView, view: ClusterView, *, refusal: Refusal, now: datetime) -> Finding:
    subject = view.workload_of(pod)
    since = failing_since(pod, seen, view, now=now)
    return Finding(
        subject=subject,
        part=seen.name,
        title=refusal.template(object=wording.label(subject), container=seen.name, image=wording.clip(seen.spec.image, 200)),
        since=since,
        facts=seen.facts | {"message": wording.clip(seen.waiting_message), "node": pod.spec.node_name},
        suspects=candidate_causes.node_of(pod, view, refusal.node_types) if refusal.node_types else (),
    )


def _detector(refusal: Refusal) -> Detector:
    def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
        for seen in containers.of(pod):
            if seen.waiting_reason == refusal.type:
                yield _finding(pod, seen, view, refusal=refusal, now=now)

    return Detector(
        type=refusal.type,
        title=refusal.what,
        category="image",
        about=About.CONTAINER,
        severity=Severity.HIGH,
        gates=("G1", "G2", "G5", "G10"),
        rank=refusal.rank,
        effect=Effect.POD_DOWN,
        stage=Stage.IMAGE,
        looks_at=frozenset({Pod.kind}),
        detect=detect,
        event_reasons=_EVENTS,
        tier=Tier.EXTENDED,
    )


INVALID_NAME, NEVER_PULL, INSPECT = (_detector(refusal) for refusal in REFUSALS)
