"""Drives executions from their rows: plan, wait for approval, apply step by step, verify.

Every move is one transaction that locks the execution's row, reads how its command stands, and writes the next state and the next command
together; nothing is remembered elsewhere. So a driver that dies, anywhere, loses nothing: another process, or the next start, looks at the
same rows and goes on. A command's id is made of execution, step and attempt, so that a repeat of a move repeats no command.
docs/decisions/executions.md says why no workflow engine does this.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from optral.commands import service as commands
from optral.commands.model import Command, State as CommandState
from optral.flows import loops
from optral.flows.executions import execution_events as news, verification
from optral.flows.executions.control import LOOK_AGAIN, apply_command, check_command, find_object, finish, managers, plan_id
from optral.kit.clock import Clock
from optral.kit.hub import Follower
from optral.kit.setbacks import Setbacks
from optral.runbooks import model, service as runbooks
from optral.runbooks.model import MAX_ATTEMPTS, Execution, Phase, Planned, Status, Step, StepState
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import OptralError
from optral.terms.ids import CommandId, OrgId

POLL_S = 5.0
POLL_SHARED_S = 1.0  # where other replicas finish commands too, their news are not heard here
GATE_AGAIN = timedelta(seconds=1)
MAX_PER_ORG = 5  # executions that change something at once
MAX_PER_CLUSTER = 1
MAX_MOVES = 64  # of one execution in a row; what is left comes with the next look
TROUBLE_AGAIN_S = 5.0
CONFLICTS = frozenset({"PRECONDITION", "CONFLICT"})
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Moved:
    """What one move led to: `again` at once, or wait for these commands."""

    again: bool = False
    waits_for: tuple[str, ...] = ()


class Driver:
    """Own `run` as a task; one in every process. `step` does what is due now."""

    def __init__(self, store: Store, clock: Clock, *, is_shared: bool = False) -> None:
        self._store, self._clock = store, clock
        self._poll_s = POLL_SHARED_S if is_shared else POLL_S
        self._news: Follower[str] = Follower()
        self._waiting: dict[str, tuple[str, str]] = {}  # command → organisation, execution
        self.setbacks = Setbacks(clock.monotonic, loops.told(_log, "executions"))

    async def run(self) -> None:
        runbooks.woken.join(self._news, runbooks.DUE)
        try:
            while True:
                wait_s = await loops.tried(self.step, self.setbacks)
                for heard in await self._news.wait(self._poll_s if wait_s is None else wait_s):
                    await self._heard(heard)
        finally:
            runbooks.woken.leave(self._news, runbooks.DUE)
            for command_id in tuple(self._waiting):
                self._forget(command_id)

    async def _heard(self, command_id: str) -> None:
        if (waiting := self._waiting.get(command_id)) is not None:
            self._forget(command_id)
            await self._drive(*waiting)

    async def step(self) -> float:
        """Drive everything that is due; return the seconds until the next is."""
        now = self._clock.now()
        for org_id, execution_id in await self._store.read(actor.system(), lambda tx: runbooks.due(tx, now=now)):
            await self._drive(org_id, execution_id)
        coming = await self._store.read(actor.system(), runbooks.next_due)
        return self._poll_s if coming is None else min(self._poll_s, max(0.05, (coming - self._clock.now()).total_seconds()))

    async def _drive(self, org_id: str, execution_id: str) -> None:
        """Move one execution as far as it goes now."""
        try:
            for _ in range(MAX_MOVES):
                moved = await self._store.write(actor.system(OrgId(org_id)), lambda tx: advance(tx, execution_id))
                is_new = self._wait_for(org_id, execution_id, moved.waits_for)
                if not moved.again and not is_new:
                    return
        except OptralError as error:
            _log.warning("execution.put_off", execution=execution_id, code=error.code, say=error.say, log=error.log)
            await self._put_off(org_id, execution_id)
        except Exception:  # noqa: BLE001 - one execution's trouble must not stop the others
            _log.exception("execution.failed_to_move", execution=execution_id)
            await self._put_off(org_id, execution_id)

    async def _put_off(self, org_id: str, execution_id: str) -> None:
        def job(tx: Transaction) -> None:
            one = runbooks.get_execution(tx, execution_id, lock=True)
            if not one.status.is_final:
                runbooks.postpone(tx, one, tx.now + timedelta(seconds=TROUBLE_AGAIN_S))

        try:
            await self._store.write(actor.system(OrgId(org_id)), job)
        except OptralError as error:
            _log.warning("execution.not_put_off", execution=execution_id, code=error.code)

    def _wait_for(self, org_id: str, execution_id: str, command_ids: Sequence[str]) -> bool:
        """Hear of these commands' ends; True when one was not waited for yet, and so may have ended just before: look once more."""
        fresh = [command_id for command_id in command_ids if command_id not in self._waiting]
        for command_id in fresh:
            self._waiting[command_id] = (org_id, execution_id)
            commands.finished.join(self._news, CommandId(command_id))
        return bool(fresh)

    def _forget(self, command_id: str) -> None:
        self._waiting.pop(command_id, None)
        commands.finished.leave(self._news, CommandId(command_id))


