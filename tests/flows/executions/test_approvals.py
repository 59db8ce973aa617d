"""The approval rules: how many people, who counts, and what lets an execution go on without them."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from optral.access import people_service
from optral.events import service as events
from optral.flows.executions import approvals, control, guarding
from optral.flows.people import members
from optral.kit.records import changing
from optral.runbooks import service as runbooks
from optral.runbooks.executions.approvals import Verdict
from optral.runbooks.model import Execution, ExecutionStatus, Phase
from optral.safeguards import service as safeguards
from optral.safeguards.model import ApprovalRule, Safeguards, WindowKind, WindowSettings
from optral.terms.actor import Actor
from optral.terms.errors import Forbidden, Invalid, Refused
from tests.flows.executions.shop import Shop

DOWN = "checkout is down for everybody"


async def rules(shop: Shop, *given: ApprovalRule, break_glass: tuple[str, ...] = ("owner",)) -> None:
    await shop.store.write(
        shop.system,
        lambda tx: safeguards.save(tx, changing(Safeguards, {"approval_rules": given, "break_glass_roles": break_glass}), by=shop.owner.id),
    )


def rule(risk: str = "high", approvals: int = 2, *, cluster: str = "", namespace: str = "", **who: tuple[str, ...]) -> ApprovalRule:
    return ApprovalRule(risk, cluster, namespace, approvals, **who)


async def pending(shop: Shop, **more: Any) -> Execution:
    return await shop.settle(await shop.raise_limit(**more))


async def standing(shop: Shop, one: Execution) -> tuple[int, int]:
    """(approvals that count, approvals that are needed)."""
    found = await shop.store.read(shop.system, lambda tx: approvals.state(tx, runbooks.get_execution(tx, one.id)))
    assert found is not None
    return found.panel.approvals, found.requested.needed


async def remove(shop: Shop, who: Actor) -> None:
    await shop.store.write(shop.system, lambda tx: people_service.remove_member(tx, who.id))


def signed_in(who: Actor, shop: Shop) -> Actor:
    return replace(who, session_id="ses_1", confirmed_at=shop.clock.now())


async def test_without_a_rule_one_approval_is_enough(shop: Shop) -> None:
    one = await pending(shop)
    assert await standing(shop, one) == (0, 1)
    assert (await shop.approve(one, by=await shop.add_member())).status is ExecutionStatus.QUEUED
    assert await standing(shop, one) == (1, 1)


async def test_what_somebody_requested_who_left_is_canceled(shop: Shop) -> None:
    leaver, other = await shop.add_member(), await shop.add_member()
    one = await pending(shop, by=leaver)
    for who, status in ((other, ExecutionStatus.PENDING_APPROVAL), (leaver, ExecutionStatus.CANCELED)):
        await shop.store.write(shop.system, partial(members.remove, user_id=who.id))
        assert (await shop.settle(one)).status is status
    with pytest.raises(Refused):
        await shop.approve(one, by=await shop.add_member())


async def test_two_people_approve_and_the_same_one_counts_once(shop: Shop) -> None:
    await rules(shop, rule())
    first, second = await shop.add_member(), await shop.add_member()
    one = await pending(shop)
    half = await shop.approve(one, by=first, reason="it leaks")
    assert (half.status, half.phase, half.expires_at) == (ExecutionStatus.PENDING_APPROVAL, Phase.APPROVAL, one.expires_at)
    assert await standing(shop, one) == (1, 2)
    assert half.version > one.version
    assert (await shop.settle(one)).status is ExecutionStatus.PENDING_APPROVAL
    with pytest.raises(Refused) as again:
        await shop.approve(one, by=first)
    assert again.value.code == "already_approved"
    assert (await shop.approve(one, by=second)).approved_by == second.id
    assert (await shop.run(one)).status is ExecutionStatus.SUCCEEDED
    assert [line for line in await shop.log(one) if line.startswith("Approved")] == [
        f"Approved by {first.id}: it leaks (1 of 2)",
        f"Approved by {second.id} (2 of 2)",
    ]
    assert [kind for kind, _ in await shop.published()].count("approval.approved") == 1


async def test_a_key_and_its_creator_are_one_person(shop: Shop) -> None:
    """The requester's key cannot approve, and a rule leaves no exception for the only member."""
    await rules(shop, rule(approvals=1))
    one = await pending(shop)
    with pytest.raises(Forbidden) as own:
        await shop.approve(one, by=shop.owner, reason="because", confirm="web")
    assert own.value.code == "own_request"


