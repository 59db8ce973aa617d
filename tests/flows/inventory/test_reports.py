"""Issues that rest on reports of the agent: an agent that starts again, or cannot read, ends none of them; a report that says so does."""

from dataclasses import replace
from typing import Any

import pytest

from optral.kit.times import rfc3339
from optral.kube.changes import Frame, KindMark, ObjectChange, Phase
from optral.kube.kinds import NODE_USAGE, POD_USAGE, REPORT_KINDS, WORKLOAD_TRAFFIC, Kind
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.detectors.usage import throttled
from tests.flows.inventory.inventory import KINDS, World, batch, deployment, pod, replica_set
from tests.support.clock import FakeClock
from tests.support.objects import change, gone, reference

REPORTS = frozenset(kind.id for kind in REPORT_KINDS)
CORE = (KINDS | {"Node"}) - {"Event"}
NODE = change("Node", "n1", namespace="")
POD = pod("web-a")
WEB = (deployment(), replica_set(), POD, NODE)
LONG_S = 3 * 3600
FULL = {"cpu": {"levelMillis": 1990, "capacityMillis": 2000}}
FREE = {"cpu": {"levelMillis": 100, "capacityMillis": 2000}}
SLOW = {"requests": {"count": 5000}, "latency": {"levelMs": 900, "p95Ms": 950, "usualMs": 100}}
FAST = {"requests": {"count": 5000}, "latency": {"levelMs": 100, "p95Ms": 100, "usualMs": 100}}
AT_FIRST = {"requests": {"count": 5000}, "latency": {"levelMs": 900, "p95Ms": 950}}


class Reporting(World):
    """Plays an agent that also sends reports."""

    generation = 1

    def report(self, kind: Kind, of: ObjectChange, status: dict[str, Any], name: str = "") -> ObjectChange:
        at = rfc3339(self.clock.now())
        about = {"uid": f"{of.uid}-report", "owner": reference(of.kind, of.name, of.uid)}
        return change(kind.id, name or of.name, namespace=of.namespace, rv=at, status={"observedAt": at, **status}, **about)

    def of_pod(self, share: float = 0.9) -> ObjectChange:
        return self.report(POD_USAGE, POD, {"node": "n1", "containers": [throttled(share)]})

    def of_node(self, status: dict[str, Any] | None = None) -> ObjectChange:
        return self.report(NODE_USAGE, NODE, FREE if status is None else status)

    def of_requests(self, status: dict[str, Any]) -> ObjectChange:
        return self.report(WORKLOAD_TRAFFIC, deployment(), status, "deployment-web")

    async def list_all(self, *kinds: str, of: tuple[ObjectChange, ...]) -> None:
        """Send inventories of these kinds."""
        self.generation += 1
        generation = f"g{self.generation}"
        for kind in sorted(kinds):
            mine = [one for one in of if one.kind == kind]
            frames: list[Frame] = [KindMark(kind, Phase.SNAPSHOT_BEGIN, generation), *([batch(*mine)] if mine else [])]
            frames += [KindMark(kind, Phase.SNAPSHOT_END, generation, "", len(mine)), KindMark(kind, Phase.LIVE, generation)]
            assert (await self.send(*frames)).resync == []

    async def start_agent(self, *, reports: frozenset[str] = REPORTS) -> None:
        """A new agent, whose reports are not there yet."""
        self.session = replace(self.session, kinds=CORE | {"Event"} | reports)
        await self.begin()
        await self.list_all(*CORE, of=WEB)
        await self.silence(*reports)

    async def silence(self, *kinds: str, phase: Phase = Phase.GONE) -> None:
        await self.send(*(KindMark(kind, phase, "") for kind in sorted(kinds)))

    async def open_types(self) -> list[str]:
        return sorted(issue.type for issue in await self.issues() if issue.status != "resolved")


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> Reporting:
    """The workload is throttled and slow, its node full, and an agent has reported it."""
    made = Reporting(store, org, clock)
    await made.create()
    await made.start_agent()
    await made.list_all(*REPORTS, of=(made.of_pod(), made.of_node(FULL), made.of_requests(SLOW)))
    await made.advance(60)
    assert await made.open_types() == ["CPUThrottled", "NodeSaturated", "WorkloadSlow"]
    return made


