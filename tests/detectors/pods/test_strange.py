"""Nothing that a cluster calls a pod, and nothing its Events say, makes a type about pods raise, overflow or claim the impossible."""

import json
from typing import Any

from hypothesis import HealthCheck, given, strategies as st

from optral import detectors
from optral.detectors import pods
from optral.kube import objects, owners
from tests.detectors.build import NOON, view_of
from tests.support.examples import examples

REASONS = sorted({reason for detector in pods.DETECTORS for reason in detector.event_reasons} | {"Preempted", "Rebooted", "SandboxChanged"})
TIMES = st.sampled_from(
    ["2026-03-02T11:59:00Z", "2026-03-02T11:49:00Z", "2026-03-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "noon", None]
)
NUMBERS = st.sampled_from([0, 1, 2, 3, 5, 30, -1, 2**62, -(2**62), 2**70, "7", None, 1.5])
TEXT = st.sampled_from(
    [
        "",
        "x" * 5000,
        "low on resource: [",
        'EmptyDir volume "',
        "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi",
        "container init was OOM-killed",
        "System OOM encountered, victim process: , pid: ",
        "Out of memory: Killed process 1 ()",
        'Multi-Attach error for volume "pvc-1"',
        "unmounted volumes=[a b",
        "unmounted volumes=[  ]: timed out",
        "Container api failed liveness probe",
        "Container api failed startup probe",
        "Startup probe failed: x",
        "Back-off restarting failed container",
        "dial unix containerd.sock",
        "0/3 nodes are available: 1 node(s) had untolerated taint {, 9999999 Insufficient",
        "references non-existent secret key: k",
        "\u0000\ud800",
    ]
)
WORDS = st.sampled_from(
    [
        "",
        "CrashLoopBackOff",
        "OOMKilled",
        "Completed",
        "ContainerCreating",
        "PodInitializing",
        "InvalidImageName",
        "ErrImagePull",
        "StartError",
        "RunContainerError",
        "ContainerStatusUnknown",
        7,
    ]
)
ENDED = st.fixed_dictionaries(
    {}, optional={"exitCode": NUMBERS, "reason": WORDS, "startedAt": TIMES, "finishedAt": TIMES, "message": TEXT, "containerID": TEXT}
)
STATE = st.one_of(
    st.fixed_dictionaries({"terminated": ENDED}),
    st.fixed_dictionaries({"waiting": st.fixed_dictionaries({"reason": WORDS, "message": TEXT})}),
    st.fixed_dictionaries({"running": st.fixed_dictionaries({}, optional={"startedAt": TIMES})}),
    st.none(),
)
NAMES = st.sampled_from(["api", "b", "", 3])
STATUS = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "state": STATE,
        "lastState": STATE,
        "restartCount": NUMBERS,
        "ready": st.booleans(),
        "started": st.sampled_from([True, False, None]),
    },
)
PROBE = st.dictionaries(st.sampled_from(["failureThreshold", "periodSeconds", "initialDelaySeconds", "timeoutSeconds"]), NUMBERS)
CONTAINER = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "image": TEXT,
        "livenessProbe": PROBE,
        "readinessProbe": PROBE,
        "startupProbe": PROBE,
        "restartPolicy": st.sampled_from(["Always", "", None]),
        "resources": st.fixed_dictionaries({"limits": st.dictionaries(st.just("memory"), st.sampled_from(["1Gi", "-1", "1e400", "x", 0]))}),
    },
)
CONDITION = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["Ready", "PodScheduled", "Initialized", "DisruptionTarget", "PodResizePending", "PodReadyToStartContainers", "Available"]
        ),
        "status": st.sampled_from(["True", "False", "Unknown", None]),
    },
    optional={
        "reason": st.sampled_from(["Unschedulable", "SchedulingGated", "PreemptionByScheduler", "Infeasible", "ReadinessGatesNotReady", 5]),
        "lastTransitionTime": TIMES,
        "message": TEXT,
    },
)
OWNER = st.fixed_dictionaries(
    {"kind": st.sampled_from(["ReplicaSet", "Job", "StatefulSet", "Node", "Workflow", ""])},
    optional={"apiVersion": st.sampled_from(["apps/v1", "batch/v1", "v1", "/"]), "name": st.sampled_from(["api", "api-1", ""])},
)
POD = st.fixed_dictionaries(
    {
        "metadata": st.fixed_dictionaries(
            {},
            optional={
                "creationTimestamp": TIMES,
                "deletionTimestamp": TIMES,
                "deletionGracePeriodSeconds": NUMBERS,
                "finalizers": st.lists(TEXT, max_size=2),
                "ownerReferences": st.lists(OWNER, max_size=1),
                "annotations": st.dictionaries(st.just("optral.ai/init-timeout-seconds"), st.one_of(TEXT, NUMBERS)),
            },
        ),
        "spec": st.fixed_dictionaries(
            {},
            optional={
                "containers": st.lists(CONTAINER, max_size=2),
                "initContainers": st.lists(CONTAINER, max_size=2),
                "nodeName": st.sampled_from(["", "node-1", None]),
                "schedulerName": TEXT,
                "restartPolicy": st.sampled_from(["Always", "Never", "OnFailure", None]),
                "schedulingGates": st.lists(st.fixed_dictionaries({"name": TEXT}), max_size=7),
                "readinessGates": st.lists(st.fixed_dictionaries({"conditionType": TEXT}), max_size=2),
                "nodeSelector": st.dictionaries(TEXT, TEXT, max_size=1),
                "volumes": st.just([{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}, {"name": 3}, None]),
            },
        ),
        "status": st.fixed_dictionaries(
            {"phase": st.sampled_from(["Pending", "Running", "Failed", "Unknown", "Succeeded", "", None])},
            optional={
                "reason": st.sampled_from(["Evicted", "OutOfcpu", "Shutdown", "NodeLost", "x" * 900, None]),
                "message": TEXT,
                "startTime": TIMES,
                "conditions": st.lists(CONDITION, max_size=4),
                "containerStatuses": st.lists(STATUS, max_size=3),
                "initContainerStatuses": st.lists(STATUS, max_size=2),
            },
        ),
    }
)
EVENT = st.fixed_dictionaries(
    {"reason": st.sampled_from(REASONS), "message": TEXT},
    optional={"count": NUMBERS, "firstTimestamp": TIMES, "lastTimestamp": TIMES, "eventTime": TIMES},
)


