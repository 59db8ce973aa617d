"""Writes a decision about an execution: commands and approvals, the next state, then the events and the audit record."""

from optral.commands import service as commands
from optral.commands.model import Command, NewCommand, Precondition
from optral.flows.executions import approvals, execution_events, proposals
from optral.runbooks import service as runbooks
from optral.runbooks.executions import effects
from optral.runbooks.executions.effects import (
    Announce,
    CancelCommand,
    CloseApproval,
    CloseProposal,
    CommandReport,
    Decision,
    Effect,
    EnqueueApply,
    EnqueueCheck,
    NoteOnIssue,
    OpenProposal,
    Outcome,
    RecordDecision,
    RequestApproval,
    Send,
    StartUndo,
    Write,
)
from optral.runbooks.model import Execution, Step
from optral.store.transaction import Transaction

PLAN_EXPIRES_S = 60.0
STEP_EXPIRES_S = 60.0
STEP_TIMEOUT_S = 60


def persist(tx: Transaction, decision: Decision) -> Execution:
    """Write the decision; returns the execution as it is stored. Last in a transaction: it ends with events and audit."""
    execution = decision.execution
    for effect in decision.effects:
        _prepare(tx, execution, effect)
    if decision.write is Write.VERSION:
        execution = runbooks.save(tx, execution, decision.steps, log=decision.log)
    elif decision.write is Write.DUE_AT:
        runbooks.postpone(tx, execution, execution.due_at)
    for effect in decision.effects:
        _announce(tx, execution, effect)
    return execution


def _prepare(tx: Transaction, execution: Execution, effect: Effect) -> None:
    match effect:
        case EnqueueCheck(step):
            commands.enqueue(tx, _command(execution, step, effects.check_id(execution, step), dry_run=True))
        case EnqueueApply(step, version):
            commands.enqueue(tx, _command(execution, step, effects.apply_id(execution, step), resource_version=version))
        case CancelCommand(command_id, reason):
            commands.cancel(tx, command_id, reason=reason)
        case OpenProposal():
            proposals.put_down(tx, execution)
        case CloseProposal(leaves_open):
            proposals.end(tx, execution.id, leaves_open=leaves_open)
        case RequestApproval(expires_at, keeps):
            requirement = approvals.requirement_of(tx, execution, runbooks.steps(tx, execution.id))
            runbooks.request_approval(tx, execution, expires_at=expires_at, requirement=requirement, keeps=keeps)
        case RecordDecision():
            if (requested := runbooks.approval(tx, execution.id)) is not None:
                runbooks.give(tx, execution.id, approvals.given(tx, requested, effect))
        case CloseApproval(decision, by, via, message):
            if (approval := runbooks.approval(tx, execution.id)) is not None:
                runbooks.decide(tx, approval.id, decision=decision, by=by, via=via, message=message)
        case StartUndo() | Send() | NoteOnIssue() | Announce():
            pass


def _announce(tx: Transaction, execution: Execution, effect: Effect) -> None:
    if isinstance(effect, NoteOnIssue):
        execution_events.note(tx, execution, effect.action)
    elif isinstance(effect, Send):
        execution_events.send(tx, execution, effect.step, effect.message)
    elif isinstance(effect, Announce):
        execution_events.emit(tx, execution, *effect.kinds, audit=effect.audit, detail=effect.detail)


def enqueue_plan(tx: Transaction, execution: Execution, step: Step) -> None:
    """Enqueue the dry run of a step for the plan."""
    commands.enqueue(tx, _command(execution, step, effects.plan_id(execution, step), dry_run=True, expires_in_s=PLAN_EXPIRES_S))


def _command(
    execution: Execution,
    step: Step,
    command_id: str,
    *,
    dry_run: bool = False,
    resource_version: str = "",
    expires_in_s: float = STEP_EXPIRES_S,
) -> NewCommand:
    """The command of a step, bound to the very object (and version of it) that was checked."""
    return NewCommand(
        id=command_id,
        cluster_id=execution.cluster_id,
        verb=step.verb,
        params=dict(step.values),
        precondition=Precondition(uid=step.uid, resource_version=resource_version) if step.is_write else Precondition(),
        dry_run=dry_run,
        expires_in_s=expires_in_s,
        timeout_s=STEP_TIMEOUT_S if dry_run else execution.read_definition.steps[step.position].time_s,
        requested_by=execution.requested_by,
        origin=f"execution:{execution.id}",
    )


def report_of(command: Command) -> CommandReport:
    """A command as executions see it."""
    outcome = Outcome(command.state.value) if command.is_final else Outcome.PENDING
    return CommandReport(outcome=outcome, code=command.code, message=command.message, result=command.result)
