"""What the requests of a workload are like, as its agent reported them last (`optral/agent/prometheus/report.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

import msgspec

from optral.kube.kinds import LONG_RUNNING, WORKLOAD_TRAFFIC, traffic_name
from optral.kube.objects import WorkloadTraffic, WorkloadTrafficStatus
from optral.kube.objects.base import EPOCH, Part as Piece
from optral.resources import lookup
from optral.resources.model import Resource
from optral.store.transaction import Transaction

KINDS = frozenset(LONG_RUNNING)
"""The kinds whose requests are reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Of a few minutes; `p95_ms` is None where there were too few requests."""

    at: datetime
    per_second: float
    error_share: float
    p95_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Durations in ms, None where they are not known; shares from 0 to 1. `proven_by`: see `agent/prometheus/identity.py`."""

    observed_at: datetime
    source: str
    proven_by: str
    per_second: float
    error_share: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    usual_p95_ms: float | None
    samples: Sequence[Sample]


class _Series(Piece, frozen=True):
    """A report's last readings, which judgment does not need."""

    ends_at: datetime = EPOCH
    seconds_before: tuple[int, ...] = ()
    per_second: tuple[float, ...] = ()
    error_share: tuple[float, ...] = ()
    p95_ms: tuple[float | None, ...] = ()


class _Status(WorkloadTrafficStatus, frozen=True):
    series: _Series = _Series()


class _Report(WorkloadTraffic, frozen=True):
    status: _Status = _Status()


_report = msgspec.json.Decoder(_Report)


def of(tx: Transaction, resource: Resource) -> Requests | None:
    """The last report about this workload; None without one. A report about an earlier workload of the same name does not count."""
    name = traffic_name(resource.kind.partition(".")[0], resource.name)
    found = lookup.named(tx, resource.cluster_id, WORKLOAD_TRAFFIC.id, resource.namespace or "", name)
    if found is None:
        return None
    report = _report.decode(found.read())
    status = report.status
    if status.observed_at is None or all(owner.uid != resource.uid for owner in report.metadata.owner_references):
        return None
    return Requests(
        observed_at=status.observed_at,
        source=status.source,
        proven_by=status.proven_by,
        per_second=status.requests.per_second,
        error_share=status.errors.share,
        p50_ms=status.latency.p50_ms,
        p95_ms=status.latency.p95_ms,
        p99_ms=status.latency.p99_ms,
        usual_p95_ms=status.latency.usual_ms,
        samples=_samples(status.series),
    )


def _samples(series: _Series) -> list[Sample]:
    points = zip_longest(series.seconds_before, series.per_second, series.error_share, series.p95_ms)
    return [
        Sample(at=series.ends_at - timedelta(seconds=before), per_second=rate, error_share=share, p95_ms=p95)
        for before, rate, share, p95 in points
        if before is not None and rate is not None and share is not None
    ]
