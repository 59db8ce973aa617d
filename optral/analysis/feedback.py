"""What people say about analyses: one row for each person and analysis, and the counts of them.

A row repeats the issue's type and the cause that the analysis named, so that counts read one table. A person who says it again replaces
the row; the counts are by when a person last said it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from optral.analysis import feedback_repository as repository, repository as analyses
from optral.analysis.model import Feedback, FeedbackCount, Tally
from optral.store.transaction import Transaction

MAX_COMMENT = 2000
MAX_LISTED = 200  # people of one analysis
MAX_GROUPS = 100
NOBODY = Tally()


@dataclass(slots=True)
class Group:
    """The feedback about one cause that analyses named for one type of issue."""

    issue_type: str
    cause_id: str | None
    helpful: int = 0
    not_helpful: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.helpful + self.not_helpful


def get(tx: Transaction, analysis_id: str, person_id: str) -> Feedback | None:
    """What this person said about the analysis."""
    return repository.own(tx, [analysis_id], person_id).get(analysis_id)


def put(tx: Transaction, given: Feedback) -> None:
    """Store what a person said in place of what they said before; the analysis gets its next version."""
    repository.put(tx, given)
    analyses.touch(tx, given.analysis_id)


def delete(tx: Transaction, analysis_id: str, person_id: str) -> None:
    """Delete what a person said; the analysis gets its next version."""
    repository.delete(tx, analysis_id, person_id)
    analyses.touch(tx, analysis_id)


def of_analysis(tx: Transaction, analysis_id: str) -> list[Feedback]:
    """What people said about one analysis, newest first, at most `MAX_LISTED`."""
    return repository.of_analysis(tx, analysis_id, MAX_LISTED)


def tallies(tx: Transaction, analysis_ids: Collection[str]) -> Mapping[str, Tally]:
    """The counts of those of these analyses that somebody has judged."""
    counted: dict[str, dict[bool, int]] = {}
    for analysis_id, is_helpful, number in repository.count(tx, analysis_ids):
        counted.setdefault(analysis_id, {})[is_helpful] = number
    return {analysis_id: Tally(found.get(True, 0), found.get(False, 0)) for analysis_id, found in counted.items()}


def own(tx: Transaction, analysis_ids: Collection[str], person_id: str) -> Mapping[str, Feedback]:
    """What this person said about each of these analyses."""
    return repository.own(tx, analysis_ids, person_id)


def by_type_and_cause(tx: Transaction, since: datetime, clusters: Collection[str] | None = None) -> list[Group]:
    """The feedback since then by type of issue and cause, most judged first; None: of all clusters that the actor may see."""
    return grouped(repository.counted(tx, since, tx.actor.within_whole(clusters)))


def grouped(rows: Iterable[FeedbackCount]) -> list[Group]:
    """Counts of single statements as groups, most judged first."""
    groups: dict[tuple[str, str | None], Group] = {}
    for row in rows:
        group = groups.setdefault((row.issue_type, row.cause_id), Group(row.issue_type, row.cause_id))
        if row.is_helpful:
            group.helpful += row.number
        else:
            group.not_helpful += row.number
            group.reasons[row.reason or "none"] += row.number
    return sorted(groups.values(), key=lambda one: (-one.total, one.issue_type, one.cause_id or ""))


def over_time(tx: Transaction, start: datetime, *, width_us: int, number: int, clusters: Collection[str] | None = None) -> list[Tally]:
    """The counts in each of so many buckets of this width since `start`."""
    helpful, not_helpful = [0] * number, [0] * number
    for bucket, is_helpful, found in repository.histogram(tx, start, width_us, tx.actor.within_whole(clusters)):
        (helpful if is_helpful else not_helpful)[min(bucket, number - 1)] += found
    return [Tally(*pair) for pair in zip(helpful, not_helpful, strict=True)]
