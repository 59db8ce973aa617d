"""The life of a condition, as pure rules: when it counts, when it fades and when it closes.

A closed condition with an occurrence is kept for a day, so that one kill counts once however often it is shown. Times are server times.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from optral.issues.model import Condition, State

KEPT = timedelta(hours=24)  # closed conditions with an occurrence
SAME_TIME = timedelta(seconds=2)  # a measured clock offset varies by fractions; times of objects are whole seconds


def confirm(known: Condition | None, found: Condition, *, now: datetime) -> tuple[Condition | None, int]:
    """The condition after an examination that found it true, and how many occurrences that adds (0 or 1).

    A closed condition stays as it is while the same occurrence is still shown.
    """
    if known is not None and known.state is State.CLOSED:
        if known.occurrence is not None and known.occurrence == found.occurrence:
            return known, 0
        known = None
    if known is None:
        return _open(found, now)
    merged = _merge(known, found)
    if known.state is State.PENDING:
        return _open(merged, now)
    is_another = found.occurrence is not None and found.occurrence != known.occurrence
    return replace(merged, state=State.OPEN, false_since=None), int(is_another)


def miss(known: Condition, *, now: datetime) -> Condition | None:
    """The condition after an examination that did not find it; None if it can be deleted."""
    if known.state is State.PENDING:
        return None  # debounce requires that it is true without a break
    if known.state is State.OPEN:
        known = replace(known, state=State.FADING, false_since=now)
    closed_at = _closed_at(known)
    if known.state is State.FADING and now >= closed_at:
        known = replace(known, state=State.CLOSED)
    if known.state is State.CLOSED and (known.occurrence is None or now >= closed_at + KEPT):
        return None
    return known


def due_at(condition: Condition) -> datetime | None:
    """When time alone may change this condition."""
    if condition.state is State.PENDING:
        return condition.opens_at
    if condition.state is State.OPEN:
        return condition.expires_at
    return ends_at(condition) or _closed_at(condition) + KEPT


def ends_at(condition: Condition) -> datetime | None:
    """When a condition that is no longer found closes, if it stays so; None unless it fades."""
    return _closed_at(condition) if condition.state is State.FADING else None


def _closed_at(condition: Condition) -> datetime:
    return (condition.false_since or condition.since) + timedelta(seconds=condition.resolve_after_s)


def _open(condition: Condition, now: datetime) -> tuple[Condition, int]:
    if now < condition.opens_at:
        return replace(condition, state=State.PENDING), 0
    return replace(condition, state=State.OPEN, opened_at=now, false_since=None), 1


def _merge(known: Condition, found: Condition) -> Condition:
    """The found condition with the stored state; times that differ only by the jitter of a clock keep their value."""
    return replace(
        found,
        state=known.state,
        issue_id=known.issue_id,
        opened_at=known.opened_at,
        since=known.since if abs(known.since - found.since) <= SAME_TIME else found.since,
        opens_at=known.opens_at if abs(known.opens_at - found.opens_at) <= SAME_TIME else found.opens_at,
        expires_at=known.expires_at if _is_same(known.expires_at, found.expires_at) else found.expires_at,
        due_at=known.due_at,
    )


def _is_same(a: datetime | None, b: datetime | None) -> bool:
    return a is not None and b is not None and abs(a - b) <= SAME_TIME
