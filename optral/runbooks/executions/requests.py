"""What people request of an execution: pure functions from its state and the request to the next state and its effects, or an error."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from optral.kit.words import counted
from optral.runbooks.executions import failures
from optral.runbooks.executions.approvals import NOBODY_YET, Panel, Verdict, has_counted
from optral.runbooks.executions.effects import (
    Announce,
    CancelCommand,
    CloseApproval,
    CloseProposal,
    Decision,
    Progress,
    RecordDecision,
    RequestApproval,
    Write,
    end,
    plan_id,
)
from optral.runbooks.language import actions
from optral.runbooks.model import Execution, ExecutionStatus, LogLine, Phase, Step, StepState
from optral.terms.errors import Forbidden, Invalid, Refused

MIN_BREAK_GLASS = 10
"""Characters of the reason that somebody types to do what the rules do not allow now."""


class Person(NamedTuple):
    """Who decides: the person (a key acts for its creator), the actor used, and what they gave as a reason.

    `on_behalf_of`: the member whose right the person uses.
    """

    id: str
    via: str
    reason: str = ""
    on_behalf_of: str | None = None

    @property
    def member_id(self) -> str:
        """Whose right it is."""
        return self.on_behalf_of or self.id

    @property
    def name(self) -> str:
        return self.id if self.on_behalf_of is None else f"{self.id} on behalf of {self.on_behalf_of}"

    @property
    def suffix(self) -> str:
        return f": {self.reason}" if self.reason else ""


def approve(progress: Progress, by: Person, *, confirm: str, plan_hash: str | None, panel: Panel = NOBODY_YET, now: datetime) -> Decision:
    """Approve the plan, before its first step or in its middle. It goes on with the last approval that it needs.

    Not by who requested it, or knows the secret of the trigger that did, unless they are the only member, no rule of the organization
    asks for others, and they give a reason and the target's name as `confirm`. In the middle, the requester may also approve it when
    neither a rule nor the risk of the runbook requires an approval.

    Raises `Refused`: "not_pending", "plan_not_ready", "plan_changed", "approval_expired", "already_approved"; `Forbidden`: "own_request",
    "not_an_approver"; `Invalid("confirmation_needed")`.
    """
    execution = progress.execution
    _require_ready(execution, plan_hash, now)
    is_own = not {execution.requested_by, *panel.requesters}.isdisjoint((by.id, by.member_id))
    if by.on_behalf_of is not None and is_own:
        raise Forbidden(
            "own_request", say="you, or the member on whose behalf you act, requested this change; another member must approve it"
        )
    if is_own:
        _require_other(progress, by, confirm, panel)
    if has_counted(panel.given, by.id, by.member_id):
        say = "you have approved this plan already, or somebody has on your behalf; another person must approve it, too"
        raise Refused("already_approved", say=say)
    if not panel.is_fit:
        who = "you are" if by.on_behalf_of is None else f"{by.on_behalf_of} is"
        raise Forbidden("not_an_approver", say=f"an approval rule names the members who can approve this plan, and {who} not among them")
    count, needed = panel.approvals + 1, panel.requirement.approvals
    given = RecordDecision(Verdict.APPROVED, by.member_id, by.id, by.via, by.reason or None)
    said = f"Approved by {by.name}{by.suffix}" + (f" ({count} of {needed})" if needed > 1 else "")
    detail: dict[str, Any] = {"planHash": execution.plan_hash, "reason": by.reason, **_shared(by)}
    if needed > 1:
        detail |= {"approvals": count, "needed": needed}
    if count < needed:
        effects = (given, Announce(("execution.updated",), "approve", detail))
        return Decision(execution=execution, log=(LogLine("info", None, said),), effects=effects)
    return _approved(progress, by, given, said, Announce(("approval.approved", "execution.updated"), "approve", detail), now)


def break_glass(progress: Progress, by: Person, *, plan_hash: str | None, panel: Panel, now: datetime) -> Decision:
    """Let the plan go on without the approvals that are missing; the reason is also one to ignore a freeze.

    Whoever requested it may do so, too, unless it was only planned for another person. Raises `Refused` as `approve`;
    `Forbidden("own_request")`; `Invalid("reason_needed")`.
    """
    execution = progress.execution
    _require_ready(execution, plan_hash, now)
    if execution.needs_another_person and execution.requested_by in (by.id, by.member_id):
        raise Forbidden("own_request", say="this was planned in your name, for another person to approve; run the runbook yourself instead")
    check_break_glass(by.reason)
    missing = panel.requirement.approvals - panel.approvals
    given = RecordDecision(Verdict.BREAK_GLASS, by.member_id, by.id, by.via, by.reason)
    said = f"{by.name} skipped {counted(missing, 'missing approval')}{by.suffix}"
    detail = {"planHash": execution.plan_hash, "reason": by.reason, "missing": missing}
    reasons = "; ".join(one for one in (execution.break_glass, by.reason.strip()) if one)
    decision = _approved(
        progress, by, given, said, Announce(("execution.breakGlass", "approval.approved", "execution.updated"), "break_glass", detail), now
    )
    return replace(decision, execution=replace(decision.execution, break_glass=reasons[:500]))


def check_break_glass(reason: str) -> None:
    """Raise `Invalid("reason_needed")` for a reason that says nothing."""
    if len(reason.strip()) < MIN_BREAK_GLASS:
        say = f"give the reason to break the glass, at least {MIN_BREAK_GLASS} characters"
        raise Invalid("reason_needed", say=say, errors=[{"field": "breakGlass", "code": "reason_needed", "message": say}])


def _shared(by: Person) -> dict[str, str]:
    return {} if by.on_behalf_of is None else {"onBehalfOf": by.on_behalf_of}


def _require_ready(execution: Execution, plan_hash: str | None, now: datetime) -> None:
    _require_pending(execution)
    if execution.plan_hash is None or execution.phase is not Phase.APPROVAL:
        raise Refused("plan_not_ready", say="the plan is not ready yet; wait for it, read it, then approve it")
    if plan_hash is not None and plan_hash != execution.plan_hash:
        raise Refused("plan_changed", say="the plan has changed since you read it; read it again, then approve it")
    if execution.expires_at is not None and now >= execution.expires_at:
        raise Refused("approval_expired", say="the approval expired; start the runbook again")


def _approved(progress: Progress, by: Person, given: RecordDecision, said: str, announce: Announce, now: datetime) -> Decision:
    """The plan has what it needs: go on with its first step, or with the one after the step that asked."""
    step = _asking_step(progress)
    after = replace(progress.execution, status=ExecutionStatus.QUEUED, phase=Phase.APPLYING, approved_by=by.id, approved_at=now, due_at=now)
    done = () if step is None else (replace(step, state=StepState.SUCCEEDED, finished_at=now, message=said[0].lower() + said[1:]),)
    return Decision(
        execution=after,
        steps=done,
        log=(LogLine("info", None if step is None else step.name, said),),
        effects=(given, CloseApproval("approved", by.id, by.via, by.reason or None), announce),
    )


def void_approval(progress: Progress, lost: Sequence[str], *, kept: Sequence[str], has_break_glass: bool, now: datetime) -> Decision:
    """Wait for other approvals: whoever gave these has lost the right before the first step began. Not in the middle of a runbook.

    `lost` are people; `kept` are the ids of the decisions that still count. If break-glass was lost (`has_break_glass`), the execution
    ignores no freeze any more.
    """
    who = ", ".join(lost)
    said = f"The approval of {who} does not count: this person may not approve here any more. Waiting for another approval"
    execution = progress.execution
    execution = replace(execution, break_glass=None if has_break_glass else execution.break_glass)
    announce = Announce(("approval.requested", "execution.updated"), "void_approval", {"approvedBy": who})
    return _ask(execution, said, announce, kept=kept, now=now)


def ask_late(progress: Progress, *, now: datetime) -> Decision:
    """Wait for an approval that was not needed when the execution was requested, and is needed before its first change."""
    said = "The rules of the organization now require an approval of this plan. Waiting for it"
    return _ask(progress.execution, said, Announce(("approval.requested", "execution.updated")), kept=(), now=now)


def _ask(execution: Execution, said: str, announce: Announce, *, kept: Sequence[str], now: datetime) -> Decision:
    """Request an approval of the plan before its first step."""
    expires_at = now + timedelta(seconds=execution.read_definition.approval_expires_s)
    after = replace(
        execution,
        status=ExecutionStatus.PENDING_APPROVAL,
        phase=Phase.APPROVAL,
        approved_by=None,
        approved_at=None,
        expires_at=expires_at,
        due_at=expires_at,
    )
    return Decision(execution=after, log=(LogLine("warning", None, said),), effects=(RequestApproval(expires_at, tuple(kept)), announce))


def _asking_step(progress: Progress) -> Step | None:
    """The step that waits for the approval; None for the approval before the first step."""
    step = progress.next_step
    return step if step is not None and step.state is StepState.RUNNING else None


def _require_pending(execution: Execution) -> None:
    if execution.status is not ExecutionStatus.PENDING_APPROVAL:
        raise Refused("not_pending", say=f"the execution is {execution.status.value}; it does not wait for an approval")


def _require_other(progress: Progress, by: Person, confirm: str, panel: Panel) -> None:
    """Raise `Forbidden("own_request")` where the requester does not count, `Invalid` for one who counts and has to confirm it."""
    execution = progress.execution
    is_for_others = panel.requirement.is_set or execution.needs_another_person
    if _asking_step(progress) is None or execution.read_definition.needs_approval_at(progress.risk) or is_for_others:
        _require_confirmation(execution, by, confirm, is_only_member=panel.is_only_member and not is_for_others)


def _require_confirmation(execution: Execution, by: Person, confirm: str, *, is_only_member: bool) -> None:
    if not is_only_member:
        why = (
            "you requested this change yourself"
            if execution.requested_by == by.id
            else "you know the secret of the trigger that started this"
        )
        raise Forbidden("own_request", say=f"{why}; another member must approve it")
    name = str(execution.target["name"])
    if len(by.reason.strip()) < 3 or confirm != name:
        say = f"you are the only member: give a reason, and the target's name as confirm ({name})"
        raise Invalid("confirmation_needed", say=say, errors=[{"field": "confirm", "code": "confirmation_needed", "message": say}])


def reject(progress: Progress, by: Person, *, now: datetime) -> Decision:
    """Reject the plan. Raises `Refused("not_pending")`."""
    _require_pending(progress.execution)
    return failures.not_approved(
        progress,
        ExecutionStatus.REJECTED,
        "rejected",
        f"rejected by {by.name}{by.suffix}",
        now,
        kinds=("approval.rejected",),
        closed=CloseApproval("rejected", by.id, by.via, by.reason or None),
        audit="reject",
        detail={"reason": by.reason} | _shared(by),
        effects=[RecordDecision(Verdict.REJECTED, by.member_id, by.id, by.via, by.reason or None), *_drop_plan(progress)],
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
        ExecutionStatus.CANCELED,
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
    if not execution.status.is_final or execution.status is ExecutionStatus.SUCCEEDED or execution.dry_run:
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
