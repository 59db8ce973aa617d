"""The walk of ingest: frames of one session become rows, issues and events, once."""

from datetime import timedelta
from pathlib import Path

import pytest

from optral.alerts import service as alerts
from optral.alerts.model import Alert, AlertStatus, Outcome
from optral.alerts.service import AlertFilter
from optral.clusters.model import SessionRef
from optral.flows.inventory.ingest import Inventory
from optral.kit.paging import PageRequest
from optral.kube.changes import BadFrame, ChangeBatch, KindCursor, KindDigest, KindMark, ObjectChange, Phase
from optral.resources import model, service as resources
from optral.store.disk import Disk
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import Refused, Unavailable
from optral.terms.ids import OrgId
from tests.conftest import new_org
from tests.flows.inventory.inventory import World, batch, deployment, pod, replica_set
from tests.support.clock import NOON, FakeClock
from tests.support.objects import change, gone

WEB = (deployment(), replica_set())


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    return await World.begun(store, org, clock)


async def test_a_kill_becomes_one_issue_and_one_event(world: World) -> None:
    await world.snapshot(*WEB, pod("web-a"))
    assert await world.issues() == []
    world.clock.advance(5)
    await world.send(batch(pod("web-a", rv="2", killed_at=world.clock.now())))
    [issue] = await world.issues()
    assert (issue.type, issue.severity, issue.resource, issue.owner_name) == ("OOMKilled", "high", "web-a", "web")
    [(kind, data)] = await world.published()
    assert kind == "issue.created"
    promised = {"id", "type", "severity", "status", "cluster", "resource", "namespace", "detectedAt", "hasAnalysis"}
    assert promised < set(data)
    assert (data["cluster"], data["clusterId"], data["namespace"]) == ("prod", world.session.cluster_id, "shop")


async def test_an_alert_that_waits_joins_in_the_transaction_that_opens_its_issue(world: World) -> None:
    await world.snapshot(*WEB, pod("web-a"))
    await world.store.write(world.system, lambda tx: alerts.add(tx, [waiting(tx, world.session.cluster_id)]))
    world.clock.advance(5)
    await world.send(batch(pod("web-a", rv="2", killed_at=world.clock.now())))
    [issue] = await world.issues()
    [found] = await world.store.read(world.system, lambda tx: alerts.find(tx, AlertFilter(), PageRequest()))
    assert (found.outcome, found.issue_id) == (Outcome.JOINED, issue.id)


def waiting(tx: Transaction, cluster_id: str) -> Alert:
    return Alert(
        id=ids.new("alt"), receiver_id="alr_x", fingerprint="f1", name="WebDown", status=AlertStatus.FIRING, starts_at=tx.now, labels={},
        annotations={}, cluster_id=cluster_id, namespace="shop", targets=(("Deployment.apps", "shop", "web", None),),
        outcome=Outcome.WAITING, due_at=tx.now + timedelta(minutes=5), received_at=tx.now, last_received_at=tx.now,
    )  # fmt: skip


async def test_a_full_disk_stops_ingest_until_there_is_room(world: World, store: Store, clock: FakeClock, tmp_path: Path) -> None:
    free = [0.5]
    world.inventory = Inventory(store, clock, disk=Disk(tmp_path, clock, measure=lambda _path: free[0]))
    await world.begin()
    await world.snapshot(*WEB, pod("web-a"))
    free[0] = 0.01
    clock.advance(5)
    for work in (world.send(batch(pod("web-b"))), world.begin()):
        with pytest.raises(Unavailable) as refusal:
            await work
        assert refusal.value.code == "disk_full"
    assert await world.names() == ["web-a"]
    free[0] = 0.5
    clock.advance(5)
    await world.send(batch(pod("web-b")))
    assert await world.names() == ["web-a", "web-b"]


