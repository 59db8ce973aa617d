"""A CA rotation under real agents: nobody goes offline, nobody lists again, and every phase can be rolled back."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from structlog.testing import CapturingLogger

from optral.agent.connection import returning, trust, tunnel
from optral.clusters import model
from optral.flows.clusters import ca_rotation
from optral.server import app, settings
from optral.server.app import Running
from optral.server.settings import Settings
from optral.store.postgres import engine_for
from optral.store.sqlite import read_engine
from optral.terms.errors import Refused
from optral.up import authorities, organisation
from tests.support import fleet as fleets
from tests.support.fleet import Fleet, until

pytestmark = pytest.mark.slow  # authorities, servers and agents that live for months

DRAWN = "127.0.0.1:0"
AGENTS = 3
EACH_LISTS = 2  # pods and Kubernetes Events, once


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers look and decide often, agents come back at once, and no proxy stands between them."""
    monkeypatch.setattr(ca_rotation, "LOOK_EVERY_S", 0.1)
    monkeypatch.setattr(ca_rotation, "DECIDE_EVERY_S", 0.1)
    monkeypatch.setattr(returning, "LOOKS_APART_S", 0.5)
    monkeypatch.setattr(tunnel, "RENEW_EVERY_S", 0)
    monkeypatch.setattr(tunnel, "TRUST_EVERY_S", 0.1)
    monkeypatch.setattr(model, "START_GRACE_S", 0.0)
    monkeypatch.setattr(model, "GOODBYE_OFFLINE_AFTER_S", 0.5)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def database(engine_name: str, request: pytest.FixtureRequest) -> Iterator[str | None]:
    if engine_name == "sqlite":
        yield None
        return
    server = request.getfixturevalue("postgres")
    yield server.create_database("rotation")
    server.drop_database("rotation")


@dataclass
class World:
    settings: Settings
    servers: list[Running]
    fleet: Fleet

    async def advance(self, *, force: bool = False) -> dict[str, Any]:
        """Advance as soon as nothing is waited for."""
        async with asyncio.timeout(fleets.DEADLINE_S):
            while True:
                with contextlib.suppress(Refused):
                    return await authorities.advance(self.settings, force=force)
                await asyncio.sleep(0.1)

    async def rotate(self) -> dict[str, Any]:
        return await authorities.rotate(self.settings, is_automatic=False)

    async def roll_back(self) -> dict[str, Any]:
        return await authorities.roll_back(self.settings)

    async def status(self) -> dict[str, Any]:
        return await authorities.status(self.settings)

    async def loaded(self) -> None:
        """Every server has loaded the phase, so install commands show its pin."""
        async with asyncio.timeout(fleets.DEADLINE_S):
            while (await self.status())["waitingFor"]["servers"]:  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async def phase(self, wanted: str) -> None:
        async with asyncio.timeout(fleets.DEADLINE_S):
            while (await self.status())["phase"] != wanted:  # noqa: ASYNC110
                await asyncio.sleep(0.1)


@asynccontextmanager
async def world(folder: Path, database: str | None, *, servers: int = 1, **more: object) -> AsyncIterator[World]:
    given = {"data_dir": folder / "data", "database_url": database, "listen": DRAWN, "enroll_listen": DRAWN, "tunnel_listen": DRAWN}
    wanted = settings.load(**given, ca_renew_seconds=1, **more)
    key = await organisation.create(wanted, name="Shop", email="owner@shop.test")
    engine = engine_for(database) if database else read_engine(folder / "data" / "optral.db")
    async with AsyncExitStack() as stack:
        stack.callback(engine.dispose)
        running = [await stack.enter_async_context(app.running(wanted)) for _ in range(servers)]
        fleet = await stack.enter_async_context(fleets.running(folder / "agents", server_url=running[0].api_url, key=key, engine=engine))
        yield World(wanted, running, fleet)


async def trusts_only(fleet: Fleet, cluster_id: str, pin: str) -> None:
    """The agent has stored that there is one CA again."""
    async with asyncio.timeout(fleets.DEADLINE_S):
        while trust.pins((await fleet.identity(cluster_id)).bundle_pem) != [pin]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_agents_move_to_the_new_ca_and_nobody_is_lost(tmp_path: Path, database: str | None) -> None:
    async with world(tmp_path, database) as it:
        fleet = it.fleet
        await fleet.connect(AGENTS)
        lists, old = fleet.lists(), it.servers[0].ca_pin
        new = next(one["pin"] for one in (await it.rotate())["authorities"] if not one["signs"])
        assert (await it.advance())["phase"] == "both"
        assert (await it.advance())["phase"] == "signing"
        await it.loaded()
        for pin in (old, new):  # install commands from before and after the change both work
            await fleet.enrol(f"late-{pin[-6:]}", pin=pin)
        done = await it.advance()
        assert (done["phase"], done["cutOff"]) == ("idle", [])
        await it.loaded()
        await fleet.all_online()
        assert fleet.generations() == Counter({2: AGENTS + 2})
        assert (fleet.went_offline(), fleet.lists()) == ([], lists + 2 * EACH_LISTS), "only the two new agents list"
        for cluster_id in fleet.agents:
            await trusts_only(fleet, cluster_id, new)


