"""The loops of the background while the database is away: told of once, counted, and taken up again."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from optral.flows import retention
from optral.flows.clusters import manage, presence
from optral.flows.executions import driver
from optral.flows.issues import triage
from optral.store.store import Store
from optral.terms.errors import Unavailable
from tests.support.clock import FakeClock

AWAY = Unavailable("database_unavailable", say="the database is away")


class Away:
    """A store whose database is away while `failure` is set."""

    def __init__(self, store: Store) -> None:
        self._store, self.hubs = store, store.hubs
        self.failure: Exception | None = AWAY
        self._tried = asyncio.Condition()
        self._count = 0

    async def read(self, actor: Any, job: Any) -> Any:
        return await self._pass(self._store.read, actor, job)

    async def write(self, actor: Any, job: Any) -> Any:
        return await self._pass(self._store.write, actor, job)

    async def _pass(self, through: Any, actor: Any, job: Any) -> Any:
        async with self._tried:
            self._count += 1
            self._tried.notify_all()
        if self.failure is not None:
            raise self.failure
        return await through(actor, job)

    @property
    def depth(self) -> int:
        return self._store.depth

    async def tried_again(self, times: int) -> None:
        async with self._tried:
            until = self._count + times
            await self._tried.wait_for(lambda: self._count >= until)


Made = Callable[[Any, FakeClock], Any]
LOOPS: dict[str, Made] = {
    "triage": triage.TriageWorker,
    "purge": manage.PurgeWorker,
    "executions": driver.Driver,
    "presence": presence.Presence,
    "retention": lambda store, clock: retention.RetentionWorker(store, clock, [lambda _tx, _limit: 0]),
}


@pytest.fixture
def _in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in (
        (triage, "LOOK_EVERY_S"),
        (manage, "PURGE_EVERY_S"),
        (driver, "POLL_S"),
        (presence, "STEP_S"),
        (retention, "EVERY_S"),
    ):
        monkeypatch.setattr(module, name, 0.001)


@pytest.mark.usefixtures("_in_no_time")
@pytest.mark.parametrize("loop", LOOPS)
async def test_a_database_that_is_away_is_logged_once_and_so_is_its_recovery(store: Store, clock: FakeClock, loop: str) -> None:
    away = Away(store)
    worker = LOOPS[loop](away, clock)
    with capture_logs() as logs:
        running = asyncio.create_task(worker.run())
        await asyncio.wait_for(away.tried_again(5), 30)
        assert worker.retries.total >= 3
        away.failure = None
        await asyncio.wait_for(away.tried_again(10), 30)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [one["event"] for one in logs] == [f"{loop}.deferred", f"{loop}.recovered"]
    assert (logs[0]["log_level"], logs[0]["code"]) == ("warning", "database_unavailable")


@pytest.mark.usefixtures("_in_no_time")
@pytest.mark.parametrize("loop", LOOPS)
async def test_a_defect_ends_no_loop_and_its_cause_is_in_the_log(store: Store, clock: FakeClock, loop: str) -> None:
    broken = Away(store)
    broken.failure = ZeroDivisionError("a defect")
    worker = LOOPS[loop](broken, clock)
    with capture_logs() as logs:
        running = asyncio.create_task(worker.run())
        await asyncio.wait_for(broken.tried_again(5), 30)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [(one["event"], one["log_level"]) for one in logs] == [(f"{loop}.failed", "error")]
    assert isinstance(logs[0]["exc_info"], ZeroDivisionError)
