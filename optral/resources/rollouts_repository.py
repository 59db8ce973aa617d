"""The SQL of rollouts: which workloads were deployed, by bucket of time. It reads an index of the revisions of workloads (`tables.py`)."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from optral.kit.paging import MOST_COUNTED
from optral.resources.tables import OF_WORKLOADS, resource_history
from optral.store import areas, buckets
from optral.store.transaction import Transaction
from optral.terms.reach import Areas

_at = resource_history.c.at
_TEMPLATE = '%"/spec/template/%'
"""What the diff of a change contains if one of its paths is in the Pod template; a restart by kubectl sets an annotation there."""


def _revisions(pattern: areas.Pattern, *columns: Any) -> sa.Select[Any]:
    since = sa.bindparam("since", type_=_at.type)
    found = sa.select(*columns).where(resource_history.c.org_id == sa.bindparam("org"), sa.text(OF_WORKLOADS), _at >= since)
    return found.where(*areas.inside(pattern, resource_history.c.cluster_id, resource_history.c.namespace))


@lru_cache(maxsize=64)
def _last_counted(pattern: areas.Pattern) -> sa.Select[Any]:
    return _revisions(pattern, _at).order_by(_at.desc()).limit(1).offset(sa.bindparam("offset", type_=sa.Integer))


@lru_cache(maxsize=64)
def _newest(pattern: areas.Pattern) -> sa.Select[Any]:
    names = ("resource_id", "cluster_id", "kind", "namespace", "name", "at")
    bucket = buckets.number(_at)
    is_rollout = sa.or_(resource_history.c.action == "created", sa.cast(resource_history.c.diff, sa.Text).like(_TEMPLATE))
    found = _revisions(pattern, *(resource_history.c[name] for name in names), bucket).where(is_rollout).subquery("found")
    number = sa.func.count().over(partition_by=found.c.bucket).label("number")
    rank = sa.func.row_number().over(partition_by=found.c.bucket, order_by=found.c.at.desc()).label("rank")
    ranked = sa.select(found, number, rank).subquery("ranked")
    most = sa.bindparam("most", type_=sa.Integer)
    return sa.select(ranked).where(ranked.c.rank <= most).order_by(ranked.c.at.desc(), ranked.c.resource_id)


def counted_since(tx: Transaction, within: Areas, *, start: datetime) -> datetime:
    """`start`, or when the last of the newest `MOST_COUNTED` revisions of workloads was, if there are more since `start`."""
    values = {"org": tx.org_id, "since": start, "offset": MOST_COUNTED, **areas.values_of(within)}
    found: datetime | None = tx.execute(_last_counted(areas.pattern_of(within)), values).scalar_one_or_none()
    return found or start


def newest(tx: Transaction, within: Areas, *, start: datetime, since: datetime, width_us: int, most: int) -> Sequence[sa.Row[Any]]:
    """The newest rollouts of each bucket from `start`, newest first; `number` is that of the bucket, `rank` of a row in it is from 1."""
    values = {"org": tx.org_id, "start": start, "since": since, "width_us": width_us, "most": most, **areas.values_of(within)}
    return tx.execute(_newest(areas.pattern_of(within)), values).all()
