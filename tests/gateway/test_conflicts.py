"""Two agents with one identity are one conflict that names both, one log line a minute, and over once one of them is gone."""

import asyncio

import structlog

from optral.access import service as access
from optral.access.model import AuditFilter
from optral.clusters import service as clusters
from optral.gateway.conflicts import OVER_AFTER_S, Conflicts, Opening
from optral.kit.paging import PageRequest
from optral.terms import actor as actors
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.gateway.conftest import Agent, Enrolled, World
from tests.support.agents import KUBE_UID


def openings(conflicts: Conflicts, instances: str, *, every_s: float = 30.0, at: float = 0.0) -> list[bool]:
    return [
        conflicts.opened("cls", Opening(instance, f"10.0.0.{ord(instance)}", at + number * every_s))
        for number, instance in enumerate(instances)
    ]


def test_a_conflict_begins_once_when_instances_come_back_by_turns() -> None:
    assert openings(Conflicts(), "abababab") == [False, False, False, True, False, False, False, False]


def test_restarts_reconnections_and_a_rollout_are_no_conflict() -> None:
    for instances in ("abcdefgh", "aaaaaaaa", "aabbbccc", "aba"):
        assert not any(openings(Conflicts(), instances)), instances
    assert not any(openings(Conflicts(), "abababab", every_s=OVER_AFTER_S)), "too seldom"


def test_a_conflict_names_both_and_ends_when_nobody_comes_back() -> None:
    conflicts = Conflicts()
    openings(conflicts, "abab")
    assert [one["instance"] for one in conflicts.agents("cls")] == ["a", "b"]
    assert conflicts.open == 1
    assert [conflicts.may_log("cls", now) for now in (90, 100, 149, 150, 151)] == [True, False, False, True, False]
    assert conflicts.over(91.0) == []
    assert conflicts.over(91.0 + OVER_AFTER_S) == ["cls"]
    assert conflicts.open == 0
    assert not conflicts.may_log("cls", 1000.0)


async def connect(world: World, enrolled: Enrolled, instance: str) -> Agent:
    agent = world.dial(enrolled)
    info = pb.AgentInfo(agent_version="0.1.0", protocol_min=1, protocol_max=1, kube_system_uid=KUBE_UID, instance=instance)
    await agent.say(hello=pb.Hello(info=info))
    while (await agent.hear()).WhichOneof("message") != "welcome":
        pass
    await agent.say(heartbeat=pb.Heartbeat(now_ms=1))
    await agent.hear()
    return agent


async def test_operators_see_one_conflict_that_names_both_and_its_end(world: World) -> None:
    enrolled = await world.enrol()
    me = actors.system(world.org)

    async def reason() -> tuple[str, str | None]:
        await world.presence.step()
        cluster = await world.store.read(me, lambda tx: clusters.get(tx, enrolled.cluster_id))
        return cluster.status.value, cluster.status_reason

    with structlog.testing.capture_logs() as lines:
        for instance in ("pod-a", "pod-b") * 8:
            agent = await connect(world, enrolled, instance)
            world.clock.advance(1)
        assert await reason() == ("online", "two_agents_one_identity")
    said = [line for line in lines if "take the tunnel from each other" in line["event"]]
    assert len(said) == 1, "one line a minute"
    assert [one["instance"] for one in said[0]["agents"]] == ["pod-a", "pod-b"]
    assert world.gateway.counters["conflicts"] == 1
    wanted, page = AuditFilter(actions=frozenset({"agent.conflict"})), PageRequest(size=50)
    async with asyncio.timeout(10):
        while not (records := await world.store.read(me, lambda tx: access.find_audit(tx, wanted, page))):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert len(records) == 1
    assert "pod-a" in str(records) and "pod-b" in str(records)
    world.clock.advance(OVER_AFTER_S + 1)
    await agent.say(heartbeat=pb.Heartbeat(now_ms=1))
    await agent.hear()
    world.gateway._tunnel._end_episodes()
    assert await reason() == ("online", None)
