"""The SQL of workloads with their pods: which have a pod that fails or waits, and how many pods of each state they have.

Counted are the pods of a workload and of its ReplicaSets. Pods of Jobs are not: the status of a Job says how it ended, and one that failed
and was run again is no failure of its CronJob.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from optral.kube.kinds import LONG_RUNNING
from optral.kube.statuses import State
from optral.resources.model import Pods
from optral.resources.tables import UNHEALTHY, resources
from optral.store.transaction import Transaction

_REPLICAS = "ReplicaSet.apps"
_OWNERS = (*LONG_RUNNING, _REPLICAS)


_pod, _owner, _top = resources.alias("pod"), resources.alias("owner"), resources.alias("top_owner")


def _owns(owner: Any, owned: Any) -> sa.ColumnElement[bool]:
    """By name, which an index has; by the id too, since an object of that name may be another one."""
    return sa.and_(
        owner.c.org_id == owned.c.org_id,
        owner.c.cluster_id == owned.c.cluster_id,
        owner.c.kind == owned.c.owner_kind,
        owner.c.namespace == owned.c.namespace,
        owner.c.name == owned.c.owner_name,
        owner.c.uid == owned.c.owner_uid,
    )


def unhealthy() -> sa.Select[Any]:
    """(id, worst): what fails or waits itself, and every owner of a pod that does."""
    org = sa.bindparam("org", type_=sa.String)
    own = sa.select(resources.c.id, resources.c.state).where(resources.c.org_id == org, sa.text(f"resources.{UNHEALTHY}"))
    sick = sa.and_(_pod.c.org_id == org, sa.text(f"pod.{UNHEALTHY}"), _pod.c.kind == "Pod", _owner.c.kind.in_(_OWNERS))
    direct = sa.select(_owner.c.id, _pod.c.state).select_from(_pod.join(_owner, _owns(_owner, _pod))).where(sick)
    by_replicas = _pod.join(_owner, _owns(_owner, _pod)).join(_top, _owns(_top, _owner))
    indirect = sa.select(_top.c.id, _pod.c.state).select_from(by_replicas).where(sick, _owner.c.kind == _REPLICAS)
    every = sa.union_all(own, direct, indirect).subquery("every")
    return sa.select(every.c.id, sa.func.min(every.c.state, type_=sa.Integer).label("worst")).group_by(every.c.id)


def with_worst(states: str) -> sa.Select[Any]:
    """The ids of those whose worst state is one of the parameter of this name."""
    found = unhealthy().subquery("found")
    return sa.select(found.c.id).where(found.c.worst.in_(sa.bindparam(states, expanding=True)))


_owned = sa.and_(_pod.c.org_id == _owner.c.org_id, _pod.c.cluster_id == _owner.c.cluster_id, _pod.c.owner_uid == _owner.c.uid)
_replicas_of = sa.and_(_owner.c.org_id == _top.c.org_id, _owner.c.cluster_id == _top.c.cluster_id, _owner.c.owner_uid == _top.c.uid)


def _counts(top: Any, pods: Any, *more: sa.ColumnElement[bool]) -> sa.Select[Any]:
    given = sa.and_(top.c.org_id == sa.bindparam("org"), top.c.id.in_(sa.bindparam("ids", expanding=True)), top.c.kind.in_(_OWNERS))
    found = sa.select(top.c.id, _pod.c.state, sa.func.count().label("number")).select_from(pods)
    return found.where(given, _pod.c.kind == "Pod", *more).group_by(top.c.id, _pod.c.state)


_direct = _counts(_owner, _owner.join(_pod, _owned))
_indirect = _counts(_top, _top.join(_owner, _replicas_of).join(_pod, _owned), _owner.c.kind == _REPLICAS)
_COUNTS = sa.union_all(_direct, _indirect)


def pods_of(tx: Transaction, ids: Iterable[str]) -> Mapping[str, Pods]:
    """The pods of these workloads, by id; without those that have none."""
    numbers: dict[str, dict[int, int]] = {}
    for row in tx.execute(_COUNTS, {"org": tx.org_id, "ids": sorted(ids)}):
        of = numbers.setdefault(row.id, {})
        of[row.state] = of.get(row.state, 0) + row.number
    return {id_: Pods(sum(of.values()), of.get(State.FAILING, 0), of.get(State.PENDING, 0)) for id_, of in numbers.items()}
