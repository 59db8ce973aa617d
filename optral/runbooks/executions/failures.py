"""What becomes of an execution when a step does not succeed: another attempt, the next step, or the end, with or without the way back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from optral.runbooks.executions import reversal
from optral.runbooks.executions.effects import CloseApproval, CommandReport, Decision, Effect, Outcome, Progress, StartUndo, end, go_on
from optral.runbooks.model import MAX_ATTEMPTS, ExecutionStatus, LogLine, Step, StepState

CONFLICTS = frozenset({"PRECONDITION", "CONFLICT"})
"""Codes of a change that was not made because the object had changed since the check."""


def retry_or_fail(progress: Progress, step: Step, report: CommandReport, now: datetime) -> Decision:
    """Check again when the object changed between check and change, and try again what the definition says. Anything else fails.

    Every attempt here had no effect: a change whose outcome is not known is lost, and never comes here.
    """
    execution, action = progress.execution, progress.execution.read_definition.steps[step.position]
    again = replace(step, state=StepState.PENDING, command_id=None)
    if step.is_write and report.code in CONFLICTS and step.attempt < MAX_ATTEMPTS:
        log = [LogLine("warning", step.name, "The object changed after the check; checking again")]
        return go_on(replace(execution, due_at=now), again, log=log)
    is_final = report.outcome is Outcome.CANCELED or _is_partly_done(report)
    if action.retry is not None and step.attempt <= action.retry.times and not is_final:
        pause_s = action.retry.after_s(step.attempt)
        log = [LogLine("warning", step.name, f"{report.reason}; attempt {step.attempt + 1} follows in {pause_s} s")]
        return go_on(replace(execution, due_at=now + timedelta(seconds=pause_s)), again, log=log)
    if step.is_optional and not _is_partly_done(report):
        return pass_over(progress, step, now, code=report.code or report.outcome.value, reason=report.reason)
    return fail(progress, step, report, now, what="failed")


def _is_partly_done(report: CommandReport) -> bool:
    return bool((report.result or {}).get("changed"))


def pass_over(progress: Progress, step: Step, now: datetime, *, code: str, reason: str) -> Decision:
    """Leave a failed step behind, and go on with the next one."""
    failed = replace(step, state=StepState.FAILED, code=code, message=reason, finished_at=now)
    return go_on(replace(progress.execution, due_at=now), failed, log=[LogLine("warning", step.name, reason)])


def fail(progress: Progress, step: Step, report: CommandReport, now: datetime, *, what: str) -> Decision:
    """The command of a step ended without success."""
    status = ExecutionStatus.TIMED_OUT if report.outcome is Outcome.TIMED_OUT else ExecutionStatus.FAILED
    code, is_partly_done = report.code or report.outcome.value, _is_partly_done(report)
    changed = is_partly_done or progress.execution.applied_at is not None
    message = f"step {step.name!r} {what}: {report.reason}"
    message += "" if is_partly_done else _so_far(changed)
    done = replace(step, result=dict(report.result or {})) if is_partly_done else step
    log = [LogLine("error", step.name, f"{code}: {report.reason}")]
    return stop(progress, done, now, code=code, message=message, reason=report.reason, status=status, changed=changed, log=log)


def _so_far(changed: bool) -> str:
    return "; earlier steps changed something" if changed else "; nothing was changed"


def stop(
    progress: Progress,
    step: Step,
    now: datetime,
    *,
    code: str,
    message: str,
    reason: str,
    status: ExecutionStatus = ExecutionStatus.FAILED,
    changed: bool | None = None,
    log: Sequence[LogLine] = (),
    kinds: Sequence[str] = (),
    audit: str = "finish",
    detail: Mapping[str, Any] | None = None,
    effects: Sequence[Effect] = (),
) -> Decision:
    """End the execution at this step, and begin the way back when the step asks for it.

    `message` is about the execution, `reason` about the step.
    """
    changed = progress.execution.applied_at is not None if changed is None else changed
    failed = replace(step, state=StepState.FAILED, code=code, message=reason, finished_at=now)
    after = Progress(progress.execution, [failed if one.id == step.id else one for one in progress.steps])
    failure: dict[str, Any] = {"code": code, "message": message, "step": step.name, "changed": changed}
    if progress.execution.read_definition.steps[step.position].on_error == "rollback" and changed:
        back, undo = _way_back(after, step)
        failure, effects, log = failure | {"rollback": back}, (*effects, *undo), (*log, *_lines(back))
    return end(progress, status, now, failure=failure, steps=[failed], log=log, kinds=kinds, audit=audit, detail=detail, effects=effects)


def _way_back(progress: Progress, failed: Step) -> tuple[dict[str, Any], list[StartUndo]]:
    """What the automatic undo restores and what it cannot, and the effect that starts it when it restores anything."""
    way = reversal.way_back(progress.steps)
    obstacles = [{"step": step.name, "reason": reason} for step, reason in way.obstacles]
    restored = [step.name for step in way.restored]
    return {"restores": restored, "notUndone": obstacles}, [StartUndo(f"step {failed.name!r} failed")] if restored else []


def _lines(back: Mapping[str, Any]) -> list[LogLine]:
    lines = [LogLine("warning", one["step"], f"Cannot be undone: {one['reason']}") for one in back["notUndone"]]
    return lines + ([LogLine("info", None, f"Rolling back: {', '.join(back['restores'])}")] if back["restores"] else [])


def not_approved(
    progress: Progress,
    status: ExecutionStatus,
    code: str,
    message: str,
    now: datetime,
    *,
    kinds: Sequence[str],
    closed: CloseApproval,
    audit: str = "finish",
    detail: Mapping[str, Any] | None = None,
    effects: Sequence[Effect] = (),
) -> Decision:
    """Nobody approved the plan, before its first step or in its middle."""
    given: dict[str, Any] = {"kinds": kinds, "audit": audit, "detail": detail, "effects": (closed, *effects)}
    step = progress.next_step
    if step is None or step.state is not StepState.RUNNING:
        return end(progress, status, now, failure={"code": code, "message": message, "changed": False}, **given)
    changed = progress.execution.applied_at is not None
    return stop(progress, step, now, code=code, message=message + _so_far(changed), reason=message, status=status, **given)


def lost(progress: Progress, step: Step, report: CommandReport, now: datetime) -> Decision:
    """Whether the change was made is unknown. Such an execution is never called failed, and never retried or rolled back by itself."""
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
    return end(Progress(after, progress.steps), ExecutionStatus.LOST, now, failure=failure, steps=[unknown], log=log)


def canceled(progress: Progress, now: datetime, step: Step | None = None) -> Decision:
    """Somebody canceled it, and no step runs any more."""
    execution = progress.execution
    changed = execution.applied_at is not None
    by = f" by {execution.cancel_requested_by}" if execution.cancel_requested_by else ""
    message = f"canceled{by}; " + ("earlier steps stay done" if changed else "nothing was changed")
    failure = {"code": "canceled", "message": message, "changed": changed}
    return end(progress, ExecutionStatus.CANCELED, now, failure=failure, steps=[] if step is None else [step])
