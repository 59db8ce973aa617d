"""The SQL of the search for issues by text: unresolved ones by severity, then the newest of those that were resolved lately.

A text that few issues have is looked for in `issue_texts`, whose rows are short. One that many have is found soon in the issues themselves,
in the order of the list.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from optral.issues.lists import listing
from optral.issues.model import UNRESOLVED, Issue, IssueFilter, Status
from optral.issues.repository import WHOLE, issue_of
from optral.issues.tables import issue_texts, issues
from optral.kit.paging import PageRequest
from optral.store import areas
from optral.store.lists import containing, unindexed
from optral.store.transaction import Transaction
from optral.terms.reach import Areas

FEW = 200
_org: sa.BindParameter[str] = sa.bindparam("org")
_WITH = (
    sa.select(issue_texts.c.issue_id)
    .where(issue_texts.c.org_id == _org, issue_texts.c.text.like(sa.bindparam("part"), escape="\\"))
    .limit(sa.bindparam("most", type_=sa.Integer))
)


def find(tx: Transaction, text: str, *, within: Areas, since: datetime, limit: int) -> list[Issue]:
    """The best of the unresolved issues, and of those detected since then."""
    ids = list(tx.execute(_WITH, {"org": tx.org_id, "part": containing(text), "most": FEW + 1}).scalars())
    if len(ids) > FEW:
        return _walk(tx, text, within=within, since=since, limit=limit)
    if not ids:
        return []
    values = {"org": tx.org_id, "ids": ids} | areas.values_of(within)
    found = [issue_of(row) for row in tx.execute(_those(areas.pattern_of(within)), values)]
    return sorted((one for one in found if one.status is not Status.RESOLVED or one.detected_at >= since), key=_rank)[:limit]


def _rank(issue: Issue) -> tuple[Any, ...]:
    if issue.status is Status.RESOLVED:
        return (1, -issue.detected_at.timestamp(), issue.id)
    return (0, -issue.severity.rank, -issue.detected_at.timestamp(), issue.id)


@lru_cache(maxsize=64)
def _those(pattern: areas.Pattern) -> sa.Select[Any]:
    ids = issues.c.id.in_(sa.bindparam("ids", expanding=True))
    return WHOLE.where(unindexed(issues.c.org_id) == _org, ids, *areas.inside(pattern, issues.c.cluster_id, issues.c.namespace))


def _walk(tx: Transaction, text: str, *, within: Areas, since: datetime, limit: int) -> list[Issue]:
    wanted = IssueFilter(q=text, statuses=UNRESOLVED, areas=within)
    found = listing.find(tx, wanted, PageRequest(size=limit, sort="severity"))
    if len(found) < limit:
        others = IssueFilter(q=text, statuses=frozenset({Status.RESOLVED.value}), since=since, areas=within)
        found += listing.find(tx, others, PageRequest(size=limit - len(found), sort="detected_at"))
    return found
