"""The values of a decision about an execution: what is observed, the next state, and the effects that belong to it.

`flows/executions/persistence.py` writes them in one transaction. The ids of commands are made of execution, step and attempt, so that
the same decision again repeats no command.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from optral.runbooks.executions.approvals import Verdict
from optral.runbooks.executions.impact import DEFAULT_CAPS, Caps
from optral.runbooks.executions.verification import Check
from optral.runbooks.language.conditions import NOTHING_KNOWN, Facts
from optral.runbooks.model import Execution, ExecutionStatus, LogLine, Step, StepState
from optral.terms import ids


class Outcome(StrEnum):
    """How a command stands. All but `PENDING` are final; the values are those of `commands`."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REJECTED = "rejected"
    CANCELED = "canceled"
    TIMED_OUT = "timedOut"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandReport:
    """How the command of a step stands, and what it reported. `result` as in `commands`: `before`, `after`, `diff` of a write."""

    outcome: Outcome
    code: str | None = None
    message: str | None = None
    result: Mapping[str, Any] | None = None

    @property
    def diff(self) -> list[Mapping[str, Any]]:
        diff = (self.result or {}).get("diff")
        return [change for change in diff if isinstance(change, Mapping)] if isinstance(diff, list) else []

    @property
    def reason(self) -> str:
        return self.message or self.outcome.value


class ProposalSeen(NamedTuple):
    """How the pull request of an execution stands. `state`: one of `forge`; `message`: what it waits for, or why it failed."""

    state: str
    expires_at: datetime
    url: str | None = None
    code: str | None = None
    message: str | None = None


