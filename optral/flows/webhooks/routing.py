"""Which issues a webhook is notified of: its filters, with a query of the language in which issues are listed."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

from optral.clusters import search as cluster_search
from optral.flows.issues.ripeness import is_silent
from optral.issues import service as issues
from optral.issues.lists import query
from optral.issues.model import Issue, IssueFilter
from optral.kit.paging import PageRequest
from optral.kit.search_terms import Malformed
from optral.store.transaction import Transaction
from optral.terms.errors import Invalid
from optral.webhooks import model
from optral.webhooks.model import About, Filters, WebhookSettings

PREVIEWED = timedelta(days=7)
SHOWN = 100
COUNTED = 1_000
Outcome = Literal["sent", "held", "dropped", "escalated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """An issue of the past days, and what would have become of its notification, at `leaves_at`."""

    issue: Issue
    outcome: Outcome
    leaves_at: datetime


def about(event: str, cluster_id: str | None, issue: Issue | None) -> About:
    if issue is None:
        return About(event=event, cluster_id=cluster_id)
    return About(event=event, cluster_id=issue.cluster_id, namespace=issue.namespace, issue_type=issue.type, severity=issue.severity)


def covers(filters: Filters, issue: Issue) -> bool:
    """Whether such a webhook gets events about an issue, apart from its query."""
    return model.covers(filters, about("", issue.cluster_id, issue))


def includes(filters: Filters, issue: Issue) -> bool:
    """Whether an issue is in the clusters and namespaces of the filters."""
    return covers(Filters(clusters=filters.clusters, namespaces=filters.namespaces), issue)


def roots(filters: Filters) -> IssueFilter:
    """The roots that the filters let through and nobody muted, apart from their query."""
    return IssueFilter(
        clusters=filters.clusters or frozenset(),
        namespaces=filters.namespaces or frozenset(),
        types=filters.issue_types or frozenset(),
        severities=filters.min_severity.and_above() if filters.min_severity else frozenset(),
        parents=frozenset({"none"}),
        is_muted=False,
    )


def check(filters: Filters) -> None:
    """Raises `Invalid` for a query that cannot be read, or that means whoever reads it."""
    if filters.query is None:
        return
    try:
        terms = query.read(filters.query)
    except Malformed as error:
        raise _invalid(f"{error}; docs/search.md lists the keys") from None
    if any(term.key == "assignee" and value.text == "me" for term in terms for value in term.values):
        raise _invalid("a webhook has no assignee `me`; give the id of the member")


def _invalid(why: str) -> Invalid:
    return Invalid("bad_query", say=f"filters.query: {why}", errors=[{"field": "filters.query", "code": "bad_query", "message": why}])


def matching(tx: Transaction, filters: Filters, ids: Callable[[], Collection[str]]) -> Callable[[str], bool]:
    """Whether an issue matches the query of the filters; those of `ids` are asked of the database at once, and only if one is asked."""
    if filters.query is None:
        return lambda _: True
    wanted = filters.query

    @cache
    def found() -> frozenset[str]:
        among = frozenset(ids())
        limited = narrowed(tx, wanted, IssueFilter(ids=among))
        return frozenset(one.id for one in issues.find(tx, limited, PageRequest(size=len(among)))) if among else frozenset()

    return lambda issue_id: issue_id in found()


def narrowed(tx: Transaction, wanted: str, issue_filter: IssueFilter) -> IssueFilter:
    """The filter, narrowed by a query that was checked."""
    return query.narrowed(issue_filter, [cluster_search.with_ids(tx, term) for term in query.read(wanted)], now=tx.now)


def among(tx: Transaction, filters: Filters) -> IssueFilter | None:
    """The issues that the filters let through, with their query; None if they let all through."""
    if replace(filters, events=frozenset()) == Filters(events=frozenset()):
        return None
    limited = replace(roots(filters), parents=frozenset(), is_muted=None)
    return limited if filters.query is None else narrowed(tx, filters.query, limited)


def preview(tx: Transaction, made: WebhookSettings) -> tuple[list[Routed], int]:
    """The issues of the past seven days that such a webhook would have been notified of when they opened, the newest first, and how many
    of the newest 1,000.

    Issues are judged as they are now: one that was muted meanwhile is left out. Raises `Invalid` as `check`.
    """
    check(made.filters)
    model.check_settings(made, now=tx.now)
    wanted = replace(roots(made.filters), since=tx.now - PREVIEWED)
    if made.filters.query is not None:
        wanted = narrowed(tx, made.filters.query, wanted)
    newest = issues.find(tx, wanted, PageRequest(size=COUNTED, sort="detectedAt"))
    routed = [_routed(made, issue) for issue in newest if not is_silent(issue)]
    return routed[:SHOWN], len(routed)


def _routed(made: WebhookSettings, issue: Issue) -> Routed:
    told_at = issue.detected_at + timedelta(minutes=made.escalation_minutes)
    leaves_at = made.release_at(told_at, issue.severity)
    if leaves_at > told_at:
        is_dropped = made.quiet_hours is not None and made.quiet_hours.is_dropped
        return Routed(issue=issue, outcome="dropped" if is_dropped else "held", leaves_at=leaves_at)
    return Routed(issue=issue, outcome="escalated" if made.escalation_minutes else "sent", leaves_at=leaves_at)
