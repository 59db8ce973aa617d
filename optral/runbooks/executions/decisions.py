"""What an execution does next: a pure function from its state and what the driver observes to the next state and its effects.

Nothing here reads a clock, a row or a cluster. `flows/executions/driver.py` locks the execution, loads what the decision needs, and writes
the next state and the effects in one transaction. What people request (approve, reject, cancel, retry): `requests.py`. What becomes of a
step that does not succeed: `failures.py`. Steps that the server itself does, and conditions: `control_steps.py`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from optral.runbooks.executions import control_steps, failures, impact, managed, permissions, plans, verification
from optral.runbooks.executions.effects import (
    UPDATED,
    Announce,
    CloseApproval,
    CloseProposal,
    CommandReport,
    Decision,
    EnqueueApply,
    EnqueueCheck,
    Observation,
    OpenProposal,
    Outcome,
    Progress,
    RequestApproval,
    Write,
    apply_id,
    check_id,
    end,
    go_on,
    plan_id,
    wait,
)
from optral.runbooks.executions.permissions import MissingGrant
from optral.runbooks.executions.plans import Planned
from optral.runbooks.model import Execution, ExecutionStatus, LogLine, Phase, Step, StepState

LOOK_AGAIN = timedelta(seconds=2)
"""The backstop behind the hubs: how long after its last look an execution that waits is looked at again."""
GATE_AGAIN = timedelta(seconds=1)
MAX_PER_ORG = 5  # executions that change something at once
MAX_PER_CLUSTER = 1


def awaited_commands(progress: Progress) -> list[str]:
    """The commands that the next decision depends on."""
    execution = progress.execution
    if execution.phase is Phase.PLANNING:
        return [plan_id(execution, step) for step in progress.steps if step.is_write and not step.state.is_final]
    step = progress.next_step
    is_sent = execution.phase is Phase.APPLYING and step is not None and step.state is not StepState.PENDING
    return [step.command_id] if is_sent and step is not None and step.command_id is not None else []


def awaited_condition(progress: Progress) -> Mapping[str, Any] | None:
    """The condition that the next decision depends on."""
    execution, step = progress.execution, progress.next_step
    if execution.phase is not Phase.APPLYING or execution.status is not ExecutionStatus.RUNNING or step is None:
        return None
    return control_steps.condition_of(execution.read_definition.steps[step.position], step)


def awaits_facts(progress: Progress) -> bool:
    """Whether the next decision depends on what the inventory shows of an object."""
    step = progress.next_step
    is_applying = progress.execution.phase is Phase.APPLYING and progress.execution.status is ExecutionStatus.RUNNING
    return awaited_condition(progress) is not None or (is_applying and step is not None and control_steps.needs_object(step))


def advance(progress: Progress, seen: Observation) -> Decision:
    """The next move of an execution, whatever its status."""
    execution = progress.execution
    if execution.status.is_final:
        return Decision(execution=execution, write=Write.NOTHING)
    match execution.phase:
        case Phase.PLANNING:
            return _plan(progress, seen)
        case Phase.APPROVAL:
            return _await_approval(progress, seen)
        case Phase.APPLYING:
            return _apply(progress, seen)
        case Phase.PROPOSED:
            return _await_proposal(progress, seen)
        case Phase.VERIFYING:
            return _verify(progress, seen)
        case Phase.DONE:
            return Decision(execution=execution, write=Write.NOTHING)


def _plan(progress: Progress, seen: Observation) -> Decision:
    execution = progress.execution
    planned = [(step, plan_id(execution, step)) for step in progress.steps if step.is_write and not step.state.is_final]
    if pending := [command for _, command in planned if seen.reports[command].outcome is Outcome.PENDING]:
        return wait(execution, seen.now + LOOK_AGAIN, command_ids=pending)
    if lacking := [one for step, command in planned for one in permissions.of_report(step, seen.reports[command])]:
        return _lacking(progress, seen, lacking)
    for step, command in planned:
        if (report := seen.reports[command]).outcome is not Outcome.SUCCEEDED:
            return failures.fail(progress, step, report, seen.now, what="cannot be planned")
    plan = plans.plan_of(execution, _dry_runs(progress, seen), seen.managers, impact.of_plan(seen.impacts))
    after = replace(execution, plan=plan, plan_hash=plan["hash"])
    log = _changes(plan) + ([] if execution.by_pull_request else _reverted(plan))
    for step, command in planned:
        if (failure := _refused(execution, step, seen.reports[command].diff)) is not None:
            return end(Progress(after, progress.steps), ExecutionStatus.FAILED, seen.now, failure=failure, log=log)
    return _planned(Progress(after, progress.steps), seen, log)


def _changes(plan: Mapping[str, Any]) -> list[LogLine]:
    return [LogLine("info", change["step"], f"Would change {change_text(change)}") for change in plan["diff"]]


def _refused(execution: Execution, step: Step, diff: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The failure of a step whose planned change its bounds, or the values that an undo has to find, do not allow."""
    action = execution.read_definition.steps[step.position]
    for code, judge in (("out_of_bounds", plans.out_of_bounds), ("object_changed", plans.moved)):
        if (why := judge(action, diff)) is not None:
            return {"code": code, "message": why, "step": step.name, "changed": False}
    return None


