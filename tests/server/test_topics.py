"""What a server publishes wakes those who wait on this server, and nobody on another one in the same process."""

import importlib
import pkgutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import pytest

import optral
from optral.kit.hub import ANY, Topic
from optral.server import background, database, settings
from optral.server.database import Base
from optral.store.transaction import Transaction
from optral.terms.actor import system
from tests.support.clock import FakeClock

LOCAL = {
    "alerts waiting": "this server answers them; the others look at what is due",
    "executions due": "the driver of this server takes it up; the others look at what is due",
    "deliveries due": "this server sends it; the others look at what is due",
    "mail due": "this server sends it; the others look at what is due",
    "pull requests due": "the worker of this server takes it up; the others look at what is due",
    "trigger firings due": "this server tries it; the others look at what is due",
    "analyses due": "this server works on it; the others look at what is due",
    "logs due": "this server fetches them; the others look at what is due",
    "CA rotation loaded": "each server loads the state itself",
    "resyncs": "the session of the agent is on this server",
}
"""The topics that other servers need not know of, with the reason."""


def _topics() -> list[Topic[Any]]:
    """Every topic that a module of Optral declares."""
    modules = [
        importlib.import_module(module.name)
        for module in pkgutil.walk_packages(optral.__path__, "optral.")
        if module.name.endswith(("service", "reports"))
    ]
    return list({id(value): value for module in modules for value in vars(module).values() if isinstance(value, Topic)}.values())


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[tuple[Base, Base]]:
    async with AsyncExitStack() as stack:
        one, other = [
            await stack.enter_async_context(database.opened(settings.load(data_dir=tmp_path / name), FakeClock())) for name in ("a", "b")
        ]
        yield one, other


async def test_two_servers_in_one_process_do_not_wake_each_other(servers: tuple[Base, Base]) -> None:
    one, other = servers

    def publish_all(tx: Transaction) -> None:
        for topic in _topics():
            tx.publish(topic, ANY)

    with ExitStack() as stack:
        here = [stack.enter_context(one.store.hubs[topic].follow(ANY)) for topic in _topics()]
        there = [stack.enter_context(other.store.hubs[topic].follow(ANY)) for topic in _topics()]
        await one.store.write(system(), publish_all)
        assert [await follower.wait(5) for follower in here] == [{ANY}] * len(here)
        assert [await follower.wait(0) for follower in there] == [set()] * len(there)


def test_each_topic_is_sent_to_other_servers_or_has_a_reason_not_to_be() -> None:
    names = sorted(topic.name for topic in _topics())
    assert names == sorted([*LOCAL, *(topic.name for topic in background.RELAYED)])
