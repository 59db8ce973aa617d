"""What reaches nobody: a pod that was well and is, and what is merely written again. No step that `reach` leaves out had more to say."""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from optral import detectors
from optral.detectors import reach
from optral.kube import objects, owners, view
from optral.kube.changes import ObjectChange, Op
from optral.kube.objects import Condition, DatedMetadata, KubeObject, Pod, kind_id_of
from optral.kube.view import ClusterView
from tests.detectors import healthy, test_reach, test_reach_of_cluster
from tests.detectors.build import NOON, at, pod, status
from tests.detectors.network import test_reach as test_reach_of_network
from tests.detectors.pods import test_arrival
from tests.detectors.policy import test_arrival as test_arrival_of_policy
from tests.support.examples import examples

WORLDS = (test_reach, test_reach_of_cluster, test_reach_of_network, test_arrival, test_arrival_of_policy)
WORLD: list[KubeObject] = [obj for world in WORLDS for obj in world.WORLD.things]
PODS = [obj for obj in WORLD if isinstance(obj, Pod)]
TABLE = detectors._WITH_RISK.steps
REPLACE = msgspec.structs.replace


def well(one: Pod, *, since: int, version: str = "1") -> Pod:
    """The same pod, running, ready since so many seconds."""
    told = tuple(told for told in one.status.conditions if told.type != "Ready")
    ready = Condition(type="Ready", status="True", last_transition_time=NOON - timedelta(seconds=since))
    return REPLACE(
        one,
        metadata=REPLACE(one.metadata, deletion_timestamp=None, resource_version=version),
        status=REPLACE(one.status, phase="Running", conditions=(*told, ready)),
    )


def change(one: KubeObject) -> ObjectChange:
    return ObjectChange(Op.UPSERT, one.kind, one.uid, one.namespace or "", one.name, "1", b"")


@examples(150)
@given(one=st.sampled_from(PODS), since=st.lists(st.integers(1, 9000), min_size=2, max_size=2), told=st.sampled_from(PODS))
def test_a_pod_that_stays_healthy_changes_no_other_answer(one: Pod, since: list[int], told: Pod) -> None:
    before = well(one, since=since[0])
    after = well(REPLACE(one, status=told.status), since=since[1], version="2")
    base = view.of([*(obj for obj in WORLD if obj is not one), before])
    overlay = base.with_changes([(change(after), after)])
    assert reach.stays_healthy(before, after)
    for step in TABLE.by_kind[Pod.kind]:
        if step not in TABLE.from_healthy_pods:
            assert list(step(overlay, after)) == [], step


OTHERS = {
    "leaving": pod(status(), conditions=[], meta={"deletionTimestamp": "2026-03-02T11:59:00Z"}),
    "not ready": pod(status()),
    "waiting": pod(status(), phase="Pending"),
    "over": pod(status(), phase="Failed"),
    "relabeled": pod(status(), labels={"app": "cart"}),
    "of another": pod(status(), owner=WORLD[0]),
}


@pytest.mark.parametrize("how", OTHERS)
def test_every_other_change_is_followed(how: str) -> None:
    other = OTHERS[how]
    assert isinstance(other, Pod)
    usual = PODS[0]
    before = well(REPLACE(other, metadata=REPLACE(other.metadata, labels=usual.labels, owner_references=())), since=9)
    after = well(other, since=9) if how in ("relabeled", "of another") else other
    assert not reach.stays_healthy(before, after)
    assert not reach.stays_healthy(after, before)


def named(manifest: dict[str, Any]) -> str:
    return f"{manifest['kind']}-{manifest['metadata']['name']}"


def rewritten(manifest: dict[str, Any], *, version: str = "8") -> tuple[KubeObject, KubeObject]:
    """An object, and the same after somebody wrote its status again."""
    kind = kind_id_of(manifest["apiVersion"], manifest["kind"])
    metadata = manifest["metadata"]
    written = {"manager": "kubelet", "operation": "Update", "subresource": "status", "time": at(1)}
    again = manifest | {"metadata": metadata | {"resourceVersion": version, "managedFields": [*metadata["managedFields"], written]}}
    return objects.decode(kind, json.dumps(manifest).encode()), objects.decode(kind, json.dumps(again).encode())


@pytest.mark.parametrize("manifest", healthy.cluster(), ids=named)
def test_a_status_written_again_reaches_no_object(manifest: dict[str, Any]) -> None:
    before, after = rewritten(manifest)
    assert reach.is_unread(before, after)
    overlay = base_of(before).with_changes([(change(after), after)])
    assert detectors.examine(overlay, [owners.ref(after)], now=NOON, include_risk=True).examined == {after.uid}


@pytest.mark.parametrize(
    "manifest",
    [one for one in healthy.cluster() if "spec" in one],
    ids=named,
)
@pytest.mark.parametrize("part", ["labels", "deletionTimestamp", "generation", "ownerReferences", "managedFields"])
def test_every_field_that_is_read_counts(manifest: dict[str, Any], part: str) -> None:
    other = {
        "labels": {"app": "other"},
        "deletionTimestamp": at(3),
        "generation": 2,
        "ownerReferences": [{"kind": "Node", "apiVersion": "v1", "name": "node-1", "uid": "x"}],
        "managedFields": [{"manager": "hand", "operation": "Update", "subresource": "scale", "time": at(2)}],
    }
    before, _ = rewritten(manifest)
    _, after = rewritten(manifest | {"metadata": manifest["metadata"] | {part: other[part]}})
    assert reach.is_unread(before, after) == (part == "managedFields" and not isinstance(before.metadata, DatedMetadata))


def base_of(obj: KubeObject) -> ClusterView:
    kinds = ((kind_id_of(one["apiVersion"], one["kind"]), one) for one in healthy.cluster() if one["metadata"]["uid"] != obj.uid)
    return view.of([obj, *(objects.decode(kind, json.dumps(one).encode()) for kind, one in kinds)])
