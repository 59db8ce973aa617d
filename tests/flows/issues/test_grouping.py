"""Grouping in ingest: one issue notifies, its symptoms are listed under it, and a symptom that outlives its root notifies later."""

import json
from datetime import timedelta
from typing import Any

import pytest

from optral.analysis import service as analyses
from optral.analysis.engine import engine
from optral.analysis.model import CapturedLog, Question
from optral.analysis.reading.snapshot import Snapshot
from optral.flows.analysis import investigation
from optral.flows.issues import triage
from optral.issues.lifecycle import grouping, relations
from optral.issues.model import Issue, Status
from optral.issues.triage.triage import Change
from optral.kube.changes import ObjectChange
from optral.store.store import Store
from optral.terms import actor
from optral.terms.ids import OrgId
from tests.conftest import new_org
from tests.flows.inventory import inventory
from tests.flows.inventory.inventory import World, batch, deployment, pod
from tests.support.clock import FakeClock
from tests.support.objects import change, reference


def cluster_wide(kind: str, name: str, *, rv: str = "1", **body: Any) -> ObjectChange:
    return change(kind, name, rv=rv, namespace="", metadata={"creationTimestamp": "2026-01-01T00:00:00Z"}, **body)


class Shop(World):
    """A cluster with one node and some workloads on it."""

    def at(self) -> str:
        return self.clock.now().isoformat().replace("+00:00", "Z")

    def node(self, rv: str, *, ready: bool, since: str | None = None) -> ObjectChange:
        status = "True" if ready else "Unknown"
        told = {"type": "Ready", "status": status, "reason": "NodeStatusUnknown", "lastTransitionTime": since or self.at()}
        return cluster_wide("Node", "n1", rv=rv, status={"conditions": [told]})

    def short(self, name: str, rv: str, *, available: int = 0, since: str | None = None) -> ObjectChange:
        told = {"type": "Available", "status": "True" if available else "False", "reason": "MinimumReplicasUnavailable"}
        told["lastTransitionTime"] = since or self.at()
        counts = {"replicas": 1, "updatedReplicas": 1, "availableReplicas": available, "conditions": [told]}
        return change("Deployment.apps", name, rv=rv, spec={"replicas": 1}, status=counts)

    def lost(self, name: str, rv: str, *, since: str | None = None) -> ObjectChange:
        conditions = [{"type": "Ready", "status": "False", "lastTransitionTime": since or self.at()}]
        spec = {"nodeName": "n1", "containers": [{"name": "api", "image": "x"}]}
        metadata, status = {"creationTimestamp": "2026-01-01T00:00:00Z"}, {"phase": "Running", "conditions": conditions}
        owner = reference("Deployment.apps", name)
        return change("Pod", f"{name}-1", rv=rv, owner=owner, metadata=metadata, spec=spec, status=status)

    async def by_type(self) -> dict[str, Issue]:
        return {issue.type: issue for issue in await self.issues()}

    async def symptoms(self, issue_id: str) -> list[tuple[str, str | None]]:
        found = await self.store.read(self.system, lambda tx: grouping.symptoms_of(tx, issue_id))
        return [(one.issue.type, one.relation) for one in found]


