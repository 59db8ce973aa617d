"""What needs work now, and how issues went over a range of time: counts by cluster, histograms, medians, what is noisiest.

Symptoms of another issue never count, and neither do snoozed and muted issues where the question is what needs work: the numbers are those
of the issue list. Medians and rankings are of the newest issues of the range, so they cost the same however many there are.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

from optral.issues.lists import trends_repository as repository
from optral.issues.model import Issue, Status
from optral.store.transaction import Transaction
from optral.terms.severity import Severity

MEDIAN_OF = 1000
NOISIEST = 10
RANKED_OF = 5  # times as many issues as are shown are ranked
_SEVERITY_OF = {severity.rank: severity for severity in Severity}
Clusters = Collection[str] | None
"""Ids of clusters; None: all that the actor may see."""


class Span(NamedTuple):
    """A range of time in so many buckets of one width, from the start of the first bucket until now, which is `end`."""

    start: datetime
    end: datetime
    width: timedelta
    number: int = 1

    @property
    def buckets(self) -> list[datetime]:
        """When each bucket starts, oldest first."""
        return [self.start + position * self.width for position in range(self.number)]


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def span(now: datetime, *, width: timedelta, buckets: int) -> Span:
    """The range that ends at `now`: that many buckets, whose edges are whole multiples of the width in UTC; the last one is not over."""
    this = _EPOCH + (now - _EPOCH) // width * width
    return Span(this - (buckets - 1) * width, now, width, buckets)


class Open(NamedTuple):
    """A number of issues that need work, and how many of them are not acknowledged."""

    number: int
    unacknowledged: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A type or an owner: issues that opened in the range, how many are still unresolved, and the worst severity of these issues."""

    opened: int
    unresolved: int
    severity: Severity


class Owner(NamedTuple):
    cluster_id: str
    namespace: str | None
    kind: str
    name: str


class Delay(NamedTuple):
    """The median of a duration and the number of issues that it is of; None without any."""

    median: timedelta | None
    issues: int


def count_open(tx: Transaction, clusters: Clusters = None, *, team: str | None = None) -> dict[str, dict[Severity, Open]]:
    """How many issues need work, by cluster and severity; `team`: of this team, or with `none` of no team."""
    found: dict[str, dict[Severity, Open]] = {}
    for row in repository.count_by_cluster(tx, tx.actor.within(clusters), team):
        of_cluster = found.setdefault(row.cluster_id, {})
        severity = _SEVERITY_OF[row.severity_rank]
        known = of_cluster.get(severity, Open(0, 0))
        is_new = row.status == Status.OPEN.value
        of_cluster[severity] = Open(known.number + row.number, known.unacknowledged + (row.number if is_new else 0))
    return found


def most_urgent(
    tx: Transaction, clusters: Clusters = None, *, team: str | None = None, at_least: Severity = Severity.MEDIUM, limit: int
) -> list[Issue]:
    """The issues to look at first: not acknowledged before acknowledged, then the most severe, then the newest.

    What has not changed for a day counts as one severity less, and comes after others of that severity, unless it concerns the cluster.
    """
    found = repository.most_urgent(tx, tx.actor.within(clusters), team=team, rank=at_least.rank, limit=RANKED_OF * limit)
    return sorted(found, key=lambda issue: _urgency(issue, is_chronic=issue.is_unchanged(tx.now) and not issue.is_cluster_wide))[:limit]


def _urgency(issue: Issue, *, is_chronic: bool) -> tuple[int, int, bool]:
    """Issues with the same urgency stay in their order."""
    return -issue.status.rank, is_chronic - issue.severity.rank, is_chronic


def count_opened(tx: Transaction, since: datetime, clusters: Clusters = None, *, team: str | None = None) -> int:
    """How many issues opened since then."""
    return sum(one.total() for one in opened(tx, Span(since, tx.now, tx.now - since), clusters, team=team))