async def test_the_same_frames_again_change_nothing(world: World) -> None:
    killed = pod("web-a", killed_at=NOON)
    await world.snapshot(*WEB, pod("web-b"))
    for _ in range(3):
        await world.send(batch(killed))
    world.restart()  # killed between the commit and the acknowledgement: the agent sends it all again
    await world.begin()
    for _ in range(2):
        await world.snapshot(*WEB, pod("web-b"), killed)
        await world.send(batch(killed))
    [issue] = await world.issues()
    assert issue.count == 1
    assert len(await world.published()) == 1
    assert await world.names() == ["web-a", "web-b"]


async def test_what_is_there_at_first_is_preexisting(world: World) -> None:
    await world.snapshot(*WEB, pod("web-a", killed_at=NOON))
    [issue] = await world.issues()
    assert issue.substatus == "preexisting"


async def test_nothing_is_judged_before_the_inventory_is_complete(world: World) -> None:
    await world.snapshot(*WEB, pod("web-a"))
    world.restart()
    await world.begin()
    *first, last = world.frames(*WEB, pod("web-a", rv="2", killed_at=NOON), generation="g2")
    for frames in first:
        await world.send(*frames)
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    assert await world.issues() == []
    await world.send(*last)
    assert [issue.substatus for issue in await world.issues()] == ["new"]


async def test_a_session_is_blind_for_two_minutes_at_most(world: World) -> None:
    await world.send(batch(*WEB, pod("web-a", killed_at=NOON)))
    await world.advance(119)
    assert await world.issues() == []
    await world.advance(1)
    assert len(await world.issues()) == 1


async def test_an_object_that_went_while_nobody_looked_ends_its_issue(world: World) -> None:
    await world.snapshot(*WEB, pod("web-a", killed_at=NOON), pod("web-b"))
    world.restart()
    await world.begin()
    await world.snapshot(*WEB, pod("web-b"), generation="g2")
    await world.advance(700)
    [issue] = await world.issues()
    assert (issue.status, issue.resolution) == ("resolved", "recovered")


async def test_a_session_resumes_where_the_last_one_stood(world: World) -> None:
    await world.snapshot(*WEB, pod("web-a"))
    world.restart()
    there = {"Pod": pod("web-a"), "Deployment.apps": WEB[0], "ReplicaSet.apps": WEB[1]}
    cursors = [KindCursor(kind, "g1", 1, model.fingerprint(one.uid, "1")) for kind, one in there.items()]
    assert set((await world.begin(*cursors)).values()) == {"resume"}
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    assert await world.issues() == []
    await world.send(*(KindMark(kind, Phase.LIVE, "g1") for kind in there))
    assert len(await world.issues()) == 1


async def test_a_digest_that_differs_asks_for_the_kind_again(world: World) -> None:
    await world.snapshot(*WEB, pod("web-a"))
    right = KindDigest("Pod", 1, model.fingerprint("uid-Pod-web-a", "1"))
    assert (await world.send(right)).resync == []
    assert (await world.send(KindDigest("Pod", 2, 5))).resync == [("Pod", "digest_mismatch")]


async def test_an_aborted_snapshot_deletes_nothing(world: World) -> None:
    await world.snapshot(*WEB, pod("web-a"), pod("web-b"))
    await world.send(KindMark("Pod", Phase.SNAPSHOT_BEGIN, "g2"), batch(pod("web-b")))
    world.restart()
    await world.begin()
    assert await world.names() == ["web-a", "web-b"]


async def test_another_session_or_kind_is_refused(world: World) -> None:
    session = world.session
    with pytest.raises(Refused) as refusal:
        await world.inventory.ingest(SessionRef(session.org_id, session.cluster_id, session.fence + 1, session.kinds), [])
    assert refusal.value.code == "superseded"
    with pytest.raises(BadFrame):
        await world.send(batch(change("Secret", "s")))
    with pytest.raises(BadFrame):
        await world.send(KindMark("Secret", Phase.LIVE, ""))
    assert await world.names("Secret") == []


async def test_a_failed_job_leaves_no_trace_and_the_next_one_sees_the_rows(world: World) -> None:
    await world.snapshot(*WEB, pod("web-a"))
    with pytest.raises(BadFrame):
        await world.send(batch(pod("web-a", rv="2", killed_at=NOON)), batch(pod("web-c")._replace(uid="")))
    assert world.session.cluster_id not in world.inventory.views
    assert await world.issues() == []
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    assert len(await world.issues()) == 1


