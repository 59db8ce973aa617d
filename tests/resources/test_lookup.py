"""Single objects are found by an index, whatever else the cluster holds."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from optral.kube.changes import ObjectChange
from optral.kube.kinds import EVENT
from optral.resources import lookup, lookup_repository, reports, service
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import agent
from optral.terms.ids import ClusterId, OrgId
from tests.support.clock import FakeClock
from tests.support.objects import change, reference

NAMESPACES = ["", "team-1", "kube-system"]
PLANS: dict[str, tuple[sa.Select[Any], dict[str, Any], str]] = {
    "by name": (lookup_repository._named, {"kind": "Pod", "namespace": "team-1", "name": "p-7"}, "ix_resources_kind"),
    "by kind": (lookup_repository._every, {"kind": "Pod", "namespaces": NAMESPACES}, "ix_resources_kind"),
    "by owner": (lookup_repository._owned, {"uid": "owner-7", "namespaces": NAMESPACES}, "ix_resources_owner"),
    "names": (lookup_repository._names, {"names": ["p-7", "nobody"], "namespaces": NAMESPACES}, "ix_resources_name"),
}


def pod(number: int, namespace: str) -> ObjectChange:
    owner, uid = reference("ReplicaSet.apps", "web", f"owner-{number}"), f"uid-{namespace}-{number}"
    return change("Pod", f"p-{number}", namespace=namespace, uid=uid, owner=owner, metadata={"labels": {"app": "web"}})


async def fill(store: Store, org: OrgId, *changes: ObjectChange) -> ClusterId:
    cluster_id = ClusterId(ids.new("cls"))
    await store.write(agent(org, cluster_id), lambda tx: reports.apply(tx, cluster_id, changes, offset=timedelta()))
    return cluster_id


async def test_an_index_finds_them(store: Store, org: OrgId) -> None:
    pods = [pod(number, f"team-{space}") for space in range(30) for number in range(100)]
    await fill(store, org, *pods)  # another cluster with the same names
    cluster_id = await fill(store, org, *pods)

    def plan(tx: Transaction, name: str) -> str:
        statement, values, _ = PLANS[name]
        asked = statement.params(org=org, cluster=cluster_id, **values)
        sql = asked.compile(tx.connection, compile_kwargs={"literal_binds": True})
        return "\n".join(str(row) for row in tx.execute(sa.text(f"{'EXPLAIN QUERY PLAN' if tx.dialect == 'sqlite' else 'EXPLAIN'} {sql}")))

    def plans(tx: Transaction) -> dict[str, str]:
        tx.execute(sa.text("ANALYZE resources"))
        return {name: plan(tx, name) for name in PLANS}

    found = await store.write(agent(org, cluster_id), plans)
    assert {name: text for name, text in found.items() if PLANS[name][2] not in text} == {}


async def test_only_the_given_namespaces_are_seen(store: Store, org: OrgId) -> None:
    cluster_id = await fill(store, org, pod(1, "team-1"), pod(1, "team-2"), pod(2, "team-1"))

    def look(tx: Transaction) -> list[Any]:
        return [
            lookup.named(tx, cluster_id, "Pod", "team-3", "p-1"),
            [one.name for one in lookup.every(tx, cluster_id, "Pod", ["team-1"])],
            [(one.namespace, one.labels, one.owner_name) for one in lookup.owned(tx, cluster_id, "owner-1", ["team-2"])],
            lookup.names_among(tx, cluster_id, ["p-1", "p-2", "p-3"], ["team-2"]),
            lookup.names_among(tx, cluster_id, [], ["team-2"]),
        ]

    found = await store.read(agent(org, cluster_id), look)
    assert found == [None, ["p-1", "p-2"], [("team-2", {"app": "web"}, "web")], {"p-1"}, set()]


async def test_another_organisation_sees_nothing(store: Store, org: OrgId) -> None:
    cluster_id = await fill(store, org, pod(1, "team-1"))
    stranger = agent(OrgId(ids.new("org")), cluster_id)
    assert await store.read(stranger, lambda tx: lookup.named(tx, cluster_id, "Pod", "team-1", "p-1")) is None
    assert await store.read(stranger, lambda tx: lookup.every(tx, cluster_id, "Pod", ["team-1"])) == []


def event(number: int, uid: str, now: datetime) -> ObjectChange:
    at = (now - timedelta(minutes=10 - number)).isoformat()
    about = {"kind": "Pod", "namespace": "team-1", "name": "web", "uid": uid}
    body = {"lastTimestamp": at, "reason": "BackOff", "involvedObject": about}
    return change(EVENT.id, f"e-{number}", namespace="team-1", uid=f"event-{number}", **body)


async def test_the_newest_events_of_several_objects_are_found(store: Store, org: OrgId, clock: FakeClock) -> None:
    cluster_id, uids = (
        ClusterId(ids.new("cls")),
        ["uid-a", "uid-b", *(f"uid-{number}" for number in range(service.EVENTS_AT_ONCE)), "uid-c"],
    )
    numbers = [7, 2, 9, 4, 1, 8, 3, 6, 5]
    events = [event(number, ("uid-a", "uid-b", "uid-c")[number % 3], clock.now()) for number in numbers]
    await store.write(agent(org, cluster_id), lambda tx: reports.apply_events(tx, cluster_id, events, offset=timedelta()))

    def look(tx: Transaction) -> list[str]:
        return [row.uid for row in service.events_about(tx, cluster_id, uids, since=clock.now() - timedelta(hours=1), limit=4)]

    assert await store.read(agent(org, cluster_id), look) == ["event-9", "event-8", "event-7", "event-6"]


async def test_what_fails_comes_before_what_waits_and_that_before_the_rest(store: Store, org: OrgId) -> None:
    def of(name: str, phase: str, *, ready: bool = False, reason: str = "") -> ObjectChange:
        waiting = [{"name": "app", "state": {"waiting": {"reason": reason}}}] if reason else []
        conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
        status = {"phase": phase, "conditions": conditions, "containerStatuses": waiting}
        return change("Pod", name, uid=name, owner=reference("ReplicaSet.apps", "web", "owner"), status=status)

    ended, ready = of("a-ended", "Succeeded"), of("b-ready", "Running", ready=True)
    cluster_id = await fill(
        store,
        org,
        ended,
        ready,
        of("c-not-ready", "Running"),
        of("d-pending", "Pending"),
        of("e-crashes", "Running", reason="CrashLoopBackOff"),
    )
    found, total = await store.read(agent(org, cluster_id), lambda tx: lookup.failing_first(tx, cluster_id, "Pod", ["owner"], limit=4))
    assert ([one.name for one in found], total) == (["e-crashes", "c-not-ready", "d-pending", "a-ended"], 5)
