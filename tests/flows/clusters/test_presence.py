"""Presence over time, on a fake clock and both engines: each transition is published once."""

import asyncio

import pytest

from optral.clusters import service
from optral.clusters.model import AgentFacts, Cluster, Identity, SessionRef
from optral.events import service as events
from optral.flows.clusters import manage as flow
from optral.flows.clusters.connect import Connect
from optral.flows.clusters.presence import Presence
from optral.store.store import Store
from optral.terms import actor as actors
from optral.terms.actor import Actor
from optral.terms.ids import ClusterId, OrgId
from tests.support.agents import KEY_ENCRYPTION_KEY, KUBE_UID, AgentKey
from tests.support.clock import FakeClock

FACTS = AgentFacts(agent_version="0.1.0", kubernetes_version="v1.34.1", kube_system_uid=KUBE_UID)


class World:
    """A cluster with an enrolled agent, and the presence loop stepped by hand."""

    def __init__(self, store: Store, clock: FakeClock, org: OrgId, connect: Connect, identity: Identity) -> None:
        self.store, self.clock, self.org, self.connect, self.identity = store, clock, org, connect, identity
        self.presence = Presence(store, clock)

    async def open(self) -> SessionRef:
        ref = await self.connect.open(self.identity, FACTS, frozenset())
        self.presence.opened(ref)
        return ref

    async def pass_time(self, seconds: int, *, beating: SessionRef | None = None) -> None:
        """Step every second; with `beating`, a heartbeat every 15 seconds."""
        for second in range(1, seconds + 1):
            self.clock.advance(1)
            if beating is not None and second % 15 == 0:
                self.presence.on_heartbeat(beating, offset_ms=None)
            await self.presence.step()

    async def cluster(self) -> Cluster:
        return await self.store.read(actors.system(self.org), lambda tx: service.get(tx, self.identity.cluster_id))

    async def published(self) -> list[str]:
        news = await self.store.read(actors.system(self.org), lambda tx: events.read_after(tx, 0))
        return [f"{event.type.partition('.')[2]}:{event.data['status']}" for event in news if event.data.get("agentVersion")]


@pytest.fixture
async def world(store: Store, clock: FakeClock, org: OrgId) -> World:
    authority = await store.write(actors.system(), lambda tx: service.open_authority(tx, key_encryption_key=KEY_ENCRYPTION_KEY))
    me: Actor = actors.system(org)
    made = await store.write(me, lambda tx: flow.create(tx, name="shop"))
    connect = Connect(store, clock, authority)
    enrolled = await connect.enrol(token=made.token, csr_der=AgentKey().csr_der, kube_system_uid=KUBE_UID, nonce="n")
    identity = Identity(org, ClusterId(made.cluster.id), enrolled.fingerprint, clock.now().replace(year=2030))
    world = World(store, clock, org, connect, identity)
    clock.advance(61)  # the start's grace period has ended
    return world


async def test_online_comes_with_the_first_heartbeat_not_with_the_session(world: World) -> None:
    ref = await world.open()
    await world.presence.step()
    assert (await world.cluster()).status == "pending"
    world.presence.on_heartbeat(ref, offset_ms=2500)
    await world.presence.step()
    cluster = await world.cluster()
    assert (cluster.status, cluster.status_reason, cluster.clock_offset_ms) == ("online", None, 2500)
    assert cluster.last_heartbeat_at == world.clock.now()
    assert await world.published() == ["updated:pending", "online:online"]


async def test_a_beating_cluster_stays_online(world: World) -> None:
    ref = await world.open()
    world.presence.on_heartbeat(ref, offset_ms=None)
    await world.pass_time(60, beating=ref)
    assert await world.published() == ["updated:pending", "online:online"]


async def test_a_killed_agent_is_offline_after_45_seconds_once(world: World) -> None:
    ref = await world.open()
    world.presence.on_heartbeat(ref, offset_ms=None)
    await world.presence.step()
    world.presence.closed(ref)
    await world.pass_time(44)
    assert (await world.cluster()).status == "degraded"
    await world.pass_time(1)
    assert ((await world.cluster()).status, (await world.cluster()).status_reason) == ("offline", "heartbeats_missed")
    await world.pass_time(20)
    assert await world.published() == ["updated:pending", "online:online", "updated:degraded", "offline:offline"]


async def test_a_goodbye_is_offline_after_10_seconds_and_a_quick_return_is_no_flap(world: World) -> None:
    ref = await world.open()
    world.presence.on_heartbeat(ref, offset_ms=None)
    await world.presence.step()
    world.presence.closed(ref)
    await world.connect.close(ref, reason="agent_stopped")
    await world.pass_time(9)
    ref = await world.open()
    world.presence.on_heartbeat(ref, offset_ms=None)
    await world.pass_time(12)
    assert (await world.published())[1:] == ["online:online"]
    world.presence.closed(ref)
    await world.connect.close(ref, reason="agent_stopped")
    await world.pass_time(10)
    assert (await world.cluster()).status_reason == "agent_stopped"
    assert (await world.published())[1:] == ["online:online", "offline:offline"]
    ref = await world.open()
    world.presence.on_heartbeat(ref, offset_ms=None)
    await world.presence.step()
    assert (await world.published())[-1] == "online:online"


async def test_a_restarted_server_waits_a_minute_before_it_calls_anyone_offline(world: World) -> None:
    ref = await world.open()
    world.presence.on_heartbeat(ref, offset_ms=None)
    await world.presence.step()
    world.clock.advance(300)
    world.presence = Presence(world.store, world.clock)
    await world.pass_time(59)
    assert (await world.cluster()).status == "degraded"
    await world.pass_time(1)
    assert (await world.cluster()).status == "offline"


