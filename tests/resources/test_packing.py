"""Manifests with the dictionary of their cluster."""

import json
from datetime import timedelta

import pytest

from optral.clusters import service as clusters
from optral.kube.changes import ObjectChange, Op
from optral.resources import packing, reports, repository, service as resources
from optral.store.store import Store
from tests.conftest import ActorMaker


def _raw(number: int, version: int) -> bytes:
    labels = {f"label-{at}": f"value-{number * 7919 + at}" for at in range(60)}
    meta = {"name": f"web-{number}", "namespace": "shop", "uid": f"uid-{number}", "resourceVersion": str(version), "labels": labels}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "status": {"phase": "Running"}}).encode()


def _changes(version: int, count: int = 200) -> list[ObjectChange]:
    return [
        ObjectChange(Op.UPSERT, "Pod", f"uid-{number}", "shop", f"web-{number}", str(version), _raw(number, version))
        for number in range(count)
    ]


async def _apply(store: Store, actor: ActorMaker, cluster_id: str, changes: list[ObjectChange]) -> None:
    await store.write(actor(), lambda tx: reports.apply(tx, cluster_id, changes, offset=timedelta(0)))


async def _numbers(store: Store, actor: ActorMaker, cluster_id: str) -> set[int]:
    return await store.read(actor(), lambda tx: {packing.number_of(row.manifest) for row in repository.load(tx, cluster_id, "Pod")})


async def test_after_a_large_batch_manifests_share_a_dictionary_and_read_back_as_they_were(store: Store, actor: ActorMaker) -> None:
    cluster = await store.write(actor(), lambda tx: clusters.create(tx, name="c", labels={}))
    changes = _changes(1)
    await _apply(store, actor, cluster.id, changes)
    assert await _numbers(store, actor, cluster.id) == {0}  # the one that was learned from them was not committed yet
    changes = _changes(2)
    await _apply(store, actor, cluster.id, changes)
    assert await _numbers(store, actor, cluster.id) == {packing.FIRST_NUMBER}
    stored = await store.read(
        actor(),
        lambda tx: {
            resources.id_of(cluster.id, "Pod", c.uid): resources.manifest(tx, resources.id_of(cluster.id, "Pod", c.uid))
            for c in changes[:5]
        },
    )
    assert list(stored.values()) == [change.raw for change in changes[:5]]
    await _apply(store, actor, cluster.id, _changes(3))
    assert await _numbers(store, actor, cluster.id) == {packing.FIRST_NUMBER}


async def test_a_dictionary_whose_transaction_failed_is_used_by_nobody(store: Store, actor: ActorMaker) -> None:
    cluster = await store.write(actor(), lambda tx: clusters.create(tx, name="c", labels={}))

    def failing(tx: object) -> None:
        reports.apply(tx, cluster.id, _changes(1), offset=timedelta(0))  # type: ignore[arg-type]
        raise ValueError("rolled back")

    with pytest.raises(ValueError, match="rolled back"):
        await store.write(actor(), failing)
    await _apply(store, actor, cluster.id, _changes(2, count=3))
    assert await _numbers(store, actor, cluster.id) == {0}


async def test_a_few_objects_are_compressed_alone(store: Store, actor: ActorMaker) -> None:
    cluster = await store.write(actor(), lambda tx: clusters.create(tx, name="c", labels={}))
    await _apply(store, actor, cluster.id, _changes(1, count=20))
    await _apply(store, actor, cluster.id, _changes(2, count=20))
    assert await _numbers(store, actor, cluster.id) == {0}
