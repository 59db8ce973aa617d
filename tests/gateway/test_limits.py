"""What a session may send: what is above a limit ends it, what is too much is read more slowly, and who broke the protocol stays out."""

import asyncio
from typing import Any

import grpc
import pytest
import structlog

from optral.access import service as access
from optral.access.model import AuditFilter
from optral.clusters import enrollment_service as enrollment, service as clusters
from optral.gateway import bans as bans, budgets, session as sessions, tunnel as tunnels
from optral.kit.paging import PageRequest
from optral.kube.changes import ObjectChange, Op
from optral.terms import actor as actors
from optral.wire import frames
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.gateway.conftest import DEADLINE_S, Enrolled, World
from tests.support.agents import KUBE_UID, AgentKey

KIB = 1024
FLOOD = 200  # messages; more than end a session


def batch(size: int) -> pb.Batch:
    return frames.pack_batch([ObjectChange(Op.UPSERT, "Pod", "uid-1", "shop", "api-1", "42", b"x" * size)])


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"batch": pb.Batch(payload_zstd=b"x" * (2048 * KIB), raw_bytes=2048 * KIB, count=1)}, id="2 MiB as it travels"),
        pytest.param({"batch": batch(3072 * KIB)}, id="3 MiB uncompressed"),
        pytest.param(
            {"heartbeat": pb.Heartbeat.FromString(b"\xf2\x7f" + b"\x80\x80\x80\x01" + b"x" * (2048 * KIB))}, id="a huge heartbeat"
        ),
        pytest.param({"goodbye": pb.Goodbye(reason="x" * (2048 * KIB))}, id="a huge Goodbye"),
    ],
)
async def test_a_message_above_the_limit_ends_the_session(world: World, message: dict[str, object]) -> None:
    agent = world.dial(await world.enrol())
    welcome = await agent.hello()
    assert welcome.max_batch_bytes == 1024 * KIB
    await agent.say(**message)  # type: ignore[arg-type]
    reject = await agent.hear_reject()
    assert (reject.code, reject.retry_after_s) == ("protocol_error", 30)


async def test_a_batch_within_the_limit_of_older_agents_is_taken(world: World) -> None:
    agent = world.dial(await world.enrol())
    await agent.hello()
    await agent.say(batch=batch(2000 * KIB))
    await agent.hear_ack(2)


async def test_who_broke_the_protocol_is_kept_out_for_the_time_in_its_reject(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunnels, "BAN_HOLD_S", 0)
    enrolled, other = await world.enrol(), await world.enrol("other")
    await break_protocol(world, enrolled)
    opened = len(world.inventory.sessions)
    world.clock.advance(10)
    again = world.dial(enrolled)
    await again.say(hello=pb.Hello())
    reject = await again.hear_reject()
    assert (reject.code, reject.message, reject.retry_after_s) == ("protocol_error", "message 9 came after 2", 20)
    assert len(world.inventory.sessions) == opened, "it costs no session"
    assert world.gateway.counters["kept_out"] == 1
    with pytest.raises(grpc.aio.AioRpcError, match="unavailable: message 9 came after 2"):
        await world.dial(enrolled).stub.Renew(pb.RenewRequest(csr_der=AgentKey().csr_der), timeout=DEADLINE_S)
    await world.dial(other).hello()
    world.clock.advance(21)
    await world.dial(enrolled).hello()


async def test_each_refusal_of_an_episode_is_twice_as_long(world: World) -> None:
    enrolled = await world.enrol()
    waits = []
    for _ in range(7):
        waits.append(await break_protocol(world, enrolled))
        world.clock.advance(waits[-1] + 1)
    assert waits == [30, 60, 120, 240, 480, 600, 600]
    world.clock.advance(bans.OVER_AFTER_S)
    world.gateway._tunnel._end_episodes()
    assert await break_protocol(world, enrolled) == 30


async def test_an_agent_that_enrolls_again_is_let_in(world: World) -> None:
    await break_protocol(world, await world.enrol())
    cluster_id = next(iter(world.gateway._tunnel._bans._bans))
    token = await world.store.write(actors.system(world.org), lambda tx: enrollment.new_enrollment_token(tx, cluster_id).token)
    key = AgentKey()
    answer = await world.ask(pb.EnrollRequest(token=token, csr_der=key.csr_der, kube_system_uid=KUBE_UID, nonce="n"))
    await world.dial_with(key.pem, answer.chain_pem).hello()


async def test_operators_see_one_episode_with_its_reason_and_its_end(world: World) -> None:
    enrolled = await world.enrol()
    me = actors.system(world.org)

    async def status() -> tuple[str, str | None]:
        await world.presence.step()
        cluster = await world.store.read(me, lambda tx: clusters.get(tx, enrolled.cluster_id))
        return cluster.status.value, cluster.status_reason

    async def audited() -> str:
        wanted, page = AuditFilter(actions=frozenset({"agent.refuse"})), PageRequest(size=50)
        return str(await world.store.read(me, lambda tx: access.find_audit(tx, wanted, page)))

    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            wait_s = await break_protocol(world, enrolled)
            assert await status() == ("online", "protocol_error")
            world.clock.advance(wait_s + 1)
        async with asyncio.timeout(DEADLINE_S):
            while "message 9 came after 2" not in await audited():  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    assert (await audited()).count("agent.refuse") == 1
    assert sum("broke the protocol" in line["event"] for line in lines) == 1
    assert await status() == ("offline", "protocol_error")
    agent = world.dial(enrolled)
    await agent.hello()
    world.clock.advance(bans.OVER_AFTER_S)
    await agent.say(heartbeat=pb.Heartbeat(now_ms=1))
    await agent.hear()
    world.gateway._tunnel._end_episodes()
    assert await status() == ("online", None)


