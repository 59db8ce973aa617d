"""Care for issues: what people do with one or many of them, the rules that mute them, and what ends by itself.

Every change holds the clusters of its issues first, so that no observation writes over it; several are held in the order of their ids.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from optral.access import people_service, service as access
from optral.clusters import service as clusters
from optral.events import service as events
from optral.flows import loops
from optral.flows.issues import issue_events
from optral.issues import service as issues
from optral.issues.model import Comment, Issue, Move
from optral.issues.triage import comments, mute_rules, triage
from optral.issues.triage.mutes import Match, MuteRule
from optral.issues.triage.triage import Change, Outcome, Result
from optral.kit.clock import Clock
from optral.kit.paging import PageRequest
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import Invalid, NotFound
from optral.terms.ids import OrgId

ME = "me"
AT_ONCE = 200  # issues judged, or snoozes ended, in one transaction
LOOK_EVERY_S = 2.0
"""How late a snooze ends and a rule expires at most; two look-ups in indexes that are empty most of the time."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteRuleSeen:
    """A rule and how many issues that are not over it mutes."""

    rule: MuteRule
    muted: int


# --- one issue, or many


def change(tx: Transaction, issue_id: str, wanted: Change, *, if_version: int | None = None) -> Issue:
    """Change an issue; without a difference nothing is stored or sent. Raises as `triage.change`, and `Invalid("unknown_member")`."""
    cluster_id = issues.get(tx, issue_id).cluster_id
    clusters.hold(tx, cluster_id)
    done = triage.change(tx, issue_id, _with_person(tx, wanted), if_version=if_version)
    _tell(tx, [done.move] if done.move is not None else [], via=wanted.via.get("via"))
    _audit(tx, done, wanted.via)
    return done.issue


def change_many(tx: Transaction, issue_ids: Sequence[str], wanted: Change, *, query: str | None = None) -> list[Outcome]:
    """Change each of them, or say why not; one audit record names all that changed, and the query that found them.

    Raises `Invalid("unknown_member")`.
    """
    wanted = _with_person(tx, wanted)
    _hold(tx, issue_ids)
    outcomes = triage.change_all(tx, issue_ids, wanted)
    done = [outcome.done for outcome in outcomes if outcome.done is not None]
    _tell(tx, [one.move for one in done if one.move is not None])
    if changed := [one for one in done if one.actions]:
        actions = sorted({action for one in changed for action in one.actions})
        detail: dict[str, Any] = {"actions": actions, "issues": [one.issue.id for one in changed]}
        detail |= {} if query is None else {"query": query}
        access.audit(tx, action="issue.bulk", target=tx.org_id, detail=detail)  # one link of the chain, not five hundred
    return outcomes


def person(tx: Transaction, given: str) -> str | None:
    """The id of this member, or of the actor for `me`; None when no member has this id."""
    if given == ME:
        member = access.me(tx).member
        return None if member is None else member.id
    try:
        return people_service.member(tx, given).id
    except NotFound:
        return None


def release(tx: Transaction, person_id: str) -> None:
    """Nobody looks after what a person did who leaves."""
    while ids := triage.assigned_to(tx, person_id):
        _hold(tx, ids)
        outcomes = triage.change_all(tx, ids, Change(assigns=True))
        moves = [outcome.done.move for outcome in outcomes if outcome.done is not None and outcome.done.move is not None]
        _tell(tx, moves)
        if not moves:
            return  # the rest is in clusters that the actor does not see


def _with_person(tx: Transaction, wanted: Change) -> Change:
    if wanted.assignee is None:
        return wanted
    found = person(tx, wanted.assignee)
    if found is None:
        errors = [{"field": "assignee", "code": "unknown_member", "message": "give the id of a member (usr_…), or me"}]
        raise Invalid("unknown_member", say="no member has this id", errors=errors)
    return replace(wanted, assignee=found)


def _hold(tx: Transaction, issue_ids: Sequence[str]) -> None:
    for cluster_id in triage.clusters_of(tx, issue_ids):
        clusters.hold(tx, cluster_id)


