"""What an execution waits for now, and until when at the latest: by name, for people and for what watches over them."""

from datetime import datetime, timedelta
from typing import NamedTuple

from optral.runbooks.executions import control_steps
from optral.runbooks.executions.effects import Progress
from optral.runbooks.language import conditions
from optral.runbooks.language.definition import Action
from optral.runbooks.model import Execution, ExecutionStatus, Phase, Step, StepState

KINDS = ("plan", "approval", "turn", "freeze", "window", "limit", "resume", "agent", "time", "condition", "retry", "merge", "verification")
"""`turn`: of its cluster, while another execution changes it. `freeze`: its end. `window`: a maintenance window that opens. `limit`: of
changes within an hour. `resume`: executions are stopped or paused. `agent`: the command of a step. `merge`: of the pull request, and its
sync."""


class Waiting(NamedTuple):
    """`kind` is one of `KINDS`. `step`: the one that waits. `until`: the latest moment, None where the commands have their own.

    `what`: the condition or the freeze in words. `window_id`: the freeze.
    """

    kind: str
    step: Step | None = None
    until: datetime | None = None
    what: str | None = None
    window_id: str | None = None


def of(progress: Progress, held: Waiting | None = None) -> Waiting | None:
    """What it waits for; None when it has ended or moves on by itself. `held`: why its turn does not come, where that is known."""
    execution = progress.execution
    if execution.status.is_final:
        return None
    match execution.phase:
        case Phase.PLANNING:
            return Waiting("plan")
        case Phase.APPROVAL:
            step = progress.next_step
            return Waiting("approval", step if step is not None and step.state is StepState.RUNNING else None, execution.expires_at)
        case Phase.PROPOSED:
            return Waiting("merge")
        case Phase.VERIFYING:
            until = (execution.verification or {}).get("until")
            return Waiting("verification", until=None if until is None else datetime.fromisoformat(until))
        case _:
            if execution.status is ExecutionStatus.QUEUED:
                return held or Waiting("turn")
            return _at_step(execution, progress.next_step, held)


def _at_step(execution: Execution, step: Step | None, held: Waiting | None) -> Waiting | None:
    if step is None:
        return None
    if step.command_id is not None:
        return Waiting("agent", step)
    if step.attempt:
        return Waiting("retry", step, execution.due_at)
    action = execution.read_definition.steps[step.position]
    if (condition := control_steps.condition_of(action, step)) is not None:
        return Waiting("condition", step, _deadline(action, step), conditions.describe(condition))
    if step.state is StepState.RUNNING:
        return Waiting("time", step, _deadline(action, step))
    return (held or Waiting("turn"))._replace(step=step)


def _deadline(action: Action, step: Step) -> datetime | None:
    return None if step.started_at is None else step.started_at + timedelta(seconds=control_steps.longest_s(action, step))