def _reverted(plan: Mapping[str, Any]) -> list[LogLine]:
    """What will not last, because Argo CD or Flux applies the repository again."""
    synced = [manager for manager in plan["managers"] if manager["kind"] in managed.SYNCING]
    say = "manages this object: a change in the cluster will be reverted at the next sync; also make it in the repository"
    return [LogLine("warning", one["step"], f"{managed.Manager(one['kind'], one['name'])} {say}") for one in synced]


def _dry_runs(progress: Progress, seen: Observation) -> list[Planned]:
    """What the dry run of each step gave; nothing of a step that has none."""
    reports = [seen.reports.get(plan_id(progress.execution, step)) for step in progress.steps]
    return [Planned(step, (report and report.result) or {}) for step, report in zip(progress.steps, reports, strict=True)]


def _lacking(progress: Progress, seen: Observation, lacking: Sequence[MissingGrant]) -> Decision:
    """The plan lists what the agent is not allowed to do, and is not executed."""
    execution = progress.execution
    plan = plans.plan_of(execution, _dry_runs(progress, seen), seen.managers) | {"missingPermissions": [one.plain() for one in lacking]}
    failure = {"code": "permissions_missing", "message": permissions.refusal(lacking), "step": lacking[0].step, "changed": False}
    after = Progress(replace(execution, plan=plan, plan_hash=plan["hash"]), progress.steps)
    return end(after, ExecutionStatus.FAILED, seen.now, failure=failure)


def _planned(progress: Progress, seen: Observation, log: Sequence[LogLine]) -> Decision:
    """The plan is complete: end a dry run, request an approval, or begin to apply."""
    execution, definition = progress.execution, progress.execution.read_definition
    log = log or [LogLine("info", None, "Planned: nothing would change" if definition.writes else "Planned: reads only")]
    if execution.dry_run:
        return end(progress, ExecutionStatus.SUCCEEDED, seen.now, log=log)
    if execution.by_pull_request:
        return _propose(execution, seen.now, log)
    if (why := impact.excess(execution, (execution.plan or {}).get("impact"), seen.caps.most)) is not None:
        failure = {"code": "impact_too_large", "message": why, "changed": False}
        return end(progress, ExecutionStatus.FAILED, seen.now, failure=failure, log=log)
    if (why := impact.excess(execution, (execution.plan or {}).get("impact"), seen.caps.approval)) is not None:
        execution = replace(execution, status=ExecutionStatus.PENDING_APPROVAL)
        log = [*log, LogLine("warning", None, f"{why} without an approval")]
    if execution.status is ExecutionStatus.PENDING_APPROVAL:
        expires_at = seen.now + timedelta(seconds=definition.approval_expires_s)
        return Decision(
            execution=replace(execution, phase=Phase.APPROVAL, expires_at=expires_at, due_at=expires_at),
            log=(*log, LogLine("info", None, "Waiting for approval of this plan")),
            effects=(RequestApproval(expires_at), Announce(("approval.requested", "execution.updated"))),
        )
    return go_on(replace(execution, phase=Phase.APPLYING, due_at=seen.now), log=log)


