"""GenerationMismatch: a workload was changed, and its controller has not processed the change for fifteen minutes.

If one object is affected, its controller fails on it; if many are, the controller manager is down (ControlPlaneUnhealthy).
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import candidate_causes, gates, wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding, Suspect
from optral.kube import owners
from optral.kube.objects import DaemonSet, Deployment, StatefulSet
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity


def detect(workload: Deployment | StatefulSet | DaemonSet, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if not gates.is_status_stale(workload) or gates.is_deleting(workload):
        return
    subject = owners.ref(workload)
    since = workload.metadata.changed_at or now
    yield Finding(
        subject=subject,
        title=titles.GenerationMismatch.behind(object=wording.label(subject)),
        since=since,
        is_onset_unknown=True,  # the last recorded change may not be the one that waits
        facts={"generation": workload.metadata.generation, "observedGeneration": workload.status.observed_generation},
        suspects=(Suspect(candidate_causes.CLUSTER, "is carried out by", frozenset({"ControlPlaneUnhealthy"})),),
    )


DETECTOR = Detector(
    type="GenerationMismatch",
    title=titles.GenerationMismatch.what,
    category="control-plane",
    about=About.WORKLOAD,
    severity=Severity.MEDIUM,
    gates=("G1", "G9"),
    looks_at=frozenset({Deployment.kind, StatefulSet.kind, DaemonSet.kind}),
    detect=detect,
    open_after_s=900,
    tier=Tier.EXTENDED,
)
