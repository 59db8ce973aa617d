"""Observe: compare the findings of an examination with the stored conditions, and open, update and resolve issues.

The functions return `Move`s; the flow that called writes the events. Findings are in cluster time, stored values in server time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from optral.detectors import fingerprint
from optral.detectors.detector import RESOLVE_AFTER_S
from optral.detectors.finding import Examination, Finding
from optral.issues import history, repository
from optral.issues.lifecycle import conditions as life, grouping, lifecycle, relations, renaming
from optral.issues.model import Activity, Condition, Issue, Move, Resolution, State, Status, SwitchedOff
from optral.issues.triage import mutes, triage_repository
from optral.issues.triage.mutes import MuteRule
from optral.kube.log_reports import SIGNS_OF
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.refs import ObjectRef

Key = tuple[str, str]  # uid and fingerprint (or type)
NOT_BEFORE = timedelta(seconds=30)  # the next examination of something that should have ended and has not: time must never spin
UNKNOWN_FOR = timedelta(seconds=60)  # the next examination of something that may have ended
ONE_FAILURE = frozenset(
    {"CrashLoopBackOff", "LifecycleHookFailed", "LivenessProbeFailed", "ReadinessProbeFailed", "StartupProbeFailed", *SIGNS_OF}
)
"""Types that show one failure of a container at different moments: the issue goes on when one follows another."""
_NOT_RECORDED = frozenset({"count", "impact", "snooze", "mute_rule_id", "resource"})
"""Changes without an entry "updated" in the history: some have entries of their own, and replicas fail in turn at every restart."""


TeamOf = Callable[[ObjectRef], tuple[str, str] | None]
"""The team that owns an object, and what decided it; None: nobody."""


class ObservedCluster(Protocol):
    """The cluster of an observation; `clock_offset` is cluster time minus server time."""

    @property
    def id(self) -> str: ...

    @property
    def clock_offset(self) -> timedelta: ...


def observe(
    tx: Transaction,
    cluster: ObservedCluster,
    examination: Examination,
    *,
    now: datetime,
    synced_at: datetime | None,
    exists: Callable[[ObjectRef], bool] | None = None,
    resolve_after_s: Callable[[str], int] = lambda _type: RESOLVE_AFTER_S,
    switched_off: Callable[[Condition], SwitchedOff | None] = lambda _condition: None,
    is_known: Callable[[Condition], bool] = lambda _condition: True,
    team_of: TeamOf = lambda _subject: None,
) -> list[Move]:
    """Compare the findings of the examined objects with what is stored; open, update and resolve issues. Other objects are not affected.

    `now` is server time. `synced_at` is the time of the first complete inventory of the cluster, None before that: an issue whose failure
    began earlier is preexisting, even if its debounce ends or its Events arrive a little later. `exists` returns whether a subject is still
    in the inventory (this decides the resolution). `switched_off` is called for conditions that are no longer found: if their type is
    switched off, they have not recovered, and end at once. `is_known` is called for the others: if it is not known whether they have
    ended, they stay as they are and are examined again after a minute. `team_of` is called for the subjects of issues that open.
    Without findings and stored conditions this is one indexed query.
    """
    found = _found(cluster, examination.findings, resolve_after_s)
    examined = examination.examined | {uid for uid, _ in found}
    if not examined and not examination.look_again:
        return []
    renaming.update_fingerprints(tx, cluster.id, examination.findings)
    stored = {(c.uid, c.fingerprint): c for c in repository.conditions_of(tx, cluster.id, examined)}
    _keep_onsets(cluster, examination.findings, found, stored, first_seen_at=now if synced_at is not None else None)
    looks = _looks(cluster, examination, found, now=now) if examination.look_again else {}
    if not found and not stored:
        repository.save_looks(tx, cluster.id, looks)
        return []
    observation = _Observation(
        tx, cluster.id, now=now, synced_at=synced_at, exists=exists, switched_off=switched_off, is_known=is_known, team_of=team_of
    )
    return observation.run(stored, found, examination.unexamined, looks)


def _found(cluster: ObservedCluster, findings: Iterable[Finding], resolve_after_s: Callable[[str], int]) -> dict[Key, Condition]:
    found: dict[Key, Condition] = {}
    for finding in findings:
        condition = _condition(cluster, finding, finding.resolve_after_s or resolve_after_s(finding.type))
        key = (condition.uid, condition.fingerprint)
        known = found.get(key)
        if known is None or (condition.severity.rank, condition.since) > (known.severity.rank, known.since):
            found[key] = condition
    return found


def _keep_onsets(
    cluster: ObservedCluster,
    findings: Iterable[Finding],
    found: dict[Key, Condition],
    stored: Mapping[Key, Condition],
    *,
    first_seen_at: datetime | None,
) -> None:
    """A state whose object does not record its onset has lasted since the first examination that found it.

    `first_seen_at` is the time of this examination; None in the first inventory, where the estimate of the detector is all there is.
    """
    for finding in findings:
        key = (finding.shown_by.uid, fingerprint.compute(cluster.id, finding))
        if not finding.is_onset_unknown or key not in found:
            continue
        known, estimated = stored.get(key), found[key]
        if known is not None and known.is_alive:
            found[key] = replace(estimated, since=known.since, opens_at=known.opens_at)
        elif first_seen_at is not None and estimated.since < first_seen_at:
            found[key] = replace(estimated, since=first_seen_at, opens_at=first_seen_at + (estimated.opens_at - estimated.since))


def _looks(cluster: ObservedCluster, examination: Examination, found: Mapping[Key, Condition], *, now: datetime) -> dict[str, datetime]:
    """When to examine objects again that their own conditions do not bring back earlier."""
    due: dict[str, datetime] = {}
    for (uid, _), condition in found.items():
        for moment in (condition.opens_at, condition.expires_at):
            if moment is not None and moment > now:
                due[uid] = min(moment, due.get(uid, moment))
    looks = {uid: at - cluster.clock_offset for uid, at in examination.look_again.items()}
    unknown = {uid for uid, _ in examination.unexamined}
    return {uid: at for uid, at in looks.items() if uid in unknown or uid not in due or at < due[uid]}


def _condition(cluster: ObservedCluster, finding: Finding, resolve_after_s: int) -> Condition:
    shown_by, subject, offset = finding.shown_by, finding.subject, cluster.clock_offset
    return Condition(
        cluster_id=cluster.id,
        uid=shown_by.uid or f"{shown_by.kind}/{shown_by.namespace or ''}/{shown_by.name}"[:255],
        fingerprint=fingerprint.compute(cluster.id, finding),
        type=finding.type,
        kind=shown_by.kind[:128],
        namespace=shown_by.namespace or None,
        name=shown_by.name,
        subject_kind=subject.kind[:128],
        subject_namespace=subject.namespace or None,
        subject_name=subject.name,
        part=finding.part,
        severity=finding.severity,
        title=finding.title.replace("\x00", ""),
        category=finding.category,
        since=finding.since - offset,
        opens_at=finding.opens_at - offset,
        expires_at=None if finding.expires_at is None else finding.expires_at - offset,
        occurrence=None if finding.occurrence is None else finding.occurrence[:255],
        resolve_after_s=resolve_after_s,
        facts=_plain(finding.facts),
        impact=finding.impact.plain(),
        suspects=relations.suspects_to_json(finding.suspects),
    )


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as a database returns them, so that unchanged facts compare equal; without NUL, which PostgreSQL rejects."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(facts).replace(b"\\u0000", b""))
    return plain


class _Observation:
    """One observation, until its changes are stored."""

    def __init__(
        self,
        tx: Transaction,
        cluster_id: str,
        *,
        now: datetime,
        synced_at: datetime | None,
        exists: Callable[[ObjectRef], bool] | None,
        switched_off: Callable[[Condition], SwitchedOff | None],
        is_known: Callable[[Condition], bool],
        team_of: TeamOf,
    ) -> None:
        self._tx, self._cluster_id, self._now, self._exists = tx, cluster_id, now, exists
        self._switched_off, self._is_known, self._team_of = switched_off, is_known, team_of
        self._off: dict[Key, SwitchedOff] = {}  # conditions that end because their type is switched off
        self._synced_at = synced_at
        self._unknown: set[str] = set()  # uids of objects with conditions of which it is not known whether they have ended
        self._changed: dict[Key, Condition] = {}
        self._deleted: dict[Key, Condition] = {}
        self._occurrences: dict[str, int] = {}
        self._affected: set[str] = set()  # fingerprints whose issue may change
        self._unchanged: set[str] = set()  # issues whose conditions only continue
        self._moves: list[Move] = []
        self._inserts: list[Issue] = []
        self._updates: list[Issue] = []
        self._activity: list[Activity] = []
        self._rules: list[MuteRule] | None = None

    def run(
        self,
        stored: Mapping[Key, Condition],
        found: Mapping[Key, Condition],
        unexamined: frozenset[Key],
        looks: Mapping[str, datetime],
    ) -> list[Move]:
        renamed = {(one.uid, one.part) for key, one in found.items() if one.part is not None and self._counts(one, stored.get(key))}
        for key in stored.keys() | found.keys():
            known = stored.get(key)
            if known is not None and key not in found and (known.uid, known.part) in renamed:
                known = replace(known, resolve_after_s=0)  # the same failure with a better name: the old one ends at once
            self._compare(key, known, found.get(key), unexamined)
        self._save_looks(looks)
        if self._affected:
            self._update_issues(stored)
        repository.delete_conditions(self._tx, list(self._deleted.values()))
        repository.save_conditions(self._tx, list(self._changed.values()))
        repository.insert(self._tx, self._inserts)
        repository.update(self._tx, self._updates)
        repository.touch(
            self._tx, self._unchanged - {issue.id for issue in self._updates}, now=self._now, before=self._now - lifecycle.QUIET
        )
        repository.add_activity(self._tx, self._activity)
        return self._moves

    def _counts(self, found: Condition, known: Condition | None) -> bool:
        """Whether it is past its debounce."""
        return found.opens_at <= self._now or (known is not None and known.state in (State.OPEN, State.FADING))

    def _compare(self, key: tuple[str, str], known: Condition | None, found: Condition | None, unexamined: frozenset[Key]) -> None:
        occurrences = 0
        if found is not None:
            after, occurrences = life.confirm(known, found, now=self._now)
        elif known is None or (known.uid, known.type) in unexamined:
            if known is not None and self._is_due(known):
                self._changed[key] = replace(known, due_at=self._now + NOT_BEFORE)
            return  # a detector that raised changes none of its earlier findings
        elif (missed := self._missed(key, known)) is None:
            self._keep(key, known)
            return
        else:
            known, after = missed, life.miss(missed, now=self._now)
        self._record(key, known, after)
        if after != known or self._is_due(known):
            self._affected.add(key[1])
            self._occurrences[key[1]] = self._occurrences.get(key[1], 0) + occurrences

    def _missed(self, key: tuple[str, str], known: Condition) -> Condition | None:
        """The condition that has no finding any more, which ends at once if its detector was switched off; None while it may hold."""
        is_there = known.is_alive and not self._is_gone([known])
        off = self._switched_off(known) if is_there else None
        if off is not None:
            self._off[key] = off
            return replace(known, resolve_after_s=0)
        return None if is_there and self._may_hold(known) else known

    def _record(self, key: tuple[str, str], known: Condition | None, after: Condition | None) -> None:
        if after is None and known is not None:
            self._deleted[key] = known
        elif after is not None and after != known:
            self._changed[key] = after
        elif known is not None and known.issue_id and known.state is State.OPEN:
            self._unchanged.add(known.issue_id)

    def _is_due(self, known: Condition | None) -> bool:
        return known is not None and known.due_at is not None and known.due_at <= self._now

    def _may_hold(self, known: Condition) -> bool:
        """Whether it counts, and too little is known to end it; not when it has got a better name."""
        return known.state in (State.OPEN, State.FADING) and known.resolve_after_s > 0 and not self._is_known(known)

    def _keep(self, key: Key, known: Condition) -> None:
        """Leave a condition as it is, and have its object examined again."""
        self._unknown.add(known.uid)
        if known.due_at is not None and known.due_at <= self._now:
            self._changed[key] = replace(known, due_at=self._now + UNKNOWN_FOR)

    def _save_looks(self, looks: Mapping[str, datetime]) -> None:
        latest = self._now + UNKNOWN_FOR
        unknown = {uid: min(latest, looks.get(uid, latest)) for uid in self._unknown}
        repository.save_looks(self._tx, self._cluster_id, {**looks, **unknown})

    def _update_issues(self, stored: Mapping[Key, Condition]) -> None:
        groups: dict[str, dict[Key, Condition]] = {mark: {} for mark in self._affected}
        for condition in repository.conditions_with(self._tx, self._cluster_id, self._affected):
            groups[condition.fingerprint][(condition.uid, condition.fingerprint)] = condition
        for key, condition in self._changed.items():
            if key[1] in groups:
                groups[key[1]][key] = condition
        for key in self._deleted:
            groups[key[1]].pop(key, None)
        known = self._followed(repository.issues_with(self._tx, self._cluster_id, self._affected), groups)
        seen: list[tuple[Issue | None, list[Condition]]] = []
        for mark in sorted(self._affected):
            issue = self._update_issue(list(groups[mark].values()), known.get(mark), self._occurrences.get(mark, 0), stored, mark)
            if issue is not None and issue.resolution == Resolution.DETECTOR_DISABLED:
                self._forget(groups[mark])
            seen.append((issue, list(groups[mark].values())))
            self._schedule(groups[mark], issue)
        grouping.save_failures(self._tx, self._cluster_id, seen)

    def _followed(self, known: Mapping[str, Issue], groups: Mapping[str, Mapping[Key, Condition]]) -> dict[str, Issue]:
        """The issue of each fingerprint. An open one of `ONE_FAILURE` whose conditions have ended is that of the type that follows it on
        its container, if that one has no open issue of its own.
        """
        issues = dict(known)
        ended = self._ended_failures(known, groups)
        for mark in sorted(groups):
            own = known.get(mark)
            lead = next((one for one in groups[mark].values() if one.state is State.OPEN and one.type in ONE_FAILURE), None)
            if lead is not None and self._occurrences.get(mark) and (own is None or own.status is Status.RESOLVED):
                place = (lead.subject_kind.partition(".")[0], lead.namespace, lead.subject_name, lead.part)
                if (before := ended.pop(place, None)) is not None:
                    issues[mark] = issues.pop(before)
        return issues

    def _ended_failures(
        self, known: Mapping[str, Issue], groups: Mapping[str, Mapping[Key, Condition]]
    ) -> dict[tuple[str, str | None, str, str | None], str]:
        """By container, the fingerprint of its open issue of `ONE_FAILURE` whose conditions have ended, but not with their detector."""
        switched_off = {mark for _, mark in self._off}
        return {
            _place_of(issue): mark
            for mark, issue in known.items()
            if issue.status is not Status.RESOLVED
            and issue.type in ONE_FAILURE
            and mark not in switched_off
            and not any(condition.is_alive for condition in groups[mark].values())
        }

    def _update_issue(
        self,
        conditions: Sequence[Condition],
        issue: Issue | None,
        occurrences: int,
        stored: Mapping[Key, Condition],
        mark: str,
    ) -> Issue | None:
        counting = [c for c in conditions if c.state in (State.OPEN, State.FADING)]
        if issue is not None and issue.status is not Status.RESOLVED:
            if not any(c.is_alive for c in conditions):
                return self._end(issue, self._resolution(conditions, stored, mark), mark)
            after = lifecycle.update(issue, counting, occurrences=occurrences, now=self._now)
            return self._move(issue, after if after.type == issue.type else self._mute(after))
        if not occurrences:
            return issue  # an issue resolved by hand stays resolved while the same occurrence lasts
        if issue is not None and issue.resolved_at is not None and self._now - issue.resolved_at <= lifecycle.REOPEN_WITHIN:
            reopened = lifecycle.reopen(issue, now=self._now)
            after = lifecycle.update(reopened, counting, occurrences=occurrences, now=self._now)
            after = replace(after, substatus=reopened.substatus)
            return self._move(issue, self._mute(self._owned(after, counting)), action="reopened")
        return self._open(counting, occurrences, issue)

    def _end(self, issue: Issue, resolution: Resolution, mark: str) -> Issue:
        off = None if resolution is Resolution.RESOURCE_DELETED else next((off for (_, of), off in self._off.items() if of == mark), None)
        return self._resolve(issue, resolution if off is None else Resolution.DETECTOR_DISABLED, off)

    def _open(self, counting: Sequence[Condition], occurrences: int, previous: Issue | None) -> Issue:
        issue = lifecycle.open_issue(
            counting,
            id=ids.new("iss"),
            org_id=self._tx.org_id,
            occurrences=occurrences,
            now=self._now,
            preexisting=lifecycle.is_preexisting(counting, synced_at=self._synced_at),
            previous=previous,
        )
        issue = self._owned(issue, counting)
        self._activity.append(history.line(self._tx, issue, "opened", {}))
        issue = self._mute(issue)
        self._inserts.append(issue)
        self._moves.append(Move("created", issue, {}, "opened"))
        return issue

    def _owned(self, issue: Issue, conditions: Sequence[Condition]) -> Issue:
        """The issue with the team that owns its subject now."""
        team, reason = self._team_of(conditions[0].subject) or (None, None)
        return replace(issue, team=team, team_reason=reason)

    def _mute(self, issue: Issue) -> Issue:
        """The issue with the mute rules applied, when it opens or reopens."""
        if self._rules is None:
            self._rules = triage_repository.rules_in_force(self._tx, mutes.MAX_RULES)
        by = mutes.first_match(self._rules, issue)
        if (row := history.muted(self._tx, issue, by)) is not None:
            self._activity.append(row)
        return replace(issue, mute_rule_id=by)

    def _end_snooze(self, issue: Issue) -> Issue:
        """The issue without its snooze, if this change ends it."""
        after, why = lifecycle.end_snooze(issue, now=self._now)
        if why is not None and issue.snooze is not None:
            self._activity.append(history.line(self._tx, after, "woke", {"why": why, "snooze": [issue.snooze.plain(), None]}))
        return after

    def _move(self, before: Issue, after: Issue, *, action: str = "updated") -> Issue:
        after, changes = lifecycle.publish(before, self._end_snooze(after), now=self._now)
        if after == before:
            return before
        self._updates.append(after)
        if changes:
            self._moves.append(Move("updated", after, changes, action))
        if visible := {name: list(change) for name, change in changes.items() if name not in _NOT_RECORDED}:
            self._activity.append(history.line(self._tx, after, action, visible))
        return after

    def _resolve(self, issue: Issue, why: Resolution, off: SwitchedOff | None) -> Issue:
        by = off.by if off is not None and off.by is not None else "system"
        after, changes = lifecycle.publish(issue, lifecycle.resolve(issue, why, by=by, now=self._now), now=self._now)
        self._updates.append(after)
        self._moves.append(Move("resolved", after, changes, "resolved"))
        if off is not None:
            self._activity.append(history.switched_off(self._tx, after, off, why.value))
        else:
            self._activity.append(history.line(self._tx, after, "resolved", {"resolution": why.value}))
        return after

    def _forget(self, group: dict[Key, Condition]) -> None:
        """Delete the conditions that ended because their type is switched off: when it is switched on again, they count again."""
        for key in self._off.keys() & group.keys():
            del group[key]
            self._deleted[key] = self._changed.pop(key)

    def _is_gone(self, ended: Sequence[Condition]) -> bool:
        return self._exists is not None and bool(ended) and not any(self._exists(c.subject) for c in ended)

    def _resolution(self, conditions: Sequence[Condition], stored: Mapping[Key, Condition], mark: str) -> Resolution:
        ended = [c for (_, of), c in self._deleted.items() if of == mark] + list(conditions)
        if self._is_gone(ended):
            return Resolution.RESOURCE_DELETED
        others = {key: c for key, c in {**stored, **self._changed}.items() if key not in self._deleted}
        parts = {(c.uid, c.part) for c in ended}
        if any((c.uid, c.part) in parts and c.state is State.OPEN and c.fingerprint != mark for c in others.values()):
            return Resolution.SUPERSEDED
        return Resolution.RECOVERED

    def _schedule(self, group: Mapping[Key, Condition], issue: Issue | None) -> None:
        """Give every condition of the group its issue and its next due time; save those that differ."""
        for key, condition in group.items():
            issue_id = issue.id if issue is not None and condition.state in (State.OPEN, State.FADING) else condition.issue_id
            due_at = _due_at(condition, issue)
            if due_at is not None and due_at <= self._now:
                due_at = self._now + NOT_BEFORE
            if (issue_id, due_at) != (condition.issue_id, condition.due_at):
                self._changed[key] = replace(condition, issue_id=issue_id, due_at=due_at)


def _place_of(issue: Issue) -> tuple[str, str | None, str, str | None]:
    return issue.owner_kind, issue.namespace, issue.owner_name, issue.container


def _due_at(condition: Condition, issue: Issue | None) -> datetime | None:
    """When time alone may change this condition or its issue."""
    moments = [life.due_at(condition)]
    if condition.state is State.OPEN and issue is not None and issue.status is not Status.RESOLVED:
        moments.append(lifecycle.due_at(issue))
    return min((moment for moment in moments if moment is not None), default=None)
