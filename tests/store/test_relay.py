"""News between the servers of one PostgreSQL database: it arrives, and nothing breaks when it does not."""

import asyncio
import json
from collections.abc import AsyncIterator

import psycopg
import pytest

from optral.kit.hub import Follower, Hub
from optral.store import relay
from optral.store.relay import Relay
from optral.store.store import Store
from tests.support.postgres import Postgres
from tests.support.stores import FullStore

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
SOON_S = 20


class Server:
    """One server's hub and its relay."""

    def __init__(self, store: Store, url: str) -> None:
        self.hub: Hub[str] = Hub()
        self.relay = Relay(store, url, {"events": self.hub})
        self.task = asyncio.create_task(self.relay.run())

    async def ready(self) -> "Server":
        async with asyncio.timeout(SOON_S):
            await self.relay.listening.wait()
        await asyncio.sleep(0)  # what it delivers at its start is delivered
        return self


@pytest.fixture
async def servers(store: Store, database_url: str) -> AsyncIterator[tuple[Server, Server]]:
    one, other = Server(store, database_url), Server(store, database_url)
    await one.ready()
    await other.ready()
    yield one, other
    for server in (one, other):
        server.task.cancel()
    await asyncio.gather(one.task, other.task, return_exceptions=True)


async def all_of(follower: Follower[str], wanted: set[str]) -> None:
    """Wait for these keys, however many notifications bring them."""
    while wanted:
        found = await follower.wait(SOON_S)
        assert found, f"nothing came of {len(wanted)} keys"
        wanted = wanted - found


async def test_what_one_server_publishes_wakes_the_followers_of_the_other(servers: tuple[Server, Server]) -> None:
    one, other = servers
    with other.hub.follow("org_a") as follower, other.hub.follow("org_b") as stranger:
        one.hub.publish("org_a")
        assert await follower.wait(SOON_S) == {"org_a"}
        assert not stranger.pending


async def test_a_server_does_not_hear_its_own_news_twice(servers: tuple[Server, Server]) -> None:
    one, other = servers
    with one.hub.follow("mine") as here, one.hub.follow("theirs") as answer, other.hub.follow("mine") as there:
        one.hub.publish("mine")
        assert await here.wait(SOON_S) == {"mine"}
        assert await there.wait(SOON_S) == {"mine"}
        other.hub.publish("theirs")
        assert await answer.wait(SOON_S) == {"theirs"}  # came after what would have been the echo
        assert not here.pending


async def test_many_keys_go_in_few_notifications_and_all_arrive(servers: tuple[Server, Server]) -> None:
    one, other = servers
    keys = {f"cls_{number:026}" for number in range(900)}
    with other.hub.follow(*keys) as follower:
        for key in keys:
            one.hub.publish(key)
        await all_of(follower, keys)
    assert one.relay.counts["sent"] <= 10


async def test_more_keys_than_are_kept_wake_everybody(servers: tuple[Server, Server]) -> None:
    one, other = servers
    with other.hub.follow("never published") as follower:
        for number in range(relay.MAX_KEYS + 2):
            one.hub.publish(f"cls_{number:026}")
        assert await follower.wait(SOON_S) == {"never published"}


async def test_a_lost_connection_is_made_again_and_wakes_everybody(servers: tuple[Server, Server], postgres: Postgres) -> None:
    one, other = servers
    with other.hub.follow("org_a") as follower:
        with postgres.admin() as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' OR query = 'SELECT 1'")
        assert await follower.wait(SOON_S) == {"org_a"}  # something may have been missed
        one.hub.publish("org_a")
        assert await follower.wait(SOON_S) == {"org_a"}
    assert other.relay.counts["interrupted"] >= 1
    assert not other.task.done()


@pytest.mark.parametrize("payload", ["", "{", "[]", json.dumps(["x", "events"]), json.dumps(["x", "no such hub", ["k"]]), "\\u0000"])
async def test_odd_notifications_are_ignored(servers: tuple[Server, Server], database_url: str, payload: str) -> None:
    one, other = servers
    with other.hub.follow("org_a") as follower:
        await asyncio.to_thread(_notify, database_url, payload)
        one.hub.publish("org_a")
        assert await follower.wait(SOON_S) == {"org_a"}
    assert not other.task.done()


def _notify(url: str, payload: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_notify(%s, %s)", (relay.CHANNEL, payload))


async def test_a_database_that_takes_no_writes_stops_no_server(store: Store, database_url: str) -> None:
    full = FullStore(store)
    one, other = await Server(full, database_url).ready(), await Server(store, database_url).ready()
    with other.hub.follow("org_a") as follower:
        one.hub.publish("org_a")
        await full.has_tried(1)
        full.failure = None
        one.hub.publish("org_a")
        assert await follower.wait(SOON_S) == {"org_a"}
    for server in (one, other):
        server.task.cancel()
    await asyncio.gather(one.task, other.task, return_exceptions=True)
