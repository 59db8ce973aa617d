"""Triage: what people change about issues, and the later effects of snoozes and mute rules.

One request may change status, assignee, labels and snooze together. A value that is already set changes nothing and publishes nothing. The
flow that calls holds the clusters of the issues (`clusters_of`), so that a change is based on the newest version. Rules: `mute_rules.py`;
comments: `comments.py`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from optral.issues import history, repository, service
from optral.issues.lifecycle import lifecycle
from optral.issues.model import Activity, Issue, Move, Resolution, Status
from optral.issues.triage import labels, mute_rules, mutes, snooze as snoozes, triage_repository as rows
from optral.issues.triage.mutes import MuteRule
from optral.issues.triage.snooze import SnoozeConditions
from optral.kit.mappings import without_none
from optral.store.transaction import Transaction
from optral.terms.errors import Invalid, NotFound, OptralError, Refused, Stale
from optral.terms.severity import Severity

MAX_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A requested change of an issue; None and False change nothing.

    `labels` are added to the existing ones; a label with None is removed. `assigns` with `assignee` None removes the assignee.
    `snoozes` with `wish` None ends a snooze. `rates` with `severity` None returns to the computed severity. `via`: through which webhook
    it came from another system, and who requested it there; it goes into the history and the event.
    """

    status: Status | None = None
    assigns: bool = False
    assignee: str | None = None
    labels: Mapping[str, str | None] | None = None
    snoozes: bool = False
    wish: SnoozeConditions | None = None
    rates: bool = False
    severity: Severity | None = None
    via: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """The result: the issue as it is now, its move (None: nothing changed), and the actions for its history."""

    issue: Issue
    move: Move | None
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one of many issues, or the reason why it was refused."""

    issue_id: str
    done: Result | None = None
    refusal: OptralError | None = None


# --- changes by hand


def change(tx: Transaction, issue_id: str, wanted: Change, *, if_version: int | None = None) -> Result:
    """Change an issue. Raises `NotFound`; `Stale` if `if_version` is not the current version; `Invalid` for invalid labels and snoozes.

    `Refused`: `issue_resolved` when a resolved issue is acknowledged or snoozed, `issue_superseded` when one with a successor is reopened.
    """
    before = service.get(tx, issue_id)
    if if_version is not None and if_version != before.version:
        raise Stale("stale_version", say=f"the issue now has version {before.version}; read it again")
    applied = _Changes(tx).apply(before, wanted)
    _save(tx, [applied])
    return applied.result


def change_all(tx: Transaction, issue_ids: Sequence[str], wanted: Change) -> list[Outcome]:
    """Change each issue on its own: a refused change does not stop the others. In the given order, without repeats."""
    order = list(dict.fromkeys(issue_ids))
    known = {issue.id: issue for issue in rows.issues_of(tx, order) if tx.actor.may_see(issue.cluster_id, issue.namespace)}
    changes, applied, outcomes = _Changes(tx), list[_Applied](), []
    for issue_id in order:
        try:
            if issue_id not in known:
                raise NotFound("issue_not_found", say=f"no issue has the id {issue_id}")
            applied.append(changes.apply(known[issue_id], wanted))
            outcomes.append(Outcome(issue_id, done=applied[-1].result))
        except (NotFound, Refused, Invalid) as refusal:
            outcomes.append(Outcome(issue_id, refusal=refusal))
    _save(tx, applied)
    return outcomes


@dataclass(frozen=True, slots=True)
class _Applied:
    result: Result
    lines: tuple[Activity, ...] = ()


class _Changes:
    """Changes within one transaction; the rules are read once, when they are first needed."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._rules: list[MuteRule] | None = None

    def apply(self, before: Issue, wanted: Change) -> _Applied:
        after, lines = before, list[tuple[str, dict[str, Any]]]()
        for step in (self._status, self._assignee, self._labels, self._severity, self._snooze):
            after, line = step(after, wanted)
            lines += [line] if line is not None else []
        if not lines:
            return _Applied(Result(before, None))
        activity = [history.line(self._tx, after, action, detail | dict(wanted.via)) for action, detail in lines]
        if after.labels != before.labels or (before.status is Status.RESOLVED and after.status is not Status.RESOLVED):
            after, by_rule = self._mute(after)
            activity += by_rule
        after, changes = lifecycle.publish(before, after, now=self._tx.now)
        is_end = after.status is Status.RESOLVED and before.status is not Status.RESOLVED
        move = Move("resolved" if is_end else "updated", after, changes, lines[0][0])
        return _Applied(Result(after, move, tuple(action for action, _ in lines)), tuple(activity))

    def mute(self, before: Issue) -> _Applied:
        """The issue with the current mute rules applied."""
        after, activity = self._mute(before)
        if not activity:
            return _Applied(Result(before, None))
        after, changes = lifecycle.publish(before, after, now=self._tx.now)
        action = activity[0].action
        return _Applied(Result(after, Move("updated", after, changes, action) if changes else None, (action,)), tuple(activity))

    def _mute(self, issue: Issue) -> tuple[Issue, list[Activity]]:
        if self._rules is None:
            self._rules = mute_rules.in_force(self._tx)
        by = mutes.first_match(self._rules, issue)
        row = history.muted(self._tx, issue, by)
        return replace(issue, mute_rule_id=by), [] if row is None else [row]

    def _status(self, issue: Issue, wanted: Change) -> tuple[Issue, tuple[str, dict[str, Any]] | None]:
        if wanted.status is None or wanted.status is issue.status:
            return issue, None
        after, action = _by_hand(self._tx, issue, wanted.status)
        return after, (action, {"status": [issue.status.value, after.status.value]})

    def _assignee(self, issue: Issue, wanted: Change) -> tuple[Issue, tuple[str, dict[str, Any]] | None]:
        if not wanted.assigns or wanted.assignee == issue.assignee:
            return issue, None
        action = "unassigned" if wanted.assignee is None else "assigned"
        return replace(issue, assignee=wanted.assignee), (action, {"assignee": [issue.assignee, wanted.assignee]})

    def _labels(self, issue: Issue, wanted: Change) -> tuple[Issue, tuple[str, dict[str, Any]] | None]:
        before = dict(issue.labels)
        after = without_none(before | dict(wanted.labels or {}))
        if after == before:
            return issue, None
        labels.check(after)
        return replace(issue, labels=after), ("labelled", {"labels": [before, after]})

    def _severity(self, issue: Issue, wanted: Change) -> tuple[Issue, tuple[str, dict[str, Any]] | None]:
        wish = None if wanted.severity is None else wanted.severity.value
        if not wanted.rates or wish == issue.severity_set:
            return issue, None
        by = None if wish is None else self._tx.actor.id
        after = replace(issue, severity=Severity(wish or issue.computed_severity or issue.severity), severity_set=wish, severity_set_by=by)
        action = "severity_reset" if wish is None else "severity_set"
        return after, (action, {"severity": [issue.severity.value, after.severity.value]})

    def _snooze(self, issue: Issue, wanted: Change) -> tuple[Issue, tuple[str, dict[str, Any]] | None]:
        if not wanted.snoozes or (wanted.wish is None and issue.snooze is None):
            return issue, None
        before = None if issue.snooze is None else issue.snooze.plain()
        if wanted.wish is None:
            return replace(issue, snooze=None), ("unsnoozed", {"snooze": [before, None]})
        if issue.status is Status.RESOLVED:
            raise Refused("issue_resolved", say="the issue is resolved; only open issues can be snoozed")
        started = snoozes.begin(wanted.wish, count=issue.count, severity=issue.severity, by=self._tx.actor.id, now=self._tx.now)
        return replace(issue, snooze=started), ("snoozed", {"snooze": [before, started.plain()]})


