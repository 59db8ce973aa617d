"""Trends of issues over HTTP: what opened and was resolved over time, how long it took, and what is noisiest."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.analysis import service as analyses
from optral.api.clusters.clusters import resolve_all
from optral.api.http.routing import Call, Routes, Shape, present
from optral.api.issues.issue_shapes import Name
from optral.clusters import service as clusters
from optral.issues.lists import trends
from optral.issues.lists.trends import Delay, Ranked
from optral.kit.paging import MOST_COUNTED
from optral.resources import rollouts
from optral.resources.rollouts import Bucket
from optral.store.transaction import Transaction
from optral.terms.severity import Severity

Range = Literal["24h", "7d", "30d"]


class _Buckets(NamedTuple):
    width: timedelta
    number: int


_BUCKETS: dict[str, _Buckets] = {
    "24h": _Buckets(timedelta(hours=1), 24),
    "7d": _Buckets(timedelta(hours=6), 28),
    "30d": _Buckets(timedelta(days=1), 30),
}


class RolloutShape(Shape):
    resource_id: str
    cluster: str = Field(description="The cluster's name")
    cluster_id: str
    kind: str = Field(examples=["Deployment"])
    namespace: str
    name: str
    at: datetime


class BucketShape(Shape):
    at: datetime = Field(description="Start of the bucket")
    opened: int
    critical: int = Field(description="Issues of severity critical among `opened`")
    high: int = Field(description="Issues of severity high among `opened`")
    resolved: int
    rollouts: int | None = Field(
        None,
        description="Workloads that were created, or whose Pod template changed. Absent without `resources:read`, and in buckets before the"
        " newest 10,000 changes of workloads",
    )
    newest_rollouts: list[RolloutShape] | None = Field(None, description="The newest 3 of them, newest first; absent as `rollouts`")


class DelayShape(Shape):
    median_seconds: float | None = Field(None, description="Absent without any issue")
    issues: int = Field(description="The number of issues that the median is of, at most 1,000")


class RankedShape(Shape):
    opened: int = Field(description="Issues that opened in the range")
    unresolved: int = Field(description="How many of them are not resolved")
    severity: Severity = Field(description="The worst severity of these issues")


class RankedType(RankedShape):
    type: str = Field(examples=["CrashLoopBackOff"])


class RankedOwner(RankedShape):
    cluster: str = Field(description="The cluster's name")
    cluster_id: str
    namespace: str | None = Field(description="null for cluster-scoped objects")
    kind: str = Field(examples=["Deployment"])
    name: str


class TrendsShape(Shape):
    """Symptoms of other issues are not counted"""

    range: Range
    since: datetime
    until: datetime
    bucket_seconds: int
    buckets: list[BucketShape] = Field(description="Oldest first, aligned to UTC; the last one is not over yet")
    opened: int
    resolved: int = Field(description="An issue that opened again within 24 hours counts as not resolved")
    time_to_explain: DelayShape = Field(description="From the opening to the first analysis that names a cause, of issues of the range")
    time_to_acknowledge: DelayShape = Field(description="From the opening to the first acknowledgment, of issues of the range")
    time_to_resolve: DelayShape = Field(description="From the opening to the resolution, of issues resolved in the range")
    types: list[RankedType] = Field(description="The 10 types that opened the most issues")
    owners: list[RankedOwner] = Field(description="The 10 owners with the most issues")
    sampled: bool = Field(description="More than 10,000 issues opened; `types` and `owners` are of the newest 10,000")


async def issue_trends(
    call: Call,
    range: Annotated[
        Range, Query(description="24 buckets of an hour, 28 of six hours or 30 of a day; the last one is the current one")
    ] = "24h",
    cluster: Annotated[list[Name] | None, Query(description="Cluster ids or names; unknown ones match nothing")] = None,
) -> Response:
    """Get issues opened and resolved over time, and the rollouts meanwhile"""

    def render(tx: Transaction) -> dict[str, Any]:
        return _trends(tx, range, resolve_all(tx, cluster))

    return await call.answer(render)


def span_of(chosen: Range, now: datetime) -> trends.Span:
    """The range that ends now, in the buckets that it is shown in."""
    width, number = _BUCKETS[chosen]
    return trends.span(now, width=width, buckets=number)


def _trends(tx: Transaction, chosen: Range, within: frozenset[str] | None) -> dict[str, Any]:
    of = span_of(chosen, tx.now)
    opened, resolved = trends.opened(tx, of, within), trends.resolved(tx, of, within)
    number = sum(one.total() for one in opened)
    explained = analyses.explained_since(tx, of.start, limit=trends.MEDIAN_OF)
    types, owners = trends.noisiest_types(tx, of.start, within), trends.noisiest_owners(tx, of.start, within)
    rolled_out = _rollouts(tx, of, within)
    meanwhile = [one for found in rolled_out if found for one in found.newest]
    names = clusters.names(tx, {owner.cluster_id for owner, _ in owners} | {one.cluster_id for one in meanwhile})
    return {
        "range": chosen,
        "since": of.start,
        "until": of.end,
        "bucketSeconds": int(of.width.total_seconds()),
        "buckets": [
            _bucket(at, new, ended) | _rolled_out(found, names)
            for at, new, ended, found in zip(of.buckets, opened, resolved, rolled_out, strict=True)
        ],
        "opened": number,
        "resolved": sum(one.total() for one in resolved),
        "timeToExplain": _delay(trends.time_until(tx, explained, of.start, within)),
        "timeToAcknowledge": _delay(trends.time_to_acknowledge(tx, of.start, within)),
        "timeToResolve": _delay(trends.time_to_resolve(tx, of.start, within)),
        "types": [{"type": type_, **_ranked(found)} for type_, found in types],
        "owners": [
            {
                "cluster": names.get(owner.cluster_id, owner.cluster_id),
                "clusterId": owner.cluster_id,
                "namespace": owner.namespace,
                "kind": owner.kind,
                "name": owner.name,
                **_ranked(found),
            }
            for owner, found in owners
        ],
        "sampled": number > MOST_COUNTED,
    }


def _bucket(at: datetime, opened: Counter[Severity], resolved: Counter[Severity]) -> dict[str, Any]:
    worst = {one.value: opened[one] for one in (Severity.CRITICAL, Severity.HIGH)}
    return {"at": at, "opened": opened.total(), **worst, "resolved": resolved.total()}


def _rollouts(tx: Transaction, of: trends.Span, within: frozenset[str] | None) -> list[Bucket | None]:
    if "resources:read" not in tx.actor.scopes:
        return [None] * of.number
    return rollouts.count(tx, of.start, width=of.width, buckets=of.number, clusters=within)


def _rolled_out(found: Bucket | None, names: Mapping[str, str]) -> dict[str, Any]:
    if found is None:
        return {}
    newest = [
        {
            "resourceId": one.resource_id,
            "cluster": names.get(one.cluster_id, one.cluster_id),
            "clusterId": one.cluster_id,
            "kind": one.kind,
            "namespace": one.namespace,
            "name": one.name,
            "at": one.at,
        }
        for one in found.newest
    ]
    return {"rollouts": found.number, "newestRollouts": newest}


def _delay(one: Delay) -> dict[str, Any]:
    return present(medianSeconds=None if one.median is None else one.median.total_seconds(), issues=one.issues)


def _ranked(one: Ranked) -> dict[str, Any]:
    return {"opened": one.opened, "unresolved": one.unresolved, "severity": one.severity}


def add(app: FastAPI) -> None:
    Routes(app, "issues").add("GET", "/v1/issues/trends", issue_trends, scope="issues:read", gives=TrendsShape)
