"""What time alone reveals, and when it must not be asked."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from optral.clusters.model import ClusterStatus
from optral.detectors.tuning import TuningScope
from optral.flows.issues import detector_settings
from optral.flows.issues.detector_settings import REMEMBERED_S
from optral.kube.changes import KindMark, Phase
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.inventory import inventory
from tests.flows.inventory.inventory import World, batch, deployment, pod, replica_set
from tests.support.clock import NOON, FakeClock
from tests.support.objects import change

WEB = (deployment(), replica_set())


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    made = await World.begun(store, org, clock)
    await made.snapshot(*WEB, pod("web-a"))
    return made


async def test_a_kill_fades_and_its_issue_ends_by_time_alone(world: World) -> None:
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    await world.advance(600)
    assert [issue.status for issue in await world.issues()] == ["open"]
    await world.advance(119)
    assert [issue.status for issue in await world.issues()] == ["open"]
    await world.advance(1)
    [issue] = await world.issues()
    assert (issue.status, issue.resolution, issue.resolved_at) == ("resolved", "recovered", NOON + timedelta(seconds=720))
    assert [kind for kind, _ in await world.published()] == ["issue.created", "issue.resolved"]


async def test_a_debounce_ends_by_time_alone(world: World) -> None:
    waiting = {"name": "api", "ready": False, "restartCount": 0, "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no"}}}
    status = {"phase": "Pending", "containerStatuses": [waiting]}
    spec = {"nodeName": "n1", "containers": [{"name": "api", "image": "nowhere/x:1"}]}
    await world.send(batch(change("Pod", "b", spec=spec, status=status, metadata={"creationTimestamp": "2026-01-15T12:00:00Z"})))
    before = await world.issues()
    await world.advance(600)
    assert before == []
    assert [issue.type for issue in await world.issues()] == ["ImagePullBackOff"]


async def test_a_run_that_never_begins_is_missed_by_time_alone(
    store: Store, org: OrgId, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "KINDS", frozenset({"CronJob.batch"}))
    world = await World.begun(store, org, clock)
    made = {"creationTimestamp": "2026-01-15T12:00:00Z"}
    await world.snapshot(change("CronJob.batch", "report", spec={"schedule": "*/10 * * * *"}, metadata=made))
    await world.advance(1300)
    before = await world.issues()
    await world.advance(60)
    assert before == []
    assert [issue.type for issue in await world.issues()] == ["CronJobMissedSchedule"]


async def test_a_state_without_a_beginning_opens_after_its_debounce(world: World) -> None:
    short = {"replicas": 0, "updatedReplicas": 1, "readyReplicas": 0, "availableReplicas": 0}
    await world.send(batch(change("Deployment.apps", "lost", spec={"replicas": 1}, status=short)))
    await world.advance(290)
    before = await world.issues()
    await world.advance(20)
    assert before == []
    assert [issue.type for issue in await world.issues()] == ["DeploymentReplicasUnavailable"]


async def test_an_offline_cluster_keeps_its_issues(world: World) -> None:
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    await world.presence(ClusterStatus.OFFLINE)
    await world.advance(1500)
    assert [issue.status for issue in await world.issues()] == ["open"]

    world.restart()
    await world.presence(ClusterStatus.ONLINE)
    await world.advance(60)
    assert [issue.status for issue in await world.issues()] == ["open"], "no session yet: nothing is known"
    await world.begin()
    *first, last = world.frames(*WEB, pod("web-a", rv="2", killed_at=NOON), generation="g2")
    for frames in first:
        await world.send(*frames)
    await world.advance(60)
    assert [issue.status for issue in await world.issues()] == ["open"], "the inventory is not current yet"
    await world.send(*last)
    await world.advance(121)
    assert [issue.status for issue in await world.issues()] == ["resolved"]


async def test_a_kind_that_went_out_of_sight_keeps_its_issues(world: World) -> None:
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    await world.send(KindMark("Pod", Phase.FORBIDDEN, ""))
    await world.advance(1500)
    assert [issue.status for issue in await world.issues()] == ["open"]
    world.restart()
    await world.begin()
    for frames in world.frames(*WEB, generation="g2"):
        await world.send(*(frames if frames[0].kind != "Pod" else [KindMark("Pod", Phase.FORBIDDEN, "")]))  # type: ignore[union-attr]
    await world.advance(1500)
    assert [issue.status for issue in await world.issues()] == ["open"]


async def test_due_times_survive_a_restart(world: World) -> None:
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    world.restart()
    await world.begin()
    await world.snapshot(*WEB, pod("web-a", rv="2", killed_at=NOON), generation="g2")
    await world.advance(720)
    [issue] = await world.issues()
    assert (issue.status, issue.count, issue.resolved_at) == ("resolved", 1, NOON + timedelta(seconds=720))


class Held:
    """A store whose next write is committed and answered only when it is released."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.committed, self.released = asyncio.Event(), asyncio.Event()

    async def read(self, *given: Any) -> Any:
        return await self._store.read(*given)

    async def write(self, *given: Any) -> Any:
        answer = await self._store.write(*given)
        if not self.committed.is_set():
            self.committed.set()
            await self.released.wait()
        return answer


async def test_settings_that_change_while_frames_are_committed_are_judged_in_the_next_step(world: World) -> None:
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    await world.advance(60)
    world.clock.advance(REMEMBERED_S)
    await world.sweep.step()
    world.clock.advance(5)
    world.inventory.tuning.forget(world.org)
    await world.send(batch(pod("web-b")))
    world.clock.advance(REMEMBERED_S - 4)
    off = {"is_enabled": False}
    await world.store.write(world.system, lambda tx: detector_settings.change(tx, "OOMKilled", TuningScope(), off))
    held = Held(world.store)
    world.inventory._store = held  # type: ignore[assignment]
    sending = asyncio.create_task(world.send(batch(pod("web-a", rv="3", killed_at=NOON))))
    await held.committed.wait()
    await world.sweep._notice_tuning()
    held.released.set()
    await sending
    await world.sweep.step()
    assert [issue.status for issue in await world.issues()] == ["resolved"]


async def test_nothing_due_costs_no_transaction(world: World) -> None:
    async def refuse(*_: object) -> None:
        raise AssertionError("the store was asked")

    world.inventory._store = type("Closed", (), {"write": staticmethod(refuse)})()  # type: ignore[assignment]
    assert await world.sweep.step() == 5


async def test_a_newer_session_ends_the_sweep_of_the_old_one(world: World) -> None:
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    newer = World(world.store, world.org, world.clock)
    newer.session = world.session
    assert len(world.inventory.sessions()) == 1
    world.inventory.end(newer.session)
    assert world.inventory.sessions() == []
    await world.advance(800)
    assert [issue.status for issue in await world.issues()] == ["open"]