def _by_hand(tx: Transaction, issue: Issue, wanted: Status) -> tuple[Issue, str]:
    if wanted is Status.RESOLVED:
        return lifecycle.resolve(issue, Resolution.MANUAL, by=tx.actor.id, now=tx.now), "resolved"
    if issue.status is not Status.RESOLVED:
        return replace(issue, status=wanted), "acknowledged" if wanted is Status.ACKNOWLEDGED else "unacknowledged"
    if wanted is Status.ACKNOWLEDGED:
        raise Refused("issue_resolved", say="the issue is resolved; reopen it before you acknowledge it")
    newest = repository.issues_with(tx, issue.cluster_id, [issue.fingerprint])[issue.fingerprint]
    if newest.id != issue.id:
        raise Refused("issue_superseded", say=f"a newer issue exists for the same failure: {newest.id}")
    return lifecycle.reopen(issue, now=tx.now), "reopened"


def _save(tx: Transaction, applied: Sequence[_Applied]) -> None:
    repository.update(tx, [item.result.issue for item in applied if item.lines])
    repository.add_activity(tx, [row for item in applied for row in item.lines])


def clusters_of(tx: Transaction, issue_ids: Collection[str]) -> list[str]:
    """The clusters of these issues, sorted: flows hold several clusters in this order."""
    return rows.clusters_of(tx, issue_ids)


# --- automatic changes


def due_snoozes(tx: Transaction, *, now: datetime, limit: int) -> list[tuple[str, str]]:
    """(organization, issue) of snoozes that have ended by time, of all organizations."""
    return rows.due_snoozes(tx, now, limit)


def end_snoozes(tx: Transaction, issue_ids: Sequence[str]) -> list[Move]:
    """End the snoozes of these issues that have reached their end."""
    applied = []
    for before in rows.issues_of(tx, issue_ids):
        after, why = lifecycle.end_snooze(before, now=tx.now)
        if why is not None and before.snooze is not None:
            after, changes = lifecycle.publish(before, after, now=tx.now)
            detail = {"why": why, "snooze": [before.snooze.plain(), None]}
            applied.append(
                _Applied(Result(after, Move("updated", after, changes, "woke"), ("woke",)), (history.line(tx, after, "woke", detail),))
            )
    _save(tx, applied)
    return [item.result.move for item in applied if item.result.move is not None]


def assigned_to(tx: Transaction, person: str, *, limit: int = MAX_AT_ONCE) -> list[str]:
    """Ids of unresolved issues that are assigned to this person."""
    return rows.assigned_to(tx, person, limit)


def apply_rules(tx: Transaction, issue_ids: Sequence[str]) -> list[Move]:
    """Mute and unmute these issues by the current mute rules."""
    changes = _Changes(tx)
    applied = [changes.mute(issue) for issue in rows.issues_of(tx, issue_ids) if issue.status is not Status.RESOLVED]
    _save(tx, applied)
    return [item.result.move for item in applied if item.result.move is not None]
