"""The last words of a container: asked for when its issue opens, kept, and looked at again."""

import asyncio
import json
from collections import Counter
from dataclasses import replace

import pytest
import sqlalchemy as sa

from optral.analysis import model, service as analyses
from optral.analysis.model import CapturedLog, Status, Trigger
from optral.flows import analyze, capture, surroundings
from optral.flows.analyze import Analyst
from optral.flows.capture import Capturer, Tail
from optral.kube.changes import ObjectChange, Op
from optral.store.metadata import metadata
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import NotFound, OptralError, Refused
from optral.terms.ids import OrgId
from tests.flows import inventory
from tests.flows.inventory import World, batch, change, deployment, pod, replica_set
from tests.support.clock import NOON, FakeClock
from tests.support.stores import FullStore

SERVES = {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    made = World(store, org, clock)
    await made.create()
    await made.begin()
    await made.snapshot(deployment(), replica_set(), pod("web-a"))
    return made


async def killed(world: World) -> str:
    world.clock.advance(5)
    await world.send(batch(pod("web-a", rv="2", killed_at=world.clock.now(), ready=False)))
    return next(one.id for one in await world.issues() if one.type == "OOMKilled")


class Agent:
    """An agent that answers as it is told to."""

    def __init__(self, *answers: Tail | OptralError) -> None:
        self.answers, self.asked = list(answers), []  # type: ignore[var-annotated]

    async def __call__(self, org_id: OrgId, wanted: CapturedLog) -> Tail:
        self.asked.append((wanted.pod, wanted.container, wanted.previous))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, OptralError):
            raise answer
        return answer


async def kept(world: World, issue_id: str) -> list[CapturedLog]:
    return await world.store.read(world.system, lambda tx: analyses.logs(tx, issue_id))


async def test_asks_for_this_run_and_the_one_before_and_has_the_issue_looked_at_again(world: World) -> None:
    issue_id = await killed(world)
    world.clock.advance(2)
    await Analyst(world.store, world.clock).step()
    agent = Agent(Tail(text="java.lang.OutOfMemoryError: Java heap space\n"))
    await Capturer(world.store, world.clock, agent).step()
    assert sorted(agent.asked) == [("web-a", "api", False), ("web-a", "api", True)]
    assert [one.is_wanted for one in await kept(world, issue_id)] == [False, False]
    newest = await world.store.read(world.system, lambda tx: analyses.newest(tx, issue_id))
    assert newest is not None
    assert (newest.status, newest.trigger) == (Status.QUEUED, Trigger.LOGS)
    assert await Capturer(world.store, world.clock, agent).step() == capture.LOOK_EVERY_S
    assert len(agent.asked) == 2


@pytest.mark.parametrize(
    ("answer", "times"),
    [
        pytest.param(NotFound("no_previous_log", say="there was no earlier run"), 1, id="there is none"),
        pytest.param(Tail(failure="NOT_STARTED", for_good=True), 1, id="it never started"),
        pytest.param(Refused("cluster_offline", say="the agent is away"), model.CAPTURE_ATTEMPTS, id="the agent is away"),
    ],
)
async def test_asks_again_only_where_that_may_help(world: World, answer: Tail | OptralError, times: int) -> None:
    issue_id = await killed(world)
    agent = Agent(answer)
    capturer = Capturer(world.store, world.clock, agent)
    for _ in range(model.CAPTURE_ATTEMPTS + 2):
        await capturer.step()
        world.clock.advance(60)
    assert len(agent.asked) == 2 * times
    assert {(one.text, one.is_wanted, bool(one.failure)) for one in await kept(world, issue_id)} == {("", False, True)}


async def test_a_wish_outlives_the_process_that_had_it(world: World) -> None:
    issue_id = await killed(world)
    held = model.fetching((await kept(world, issue_id))[0], now=world.clock.now())
    await world.store.write(world.system, lambda tx: analyses.save_logs(tx, [held]))
    agent = Agent(Tail(text="bye"))
    await Capturer(world.store, world.clock, agent).step()
    assert len(agent.asked) == 1, "the other one is in somebody's hands"
    world.clock.advance(model.CAPTURE_DEADLINE_S)
    await Capturer(world.store, world.clock, agent).step()
    assert len(agent.asked) == 2


