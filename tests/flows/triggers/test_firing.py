"""What makes a trigger fire, how often, with which rights, and what stops it; on both engines."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from optral.access.bindings import BindingSettings
from optral.access.model import SCOPES
from optral.events import service as events
from optral.flows.executions import control, guarding
from optral.flows.issues import triage
from optral.flows.people import bindings, members
from optral.flows.triggers import firing as flow, manage
from optral.flows.triggers.firing import TriggerWorker
from optral.issues import service as issues
from optral.issues.tables import issues as issue_rows
from optral.issues.triage.snooze import SnoozeConditions
from optral.issues.triage.triage import Change
from optral.kit.paging import PageRequest
from optral.kit.records import build, changing
from optral.runbooks import service as runbooks
from optral.runbooks.model import Execution, ExecutionFilter, ExecutionStatus
from optral.safeguards import service as safeguards
from optral.safeguards.model import Safeguards, WindowKind, WindowSettings
from optral.store.store import Store
from optral.terms import actor as actors, ids
from optral.terms.actor import Actor, Role
from optral.terms.errors import Forbidden, Invalid
from optral.terms.ids import OrgId
from optral.terms.severity import Severity
from optral.triggers import service as triggers
from optral.triggers.model import Block, Firing, FiringState, Match, Source, Trigger, TriggerSettings
from tests.flows.executions.shop import Shop
from tests.support.agents import KEY_ENCRYPTION_KEY
from tests.support.clock import FakeClock

WEB = {"kind": "Deployment", "namespace": "shop", "name": "web"}
OOM = Match(types=("OOMKilled",))


class World(Shop):
    """A shop with triggers, and their worker that can be replaced at any moment."""

    def __init__(self, store: Store, org: OrgId, clock: FakeClock) -> None:
        super().__init__(store, org, clock)
        self.worker = TriggerWorker(store, clock)

    async def add(
        self, source: Source = Source.ISSUE, *, by: Actor | None = None, runbook: str = "restart-workload", **more: Any
    ) -> Trigger:
        given = {"match": OOM} if source is Source.ISSUE else {"cluster_id": self.cluster_id, "parameters": WEB}
        wanted = TriggerSettings(source=source, name=f"on {source}", runbook=runbook, **given | more)
        made, _ = await self.store.write(
            by or self.owner,
            lambda tx: manage.create(tx, wanted, key=KEY_ENCRYPTION_KEY),
        )
        return made

    async def begins(self, *, seconds: float = 4) -> str:
        """The detector finds the failure, the event is written, and the time for its cause passes."""
        issue_id = await self.observe(shown=True)
        await self.tell(issue_id, "issue.created")
        self.clock.advance(seconds)
        return issue_id

    async def tell(self, issue_id: str, kind: str) -> None:
        one = await self.store.read(self.system, lambda tx: issues.get(tx, issue_id))
        made = events.NewEvent(kind, self.cluster_id, issue_id, {"id": issue_id, "status": one.status.value})
        await self.store.write(self.system, lambda tx: events.append(tx, [made]))

    async def reopens(self, issue_id: str) -> None:
        """It ends, and comes back."""
        await self.observe(shown=False)
        self.clock.advance(301)
        await self.observe(shown=False)
        await self.begins()

    async def work(self, rounds: int = 4) -> None:
        for _ in range(rounds):
            await self.worker.step()

    async def firings(self, trigger: Trigger) -> list[Firing]:
        page = PageRequest(size=100, descending=False)
        return await self.store.read(self.owner, lambda tx: triggers.find_firings(tx, trigger.id, page))

    async def states(self, trigger: Trigger) -> list[tuple[FiringState, str | None]]:
        return [(one.state, one.code) for one in await self.firings(trigger)]

    async def executions(self) -> list[Execution]:
        return await self.store.read(self.owner, lambda tx: runbooks.find_executions(tx, ExecutionFilter(), PageRequest(size=100)))

    async def trigger(self, one: Trigger) -> Trigger:
        return await self.store.read(self.owner, lambda tx: triggers.get(tx, one.id))

    async def allow(self, risk: str = "low") -> None:
        await self.store.write(self.system, lambda tx: safeguards.save(tx, changing(Safeguards, {"unattended_risk": risk}), by="usr_1"))

    async def freeze(self, *, hours: float) -> None:
        now = self.clock.now()
        given = WindowSettings(kind=WindowKind.FREEZE, name="sale", starts_at=now, ends_at=now + timedelta(hours=hours))
        await self.store.write(self.owner, lambda tx: guarding.add_window(tx, given, by=self.owner.id))


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> AsyncIterator[World]:
    made = World(store, org, clock)
    await made.open()
    yield made


async def test_what_waits_is_held_to_a_lower_risk_that_comes_meanwhile(world: World) -> None:
    await world.allow()
    await world.add()
    await world.begins()
    await world.work()
    (one,) = await world.executions()
    await world.freeze(hours=1)
    assert (await world.settle(one)).status is ExecutionStatus.QUEUED
    await world.allow("none")
    assert ((await world.settle(one)).status, world.agent.applied) == (ExecutionStatus.PENDING_APPROVAL, 0)


# --- issues


async def test_a_matching_issue_starts_the_runbook_once_and_waits_for_approval(world: World) -> None:
    trigger = await world.add()
    issue_id = await world.begins()
    await world.work()
    await world.tell(issue_id, "issue.updated")
    await world.work()
    (one,) = await world.executions()
    assert (one.status, one.issue_id, one.trigger_id) == (ExecutionStatus.PENDING_APPROVAL, issue_id, trigger.id)
    assert (one.requested_by, one.requested_via) == (world.owner.id, trigger.id)
    (fired,) = await world.firings(trigger)
    assert (fired.state, fired.execution_id) == (FiringState.STARTED, one.id)


async def test_what_the_organization_allows_runs_to_its_verification(world: World) -> None:
    await world.allow()
    trigger = await world.add()
    await world.begins()
    await world.work()
    (one,) = await world.executions()
    await world.observe(shown=False)
    done = await world.run(one)
    await world.work()
    assert (done.status, done.approved_by, world.agent.applied) == (ExecutionStatus.SUCCEEDED, None, 1)
    (fired,) = await world.firings(trigger)
    assert fired.outcome == "succeeded"


async def test_an_issue_waits_for_its_cause_first(world: World) -> None:
    trigger = await world.add()
    await world.begins(seconds=1)
    await world.work()
    assert await world.firings(trigger) == []
    world.clock.advance(3)
    await world.work()
    assert len(await world.firings(trigger)) == 1


@pytest.mark.parametrize(
    "match",
    [
        pytest.param(Match(types=("CrashLoopBackOff",)), id="another type"),
        pytest.param(Match(types=("OOMKilled",), namespaces=("pay",)), id="another namespace"),
        pytest.param(Match(types=("OOMKilled",), clusters=(ids.new("cls"),)), id="another cluster"),
        pytest.param(Match(types=("OOMKilled",), labels={"team": "pay"}), id="a label it lacks"),
        pytest.param(Match(types=("OOMKilled",), causes=("memory_limit_too_low",)), id="a cause before any analysis"),
        pytest.param(Match(types=("OOMKilled",), min_confidence=0.1), id="a confidence before any analysis"),
    ],
)
async def test_another_issue_starts_nothing(world: World, match: Match) -> None:
    trigger = await world.add(match=match)
    await world.begins()
    await world.work()
    assert await world.firings(trigger) == []


@pytest.mark.parametrize("match", [Match(types=("OOMKilled",), namespaces=("shop",), min_severity=Severity.HIGH), OOM])
async def test_near_misses_of_the_filter_do_match(world: World, match: Match) -> None:
    trigger = await world.add(match=match)
    await world.begins()
    await world.work()
    assert len(await world.firings(trigger)) == 1


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"mute_rule_id": "mut_1"}, id="muted"),
        pytest.param({"substatus": "preexisting"}, id="preexisting"),
        pytest.param({"status": "acknowledged"}, id="acknowledged"),
        pytest.param({"parent_issue_id": "iss_1"}, id="symptom"),
    ],
)
async def test_what_sends_no_notifications_starts_nothing(world: World, values: dict[str, str]) -> None:
    trigger = await world.add()
    await world.begins()
    await world.store.write(
        world.system, lambda tx: tx.execute(sa.update(issue_rows).where(issue_rows.c.org_id == world.org).values(values))
    )
    await world.work()
    assert await world.firings(trigger) == []


async def test_a_snoozed_issue_starts_nothing(world: World) -> None:
    trigger = await world.add()
    issue_id = await world.begins()
    until = world.clock.now() + timedelta(hours=1)
    await world.store.write(world.owner, lambda tx: triage.change(tx, issue_id, Change(snoozes=True, wish=SnoozeConditions(until=until))))
    await world.work()
    assert await world.firings(trigger) == []


async def test_an_issue_from_before_the_trigger_starts_nothing(world: World) -> None:
    issue_id = await world.begins()
    trigger = await world.add()
    world.clock.advance(60)
    await world.tell(issue_id, "issue.updated")
    await world.work()
    assert await world.firings(trigger) == []


async def test_a_second_occurrence_fires_again_and_one_caused_by_the_trigger_does_not(world: World) -> None:
    await world.allow()
    trigger = await world.add()
    issue_id = await world.begins()
    await world.work()
    (one,) = await world.executions()
    await world.observe(shown=False)
    await world.run(one)
    await world.reopens(issue_id)
    await world.work()
    assert await world.states(trigger) == [(FiringState.STARTED, None), (FiringState.SKIPPED, "own_effect")]
    (_, skipped) = await world.firings(trigger)
    assert skipped.reason is not None
    assert one.id in skipped.reason
    world.clock.advance(3600)
    await world.reopens(issue_id)
    await world.work()
    assert (await world.states(trigger))[-1] == (FiringState.STARTED, None)
    assert len(await world.executions()) == 2


async def test_two_servers_fire_once(world: World) -> None:
    trigger = await world.add()
    await world.begins()
    others = [TriggerWorker(world.store, world.clock) for _ in range(3)]
    for _ in range(3):
        await asyncio.gather(*(one.step() for one in others))
    assert len(await world.executions()) == 1
    assert len(await world.firings(trigger)) == 1


async def test_a_server_that_dies_between_firing_and_start_starts_it_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    trigger = await world.add()
    await world.begins()

    def die(*_: Any, **__: Any) -> Any:
        raise SystemError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(flow.trigger_events, "emit", die)  # after the start, before the commit
        await world.work()
    assert await world.executions() == []
    assert await world.states(trigger) == [(FiringState.WAITING, None)]
    world.worker = TriggerWorker(world.store, world.clock)
    await world.work()
    assert len(await world.executions()) == 1
    assert await world.states(trigger) == [(FiringState.STARTED, None)]


# --- schedules


async def test_a_schedule_fires_at_its_time_in_its_zone(world: World) -> None:
    trigger = await world.add(Source.SCHEDULE, schedule="30 8 * * *", time_zone="Europe/Berlin")
    assert trigger.next_at is not None
    world.clock.advance((trigger.next_at - world.clock.now()).total_seconds() - 1)
    await world.work()
    assert await world.firings(trigger) == []
    world.clock.advance(1)
    await asyncio.gather(world.worker.step(), TriggerWorker(world.store, world.clock).step())
    await world.work()
    (fired,) = await world.firings(trigger)
    assert (fired.state, fired.key) == (FiringState.STARTED, trigger.next_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert (await world.trigger(trigger)).next_at == trigger.next_at + timedelta(days=1)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        pytest.param(0.5, [(FiringState.STARTED, None)], id="half an hour late: made up for"),
        pytest.param(72.5, [(FiringState.STARTED, None)], id="the fourth of four missed days was recent: one"),
        pytest.param(2, [(FiringState.SKIPPED, "missed_schedule")], id="two hours late: skipped"),
        pytest.param(74, [(FiringState.SKIPPED, "missed_schedule")], id="four days late: one note"),
    ],
)
async def test_a_server_that_was_down_makes_up_for_one_recent_time(world: World, hours: float, expected: list[Any]) -> None:
    trigger = await world.add(Source.SCHEDULE, schedule="0 3 * * *")
    assert trigger.next_at is not None
    world.clock.advance((trigger.next_at - world.clock.now()).total_seconds() + hours * 3600)
    await world.work()
    assert await world.states(trigger) == expected
    assert (await world.trigger(trigger)).next_at > world.clock.now()  # type: ignore[operator]


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_a_clock_that_was_ahead_skips_no_time_once_it_is_right(world: World, is_restarted: bool) -> None:
    """For a moment the clock is a month ahead: the time after it was reckoned from there."""
    trigger = await world.add(Source.SCHEDULE, schedule="0 3 * * *")
    world.clock.set_wall(30 * 24 * 3600)
    await world.work()
    world.clock.set_wall(-30 * 24 * 3600)
    if is_restarted:
        world.worker = TriggerWorker(world.store, world.clock)
    await world.work()
    assert (await world.trigger(trigger)).next_at == trigger.next_at
    await at_next(world, trigger)
    assert sorted(state for state, _ in await world.states(trigger)) == [FiringState.SKIPPED, FiringState.STARTED]


async def test_a_time_that_a_clock_repeats_fires_once(world: World) -> None:
    trigger = await world.add(Source.SCHEDULE, schedule="0 3 * * *")
    assert (await at_next(world, trigger))[0] is FiringState.STARTED
    world.clock.set_wall(-600)
    await world.work()
    world.clock.advance(1200)
    await world.work()
    assert len(await world.firings(trigger)) == 1
    assert (await world.trigger(trigger)).next_at == trigger.next_at + timedelta(days=1)  # type: ignore[operator]


# --- rights


async def test_a_trigger_loses_the_right_with_its_person_and_gets_it_back(world: World) -> None:
    admin = await world.add_member()
    trigger = await world.add(by=admin)
    await world.store.write(world.system, lambda tx: members.set_role(tx, admin.id, Role.VIEWER))
    blocked = await world.trigger(trigger)
    assert (blocked.block, blocked.blocked_until) == (Block.RIGHTS, None)
    assert blocked.block_reason is not None
    await world.begins()
    await world.work()
    assert await world.states(trigger) == [(FiringState.REFUSED, "creator_lost_rights")]
    assert await world.executions() == []
    await world.store.write(world.system, lambda tx: members.set_role(tx, admin.id, Role.OPERATOR))
    assert (await world.trigger(trigger)).block is None


async def test_the_trigger_of_a_removed_member_is_blocked_until_somebody_else_saves_it(world: World) -> None:
    admin = await world.add_member()
    trigger = await world.add(by=admin)
    await world.store.write(world.owner, lambda tx: members.remove(tx, admin.id))
    assert (await world.trigger(trigger)).block is Block.RIGHTS
    saved = await world.store.write(world.owner, lambda tx: manage.change(tx, trigger.id, changing(Trigger, {"name": "mine now"})))
    assert (saved.block, saved.acts_for) == (None, world.owner.id)


async def at_next(world: World, trigger: Trigger) -> tuple[FiringState, str | None]:
    """What becomes of the trigger at its next scheduled time."""
    at = (await world.trigger(trigger)).next_at
    assert at is not None
    world.clock.advance((at - world.clock.now()).total_seconds())
    await world.work()
    return (await world.states(trigger))[-1]


async def bind(world: World, who: Actor, **place: Any) -> str:
    named, wanted = place.pop("clusters", None), build(BindingSettings, {"role": Role.OPERATOR, **place})
    return (await world.store.write(world.owner, lambda tx: bindings.bind(tx, who.id, wanted, named=named, proof=None))).id


async def test_a_trigger_reaches_no_further_than_the_bindings_of_its_member(world: World) -> None:
    await world.allow()
    admin = await world.add_member()
    trigger = await world.add(Source.SCHEDULE, by=admin, schedule="0 3 * * *")
    await bind(world, admin, namespaces=("pay",))
    assert await at_next(world, trigger) == (FiringState.REFUSED, "target_not_found")
    assert (await world.executions(), world.agent.applied) == ([], 0)
    await bind(world, admin, namespaces=("shop",))
    assert await at_next(world, trigger) == (FiringState.STARTED, None)


async def test_a_trigger_is_blocked_while_no_binding_lets_its_member_run_runbooks(world: World) -> None:
    admin = await world.add_member()
    trigger = await world.add(Source.SCHEDULE, by=admin, schedule="0 3 * * *")

    async def limit(is_limited: bool) -> Block | None:
        job = partial(bindings.set_limited, user_id=admin.id, is_limited=is_limited, proof=None)
        await world.store.write(world.system, job)
        return (await world.trigger(trigger)).block

    assert await limit(True) is Block.RIGHTS
    binding_id = await bind(world, admin, namespaces=("shop",), ends_at=world.clock.now() + timedelta(hours=20))
    assert (await world.trigger(trigger)).block is None
    await world.store.write(world.owner, lambda tx: bindings.unbind(tx, admin.id, binding_id))
    assert (await world.trigger(trigger)).block is Block.RIGHTS
    assert await limit(False) is None


async def test_a_binding_that_has_ended_blocks_the_trigger_when_it_fires(world: World) -> None:
    admin = await world.add_member()
    trigger = await world.add(Source.SCHEDULE, by=admin, schedule="0 3 * * *")
    await bind(world, admin, namespaces=("shop",), ends_at=world.clock.now() + timedelta(hours=1))
    assert await at_next(world, trigger) == (FiringState.REFUSED, "creator_lost_rights")
    assert await world.executions() == []


async def test_a_success_does_not_hide_why_a_trigger_is_blocked(world: World) -> None:
    """The execution began before its member lost the right."""
    await world.allow()
    admin = await world.add_member()
    trigger = await world.add(Source.SCHEDULE, by=admin, schedule="0 3 * * *")
    await at_next(world, trigger)
    (one,) = await world.executions()
    await world.store.write(world.system, lambda tx: members.set_role(tx, admin.id, Role.VIEWER))
    assert (await world.run(one)).status is ExecutionStatus.SUCCEEDED
    await world.work()
    blocked = await world.trigger(trigger)
    assert (blocked.block, blocked.failures) == (Block.RIGHTS, 0)
    assert blocked.block_reason


async def test_only_who_may_run_runbooks_creates_a_trigger(world: World) -> None:
    limited = actors.person(world.org, world.owner.id, scopes=SCOPES - {"runbooks:execute"}, role=Role.ADMIN)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        await world.add(by=limited)


# --- what holds and what stops it


async def test_a_matching_issue_waits_for_the_end_of_a_freeze(world: World) -> None:
    trigger = await world.add()
    await world.freeze(hours=2)
    await world.begins()
    await world.work()
    (waits,) = await world.firings(trigger)
    assert (waits.state, waits.code) == (FiringState.WAITING, "frozen")
    assert waits.next_allowed_at is not None
    world.clock.advance(3600)
    await world.work()
    assert await world.executions() == []
    world.clock.advance(3601)
    await world.work()
    assert await world.states(trigger) == [(FiringState.STARTED, None)]


async def test_an_issue_that_ended_during_the_freeze_starts_nothing_afterwards(world: World) -> None:
    trigger = await world.add()
    await world.freeze(hours=2)
    await world.begins()
    await world.work()
    await world.observe(shown=False)
    world.clock.advance(301)
    await world.observe(shown=False)
    world.clock.advance(7200)
    await world.work()
    assert await world.states(trigger) == [(FiringState.SKIPPED, "issue_changed")]


async def test_a_schedule_in_a_freeze_is_refused(world: World) -> None:
    trigger = await world.add(Source.SCHEDULE, schedule="0 3 * * *")
    assert trigger.next_at is not None
    world.clock.advance((trigger.next_at - world.clock.now()).total_seconds())
    await world.freeze(hours=2)
    await world.work()
    (refused,) = await world.firings(trigger)
    assert (refused.state, refused.code, refused.next_allowed_at) == (FiringState.REFUSED, "frozen", trigger.next_at + timedelta(hours=2))


async def test_a_pause_refuses(world: World) -> None:
    trigger = await world.add()
    await world.store.write(world.owner, lambda tx: control.pause(tx, is_paused=True, reason="x"))
    await world.begins()
    await world.work()
    assert await world.states(trigger) == [(FiringState.REFUSED, "executions_paused")]


async def test_three_failures_in_a_row_block_a_trigger_until_a_person_unblocks_it(world: World) -> None:
    await world.allow()
    trigger = await world.add(Source.SCHEDULE, schedule="*/30 * * * *")
    world.is_well = False
    world.agent.answers["restart"] = lambda command: fails(command)
    for _ in range(3):
        at = (await world.trigger(trigger)).next_at
        assert at is not None
        world.clock.advance(max(0.0, (at - world.clock.now()).total_seconds()))
        await world.work()
        done = await world.run((await world.executions())[0])
        assert done.status is ExecutionStatus.FAILED
        await world.work()
    blocked = await world.trigger(trigger)
    assert (blocked.block, blocked.failures) == (Block.FAILURES, 3)
    assert blocked.blocked_until is not None
    assert blocked.block_reason is not None
    assert blocked.block_reason.startswith("3 executions in a row did not succeed")
    at = blocked.next_at
    assert at is not None
    world.clock.advance((at - world.clock.now()).total_seconds())
    await world.work()
    last = (await world.firings(trigger))[-1]
    assert (last.state, last.code, last.next_allowed_at) == (FiringState.REFUSED, "consecutive_failures", blocked.blocked_until)
    free = await world.store.write(world.owner, lambda tx: manage.unblock(tx, trigger.id))
    assert (free.block, free.failures) == (None, 0)


def fails(command: Any) -> Any:
    from optral.commands.model import State as CommandState
    from tests.flows.executions.shop import report

    if command.dry_run:
        return report(command, result={"before": {}, "after": {}, "diff": [{"path": "a", "from": 1, "to": 2}], "resourceVersion": "10"})
    return report(command, CommandState.FAILED, code="INTERNAL", message="no")


async def test_a_disabled_trigger_fires_nothing_and_forgets_what_came_meanwhile(world: World) -> None:
    trigger = await world.add()
    await world.store.write(world.owner, lambda tx: manage.change(tx, trigger.id, changing(Trigger, {"is_enabled": False})))
    issue_id = await world.begins()
    await world.work()
    world.clock.advance(60)
    await world.store.write(world.owner, lambda tx: manage.change(tx, trigger.id, changing(Trigger, {"is_enabled": True})))
    await world.tell(issue_id, "issue.updated")
    await world.work()
    assert await world.firings(trigger) == []


async def test_a_trigger_for_every_issue_is_refused(world: World) -> None:
    with pytest.raises(Invalid) as every:
        await world.add(match=Match(namespaces=("shop",)))
    assert every.value.code == "invalid_trigger"


async def test_every_change_is_audited_and_published(world: World) -> None:
    from optral.access import service as access

    trigger = await world.add()
    await world.store.write(world.owner, lambda tx: manage.change(tx, trigger.id, changing(Trigger, {"name": "x"})))
    await world.store.write(world.owner, lambda tx: manage.delete(tx, trigger.id))
    records = await world.store.read(world.owner, lambda tx: access.records_after(tx, 0))
    assert [one.action for one in records if one.target == trigger.id] == ["trigger.create", "trigger.update", "trigger.delete"]
    found = await world.store.read(world.system, lambda tx: events.read_after(tx, 0))
    assert [one.type for one in found if one.subject_id == trigger.id] == ["trigger.updated"] * 3
