"""How many messages of each kind an agent may send, on a clock that the test moves."""

import asyncio
from collections import Counter

import pytest

from optral.gateway.budgets import LIMITS, SIGNS, UNKNOWN, Budgets
from optral.gateway.ending import Ended
from optral.wire.agent.v1 import tunnel_pb2 as pb

LIMITED_ELSEWHERE = {
    "batch": "by the window, its size and the turns at the store",
    "goodbye": "ends the session",
    "Connect": "by its first message, the Hello",
}
KINDS = 1000


class World:
    def __init__(self) -> None:
        self.now = 1000.0
        self.counters: Counter[str] = Counter()
        self.budgets = Budgets(self.counters, lambda: self.now, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds

    async def say(self, what: str, count: int = 1, *, cluster: str = "cls_a") -> None:
        for _ in range(count):
            await self.budgets.spend(cluster, what)


@pytest.fixture
async def world() -> World:
    await asyncio.sleep(0)
    return World()


def test_every_kind_of_message_has_a_limit() -> None:
    kinds = {field.name for field in pb.Up.DESCRIPTOR.oneofs_by_name["message"].fields}
    calls = {method.name for method in pb.DESCRIPTOR.services_by_name["AgentTunnel"].methods}
    assert kinds | calls | {UNKNOWN} == LIMITS.keys() | LIMITED_ELSEWHERE.keys()
    assert not LIMITS.keys() & LIMITED_ELSEWHERE.keys()


@pytest.mark.parametrize("what", sorted(kind for kind, limit in LIMITS.items() if limit is not LIMITS["hello"]))
async def test_a_flood_is_read_at_its_rate_and_then_ends(world: World, what: str) -> None:
    limit, began = LIMITS[what], world.now
    await world.say(what, limit.burst)
    assert world.now == began
    late = int(limit.per_s * limit.excess_s)
    await world.say(what, late)
    assert world.now - began == pytest.approx(limit.excess_s)
    with pytest.raises(Ended, match="protocol_error") as caught:
        await world.say(what)
    assert caught.value.say.endswith(f" came faster than {limit.per_s:g} a second for {limit.excess_s:g} seconds")
    assert world.counters["paced"] == late


async def test_a_new_session_has_no_new_budget_and_another_cluster_has_its_own(world: World) -> None:
    await world.say("heartbeat", SIGNS.burst)
    await world.say("trust_report")
    assert world.counters["paced"] == 1
    await world.say("heartbeat", SIGNS.burst, cluster="cls_b")
    assert world.counters["paced"] == 1


async def test_a_pause_ends_the_excess(world: World) -> None:
    for _ in range(10):
        await world.say("heartbeat", SIGNS.burst + int(SIGNS.per_s * SIGNS.excess_s))
        world.now += SIGNS.burst / SIGNS.per_s


async def _inventory(world: World) -> None:
    """What the first session of an agent sends of 1,000 kinds, beside their objects."""
    await world.say("hello")
    await world.say("heartbeat")
    await world.say("trust_report")
    await world.say("kind_state", 3 * KINDS)
    await world.say("digest", KINDS)


async def test_agents_are_never_slowed_down(world: World) -> None:
    await _inventory(world)
    for _ in range(10):  # an agent that crashes again and again, of a cluster with very many kinds
        world.now += 45
        await _inventory(world)
    world.now += 60
    await world.say("command_state", 2048)  # what waited for its acknowledgement
    await world.say("heartbeat", 4)  # what waited while the server was frozen
    for _ in range(20):  # a network that breaks again and again
        world.now += 4
        await world.say("hello")
        await world.say("heartbeat")
        await world.say("digest", 100)
    assert world.counters["paced"] == 0
