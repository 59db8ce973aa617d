"""SchedulerUnavailable: no scheduler handles new pods. A scheduler that finds no node reports that on the pod; one that is down reports
nothing.

The sign is a pending pod without a node and *without any PodScheduled condition*, a minute after it was created. While the Lease of the
default scheduler is fresh, Optral checks again when the Lease would have expired, for five minutes at most (batch queues may hold a pod
before the scheduler looks at it). There is one issue per cluster and scheduler. Another name in `schedulerName` is another scheduler: it
may queue pods without reporting it, so it gets five minutes, and only the workloads that name it are affected.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import candidate_causes, gates, wording
from optral.detectors.detector import About, Detector, Stage
from optral.detectors.finding import Finding
from optral.kube import times
from optral.kube.objects import Lease, Pod, condition
from optral.kube.reports import pods
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

DEFAULT = "default-scheduler"
PATIENCE_S = 60
DOUBTFUL_PATIENCE_S = 300
LEASE_FRESH_S = 60


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if pod.status.phase not in ("Pending", "") or pod.spec.node_name or not pod.spec.containers:
        return
    if gates.is_gated(pod) or condition(pod.status.conditions, pods.SCHEDULED) is not None:
        return
    name = wording.clip(pod.spec.scheduler_name, 253) or DEFAULT
    lease = _lease(name, view)
    renewed_at = lease.spec.renew_time if lease is not None else None
    is_alive = gates.is_fresh(renewed_at, now=now, window_s=LEASE_FRESH_S)
    yield Finding(
        subject=candidate_causes.CLUSTER,
        part=name,
        base=Severity.CRITICAL if name == DEFAULT else Severity.HIGH,
        title=titles.SchedulerUnavailable.down(name=name),
        since=pod.created_at,
        opens_at=_opens_at(pod.created_at, renewed_at if is_alive else None, is_default=name == DEFAULT),
        facts={"scheduler": name, "leaseHolder": lease.spec.holder_identity if lease is not None else None, "isLeaseFresh": is_alive},
    )


def _opens_at(made_at: datetime, renewed_at: datetime | None, *, is_default: bool) -> datetime:
    patient = times.after(made_at, PATIENCE_S if is_default else DOUBTFUL_PATIENCE_S)
    if renewed_at is None:
        return patient
    return min(max(patient, times.after(renewed_at, LEASE_FRESH_S)), times.after(made_at, DOUBTFUL_PATIENCE_S))


def _lease(scheduler: str, view: ClusterView) -> Lease | None:
    """The Lease which shows that the default scheduler runs; other schedulers may keep theirs anywhere."""
    found = view.by_name(Lease.kind, "kube-system", "kube-scheduler") if scheduler == DEFAULT else None
    return found if isinstance(found, Lease) else None


DETECTOR = Detector(
    type="SchedulerUnavailable",
    title=titles.SchedulerUnavailable.what,
    category="control-plane",
    about=About.CLUSTER,
    severity=Severity.CRITICAL,
    gates=("G1", "G2", "G5", "G10", "G15"),
    stage=Stage.SCHEDULER,
    looks_at=frozenset({Pod.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    needs=frozenset({"leases"}),
)
