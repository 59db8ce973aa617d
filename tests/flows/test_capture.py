"""The last words of a container: asked for when its issue opens, kept, and looked at again."""

import pytest

from optral.analysis import model, service as analyses
from optral.analysis.model import CapturedLog, Status, Trigger
from optral.flows import capture
from optral.flows.analyze import Analyst
from optral.flows.capture import Capturer, Tail
from optral.store.store import Store
from optral.terms.errors import NotFound, OptralError, Refused
from optral.terms.ids import OrgId
from tests.flows.inventory import World, batch, deployment, pod, replica_set
from tests.support.clock import FakeClock


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


async def test_keeps_no_line_that_looks_like_a_secret(world: World) -> None:
    issue_id = await killed(world)
    await Capturer(
        world.store, world.clock, Agent(Tail(text="start\nAuthorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789\nend"))
    ).step()
    for one in await kept(world, issue_id):
        assert one.text == f"start\n{capture.HIDDEN}\nend"