@examples(200, suppress_health_check=[HealthCheck.too_slow])
@given(one=POD, two=POD, said=st.lists(EVENT, max_size=4), node=st.fixed_dictionaries({"creationTimestamp": TIMES}))
def test_no_pod_makes_a_type_raise(one: dict[str, Any], two: dict[str, Any], said: list[dict[str, Any]], node: dict[str, Any]) -> None:
    things = [
        objects.decode("Pod", json.dumps(body).encode(), uid=f"p{n}", namespace="shop", name=f"api-{n}")
        for n, body in enumerate((one, two))
    ]
    things.append(objects.decode("Node", json.dumps({"metadata": node}).encode(), uid="n", namespace="", name="node-1"))
    for number, told in enumerate(said):
        about = {"kind": "Pod", "apiVersion": "v1", "uid": f"p{number % 2}", "name": f"api-{number % 2}", "namespace": "shop"}
        if number == 3:
            about = {"kind": "Node", "apiVersion": "v1", "uid": "node-1", "name": "node-1"}
        body = json.dumps(told | {"involvedObject": about}).encode()
        things.append(objects.decode("Event", body, uid=f"e{number}", namespace="shop", name=f"e{number}"))
    view = view_of(*things)
    whole = detectors.examine_all(view, now=NOON)
    assert not whole.failures
    assert not detectors.examine(view, [owners.ref(obj) for obj in things], now=NOON).failures
    for finding in whole.findings:
        json.dumps([finding.title, finding.part, dict(finding.facts)], allow_nan=False).encode("utf-8")
        assert finding.opens_at >= finding.since
        assert finding.expires_at is None or finding.expires_at > NOON
        assert len(finding.title) < 2000
