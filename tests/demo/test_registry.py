"""The promises of resourceVersion, generation and the change log."""

import pytest

from optral.demo.registry import LOG_LENGTH, Expired, Manifest, Registry
from optral.kube.kinds import BY_ID

POD = BY_ID["Pod"]


def pod(name: str, **spec: object) -> Manifest:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


def test_an_unchanged_write_changes_nothing() -> None:
    registry = Registry()
    one = pod("a", nodeName="worker-1")
    assert registry.put(POD, one)
    version = registry.version
    assert not registry.put(POD, one)
    assert registry.version == version


def test_generation_moves_with_the_spec_alone() -> None:
    registry = Registry()
    one = pod("a", replicas=1)
    registry.put(POD, one)
    one["status"] = {"phase": "Running"}
    registry.put(POD, one)
    assert one["metadata"]["generation"] == 1
    one["spec"]["replicas"] = 2
    registry.put(POD, one)
    assert one["metadata"]["generation"] == 2


def test_a_watcher_sees_each_change_once_and_in_order() -> None:
    registry = Registry()
    start = registry.version
    one = pod("a")
    registry.put(POD, one)
    one["status"] = {"phase": "Running"}
    registry.put(POD, one)
    registry.delete(POD, "shop", "a")
    changes = registry.since(start)
    assert [change.type for change in changes] == ["ADDED", "MODIFIED", "DELETED"]
    assert [change.version for change in changes] == [start + 1, start + 2, start + 3]
    assert registry.since(start + 2) == changes[2:]
    assert not registry.delete(POD, "shop", "a")


def test_a_watch_older_than_the_log_expires() -> None:
    registry = Registry()
    start = registry.version
    for number in range(LOG_LENGTH + 10):
        registry.put(POD, pod("a", number=number))
    with pytest.raises(Expired):
        registry.since(start)
    assert len(registry.since(registry.version - LOG_LENGTH)) == LOG_LENGTH


def test_compaction_deletes_the_log() -> None:
    registry = Registry()
    registry.put(POD, pod("a"))
    before = registry.version
    registry.put(POD, pod("b"))
    registry.compact()
    with pytest.raises(Expired):
        registry.since(before)
    assert registry.since(registry.version) == ()