def _propose(execution: Execution, now: datetime, log: Sequence[LogLine]) -> Decision:
    """The change goes to the repository: the merge of the pull request is the approval."""
    after = replace(execution, status=ExecutionStatus.RUNNING, phase=Phase.PROPOSED, started_at=now, due_at=now)
    return Decision(
        execution=after, log=(*log, LogLine("info", None, "Opening a pull request")), effects=(OpenProposal(), UPDATED), again=True
    )


def _await_proposal(progress: Progress, seen: Observation) -> Decision:
    """Wait for the pull request; what its worker records makes the execution due."""
    execution, proposal = progress.execution, seen.proposal
    if proposal is None or proposal.state == "failed":
        code, message = ("proposal_lost", None) if proposal is None else (proposal.code, proposal.message)
        failure = {"code": code or "failed", "message": message or "the pull request is not known any more", "changed": False}
        return end(progress, ExecutionStatus.FAILED, seen.now, failure=failure)
    if proposal.state == "closed":
        message = f"{proposal.url or 'the pull request'} was closed without a merge"
        return end(
            progress, ExecutionStatus.REJECTED, seen.now, failure={"code": "pull_request_closed", "message": message, "changed": False}
        )
    if proposal.state == "synced":
        return _synced(progress, proposal.url, seen.now)
    if seen.now < proposal.expires_at:
        return wait(execution, proposal.expires_at)
    message = f"{proposal.url or 'no pull request'} within the time allowed: {proposal.message or proposal.state}"
    failure = {"code": "pull_request_expired", "message": message, "changed": False}
    return end(progress, ExecutionStatus.TIMED_OUT, seen.now, failure=failure, effects=(CloseProposal(),))


def _synced(progress: Progress, url: str | None, now: datetime) -> Decision:
    """The cluster has the change, from the repository: verify it as any other."""
    done = [
        replace(step, state=StepState.SUCCEEDED, finished_at=now, message=f"applied from the repository: {url}")
        if step.is_write
        else replace(step, state=StepState.SKIPPED, finished_at=now)
        for step in progress.steps
        if not step.state.is_final
    ]
    after = replace(progress.execution, status=ExecutionStatus.VERIFYING, phase=Phase.VERIFYING, applied_at=now, due_at=now)
    return go_on(after, *done, log=[LogLine("info", None, "Applied from the repository. Verifying the fix")])


def _await_approval(progress: Progress, seen: Observation) -> Decision:
    execution = progress.execution
    assert execution.expires_at is not None
    if seen.now < execution.expires_at:
        return wait(execution, execution.expires_at)
    message = "the approval expired before anybody approved the plan"
    expired = CloseApproval("expired", "system", "system", None)
    return failures.not_approved(
        progress, ExecutionStatus.EXPIRED, "approval_expired", message, seen.now, kinds=("approval.expired",), closed=expired
    )


def _apply(progress: Progress, seen: Observation) -> Decision:
    execution, step = progress.execution, progress.next_step
    if execution.cancel_requested_by is not None and (step is None or step.command_id is None):
        return failures.canceled(progress, seen.now)
    if execution.status is ExecutionStatus.QUEUED:
        return _begin(execution, seen)
    if step is None:
        return _all_applied(progress, seen)
    if step.command_id is None:
        return _begin_step(progress, step, seen)
    report = seen.reports[step.command_id]
    if report.outcome is Outcome.PENDING:
        return wait(execution, seen.now + LOOK_AGAIN, command_ids=[step.command_id])
    if step.state is StepState.CHECKING:
        return _checked(progress, step, report, seen.now, seen.impacts)
    return _performed(progress, step, report, seen.now)


