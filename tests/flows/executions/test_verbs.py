"""What a verification checks after each verb that changes something else than the pods of a workload."""

from collections.abc import Callable
from typing import Any

import pytest

from optral.commands.model import Command, Report, State
from optral.flows.executions import runbook_changes
from optral.kube.changes import ObjectChange
from optral.runbooks import service as runbooks
from optral.runbooks.model import Execution, ExecutionStatus
from tests.flows.executions.shop import Shop, changed, report

RERUN = """
slug: again
name: Run a Job again
risk: high
steps:
  - {name: Run it, action: rerunJob, with: {namespace: shop, name: report}}
verify: {stableSeconds: 0, timeoutSeconds: 30}
"""


def job(name: str, *conditions: str) -> ObjectChange:
    status = {"conditions": [{"type": one, "status": "True", "reason": f"Because{one}"} for one in conditions]}
    return changed("Job.batch", f"uid-{name}", "shop", name, "10", {"spec": {}, "status": status})


def created(command: Command) -> Report:
    named = {"kind": "Job", "namespace": "shop", "name": "report-rerun-1"}
    diff = [{"path": "object", "from": None, "to": named}]
    return report(command, result={"diff": diff, "created": named, "resourceVersion": "10", "uid": "uid-report"})


async def run(shop: Shop, text: str, *after: ObjectChange) -> Execution:
    """Run a runbook; the inventory shows the objects `after` once the change was made."""
    made = await shop.store.write(shop.owner, lambda tx: runbook_changes.create(tx, runbooks.read(text)))
    one = await shop.settle(await shop.start(made.slug, parameters={}))
    if one.status is ExecutionStatus.PENDING_APPROVAL:
        await shop.approve(one, by=await shop.add_member())
    await shop.settle(one)
    await shop.show(more=list(after))
    return await shop.run(one, seconds=120)


@pytest.mark.parametrize(
    ("after", "status", "verification"),
    [
        pytest.param([job("report-rerun-1", "SuccessCriteriaMet", "Complete")], ExecutionStatus.SUCCEEDED, "passed", id="complete"),
        pytest.param([job("report-rerun-1", "Failed")], ExecutionStatus.FAILED, "failed", id="failed again"),
        pytest.param([job("report-rerun-1")], ExecutionStatus.SUCCEEDED, "inconclusive", id="still runs at the timeout"),
        pytest.param([], ExecutionStatus.SUCCEEDED, "inconclusive", id="not in the inventory"),
    ],
)
async def test_a_rerun_is_judged_by_the_new_job(shop: Shop, after: list[ObjectChange], status: ExecutionStatus, verification: str) -> None:
    await shop.show(more=[job("report", "Failed")])
    shop.agent.answers["rerunJob"] = created
    done = await run(shop, RERUN, *after)
    shown: dict[str, Any] = done.verification or {}
    assert (done.status, shown["status"]) == (status, verification), (done.failure, shown)
    assert shown["checks"][0]["name"].startswith("completed Job/shop/report-rerun-1")


RENEW = """
slug: renew-tls
name: Renew it
risk: high
approval: {required: byRisk}
steps:
  - {name: Renew, action: renewCertificate, with: {namespace: shop, name: web-tls}}
verify: {stableSeconds: 0, timeoutSeconds: 30}
"""
READY, ISSUING = {"type": "Ready", "status": "True"}, {"type": "Issuing", "status": "True"}
ORDER_FAILED = {"type": "Issuing", "status": "False", "reason": "Failed", "message": "the order failed"}


def certificate(version: str, revision: int, *conditions: dict[str, str]) -> ObjectChange:
    body = {"spec": {"secretName": "web-tls"}, "status": {"conditions": list(conditions), "revision": revision}}
    return changed("Certificate.cert-manager.io", "uid-tls", "shop", "web-tls", version, body)


