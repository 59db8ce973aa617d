"""Rollouts: workloads that were created or got a new Pod template, counted over time.

A change of `replicas` is none: an autoscaler makes many. They are read from the history of objects, so what was there before a cluster was
connected, and what is older than that history, does not appear.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from optral.resources import rollouts_repository as repository
from optral.store.transaction import Transaction

SHOWN = 3  # of a bucket


class Rollout(NamedTuple):
    resource_id: str
    cluster_id: str
    kind: str
    namespace: str
    name: str
    at: datetime


class Bucket(NamedTuple):
    """How many rollouts there were, and the newest of them, newest first."""

    number: int
    newest: list[Rollout]


def count(
    tx: Transaction, start: datetime, *, width: timedelta, buckets: int, clusters: Collection[str] | None = None
) -> list[Bucket | None]:
    """The rollouts in each bucket from `start` that the actor may see; what is dated later than the last bucket belongs to it.

    None for a bucket that is not counted: of more than `MOST_COUNTED` changes of workloads, the newest are read.
    """
    within, width_us = tx.actor.within(clusters), width // timedelta(microseconds=1)
    since = repository.counted_since(tx, within, start=start)
    numbers, newest = [0] * buckets, [list[Rollout]() for _ in range(buckets)]
    for row in repository.newest(tx, within, start=start, since=since, width_us=width_us, most=SHOWN):
        place = min(row.bucket, buckets - 1)
        if row.rank == 1:
            numbers[place] += row.number
        if len(newest[place]) < SHOWN:
            kind = row.kind.partition(".")[0]
            newest[place].append(Rollout(row.resource_id, row.cluster_id, kind, row.namespace, row.name, row.at))
    return [None if start + place * width < since else Bucket(numbers[place], newest[place]) for place in range(buckets)]
