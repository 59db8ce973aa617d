"""The issues of some objects of one cluster: of the objects themselves, and of the workloads above them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from optral.issues import repository
from optral.issues.model import Issue, Status
from optral.issues.tables import issues
from optral.store.transaction import Transaction
from optral.terms.refs import ObjectRef

MOST = 200  # the newest issues of these names and namespaces that are compared
MAX_DEPTH = 5  # of the way to a root
_BY_OWNER = (
    repository.WHOLE.where(
        issues.c.org_id == sa.bindparam("org"),
        issues.c.cluster_id == sa.bindparam("cluster"),
        issues.c.owner_name.in_(sa.bindparam("names", expanding=True)),
        sa.or_(issues.c.namespace.is_(None), issues.c.namespace.in_(sa.bindparam("namespaces", expanding=True))),
        sa.or_(issues.c.status != Status.RESOLVED.value, issues.c.resolved_at >= sa.bindparam("since", type_=issues.c.resolved_at.type)),
    )
    .order_by(issues.c.detected_at.desc())
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_PARENTS = sa.select(issues.c.id, issues.c.parent_issue_id).where(
    issues.c.org_id == sa.bindparam("org"), issues.c.id.in_(sa.bindparam("ids", expanding=True)), issues.c.parent_issue_id.is_not(None)
)
_Key = tuple[str, str | None, str]


def find(tx: Transaction, cluster_id: str, objects: Sequence[ObjectRef], *, since: datetime) -> list[Issue]:
    """The issues that these objects show or that are about them: open now, or open at some time after `since`; in no order."""
    uids = [one.uid for one in objects if one.uid]
    shown = {one.issue_id for one in repository.conditions_of(tx, cluster_id, uids) if one.issue_id is not None and one.is_alive}
    values = {"org": tx.org_id, "cluster": cluster_id, "names": sorted({one.name for one in objects}), "since": since, "limit": MOST}
    values["namespaces"] = sorted({one.namespace for one in objects if one.namespace})
    named = About(map(repository.issue_of, tx.execute(_BY_OWNER, values))).of(objects)
    missing = shown.difference(issue.id for issue in named)
    found = [*named, *(issue for one in sorted(missing) if (issue := repository.get(tx, one)) is not None)]
    return [issue for issue in found if _is_open_after(issue, since)]


def keys(issue: Issue) -> set[_Key]:
    """The objects that an issue is about, as `find` compares them: its workload, and the object that shows it."""
    return {(issue.owner_kind, issue.namespace, issue.owner_name), (issue.resource_kind, issue.namespace, issue.resource)}


class About:
    """Issues of one cluster by the objects that they are about."""

    def __init__(self, found: Iterable[Issue]) -> None:
        self._by_key: dict[_Key, list[Issue]] = defaultdict(list)
        for issue in found:
            for key in keys(issue):
                self._by_key[key].append(issue)

    def of(self, objects: Iterable[ObjectRef]) -> list[Issue]:
        """Those that are about one of these objects."""
        return list({issue.id: issue for one in objects for issue in self._by_key.get(_key(one), ())}.values())


def _key(ref: ObjectRef) -> _Key:
    return ref.short_kind, ref.namespace, ref.name


def _is_open_after(issue: Issue, since: datetime) -> bool:
    return issue.status is not Status.RESOLVED or (issue.resolved_at is not None and issue.resolved_at >= since)


def roots(tx: Transaction, issue_ids: Iterable[str]) -> dict[str, str]:
    """Of each issue, the id of the issue that explains it in the end; its own where none does. One query for each level."""
    found = {one: one for one in issue_ids}
    for _ in range(MAX_DEPTH):
        rows = tx.execute(_PARENTS, {"org": tx.org_id, "ids": sorted(set(found.values()))})
        if not (parents := {row.id: row.parent_issue_id for row in rows}):
            break
        found = {one: parents.get(here, here) for one, here in found.items()}
    return found
