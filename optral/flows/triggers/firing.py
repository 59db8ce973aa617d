"""Fires triggers: by the schedule, and for what waits. The start of an execution and the end of its firing are one transaction.

A firing is a row before anything starts. The worker tries it with the rights of the member whose
trigger it is, through the same gate as everybody
(`flows/executions/start.py`); a server that dies in between leaves the row, and the next one tries it. Refusals that end by themselves make
the firing of an issue wait; every other one ends it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import TypeVar

import structlog

from optral.events import service as events
from optral.flows import loops
from optral.flows.executions.start import Request, start
from optral.flows.triggers import matching, rights, trigger_events
from optral.flows.triggers.matching import LOOK_EVERY_S
from optral.issues import service as issues
from optral.issues.model import Issue
from optral.kit.clock import Clock
from optral.kit.hub import ANY
from optral.kit.times import rfc3339
from optral.runbooks import service as runbooks
from optral.runbooks.model import Execution, ExecutionStatus
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.actor import Actor
from optral.terms.errors import Forbidden, Invalid, NotFound, OptralError, Refused, TooMany
from optral.terms.ids import OrgId
from optral.terms.refs import ObjectRef
from optral.triggers import model, service as triggers
from optral.triggers.model import Block, Firing, FiringState, Source, Trigger

T = TypeVar("T")
AT_ONCE = 50
SETTLED_AT_ONCE = 200
PASSES = frozenset({"frozen", "outside_window", "too_many_changes", "cooling_down", "execution_running", "cluster_offline"})
"""Refusals that end by themselves: the firing of an issue waits for that."""
TRY_AGAIN = timedelta(minutes=5)
_FAILED = frozenset({ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.LOST})
_log = structlog.get_logger(__name__)


class TriggerWorker:
    """Own `run` as a task; `step` does what is due now."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._seen_at: datetime | None = None
        self.retries = loops.retries("triggers", clock, _log)

    async def run(self) -> None:
        with self._store.hubs[triggers.DUE].follow(ANY) as follower:
            await self.retries.repeat(self.step, follower, at_least_s=0.2)

    async def step(self) -> float:
        """Compare new events, fire what is scheduled, try what waits, note what ended; seconds until more may be due (at most 2)."""
        wait_s = await self._watch()
        await self._realign()
        for org_id, trigger_id in await self._read(lambda tx: triggers.due(tx, limit=AT_ONCE)):
            await self._do(trigger_id, org_id, partial(on_schedule, trigger_id=trigger_id))
        for org_id, firing_id in await self._read(lambda tx: triggers.due_firings(tx, limit=AT_ONCE)):
            if self.retries.wait_s(firing_id) == 0:
                with self.retries.attempt(firing_id):
                    await self.attempt(OrgId(org_id), firing_id)
        for org_id, firing_id in await self._read(_ended):
            await self._do(firing_id, org_id, partial(note_outcome, firing_id=firing_id))
        upcoming = await self._read(triggers.next_due)
        if upcoming is None:
            return wait_s
        return min(wait_s, max(0.2, (upcoming - self._clock.now()).total_seconds()))

    async def _realign(self) -> None:
        """After a start, and after the clock was set back: schedules whose next time is too late go by the clock again.

        A time that has fired already has its firing, and does not fire twice.
        """
        now = self._clock.now()
        if self._seen_at is None or now < self._seen_at:
            for org_id, trigger_id in await self._read(triggers.ahead):
                await self._do(trigger_id, org_id, partial(realign, trigger_id=trigger_id))
        self._seen_at = now

    async def _watch(self) -> float:
        """Compare new events with every trigger that waits for issues. A look that writes nothing goes first: writers are few."""
        wait_s = LOOK_EVERY_S
        for org_id, trigger_id in await self._read(_behind):
            if self.retries.wait_s(trigger_id) > 0:
                continue
            with self.retries.attempt(trigger_id):
                who = actor.system(OrgId(org_id))
                is_ripe, left_s = await self._store.read(who, partial(matching.look, trigger_id=trigger_id))
                if is_ripe:
                    left_s = await self._store.write(who, partial(matching.judge, trigger_id=trigger_id))
                wait_s = min(wait_s, left_s)
        return wait_s

    async def attempt(self, org_id: OrgId, firing_id: str) -> None:
        """Try one firing, as the member whose trigger it is."""
        who = actor.system(org_id)
        person = await self._store.write(who, partial(claim, firing_id=firing_id))
        if person is None:
            return
        try:
            await self._store.write(person, partial(launch, firing_id=firing_id))
        except (Refused, Invalid, NotFound, Forbidden) as error:
            refused = error
        else:
            return
        await self._store.write(who, lambda tx: note_refusal(tx, firing_id, refused))

    async def _do(self, key: str, org_id: str, job: Callable[[Transaction], None]) -> None:
        if self.retries.wait_s(key) == 0:
            with self.retries.attempt(key):
                await self._store.write(actor.system(OrgId(org_id)), job)

    async def _read(self, job: Callable[[Transaction], T]) -> T:
        return await self._store.read(actor.system(), job)