def count_resolved(tx: Transaction, since: datetime, clusters: Clusters = None, *, team: str | None = None) -> int:
    """How many issues were resolved since then."""
    return sum(one.total() for one in resolved(tx, Span(since, tx.now, tx.now - since), clusters, team=team))


def last_resolved(tx: Transaction, since: datetime, *, limit: int) -> list[Issue]:
    """The issues that the actor may see and that were resolved since then, the last one first."""
    return repository.last_ended(tx, tx.actor.within(None), start=since, limit=limit)


def opened(tx: Transaction, of: Span, clusters: Clusters = None, *, team: str | None = None) -> list[Counter[Severity]]:
    """How many issues of each severity opened in each bucket."""
    return _counted(tx, "opened", of, clusters, team)


def resolved(tx: Transaction, of: Span, clusters: Clusters = None, *, team: str | None = None) -> list[Counter[Severity]]:
    """How many issues were resolved in each bucket; an issue that opened again is not resolved any more."""
    return _counted(tx, "ended", of, clusters, team)


def _counted(tx: Transaction, what: str, of: Span, clusters: Clusters, team: str | None) -> list[Counter[Severity]]:
    """What is dated at the end, or later because a clock was set back, belongs to the last bucket."""
    counts: list[Counter[Severity]] = [Counter() for _ in range(of.number)]
    width_us = of.width // timedelta(microseconds=1)
    found = repository.histogram(tx, what, tx.actor.within(clusters), team=team, start=of.start, width_us=width_us)
    for (number, rank), count in found.items():
        counts[min(number, of.number - 1)][_SEVERITY_OF[rank]] += count
    return counts


def time_to_resolve(tx: Transaction, since: datetime, clusters: Clusters = None) -> Delay:
    """From when an issue opened until it was resolved, of issues that were resolved since then."""
    rows = repository.ended(tx, tx.actor.within(clusters), start=since, limit=MEDIAN_OF)
    return delay([row.resolved_at - row.detected_at for row in rows])


def time_to_acknowledge(tx: Transaction, since: datetime, clusters: Clusters = None) -> Delay:
    """From when an issue opened until somebody first acknowledged it, of issues that opened since then."""
    rows = repository.acknowledged(tx, start=since, limit=MEDIAN_OF)
    return time_until(tx, {row.issue_id: row.at for row in rows}, since, clusters)  # newest first: the first one of an issue stays


def time_until(tx: Transaction, reached: Mapping[str, datetime], since: datetime, clusters: Clusters = None) -> Delay:
    """From when an issue opened until it reached something, given by issue; only of issues that opened since then."""
    chosen = None if clusters is None else frozenset(clusters)
    rows = repository.detected(tx, reached)
    return delay(
        [
            reached[row.id] - row.detected_at
            for row in rows
            if row.detected_at >= since
            and (chosen is None or row.cluster_id in chosen)
            and tx.actor.may_see(row.cluster_id, row.namespace)
            and reached[row.id] >= row.detected_at
        ]
    )


def delay(durations: Collection[timedelta]) -> Delay:
    """The median of these durations."""
    return Delay(timedelta(seconds=median(duration.total_seconds() for duration in durations)) if durations else None, len(durations))


def noisiest_types(tx: Transaction, since: datetime, clusters: Clusters = None) -> list[tuple[str, Ranked]]:
    """The types with the most of the newest `MOST_COUNTED` issues that opened since then."""
    rows = repository.noisiest(tx, "types", tx.actor.within(clusters), start=since, limit=NOISIEST)
    return [(row.type, _ranked(row)) for row in rows]


def noisiest_owners(tx: Transaction, since: datetime, clusters: Clusters = None) -> list[tuple[Owner, Ranked]]:
    """The same of owners."""
    rows = repository.noisiest(tx, "owners", tx.actor.within(clusters), start=since, limit=NOISIEST)
    return [(Owner(row.cluster_id, row.namespace, row.owner_kind, row.owner_name), _ranked(row)) for row in rows]


def _ranked(row: Any) -> Ranked:
    return Ranked(row.opened, int(row.unresolved), _SEVERITY_OF[row.worst])
