"""A report of usage arrives after an issue was analyzed: what it adds is found, and nothing is analyzed for nothing."""

import pytest

from optral.analysis import service as analyses
from optral.analysis.model import Analysis, Trigger
from optral.flows.analysis.analyze import AnalysisWorker
from optral.flows.analysis.usage_reports import AGAIN_AFTER, AT_ONCE, SETTLE_S, UsageReportWorker
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.analysis.usage import leak, new_world, report, send
from tests.flows.inventory.inventory import World, batch, deployment, pod, replica_set
from tests.support.clock import FakeClock
from tests.support.objects import gone


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    return await new_world(store, org, clock)


@pytest.fixture
def reports(world: World) -> UsageReportWorker:
    worker = UsageReportWorker(world.store, world.clock)
    world.inventory.on_usage = worker.reported
    return worker


async def killed(world: World, name: str = "web-a", *, rv: str = "2") -> None:
    """The kernel kills the container of a pod, and its issue is analyzed."""
    world.clock.advance(5)
    await world.send(batch(pod(name, rv=rv, killed_at=world.clock.now(), kill=f"{name}-{rv}", ready=False)))


async def analyze(world: World) -> None:
    world.clock.advance(20)
    while not await AnalysisWorker(world.store, world.clock).step():
        pass


async def shown(world: World, type_: str = "OOMKilled") -> Analysis:
    issue = next(one for one in await world.issues() if one.type == type_)
    found = await world.store.read(world.system, lambda tx: analyses.shown(tx, issue.id))
    assert found is not None
    return found


async def look(world: World, reports: UsageReportWorker) -> int:
    """Let the worker judge all pages; how many analyses it has queued until now."""
    world.clock.advance(SETTLE_S)
    while await reports.step() == 0:
        pass
    return reports.queued


async def test_a_kill_is_explained_again_once_its_memory_curve_is_known(world: World, reports: UsageReportWorker) -> None:
    await killed(world)
    await analyze(world)
    assert (await shown(world)).cause_id == "memory_limit_too_low"
    await send(world, report(world, leak(world)))
    assert await look(world, reports) == 1
    assert (await shown(world)).cause_id == "memory_limit_too_low", "until the new answer is there, the issue shows the earlier one"
    await analyze(world)
    newer = await shown(world)
    assert (newer.cause_id, newer.trigger) == ("memory_leak", Trigger.USAGE)
    assert "`62Mi`" in newer.result["rootCause"]["explanation"]


async def test_a_report_that_adds_nothing_queues_nothing(world: World, reports: UsageReportWorker) -> None:
    await killed(world)
    await analyze(world)
    await send(world, report(world, leak(world, fit=0.2)))  # up and down: no rule about usage says anything
    assert await look(world, reports) == 0


async def test_an_answer_that_knows_the_report_stands(world: World, reports: UsageReportWorker) -> None:
    await killed(world)
    await send(world, report(world, leak(world)))
    await analyze(world)
    assert (await shown(world)).cause_id == "memory_leak"
    assert await look(world, reports) == 0
    await world.send(batch(report(world, leak(world), rv="2")))
    assert await look(world, reports) == 0


async def test_an_issue_is_analyzed_again_at_most_once_in_ten_minutes(world: World, reports: UsageReportWorker) -> None:
    await killed(world)
    await analyze(world)
    await send(world, report(world, leak(world)))
    assert await look(world, reports) == 1
    await world.send(batch(gone(report(world, leak(world)))))
    await analyze(world)
    assert (await shown(world)).cause_id == "memory_limit_too_low", "the report was gone when its turn came"
    await world.send(batch(report(world, leak(world), rv="2")))
    assert await look(world, reports) == 1
    world.clock.advance(AGAIN_AFTER.total_seconds())
    await world.send(batch(report(world, leak(world), rv="3")))
    assert await look(world, reports) == 2


async def test_many_reports_at_once_are_judged_page_by_page(world: World, reports: UsageReportWorker) -> None:
    names = [f"web{number:02}" for number in range(2 * AT_ONCE + 5)]
    for name in names:
        at = world.clock.now()
        await world.send(batch(deployment(name), replica_set(f"{name}-1", name), pod(name, killed_at=at, ready=False, owner=f"{name}-1")))
    world.clock.advance(60)
    while not await AnalysisWorker(world.store, world.clock).step():
        pass
    await send(world, *(report(world, leak(world), name=name) for name in names))
    world.clock.advance(SETTLE_S)
    assert await reports.step() == 0, "the next page waits its turn"
    assert reports.queued == AT_ONCE
    assert await look(world, reports) == len(names)


async def test_nothing_is_queued_where_automatic_analysis_is_off(world: World, reports: UsageReportWorker) -> None:
    await killed(world)
    await analyze(world)
    await world.store.write(world.system, lambda tx: analyses.set_automatic(tx, False))
    await send(world, report(world, leak(world)))
    assert await look(world, reports) == 0
