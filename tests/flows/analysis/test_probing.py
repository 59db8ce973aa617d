"""An analysis requests probes: they are performed after the answer, within a budget, and the next answer cites them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from optral.analysis import service as analyses
from optral.analysis.model import Analysis, Trigger
from optral.clusters.tables import clusters as table
from optral.flows.analysis import issue_context, probing
from optral.flows.analysis.analyze import AnalysisWorker
from optral.flows.analysis.probing import AGAIN_AFTER_S, SPACING_S, ProbeWorker
from optral.issues import service as issues
from optral.kube.changes import KindMark, Phase
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.errors import OptralError, Refused
from optral.terms.ids import OrgId
from optral.terms.probes import Outcome, ProbeResult, Reason, Vantage
from optral.terms.verbs import Probe
from tests.flows.inventory.inventory import KINDS, World, batch, deployment, replica_set
from tests.support.clock import FakeClock
from tests.support.objects import change, reference

ABLE = ("commands.v1", "verb:probe", "probe:on")
VANTAGE = Vantage(namespace="optral", pod="optral-agent-1", node="n1")


class Agent:
    """Answers probes: `reason` None says that everything is reachable, `error` that there is no result."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.asked = clock, list[tuple[str, Probe]]()
        self.reason: Reason | None = Reason.REFUSED
        self.error: OptralError | None = None

    async def perform(self, _org: OrgId, _cluster: str, issue_id: str, probe: Probe) -> ProbeResult:
        self.asked.append((issue_id, probe))
        if self.error is not None:
            raise self.error
        outcome = Outcome.REACHABLE if self.reason is None else Outcome.UNREACHABLE
        return ProbeResult(
            check=probe.check,
            outcome=outcome,
            reason=self.reason,
            at=self.clock.now(),
            vantage=VANTAGE,
            address="10.0.3.4",
            port=probe.port or 0,
        )


class Shop:
    """A cluster with Service `web`, whose targetPort 9999 no container declares, and its analyses."""

    def __init__(self, world: World) -> None:
        self.world, self.agent = world, Agent(world.clock)
        self.probes = ProbeWorker(world.store, world.clock, self.agent.perform)
        self.worker = AnalysisWorker(world.store, world.clock)
        self.worker.on_probes = self.probes.want

    async def open(self, *names: str, capabilities: tuple[str, ...] = ABLE) -> None:
        world = self.world
        mine = sa.and_(table.c.org_id == world.org, table.c.id == world.session.cluster_id)
        told = sa.update(table).where(mine).values(agent_capabilities=list(capabilities))
        await world.store.write(world.system, lambda tx: tx.execute(told))
        await world.begin()
        await world.snapshot(deployment(), replica_set(), pod())
        found = [service(name) for name in names or ("web",)]
        marks = (Phase.SNAPSHOT_BEGIN, Phase.SNAPSHOT_END, Phase.LIVE)
        begin, end, live = (KindMark("Service", phase, "g1", "", len(found) if phase is Phase.SNAPSHOT_END else 0) for phase in marks)
        await world.send(begin, batch(*found), end, live)
        await world.advance(200)
        assert {one.type for one in await world.issues()} == {"ServiceTargetPortMismatch"}

    async def analyze(self) -> Analysis:
        """Everything that is due; the newest analysis of the first issue."""
        self.world.clock.advance(20)
        while not await self.worker.step():
            pass
        issue = (await self.world.issues())[0]
        found = await self.world.store.read(self.world.system, lambda tx: analyses.shown(tx, issue.id))
        assert found is not None
        return found

    async def probe(self) -> int:
        """Let the worker do what it may do now; how many probes were performed until now."""
        await self.probes.step()
        await self.probes.idle()
        return len(self.agent.asked)


def pod() -> Any:
    metadata = {"labels": {"app": "web"}, "creationTimestamp": "2026-01-15T00:00:00Z"}
    spec = {"nodeName": "n1", "containers": [{"name": "api", "image": "x", "ports": [{"containerPort": 8080}]}]}
    running = {"name": "api", "ready": True, "state": {"running": {"startedAt": "2026-01-15T00:00:00Z"}}}
    status = {"phase": "Running", "podIP": "10.0.3.4", "conditions": [{"type": "Ready", "status": "True"}], "containerStatuses": [running]}
    return change("Pod", "web-a", owner=reference("ReplicaSet.apps", "web-1"), metadata=metadata, spec=spec, status=status)


