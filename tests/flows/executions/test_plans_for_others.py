"""An execution that was only planned: it waits for another person, whatever its risk and whoever is left to approve it."""

from dataclasses import replace

import pytest

from optral.flows.executions import control, undo
from optral.flows.executions.start import MAX_PLANS
from optral.runbooks.model import Execution, ExecutionStatus, Phase
from optral.terms.errors import Forbidden, Refused
from tests.flows.executions.shop import Shop

DOWN = "checkout is down for everybody"


async def planned(shop: Shop) -> Execution:
    """A plan of low risk, which needs no approval when a person runs it."""
    return await shop.settle(await shop.start(needs_another_person=True))


async def test_a_plan_of_low_risk_changes_nothing_until_another_person_approves_it(shop: Shop) -> None:
    one = await planned(shop)
    assert (one.status, one.phase, shop.agent.applied) == (ExecutionStatus.PENDING_APPROVAL, Phase.APPROVAL, 0)
    assert one.plan is not None and one.plan["diff"]
    other = await shop.add_member()
    await shop.approve(one, by=other, plan_hash=one.plan_hash)
    assert (await shop.settle(one)).status is not ExecutionStatus.PENDING_APPROVAL
    assert shop.agent.restarted == 1


async def test_the_requester_cannot_approve_it_alone_or_by_break_glass(shop: Shop) -> None:
    one = await planned(shop)
    signed_in = replace(shop.owner, session_id="ses_1", confirmed_at=shop.clock.now())
    for more in ({"reason": "it is me", "confirm": "web"}, {"break_glass": DOWN}):
        with pytest.raises(Forbidden) as own:
            await shop.approve(one, by=signed_in, **more)
        assert own.value.code == "own_request", more
    assert (await shop.settle(one)).status is ExecutionStatus.PENDING_APPROVAL
    assert shop.agent.applied == 0


async def test_a_plan_that_only_reads_waits_as_well(shop: Shop) -> None:
    one = await shop.settle(await shop.start("collect-diagnostics", needs_another_person=True))
    assert (one.status, one.started_at) == (ExecutionStatus.PENDING_APPROVAL, None)


async def test_run_again_it_waits_for_another_person_again(shop: Shop) -> None:
    one = await planned(shop)
    await shop.store.write(shop.owner, lambda tx: control.cancel(tx, one.id))
    again = await shop.store.write(shop.owner, lambda tx: undo.again(tx, one.id))
    assert (await shop.settle(again)).status is ExecutionStatus.PENDING_APPROVAL


async def test_a_plan_and_an_execution_are_never_taken_for_each_other(shop: Shop) -> None:
    one = await planned(shop)
    with pytest.raises(Refused) as held:
        await shop.start()
    assert (held.value.code, held.value.detail["executionId"]) == ("execution_running", one.id)


async def test_one_member_has_few_plans_waiting(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optral.flows.executions.start.MAX_PLANS", 1)
    assert MAX_PLANS == 5
    await planned(shop)
    with pytest.raises(Refused) as full:
        await shop.start("cordon-node", parameters={"node": "n1"}, needs_another_person=True)
    assert full.value.code == "too_many_plans"
