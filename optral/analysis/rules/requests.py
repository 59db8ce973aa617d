"""What is known of the requests of workloads: `WorkloadTraffic` of the snapshot (`agent/prometheus/report.py`), and of what they call.

A report counts only for the very workload that it is about. What a workload calls but has no report, is called by an address outside of
what is read here, or stands behind several workloads, is unknown: nothing is concluded from it.
"""

import re
from collections.abc import Iterator
from statistics import median
from typing import Any, NamedTuple

import msgspec

from optral.analysis.reading import calls
from optral.analysis.reading.case import Case, template_path
from optral.analysis.reading.snapshot import SnapshotObject
from optral.kit.words import counted
from optral.kube import traffic
from optral.kube.kinds import WORKLOAD_TRAFFIC, traffic_name
from optral.kube.objects import WorkloadTrafficStatus
from optral.kube.traffic import Slowness

UNREAD = "requests in the organization's own Prometheus, which the agent does not read (docs/how-to/prometheus.md)"
_TELEMETRY = re.compile(
    r"(?:^|_)(?:OTEL|OTLP|JAEGER|ZIPKIN|SENTRY|STATSD|LOKI|TEMPO|PYROSCOPE|GRAPHITE|FLUENTD?|LOGSTASH|TELEMETRY|TRACING|METRICS)(?:_|$)|^DD_",
    re.IGNORECASE,
)
"""Settings of addresses to which spans, metrics and logs go: no request waits for them."""
_SOURCES = {
    "istio": "Istio",
    "linkerd": "Linkerd",
    "opentelemetry": "OpenTelemetry",
    "opentelemetry-old": "OpenTelemetry",
    "ingress-nginx": "ingress-nginx",
}


class Served(NamedTuple):
    """The requests of one workload."""

    workload: SnapshotObject
    status: WorkloadTrafficStatus
    slowness: Slowness
    series: dict[str, Any]

    @property
    def is_slow(self) -> bool:
        return traffic.is_slow(self.status)

    @property
    def is_fast(self) -> bool:
        return traffic.is_fast(self.status)

    def shown(self, case: Case) -> str:
        """Evidence for how long its requests take."""
        status, found = self.status, self.slowness
        text = f"95th percentile of requests: for ten minutes at least {ms(found.level_ms)}, usually {ms(found.usual_ms)}"
        text += "" if status.latency.p50_ms is None else f"; median {ms(status.latency.p50_ms)}"
        text += f"; {counted(status.requests.count, 'request')} in ten minutes, {round(100 * status.errors.share)} % failed"
        text += f"; counted by {_SOURCES.get(status.source, status.source)}"
        return case.book.metric(self.workload.ref, "requests", text, at=status.observed_at)


class Called(NamedTuple):
    """What a workload calls. `served` is None where nothing is known of its requests, `workload` where it is not known either."""

    address: calls.Address
    workload: SnapshotObject | None
    served: Served | None

    @property
    def name(self) -> str:
        return self.address.host if self.workload is None else f"{self.workload.short_kind} {self.workload.name}"

    @property
    def is_unclear(self) -> bool:
        """Whether its latency is unknown."""
        return self.served is None or not self.served.is_fast


def of_workload(case: Case, workload: SnapshotObject) -> Served | None:
    """What is known of a workload's requests; None where its usual and its present durations are not both known."""
    report = case.snap.find(WORKLOAD_TRAFFIC.id, workload.namespace, traffic_name(workload.short_kind, workload.name))
    owner = None if report is None else report.owner()
    if report is None or owner is None or owner.uid != workload.uid:
        return None
    try:
        status = msgspec.convert(report.map("status"), WorkloadTrafficStatus)
    except msgspec.ValidationError:
        return None
    found = traffic.slowness(status)
    return None if found is None or not traffic.is_fresh(status, case.now) else Served(workload, status, found, report.map("status.series"))


def called(case: Case, workload: SnapshotObject) -> list[Called]:
    """Everything that its template calls and waits for, each once."""
    found: dict[str, Called] = {}
    for address in calls.of_template(case, workload, template_path(workload.kind)):
        if _TELEMETRY.search(address.variable):
            continue
        behind = None if address.service is None else _behind(case, address.service)
        if behind is None or behind.uid != workload.uid:
            one = Called(address, behind, None if behind is None else of_workload(case, behind))
            found.setdefault(one.name, one)
    return list(found.values())


def _behind(case: Case, service: SnapshotObject) -> SnapshotObject | None:
    """The only workload whose pods a Service selects."""
    pods = case.snap.selected(service.strings("spec.selector"), service.namespace)
    workloads = {workload.uid: workload for pod in pods if (workload := case.workload(pod)).kind != "Pod"}
    return next(iter(workloads.values())) if len(workloads) == 1 else None


def rates(served: Served) -> tuple[float, float] | None:
    """Requests per second (before, since) the requests became slow, in the last hour; None where one of the two is not known."""
    points = [
        (rate, p95)
        for rate, p95 in zip(_numbers(served, "perSecond"), _numbers(served, "p95Ms"), strict=False)
        if rate is not None and p95 is not None
    ]
    half = (served.slowness.usual_ms + served.slowness.level_ms) / 2
    before, since = [rate for rate, p95 in points if p95 < half], [rate for rate, p95 in points if p95 >= half]
    return (median(before), median(since)) if len(before) >= 5 <= len(since) else None


def _numbers(served: Served, name: str) -> Iterator[float | None]:
    values = served.series.get(name)
    for value in values if isinstance(values, list) else ():
        yield value if isinstance(value, int | float) and not isinstance(value, bool) else None


def ms(value: float) -> str:
    """`480 ms`, `2.4 s`, `12 s`."""
    if value < 1000:
        return f"{max(1, round(value))} ms"
    return f"{value / 1000:.1f} s" if value < 9950 else f"{value / 1000:.0f} s"
