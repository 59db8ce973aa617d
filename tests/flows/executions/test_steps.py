"""Steps that wait, decide, ask and tell, and what becomes of an execution when a step fails: on the tiny cluster of the shop."""

from datetime import timedelta
from typing import Any

import pytest

from optral.commands.model import Command, Report, State
from optral.flows.deadlines import DeadlineWorker
from optral.flows.executions import control
from optral.kit.records import changing
from optral.runbooks import service as runbooks
from optral.runbooks.model import Execution, ExecutionStatus, Phase, StepState
from optral.safeguards import service as safeguards
from optral.safeguards.model import ApprovalRule, Limit, Safeguards, WindowKind, WindowSettings
from optral.terms.errors import Forbidden, Invalid, Refused
from tests.flows.executions.shop import Shop, report

SCALE = '{name: Scale, action: scale, with: {kind: Deployment, namespace: shop, name: web, replicas: "${parameters.replicas}"}}'
CORDON = "{name: Cordon, action: cordon, with: {node: n1}}"
RESTART = "{name: Restart, action: restart, with: {kind: Deployment, namespace: shop, name: web}}"
WEB = "kind: Deployment, namespace: shop, name: web"


def runbook(*steps: str, risk: str = "low", more: str = "") -> str:
    lines = "\n".join(f"  - {one}" for one in steps)
    return f"""slug: many
name: Many steps
risk: {risk}
parameters: [{{name: replicas, type: integer, default: 3}}]
steps:
{lines}
verify: {{stableSeconds: 0, timeoutSeconds: 60}}
{more}"""


async def begin(shop: Shop, *steps: str, risk: str = "low", **parameters: Any) -> Execution:
    made = runbooks.read(runbook(*steps, risk=risk))
    await shop.store.write(shop.owner, lambda tx: runbooks.create(tx, made, by="usr_1"))
    return await shop.start("many", parameters=parameters)


async def states(shop: Shop, one: Execution) -> list[StepState]:
    return [step.state for step in await shop.steps(one)]


def refuses(verb: str, *, times: int = 1, changed: bool = False) -> Any:
    """An answer of the agent: the first changes of this verb fail, without an effect unless `changed`."""
    left = [times]

    def answer(shop: Shop) -> Any:
        def say(command: Command) -> Report | None:
            if command.dry_run or left[0] == 0:
                return shop.agent._do(command)
            left[0] -= 1
            result = {"changed": True} if changed else {}
            return report(command, State.FAILED, code="API_ERROR", message="the API server refused it", result=result)

        return say

    return answer


# --- wait


async def test_waits_so_long_and_then_goes_on(shop: Shop) -> None:
    one = await shop.settle(await begin(shop, SCALE, "{name: Settle, action: wait, with: {seconds: 90}}", CORDON))
    assert await states(shop, one) == [StepState.SUCCEEDED, StepState.RUNNING, StepState.PENDING]
    shop.clock.advance(89)
    assert (await states(shop, await shop.settle(one)))[1] is StepState.RUNNING
    shop.clock.advance(1)
    assert await states(shop, await shop.settle(one)) == [StepState.SUCCEEDED] * 3
    assert shop.agent.is_cordoned


UNTIL = (
    "{name: Ready, action: wait, timeoutSeconds: 300, with: {%s, until: {field: object.status.availableReplicas, is: atLeast, value: 3}}}"
)


async def test_a_clock_that_is_set_back_does_not_hold_a_wait(shop: Shop) -> None:
    one = await shop.settle(await begin(shop, SCALE, "{name: Settle, action: wait, with: {seconds: 90}}", CORDON))
    shop.clock.set_wall(-3600)
    await DeadlineWorker(shop.store, shop.clock).step()
    await shop.settle(one)
    shop.clock.advance(91)
    assert await states(shop, await shop.settle(one)) == [StepState.SUCCEEDED] * 3


async def test_waits_until_the_inventory_shows_the_change_and_the_condition_holds(shop: Shop) -> None:
    shop.is_well = False
    one = await shop.settle(await begin(shop, SCALE, UNTIL % WEB, CORDON))
    assert await states(shop, one) == [StepState.SUCCEEDED, StepState.RUNNING, StepState.PENDING]
    assert not shop.agent.is_cordoned
    shop.is_well, shop.agent.resource_version = True, shop.agent.resource_version + 1
    await shop.show()
    shop.clock.advance(3)
    done = await shop.run(one)
    assert (done.status, shop.agent.is_cordoned) == (ExecutionStatus.SUCCEEDED, True)


