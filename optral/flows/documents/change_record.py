"""The change record of an execution: who requested and approved it, its runbook, targets and preview, its result, and how to take it back.

Entries of the audit log are listed for whoever may read that: with the scope audit:read, in the whole organization.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from optral.access import people_service as people, service as access
from optral.access.model import AuditFilter, AuditRecord
from optral.clusters import service as clusters
from optral.flows.documents import sentences
from optral.flows.documents.document import Document, Fact, Section, name, section
from optral.flows.executions import approvals
from optral.flows.executions.approvals import ApprovalState
from optral.kit.paging import PageRequest
from optral.runbooks import service as runbooks
from optral.runbooks.executions import reversal, sentences as of_steps
from optral.runbooks.executions.effects import Progress
from optral.runbooks.model import Execution, ExecutionFilter, Step
from optral.store.transaction import Transaction

MOST_RECORDS = 100
NO_EXECUTIONS = "Your access does not include executions."
_VERDICTS = {"approved": "approved the plan", "rejected": "rejected the plan", "breakGlass": "skipped the approvals (break-glass)"}
_CHANGED: dict[Any, str] = {True: " The cluster was changed.", False: " The cluster was not changed."}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """An execution and what belongs to it. `audit` None: the actor may not read the audit log."""

    execution: Execution
    steps: list[Step]
    cluster: str
    state: ApprovalState | None
    undone_by: str | None
    audit: list[AuditRecord] | None
    names: Mapping[str, str]

    @property
    def about(self) -> tuple[str]:
        return (self.execution.id,)


def of(tx: Transaction, execution_id: str) -> Document:
    """Raises `NotFound`."""
    change = _read(tx, runbooks.get_execution(tx, execution_id), with_audit=True)
    sections = [_request(change), _targets(change), _preview(change), _approvals(change), _result(change), _verification(change)]
    sections += [_rollback(change), section("timeline", "Timeline (UTC)", _moments(change), ends=True), _audit(change)]
    title = f"Change record: {change.execution.runbook_name}"
    return Document(kind="changeRecord", subject_id=execution_id, title=title, at=tx.now, sections=sections)


def visible_executions(tx: Transaction, wanted: ExecutionFilter, page: PageRequest) -> list[Execution] | None:
    """A page of the executions that the actor may read where they ran; None for an actor who may read none."""
    if "runbooks:read" not in tx.actor.scopes:
        return None
    return [one for one in runbooks.find_executions(tx, wanted, page) if tx.actor.may("runbooks:read", one.cluster_id, one.namespace)]


def timeline(tx: Transaction, execution: Execution) -> Iterator[Fact]:
    """When an execution was requested, previewed, decided on, run and verified, oldest first."""
    return _moments(_read(tx, execution, with_audit=False))


def _read(tx: Transaction, execution: Execution, *, with_audit: bool) -> _Change:
    state, audit = approvals.state(tx, execution), None
    if with_audit and "audit:read" in tx.actor.scopes and tx.actor.reach is None:
        found = access.find_audit(tx, AuditFilter(target=execution.id), PageRequest(size=MOST_RECORDS))
        audit = sorted(found, key=lambda one: one.seq)
    decisions = () if state is None else state.decisions
    whose = {execution.requested_by, execution.requested_via, execution.approved_by or "", execution.cancel_requested_by or ""}
    whose |= {one.by for one in decisions} | {one.member_id for one in decisions} | {one.actor_id for one in audit or ()}
    return _Change(
        execution=execution,
        steps=runbooks.steps(tx, execution.id),
        cluster=clusters.names(tx, [execution.cluster_id]).get(execution.cluster_id, execution.cluster_id),
        state=state,
        undone_by=runbooks.finished_undo(tx, execution.id),
        audit=audit,
        names=people.names(tx, whose),
    )


def _request(change: _Change) -> Section:
    one, about = change.execution, change.about
    via = f", with the API key {sentences.by(one.requested_via, change.names)}" if one.requested_via.startswith("key_") else ""
    facts = [
        Fact(label="Requested by", text=f"{sentences.by(one.requested_by, change.names)}{via}.", ids=about, at=one.created_at),
        Fact(label="Runbook", text=f"{one.runbook_name}: {name(one.runbook_slug)} version {one.runbook_version}.", ids=(one.runbook_id,)),
        Fact(label="Risk", text=f"{Progress(one, change.steps).risk}.", ids=about),
        Fact(label="How", text=_kind(one), ids=about),
    ]
    more = {"Reason": one.reason, "Break-glass": one.break_glass, "Cause at that time": one.cause}
    facts += [Fact(label=label, text=str(text), ids=about) for label, text in more.items() if text]
    linked = {"Issue": one.issue_id, "Trigger": one.trigger_id, "Retry of": one.retry_of, "Undo of": one.undo_of}
    facts += [Fact(label=label, text=f"{name(id_)}.", ids=(id_,)) for label, id_ in linked.items() if id_]
    return section("request", "Request", facts, missing=() if one.reason else ["No reason was given."])


def _kind(one: Execution) -> str:
    if one.dry_run:
        return "Dry run: it changes nothing."
    return "The change is proposed as a pull request." if one.by_pull_request else "The change is made in the cluster."


def _targets(change: _Change) -> Section:
    facts = [Fact(label="Cluster", text=f"{name(change.cluster)}.", ids=(change.execution.cluster_id,))]
    for step in change.steps:
        ref = {"kind": step.kind, "namespace": step.namespace, "name": step.object_name}
        uid = f", uid {name(step.uid)}" if step.uid else ""
        does = "changes" if step.is_write else "reads"
        facts.append(
            Fact(label=f"Step {step.position + 1}", text=f"{name(step.verb)} {does} {sentences.of_ref(ref)}{uid}.", ids=(step.id,))
        )
    return section("targets", "Targets", facts)


def _preview(change: _Change) -> Section:
    one, about, plan = change.execution, change.about, change.execution.plan
    if plan is None:
        return section("preview", "Preview", [], missing=["The execution has no plan."])
    facts = [Fact(label="Hash", text=f"{name(one.plan_hash or plan.get('hash'))}. Approvals are bound to it.", ids=about)]
    taken = {step["step"]: step for step in (plan.get("impact") or {}).get("steps", ())}
    said = (of_steps.of_step(step, taken.get(step["name"])) for step in plan["steps"])
    facts += [Fact(label="Does", text=text, ids=about) for text in said if text is not None]
    facts += [Fact(label="Diff", text=f"{sentences.of_field(field)}.", ids=about) for field in plan["diff"]]
    return section("preview", "Preview", facts, missing=() if plan["diff"] else ["The dry run showed no difference."])


def _approvals(change: _Change) -> Section:
    state = change.state
    if state is None:
        return section("approvals", "Approvals", [], missing=["No approval was requested."])
    wanted = state.requested.requirement.approvals
    facts = [Fact(label="Needed", text=f"{wanted}, requested for the plan {name(state.requested.plan_hash)}.", ids=(state.requested.id,))]
    return section("approvals", "Approvals", [*facts, *_decisions(change)], missing=() if state.decisions else ["Nobody has decided."])


def _decisions(change: _Change) -> Iterator[Fact]:
    for one in change.state.decisions if change.state is not None else ():
        behalf = f" on behalf of {sentences.by(one.member_id, change.names)}" if one.member_id != one.by else ""
        counts = "" if change.state is None or one.id in change.state.counting else " (does not count)"
        why = f": {one.reason}" if one.reason else "."
        text = f"{sentences.by(one.by, change.names)} {_VERDICTS[one.verdict.value]}{behalf}{counts}{why}"
        yield Fact(at=one.at, text=text, ids=(one.id,))


def _result(change: _Change) -> Section:
    one, about, failure = change.execution, change.about, change.execution.failure
    facts = [Fact(label="Status", text=f"{sentences.words(one.status)}.", ids=about, at=one.finished_at)]
    if failure is not None:
        changed = _CHANGED.get(failure.get("changed"), "")
        facts.append(Fact(label="Failure", text=f"{failure['code']}: {failure['message'].rstrip('.')}.{changed}", ids=about))
    for step in change.steps:
        message = f": {step.message}" if step.message else "."
        facts.append(
            Fact(label=f"Step {step.position + 1}", text=f"{sentences.words(step.state)}{message}", ids=(step.id,), at=step.finished_at)
        )
    return section("result", "Result", facts, missing=() if one.status.is_final else ["The execution has not ended."])


def _verification(change: _Change) -> Section:
    found = change.execution.verification or {}
    facts = [Fact(label="Verdict", text=f"{found['status']}.", ids=change.about)] if found.get("status") else []
    facts += [
        Fact(label="Check", text=f"{check['name']}: {check['status']}. {check['message']}", ids=change.about)
        for check in found.get("checks", ())
    ]
    return section("verification", "Verification", facts, otherwise="Nothing was verified.")


def _rollback(change: _Change) -> Section:
    one, back = change.execution, dict((change.execution.failure or {}).get("rollback") or {})
    facts = []
    if change.undone_by is not None:
        facts.append(Fact(text=f"The execution {name(change.undone_by)} has undone it.", ids=(change.undone_by,)))
    if back.get("executionId"):
        facts.append(Fact(text=f"The execution {name(back['executionId'])} undoes it automatically.", ids=(back["executionId"],)))
    facts += [
        Fact(text=f"Not undone: step {name(step['step'])}, {step['reason']}", ids=change.about) for step in back.get("notUndone") or ()
    ]
    missing = [f"It cannot be undone: {why}." for why in (_obstacle(change),) if why and not facts]
    otherwise = "It was not undone." if one.status.is_final and not missing else ""
    return section("rollback", "Rollback", facts, otherwise=otherwise, missing=missing)


def _obstacle(change: _Change) -> str | None:
    one = change.execution
    return reversal.obstacle(Progress(one, change.steps)) if one.status.is_final and not one.dry_run else None


def _moments(change: _Change) -> Iterator[Fact]:
    one, about, book = change.execution, change.about, name(change.execution.runbook_slug)
    yield Fact(at=one.created_at, text=f"{sentences.by(one.requested_by, change.names)} requested the runbook {book}.", ids=about)
    if change.state is not None:
        asked = change.state.requested
        yield Fact(at=asked.requested_at, text=f"The plan of {book} was ready and waited for approval.", ids=(asked.id,))
    yield from _decisions(change)
    said: dict[str, Any] = {
        f"The first change of {book} began.": one.started_at,
        f"The changes of {book} were made.": one.applied_at,
        f"{book} ended: {_outcome(one)}.": one.finished_at,
    }
    yield from (Fact(at=at, text=text, ids=about) for text, at in said.items() if at is not None)


def _outcome(one: Execution) -> str:
    verified = (one.verification or {}).get("status")
    return sentences.words(one.status) + (f", verification {verified}" if verified else "")


def _audit(change: _Change) -> Section:
    if change.audit is None:
        return section("audit", "Audit log", [], missing=["Your access does not include the audit log."])
    facts = [
        Fact(at=one.at, text=f"{sentences.by(one.actor_id, change.names)}: {name(one.action)}, {one.outcome}.", ids=(one.id,))
        for one in change.audit
    ]
    return section("audit", "Audit log", facts, otherwise="No entry is kept.")
