"""The other door of issues: what people do with them, and what their wishes do later by themselves.

A change of an issue may be several in one: its status, who looks after it, its labels, its snooze. What is so already stays as it is and
tells nobody. Whoever calls holds the clusters of the issues (`clusters_of`) before, so that what is read here is what is written over.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from optral.issues import history, labels, model, mutes, repository, service, snooze as snoozes, triage_repository as rows
from optral.issues.model import Activity, Comment, Issue, Move, Resolution, Status
from optral.issues.mutes import Match, MuteRule
from optral.issues.snooze import Wish
from optral.kit.paging import PageRequest
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import Role, require_reach
from optral.terms.errors import Forbidden, Invalid, NotFound, OptralError, Refused, Stale

MAX_COMMENTS = 500
MAX_AT_ONCE = 500
SECOND_LOOK_AFTER = timedelta(seconds=5)
"""An observation that read the rules before a change of theirs has committed by then; the issues are judged again."""
ADMINS = frozenset({Role.OWNER, Role.ADMIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is wanted of an issue; None and False leave things as they are.

    `labels` are put over those there are; a label with None is taken away. `assigns` with `assignee` None: nobody looks after it any more.
    `snoozes` with `wish` None ends a snooze.
    """

    status: Status | None = None
    assigns: bool = False
    assignee: str | None = None
    labels: Mapping[str, str | None] | None = None
    snoozes: bool = False
    wish: Wish | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: the issue as it is now, its move (None: it was so already) and what was done, in words of its history."""

    issue: Issue
    move: Move | None
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of many at once: what was done with one, or why not."""

    issue_id: str
    done: Done | None = None
    refusal: OptralError | None = None


# --- changes by hand


def change(tx: Transaction, issue_id: str, wanted: Change, *, if_version: int | None = None) -> Done:
    """Raises `NotFound`; `Stale` when `if_version` is not the present one; `Invalid` for labels and snoozes that cannot be.

    `Refused`: `issue_resolved` for acknowledging or snoozing what is resolved, `issue_superseded` for opening what has a successor.
    """
    before = service.get(tx, issue_id)
    if if_version is not None and if_version != before.version:
        raise Stale("stale_version", say=f"the issue has moved to version {before.version}; read it again")
    made = _Changing(tx).make(before, wanted)
    _save(tx, [made])
    return made.done


def change_all(tx: Transaction, issue_ids: Sequence[str], wanted: Change) -> list[Outcome]:
    """Each on its own: what one refuses stops no other. In the order given, each id once."""
    order = list(dict.fromkeys(issue_ids))
    known = {one.id: one for one in rows.issues_of(tx, order) if tx.actor.may_see(one.cluster_id)}
    changing, made, outcomes = _Changing(tx), [], []
    for issue_id in order:
        try:
            if issue_id not in known:
                raise NotFound("issue_not_found", say=f"there is no issue {issue_id}")
            made.append(changing.make(known[issue_id], wanted))
            outcomes.append(Outcome(issue_id, done=made[-1].done))
        except (NotFound, Refused, Invalid) as refusal:
            outcomes.append(Outcome(issue_id, refusal=refusal))
    _save(tx, made)
    return outcomes


@dataclass(frozen=True, slots=True)
class _Made:
    done: Done
    lines: tuple[Activity, ...] = ()