async def test_an_approval_of_who_left_does_not_count(shop: Shop) -> None:
    await rules(shop, rule())
    first, second, third = [await shop.add_member() for _ in range(3)]
    one = await pending(shop)
    await shop.approve(one, by=first)
    await remove(shop, first)
    assert await standing(shop, one) == (0, 2)
    assert (await shop.approve(one, by=second)).status is ExecutionStatus.PENDING_APPROVAL
    assert (await shop.approve(one, by=third)).status is ExecutionStatus.QUEUED


async def test_before_the_first_change_what_is_left_is_counted_again(shop: Shop) -> None:
    await rules(shop, rule())
    first, second, third = [await shop.add_member() for _ in range(3)]
    one = await pending(shop)
    await shop.approve(one, by=first)
    await shop.approve(one, by=second)
    await remove(shop, second)
    waiting = await shop.settle(one)
    assert (waiting.status, waiting.approved_by, shop.agent.applied) == (ExecutionStatus.PENDING_APPROVAL, None, 0)
    assert await standing(shop, one) == (1, 2)
    assert (await shop.approve(one, by=third)).status is ExecutionStatus.QUEUED
    assert (await shop.run(one)).status is ExecutionStatus.SUCCEEDED


async def test_another_plan_needs_other_approvals(shop: Shop) -> None:
    await rules(shop, rule())
    one = await pending(shop)
    await shop.approve(one, by=await shop.add_member())
    await shop.store.write(shop.owner, lambda tx: control.cancel(tx, one.id))
    again = await shop.settle(await shop.store.write(shop.owner, lambda tx: control.retry(tx, one.id)))
    assert again.id != one.id
    assert await standing(shop, again) == (0, 2)


async def test_approvals_expire_together(shop: Shop) -> None:
    await rules(shop, rule())
    one = await pending(shop)
    await shop.approve(one, by=await shop.add_member())
    shop.clock.advance(901)
    assert (await shop.settle(one)).status is ExecutionStatus.EXPIRED


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param([rule(approvals=2), rule(approvals=3, namespace="shop")], 3, id="a namespace is nearer"),
        pytest.param([rule(approvals=3), rule(approvals=2, cluster="prod")], 2, id="a cluster is nearer, also with fewer"),
        pytest.param([rule(approvals=4, cluster="prod"), rule(approvals=2, cluster="prod", namespace="shop")], 2, id="both are nearest"),
        pytest.param([rule(approvals=3, namespace="pay"), rule(approvals=3, cluster="cls_other")], 1, id="other places"),
        pytest.param([rule(risk="destructive", approvals=3)], 1, id="another risk"),
    ],
)
async def test_the_rule_of_the_nearest_place_applies(shop: Shop, given: list[ApprovalRule], expected: int) -> None:
    await rules(shop, *(one._replace(cluster_id=shop.cluster_id) if one.cluster_id == "prod" else one for one in given))
    assert (await standing(shop, await pending(shop)))[1] == expected


async def test_a_rule_makes_a_low_risk_wait_but_no_dry_run(shop: Shop) -> None:
    await rules(shop, rule(risk="low", approvals=1))
    assert (await shop.settle(await shop.start())).status is ExecutionStatus.PENDING_APPROVAL
    assert (await shop.run(await shop.raise_limit(dry_run=True))).status is ExecutionStatus.SUCCEEDED


async def test_a_request_keeps_the_rule_of_its_time(shop: Shop) -> None:
    await rules(shop, rule())
    one = await pending(shop)
    await rules(shop)
    assert (await shop.approve(one, by=await shop.add_member())).status is ExecutionStatus.PENDING_APPROVAL


async def test_a_rule_that_comes_while_an_execution_waits_for_its_turn_applies(shop: Shop) -> None:
    """It asked nobody: nothing of it was agreed before the rule."""
    one = await shop.start()
    await shop.store.write(shop.owner, lambda tx: control.pause(tx, is_paused=True, reason="looking at it"))
    assert (await shop.settle(one)).status is ExecutionStatus.QUEUED
    await rules(shop, rule(risk="low", approvals=1))
    await shop.store.write(shop.owner, lambda tx: control.pause(tx, is_paused=False))
    assert ((await shop.settle(one)).status, shop.agent.applied) == (ExecutionStatus.PENDING_APPROVAL, 0)
    assert await standing(shop, one) == (0, 1)
    with pytest.raises(Forbidden):
        await shop.approve(one, by=shop.owner)
    await shop.approve(one, by=await shop.add_member())
    assert (await shop.run(one)).status is ExecutionStatus.SUCCEEDED


async def test_only_the_group_of_a_rule_counts(shop: Shop) -> None:
    admin, named = await shop.add_member(), await shop.add_member()
    await rules(shop, rule(approvals=1, roles=("owner",), members=(named.id,)))
    one = await pending(shop)
    with pytest.raises(Forbidden) as other:
        await shop.approve(one, by=admin)
    assert other.value.code == "not_an_approver"
    assert (await shop.approve(one, by=named)).status is ExecutionStatus.QUEUED


