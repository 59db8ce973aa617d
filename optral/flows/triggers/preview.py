"""What a trigger would match now, before it is saved. Reads only what the caller may see, and changes nothing."""

from typing import NamedTuple

from optral.flows.triggers import matching
from optral.issues import service as issues
from optral.issues.model import Issue, IssueFilter, Status
from optral.kit.paging import PageRequest
from optral.store.transaction import Transaction
from optral.terms.severity import Severity
from optral.triggers.model import Match

MOST_EXAMINED = 300
"""Open issues that are compared, the newest first: a cause takes a look at the analysis of each."""


class Preview(NamedTuple):
    """`is_whole`: every open issue was compared; otherwise there may be more."""

    matching: list[Issue]
    is_whole: bool


def matching_now(tx: Transaction, match: Match) -> Preview:
    """The open issues that the match fits, newest first."""
    floor = 0 if match.min_severity is None else match.min_severity.rank
    wanted = IssueFilter(
        statuses=frozenset({Status.OPEN.value}),
        types=frozenset(match.types),
        clusters=frozenset(match.clusters),
        namespaces=frozenset(match.namespaces),
        severities=frozenset(one.value for one in Severity if one.rank >= floor) if floor else frozenset(),
        labels=frozenset(match.labels.items()),
    )
    found = issues.find(tx, wanted, PageRequest(size=MOST_EXAMINED + 1, sort="detectedAt"))
    fits = [one for one in found[:MOST_EXAMINED] if matching.unfit(tx, match, one) is None]
    return Preview(fits, len(found) <= MOST_EXAMINED)