def _begin(execution: Execution, seen: Observation) -> Decision:
    """Change one cluster in one place at a time; an execution that only reads need not wait."""
    if execution.read_definition.writes:
        is_full = seen.applying.get(execution.cluster_id, 0) >= MAX_PER_CLUSTER or sum(seen.applying.values()) >= MAX_PER_ORG
        if seen.is_paused or is_full:
            return wait(execution, seen.now + GATE_AGAIN)
    started_at = execution.started_at or seen.now
    return go_on(replace(execution, status=ExecutionStatus.RUNNING, started_at=started_at, due_at=seen.now))


def _begin_step(progress: Progress, step: Step, seen: Observation) -> Decision:
    """Check once more before a change; read at once. A step of the server itself, and one that has a condition: `control_steps.py`."""
    execution = progress.execution
    if step.attempt and execution.due_at is not None and seen.now < execution.due_at:
        return wait(execution, execution.due_at)  # the pause before another attempt
    if (decision := control_steps.decide(progress, step, seen)) is not None:
        return decision
    if step.is_write and seen.is_paused:
        return wait(execution, seen.now + LOOK_AGAIN)
    begun = replace(step, attempt=step.attempt + 1, started_at=step.started_at or seen.now)
    if step.is_write:
        begun = replace(begun, state=StepState.CHECKING, command_id=check_id(execution, begun))
    else:
        begun = replace(begun, state=StepState.RUNNING, command_id=apply_id(execution, begun))
    assert begun.command_id is not None
    return Decision(
        execution=replace(execution, due_at=seen.now + LOOK_AGAIN),
        steps=(begun,),
        log=(LogLine("info", step.name, f"{step.verb} {step.object}"),) if begun.attempt == 1 else (),
        effects=(EnqueueCheck(begun) if step.is_write else EnqueueApply(begun), UPDATED),
        waits_for=(begun.command_id,),
    )


def _checked(progress: Progress, step: Step, report: CommandReport, now: datetime, impacts: Sequence[Mapping[str, Any]]) -> Decision:
    """The check has ended: change only what is still as it was planned."""
    execution = progress.execution
    if execution.cancel_requested_by is not None:
        return failures.canceled(progress, now)
    if report.outcome is not Outcome.SUCCEEDED:
        return failures.retry_or_fail(progress, step, report, now)
    why, code = plans.drift(execution.plan or {"steps": [], "diff": []}, step, report.diff), "plan_drifted"
    if why is None:
        why, code = plans.out_of_bounds(execution.read_definition.steps[step.position], report.diff), "out_of_bounds"
    if why is None and not plans.is_written_before(execution.plan or {"steps": []}, step):
        grown = [impact.grown((execution.plan or {}).get("impact"), one) for one in impacts]
        why, code = next((one for one in grown if one is not None), None), "plan_drifted"
    if why is not None:
        return failures.stop(progress, step, now, code=code, message=why, reason=why)
    command = apply_id(execution, step)
    version = str((report.result or {}).get("resourceVersion") or "")
    begun = replace(step, state=StepState.RUNNING, command_id=command, pre_image=_pre_image(step, report))
    detail = {"step": step.name, "verb": step.verb, "object": str(step.object), "command": command}
    return Decision(
        execution=replace(execution, due_at=now + LOOK_AGAIN),
        steps=(begun,),
        effects=(EnqueueApply(step, version), Announce(audit="apply", detail=detail)),
        waits_for=(command,),
    )


def _pre_image(step: Step, report: CommandReport) -> Mapping[str, Any] | None:
    """The fields that the change touches, as they were before it."""
    before = (report.result or {}).get("before")
    return dict(before) if isinstance(before, Mapping) else step.pre_image


