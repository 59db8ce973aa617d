"""The service of events: append in the transaction of the change, read after a number, follow `APPENDED`.

Appending locks the organization's head until the commit, so numbers become visible in their order: who has read up to N and asks
for what is after N misses nothing. Therefore `append` stands last in a transaction (only the audit record follows).
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from optral.events import repository
from optral.events.model import ANY, EVERY_NAMESPACE, Event, EventFilter, NewEvent, Retention
from optral.events.repository import head as head, newest_at as newest_at
from optral.kit.hub import Topic
from optral.kit.paging import PageRequest
from optral.store.transaction import Transaction
from optral.terms.ids import OrgId
from optral.terms.reach import Area, Areas, bounds

MAX_READ = 500
MAX_PRUNED = 500
WINDOW = 2_000
"""Numbers of the log in one reading of a filtered replay: where few events match, the readings between two of them stay short."""

_HIDDEN = ("summary", "rootCause", "cause", "causeUnknown", "action", "parentIssueId")
"""Members of an event that may be about other namespaces than its own."""

APPENDED: Topic[OrgId] = Topic("events")
"""Organizations with new events. Followers read them, and also look without being woken, since a replica may have missed a notification."""


def append(tx: Transaction, events: Sequence[NewEvent]) -> None:
    """Write the events, in this order, with the organization's next numbers; publish after the commit."""
    if not events:
        return
    org_id = tx.org_id
    first = repository.advance(tx, len(events)) - len(events) + 1
    rows = [
        {
            "org_id": org_id,
            "seq": first + position,
            "type": event.type,
            "cluster_id": event.cluster_id,
            "subject_id": event.subject_id,
            "data": event.data,
            "at": tx.now,
            "namespace": event.namespace,
        }
        for position, event in enumerate(events)
    ]
    repository.insert(tx, rows)
    tx.publish(APPENDED, org_id)


def read_after(
    tx: Transaction, seq: int, *, types: Collection[str] | None = None, clusters: Collection[str] | None = None, limit: int = MAX_READ
) -> list[Event]:
    """The next events after this number, oldest first, at most 500; only of clusters that the actor may see."""
    found = repository.after(tx, seq, types=types, within=_within(tx, clusters), limit=min(limit, MAX_READ))
    return _shown(tx, found)


def replay(
    tx: Transaction, seq: int, *, types: Collection[str] | None, clusters: Collection[str] | None, limit: int
) -> tuple[list[Event], int]:
    """The next events after this number that match, and the number up to which the log was read; that of `head` at its end.

    A reading with a filter ends after `WINDOW` numbers, so it may find nothing although more follow.
    """
    newest = repository.head(tx)  # before the rows: what is committed between the two is then seen, not skipped
    within = _within(tx, clusters)
    end = newest if types is None and within is None else min(newest, seq + WINDOW)
    found = _shown(tx, repository.after(tx, seq, types=types, within=within, limit=limit, until=max(end, seq + WINDOW)))
    if len(found) == limit:
        return found, found[-1].seq
    return found, max(seq, end, found[-1].seq if found else 0)


def oldest(tx: Transaction) -> int:
    """The smallest number that can still be read; head + 1 when there is none. Who has seen less than `oldest - 1` has a gap."""
    found = repository.oldest(tx)
    return repository.head(tx) + 1 if found is None else found


def find(tx: Transaction, wanted: EventFilter = ANY, page: PageRequest | None = None) -> list[Event]:
    """A page of the history, by number; only of clusters that the actor may see."""
    return _shown(tx, repository.find(tx, _restrict(tx, wanted), page or PageRequest()))


def count(tx: Transaction, wanted: EventFilter = ANY) -> int:
    return repository.count(tx, _restrict(tx, wanted))


def prune(tx: Transaction, retention: Retention, *, limit: int = MAX_PRUNED) -> int:
    """Remove at most `limit` (≤ 500) of the oldest expired events; return how many. Call again while it returns `limit`."""
    newest = repository.head(tx)
    expired = 0
    for seq, at in repository.first(tx, min(limit, MAX_PRUNED)):
        if not retention.expired(seq=seq, at=at, head=newest):
            break
        expired = seq
    return repository.delete_up_to(tx, expired) if expired else 0


def _restrict(tx: Transaction, wanted: EventFilter) -> EventFilter:
    areas = _within(tx, wanted.clusters)
    if areas is None:
        return wanted
    is_whole = all(area.namespaces is None for area in areas)
    return replace(wanted, clusters=bounds(areas).clusters, areas=None if is_whole else areas)


def _within(tx: Transaction, clusters: Collection[str] | None) -> Areas:
    """What the actor may see of these clusters; in each of them also what everybody may know."""
    areas = tx.actor.within(clusters)
    return areas and tuple(Area(area.clusters, area.namespaces and area.namespaces | {EVERY_NAMESPACE}) for area in areas)


def _shown(tx: Transaction, found: list[Event]) -> list[Event]:
    """The events as the actor may see them: without what may be about other namespaces, if it sees only some."""
    return found if tx.actor.sees_whole_clusters else [replace(one, data=_veiled(one.data)) for one in found]


def _veiled(data: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in data.items() if name not in _HIDDEN}
    if "changes" in shown:
        shown["changes"] = {name: value for name, value in shown["changes"].items() if name != "parentIssueId"}
    return shown | {name: None for name in _HIDDEN if name in data}
