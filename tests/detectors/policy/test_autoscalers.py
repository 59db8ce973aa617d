from typing import Any

import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import condition, deployment, found, make, only, when

WELL = [condition("AbleToScale"), condition("ScalingActive"), condition("ScalingLimited", "False")]
TYPES = {"HPAScalingInactive", "HPAUnableToScale", "HPAMaxedOut", "HPAReplicasMismatch"}


def scaler(
    *conditions: dict[str, Any], current: int = 2, desired: int = 2, least: int = 1, most: int = 5, target: str = "api", ago: float = 7200
) -> KubeObject:
    told = {one["type"]: one for one in (*WELL, *conditions)}
    return make(
        "HorizontalPodAutoscaler.autoscaling",
        name="api",
        ago=ago,
        spec={
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target},
            "minReplicas": least,
            "maxReplicas": most,
        },
        status={
            "currentReplicas": current,
            "desiredReplicas": desired,
            "lastScaleTime": "2026-03-02T11:00:00Z",
            "conditions": list(told.values()),
        },
    )


def types(*things: KubeObject) -> set[str]:
    return {finding.type for finding in found(*things)} & TYPES


def test_metrics_that_cannot_be_read_open_after_five_minutes() -> None:
    message = "failed to get cpu utilization: missing request for cpu in container api of Pod api-1"
    told = condition("ScalingActive", "False", reason="FailedGetResourceMetric", message=message, ago=100)
    [finding] = only("HPAScalingInactive", scaler(told, desired=3), deployment())
    assert (finding.since, finding.opens_at, finding.severity) == (when(100), when(100 - 300), Severity.HIGH)
    assert (finding.facts["cause"], finding.facts["target"]) == ("requestsMissing", "Deployment/shop/api")
    assert [str(suspect.ref) for suspect in finding.suspects] == ["APIService/v1beta1.metrics.k8s.io", "Deployment/shop/api"]


def test_with_the_desired_replicas_it_is_less_urgent() -> None:
    told = condition("ScalingActive", "False", reason="FailedGetResourceMetric", message="no metrics returned")
    [finding] = only("HPAScalingInactive", scaler(told), deployment())
    assert finding.severity is Severity.MEDIUM


@pytest.mark.parametrize(
    ("conditions", "things"),
    [
        pytest.param([], [deployment()], id="all is well"),
        pytest.param(
            [condition("ScalingActive", "False", reason="ScalingDisabled")], [deployment()], id="its target is at zero on purpose"
        ),
        pytest.param(
            [condition("ScalingActive", "False", reason="FailedGetResourceMetric")],
            [deployment(replicas=0, available=0)],
            id="its target wants no replicas",
        ),
        pytest.param([condition("AbleToScale", reason="BackoffBoth")], [deployment()], id="it waits between two moves"),
        pytest.param([condition("ScalingLimited", reason="TooFewReplicas")], [deployment()], id="it rests at its minimum"),
    ],
)
def test_what_is_no_fault(conditions: list[dict[str, Any]], things: list[KubeObject]) -> None:
    assert types(scaler(*conditions), *things) == set()


def test_a_target_that_does_not_exist() -> None:
    told = condition("ScalingActive", "False", reason="FailedGetResourceMetric")
    assert types(scaler(told, target="ap", current=2, desired=4), deployment()) == {"HPAUnableToScale"}
    [finding] = only("HPAUnableToScale", scaler(target="ap", ago=60), deployment())
    assert finding.facts["cause"] == "targetMissing"
    assert finding.opens_at == when(60 - 120)


def test_a_target_that_cannot_be_read() -> None:
    told = condition("AbleToScale", "False", reason="FailedGetScale", message="no matches for kind", ago=50)
    [finding] = only("HPAUnableToScale", scaler(told))
    assert finding.title == "HPA shop/api cannot scale Deployment shop/api: no matches for kind"
    assert (finding.since, finding.severity) == (when(50), Severity.HIGH)


def test_an_autoscaler_at_its_maximum_that_needs_more() -> None:
    limited = condition("ScalingLimited", reason="TooManyReplicas", message="the desired count is more than the maximum", ago=60)
    [finding] = only("HPAMaxedOut", scaler(limited, current=5, desired=5), deployment())
    assert (finding.opens_at, finding.severity) == (when(60 - 900), Severity.MEDIUM)
    assert types(scaler(limited, current=3, desired=3, least=3, most=3), deployment()) == set()
    assert types(scaler(limited, current=4, desired=5), deployment()) & {"HPAMaxedOut"} == set()


def test_desired_replicas_that_are_not_created() -> None:
    [finding] = only("HPAReplicasMismatch", scaler(current=2, desired=4), deployment())
    assert finding.opens_at == when(3600 - 900)
    assert types(scaler(current=1, desired=4), deployment()) == set()


def test_a_deleted_autoscaler_is_no_issue() -> None:
    told = condition("AbleToScale", "False", reason="FailedGetScale")
    going = make(
        "HorizontalPodAutoscaler.autoscaling", name="x", meta={"deletionTimestamp": "2026-03-02T11:59:00Z"}, status={"conditions": [told]}
    )
    assert types(going) == set()