class Progress(NamedTuple):
    """An execution with its steps, in order."""

    execution: Execution
    steps: Sequence[Step]

    @property
    def risk(self) -> str:
        """How much harm it can do: the risk of its runbook, or that of a step as it is sent, whichever is higher."""
        return self.execution.read_definition.risk_with((step.verb, step.values) for step in self.steps)

    @property
    def next_step(self) -> Step | None:
        return next((step for step in self.steps if not step.state.is_final), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What the driver sees. Only what the phase needs is filled in.

    `reports`: by the ids of `awaited_commands`. `managers`: who else manages the objects, for the plan. `is_paused`, `applying`: the
    organization's switch, and how many executions change something now, by cluster. `checks`: what verification found.
    `proposal`: how the pull request stands. `facts`: what the condition of the next step is judged by.
    `impacts`: of the steps that are planned, or of the one that was checked. `caps`: how much they may take away.
    """

    now: datetime
    reports: Mapping[str, CommandReport] = field(default_factory=dict)
    managers: Sequence[Mapping[str, Any]] = ()
    is_paused: bool = False
    applying: Mapping[str, int] = field(default_factory=dict)
    checks: Sequence[Check] = ()
    proposal: ProposalSeen | None = None
    facts: Facts = NOTHING_KNOWN
    impacts: Sequence[Mapping[str, Any]] = ()
    caps: Caps = DEFAULT_CAPS


class EnqueueCheck(NamedTuple):
    """Enqueue the dry run of a step that comes right before its change."""

    step: Step


class EnqueueApply(NamedTuple):
    """Enqueue the step itself, bound to this version of the object when there is one."""

    step: Step
    resource_version: str = ""


class CancelCommand(NamedTuple):
    command_id: str
    reason: str


class OpenProposal(NamedTuple):
    """Record the pull request with the change; a worker opens it."""


class CloseProposal(NamedTuple):
    """The execution ends before the merge: a worker closes the pull request, or it stays open."""

    leaves_open: bool = False


class RequestApproval(NamedTuple):
    """Request an approval of the plan. `keeps`: ids of decisions on the request before that still count."""

    expires_at: datetime
    keeps: tuple[str, ...] = ()


class RecordDecision(NamedTuple):
    """Write down what a person decided on the requested approval. `by` decides with the right of `member_id`."""

    verdict: Verdict
    member_id: str
    by: str
    via: str
    reason: str | None


class CloseApproval(NamedTuple):
    """Write what was decided on the newest approval, when there is one; an earlier decision stays."""

    decision: str
    by: str
    via: str
    message: str | None


class StartUndo(NamedTuple):
    """Start the way back to the values from before the execution, because a step with `onError: rollback` did not succeed."""

    reason: str


class Send(NamedTuple):
    """Send a message about the execution to the webhooks."""

    step: str
    message: str


class NoteOnIssue(NamedTuple):
    """A line in the history of the issue that the execution is for."""

    action: str


class Announce(NamedTuple):
    """Events of these types, and an audit record when `audit` names its action."""

    kinds: tuple[str, ...] = ()
    audit: str | None = None
    detail: Mapping[str, Any] | None = None


Effect = (
    EnqueueCheck
    | EnqueueApply
    | OpenProposal
    | CloseProposal
    | CancelCommand
    | RequestApproval
    | RecordDecision
    | CloseApproval
    | StartUndo
    | Send
    | NoteOnIssue
    | Announce
)


class Write(StrEnum):
    """How much of the next state is new: nothing, only when to look again (invisible to people), or a new version."""

    NOTHING = "nothing"
    DUE_AT = "dueAt"
    VERSION = "version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The next state, and what belongs into the same transaction.

    `steps`: those that changed. `again`: decide again at once. `waits_for`: commands whose end is worth another look.
    """

    execution: Execution
    steps: tuple[Step, ...] = ()
    log: tuple[LogLine, ...] = ()
    effects: tuple[Effect, ...] = ()
    write: Write = Write.VERSION
    again: bool = False
    waits_for: tuple[str, ...] = ()


UPDATED = Announce(("execution.updated",))


def command_id(execution: Execution, step: Step, purpose: str) -> str:
    """The id of a step's command for one purpose: "plan", "check 1", "apply 1". The same again is the same command."""
    return ids.derive("cmd", execution.id, step.id, purpose)


def plan_id(execution: Execution, step: Step) -> str:
    return command_id(execution, step, "plan")


def check_id(execution: Execution, step: Step) -> str:
    return command_id(execution, step, f"check {step.attempt}")


def apply_id(execution: Execution, step: Step) -> str:
    return command_id(execution, step, f"apply {step.attempt}")


def wait(execution: Execution, until: datetime, *, command_ids: Sequence[str] = ()) -> Decision:
    """Look again at that time, or when one of the commands ends; people see no difference."""
    return Decision(execution=replace(execution, due_at=until), write=Write.DUE_AT, waits_for=tuple(command_ids))


def go_on(after: Execution, *steps: Step, log: Sequence[LogLine] = (), effects: Sequence[Effect] = ()) -> Decision:
    """Move on at once to a state that people see."""
    return Decision(execution=after, steps=steps, log=tuple(log), effects=(*effects, UPDATED), again=True)


def end(
    progress: Progress,
    status: ExecutionStatus,
    now: datetime,
    *,
    failure: Mapping[str, Any] | None = None,
    steps: Sequence[Step] = (),
    kinds: Sequence[str] = (),
    log: Sequence[LogLine] = (),
    audit: str = "finish",
    detail: Mapping[str, Any] | None = None,
    effects: Sequence[Effect] = (),
) -> Decision:
    """End an execution: its last state, its steps that never ran, its log, events and audit."""
    changed = {step.id: step for step in steps}
    for step in progress.steps:
        if step.id not in changed and not step.state.is_final:
            changed[step.id] = replace(step, state=StepState.SKIPPED, finished_at=now)
    after = replace(progress.execution, status=status, failure=None if failure is None else dict(failure))
    text = f"Ended: {status.value}" + ("" if failure is None else f"; {failure['message']}")
    level = "info" if status in (ExecutionStatus.SUCCEEDED, ExecutionStatus.CANCELED, ExecutionStatus.REJECTED) else "error"
    ended = ("execution.updated",) if after.dry_run else ("execution.updated", "runbook.completed")
    more = {"status": status.value, "failure": None if failure is None else failure["code"]}
    return Decision(
        execution=after,
        steps=tuple(changed.values()),
        log=(*log, LogLine(level, None, text)),
        effects=(*effects, NoteOnIssue("runbook_completed"), Announce((*kinds, *ended), audit, more | dict(detail or {}))),
    )