async def break_protocol(world: World, enrolled: Enrolled) -> int:
    """For how many seconds it is refused."""
    agent = world.dial(enrolled)
    await agent.hello()
    await agent.say(heartbeat=pb.Heartbeat(now_ms=1))
    await agent.hear()
    await agent.say(seq=9)
    reject = await agent.hear_reject()
    assert reject.code == "protocol_error"
    return int(reject.retry_after_s)


SIGNS = (
    pytest.param({"heartbeat": pb.Heartbeat(now_ms=1)}, "heartbeat messages", id="heartbeats"),
    pytest.param({"trust_report": pb.TrustReport(pins=["sha256:00"])}, "trust_report messages", id="trust reports"),
    pytest.param({}, "unknown message messages", id="unknown messages"),
)


@pytest.mark.parametrize(("message", "what"), SIGNS)
async def test_a_flood_of_small_messages_ends_the_session(
    world: World, monkeypatch: pytest.MonkeyPatch, message: dict[str, Any], what: str
) -> None:
    quick = budgets.SIGNS._replace(per_s=5.0, excess_s=0.4)
    monkeypatch.setattr(budgets, "LIMITS", {kind: quick for kind, limit in budgets.LIMITS.items() if limit is budgets.SIGNS})
    agent = world.dial(await world.enrol())
    await agent.hello()
    for _ in range(FLOOD):  # all at once: a message on its way while the server ends the stream would hide why
        await agent.say(**message)
    reject = await agent.hear_reject()
    assert reject.code == "protocol_error" and reject.message.startswith(what)
    assert world.gateway.counters["paced"] == 2


async def test_sessions_in_quick_succession_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "LIMITS", {"hello": budgets.SESSIONS._replace(burst=3, per_s=0.001)})
    enrolled = await world.enrol()
    for _ in range(3):
        await world.dial(enrolled).hello()
    agent = world.dial(enrolled)
    await agent.say(hello=pb.Hello())
    assert (await agent.hear_reject()).code == "protocol_error"


async def test_a_flood_of_calls_ends_the_session(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "LIMITS", {"Renew": budgets.CALLS._replace(burst=2, per_s=0.001, excess_s=0.0)})
    agent = world.dial(await world.enrol())
    await agent.hello()
    for _ in range(2):
        await agent.stub.Renew(pb.RenewRequest(csr_der=AgentKey().csr_der), timeout=DEADLINE_S)
    with pytest.raises(grpc.aio.AioRpcError, match="rate_limited: Renew calls came faster"):
        await agent.stub.Renew(pb.RenewRequest(csr_der=AgentKey().csr_der), timeout=DEADLINE_S)
    assert (await agent.hear_reject()).message.startswith("Renew calls came faster")


async def test_more_frames_than_the_window_end_the_session(world: World) -> None:
    agent = world.dial(await world.enrol())
    welcome = await agent.hello()
    world.inventory.gate.clear()
    for _ in range(welcome.window_frames + 1):
        await agent.say(digest=pb.Digest(kind="v1/pods", sum=bytes(16)))
    reject = await agent.hear_reject()
    assert reject.code == "protocol_error" and "without an acknowledgement" in reject.message


async def test_an_inventory_of_10_000_pods_is_never_slowed_down_also_not_after_a_freeze(world: World) -> None:
    agent = world.dial(await world.enrol())
    welcome = await agent.hello()
    packed = frames.pack_batch([ObjectChange(Op.UPSERT, "Pod", f"uid-{n}", "shop", f"api-{n}", "42", b"{}") for n in range(32)])
    acked = 0
    world.inventory.gate.clear()
    for turn in range(10_000 // 32):
        if turn == welcome.window_frames - 1:
            world.inventory.gate.set()  # the window was full for as long as the server was frozen
        while agent.seq - acked >= welcome.window_frames:
            acked = max(acked, (await agent.hear()).ack)
        await agent.say(batch=packed)
    while acked < agent.seq:
        acked = max(acked, (await agent.hear()).ack)
    assert world.gateway.counters["paced"] == 0


async def test_a_full_inbox_holds_a_bounded_number_of_bytes(world: World) -> None:
    agent = world.dial(await world.enrol())
    await agent.hello()
    world.inventory.gate.clear()
    for _ in range(12):
        await agent.say(batch=batch(1900 * KIB))
    await world.inventory.entered.wait()
    session = next(iter(world.gateway._tunnel._sessions.values()))
    async with asyncio.timeout(10):
        while session._inbox_bytes < sessions.INBOX_BYTES - 1900 * KIB:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert session._inbox_bytes <= sessions.INBOX_BYTES
    world.inventory.gate.set()
    await agent.hear_ack(13)
    assert session._inbox_bytes == 0
