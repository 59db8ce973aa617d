"""Reports of requests on their way: from the agent's stream to an issue, its root, and another analysis."""

from dataclasses import replace
from typing import Any

import pytest

from optral.analysis import service as analyses
from optral.analysis.model import Analysis, Trigger
from optral.flows.analysis.analyze import AnalysisWorker
from optral.flows.analysis.usage_reports import SETTLE_S, UsageReportWorker
from optral.kit.times import rfc3339
from optral.kube.changes import KindMark, ObjectChange, Phase
from optral.kube.kinds import REPORT_KINDS, WORKLOAD_TRAFFIC
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.inventory.inventory import KINDS, World, batch, deployment, pod, replica_set
from tests.support.clock import FakeClock
from tests.support.objects import change, gone, reference

SLOW, FAST = {"p95Ms": 900, "levelMs": 900, "usualMs": 60}, {"p95Ms": 61, "levelMs": 58, "usualMs": 60}


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    made = World(store, org, clock)
    await made.create()
    made.session = replace(made.session, kinds=KINDS | {kind.id for kind in REPORT_KINDS})
    await made.begin()
    await made.snapshot(deployment(), replica_set(), pod("web-a"))
    return made


def report(world: World, latency: dict[str, Any], *, rv: str = "1") -> ObjectChange:
    """How long the requests of Deployment web take."""
    web = deployment()
    owner = reference(web.kind, web.name, web.uid)
    requests = {"perSecond": 20.0, "count": 12_000, "windowSeconds": 600}
    status = {"observedAt": rfc3339(world.clock.now()), "source": "istio", "requests": requests, "latency": latency}
    body = {"apiVersion": WORKLOAD_TRAFFIC.api_version, "kind": WORKLOAD_TRAFFIC.name, "status": status}
    return change(WORKLOAD_TRAFFIC.id, "deployment-web", uid="web-traffic", rv=rv, owner=owner, **body)


async def send(world: World, *changes: ObjectChange, generation: str = "g1") -> None:
    """A snapshot of all reports."""
    kind, count = WORKLOAD_TRAFFIC.id, len(changes)
    begin, end = KindMark(kind, Phase.SNAPSHOT_BEGIN, generation), KindMark(kind, Phase.SNAPSHOT_END, generation, "", count)
    await world.send(begin, *([batch(*changes)] if changes else []), end, KindMark(kind, Phase.LIVE, generation))


async def statuses(world: World) -> dict[str, str]:
    return {one.type: one.status.value for one in await world.issues()}


async def test_a_report_opens_an_issue_of_healthy_pods_which_outlives_a_restart_of_the_agent(world: World) -> None:
    await send(world, report(world, SLOW))
    assert (await statuses(world)) == {"WorkloadSlow": "open"}
    await world.send(KindMark(WORKLOAD_TRAFFIC.id, Phase.GONE, ""))  # Prometheus does not answer, or the agent has just started
    await world.advance(600)
    assert (await statuses(world)) == {"WorkloadSlow": "open"}


@pytest.mark.parametrize("is_deleted", [False, True], ids=["fast again", "no report any more"])
async def test_the_issue_ends_half_an_hour_after_the_last_sign(world: World, is_deleted: bool) -> None:
    await send(world, report(world, SLOW))
    calm = report(world, FAST, rv="2")
    await world.send(batch(gone(calm) if is_deleted else calm))
    await world.advance(1500)
    assert (await statuses(world)) == {"WorkloadSlow": "open"}
    await world.advance(600)
    assert (await statuses(world)) == {"WorkloadSlow": "resolved"}


async def shown(world: World) -> Analysis:
    issue = next(one for one in await world.issues() if one.type == "WorkloadSlow")
    found = await world.store.read(world.system, lambda tx: analyses.shown(tx, issue.id))
    assert found is not None
    return found


async def analyze(world: World) -> None:
    world.clock.advance(20)
    while not await AnalysisWorker(world.store, world.clock).step():
        pass


async def test_an_issue_is_explained_from_the_stored_report(world: World) -> None:
    await send(world, report(world, SLOW))
    await analyze(world)
    found = await shown(world)
    assert found.cause_id == "slow_itself"
    assert "`900 ms`" in found.result["rootCause"]["explanation"]


async def test_reports_bring_another_analysis(world: World) -> None:
    worker = UsageReportWorker(world.store, world.clock)
    world.inventory.on_usage = worker.reported
    await send(world, report(world, SLOW))
    await world.send(batch(gone(report(world, SLOW))))
    await analyze(world)
    assert (await shown(world)).cause_id is None
    await world.send(batch(report(world, SLOW, rv="3")))
    world.clock.advance(SETTLE_S)
    while await worker.step() == 0:
        pass
    await analyze(world)
    newer = await shown(world)
    assert (newer.cause_id, newer.trigger) == ("slow_itself", Trigger.USAGE)
