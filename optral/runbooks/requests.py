"""What people request of an execution: pure functions from its state and the request to the next state and its effects, or an error."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from optral.runbooks.effects import Announce, CancelCommand, CloseApproval, CloseProposal, Decision, Progress, Write, end, plan_id
from optral.runbooks.model import Execution, LogLine, Phase, Status, Step, StepState
from optral.terms.errors import Forbidden, Invalid, Refused
from optral.terms.verbs import VERBS


class Person(NamedTuple):
    """Who decides: the person (a key acts for its creator), the actor used, and what they gave as a reason."""

    id: str
    via: str
    reason: str = ""

    @property
    def suffix(self) -> str:
        return f": {self.reason}" if self.reason else ""


def approve(progress: Progress, by: Person, *, confirm: str, plan_hash: str | None, is_only_member: bool, now: datetime) -> Decision:
    """Approve the plan. Not by who requested it, unless they are the only member and give a reason and the target's name as `confirm`.

    Raises `Refused`: "not_pending", "plan_not_ready", "plan_changed", "approval_expired"; `Forbidden("own_request")`;
    `Invalid("confirmation_needed")`.
    """
    execution = progress.execution
    _require_pending(execution)
    if execution.plan_hash is None or execution.phase is not Phase.APPROVAL:
        raise Refused("plan_not_ready", say="the plan is not ready yet; wait for it, read it, then approve it")
    if plan_hash is not None and plan_hash != execution.plan_hash:
        raise Refused("plan_changed", say="the plan has changed since you read it; read it again, then approve it")
    if execution.expires_at is not None and now >= execution.expires_at:
        raise Refused("approval_expired", say="the approval expired; start the runbook again")
    if by.id == execution.requested_by:
        _require_confirmation(execution, by.reason, confirm, is_only_member=is_only_member)
    after = replace(execution, status=Status.QUEUED, phase=Phase.APPLYING, approved_by=by.id, approved_at=now, due_at=now)
    detail = {"planHash": execution.plan_hash, "reason": by.reason}
    return Decision(
        execution=after,
        log=(LogLine("info", None, f"Approved by {by.id}{by.suffix}"),),
        effects=(
            CloseApproval("approved", by.id, by.via, by.reason or None),
            Announce(("approval.approved", "execution.updated"), "approve", detail),
        ),
    )


def _require_pending(execution: Execution) -> None:
    if execution.status is not Status.PENDING_APPROVAL:
        raise Refused("not_pending", say=f"the execution is {execution.status.value}; it does not wait for an approval")


def _require_confirmation(execution: Execution, reason: str, confirm: str, *, is_only_member: bool) -> None:
    if not is_only_member:
        raise Forbidden("own_request", say="you requested this change yourself; another member must approve it")
    name = str(execution.target["name"])
    if len(reason.strip()) < 3 or confirm != name:
        say = f"you are the only member: give a reason, and the target's name as confirm ({name})"
        raise Invalid("confirmation_needed", say=say, errors=[{"field": "confirm", "code": "confirmation_needed", "message": say}])


def reject(progress: Progress, by: Person, *, now: datetime) -> Decision:
    """Reject the plan. Raises `Refused("not_pending")`."""
    execution = progress.execution
    _require_pending(execution)
    failure = {"code": "rejected", "message": f"rejected by {by.id}{by.suffix}", "changed": False}
    return end(
        progress,
        Status.REJECTED,
        now,
        failure=failure,
        kinds=("approval.rejected",),
        audit="reject",
        detail={"reason": by.reason},
        effects=(CloseApproval("rejected", by.id, by.via, by.reason or None), *_drop_plan(progress)),
    )


def cancel(progress: Progress, by: Person, *, now: datetime, leaves_open: bool = False) -> Decision:
    """Cancel: at once when nothing has begun, else when the present step has ended. Raises `Refused("execution_finished")`.

    Its pull request, if it has one, is closed unless `leaves_open`.
    """
    execution = progress.execution
    if execution.status.is_final:
        raise Refused("execution_finished", say=f"the execution has ended already: {execution.status.value}")
    if execution.cancel_requested_by is not None:
        return Decision(execution=execution, write=Write.NOTHING)
    if execution.phase is Phase.APPLYING and execution.started_at is not None:
        commands = [
            CancelCommand(step.command_id, f"canceled by {by.id}")
            for step in progress.steps
            if step.command_id is not None and not step.state.is_final
        ]
        return Decision(
            execution=replace(execution, cancel_requested_by=by.id, due_at=now),
            log=(LogLine("info", None, f"Cancellation requested by {by.id}; the present step ends first"),),
            effects=(*commands, Announce(("execution.updated",), "cancel", {"reason": by.reason})),
        )
    approval = (CloseApproval("canceled", by.id, by.via, by.reason or None),) if execution.phase is Phase.APPROVAL else ()
    proposal = (CloseProposal(leaves_open),) if execution.phase is Phase.PROPOSED else ()
    failure = {"code": "canceled", "message": f"canceled by {by.id}{by.suffix}", "changed": execution.applied_at is not None}
    return end(
        progress,
        Status.CANCELED,
        now,
        failure=failure,
        audit="cancel",
        detail={"reason": by.reason},
        effects=(*approval, *proposal, *_drop_plan(progress)),
    )


def _drop_plan(progress: Progress) -> list[CancelCommand]:
    if progress.execution.phase is not Phase.PLANNING:
        return []
    return [CancelCommand(plan_id(progress.execution, step), "the execution ended") for step in progress.steps if step.is_write]


def require_retryable(progress: Progress) -> None:
    """Raises `Refused("not_retryable")` unless the execution ended without success and a second run does no harm."""
    execution = progress.execution
    if not execution.status.is_final or execution.status is Status.SUCCEEDED or execution.dry_run:
        say = f"the execution is {execution.status.value}; only an execution that ended without success can be retried"
        raise Refused("not_retryable", say=say)
    if any(step.state is StepState.UNKNOWN and not is_idempotent(step) for step in progress.steps):
        say = "it is unknown whether a step was done, and doing it twice gives another result; look at the object first"
        raise Refused("not_retryable", say=say)


def is_idempotent(step: Step) -> bool:
    """Whether doing the step twice is the same as doing it once."""
    return VERBS[step.verb].is_idempotent


def take_over(before: Progress, after: Progress, *, now: datetime) -> tuple[list[Step], list[CancelCommand]]:
    """For a retry: the new steps whose predecessors succeeded, as skipped, and their plan commands, which nobody needs."""
    skipped: list[Step] = []
    commands: list[CancelCommand] = []
    for old, step in zip(before.steps, after.steps, strict=True):
        if old.state is not StepState.SUCCEEDED:
            break
        message = f"done in {old.execution_id}"
        skipped.append(replace(step, state=StepState.SKIPPED, message=message, finished_at=now, result=old.result))
        if step.is_write:
            commands.append(CancelCommand(plan_id(after.execution, step), message))
    return skipped, commands
