"""What changed just before an issue, from the inventory's history to the answer: what the agent reports in the order of a cluster."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from optral.analysis import service as analyses
from optral.flows.analysis.analyze import AnalysisWorker
from optral.kit.times import rfc3339
from optral.kube.changes import KindMark, ObjectChange, Phase
from optral.kube.kinds import LOG_SIGNS
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.inventory.inventory import KINDS, World, batch, pod, replica_set
from tests.support.clock import FakeClock
from tests.support.objects import change, gone, reference

POLICY = "NetworkPolicy.networking.k8s.io"
MORE = ("ConfigMap", "Service", POLICY)
ENV = [
    {"name": "STORE_HOST", "value": "store.data"},
    {"name": "FLAG", "valueFrom": {"configMapKeyRef": {"name": "flags", "key": "checkout"}}},
]


def workload(name: str, image: str, *, rv: int, namespace: str = "shop") -> ObjectChange:
    labels = {"app": name}
    spec = {"containers": [{"name": "api", "image": image, "env": ENV if name == "web" else []}]}
    body = {"replicas": 1, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}}
    status = {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}
    uid = f"uid-Deployment.apps-{name}"
    return change("Deployment.apps", name, rv=str(rv), namespace=namespace, uid=uid, metadata={"generation": rv}, spec=body, status=status)


def flags(value: str, *, rv: int = 1, name: str = "flags") -> ObjectChange:
    return change("ConfigMap", name, rv=str(rv), data={"checkout": value})


STORE = change("Service", "store", namespace="data", spec={"selector": {"app": "store"}, "ports": [{"port": 5432}]})


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    """A Deployment with a ready pod that uses a ConfigMap and calls a database in another namespace; its agent samples logs."""
    made = World(store, org, clock)
    await made.create()
    made.session = replace(made.session, kinds=KINDS | {LOG_SIGNS.id, *MORE})
    await made.begin()
    database = workload("store", "db:1", rv=1, namespace="data")
    await made.snapshot(workload("web", "web:1", rv=1), database, replica_set(), pod("web-1-a"))
    for kind, objects in (("ConfigMap", [flags("on"), flags("on", name="other")]), ("Service", [STORE]), (POLICY, []), (LOG_SIGNS.id, [])):
        began, ended = KindMark(kind, Phase.SNAPSHOT_BEGIN, "g1"), KindMark(kind, Phase.SNAPSHOT_END, "g1", "", len(objects))
        await made.send(began, *([batch(*objects)] if objects else []), ended, KindMark(kind, Phase.LIVE, "g1"))
    return made


async def refused(world: World) -> dict[str, Any]:
    """The answer about an issue that a log shows, whose sign came first two minutes after whatever happened before."""
    began = world.clock.now() + timedelta(minutes=2)
    world.clock.advance(12 * 60)
    times = {"firstAt": rfc3339(began), "lastAt": rfc3339(world.clock.now() - timedelta(seconds=5))}
    sign = {"sign": "credentials", "count": 40, "message": "FATAL: password authentication failed", "names": {}, **times}
    containers = [{"name": "api", "startedAt": "2026-01-15T00:00:00Z", "signs": [sign]}]
    body = {"apiVersion": LOG_SIGNS.api_version, "kind": LOG_SIGNS.name, "status": {"containers": containers}}
    owner = reference("Pod", "web-1-a", "uid-Pod-web-1-a")
    version = str(int(world.clock.now().timestamp()))
    await world.send(batch(change(LOG_SIGNS.id, "web-1-a", rv=version, uid="uid-Pod-web-1-a-logs", owner=owner, **body)))
    [issue] = await world.issues()
    world.clock.advance(30)
    await AnalysisWorker(world.store, world.clock).step()
    found = await world.store.read(world.system, lambda tx: analyses.newest(tx, issue.id))
    assert found is not None
    return dict(found.result)


def before(result: dict[str, Any]) -> list[tuple[str, str, Any, Any, int]]:
    found = [one for one in result["changes"] if "precedesS" in one]
    return [(one["ref"]["name"], one["path"], one.get("from"), one.get("to"), one["precedesS"]) for one in found]


async def test_a_rollout_two_minutes_before_the_first_sign_is_what_the_answer_begins_with(world: World) -> None:
    await world.send(batch(workload("web", "web:2", rv=2)))
    result = await refused(world)
    assert before(result) == [("web", "spec/template/spec/containers/api/image", "web:1", "web:2", 120)]
    assert result["summary"].startswith("Deployment web changed 2 minutes before: containers/api/image from web:1 to web:2. ")
    assert any("web:2" in one["text"] for one in result["timeline"])


async def test_a_flag_and_a_rollout_of_what_it_calls_in_another_namespace_are_shown_closest_first(world: World) -> None:
    await world.send(batch(workload("store", "db:2", rv=2, namespace="data"), flags("off", rv=2)))
    found = before(await refused(world))
    assert [one[:4] for one in found] == [
        ("flags", "data/checkout", "on", "off"),
        ("store", "spec/template/spec/containers/api/image", "db:1", "db:2"),
    ]


async def test_a_policy_that_appeared_and_a_config_map_that_went_are_shown(world: World) -> None:
    policy = change(POLICY, "deny", spec={"podSelector": {}, "policyTypes": ["Egress"]})
    await world.send(batch(policy), batch(gone(flags("on"))))
    texts = {one["text"] for one in (await refused(world))["changes"]}
    assert texts == {
        "NetworkPolicy deny, which selects its pods, was created 2 minutes before",
        "ConfigMap flags, which Deployment web uses, was deleted 2 minutes before",
    }


async def test_a_change_long_before_and_one_of_an_unrelated_object_are_not_shown(world: World) -> None:
    await world.send(batch(flags("off", rv=2)))
    world.clock.advance(45 * 60)
    await world.send(batch(flags("off", rv=2, name="other"), workload("batch", "batch:1", rv=1)))
    result = await refused(world)
    assert before(result) == []
    assert "before" not in result["summary"]


async def test_a_change_is_still_shown_when_the_issue_is_analyzed_days_later(world: World) -> None:
    await world.send(batch(flags("off", rv=2)))
    first = before(await refused(world))
    [issue] = await world.issues()
    world.clock.advance(3 * 86_400)
    from optral.analysis.engine import engine
    from optral.flows.analysis.investigation import investigate

    again = await world.store.read(world.system, lambda tx: engine.explain(investigate(tx, issue.id)))
    assert before(dict(again.body)) == first != []


async def test_of_an_issue_that_opened_again_it_is_what_changed_before_that(world: World) -> None:
    await world.send(batch(flags("off", rv=2)))
    assert [one[0] for one in before(await refused(world))] == ["flags"]
    await world.advance(20 * 60)
    [issue] = await world.issues()
    assert issue.resolution == "recovered"
    await world.send(batch(workload("web", "web:2", rv=2)))
    found = before(await refused(world))
    [issue] = await world.issues()
    assert (len(issue.reopened), [one[0] for one in found]) == (1, ["web"])
