"""Faults for a real cluster: each a workload of its own, with the issue it must give. Nothing here is a fault of another one."""

from dataclasses import dataclass
from typing import Any

IMAGE = "docker.io/library/busybox:1.36"
SERVE = "mkdir -p /www && echo ok > /www/index.html && exec httpd -f -p 8080 -h /www"
IDLE = "trap 'exit 0' TERM; while :; do sleep 1; done"
GROW = 'BEGIN { s = "x"; while (length(s) < 60000000) s = s s; while (1) system("sleep 3600") }'


@dataclass(frozen=True)
class Fault:
    """`types`: the issue's type is one of these. `cause`: what an analysis must say; "" where it is not asked."""

    types: frozenset[str]
    owner: str
    objects: tuple[dict[str, Any], ...]
    namespace: str
    causes: frozenset[str] = frozenset()


def container(script: str = IDLE, **more: Any) -> dict[str, Any]:
    resources = {"requests": {"cpu": "5m", "memory": "8Mi"}, "limits": {"memory": "64Mi"}}
    return {
        "name": "main",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", script],
        "resources": resources,
        **more,
    }


def pod_spec(one: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"terminationGracePeriodSeconds": 1, "containers": [one], **more}


def deployment(namespace: str, name: str, one: dict[str, Any], *, replicas: int = 1, **pod: Any) -> dict[str, Any]:
    labels = {"app": name}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}}
    spec["template"] = {"metadata": {"labels": labels}, "spec": pod_spec(one, **pod)}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def service(namespace: str, name: str, selector: dict[str, str], port: int | str = 8080) -> dict[str, Any]:
    spec = {"selector": selector, "ports": [{"port": 80, "targetPort": port}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def namespace(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def quota(home: str) -> dict[str, Any]:
    spec = {"hard": {"pods": "0"}}
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few", "namespace": home}, "spec": spec}


def webhook(home: str) -> dict[str, Any]:
    """Asks a Service that is not there about every pod of one namespace."""
    hook = {
        "name": "guard.optral.test",
        "clientConfig": {"service": {"namespace": home, "name": "guard", "path": "/", "port": 443}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": home}},
        "failurePolicy": "Fail",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "timeoutSeconds": 2,
    }
    meta = {"name": f"{home}-guard"}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": meta,
        "webhooks": [hook],
    }


def claim(home: str, name: str, storage_class: str) -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": storage_class, "resources": {"requests": {"storage": "1Gi"}}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "namespace": home}, "spec": spec}


def job(home: str, name: str, script: str) -> dict[str, Any]:
    spec = {"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never", "containers": [container(script)]}}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": home}, "spec": spec}


def autoscaler(home: str, name: str, target: str) -> dict[str, Any]:
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}
    aim = {"apiVersion": "apps/v1", "kind": "Deployment", "name": target}
    spec = {"minReplicas": 1, "maxReplicas": 3, "scaleTargetRef": aim, "metrics": [metric]}
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": name, "namespace": home}, "spec": spec}


def ingress(home: str, name: str, backend: str) -> dict[str, Any]:
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": backend, "port": {"number": 80}}}}
    spec = {"ingressClassName": "doors", "rules": [{"host": f"{name}.example.com", "http": {"paths": [path]}}]}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": name, "namespace": home}, "spec": spec}


def ingress_class() -> dict[str, Any]:
    meta = {"name": "doors"}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": meta, "spec": {"controller": "optral.test/doors"}}


def probe(path: str, port: int, **more: Any) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": port}, "periodSeconds": 2, **more}


def faults(home: str) -> tuple[Fault, ...]:
    """All of them; namespaces begin with `home`. Two have a namespace of their own, for what they forbid everybody in it."""
    full, guarded = f"{home}-full", f"{home}-guarded"
    ports = {"ports": [{"name": "http", "containerPort": 8080}]}
    secret = {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "tokens", "key": "api-token"}}}
    tokens = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "tokens", "namespace": home}, "stringData": {"token": "none"}}
    missing = "echo 'KeyError: DATABASE_URL'; echo 'FATAL: environment variable DATABASE_URL is required'; exit 1"
    volumes = {"volumes": [{"name": "settings", "configMap": {"name": "settings"}}]}
    claimed = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}

    def one(types: str, owner: str, *objects: dict[str, Any], causes: str = "", where: str = home) -> Fault:
        return Fault(frozenset(types.split()), owner, objects, where, frozenset(causes.split()))

    return (
        one("OOMKilled", "hungry", deployment(home, "hungry", {**container(), "command": ["awk", GROW], "resources": _memory("32Mi")})),
        one("CrashLoopBackOff", "needs-env", deployment(home, "needs-env", container(missing))),
        one(
            "RunContainerError CreateContainerError CrashLoopBackOff",
            "no-such-command",
            deployment(home, "no-such-command", {**container(), "command": ["/usr/bin/serve"]}),
        ),
        one("ImagePullBackOff", "bad-tag", deployment(home, "bad-tag", container() | {"image": "docker.io/library/busybox:1.63"})),
        one("InvalidImageName", "bad-name", deployment(home, "bad-name", container() | {"image": "docker.io/Library/Busybox::1"})),
        one("CreateContainerConfigError", "no-key", tokens, deployment(home, "no-key", container(env=[secret]))),
        one(
            "FailedMount MissingReference",
            "no-settings",
            deployment(home, "no-settings", container(volumeMounts=[{"name": "settings", "mountPath": "/settings"}]), **volumes),
        ),
        one("FailedScheduling", "wants-gpu", deployment(home, "wants-gpu", container(), nodeSelector={"pool": "gpu"})),
        one("FailedScheduling", "too-large", deployment(home, "too-large", container(resources={"requests": {"cpu": "200"}}))),
        one("FailedCreate ResourceQuotaExceeded", "crowded few", quota(full), deployment(full, "crowded", container()), where=full),
        one("WebhookUnavailable", "", webhook(guarded), deployment(guarded, "watched", container()), where=guarded),
        one(
            "ServiceNoEndpoints",
            "lost",
            deployment(home, "found", container(SERVE, **ports)),
            service(home, "lost", {"app": "fuond"}),
        ),
        one(
            "ServiceTargetPortMismatch",
            "wrong-port",
            deployment(home, "served", container(SERVE, **ports)),
            service(home, "wrong-port", {"app": "served"}, "web"),
        ),
        one("PersistentVolumeClaimPending", "data", claim(home, "data", "fast"), deployment(home, "storing", container(), **claimed)),
        one(
            "ReadinessProbeFailed", "never-ready", deployment(home, "never-ready", container(SERVE, readinessProbe=probe("/healthz", 8080)))
        ),
        one(
            "LivenessProbeFailed",
            "never-alive",
            deployment(home, "never-alive", container(SERVE, livenessProbe=probe("/", 9090, failureThreshold=2))),
        ),
        one("JobFailed", "import", job(home, "import", "echo 'no such table: orders'; exit 3")),
        one("HPAUnableToScale HPAScalingInactive", "scaler", autoscaler(home, "scaler", "nobody")),
        one("IngressBackendMissing", "door", ingress_class(), ingress(home, "door", "no-service")),
        one(
            "FailedCreate ServiceAccountMissing",
            "no-account",
            deployment(home, "no-account", container(), serviceAccountName="nobody"),
        ),
        one("InitContainerStuck CrashLoopBackOff", "waits", _waits(home)),
    )


def _memory(limit: str) -> dict[str, Any]:
    return {"requests": {"memory": "16Mi"}, "limits": {"memory": limit}}


def _waits(home: str) -> dict[str, Any]:
    """Its first container fails again and again."""
    return deployment(
        home, "waits", container(), initContainers=[container("echo 'relation users does not exist'; exit 1") | {"name": "migrate"}]
    )
