"""Rows that were changed or lost outside the server are found, and the agent lists their kind again."""

import pytest
import sqlalchemy as sa
import structlog

from optral.flows.inventory.recount import Recount
from optral.kube.changes import KindCursor, KindDigest, KindMark, ObjectChange, Phase
from optral.resources import model, reports, service
from optral.resources.tables import resources
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.ids import OrgId
from tests.flows.inventory.inventory import World, batch, deployment, pod, replica_set
from tests.support.clock import FakeClock
from tests.support.objects import change

PODS = (pod("web-a"), pod("web-b"), pod("web-c"))
ALL = (deployment(), replica_set(), *PODS)
HOUR_S = 3600


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    made = await World.begun(store, org, clock)
    await made.snapshot(*ALL)
    return made


@pytest.fixture
def recount(world: World) -> Recount:
    return Recount(world.clock, world.inventory)


def digest(*objects: ObjectChange) -> int:
    return sum(model.fingerprint(one.uid, one.resource_version) for one in objects) % model.SPACE


def cursors() -> list[KindCursor]:
    """What the agent says when it comes back: it was acknowledged everything."""
    by_kind: dict[str, list[ObjectChange]] = {}
    for one in ALL:
        by_kind.setdefault(one.kind, []).append(one)
    return [KindCursor(kind, "g1", len(objects), digest(*objects)) for kind, objects in by_kind.items()]


async def outside(world: World, statement: sa.Executable) -> None:
    """Change rows as a person in a database shell does."""
    await world.store.write(actor.system(), lambda tx: _run(tx, statement))


def _run(tx: Transaction, statement: sa.Executable) -> None:
    tx.execute(statement)


LOSE_TWO = sa.delete(resources).where(resources.c.name.in_(["web-a", "web-b"]))
AGE_ONE = sa.update(resources).where(resources.c.name == "web-a").values(resource_version="0")


async def list_again(world: World, *objects: ObjectChange) -> None:
    """What the agent sends when a kind must be sent again."""
    generation = "g2"
    frames = [KindMark("Pod", Phase.SNAPSHOT_BEGIN, generation), batch(*objects)]
    end = KindMark("Pod", Phase.SNAPSHOT_END, generation, "", len(objects))
    answer = await world.send(*frames, end, KindMark("Pod", Phase.LIVE, generation), KindDigest("Pod", len(objects), digest(*objects)))
    assert answer.resync == []


@pytest.mark.parametrize("damage", [pytest.param(LOSE_TWO, id="rows lost"), pytest.param(AGE_ONE, id="a row of an older backup")])
async def test_rows_changed_outside_the_server_come_back_within_an_hour(world: World, recount: Recount, damage: sa.Executable) -> None:
    await recount.step()
    await outside(world, damage)
    with world.store.hubs[reports.RESYNCS].follow(world.session.cluster_id) as follower:
        world.clock.advance(HOUR_S - 1)
        await recount.step()
        assert world.inventory.take_resyncs(world.session) == []
        world.clock.advance(1)
        with structlog.testing.capture_logs() as lines:
            await recount.step()
        assert await follower.wait(1) == {world.session.cluster_id}
    assert world.inventory.take_resyncs(world.session) == [("Pod", "rows_changed")]
    assert world.inventory.take_resyncs(world.session) == [], "each kind is named once"
    assert [(line["log_level"], line["kind"]) for line in lines] == [("warning", "Pod")]
    assert world.inventory.drifts == 1
    await list_again(world, *PODS)
    assert await world.names() == ["web-a", "web-b", "web-c"]
    world.clock.advance(HOUR_S)
    await recount.step()
    assert world.inventory.drifts == 1, "all is well again"


@pytest.mark.parametrize("is_restarted", [pytest.param(True, id="server restarted"), pytest.param(False, id="agent reconnected")])
async def test_rows_changed_outside_the_server_come_back_with_the_next_session(world: World, is_restarted: bool) -> None:
    await outside(world, LOSE_TWO)
    if is_restarted:
        world.restart()
    with structlog.testing.capture_logs() as lines:
        modes = await world.begin(*cursors())
    assert modes == {"Deployment.apps": "resume", "Event": "resume", "Pod": "snapshot", "ReplicaSet.apps": "resume"}
    assert [(line["kind"], line["rows"], line["expected"]) for line in lines if line["log_level"] == "warning"] == [("Pod", 1, 3)]
    assert world.inventory.drifts == 1
    await list_again(world, *PODS)
    assert await world.names() == ["web-a", "web-b", "web-c"]


async def test_a_cluster_whose_rows_are_right_lists_nothing_again(world: World, recount: Recount) -> None:
    for _ in range(3):
        world.clock.advance(HOUR_S)
        await recount.step()
    assert world.inventory.take_resyncs(world.session) == []
    assert set((await world.begin(*cursors())).values()) == {"resume"}
    assert world.inventory.drifts == 0


async def test_a_kind_that_is_being_listed_is_not_counted(world: World, recount: Recount) -> None:
    await world.send(KindMark("Pod", Phase.SNAPSHOT_BEGIN, "g2"), batch(pod("web-a")))
    await outside(world, LOSE_TWO)
    world.clock.advance(HOUR_S)
    await recount.step()
    assert world.inventory.take_resyncs(world.session) == []


async def test_one_cluster_is_counted_per_step(world: World, recount: Recount) -> None:
    other = World(world.store, world.org, world.clock)
    await other.create("staging")
    other.inventory = world.inventory
    await other.begin()
    await other.snapshot(*ALL)
    await outside(world, LOSE_TWO)
    world.clock.advance(HOUR_S)
    assert await recount.step() == 0
    assert world.inventory.drifts == 1
    assert await recount.step() > 0
    assert world.inventory.drifts == 2


async def test_an_object_whose_row_was_lost_keeps_its_history_and_later_changes_are_added(world: World) -> None:
    async def changes() -> list[tuple[int, str]]:
        id_ = service.id_of(world.session.cluster_id, "Deployment.apps", deployment().uid)
        return [(one.revision, one.action) for one in await world.store.read(world.system, lambda tx: service.history(tx, id_))]

    def scaled(rv: str, replicas: int) -> ObjectChange:
        return change("Deployment.apps", "web", rv=rv, spec={"replicas": replicas})

    await world.send(batch(scaled("2", 2)))
    await world.send(batch(scaled("3", 3)))
    assert await changes() == [(3, "changed"), (2, "changed")]
    await outside(world, sa.delete(resources).where(resources.c.kind == "Deployment.apps"))
    begin, end = (KindMark("Deployment.apps", phase, "g2", "", 1) for phase in (Phase.SNAPSHOT_BEGIN, Phase.SNAPSHOT_END))
    await world.send(begin, batch(scaled("3", 3)), end)
    await world.send(batch(scaled("4", 4)))
    assert await changes() == [(4, "changed"), (3, "changed"), (2, "changed")]