async def test_a_full_disk_makes_it_rest(world: World) -> None:
    await killed(world)
    full, agent = FullStore(world.store), Agent(Tail(text="bye"))
    capturer = Capturer(full, world.clock, agent)
    for _ in range(3):  # its own end wakes it
        await capturer.step()
    assert (full.tried, capturer.setbacks.total, agent.asked) == (2, 2, [])
    full.failure = None
    world.clock.advance(capturer.setbacks.rest_s("writes"))
    await capturer.step()
    assert len(agent.asked) == 2


async def test_keeps_no_line_that_looks_like_a_secret(world: World) -> None:
    issue_id = await killed(world)
    await Capturer(
        world.store, world.clock, Agent(Tail(text="start\nAuthorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789\nend"))
    ).step()
    for one in await kept(world, issue_id):
        assert one.text == f"start\n{capture.HIDDEN}\nend"


def wish(number: int, *, cluster: str = "cls_1", issue: str = "") -> CapturedLog:
    return CapturedLog(
        cluster_id=cluster,
        issue_id=issue or f"iss_{number:026d}",
        namespace="shop",
        pod=f"web-{number}",
        container="api",
        previous=False,
        captured_at=NOON,
        due_at=NOON,
    )


class Slow:
    """An agent that answers when it is told to, and knows how many it was asked at once."""

    def __init__(self) -> None:
        self.may_answer, self.is_full = asyncio.Event(), asyncio.Event()
        self.now, self.most = Counter[str](), Counter[str]()

    async def __call__(self, org_id: OrgId, wanted: CapturedLog) -> Tail:
        cluster = wanted.cluster_id
        self.now[cluster] += 1
        self.most[cluster] = max(self.most[cluster], self.now[cluster])
        if self.now.total() >= 2 * capture.AT_ONCE:
            self.is_full.set()
        await self.may_answer.wait()
        self.now[cluster] -= 1
        return Tail(text="bye")


async def test_three_at_once_in_a_cluster_and_a_slow_one_holds_up_nobody(store: Store, org: OrgId, clock: FakeClock) -> None:
    wishes = [wish(number, cluster=f"cls_{number % 2}") for number in range(10)]
    await store.write(actor.system(org), lambda tx: analyses.want_logs(tx, wishes))
    agent = Slow()
    capturer = Capturer(store, clock, agent)
    working = asyncio.create_task(capturer.step())
    async with asyncio.timeout(10):
        await agent.is_full.wait()
        agent.may_answer.set()
        await working
    assert agent.most == {"cls_0": capture.AT_ONCE, "cls_1": capture.AT_ONCE}
    assert not capturer.dropped


async def test_thirty_a_minute_in_a_cluster_and_the_rest_is_counted(store: Store, org: OrgId, clock: FakeClock) -> None:
    async def ask(first: int, count: int, cluster: str = "cls_1") -> None:
        wishes = [wish(number, cluster=cluster) for number in range(first, first + count)]
        await store.write(actor.system(org), lambda tx: analyses.want_logs(tx, wishes))

    agent = Agent(Tail(text="bye"))
    capturer = Capturer(store, clock, agent)
    await ask(0, 40)
    await ask(100, 5, "cls_2")
    await capturer.step()
    assert (len(agent.asked), capturer.dropped["rate"]) == (capture.A_MINUTE + 5, 10)
    clock.advance(61)
    await ask(40, 5)
    await capturer.step()
    assert (len(agent.asked), capturer.dropped["rate"]) == (capture.A_MINUTE + 10, 10)


async def test_a_log_is_kept_up_to_64_kib_and_its_end_counts(world: World) -> None:
    issue_id = await killed(world)
    await Capturer(world.store, world.clock, Agent(Tail(text="x" * 100_000 + "end"))).step()
    for one in await kept(world, issue_id):
        assert (len(one.text), one.text[-3:], one.truncated) == (64 * 1024, "end", True)


