"""The driver dropped at every boundary, commands that end badly, two drivers at once: nothing twice, nothing claimed that was not done."""

import asyncio

import pytest

from optral.access import service as access
from optral.access.model import KEY_SCOPES, KeySettings
from optral.commands import service as commands
from optral.commands.model import Command, Report, State
from optral.flows.clusters import manage as cluster_flow
from optral.flows.executions import control, runbook_changes
from optral.flows.executions.driver import Driver, advance
from optral.runbooks import service as runbooks
from optral.runbooks.executions import decisions
from optral.runbooks.model import Execution, ExecutionStatus, Phase, StepState
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor as actors
from optral.terms.actor import Actor, Role
from optral.terms.errors import Forbidden, Refused
from optral.terms.ids import OrgId
from tests.flows.executions.shop import Agent, Shop, report
from tests.support.clock import FakeClock
from tests.support.examples import some


class Killed(Exception):
    """The process died in the middle of a transaction."""


async def _killed_in(shop: Shop, one: Execution) -> None:
    def job(tx: Transaction) -> None:
        advance(tx, one.id)
        raise Killed

    with pytest.raises(Killed):
        await shop.store.write(shop.system, job)


async def _walk(shop: Shop, one: Execution, *, kill_at: int, how: str) -> tuple[Execution, int]:
    """Driver and agent take turns; at one turn something is killed. Returns how it ended, and how many turns it took."""
    turn = 0
    for _ in range(60):
        if (now := await shop.get(one)).status.is_final:
            return now, turn
        if now.phase is Phase.APPROVAL:
            await shop.approve(one, by=shop.person("other"))
        moving = True
        while moving:
            if turn == kill_at and how == "driver":
                await _killed_in(shop, one)
            turn += 1
            moving = await shop.move(one)
        fault = how if turn == kill_at and how in ("before", "after") else ""
        turn += 1
        if not await shop.answer(fault=fault):
            await shop.reconnect()
            shop.clock.advance(20 if now.status is ExecutionStatus.VERIFYING else 3)
        await shop.show()
    return await shop.get(one), turn


@pytest.mark.parametrize("how", ["driver", *(pytest.param(how, marks=pytest.mark.slow) for how in ("before", "after"))])
async def test_killed_at_every_boundary_it_is_done_once(store: Store, org: OrgId, clock: FakeClock, how: str) -> None:
    turns = 14  # beyond, it only watches
    for number, kill_at in enumerate(sorted(some(range(turns), of=3)), start=1):
        if kill_at >= turns:
            break
        shop = Shop(store, org, clock)
        await shop.open(f"c-{kill_at}")
        one = await shop.raise_limit()
        done, turns = await _walk(shop, one, kill_at=kill_at, how=how)
        assert done.status is ExecutionStatus.SUCCEEDED, (kill_at, done.failure)
        assert (shop.agent.applied, shop.agent.limit) == (1, "128Mi"), kill_at
        assert [kind for kind, _ in await shop.published()].count("runbook.completed") == number
    assert turns >= 6


async def test_a_driver_runs_what_it_finds_in_rows(shop: Shop) -> None:
    """The loop itself: woken by a start, by finished commands, by time."""
    one = await shop.start()
    first = asyncio.create_task(shop.driver.run())
    async with asyncio.timeout(60):
        while (await shop.get(one)).status is not ExecutionStatus.VERIFYING:
            await shop.answer()
            await shop.show()
            await asyncio.sleep(0.005)
    first.cancel()
    shop.clock.advance(4)
    second = Driver(shop.store, shop.clock)
    await second.step()
    shop.clock.advance(61)
    await second.step()
    assert (await shop.get(one)).status is ExecutionStatus.SUCCEEDED
    assert shop.agent.applied == 1


async def test_two_drivers_at_once_do_it_once(shop: Shop) -> None:
    one = await shop.start()
    others = [Driver(shop.store, shop.clock), Driver(shop.store, shop.clock)]
    for _ in range(30):
        await asyncio.gather(*(driver._drive(shop.org, one.id) for driver in others))
        await shop.answer()
        await shop.show()
        shop.clock.advance(5)
    assert (await shop.get(one)).status is ExecutionStatus.SUCCEEDED
    assert shop.agent.applied == 1


async def test_two_starts_at_once_give_one_writer(shop: Shop) -> None:
    def replicas_patch(replicas: int) -> dict[str, object]:
        return {"kind": "Deployment", "namespace": "shop", "name": "web", "replicas": replicas}

    results = await asyncio.gather(
        *(shop.start("scale-workload", parameters=replicas_patch(replicas)) for replicas in (2, 3, 4)), return_exceptions=True
    )
    won = [one for one in results if isinstance(one, Execution)]
    lost = [one for one in results if isinstance(one, Refused)]
    assert len(won) == 1
    assert [one.code for one in lost] == ["execution_running"] * 2


async def test_the_same_start_several_times_at_once_gives_one_execution(shop: Shop) -> None:
    started = await asyncio.gather(*(shop.start() for _ in range(4)))
    assert len({one.id for one in started}) == 1


