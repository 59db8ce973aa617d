import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, condition, deployment, found, only, pod, replica_set, status, when

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


def test_a_pod_that_is_held_on_purpose_is_never_urgent() -> None:
    """Also without a replica: a pod of its own and the only replica of a Deployment."""
    top = deployment("api", replicas=1, available=0)
    revision = replica_set(top, replicas=1, ready=0)
    findings = [*only(TYPE, gated("example.com/x")), *only(TYPE, top, revision, gated("example.com/x", owner=revision))]
    assert [finding.severity for finding in findings] == [Severity.MEDIUM, Severity.MEDIUM]


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