class _Changing:
    """Changes within one transaction; the rules are read once, when they are asked for."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._rules: list[MuteRule] | None = None

    def make(self, before: Issue, wanted: Change) -> _Made:
        after, lines = before, list[tuple[str, dict[str, Any]]]()
        for step in (self._status, self._assignee, self._labels, self._snooze):
            after, done = step(after, wanted)
            lines += [done] if done is not None else []
        if not lines:
            return _Made(Done(before, None))
        activity = [history.line(self._tx, after, action, detail) for action, detail in lines]
        if after.labels != before.labels or (before.status is Status.RESOLVED and after.status is not Status.RESOLVED):
            after, by_rule = self._mute(after)
            activity += by_rule
        after, changes = model.told(before, after, now=self._tx.now)
        is_end = after.status is Status.RESOLVED and before.status is not Status.RESOLVED
        move = Move("resolved" if is_end else "updated", after, changes, lines[0][0])
        return _Made(Done(after, move, tuple(action for action, _ in lines)), tuple(activity))

    def mute(self, before: Issue) -> _Made:
        """The issue as the rules of now have it."""
        after, activity = self._mute(before)
        if not activity:
            return _Made(Done(before, None))
        after, changes = model.told(before, after, now=self._tx.now)
        action = activity[0].action
        return _Made(Done(after, Move("updated", after, changes, action) if changes else None, (action,)), tuple(activity))

    def _mute(self, issue: Issue) -> tuple[Issue, list[Activity]]:
        if self._rules is None:
            self._rules = rules_in_force(self._tx)
        by = mutes.first_fitting(self._rules, issue)
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
        after = {name: value for name, value in (before | dict(wanted.labels or {})).items() if value is not None}
        if after == before:
            return issue, None
        labels.check(after)
        return replace(issue, labels=after), ("labelled", {"labels": [before, after]})

    def _snooze(self, issue: Issue, wanted: Change) -> tuple[Issue, tuple[str, dict[str, Any]] | None]:
        if not wanted.snoozes or (wanted.wish is None and issue.snooze is None):
            return issue, None
        before = None if issue.snooze is None else issue.snooze.plain()
        if wanted.wish is None:
            return replace(issue, snooze=None), ("unsnoozed", {"snooze": [before, None]})
        if issue.status is Status.RESOLVED:
            raise Refused("issue_resolved", say="the issue is resolved; only open issues can be snoozed")
        begun = snoozes.begin(wanted.wish, count=issue.count, severity=issue.severity, by=self._tx.actor.id, now=self._tx.now)
        return replace(issue, snooze=begun), ("snoozed", {"snooze": [before, begun.plain()]})


def _by_hand(tx: Transaction, issue: Issue, wanted: Status) -> tuple[Issue, str]:
    if wanted is Status.RESOLVED:
        return model.resolved(issue, Resolution.MANUAL, by=tx.actor.id, now=tx.now), "resolved"
    if issue.status is not Status.RESOLVED:
        return replace(issue, status=wanted), "acknowledged" if wanted is Status.ACKNOWLEDGED else "unacknowledged"
    if wanted is Status.ACKNOWLEDGED:
        raise Refused("issue_resolved", say="the issue is resolved; open it again before acknowledging it")
    newest = repository.issues_with(tx, issue.cluster_id, [issue.fingerprint])[issue.fingerprint]
    if newest.id != issue.id:
        raise Refused("issue_superseded", say=f"a newer issue exists for the same problem: {newest.id}")
    return model.reopened(issue, now=tx.now), "reopened"


def _save(tx: Transaction, made: Sequence[_Made]) -> None:
    repository.update(tx, [one.done.issue for one in made if one.lines])
    repository.add_activity(tx, [row for one in made for row in one.lines])


def clusters_of(tx: Transaction, issue_ids: Collection[str]) -> list[str]:
    """The clusters of these issues, sorted: whoever holds several holds them in this order."""
    return rows.clusters_of(tx, issue_ids)


# --- by itself


def due_snoozes(tx: Transaction, *, now: datetime, limit: int) -> list[tuple[str, str]]:
    """(organisation, issue) of snoozes whose time is over, of all organisations."""
    return rows.due_snoozes(tx, now, limit)


def wake(tx: Transaction, issue_ids: Sequence[str]) -> list[Move]:
    """End the snoozes of these issues that are over."""
    made = []
    for before in rows.issues_of(tx, issue_ids):
        after, why = model.roused(before, now=tx.now)
        if why is not None and before.snooze is not None:
            after, changes = model.told(before, after, now=tx.now)
            detail = {"why": why, "snooze": [before.snooze.plain(), None]}
            made.append(_Made(Done(after, Move("updated", after, changes, "woke"), ("woke",)), (history.line(tx, after, "woke", detail),)))
    _save(tx, made)
    return [one.done.move for one in made if one.done.move is not None]


def assigned_to(tx: Transaction, person: str, *, limit: int = MAX_AT_ONCE) -> list[str]:
    """Ids of issues that are not over and that this person looks after."""
    return rows.assigned_to(tx, person, limit)


# --- mute rules


def create_rule(tx: Transaction, match: Match, *, reason: str, expires_at: datetime) -> MuteRule:
    """A rule from now on; then let the issues be judged (`next_to_judge`).

    Raises `Invalid("invalid_mute_rule")`, `Refused("too_many_mute_rules")`, and `Forbidden("beyond_own_clusters")` for a key limited to
    clusters that would mute in others.
    """
    mutes.check(match, expires_at, now=tx.now)
    _require_all(tx, match)
    if len(rules_in_force(tx)) >= mutes.MAX_RULES:
        raise Refused("too_many_mute_rules", say=f"{mutes.MAX_RULES} rules are in force; delete some")
    made = MuteRule(
        id=ids.new("mut"), match=match, reason=reason, expires_at=expires_at, created_by=tx.actor.id, created_at=tx.now, updated_at=tx.now
    )
    rows.insert_rule(tx, made, swept_to="")
    return made


def rule(tx: Transaction, rule_id: str) -> MuteRule:
    """Also one that has ended. Raises `NotFound`."""
    found = rows.rule(tx, rule_id)
    if found is None or not _may_see(tx, found.rule):
        raise NotFound("mute_rule_not_found", say=f"there is no mute rule {rule_id}")
    return found.rule


def rules(tx: Transaction) -> list[MuteRule]:
    """The rules in force that concern what the actor may see, oldest first."""
    return [one for one in rules_in_force(tx) if _may_see(tx, one)]


def rules_in_force(tx: Transaction) -> list[MuteRule]:
    return rows.rules_in_force(tx, mutes.MAX_RULES)


def narrowed(tx: Transaction, one: MuteRule) -> MuteRule:
    """The rule as the actor may see it: a key that is limited to clusters does not learn of the others it names."""
    visible = tuple(cluster for cluster in one.match.clusters if tx.actor.may_see(cluster))
    return replace(one, match=replace(one.match, clusters=visible))


def change_rule(
    tx: Transaction, rule_id: str, *, reason: str | None = None, expires_at: datetime | None = None, if_version: int | None = None
) -> MuteRule:
    """What a rule is about stays; another reason or day may be given. Raises as `create_rule`, `NotFound`, `Stale`, `Refused`."""
    before = _own(tx, rule_id, if_version)
    if expires_at is not None and expires_at != before.expires_at:
        mutes.check_expiry(expires_at, now=tx.now)
    after = replace(before, reason=reason or before.reason, expires_at=expires_at or before.expires_at)
    if after == before:
        return before
    after = replace(after, version=before.version + 1, updated_at=tx.now)
    stored = rows.rule(tx, rule_id)
    _write_over(tx, before, after, swept_to=None if stored is None else stored.swept_to)
    return after


def end_rule(tx: Transaction, rule_id: str, *, if_version: int | None = None) -> MuteRule:
    """The rule mutes nothing from now on; then let its issues be judged. Raises `NotFound`, `Stale`, `Forbidden`."""
    before = _own(tx, rule_id, if_version)
    after = replace(before, ended_at=tx.now, updated_at=tx.now, version=before.version + 1)
    _write_over(tx, before, after, swept_to="")
    return after


def _write_over(tx: Transaction, before: MuteRule, after: MuteRule, *, swept_to: str | None) -> None:
    """A change that read the rule before it ended must not bring it back."""
    if not rows.update_rule(tx, after, swept_to=swept_to, known=before.version):
        raise Stale("stale_version", say="the rule was changed in the meantime; read it again")


def expired_rules(tx: Transaction, *, now: datetime, limit: int) -> list[tuple[str, str]]:
    """(organisation, rule) of rules whose day has come, of all organisations."""
    return rows.expired_rules(tx, now, limit)


def unjudged_rules(tx: Transaction, *, now: datetime, limit: int) -> list[tuple[str, str]]:
    """(organisation, rule) of rules that began or ended a moment ago, of all organisations."""
    return rows.unswept_rules(tx, now - SECOND_LOOK_AFTER, limit)


def next_to_judge(tx: Transaction, rule_id: str, *, after: str | None = None, limit: int = MAX_AT_ONCE) -> list[str]:
    """Ids of the next issues that the beginning or end of a rule may concern; `after` None: from where it was left."""
    stored = rows.rule(tx, rule_id)
    if stored is None or (after is None and stored.swept_to is None):
        return []
    place = after if after is not None else stored.swept_to or ""
    if stored.rule.ended_at is not None:
        return rows.muted_by(tx, rule_id, place, limit)
    return rows.live_after(tx, stored.rule.match, place, limit)


def judge(tx: Transaction, issue_ids: Sequence[str]) -> list[Move]:
    """Mute and unmute these issues as the rules of now have it."""
    changing = _Changing(tx)
    made = [changing.mute(one) for one in rows.issues_of(tx, issue_ids) if one.status is not Status.RESOLVED]
    _save(tx, made)
    return [one.done.move for one in made if one.done.move is not None]


def mark_judged(tx: Transaction, judged_by: MuteRule, *, to: str | None) -> None:
    """Note how far the issues have been judged by the rule as it was; None: to the end. One that has changed since is judged by anew."""
    rows.set_swept(tx, judged_by.id, to, known=judged_by.version)


def muted(tx: Transaction, rule_ids: Collection[str]) -> dict[str, int]:
    """How many issues that are not over, and that the actor may see, each rule mutes."""
    return rows.muted(tx, rule_ids, clusters=tx.actor.clusters)


def delete_old_rules(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` rules that ended before that moment, of all organisations; how many."""
    return rows.delete_old_rules(tx, before, limit)


