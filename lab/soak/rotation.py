"""A CA rotation with many agents: forward, a rollback from each phase, and once more with the server killed after each command."""

import asyncio
import json
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from optral.store.sqlite import read_engine
from tests.support import fleet as fleets
from tests.support.fleet import Fleet, until
from tests.support.platform import BIN, Platform, running

DEADLINE_S = 300.0
SETTINGS = {"OPTRAL_CA_RENEW_SECONDS": "10", "OPTRAL_RATE_LIMIT_ENTERPRISE": "1000000", "OPTRAL_LOG_LEVEL": "warning"}


@dataclass
class Outcome:
    """`lost`: clusters that were offline at any time, or whose agent exited. `listed_again`: inventories that were sent again."""

    what: str
    seconds: float
    lost: int
    listed_again: int
    generations: Counter[int] = field(default_factory=Counter)
    expected: int = 0

    @property
    def is_good(self) -> bool:
        return self.lost == 0 and self.listed_again == 0 and list(self.generations) == [self.expected]


WALKS = {
    "rotation": ["rotate", "advance", "advance", "advance"],
    "rollback in standby": ["rotate", "rollback"],
    "rollback in both": ["rotate", "advance", "rollback"],
    "rollback in signing": ["rotate", "advance", "advance", "rollback", "advance"],
}


def rounds(folder: Path, *, agents: int, walks: Sequence[str] = tuple(WALKS), kills: Sequence[bool] = (False, True)) -> list[Outcome]:
    """The outcomes of all walks, in order; each is printed when it ends."""
    with running(folder, settings=dict(SETTINGS)) as platform:
        return asyncio.run(_rounds(platform, agents, walks, kills))


async def _rounds(platform: Platform, agents: int, walks: Sequence[str], kills: Sequence[bool]) -> list[Outcome]:
    engine = read_engine(platform.folder / "data" / "optral.db")
    outcomes = []
    async with fleets.running(platform.folder / "agents", server_url=platform.url, key=platform.key, engine=engine) as fleet:
        for number in range(agents):
            await fleet.enrol(f"c{number}")
        await until(lambda: fleet.synced() == agents and fleet.statuses() == Counter({"online": agents}), within_s=DEADLINE_S)
        for is_killed in kills:
            for what in walks:
                async with _watched(fleet, what + (", SIGKILL after each command" if is_killed else ""), outcomes):
                    for command in WALKS[what]:
                        await _optral(platform, command)
                        if is_killed:
                            await asyncio.to_thread(platform.kill_server)
                            await asyncio.to_thread(platform.start_server)
    engine.dispose()
    return outcomes


@asynccontextmanager
async def _watched(fleet: Fleet, what: str, outcomes: list[Outcome]) -> AsyncIterator[None]:
    began, lists, offline = time.monotonic(), fleet.lists(), len(fleet.went_offline())
    yield
    current = int(str(fleet.rows("SELECT current FROM ca_rotation")[0][0]))
    everyone = len(fleet.agents)
    await until(
        lambda: fleet.statuses() == Counter({"online": everyone}) and fleet.generations() == {current: everyone}, within_s=DEADLINE_S
    )
    lost = len(fleet.went_offline()) - offline + sum(task.done() for task in fleet.agents.values())
    outcome = Outcome(what, time.monotonic() - began, lost, fleet.lists() - lists, fleet.generations(), current)
    print(f"{what}: {outcome.seconds:.0f} s, lost {lost}, listed again {outcome.listed_again}, CA {dict(outcome.generations)}", flush=True)
    outcomes.append(outcome)


async def _optral(platform: Platform, command: str) -> dict[str, Any]:
    """Run `optral ca …` beside the server, again while it says what it waits for."""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        done = await asyncio.to_thread(
            subprocess.run,
            [BIN / "optral", "ca", command, "-o", "json"],
            env=platform.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            state: dict[str, Any] = json.loads(done.stdout)
            return state
        assert time.monotonic() < deadline, done.stderr
        await asyncio.sleep(0.5)
