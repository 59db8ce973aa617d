"""MemoryNearLimit: a container has used almost all of its memory limit for ten minutes, and will be killed if it needs more.

What counts is memory that the kernel cannot take back: a container that only reads many files is close to its limit, too, and safe. Without
reports of the pod's usage (kube/usage.py) nothing is said.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import wording
from optral.detectors.detector import Tier, of_container
from optral.detectors.finding import Finding
from optral.detectors.thresholds import Limits, Threshold
from optral.kube import times, usage
from optral.kube.objects import ContainerUse, NodeUsage, Pod, PodUsage
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

LEVEL_S = 600  # that a level covers
REAL_SHARE = 0.85  # of the limit, in memory that cannot be taken back
RESOLVE_AFTER_S = 1800
THRESHOLDS = {"share": Threshold(default=0.9, min=0.5, max=0.99, unit="share", doc="This share of the memory limit in use is too much")}


def detect(pod: Pod, view: ClusterView, *, now: datetime, limits: Limits) -> Iterator[Finding]:
    report = usage.of_pod(pod, view, now=now)
    if report is None or report.status.observed_at is None:
        return
    for used in report.status.containers:
        if not _is_near(used, limits["share"]):
            continue
        subject = view.workload_of(pod)
        since = times.before(report.status.observed_at, LEVEL_S)
        yield Finding(
            subject=subject,
            part=used.name,
            title=titles.MemoryNearLimit.near(object=wording.label(subject), container=used.name),
            since=since,
            is_onset_unknown=True,
            facts={"memoryLimitBytes": used.memory.limit_bytes, "atLeastShare": limits["share"]},
        )


def _is_near(used: ContainerUse, share: float) -> bool:
    memory = used.memory
    if memory.limit_bytes <= 0 or memory.level_bytes < share * memory.limit_bytes:
        return False
    return not memory.rss_bytes or memory.rss_bytes >= min(share, REAL_SHARE) * memory.limit_bytes


DETECTOR = of_container(
    type="MemoryNearLimit",
    title=titles.MemoryNearLimit.what,
    effect=None,
    category="health",
    severity=Severity.MEDIUM,
    gates=("G1", "G2", "G5", "G10"),
    rank=165,
    detect=detect,
    tier=Tier.EXTENDED,
    resolve_after_s=RESOLVE_AFTER_S,
    reached_from={PodUsage.kind: usage.pod_of},
    rests_on=frozenset({PodUsage.kind, NodeUsage.kind}),
    covers=usage.covers_pod,
    needs=frozenset({"metrics"}),
    examines_healthy=True,
    thresholds=THRESHOLDS,
)