def _own(tx: Transaction, rule_id: str, if_version: int | None) -> MuteRule:
    """The rule, when the actor may change it and it has not ended."""
    before = rule(tx, rule_id)
    if before.ended_at is not None:
        raise NotFound("mute_rule_not_found", say=f"the mute rule {rule_id} has ended")
    _require_all(tx, before.match)
    if if_version is not None and if_version != before.version:
        raise Stale("stale_version", say=f"the rule has moved to version {before.version}; read it again")
    return before


def _may_see(tx: Transaction, one: MuteRule) -> bool:
    return not one.match.clusters or any(tx.actor.may_see(cluster) for cluster in one.match.clusters)


def _require_all(tx: Transaction, match: Match) -> None:
    require_reach(tx.actor, match.clusters, field="match.clusters")


# --- comments


def comments(tx: Transaction, issue_id: str, page: PageRequest) -> tuple[list[Comment], int]:
    """A page of an issue's comments, by time, and how many there are. Raises `NotFound`."""
    issue = service.get(tx, issue_id)
    return rows.comments(tx, issue_id, page), issue.comment_count


def add_comment(tx: Transaction, issue_id: str, body: str, *, author: str) -> tuple[Comment, Move]:
    """Say something about an issue; `author` is the person, also where a key of theirs speaks.

    Raises `NotFound`, `Refused("too_many_comments")`.
    """
    before = service.get(tx, issue_id)
    if before.comment_count >= MAX_COMMENTS:
        raise Refused("too_many_comments", say=f"an issue has at most {MAX_COMMENTS} comments")
    key_id = tx.actor.id if tx.actor.id != author else None
    made = Comment(id=ids.new("cmt"), issue_id=issue_id, author_id=author, key_id=key_id, body=body, created_at=tx.now)
    rows.insert_comment(tx, made)
    return made, _commented(tx, before, made.id, "commented", count=before.comment_count + 1)