async def test_issues_stay_open_while_a_new_agent_has_no_reports_and_resolve_once_it_has(world: Reporting) -> None:
    await world.start_agent()
    await world.advance(LONG_S)
    assert await world.open_types() == ["CPUThrottled", "NodeSaturated", "WorkloadSlow"]
    await world.list_all(*REPORTS, of=(world.of_pod(), world.of_node(FULL), world.of_requests(SLOW)))
    await world.advance(1700)
    assert await world.open_types() == ["CPUThrottled", "NodeSaturated", "WorkloadSlow"]
    await world.send(batch(gone(world.of_pod()), world.of_node(FREE), world.of_requests(FAST)))
    await world.advance(1700)
    assert await world.open_types() == ["CPUThrottled", "NodeSaturated", "WorkloadSlow"], "half an hour has not passed"
    await world.advance(200)
    assert await world.open_types() == []


@pytest.mark.slow
async def test_agents_that_start_again_and_again_end_no_issue(world: Reporting) -> None:
    for _ in range(5):
        await world.start_agent()
        await world.advance(1500)
    assert await world.open_types() == ["CPUThrottled", "NodeSaturated", "WorkloadSlow"]


@pytest.mark.slow
async def test_what_ended_before_the_reports_stopped_waits_for_them_too(world: Reporting) -> None:
    await world.send(batch(gone(world.of_pod()), world.of_node(FREE), world.of_requests(FAST)))
    await world.advance(600)
    await world.start_agent()
    await world.advance(LONG_S)
    assert await world.open_types() == ["CPUThrottled", "NodeSaturated", "WorkloadSlow"]
    await world.list_all(*REPORTS, of=(world.of_node(FREE),))
    await world.advance(120)
    assert await world.open_types() == []


async def test_a_kubelet_that_the_new_agent_cannot_read_ends_no_issue_of_its_node(world: Reporting) -> None:
    await world.start_agent()
    other = world.of_node()._replace(uid="uid-Node-n2-report", name="n2")
    other = other._replace(raw=other.raw.replace(b"n1", b"n2"))
    await world.list_all(POD_USAGE.id, NODE_USAGE.id, of=(other,))
    await world.advance(LONG_S)
    assert {"CPUThrottled", "NodeSaturated"} <= set(await world.open_types())
    await world.send(batch(world.of_node(FREE)))
    await world.advance(1900)
    assert await world.open_types() == ["WorkloadSlow"]


@pytest.mark.slow
@pytest.mark.parametrize("phase", [Phase.GONE, Phase.FORBIDDEN])
async def test_reports_that_stop_while_the_agent_runs_end_no_issue(world: Reporting, phase: Phase) -> None:
    await world.silence(*REPORTS, phase=phase)
    await world.advance(LONG_S)
    await world.send(batch(*(one._replace(resource_version="2") for one in (POD, NODE, deployment()))))
    await world.advance(LONG_S)
    assert await world.open_types() == ["CPUThrottled", "NodeSaturated", "WorkloadSlow"]


async def test_without_its_usual_level_a_workload_counts_neither_as_slow_nor_as_fast(world: Reporting) -> None:
    await world.start_agent()
    await world.list_all(WORKLOAD_TRAFFIC.id, of=(world.of_requests(AT_FIRST),))
    await world.advance(1900)
    assert "WorkloadSlow" in await world.open_types()


async def test_a_workload_of_which_an_agent_that_knows_has_no_report_is_no_longer_slow(world: Reporting) -> None:
    await world.start_agent()
    await world.list_all(WORKLOAD_TRAFFIC.id, of=())
    await world.advance(1900)
    assert "WorkloadSlow" not in await world.open_types()


async def test_switching_reports_off_resolves_their_issues(world: Reporting) -> None:
    await world.start_agent(reports=frozenset())
    await world.advance(1900)
    assert await world.open_types() == []


async def test_what_is_gone_resolves_its_issue_also_without_reports(world: Reporting) -> None:
    await world.start_agent()
    await world.send(batch(gone(POD), gone(deployment()), gone(NODE)))
    await world.advance(1900)
    assert await world.open_types() == []


async def test_a_pod_that_has_finished_resolves_its_issue_also_without_reports(world: Reporting) -> None:
    await world.start_agent()
    await world.send(batch(change("Pod", "web-a", rv="2", spec={"nodeName": "n1"}, status={"phase": "Succeeded"})))
    await world.advance(1900)
    assert "CPUThrottled" not in await world.open_types()


async def test_the_first_report_of_a_container_that_restarts_ends_nothing_for_half_an_hour(world: Reporting) -> None:
    young = world.report(POD_USAGE, POD, {"node": "n1", "containers": [throttled(window_s=300)]})
    await world.send(batch(young))
    await world.advance(1500)
    assert "CPUThrottled" in await world.open_types()
