"""The service of issues: observe findings, find and list issues, and the objects that are due for another examination.

Functions that change issues return `Move`s; the flow that called writes the events. What people do with issues: `triage.py`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from optral.issues import history, repository
from optral.issues.lifecycle import conditions as life, lifecycle, relations_repository
from optral.issues.lifecycle.observation import ObservedCluster as ObservedCluster, observe as observe
from optral.issues.lists import groups, listing, text_search
from optral.issues.model import Activity, Condition, Issue, IssueFilter, Move, Resolution
from optral.issues.repository import (
    count_activity as count_activity,
    mark_analyzed as mark_analyzed,
    uids as uids,
    with_conditions as with_conditions,
)
from optral.issues.triage import triage_repository as triage_rows
from optral.kit.paging import PageCursor, PageRequest
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound
from optral.terms.reach import bounds
from optral.terms.refs import ObjectRef

MAX_OPENINGS = 50
_SORTS = {"detectedAt": "detected_at", "lastSeenAt": "last_seen_at", "": "detected_at"}


# --- time


def due(tx: Transaction, cluster_id: str, *, now: datetime, limit: int = 500) -> list[ObjectRef]:
    """Objects of a cluster that time alone may have changed by `now` and that must be examined again.

    Only the uid of a reference is certain; kind and name are known for objects that showed something before.
    """
    uids = dict.fromkeys(repository.due(tx, cluster_id, now, limit))
    if not uids:
        return []
    known = {c.uid: c.shown_by for c in repository.conditions_of(tx, cluster_id, uids)}
    return [known.get(uid) or ObjectRef("", None, "", uid) for uid in uids]


def delete_due_looks(tx: Transaction, cluster_id: str, *, now: datetime, limit: int = 500) -> None:
    """Delete the examinations that were due by `now`; call before `observe`, which schedules new ones."""
    repository.delete_looks(tx, cluster_id, repository.due_looks(tx, cluster_id, now, limit))


def postpone(tx: Transaction, cluster_id: str, refs: Iterable[ObjectRef], *, until: datetime) -> None:
    """Keep the conditions of these objects as they are until then: they cannot be examined now."""
    repository.postpone(tx, cluster_id, [ref.uid for ref in refs], until)


def next_due(tx: Transaction, cluster_id: str) -> datetime | None:
    """When the next object of the cluster is due for examination (server time); None if none is."""
    return repository.dues(tx, cluster_id)[0]


# --- ends


def resolve_cluster(tx: Transaction, cluster_id: str, reason: str = "cluster_deleted") -> list[Move]:
    """Resolve every open issue of a cluster and delete its conditions."""
    moves: list[Move] = []
    while batch := repository.live_of(tx, cluster_id, 500):
        for issue in batch:
            after, changes = lifecycle.publish(issue, lifecycle.resolve(issue, Resolution(reason), by=tx.actor.id, now=tx.now), now=tx.now)
            moves.append(Move("resolved", after, changes, "resolved"))
        repository.update(tx, [move.issue for move in moves[-len(batch) :]])
    repository.add_activity(tx, [history.line(tx, move.issue, "resolved", {"resolution": reason}) for move in moves])
    repository.forget_cluster(tx, cluster_id)
    relations_repository.forget_cluster(tx, cluster_id)
    return moves


# --- reading


def get(tx: Transaction, issue_id: str) -> Issue:
    """The issue. Raises `NotFound` if there is none that the actor may see: of its organization, in a cluster within its reach."""
    issue = repository.get(tx, issue_id)
    if issue is None or not tx.actor.may_see(issue.cluster_id, issue.namespace):
        raise NotFound("issue_not_found", say=f"no issue has the id {issue_id}")
    return issue


def find_one(tx: Transaction, issue_id: str) -> Issue | None:
    """The issue, or None where `get` would raise."""
    issue = repository.get(tx, issue_id)
    return issue if issue is not None and tx.actor.may_see(issue.cluster_id, issue.namespace) else None


def find_all(tx: Transaction, issue_ids: Iterable[str]) -> list[Issue]:
    """Those of the issues that the actor may see, in one query."""
    found = triage_rows.issues_of(tx, sorted(set(issue_ids)))
    return [issue for issue in found if tx.actor.may_see(issue.cluster_id, issue.namespace)]


def titles(tx: Transaction, issue_ids: Iterable[str]) -> dict[str, str]:
    """Titles by id, of the issues that the actor may see."""
    return {issue.id: issue.title for issue in find_all(tx, issue_ids)}


def find(tx: Transaction, wanted: IssueFilter, page: PageRequest, *, matching: int | None = None) -> list[Issue]:
    """A page of the issues the actor may see, newest first unless the page sorts otherwise.

    `matching`: the `count` of this filter, if known, by which the quicker of two plans is chosen.
    """
    if matching == 0:
        return []
    allowed = _allowed(tx, wanted)
    page = replace(page, sort=_SORTS.get(page.sort, page.sort))
    return [] if allowed is None else listing.find(tx, allowed, page, matching=matching)


def place(issue: Issue, sort: str) -> PageCursor:
    """The cursor after a page that ends with this issue."""
    values: dict[str, Any] = {
        "detected_at": issue.detected_at,
        "last_seen_at": issue.last_seen_at,
        "severity": issue.urgency,
        "status": issue.status.rank,
    }
    return PageCursor(values[_SORTS.get(sort, sort)], issue.id)


def count(tx: Transaction, wanted: IssueFilter) -> int:
    allowed = _allowed(tx, wanted)
    return 0 if allowed is None else listing.count(tx, allowed)


def ids(tx: Transaction, wanted: IssueFilter, *, beyond: str, last: str, limit: int) -> list[str]:
    """The next ids of the filter in their order, which is the order in which issues were created: after `beyond`, up to `last`."""
    allowed = _allowed(tx, wanted)
    return [] if allowed is None else listing.ids(tx, allowed, beyond=beyond, last=last, limit=limit)


def facets(tx: Transaction, wanted: IssueFilter) -> dict[str, dict[str, int]]:
    """How many issues of the filter have each value of each of `listing.FACET_NAMES`; the 100 most frequent values of each."""
    allowed = _allowed(tx, wanted)
    return {} if allowed is None else listing.facets(tx, allowed)


def search(tx: Transaction, text: str, *, since: datetime, limit: int) -> list[Issue]:
    """Issues that the actor may see and whose title, resource or owner contains the text: unresolved ones by severity, then the newest
    resolved ones detected since then."""
    return text_search.find(tx, text, within=tx.actor.within(None), since=since, limit=limit)


def find_groups(tx: Transaction, wanted: IssueFilter, by: str, *, limit: int, offset: int = 0) -> groups.Grouped:
    """The issues of the filter that the actor may see, in groups by one of `groups.BY`, the largest group first."""
    allowed = _allowed(tx, wanted)
    return groups.Grouped() if allowed is None else groups.find(tx, allowed, by, limit=limit, offset=offset)


def group_members(tx: Transaction, wanted: IssueFilter, by: str, found: Sequence[groups.Group]) -> dict[str, list[Issue]]:
    """The issues of these groups of `find_groups` that the actor may see, by `groups.key_of`, the most severe first."""
    allowed = _allowed(tx, wanted)
    return {} if allowed is None else groups.members(tx, allowed, by, found)


def activity(tx: Transaction, issue_id: str, page: PageRequest | None = None) -> list[Activity]:
    """The history of an issue by time; oldest first and all of it unless the page limits it. Raises `NotFound`."""
    get(tx, issue_id)
    return repository.activity(tx, issue_id, page)


def opened_at(tx: Transaction, cluster_id: str, fingerprint: str, *, since: datetime, limit: int = MAX_OPENINGS) -> list[datetime]:
    """The times since then at which issues with this fingerprint opened or were reopened, oldest first; the newest `limit` of them."""
    return repository.opened_at(tx, cluster_id, fingerprint, since=since, limit=limit)[::-1]


def note(tx: Transaction, issue_id: str, action: str, detail: Mapping[str, Any]) -> None:
    """Add an entry to the history of an issue, such as a runbook that ran for it; does nothing if the issue was deleted."""
    if (issue := repository.get(tx, issue_id)) is not None:
        repository.add_activity(tx, [history.line(tx, issue, action, detail)])


def conditions(tx: Transaction, issue_id: str) -> list[Condition]:
    """The conditions of an issue, including pending and closed ones. Raises `NotFound`."""
    issue = get(tx, issue_id)
    return repository.conditions_with(tx, issue.cluster_id, [issue.fingerprint])


def resolution_times(tx: Transaction, issue_ids: Collection[str]) -> dict[str, datetime]:
    """When issues resolve of which no object shows the failure any more, if it stays so; other issues are missing."""
    ends: dict[str, datetime] = {}
    failing: set[str] = set()
    for condition in repository.living_conditions(tx, issue_ids) if issue_ids else ():
        if (issue_id := condition.issue_id) is None:
            continue
        if (at := life.ends_at(condition)) is None:
            failing.add(issue_id)
        else:
            ends[issue_id] = max(at, ends.get(issue_id, at))
    return {issue_id: at for issue_id, at in ends.items() if issue_id not in failing}


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` issues that were resolved before that time, of all organizations; returns how many."""
    return repository.delete_old(tx, before, limit)


def _allowed(tx: Transaction, wanted: IssueFilter) -> IssueFilter | None:
    """The filter as far as the actor may see; None when that is nothing."""
    if tx.actor.reach is None:
        return wanted
    areas = tx.actor.reach.within(wanted.clusters or None, wanted.namespaces or None)
    if not areas:
        return None
    around = bounds(areas)
    return replace(
        wanted,
        clusters=around.clusters or frozenset(),
        namespaces=around.namespaces or frozenset(),
        areas=areas if len(areas) > 1 else None,
        roots=None if tx.actor.sees_whole_clusters else tx.actor.within(None),
    )