def advance(tx: Transaction, execution_id: str) -> Moved:
    """One move of one execution. Doing it again, at any time and from anywhere, is harmless."""
    before = runbooks.get_execution(tx, execution_id, lock=True)
    if before.status.is_final:
        return Moved()
    return _MOVES[before.phase](tx, before)


def _waits(tx: Transaction, before: Execution, *, after: timedelta = LOOK_AGAIN, command_ids: Sequence[str] = ()) -> Moved:
    runbooks.postpone(tx, before, tx.now + after)
    return Moved(waits_for=tuple(command_ids))


def _show(tx: Transaction, after: Execution, steps: Sequence[Step] = (), said: Sequence[tuple[str, str | None, str]] = ()) -> Execution:
    """Save what an operator sees differ, and tell it."""
    saved = runbooks.save(tx, after, steps, said=said)
    news.tell(tx, saved, "execution.updated")
    return saved


# --- planning


def _plan(tx: Transaction, before: Execution) -> Moved:
    steps = runbooks.steps(tx, before.id)
    asked = [(step, commands.get(tx, plan_id(before, step))) for step in steps if step.is_write and not step.state.is_final]
    if waiting := [command.id for _, command in asked if not command.is_final]:
        return _waits(tx, before, command_ids=waiting)
    for step, command in asked:
        if command.state is not CommandState.SUCCEEDED:
            return _fail(tx, before, step, command, what="it cannot be planned")
    return _planned(tx, before, steps, {step.id: command for step, command in asked})


def _planned(tx: Transaction, before: Execution, steps: Sequence[Step], answers: Mapping[str, Command]) -> Moved:
    made = before.read_definition
    planned = [Planned(step, answers[step.id].result or {} if step.id in answers else {}) for step in steps]
    plan = model.plan_of(before, planned, _managed(tx, before, steps))
    after = replace(before, plan=plan, plan_hash=plan["hash"])
    said = [("info", change["step"], f"Would change {change['path']}: {change['from']} → {change['to']}") for change in plan["diff"]]
    for step in steps:
        if step.id in answers and (why := model.out_of_bounds(made.steps[step.position], _diff(answers[step.id]))) is not None:
            failure = {"code": "out_of_bounds", "message": why, "step": step.name, "changed": False}
            finish(tx, after, Status.FAILED, failure=failure, said=said)
            return Moved()
    said = said or [("info", None, "Planned: nothing would change" if made.writes else "Planned: reads only")]
    if before.dry_run:
        finish(tx, after, Status.SUCCEEDED, said=said)
        return Moved()
    if before.status is Status.PENDING_APPROVAL:
        return _ask(tx, after, said, expires_s=made.approval_expires_s)
    _show(tx, replace(after, phase=Phase.APPLYING, due_at=tx.now), said=said)
    return Moved(again=True)


