from typing import Any

import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import condition, event, make, only, when

TYPE = "NodeProblem"


def node(*conditions: dict[str, object], **more: Any) -> KubeObject:
    return make("Node", name="node-1", namespace=None, ago=90_000, status={"conditions": [condition("Ready"), *conditions]}, **more)


@pytest.mark.parametrize(
    ("told", "severity"),
    [
        (condition("KernelDeadlock", reason="DockerHung", ago=50), Severity.CRITICAL),
        (condition("ReadonlyFilesystem", ago=50), Severity.CRITICAL),
        (condition("FrequentContainerdRestart", ago=50), Severity.HIGH),
        (condition("KubeletUnhealthy", ago=50), Severity.HIGH),
        (condition("ContainerRuntimeReady", "False", ago=50), Severity.HIGH),
    ],
)
def test_a_condition_named_after_a_fault_opens_at_once(told: dict[str, Any], severity: Severity) -> None:
    [finding] = only(TYPE, node(told))
    assert (finding.part, finding.severity, finding.opens_at) == (told["type"], severity, when(50))


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(node(condition("KernelDeadlock", "False")), id="no deadlock"),
        pytest.param(node(condition("KernelDeadlock", "Unknown")), id="unknown status"),
        pytest.param(node(condition("ContainerRuntimeReady")), id="a part that is ready"),
        pytest.param(node(condition("EtcdIsVoter")), id="a condition of a distribution"),
        pytest.param(node(condition("GracefulNodeShutdownInProgress")), id="shutting down in order"),
        pytest.param(node(condition("MemoryPressure")), id="a type of its own"),
        pytest.param(node(condition("KernelDeadlock"), condition("MaintenanceInProgress")), id="in maintenance"),
    ],
)
def test_healthy_and_unrelated_conditions_are_no_issue(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []


def test_three_events_in_an_hour_are_too_many() -> None:
    shown = node()
    assert only(TYPE, shown, event(shown, "TaskHung", times=2, first=2000)) == []
    [finding] = only(TYPE, shown, event(shown, "TaskHung", "task blocked for more than 120 seconds", times=3, first=2000))
    assert (finding.part, finding.since, finding.expires_at) == ("TaskHung", when(2000), when(30 - 3600))


def test_events_of_yesterday_do_not_count() -> None:
    shown = node()
    assert only(TYPE, shown, event(shown, "TaskHung", times=9, first=90_000, ago=4000)) == []
