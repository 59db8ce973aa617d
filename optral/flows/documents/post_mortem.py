"""The post-mortem of an issue: impact, timeline, cause with its evidence, fix, and what changed before. Open questions are left to people.

Each part is as the actor may see it. Executions need the scope runbooks:read at their place.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from optral.access import people_service as people
from optral.alerts import service as alerts
from optral.alerts.model import Alert
from optral.alerts.service import AlertFilter
from optral.analysis import service as analyses
from optral.analysis.model import Analysis, AnalysisFilter
from optral.analysis.questions import change_text
from optral.clusters import service as clusters
from optral.flows import visible
from optral.flows.documents import change_record, sentences
from optral.flows.documents.document import Document, Fact, Section, blank, name, section
from optral.issues import service as issues
from optral.issues.lifecycle import grouping
from optral.issues.lifecycle.grouping import Symptom
from optral.issues.lists import visible as visible_issues
from optral.issues.model import Activity, Issue
from optral.issues.triage import comments
from optral.kit.durations import in_words
from optral.kit.paging import PageRequest
from optral.kit.words import counted
from optral.runbooks.executions.verification import PASSED
from optral.runbooks.model import Execution, ExecutionFilter
from optral.store.transaction import Transaction

MOST_READ = 100  # newest entries of the history, comments, alerts, analyses and executions, each
_OF_EXECUTIONS = frozenset({"runbook_started", "runbook_completed"})
_FOR_PEOPLE = {
    "detection": "Could it have been found or prevented earlier?",
    "wentWell": "What went well?",
    "wentBadly": "What went badly?",
    "followUp": "Follow-up actions, each with who does it and by when",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What is known of an issue, as the actor may see it. `executions` None: the actor may not see any."""

    issue: Issue
    cluster: str
    is_current: bool
    symptoms: Sequence[Symptom]
    analysis: Analysis | None
    named: Sequence[Analysis]
    """Analyses that named a cause, oldest first; of the same cause the first one."""
    activity: Sequence[Activity]
    older: int
    """How many entries of the history were not read."""
    alerts: Sequence[Alert]
    executions: Sequence[Execution] | None
    executed: Sequence[Fact]
    names: Mapping[str, str]
    said: Mapping[str, str]

    @property
    def cause(self) -> Mapping[str, Any] | None:
        return self.result.get("rootCause")

    @property
    def result(self) -> Mapping[str, Any]:
        return {} if self.analysis is None else self.analysis.final_result


def of(tx: Transaction, issue_id: str) -> Document:
    """Raises `NotFound`."""
    case = _read(tx, issue_id)
    sections = [
        _summary(case),
        _impact(case, tx.now),
        _timeline(case),
        _cause(case),
        _fix(case),
        _changes(case),
        _coverage(case),
        *(blank(key, heading) for key, heading in _FOR_PEOPLE.items()),
    ]
    return Document(kind="postMortem", subject_id=issue_id, title=f"Post-mortem: {case.issue.title}", at=tx.now, sections=sections)


def _read(tx: Transaction, issue_id: str) -> _Case:
    page = PageRequest(size=MOST_READ)
    issue = visible_issues.of(tx, [issues.get(tx, issue_id)])[0]
    symptoms = grouping.symptoms_of(tx, issue_id)
    family = (issue_id, *(one.issue.id for one in symptoms))
    known = analyses.shown(tx, issue_id)
    executions = change_record.visible_executions(tx, ExecutionFilter(issue_id=issue_id, dry_run=False), page)
    activity = issues.activity(tx, issue_id, replace(page, sort="at"))
    standing = clusters.standing(tx, issue.cluster_id)
    whose = {one.actor_id for one in activity} | {str(pair[1]) for one in activity if isinstance(pair := one.detail.get("assignee"), list)}
    return _Case(
        issue=issue,
        cluster=standing.name,
        is_current=not standing.stale,
        symptoms=symptoms,
        analysis=None if known is None else visible.veiled(tx, known),
        named=_named(tx, issue_id, page),
        activity=activity,
        older=issues.count_activity(tx, issue_id) - len(activity),
        alerts=alerts.find(tx, AlertFilter(issue_ids=family), page),
        executions=None if executions is None else executions[::-1],
        executed=[fact for one in reversed(executions or ()) for fact in change_record.timeline(tx, one)],
        names=people.names(tx, whose),
        said={one.id: one.body for one in comments.page_of(tx, issue_id, page)[0]},
    )