def _managed(tx: Transaction, before: Execution, steps: Sequence[Step]) -> list[dict[str, str]]:
    return [
        {"step": step.name, "kind": who.kind, "name": who.name}
        for step in steps
        if step.is_write
        for who in managers(tx, before.cluster_id, step, find_object(tx, before.cluster_id, step.object))
    ]


def _diff(command: Command) -> list[Mapping[str, object]]:
    diff = (command.result or {}).get("diff")
    return [one for one in diff if isinstance(one, Mapping)] if isinstance(diff, list) else []


def _ask(tx: Transaction, after: Execution, said: Sequence[tuple[str, str | None, str]], *, expires_s: int) -> Moved:
    expires_at = tx.now + timedelta(seconds=expires_s)
    runbooks.ask(tx, after, expires_at=expires_at)
    after = replace(after, phase=Phase.APPROVAL, expires_at=expires_at, due_at=expires_at)
    saved = runbooks.save(tx, after, said=[*said, ("info", None, "Waiting for approval of this plan")])
    news.tell(tx, saved, "approval.requested", "execution.updated")
    return Moved()


def _await_approval(tx: Transaction, before: Execution) -> Moved:
    assert before.expires_at is not None
    if tx.now < before.expires_at:
        runbooks.postpone(tx, before, before.expires_at)
        return Moved()
    if (asked := runbooks.approval(tx, before.id)) is not None:
        runbooks.decide(tx, asked.id, decision="expired", by="system", via="system", message=None)
    failure = {"code": "approval_expired", "message": "nobody approved it in time", "changed": False}
    finish(tx, before, Status.EXPIRED, failure=failure, kinds=("approval.expired",))
    return Moved()


# --- applying


def _apply(tx: Transaction, before: Execution) -> Moved:
    steps = runbooks.steps(tx, before.id)
    step = next((one for one in steps if not one.state.is_final), None)
    if before.cancel_requested_by is not None and (step is None or step.state is StepState.PENDING):
        return _canceled(tx, before)
    if before.started_at is None:
        return _begin(tx, before)
    if step is None:
        return _done_applying(tx, before)
    if step.state is StepState.PENDING:
        return _take(tx, before, step)
    assert step.command_id is not None
    command = commands.get(tx, step.command_id)
    if not command.is_final:
        return _waits(tx, before, command_ids=[command.id])
    return (_checked if step.state is StepState.CHECKING else _performed)(tx, before, step, command)


def _begin(tx: Transaction, before: Execution) -> Moved:
    """Change one cluster in one place at a time; what only reads need not wait."""
    if before.read_definition.writes:
        others = runbooks.applying(tx)
        if runbooks.switch(tx).is_paused or others.get(before.cluster_id, 0) >= MAX_PER_CLUSTER or sum(others.values()) >= MAX_PER_ORG:
            return _waits(tx, before, after=GATE_AGAIN)
    _show(tx, replace(before, status=Status.RUNNING, started_at=tx.now, due_at=tx.now))
    return Moved(again=True)


def _take(tx: Transaction, before: Execution, step: Step) -> Moved:
    """Begin a step: look once more before a change, read at once."""
    if step.is_write and runbooks.switch(tx).is_paused:
        return _waits(tx, before)
    begun = replace(step, attempt=step.attempt + 1, started_at=step.started_at or tx.now)
    command = commands.enqueue(tx, check_command(before, begun) if step.is_write else apply_command(before, begun))
    state = StepState.CHECKING if step.is_write else StepState.RUNNING
    said = [("info", step.name, f"{step.verb} {step.object}")] if begun.attempt == 1 else []
    _show(tx, replace(before, due_at=tx.now + LOOK_AGAIN), [replace(begun, state=state, command_id=command.id)], said)
    return Moved(waits_for=(command.id,))


