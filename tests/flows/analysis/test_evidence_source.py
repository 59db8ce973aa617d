"""An explanation from stored rows is the explanation of the whole cluster, and reads only what is about the issue."""

import itertools
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from optral.analysis.engine import engine
from optral.analysis.model import Explanation, Question
from optral.analysis.reading import scope
from optral.analysis.reading.snapshot import LogKey, Snapshot
from optral.analysis.reading.stored_snapshot import StoredSnapshot
from optral.flows.analysis.evidence_source import Reservations, StoredSource
from optral.kube.changes import ObjectChange, Op
from optral.kube.kinds import EVENT
from optral.kube.objects import kind_id_of
from optral.resources import reports
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import agent
from optral.terms.ids import ClusterId, OrgId
from tests.analysis.cases import CASES
from tests.analysis.cluster import NAMESPACE, NOON, Json, World
from tests.support.examples import some

NAMESPACES = (NAMESPACE, "kube-system")


def _of_callers(world: World) -> list[str]:
    return [] if world.asked is None else scope.namespaces(None, world.asked.facts)


def change(body: Json) -> ObjectChange:
    metadata = body["metadata"]
    kind = kind_id_of(body["apiVersion"], body["kind"])
    raw = json.dumps(body).encode()
    return ObjectChange(
        Op.UPSERT, kind, metadata["uid"], metadata.get("namespace", ""), metadata["name"], metadata.get("resourceVersion", "1"), raw
    )


def rows(world: World) -> list[Json]:
    """In the order of an inventory, in which the last one of two objects with one uid counts."""
    last = {one["metadata"]["uid"]: one for one in world.objects}
    return sorted(last.values(), key=lambda one: (one["metadata"].get("namespace", ""), one["metadata"]["name"]))


def snapshot_of(tx: Transaction, cluster_id: ClusterId, world: World) -> StoredSnapshot:
    kinds = frozenset(kind_id_of(one["apiVersion"], one["kind"]) for one in world.objects)
    source = StoredSource(
        tx,
        cluster_id,
        namespaces=tuple({*NAMESPACES, world.namespace, *_of_callers(world)}),
        kinds=kinds,
        events_since=tx.now - timedelta(days=36_500),
    )
    logs = {LogKey(world.namespace, name, part, True): text for (name, part), text in world.logs.items()}
    return StoredSnapshot(source, now=NOON, visible=world.visible, logs=logs, history=world.history)


async def fill(store: Store, org: OrgId, bodies: Sequence[Json]) -> ClusterId:
    cluster_id = ClusterId(ids.new("cls"))
    changes = [change(one) for one in bodies]

    def save(tx: Transaction) -> None:
        reports.apply(tx, cluster_id, [one for one in changes if one.kind != EVENT.id], offset=timedelta())
        reports.apply_events(tx, cluster_id, changes, offset=timedelta())

    await store.write(agent(org, cluster_id), save)
    return cluster_id


def answer(question: Question, snap: Snapshot) -> dict[str, Any]:
    found: Explanation = engine.explain(engine.investigate(question, snap))
    return {"status": found.status, "hash": found.evidence_hash, **found.body}


async def test_the_answer_from_rows_is_the_answer_of_the_whole_cluster(store: Store, org: OrgId) -> None:
    differ = []
    for name, (_, _, ask) in some(CASES.items(), of=4):
        world, _ = ask()
        question = world.asked
        assert question is not None
        cluster_id = await fill(store, org, rows(world))
        actor = agent(org, cluster_id)
        stored = await store.read(actor, lambda tx, at=cluster_id, of=world, asked=question: answer(asked, snapshot_of(tx, at, of)))
        whole = World(rows(world), world.logs, world.visible, world.history, world.namespace)
        if stored != answer(question, whole.snapshot()):
            differ.append(name)
    assert differ == []


async def test_an_explanation_reads_as_many_manifests_in_a_large_cluster_as_in_a_small_one(store: Store, org: OrgId) -> None:
    for name, (_, _, ask) in itertools.islice(CASES.items(), 0, None, 30):
        world, _ = ask()
        question = world.asked
        assert question is not None
        counts = []
        for others in (1, 20):
            neighbours = [
                moved(body, f"team-{index}") for index in range(others) for body in rows(world) if body["metadata"].get("namespace")
            ]
            cluster_id = await fill(store, org, [*rows(world), *neighbours])
            counts.append(
                await store.read(agent(org, cluster_id), lambda tx, at=cluster_id, of=world, asked=question: manifests(tx, at, of, asked))
            )
        assert counts[0] == counts[1], name


def manifests(tx: Transaction, cluster_id: ClusterId, world: World, question: Question) -> int:
    snap = snapshot_of(tx, cluster_id, world)
    answer(question, snap)
    return snap.manifests_read


def moved(body: Json, namespace: str) -> Json:
    """The same object in another namespace."""
    metadata = body["metadata"]
    return body | {"metadata": metadata | {"namespace": namespace, "uid": f"{metadata['uid']}-{namespace}"}}


async def test_reservations_are_read_once_for_each_version_of_a_pod(store: Store, org: OrgId) -> None:
    def reserved(name: str, version: str, cpu: str) -> Json:
        spec = {"nodeName": "n1", "containers": [{"name": "c", "resources": {"requests": {"cpu": cpu}}}]}
        metadata = {"name": name, "namespace": "elsewhere", "uid": f"uid-{name}", "resourceVersion": version}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": {"phase": "Running"}}

    cluster_id = await fill(store, org, [reserved("a", "1", "1"), reserved("b", "1", "2")])
    who, reservations = agent(org, cluster_id), Reservations()

    async def cpus() -> list[int]:
        found = await store.read(who, lambda tx: reservations.outside(tx, cluster_id, ["", "shop"]))
        return sorted(one.requests["cpu"] for one in found)

    assert await cpus() == [1000, 2000]
    await store.write(who, lambda tx: reports.apply(tx, cluster_id, [change(reserved("a", "2", "4"))], offset=timedelta()))
    assert await cpus() == [2000, 4000], "a changed pod is read again"
    assert await store.read(who, lambda tx: reservations.outside(tx, cluster_id, ["elsewhere"])) == []


async def test_a_snapshot_that_was_completed_answers_without_its_rows(store: Store, org: OrgId) -> None:
    """A model asks long after the transaction ended."""
    for name, (_, _, ask) in itertools.islice(CASES.items(), 0, None, 20):
        world, _ = ask()
        question = world.asked
        assert question is not None
        cluster_id = await fill(store, org, rows(world))

        def completed(tx: Transaction, at: ClusterId = cluster_id, of: World = world, asked: Question = question) -> StoredSnapshot:
            snap = snapshot_of(tx, at, of)
            answer(asked, snap)  # the rules are always asked first; what they read of other namespaces stays
            snap.complete()
            return snap

        snap = await store.read(agent(org, cluster_id), completed)
        whole = World(rows(world), world.logs, world.visible, world.history, world.namespace)
        assert answer(question, snap) == answer(question, whole.snapshot()), name
