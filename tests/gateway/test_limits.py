"""What a session may send: what is above a limit ends it, what is too much is read more slowly, and who broke the protocol stays out."""

import asyncio

import pytest

from optral.gateway import session as sessions, tunnel as tunnels
from optral.gateway.turns import Bucket
from optral.kube.changes import ObjectChange, Op
from optral.wire import frames
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.gateway.conftest import Agent, World

KIB = 1024
FLOOD = 200  # messages; more than end a session, also of a server that is held up
SIGNS_PER_S = 25.0  # so slow that a busy machine does not hold the server up until it has room for all again


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
    monkeypatch.setattr(sessions, "SIGNS_PER_S", SIGNS_PER_S)
    agent = world.dial(await world.enrol())
    await agent.hello()
    began = asyncio.get_running_loop().time()
    await _flood(agent)
    answers = 0
    while (down := await agent.hear()).WhichOneof("message") == "heartbeat_ack":
        answers += 1
    took_s = asyncio.get_running_loop().time() - began
    assert down.reject.code == "protocol_error" and "heartbeat" in down.reject.message
    assert answers >= sessions.SIGNS_AT_ONCE + sessions.SIGNS_TOO_MANY
    assert answers <= sessions.SIGNS_AT_ONCE + SIGNS_PER_S * took_s + 1, "they are answered no faster than they may come"
    assert world.gateway.counters["paced"] >= sessions.SIGNS_TOO_MANY


class _Late(Bucket):
    """Of a process that is held up: whatever waits, waits three times as long, and finds room for two more."""

    def wait_s(self, now: float, amount: float = 1) -> float:
        wait_s = super().wait_s(now, amount)
        self.at -= 2 * wait_s
        return wait_s


async def test_a_flood_of_heartbeats_also_ends_the_session_where_the_server_is_held_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "SIGNS_PER_S", SIGNS_PER_S)
    monkeypatch.setattr(sessions, "Bucket", _Late)
    agent = world.dial(await world.enrol())
    await agent.hello()
    await _flood(agent)
    reject = await agent.hear_reject()
    assert reject.code == "protocol_error" and "heartbeat" in reject.message


async def _flood(agent: Agent) -> None:
    """Say all of it at once: a message on its way while the server ends the stream would hide why."""
    for _ in range(FLOOD):
        await agent.say(heartbeat=pb.Heartbeat(now_ms=1))


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