async def test_break_glass_skips_missing_approvals_and_says_so(shop: Shop) -> None:
    await rules(shop, rule())
    one = await pending(shop)
    after = await shop.store.write(signed_in(shop.owner, shop), lambda tx: control.approve(tx, one.id, break_glass=DOWN))
    assert (after.status, after.break_glass) == (ExecutionStatus.QUEUED, DOWN)
    assert (await shop.run(one)).status is ExecutionStatus.SUCCEEDED
    found = await shop.store.read(shop.system, lambda tx: events.read_after(tx, 0))
    (said,) = [event for event in found if event.type == "execution.breakGlass"]
    assert said.data["breakGlass"] == DOWN
    state = await shop.store.read(shop.system, lambda tx: approvals.state(tx, runbooks.get_execution(tx, one.id)))
    assert state is not None
    assert [(given.verdict, given.by, given.reason) for given in state.decisions] == [(Verdict.BREAK_GLASS, shop.owner.id, DOWN)]
    assert f"{shop.owner.id} skipped 2 missing approvals: {DOWN}" in await shop.log(one)


async def test_break_glass_needs_a_role_a_session_and_a_reason(shop: Shop) -> None:
    await rules(shop, rule())
    admin, one = await shop.add_member(), await pending(shop)
    for who, reason, error, code in (
        (signed_in(admin, shop), DOWN, Forbidden, "break_glass_not_allowed"),
        (shop.owner, DOWN, Forbidden, "session_required"),
        (signed_in(shop.owner, shop), "urgent", Invalid, "reason_needed"),
    ):
        with pytest.raises(error) as refused:
            await shop.store.write(who, lambda tx, reason=reason: control.approve(tx, one.id, break_glass=reason))  # type: ignore[misc]
        assert refused.value.code == code
    assert await standing(shop, one) == (0, 2)
    await rules(shop, rule(), break_glass=("owner", "admin"))
    after = await shop.store.write(signed_in(admin, shop), lambda tx: control.approve(tx, one.id, break_glass=DOWN))
    assert after.status is ExecutionStatus.QUEUED


async def test_break_glass_does_not_count_once_the_role_is_gone(shop: Shop) -> None:
    await rules(shop, rule(), break_glass=("owner", "admin"))
    admin, one = await shop.add_member(), await pending(shop)
    await shop.store.write(signed_in(admin, shop), lambda tx: control.approve(tx, one.id, break_glass=DOWN))
    await remove(shop, admin)
    assert (await shop.settle(one)).status is ExecutionStatus.PENDING_APPROVAL
    assert shop.agent.applied == 0


async def test_break_glass_that_does_not_count_any_more_ignores_no_freeze(shop: Shop) -> None:
    await rules(shop, rule(approvals=1), break_glass=("owner", "admin"))
    admin, other, one = await shop.add_member(), await shop.add_member(), await pending(shop)
    await freeze(shop)
    await shop.store.write(signed_in(admin, shop), lambda tx: control.approve(tx, one.id, break_glass=DOWN))
    await remove(shop, admin)
    assert (await shop.settle(one)).status is ExecutionStatus.PENDING_APPROVAL
    await shop.approve(one, by=other)
    held = await shop.settle(one)
    assert (held.status, held.break_glass, shop.agent.applied) == (ExecutionStatus.QUEUED, None, 0)
    shop.clock.advance(3601)
    assert (await shop.run(one)).status is ExecutionStatus.SUCCEEDED


async def freeze(shop: Shop) -> None:
    now = shop.clock.now()
    given = WindowSettings(kind=WindowKind.FREEZE, name="sale", starts_at=now, ends_at=now + timedelta(hours=1))
    await shop.store.write(shop.owner, lambda tx: guarding.add_window(tx, given, by=shop.owner.id))


async def test_without_a_role_nobody_may_break_glass(shop: Shop) -> None:
    await rules(shop, rule(), break_glass=())
    one = await pending(shop)
    with pytest.raises(Forbidden) as refused:
        await shop.store.write(signed_in(shop.owner, shop), lambda tx: control.approve(tx, one.id, break_glass=DOWN))
    assert refused.value.say == "nobody may skip missing approvals; ask for the approvals instead"


async def test_a_rejection_keeps_its_reason(shop: Shop) -> None:
    other, one = await shop.add_member(), await pending(shop)
    await shop.store.write(other, lambda tx: control.reject(tx, one.id, reason="not on a Friday"))
    state = await shop.store.read(shop.system, lambda tx: approvals.state(tx, runbooks.get_execution(tx, one.id)))
    assert state is not None
    assert [(given.verdict, given.reason) for given in state.decisions] == [(Verdict.REJECTED, "not on a Friday")]
