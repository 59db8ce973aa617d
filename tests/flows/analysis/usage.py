"""Reports of usage as an agent sends them, for a cluster that a test plays."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from optral.kit.times import rfc3339
from optral.kube.changes import KindMark, ObjectChange, Phase
from optral.kube.kinds import POD_USAGE, USAGE_KINDS
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.inventory.inventory import KINDS, World, batch, deployment, pod, replica_set
from tests.support.clock import FakeClock
from tests.support.objects import change, reference

MIB = 2**20


async def new_world(store: Store, org: OrgId, clock: FakeClock) -> World:
    """A cluster with one healthy pod, whose agent reports usage."""
    made = World(store, org, clock)
    await made.create()
    made.session = replace(made.session, kinds=KINDS | {kind.id for kind in USAGE_KINDS})
    await made.begin()
    await made.snapshot(deployment(), replica_set(), pod("web-a"))
    return made


def report(world: World, used: dict[str, Any], *, name: str = "web-a", rv: str = "1") -> ObjectChange:
    uid = f"uid-Pod-{name}"
    status = {"observedAt": rfc3339(world.clock.now()), "containers": [{"name": "api", **used}], "volumes": []}
    body = {"apiVersion": POD_USAGE.api_version, "kind": POD_USAGE.name, "status": status}
    return change(POD_USAGE.id, name, uid=f"{uid}-usage", rv=rv, owner=reference("Pod", name, uid), **body)


async def send(world: World, *changes: ObjectChange, generation: str = "g1") -> None:
    """A snapshot of all reports."""
    begin, end, live = (
        KindMark(POD_USAGE.id, Phase.SNAPSHOT_BEGIN, generation),
        KindMark(POD_USAGE.id, Phase.SNAPSHOT_END, generation, "", len(changes)),
        KindMark(POD_USAGE.id, Phase.LIVE, generation),
    )
    await world.send(begin, *([batch(*changes)] if changes else []), end, live)


def leak(world: World, *, fit: float = 0.99) -> dict[str, Any]:
    """A report of a container whose memory grew until the kernel killed it."""
    trend = {"perHour": 40 * MIB, "fit": fit, "overSeconds": 3600}
    killed_at = world.clock.now() - timedelta(minutes=1)
    run = {"endedAt": rfc3339(killed_at), "firstBytes": 10 * MIB, "lastBytes": 60 * MIB, "peakBytes": 62 * MIB, "trend": trend}
    return {"memory": {"limitBytes": 64 * MIB}, "previousRun": run}