def _named(tx: Transaction, issue_id: str, page: PageRequest) -> list[Analysis]:
    found: dict[str, Analysis] = {}
    for one in reversed(analyses.find(tx, AnalysisFilter(issues=frozenset({issue_id})), page)):
        seen = visible.veiled(tx, one)
        if seen.finished_at is not None and seen.weaker_than is None and (cause := seen.result.get("rootCause")):
            found.setdefault(cause["id"], seen)
    return list(found.values())


def _summary(case: _Case) -> Section:
    issue = case.issue
    about = (issue.id,)
    place = sentences.of_ref({"kind": issue.resource_kind, "namespace": issue.namespace, "name": issue.resource})
    ended = f"resolved ({sentences.words(issue.resolution or '')})" if issue.resolution else issue.status.value
    facts = [
        Fact(label="Failure", text=f"{issue.title} ({issue.type}).", ids=about),
        Fact(label="Object", text=f"{place} in the cluster {name(case.cluster)}.", ids=about),
        Fact(label="Severity", text=f"{issue.severity.value}. {issue.shown_impact['reason']}", ids=about),
        Fact(label="Status", text=f"{ended}.", ids=about),
    ]
    if case.cause is not None:
        facts.append(Fact(label="Cause", text=f"{_cause_text(case.result)}.", ids=(case.analysis.id,) if case.analysis else ()))
    return section("summary", "Summary", facts, missing=() if case.cause else [_no_cause(case)])


def _cause_text(result: Mapping[str, Any]) -> str:
    label = result.get("confidenceLabel")
    return str(result["rootCause"]["title"]).rstrip(".") + (f" ({label} confidence)" if label else "")


def _impact(case: _Case, now: datetime) -> Section:
    issue = case.issue
    about, end = (issue.id,), issue.resolved_at or now
    lasted = f"{_time(issue.first_seen_at)} to {_time(end)}" if issue.resolved_at else f"since {_time(issue.first_seen_at)}, not resolved"
    facts = [
        Fact(label="How long", text=f"{lasted} ({in_words((end - issue.first_seen_at).total_seconds())}).", ids=about),
        Fact(label="Cluster", text=f"{name(case.cluster)}.", ids=(issue.cluster_id,)),
    ]
    if issue.impact:
        facts.append(Fact(label="Affected", text=sentences.of_impact(issue.shown_impact), ids=about))
    if issue.reopened:
        facts.append(
            Fact(
                label="Returned",
                text=f"{counted(len(issue.reopened), 'time')}, last at {_time(datetime.fromisoformat(issue.reopened[-1]))}.",
                ids=about,
            )
        )
    facts += [Fact(label="Object", text=f"{sentences.of_ref(one)}.", ids=about) for one in issue.affected]
    more = max(0, issue.affected_total - len(issue.affected)) if len(issue.affected) else 0
    facts += [Fact(label="Symptom", text=f"{one.issue.title} ({one.issue.status.value}).", ids=(one.issue.id,)) for one in case.symptoms]
    return section("impact", "Impact", facts, missing=() if issue.impact else ["What it affects was not computed."], more=more)


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _timeline(case: _Case) -> Section:
    facts = [*_activity(case), *_alerts(case), *case.executed]
    if case.issue.first_seen_at < case.issue.detected_at:
        facts.append(Fact(at=case.issue.first_seen_at, text="The failure began, as far as the cluster shows it.", ids=(case.issue.id,)))
    facts += [
        Fact(at=one.finished_at, text=f"An analysis named the cause: {_cause_text(one.result)}.", ids=(one.id,)) for one in case.named
    ]
    missing = [change_record.NO_EXECUTIONS] if case.executions is None else []
    missing += [] if case.alerts else ["No alert was joined to the issue."]
    return section("timeline", "Timeline (UTC)", sorted(facts, key=_moment), missing=missing, more=case.older, ends=True)


