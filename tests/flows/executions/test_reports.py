"""A report is an execution that changes nothing: it is written from the inventory, and stands in its step and in the log."""

from typing import Any

from optral.commands.model import State
from optral.runbooks.model import Execution, ExecutionStatus, StepState
from tests.flows.executions.shop import Shop, changed, report

CLAIM = {"kind": "PersistentVolumeClaim", "namespace": "shop", "name": "data"}
HELD = {"finalizers": ["kubernetes.io/pvc-protection"], "deletionTimestamp": "2026-05-01T10:00:00Z"}


async def show_claim(shop: Shop) -> None:
    meta = {"name": "data", "namespace": "shop", "uid": "uid-c", "resourceVersion": "10"} | HELD
    await shop.show(more=[changed("PersistentVolumeClaim", "uid-c", "shop", "data", "10", {"metadata": meta})])


async def reported(shop: Shop, slug: str, parameters: dict[str, Any]) -> tuple[Execution, dict[str, Any]]:
    one = await shop.run(await shop.start(slug, parameters=parameters))
    (last,) = [step for step in await shop.steps(one) if step.verb == "report"]
    assert last.state is StepState.SUCCEEDED
    return one, dict(last.result or {})


async def test_what_holds_a_deleted_object_is_reported_without_an_approval_or_a_change(shop: Shop) -> None:
    await show_claim(shop)
    one, result = await reported(shop, "report-finalizers", CLAIM)
    assert (one.status, one.approved_by, shop.agent.applied) == (ExecutionStatus.SUCCEEDED, None, 0)
    assert result["holds"] == ["kubernetes.io/pvc-protection: removed by the pods that use the claim"]
    assert [line for line in result["text"].splitlines() if line and line not in await shop.log(one)] == [], "the log has all of it"


async def test_a_read_that_the_agent_refuses_does_not_end_the_report(shop: Shop) -> None:
    await show_claim(shop)
    shop.agent.answers["get"] = lambda command: report(command, State.REJECTED, code="POLICY_DENIED", message="not allowed")
    one, result = await reported(shop, "report-finalizers", CLAIM)
    assert (one.status, bool(result["commands"])) == (ExecutionStatus.SUCCEEDED, True)


async def test_a_volume_of_the_whole_cluster_is_reported(shop: Shop) -> None:
    spec = {"persistentVolumeReclaimPolicy": "Retain", "claimRef": {"namespace": "shop", "name": "data", "uid": "u"}}
    await shop.show(more=[changed("PersistentVolume", "uid-v", "", "pv-1", "10", {"spec": spec, "status": {"phase": "Released"}})])
    one, result = await reported(shop, "report-released-volume", {"name": "pv-1"})
    assert one.status is ExecutionStatus.SUCCEEDED
    assert "claim shop/data was deleted" in result["text"]
