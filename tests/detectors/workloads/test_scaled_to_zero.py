from typing import Any

import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import HOUR, at, deployment, event, make, only, owned_by, replica_set, when

TYPE = "ScaledToZero"
SERVICE = make("Service", name="api", spec={"selector": {"app": "api"}})


def zero(*, scaled: float | None = 600, by: str = "kubectl", changed: float = 600, **meta: Any) -> KubeObject:
    fields = [{"manager": "kubectl", "time": at(changed)}]
    if scaled is not None:
        fields.append({"manager": by, "subresource": "scale", "time": at(scaled)})
    return deployment(replicas=0, available=0, meta={"managedFields": fields, "labels": {}} | meta)


def pieces(*, ready: bool) -> KubeObject:
    endpoints = [{"addresses": ["10.0.0.1"], "conditions": {"ready": ready}}]
    meta = {"labels": {"kubernetes.io/service-name": "api"}}
    return make("EndpointSlice.discovery.k8s.io", name="api-x", meta=meta, endpoints=endpoints)


def scaler(name: str = "api", minimum: int = 1) -> KubeObject:
    target = {"kind": "Deployment", "name": "api", "apiVersion": "apps/v1"}
    return make("HorizontalPodAutoscaler.autoscaling", name=name, spec={"scaleTargetRef": target, "minReplicas": minimum, "maxReplicas": 5})


def ingress() -> KubeObject:
    backend = {"backend": {"service": {"name": "api"}}}
    return make("Ingress.networking.k8s.io", name="web", spec={"rules": [{"http": {"paths": [backend]}}]})


def test_opens_five_minutes_after_the_scaling_and_names_what_still_points_there() -> None:
    [finding] = only(TYPE, zero(), SERVICE, pieces(ready=False))
    assert (finding.since, finding.opens_at, finding.severity) == (when(600), when(300), Severity.MEDIUM)
    assert (finding.facts["services"], finding.facts["scaledBy"]) == (["api"], "kubectl")


def test_behind_an_ingress_it_is_high() -> None:
    [finding] = only(TYPE, zero(), SERVICE, ingress())
    assert (finding.severity, finding.facts["ingresses"]) == (Severity.HIGH, ["web"])


def test_an_autoscaler_that_still_points_there_is_enough() -> None:
    assert len(only(TYPE, zero(), scaler())) == 1


def test_an_event_or_a_changed_revision_shows_that_there_were_replicas() -> None:
    bare = zero(scaled=None)
    assert only(TYPE, bare, SERVICE) == []
    told = event(bare, "ScalingReplicaSet", "Scaled down replica set api-5d4f9c to 0 from 3", ago=700, kind="Normal")
    assert only(TYPE, bare, SERVICE, told)[0].since == when(700)
    never = replica_set(bare, replicas=0, ready=0)
    assert only(TYPE, bare, SERVICE, never) == []
    emptied = make(never.kind, name="api-5d4f9c", meta={"ownerReferences": owned_by(bare), "generation": 2}, spec={"replicas": 0})
    assert only(TYPE, bare, SERVICE, emptied)[0].since == when(600)


def test_a_later_edit_does_not_make_an_old_zero_new() -> None:
    bare = zero(scaled=None, changed=600)
    emptied = make("ReplicaSet.apps", name="api-1", meta={"ownerReferences": owned_by(bare), "generation": 2}, spec={"replicas": 0})
    left = {"endpoints.kubernetes.io/last-change-trigger-time": at(30 * 24 * HOUR)}
    meta = {"labels": {"kubernetes.io/service-name": "api"}, "annotations": left}
    piece = make("EndpointSlice.discovery.k8s.io", name="api-x", meta=meta, endpoints=[])
    assert len(only(TYPE, bare, SERVICE, emptied)) == 1
    assert only(TYPE, bare, SERVICE, emptied, piece) == []


def test_a_new_zero_waits_although_its_endpoints_last_changed_long_ago() -> None:
    """The Event that tells of the scaling comes later than the scaling."""
    bare = zero(scaled=None, changed=2)
    emptied = make("ReplicaSet.apps", name="api-1", meta={"ownerReferences": owned_by(bare), "generation": 2}, spec={"replicas": 0})
    left = {"endpoints.kubernetes.io/last-change-trigger-time": at(1800)}
    meta = {"labels": {"kubernetes.io/service-name": "api"}, "annotations": left}
    piece = make("EndpointSlice.discovery.k8s.io", name="api-x", meta=meta, endpoints=[])
    [finding] = only(TYPE, bare, SERVICE, emptied, piece)
    assert (finding.since, finding.opens_at, finding.is_onset_unknown) == (when(2), when(2 - 300), True)


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([zero()], id="nobody points there"),
        pytest.param([zero(), SERVICE, pieces(ready=True)], id="others serve it"),
        pytest.param([deployment(), SERVICE], id="it has replicas"),
        pytest.param([zero(), SERVICE, scaler(minimum=0)], id="its autoscaler may go to zero"),
        pytest.param([zero(), SERVICE, scaler("keda-hpa-api")], id="KEDA"),
        pytest.param([zero(by="keda-operator"), SERVICE], id="scaled by KEDA"),
        pytest.param([zero(labels={"serving.knative.dev/service": "api"}), SERVICE], id="Knative"),
        pytest.param([zero(scaled=8 * 24 * HOUR, creationTimestamp=at(90 * 24 * HOUR)), SERVICE], id="nobody missed it for a week"),
        pytest.param([zero(scaled=None), SERVICE], id="born with zero"),
    ],
)
def test_intended_zero_replicas_are_no_issue(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []
