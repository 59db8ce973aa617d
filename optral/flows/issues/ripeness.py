"""When an event about an issue may have consequences: once its cause had the time to be found, and only if the issue is not silent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from optral import detectors
from optral.detectors.detector import Tier
from optral.events.model import Event
from optral.issues.model import Issue, Substatus

GRACE = timedelta(seconds=3)
STORM_GRACE = timedelta(seconds=60)
STORM_ISSUES = 20  # more than these in a minute in one cluster: one cause is likely, and will be found
SKEW = timedelta(seconds=60)  # between the clocks of replicas
STORM_WITHIN = timedelta(seconds=60)
SILENT = frozenset({Substatus.PREEXISTING, Substatus.MUTED, Substatus.SNOOZED})


def ripe(found: Sequence[Event], *, now: datetime, else_s: float) -> tuple[Sequence[Event], float]:
    """The events before the first that should wait for its cause, and for how many seconds that one should; `else_s` if none does."""
    opened = Counter(event.cluster_id for event in found if opens(event) and now - event.at <= STORM_WITHIN)
    for place, event in enumerate(found):
        if opens(event):
            grace = STORM_GRACE if opened[event.cluster_id] > STORM_ISSUES else GRACE
            if event.at - now > SKEW:
                continue  # written before the clock was set back: it would wait until the clock is there again
            if (left_s := (event.at + grace - now).total_seconds()) > 0:
                return found[:place], min(else_s, left_s)
    return found, else_s


def opens(event: Event) -> bool:
    """Whether an issue began, or came back: its cause may be found a moment later."""
    return event.type == "issue.created" or (event.type == "issue.updated" and is_back(event.data.get("changes", {})))


def is_back(changes: Mapping[str, Any]) -> bool:
    """Whether these changes of an issue say that it was resolved and is not any more."""
    return "status" in changes and changes["status"].get("from") == "resolved"


def is_silent(issue: Issue) -> bool:
    """Whether an issue sends no notifications: a symptom, a risk, one that is muted, snoozed, or older than the first connection."""
    return issue.parent_issue_id is not None or issue.shown_as in SILENT or is_risk(issue)


def is_risk(issue: Issue) -> bool:
    """Risks work today: they are listed and have no consequences."""
    known = detectors.BY_TYPE.get(issue.type)
    return known is not None and known.tier is Tier.RISK