async def test_an_object_that_moves_is_looked_at_again(shop: Shop) -> None:
    shop.agent.disturb = 2
    one = await shop.start()
    done = await shop.run(one)
    assert done.status is ExecutionStatus.SUCCEEDED
    assert ((await shop.steps(one))[0].attempt, shop.agent.applied) == (3, 1)


async def test_an_object_that_never_stands_still_fails_unchanged(shop: Shop) -> None:
    shop.agent.disturb = 99
    done = await shop.run(await shop.start())
    assert (done.status, done.failure and done.failure["code"], shop.agent.applied) == (ExecutionStatus.FAILED, "PRECONDITION", 0)


async def test_a_plan_that_no_longer_holds_voids_the_approval(shop: Shop) -> None:
    one = await shop.raise_limit("100Mi")
    await shop.settle(one)
    shop.agent.limit = "80Mi"
    await shop.approve(one, by=shop.person("other"))
    done = await shop.run(one)
    assert (done.status, done.failure and done.failure["code"], shop.agent.applied) == (ExecutionStatus.FAILED, "plan_drifted", 0)
    assert done.failure is not None
    assert done.failure["changed"] is False


@pytest.mark.parametrize(
    ("state", "code", "status", "step", "changed"),
    [
        pytest.param(State.REJECTED, "POLICY_DENIED", ExecutionStatus.FAILED, StepState.FAILED, False, id="policy"),
        pytest.param(State.FAILED, "RBAC_DENIED", ExecutionStatus.FAILED, StepState.FAILED, False, id="rbac"),
        pytest.param(State.UNKNOWN, "UNKNOWN_OUTCOME", ExecutionStatus.LOST, StepState.UNKNOWN, None, id="unknown"),
        pytest.param(State.TIMED_OUT, "TIMED_OUT", ExecutionStatus.LOST, StepState.UNKNOWN, None, id="a write that timed out is unknown"),
        pytest.param(State.CANCELED, "CANCELED", ExecutionStatus.CANCELED, StepState.CANCELED, False, id="canceled"),
        pytest.param(State.EXPIRED, "EXPIRED", ExecutionStatus.FAILED, StepState.FAILED, False, id="expired"),
    ],
)
async def test_commands_that_end_badly(
    shop: Shop, state: State, code: str, status: ExecutionStatus, step: StepState, changed: bool | None
) -> None:
    one = await shop.start()
    plain = Agent()

    def answer(command: Command) -> Report:
        return plain._do(command) if command.dry_run else report(command, state, code=code, message="so it ended")

    shop.agent.answers["restart"] = answer
    done = await shop.run(one)
    assert (done.status, (await shop.steps(one))[0].state) == (status, step)
    assert done.failure is not None
    assert done.failure["changed"] is changed
    if status is ExecutionStatus.LOST:
        assert done.failure["check"] == {"kind": "Deployment", "namespace": "shop", "name": "web"}
    assert (await shop.published())[-1] == ("runbook.completed", status.value)
    assert (await shop.start("scale-workload", parameters=SCALE)).id  # the object is free again


SCALE = {"kind": "Deployment", "namespace": "shop", "name": "web", "replicas": 2}


async def test_an_agent_that_never_answers_a_change_ends_lost(shop: Shop) -> None:
    one = await shop.start()
    plain = Agent()
    shop.agent.answers["restart"] = lambda command: plain._do(command) if command.dry_run else None
    done = await shop.run(one)
    assert (done.status, done.failure and done.failure["code"]) == (ExecutionStatus.LOST, "unknown_outcome")


async def test_an_agent_that_never_fetches_the_plan_fails_unchanged(shop: Shop) -> None:
    one = await shop.start()

    async def nothing(*, fault: str = "") -> int:
        return 0

    shop.answer = nothing  # type: ignore[method-assign]
    done = await shop.run(one)
    assert (done.status, done.failure and done.failure["code"], done.failure and done.failure["changed"]) == (
        ExecutionStatus.FAILED,
        "EXPIRED",
        False,
    )


async def test_canceling_while_a_change_is_at_the_agent_tells_what_became_of_it(shop: Shop) -> None:
    one = await shop.start()
    held: list[Command] = []

    def hold(command: Command) -> Report | None:
        if command.dry_run:
            return Agent()._do(command)
        held.append(command)
        return None

    shop.agent.answers["restart"] = hold
    await shop.settle(one)
    assert held
    asked = await shop.store.write(shop.owner, lambda tx: control.cancel(tx, one.id))
    assert asked.status is ExecutionStatus.RUNNING
    assert (await shop.settle(one)).status is ExecutionStatus.RUNNING
    await shop.store.write(shop.system, lambda tx: commands.record(tx, shop.cluster_id, shop.agent._do(held[0])))
    done = await shop.run(one)
    assert done.status is ExecutionStatus.CANCELED
    assert done.failure is not None
    assert done.failure["changed"] is True
    assert shop.agent.applied == 1


