"""What the rules find about an issue: its question, and the snapshot of the rows that may answer it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from optral.analysis import service as analyses
from optral.analysis.engine import engine, preceding
from optral.analysis.engine.engine import Investigation
from optral.analysis.model import CapturedLog, Question
from optral.analysis.reading import scope
from optral.analysis.reading.snapshot import LogKey, Revision, SnapshotObject, decoded
from optral.analysis.reading.stored_snapshot import StoredSnapshot
from optral.analysis.rules import RULES
from optral.analysis.rules.rule import Rule
from optral.clusters import service as clusters
from optral.clusters.model import Cluster
from optral.flows.analysis import issue_context
from optral.flows.analysis.evidence_source import LazyReservations, Reservations, StoredSource
from optral.issues import service as issues
from optral.issues.lifecycle import grouping
from optral.issues.model import Issue, Status as IssueStatus
from optral.kube.changes import Phase
from optral.kube.kinds import EVENT, POD_USAGE, REPORT_KINDS, id_of_name, is_custom, is_discovered
from optral.resources import service as resources
from optral.store.transaction import Transaction
from optral.terms.refs import ObjectRef

EVENTS_FOR = timedelta(hours=2)
CHANGES_FOR = timedelta(hours=24)
MAX_CHANGES = 200
MAX_LOGGED_SYMPTOMS = 5  # symptoms whose captured logs are read too
NOT_YET = "it was requested and has not arrived yet"
_reservations = Reservations()


@dataclass(frozen=True, slots=True)
class _Around:
    """What is read for one question."""

    namespaces: Sequence[str]
    cluster: Cluster

    @property
    def offset(self) -> timedelta:
        return timedelta(milliseconds=self.cluster.clock_offset_ms or 0)


def investigate(tx: Transaction, issue_id: str, *, whole: bool = False, rules: Sequence[Rule] = RULES) -> Investigation:
    """What these rules find about an issue in the rows of now; to be used inside the transaction, or after it with `whole`, which reads all
    that may be asked about. Raises `NotFound`.
    """
    issue = issues.get(tx, issue_id)
    cluster = clusters.get(tx, issue.cluster_id)
    around = _Around(scope.namespaces(issue.namespace, issue.facts), cluster)
    snap = _snapshot(tx, issue, around)
    investigation = engine.investigate(replace(question_of(issue, offset=around.offset), cluster=cluster.name), snap, rules=rules)
    if whole:
        snap.complete()
    if not cluster.status.is_connected:
        investigation.warnings.append(f"the agent of {cluster.name} is not connected: this is what the cluster showed last")
    return investigation


def question_of(issue: Issue, *, offset: timedelta) -> Question:
    """The issue as the engine is asked about it; times in the cluster's time."""
    return Question(
        type=issue.type,
        cluster_id=issue.cluster_id,
        resource=ObjectRef(_kind(issue.resource_kind, issue), issue.namespace, issue.resource),
        owner=ObjectRef(_kind(issue.owner_kind, issue), issue.namespace, issue.owner_name),
        container=issue.container,
        facts=issue.facts,
        since=issue.first_seen_at + offset,
        reopened_at=_reopened_at(issue) + offset if issue.reopened else None,
        is_resolved=issue.status is IssueStatus.RESOLVED,
    )


def _reopened_at(issue: Issue) -> datetime:
    return datetime.fromisoformat(issue.reopened[-1]) if issue.reopened else issue.first_seen_at


def _kind(short: str, issue: Issue) -> str:
    """The id of a kind whose name an issue has; an issue about a custom resource says the group in its facts."""
    group = issue.facts.get("group")
    if issue.facts.get("kind") == short and isinstance(group, str) and is_custom(f"{short}.{group}"):
        return f"{short}.{group}"
    return id_of_name(short)


