"""Drives executions from their rows: plan, wait for approval, apply step by step, verify.

Every move is one transaction that locks the execution's row, loads how its command stands, lets `runbooks/executions/decisions.py`
decide, and writes the next state and the next command together; nothing is remembered elsewhere. So a driver that dies, anywhere, loses
nothing: another process, or the next start, reads the same rows and goes on. docs/decisions/executions.md says why no workflow engine
does this.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog

from optral.commands import service as commands
from optral.flows import loops
from optral.flows.executions import approvals, guarding, impact, proposals, sources, undo
from optral.flows.executions.checks import run_checks
from optral.flows.executions.facts import facts_for
from optral.flows.executions.inventory import find_object, managers, manifest_of
from optral.flows.executions.persistence import report_of
from optral.kit.clock import Clock
from optral.kit.contain import contain
from optral.kit.hub import ANY, Follower
from optral.runbooks import service as runbooks
from optral.runbooks.executions import decisions, requests
from optral.runbooks.executions.effects import CommandReport, Decision, Observation, Outcome, Progress, plan_id
from optral.runbooks.executions.impact import DEFAULT_CAPS, Caps
from optral.runbooks.model import ExecutionStatus, Phase, Step, StepState
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import OptralError
from optral.terms.ids import CommandId, OrgId

POLL_S = 5.0
POLL_SHARED_S = 1.0  # the hubs do not announce commands that other replicas finish
MAX_MOVES = 64  # of one execution in a row; the next look continues
RETRY_S = 5.0
_log = structlog.get_logger(__name__)


class Driver:
    """Own `run` as a task; one in every process. `step` does what is due now."""

    def __init__(self, store: Store, clock: Clock, *, is_shared: bool = False, caps: Caps = DEFAULT_CAPS) -> None:
        self._store, self._clock, self._caps = store, clock, caps
        self._poll_s = POLL_SHARED_S if is_shared else POLL_S
        self._news: Follower[str] = Follower()
        self._waiting: dict[str, tuple[str, str]] = {}  # command → organization, execution
        self.retries = loops.retries("executions", clock, _log)

    async def run(self) -> None:
        self._store.hubs[runbooks.DUE].join(self._news, ANY)
        try:
            while True:
                wait_s = await self.retries.run_once(self.step)
                for command_id in await self._news.wait(self._poll_s if wait_s is None else wait_s):
                    await self._on_finished(command_id)
        finally:
            self._store.hubs[runbooks.DUE].leave(self._news, ANY)
            for command_id in tuple(self._waiting):
                self._forget(command_id)

    async def _on_finished(self, command_id: str) -> None:
        if (waiting := self._waiting.get(command_id)) is not None:
            self._forget(command_id)
            await self._drive(*waiting)

    async def step(self) -> float:
        """Drive every execution that is due; return the seconds until the next one is."""
        now = self._clock.now()
        for org_id, execution_id in await self._store.read(actor.system(), lambda tx: runbooks.due(tx, now=now)):
            await self._drive(org_id, execution_id)
        coming = await self._store.read(actor.system(), runbooks.next_due)
        return self._poll_s if coming is None else min(self._poll_s, max(0.05, (coming - self._clock.now()).total_seconds()))

    async def _drive(self, org_id: str, execution_id: str) -> None:
        """Move one execution as far as it goes now."""
        failures: list[Exception] = []
        with contain(failures.append):
            for _ in range(MAX_MOVES):
                decision = await self._store.write(actor.system(OrgId(org_id)), lambda tx: advance(tx, execution_id, self._caps))
                is_new = self._wait_for(org_id, execution_id, decision.waits_for)
                if not decision.again and not is_new:
                    return
        for error in failures:
            if isinstance(error, OptralError):
                _log.warning("execution.deferred", execution=execution_id, code=error.code, say=error.say, log=error.log)
            else:
                _log.error("execution.failed", execution=execution_id, exc_info=error)
            await self._defer(org_id, execution_id)

    async def _defer(self, org_id: str, execution_id: str) -> None:
        def job(tx: Transaction) -> None:
            execution = runbooks.get_execution(tx, execution_id, lock=True)
            if not execution.status.is_final:
                runbooks.postpone(tx, execution, tx.now + timedelta(seconds=RETRY_S))

        try:
            await self._store.write(actor.system(OrgId(org_id)), job)
        except OptralError as error:
            _log.warning("execution.not_deferred", execution=execution_id, code=error.code)

    def _wait_for(self, org_id: str, execution_id: str, command_ids: Sequence[str]) -> bool:
        """Follow these commands; True when one was not followed yet, and so may have ended just before: look once more."""
        fresh = [command_id for command_id in command_ids if command_id not in self._waiting]
        for command_id in fresh:
            self._waiting[command_id] = (org_id, execution_id)
            self._store.hubs[commands.FINISHED].join(self._news, CommandId(command_id))
        return bool(fresh)

    def _forget(self, command_id: str) -> None:
        self._waiting.pop(command_id, None)
        self._store.hubs[commands.FINISHED].leave(self._news, CommandId(command_id))


def advance(tx: Transaction, execution_id: str, caps: Caps = DEFAULT_CAPS) -> Decision:
    """One move of one execution. Idempotent, at any time and on any replica."""
    execution = runbooks.get_execution(tx, execution_id, lock=True)
    progress = Progress(execution, () if execution.status.is_final else runbooks.steps(tx, execution.id))
    if (void := approvals.lost(tx, execution)) is not None:
        decision = requests.void_approval(progress, void.people, kept=void.kept, has_break_glass=void.has_break_glass, now=tx.now)
    elif guarding.lacks_approval(tx, execution, progress.steps):
        decision = requests.ask_late(progress, now=tx.now)
    else:
        decision = decisions.advance(progress, observe(tx, progress, caps))
    undo.carry_out(tx, decision)
    return decision


def observe(tx: Transaction, progress: Progress, caps: Caps = DEFAULT_CAPS) -> Observation:
    """Load what the next decision needs, and no more."""
    execution = progress.execution
    if execution.status.is_final:
        return Observation(now=tx.now)
    reports = {command_id: report_of(commands.get(tx, command_id)) for command_id in decisions.awaited_commands(progress)}
    seen = Observation(now=tx.now, reports=reports, caps=caps)
    match execution.phase:
        case Phase.PLANNING if all(report.outcome is Outcome.SUCCEEDED for report in reports.values()):
            impacts = [_impact(tx, progress, step, reports[plan_id(execution, step)]) for step in progress.steps if _is_open_write(step)]
            return replace(seen, managers=_managers(tx, progress), impacts=impacts)
        case Phase.APPLYING if (checked := _checked_step(progress, reports)) is not None:
            return replace(seen, impacts=[_impact(tx, progress, *checked)])
        case Phase.APPLYING if not reports:
            return _before_step(tx, progress, seen)
        case Phase.PROPOSED:
            return replace(seen, proposal=proposals.seen(tx, execution.id))
        case Phase.VERIFYING:
            return replace(seen, checks=run_checks(tx, execution, progress.steps))
        case _:
            return seen


def _before_step(tx: Transaction, progress: Progress, seen: Observation) -> Observation:
    """What may keep the next step from its turn, and what its condition is about."""
    is_queued = progress.execution.status is ExecutionStatus.QUEUED
    if is_queued:
        runbooks.await_begin(tx)
    applying = runbooks.applying(tx) if is_queued else {}
    step = progress.next_step
    facts = facts_for(tx, progress, step) if step is not None and decisions.awaits_facts(progress) else seen.facts
    return replace(seen, is_paused=runbooks.switch(tx).is_paused or _is_held(tx, progress), applying=applying, facts=facts)


def _is_held(tx: Transaction, progress: Progress) -> bool:
    """A freeze or an hourly limit that came after the start; what has begun is not left half done."""
    return progress.execution.started_at is None and guarding.held_now(tx, progress.execution, progress.steps) is not None


def _is_open_write(step: Step) -> bool:
    return step.is_write and not step.state.is_final


def _checked_step(progress: Progress, reports: Mapping[str, CommandReport]) -> tuple[Step, CommandReport] | None:
    """The step whose check has just succeeded, with its report."""
    step = progress.next_step
    report = None if step is None or step.command_id is None else reports.get(step.command_id)
    if step is None or report is None or step.state is not StepState.CHECKING:
        return None
    return (step, report) if report.outcome is Outcome.SUCCEEDED else None


def _impact(tx: Transaction, progress: Progress, step: Step, report: CommandReport) -> dict[str, Any]:
    return impact.of_step(tx, progress.execution.cluster_id, step, report.diff)


def _managers(tx: Transaction, progress: Progress) -> list[dict[str, Any]]:
    """Who else manages the objects, with the repository from which they are applied where the inventory tells."""
    cluster_id, found = progress.execution.cluster_id, []
    for step in progress.steps:
        held = find_object(tx, cluster_id, step.object) if step.is_write else None
        for manager in managers(tx, cluster_id, step, held):
            one: dict[str, Any] = {"step": step.name, "kind": manager.kind, "name": manager.name}
            known = sources.find(tx, cluster_id, manager, manifest_of(tx, held.id)) if held else None
            found.append(one if known is None else one | {"source": known.plain()})
    return found
