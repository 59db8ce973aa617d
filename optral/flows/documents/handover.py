"""The handover of a shift: what is open, what opened, was resolved or returned lately, what waits, what ends soon, and what is not seen.

All of it is what the actor may see. The same span of hours looks back at what happened, and ahead at what ends.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from optral.access import people_service as people
from optral.alerts import service as alerts
from optral.analysis import brief, service as analyses
from optral.clusters import service as clusters
from optral.detectors.coverage import Contact, Coverage
from optral.flows import coverage, visible
from optral.flows.documents import change_record, sentences
from optral.flows.documents.document import Document, Fact, Section, name, section
from optral.issues import service as issues
from optral.issues.lists import trends, visible as visible_issues
from optral.issues.model import UNRESOLVED, Issue, IssueFilter, Status
from optral.issues.triage import mute_rules
from optral.kit.durations import in_words
from optral.kit.paging import PageRequest
from optral.kit.words import counted
from optral.runbooks.model import ExecutionFilter, ExecutionStatus
from optral.safeguards import service as safeguards
from optral.store.transaction import Transaction

MOST_EXAMINED = 500  # open issues, for those that returned
MOST_LISTED = 50
HOURS, MOST_HOURS = 8, 168
SILENT = timedelta(hours=24)
_ROOTS = frozenset({"none"})
_CONTACTS = {Contact.LATE: "reports late", Contact.OFFLINE: "is offline", Contact.NEVER: "has never connected"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """`since` and `until`: how far it looks back and ahead. `now_open`: the most urgent ones; `open_total` counts all. `is_cut`: more
    issues were resolved than were compared with a query.
    """

    now: datetime
    since: datetime
    until: datetime
    now_open: Sequence[Issue]
    open_total: int
    opened: Sequence[Issue]
    opened_total: int
    resolved: Sequence[Issue]
    resolved_total: int
    is_cut: bool
    clusters: Mapping[str, str]
    names: Mapping[str, str]
    causes: Mapping[str, str]


def of(tx: Transaction, *, hours: int) -> Document:
    shift = read(tx, timedelta(hours=hours))
    covered = coverage.of(tx)
    span = f"in the last {counted(hours, 'hour')}"
    sections = [
        section(
            "open", "Open now", _open(shift), otherwise=covered.nothing_found("open issue"), more=shift.open_total - len(_first(shift))
        ),
        section(
            "opened",
            f"Opened {span}",
            [line(shift, one, at=one.detected_at) for one in shift.opened],
            otherwise=covered.nothing_found(f"issue that opened {span}"),
            more=shift.opened_total - len(shift.opened),
        ),
        section(
            "resolved",
            f"Resolved {span}",
            [line(shift, one, at=one.resolved_at) for one in shift.resolved],
            otherwise=f"No issue was resolved {span}.",
            more=shift.resolved_total - len(shift.resolved),
        ),
        returned(shift, span),
        _waiting(tx),
        _ending(tx, shift, hours),
        _unseen(tx, covered),
        _covered(covered),
    ]
    return Document(kind="handover", title=f"Handover at {tx.now:%Y-%m-%d %H:%M} UTC", at=tx.now, sections=sections)


def read(tx: Transaction, span: timedelta, *, among: IssueFilter | None = None) -> Shift:
    """What happened in the span before now; `among`: only of these issues."""
    since, base = tx.now - span, among or IssueFilter()
    is_open, is_new = replace(base, statuses=UNRESOLVED, parents=_ROOTS), replace(base, since=since, parents=_ROOTS)
    now_open, open_total = _most_urgent(tx, is_open)
    opened = visible_issues.of(tx, issues.find(tx, is_new, PageRequest(size=MOST_LISTED, sort="detectedAt")))
    ended = trends.last_resolved(tx, since, limit=MOST_EXAMINED if among else MOST_LISTED)
    resolved = visible_issues.of(tx, _among(tx, ended, among))
    shown = {one.id: one for one in (*now_open, *opened, *resolved)}
    whose = {who for one in shown.values() for who in (one.assignee, one.resolved_by) if who}
    return Shift(
        now=tx.now,
        since=since,
        until=tx.now + span,
        now_open=now_open,
        open_total=open_total,
        opened=opened,
        opened_total=issues.count(tx, is_new),
        resolved=resolved,
        resolved_total=len(resolved) if among else trends.count_resolved(tx, since),
        is_cut=among is not None and len(ended) == MOST_EXAMINED,
        clusters=clusters.names(tx, {one.cluster_id for one in shown.values()}),
        names=people.names(tx, whose),
        causes=_causes(tx, list(shown)),
    )


def _among(tx: Transaction, found: Sequence[Issue], among: IssueFilter | None) -> Sequence[Issue]:
    if among is None or not found:
        return found
    ids = frozenset(one.id for one in found)
    chosen = {one.id for one in issues.find(tx, replace(among, ids=ids), PageRequest(size=len(ids)))}
    return [one for one in found if one.id in chosen]


def _most_urgent(tx: Transaction, wanted: IssueFilter) -> tuple[Sequence[Issue], int]:
    """The most urgent issues of the filter, and how many there are."""
    total = issues.count(tx, wanted)
    found = issues.find(tx, wanted, PageRequest(size=MOST_EXAMINED, sort="severity"), matching=total)
    return visible_issues.of(tx, found), total


def _causes(tx: Transaction, issue_ids: Sequence[str]) -> dict[str, str]:
    said = {id_: brief.of(one) for id_, one in visible.veiled_each(tx, analyses.answers_of(tx, issue_ids)).items()}
    return {id_: one["cause"]["title"].rstrip(".") for id_, one in said.items() if "cause" in one}


def _first(shift: Shift) -> Sequence[Issue]:
    return shift.now_open[:MOST_LISTED]


def _open(shift: Shift) -> list[Fact]:
    return [line(shift, one) for one in _first(shift)]


def line(shift: Shift, one: Issue, *, at: datetime | None = None) -> Fact:
    """An issue with its severity, object, state, age, cause and assignee."""
    place = sentences.of_ref(
        {"kind": one.owner_kind or one.resource_kind, "namespace": one.namespace, "name": one.owner_name or one.resource}
    )
    state = one.shown_as.value if one.is_quiet and one.status is Status.OPEN else one.status.value
    age = f"for {in_words(((one.resolved_at or shift.now) - one.first_seen_at).total_seconds())}"
    cause = f"Cause: {shift.causes[one.id]}." if one.id in shift.causes else "Cause unknown."
    who = f"Assigned to {sentences.by(one.assignee, shift.names)}." if one.assignee else "Not assigned."
    cluster = name(shift.clusters.get(one.cluster_id, one.cluster_id))
    text = f"{one.title.rstrip('.')}. {place} in {cluster}, {state}, {age}. {cause} {who}"
    return Fact(label=one.severity.value.capitalize(), text=text, ids=(one.id,), at=at)


def returned(shift: Shift, span: str) -> Section:
    """Issues that were reopened, and new ones of a failure that had been resolved."""
    every = {one.id: one for one in (*shift.now_open, *shift.opened, *shift.resolved)}
    facts = [line(shift, one, at=at) for one in every.values() if (at := _return(one)) is not None and at >= shift.since]
    missing = []
    if shift.open_total > len(shift.now_open):
        missing.append(f"Only the {MOST_EXAMINED} most urgent open issues were compared.")
    return section("returned", f"Returned {span}", facts, otherwise="No failure returned.", missing=missing)


def _return(one: Issue) -> datetime | None:
    if one.reopened:
        return datetime.fromisoformat(one.reopened[-1])
    return one.detected_at if one.previous_issue_id is not None else None


def _waiting(tx: Transaction) -> Section:
    heading = "Executions that wait for approval"
    wanted = ExecutionFilter(statuses=frozenset({ExecutionStatus.PENDING_APPROVAL.value}))
    found = change_record.visible_executions(tx, wanted, PageRequest(size=MOST_LISTED, sort="createdAt"))
    if found is None:
        return section("waiting", heading, [], missing=[change_record.NO_EXECUTIONS])
    names, people_names = clusters.names(tx, {one.cluster_id for one in found}), people.names(tx, {one.requested_by for one in found})
    facts = []
    for one in found:
        expires = f" Expires at {one.expires_at:%Y-%m-%d %H:%M}." if one.expires_at else ""
        says = sentences.of_execution(one, names.get(one.cluster_id, one.cluster_id))
        facts.append(
            Fact(at=one.created_at, text=f"{says} Requested by {sentences.by(one.requested_by, people_names)}.{expires}", ids=(one.id,))
        )
    return section("waiting", heading, facts, otherwise="No execution waits for approval.")


def _ending(tx: Transaction, shift: Shift, hours: int) -> Section:
    facts = [*_mutes(tx, shift), *_snoozes(tx, shift)]
    missing = []
    if "runbooks:read" in tx.actor.scopes and tx.actor.sees_whole_clusters:
        facts += _windows(tx, shift)
    else:
        missing.append("Your access does not include freezes and maintenance windows.")
    ends = sorted(facts, key=lambda one: one.at or shift.until)
    return section("ending", f"Ends in the next {counted(hours, 'hour')}", ends, otherwise="No mute rule or snooze ends.", missing=missing)


def _mutes(tx: Transaction, shift: Shift) -> Iterator[Fact]:
    for rule in mute_rules.find(tx):
        if rule.expires_at <= shift.until:
            yield Fact(label="Mute rule", at=rule.expires_at, text=f"ends: {rule.reason}", ids=(rule.id,))


def _snoozes(tx: Transaction, shift: Shift) -> Iterator[Fact]:
    wanted = IssueFilter(statuses=UNRESOLVED, is_snoozed=True)
    for one in _most_urgent(tx, wanted)[0]:
        if one.snooze is not None and one.snooze.until is not None and one.snooze.until <= shift.until:
            yield Fact(label="Snooze", at=one.snooze.until, text=f"ends: {one.title}", ids=(one.id,))


def _windows(tx: Transaction, shift: Shift) -> Iterator[Fact]:
    for one in safeguards.windows(tx):
        end = one.end_at(shift.now)
        if end is not None and end <= shift.until:
            reason = f": {one.reason}" if one.reason else ""
            yield Fact(label=one.kind.value.capitalize(), at=end, text=f"{name(one.name)} ends{reason}.", ids=(one.id,))


def _unseen(tx: Transaction, covered: Coverage) -> Section:
    facts = [
        Fact(label="Cluster", text=f"{name(one.name)} {_CONTACTS.get(one.contact, 'is not complete yet')}.", ids=(one.id,), at=one.seen_at)
        for one in covered.clusters
        if not one.is_looked_at
    ]
    gaps = covered.gaps
    facts += [
        Fact(label="Cluster", text=f"{name(one.name)} is incomplete: {'; '.join(gaps[one.name])}.", ids=(one.id,))
        for one in covered.clusters
        if one.is_looked_at and gaps.get(one.name)
    ]
    missing = []
    if "webhooks:read" in tx.actor.scopes and tx.actor.reach is None:
        facts += _receivers(tx)
    else:
        missing.append("Your access does not include alert receivers.")
    return section("unseen", "Offline or incomplete", facts, otherwise="No cluster is offline or incomplete.", missing=missing)


def _receivers(tx: Transaction) -> Iterator[Fact]:
    """Those that are disabled, and those that were sent nothing for a day."""
    for one in alerts.find_receivers(tx, PageRequest(size=MOST_LISTED)):
        if not one.is_enabled:
            yield Fact(label="Alert receiver", text=f"{name(one.name)} is disabled.", ids=(one.id,))
        elif one.last_received_at is None:
            yield Fact(label="Alert receiver", text=f"{name(one.name)} has received nothing yet.", ids=(one.id,))
        elif tx.now - one.last_received_at > SILENT:
            yield Fact(label="Alert receiver", at=one.last_received_at, text=f"{name(one.name)} received its last alert.", ids=(one.id,))


def _covered(covered: Coverage) -> Section:
    facts = [Fact(text=covered.summary, ids=[one.id for one in covered.clusters])] if covered.clusters else []
    missing = [] if covered.is_complete else ["Do not conclude that nothing else is wrong: not everything that is needed was read."]
    missing += [f"{one.message}." for one in covered.unread if not one.is_needed]
    return section("coverage", "What this covers", facts, otherwise=covered.summary, missing=missing)
