"""Two replicas of one workload crash in turn: the answer found in the log of one stands while its facts do."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from optral.analysis import service as analyses
from optral.analysis.model import Analysis, AnalysisFilter, CapturedLog, Status, Trigger
from optral.events import service as events
from optral.flows.analysis import analyze
from optral.flows.analysis.analyze import AnalysisWorker
from optral.flows.analysis.capture import CaptureWorker, LogTail
from optral.issues import service as issues
from optral.kit.paging import PageRequest
from optral.kube.changes import KindMark, ObjectChange, Phase
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.inventory.inventory import KINDS, World, batch, pod, replica_set
from tests.support.clock import FakeClock
from tests.support.objects import change

LINE = "dial tcp: connect to payments:8080: connection refused\n"
SERVICE = "Service"


def workload(name: str, replicas: int, rv: str = "1") -> ObjectChange:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "api", "image": "x"}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return change("Deployment.apps", name, rv=rv, spec=spec, status={"replicas": replicas, "updatedReplicas": replicas})


PAYMENTS = change(SERVICE, "payments", spec={"selector": {"app": "payments"}, "ports": [{"port": 8080, "targetPort": 8080}]})


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    made = World(store, org, clock)
    await made.create()
    made.session = replace(made.session, kinds=KINDS | {SERVICE})
    await made.begin()
    await made.snapshot(workload("web", 2), workload("payments", 0), replica_set(), pod("web-1-a"), pod("web-1-b"))
    marks = [KindMark(SERVICE, Phase.SNAPSHOT_BEGIN, "g1"), batch(PAYMENTS), KindMark(SERVICE, Phase.SNAPSHOT_END, "g1", "", 1)]
    assert (await made.send(*marks, KindMark(SERVICE, Phase.LIVE, "g1"))).resync == []
    return made


async def crash(world: World, name: str, run: int) -> None:
    """One replica ends once more, and waits to be started again."""
    await report(world, name, run, {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}})


async def runs(world: World, name: str, run: int) -> None:
    await report(world, name, run, {"running": {"startedAt": "2026-01-15T12:00:00Z"}})


async def report(world: World, name: str, run: int, state: dict[str, Any]) -> None:
    at = world.clock.now().isoformat().replace("+00:00", "Z")
    last = {"reason": "Error", "exitCode": 1, "startedAt": at, "finishedAt": at, "containerID": f"{name}-{run}"}
    is_ready = "running" in state
    raw = json.loads(pod(name, rv=str(run), ready=is_ready).raw)
    raw["status"]["containerStatuses"][0] |= {"restartCount": run, "state": state, "lastState": {"terminated": last}}
    await world.send(batch(pod(name, rv=str(run))._replace(raw=json.dumps(raw).encode())))


Says = Callable[[CapturedLog], LogTail]


class Server:
    """The workers of a server; `says` is what the agent answers to a request for a log."""

    def __init__(self, world: World, says: Says) -> None:
        self.world, self.asked = world, list[str]()

        async def fetch(org_id: OrgId, wanted: CapturedLog) -> LogTail:
            self.asked.append(wanted.pod)
            return says(wanted)

        self.capture, self.analysis = CaptureWorker(world.store, world.clock, fetch), AnalysisWorker(world.store, world.clock)

    async def work(self) -> None:
        await self.capture.step()
        for _ in range(2):
            self.world.clock.advance(analyze.EVIDENCE_S + 1)
            await self.analysis.step()


def only_of(name: str) -> Says:
    none = LogTail(failure="the kubelet has no log", for_good=True)
    return lambda wanted: LogTail(text=LINE) if wanted.pod == name and wanted.previous else none


async def shown(world: World, issue_id: str) -> Analysis:
    found = await world.store.read(world.system, lambda tx: analyses.shown(tx, issue_id))
    assert found is not None
    return found


async def looping(world: World) -> str:
    """The issue of the workload's container."""
    return next(one.id for one in await world.issues() if one.type == "CrashLoopBackOff")


async def explained(world: World) -> tuple[Server, str]:
    """Both replicas crash, and the log of one tells why."""
    server = Server(world, only_of("web-1-a"))
    await crash(world, "web-1-a", 9)
    await world.advance(60)
    await server.work()
    issue_id = await looping(world)
    assert (await shown(world, issue_id)).cause_id == "scaled_to_zero"
    return server, issue_id


async def nothing() -> None: ...


async def restarts(world: World, server: Server, look: Callable[[], Awaitable[None]] = nothing) -> None:
    """The replicas end in turn; `look` is called after each end."""
    for run in range(10, 13):
        for name, other in (("web-1-b", "web-1-a"), ("web-1-a", "web-1-b")):
            await runs(world, other, 100 + 2 * run)
            await crash(world, name, 101 + 2 * run)
            await world.advance(150)
            await server.work()
            await look()


async def test_the_log_of_one_replica_explains_the_crash_of_another(world: World) -> None:
    server, issue_id = await explained(world)
    named = set()

    async def look() -> None:
        named.add((await world.store.read(world.system, lambda tx: issues.get(tx, issue_id))).resource)
        answer = await shown(world, issue_id)
        assert (answer.status, answer.cause_id, answer.confidence, answer.attempt) == (Status.READY, "scaled_to_zero", 0.99, None)
        assert answer.result["recommendedActions"][0]["runbook"] == "scale-workload"

    await restarts(world, server, look)
    assert named == {"web-1-a", "web-1-b"}
    assert set(server.asked) == {"web-1-a", "web-1-b"}, "the log of each replica is fetched"


