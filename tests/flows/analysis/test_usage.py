"""Reports of usage on their way: from the agent's stream to an issue, and to the evidence of an explanation."""

import json
from datetime import timedelta

import pytest

from optral.flows.analysis import investigation, issue_context
from optral.flows.analysis.capture import CaptureWorker, LogTail
from optral.kit.times import rfc3339
from optral.kube.changes import KindMark, Op, Phase
from optral.kube.kinds import POD_USAGE
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.analysis.usage import MIB, new_world, report, send
from tests.flows.inventory.inventory import World, batch, pod
from tests.support.clock import FakeClock


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    return await new_world(store, org, clock)


async def statuses(world: World) -> dict[str, str]:
    return {one.type: one.status.value for one in await world.issues()}


THROTTLED = {
    "cpu": {"limitMillis": 100, "p95Millis": 99},
    "throttling": {"share": 0.8, "periods": 9000, "throttledPeriods": 7200, "windowSeconds": 900},
}


async def test_a_report_opens_an_issue_of_a_healthy_pod_which_outlives_a_restart_of_the_agent(world: World) -> None:
    await send(world, report(world, THROTTLED))
    assert (await statuses(world)) == {"CPUThrottled": "open"}
    await world.send(KindMark(POD_USAGE.id, Phase.GONE, ""))  # an agent that has just started has nothing to report yet
    await world.advance(600)
    assert (await statuses(world)) == {"CPUThrottled": "open"}
    await send(world, report(world, THROTTLED, rv="2"), generation="g2")
    assert (await statuses(world)) == {"CPUThrottled": "open"}


async def test_the_issue_ends_half_an_hour_after_the_last_sign(world: World) -> None:
    await send(world, report(world, THROTTLED))
    calm = {**THROTTLED, "throttling": {**THROTTLED["throttling"], "share": 0.01}}
    await world.send(batch(report(world, calm, rv="2")))
    await world.advance(1500)
    assert (await statuses(world)) == {"CPUThrottled": "open"}
    await world.advance(600)
    assert (await statuses(world)) == {"CPUThrottled": "resolved"}


async def logs(org_id: OrgId, wanted: object) -> LogTail:
    return LogTail(text="bye")


async def test_what_a_killed_pod_used_is_evidence_and_is_kept_when_the_report_is_gone(world: World) -> None:
    trend = {"perHour": 800 * MIB, "fit": 0.99, "overSeconds": 1740}
    killed_at = world.clock.now() - timedelta(minutes=1)
    run = {"endedAt": rfc3339(killed_at), "firstBytes": 10 * MIB, "lastBytes": 120 * MIB, "peakBytes": 120 * MIB, "trend": trend}
    one = report(world, {"memory": {"limitBytes": 128 * MIB}, "previousRun": run})
    await send(world, one)
    world.clock.advance(5)
    await world.send(batch(pod("web-a", rv="2", killed_at=killed_at, ready=False)))
    issue_id = next(issue.id for issue in await world.issues() if issue.type == "OOMKilled")
    await CaptureWorker(world.store, world.clock, logs).step()
    around = await world.store.read(world.system, lambda tx: issue_context.of(tx, issue_id))
    assert [json.loads(bytes(raw))["kind"] for raw in around.usage] == ["PodUsage"]
    await world.send(batch(one._replace(op=Op.DELETE, raw=b"")))
    looked = await world.store.read(world.system, lambda tx: investigation.investigate(tx, issue_id))
    assert "memory_leak" in {hypothesis.cause for hypothesis in looked.found}
