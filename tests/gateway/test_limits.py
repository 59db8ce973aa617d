"""What a session may send: what is above a limit ends it, what is too much is read more slowly, and who broke the protocol stays out."""

import asyncio

import pytest

from optral.gateway import session as sessions, tunnel as tunnels
from optral.kube.changes import ObjectChange, Op
from optral.wire import frames
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.gateway.conftest import World

KIB = 1024


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
    monkeypatch.setattr(tunnels, "OUTCAST_HOLD_S", 0)
    enrolled, other = await world.enrol(), await world.enrol("other")
    agent = world.dial(enrolled)
    await agent.hello()
    await agent.say(seq=9)
    assert (await agent.hear_reject()).code == "protocol_error"
    opened = len(world.inventory.sessions)
    world.clock.advance(10)
    again = world.dial(enrolled)
    await again.say(hello=pb.Hello())
    reject = await again.hear_reject()
    assert (reject.code, reject.retry_after_s) == ("protocol_error", 20)
    assert len(world.inventory.sessions) == opened, "it costs no session"
    assert world.gateway.counters["kept_out"] == 1
    await world.dial(other).hello()
    world.clock.advance(21)
    await world.dial(enrolled).hello()


async def test_heartbeats_are_answered_at_their_pace_and_a_flood_of_them_ends_the_session(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "SIGNS_PER_S", 50.0)
    agent = world.dial(await world.enrol())
    await agent.hello()
    began = asyncio.get_running_loop().time()
    flood = asyncio.create_task(_flood(agent.call, agent.seq))
    answers = 0
    while (down := await agent.hear()).WhichOneof("message") == "heartbeat_ack":
        answers += 1
    took_s = asyncio.get_running_loop().time() - began
    flood.cancel()
    assert down.reject.code == "protocol_error" and "heartbeat" in down.reject.message
    assert answers >= sessions.SIGNS_AT_ONCE + sessions.SIGNS_TOO_MANY
    assert answers <= sessions.SIGNS_AT_ONCE + 50 * took_s + 1, "they are answered no faster than they may come"
    assert world.gateway.counters["paced"] >= sessions.SIGNS_TOO_MANY


async def _flood(call: object, seq: int) -> None:
    while True:
        seq += 1
        await call.write(pb.Up(seq=seq, heartbeat=pb.Heartbeat(now_ms=1)))  # type: ignore[attr-defined]


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
