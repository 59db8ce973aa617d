"""A real gateway on loopback with real TLS, a scripted inventory, and an agent that can say anything."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest

from optral.clusters import service
from optral.clusters.authority import Authority
from optral.clusters.model import SessionRef
from optral.flows.clusters import manage as flow
from optral.flows.clusters.connect import Connect
from optral.flows.clusters.presence import Presence
from optral.flows.commands import Dispatch
from optral.gateway.server import Gateway, GatewayOptions
from optral.kube.changes import ChangeBatch, Frame, KindCursor
from optral.store.store import Store
from optral.terms import actor as actors
from optral.terms.ids import OrgId
from optral.wire.agent.v1 import tunnel_pb2 as pb, tunnel_pb2_grpc as rpc
from tests.support.agents import KEY_ENCRYPTION_KEY, KUBE_UID, AgentKey
from tests.support.clock import FakeClock

DEADLINE_S = 30.0


@dataclass
class Answer:
    resync: Sequence[tuple[str, str]] = ()


@dataclass
class ScriptedInventory:
    """Takes what comes; `gate` closed holds the commit back, `errors` are raised one by one first."""

    sessions: list[SessionRef] = field(default_factory=list)
    groups: list[list[Frame]] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    resync: list[tuple[str, str]] = field(default_factory=list)
    later: list[tuple[str, str]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    entered: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def begin(self, session: SessionRef, cursors: Sequence[KindCursor]) -> Mapping[str, str]:
        self.sessions.append(session)
        return {cursor.kind: "resume" if cursor.generation else "snapshot" for cursor in cursors}

    def take_resyncs(self, session: SessionRef) -> list[tuple[str, str]]:
        taken, self.later = self.later, []
        return taken

    async def ingest(self, session: SessionRef, frames: Sequence[Frame]) -> Answer:
        self.entered.set()
        await self.gate.wait()
        if self.errors:
            raise self.errors.pop(0)
        for frame in frames:
            if isinstance(frame, ChangeBatch):
                frame.unpack()
        self.groups.append(list(frames))
        resync, self.resync = self.resync, []
        return Answer(resync)


@dataclass
class Enrolled:
    """What an agent holds after enrolling."""

    key_pem: bytes
    chain_pem: bytes
    cluster_id: str


class Agent:
    """An agent's end of one tunnel; sequence numbers are its own unless given."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel = channel
        self.stub = rpc.AgentTunnelStub(channel)  # type: ignore[no-untyped-call]
        self.call: Any = self.stub.Connect()
        self.seq = 0

    async def say(self, *, seq: int | None = None, **message: Any) -> None:
        self.seq = self.seq + 1 if seq is None else seq
        async with asyncio.timeout(DEADLINE_S):
            await self.call.write(pb.Up(seq=self.seq, **message))

    async def hear(self) -> pb.Down:
        async with asyncio.timeout(DEADLINE_S):
            down = await self.call.read()
        assert down is not grpc.aio.EOF, "the server ended the stream"
        assert isinstance(down, pb.Down)
        return down

    async def hear_ack(self, seq: int) -> None:
        while (await self.hear()).ack < seq:
            continue

    async def hear_reject(self) -> pb.Reject:
        """Read until the Reject; the stream must end after it."""
        while (down := await self.hear()).WhichOneof("message") != "reject":
            pass
        async with asyncio.timeout(DEADLINE_S):
            assert await self.call.read() is grpc.aio.EOF
        return down.reject

    async def hello(self, *, uid: str = KUBE_UID, **info: Any) -> pb.Welcome:
        await self.say(hello=hello(uid=uid, **info))
        down = await self.hear()
        assert down.WhichOneof("message") == "welcome", down
        return down.welcome


def hello(*, uid: str = KUBE_UID, version: str = "0.1.0", protocol_min: int = 1, protocol_max: int = 1) -> pb.Hello:
    info = pb.AgentInfo(agent_version=version, protocol_min=protocol_min, protocol_max=protocol_max, kube_system_uid=uid)
    return pb.Hello(info=info, cursors=[pb.KindCursor(kind="v1/pods"), pb.KindCursor(kind="v1/nodes", generation="g")])


@dataclass
class World:
    store: Store
    clock: FakeClock
    org: OrgId
    authority: Authority
    presence: Presence
    inventory: ScriptedInventory
    gateway: Gateway
    channels: list[grpc.aio.Channel] = field(default_factory=list)

    def channel(self, address: str, *, key_pem: bytes | None = None, chain_pem: bytes | None = None) -> grpc.aio.Channel:
        credentials = grpc.ssl_channel_credentials(self.authority.ca_pem.encode(), key_pem, chain_pem)
        channel = grpc.aio.secure_channel(address, credentials, options=[("grpc.use_local_subchannel_pool", 1)])
        self.channels.append(channel)
        return channel

    async def token(self, name: str = "shop") -> tuple[str, str]:
        made = await self.store.write(actors.system(self.org), lambda tx: flow.create(tx, name=name))
        return made.cluster.id, made.token

    async def ask(self, request: pb.EnrollRequest) -> pb.Certificate:
        stub = rpc.EnrollmentStub(self.channel(self.gateway.enroll_address))  # type: ignore[no-untyped-call]
        answer: pb.Certificate = await stub.Enroll(request, timeout=DEADLINE_S)
        return answer

    async def enrol(self, name: str = "shop") -> Enrolled:
        _, token = await self.token(name)
        key = AgentKey()
        answer = await self.ask(pb.EnrollRequest(token=token, csr_der=key.csr_der, kube_system_uid=KUBE_UID, nonce="n"))
        return Enrolled(key.pem, answer.chain_pem, answer.cluster_id)

    def dial(self, enrolled: Enrolled) -> Agent:
        return self.dial_with(enrolled.key_pem, enrolled.chain_pem)

    def dial_with(self, key_pem: bytes | None, chain_pem: bytes | None) -> Agent:
        return Agent(self.channel(self.gateway.tunnel_address, key_pem=key_pem, chain_pem=chain_pem))


@pytest.fixture
def clock() -> FakeClock:
    """Begins now: TLS judges certificates by the machine's clock."""
    return FakeClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
async def world(store: Store, clock: FakeClock, org: OrgId) -> AsyncIterator[World]:
    authority = await store.write(actors.system(), lambda tx: service.open_authority(tx, key_encryption_key=KEY_ENCRYPTION_KEY))
    presence, inventory = Presence(store, clock), ScriptedInventory()
    options = GatewayOptions(enroll_listen="127.0.0.1:0", tunnel_listen="127.0.0.1:0", check_every_s=0.1)
    gateway = Gateway(
        options,
        connect=Connect(store, clock, authority),
        presence=presence,
        inventory=inventory,
        dispatch=Dispatch(store),
        clock=clock,
        hubs=store.hubs,
    )
    await gateway.start()
    world = World(store, clock, org, authority, presence, inventory, gateway)
    try:
        yield world
    finally:
        inventory.gate.set()
        for channel in world.channels:
            await channel.close()
        await gateway.stop(deadline_s=0)
