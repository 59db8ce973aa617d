"""A plan for which the agent lacks permissions says which, and is refused before anybody approves it."""

from typing import Any

from optral.commands.model import Command, Report, State
from optral.runbooks.model import Execution, ExecutionStatus
from optral.terms.verbs import Missing
from tests.flows.executions.shop import Shop, report

PATCH = Missing("patch", "apps", "deployments", "", "shop")
SCALED = {"kind": "Deployment", "namespace": "shop", "name": "web", "replicas": 2}


def deny(shop: Shop, verb: str, *missing: Missing, is_listed: bool = True) -> None:
    """The role of the agent does not allow the verb; an earlier agent does not list what is missing."""

    def answer(command: Command) -> Report:
        result: dict[str, Any] | None = {"missingPermissions": [one._asdict() for one in missing]} if is_listed else None
        return report(command, State.REJECTED, code="RBAC_DENIED", message="the agent's role does not allow it", result=result)

    shop.agent.answers[verb] = answer


def failed(one: Execution) -> dict[str, Any]:
    assert one.failure is not None
    return {name: one.failure[name] for name in ("code", "changed")}


async def test_the_plan_lists_what_is_missing_and_nobody_is_asked_to_approve(shop: Shop) -> None:
    deny(shop, "setResources", PATCH)
    one = await shop.settle(await shop.raise_limit())
    assert (one.status, failed(one)) == (ExecutionStatus.FAILED, {"code": "permissions_missing", "changed": False})
    assert one.plan is not None and one.failure is not None
    assert one.plan["missingPermissions"] == [{"step": "Raise the limit", "action": "setResources", **PATCH._asdict()}]
    assert "add the rule {apiGroups: [apps], resources: [deployments], verbs: [patch]} to a Role" in one.failure["message"]
    assert not [kind for kind, _ in await shop.published() if kind.startswith("approval")]
    assert shop.agent.applied == 0


async def test_a_dry_run_lists_it_too(shop: Shop) -> None:
    deny(shop, "scale", PATCH)
    one = await shop.settle(await shop.start("scale-workload", parameters=SCALED, dry_run=True))
    assert (one.status, failed(one)["code"]) == (ExecutionStatus.FAILED, "permissions_missing")


async def test_with_the_permission_the_same_runbook_goes_on(shop: Shop) -> None:
    deny(shop, "scale", PATCH)
    await shop.settle(await shop.start("scale-workload", parameters=SCALED))
    del shop.agent.answers["scale"]
    one = await shop.run(await shop.start("scale-workload", parameters=SCALED))
    assert (one.status, shop.agent.replicas) == (ExecutionStatus.SUCCEEDED, 2)
    assert one.plan is not None and "missingPermissions" not in one.plan


async def test_an_agent_that_lists_nothing_ends_the_plan_with_its_own_words(shop: Shop) -> None:
    deny(shop, "scale", PATCH, is_listed=False)
    one = await shop.settle(await shop.start("scale-workload", parameters=SCALED))
    assert failed(one) == {"code": "RBAC_DENIED", "changed": False}


async def test_a_permission_that_is_gone_before_the_step_changes_nothing(shop: Shop) -> None:
    one = await shop.start("scale-workload", parameters=SCALED)
    await shop.answer()  # the plan
    deny(shop, "scale", PATCH)
    done = await shop.settle(one)
    assert (done.status, failed(done), shop.agent.applied) == (ExecutionStatus.FAILED, {"code": "RBAC_DENIED", "changed": False}, 0)
