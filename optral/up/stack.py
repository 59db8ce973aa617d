"""Server and agent around one cluster: started in order, stopped in reverse, whatever happens in between.

The order: organization and key on an empty database, the server in this process, the cluster's record over the REST API, then the agent as
a child with a one-use token. A later start finds the record again and gives the agent nothing: it still has its certificate.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from optral.client.client import Client
from optral.client.errors import ClientError
from optral.server import app, logs
from optral.up import child, organisation, record
from optral.up.record import Record

if TYPE_CHECKING:
    from optral.server.settings import Settings

ORGANISATION = "Local"
OWNER = "owner@localhost.localdomain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The cluster to look at: its name in Optral, what tells it from others, how the agent reaches it, and what it may change there.

    `policy` is YAML (see agent/commands/policy.py); empty: nothing.
    """

    name: str
    key: str
    kubeconfig: Path | None
    context: str | None
    policy: str = ""
    is_demo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A running server with its agent. `setup_link` opens the dashboard once; None when somebody can sign in already."""

    api_url: str
    enroll_address: str
    tunnel_address: str
    api_key: str
    cluster_id: str
    client: Client
    agent: child.Agent
    setup_link: str | None = None


@asynccontextmanager
async def running(settings: "Settings", subject: Subject, *, directory: Path) -> AsyncIterator[Stack]:
    """Run server and agent with their state in `directory`, until the block ends."""
    known = record.load(directory)
    if not known.api_key:
        known.api_key = await organisation.create(settings, name=ORGANISATION, email=OWNER)
        record.save(directory, known)
    async with app.running(settings) as server:
        with Client(server.api_url, known.api_key) as client:
            cluster_id, token = await asyncio.to_thread(_register, client, known, subject, directory)
            record.save(directory, known)
            async with child.agent(
                server_url=server.api_url, ca_pin=server.ca_pin, token=token, kubeconfig=subject.kubeconfig, context=subject.context,
                state_dir=_state_of(directory, cluster_id), log=directory / "agent.log", policy=_policy_of(directory, cluster_id, subject),
                is_demo=subject.is_demo,
            ) as agent:  # fmt: skip
                yield Stack(
                    api_url=server.api_url, enroll_address=server.enroll_address, tunnel_address=server.tunnel_address,
                    api_key=known.api_key, cluster_id=cluster_id, client=client, agent=agent,
                    setup_link=next(iter(server.setup_links), None),
                )  # fmt: skip


def log_to(path: Path) -> None:
    """Send the server's log to a file: the screen belongs to the reader."""
    logs.configure("text", "info")
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(path.open("a", encoding="utf-8"))
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # our own questions to our own server


def _register(client: Client, known: Record, subject: Subject, directory: Path) -> tuple[str, str | None]:
    """The cluster's id, and a token when its agent has no certificate yet."""
    if (cluster_id := known.clusters.get(subject.key)) is not None:
        try:
            client.clusters.get(cluster_id)
        except ClientError as error:
            if error.status != 404:
                raise
        else:
            has_certificate = any(_state_of(directory, cluster_id).iterdir())
            return cluster_id, None if has_certificate else client.clusters.enrollment_token(cluster_id).value.token
    created = client.clusters.create(subject.name).value
    known.clusters[subject.key] = created.id
    _state_of(directory, created.id)
    return created.id, created.enrollment.token


def _policy_of(directory: Path, cluster_id: str, subject: Subject) -> Path | None:
    """The path of the agent's policy file, which each start writes again; None without a policy."""
    if not subject.policy:
        return None
    path = directory / "agents" / f"{cluster_id}.policy.yaml"
    path.write_text(subject.policy)
    return path


def _state_of(directory: Path, cluster_id: str) -> Path:
    """The directory of the agent's key and certificate."""
    state = directory / "agents" / cluster_id
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    return state
