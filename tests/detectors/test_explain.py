from typing import Any

import pytest
from hypothesis import HealthCheck, given, strategies as st

from optral import detectors
from optral.detectors import explain, tuning
from optral.detectors.explain import DetectorVerdict, Explanation, Verdict
from optral.detectors.tuning import Settings, Tuning, TuningScope
from optral.kube.objects import KubeObject
from tests.detectors import test_hostile as hostile
from tests.detectors.build import NOON, at, condition, deployment, make, pod, replica_set, status, terminated, view_of, waiting
from tests.support.examples import examples

CRASH = "CrashLoopBackOff"


def explained(*things: KubeObject, under: Settings = tuning.DEFAULT, risk: bool = False) -> Explanation:
    return explain.explain(view_of(*things), now=NOON, include_risk=risk, settings=under, cluster_id="c1")


def verdicts(*things: KubeObject, **more: Any) -> dict[str, DetectorVerdict]:
    return {near.type: near for near in explained(*things, **more).near}


def crashing(**more: Any) -> KubeObject:
    last = terminated(ago=9, **more.pop("last", {}))
    return pod(status(state=waiting(CRASH), last=last, restarts=4), **more)


def holding(near: DetectorVerdict) -> set[str]:
    return {answer.gate for answer in near.gates if answer.holds_back}


def test_a_finding_is_explained_with_every_gate_it_passed() -> None:
    near = verdicts(crashing())[CRASH]
    assert near.verdict is Verdict.OPEN
    assert {"G1", "G7"} <= {answer.gate for answer in near.gates}
    assert holding(near) == set()


def test_a_finding_that_needs_more_time_waits() -> None:
    shown = pod(status(state=waiting("CreateContainerConfigError")), phase="Pending", ago=10)
    assert verdicts(shown)["CreateContainerConfigError"].verdict is Verdict.WAITS


@pytest.mark.parametrize(
    ("shown", "gate"),
    [
        pytest.param(crashing(meta={"deletionTimestamp": at(5)}), "G1", id="it is being deleted"),
        pytest.param(crashing(phase="Succeeded"), "G2", id="it has finished"),
        pytest.param(crashing(conditions=[condition("DisruptionTarget")]), "G5", id="it is being evicted"),
    ],
)
def test_a_gate_that_holds_back_is_named(shown: KubeObject, gate: str) -> None:
    near = verdicts(shown)[CRASH]
    assert near.verdict is Verdict.HELD_BACK
    assert gate in holding(near)
    assert near.finding is not None


def test_a_type_that_another_speaks_for() -> None:
    near = verdicts(crashing(last={"reason": "OOMKilled", "code": 137}))
    assert near["OOMKilled"].verdict is Verdict.OPEN
    assert (near[CRASH].verdict, near[CRASH].by) == (Verdict.SILENCED, "OOMKilled")


def test_a_type_that_is_switched_off() -> None:
    off = Settings(tunings={CRASH: {TuningScope(): Tuning(is_enabled=False)}})
    found = explained(crashing(), under=off)
    assert [finding.type for finding in found.findings] == []
    assert next(near for near in found.near if near.type == CRASH).verdict is Verdict.OFF


def test_a_service_in_front_of_what_is_off() -> None:
    service = make("Service", name="api", spec={"selector": {"app": "api"}})
    piece = make("EndpointSlice.discovery.k8s.io", name="x", meta={"labels": {"kubernetes.io/service-name": "api"}}, endpoints=[])
    near = verdicts(service, piece, deployment(replicas=0, available=0))["ServiceNoEndpoints"]
    assert (near.verdict, "G12" in holding(near)) == (Verdict.HELD_BACK, True)


def test_what_is_well_is_near_to_nothing() -> None:
    top = deployment()
    between = replica_set(top)
    well = pod(status(), owner=between, conditions=[condition("Ready")])
    assert explained(top, between, well) == Explanation((), ())


def test_risks_are_explained_on_request() -> None:
    assert "NakedPod" in verdicts(pod(status()), risk=True)
    assert "NakedPod" not in verdicts(pod(status()))


def test_a_detector_that_raises_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(detectors.Detector, "run", broken)
    assert {near.verdict for near in explained(crashing()).near} == {Verdict.FAILED}


@examples(40, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_damaged_object_keeps_the_others_from_being_explained(data: st.DataObject) -> None:
    manifests = list(hostile.CLUSTER)
    for number in data.draw(st.lists(st.integers(0, len(manifests) - 1), min_size=1, max_size=5)):
        path, _ = data.draw(st.sampled_from(list(hostile.paths(manifests[number]))))
        manifests[number] = hostile.damaged(manifests[number], path, data.draw(st.sampled_from(hostile.HARMFUL)))
    view = view_of(crashing(), *(hostile.decoded_as(was, now)[1] for was, now in zip(hostile.CLUSTER, manifests, strict=True)))
    answer = explain.explain(view, now=NOON, include_risk=True, settings=tuning.DEFAULT, cluster_id="c1")
    assert CRASH in {near.type for near in answer.near}
