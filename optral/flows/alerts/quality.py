"""What a window says about the quality of alerts: which flap, repeat another, were never acted on, or fired without a failure, and which
failures had no alert. By the name of the alert, for one rule has one name.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from optral.alerts import service as alerts
from optral.alerts.model import Outcome
from optral.alerts.service import Occurrence
from optral.flows.issues.ripeness import is_risk
from optral.issues import service as issues
from optral.issues.lists import of_objects
from optral.issues.model import Issue, IssueFilter, Status
from optral.kit.paging import PageRequest
from optral.store.transaction import Transaction
from optral.terms.severity import Severity

MOST_ALERTS = 5000  # the newest that are examined
MOST_ISSUES = 500
FLAPS = 3  # occurrences of one fingerprint
REPEATS = 2  # issues that another alert had before, each time


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertQuality:
    """One name of alerts. `issues`: root issues that explain its alerts; `acted_on`: those that somebody worked on."""

    name: str
    fired: int
    flapping: int
    without_failure: int
    unresolved: int
    issues: int
    acted_on: int
    repeats: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """`is_whole`: all alerts and issues of the window were examined, and not only the newest."""

    since: datetime
    is_whole: bool
    alerts: Sequence[AlertQuality]
    without_alert: Sequence[Issue]
    failures: int


def of(tx: Transaction, since: datetime) -> Quality:
    """The quality of the alerts that the actor may see, the noisiest first, and the failures without an alert, the newest first."""
    found = alerts.occurrences(tx, since=since, limit=MOST_ALERTS + 1)
    examined = found[:MOST_ALERTS]
    roots = of_objects.roots(tx, {one.issue_id for one in examined if one.issue_id is not None})
    by_name: dict[str, list[Occurrence]] = defaultdict(list)
    for one in examined:
        by_name[one.name].append(one)
    first = {name: _first(those, roots) for name, those in by_name.items()}
    explaining = frozenset(roots.values())
    acted_on = {issue.id for issue in issues.find_all(tx, explaining) if _is_acted_on(issue)}
    rated = [_rated(name, those, first, acted_on) for name, those in by_name.items()]
    failures, are_all = _failures(tx, since)
    return Quality(
        since=since,
        is_whole=len(found) <= MOST_ALERTS and are_all,
        alerts=sorted(rated, key=lambda one: (-one.fired, one.name)),
        without_alert=[issue for issue in failures if issue.id not in explaining],
        failures=len(failures),
    )


def _first(those: Iterable[Occurrence], roots: Mapping[str, str]) -> dict[str, datetime]:
    """Of each root issue, when the first of these alerts about it started."""
    found: dict[str, datetime] = {}
    for one in those:
        if one.issue_id is not None and (root := roots.get(one.issue_id)) is not None:
            found[root] = min(one.starts_at, found.get(root, one.starts_at))
    return found


def _rated(name: str, those: Sequence[Occurrence], first: Mapping[str, Mapping[str, datetime]], acted_on: Collection[str]) -> AlertQuality:
    outcomes = Counter(one.outcome for one in those)
    fingerprints = Counter(one.fingerprint for one in those)
    return AlertQuality(
        name=name,
        fired=len(those),
        flapping=sum(count >= FLAPS for count in fingerprints.values()),
        without_failure=outcomes[Outcome.UNEXPLAINED],
        unresolved=outcomes[Outcome.UNRESOLVED],
        issues=len(first[name]),
        acted_on=len(first[name].keys() & set(acted_on)),
        repeats=_repeated(name, first),
    )


def _repeated(name: str, first: Mapping[str, Mapping[str, datetime]]) -> str | None:
    """Another alert that started before this one about each of its issues."""
    own = first[name]
    if len(own) < REPEATS:
        return None
    others = (other for other, theirs in first.items() if other != name and _is_earlier(theirs, own))
    return min(others, default=None)


def _is_earlier(theirs: Mapping[str, datetime], own: Mapping[str, datetime]) -> bool:
    return all(root in theirs and theirs[root] < started for root, started in own.items())


def _is_acted_on(issue: Issue) -> bool:
    """Whether somebody acknowledged, took, commented or resolved it."""
    by_person = issue.resolved_by is not None and issue.resolved_by != "system"
    return issue.status is Status.ACKNOWLEDGED or issue.assignee is not None or issue.comment_count > 0 or by_person


def _failures(tx: Transaction, since: datetime) -> tuple[list[Issue], bool]:
    """The root issues of medium severity or more that opened, at most the newest, and whether these are all."""
    wanted = IssueFilter(since=since, parents=frozenset({"none"}))
    found = issues.find(tx, wanted, PageRequest(size=MOST_ISSUES + 1, sort="detectedAt"))
    failures = [one for one in found[:MOST_ISSUES] if one.severity.rank >= Severity.MEDIUM.rank and not is_risk(one)]
    return failures, len(found) <= MOST_ISSUES