@pytest.mark.parametrize("advances", [0, 1, 2], ids=["standby", "both", "signing"])
async def test_a_rollback_from_each_phase_keeps_every_agent(tmp_path: Path, database: str | None, advances: int) -> None:
    async with world(tmp_path, database) as it:
        fleet = it.fleet
        await fleet.connect(AGENTS)
        lists, old = fleet.lists(), it.servers[0].ca_pin
        await it.rotate()
        for _ in range(advances):
            await it.advance()
        if advances == 2:
            await until(lambda: fleet.generations() == Counter({2: AGENTS}))
            assert (await it.roll_back())["phase"] == "reverting"
            assert (await it.advance())["phase"] == "idle"
        else:
            assert (await it.roll_back())["phase"] == "idle"
        await it.loaded()
        await fleet.enrol("late", pin=old)
        await fleet.all_online()
        assert fleet.generations() == Counter({1: AGENTS + 1})
        assert (fleet.went_offline(), fleet.lists()) == ([], lists + EACH_LISTS)
        for cluster_id in fleet.agents:
            await trusts_only(fleet, cluster_id, old)


async def test_an_agent_that_was_away_returns_while_the_old_ca_is_trusted(tmp_path: Path, database: str | None) -> None:
    async with world(tmp_path, database) as it:
        fleet = it.fleet
        away, _ = await fleet.connect(2)
        await fleet.stop(away)
        await until(lambda: "offline" in Counter(status for (status,) in fleet.rows("SELECT status FROM clusters")))
        await it.rotate()
        await it.advance()
        await it.advance()
        await until(lambda: fleet.generations() == Counter({2: 1}))
        await it.loaded()
        with pytest.raises(Refused, match="1 cluster still with a certificate of the old CA: c0"):
            await authorities.advance(it.settings, force=False)
        fleet.start(away)
        assert (await it.advance())["phase"] == "idle"
        await fleet.all_online()
        assert fleet.generations() == Counter({2: 2})


async def test_an_agent_that_missed_the_whole_rotation_gets_the_next_step(
    tmp_path: Path, database: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = CapturingLogger()
    monkeypatch.setattr(tunnel, "log", log)
    async with world(tmp_path, database) as it:
        fleet = it.fleet
        away, stays = await fleet.connect(2)
        await fleet.stop(away)
        await it.rotate()
        await it.advance()
        await it.advance()
        await until(lambda: fleet.generations() == Counter({2: 1}))
        await it.loaded()
        done = await it.advance(force=True)
        assert [one["id"] for one in done["cutOff"]] == [away]
        assert "has a certificate of the CA that goes" in done["cutOff"][0]["why"]
        await it.loaded()
        fleet.start(away)
        await until(lambda: any(call.kwargs.get("reason") == returning.REPLACED for call in log.calls))
        assert not fleet.agents[away].done(), "the document proves nothing, so the agent keeps trying"
        await fleet.stop(away)
        assert fleet.generations() == Counter({2: 1})
        assert list(fleet.agents) == [stays]
        cut_off = [row for row in fleet.rows("SELECT detail FROM audit_records WHERE action = 'ca.advance'") if away in str(row[0])]
        assert len(cut_off) == 1


async def test_an_automatic_rotation_ends_by_itself(tmp_path: Path, database: str | None) -> None:
    async with world(tmp_path, database, ca_rotation_hold_hours=0) as it:
        await it.fleet.connect(AGENTS)
        await authorities.rotate(it.settings, is_automatic=True)
        await until(lambda: it.fleet.generations() == Counter({2: AGENTS}))
        await it.phase("idle")
        await it.fleet.all_online()
        assert it.fleet.went_offline() == []


async def test_every_replica_takes_the_new_state_up_without_a_restart(tmp_path: Path, postgres: Any) -> None:
    url = postgres.create_database("replicas")
    async with world(tmp_path, url, servers=2) as it:
        fleet = it.fleet
        first, second = it.servers
        await fleet.connect(1)
        fleet.server_url = second.api_url
        await fleet.connect(1)
        await it.rotate()
        await it.advance()
        await it.advance()
        await it.advance()
        await it.loaded()
        assert fleet.generations() == Counter({2: 2})
        async with httpx2.AsyncClient() as http:
            roots = [(await http.get(f"{one.api_url}/agent/bootstrap.json")).json()["caPem"] for one in (first, second)]
        assert roots[0] == roots[1]
        await fleet.enrol("late")
        await fleet.all_online()
        assert fleet.went_offline() == []
    postgres.drop_database("replicas")
