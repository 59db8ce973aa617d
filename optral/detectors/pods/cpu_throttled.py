"""CPUThrottled: a container wants more CPU than its limit allows, and the kernel stops it for a part of every period.

The kernel counts the periods of 100 ms in which it stopped a container. Short bursts are normal and reported nowhere; a share that holds
over the fifteen minutes that a report covers makes requests wait. Without reports of the pod's usage (kube/usage.py) nothing is said.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import wording
from optral.detectors.detector import Tier, of_container
from optral.detectors.finding import Finding
from optral.detectors.thresholds import Limits, Threshold
from optral.kube import times, usage
from optral.kube.objects import NodeUsage, Pod, PodUsage
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

WINDOW_S = 540  # at least; a report covers up to fifteen minutes
FEW_PERIODS = 300  # of 100 ms: an idle container is hardly ever scheduled, and a few periods prove nothing
RESOLVE_AFTER_S = 1800
THRESHOLDS = {"share": Threshold(default=0.25, min=0.1, max=0.95, unit="share", doc="Share of throttled periods from which an issue opens")}


def detect(pod: Pod, view: ClusterView, *, now: datetime, limits: Limits) -> Iterator[Finding]:
    report = usage.of_pod(pod, view, now=now)
    if report is None or report.status.observed_at is None:
        return
    for used in report.status.containers:
        throttling = used.throttling
        if throttling is None or throttling.window_seconds < WINDOW_S or throttling.periods < FEW_PERIODS:
            continue
        if throttling.share < limits["share"]:
            continue
        subject = view.workload_of(pod)
        since = times.before(report.status.observed_at, throttling.window_seconds)
        yield Finding(
            subject=subject,
            part=used.name,
            title=titles.CPUThrottled.throttled(object=wording.label(subject), container=used.name),
            since=since,
            is_onset_unknown=True,
            facts={"cpuLimitMillis": used.cpu.limit_millis, "atLeastShare": limits["share"]},
        )


DETECTOR = of_container(
    type="CPUThrottled",
    title=titles.CPUThrottled.what,
    effect=None,
    category="health",
    severity=Severity.MEDIUM,
    gates=("G1", "G2", "G5", "G10"),
    rank=170,
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
