"""The door of issues: observe what examinations found, list, and let people move an issue.

Functions that change issues return `Move`s; the flow that called writes the events. Cluster time comes in, server time is kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from optral.detectors import fingerprint
from optral.detectors.finding import Examination, Finding
from optral.issues import grouping, history, listing, model, mutes, relations, relations_repository, renaming, repository, triage_repository
from optral.issues.model import Activity, Condition, Issue, IssueFilter, Move, Resolution, State, Status, SwitchedOff
from optral.issues.mutes import MuteRule
from optral.kit.paging import PageRequest, Place
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import NotFound
from optral.terms.refs import ObjectRef

DEFAULT_RESOLVE_AFTER_S = 120
Key = tuple[str, str]  # uid and fingerprint (or type)
NOT_BEFORE = timedelta(seconds=30)  # the next look at something that should have ended and did not: time must never spin
_LINES_OF_THEIR_OWN = frozenset({"count", "snooze", "mute_rule_id"})
_SORTS = {"detectedAt": "detected_at", "lastSeenAt": "last_seen_at", "": "detected_at"}


class ObservedCluster(Protocol):
    """What observing needs to know of a cluster; `clock_offset` is cluster minus server."""

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
    resolve_after_s: Callable[[str], int] = lambda _type: DEFAULT_RESOLVE_AFTER_S,
    switched_off: Callable[[Condition], SwitchedOff | None] = lambda _condition: None,
) -> list[Move]:
    """Compare what the examined objects show with what is stored; open, update and resolve issues. Only examined objects are judged.

    `now` is the server's time; `synced_at` that of the cluster's first whole inventory, None while this is the first look: an issue whose
    trouble began before is preexisting, also when its debounce ends or its Events arrive a little later. `exists` tells whether a subject
    is still in the inventory (it decides how a resolution is called). `switched_off` is asked about what is found no more: where nobody
    looks for its type it did not recover, and ends at once.
    With nothing found and nothing stored this is one indexed query.
    """
    found = _found(cluster, examination.findings, resolve_after_s)
    examined = examination.examined | {uid for uid, _ in found}
    if not examined:
        return []
    renaming.bring_up(tx, cluster.id, examination.findings)
    stored = {(c.uid, c.fingerprint): c for c in repository.conditions_of(tx, cluster.id, examined)}
    _keep_onsets(cluster, examination.findings, found, stored, news_at=now if synced_at is not None else None)
    if examination.look_again:
        repository.save_looks(tx, cluster.id, _looks(cluster, examination, found, now=now))
    if not found and not stored:
        return []
    observation = _Observation(tx, cluster.id, now=now, synced_at=synced_at, exists=exists, switched_off=switched_off)
    return observation.run(stored, found, examination.unjudged)


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
    news_at: datetime | None,
) -> None:
    """A state whose object does not tell its onset for sure has lasted since the first look that saw it.

    `news_at` is that look where it is news; None in the first inventory, of which the objects have the only word.
    """
    for finding in findings:
        key = (finding.shown_by.uid, fingerprint.compute(cluster.id, finding))
        if not finding.is_onset_unknown or key not in found:
            continue
        known, guessed = stored.get(key), found[key]
        if known is not None and known.is_alive:
            found[key] = replace(guessed, since=known.since, opens_at=known.opens_at)
        elif news_at is not None and guessed.since < news_at:
            found[key] = replace(guessed, since=news_at, opens_at=news_at + (guessed.opens_at - guessed.since))


def _looks(cluster: ObservedCluster, examination: Examination, found: Mapping[Key, Condition], *, now: datetime) -> dict[str, datetime]:
    """When to look again at what its own conditions will not bring back by then: they know when they are due."""
    due: dict[str, datetime] = {}
    for (uid, _), condition in found.items():
        for moment in (condition.opens_at, condition.expires_at):
            if moment is not None and moment > now:
                due[uid] = min(moment, due.get(uid, moment))
    looks = {uid: at - cluster.clock_offset for uid, at in examination.look_again.items()}
    unsure = {uid for uid, _ in examination.unjudged}
    return {uid: at for uid, at in looks.items() if uid in unsure or uid not in due or at < due[uid]}


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
        suspects=relations.suspects_to_json(finding.suspects),
    )


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as a database gives them back, so that what did not change compares equal; without NUL, which PostgreSQL refuses."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(facts).replace(b"\\u0000", b""))
    return plain


class _Observation:
    """One observation on its way into rows."""

    def __init__(
        self,
        tx: Transaction,
        cluster_id: str,
        *,
        now: datetime,
        synced_at: datetime | None,
        exists: Callable[[ObjectRef], bool] | None,
        switched_off: Callable[[Condition], SwitchedOff | None],
    ) -> None:
        self._tx, self._cluster_id, self._now, self._exists = tx, cluster_id, now, exists
        self._switched_off = switched_off
        self._off: dict[Key, SwitchedOff] = {}  # conditions that end because nobody looks for their type any more
        self._synced_at = synced_at
        self._changed: dict[Key, Condition] = {}
        self._dropped: dict[Key, Condition] = {}
        self._happenings: dict[str, int] = {}
        self._stirred: set[str] = set()  # fingerprints whose issue must be looked at
        self._unmoved: set[str] = set()  # issues whose conditions merely go on
        self._moves: list[Move] = []
        self._inserts: list[Issue] = []
        self._updates: list[Issue] = []
        self._activity: list[Activity] = []
        self._rules: list[MuteRule] | None = None

    def run(
        self,
        stored: Mapping[Key, Condition],
        found: Mapping[Key, Condition],
        unjudged: frozenset[Key],
    ) -> list[Move]:
        renamed = {(condition.uid, condition.part) for condition in found.values() if condition.part is not None}
        for key in stored.keys() | found.keys():
            known = stored.get(key)
            if known is not None and key not in found and (known.uid, known.part) in renamed:
                known = replace(known, resolve_after_s=0)  # the same trouble under its better name: no need to watch the old one fade
            self._compare(key, known, found.get(key), unjudged)
        if self._stirred:
            self._settle(stored)
        repository.delete_conditions(self._tx, list(self._dropped.values()))
        repository.save_conditions(self._tx, list(self._changed.values()))
        repository.insert(self._tx, self._inserts)
        repository.update(self._tx, self._updates)
        repository.touch(self._tx, self._unmoved - {issue.id for issue in self._updates}, now=self._now, before=self._now - model.QUIET)
        repository.add_activity(self._tx, self._activity)
        return self._moves

    def _compare(self, key: tuple[str, str], known: Condition | None, found: Condition | None, unjudged: frozenset[Key]) -> None:
        happenings = 0
        if found is not None:
            after, happenings = model.shown(known, found, now=self._now)
        elif known is None or (known.uid, known.type) in unjudged:
            if known is not None and known.due_at is not None and known.due_at <= self._now:
                self._changed[key] = replace(known, due_at=self._now + NOT_BEFORE)
            return  # a detector that failed says nothing about what it said before
        else:
            off = self._switched_off(known) if known.is_alive and not self._is_gone([known]) else None
            if off is not None:
                self._off[key] = off
                known = replace(known, resolve_after_s=0)
            after = model.absent(known, now=self._now)
        if after is None and known is not None:
            self._dropped[key] = known
        elif after is not None and (known is None or after != known):
            self._changed[key] = after
        elif known is not None and known.issue_id and known.state is State.OPEN:
            self._unmoved.add(known.issue_id)
        is_due = known is not None and known.due_at is not None and known.due_at <= self._now
        if after != known or is_due:
            self._stirred.add(key[1])
            self._happenings[key[1]] = self._happenings.get(key[1], 0) + happenings

    def _settle(self, stored: Mapping[Key, Condition]) -> None:
        groups: dict[str, dict[Key, Condition]] = {mark: {} for mark in self._stirred}
        for condition in repository.conditions_with(self._tx, self._cluster_id, self._stirred):
            groups[condition.fingerprint][(condition.uid, condition.fingerprint)] = condition
        for key, condition in self._changed.items():
            groups[key[1]][key] = condition
        for key in self._dropped:
            groups[key[1]].pop(key, None)
        known = repository.issues_with(self._tx, self._cluster_id, self._stirred)
        seen: list[tuple[Issue | None, list[Condition]]] = []
        for mark in sorted(self._stirred):
            issue = self._judge(list(groups[mark].values()), known.get(mark), self._happenings.get(mark, 0), stored, mark)
            if issue is not None and issue.resolution == Resolution.DETECTOR_DISABLED:
                self._forget(groups[mark])
            seen.append((issue, list(groups[mark].values())))
            self._schedule(groups[mark], issue)
        grouping.save_failures(self._tx, self._cluster_id, seen)

    def _judge(
        self,
        conditions: Sequence[Condition],
        issue: Issue | None,
        happenings: int,
        stored: Mapping[Key, Condition],
        mark: str,
    ) -> Issue | None:
        standing = [c for c in conditions if c.state in (State.OPEN, State.FADING)]
        if issue is not None and issue.status is not Status.RESOLVED:
            if any(c.is_alive for c in conditions):
                return self._move(issue, model.followed(issue, standing, happenings=happenings, now=self._now))
            why = self._why(conditions, stored, mark)
            off = next((off for (_, of), off in self._off.items() if of == mark), None) if why is not Resolution.RESOURCE_DELETED else None
            return self._resolve(issue, Resolution.DETECTOR_DISABLED if off is not None else why, off)
        if not happenings:
            return issue  # resolved by hand holds while the same occurrence lasts
        if issue is not None and issue.resolved_at is not None and self._now - issue.resolved_at <= model.REOPEN_WITHIN:
            again = model.reopened(issue, now=self._now)
            after = replace(model.followed(again, standing, happenings=happenings, now=self._now), substatus=again.substatus)
            return self._move(issue, self._mute(after), action="reopened")
        return self._open(standing, happenings, issue)

    def _open(self, standing: Sequence[Condition], happenings: int, previous: Issue | None) -> Issue:
        issue = model.opened(
            standing,
            id=ids.new("iss"),
            org_id=self._tx.org_id,
            happenings=happenings,
            now=self._now,
            preexisting=model.is_preexisting(standing, synced_at=self._synced_at),
            previous=previous,
        )
        self._activity.append(history.line(self._tx, issue, "opened", {}))
        issue = self._mute(issue)
        self._inserts.append(issue)
        self._moves.append(Move("created", issue, {}, "opened"))
        return issue

    def _mute(self, issue: Issue) -> Issue:
        """The issue as the mute rules have it; they are asked when it opens and when it comes back."""
        if self._rules is None:
            self._rules = triage_repository.rules_in_force(self._tx, mutes.MAX_RULES)
        by = mutes.first_fitting(self._rules, issue)
        if (row := history.muted(self._tx, issue, by)) is not None:
            self._activity.append(row)
        return replace(issue, mute_rule_id=by)

    def _rouse(self, issue: Issue) -> Issue:
        """The issue without its snooze, when what just happened ends it."""
        after, why = model.roused(issue, now=self._now)
        if why is not None and issue.snooze is not None:
            self._activity.append(history.line(self._tx, after, "woke", {"why": why, "snooze": [issue.snooze.plain(), None]}))
        return after

    def _move(self, before: Issue, after: Issue, *, action: str = "updated") -> Issue:
        after, changes = model.told(before, self._rouse(after), now=self._now)
        if after == before:
            return before
        self._updates.append(after)
        if changes:
            self._moves.append(Move("updated", after, changes, action))
        if visible := {name: list(change) for name, change in changes.items() if name not in _LINES_OF_THEIR_OWN}:
            self._activity.append(history.line(self._tx, after, action, visible))
        return after

    def _resolve(self, issue: Issue, why: Resolution, off: SwitchedOff | None) -> Issue:
        by = off.by if off is not None and off.by is not None else "system"
        after, changes = model.told(issue, model.resolved(issue, why, by=by, now=self._now), now=self._now)
        self._updates.append(after)
        self._moves.append(Move("resolved", after, changes, "resolved"))
        if off is not None:
            self._activity.append(history.switched_off(self._tx, after, off, why.value))
        else:
            self._activity.append(history.line(self._tx, after, "resolved", {"resolution": why.value}))
        return after

    def _forget(self, group: dict[Key, Condition]) -> None:
        """What ended only because nobody looks is not remembered as over: switched on again, what still shows counts again."""
        for key in self._off.keys() & group.keys():
            del group[key]
            self._dropped[key] = self._changed.pop(key)

    def _is_gone(self, ended: Sequence[Condition]) -> bool:
        return self._exists is not None and bool(ended) and not any(self._exists(c.subject) for c in ended)

    def _why(self, conditions: Sequence[Condition], stored: Mapping[Key, Condition], mark: str) -> Resolution:
        ended = [c for (_, of), c in self._dropped.items() if of == mark] + list(conditions)
        if self._is_gone(ended):
            return Resolution.RESOURCE_DELETED
        others = {key: c for key, c in {**stored, **self._changed}.items() if key not in self._dropped}
        parts = {(c.uid, c.part) for c in ended}
        if any((c.uid, c.part) in parts and c.state is State.OPEN and c.fingerprint != mark for c in others.values()):
            return Resolution.SUPERSEDED
        return Resolution.RECOVERED

    def _schedule(self, group: Mapping[Key, Condition], issue: Issue | None) -> None:
        """Give every condition of the group its issue and its next due time; save those that differ."""
        for key, condition in group.items():
            issue_id = issue.id if issue is not None and condition.state in (State.OPEN, State.FADING) else condition.issue_id
            due_at = model.due_at(condition, issue)
            if due_at is not None and due_at <= self._now:
                due_at = self._now + NOT_BEFORE
            if (issue_id, due_at) != (condition.issue_id, condition.due_at):
                self._changed[key] = replace(condition, issue_id=issue_id, due_at=due_at)


# --- time


def due(tx: Transaction, cluster_id: str, *, now: datetime, limit: int = 500) -> list[ObjectRef]:
    """Objects of a cluster about which time alone has decided something by `now`: look at them again.

    Only the uid of a reference is certain; kind and name are known for objects that showed something before.
    """
    uids = dict.fromkeys(repository.due(tx, cluster_id, now, limit))
    if not uids:
        return []
    known = {c.uid: c.shown_by for c in repository.conditions_of(tx, cluster_id, uids)}
    return [known.get(uid) or ObjectRef("", None, "", uid) for uid in uids]


def looked(tx: Transaction, cluster_id: str, *, now: datetime, limit: int = 500) -> None:
    """Take back the looks that were due by `now`; call before `observe`, which sets new ones."""
    repository.delete_looks(tx, cluster_id, repository.due_looks(tx, cluster_id, now, limit))


def postpone(tx: Transaction, cluster_id: str, refs: Iterable[ObjectRef], *, until: datetime) -> None:
    """Leave what these objects showed as it is until then: they cannot be seen now."""
    repository.postpone(tx, cluster_id, [ref.uid for ref in refs], until)


def next_due(tx: Transaction, cluster_id: str) -> datetime | None:
    """When the next look at the cluster is due (server time); None when nothing waits."""
    found: datetime | None = repository.next_due(tx, cluster_id)
    return found


def uids(tx: Transaction, cluster_id: str) -> list[tuple[str, str]]:
    """(uid, kind id) of every object of the cluster that issues stand on or remember."""
    return repository.uids(tx, cluster_id)


# --- ends


def resolve_cluster(tx: Transaction, cluster_id: str, reason: str = "cluster_deleted") -> list[Move]:
    """Resolve every open issue of a cluster and forget what its objects showed."""
    moves: list[Move] = []
    while batch := repository.live_of(tx, cluster_id, 500):
        for issue in batch:
            after, changes = model.told(issue, model.resolved(issue, Resolution(reason), by=tx.actor.id, now=tx.now), now=tx.now)
            moves.append(Move("resolved", after, changes, "resolved"))
        repository.update(tx, [move.issue for move in moves[-len(batch) :]])
    repository.add_activity(tx, [history.line(tx, move.issue, "resolved", {"resolution": reason}) for move in moves])
    repository.forget_cluster(tx, cluster_id)
    relations_repository.forget_cluster(tx, cluster_id)
    return moves


def mark_analysed(tx: Transaction, issue_id: str) -> None:
    """There is a (new) answer to why; whoever holds the issue has an old version of it now."""
    repository.mark_analysed(tx, issue_id)


# --- reading


def get(tx: Transaction, issue_id: str) -> Issue:
    """The issue. Raises `NotFound` for none, another organisation's, and one in a cluster the actor's key may not see."""
    issue = repository.get(tx, issue_id)
    if issue is None or not tx.actor.may_see(issue.cluster_id):
        raise NotFound("issue_not_found", say=f"there is no issue {issue_id}")
    return issue


def find_one(tx: Transaction, issue_id: str) -> Issue | None:
    """The issue, or None where `get` would raise."""
    issue = repository.get(tx, issue_id)
    return issue if issue is not None and tx.actor.may_see(issue.cluster_id) else None


def find(tx: Transaction, wanted: IssueFilter, page: PageRequest) -> list[Issue]:
    """A page of the issues the actor may see, newest first unless the page says otherwise."""
    allowed = _allowed(tx, wanted)
    page = replace(page, sort=_SORTS.get(page.sort, page.sort))
    return [] if allowed is None else listing.find(tx, allowed, page)


def place(issue: Issue, sort: str) -> Place:
    """Where a page that ends with this issue goes on."""
    values: dict[str, Any] = {
        "detected_at": issue.detected_at,
        "last_seen_at": issue.last_seen_at,
        "severity": issue.severity.rank,
        "status": issue.status.rank,
    }
    return Place(values[_SORTS.get(sort, sort)], issue.id)


def count(tx: Transaction, wanted: IssueFilter) -> int:
    allowed = _allowed(tx, wanted)
    return 0 if allowed is None else listing.count(tx, allowed)


def facets(tx: Transaction, wanted: IssueFilter) -> dict[str, dict[str, int]]:
    """How many issues of the filter have each value of each of `listing.FACET_NAMES`; the 100 commonest values of each."""
    allowed = _allowed(tx, wanted)
    return {} if allowed is None else listing.facets(tx, allowed)


def activity(tx: Transaction, issue_id: str, page: PageRequest | None = None) -> list[Activity]:
    """Every transition of an issue, by time; oldest first and all of them unless the page says otherwise. Raises `NotFound`."""
    get(tx, issue_id)
    return repository.activity(tx, issue_id, page)


def count_activity(tx: Transaction, issue_id: str) -> int:
    return repository.count_activity(tx, issue_id)


def note(tx: Transaction, issue_id: str, action: str, detail: Mapping[str, Any]) -> None:
    """Add a line to the history of an issue that is no transition, such as a runbook that ran for it; nothing for one that is gone."""
    if (issue := repository.get(tx, issue_id)) is not None:
        repository.add_activity(tx, [history.line(tx, issue, action, detail)])


def conditions(tx: Transaction, issue_id: str) -> list[Condition]:
    """What its objects show now, also while it is not yet or no longer enough for an issue. Raises `NotFound`."""
    issue = get(tx, issue_id)
    return repository.conditions_with(tx, issue.cluster_id, [issue.fingerprint])


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` issues resolved before that moment, of all organisations; how many."""
    return repository.delete_old(tx, before, limit)


def _allowed(tx: Transaction, wanted: IssueFilter) -> IssueFilter | None:
    if tx.actor.clusters is None:
        return wanted
    clusters = frozenset(str(c) for c in tx.actor.clusters if not wanted.clusters or c in wanted.clusters)
    return replace(wanted, clusters=clusters) if clusters else None