def _tell(tx: Transaction, moves: Sequence[Move], *, via: str | None = None) -> None:
    if moves:
        found = clusters.standings(tx, {move.issue.cluster_id for move in moves})
        told = [issue_events.events_of([move], cluster=clusters.standing_in(found, move.issue.cluster_id), via=via) for move in moves]
        events.append(tx, [event for of_move in told for event in of_move])


def _audit(tx: Transaction, done: Result, via: Mapping[str, str]) -> None:
    issue = done.issue
    for action in done.actions:
        detail = {"status": issue.status.value, "version": issue.version, **via}
        access.audit(tx, action=f"issue.{action}", target=issue.id, detail=detail, cluster_id=issue.cluster_id)


# --- comments


def add_comment(tx: Transaction, issue_id: str, body: str) -> Comment:
    """Raises `NotFound`, `Refused("too_many_comments")`."""
    cluster_id = issues.get(tx, issue_id).cluster_id
    clusters.hold(tx, cluster_id)
    made, move = comments.add(tx, issue_id, body, author=_author(tx))
    _tell(tx, [move])
    access.audit(tx, action="issue.commented", target=issue_id, detail={"comment": made.id}, cluster_id=cluster_id)
    return made


def edit_comment(tx: Transaction, issue_id: str, comment_id: str, body: str) -> Comment:
    """Raises `NotFound`, `Forbidden("not_your_comment")`."""
    cluster_id = issues.get(tx, issue_id).cluster_id
    clusters.hold(tx, cluster_id)
    after, move = comments.edit(tx, issue_id, comment_id, body, author=_author(tx))
    if move is not None:
        _tell(tx, [move])
        access.audit(tx, action="issue.comment_edited", target=issue_id, detail={"comment": comment_id}, cluster_id=cluster_id)
    return after


def delete_comment(tx: Transaction, issue_id: str, comment_id: str) -> Comment:
    """Raises `NotFound`, `Forbidden("not_your_comment")`."""
    cluster_id = issues.get(tx, issue_id).cluster_id
    clusters.hold(tx, cluster_id)
    gone, move = comments.delete(tx, issue_id, comment_id, author=_author(tx))
    _tell(tx, [move])
    access.audit(tx, action="issue.comment_deleted", target=issue_id, detail={"comment": comment_id}, cluster_id=cluster_id)
    return gone


def _author(tx: Transaction) -> str:
    member = access.me(tx).member
    return tx.actor.id if member is None else member.id


def names_of(tx: Transaction, person_ids: set[str]) -> Mapping[str, str]:
    """E-mail addresses of those who are members now."""
    if not person_ids:
        return {}
    return {member.id: member.email for member in people_service.find_members(tx, PageRequest(size=1000)) if member.id in person_ids}


# --- mute rules


def create_rule(tx: Transaction, match: Match, *, reason: str, expires_at: datetime) -> MuteRuleSeen:
    """A rule, and the first of what it mutes; the rest follows by itself. Raises as `mute_rules.create`."""
    made = mute_rules.create(tx, match, reason=reason, expires_at=expires_at)
    _judge(tx, made.id)
    detail = {"match": match.plain(), "reason": reason, "expiresAt": expires_at.isoformat()}
    access.audit(tx, action="mute_rule.create", target=made.id, detail=detail)
    return _seen(tx, made)


def change_rule(
    tx: Transaction, rule_id: str, *, reason: str | None = None, expires_at: datetime | None = None, if_version: int | None = None
) -> MuteRuleSeen:
    """Raises as `mute_rules.change`."""
    before = mute_rules.get(tx, rule_id)
    after = mute_rules.change(tx, rule_id, reason=reason, expires_at=expires_at, if_version=if_version)
    if after.version != before.version:
        detail = {"reason": after.reason, "expiresAt": after.expires_at.isoformat()}
        access.audit(tx, action="mute_rule.update", target=rule_id, detail=detail)
    return _seen(tx, after)


def delete_rule(tx: Transaction, rule_id: str, *, if_version: int | None = None) -> MuteRuleSeen:
    """End a rule; the issues that it muted notify again. Raises as `mute_rules.end`."""
    ended = mute_rules.end(tx, rule_id, if_version=if_version)
    _judge(tx, rule_id)
    access.audit(tx, action="mute_rule.delete", target=rule_id, detail={"reason": ended.reason})
    return _seen(tx, ended)


