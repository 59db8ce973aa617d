"""The usage of an issue's pods is read from the agent right after an answer that knows nothing of it."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from optral.analysis import service as analyses
from optral.analysis.model import Analysis, Trigger
from optral.flows.analysis import issue_context, usage_reads
from optral.flows.analysis.analyze import AnalysisWorker
from optral.flows.analysis.usage_reads import UsageReadWorker
from optral.store.metadata import metadata
from optral.store.store import Store
from optral.terms import verbs
from optral.terms.errors import Refused
from optral.terms.ids import OrgId
from tests.flows.analysis.usage import leak, new_world, report
from tests.flows.inventory.inventory import World, batch, deployment, pod, replica_set
from tests.support.clock import FakeClock

ABLE = ("commands.v1", "verb:metrics", "metrics:on")


class Agent:
    """The commands that the agent gets, and its answers."""

    def __init__(self, world: World) -> None:
        self.world, self.reads, self.is_away = world, list[verbs.Metrics](), False

    async def read(self, org_id: OrgId, cluster_id: str, params: verbs.Metrics) -> usage_reads.Reports:
        self.reads.append(params)
        if self.is_away:
            raise Refused("cluster_offline", say="the agent is not connected")
        return {name: report(self.world, leak(self.world), name=name).raw for name in params.names}


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    return await new_world(store, org, clock)


@pytest.fixture
def agent(world: World) -> Agent:
    return Agent(world)


@pytest.fixture
def reads(world: World, agent: Agent) -> UsageReadWorker:
    return UsageReadWorker(world.store, world.clock, agent.read)


async def able(world: World, *capabilities: str) -> None:
    table = metadata.tables["clusters"]
    said = sa.update(table).where(table.c.org_id == world.org).values(agent_capabilities=list(capabilities))
    await world.store.write(world.system, lambda tx: tx.execute(said).rowcount)


async def killed(world: World, name: str = "web-a", owner: str = "web-1") -> None:
    await world.send(batch(pod(name, rv="2", killed_at=world.clock.now(), ready=False, owner=owner)))


async def analyze(world: World, reads: UsageReadWorker) -> None:
    world.clock.advance(60)
    worker = AnalysisWorker(world.store, world.clock)
    worker.on_answer = reads.answered
    while not await worker.step():
        pass


async def read(reads: UsageReadWorker) -> None:
    await reads.step()
    await reads.idle()


async def shown(world: World) -> Analysis:
    [issue] = [one for one in await world.issues() if one.type == "OOMKilled"]
    found = await world.store.read(world.system, lambda tx: analyses.shown(tx, issue.id))
    assert found is not None
    return found


async def test_a_kill_is_explained_by_the_usage_that_is_read_from_the_agent(world: World, agent: Agent, reads: UsageReadWorker) -> None:
    await able(world, *ABLE)
    await killed(world)
    await analyze(world, reads)
    assert (await shown(world)).cause_id == "memory_limit_too_low"
    await read(reads)
    assert agent.reads == [verbs.Metrics(namespace="shop", names=("web-a",))]
    await analyze(world, reads)
    newer = await shown(world)
    assert (newer.cause_id, newer.trigger) == ("memory_leak", Trigger.USAGE)
    metric = next(one for one in newer.result["evidence"] if one["kind"] == "metric")
    assert "62Mi at its peak" in metric["excerpt"]
    await read(reads)
    assert len(agent.reads) == 1, "the answer that rests on it needs no other"


@pytest.mark.parametrize(
    "capabilities",
    [
        pytest.param(("commands.v1", "metrics:on", "verb:get"), id="an agent from before the verb"),
        pytest.param(("commands.v1", "metrics:off", "verb:metrics"), id="metrics switched off"),
        pytest.param(("commands.v1", "metrics:forbidden", "verb:metrics"), id="without the rights"),
    ],
)
async def test_an_agent_that_cannot_is_not_asked_and_the_answer_stands(
    world: World, agent: Agent, reads: UsageReadWorker, capabilities: tuple[str, ...]
) -> None:
    await able(world, *capabilities)
    await killed(world)
    await analyze(world, reads)
    await read(reads)
    assert agent.reads == []
    assert (await shown(world)).cause_id == "memory_limit_too_low"


async def test_an_agent_that_does_not_answer_leaves_the_answer_as_it_is(world: World, agent: Agent, reads: UsageReadWorker) -> None:
    await able(world, *ABLE)
    agent.is_away = True
    await killed(world)
    await analyze(world, reads)
    await read(reads)
    assert ((await shown(world)).cause_id, reads.retries.total) == ("memory_limit_too_low", 1)


async def test_many_issues_are_read_in_few_commands_and_within_the_budget(world: World, agent: Agent, reads: UsageReadWorker) -> None:
    await able(world, *ABLE)
    names = [f"web{number:02}" for number in range(45)]
    for name in names:
        await world.send(batch(deployment(name), replica_set(f"{name}-1", name)))
        await killed(world, name, f"{name}-1")
    await analyze(world, reads)
    for _ in range(5):
        await read(reads)
    assert [len(one.names) for one in agent.reads] == [20, 20, 5]
    assert sorted(name for one in agent.reads for name in one.names) == names


async def test_what_was_read_stays_with_the_issue(world: World, agent: Agent, reads: UsageReadWorker) -> None:
    await able(world, *ABLE)
    await killed(world)
    await analyze(world, reads)
    await read(reads)
    issue_id = next(one.id for one in await world.issues() if one.type == "OOMKilled")
    kept = await world.store.read(world.system, lambda tx: issue_context.of(tx, issue_id))
    assert [json.loads(bytes(raw))["metadata"]["name"] for raw in kept.usage] == ["web-a"]


def test_of_a_result_only_the_requested_reports_are_taken() -> None:
    def one(name: str, **more: Any) -> dict[str, Any]:
        return {"kind": "PodUsage", "metadata": {"name": name, "namespace": "shop"}, "status": {}} | more

    params = verbs.Metrics(namespace="shop", names=("a", "b", "c", "d"))
    elsewhere = one("b", metadata={"name": "b", "namespace": "other"})
    listed = [one("a"), elsewhere, one("c", kind="Pod"), one("d", status={"x": "y" * 20000}), one("e"), "nonsense"]
    assert set(usage_reads.read_reports({"reports": listed}, params)) == {"a"}
    assert usage_reads.read_reports({"reports": None}, params) == {}