def _behind(tx: Transaction) -> list[tuple[str, str]]:
    """(organization, trigger) of those that wait for issues and have events after their number; of all organizations."""
    head = cache(lambda org_id: events.head(tx.acting_for(OrgId(org_id))))
    return [(org_id, trigger_id) for org_id, trigger_id, cursor in triggers.watching(tx) if cursor < head(org_id)]


def _ended(tx: Transaction) -> list[tuple[str, str]]:
    """(organization, firing) of those whose execution has ended; of all organizations."""
    return [
        (org_id, firing_id)
        for org_id, firing_id, execution_id in triggers.running(tx, limit=SETTLED_AT_ONCE)
        if (found := runbooks.visible_execution(tx.acting_for(OrgId(org_id)), execution_id)) is None or found.status.is_final
    ]


def on_schedule(tx: Transaction, trigger_id: str) -> None:
    """Fire a trigger whose scheduled time has come, once, and move to the next one. What was missed too long ago is skipped."""
    try:
        trigger = triggers.get(tx, trigger_id, lock=True)
    except NotFound:
        return
    if trigger.next_at is None or trigger.next_at > tx.now or not trigger.is_enabled:
        return
    latest, is_recent = model.missed(trigger, tx.now)
    if not triggers.reschedule(tx, trigger):
        return
    key = rfc3339(latest)
    if not is_recent:
        reason = f"no server ran at {key}; times that were missed more than an hour ago are not made up for"
        triggers.note_skipped(tx, trigger, key=key, code="missed_schedule", reason=reason)
        return
    try:
        triggers.fire(tx, trigger, key=key)
    except TooMany as full:
        triggers.note_skipped(tx, trigger, key=key, code=full.code, reason=full.say)


def realign(tx: Transaction, trigger_id: str) -> None:
    """Move a trigger back to the next time of its schedule."""
    try:
        trigger = triggers.get(tx, trigger_id, lock=True)
    except NotFound:
        return
    if trigger.is_enabled and model.is_ahead(trigger, tx.now):
        triggers.reschedule(tx, trigger)


def claim(tx: Transaction, firing_id: str) -> Actor | None:
    """The member who tries this firing now; None when there is nothing to try, which is then written down."""
    firing = _due(tx, firing_id)
    if firing is None:
        return None
    trigger = triggers.get(tx, firing.trigger_id, lock=True)
    person = rights.actor_of(tx, trigger)
    trigger = rights.settle(tx, trigger, has_rights=person is not None)
    ended = _why_not(tx, trigger, firing)
    if ended is None:
        return person
    triggers.save_firing(tx, ended)
    trigger_events.emit(tx, trigger, firing=ended)
    return None


def _due(tx: Transaction, firing_id: str) -> Firing | None:
    firing = triggers.firing(tx, firing_id, lock=True)
    return firing if firing is not None and firing.due_at is not None and firing.due_at <= tx.now else None


def _why_not(tx: Transaction, trigger: Trigger, firing: Firing) -> Firing | None:
    """The firing as it ends, or waits, without an attempt; None to try it."""
    if not trigger.is_enabled:
        return model.ended(firing, FiringState.SKIPPED, code="trigger_disabled", reason="the trigger is disabled", now=tx.now)
    if trigger.is_blocked(tx.now):
        code, reason, until = str(trigger.block), trigger.block_reason or "", trigger.blocked_until
        if until is not None and trigger.source is Source.ISSUE:
            return model.postponed(firing, code=code, reason=reason, until=until, now=tx.now)
        return model.ended(firing, FiringState.REFUSED, code=code, reason=reason, now=tx.now, next_allowed_at=until)
    if firing.issue_id is None:
        return None
    issue = issues.find_one(tx, firing.issue_id)
    if issue is None or matching.key_of(issue) != firing.key:
        return model.ended(firing, FiringState.SKIPPED, code="issue_changed", reason="the issue has ended", now=tx.now)
    if (why := matching.unfit(tx, trigger.match, issue)) is not None:
        return model.ended(firing, FiringState.SKIPPED, code="issue_changed", reason=why, now=tx.now)
    if (why := own_effect(tx, issue)) is not None:
        return model.ended(firing, FiringState.SKIPPED, code="own_effect", reason=why, now=tx.now)
    return None