def edit_comment(tx: Transaction, issue_id: str, comment_id: str, body: str, *, author: str) -> tuple[Comment, Move | None]:
    """Say it otherwise. Raises `NotFound`, `Forbidden("not_your_comment")`."""
    before = service.get(tx, issue_id)
    known = _comment(tx, issue_id, comment_id)
    if known.author_id != author:
        raise Forbidden("not_your_comment", say="only the author can edit a comment")
    if known.body == body:
        return known, None
    rows.edit_comment(tx, comment_id, body)
    move = _commented(tx, before, comment_id, "comment_edited", count=before.comment_count)
    return replace(known, body=body, edited_at=tx.now), move


def delete_comment(tx: Transaction, issue_id: str, comment_id: str, *, author: str) -> tuple[Comment, Move]:
    """Take a comment back; owners and admins may take back that of another. Raises `NotFound`, `Forbidden("not_your_comment")`."""
    before = service.get(tx, issue_id)
    known = _comment(tx, issue_id, comment_id)
    if known.author_id != author and tx.actor.role not in ADMINS:
        raise Forbidden("not_your_comment", say="only the author, an owner or an admin can delete a comment")
    rows.delete_comment(tx, comment_id)
    return known, _commented(tx, before, comment_id, "comment_deleted", count=max(0, before.comment_count - 1))


def _comment(tx: Transaction, issue_id: str, comment_id: str) -> Comment:
    found = rows.comment(tx, issue_id, comment_id)
    if found is None:
        raise NotFound("comment_not_found", say=f"this issue has no comment {comment_id}")
    return found


def _commented(tx: Transaction, before: Issue, comment_id: str, action: str, *, count: int) -> Move:
    after, changes = model.told(before, replace(before, comment_count=count), now=tx.now)
    if "comment_count" not in changes:  # it reads otherwise now, though there are as many
        after, changes = replace(after, version=before.version + 1), {**changes, "comment_count": (count, count)}
    repository.update(tx, [after])
    repository.add_activity(tx, [history.line(tx, after, action, {"comment": comment_id})])
    return Move("updated", after, changes, action)
