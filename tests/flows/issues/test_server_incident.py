"""A database that fails for all of its callers and looks healthy in the cluster: one issue from the first log to the recovery."""

from datetime import timedelta
from typing import Any

import pytest

from optral.issues.lifecycle import grouping
from optral.issues.model import Issue, Status
from optral.kube.changes import ObjectChange
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.inventory.inventory import World, batch
from tests.support.clock import FakeClock
from tests.support.objects import change, reference

LOG = "starting\npq: could not connect to server at db-1.eu.example.com:5432: connection refused\n"
SOURCE = [{"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "shop-db", "key": "url"}}}]


class Incident(World):
    """Workloads that read the address of a database outside the cluster from a Secret."""

    def owner(self, name: str, rv: str = "1") -> ObjectChange:
        spec = {"replicas": 1, "template": {"spec": {"containers": [{"name": "api", "image": "x", "env": SOURCE}]}}}
        return change("Deployment.apps", name, rv=rv, spec=spec, status={"replicas": 1, "updatedReplicas": 1, "availableReplicas": 1})

    def pod(self, name: str, rv: str, *, crashes: bool) -> ObjectChange:
        ended_at = (self.clock.now() - timedelta(seconds=5)).isoformat().replace("+00:00", "Z")
        ended = {"terminated": {"reason": "Error", "exitCode": 1, "startedAt": ended_at, "finishedAt": ended_at, "containerID": rv}}
        state: dict[str, Any] = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}} if crashes else {"running": {}}
        owner = reference("Deployment.apps", name)
        container = {"name": "api", "ready": not crashes, "restartCount": 4, "state": state, "lastState": ended if crashes else {}}
        conditions = [{"type": "Ready", "status": "False" if crashes else "True", "lastTransitionTime": ended_at}]
        metadata = {"ownerReferences": [owner], "creationTimestamp": "2026-01-01T00:00:00Z"}
        spec = {"nodeName": "n1", "containers": [{"name": "api", "image": "x"}]}
        status = {"phase": "Running", "conditions": conditions, "containerStatuses": [container]}
        return change("Pod", f"{name}-1", rv=rv, metadata=metadata, spec=spec, status=status)

    async def crash(self, *names: str, rv: str = "2") -> None:
        await self.send(batch(*(self.pod(name, rv, crashes=True) for name in names)))
        await self.advance(60)

    async def read_logs(self, *names: str) -> None:
        for issue in await self.issues():
            if any(issue.owner_name == name for name in names):
                await self.store.write(self.system, lambda tx, issue_id=issue.id: grouping.keep_log_lines(tx, issue_id, LOG))
        await self.advance(60)  # the cluster reports nothing meanwhile

    async def roots(self) -> list[Issue]:
        return [issue for issue in await self.issues() if issue.parent_issue_id is None and issue.status is not Status.RESOLVED]


NAMES = [f"app-{number:02}" for number in range(10)]


@pytest.fixture
async def incident(store: Store, org: OrgId, clock: FakeClock) -> Incident:
    made = Incident(store, org, clock)
    await made.create()
    await made.begin()
    names = [*NAMES, "late"]
    await made.snapshot(*(made.owner(name) for name in names), *(made.pod(name, "1", crashes=False) for name in names))
    return made


async def test_ten_callers_of_one_database_are_one_issue_until_all_recover(incident: Incident) -> None:
    await incident.crash(*NAMES)
    assert len(await incident.roots()) == 10, "without a log nothing joins them"
    await incident.read_logs(*NAMES[4:])
    assert len(await incident.roots()) == 5
    incident.restart()
    await incident.begin()
    objects = [*map(incident.owner, [*NAMES, "late"]), incident.pod("late", "1", crashes=False)]
    await incident.snapshot(*objects, *(incident.pod(name, "2", crashes=True) for name in NAMES), generation="g2")
    await incident.read_logs(*NAMES[:4])
    [root] = await incident.roots()
    assert len(await incident.store.read(incident.system, lambda tx: grouping.symptoms_of(tx, root.id))) == 9

    await incident.advance(3000)
    await incident.crash("late", rv="3")
    await incident.read_logs("late")
    assert [one.id for one in await incident.roots()] == [root.id], "it joins although it fails an hour later"

    await incident.send(batch(*(incident.pod(name, "9", crashes=False) for name in [*NAMES, "late"])))
    await incident.advance(2000)
    assert {issue.status for issue in await incident.issues()} == {Status.RESOLVED}
    assert "promoted" not in [kind for kind, _ in await incident.published()]


async def test_when_the_root_recovers_first_the_others_stay_one_issue(incident: Incident) -> None:
    await incident.crash(*NAMES)
    await incident.read_logs(*NAMES)
    [root] = await incident.roots()
    recovered = root.owner_name
    await incident.send(batch(incident.pod(recovered, "9", crashes=False)))
    await incident.advance(2000)
    [after] = await incident.roots()
    assert after.id != root.id
    assert len([issue for issue in await incident.issues() if issue.parent_issue_id == after.id]) == 8
