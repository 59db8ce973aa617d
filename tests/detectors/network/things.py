"""Services, pods and callers as the tests of network types need them. Every default is healthy."""

from typing import Any

from optral.kube.objects import KubeObject
from tests.detectors.build import HOUR, at, condition, container, deployment, make, pod, status

LABELS = {"app": "api"}


def service(
    name: str = "api",
    *ports: dict[str, Any],
    ago: float = HOUR,
    namespace: str = "shop",
    meta: dict[str, Any] | None = None,
    told: dict[str, Any] | None = None,
    **spec: Any,
) -> KubeObject:
    """A Service that sends port 80 to 8080."""
    shape = {"selector": LABELS, "clusterIP": "10.0.0.1", "ports": list(ports) or [{"port": 80, "targetPort": 8080}]}
    return make("Service", name=name, namespace=namespace, ago=ago, meta=meta, spec=shape | spec, status=told or {})


def server(*ports: dict[str, Any], name: str = "api-1", ready: bool = True, ago: float = HOUR, **more: Any) -> KubeObject:
    """A ready pod that declares 8080, or these ports."""
    box = container(**{"ports": list(ports) or [{"name": "http", "containerPort": 8080}]} | more.pop("box", {}))
    conditions = [condition("Ready", str(ready), ago=more.pop("since", ago))]
    return pod(status(ready=ready), name=name, containers=[box], conditions=conditions, ago=ago, **more)


def reader(name: str = "web", *, volumes: list[dict[str, Any]] | None = None, dns: str = "ClusterFirst", **box: Any) -> KubeObject:
    """A Deployment whose container reads ConfigMaps in this way."""
    pod = {"containers": [container(**box)], "volumes": volumes or [], "dnsPolicy": dns}
    return deployment(name, spec={"template": {"metadata": {"labels": {"app": name}}, "spec": pod}})


def files(*keys: str, path: str = "") -> dict[str, Any]:
    """A container and a volume of ConfigMap `app`: all keys, or these; mounted whole, or one path of it."""
    items = {"items": [{"key": key, "path": f"etc/{key}"} for key in keys]} if keys else {}
    mount = {"name": "config", "mountPath": "/etc/app", **({"subPath": path} if path else {})}
    return {"volumes": [{"name": "config", "configMap": {"name": "app", **items}}], "volumeMounts": [mount]}


def caller(address: str, name: str = "web", *, namespace: str = "shop", ago: float = HOUR, **more: Any) -> KubeObject:
    """A Deployment that has this address in a variable."""
    box = container(env=[{"name": "API_ADDR", "value": address}], **more.pop("box", {}))
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [box]} | more.pop("pod", {})}
    return deployment(name, namespace=namespace, ago=ago, spec={"template": template}, **more)


def written(ago: float) -> dict[str, Any]:
    """Metadata of an object that somebody wrote last at that moment."""
    return {"managedFields": [{"manager": "kubectl", "operation": "Update", "time": at(ago)}]}
