"""What an execution does next: a pure function from its state and what the driver observes to the next state and its effects.

Nothing here reads a clock, a row or a cluster. `flows/executions/driver.py` locks the execution, loads what the decision needs, and writes
the next state and the effects in one transaction. What people request (approve, reject, cancel, retry): `requests.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from optral.runbooks import plans, verification
from optral.runbooks.effects import (
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
    plan_id,
)
from optral.runbooks.model import MAX_ATTEMPTS, Execution, LogLine, Phase, Status, Step, StepState
from optral.runbooks.plans import Planned

LOOK_AGAIN = timedelta(seconds=2)
"""The backstop behind the hubs: how long after its last look an execution that waits is looked at again."""
GATE_AGAIN = timedelta(seconds=1)
MAX_PER_ORG = 5  # executions that change something at once
MAX_PER_CLUSTER = 1
CONFLICTS = frozenset({"PRECONDITION", "CONFLICT"})
"""Codes of a change that was not made because the object had changed since the check."""


def awaited_commands(progress: Progress) -> list[str]:
    """The commands that the next decision depends on."""
    execution = progress.execution
    if execution.phase is Phase.PLANNING:
        return [plan_id(execution, step) for step in progress.steps if step.is_write and not step.state.is_final]
    step = progress.next_step
    if execution.phase is Phase.APPLYING and step is not None and step.state is not StepState.PENDING:
        assert step.command_id is not None
        return [step.command_id]
    return []


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


def _wait(execution: Execution, until: datetime, *, command_ids: Sequence[str] = ()) -> Decision:
    return Decision(execution=replace(execution, due_at=until), write=Write.DUE_AT, waits_for=tuple(command_ids))


def _go_on(after: Execution, *steps: Step, log: Sequence[LogLine] = ()) -> Decision:
    """Move on at once to a state that people see."""
    return Decision(execution=after, steps=steps, log=tuple(log), effects=(UPDATED,), again=True)


def _plan(progress: Progress, seen: Observation) -> Decision:
    execution = progress.execution
    planned = [(step, plan_id(execution, step)) for step in progress.steps if step.is_write and not step.state.is_final]
    if pending := [command for _, command in planned if seen.reports[command].outcome is Outcome.PENDING]:
        return _wait(execution, seen.now + LOOK_AGAIN, command_ids=pending)
    for step, command in planned:
        if (report := seen.reports[command]).outcome is not Outcome.SUCCEEDED:
            return _fail(progress, step, report, seen.now, what="cannot be planned")
    reports = {step.id: seen.reports[command] for step, command in planned}
    definition = execution.read_definition
    dry_runs = [Planned(step, (reports[step.id].result or {}) if step.id in reports else {}) for step in progress.steps]
    plan = plans.plan_of(execution, dry_runs, seen.managers)
    after = replace(execution, plan=plan, plan_hash=plan["hash"])
    log = [LogLine("info", change["step"], f"Would change {change['path']}: {change['from']} → {change['to']}") for change in plan["diff"]]
    for step, _ in planned:
        action, diff = definition.steps[step.position], reports[step.id].diff
        code, why = "out_of_bounds", plans.out_of_bounds(action, diff)
        if why is None:
            code, why = "object_changed", plans.moved(action, diff)
        if why is not None:
            failure = {"code": code, "message": why, "step": step.name, "changed": False}
            return end(Progress(after, progress.steps), Status.FAILED, seen.now, failure=failure, log=log)
    return _planned(Progress(after, progress.steps), seen, log)


def _planned(progress: Progress, seen: Observation, log: Sequence[LogLine]) -> Decision:
    """The plan is complete: end a dry run, request an approval, or begin to apply."""
    execution, definition = progress.execution, progress.execution.read_definition
    log = log or [LogLine("info", None, "Planned: nothing would change" if definition.writes else "Planned: reads only")]
    if execution.dry_run:
        return end(progress, Status.SUCCEEDED, seen.now, log=log)
    if execution.by_pull_request:
        return _propose(execution, seen.now, log)
    if execution.status is Status.PENDING_APPROVAL:
        expires_at = seen.now + timedelta(seconds=definition.approval_expires_s)
        return Decision(
            execution=replace(execution, phase=Phase.APPROVAL, expires_at=expires_at, due_at=expires_at),
            log=(*log, LogLine("info", None, "Waiting for approval of this plan")),
            effects=(RequestApproval(expires_at), Announce(("approval.requested", "execution.updated"))),
        )
    return _go_on(replace(execution, phase=Phase.APPLYING, due_at=seen.now), log=log)


def _propose(execution: Execution, now: datetime, log: Sequence[LogLine]) -> Decision:
    """The change goes to the repository: the merge of the pull request is the approval."""
    after = replace(execution, status=Status.RUNNING, phase=Phase.PROPOSED, started_at=now, due_at=now)
    return Decision(
        execution=after, log=(*log, LogLine("info", None, "Opening a pull request")), effects=(OpenProposal(), UPDATED), again=True
    )


def _await_proposal(progress: Progress, seen: Observation) -> Decision:
    """Wait for the pull request; what its worker records makes the execution due."""
    execution, proposal = progress.execution, seen.proposal
    if proposal is None or proposal.state == "failed":
        code, message = ("proposal_lost", None) if proposal is None else (proposal.code, proposal.message)
        failure = {"code": code or "failed", "message": message or "the pull request is not known any more", "changed": False}
        return end(progress, Status.FAILED, seen.now, failure=failure)
    if proposal.state == "closed":
        message = f"{proposal.url or 'the pull request'} was closed without a merge"
        return end(progress, Status.REJECTED, seen.now, failure={"code": "pull_request_closed", "message": message, "changed": False})
    if proposal.state == "synced":
        return _synced(progress, proposal.url, seen.now)
    if seen.now < proposal.expires_at:
        return _wait(execution, proposal.expires_at)
    message = f"{proposal.url or 'no pull request'} within the time allowed: {proposal.message or proposal.state}"
    failure = {"code": "pull_request_expired", "message": message, "changed": False}
    return end(progress, Status.TIMED_OUT, seen.now, failure=failure, effects=(CloseProposal(),))


def _synced(progress: Progress, url: str | None, now: datetime) -> Decision:
    """The cluster has the change, from the repository: verify it as any other."""
    done = [
        replace(step, state=StepState.SUCCEEDED, finished_at=now, message=f"applied from the repository: {url}")
        if step.is_write
        else replace(step, state=StepState.SKIPPED, finished_at=now)
        for step in progress.steps
        if not step.state.is_final
    ]
    after = replace(progress.execution, status=Status.VERIFYING, phase=Phase.VERIFYING, applied_at=now, due_at=now)
    return _go_on(after, *done, log=[LogLine("info", None, "The change was applied from the repository; verifying that it helped")])


def _await_approval(progress: Progress, seen: Observation) -> Decision:
    execution = progress.execution
    assert execution.expires_at is not None
    if seen.now < execution.expires_at:
        return _wait(execution, execution.expires_at)
    failure = {"code": "approval_expired", "message": "the approval expired before anybody approved the plan", "changed": False}
    expired = CloseApproval("expired", "system", "system", None)
    return end(progress, Status.EXPIRED, seen.now, failure=failure, kinds=("approval.expired",), effects=(expired,))


def _apply(progress: Progress, seen: Observation) -> Decision:
    execution, step = progress.execution, progress.next_step
    if execution.cancel_requested_by is not None and (step is None or step.state is StepState.PENDING):
        return _canceled(progress, seen.now)
    if execution.started_at is None:
        return _begin(execution, seen)
    if step is None:
        return _all_applied(progress, seen)
    if step.state is StepState.PENDING:
        return _begin_step(execution, step, seen)
    assert step.command_id is not None
    report = seen.reports[step.command_id]
    if report.outcome is Outcome.PENDING:
        return _wait(execution, seen.now + LOOK_AGAIN, command_ids=[step.command_id])
    return (_checked if step.state is StepState.CHECKING else _performed)(progress, step, report, seen.now)


def _begin(execution: Execution, seen: Observation) -> Decision:
    """Change one cluster in one place at a time; an execution that only reads need not wait."""
    if execution.read_definition.writes:
        is_full = seen.applying.get(execution.cluster_id, 0) >= MAX_PER_CLUSTER or sum(seen.applying.values()) >= MAX_PER_ORG
        if seen.is_paused or is_full:
            return _wait(execution, seen.now + GATE_AGAIN)
    return _go_on(replace(execution, status=Status.RUNNING, started_at=seen.now, due_at=seen.now))


def _begin_step(execution: Execution, step: Step, seen: Observation) -> Decision:
    """Check once more before a change; read at once."""
    if step.is_write and seen.is_paused:
        return _wait(execution, seen.now + LOOK_AGAIN)
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


def _checked(progress: Progress, step: Step, report: CommandReport, now: datetime) -> Decision:
    """The check has ended: change only what is still as it was planned."""
    execution = progress.execution
    if execution.cancel_requested_by is not None:
        return _canceled(progress, now)
    if report.outcome is not Outcome.SUCCEEDED:
        return _retry_or_fail(progress, step, report, now)
    why, code = plans.drift(execution.plan or {"steps": [], "diff": []}, step, report.diff), "plan_drifted"
    if why is None:
        why, code = plans.out_of_bounds(execution.read_definition.steps[step.position], report.diff), "out_of_bounds"
    if why is not None:
        failure = {"code": code, "message": why, "step": step.name, "changed": execution.applied_at is not None}
        failed = replace(step, state=StepState.FAILED, code=code, message=why, finished_at=now)
        return end(progress, Status.FAILED, now, failure=failure, steps=[failed])
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
            log = [LogLine("info", step.name, f"{change.get('path')}: {change.get('from')} → {change.get('to')}") for change in report.diff]
            return _go_on(after, done, log=log or [LogLine("info", step.name, report.message or "done")])
        case Outcome.CANCELED:
            return _canceled(progress, now, replace(step, state=StepState.CANCELED, finished_at=now, code=report.code))
        case Outcome.UNKNOWN:
            return _lost(progress, step, report, now)
        case Outcome.TIMED_OUT if step.is_write:
            return _lost(progress, step, report, now)
        case _:
            return _retry_or_fail(progress, step, report, now)


def _retry_or_fail(progress: Progress, step: Step, report: CommandReport, now: datetime) -> Decision:
    """Check again when the object changed between check and change. An optional step may fail. Anything else ends the execution."""
    execution = progress.execution
    if step.is_write and report.code in CONFLICTS and step.attempt < MAX_ATTEMPTS:
        log = [LogLine("warning", step.name, "The object changed after the check; checking again")]
        return _go_on(replace(execution, due_at=now), replace(step, state=StepState.PENDING, command_id=None), log=log)
    if step.is_optional:
        failed = replace(step, state=StepState.FAILED, code=report.code, message=report.message, finished_at=now)
        return _go_on(replace(execution, due_at=now), failed, log=[LogLine("warning", step.name, report.reason)])
    return _fail(progress, step, report, now, what="failed")


def _fail(progress: Progress, step: Step, report: CommandReport, now: datetime, *, what: str) -> Decision:
    status = Status.TIMED_OUT if report.outcome is Outcome.TIMED_OUT else Status.FAILED
    code, is_partly_done = report.code or report.outcome.value, bool((report.result or {}).get("changed"))
    changed = is_partly_done or progress.execution.applied_at is not None
    message = f"step {step.name!r} {what}: {report.reason}"
    message += "" if is_partly_done else "; earlier steps changed something" if changed else "; nothing was changed"
    failed = replace(step, state=StepState.FAILED, code=code, message=report.reason, finished_at=now)
    failed = replace(failed, result=dict(report.result or {})) if is_partly_done else failed
    failure = {"code": code, "message": message, "step": step.name, "changed": changed}
    return end(progress, status, now, failure=failure, steps=[failed], log=[LogLine("error", step.name, f"{code}: {report.reason}")])


def _lost(progress: Progress, step: Step, report: CommandReport, now: datetime) -> Decision:
    """Whether the change was made is unknown. Such an execution is never called failed, and never retried by itself."""
    why = report.message or "the agent did not report the result"
    message = f"step {step.name!r} may or may not have been done: {why}; look at {step.object} and compare it with the plan"
    failure = {
        "code": "unknown_outcome",
        "message": message,
        "step": step.name,
        "changed": None,
        "check": {"kind": step.kind, "namespace": step.namespace, "name": step.object_name},
    }
    unknown = replace(step, state=StepState.UNKNOWN, code=report.code, message=why, finished_at=now)
    after = replace(progress.execution, applied_at=progress.execution.applied_at or now)
    log = [LogLine("error", step.name, message)]
    return end(Progress(after, progress.steps), Status.LOST, now, failure=failure, steps=[unknown], log=log)


def _canceled(progress: Progress, now: datetime, step: Step | None = None) -> Decision:
    execution = progress.execution
    changed = execution.applied_at is not None
    by = f" by {execution.cancel_requested_by}" if execution.cancel_requested_by else ""
    message = f"canceled{by}; " + ("earlier steps stay done" if changed else "nothing was changed")
    failure = {"code": "canceled", "message": message, "changed": changed}
    return end(progress, Status.CANCELED, now, failure=failure, steps=[] if step is None else [step])


def _all_applied(progress: Progress, seen: Observation) -> Decision:
    execution = progress.execution
    if execution.applied_at is None:
        return end(progress, Status.SUCCEEDED, seen.now)
    log = [LogLine("info", None, "All steps are done; verifying that they helped")]
    return _go_on(replace(execution, status=Status.VERIFYING, phase=Phase.VERIFYING, due_at=seen.now), log=log)


def _verify(progress: Progress, seen: Observation) -> Decision:
    execution = progress.execution
    verdict = verification.judge(execution, seen.checks, now=seen.now)
    shown = verification.as_json(execution, verdict, now=seen.now)
    after = replace(execution, verification=shown, due_at=seen.now + verification.CHECK_EVERY)
    if verdict.status is None:
        changed = verification.changed_checks(execution, after)
        log = tuple(LogLine("info", None, f"{check['name']}: {check['message']}") for check in changed)
        return Decision(execution=after, log=log, effects=(UPDATED,)) if log else Decision(execution=after, write=Write.DUE_AT)
    ended = Progress(after, progress.steps)
    results = [
        LogLine("info" if check.status == verification.PASSED else "warning", None, f"{check.name}: {check.message}")
        for check in seen.checks
    ]
    if verdict.status != verification.FAILED:
        return end(ended, Status.SUCCEEDED, seen.now, log=[*results, LogLine("info", None, f"Verification: {verdict.status}")])
    worst = next(check for check in seen.checks if check.status == verification.FAILED)
    message = f"all steps were done, but verification failed: {worst.name}: {worst.message}"
    failure = {"code": "verification_failed", "message": message, "changed": True}
    return end(ended, Status.FAILED, seen.now, failure=failure, log=results)
