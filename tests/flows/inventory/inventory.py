"""A cluster whose agent is played by a test: frames in, published events and stored rows out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Self

from optral.clusters import service as clusters
from optral.clusters.model import ClusterStatus, SessionRef, Verdict
from optral.events import service as events
from optral.flows.inventory.ingest import IngestAnswer, Inventory
from optral.flows.inventory.sweep import Sweep
from optral.issues import service as issues
from optral.issues.model import Issue, IssueFilter
from optral.kit.paging import PageRequest
from optral.kube.changes import ChangeBatch, Frame, KindCursor, KindMark, ObjectChange, Phase
from optral.resources import service as resources
from optral.resources.model import ResourceFilter
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.ids import OrgId
from tests.support.clock import FakeClock
from tests.support.objects import change, reference

KINDS = frozenset({"Pod", "Deployment.apps", "ReplicaSet.apps", "Event"})


def deployment(name: str = "web") -> ObjectChange:
    return change(
        "Deployment.apps",
        name,
        spec={"replicas": 1},
        status={"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1},
    )


def replica_set(name: str = "web-1", owner: str = "web") -> ObjectChange:
    return change("ReplicaSet.apps", name, owner=reference("Deployment.apps", owner))


def pod(
    name: str, *, rv: str = "1", killed_at: datetime | None = None, kill: str = "c1", ready: bool = True, owner: str = "web-1"
) -> ObjectChange:
    """A running pod of a ReplicaSet; with `killed_at` (cluster time) its container was killed for memory then."""
    last: dict[str, Any] = {}
    if killed_at is not None:
        at = killed_at.isoformat().replace("+00:00", "Z")
        last = {"terminated": {"reason": "OOMKilled", "exitCode": 137, "startedAt": at, "finishedAt": at, "containerID": kill}}
    status = {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
        "containerStatuses": [
            {
                "name": "api",
                "ready": ready,
                "restartCount": 1 if last else 0,
                "state": {"running": {"startedAt": "2026-01-15T00:00:00Z"}},
                "lastState": last,
            }
        ],
    }
    spec = {"nodeName": "n1", "containers": [{"name": "api", "image": "x", "resources": {"limits": {"memory": "64Mi"}}}]}
    metadata = {"creationTimestamp": "2026-01-15T00:00:00Z"}
    return change("Pod", name, rv=rv, owner=reference("ReplicaSet.apps", owner), metadata=metadata, spec=spec, status=status)


def batch(*changes: ObjectChange) -> ChangeBatch:
    return ChangeBatch(unpack=lambda: changes, count=len(changes))


class World:
    """One cluster with a session; `restart` plays a server that was killed."""

    def __init__(self, store: Store, org: OrgId, clock: FakeClock) -> None:
        self.store, self.org, self.clock = store, org, clock
        self.system = actor.system(org)
        self.inventory = Inventory(store, clock)
        self.sweep = Sweep(clock, self.inventory)
        self.offset = timedelta()
        self.session: SessionRef

    @classmethod
    async def begun(cls, store: Store, org: OrgId, clock: FakeClock) -> Self:
        """A cluster whose agent has just opened its session."""
        made = cls(store, org, clock)
        await made.create()
        await made.begin()
        return made

    async def create(self, name: str = "prod") -> None:
        cluster = await self.store.write(self.system, lambda tx: clusters.create(tx, name=name))
        self.session = SessionRef(self.org, cluster.id, cluster.fence, KINDS)
        await self.presence(ClusterStatus.ONLINE)

    async def presence(self, status: ClusterStatus) -> None:
        def job(tx: Transaction) -> None:
            clusters.move(tx, clusters.get(tx, self.session.cluster_id), Verdict(status, None))

        await self.store.write(self.system, job)

    async def clock_is_off_by(self, offset: timedelta) -> None:
        self.offset = offset
        beat = (self.session, self.clock.now(), round(offset.total_seconds() * 1000))
        await self.store.write(actor.system(), lambda tx: clusters.record_heartbeats(tx, [beat]))

    def restart(self) -> None:
        self.inventory = Inventory(self.store, self.clock)
        self.sweep = Sweep(self.clock, self.inventory)

    async def begin(self, *cursors: KindCursor) -> dict[str, str]:
        return await self.inventory.begin(self.session, cursors)

    async def send(self, *frames: Frame) -> IngestAnswer:
        return await self.inventory.ingest(self.session, frames)

    async def snapshot(self, *changes: ObjectChange, generation: str = "g1", live: bool = True) -> None:
        """Send a whole inventory, kind by kind."""
        for frames in self.frames(*changes, generation=generation, live=live):
            assert (await self.send(*frames)).resync == []

    def frames(self, *changes: ObjectChange, generation: str = "g1", live: bool = True) -> list[list[Frame]]:
        sent: list[list[Frame]] = []
        for kind in sorted(KINDS - {"Event"}):
            mine = [one for one in changes if one.kind == kind]
            frames: list[Frame] = [KindMark(kind, Phase.SNAPSHOT_BEGIN, generation)]
            frames += [batch(*mine)] if mine else []
            frames.append(KindMark(kind, Phase.SNAPSHOT_END, generation, "", len(mine)))
            sent.append([*frames, KindMark(kind, Phase.LIVE, generation)] if live else frames)
        return sent

    async def advance(self, seconds: float) -> None:
        """Let time pass, and the sweep see it, in steps that miss nothing."""
        ends_at = self.clock.now() + timedelta(seconds=seconds)
        while True:
            wait_s = await self.sweep.step()
            left_s = (ends_at - self.clock.now()).total_seconds()
            if left_s <= 0:
                return
            self.clock.advance(min(left_s, max(wait_s, 1)))

    async def issues(self) -> list[Issue]:
        return await self.store.read(self.system, lambda tx: issues.find(tx, IssueFilter(), PageRequest(size=100)))

    async def published(self) -> list[tuple[str, dict[str, Any]]]:
        found = await self.store.read(self.system, lambda tx: events.read_after(tx, 0))
        return [(event.type, event.data) for event in found if event.type.startswith("issue.")]

    async def names(self, kind: str = "Pod") -> Sequence[str]:
        fits = ResourceFilter(kinds=frozenset({kind}))
        found = await self.store.read(self.system, lambda tx: resources.find(tx, fits, PageRequest(size=100)))
        return [one.name for one in found]

    def next_session(self) -> None:
        """The same cluster under a higher fence, as `admit` would give it."""
        self.session = replace(self.session, fence=self.session.fence + 1)
