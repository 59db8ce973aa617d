"""Reports of usage, as the agent sends them."""

from typing import Any

import msgspec

from optral.kube.objects import KubeObject, decode
from tests.detectors.build import at


def _report(kind: str, obj: KubeObject, status: dict[str, Any], *, ago: float, uid: str | None) -> KubeObject:
    owner = {"apiVersion": "v1", "kind": kind.partition("Usage")[0], "name": obj.name, "uid": uid or obj.uid, "controller": True}
    metadata = {"name": obj.name, "namespace": obj.namespace or "", "uid": f"{obj.uid}-usage", "ownerReferences": [owner]}
    tree = {"metadata": metadata, "status": {"observedAt": at(ago), **status}}
    return decode(f"{kind}.usage.optral.io", msgspec.json.encode(tree))


def of_pod(
    pod: KubeObject, *containers: dict[str, Any], volumes: tuple[dict[str, Any], ...] = (), ago: float = 60, uid: str | None = None
) -> KubeObject:
    return _report("PodUsage", pod, {"containers": list(containers), "volumes": list(volumes)}, ago=ago, uid=uid)


def of_node(node: KubeObject, status: dict[str, Any], *, ago: float = 60) -> KubeObject:
    return _report("NodeUsage", node, status, ago=ago, uid=None)


def throttled(share: float = 0.6, *, periods: int = 9000, window_s: int = 900, name: str = "api") -> dict[str, Any]:
    throttling = {"share": share, "periods": periods, "throttledPeriods": round(share * periods), "windowSeconds": window_s}
    return {"name": name, "cpu": {"limitMillis": 200, "p95Millis": 199}, "throttling": throttling}


def using(level: int, *, limit: int = 1000, rss: int | None = None, name: str = "api") -> dict[str, Any]:
    memory = {"levelBytes": level, "nowBytes": level, "limitBytes": limit, "rssBytes": level if rss is None else rss}
    return {"name": name, "memory": memory}