@pytest.fixture
async def shop(store: Store, org: OrgId, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr(inventory, "KINDS", inventory.KINDS | {"Node", "Namespace"})
    made = await Shop.begun(store, org, clock)
    await made.snapshot(made.node("1", ready=True), deployment("web"), deployment("db"))
    return made


async def node_down(shop: Shop) -> None:
    """The node goes, and with it what ran on it; five minutes pass."""
    await shop.send(
        batch(shop.node("2", ready=False), *(one for name in ("web", "db") for one in (shop.short(name, "2"), shop.lost(name, "2"))))
    )
    await shop.advance(310)


async def test_a_lost_node_is_one_issue_and_all_the_rest_hangs_under_it(shop: Shop) -> None:
    await node_down(shop)
    [root] = [issue for issue in await shop.issues() if issue.parent_issue_id is None]
    assert root.type == "NodeNotReady"
    assert sorted(await shop.symptoms(root.id)) == [("DeploymentReplicasUnavailable", "has pods on")] * 2
    created = [data for kind, data in await shop.published() if kind == "issue.created"]
    assert [(one["type"], one["parentIssueId"]) for one in created if one["type"] == "NodeNotReady"] == [("NodeNotReady", None)]
    assert {one["parentIssueId"] for one in created if one["type"] != "NodeNotReady"} == {root.id}, "told as symptoms from the start"
    counts = await shop.store.read(shop.system, lambda tx: grouping.symptom_counts(tx, [root.id]))
    assert counts == {root.id: 2}


async def test_logs_of_a_symptom_are_read_when_its_root_is_explained(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await node_down(shop)
    [root] = [issue for issue in await shop.issues() if issue.parent_issue_id is None]
    beneath = next(issue for issue in await shop.issues() if issue.parent_issue_id == root.id)
    kept = CapturedLog(
        cluster_id=root.cluster_id,
        issue_id=beneath.id,
        namespace="shop",
        pod="web-1",
        container="api",
        previous=True,
        text="dial tcp 10.0.0.9:80: i/o timeout",
        captured_at=shop.clock.now(),
    )
    await shop.store.write(shop.system, lambda tx: analyses.save_logs(tx, [kept]))
    log_lines: list[str] = []
    investigate = engine.investigate

    def noted(question: Question, snap: Snapshot, **more: Any) -> Any:
        log_lines.extend(snap.logs.values())
        return investigate(question, snap, **more)

    monkeypatch.setattr(engine, "investigate", noted)
    await shop.store.read(shop.system, lambda tx: investigation.investigate(tx, root.id))
    assert log_lines == [kept.text]


async def test_symptoms_end_by_their_own_health_and_stay_in_the_family(shop: Shop) -> None:
    await node_down(shop)
    back = shop.at()
    fine = [shop.short("web", "3", available=1), shop.short("db", "3", available=1)]
    await shop.send(batch(shop.node("3", ready=True, since=back), *fine))
    await shop.advance(200)
    assert {issue.status.value for issue in await shop.issues()} == {"resolved"}
    root = (await shop.by_type())["NodeNotReady"]
    assert len(await shop.symptoms(root.id)) == 2
    assert "promoted" not in [kind for kind, _ in await shop.published()]


async def test_what_outlives_its_cause_by_five_minutes_is_promoted(shop: Shop) -> None:
    await node_down(shop)
    root = (await shop.by_type())["NodeNotReady"]
    await shop.send(batch(shop.node("3", ready=True), shop.short("db", "3", available=1)))
    await shop.advance(280)
    [web] = [issue for issue in await shop.issues() if issue.status.value == "open"]
    assert web.parent_issue_id == root.id, "most go soon after their cause"
    await shop.advance(180)
    [web] = [issue for issue in await shop.issues() if issue.status.value == "open"]
    assert web.parent_issue_id is None
    changes = [data["changes"] for kind, data in await shop.published() if kind == "issue.updated" and "parentIssueId" in data["changes"]]
    assert changes[-1]["parentIssueId"] == {"from": root.id, "to": None}


async def test_a_storm_delays_closer_looks_and_merges_nothing(shop: Shop) -> None:
    """Thirty workloads are killed in one minute and have nothing in common: thirty issues, and a minute of patience."""
    pods = [pod(f"w{number}-a", rv="2", killed_at=shop.clock.now(), kill=f"c{number}") for number in range(30)]
    for number, one in enumerate(pods):
        raw, owner = json.loads(one.raw), {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": f"w{number}", "uid": f"u{number}"}
        raw["metadata"]["ownerReferences"] = [owner | {"controller": True}]
        await shop.send(batch(one._replace(raw=json.dumps(raw).encode())))
    found = [issue for issue in await shop.issues() if issue.type == "OOMKilled"]
    assert len(found) == 30
    assert {issue.parent_issue_id for issue in found} == {None}
    waits = []
    for issue in found:
        waiting = await shop.store.read(shop.system, lambda tx, one=issue.id: analyses.newest(tx, one))
        logs = await shop.store.read(shop.system, lambda tx, one=issue.id: analyses.logs(tx, one))
        assert waiting is not None
        assert waiting.due_at is not None
        assert {log.due_at for log in logs} == {shop.clock.now()}, "the next restart takes the log away"
        waits.append((waiting.due_at - shop.clock.now()).total_seconds())
    assert waits.count(60.0) == 30 - grouping.STORM_ISSUES
    assert waits.count(1.0) == grouping.STORM_ISSUES


async def test_a_symptom_takes_back_what_it_waited_for(shop: Shop) -> None:
    """The pod's failure is seen before the node's, whose debounce is longer: its own analysis is not needed any more."""
    down = shop.at()
    lost = shop.lost("web", "2", since=down)
    raw = json.loads(lost.raw)
    raw["spec"]["containers"][0]["readinessProbe"] = {"httpGet": {"port": 80, "path": "/"}}
    running = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
    raw["status"]["containerStatuses"] = [{"name": "api", "ready": False, "started": True, "state": running}]
    about = {"kind": "Pod", "apiVersion": "v1", "namespace": "shop", "name": "web-1", "uid": "uid-Pod-web-1"}
    times = {"count": 9, "firstTimestamp": down, "lastTimestamp": down}
    said = "Readiness probe failed: timeout"
    told = change("Event", "e1", involvedObject=about, reason="Unhealthy", message=said, type="Warning", **times)
    await shop.send(batch(lost._replace(raw=json.dumps(raw).encode()), told))
    await shop.advance(130)
    early = (await shop.by_type())["ReadinessProbeFailed"]
    assert early.parent_issue_id is None
    await shop.send(batch(shop.node("2", ready=False, since=down)))
    await shop.advance(20)
    root, late = (await shop.by_type())["NodeNotReady"], (await shop.by_type())["ReadinessProbeFailed"]
    assert late.parent_issue_id == root.id
    assert late.version > early.version
    assert await shop.store.read(shop.system, lambda tx: analyses.newest(tx, early.id)) is None
    wanted = await shop.store.read(shop.system, lambda tx: analyses.logs(tx, early.id))
    assert all(one.is_wanted for one in wanted), "what it wrote may tell about its root"
    changes = [data["changes"] for kind, data in await shop.published() if kind == "issue.updated" and "parentIssueId" in data["changes"]]
    assert changes == [{"parentIssueId": {"from": None, "to": root.id}}]


async def test_a_root_resolved_by_hand_still_keeps_its_symptoms_quiet(shop: Shop) -> None:
    await node_down(shop)
    root = (await shop.by_type())["NodeNotReady"]
    await shop.store.write(shop.system, lambda tx: triage.change(tx, root.id, Change(status=Status.RESOLVED)))
    await shop.advance(400)
    standing = [issue for issue in await shop.issues() if issue.status is Status.OPEN]
    assert len(standing) >= 2
    assert {issue.parent_issue_id for issue in standing if issue.type == "DeploymentReplicasUnavailable"} == {root.id}


async def test_families_survive_a_restart_and_another_session(shop: Shop) -> None:
    await node_down(shop)
    before = {issue.id: issue.parent_issue_id for issue in await shop.issues()}
    shop.restart()
    await shop.begin()
    down = (shop.clock.now() - timedelta(seconds=310)).isoformat().replace("+00:00", "Z")
    things = [shop.node("2", ready=False, since=down)]
    things += [one for name in ("web", "db") for one in (shop.short(name, "2", since=down), shop.lost(name, "2", since=down))]
    await shop.snapshot(*things, generation="g2")
    await shop.advance(60)
    assert {issue.id: issue.parent_issue_id for issue in await shop.issues()} == before


async def test_others_see_no_family_of_ours(shop: Shop, store: Store, clock: FakeClock) -> None:
    await node_down(shop)
    root = (await shop.by_type())["NodeNotReady"]
    other = actor.system(await new_org(store, clock, name="Other"))
    assert await store.read(other, lambda tx: grouping.symptoms_of(tx, root.id)) == []
    assert await store.read(other, lambda tx: grouping.load(tx, root.cluster_id, offset=timedelta())) == []


async def test_where_very_much_is_wrong_symptoms_are_found_a_little_later(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relations, "delay", lambda _count: timedelta(seconds=2))
    await node_down(shop)
    root = (await shop.by_type())["NodeNotReady"]
    assert sorted(await shop.symptoms(root.id)) == [("DeploymentReplicasUnavailable", "has pods on")] * 2
    opened = [issue for issue in await shop.issues() if issue.parent_issue_id == root.id]
    assert [await shop.store.read(shop.system, lambda tx, one=one.id: analyses.newest(tx, one)) for one in opened] == [None, None]
