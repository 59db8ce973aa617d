"""The track record of runbooks: how often a change helped, as its verification says, and how long that took.

What counts is an execution that changed something and has ended: no dry run, no undo. One whose verification neither passed nor failed, or
whose outcome is unknown, is inconclusive; it never counts as verified.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple

from optral.runbooks.executions.verification import PASSED
from optral.runbooks.model import ExecutionStatus

PERIOD = timedelta(days=90)
MAX_EXECUTIONS = 300  # of the organization, the newest; older ones in the period are not counted
_UNDECIDED = frozenset({ExecutionStatus.SUCCEEDED, ExecutionStatus.LOST, ExecutionStatus.CANCELED})
"""Ends of an execution that do not show whether its change helped, unless its verification passed."""


class Attempt(NamedTuple):
    """One execution that counts. `verdict` of its verification; `seconds` from its start to its end."""

    runbook_id: str
    cause: str | None
    status: ExecutionStatus
    verdict: str | None
    seconds: float


class LastChange(NamedTuple):
    """The newest execution for an issue that changed something, and has ended. `by`: who requested it; `verdict` of its verification."""

    execution_id: str
    issue_id: str
    runbook: str
    by: str
    at: datetime
    status: ExecutionStatus
    verdict: str | None
    is_undo: bool

    @property
    def has_helped(self) -> bool:
        return self.status is ExecutionStatus.SUCCEEDED and self.verdict == PASSED and not self.is_undo


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Of `runs`, each is verified, failed or inconclusive. `median_s`: of the verified ones, None without any."""

    runs: int = 0
    verified: int = 0
    failed: int = 0
    inconclusive: int = 0
    median_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """Of one runbook: in all, and by the cause of the issue it was run for."""

    total: Record = field(default_factory=Record)
    by_cause: Mapping[str, Record] = field(default_factory=dict)


def of(attempts: Iterable[Attempt]) -> dict[str, TrackRecord]:
    """The records by id of the runbook; one that was never run is not in it."""
    found: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        found.setdefault(attempt.runbook_id, []).append(attempt)
    return {runbook_id: _track_record(of_it) for runbook_id, of_it in found.items()}


def _track_record(attempts: list[Attempt]) -> TrackRecord:
    causes = sorted({attempt.cause for attempt in attempts if attempt.cause is not None})
    by_cause = {cause: _record([attempt for attempt in attempts if attempt.cause == cause]) for cause in causes}
    return TrackRecord(total=_record(attempts), by_cause=by_cause)


def _record(attempts: list[Attempt]) -> Record:
    verified = [attempt.seconds for attempt in attempts if attempt.verdict == PASSED]
    inconclusive = sum(attempt.verdict != PASSED and attempt.status in _UNDECIDED for attempt in attempts)
    return Record(
        runs=len(attempts),
        verified=len(verified),
        failed=len(attempts) - len(verified) - inconclusive,
        inconclusive=inconclusive,
        median_s=median(verified) if verified else None,
    )
