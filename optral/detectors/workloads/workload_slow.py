"""WorkloadSlow: the requests of a workload take longer than its own earlier ones did, for ten minutes.

The organization's Prometheus counts the requests (agent/prometheus). The 95th percentile is compared with the usual one of the same
workload, so that what is slow by nature is not reported; with few requests it would be the duration of one of them. Pods that started a
few minutes ago do not count yet. Without reports nothing is said.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding
from optral.detectors.thresholds import Limits, Threshold
from optral.kube import owners, times, traffic
from optral.kube.objects import DaemonSet, Deployment, StatefulSet, WorkloadTraffic
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

LEVEL_S = 600  # how long it has been so at least, when a report says so
RESOLVE_AFTER_S = 1800
THRESHOLDS = {
    "times": Threshold(default=traffic.TIMES, min=1.5, max=20, unit="times", doc="This many times the usual 95th percentile is too slow"),
    "moreMs": Threshold(default=traffic.MORE_MS, min=50, max=60_000, unit="ms", doc="A shorter delay than this is never too slow"),
    "requests": Threshold(default=traffic.REQUESTS, min=100, max=1_000_000, unit="requests", doc="Of fewer in ten minutes nothing is said"),
}


def detect(workload: Deployment | StatefulSet | DaemonSet, view: ClusterView, *, now: datetime, limits: Limits) -> Iterator[Finding]:
    subject = owners.ref(workload)
    report = traffic.of_workload(subject, view)
    if report is None or gates.is_deleting(workload) or not traffic.is_fresh(report.status, now):
        return
    status, found = report.status, traffic.slowness(report.status)
    if found is None or not traffic.is_slow(status, times=limits["times"], more_ms=limits["moreMs"], requests=limits["requests"]):
        return
    since = times.before(status.observed_at or now, LEVEL_S)
    yield Finding(
        subject=subject,
        title=titles.WorkloadSlow.slow(object=wording.label(subject)),
        since=since,
        is_onset_unknown=True,
        facts={"usualMs": round(found.usual_ms), "source": status.source, **_used(limits)},
    )


def _used(limits: Limits) -> dict[str, float]:
    return {"atLeastTimes": limits["times"], "atLeastMoreMs": limits["moreMs"], "atLeastRequests": limits["requests"]}


DETECTOR = Detector(
    type="WorkloadSlow",
    title=titles.WorkloadSlow.what,
    category="health",
    about=About.WORKLOAD,
    severity=Severity.MEDIUM,
    gates=("G1",),
    looks_at=frozenset({Deployment.kind, StatefulSet.kind, DaemonSet.kind}),
    detect=detect,
    tier=Tier.EXTENDED,
    resolve_after_s=RESOLVE_AFTER_S,
    reached_from={WorkloadTraffic.kind: traffic.workload_of},
    rests_on=frozenset({WorkloadTraffic.kind}),
    covers=traffic.covers,
    needs=frozenset({"prometheus"}),
    thresholds=THRESHOLDS,
)
