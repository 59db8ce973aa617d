import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import (
    at,
    condition,
    container,
    deployment,
    event,
    found,
    make,
    only,
    owned_by,
    pod,
    replica_set,
    running,
    status,
    terminated,
    waiting,
    when,
)

TYPE = "PodNotReady"
JOB = make("Job.batch", name="report")


def unready(*statuses: dict[str, object], ago: float = 1000, reason: str = "", **more: object) -> KubeObject:
    conditions = [condition("PodScheduled"), condition("Initialized"), condition("Ready", "False", reason=reason, ago=ago)]
    return pod(*(statuses or (status(),)), **({"conditions": conditions} | more))  # type: ignore[arg-type]


def test_a_quarter_of_an_hour_passes() -> None:
    [finding] = found(unready())
    assert (finding.type, finding.since, finding.opens_at, finding.part) == (TYPE, when(1000), when(100), None)


@pytest.mark.parametrize(
    ("shown", "opens"),
    [
        pytest.param(unready(status(state=waiting("SomethingNew"))), 1000 - 3600, id="an unknown wait gets an hour"),
        pytest.param(
            unready(
                status(state=running(900), ready=False, started=False),
                containers=[container(startupProbe={"periodSeconds": 10, "failureThreshold": 300})],
            ),
            900 - 3000,
            id="a start that may take fifty minutes",
        ),
        pytest.param(pod(phase="Pending", conditions=[condition("PodScheduled")], ago=1000), 100, id="pending, nothing reported"),
        pytest.param(unready(phase="Unknown"), 100, id="its node does not report"),
    ],
)
def test_who_may_take_longer_gets_longer(shown: KubeObject, opens: float) -> None:
    [finding] = only(TYPE, shown)
    assert finding.opens_at == when(opens)


def test_a_readiness_gate_that_is_not_met_is_named() -> None:
    gates = {"readinessGates": [{"conditionType": "example.com/lb-attached"}]}
    [finding] = found(unready(reason="ReadinessGatesNotReady", spec=gates))
    assert finding.facts["readinessGates"] == ["example.com/lb-attached"]
    assert finding.title.endswith("readiness gates are not met (example.com/lb-attached)")


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([pod(status(), conditions=[condition("Ready")])], id="ready"),
        pytest.param([pod(status(), conditions=[])], id="nobody has judged it yet"),
        pytest.param([unready(meta={"ownerReferences": owned_by(JOB)}), JOB], id="a Job's pod"),
        pytest.param([unready(phase="Succeeded")], id="finished"),
        pytest.param([unready(meta={"deletionTimestamp": at(100)})], id="being deleted"),
        pytest.param([unready(conditions=[condition("DisruptionTarget"), condition("Ready", "False")])], id="disrupted on purpose"),
        pytest.param(
            [unready(phase="Pending", spec={"nodeName": "", "schedulingGates": [{"name": "kueue.x-k8s.io/admission"}]})],
            id="held back on purpose",
        ),
        pytest.param(
            [unready(status(state=terminated(ago=900, reason="Completed", code=0)), status("b"), spec={"restartPolicy": "OnFailure"})],
            id="a part of it has done what it was for",
        ),
    ],
)
def test_others_are_not_meant_to_be_ready(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []


def test_it_is_silent_as_soon_as_another_type_speaks() -> None:
    crashing = unready(status(state=waiting("CrashLoopBackOff"), last=terminated(ago=9), restarts=9))
    assert [finding.type for finding in found(crashing)] == ["CrashLoopBackOff"]
    probed = unready(status(ready=False), containers=[container(readinessProbe={"periodSeconds": 5})])
    assert [finding.type for finding in found(probed, event(probed, "Unhealthy", "Readiness probe failed: 503"))] == [
        "ReadinessProbeFailed"
    ]


def test_it_names_its_node_and_follows_its_workload() -> None:
    top = deployment(available=0)
    between = replica_set(top)
    [finding] = only(TYPE, unready(owner=between), between, top)
    assert (str(finding.subject), finding.severity) == ("Deployment/shop/api", Severity.HIGH)
    assert [str(suspect.ref) for suspect in finding.suspects] == ["Node/node-1"]


def test_a_pod_bound_to_a_node_that_does_not_exist_says_so() -> None:
    shown = pod(phase="Pending", spec={"nodeName": "node-9"})
    [finding] = only(TYPE, shown, make("Node", name="node-1", namespace=None))
    assert finding.title == "Pod shop/api-5d4f9c-x1 cannot start: node node-9 does not exist"
    [unseen] = only(TYPE, shown)
    assert unseen.title.endswith(" does not start")