async def test_a_wait_ends_at_its_timeout(shop: Shop) -> None:
    shop.is_well = False
    done = await shop.run(await begin(shop, SCALE, UNTIL % WEB, CORDON))
    assert done.failure is not None
    assert (done.status, done.failure["code"], done.failure["changed"]) == (ExecutionStatus.FAILED, "wait_timed_out", True)
    assert await states(shop, done) == [StepState.SUCCEEDED, StepState.FAILED, StepState.SKIPPED]
    assert not shop.agent.is_cordoned


async def test_what_the_inventory_cannot_tell_is_waited_for_and_never_assumed(shop: Shop) -> None:
    from optral.clusters.model import ClusterStatus as ClusterStatus

    one = await begin(shop, CORDON, "{name: Gone, action: wait, timeoutSeconds: 60, with: {kind: Pod, namespace: shop, name: web-1, "
                      "until: {field: object, is: absent}}}")  # fmt: skip
    one = await shop.settle(one)
    await shop.presence(ClusterStatus.OFFLINE)
    shop.agent.has_pod = False
    await shop.show()
    shop.clock.advance(3)
    assert (await states(shop, await shop.settle(one)))[1] is StepState.RUNNING
    await shop.presence(ClusterStatus.ONLINE)
    shop.clock.advance(3)
    assert (await states(shop, await shop.settle(one)))[1] is StepState.SUCCEEDED


async def test_cancel_ends_a_wait_at_once(shop: Shop) -> None:
    one = await shop.settle(await begin(shop, SCALE, "{name: Settle, action: wait, with: {seconds: 900}}", CORDON))
    await shop.store.write(shop.owner, lambda tx: control.cancel(tx, one.id))
    done = await shop.settle(one)
    assert (done.status, shop.agent.is_cordoned) == (ExecutionStatus.CANCELED, False)


# --- conditions


@pytest.mark.parametrize(("replicas", "state"), [(1, StepState.SUCCEEDED), (5, StepState.SKIPPED)])
async def test_a_step_runs_only_if_its_condition_holds(shop: Shop, replicas: int, state: StepState) -> None:
    only_small = SCALE[:-1] + ", if: {field: object.spec.replicas, is: lessThan, value: 3}}"
    shop.agent.replicas, shop.agent.resource_version = replicas, 11
    await shop.show()
    done = await shop.run(await begin(shop, only_small, CORDON))
    assert (done.status, (await states(shop, done))[0]) == (ExecutionStatus.SUCCEEDED, state)
    assert shop.agent.replicas == (3 if state is StepState.SUCCEEDED else replicas)


@pytest.mark.parametrize(
    ("otherwise", "status", "code"), [("stop", ExecutionStatus.FAILED, "condition_not_met"), ("skip", ExecutionStatus.SUCCEEDED, None)]
)
async def test_a_condition_stops_the_execution_or_skips_the_rest(
    shop: Shop, otherwise: str, status: ExecutionStatus, code: str | None
) -> None:
    when = "{field: parameters.replicas, is: moreThan, value: 9}"
    condition = f"{{name: Check, action: condition, with: {{{WEB}, otherwise: {otherwise}, when: {when}}}}}"
    done = await shop.run(await begin(shop, SCALE, condition, CORDON))
    assert (done.status, (done.failure or {}).get("code")) == (status, code)
    assert (await states(shop, done))[2] is StepState.SKIPPED
    assert not shop.agent.is_cordoned


