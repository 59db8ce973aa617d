"""Freezes, maintenance windows and hourly limits, as executions meet them at their start and before their first change."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from optral.access import service as access
from optral.commands.model import State
from optral.flows.executions import control, guarding, undo
from optral.flows.executions.start import Request, start
from optral.kit.records import changing
from optral.runbooks.model import Execution, ExecutionStatus
from optral.safeguards.model import Limit, Safeguards, Window, WindowKind, WindowSettings
from optral.terms import ids
from optral.terms.errors import Invalid, Refused
from tests.flows.executions.shop import Agent, Shop, changed, report


async def add(shop: Shop, kind: WindowKind = WindowKind.FREEZE, *, hours: float = 2, after: float = 0, **more: Any) -> Window:
    now = shop.clock.now() + timedelta(hours=after)
    given = WindowSettings(kind=kind, name="Black Friday", starts_at=now, ends_at=now + timedelta(hours=hours), **more)
    return await shop.store.write(shop.owner, lambda tx: guarding.add_window(tx, given, by=shop.owner.id))


async def limit(shop: Shop, *limits: Limit) -> None:
    await shop.store.write(
        shop.owner,
        lambda tx: guarding.change_settings(tx, changing(Safeguards, {"limits": limits}), by=shop.owner.id, proof=None, if_version=None),
    )


async def by_trigger(shop: Shop, **more: Any) -> Execution:
    given = {"kind": "Deployment", "namespace": "shop", "name": "web"}
    request = Request(runbook="restart-workload", cluster=shop.cluster_id, parameters=given, trigger_id="trg_1", **more)
    return await shop.store.write(shop.owner, lambda tx: start(tx, request))


async def test_a_freeze_refuses_people_and_says_until_when(shop: Shop) -> None:
    freeze = await add(shop, reason="no changes before the sale")
    with pytest.raises(Refused) as frozen:
        await shop.start()
    assert frozen.value.code == "frozen"
    assert freeze.ends_at is not None
    assert frozen.value.detail["nextAllowedAt"] == freeze.ends_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "Black Friday" in frozen.value.say
    assert "no changes before the sale" in frozen.value.say
    assert (await shop.start(dry_run=True)).dry_run, "a plan changes nothing"
    assert (await shop.start("collect-diagnostics")).id, "reading changes nothing"
    shop.clock.advance(2 * 3600)
    assert (await shop.run(await shop.start())).status is ExecutionStatus.SUCCEEDED


@pytest.mark.parametrize("reason", ["", " " * 40, "urgent"])
async def test_breaking_a_freeze_takes_a_reason(shop: Shop, reason: str) -> None:
    await add(shop)
    with pytest.raises((Refused, Invalid)) as refused:
        await shop.start(break_glass=reason)
    assert refused.value.code in ("frozen", "reason_needed")


async def test_a_freeze_that_is_broken_is_recorded(shop: Shop) -> None:
    await add(shop)
    one = await shop.start(break_glass="checkout is down for everybody")
    done = await shop.run(one)
    assert (done.status, done.break_glass) == (ExecutionStatus.SUCCEEDED, "checkout is down for everybody")
    assert "Despite a freeze, because: checkout is down for everybody" in await shop.log(one)
    records = await shop.store.read(shop.owner, lambda tx: access.records_after(tx, 0))
    started = next(record for record in records if record.action == "execution.start")
    assert "checkout is down for everybody" in str(started.detail)


@pytest.mark.parametrize("place", [{"namespace": "pay"}, {"cluster_id": ids.new("cls")}])
async def test_a_freeze_of_another_place_holds_nothing(shop: Shop, place: dict[str, str]) -> None:
    await add(shop, **place)
    assert (await shop.start()).id


async def test_undo_retry_and_again_meet_the_freeze(shop: Shop) -> None:
    done = await shop.run(await shop.start("scale-workload", parameters=_scale(2)))
    assert done.status is ExecutionStatus.SUCCEEDED
    shop.clock.advance(600)
    canceled = await shop.start("scale-workload", parameters=_scale(3))
    await shop.store.write(shop.owner, lambda tx: control.cancel(tx, canceled.id))
    await add(shop)
    for job in (
        lambda tx: undo.undo(tx, done.id),
        lambda tx: undo.again(tx, done.id),
        lambda tx: control.retry(tx, canceled.id),
    ):
        with pytest.raises(Refused) as frozen:
            await shop.store.write(shop.owner, job)
        assert frozen.value.code == "frozen"


def _scale(replicas: int) -> dict[str, object]:
    return {"kind": "Deployment", "namespace": "shop", "name": "web", "replicas": replicas}


async def test_a_freeze_that_begins_after_the_start_holds_the_first_change(shop: Shop) -> None:
    one = await shop.start()
    await add(shop)
    assert (await shop.settle(one)).status is ExecutionStatus.QUEUED
    shop.clock.advance(3600)
    assert ((await shop.settle(one)).status, shop.agent.applied) == (ExecutionStatus.QUEUED, 0)
    shop.clock.advance(3601)
    assert (await shop.run(one)).status is ExecutionStatus.SUCCEEDED


async def test_a_trigger_acts_only_in_a_window_and_a_person_at_any_time(shop: Shop) -> None:
    await add(shop, WindowKind.MAINTENANCE, after=1)
    with pytest.raises(Refused) as outside:
        await by_trigger(shop)
    assert outside.value.code == "outside_window"
    assert outside.value.detail["nextAllowedAt"] == (shop.clock.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    shop.clock.advance(3600)
    assert (await by_trigger(shop)).trigger_id == "trg_1"
    assert (await shop.start()).id


async def test_a_limit_that_is_used_up_holds_what_was_started_before(shop: Shop) -> None:
    await limit(shop, Limit("", "shop", 1))
    second = await shop.start("delete-pod", parameters={"namespace": "shop", "pod": "web-1"})
    await shop.run(await shop.start())
    await shop.settle(second)
    await shop.approve(second, by=await shop.add_member())
    assert (await shop.settle(second)).status is ExecutionStatus.QUEUED
    with pytest.raises(Refused) as full:
        await shop.start("scale-workload", parameters=_scale(2))
    assert full.value.code == "too_many_changes"
    assert "the namespace shop of prod 1 time within the last hour (1 allowed)" in full.value.say
    assert (await shop.start("cordon-node", parameters={"node": "n1"})).id, "another place"
    shop.clock.advance(3600)
    assert (await shop.run(second)).status is ExecutionStatus.SUCCEEDED


async def test_what_has_begun_counts_before_it_changes_something(shop: Shop) -> None:
    """Two clusters, and one change within an hour in both together: the second one waits although the first has changed nothing yet."""
    other = Shop(shop.store, shop.org, shop.clock)
    await other.open("staging")
    await limit(shop, Limit("", "", 1))
    first, second = await shop.start(), await other.start()
    await shop.settle(first, rounds=1)
    while await shop.move(first):
        pass
    assert ((await shop.get(first)).status, shop.agent.applied) == (ExecutionStatus.RUNNING, 0)
    assert ((await other.settle(second)).status, other.agent.applied) == (ExecutionStatus.QUEUED, 0)
    with pytest.raises(Refused) as full:
        await other.start("cordon-node", parameters={"node": "n1"})
    assert full.value.code == "too_many_changes"
    assert (await shop.run(first)).status is ExecutionStatus.SUCCEEDED
    assert (await other.settle(second)).status is ExecutionStatus.QUEUED
    shop.clock.advance(3600)
    assert (await other.run(second)).status is ExecutionStatus.SUCCEEDED


async def test_what_has_begun_and_failed_takes_nothing_of_the_limit(shop: Shop) -> None:
    await limit(shop, Limit("", "shop", 1))
    shop.agent.answers["restart"] = lambda command: (
        Agent()._do(command) if command.dry_run else report(command, State.FAILED, code="INVALID")
    )
    assert (await shop.run(await shop.start())).status is ExecutionStatus.FAILED
    assert (await shop.run(await shop.start("scale-workload", parameters=_scale(2)))).status is ExecutionStatus.SUCCEEDED


async def test_servers_that_look_at_once_begin_one_execution_of_a_cluster(shop: Shop) -> None:
    nodes = [f"n{number}" for number in range(2, 8)]
    await shop.show(more=[changed("Node", f"uid-{name}", "", name, "1", {"spec": {}}) for name in nodes])
    waiting = [await shop.start("cordon-node", parameters={"node": name}) for name in nodes]
    await shop.answer()
    await asyncio.gather(*(shop.move(one) for one in waiting))
    for _ in range(3):
        await asyncio.gather(*(shop.move(one) for one in waiting))
    found = [(await shop.get(one)).status for one in waiting]
    assert found.count(ExecutionStatus.RUNNING) == 1, found


async def test_a_trigger_waits_for_approval_unless_the_organization_allows_the_risk(shop: Shop) -> None:
    first = await by_trigger(shop)
    assert first.status is ExecutionStatus.PENDING_APPROVAL
    assert (first.requested_by, first.requested_via) == (shop.owner.id, "trg_1")
    await shop.store.write(shop.owner, lambda tx: control.cancel(tx, first.id))
    await shop.store.write(
        shop.system, lambda tx: guarding.safeguards.save(tx, changing(Safeguards, {"unattended_risk": "low"}), by=shop.owner.id)
    )
    assert (await by_trigger(shop)).status is ExecutionStatus.QUEUED
