"""`optral clusters connect` against a live server, while an agent is started wrong: what the person who waits is shown."""

import asyncio
import shlex
import sqlite3
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from optral.agent.main import AgentOptions, run
from optral.kit.clock import SystemClock
from tests.support import faultapi
from tests.support.fleet import POD, Fleet
from tests.support.platform import BIN, Platform, running

pytestmark = pytest.mark.slow  # processes
SHOWN_WITHIN_S = 60


class Behind(SystemClock):
    """The clock of a machine without NTP."""

    def now(self) -> datetime:
        return super().now() - timedelta(hours=2)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running(tmp_path_factory.mktemp("live")) as made:
        yield made


def unchanged(options: AgentOptions, _platform: Platform) -> AgentOptions:
    return options


def with_expired_token(options: AgentOptions, platform: Platform) -> AgentOptions:
    database = sqlite3.connect(platform.folder / "data" / "optral.db", timeout=30)
    with database:
        database.execute("UPDATE enrollment_tokens SET expires_at = created_at")
    database.close()
    return options


def with_the_pin_of_another_server(options: AgentOptions, _platform: Platform) -> AgentOptions:
    return replace(options, ca_pin="sha256:" + "0" * 64)


def with_a_clock_that_is_off(options: AgentOptions, _platform: Platform) -> AgentOptions:
    return replace(options, clock=Behind())


@pytest.mark.parametrize(
    ("change", "faults", "expected"),
    [
        pytest.param(
            with_expired_token,
            [],
            [
                "ok    Agent reached the server",
                "FAIL  Token accepted",
                "The token has expired. (127.0.0.1)",
                "Create a new install command",
            ],
            id="expired token",
        ),
        pytest.param(
            with_the_pin_of_another_server,
            [],
            ["FAIL  Token accepted", "a CA pin that is not this server's. (127.0.0.1)", "Copy the whole install command"],
            id="CA pin of another server",
        ),
        pytest.param(
            with_a_clock_that_is_off,
            [],
            ["warn  The agent's clock is 7", " seconds behind the server's.", "Synchronize both clocks with NTP"],  # 7200, or a little less
            id="clock off",
        ),
        pytest.param(
            unchanged,
            ["403"] * 50,
            ["ok    Tunnel connected", "warn  RBAC does not allow the agent to read", "Pod", "Apply the current chart or manifest"],
            id="RBAC missing",
        ),
    ],
)
async def test_who_waits_learns_what_is_wrong_and_what_to_do(
    platform: Platform,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    change: Callable[[AgentOptions, Platform], AgentOptions],
    faults: list[str],
    expected: list[str],
) -> None:
    name = request.node.callspec.id.lower().replace(" ", "-")
    async with faultapi.serving() as api, connecting(platform, name) as (command, lines):
        api.faults.extend(faults)
        kubeconfig = Fleet(tmp_path, platform.url, platform.key, sa.create_engine("sqlite://"), api).kubeconfig
        words = dict(zip(command[2::2], command[3::2], strict=True))  # optral agent --server URL --ca-pin PIN --token TOKEN
        options = AgentOptions(
            metrics=False,
            log_signs=False,
            server_url=words["--server"],
            ca_pin=words["--ca-pin"],
            token=words["--token"],
            kubeconfig=kubeconfig,
            state_dir=tmp_path / "state",
            kinds=(POD,),
        )
        agent = asyncio.create_task(run(change(options, platform)))
        seen = ""
        try:
            async with asyncio.timeout(SHOWN_WITHIN_S):
                while not all(one in seen for one in expected):
                    line = await lines.readline()
                    assert line, seen
                    seen += line.decode()
        except TimeoutError:
            pytest.fail(f"not shown in time; shown:\n{seen}")
        finally:
            agent.cancel()
            await asyncio.gather(agent, return_exceptions=True)


@asynccontextmanager
async def connecting(platform: Platform, name: str) -> AsyncIterator[tuple[list[str], asyncio.StreamReader]]:
    """The command that `connect` prints, and what it says while it waits."""
    environment = platform.environment() | {"OPTRAL_URL": platform.url, "OPTRAL_API_KEY": platform.key, "PYTHONUNBUFFERED": "1"}
    arguments = ["clusters", "connect", name, "--method", "local"]
    process = await asyncio.create_subprocess_exec(BIN / "optral", *arguments, env=environment, stdout=PIPE, stderr=PIPE)
    assert process.stdout is not None and process.stderr is not None
    try:
        line = ""
        while not line.startswith("optral agent"):
            read = await process.stdout.readline()
            assert read, (await process.stderr.read()).decode()
            line = read.decode()
        yield shlex.split(line), process.stderr
    finally:
        with suppress(ProcessLookupError):  # it may have ended by itself: the agent is connected
            process.kill()
        await process.wait()
