"""What a step does that sends no command: it waits, decides, asks a person, or sends a message. And the `if` of every step."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from optral.runbooks.executions import failures, reports
from optral.runbooks.executions.effects import Announce, Decision, Observation, Progress, RequestApproval, Send, Write, go_on, wait
from optral.runbooks.language import conditions
from optral.runbooks.language.definition import Action
from optral.runbooks.model import CLOCK_SKEW, ExecutionStatus, LogLine, Phase, Step, StepState

LOOK_AGAIN = timedelta(seconds=3)
CONDITION_S = 60
"""How long the `if` of a step waits for what it has to know."""


def condition_of(action: Action, step: Step) -> Mapping[str, Any] | None:
    """The condition that the step depends on now."""
    if action.condition is not None and step.state is StepState.PENDING and not step.attempt:
        return action.condition
    return _own_condition(step) if action.is_control else None


def longest_s(action: Action, step: Step) -> int:
    """How long the step may wait, in seconds."""
    if step.state is StepState.PENDING and action.condition is not None:
        return CONDITION_S
    seconds = step.values.get("seconds") if action.is_control else None
    return seconds if isinstance(seconds, int) else action.time_s


def _own_condition(step: Step) -> Mapping[str, Any] | None:
    found = step.values.get("when") or step.values.get("until")
    return found if isinstance(found, Mapping) else None


def decide(progress: Progress, step: Step, seen: Observation) -> Decision | None:
    """The next move of a step that no command is out for; None: send its command."""
    if step.started_at is not None and step.started_at > seen.now + CLOCK_SKEW:  # the clock was set back: it would wait until then
        return go_on(replace(progress.execution, due_at=seen.now), replace(step, started_at=seen.now))
    action = progress.execution.read_definition.steps[step.position]
    if action.condition is not None and step.state is StepState.PENDING and not step.attempt:
        holds = conditions.judge(action.condition, seen.facts)
        if holds is None:
            return _await_facts(progress, step, seen.now, action.condition, CONDITION_S)
        if not holds:
            return _skip(progress, step, seen.now, f"{conditions.describe(action.condition)} does not hold")
    return None if not action.is_control else _CONTROLS[step.verb](progress, action, step, seen)


def _skip(progress: Progress, step: Step, now: datetime, why: str) -> Decision:
    skipped = replace(step, state=StepState.SKIPPED, message=why, finished_at=now)
    return go_on(replace(progress.execution, due_at=now), skipped, log=[LogLine("info", step.name, f"Skipped: {why}")])


def _await_facts(progress: Progress, step: Step, now: datetime, condition: Mapping[str, Any], for_s: int) -> Decision:
    """What the condition asks for is not known: look again, and give up after a while."""
    if step.started_at is None:
        begun = replace(step, started_at=now)
        return Decision(execution=replace(progress.execution, due_at=now + LOOK_AGAIN), steps=(begun,))
    if now < step.started_at + timedelta(seconds=for_s):
        return wait(progress.execution, now + LOOK_AGAIN)
    why = f"it is not known whether {conditions.describe(condition)}: the inventory does not show it"
    return _give_up(progress, step, now, "condition_unknown", why)


def _give_up(progress: Progress, step: Step, now: datetime, code: str, why: str) -> Decision:
    if step.is_optional:
        return failures.pass_over(progress, step, now, code=code, reason=why)
    return failures.stop(progress, step, now, code=code, message=f"step {step.name!r} failed: {why}", reason=why)


def _succeed(progress: Progress, step: Step, now: datetime, said: str, **more: Any) -> Decision:
    done = replace(step, state=StepState.SUCCEEDED, started_at=step.started_at or now, finished_at=now, message=said)
    return go_on(replace(progress.execution, due_at=now), done, log=[LogLine("info", step.name, said)], **more)


def _begin(progress: Progress, step: Step, now: datetime, until: datetime, said: str) -> Decision:
    begun = replace(step, state=StepState.RUNNING, started_at=now)
    return go_on(replace(progress.execution, due_at=until), begun, log=[LogLine("info", step.name, said)])


def _wait(progress: Progress, action: Action, step: Step, seen: Observation) -> Decision:
    until, for_s = _own_condition(step), longest_s(action, step)
    if step.state is StepState.PENDING:
        what = f"{for_s} s" if until is None else f"at most {for_s} s until {conditions.describe(until)}"
        return _begin(progress, step, seen.now, seen.now, f"Waiting {what}")
    assert step.started_at is not None
    ends_at = step.started_at + timedelta(seconds=for_s)
    if until is not None and conditions.judge(until, seen.facts):
        return _succeed(progress, step, seen.now, conditions.describe(until))
    if seen.now < ends_at:
        return wait(progress.execution, ends_at if until is None else min(ends_at, seen.now + LOOK_AGAIN))
    if until is None:
        return _succeed(progress, step, seen.now, f"waited {for_s} s")
    return _give_up(progress, step, seen.now, "wait_timed_out", f"after {for_s} s it is still not so that {conditions.describe(until)}")


def _condition(progress: Progress, action: Action, step: Step, seen: Observation) -> Decision:
    when = step.values["when"]
    holds, said = conditions.judge(when, seen.facts), conditions.describe(when)
    if holds is None:
        return _await_facts(progress, step, seen.now, when, action.time_s)
    if holds:
        return _succeed(progress, step, seen.now, said)
    if step.values.get("otherwise", "stop") == "stop":
        why = f"{said} does not hold"
        return failures.stop(progress, step, seen.now, code="condition_not_met", message=f"step {step.name!r} ends here: {why}", reason=why)
    decision = _succeed(progress, step, seen.now, f"{said} does not hold; the remaining steps are skipped")
    rest = [
        replace(one, state=StepState.SKIPPED, finished_at=seen.now)
        for one in progress.steps
        if one.position > step.position and not one.state.is_final
    ]
    return replace(decision, steps=(*decision.steps, *rest))


def _approval(progress: Progress, action: Action, step: Step, seen: Observation) -> Decision:
    """The execution waits as it does for the approval before its first step; its turn in the cluster is free meanwhile."""
    expires_at = seen.now + timedelta(seconds=action.time_s)
    execution = replace(
        progress.execution, status=ExecutionStatus.PENDING_APPROVAL, phase=Phase.APPROVAL, expires_at=expires_at, due_at=expires_at
    )
    said = "Waiting for approval of this plan" + (f": {step.values['message']}" if step.values.get("message") else "")
    return Decision(
        execution=execution,
        steps=(replace(step, state=StepState.RUNNING, started_at=seen.now),),
        log=(LogLine("info", step.name, said),),
        effects=(RequestApproval(expires_at), Announce(("approval.requested", "execution.updated"))),
        write=Write.VERSION,
    )


def _notify(progress: Progress, action: Action, step: Step, seen: Observation) -> Decision:
    """The message is written once, with the end of the step, and delivered by the webhooks: nothing waits for it."""
    message = str(step.values["message"])
    return _succeed(progress, step, seen.now, f"sent: {message}", effects=(Send(action.name, message),))


def _report(progress: Progress, _action: Action, step: Step, seen: Observation) -> Decision:
    """The report is the result of the step, and stands in the log."""
    manifest = seen.facts.object
    if manifest is None:
        if step.started_at is None:
            begun = replace(step, started_at=seen.now)
            return Decision(execution=replace(progress.execution, due_at=seen.now + LOOK_AGAIN), steps=(begun,))
        if seen.now < step.started_at + timedelta(seconds=CONDITION_S):
            return wait(progress.execution, seen.now + LOOK_AGAIN)
        return _give_up(progress, step, seen.now, "object_unknown", f"the inventory does not show {step.object}")
    made = reports.of(str(step.values["about"]), step.kind, manifest)
    decision = _succeed(progress, step, seen.now, made.summary)
    (done,) = decision.steps
    lines = [LogLine("info", step.name, line) for line in made.text.splitlines()[1:] if line]
    return replace(decision, steps=(replace(done, result=made.plain()),), log=(*decision.log, *lines))


def needs_object(step: Step) -> bool:
    """Whether the step needs the object itself, without a condition on it."""
    return step.verb == "report"


_CONTROLS: Mapping[str, Callable[[Progress, Action, Step, Observation], Decision]] = {
    "wait": _wait,
    "condition": _condition,
    "approval": _approval,
    "notify": _notify,
    "report": _report,
}
