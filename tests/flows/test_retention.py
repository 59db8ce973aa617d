"""The retention worker removes what is too old, in batches, and nothing else."""

from datetime import timedelta

import pytest

from optral.flows import retention
from optral.flows.retention import RetentionWorker, Rule
from optral.issues import service as issues
from optral.resources import service as resources
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.inventory.inventory import World, batch, deployment, pod, replica_set
from tests.support.clock import NOON, FakeClock
from tests.support.objects import change, gone


async def test_old_rows_go_and_young_ones_stay(store: Store, org: OrgId, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ROWS", 2)
    monkeypatch.setattr(retention, "PAUSE_S", 0)
    world = await World.begun(store, org, clock)
    killed = pod("web-a", killed_at=NOON)
    await world.snapshot(deployment(), replica_set(), killed)
    about = {"kind": "Pod", "namespace": "shop", "name": "web-a", "uid": "uid-Pod-web-a"}
    old = [change("Event", f"e{n}", involvedObject=about, reason="BackOff") for n in range(5)]
    await world.send(batch(*old, gone(killed)))
    await world.advance(800)
    rules: list[Rule] = [
        lambda tx, limit: resources.delete_old_events(tx, before=tx.now - timedelta(hours=1), limit=limit),
        lambda tx, limit: issues.delete_old(tx, before=tx.now - timedelta(hours=2), limit=limit),
    ]
    retention_worker = RetentionWorker(store, clock, rules)
    assert await retention_worker.step() == 0
    clock.advance(3600)
    await world.send(batch(change("Event", "young", involvedObject=about, reason="BackOff")))
    assert await retention_worker.step() == 5
    assert len(await world.issues()) == 1
    clock.advance(3500)
    await retention_worker.step()
    assert await world.issues() == []
    assert await world.names("Deployment") == ["web"]