async def without_logs(world: World, issue_id: str) -> None:
    """What was captured is gone, and nothing more comes."""

    def clear(log: CapturedLog) -> CapturedLog:
        return replace(log, text="", failure="gone", due_at=None)

    await world.store.write(world.system, lambda tx: analyses.save_logs(tx, [clear(log) for log in analyses.logs(tx, issue_id)]))


async def request(world: World, server: Server, issue_id: str) -> Analysis:
    asked = await world.store.write(world.system, lambda tx: analyze.ask(tx, issue_id))
    await server.work()
    return await world.store.read(world.system, lambda tx: analyses.get(tx, asked.id))


async def news(world: World) -> list[dict[str, Any]]:
    found = await world.store.read(world.system, lambda tx: events.read_after(tx, 0))
    return [event.data for event in found if event.type == "analysis.ready"]


async def test_an_analysis_with_less_evidence_is_an_attempt(world: World) -> None:
    _, issue_id = await explained(world)
    before = await shown(world, issue_id)
    server = Server(world, only_of("nobody"))
    await without_logs(world, issue_id)
    attempt = await request(world, server, issue_id)
    assert (attempt.status, attempt.weaker_than) == (Status.INCONCLUSIVE, before.id)
    assert "the issue still shows that answer" in attempt.result["warnings"][0]
    after = await shown(world, issue_id)
    assert (after.id, after.cause_id) == (before.id, "scaled_to_zero")
    assert after.attempt is not None
    assert (after.attempt.id, after.version > before.version) == (attempt.id, True)
    assert [one["rootCause"] for one in await news(world)][-1] == "scaled_to_zero", "the request ends with what the issue shows"
    cause = await world.store.read(world.system, lambda tx: analyses.causes_of(tx, [issue_id]))
    assert cause == {issue_id: "scaled_to_zero"}


async def test_what_facts_call_for_is_kept_quiet_when_it_is_only_an_attempt(world: World) -> None:
    _, issue_id = await explained(world)
    server = Server(world, only_of("nobody"))
    await without_logs(world, issue_id)
    before, told = await shown(world, issue_id), len(await news(world))
    await restarts(world, server)
    wanted = AnalysisFilter(issues=frozenset({issue_id}))
    found = await world.store.read(world.system, lambda tx: analyses.find(tx, wanted, PageRequest(size=50)))
    attempts = [one for one in found if one.trigger is Trigger.FACTS]
    assert attempts and {one.weaker_than for one in attempts} == {before.id}
    assert (await shown(world, issue_id)).id == before.id
    assert len(await news(world)) == told


async def test_the_cause_stays_after_its_fix_while_the_issue_is_open(world: World) -> None:
    """The workload behind the Service is scaled up, and both replicas run: what the answer cites has changed, but nothing says more."""
    _, issue_id = await explained(world)
    before = await shown(world, issue_id)
    await world.send(batch(workload("payments", 1, rv="7")))
    await world.send(batch(pod("web-1-a", rv="200", ready=True)), batch(pod("web-1-b", rv="200", ready=True)))
    await world.advance(60)
    await without_logs(world, issue_id)
    attempt = await request(world, Server(world, only_of("nobody")), issue_id)
    assert (attempt.status, attempt.weaker_than) == (Status.INCONCLUSIVE, before.id)
    assert (await shown(world, issue_id)).id == before.id


async def test_what_changed_between_two_explanations_is_known(world: World) -> None:
    """The first analysis had no log; the log that arrived later names the cause."""
    server = Server(world, only_of("nobody"))
    await crash(world, "web-1-a", 9)
    await world.advance(60)
    await server.work()
    issue_id = await looping(world)
    before = await shown(world, issue_id)
    assert await world.store.read(world.system, lambda tx: analyses.previous(tx, before)) is None

    def arrive(log: CapturedLog) -> CapturedLog:
        return replace(log, text=LINE, failure=None, due_at=None)

    await world.store.write(world.system, lambda tx: analyses.save_logs(tx, [arrive(log) for log in analyses.logs(tx, issue_id)]))
    await request(world, server, issue_id)
    now = await shown(world, issue_id)
    known = await world.store.read(world.system, lambda tx: analyses.previous(tx, now))
    assert known is not None
    assert (before.cause_id, now.cause_id, known[0].id, known[1]) == (None, "scaled_to_zero", before.id, now.finished_at)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(workload("payments", 1, rv="7"), id="the workload has been scaled up"),
        pytest.param(change(SERVICE, "payments", rv="7", spec={"selector": {"app": "cash"}}), id="the Service selects other pods"),
    ],
)
async def test_the_new_answer_is_shown_when_a_fact_of_the_old_one_has_changed(world: World, changed: ObjectChange) -> None:
    _, issue_id = await explained(world)
    await without_logs(world, issue_id)
    await world.send(batch(changed))
    answer = await request(world, Server(world, only_of("nobody")), issue_id)
    assert answer.weaker_than is None
    assert (await shown(world, issue_id)).id == answer.id
