"""Columns of lists: what kubectl prints for the same objects, and nothing that an object does not have."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from optral.kube import columns
from optral.kube.kinds import KINDS
from tests.support.examples import examples

POD = {
    "spec": {
        "nodeName": "node-1",
        "containers": [
            {"name": "app", "image": "shop/web:2", "resources": {"requests": {"cpu": "250m", "memory": "64Mi"}}},
            {"name": "log", "image": "shop/log:1", "resources": {"requests": {"cpu": "1", "memory": "64Mi"}}},
        ],
        "initContainers": [
            {"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"},
            {"name": "migrate", "image": "shop/web:2"},
        ],
    },
    "status": {
        "podIP": "10.0.0.7",
        "containerStatuses": [
            {"name": "app", "ready": True, "restartCount": 3, "lastState": {"terminated": {"finishedAt": "2026-05-01T10:00:00Z"}}},
            {"name": "log", "ready": False, "restartCount": 1, "lastState": {"terminated": {"finishedAt": "2026-05-01T11:00:00Z"}}},
        ],
        "initContainerStatuses": [
            {"name": "proxy", "ready": True, "restartCount": 1},
            {"name": "migrate", "ready": True, "restartCount": 9},
        ],
    },
}
HPA = {
    "spec": {
        "scaleTargetRef": {"kind": "Deployment", "name": "web"},
        "maxReplicas": 8,
        "metrics": [
            {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 70}}},
            {"type": "Pods", "pods": {"metric": {"name": "queue"}, "target": {"averageValue": "30"}}},
        ],
    },
    "status": {
        "currentReplicas": 2,
        "currentMetrics": [{"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 82}}}],
    },
}
NODE = {
    "metadata": {"labels": {"node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/control-plane": ""}},
    "spec": {"taints": [{"key": "a"}]},
    "status": {
        "allocatable": {"cpu": "3920m", "memory": "8Gi", "pods": "110"},
        "nodeInfo": {"kubeletVersion": "v1.33.1"},
        "addresses": [{"type": "Hostname", "address": "n"}, {"type": "InternalIP", "address": "10.0.0.1"}],
    },
}
TEMPLATE = {"spec": {"containers": [{"name": "app", "image": "shop/web:2"}]}}
CASES = [
    pytest.param(
        "Pod",
        POD,
        {
            "ready": "2/3",
            "restarts": 5,
            "lastRestart": "2026-05-01T11:00:00Z",
            "cpuRequest": "1.25",
            "memoryRequest": "128Mi",
            "node": "node-1",
            "ip": "10.0.0.7",
            "images": "shop/web:2, shop/log:1",
        },
        id="a pod counts its sidecars and not what ran before it",
    ),
    pytest.param("Pod", {"spec": {"containers": [{}]}}, {"ready": "0/1", "restarts": 0}, id="a pod that no node has yet"),
    pytest.param(
        "Deployment.apps",
        {"spec": {"replicas": 3, "template": TEMPLATE}, "status": {"replicas": 2, "readyReplicas": 1, "updatedReplicas": 2}},
        {"ready": "1/3", "upToDate": 2, "available": 0, "images": "shop/web:2"},
        id="wanted pods, not existing ones",
    ),
    pytest.param(
        "Deployment.apps", {"spec": {"replicas": 0}}, {"ready": "0/0", "upToDate": 0, "available": 0}, id="a Deployment scaled to zero"
    ),
    pytest.param(
        "DaemonSet.apps",
        {"status": {"numberReady": 2, "desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 2}},
        {"ready": "2/3", "upToDate": 3, "available": 2},
        id="a DaemonSet",
    ),
    pytest.param(
        "Job.batch",
        {"spec": {"completions": 4}, "status": {"succeeded": 1, "failed": 2, "startTime": "2026-05-01T10:00:00Z"}},
        {"completions": "1/4", "active": 0, "failed": 2, "startedAt": "2026-05-01T10:00:00Z"},
        id="a Job",
    ),
    pytest.param(
        "CronJob.batch",
        {"spec": {"schedule": "*/5 * * * *", "suspend": True}, "status": {"active": [{}]}},
        {"schedule": "*/5 * * * *", "suspended": "yes", "active": 1},
        id="a CronJob",
    ),
    pytest.param(
        "HorizontalPodAutoscaler.autoscaling",
        HPA,
        {"reference": "Deployment/web", "targets": "cpu 82%/70%, queue ?/30", "minReplicas": 1, "maxReplicas": 8, "replicas": 2},
        id="an autoscaler with a metric that is not known",
    ),
    pytest.param(
        "Node",
        NODE,
        {
            "roles": "control-plane, worker",
            "version": "v1.33.1",
            "cpu": "3.92",
            "memory": "8Gi",
            "pods": 110,
            "taints": 1,
            "ip": "10.0.0.1",
        },
        id="a node",
    ),
    pytest.param(
        "Service",
        {
            "spec": {
                "type": "NodePort",
                "clusterIP": "10.1.1.1",
                "ports": [{"port": 443, "nodePort": 30443}, {"port": 53, "protocol": "UDP"}],
            }
        },
        {"type": "NodePort", "clusterIP": "10.1.1.1", "ports": "443:30443/TCP, 53/UDP"},
        id="a Service",
    ),
    pytest.param(
        "Ingress.networking.k8s.io",
        {"spec": {"rules": [{"host": "a.example.com"}, {}]}, "status": {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}},
        {"hosts": "a.example.com, *", "address": "lb.example.com"},
        id="an Ingress",
    ),
    pytest.param(
        "PersistentVolumeClaim",
        {"spec": {"resources": {"requests": {"storage": "5Gi"}}, "storageClassName": "fast", "accessModes": ["ReadWriteOnce"]}},
        {"size": "5Gi", "class": "fast", "accessModes": "ReadWriteOnce"},
        id="a claim without a volume",
    ),
    pytest.param(
        "Widget.shop.example.com",
        {"status": {"conditions": [{"type": "Ready", "status": "False", "reason": "SyncFailed"}]}},
        {"ready": "False", "reason": "SyncFailed"},
        id="a custom resource",
    ),
    pytest.param("Widget.shop.example.com", {"status": {}}, {}, id="a custom resource that says nothing"),
    pytest.param("ConfigMap", {"data": {"a": "b"}}, {}, id="a kind without columns"),
]


@pytest.mark.parametrize(("kind", "body", "expected"), CASES)
def test_shows_what_kubectl_prints(kind: str, body: dict[str, Any], expected: dict[str, str | int]) -> None:
    found = columns.cells(kind, json.dumps(body).encode())
    assert found == expected
    assert found.keys() <= {one.name for one in columns.of(kind)}


def test_long_lists_are_cut_and_say_so() -> None:
    rules = [{"host": f"{n}.example.com"} for n in range(9)]
    found = columns.cells("Ingress.networking.k8s.io", json.dumps({"spec": {"rules": rules}}).encode())
    assert str(found["hosts"]).endswith("4.example.com and 4 more")


def test_an_object_too_large_for_a_list_is_not_read() -> None:
    assert columns.cells("Pod", json.dumps({**POD, "extra": "x" * columns.MAX_BYTES}).encode()) == {}


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(["Always", "Ready", "Resource"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "type", "resource", "ports", "status"]), inner, max_size=3)
    ),
    max_leaves=10,
)
FIELDS = st.dictionaries(
    st.sampled_from(
        [
            "containers",
            "initContainers",
            "containerStatuses",
            "replicas",
            "metrics",
            "ports",
            "rules",
            "tls",
            "template",
            "selector",
            "capacity",
        ]
    ),
    ANY,
    max_size=6,
)


@examples(60)
@given(spec=FIELDS | ANY, status=FIELDS | ANY)
def test_no_shape_of_an_object_breaks_a_list(spec: Any, status: Any) -> None:
    raw = json.dumps({"metadata": {"labels": spec}, "spec": spec, "status": status, "endpoints": spec}).encode()
    for kind in [one.id for one in KINDS] + ["Widget.shop.example.com"]:
        for value in columns.cells(kind, raw).values():
            assert isinstance(value, str | int)


def test_every_kind_with_columns_names_each_of_them_once() -> None:
    for kind in KINDS:
        names = [one.name for one in columns.of(kind.id)]
        assert len(names) == len(set(names)), kind.id
