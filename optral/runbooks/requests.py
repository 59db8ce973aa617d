"""What people request of an execution: pure functions from its state and the request to the next state and its effects, or an error."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from optral.runbooks import actions, failures
from optral.runbooks.effects import (
    Announce,
    CancelCommand,
    CloseApproval,
    CloseProposal,
    Decision,
    Progress,
    RequestApproval,
    Write,
    end,
    plan_id,
)
from optral.runbooks.model import Execution, LogLine, Phase, Status, Step, StepState
from optral.terms.errors import Forbidden, Invalid, Refused


class Person(NamedTuple):
    """Who decides: the person (a key acts for its creator), the actor used, and what they gave as a reason."""

    id: str
    via: str
    reason: str = ""

    @property
    def suffix(self) -> str:
        return f": {self.reason}" if self.reason else ""


def approve(progress: Progress, by: Person, *, confirm: str, plan_hash: str | None, is_only_member: bool, now: datetime) -> Decision:
    """Approve the plan, before its first step or in its middle.

    Not by who requested it, unless they are the only member and give a reason and the target's name as `confirm`. In the middle, the
    requester may also approve it when the risk of the runbook requires no approval.

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
    step = _asking_step(progress)
    if by.id == execution.requested_by and (step is None or execution.read_definition.needs_approval):
        _require_confirmation(execution, by.reason, confirm, is_only_member=is_only_member)
    after = replace(execution, status=Status.QUEUED, phase=Phase.APPLYING, approved_by=by.id, approved_at=now, due_at=now)
    detail = {"planHash": execution.plan_hash, "reason": by.reason}
    said = f"Approved by {by.id}{by.suffix}"
    done = () if step is None else (replace(step, state=StepState.SUCCEEDED, finished_at=now, message=said[0].lower() + said[1:]),)
    return Decision(
        execution=after,
        steps=done,
        log=(LogLine("info", None if step is None else step.name, said),),
        effects=(
            CloseApproval("approved", by.id, by.via, by.reason or None),
            Announce(("approval.approved", "execution.updated"), "approve", detail),
        ),
    )


def void_approval(progress: Progress, *, now: datetime) -> Decision:
    """Wait for another approval: whoever gave this one has lost the right before the first step began. Not in the middle of a runbook."""
    execution = progress.execution
    expires_at = now + timedelta(seconds=execution.read_definition.approval_expires_s)
    after = replace(
        execution,
        status=Status.PENDING_APPROVAL,
        phase=Phase.APPROVAL,
        approved_by=None,
        approved_at=None,
        expires_at=expires_at,
        due_at=expires_at,
    )
    said = (
        f"The approval of {execution.approved_by} does not count: this person may not approve here any more. Waiting for another approval"
    )
    detail = {"approvedBy": execution.approved_by}
    return Decision(
        execution=after,
        log=(LogLine("warning", None, said),),
        effects=(RequestApproval(expires_at), Announce(("approval.requested", "execution.updated"), "void_approval", detail)),
    )


def _asking_step(progress: Progress) -> Step | None:
    """The step that waits for the approval; None for the approval before the first step."""
    step = progress.next_step
    return step if step is not None and step.state is StepState.RUNNING else None


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
    _require_pending(progress.execution)
    return failures.not_approved(
        progress,
        Status.REJECTED,
        "rejected",
        f"rejected by {by.id}{by.suffix}",
        now,
        kinds=("approval.rejected",),
        closed=CloseApproval("rejected", by.id, by.via, by.reason or None),
        audit="reject",
        detail={"reason": by.reason},
        effects=_drop_plan(progress),
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
    return actions.BY_NAME[step.verb].is_idempotent


def take_over(before: Progress, after: Progress, *, now: datetime) -> tuple[list[Step], list[CancelCommand]]:
    """For a retry: the steps before the one that ended the execution, as skipped, and their plan commands, which nobody needs.

    An approval in the middle is requested again: it is bound to the plan, and this is another plan.
    """
    skipped: list[Step] = []
    commands: list[CancelCommand] = []
    for old, step in zip(before.steps[: _ended_at(before)], after.steps, strict=False):
        if old.verb == "approval":
            continue
        is_done = old.state is StepState.SUCCEEDED
        message = f"{'done' if is_done else 'skipped'} in {old.execution_id}"
        skipped.append(replace(step, state=StepState.SKIPPED, message=message, finished_at=now, result=old.result if is_done else None))
        if step.is_write:
            commands.append(CancelCommand(plan_id(after.execution, step), message))
    return skipped, commands


def _ended_at(before: Progress) -> int:
    """The position of the first step that has to be done: the one that failed, or else the first that never had its turn."""
    failed = (before.execution.failure or {}).get("step")
    for step in before.steps:
        is_left = step.state is StepState.SKIPPED and step.message is None  # never had its turn, unlike one whose condition did not hold
        if step.name == failed or is_left or step.state in (StepState.UNKNOWN, StepState.CANCELED):
            return step.position
    return len(before.steps)
