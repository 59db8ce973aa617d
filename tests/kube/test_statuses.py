import pytest

from optral.kube import statuses
from optral.kube.objects import Pod
from optral.kube.objects.base import Condition
from optral.kube.objects.pods import PodStatus
from optral.kube.statuses import State


@pytest.mark.parametrize(
    ("kind", "status", "state"),
    [
        ("Pod", "CrashLoopBackOff", State.FAILING),
        ("Pod", "Evicted", State.FAILING),
        ("Pod", "Pending", State.PENDING),
        ("Pod", "Terminating", State.PENDING),
        ("Pod", "Succeeded", State.HEALTHY),
        ("Node", "NotReady", State.FAILING),
        ("PersistentVolumeClaim", "Lost", State.FAILING),
        ("PersistentVolumeClaim", "Bound", State.HEALTHY),
        ("Deployment.apps", "0/3", State.FAILING),
        ("Deployment.apps", "2/3", State.PENDING),
        ("Deployment.apps", "0/0", State.HEALTHY),
        ("Deployment.apps", "4/3", State.HEALTHY),
        ("Widget.shop.example.com", "Degraded (SyncFailed)", State.FAILING),
        ("Widget.shop.example.com", "Progressing (Installing)", State.PENDING),
        ("Widget.shop.example.com", "Deployed", State.HEALTHY),
        ("ConfigMap", None, State.HEALTHY),
    ],
)
def test_a_status_says_whether_its_object_needs_attention(kind: str, status: str | None, state: State) -> None:
    assert statuses.state_of(kind, status) is state


@pytest.mark.parametrize(("ready", "state"), [("True", State.HEALTHY), ("False", State.PENDING)])
def test_a_pod_that_runs_and_is_not_ready_waits(ready: str, state: State) -> None:
    pod = Pod(status=PodStatus(phase="Running", conditions=(Condition(type="Ready", status=ready),)))
    assert statuses.of_pod(pod, "Running") is state
