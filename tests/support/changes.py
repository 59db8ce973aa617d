"""One change by each verb that changes something, and the objects that they are of."""

from typing import Any

from tests.support.kubedouble import KubeDouble, deployment, path_of

TARGET = {"kind": "Deployment", "namespace": "shop", "name": "api"}
WRITES: dict[str, dict[str, Any]] = {
    "restart": TARGET,
    "scale": {**TARGET, "replicas": 5},
    "setResources": {**TARGET, "container": "api", "limits": {"memory": "256Mi"}},
    "setImage": {**TARGET, "container": "api", "tag": "3"},
    "patch": {**TARGET, "container": "api", "field": "limits.cpu", "value": "500m"},
    "rollback": {"namespace": "shop", "name": "api"},
    "rerunJob": {"namespace": "shop", "name": "report"},
    "renewCertificate": {"namespace": "shop", "name": "web-tls"},
    "deletePod": {"namespace": "shop", "name": "api-1"},
    "evict": {"namespace": "shop", "name": "api-1"},
    "cordon": {"node": "n1"},
    "uncordon": {"node": "n1"},
    "drain": {"node": "n1"},
}
"""The parameters by verb; `furnish` makes the objects."""


def furnish(double: KubeDouble) -> None:
    double.put(path_of("deployments", "api"), deployment(), uid="uid-api")
    double.put(path_of("pods", "api-1", group="v1"), {"metadata": {"name": "api-1", "namespace": "shop"}, "spec": {}}, uid="uid-pod")
    double.put("/api/v1/nodes/n1", {"metadata": {"name": "n1"}, "spec": {}}, uid="uid-node")
    for number in (1, 2):
        meta = {
            "name": f"api-{number}",
            "annotations": {"deployment.kubernetes.io/revision": str(number)},
            "ownerReferences": [{"uid": "uid-api", "controller": True}],
        }
        template = {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{"name": "api", "image": f"shop/api:{number}"}]}}
        double.put(path_of("replicasets", f"api-{number}"), {"metadata": meta, "spec": {"template": template}})

    ready = {"conditions": [{"type": "Ready", "status": "True"}], "revision": 1}
    certificate = {"metadata": {"name": "web-tls", "namespace": "shop"}, "spec": {}, "status": ready}
    double.put(path_of("certificates", "web-tls", group="cert-manager.io/v1"), certificate, uid="uid-certificate")

    failed = {"conditions": [{"type": "Failed", "status": "True"}]}
    job = {"metadata": {"name": "report", "namespace": "shop"}, "spec": {"template": {"spec": {"containers": []}}}, "status": failed}
    double.put(path_of("jobs", "report", group="batch/v1"), job, uid="uid-job")
