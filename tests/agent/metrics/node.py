"""The metrics of a kubelet as text, written from a few numbers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

NOON = 1_800_000_000
UID = "11111111-2222-3333-4444-555555555555"


@dataclass(kw_only=True)
class Use:
    """What one container of one pod uses at a moment; counters as the kernel counts them."""

    pod: str = "api-1"
    container: str = "api"
    namespace: str = "shop"
    uid: str = UID
    started: float = NOON - 7200
    cpu_s: float = 100.0
    memory: int = 50 << 20
    rss: int = 40 << 20
    memory_limit: int = 0
    cpu_limit_millis: int = 0
    periods: int = 0
    throttled: int = 0
    volumes: list[dict[str, Any]] = field(default_factory=list)
    network: dict[str, int] = field(default_factory=dict)
    probes: dict[str, tuple[int, int, float]] = field(default_factory=dict)  # type → succeeded, failed, seconds of the succeeded
    is_pod_level: bool = False  # the runtime reports the control group of the pod only


def _labels(one: Use) -> str:
    return f'container="{one.container}",namespace="{one.namespace}",pod="{one.pod}"'


def resource(uses: Sequence[Use], *, at: float, node_cpu_s: float = 1000.0, node_memory: int = 4 << 30) -> bytes:
    lines = ["# TYPE container_cpu_usage_seconds_total counter"]
    for one in uses:
        lines.append(f"container_cpu_usage_seconds_total{{{_labels(one)}}} {one.cpu_s} {int(at * 1000)}")
        lines.append(f"container_memory_working_set_bytes{{{_labels(one)}}} {one.memory} {int(at * 1000)}")
        lines.append(f"container_start_time_seconds{{{_labels(one)}}} {one.started}")
    lines.append(f"node_cpu_usage_seconds_total {node_cpu_s} {int(at * 1000)}")
    lines.append(f"node_memory_working_set_bytes {node_memory} {int(at * 1000)}")
    return "\n".join(lines).encode() + b"\n"


def cadvisor(uses: Sequence[Use], *, at: float) -> bytes:
    lines = ['container_fs_reads_total{container="",id="/",namespace="",pod=""} 1']
    for one in uses:
        name = "" if one.is_pod_level else one.container
        labels = f'container="{name}",id="/kubepods/pod{one.uid}/x",namespace="{one.namespace}",pod="{one.pod}"'
        stamp = int(at * 1000)
        if one.cpu_limit_millis:
            lines.append(f"container_cpu_cfs_periods_total{{{labels}}} {one.periods} {stamp}")
            lines.append(f"container_cpu_cfs_throttled_periods_total{{{labels}}} {one.throttled} {stamp}")
            lines.append(f"container_spec_cpu_quota{{{labels}}} {one.cpu_limit_millis * 100}")
            lines.append(f"container_spec_cpu_period{{{labels}}} 100000")
        lines.append(f"container_spec_memory_limit_bytes{{{labels}}} {one.memory_limit}")
        for counted, value in one.network.items():
            lines.append(
                f'container_network_{counted}_total{{container="",interface="eth0",namespace="{one.namespace}",pod="{one.pod}"}} {value}'
            )
            lines.append(
                f'container_network_{counted}_total{{container="",interface="lo",namespace="{one.namespace}",pod="{one.pod}"}} 99999'
            )
    return "\n".join(lines).encode() + b"\n"


def summary(uses: Sequence[Use], *, fs_used: int = 10 << 30, fs_capacity: int = 100 << 30) -> bytes:
    pods = [
        {
            "podRef": {"name": one.pod, "namespace": one.namespace, "uid": one.uid},
            "containers": [{"name": one.container, "memory": {"rssBytes": one.rss}}],
            "volume": one.volumes,
        }
        for one in uses
    ]
    fs = {"usedBytes": fs_used, "capacityBytes": fs_capacity, "inodesUsed": 1000, "inodes": 100_000}
    return json.dumps({"node": {"nodeName": "node-1", "fs": fs}, "pods": pods}).encode()


def probes(uses: Sequence[Use]) -> bytes:
    lines = []
    for one in uses:
        for kind, (succeeded, failed, seconds) in one.probes.items():
            labels = f'{_labels(one)},probe_type="{kind}"'
            for result, count in (("successful", succeeded), ("failed", failed)):
                lines.append(f'prober_probe_total{{{labels},pod_uid="{one.uid}",result="{result}"}} {count}')
            lines.append(f"prober_probe_duration_seconds_sum{{{labels}}} {seconds}")
            lines.append(f"prober_probe_duration_seconds_count{{{labels}}} {succeeded}")
    return "\n".join(lines).encode() + b"\n"


def claim(name: str, *, used: int, capacity: int, inodes_used: int = 10, inodes: int = 1000) -> dict[str, Any]:
    return {
        "name": name,
        "pvcRef": {"name": f"{name}-claim", "namespace": "shop"},
        "usedBytes": used,
        "capacityBytes": capacity,
        "inodesUsed": inodes_used,
        "inodes": inodes,
    }
