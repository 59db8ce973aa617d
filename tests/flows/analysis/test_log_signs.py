"""An issue that only a log shows, from the agent's report to an answer, with and without the log itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from optral.analysis import service as analyses
from optral.analysis.model import Analysis, LogState
from optral.flows.analysis import capture
from optral.flows.analysis.analyze import AnalysisWorker
from optral.flows.analysis.capture import CaptureWorker, LogTail
from optral.kit.times import rfc3339
from optral.kube.changes import KindMark, ObjectChange, Phase
from optral.kube.kinds import LOG_SIGNS
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.analysis.test_capture import Agent
from tests.flows.inventory.inventory import KINDS, World, batch, deployment, pod, replica_set
from tests.support.clock import FakeClock
from tests.support.objects import change, reference

LINE = 'FATAL: password authentication failed for user "shop"'


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    """A cluster with one pod, which is ready, whose agent samples logs."""
    made = World(store, org, clock)
    await made.create()
    made.session = replace(made.session, kinds=KINDS | {LOG_SIGNS.id})
    await made.begin()
    await made.snapshot(deployment(), replica_set(), pod("web-a"))
    return made


def report(world: World) -> ObjectChange:
    now = world.clock.now()
    times = {"firstAt": rfc3339(now - timedelta(minutes=10)), "lastAt": rfc3339(now - timedelta(seconds=20))}
    sign: dict[str, Any] = {"sign": "credentials", "count": 40, "message": LINE, "names": {"user": "shop"}, **times}
    containers = [{"name": "api", "startedAt": "2026-01-15T00:00:00Z", "signs": [sign]}]
    body = {"apiVersion": LOG_SIGNS.api_version, "kind": LOG_SIGNS.name, "status": {"containers": containers}}
    owner = reference("Pod", "web-a", "uid-Pod-web-a")
    return change(LOG_SIGNS.id, "web-a", uid="uid-Pod-web-a-logs", owner=owner, **body)


async def opened(world: World) -> str:
    begin, end, live = (
        KindMark(LOG_SIGNS.id, Phase.SNAPSHOT_BEGIN, "g1"),
        KindMark(LOG_SIGNS.id, Phase.SNAPSHOT_END, "g1", "", 1),
        KindMark(LOG_SIGNS.id, Phase.LIVE, "g1"),
    )
    await world.send(begin, batch(report(world)), end, live)
    [issue] = await world.issues()
    assert issue.type == "CredentialsRejected"
    return issue.id


async def answer(world: World, issue_id: str) -> Analysis | None:
    world.clock.advance(30)
    await AnalysisWorker(world.store, world.clock).step()
    return await world.store.read(world.system, lambda tx: analyses.newest(tx, issue_id))


async def test_the_report_is_enough_for_an_answer(world: World) -> None:
    issue_id = await opened(world)
    await world.store.write(world.system, lambda tx: capture.switch(tx, is_on=False))
    found = await answer(world, issue_id)
    assert found is not None
    assert found.result["rootCause"]["id"] == "bad_credentials"
    assert "LogSigns" in {one["ref"]["kind"] for one in found.result["evidence"]}


async def test_the_log_of_the_present_run_alone_is_captured(world: World) -> None:
    issue_id = await opened(world)
    agent = Agent(LogTail(text=f"{LINE}\n" * 5))
    await CaptureWorker(world.store, world.clock, agent).step()
    assert agent.asked == [("web-a", "api", False)]
    held = await world.store.read(world.system, lambda tx: analyses.logs(tx, issue_id))
    assert [one.state for one in held] == [LogState.CAPTURED]
    found = await answer(world, issue_id)
    assert found is not None
    assert found.result["rootCause"]["id"] == "bad_credentials"


async def test_the_issue_began_with_the_first_line_that_shows_the_failure(world: World) -> None:
    await opened(world)
    [issue] = await world.issues()
    assert issue.first_seen_at == world.clock.now() - timedelta(minutes=10)
