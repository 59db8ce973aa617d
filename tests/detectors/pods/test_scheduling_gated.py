import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import at, condition, found, only, pod, status, when

TYPE = "SchedulingGated"


def gated(*names: str, ago: float = 2000, **more: object) -> KubeObject:
    told = condition("PodScheduled", "False", reason=TYPE, ago=ago)
    spec = {"nodeName": "", "schedulingGates": [{"name": name} for name in names]}
    given = {"phase": "Pending", "conditions": [told], "spec": spec} | more
    return pod(ago=ago, **given)  # type: ignore[arg-type]


def test_each_gate_is_an_issue_after_half_an_hour() -> None:
    findings = found(gated("example.com/budget", "example.com/licence"))
    assert [(finding.type, finding.part, finding.opens_at) for finding in findings] == [
        (TYPE, "example.com/budget", when(200)),
        (TYPE, "example.com/licence", when(200)),
    ]


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(gated("kueue.x-k8s.io/admission"), id="a queue holds it as its trade"),
        pytest.param(gated(), id="the gate was removed"),
        pytest.param(gated("example.com/x", meta={"deletionTimestamp": at(9)}), id="being deleted"),
        pytest.param(pod(status()), id="it runs"),
    ],
)
def test_other_pods_are_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []


def test_no_other_type_reports_a_gated_pod() -> None:
    assert {finding.type for finding in found(gated("example.com/x", ago=90000))} == {TYPE}