def service(name: str) -> Any:
    spec = {"clusterIP": "10.96.0.10", "selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 9999}]}
    return change("Service", name, metadata={"creationTimestamp": "2026-01-15T00:00:00Z"}, spec=spec)


@pytest.fixture
async def shop(store: Store, org: OrgId, clock: FakeClock) -> Shop:
    world = World(store, org, clock)
    await world.create()
    world.session = replace(world.session, kinds=KINDS | {"Service"})
    return Shop(world)


async def test_the_answer_comes_at_once_and_again_with_the_probe(shop: Shop) -> None:
    await shop.open()
    first = await shop.analyze()
    assert (first.trigger, first.cause_id) == (Trigger.AUTO, "target_port_mismatch")
    assert "probe" not in {one["kind"] for one in first.result["evidence"]}
    assert await shop.probe() == 1
    assert shop.agent.asked[0][1] == Probe(check="tcp", kind="Pod", namespace="shop", name="web-a", port=9999)
    second = await shop.analyze()
    assert (second.trigger, second.cause_id, second.id != first.id) == (Trigger.PROBES, "target_port_mismatch", True)
    (evidence,) = [one for one in second.result["evidence"] if one["kind"] == "probe"]
    assert evidence["excerpt"].startswith("From the agent's pod in namespace optral on node n1 at ")
    assert evidence["excerpt"].endswith(": TCP connect to 10.0.3.4:9999 was refused")
    assert evidence["excerpt"] in second.result["rootCause"]["explanation"]
    assert await shop.probe() == 1, "what is known is not probed again"


async def test_a_success_rules_the_cause_out(shop: Shop) -> None:
    await shop.open()
    shop.agent.reason = None
    await shop.analyze()
    await shop.probe()
    after = await shop.analyze()
    assert after.cause_id is None
    assert [one["stance"] for one in after.result["evidence"] if one["kind"] == "probe"] == ["contradicts"]


@pytest.mark.parametrize("capabilities", [("commands.v1",), ("commands.v1", "probe:off"), ()])
async def test_an_agent_that_performs_none_is_not_asked_and_nothing_is_missing(shop: Shop, capabilities: tuple[str, ...]) -> None:
    await shop.open(capabilities=capabilities)
    first = await shop.analyze()
    assert first.cause_id == "target_port_mismatch"
    assert await shop.probe() == 0
    assert (await shop.analyze()).id == first.id
    assert first.result["warnings"] == []


@pytest.mark.parametrize("error", [Refused("target_denied", say="no"), Refused("cluster_offline", say="away")])
async def test_without_a_result_the_answer_stands_and_the_issue_is_left_alone_for_a_while(shop: Shop, error: OptralError) -> None:
    await shop.open()
    shop.agent.error = error
    first = await shop.analyze()
    assert await shop.probe() == 1
    assert (await shop.analyze()).id == first.id
    shop.probes.want(first, [shop.agent.asked[0][1]])
    assert await shop.probe() == 1
    shop.world.clock.advance(AGAIN_AFTER_S)
    shop.probes.want(first, [shop.agent.asked[0][1]])
    assert await shop.probe() == 2


async def test_issues_of_one_cluster_take_turns(shop: Shop) -> None:
    await shop.open("web", "api", "cart")
    await shop.analyze()
    assert await shop.probe() == 1
    assert await shop.probe() == 1
    shop.world.clock.advance(SPACING_S)
    assert await shop.probe() == 2
    shop.world.clock.advance(SPACING_S)
    assert await shop.probe() == 3
    assert len({issue_id for issue_id, _ in shop.agent.asked}) == 3


@pytest.mark.parametrize("bound", ["WAITING", "WAITING_OF_CLUSTER"])
async def test_more_than_it_can_hold_is_left_to_the_next_analysis(shop: Shop, monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(probing, bound, 1)
    await shop.open("web", "api", "cart")
    await shop.analyze()
    assert shop.probes.dropped == 2


async def test_issues_that_cannot_be_probed_take_no_turn(shop: Shop) -> None:
    """They are set aside at once, so that those of other clusters find room."""
    await shop.open("web", "api", "cart", capabilities=("commands.v1", "probe:off"))
    await shop.analyze()
    assert await shop.probe() == 0
    assert await shop.probes.step() == probing.IDLE_S


async def test_a_resolved_issue_is_not_probed(shop: Shop) -> None:
    await shop.open()
    await shop.analyze()
    await shop.world.send(batch(replace_target(8080)))
    await shop.world.advance(600)
    assert [one.status.value for one in await shop.world.issues()] == ["resolved"]
    assert await shop.probe() == 0


def replace_target(port: int) -> Any:
    spec = {"clusterIP": "10.96.0.10", "selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": port}]}
    return change("Service", "web", rv="2", metadata={"creationTimestamp": "2026-01-15T00:00:00Z"}, spec=spec)


async def test_nothing_is_probed_where_automatic_analysis_is_off(shop: Shop) -> None:
    await shop.open()
    await shop.analyze()
    await shop.world.store.write(shop.world.system, lambda tx: analyses.set_automatic(tx, False))
    assert await shop.probe() == 0


async def kept(shop: Shop, look: Callable[[Transaction, Any], Any]) -> Any:
    issue = (await shop.world.issues())[0]
    return await shop.world.store.write(shop.world.system, lambda tx: look(tx, issues.get(tx, issue.id)))


async def test_results_stay_with_the_issue_beside_what_was_around_it(shop: Shop) -> None:
    await shop.open()
    await shop.analyze()
    await shop.probe()
    ((probe, result),) = (await kept(shop, lambda tx, issue: issue_context.probes_of(issue_context.of(tx, issue.id)))).items()
    assert (probe.port, result.reason) == (9999, Reason.REFUSED)
    shop.world.clock.advance(400)
    other = Probe(check="dns", kind="Service", namespace="shop", name="web")
    await kept(shop, lambda tx, issue: issue_context.keep_probes(tx, issue, {other: replace_check(result)}))
    await kept(shop, issue_context.keep)
    again = await kept(shop, lambda tx, issue: issue_context.probes_of(issue_context.of(tx, issue.id)))
    assert list(again) == [other, probe]


def replace_check(result: ProbeResult) -> ProbeResult:
    return ProbeResult(check="dns", outcome=Outcome.REACHABLE, at=result.at, vantage=result.vantage, name="web.shop.svc")
