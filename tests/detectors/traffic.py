"""Reports of requests, as the agent sends them."""

from typing import Any

import msgspec

from optral.kube.kinds import traffic_name
from optral.kube.objects import KubeObject, decode
from tests.detectors.build import at, owned_by


def of(
    workload: KubeObject,
    *,
    level: float | None = 400,
    usual: float | None = 50,
    now: float | None = None,
    half: float | None = None,
    requests: int = 3000,
    ago: float = 60,
    uid: str | None = None,
    **more: Any,
) -> KubeObject:
    """The report about a workload; `level`, `usual` and `now` are 95th percentiles in ms, `half` is the median."""
    kind = workload.kind.partition(".")[0]
    owners = [owned_by(workload)[0] | ({"uid": uid} if uid else {})]
    name = traffic_name(kind, workload.name)
    metadata = {"name": name, "namespace": workload.namespace, "uid": f"{workload.uid}-traffic", "ownerReferences": owners}
    latency = {"p50Ms": half, "p95Ms": level if now is None else now, "levelMs": level, "usualMs": usual}
    status = {
        "observedAt": at(ago),
        "source": "istio",
        "provenBy": "cluster",
        "requests": {"perSecond": requests / 600, "count": requests, "windowSeconds": 600},
        "errors": {"share": 0.0},
        "latency": {key: value for key, value in latency.items() if value is not None},
        **more,
    }
    return decode("WorkloadTraffic.usage.optral.io", msgspec.json.encode({"metadata": metadata, "status": status}))