async def test_retry_goes_on_from_the_step_that_failed(shop: Shop) -> None:
    one = await shop.start()
    plain = Agent()

    def deny(command: Command) -> Report:
        return plain._do(command) if command.dry_run else report(command, State.REJECTED, code="POLICY_DENIED", message="read-only")

    shop.agent.answers["restart"] = deny
    assert (await shop.run(one)).status is ExecutionStatus.FAILED
    del shop.agent.answers["restart"]
    again = await shop.store.write(shop.owner, lambda tx: control.retry(tx, one.id))
    assert again.retry_of == one.id
    done = await shop.run(again)
    assert (done.status, shop.agent.applied) == (ExecutionStatus.SUCCEEDED, 1)
    with pytest.raises(Refused):
        await shop.store.write(shop.owner, lambda tx: control.retry(tx, again.id))


async def test_one_cluster_is_changed_in_one_place_at_a_time(shop: Shop) -> None:
    first = await shop.start()
    second = await shop.start("cordon-node", parameters={"node": "n1"})
    shop.agent.answers["restart"] = lambda command: Agent()._do(command) if command.dry_run else None
    await shop.settle(first)
    assert (await shop.get(first)).status is ExecutionStatus.RUNNING
    waiting = await shop.settle(second)
    assert waiting.status is ExecutionStatus.QUEUED
    assert waiting.due_at is not None
    assert waiting.due_at - shop.clock.now() <= decisions.GATE_AGAIN


TWO_STEPS = """
slug: raise-and-restart
name: Raise and restart
risk: high
steps:
  - name: Raise
    action: setResources
    with: {kind: Deployment, namespace: shop, name: web, container: api, limits: {memory: 128Mi}}
  - name: Restart
    action: restart
    with: {kind: Deployment, namespace: shop, name: web}
cooldownSeconds: 600
"""


async def _own_runbook(shop: Shop, text: str) -> str:
    made = await shop.store.write(shop.owner, lambda tx: runbook_changes.create(tx, runbooks.read(text)))
    return made.slug


async def _approved(shop: Shop, one: Execution) -> Execution:
    return await shop.approve(await shop.settle(one), by=await shop.add_member())


async def test_steps_on_one_object_follow_each_other(shop: Shop) -> None:
    """What the first step wrote is no drift for the second."""
    one = await _approved(shop, await shop.start(await _own_runbook(shop, TWO_STEPS), parameters={}))
    done = await shop.run(one)
    assert (done.status, done.failure) == (ExecutionStatus.SUCCEEDED, None)
    assert (shop.agent.applied, shop.agent.limit, shop.agent.restarted) == (2, "128Mi", 1)


async def test_retry_does_not_do_again_what_was_done(shop: Shop) -> None:
    one = await _approved(shop, await shop.start(await _own_runbook(shop, TWO_STEPS), parameters={}))
    plain = Agent()

    def deny(command: Command) -> Report:
        return plain._do(command) if command.dry_run else report(command, State.FAILED, code="RBAC_DENIED", message="no")

    shop.agent.answers["restart"] = deny
    failed = await shop.run(one)
    assert failed.failure is not None
    assert (failed.status, failed.failure["changed"], failed.failure["step"]) == (ExecutionStatus.FAILED, True, "Restart")
    del shop.agent.answers["restart"]
    again = await _approved(shop, await shop.store.write(shop.owner, lambda tx: control.retry(tx, one.id)))
    done = await shop.run(again)
    assert done.status is ExecutionStatus.SUCCEEDED
    assert [step.state for step in await shop.steps(again)] == [StepState.SKIPPED, StepState.SUCCEEDED]
    assert (shop.agent.applied, shop.agent.restarted) == (2, 1)


async def test_a_key_approves_nothing_its_maker_requested(shop: Shop) -> None:
    """The principal is the person; two keys of one person are one person."""
    await shop.add_member()

    def keys(tx: Transaction) -> list[Actor]:
        made = [access.create_key(tx, KeySettings(name=name, scopes=KEY_SCOPES), pepper=b"p" * 32)[0] for name in ("one", "two")]
        return [actors.key(shop.org, one.id, scopes=one.scopes, clusters=None, role=Role.OWNER) for one in made]

    first, second = await shop.store.write(shop.owner, keys)
    one = await shop.raise_limit(by=first)
    assert one.requested_by == shop.owner.id
    await shop.settle(one)
    with pytest.raises(Forbidden) as own:
        await shop.approve(one, by=second, reason="because", confirm="web")
    assert own.value.code == "own_request"


async def test_a_deleted_cluster_ends_its_executions(shop: Shop) -> None:
    one = await shop.start()
    await shop.store.write(shop.owner, lambda tx: cluster_flow.delete(tx, shop.cluster_id))

    async def nothing(*, fault: str = "") -> int:
        return 0

    shop.answer, shop.show = nothing, nothing  # type: ignore[method-assign,assignment]
    done = await shop.run(one)
    assert (done.status, done.failure and done.failure["changed"]) == (ExecutionStatus.FAILED, False)