async def test_two_replicas_tell_a_transition_once(world: World) -> None:
    ref = await world.open()
    world.presence.on_heartbeat(ref, offset_ms=None)
    await world.presence.step()
    other = Presence(world.store, world.clock)
    world.clock.advance(120)
    await asyncio.gather(world.presence.step(), other.step())
    await asyncio.gather(world.presence.step(), other.step())
    assert [told for told in await world.published() if told.startswith("offline")] == ["offline:offline"]


async def test_heartbeats_are_written_at_most_every_15_seconds(world: World) -> None:
    ref = await world.open()
    world.presence.on_heartbeat(ref, offset_ms=None)
    await world.presence.step()
    first = world.clock.now()
    for _ in range(14):
        world.clock.advance(1)
        world.presence.on_frame(ref)
        await world.presence.step()
    assert (await world.cluster()).last_heartbeat_at == first
    world.clock.advance(1)
    world.presence.on_frame(ref)
    await world.presence.step()
    assert (await world.cluster()).last_heartbeat_at == world.clock.now()


async def test_a_deleted_cluster_is_judged_no_more(world: World) -> None:
    ref = await world.open()
    world.presence.on_heartbeat(ref, offset_ms=None)
    await world.presence.step()
    await world.store.write(actors.system(world.org), lambda tx: flow.delete(tx, world.identity.cluster_id))
    world.presence.closed(ref)
    told = await world.published()
    await world.pass_time(50)
    assert await world.published() == told
    assert told[-2:] == ["offline:offline", "updated:offline"]


async def test_a_dead_agent_is_offline_although_its_last_heartbeat_lies_in_the_future(world: World) -> None:
    """It was written while the clock was an hour ahead; then the clock was corrected and the server restarted."""
    ref = await world.open()
    world.presence.on_heartbeat(ref, offset_ms=None)
    await world.presence.step()
    world.clock.set_wall(-3600)
    world.presence = Presence(world.store, world.clock)
    await world.pass_time(180)
    assert (await world.cluster()).status == "offline"


@pytest.mark.parametrize("wrong_s", [7 * 86_400, -7 * 86_400], ids=["ahead", "behind"])
async def test_a_server_with_a_wrong_clock_calls_no_agent_of_another_server_offline(world: World, wrong_s: float) -> None:
    ref = await world.open()
    world.presence.on_heartbeat(ref, offset_ms=None)
    await world.presence.step()
    clock = FakeClock(world.clock.now())
    other = Presence(world.store, clock)
    for second in range(1, 301):
        world.clock.advance(1)
        clock.advance(1)
        if second == 100:
            clock.set_wall(wrong_s)
        if second % 15 == 0 and second <= 200:
            world.presence.on_heartbeat(ref, offset_ms=None)
        if second <= 200:
            await world.presence.step()
        await other.step()
        if second <= 200:
            assert (await world.cluster()).status == "online"
    assert (await world.cluster()).status == "offline"  # and it sees when that server and its agents are gone


async def is_stale(world: World) -> bool:
    standing = await world.store.read(actors.system(world.org), lambda tx: service.standing(tx, world.identity.cluster_id))
    return standing.stale


async def test_a_clock_that_jumps_ahead_makes_no_connected_cluster_stale(world: World) -> None:
    ref = await world.open()
    world.presence.on_heartbeat(ref, offset_ms=None)
    await world.presence.step()
    assert not await is_stale(world)
    world.clock.set_wall(7 * 86_400)
    assert not await is_stale(world), "no heartbeat is written yet by the new time"
    for _ in range(40):
        await world.pass_time(1)
        world.presence.on_frame(ref)
        assert not await is_stale(world)


@pytest.mark.parametrize("is_restarted", [pytest.param(False, id="running"), pytest.param(True, id="restarted")])
async def test_a_clock_that_is_set_back_makes_no_dead_cluster_current(world: World, is_restarted: bool) -> None:
    ref = await world.open()
    world.presence.on_heartbeat(ref, offset_ms=None)
    await world.presence.step()
    world.presence.closed(ref)
    await world.pass_time(50)
    assert ((await world.cluster()).status, await is_stale(world)) == ("offline", True)
    world.clock.set_wall(-3600)
    if is_restarted:
        world.presence = Presence(world.store, world.clock)
    for _ in range(90):
        await world.pass_time(1)
        assert ((await world.cluster()).status, await is_stale(world)) == ("offline", True)


@pytest.mark.parametrize("away_s", [300, 3600, -3600], ids=["a normal downtime", "the clock is set ahead meanwhile", "and back"])
async def test_a_restarted_server_does_not_trust_the_stored_status(world: World, away_s: float) -> None:
    ref = await world.open()
    world.presence.on_heartbeat(ref, offset_ms=None)
    await world.presence.step()
    world.clock.set_wall(away_s)
    world.presence = Presence(world.store, world.clock)
    await world.presence.step()
    assert await is_stale(world)
    ref = await world.open()
    world.presence.on_heartbeat(ref, offset_ms=None)
    await world.presence.step()
    assert not await is_stale(world), "the agent is back"


async def test_a_cluster_that_another_server_brings_back_is_current_whatever_the_clock_here_says(world: World) -> None:
    clock = FakeClock(world.clock.now())
    other = Presence(world.store, clock)
    clock.advance(120)
    clock.set_wall(86_400)
    ref = await world.open()
    world.presence.on_heartbeat(ref, offset_ms=None)
    await world.presence.step()
    for _ in range(40):
        clock.advance(1)
        await world.pass_time(1)
        world.presence.on_frame(ref)
        await other.step()
        assert not await is_stale(world)
