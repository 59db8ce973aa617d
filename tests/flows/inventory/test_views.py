"""Views move with commits, are dropped when in doubt, and come back from rows as they were."""

from collections.abc import Iterator
from typing import Any

import pytest

from optral.flows.inventory import views as building
from optral.flows.inventory.views import Views
from optral.kube.changes import BadFrame
from optral.kube.view import ClusterView
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms.ids import OrgId
from tests.flows.inventory.inventory import World, batch, deployment, pod, replica_set
from tests.support.clock import FakeClock
from tests.support.objects import change, gone

WEB = (deployment(), replica_set())


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    made = await World.begun(store, org, clock)
    await made.snapshot(*WEB, pod("web-a"), pod("web-b"))
    return made


def everything(view: ClusterView) -> dict[tuple[str, str], object]:
    return {(kind, obj.metadata.uid): obj for kind in view.kinds() for obj in view.all(kind)}


async def rebuilt(world: World) -> ClusterView:
    return await world.store.write(world.system, lambda tx: Views().of(tx, world.session.cluster_id))


async def test_a_view_from_rows_equals_the_one_that_moved(world: World) -> None:
    about = {"kind": "Pod", "namespace": "shop", "name": "web-a", "uid": "uid-Pod-web-a"}
    event = change("Event", "e1", involvedObject=about, reason="BackOff", type="Warning", lastTimestamp="2026-01-15T11:59:00Z")
    await world.send(batch(pod("web-a", rv="2"), gone(pod("web-b")), pod("web-c"), event))
    moved = world.inventory.views._views[world.session.cluster_id]
    assert everything(await rebuilt(world)) == everything(moved)
    assert len(moved.events_of("uid-Pod-web-a")) == 1
    assert moved.get("Pod", "uid-Pod-web-b") is None


async def test_a_job_that_fails_moves_nothing(world: World) -> None:
    views, cluster_id = Views(), world.session.cluster_id

    def job(tx: Transaction) -> None:
        view = views.of(tx, cluster_id)
        overlay = view.with_changes([(gone(pod("web-a")), None)])
        views.move(tx, cluster_id, overlay, offset=world.offset)
        raise LookupError

    with pytest.raises(LookupError):
        await world.store.write(world.system, job)
    assert views._views[cluster_id].get("Pod", "uid-Pod-web-a") is not None


async def test_an_overlay_of_an_older_view_drops_the_view(world: World) -> None:
    views, cluster_id = Views(), world.session.cluster_id

    def job(tx: Transaction) -> None:
        view = views.of(tx, cluster_id)
        for _ in range(2):
            views.move(tx, cluster_id, view.with_changes([(gone(pod("web-a")), None)]), offset=world.offset)

    await world.store.write(world.system, job)
    assert cluster_id not in views


async def test_views_share_what_they_may_keep_typed_and_all_is_typed_in_a_small_fleet(world: World) -> None:
    views, cluster_id = Views(small=3, typed_at_most=256), world.session.cluster_id
    assert views._limit() == 3
    await world.store.write(world.system, lambda tx: views.of(tx, cluster_id))
    assert views._limit() == 256
    views.drop(cluster_id)
    assert views._limit() == 3


async def test_a_view_is_built_by_a_reader_unless_a_failed_write_may_still_commit(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A view of 100,000 objects takes seconds, and the writer serves every cluster."""
    stored, built_by, writing = building._stored, [], False

    def note(tx: Transaction, cluster_id: str) -> Iterator[Any]:
        built_by.append("writer" if writing else "reader")
        return stored(tx, cluster_id)

    async def write(who: Any, job: Any) -> Any:
        def noted(tx: Transaction) -> Any:
            nonlocal writing
            writing = True
            try:
                return job(tx)
            finally:
                writing = False

        return await store.write(who, noted)

    monkeypatch.setattr(building, "_stored", note)
    world.restart()
    world.inventory._store = type("Noting", (), {"write": staticmethod(write), "read": store.read})()  # type: ignore[assignment]
    await world.begin()
    await world.snapshot(*WEB, pod("web-a"), pod("web-b"), generation="g2")
    assert built_by == ["reader"]
    with pytest.raises(BadFrame):
        await world.send(batch(pod("web-c")._replace(uid="")))
    await world.send(batch(pod("web-c")))
    await world.send(batch(pod("web-d")))
    assert built_by == ["reader", "writer"]
    assert everything(await rebuilt(world)) == everything(world.inventory.views._views[world.session.cluster_id])