async def test_a_condition_asks_the_issue(shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    made = runbooks.read(runbook(SCALE[:-1] + ", if: {field: issue.severity, is: equals, value: low}}", CORDON))
    await shop.store.write(shop.owner, lambda tx: runbooks.create(tx, made, by="usr_1"))
    one = await shop.settle(await shop.start("many", parameters={}, issue_id=issue))
    assert await states(shop, one) == [StepState.SKIPPED, StepState.SUCCEEDED]


# --- approval in the middle


ASK = "{name: Look, action: approval, timeoutSeconds: 300, with: {message: look at the first pod}}"


async def test_a_second_approval_is_bound_to_the_plan_and_the_turn_of_the_cluster_is_free_meanwhile(shop: Shop) -> None:
    other = await shop.add_member()
    one = await shop.settle(await begin(shop, SCALE, ASK, CORDON, risk="high"))
    one = await shop.settle(await shop.approve(one, by=other))
    assert (one.status, one.phase, shop.agent.replicas, shop.agent.is_cordoned) == (
        ExecutionStatus.PENDING_APPROVAL,
        Phase.APPROVAL,
        3,
        False,
    )
    assert one.expires_at == shop.clock.now() + timedelta(seconds=300)
    with pytest.raises(Forbidden) as own:
        await shop.approve(one, by=shop.owner)
    assert own.value.code == "own_request"
    with pytest.raises(Refused) as stale:
        await shop.approve(one, by=other, plan_hash="sha256:other")
    assert stale.value.code == "plan_changed"
    assert await shop.store.read(shop.system, runbooks.applying) == {}
    done = await shop.run(await shop.approve(one, by=other))
    assert (done.status, shop.agent.is_cordoned) == (ExecutionStatus.SUCCEEDED, True)
    approvals = [kind for kind, _ in await shop.published() if kind.startswith("approval.")]
    assert approvals == ["approval.requested", "approval.approved"] * 2


async def test_a_second_approval_that_nobody_gives_expires_and_says_what_was_changed(shop: Shop) -> None:
    one = await shop.settle(await begin(shop, SCALE, ASK, CORDON))
    done = await shop.run(one)
    assert done.failure is not None
    assert (done.status, done.failure["changed"], done.failure["step"]) == (ExecutionStatus.EXPIRED, True, "Look")
    assert not shop.agent.is_cordoned


async def test_drift_after_a_second_approval_voids_it(shop: Shop) -> None:
    again = "{name: Scale again, action: scale, with: {kind: Deployment, namespace: shop, name: web, replicas: 5}}"
    await shop.add_member()
    one = await shop.settle(await begin(shop, CORDON, ASK, again))
    shop.agent.replicas = 2
    shop.agent.resource_version += 1
    await shop.show()
    done = await shop.run(await shop.approve(one, by=shop.owner))
    assert done.failure is not None
    assert (done.status, done.failure["code"], shop.agent.replicas) == (ExecutionStatus.FAILED, "plan_drifted", 2)


# --- notify


async def test_a_message_is_written_once_and_nothing_waits_for_it(shop: Shop) -> None:
    one = await shop.settle(await begin(shop, SCALE, "{name: Tell, action: notify, with: {message: Scaled the shop}}", CORDON))
    await shop.restart_server()
    await shop.run(one)
    assert [kind for kind, _ in await shop.published()].count("runbook.notification") == 1
    assert shop.agent.is_cordoned


# --- retry


async def test_a_step_is_tried_again_after_a_pause_when_it_had_no_effect(shop: Shop) -> None:
    shop.agent.answers["scale"] = refuses("scale", times=2)(shop)
    one = await shop.settle(await begin(shop, SCALE[:-1] + ", retry: {times: 2, backoffSeconds: 30}}"))
    (step,) = await shop.steps(one)
    assert (step.state, step.attempt) == (StepState.PENDING, 1)
    shop.clock.advance(29)
    assert (await shop.steps(await shop.settle(one)))[0].attempt == 1
    shop.clock.advance(1)
    assert (await shop.steps(await shop.settle(one)))[0].attempt == 2
    shop.clock.advance(59)
    assert (await shop.steps(await shop.settle(one)))[0].attempt == 2
    shop.clock.advance(1)
    done = await shop.run(one)
    assert (done.status, shop.agent.replicas, shop.agent.applied) == (ExecutionStatus.SUCCEEDED, 3, 1)


@pytest.mark.parametrize(("outcome", "changed"), [(State.UNKNOWN, False), (State.FAILED, True)])
async def test_a_step_that_may_have_had_an_effect_is_never_tried_again(shop: Shop, outcome: State, changed: bool) -> None:
    def answer(command: Command) -> Report:
        if command.dry_run:
            return shop.agent._do(command)
        return report(command, outcome, code="X", message="cut off", result={"changed": True} if changed else {})

    shop.agent.answers["scale"] = answer
    done = await shop.run(await begin(shop, SCALE[:-1] + ", retry: {times: 5, backoffSeconds: 1}}"))
    assert done.status is (ExecutionStatus.LOST if outcome is State.UNKNOWN else ExecutionStatus.FAILED)
    assert (await shop.steps(done))[0].attempt == 1


# --- onError


async def test_an_execution_goes_on_after_a_step_that_may_fail_but_not_when_no_step_changed_anything(shop: Shop) -> None:
    shop.agent.answers["scale"] = refuses("scale")(shop)
    done = await shop.run(await begin(shop, SCALE[:-1] + ", onError: continue}", CORDON))
    assert (done.status, await states(shop, done)) == (ExecutionStatus.SUCCEEDED, [StepState.FAILED, StepState.SUCCEEDED])


async def test_an_execution_whose_only_change_failed_did_not_succeed(shop: Shop) -> None:
    shop.agent.answers["scale"] = refuses("scale")(shop)
    done = await shop.run(await begin(shop, SCALE[:-1] + ", onError: continue}"))
    assert done.failure is not None
    assert (done.status, done.failure["changed"], done.failure["step"]) == (ExecutionStatus.FAILED, False, "Scale")


async def test_a_failed_step_rolls_back_what_was_changed_and_says_what_stays(shop: Shop) -> None:
    shop.agent.answers["cordon"] = refuses("cordon")(shop)
    one = await begin(shop, SCALE, CORDON[:-1] + ", onError: rollback}")
    failed = await shop.run(one)
    assert failed.failure is not None
    back = failed.failure["rollback"]
    assert (failed.status, back["restores"], back["notUndone"]) == (ExecutionStatus.FAILED, ["Scale"], [])
    undone = await shop.run(await shop.store.read(shop.system, lambda tx: runbooks.get_execution(tx, back["executionId"])))
    assert (undone.status, undone.undo_of, undone.requested_by) == (ExecutionStatus.SUCCEEDED, one.id, one.requested_by)
    assert shop.agent.replicas == 1
    assert "The rollback is " + undone.id in await shop.log(one)


async def test_a_rollback_of_a_high_risk_runbook_was_approved_with_its_plan(shop: Shop) -> None:
    other = await shop.add_member()
    shop.agent.answers["cordon"] = refuses("cordon")(shop)
    one = await shop.settle(await begin(shop, SCALE, CORDON[:-1] + ", onError: rollback}", risk="high"))
    failed = await shop.run(await shop.approve(one, by=other))
    assert failed.failure is not None
    undone = await shop.store.read(shop.system, lambda tx: runbooks.get_execution(tx, failed.failure["rollback"]["executionId"]))
    assert (undone.status, (await shop.run(undone)).status, shop.agent.replicas) == (ExecutionStatus.QUEUED, ExecutionStatus.SUCCEEDED, 1)


async def test_a_rollback_that_cannot_start_says_why(shop: Shop) -> None:
    shop.agent.answers["cordon"] = refuses("cordon")(shop)
    one = await shop.settle(
        await begin(shop, SCALE, "{name: Settle, action: wait, with: {seconds: 60}}", CORDON[:-1] + ", onError: rollback}")
    )
    shop.agent.replicas, shop.agent.resource_version = 7, shop.agent.resource_version + 1  # somebody else scaled it
    await shop.show()
    failed = await shop.run(one)
    assert failed.failure is not None
    assert "has changed since" in failed.failure["rollback"]["refused"]
    assert shop.agent.replicas == 7


@pytest.mark.parametrize("by", ["limit", "freeze"])
async def test_a_rollback_is_not_held_by_what_comes_after_the_start(shop: Shop, by: str) -> None:
    """The change that it takes back has used up the limit; the freeze began while the execution waited in the middle."""
    shop.agent.answers["cordon"] = refuses("cordon")(shop)
    one = await begin(shop, SCALE, "{name: Settle, action: wait, with: {seconds: 60}}", CORDON[:-1] + ", onError: rollback}")
    if by == "limit":
        await shop.store.write(
            shop.system, lambda tx: safeguards.save(tx, changing(Safeguards, {"limits": [Limit("", "", 1)]}), by=shop.owner.id)
        )
    await shop.settle(one)
    assert shop.agent.replicas == 3
    if by == "freeze":
        now = shop.clock.now()
        sale = WindowSettings(kind=WindowKind.FREEZE, name="sale", starts_at=now, ends_at=now + timedelta(hours=5))
        await shop.store.write(shop.system, lambda tx: safeguards.add_window(tx, sale, by=shop.owner.id))
    failed = await shop.run(one)
    assert failed.failure is not None
    undone = await shop.store.read(shop.system, lambda tx: runbooks.get_execution(tx, failed.failure["rollback"]["executionId"]))
    assert ((await shop.run(undone)).status, shop.agent.replicas) == (ExecutionStatus.SUCCEEDED, 1)
    with pytest.raises(Refused):
        await shop.start("cordon-node", parameters={"node": "n1"})


@pytest.mark.parametrize("has_rule", [False, True])
async def test_a_rejected_second_approval_rolls_back(shop: Shop, has_rule: bool) -> None:
    """Also where a rule that came meanwhile would require an approval of its own."""
    one = await shop.settle(await begin(shop, SCALE, ASK[:-1] + ", onError: rollback}", CORDON))
    if has_rule:
        rules = [ApprovalRule("low", "", "", 2)]
        await shop.store.write(
            shop.system, lambda tx: safeguards.save(tx, changing(Safeguards, {"approval_rules": rules}), by=shop.owner.id)
        )
    failed = await shop.store.write(shop.owner, lambda tx: control.reject(tx, one.id, reason="no"))
    assert failed.failure is not None
    undone = await shop.store.read(shop.system, lambda tx: runbooks.get_execution(tx, failed.failure["rollback"]["executionId"]))
    assert ((await shop.run(undone)).status, shop.agent.replicas) == (ExecutionStatus.SUCCEEDED, 1)


# --- retry of an execution, from the step that failed


async def test_a_retry_begins_at_the_failed_step_and_asks_for_approval_again(shop: Shop) -> None:
    shop.agent.answers["cordon"] = refuses("cordon")(shop)
    skipped = RESTART[:-1] + ", if: {field: object.spec.replicas, is: moreThan, value: 50}}"
    one = await shop.settle(await begin(shop, SCALE, skipped, ASK, CORDON))
    failed = await shop.run(await shop.approve(one, by=shop.owner))
    assert (failed.status, await states(shop, failed)) == (
        ExecutionStatus.FAILED,
        [StepState.SUCCEEDED, StepState.SKIPPED, StepState.SUCCEEDED, StepState.FAILED],
    )
    again = await shop.store.write(shop.owner, lambda tx: control.retry(tx, failed.id))
    again = await shop.settle(again)
    assert [step.message for step in await shop.steps(again)][:2] == [f"done in {one.id}", f"skipped in {one.id}"]
    assert again.status is ExecutionStatus.PENDING_APPROVAL
    done = await shop.run(await shop.approve(again, by=shop.owner))
    assert (done.status, shop.agent.applied, shop.agent.restarted) == (ExecutionStatus.SUCCEEDED, 2, 0)


# --- parameters


async def test_defaults_come_from_the_issue_and_its_analysis_and_are_checked(shop: Shop) -> None:
    from optral.runbooks.language import defaults, parameters

    made = runbooks.read(
        runbook(SCALE).replace(
            "{name: replicas, type: integer, default: 3}",
            "{name: replicas, type: integer, default: 3}, "
            '{name: limit, type: quantity, maximum: 1Gi, default: "${analysis.recommended.limit}"}, '
            '{name: bytes, type: integer, default: "${analysis.recommended.limitBytes}"}, '
            '{name: cause, type: string, default: "${analysis.cause}"}, '
            '{name: severity, type: enum, enum: [critical, high], default: "${issue.severity}"}',
        )
    )
    body = {"recommendedActions": [{"title": "by hand"}, {"parameters": {"limit": "256Mi", "replicas": 2}}]}
    sources = {"issue": {"severity": "high"}, "analysis": defaults.of_analysis(body, "memory-limit")}
    assert parameters.check(made, {}, sources) == {
        "replicas": 3, "limit": "256Mi", "bytes": 256 * 1024**2, "cause": "memory-limit", "severity": "high",
    }  # fmt: skip
    body["recommendedActions"][1]["parameters"]["limit"] = "64Gi"
    with pytest.raises(Invalid):
        parameters.check(made, {}, sources | {"analysis": defaults.of_analysis(body, None)})
