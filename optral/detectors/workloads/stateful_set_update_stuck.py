"""StatefulSetUpdateStuck: an update started, and no further replica has been replaced for fifteen minutes.

A StatefulSet has no deadline and records no times; the creation of its youngest pod shows the last progress. A partition and `OnDelete`
stop updates on purpose.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Effect, Tier
from optral.detectors.finding import Finding
from optral.kube import owners, rollouts, times
from optral.kube.objects import StatefulSet
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

PATIENCE_S = 900


def detect(stateful_set: StatefulSet, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if not _is_half_way(stateful_set) or gates.is_deleting(stateful_set) or gates.is_status_stale(stateful_set):
        return
    subject = owners.ref(stateful_set)
    moved_at = times.latest(*(pod.created_at for pod in view.pods_of(subject)), stateful_set.metadata.changed_at)
    since = moved_at or now
    yield Finding(
        subject=subject,
        title=titles.StatefulSetUpdateStuck.stuck(object=wording.label(subject)),
        since=since,
        opens_at=times.after(since, PATIENCE_S + stateful_set.spec.min_ready_seconds),
        is_onset_unknown=moved_at is None,
        facts={
            "replicas": stateful_set.spec.replicas,
            "updatedReplicas": stateful_set.status.updated_replicas,
            "readyReplicas": stateful_set.status.ready_replicas,
            "currentRevision": stateful_set.status.current_revision,
            "updateRevision": stateful_set.status.update_revision,
        },
    )


def _is_half_way(stateful_set: StatefulSet) -> bool:
    is_known = bool(stateful_set.status.update_revision)
    return is_known and rollouts.is_in_progress(stateful_set) and not gates.is_switched_off(stateful_set)


DETECTOR = Detector(
    type="StatefulSetUpdateStuck",
    title=titles.StatefulSetUpdateStuck.what,
    category="rollout",
    about=About.WORKLOAD,
    severity=Severity.HIGH,
    gates=("G1", "G6", "G9"),
    effect=Effect.REPLICAS_MISSING,
    looks_at=frozenset({StatefulSet.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
)
