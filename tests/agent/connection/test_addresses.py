"""More than one server URL: tried in order, kept while it works, with the same identity everywhere."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx2
import pytest

from optral.agent.connection import tunnel
from optral.agent.connection.addresses import FAILURES, Addresses, urls_of
from optral.agent.connection.bootstrap import Document
from optral.store.sqlite import read_engine
from optral.terms.errors import Misconfigured, Unavailable
from tests.support import fleet as fleets
from tests.support.clock import FakeClock
from tests.support.fleet import Fleet, until
from tests.support.platform import Platform, free_ports

A, B, C = "a.example:8444", "b.example:8444", "c.example:8444"


class Servers:
    """What each URL says, and whether it answers."""

    def __init__(self, **says: str) -> None:
        self.says, self.asked = says, list[str]()

    async def fetch(self, url: str) -> Document:
        self.asked.append(url)
        if url not in self.says:
            raise Unavailable("server_unreachable", say=f"{url} cannot be reached")
        return Document(roots_pem=b"", endorsements=(), agent_authorities=frozenset(), enroll_address="", tunnel_address=self.says[url])


async def dialled(places: Addresses, count: int) -> list[str]:
    """The address before each of so many failed attempts."""
    found = []
    for _ in range(count):
        found.append(places.current)
        await places.after_failure()
    return found


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        pytest.param({"a": A, "b": B}, [A, B, A, B], id="both answer"),
        pytest.param({"b": B}, [A, B, A, B], id="the first is dead"),
        pytest.param({"a": A}, [A, A, A], id="the second is dead"),
        pytest.param({}, [A, A, A], id="none answers"),
        pytest.param({"a": C, "b": B}, [A, C, B, A, C], id="the first moved"),
    ],
)
async def test_the_next_url_that_answers_is_used(says: dict[str, str], expected: list[str]) -> None:
    assert await dialled(Addresses(["a", "b"], A, Servers(**says).fetch, FakeClock()), len(expected)) == expected


async def test_an_address_that_works_stays_in_use_when_the_first_comes_back() -> None:
    servers = Servers(b=B)
    places = Addresses(["a", "b"], A, servers.fetch, FakeClock())
    await places.after_failure()
    places.opened()
    servers.says["a"] = A
    assert places.current == B
    assert await dialled(places, 2) == [B, A]


async def test_the_only_url_is_asked_again_after_some_failures() -> None:
    servers = Servers(a=B)
    places = Addresses(["a"], A, servers.fetch, FakeClock())
    assert await dialled(places, 2 * FAILURES) == [A] * FAILURES + [B] * FAILURES
    assert (places.current, servers.asked) == (A, ["a"])


async def test_the_state_of_each_server_is_known() -> None:
    places = Addresses(["a", "b"], A, Servers(b=B).fetch, FakeClock())
    await places.after_failure()
    assert [(one.tunnel_address, one.error) for one in places.servers] == [("", "a cannot be reached"), (B, "")]


def test_urls_are_a_comma_list() -> None:
    assert urls_of(" http://a , http://b,,http://a") == ("http://a", "http://b")
    for bad in ("", " , ", ",".join(f"http://{number}" for number in range(9))):
        with pytest.raises(Misconfigured):
            urls_of(bad)


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """A server in a process of its own; agents come back at once."""
    monkeypatch.setattr(tunnel, "RECONNECT_S", ((0, 0.2),))
    made = Platform(tmp_path / "server")
    try:
        made.setup()
        made.start_server()
        yield made
    finally:
        made.stop()


async def start_at(platform: Platform, ports: Sequence[int]) -> None:
    """Kill the server, and start it again at these ports with the same data."""
    await asyncio.to_thread(platform.kill_server)
    platform.port, platform.enroll_port, platform.tunnel_port = ports
    platform.url = f"http://127.0.0.1:{platform.port}"
    await asyncio.to_thread(platform.start_server)


async def status(port: int) -> dict[str, object]:
    async with httpx2.AsyncClient() as http:
        return dict((await http.get(f"http://127.0.0.1:{port}/status")).json())


@pytest.mark.slow
async def test_an_agent_enrolls_by_the_second_url_and_follows_a_server_that_moves(platform: Platform, tmp_path: Path) -> None:
    dead, health, *later = free_ports(5)
    first = (platform.port, platform.enroll_port, platform.tunnel_port)
    urls = ",".join(f"http://127.0.0.1:{port}" for port in (dead, first[0], later[0]))
    engine = read_engine(platform.folder / "data" / "optral.db")
    async with fleets.running(tmp_path / "agents", server_url=platform.url, key=platform.key, engine=engine) as fleet:
        cluster = await fleet.enrol("production", server_url=urls, health_listen=f"127.0.0.1:{health}")
        await fleet.all_online()
        before = await fleet.identity(cluster)
        await start_at(platform, later)
        await reconnected(fleet, cluster, later[2])
        seen = await status(health)
        assert (seen["connected"], seen["tunnelAddress"]) == (True, f"127.0.0.1:{later[2]}")
        assert (await fleet.identity(cluster)).chain_pem == before.chain_pem, "the identity is the same at every address"
        await start_at(platform, first)
        await reconnected(fleet, cluster, first[2])
    engine.dispose()


async def reconnected(fleet: Fleet, cluster: str, port: int) -> None:
    """The agent keeps the address of the server that took its session."""
    async with asyncio.timeout(fleets.DEADLINE_S):
        while (await fleet.identity(cluster)).tunnel_address != f"127.0.0.1:{port}":  # noqa: ASYNC110 - a file
            await asyncio.sleep(0.05)
    await until(lambda: fleet.statuses()["online"] == 1)
