"""SchedulingGated: a scheduling gate has held a pod back for half an hour.

A gate is set on purpose (G15), so no other type reports such a pod; but the controller that should remove it may be broken, or somebody may
have forgotten it. Queues for batch work (such as Kueue) hold pods for hours: their gates are not an issue. The severity is low, and
medium without a replica: whoever set the gate decides when the pod starts.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import wording
from optral.detectors.detector import Tier, of_pod
from optral.detectors.finding import Finding
from optral.kube.objects import Pod, condition
from optral.kube.reports import pods
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

MAX_GATES = 5
_QUEUES = ("kueue.x-k8s.io/", "scheduling.x-k8s.io/", "scheduling.volcano.sh/", "yunikorn.apache.org/", "jobset.sigs.k8s.io/")


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if pod.status.phase not in ("Pending", "") or pod.spec.node_name:
        return
    held = sorted({wording.clip(gate.name, 253) for gate in pod.spec.scheduling_gates if not gate.name.startswith(_QUEUES)})
    for gate in held[:MAX_GATES]:
        yield _finding(pod, gate, view)


def _finding(pod: Pod, gate: str, view: ClusterView) -> Finding:
    subject = view.workload_of(pod)
    scheduled = condition(pod.status.conditions, pods.SCHEDULED)
    since = (scheduled.last_transition_time if scheduled is not None else None) or pod.created_at
    return Finding(
        subject=subject,
        part=gate,
        title=titles.SchedulingGated.gated(pods=wording.pods_of(subject), gate=gate),
        since=since,
        facts={"gate": gate},
    )


DETECTOR = of_pod(
    type="SchedulingGated",
    title=titles.SchedulingGated.what,
    category="scheduling",
    severity=Severity.LOW,
    gates=("G1", "G2", "G5", "G10"),
    detect=detect,
    open_after_s=1800,
    tier=Tier.EXTENDED,
)
