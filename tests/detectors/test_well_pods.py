"""A pod that was well and is reaches nobody: what `reach` leaves out is exactly what its steps would say nothing about."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from optral import detectors
from optral.detectors import reach
from optral.kube import view
from optral.kube.changes import ObjectChange, Op
from optral.kube.objects import Condition, KubeObject, Pod
from tests.detectors import test_reach, test_reach_of_cluster
from tests.detectors.build import NOON, pod, status
from tests.detectors.network import test_reach as test_reach_of_network
from tests.detectors.pods import test_arrival
from tests.detectors.policy import test_arrival as test_arrival_of_policy

WORLDS = (test_reach, test_reach_of_cluster, test_reach_of_network, test_arrival, test_arrival_of_policy)
WORLD: list[KubeObject] = [thing for world in WORLDS for thing in world.WORLD]
PODS = [thing for thing in WORLD if isinstance(thing, Pod)]
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


def change(one: Pod) -> ObjectChange:
    return ObjectChange(Op.UPSERT, Pod.kind, one.uid, one.namespace or "", one.name, "1", b"")


@settings(max_examples=150, deadline=None)
@given(one=st.sampled_from(PODS), since=st.lists(st.integers(1, 9000), min_size=2, max_size=2), told=st.sampled_from(PODS))
def test_no_step_says_anything_of_a_pod_that_stays_well(one: Pod, since: list[int], told: Pod) -> None:
    before = well(one, since=since[0])
    after = well(REPLACE(one, status=told.status), since=since[1], version="2")
    base = view.of([*(thing for thing in WORLD if thing is not one), before])
    overlay = base.with_changes([(change(after), after)])
    assert reach.stays_well(before, after)
    for step in TABLE.by_kind[Pod.kind]:
        if step not in TABLE.from_well_pods:
            assert list(step(overlay, after)) == [], step


OTHERS = {
    "leaving": pod(status(), conditions=[], meta={"deletionTimestamp": "2026-03-02T11:59:00Z"}),
    "not ready": pod(status()),
    "waiting": pod(status(), phase="Pending"),
    "over": pod(status(), phase="Failed"),
    "labelled anew": pod(status(), labels={"app": "cart"}),
    "of another": pod(status(), owner=WORLD[0]),
}


@pytest.mark.parametrize("how", OTHERS)
def test_every_other_change_is_followed(how: str) -> None:
    other = OTHERS[how]
    assert isinstance(other, Pod)
    usual = PODS[0]
    before = well(REPLACE(other, metadata=REPLACE(other.metadata, labels=usual.labels, owner_references=())), since=9)
    after = well(other, since=9) if how in ("labelled anew", "of another") else other
    assert not reach.stays_well(before, after)
    assert not reach.stays_well(after, before)
    assert not reach.stays_well(None, before)
    assert not reach.stays_well(before, before), "nobody knows what it was"