def _moment(fact: Fact) -> float:
    return fact.at.timestamp() if fact.at is not None else 0.0


def _activity(case: _Case) -> Iterator[Fact]:
    for one in case.activity:
        if case.executions is None or one.action not in _OF_EXECUTIONS:
            yield Fact(at=one.at, text=sentences.of_activity(one, case.names, case.said), ids=(one.id,))


def _alerts(case: _Case) -> Iterator[Fact]:
    for one in case.alerts:
        yield Fact(at=one.starts_at, text=f"The alert {name(one.name)} started.", ids=(one.id,))
        if one.joined_at is not None:
            yield Fact(at=one.joined_at, text=f"Optral joined the alert {name(one.name)} to the issue.", ids=(one.id,))
        if one.ends_at is not None:
            yield Fact(at=one.ends_at, text=f"The alert {name(one.name)} ended.", ids=(one.id,))


def _cause(case: _Case) -> Section:
    cause = case.cause
    if cause is None or case.analysis is None:
        return section("cause", "Cause", [], missing=[_no_cause(case), *case.result.get("missingEvidence", ())])
    cited = {id_ for claim in cause["claims"] for id_ in claim["evidenceIds"]}
    facts = [Fact(label="Cause", text=f"{_cause_text(case.result)}.", ids=(case.analysis.id,))]
    facts += [Fact(text=claim["text"], ids=claim["evidenceIds"]) for claim in cause["claims"] if claim["evidenceIds"]]
    for one in case.result.get("evidence") or ():
        if one["id"] in cited:
            facts.append(Fact(label="Evidence", text=f"{sentences.of_ref(one['ref'])}: {name(one['excerpt'])}", ids=(one["id"],)))
    return section("cause", "Cause and evidence", facts, missing=case.result.get("missingEvidence", ()))


def _no_cause(case: _Case) -> str:
    return "No cause is known." if case.result else "There is no finished analysis of this issue, so no cause is known."


def _fix(case: _Case) -> Section:
    issue, runs = case.issue, case.executions or ()
    facts = [Fact(text=sentences.of_execution(one, case.cluster), ids=(one.id,)) for one in runs]
    if issue.resolved_at is not None:
        who = sentences.by(issue.resolved_by, case.names)
        facts.append(
            Fact(at=issue.resolved_at, text=f"{who} resolved the issue: {sentences.words(issue.resolution or '')}.", ids=(issue.id,))
        )
    missing = [change_record.NO_EXECUTIONS] if case.executions is None else []
    if issue.resolved_at is None:
        missing.append("The issue is not resolved.")
    elif case.executions is not None and not any((one.verification or {}).get("status") == PASSED for one in runs):
        missing.append("No execution for this issue was verified: what fixed it is not recorded.")
    return section("fix", "What fixed it", facts, missing=missing)


def _changes(case: _Case) -> Section:
    facts = [Fact(text=change_text(one), ids=(one["evidenceId"],)) for one in case.result.get("changes") or ()]
    otherwise = "No change before the issue is recorded." if case.result else "No analysis compared the changes before the issue."
    return section("changes", "What changed before", facts, otherwise=otherwise)


def _coverage(case: _Case) -> Section:
    record = case.result.get("coverage") or {}
    facts = [Fact(text=str(record["summary"]), ids=(case.analysis.id,))] if record and case.analysis else []
    missing = [] if case.is_current else [f"The inventory of {name(case.cluster)} is not current: what happened since is not known."]
    if hidden := case.result.get("hidden"):
        missing.append(f"{hidden} pieces of evidence are about objects that your access does not include.")
    missing += [f"{one['message']}." for one in record.get("unread") or () if one["needed"]]
    return section("coverage", "What was looked at", facts, otherwise="No record of coverage is stored.", missing=missing)
