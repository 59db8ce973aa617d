"""Many real agents in one process, each with a cluster and a state directory of its own, on one small API server."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2
import sqlalchemy as sa
import yaml

from optral.agent.connection.identity import Directory, Identity
from optral.agent.main import AgentOptions, run
from optral.kube.kinds import BY_ID
from optral.store import tenancy
from tests.support import faultapi
from tests.support.faultapi import FaultApi

DEADLINE_S = 40.0
POD = BY_ID["Pod"]


@dataclass
class Fleet:
    """`agents` by cluster id. `engine` reads the server's database from outside."""

    folder: Path
    server_url: str
    key: str
    engine: sa.Engine
    api: FaultApi
    options: dict[str, AgentOptions] = field(default_factory=dict)
    agents: dict[str, "asyncio.Task[int]"] = field(default_factory=dict)

    async def connect(self, count: int) -> list[str]:
        """Create so many clusters and start their agents; returns when all are online with their inventory."""
        new = [await self.enrol(f"c{len(self.options) + number}") for number in range(count)]
        await self.all_online()
        return new

    async def enrol(self, name: str, *, pin: str | None = None, **more: Any) -> str:
        """Create a cluster and start its agent with the install command's pin, or another one, and `more` options."""
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {self.key}"}, timeout=DEADLINE_S) as http:
            answer = (await http.post(f"{self.server_url}/v1/clusters", json={"name": name})).raise_for_status().json()
        cluster_id, enrollment = str(answer["id"]), answer["enrollment"]
        options = AgentOptions(
            metrics=False,
            log_signs=False,
            server_url=self.server_url,
            ca_pin=pin or enrollment["caPin"],
            token=enrollment["token"],
            kubeconfig=self.kubeconfig,
            state_dir=self.folder / cluster_id,
            kinds=(POD,),
        )
        self.options[cluster_id] = replace(options, **more)
        self.start(cluster_id)
        return cluster_id

    @property
    def kubeconfig(self) -> Path:
        path = self.folder / "kubeconfig"
        if not path.exists():
            config = {
                "current-context": "c",
                "clusters": [{"name": "c", "cluster": {"server": self.api.access.server}}],
                "contexts": [{"name": "c", "context": {"cluster": "c"}}],
            }
            path.write_text(yaml.safe_dump(config))
        return path

    def start(self, cluster_id: str) -> None:
        self.agents[cluster_id] = asyncio.create_task(run(self.options[cluster_id]), name=cluster_id)

    async def stop(self, cluster_id: str) -> None:
        task = self.agents.pop(cluster_id)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        self.options[cluster_id] = replace(self.options[cluster_id], token="")

    async def identity(self, cluster_id: str) -> Identity:
        kept = await Directory(self.folder / cluster_id).load()
        assert kept is not None
        return kept

    async def all_online(self) -> None:
        await until(lambda: self.statuses() == Counter({"online": len(self.agents)}) and self.synced() == len(self.agents))

    def statuses(self) -> Counter[str]:
        """How many clusters with a running agent have each status."""
        rows = self.rows("SELECT id, status FROM clusters WHERE deleted_at IS NULL")
        return Counter(status for cluster_id, status in rows if cluster_id in self.agents)

    def synced(self) -> int:
        rows = self.rows("SELECT id FROM clusters WHERE synced_at IS NOT NULL")
        return sum(row[0] in self.agents for row in rows)

    def went_offline(self) -> list[str]:
        """Every cluster that was ever told to be offline."""
        return [row[0] for row in self.rows("SELECT cluster_id FROM events WHERE type = 'cluster.offline'")]

    def generations(self) -> Counter[int]:
        """How many running agents hold their session with a certificate of each generation."""
        rows = self.rows("SELECT cluster_id, generation FROM agent_certificates WHERE status = 'active'")
        return Counter(generation for cluster_id, generation in rows if cluster_id in self.agents)

    def lists(self) -> int:
        """How often agents have listed pods."""
        return sum("watch" not in query or query.get("sendInitialEvents") == "true" for query in self.api.requests)

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        return rows(self.engine, statement)


def rows(engine: sa.Engine, statement: str) -> list[tuple[object, ...]]:
    """What a server's database holds, of all organizations."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT set_config('optral.org', :org, true)"), {"org": tenancy.EVERY_ORG})
        return [tuple(row) for row in connection.execute(sa.text(statement))]


@asynccontextmanager
async def running(folder: Path, *, server_url: str, key: str, engine: sa.Engine) -> AsyncIterator[Fleet]:
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240
    async with faultapi.serving() as api:
        for number in range(3):
            await api.put(f"pod-{number}")
        fleet = Fleet(folder, server_url, key, engine, api)
        try:
            yield fleet
        finally:
            for task in fleet.agents.values():
                task.cancel()
            await asyncio.gather(*fleet.agents.values(), return_exceptions=True)


async def until(true: Callable[[], bool], *, within_s: float = DEADLINE_S) -> None:
    """Wait until a look at the database says so: what is waited for happens in other threads and processes."""
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.1)
