"""DeploymentProgressDeadlineExceeded: a rollout made no progress for its whole deadline (ten minutes by default).

Kubernetes has already waited, so the issue opens at once. The facts and the severity show whether the old revision still serves.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Effect
from optral.detectors.finding import Finding
from optral.kit import durations
from optral.kube import owners, rollouts
from optral.kube.objects import Deployment, condition
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity


def detect(deployment: Deployment, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    progress = condition(deployment.status.conditions, rollouts.PROGRESSING)
    if progress is None or not rollouts.is_stuck(deployment):
        return
    if (
        gates.is_deleting(deployment)
        or gates.is_paused(deployment)
        or gates.is_switched_off(deployment)
        or gates.is_status_stale(deployment)
    ):
        return
    subject = owners.ref(deployment)
    since = progress.last_transition_time or progress.last_update_time or deployment.created_at
    yield Finding(
        subject=subject,
        title=titles.DeploymentProgressDeadlineExceeded.stuck(
            object=wording.label(subject), duration=durations.short(deployment.spec.progress_deadline_seconds)
        ),
        since=since,
        facts=_facts(deployment, view) | {"reason": progress.reason, "message": wording.clip(progress.message)},
    )


def _facts(deployment: Deployment, view: ClusterView) -> dict[str, object]:
    revisions = sorted(view.replica_sets_of(owners.ref(deployment)), key=rollouts.order)
    serving = [r.revision for r in revisions[:-1] if r.status.ready_replicas > 0]
    return {
        "replicas": deployment.spec.replicas,
        "updatedReplicas": deployment.status.updated_replicas,
        "availableReplicas": deployment.status.available_replicas,
        "deadlineSeconds": deployment.spec.progress_deadline_seconds,
        "revision": revisions[-1].revision if revisions else None,
        "servingRevisions": serving[-5:],
        "images": [container.image for container in deployment.spec.template.spec.containers[:10]],
    }


DETECTOR = Detector(
    type="DeploymentProgressDeadlineExceeded",
    title=titles.DeploymentProgressDeadlineExceeded.what,
    category="rollout",
    about=About.WORKLOAD,
    severity=Severity.HIGH,
    gates=("G1", "G6", "G9"),
    effect=Effect.REPLICAS_MISSING,
    looks_at=frozenset({Deployment.kind}),
    detect=detect,
)