async def test_what_was_around_is_kept_with_it(world: World) -> None:
    """Whoever looks next week still sees the Events and the change of the workload."""
    about = {"kind": "Pod", "apiVersion": "v1", "namespace": "shop", "name": "web-a", "uid": "uid-Pod-web-a"}
    at = world.clock.now().isoformat().replace("+00:00", "Z")
    times = {"firstTimestamp": at, "lastTimestamp": at, "count": 1}
    event = change("Event", "web-a.1", involvedObject=about, reason="Unhealthy", message="probe failed", type="Warning", **times)
    template = {"spec": {"containers": [{"name": "api", "image": "x:2"}]}}
    changed = change("Deployment.apps", "web", rv="2", spec={"replicas": 1, "template": template}, status=SERVES)
    await world.send(batch(event, changed))
    issue_id = await killed(world)
    await Capturer(world.store, world.clock, Agent(Tail(text="bye"))).step()
    around = await world.store.read(world.system, lambda tx: surroundings.of(tx, issue_id))
    assert [json.loads(bytes(raw))["reason"] for raw in around.events] == ["Unhealthy"]
    assert ("Deployment.apps", "web") in {(one["kind"], one["name"]) for one in around.changes}
    assert surroundings.events_kept(around, but=frozenset({"uid-Event-web-a.1"})) == [], "what is still there is not read twice"
    world.clock.advance(3 * 86400)
    looked = await world.store.read(world.system, lambda tx: analyze.look(tx, issue_id))
    assert looked.case is not None


@pytest.mark.parametrize(
    ("capabilities", "asked"),
    [((), True), (("verb:get", "verb:logs"), True), (("verb:get", "read-only"), False)],
)
async def test_an_agent_that_may_not_read_logs_is_not_asked(world: World, capabilities: tuple[str, ...], asked: bool) -> None:
    def job(tx: Transaction) -> None:
        tx.execute(
            sa.update(metadata.tables["clusters"]).where(sa.column("org_id") == world.org).values(agent_capabilities=list(capabilities))
        )

    await world.store.write(world.system, job)
    issue_id = await killed(world)
    assert bool(await kept(world, issue_id)) is asked


async def test_an_organisation_may_do_without(world: World) -> None:
    await world.store.write(world.system, lambda tx: capture.switch(tx, is_on=False))
    issue_id = await killed(world)
    assert await kept(world, issue_id) == []


@pytest.mark.parametrize("attempts", [0, 1])
async def test_what_waits_when_it_is_switched_off_is_let_go(world: World, attempts: int) -> None:
    issue_id = await killed(world)
    waiting = [replace(one, attempts=attempts) for one in await kept(world, issue_id)]
    await world.store.write(world.system, lambda tx: analyses.save_logs(tx, waiting))
    await world.store.write(world.system, lambda tx: capture.switch(tx, is_on=False))
    agent = Agent(Tail(text="bye"))
    capturer = Capturer(world.store, world.clock, agent)
    await capturer.step()
    assert agent.asked == []
    assert not any(one.is_wanted for one in await kept(world, issue_id))


@pytest.mark.parametrize(("value", "asked"), [("false", False), ("False ", False), ("true", True), ("", True)])
async def test_a_namespace_may_keep_its_logs_to_itself(
    store: Store, org: OrgId, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, value: str, asked: bool
) -> None:
    monkeypatch.setattr(inventory, "KINDS", inventory.KINDS | {"Namespace"})
    world = World(store, org, clock)
    await world.create()
    await world.begin()
    raw = {"metadata": {"name": "shop", "uid": "uid-ns", "resourceVersion": "1", "annotations": {"optral.ai/capture": value}}}
    namespace = ObjectChange(Op.UPSERT, "Namespace", "uid-ns", "", "shop", "1", json.dumps(raw).encode())
    await world.snapshot(namespace, deployment(), replica_set(), pod("web-a"))
    issue_id = await killed(world)
    assert bool(await kept(world, issue_id)) is asked
    await world.store.write(world.system, lambda tx: analyze.ask(tx, issue_id, force=True))
    assert bool(await kept(world, issue_id)) is asked, "nor by hand"


async def test_a_symptom_is_not_asked_although_its_wish_is_there(world: World) -> None:
    issue_id = await killed(world)

    def attach(tx: Transaction) -> None:
        tx.execute(sa.update(metadata.tables["issues"]).where(sa.column("org_id") == world.org).values(parent_issue_id="iss_other"))

    await world.store.write(world.system, attach)
    agent = Agent(Tail(text="bye"))
    capturer = Capturer(world.store, world.clock, agent)
    await capturer.step()
    assert (agent.asked, await kept(world, issue_id)) == ([], [])
