"""Server and agent in one process, with real TLS between them: rows, gateway, tunnel, agent, and an API server that counts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from optral.agent.commands import policy
from optral.agent.main import AgentOptions, run
from optral.clusters import service as clusters
from optral.commands import service as commands
from optral.commands.model import Command, NewCommand, Precondition
from optral.flows import commands as flow
from optral.flows.clusters.connect import Connect
from optral.flows.clusters.manage import create
from optral.flows.clusters.presence import Presence
from optral.flows.commands import Dispatch
from optral.gateway.server import Gateway, GatewayOptions
from optral.kit.clock import SystemClock
from optral.kube.kinds import BY_ID
from optral.store.store import Store
from optral.terms import actor as actors
from optral.terms.ids import OrgId
from tests.gateway.conftest import ScriptedInventory
from tests.support import kubedouble
from tests.support.agents import KEY_ENCRYPTION_KEY
from tests.support.clock import FakeClock
from tests.support.kubedouble import KubeDouble, deployment, path_of

API = path_of("deployments", "api")
POD = path_of("pods", "api-1", group="v1")
WRITER = policy.of(["shop"])


@dataclass
class Platform:
    """One server, one cluster, one agent that can be stopped and started."""

    store: Store
    clock: FakeClock
    org: OrgId
    kube: KubeDouble
    gateway: Gateway
    presence: Presence
    cluster_id: str
    options: AgentOptions
    tasks: "list[asyncio.Task[Any]]" = field(default_factory=list)

    @property
    def actor(self) -> actors.Actor:
        return actors.system(self.org)

    def new(self, verb: str, **more: Any) -> NewCommand:
        names = ("id", "dry_run", "expires_in_s", "timeout_s", "origin")
        given = {name: more.pop(name) for name in names if name in more}
        precondition = Precondition(more.pop("if_uid", ""), more.pop("if_version", ""))
        return NewCommand(cluster_id=self.cluster_id, verb=verb, params=more, precondition=precondition, **given)

    async def ask(self, verb: str, *, wait_s: float = 15, **more: Any) -> Command:
        return await flow.ask(self.store, self.actor, self.new(verb, **more), wait_s=wait_s)

    async def get(self, command_id: str) -> Command:
        return await self.store.read(self.actor, lambda tx: commands.get(tx, command_id))

    async def enqueue(self, verb: str, **more: Any) -> Command:
        new = self.new(verb, **more)
        return await self.store.write(self.actor, lambda tx: commands.enqueue(tx, new))

    async def ended(self, command_id: str, *, wait_s: float = 15) -> Command:
        command = await flow.wait(self.store, self.actor, command_id, wait_s=wait_s)
        assert command.is_final, command
        return command

    async def online(self) -> None:
        """Until the agent's session is open and counts."""
        async with asyncio.timeout(15):
            while True:
                await self.presence.step()
                cluster = await self.store.read(self.actor, lambda tx: clusters.get(tx, self.cluster_id))
                if cluster.status == "online" and self.gateway.open_sessions:
                    return
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def agent(self, **changed: Any) -> AsyncIterator["asyncio.Task[int]"]:
        task = asyncio.create_task(run(replace(self.options, **changed)))
        try:
            await self.online()
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def kube() -> AsyncIterator[KubeDouble]:
    async with kubedouble.serving() as double:
        double.put(API, deployment(), uid="uid-api")
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": "api-1",
                "namespace": "shop",
                "ownerReferences": [{"kind": "ReplicaSet", "name": "api-x", "uid": "uid-rs"}],
            },
            "spec": {"containers": [{"name": "api"}, {"name": "side"}], "nodeName": "n1"},
        }
        double.put(POD, pod, uid="uid-pod")
        double.put("/api/v1/nodes/n1", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}, "spec": {}}, uid="uid-node")
        yield double


@pytest.fixture
async def platform(store: Store, clock: FakeClock, org: OrgId, kube: KubeDouble, tmp_path: Path) -> AsyncIterator[Platform]:
    real = SystemClock()
    authority = await store.write(actors.system(), lambda tx: clusters.open_authority(tx, key_encryption_key=KEY_ENCRYPTION_KEY))
    presence = Presence(store, real)
    gateway = Gateway(
        GatewayOptions(enroll_listen="127.0.0.1:0", tunnel_listen="127.0.0.1:0", check_every_s=0.1),
        connect=Connect(store, real, authority),
        presence=presence,
        inventory=ScriptedInventory(),
        dispatch=Dispatch(store),
        clock=real,
        hubs=store.hubs,
    )
    await gateway.start()

    async def bootstrap(_: web.Request) -> web.Response:
        addresses = {"enrollAddress": gateway.enroll_address, "tunnelAddress": gateway.tunnel_address}
        return web.json_response({"caPem": authority.ca_pem, **addresses})

    app = web.Application()
    app.router.add_get("/agent/bootstrap.json", bootstrap)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made = await store.write(actors.system(org), lambda tx: create(tx, name="shop"))
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        yaml.safe_dump(
            {
                "current-context": "c",
                "clusters": [{"name": "c", "cluster": {"server": kube.access.server}}],
                "contexts": [{"name": "c", "context": {"cluster": "c"}}],
            }
        )
    )
    options = AgentOptions(
        metrics=False,
        log_signs=False,
        server_url=f"http://127.0.0.1:{runner.addresses[0][1]}",
        ca_pin=authority.ca_pin,
        token=made.token,
        kubeconfig=kubeconfig,
        state_dir=tmp_path / "state",
        fixed_policy=WRITER,
        kinds=(BY_ID["Pod"],),
    )
    yield Platform(store, clock, org, kube, gateway, presence, made.cluster.id, options)
    kube.gate.set()
    await gateway.stop(deadline_s=0)
    await runner.cleanup()


@pytest.fixture
def clock() -> FakeClock:
    """Begins now: TLS judges certificates by the machine's clock."""
    from datetime import UTC, datetime

    return FakeClock(datetime.now(UTC).replace(microsecond=0))
