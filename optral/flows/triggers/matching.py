"""From events to firings: which issues start which trigger, once for each occurrence.

Every trigger has the number of the last event that was compared with it, so no event is missed or compared twice. Events of issues wait as
for notifications (`ripeness.py`), so that a symptom is folded into its root first.
"""

from collections.abc import Iterable
from datetime import datetime

from optral.analysis import service as analyses
from optral.analysis.model import Analysis, Status as Answer
from optral.events import service as events
from optral.events.model import Event
from optral.flows import visible
from optral.flows.issues import ripeness
from optral.issues import service as issues
from optral.issues.model import Issue, Status
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound, TooMany
from optral.triggers import service as triggers
from optral.triggers.model import Match, Trigger

AT_ONCE = 200  # events compared in one transaction
LOOK_EVERY_S = 2.0
_ABOUT = frozenset({"issue.created", "issue.updated", "analysis.ready"})


def look(tx: Transaction, trigger_id: str) -> tuple[bool, float]:
    """Whether a trigger has ripe events, and seconds until more may be."""
    try:
        trigger = triggers.get(tx, trigger_id)
    except NotFound:
        return False, LOOK_EVERY_S
    ready, wait_s = _ripe(tx, trigger)
    return bool(ready), wait_s


def judge(tx: Transaction, trigger_id: str) -> float:
    """Turn the next ripe events into firings of this trigger; seconds until more may be ripe, 0 when there is more already."""
    try:
        trigger = triggers.get(tx, trigger_id)
    except NotFound:
        return LOOK_EVERY_S
    if not trigger.is_enabled:
        return LOOK_EVERY_S  # switched off since it was listed
    ready, wait_s = _ripe(tx, trigger)
    if not ready:
        return wait_s
    if not triggers.skip_events(tx, trigger, up_to=ready[-1].seq):
        return 0.0
    for issue_id in dict.fromkeys(event.subject_id for event in ready if event.type in _ABOUT):
        _compare(tx, trigger, issue_id)
    return 0.0 if len(ready) == AT_ONCE else wait_s


def _ripe(tx: Transaction, trigger: Trigger) -> tuple[list[Event], float]:
    ready, wait_s = ripeness.ripe(events.read_after(tx, trigger.cursor, limit=AT_ONCE), now=tx.now, else_s=LOOK_EVERY_S)
    return list(ready), wait_s


def _compare(tx: Transaction, trigger: Trigger, issue_id: str) -> None:
    issue = issues.find_one(tx, issue_id)
    if issue is None or opened_at(issue) < trigger.active_since or unfit(tx, trigger.match, issue) is not None:
        return
    try:
        triggers.fire(tx, trigger, key=key_of(issue), issue_id=issue.id)
    except TooMany as full:
        triggers.note_skipped(tx, trigger, key=key_of(issue), code=full.code, reason=full.say)


def key_of(issue: Issue) -> str:
    """An occurrence of an issue."""
    return f"{issue.id}/{issue.occurrences}"


def opened_at(issue: Issue) -> datetime:
    """When its present occurrence began."""
    return datetime.fromisoformat(issue.reopened[-1]) if issue.reopened else issue.detected_at


def unfit(tx: Transaction, match: Match, issue: Issue) -> str | None:
    """Why an issue does not start a trigger with this match, as a clause; None if it does."""
    if issue.status is not Status.OPEN:
        return f"the issue is {issue.status.value}"
    if ripeness.is_silent(issue):
        return "the issue is a symptom, a risk, muted, snoozed or preexisting"
    answer = newest_answer(tx, issue.id) if match.needs_analysis else None
    cause, confidence = (None, None) if answer is None else (answer.cause_id, answer.confidence)
    if not match.matches(issue, cause=cause, confidence=confidence):
        return "the issue no longer matches"
    return None


def newest_answer(tx: Transaction, issue_id: str) -> Analysis | None:
    """What the issue's analysis says, as far as the actor may see it; None without a cause."""
    found = analyses.shown(tx, issue_id)
    return visible.veiled(tx, found) if found is not None and found.status is Answer.READY else None


def recommended(tx: Transaction, issue_id: str, runbooks: Iterable[str]) -> dict[str, object]:
    """The parameters that the analysis of the issue recommends for this runbook (its id or slug); empty if it recommends others."""
    answer = newest_answer(tx, issue_id)
    actions = [] if answer is None else (answer.result or {}).get("recommendedActions") or []
    named = set(runbooks)
    return next((dict(action.get("parameters") or {}) for action in actions if action.get("runbook") in named), {})