def _snapshot(tx: Transaction, issue: Issue, around: _Around) -> StoredSnapshot:
    cluster_id, kept, logs = issue.cluster_id, issue_context.of(tx, issue.id), captured_logs(tx, issue)
    states = resources.kind_states(tx, cluster_id)
    found = issue_context.probes_of(kept)
    history = _history(tx, issue, around, kept)
    source = StoredSource(
        tx,
        cluster_id,
        namespaces=around.namespaces,
        kinds=_examined_kinds(states, _kind(issue.resource_kind, issue)),
        events_since=tx.now - EVENTS_FOR,
        vantages={(result.vantage.namespace, result.vantage.pod) for result in found.values()},
        changed={revision.ref[:3] for revision in history},
    )
    elsewhere = ("", *around.namespaces)
    snap = StoredSnapshot(
        source,
        now=tx.now + around.offset,
        namespaces=frozenset(around.namespaces),
        anywhere=scope.ANYWHERE,
        visible=frozenset(kind for kind, state in states.items() if state.phase == Phase.LIVE.value),
        logs={_key(log): log.text for log in logs if log.text},
        logs_at={_key(log): log.captured_at + around.offset for log in logs if log.text},
        log_errors=_log_errors(logs),
        history=history,
        probes=found,
        reservations=LazyReservations(lambda: _reservations.outside(tx, cluster_id, elsewhere)) if issue.type in scope.ABOUT_ROOM else (),
    )
    snap.load((EVENT.id, bytes(raw)) for raw in kept.events)
    snap.load((report.kind, report.raw) for report in _kept_usage(kept) if _is_newer(report, snap.find(*report.ref[:3])))
    return snap


def _examined_kinds(kinds: Iterable[str], own: str) -> frozenset[str]:
    """All built-in kinds, the kind of the issue, and the custom kinds that rules look for: all of them for an issue about one."""
    always = {own, *scope.ANYWHERE, *(kind.id for kind in REPORT_KINDS)}
    return frozenset(kind for kind in kinds if kind in always or is_custom(own) or not is_discovered(kind))


def _log_errors(logs: Iterable[CapturedLog]) -> dict[LogKey, str]:
    return {_key(log): log.failure or NOT_YET for log in logs if not log.text and (log.failure or log.is_wanted)}


def _kept_usage(kept: issue_context.StoredContext) -> Iterator[SnapshotObject]:
    for raw in kept.usage:
        manifest = decoded(raw)
        if isinstance(manifest, dict):
            yield SnapshotObject(f"{manifest.get('kind')}.{POD_USAGE.group}", manifest)


def _is_newer(kept: SnapshotObject, stored: SnapshotObject | None) -> bool:
    """Whether a report that was kept with the issue says more than the one that the agent sent by itself, if there is one."""
    return stored is None or kept.text("status.observedAt") > stored.text("status.observedAt")


def _key(log: CapturedLog) -> LogKey:
    return LogKey(log.namespace, log.pod, log.container, log.previous)


def captured_logs(tx: Transaction, issue: Issue) -> list[CapturedLog]:
    """The logs captured for an issue, after those of some of its symptoms, which may name the failure that they share."""
    own = analyses.logs(tx, issue.id)
    if issue.parent_issue_id is not None:
        return own
    symptoms = [symptom.issue.id for symptom in grouping.symptoms_of(tx, issue.id)]
    logged = analyses.with_logs(tx, symptoms)
    read = [symptom for symptom in symptoms if symptom in logged][:MAX_LOGGED_SYMPTOMS]
    return [log for symptom in read for log in analyses.logs(tx, symptom)] + own


def _history(tx: Transaction, issue: Issue, around: _Around, kept: issue_context.StoredContext) -> list[Revision]:
    """What was changed lately, what had been when the issue opened, and what changed anywhere before it began; newest first."""
    since, began = tx.now - CHANGES_FOR, _reopened_at(issue)
    lately = resources.recent_changes(tx, issue.cluster_id, namespaces=[*around.namespaces, ""], since=since, limit=MAX_CHANGES)
    before = resources.changes_between(
        tx, issue.cluster_id, since=began - preceding.WITHIN, until=began + preceding.LATE, limit=MAX_CHANGES
    )
    found = {(ref := ObjectRef(one.kind, one.namespace, one.name), one.at): one for one in (*lately, *before)}
    revisions = [
        Revision(ref=ref, at=one.at + around.offset, manager=one.manager, diff=one.diff, action=one.action)
        for (ref, _), one in sorted(found.items(), key=lambda item: item[0][1], reverse=True)
    ]
    return revisions + [
        Revision(
            ref=ref,
            at=at + around.offset,
            manager=change["manager"],
            diff=change["diff"],
        )
        for change in kept.changes
        if (at := issue_context.changed_at(change)) < since
        and (ref := ObjectRef(change["kind"], change["namespace"], change["name"]), at) not in found
    ]
