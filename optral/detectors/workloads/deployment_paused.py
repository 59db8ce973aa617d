"""DeploymentPaused: the rollout of a Deployment is paused, and a change has been waiting for a day.

A pause without a waiting change is not a failure. While the Deployment is paused, no ReplicaSet matches the changed template, so
`updatedReplicas` is lower than `replicas`: that is the sign.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding
from optral.kube import owners, rollouts, times
from optral.kube.objects import Deployment, condition
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity


def detect(deployment: Deployment, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if not gates.is_paused(deployment) or gates.is_deleting(deployment) or gates.is_status_stale(deployment):
        return
    if rollouts.is_updated(deployment):
        return
    subject = owners.ref(deployment)
    progress = condition(deployment.status.conditions, rollouts.PROGRESSING)
    reported_at = progress.last_update_time or progress.last_transition_time if progress is not None else None
    moved_at = times.latest(reported_at, deployment.metadata.changed_at)
    since = moved_at or now
    yield Finding(
        subject=subject,
        title=titles.DeploymentPaused.paused(object=wording.label(subject)),
        since=since,
        is_onset_unknown=moved_at is None,
        facts={"replicas": deployment.spec.replicas, "updatedReplicas": deployment.status.updated_replicas},
    )


DETECTOR = Detector(
    type="DeploymentPaused",
    title=titles.DeploymentPaused.what,
    category="rollout",
    about=About.WORKLOAD,
    severity=Severity.LOW,
    gates=("G1", "G6", "G9"),
    looks_at=frozenset({Deployment.kind}),
    detect=detect,
    open_after_s=86_400,
    tier=Tier.EXTENDED,
)