@pytest.mark.parametrize(
    ("after", "status", "says"),
    [
        pytest.param(certificate("12", 5, READY), ExecutionStatus.SUCCEEDED, "issued again, revision 5", id="issued again"),
        pytest.param(certificate("12", 4, READY, ORDER_FAILED), ExecutionStatus.FAILED, "the order failed", id="the issuer refuses"),
        pytest.param(certificate("12", 5, READY | {"status": "False"}), ExecutionStatus.FAILED, "not ready", id="issued and not ready"),
        pytest.param(certificate("12", 4, READY, ISSUING), ExecutionStatus.SUCCEEDED, "is issuing", id="still being issued at the timeout"),
    ],
)
async def test_a_renewal_is_judged_by_the_next_revision(shop: Shop, after: ObjectChange, status: ExecutionStatus, says: str) -> None:
    await shop.show(more=[certificate("10", 4, READY)])

    def renewed(command: Command) -> Report:
        diff = [{"path": "status.conditions[Issuing].status", "from": None, "to": "True"}]
        version = "10" if command.dry_run else "11"
        return report(command, result={"diff": diff, "revision": 4, "resourceVersion": version, "uid": "uid-tls"})

    shop.agent.answers["renewCertificate"] = renewed
    other = await shop.add_member()
    made = await shop.store.write(shop.owner, lambda tx: runbook_changes.create(tx, runbooks.read(RENEW)))
    one = await shop.settle(await shop.start(made.slug, parameters={}))
    await shop.approve(one, by=other)
    await shop.settle(one)
    await shop.show(more=[after])
    done = await shop.run(one, seconds=120)
    (check,) = (done.verification or {})["checks"]
    assert (done.status, check["name"]) == (status, "renewed Certificate/shop/web-tls"), done.failure
    assert says in check["message"]


DRAIN = """
slug: empty-node
name: Empty a node
risk: destructive
cooldownSeconds: 0
steps:
  - {name: Drain, action: drain, with: {node: n1}}
verify: {stableSeconds: 0, timeoutSeconds: 30}
"""
PODS = {"pods[shop/web-1]": {"owners": ["ReplicaSet/web"]}, "pods[shop/web-2]": {"owners": ["ReplicaSet/web"]}}


def drain_report(command: Command, pods: dict[str, Any], **more: Any) -> Report:
    diff = [
        {"path": "spec.unschedulable", "from": None, "to": True},
        *({"path": path, "from": was, "to": None} for path, was in pods.items()),
    ]
    before = {one["path"]: one["from"] for one in diff}
    result = {"diff": diff, "before": before, "resourceVersion": "10", "uid": "uid-n1", **more.pop("result", {})}
    return report(command, result=result, **more)


async def drained(shop: Shop, answer: Callable[[Command], Report]) -> Execution:
    shop.agent.answers["drain"] = answer
    shop.agent.is_cordoned, shop.agent.resource_version = True, 11
    return await run(shop, DRAIN)


async def test_a_drain_that_a_budget_holds_says_so_and_that_something_changed(shop: Shop) -> None:
    def held(command: Command) -> Report:
        if command.dry_run:
            return drain_report(command, PODS)
        message = "the time is up: 1 of 2 pods left node n1; PodDisruptionBudget shop/web allows no eviction now"
        return drain_report(command, PODS, state=State.FAILED, code="DRAIN_INCOMPLETE", message=message, result={"changed": True})

    done = await drained(shop, held)
    failure: dict[str, Any] = done.failure or {}
    assert (done.status, failure["code"], failure["changed"]) == (ExecutionStatus.FAILED, "DRAIN_INCOMPLETE", True)
    assert "PodDisruptionBudget shop/web" in failure["message"] and "nothing was changed" not in failure["message"]
    (step,) = await shop.steps(done)
    assert step.pre_image is not None and set(PODS) < set(step.pre_image), "what an undo and a reader need"


@pytest.mark.parametrize(
    ("now", "status", "code"),
    [
        pytest.param(dict(list(PODS.items())[:1]), ExecutionStatus.SUCCEEDED, None, id="a pod that is gone by itself"),
        pytest.param(
            PODS | {"pods[shop/db-0]": {"owners": []}}, ExecutionStatus.FAILED, "plan_drifted", id="a pod that nobody saw in the plan"
        ),
    ],
)
async def test_a_drain_evicts_what_was_planned_and_not_more(
    shop: Shop, now: dict[str, Any], status: ExecutionStatus, code: str | None
) -> None:
    asked: list[Command] = []

    def answer(command: Command) -> Report:
        asked.append(command)
        return drain_report(command, PODS if len(asked) == 1 else now)

    done = await drained(shop, answer)
    assert (done.status, (done.failure or {}).get("code")) == (status, code), done.failure
    assert [command.timeout_s for command in asked if not command.dry_run] == ([300] if code is None else [])
