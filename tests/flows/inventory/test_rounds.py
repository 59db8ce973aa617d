"""Judging in pieces: the same issues as in one transaction, whatever comes in between, and no cluster holds up another."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from optral.analysis import service as analyses
from optral.analysis.model import AnalysisFilter
from optral.clusters import service as clusters
from optral.detectors.tuning import TuningScope
from optral.flows.inventory import rounds
from optral.flows.issues import detector_settings
from optral.kube.changes import KindCursor, KindMark, ObjectChange, Phase
from optral.resources import model
from optral.resources.model import SPACE
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.conftest import new_org
from tests.flows.inventory import inventory
from tests.flows.inventory.inventory import World, batch, deployment, pod, replica_set
from tests.flows.issues.test_grouping import Shop
from tests.support.clock import NOON, FakeClock
from tests.support.objects import gone

APPS = [f"app{number}" for number in range(6)]
WORKLOADS = [made for app in APPS for made in (deployment(app), replica_set(f"{app}-1", app))]
Limits = Callable[[int, int], None]


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Limits:
    def limit(findings: int, objects: int) -> None:
        monkeypatch.setattr(rounds, "MAX_FINDINGS", findings)
        monkeypatch.setattr(rounds, "MAX_OBJECTS", objects)

    return limit


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    return await World.begun(store, org, clock)


def pods(rv: str = "1", *, killed: bool = False, count: int = 2, apps: list[str] = APPS) -> list[ObjectChange]:
    at = NOON if killed else None
    return [pod(f"{app}-1-{n}", rv=rv, killed_at=at, kill=f"{app}-{n}", owner=f"{app}-1") for app in apps for n in range(count)]


def is_judging(world: World) -> bool:
    [session] = world.inventory.sessions()
    return session.round is not None


async def finish(world: World) -> int:
    """Judge what is left; returns in how many pieces."""
    for pieces in range(1000):
        if not is_judging(world):
            return pieces
        await world.sweep.step()
    raise AssertionError("the round does not end")


async def summary(world: World) -> list[tuple[Any, ...]]:
    found = await world.issues()
    resources = {issue.id: issue.resource for issue in found}
    return sorted(
        (
            one.type,
            one.owner_name,
            one.severity,
            one.status,
            one.substatus,
            one.count,
            len(one.affected),
            resources.get(one.parent_issue_id),
        )
        for one in found
    )


async def synced_at(world: World) -> Any:
    cluster_id = world.session.cluster_id
    return await world.store.read(world.system, lambda tx: clusters.get(tx, cluster_id).synced_at)


async def analysed(world: World) -> int:
    """How many analyses were queued."""
    return await world.store.read(world.system, lambda tx: analyses.count(tx, AnalysisFilter()))


@pytest.mark.parametrize(("findings", "objects"), [(1, 1), (1, 4096), (64, 1), (3, 5), (12, 24)])
async def test_a_first_inventory_in_pieces_gives_the_issues_that_it_gives_at_once(
    world: World, store: Store, clock: FakeClock, limits: Limits, findings: int, objects: int
) -> None:
    everything = [*WORKLOADS, *pods(killed=True, apps=APPS[:5]), *pods(apps=APPS[5:])]
    other = World(store, await new_org(store, clock, "At once"), clock)
    await other.create()
    await other.begin()
    await other.snapshot(*everything)
    limits(findings, objects)
    await world.snapshot(*everything)
    await finish(world)
    assert await summary(world) == await summary(other)
    assert len(await world.issues()) == 5
    assert await synced_at(world) == await synced_at(other) == NOON
    assert await analysed(world) == await analysed(other) == 5


async def test_each_piece_is_one_transaction_and_other_clusters_are_acknowledged_between_them(
    world: World, store: Store, clock: FakeClock, limits: Limits
) -> None:
    limits(2, 4096)
    other = World(store, await new_org(store, clock, "Other"), clock)
    await other.create()
    other.inventory, other.sweep = world.inventory, world.sweep
    await other.begin()
    await other.snapshot(*WORKLOADS)
    written: list[str] = []
    write = store.write

    async def note(who: Any, job: Any) -> Any:
        written.append("other" if who.org_id == other.org else "pieces")
        return await write(who, job)

    await world.snapshot(*WORKLOADS, *pods(killed=True))
    world.inventory._store = type("Noting", (), {"write": staticmethod(note), "read": store.read})()  # type: ignore[assignment]
    for number in range(3):
        assert await synced_at(world) is None
        await world.sweep.step()
        await other.send(batch(pod(f"web-{number}")))
        await world.send(batch(pod(f"app0-1-new-{number}", owner="app0-1")))
    assert written == ["pieces", "other", "pieces"] * 3


async def test_a_kill_between_pieces_gives_the_same_issues_and_closes_none_early(world: World, limits: Limits) -> None:
    await world.snapshot(*WORKLOADS, *pods(killed=True))
    opened = await summary(world)
    limits(1, 3)
    for generation in ("g2", "g3", "g4"):
        world.restart()
        await world.begin()
        await world.snapshot(*WORKLOADS, *pods(killed=True), generation=generation)
        for _ in range(3):
            await world.sweep.step()
        assert is_judging(world)
        assert await summary(world) == opened
    await finish(world)
    assert await summary(world) == opened
    assert [kind for kind, _ in await world.published()] == ["issue.created"] * len(APPS)


async def test_a_failure_that_moved_to_another_object_stays_the_same_issue(world: World, limits: Limits) -> None:
    """The pod that showed it is gone, and its successor shows it: the old condition may not end before the new one is found."""
    await world.snapshot(*WORKLOADS, *pods(killed=True, count=1))
    limits(1, 2)
    world.restart()
    await world.begin()
    moved = [pod(f"{app}-1-z", killed_at=NOON, kill=f"z-{app}", owner=f"{app}-1") for app in APPS]
    await world.snapshot(*WORKLOADS, *moved, generation="g2")
    await finish(world)
    await world.advance(300)
    assert {issue.status for issue in await world.issues()} == {"open"}
    assert "issue.resolved" not in [kind for kind, _ in await world.published()]


async def test_what_happens_during_a_round_is_judged_in_it(world: World, limits: Limits) -> None:
    limits(1, 4)
    await world.snapshot(*WORKLOADS, *pods(apps=APPS[:3]), *pods(killed=True, apps=APPS[3:]))
    assert is_judging(world)
    for _ in range(6):
        await world.sweep.step()
    await world.send(batch(pod("app0-1-0", rv="2", killed_at=NOON, owner="app0-1")))  # examined already, and healthy then
    await world.send(batch(*map(gone, pods(apps=["app3"]))))
    await finish(world)
    assert {issue.owner_name for issue in await world.issues()} >= {"app0", "app4", "app5"}
    await world.advance(300)
    of_app3 = [issue.status for issue in await world.issues() if issue.owner_name == "app3"]
    assert of_app3 in ([], ["resolved"])
    assert {issue.owner_name for issue in await world.issues() if issue.status == "open"} == {"app0", "app4", "app5"}


async def test_a_round_ends_while_changes_keep_coming(world: World, limits: Limits) -> None:
    """Every pod changes before each piece: the inventory still becomes complete, and what ended is resolved."""
    await world.snapshot(*WORKLOADS, *pods(killed=True))
    limits(2, 6)
    world.restart()
    await world.begin()
    await world.snapshot(*WORKLOADS, *pods(killed=True), generation="g2")
    [session] = world.inventory.sessions()
    for number in range(60):
        ended, lasting = pods(str(number + 2), apps=APPS[:2]), pods(str(number + 2), killed=True, apps=APPS[2:])
        await world.send(batch(*ended, *lasting))
        assert session.round is None or len(session.round.postponed) <= len(WORKLOADS) + len(ended) + len(lasting)
        await world.sweep.step()
    assert session.is_synced
    await finish(world)
    await world.advance(200)
    assert {issue.owner_name: issue.status for issue in await world.issues()} == {
        app: "resolved" if app in APPS[:2] else "open" for app in APPS
    }


async def test_what_ended_while_nobody_looked_ends_with_the_round(world: World, limits: Limits) -> None:
    await world.snapshot(*WORKLOADS, *pods(killed=True))
    limits(2, 3)
    world.restart()
    await world.begin()
    fine = pods("2", apps=APPS[2:])
    await world.snapshot(*WORKLOADS, *pods(killed=True, apps=APPS[:2]), *fine, generation="g2")
    await finish(world)
    await world.advance(200)
    assert {issue.owner_name: issue.status for issue in await world.issues()} == {
        app: "open" if app in APPS[:2] else "resolved" for app in APPS
    }


async def test_changed_settings_are_judged_in_pieces_too(world: World, limits: Limits) -> None:
    await world.snapshot(*WORKLOADS, *pods(killed=True))
    limits(1, 3)
    off = {"is_enabled": False}
    await world.store.write(world.system, lambda tx: detector_settings.change(tx, "OOMKilled", TuningScope(), off))
    world.inventory.tuning.forget(world.org)
    await world.send(batch(pod("app0-1-9", owner="app0-1")))
    assert is_judging(world)
    await finish(world)
    assert [issue.status for issue in await world.issues()] == ["resolved"] * len(APPS)


@pytest.mark.parametrize("findings", [1, 4])
async def test_many_issues_of_one_batch_open_and_end_as_they_do_at_once(world: World, limits: Limits, findings: int) -> None:
    await world.snapshot(*WORKLOADS, *pods())
    limits(findings, 4096)
    await world.send(batch(*pods("2", killed=True)))
    assert await finish(world) >= len(APPS) // findings
    assert {(issue.owner_name, issue.count, issue.status) for issue in await world.issues()} == {(app, 2, "open") for app in APPS}
    await world.send(batch(*map(gone, pods())))
    assert is_judging(world)
    await finish(world)
    await world.advance(200)
    assert {issue.status for issue in await world.issues()} == {"resolved"}


@pytest.fixture
async def shop(store: Store, org: OrgId, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr(inventory, "KINDS", inventory.KINDS | {"Node", "Namespace"})
    return await Shop.begun(store, org, clock)


@pytest.mark.parametrize("findings", [1, 2, 64])
async def test_a_root_and_its_symptoms_are_grouped_with_the_last_piece(shop: Shop, limits: Limits, findings: int) -> None:
    limits(findings, 4096)
    long_ago = (NOON - timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    down = [made for name in APPS for made in (shop.short(name, "2", since=long_ago), shop.lost(name, "2", since=long_ago))]
    await shop.snapshot(shop.node("1", ready=False, since=long_ago), *down)
    await finish(shop)
    assert (await synced_at(shop)) is not None
    found = await shop.issues()
    [root] = [issue for issue in found if issue.parent_issue_id is None]
    assert root.type == "NodeNotReady"
    assert len(found) > len(APPS)


async def test_a_resumed_session_is_judged_in_pieces(world: World, limits: Limits) -> None:
    everything = [*WORKLOADS, *pods(killed=True)]
    await world.snapshot(*everything)
    opened = await summary(world)
    world.restart()
    limits(1, 4096)
    cursors = []
    for kind in ("Pod", "Deployment.apps", "ReplicaSet.apps"):
        mine = [one for one in everything if one.kind == kind]
        digest = sum(model.fingerprint(one.uid, "1") for one in mine) % SPACE
        cursors.append(KindCursor(kind, "g1", len(mine), digest))
    assert set((await world.begin(*cursors)).values()) == {"resume"}
    await world.send(*(KindMark(cursor.kind, Phase.LIVE, "g1") for cursor in cursors))
    assert await finish(world) >= len(APPS)
    assert await summary(world) == opened
    assert [kind for kind, _ in await world.published()] == ["issue.created"] * len(APPS)


async def test_an_inventory_that_takes_longer_than_two_minutes_is_judged_again_when_it_is_complete(world: World) -> None:
    """Until then the cluster would count as never complete, and what was there at first as new."""
    *first, last = world.frames(*WORKLOADS, *pods(killed=True))
    for frames in first:
        await world.send(*frames)
    await world.advance(121)
    assert await synced_at(world) is None
    await world.send(*last)
    assert await synced_at(world) == world.clock.now()
    written = await world.store.read(world.system, lambda tx: clusters.get(tx, world.session.cluster_id))
    await world.send(batch(pod("app0-1-9", owner="app0-1")))
    assert written.synced_at == await synced_at(world)


async def test_an_inventory_that_becomes_complete_during_a_round_is_judged_after_it(world: World, limits: Limits) -> None:
    """Nothing else may arrive from a quiet cluster."""
    limits(1, 4)
    *first, last = world.frames(*WORKLOADS, *pods(killed=True))
    for frames in first:
        await world.send(*frames)
    world.clock.advance(121)
    await world.sweep.step()
    assert is_judging(world)
    await world.send(*last)
    for _ in range(200):
        await world.sweep.step()
    assert await synced_at(world) == world.clock.now()
    assert not is_judging(world)


async def test_the_frames_that_complete_a_large_inventory_are_acknowledged_before_it_is_judged(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a hundred large inventories are completed at once, their frames must not wait for each other's judgment."""
    monkeypatch.setattr(rounds, "MAX_WITH_FRAMES", 10)
    await world.snapshot(*WORKLOADS, *pods(killed=True))
    assert is_judging(world)
    assert await world.issues() == []
    assert await finish(world) == 1
    assert len(await world.issues()) == len(APPS)