def _performed(progress: Progress, step: Step, report: CommandReport, now: datetime) -> Decision:
    execution = progress.execution
    match report.outcome:
        case Outcome.SUCCEEDED:
            done = replace(
                step,
                state=StepState.SUCCEEDED,
                finished_at=now,
                code=report.code,
                message=report.message,
                result=dict(report.result or {}),
                pre_image=_pre_image(step, report) if step.is_write else step.pre_image,
            )
            after = replace(execution, due_at=now, applied_at=(execution.applied_at or now) if step.is_write else execution.applied_at)
            log = [LogLine("info", step.name, change_text(change)) for change in report.diff]
            return go_on(after, done, log=log or [LogLine("info", step.name, report.message or "done")])
        case Outcome.CANCELED:
            return failures.canceled(progress, now, replace(step, state=StepState.CANCELED, finished_at=now, code=report.code))
        case Outcome.UNKNOWN:
            return failures.lost(progress, step, report, now)
        case Outcome.TIMED_OUT if step.is_write:
            return failures.lost(progress, step, report, now)
        case _:
            return failures.retry_or_fail(progress, step, report, now)


def _all_applied(progress: Progress, seen: Observation) -> Decision:
    execution = progress.execution
    if execution.applied_at is None:
        return _nothing_applied(progress, seen.now)
    log = [LogLine("info", None, "Steps done. Verifying the fix")]
    return go_on(replace(execution, status=ExecutionStatus.VERIFYING, phase=Phase.VERIFYING, due_at=seen.now), log=log)


def _nothing_applied(progress: Progress, now: datetime) -> Decision:
    """A success, unless each change that was tried failed and was passed over."""
    failed = next((step for step in progress.steps if step.is_write and step.state is StepState.FAILED), None)
    if failed is None:
        return end(progress, ExecutionStatus.SUCCEEDED, now)
    message = f"no step changed anything; step {failed.name!r} failed: {failed.message}"
    failure = {"code": failed.code, "message": message, "step": failed.name, "changed": False}
    return end(progress, ExecutionStatus.FAILED, now, failure=failure)


def _verify(progress: Progress, seen: Observation) -> Decision:
    execution = progress.execution
    verdict = verification.judge(execution, seen.checks, now=seen.now)
    shown = verification.as_json(execution, verdict, now=seen.now)
    after = replace(execution, verification=shown, due_at=seen.now + verification.CHECK_EVERY)
    if verdict.status is None:
        changed = verification.changed_checks(execution, after)
        log = tuple(LogLine("info", None, verification.Check(**check).text) for check in changed)
        is_new = bool(log) or verification.is_moved(execution, now=seen.now)
        return Decision(execution=after, log=log, effects=(UPDATED,)) if is_new else Decision(execution=after, write=Write.DUE_AT)
    ended = Progress(after, progress.steps)
    results = [LogLine("info" if check.status == verification.PASSED else "warning", None, check.text) for check in seen.checks]
    if verdict.status != verification.FAILED:
        return end(ended, ExecutionStatus.SUCCEEDED, seen.now, log=[*results, LogLine("info", None, f"Verification: {verdict.status}")])
    worst = next(check for check in seen.checks if check.status == verification.FAILED)
    message = f"all steps were done, but verification failed: {worst.text}"
    failure = {"code": "verification_failed", "message": message, "changed": True}
    return end(ended, ExecutionStatus.FAILED, seen.now, failure=failure, log=results)


def change_text(change: Mapping[str, Any]) -> str:
    """`spec.unschedulable: unset → true`: the values as YAML has them."""
    before, after = (_yaml_text(change.get(member)) for member in ("from", "to"))
    return f"{change.get('path')}: {before} → {after}"


def _yaml_text(value: object) -> str:
    if value is None:
        return "unset"
    return value if isinstance(value, str) else json.dumps(value)
