"""PersistentVolumeClaimNotFound: a pod mounts a claim that does not exist, so it cannot be scheduled.

The scheduler reports it on the pod. Its message remains until the next attempt, so the claim must be missing from the view as well. All
pods of a workload mount claims of the same template, so the workload is the subject; the facts name the claims.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import Effect, Stage, of_volume
from optral.detectors.finding import Finding
from optral.kube import names
from optral.kube.objects import KubeObject, PersistentVolumeClaim, Pod, condition
from optral.kube.reports import pods, scheduler
from optral.kube.reports.scheduler import Blocker
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

MAX_NAMED = 10


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    scheduled = condition(pod.status.conditions, pods.SCHEDULED)
    if scheduled is None or scheduled.status != "False" or pod.spec.node_name or gates.is_gated(pod):
        return
    named = [clause.what for clause in scheduler.clauses(scheduled.message) if clause.blocker is Blocker.CLAIM_NOT_FOUND]
    missing = [name for name in dict.fromkeys(named) if name and not _exists(name, pod, view)][:MAX_NAMED]
    if not missing:
        return
    subject = view.workload_of(pod)
    since = scheduled.last_transition_time or pod.created_at
    near = names.nearest(missing[0], (claim.name for claim in view.claims_in(pod.metadata.namespace)))
    yield Finding(
        subject=subject,
        title=titles.PersistentVolumeClaimNotFound.missing(pods=wording.pods_of(subject), claim=missing[0]),
        since=since,
        facts={"claims": missing, "nearest": near, "message": wording.clip(scheduled.message)},
    )


def _exists(name: str, pod: Pod, view: ClusterView) -> bool:
    return view.by_name(PersistentVolumeClaim.kind, pod.namespace, name) is not None


def _users(view: ClusterView, claim: KubeObject) -> list[Pod]:
    """The pods that wait for a claim: they may start when it is created."""
    return [pod for pod in view.pods_with_claim(claim.metadata.namespace, claim.name) if not pod.spec.node_name]


DETECTOR = of_volume(
    type="PersistentVolumeClaimNotFound",
    title=titles.PersistentVolumeClaimNotFound.what,
    severity=Severity.HIGH,
    gates=("G1", "G2", "G5", "G10", "G15"),
    effect=Effect.CLAIM_UNBOUND,
    stage=Stage.CLAIM_MISSING,
    looks_at=frozenset({Pod.kind}),
    detect=detect,
    open_after_s=30,
    reached_from={PersistentVolumeClaim.kind: _users},
)
