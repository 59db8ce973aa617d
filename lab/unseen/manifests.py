"""Manifests of healthy objects, and the moment at which a cluster is looked at."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]
Edit = Callable[[Json], None]
NOW = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)
AGE = 9 * 24 * 60.0  # minutes since the stack was installed
DNS = "10.96.0.10"
API = {
    "Deployment": "apps/v1",
    "ReplicaSet": "apps/v1",
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
    "Ingress": "networking.k8s.io/v1",
    "IngressClass": "networking.k8s.io/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "EndpointSlice": "discovery.k8s.io/v1",
    "StorageClass": "storage.k8s.io/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "PodDisruptionBudget": "policy/v1",
    "Lease": "coordination.k8s.io/v1",
    "PodUsage": "usage.optral.io/v1",
    "NodeUsage": "usage.optral.io/v1",
    "ClusterRole": "rbac.authorization.k8s.io/v1",
    "ValidatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
    "MutatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
    "PriorityClass": "scheduling.k8s.io/v1",
    "APIService": "apiregistration.k8s.io/v1",
}
CLUSTER_WIDE = {
    "Namespace",
    "Node",
    "PersistentVolume",
    "StorageClass",
    "IngressClass",
    "ClusterRole",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "PriorityClass",
    "APIService",
    "NodeUsage",
}


def ago(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, kw_only=True)
class App:
    """A workload with its Service. `calls` maps environment variables to `host:port`, with or without a scheme."""

    name: str
    image: str
    port: int = 0
    kind: str = "Deployment"
    replicas: int = 2
    runtime: str = "go"
    calls: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    path: str = ""
    memory: str = "256Mi"
    cpu: str = "100m"
    storage: str = ""
    mount: str = "/data"
    command: tuple[str, ...] = ()
    service_port: int = 0
    port_name: str = "http"
    namespace: str = ""
    refs: Mapping[str, str] = field(default_factory=dict)
    """Environment variables whose value is in a Secret that nobody may read: `SECRET/KEY`."""
    config_at: str = ""

    @property
    def front(self) -> int:
        return self.service_port or self.port


def container_of(app: App) -> Json:
    """The container of a healthy pod of this app."""
    body: Json = {
        "name": app.name,
        "image": app.image,
        "imagePullPolicy": "IfNotPresent",
        "resources": {"requests": {"cpu": app.cpu, "memory": app.memory}, "limits": {"memory": app.memory}},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }
    env: list[Json] = [{"name": name, "value": value} for name, value in app.calls.items()]
    env += [
        {"name": f"{app.name.upper().replace('-', '_')}_{key.upper().replace('-', '_')}", "valueFrom": _secret_key(app, key)}
        for key in app.secrets
    ]
    for name, reference in app.refs.items():
        secret, _, key = reference.partition("/")
        env.append({"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}})
    env += [{"name": key, "valueFrom": {"configMapKeyRef": {"name": f"{app.name}-env", "key": key}}} for key in app.settings]
    mounts: list[Json] = []
    if app.config:
        mounts.append({"name": "config", "mountPath": app.config_at or f"/etc/{app.name}", "readOnly": True})
    if app.storage:
        mounts.append({"name": "data", "mountPath": app.mount})
    if app.port:
        body["ports"] = [{"name": app.port_name, "containerPort": app.port, "protocol": "TCP"}]
        probe: Json = (
            {"httpGet": {"path": app.path, "port": app.port_name, "scheme": "HTTP"}} if app.path else {"tcpSocket": {"port": app.port_name}}
        )
        timing = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
        body["readinessProbe"] = probe | timing
        body["livenessProbe"] = deepcopy(probe) | timing | {"initialDelaySeconds": 15}
    return body | {key: value for key, value in (("env", env), ("volumeMounts", mounts), ("command", list(app.command))) if value}


def _secret_key(app: App, key: str) -> Json:
    return {"secretKeyRef": {"name": f"{app.name}-credentials", "key": key}}
