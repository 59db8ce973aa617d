import pytest

from optral.kube.objects import KubeObject
from optral.kube.reports import sandboxes
from tests.detectors.build import at, condition, event, found, make, only, pod, status, waiting, when

TYPE = "FailedCreatePodSandBox"
SOCKET = "rpc error: code = Unavailable desc = dial unix /run/containerd/containerd.sock: connect: no such file or directory"
NAMED = 'failed to reserve sandbox name "api": name is reserved for "abc"'
TOO_SMALL = "failed to create shim task: container init was OOM-killed (memory limit too low?)"


def creating(name: str = "api-5d4f9c-x1", **more: object) -> KubeObject:
    return pod(status(state=waiting("ContainerCreating")), name=name, phase="Pending", ago=600, **more)  # type: ignore[arg-type]


def sandbox_event(shown: KubeObject, message: str = NAMED, *, ago: float = 20, times: int = 4) -> KubeObject:
    return event(shown, TYPE, message, ago=ago, first=ago + 200, times=times)


def test_two_events_of_a_waiting_pod_are_an_issue_of_its_workload_after_a_minute() -> None:
    shown = creating()
    [finding] = only(TYPE, shown, sandbox_event(shown))
    assert str(finding.subject) == f"Pod/shop/{shown.name}"
    assert (finding.since, finding.opens_at, finding.expires_at) == (when(220), when(160), when(20 - 600))
    assert finding.facts["cause"] == "nameInUse"


@pytest.mark.parametrize(
    ("message", "cause", "is_of_node"),
    [
        (SOCKET, "runtimeGone", True),
        ("network is not ready: container runtime network not ready: cni plugin not initialized", "networkNotReady", True),
        ('plugin type="x" failed (add): no IP addresses available in range set: 10.0.0.1-10.0.0.9', "noFreeAddress", True),
        ('failed to get sandbox runtime: no runtime for "gvisor" is configured', "runtimeHandler", False),
        (NAMED, "nameInUse", False),
        ('plugin type="calico" failed (add): error getting ClusterInformation: cni', "network", False),
        ("context deadline exceeded", "timeout", False),
        ("odd", "unknown", False),
    ],
)
def test_reads_the_runtime_message_and_recognises_failures_of_the_node(message: str, cause: str, is_of_node: bool) -> None:
    shown = creating()
    assert sandboxes.failure(message).name == cause
    [finding] = only(TYPE, shown, sandbox_event(shown, message))
    assert (finding.subject.kind == "Node") is is_of_node


def test_a_second_workload_on_the_node_makes_it_a_failure_of_the_node() -> None:
    one, two = creating("api-1"), creating("web-1", labels={"app": "web"})
    findings = only(TYPE, one, two, sandbox_event(one), sandbox_event(two))
    assert {str(finding.subject) for finding in findings} == {"Node/node-1"}
    once = [sandbox_event(shown, times=1) for shown in (one, two)]
    assert {str(finding.subject) for finding in only(TYPE, one, two, *once)} == {"Node/node-1"}
    elsewhere = creating("web-1", labels={"app": "web"}, spec={"nodeName": "node-2"})
    assert {finding.subject.kind for finding in only(TYPE, one, elsewhere, sandbox_event(one), sandbox_event(elsewhere))} == {"Pod"}


@pytest.mark.parametrize(
    ("shown", "times", "ago"),
    [
        pytest.param(creating(), 1, 20, id="one may be a bad moment"),
        pytest.param(creating(), 9, 700, id="no longer recent"),
        pytest.param(creating(conditions=[condition("PodReadyToStartContainers")]), 9, 20, id="it has its sandbox"),
        pytest.param(pod(status()), 9, 20, id="it runs"),
        pytest.param(creating(meta={"deletionTimestamp": at(10)}), 9, 20, id="being deleted"),
        pytest.param(creating(conditions=[condition("DisruptionTarget", reason="EvictionByEvictionAPI")]), 9, 20, id="drained"),
        pytest.param(pod(status(state=waiting("ImagePullBackOff")), phase="Pending"), 9, 20, id="it has come as far as its image"),
    ],
)
def test_noise_is_no_issue(shown: KubeObject, times: int, ago: float) -> None:
    assert only(TYPE, shown, sandbox_event(shown, times=times, ago=ago)) == []


def test_a_memory_limit_too_low_for_the_sandbox_is_of_memory() -> None:
    shown = creating()
    assert [finding.type for finding in found(shown, sandbox_event(shown, TOO_SMALL))] == ["OOMKilled"]


def test_a_node_that_has_just_joined_gets_five_minutes() -> None:
    shown = creating()
    young = make("Node", name="node-1", namespace=None, ago=240)
    [finding] = only(TYPE, shown, young, sandbox_event(shown, "cni plugin not initialized"))
    assert finding.opens_at == when(240 - 300)
