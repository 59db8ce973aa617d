"""What a verification checks after each verb that changes something else than the pods of a workload."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from optral.commands.model import Command, Report
from optral.flows.executions import runbook_changes
from optral.kube.changes import ObjectChange
from optral.runbooks import service as runbooks
from optral.runbooks.model import Execution, Status
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.executions.shop import Shop, changed, report
from tests.support.clock import FakeClock

RERUN = """
slug: again
name: Run a Job again
risk: low
steps:
  - {name: Run it, action: rerunJob, with: {namespace: shop, name: report}}
verify: {stableSeconds: 0, timeoutSeconds: 30}
"""


@pytest.fixture
async def shop(store: Store, org: OrgId, clock: FakeClock) -> AsyncIterator[Shop]:
    made = Shop(store, org, clock)
    await made.open()
    yield made


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
    one = await shop.start(made.slug, parameters={})
    await shop.settle(one)
    await shop.show(more=list(after))
    return await shop.run(one, seconds=120)


@pytest.mark.parametrize(
    ("after", "status", "verification"),
    [
        pytest.param([job("report-rerun-1", "SuccessCriteriaMet", "Complete")], Status.SUCCEEDED, "passed", id="complete"),
        pytest.param([job("report-rerun-1", "Failed")], Status.FAILED, "failed", id="failed again"),
        pytest.param([job("report-rerun-1")], Status.SUCCEEDED, "inconclusive", id="still runs at the timeout"),
        pytest.param([], Status.SUCCEEDED, "inconclusive", id="not in the inventory"),
    ],
)
async def test_a_rerun_is_judged_by_the_new_job(shop: Shop, after: list[ObjectChange], status: Status, verification: str) -> None:
    await shop.show(more=[job("report", "Failed")])
    shop.agent.answers["rerunJob"] = created
    done = await run(shop, RERUN, *after)
    shown: dict[str, Any] = done.verification or {}
    assert (done.status, shown["status"]) == (status, verification), (done.failure, shown)
    assert shown["checks"][0]["name"].startswith("completed Job/shop/report-rerun-1")