async def test_frames_are_unpacked_once_however_often_the_job_runs(world: World) -> None:
    unpacked = 0

    def unpack() -> list[ObjectChange]:
        nonlocal unpacked
        unpacked += 1
        return [pod("web-a", killed_at=NOON)]

    await world.snapshot(*WEB)
    write = world.inventory._store.write

    async def twice(who, job):  # type: ignore[no-untyped-def]
        def run_twice(tx):  # type: ignore[no-untyped-def]
            with tx.connection.begin_nested() as first:
                job(tx)
                first.rollback()
            tx._on_commit.clear()
            return job(tx)

        return await write(who, run_twice)

    world.inventory._store = type("Redoing", (), {"write": staticmethod(twice)})()  # type: ignore[assignment]
    await world.send(ChangeBatch(unpack=unpack, count=1))
    assert unpacked == 1
    [issue] = await world.issues()
    assert issue.count == 1
    assert len(await world.published()) == 1
    assert world.session.cluster_id in world.inventory.views


async def test_secrets_that_slipped_through_are_masked(world: World) -> None:
    token = "ghp_" + "a1B2" * 9
    await world.snapshot(*WEB)
    await world.send(batch(change("Deployment.apps", "leaky", metadata={"annotations": {"note": f"use {token}"}})))
    stored = world.inventory.views._views[world.session.cluster_id]
    assert stored.by_name("Deployment.apps", "shop", "leaky") is not None
    assert await world.names("Deployment") == ["leaky", "web"]
    assert token.encode() not in await _manifest(world, "leaky")


async def _manifest(world: World, name: str) -> bytes:
    id_ = resources.id_of(world.session.cluster_id, "Deployment.apps", f"uid-Deployment.apps-{name}")
    return await world.store.read(world.system, lambda tx: resources.manifest(tx, id_))


@pytest.mark.parametrize("hours", [0, 1, -1])
async def test_a_wrong_cluster_clock_gives_the_same_issues_at_the_same_moments(world: World, hours: int) -> None:
    await world.clock_is_off_by(timedelta(hours=hours))
    await world.snapshot(*WEB, pod("web-a"))
    world.clock.advance(10)
    await world.send(batch(pod("web-a", rv="2", killed_at=world.clock.now() + world.offset)))
    await world.advance(3600)
    [issue] = await world.issues()
    assert issue.detected_at == NOON + timedelta(seconds=10)
    assert issue.first_seen_at == NOON + timedelta(seconds=10)
    assert issue.resolved_at == NOON + timedelta(seconds=10 + 600 + 120)


async def test_forty_replicas_killed_are_one_issue(world: World) -> None:
    await world.snapshot(*WEB)
    for n in range(40):
        await world.send(batch(pod(f"web-{n:02}", killed_at=NOON, kill=f"c{n}")))
    [issue] = await world.issues()
    assert (issue.count, len(issue.affected)) == (40, 40)
    assert [kind for kind, _ in await world.published()].count("issue.created") == 1


async def test_a_deleted_workload_resolves_as_deleted(world: World) -> None:
    killed = pod("web-a", killed_at=NOON)
    await world.snapshot(*WEB, killed)
    await world.send(batch(*(gone(one) for one in (*WEB, killed))))
    await world.advance(300)
    [issue] = await world.issues()
    assert (issue.status, issue.resolution) == ("resolved", "resource_deleted")
    assert [kind for kind, _ in await world.published()] == ["issue.created", "issue.resolved"]


async def test_organisations_do_not_meet(world: World, store: Store, clock: FakeClock) -> None:
    other = World(store, await new_org(store, clock, "Other"), clock)
    await other.create()
    await other.begin()
    await world.snapshot(*WEB, pod("web-a", killed_at=NOON))
    await other.snapshot(*WEB, pod("web-a"))
    assert (len(await world.issues()), await other.issues()) == (1, [])
    with pytest.raises(Refused):
        await other.inventory.ingest(world.session, [])