def own_effect(tx: Transaction, issue: Issue) -> str | None:
    """Why an issue may be the effect of what a trigger changed; None if it is not. A trigger that answered itself would never end."""
    opened_at = matching.opened_at(issue)
    for kind, name in {(issue.owner_kind, issue.owner_name), (issue.resource_kind, issue.resource)}:
        ref = ObjectRef(kind, issue.namespace, name)
        found = runbooks.last_triggered(tx, issue.cluster_id, ref, since=opened_at - model.OWN_EFFECT)
        if found is not None and model.is_own_effect(opened_at=opened_at, changed_at=found[2]):
            return f"{found[0]} of the trigger {found[1]} changed {ref} at {rfc3339(found[2])}, shortly before the issue began"
    return None


def launch(tx: Transaction, firing_id: str) -> None:
    """Start the execution of a firing and end the firing, in one transaction. The actor is the person. Raises as `start`."""
    firing = _due(tx, firing_id)
    if firing is None:
        return  # another server was faster
    trigger = triggers.get(tx, firing.trigger_id)
    if trigger.acts_for != tx.actor.id:
        return  # changed by somebody else meanwhile: the next round tries it as that person
    runbook = runbooks.get(tx, trigger.runbook)
    advised = {} if firing.issue_id is None else matching.recommended(tx, firing.issue_id, (runbook.id, runbook.slug))
    execution = start(
        tx,
        Request(
            runbook=trigger.runbook,
            cluster=trigger.cluster_id,
            issue_id=firing.issue_id,
            parameters=advised | dict(trigger.parameters) | dict(firing.parameters),
            reason=f"trigger {trigger.name}",
            trigger_id=trigger.id,
        ),
    )
    triggers.save_firing(tx, after := _after_start(tx, firing, execution))
    trigger_events.emit(tx, trigger, firing=after)


def _after_start(tx: Transaction, firing: Firing, execution: Execution) -> Firing:
    if execution.trigger_id == firing.trigger_id and execution.created_at == tx.now:
        return model.started(firing, execution.id, tx.now)
    reason = f"{execution.id} runs the same already"
    return model.ended(firing, FiringState.SKIPPED, code="already_running", reason=reason, now=tx.now)


def note_refusal(tx: Transaction, firing_id: str, error: OptralError) -> None:
    """Write down why a firing started nothing, unless another server has ended it meanwhile."""
    firing = _due(tx, firing_id)
    if firing is None:
        return
    trigger = triggers.get(tx, firing.trigger_id)
    given = error.detail.get("nextAllowedAt")
    until = None if given is None else datetime.fromisoformat(given)
    if trigger.source is Source.ISSUE and error.code in PASSES:
        again = until or tx.now + TRY_AGAIN
        after = model.postponed(firing, code=error.code, reason=error.say, until=again, now=tx.now)
    else:
        after = model.ended(firing, FiringState.REFUSED, code=error.code, reason=error.say, now=tx.now, next_allowed_at=until)
    triggers.save_firing(tx, after)
    trigger_events.emit(tx, trigger, firing=after)


def note_outcome(tx: Transaction, firing_id: str) -> None:
    """Write down how the execution of a firing ended. Failures in a row block the trigger; what people end does not count."""
    firing = triggers.firing(tx, firing_id, lock=True)
    if firing is None or firing.execution_id is None or firing.outcome is not None:
        return
    execution = runbooks.visible_execution(tx, firing.execution_id)
    if execution is not None and not execution.status.is_final:
        return
    status = None if execution is None else execution.status
    ended = triggers.save_firing(tx, replace(firing, outcome="deleted" if status is None else status.value))
    trigger = before = triggers.get(tx, firing.trigger_id, lock=True)
    if status is ExecutionStatus.SUCCEEDED or status in _FAILED:
        after = model.after_outcome(before, is_success=status is ExecutionStatus.SUCCEEDED, execution_id=firing.execution_id, now=tx.now)
        trigger = before if after == before else triggers.save(tx, before, after)
    is_blocked = trigger.block is Block.FAILURES and trigger.failures != before.failures
    trigger_events.emit(tx, trigger, firing=ended, action="trigger.block" if is_blocked else None)
