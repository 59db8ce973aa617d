"""The front of the agents' listeners: strangers are bounded, and agents come in and stay."""

import asyncio
import contextlib
import ssl

import grpc
import pytest

from optral.gateway import front
from optral.gateway.limits import Buckets
from optral.kit.admission import ConnectionLimit
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.gateway.conftest import DEADLINE_S, Agent, World


async def _agent(world: World, name: str) -> Agent:
    agent = world.dial(await world.enrol(name))
    await agent.hello()
    return agent


async def _is_there(agent: Agent) -> bool:
    await agent.say(heartbeat=pb.Heartbeat(now_ms=1))
    return (await agent.hear()).WhichOneof("message") == "heartbeat_ack"


async def _end_of(reader: asyncio.StreamReader) -> None:
    """Wait until the server has ended the connection."""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(DEADLINE_S):
            while await reader.read(4096):
                pass


async def _stranger(address: str, says: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(says)
    return reader, writer


def _hello() -> bytes:
    """The beginning of a TLS handshake."""
    outgoing = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


@pytest.mark.parametrize("listener", ["enroll_address", "tunnel_address"])
@pytest.mark.parametrize("says", [b"", _hello()], ids=["nothing", "half a handshake"])
async def test_a_stranger_who_does_not_go_on_is_cut(world: World, listener: str, says: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (front.SILENT_S, front.IDENTIFIED_WITHIN_S) == (10, 30)
    monkeypatch.setattr(front, "SILENT_S", 0.1)
    monkeypatch.setattr(front, "IDENTIFIED_WITHIN_S", 0.1)
    reader, writer = await _stranger(getattr(world.gateway, listener), says)
    await _end_of(reader)
    writer.close()


@pytest.mark.parametrize("says", [b"", _hello()], ids=["nothing", "half a handshake"])
async def test_a_crowd_of_strangers_pushes_out_itself_and_no_agent(world: World, says: bytes) -> None:
    for one in (world.gateway._enroll_front, world.gateway._tunnel_front):
        one._admission._room = ConnectionLimit(total=8, per_address=4)
    agent = await _agent(world, "first")
    crowd = [await _stranger(address, says) for address in (world.gateway.enroll_address, world.gateway.tunnel_address) for _ in range(12)]
    assert await _is_there(await _agent(world, "other"))
    assert await _is_there(agent)
    for _, writer in crowd:
        writer.close()


async def test_an_agent_stays_longer_than_a_stranger(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = await _agent(world, "first")
    monkeypatch.setattr(front, "IDENTIFIED_WITHIN_S", 0.05)
    reader, writer = await _stranger(world.gateway.tunnel_address, _hello())
    await _end_of(reader)
    assert await _is_there(agent)
    writer.close()


async def test_enrolments_are_counted_by_the_address_of_the_client_and_not_of_the_front(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def take(_self: Buckets, key: str) -> bool:
        seen.append(key)
        return False

    monkeypatch.setattr(Buckets, "take", take)
    with pytest.raises(grpc.aio.AioRpcError):
        await world.ask(pb.EnrollRequest(token="mhe_x"))
    assert seen == ["127.0.0.1"]
