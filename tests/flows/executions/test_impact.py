"""The impact of a plan on the tiny cluster of the shop: counted from the inventory, shown, bound to the approval, and limited."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from optral.flows.executions.driver import advance
from optral.kube.changes import ObjectChange
from optral.runbooks.executions.impact import Caps
from optral.runbooks.model import Execution, ExecutionStatus, Phase
from optral.store.store import Store
from optral.terms.errors import Forbidden
from optral.terms.ids import OrgId
from tests.flows.executions.shop import UID, Shop, changed
from tests.support.clock import FakeClock

LABELS = {"app": "web"}
RESTARTED = [{"path": "spec.template.metadata.annotations.restartedAt", "from": "0", "to": "1"}]


def owned(kind: str, uid: str, name: str, owner: tuple[str, str, str], **body: Any) -> ObjectChange:
    owner_kind, owner_name, owner_uid = owner
    metadata = {
        "name": name, "uid": uid, "namespace": "shop", "resourceVersion": "10", "labels": LABELS,
        "creationTimestamp": "2026-01-01T10:00:00Z",
        "ownerReferences": [{"kind": owner_kind, "apiVersion": "apps/v1", "name": owner_name, "uid": owner_uid, "controller": True}],
    }  # fmt: skip
    return changed(kind, uid, "shop", name, "10", {"metadata": metadata, **body})


def pod(number: int) -> ObjectChange:
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T10:00:12Z"}
    return owned("Pod", f"uid-p{number}", f"web-a-{number}", ("ReplicaSet", "web-a", "uid-rs"), spec={}, status={"conditions": [ready]})


def around(pods: int) -> list[ObjectChange]:
    """A ReplicaSet with pods, a budget and a Service that select them, one workload that calls the Service, and one that does not."""

    def calling(name: str, url: str) -> ObjectChange:
        container = {"name": "api", "env": [{"name": "BACKEND", "value": url}]}
        return changed("Deployment.apps", f"uid-{name}", "shop", name, "10", {"spec": {"template": {"spec": {"containers": [container]}}}})

    return [
        owned("ReplicaSet.apps", "uid-rs", "web-a", ("Deployment", "web", UID), spec={}),
        *(pod(number) for number in range(pods)),
        changed("PodDisruptionBudget.policy", "uid-b", "shop", "web-budget", "10", {"spec": {"selector": {"matchLabels": LABELS}}}),
        changed("PodDisruptionBudget.policy", "uid-c", "shop", "other", "10", {"spec": {"selector": {"matchLabels": {"app": "other"}}}}),
        changed("Service", "uid-s", "shop", "web", "10", {"spec": {"selector": LABELS}}),
        calling("frontend", "http://web:8080"),
        calling("billing", "http://ledger:8080"),
    ]


@pytest.fixture
async def shop(store: Store, org: OrgId, clock: FakeClock) -> AsyncIterator[Shop]:
    made = Shop(store, org, clock)
    await made.open()

    def restart(command: Any) -> Any:
        said = made.agent._do(command)
        return said if not command.dry_run else type(said)(**{**_fields(said), "result": {**(said.result or {}), "diff": RESTARTED}})

    made.agent.answers["restart"] = restart
    made.agent.replicas = 3
    made.agent.resource_version = 11
    await made.show(more=around(3))
    yield made


def _fields(said: Any) -> dict[str, Any]:
    return {name: getattr(said, name) for name in said.__dataclass_fields__}


async def planned(shop: Shop, one: Execution, caps: Caps) -> Execution:
    """Let the agent answer the dry run, and the driver plan with these caps."""
    await shop.answer()
    await shop.store.write(shop.system, lambda tx: advance(tx, one.id, caps))
    return await shop.get(one)


async def test_a_plan_says_what_it_takes_away(shop: Shop) -> None:
    one = await planned(shop, await shop.start(dry_run=True), Caps())
    assert one.plan is not None
    assert one.plan["impact"] == {
        "pods": 3,
        "steps": [
            {
                "step": "Restart",
                "podsReplaced": 3,
                "podsRemoved": 0,
                "unavailableAtOnce": 0,
                "unavailableSeconds": 0,
                "budgets": ["shop/web-budget"],
                "dependents": ["Service shop/web", "Deployment shop/frontend"],
            }
        ],
    }


async def test_above_the_cap_a_runbook_of_low_risk_needs_somebody_else(shop: Shop) -> None:
    other = await shop.add_member()
    one = await planned(shop, await shop.start(), Caps(approval=2))
    assert (one.status, one.phase) == (ExecutionStatus.PENDING_APPROVAL, Phase.APPROVAL)
    with pytest.raises(Forbidden):
        await shop.approve(one, by=shop.owner)
    assert (await shop.approve(one, by=other)).status is ExecutionStatus.QUEUED


async def test_above_the_highest_cap_nothing_is_changed(shop: Shop) -> None:
    one = await planned(shop, await shop.start(), Caps(approval=1, most=2))
    assert one.failure is not None
    assert (one.status, one.failure["code"], one.failure["changed"]) == (ExecutionStatus.FAILED, "impact_too_large", False)


async def test_at_the_cap_it_goes_on(shop: Shop) -> None:
    assert (await planned(shop, await shop.start(), Caps(approval=3, most=3))).status is ExecutionStatus.QUEUED


async def test_more_pods_than_planned_void_the_plan(shop: Shop) -> None:
    one = await planned(shop, await shop.start(), Caps())
    shop.agent.replicas, shop.agent.resource_version = 5, 12
    await shop.show(more=[pod(3), pod(4)])
    done = await shop.settle(one)
    assert done.failure is not None
    assert (done.status, done.failure["code"], shop.agent.applied) == (ExecutionStatus.FAILED, "plan_drifted", 0)
    assert "3 pods would have been replaced or removed" in done.failure["message"]