def _checked(tx: Transaction, before: Execution, step: Step, command: Command) -> Moved:
    """The look before the change is over: change only what is still as it was planned."""
    if before.cancel_requested_by is not None:
        return _canceled(tx, before)
    if command.state is not CommandState.SUCCEEDED:
        return _again_or_fail(tx, before, step, command)
    diff = _diff(command)
    why = model.drift(before.plan or {"steps": [], "diff": []}, step, diff)
    code = "plan_drifted"
    if why is None:
        why, code = model.out_of_bounds(before.read_definition.steps[step.position], diff), "out_of_bounds"
    if why is not None:
        failure = {"code": code, "message": why, "step": step.name, "changed": before.applied_at is not None}
        ended = replace(step, state=StepState.FAILED, code=code, message=why, finished_at=tx.now)
        finish(tx, before, Status.FAILED, failure=failure, steps=[ended])
        return Moved()
    result = command.result or {}
    applied = commands.enqueue(tx, apply_command(before, step, resource_version=str(result.get("resourceVersion") or "")))
    before_it = result.get("before")
    pre_image = dict(before_it) if isinstance(before_it, Mapping) else step.pre_image
    begun = replace(step, state=StepState.RUNNING, command_id=applied.id, pre_image=pre_image)
    after = runbooks.save(tx, replace(before, due_at=tx.now + LOOK_AGAIN), [begun])
    news.tell(tx, after, audit="apply", detail={"step": step.name, "verb": step.verb, "object": str(step.object), "command": applied.id})
    return Moved(waits_for=(applied.id,))


def _performed(tx: Transaction, before: Execution, step: Step, command: Command) -> Moved:
    if command.state is CommandState.SUCCEEDED:
        result = dict(command.result or {})
        pre_image = result.get("before") if step.is_write else None
        done = replace(
            step,
            state=StepState.SUCCEEDED,
            finished_at=tx.now,
            code=command.code,
            message=command.message,
            result=result,
            pre_image=dict(pre_image) if isinstance(pre_image, Mapping) else step.pre_image,
        )
        after = replace(before, due_at=tx.now, applied_at=(before.applied_at or tx.now) if step.is_write else before.applied_at)
        said = [("info", step.name, f"{change.get('path')}: {change.get('from')} → {change.get('to')}") for change in _diff(command)]
        _show(tx, after, [done], said or [("info", step.name, command.message or "done")])
        return Moved(again=True)
    if command.state is CommandState.CANCELED:
        return _canceled(tx, before, replace(step, state=StepState.CANCELED, finished_at=tx.now, code=command.code))
    if command.state is CommandState.UNKNOWN or (command.state is CommandState.TIMED_OUT and step.is_write):
        return _lost(tx, before, step, command)
    return _again_or_fail(tx, before, step, command)


def _again_or_fail(tx: Transaction, before: Execution, step: Step, command: Command) -> Moved:
    """The object moved between look and change: nothing was applied, so look again. What may fail, may fail. Anything else ends it."""
    if step.is_write and command.code in CONFLICTS and step.attempt < MAX_ATTEMPTS:
        said = [("warning", step.name, "the object changed in between; looking again")]
        _show(tx, replace(before, due_at=tx.now), [replace(step, state=StepState.PENDING, command_id=None)], said)
        return Moved(again=True)
    if step.is_optional:
        ended = replace(step, state=StepState.FAILED, code=command.code, message=command.message, finished_at=tx.now)
        _show(tx, replace(before, due_at=tx.now), [ended], [("warning", step.name, command.message or command.state.value)])
        return Moved(again=True)
    return _fail(tx, before, step, command, what="it failed")


def _fail(tx: Transaction, before: Execution, step: Step, command: Command, *, what: str) -> Moved:
    status = Status.TIMED_OUT if command.state is CommandState.TIMED_OUT else Status.FAILED
    code, changed = command.code or command.state.value, before.applied_at is not None
    why = command.message or command.state.value
    message = f"step {step.name!r}: {what}: {why}; " + ("earlier steps changed something" if changed else "nothing was changed")
    ended = replace(step, state=StepState.FAILED, code=code, message=why, finished_at=tx.now)
    failure = {"code": code, "message": message, "step": step.name, "changed": changed}
    finish(tx, before, status, failure=failure, steps=[ended], said=[("error", step.name, f"{code}: {why}")])
    return Moved()


