"""Undo: an ordinary execution back to the values from before, refused when that is not what is there any more; and running again."""

import pytest

from optral.flows.executions import control, undo
from optral.flows.issues import precedents
from optral.runbooks.model import Execution, ExecutionStatus, Phase
from optral.terms.errors import Refused
from tests.flows.executions.shop import Shop

WEB = {"kind": "Deployment", "namespace": "shop", "name": "web"}
SCALED = {**WEB, "replicas": 3}


async def scaled(shop: Shop) -> Execution:
    done = await shop.run(await shop.start("scale-workload", parameters=SCALED))
    assert (done.status, shop.agent.replicas) == (ExecutionStatus.SUCCEEDED, 3)
    return done


async def undone(shop: Shop, one: Execution, **more: str) -> Execution:
    return await shop.store.write(shop.owner, lambda tx: undo.undo(tx, one.id, **more))


async def refusal(shop: Shop, one: Execution) -> Refused:
    with pytest.raises(Refused) as refused:
        await undone(shop, one)
    return refused.value


async def test_undo_restores_the_value_and_is_verified(shop: Shop) -> None:
    one = await scaled(shop)
    back = await undone(shop, one)
    assert (back.undo_of, back.runbook_name, back.status) == (one.id, "Undo: Scale a workload", ExecutionStatus.QUEUED)
    done = await shop.run(back)
    assert (done.status, done.failure, shop.agent.replicas) == (ExecutionStatus.SUCCEEDED, None, 1)
    assert done.verification is not None
    assert done.verification["status"] == "passed"
    assert shop.agent.applied == 2
    assert (await refusal(shop, one)).code == "already_undone"
    assert (await refusal(shop, done)).code == "not_undoable"  # no undo of an undo


async def test_undo_of_a_high_risk_runbook_needs_its_own_approval(shop: Shop) -> None:
    other = await shop.add_member()
    one = await shop.settle(await shop.raise_limit())
    done = await shop.run(await shop.approve(one, by=other))
    assert (done.status, shop.agent.limit) == (ExecutionStatus.SUCCEEDED, "128Mi")
    back = await shop.settle(await undone(shop, done))
    assert (back.status, back.phase, shop.agent.limit) == (ExecutionStatus.PENDING_APPROVAL, Phase.APPROVAL, "128Mi")
    assert back.plan is not None
    assert [(change["from"], change["to"]) for change in back.plan["diff"]] == [("128Mi", "64Mi")]
    assert back.plan_hash != done.plan_hash
    ended = await shop.run(await shop.approve(back, by=other))
    assert (ended.status, shop.agent.limit) == (ExecutionStatus.SUCCEEDED, "64Mi")


async def test_a_second_request_gives_the_same_undo(shop: Shop) -> None:
    one = await scaled(shop)
    first, second = await undone(shop, one), await undone(shop, one)
    assert first.id == second.id
    with pytest.raises(Refused) as refused:  # the same runbook with the same parameters is not the undo
        await shop.start("scale-workload", parameters=SCALED)
    assert refused.value.code == "execution_running"


async def test_what_changed_since_is_not_undone(shop: Shop) -> None:
    one = await scaled(shop)
    shop.agent.replicas, shop.agent.resource_version = 5, 50
    await shop.show()
    refused = await refusal(shop, one)
    assert (refused.code, "spec.replicas is 5 now, and the execution left 3" in refused.say) == ("object_changed", True)


async def test_a_change_that_the_inventory_does_not_show_yet_ends_the_undo_before_it_changes_anything(shop: Shop) -> None:
    one = await scaled(shop)
    shop.agent.replicas, shop.agent.resource_version = 5, 50
    back = await shop.run(await undone(shop, one))
    assert (back.status, back.failure and back.failure["code"]) == (ExecutionStatus.FAILED, "object_changed")
    assert back.failure is not None
    assert back.failure["changed"] is False
    assert shop.agent.replicas == 5
    assert shop.agent.applied == 1


async def test_a_change_between_plan_and_step_ends_the_undo(shop: Shop) -> None:
    one = await scaled(shop)
    back = await undone(shop, one)
    await shop.answer()  # the plan
    shop.agent.replicas = 5
    done = await shop.run(back)
    assert (done.status, done.failure and done.failure["code"]) == (ExecutionStatus.FAILED, "plan_drifted")
    assert shop.agent.replicas == 5


@pytest.mark.parametrize(
    ("runbook", "parameters", "reason"),
    [
        pytest.param("restart-workload", WEB, "a restart has no opposite", id="restart"),
        pytest.param("rollback-workload", {"namespace": "shop", "name": "web"}, "the revision before it is not known", id="no revision"),
        pytest.param("collect-diagnostics", WEB, "changed nothing", id="reads"),
    ],
)
async def test_what_has_no_way_back_is_refused_with_the_reason(shop: Shop, runbook: str, parameters: dict[str, str], reason: str) -> None:
    other = await shop.add_member()
    one = await shop.settle(await shop.start(runbook, parameters=parameters))
    if one.status is ExecutionStatus.PENDING_APPROVAL:
        await shop.approve(one, by=other)
    done = await shop.run(one)
    refused = await refusal(shop, done)
    assert (refused.code, reason in refused.say) == ("not_undoable", True), refused.say


async def test_an_unfinished_execution_and_a_dry_run_are_not_undone(shop: Shop) -> None:
    running = await shop.start("scale-workload", parameters=SCALED)
    assert "wait until it ends" in (await refusal(shop, running)).say
    await shop.run(running)
    planned = await shop.run(await shop.start("scale-workload", parameters=SCALED | {"replicas": 2}, dry_run=True))
    assert "a dry run changes nothing" in (await refusal(shop, planned)).say


async def test_a_failed_undo_is_retried_as_an_undo(shop: Shop) -> None:
    one = await scaled(shop)
    shop.agent.replicas = 5
    back = await shop.run(await undone(shop, one))
    assert back.status is ExecutionStatus.FAILED
    shop.agent.replicas = 3
    after = await shop.store.write(shop.owner, lambda tx: control.retry(tx, back.id))
    assert after.undo_of == one.id
    assert (await shop.run(after)).status is ExecutionStatus.SUCCEEDED
    assert shop.agent.replicas == 1


async def test_an_undo_does_not_end_the_issue(shop: Shop) -> None:
    """It brings the failure back: neither its verification nor the history of the issue may call it a cure."""
    issue = await shop.observe(shown=True)
    one = await shop.start("scale-workload", parameters=SCALED, issue_id=issue)
    await shop.settle(one)
    await shop.observe(shown=False)
    done = await shop.run(one)
    await shop.observe(shown=True)
    back = await shop.run(await undone(shop, done))
    assert back.verification is not None
    assert [check["name"] for check in back.verification["checks"]] == ["available Deployment/shop/web"]
    assert back.issue_id == issue
    found = await shop.store.read(shop.system, lambda tx: precedents.of(tx, issue))
    assert found.similar == []


async def test_running_again_repeats_the_parameters(shop: Shop) -> None:
    one = await scaled(shop)
    shop.agent.replicas = 1
    shop.clock.advance(3600)
    after = await shop.store.write(shop.owner, lambda tx: undo.again(tx, one.id))
    assert (after.parameters, after.retry_of, after.undo_of) == (one.parameters, None, None)
    assert (await shop.run(after)).status is ExecutionStatus.SUCCEEDED
    assert shop.agent.replicas == 3
    with pytest.raises(Refused) as refused:
        await shop.store.write(shop.owner, lambda tx: undo.again(tx, after.id))
    assert refused.value.code == "cooling_down"