def rule(tx: Transaction, rule_id: str) -> MuteRuleSeen:
    """Raises `NotFound`."""
    return _seen(tx, mute_rules.get(tx, rule_id))


def rules(tx: Transaction) -> list[MuteRuleSeen]:
    """The rules in force, oldest first."""
    found = mute_rules.find(tx)
    muted = mute_rules.count_muted(tx, [one.id for one in found])
    return [MuteRuleSeen(rule=mute_rules.visible_part(tx, one), muted=muted.get(one.id, 0)) for one in found]


def _seen(tx: Transaction, one: MuteRule) -> MuteRuleSeen:
    return MuteRuleSeen(rule=mute_rules.visible_part(tx, one), muted=mute_rules.count_muted(tx, [one.id]).get(one.id, 0))


def _judge(tx: Transaction, rule_id: str) -> int:
    """Judge the next issues by a rule that began or ended; how many there were."""
    found = mute_rules.next_batch(tx, rule_id, limit=AT_ONCE)
    _hold(tx, found)
    _tell(tx, triage.apply_rules(tx, found))
    return len(found)


# --- by itself


class TriageWorker:
    """Own `run` as a task; `step` ends what has expired. Several processes may do so: each reads again under its hold."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self.retries = loops.retries("triage", clock, _log)

    async def run(self) -> None:
        while True:
            is_more = await self.retries.run_once(self.step)
            await asyncio.sleep(0.0 if is_more else LOOK_EVERY_S)

    async def step(self) -> bool:
        """End snoozes, let rules expire, judge issues by rules that changed; whether there may be more."""
        now, system = self._clock.now(), actor.system()
        snoozes = await self._store.read(system, lambda tx: triage.due_snoozes(tx, now=now, limit=AT_ONCE))
        for org_id, ids in _by_org(snoozes):
            await self._write(org_id, lambda tx, ids=ids: _wake(tx, ids))  # type: ignore[misc]
        expired = await self._store.read(system, lambda tx: mute_rules.expired(tx, now=now, limit=AT_ONCE))
        for org_id, rule_id in expired:
            await self._write(org_id, lambda tx, rule_id=rule_id: _expire(tx, rule_id))  # type: ignore[misc]
        changed = await self._store.read(system, lambda tx: mute_rules.unapplied(tx, now=now, limit=AT_ONCE))
        for org_id, rule_id in changed:
            await self._write(org_id, lambda tx, rule_id=rule_id: _go_on(tx, rule_id))  # type: ignore[misc]
        return bool(len(snoozes) == AT_ONCE or expired or changed)

    async def _write(self, org_id: str, job: Callable[[Transaction], None]) -> None:
        await self._store.write(actor.system(OrgId(org_id)), job)


def _by_org(found: Sequence[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    ids: dict[str, list[str]] = {}
    for org_id, one in found:
        ids.setdefault(org_id, []).append(one)
    return list(ids.items())


def _wake(tx: Transaction, issue_ids: Sequence[str]) -> None:
    _hold(tx, issue_ids)
    _tell(tx, triage.end_snoozes(tx, issue_ids))


def _expire(tx: Transaction, rule_id: str) -> None:
    before = mute_rules.get(tx, rule_id)
    if before.ended_at is not None or before.expires_at > tx.now:
        return  # another process was faster, or somebody gave it another day
    mute_rules.end(tx, rule_id)
    _judge(tx, rule_id)
    access.audit(tx, action="mute_rule.expire", target=rule_id, detail={"reason": before.reason})


def _go_on(tx: Transaction, rule_id: str) -> None:
    judged_by = mute_rules.get(tx, rule_id)
    found = mute_rules.next_batch(tx, rule_id, limit=AT_ONCE)
    _hold(tx, found)
    moves = triage.apply_rules(tx, found)
    mute_rules.mark_applied(tx, judged_by, to=found[-1] if len(found) == AT_ONCE else None)
    _tell(tx, moves)