def _lost(tx: Transaction, before: Execution, step: Step, command: Command) -> Moved:
    """Nobody knows whether it was done. Never called failed, never tried again by itself."""
    why = command.message or "the agent never said how it ended"
    message = f"step {step.name!r} may or may not have been done: {why}; look at {step.object} and compare it with the plan"
    failure = {
        "code": "unknown_outcome",
        "message": message,
        "step": step.name,
        "changed": None,
        "check": {"kind": step.kind, "namespace": step.namespace, "name": step.object_name},
    }
    ended = replace(step, state=StepState.UNKNOWN, code=command.code, message=why, finished_at=tx.now)
    after = replace(before, applied_at=before.applied_at or tx.now)
    finish(tx, after, Status.LOST, failure=failure, steps=[ended], said=[("error", step.name, message)])
    return Moved()


def _canceled(tx: Transaction, before: Execution, step: Step | None = None) -> Moved:
    changed = before.applied_at is not None
    message = f"{before.cancel_requested_by or 'somebody'} canceled it; " + (
        "earlier steps stay done" if changed else "nothing was changed"
    )
    failure = {"code": "canceled", "message": message, "changed": changed}
    finish(tx, before, Status.CANCELED, failure=failure, steps=[] if step is None else [step])
    return Moved()


# --- verifying


def _done_applying(tx: Transaction, before: Execution) -> Moved:
    if before.applied_at is None:
        finish(tx, before, Status.SUCCEEDED)
        return Moved()
    said = [("info", None, "All steps are done; watching whether it helped")]
    _show(tx, replace(before, status=Status.VERIFYING, phase=Phase.VERIFYING, due_at=tx.now), said=said)
    return Moved(again=True)


def _verify(tx: Transaction, before: Execution) -> Moved:
    made = before.read_definition
    times = {"stable_s": made.stable_s, "timeout_s": made.verify_timeout_s}
    checks = verification.look(tx, before, runbooks.steps(tx, before.id))
    verdict = verification.judge(before, checks, **times, now=tx.now)
    shown = verification.as_json(before, verdict, **times, now=tx.now)
    after = replace(before, verification=shown, due_at=tx.now + verification.LOOK_EVERY)
    if verdict.status is None:
        _watch(tx, before, after)
        return Moved()
    said = [("info" if check.status == verification.PASSED else "warning", None, f"{check.name}: {check.message}") for check in checks]
    if verdict.status == verification.FAILED:
        worst = next(check for check in checks if check.status == verification.FAILED)
        message = f"the steps were done, and it did not help: {worst.name}: {worst.message}"
        failure = {"code": "verification_failed", "message": message, "changed": True}
        finish(tx, after, Status.FAILED, failure=failure, said=said)
    else:
        finish(tx, after, Status.SUCCEEDED, said=[*said, ("info", None, f"Verification: {verdict.status}")])
    return Moved()


def _watch(tx: Transaction, before: Execution, after: Execution) -> None:
    """Tell what an operator sees differ; a look that found the same leaves no trace."""
    old = {check["name"]: check for check in (before.verification or {}).get("checks", ())}
    new = [check for check in (after.verification or {})["checks"] if old.get(check["name"]) != check]
    if new:
        said = [("info", None, f"{check['name']}: {check['message']}") for check in new]
        _show(tx, after, said=said)
    else:
        runbooks.postpone(tx, after, after.due_at)


_MOVES: Mapping[Phase, Callable[[Transaction, Execution], Moved]] = {
    Phase.PLANNING: _plan,
    Phase.APPROVAL: _await_approval,
    Phase.APPLYING: _apply,
    Phase.VERIFYING: _verify,
    Phase.DONE: lambda _tx, _before: Moved(),
}
