"""From the answers of one kubelet to the rings of its node."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from optral.agent.metrics.exposition import Sample
from optral.agent.metrics.rings import ContainerRing, Counter, NodeRing, PodRing, ProbeRing, VolumeRing

RESOURCE = frozenset(
    {
        "container_cpu_usage_seconds_total",
        "container_memory_working_set_bytes",
        "container_start_time_seconds",
        "node_cpu_usage_seconds_total",
        "node_memory_working_set_bytes",
    }
)
"""Of /metrics/resource."""
_NETWORK = {
    "container_network_receive_packets_total": "rxPackets",
    "container_network_receive_errors_total": "rxErrors",
    "container_network_receive_packets_dropped_total": "rxDropped",
    "container_network_transmit_packets_total": "txPackets",
    "container_network_transmit_errors_total": "txErrors",
    "container_network_transmit_packets_dropped_total": "txDropped",
}
CADVISOR = frozenset(
    {
        "container_cpu_cfs_periods_total",
        "container_cpu_cfs_throttled_periods_total",
        "container_spec_cpu_period",
        "container_spec_cpu_quota",
        "container_spec_memory_limit_bytes",
        *_NETWORK,
    }
)
"""Of /metrics/cadvisor."""
PROBES = frozenset({"prober_probe_total", "prober_probe_duration_seconds_sum", "prober_probe_duration_seconds_count"})
"""Of /metrics/probes."""
MAX_PODS = 500  # of one node; the kubelet's own limit is rarely above 250
MAX_CONTAINERS = 32  # of one pod
MAX_VOLUMES = 32
NO_LIMIT = 2**62  # how control groups of version 1 write that there is none
GONE_AFTER_S = 300


class _Fs(msgspec.Struct, frozen=True):
    usedBytes: int | None = None
    capacityBytes: int | None = None
    inodesUsed: int | None = None
    inodes: int | None = None


class _Claim(msgspec.Struct, frozen=True):
    name: str = ""


class _Volume(_Fs, frozen=True):
    name: str = ""
    pvcRef: _Claim | None = None


class _Memory(msgspec.Struct, frozen=True):
    rssBytes: int | None = None


class _Container(msgspec.Struct, frozen=True):
    name: str = ""
    memory: _Memory | None = None


class _PodRef(msgspec.Struct, frozen=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""


class _Pod(msgspec.Struct, frozen=True):
    podRef: _PodRef = _PodRef()
    containers: list[_Container] | None = None
    volume: list[_Volume] | None = None


class _Node(msgspec.Struct, frozen=True):
    fs: _Fs | None = None


class _Summary(msgspec.Struct, frozen=True):
    node: _Node = _Node()
    pods: list[_Pod] | None = None


_summary = msgspec.json.Decoder(_Summary)


def resource(ring: NodeRing, samples: Iterable[Sample]) -> None:
    """Take /metrics/resource: CPU, memory and start times of containers, CPU and memory of the node."""
    values: defaultdict[tuple[str, str, str], dict[str, Sample]] = defaultdict(dict)
    for sample in samples:
        labels = sample.labels
        values[labels.get("namespace", ""), labels.get("pod", ""), labels.get("container", "")][sample.name] = sample
    for (namespace, pod, container), found in values.items():
        prefix = "container" if container else "node"
        cpu, memory = found.get(f"{prefix}_cpu_usage_seconds_total"), found.get(f"{prefix}_memory_working_set_bytes")
        if cpu is None or memory is None or not cpu.at:
            continue
        if not container:
            ring.use.add(at=cpu.at, cpu_s=cpu.value, memory_bytes=memory.value)
        elif (of_pod := _pod(ring, namespace, pod)) is not None and _has_room(of_pod, container):
            started = found.get("container_start_time_seconds")
            of_pod.seen_at = int(cpu.at)
            of_pod.container(container).add(
                at=cpu.at, started_at=0 if started is None else started.value, cpu_s=cpu.value, memory_bytes=memory.value
            )


def forget_gone(ring: NodeRing, *, now: int) -> None:
    """Drop the pods that the kubelet no longer reports."""
    for key in [key for key, pod in ring.pods.items() if pod.seen_at and now - pod.seen_at > GONE_AFTER_S]:
        del ring.pods[key]


def _pod(ring: NodeRing, namespace: str, name: str) -> PodRing | None:
    found = ring.pods.get((namespace, name))
    if found is None and namespace and name and len(ring.pods) < MAX_PODS:
        found = ring.pods[namespace, name] = PodRing(namespace, name)
    return found


def _has_room(pod: PodRing, container: str) -> bool:
    return container in pod.containers or len(pod.containers) < MAX_CONTAINERS


def cadvisor(ring: NodeRing, samples: Iterable[Sample], *, now: int) -> None:
    """Take /metrics/cadvisor: limits, throttling, and packets of pods.

    Some runtimes report the control groups of pods only. Then what the pod shows belongs to its container, if it has one.
    """
    network: defaultdict[tuple[str, str, str], float] = defaultdict(float)
    for sample in samples:
        labels = sample.labels
        pod = ring.pods.get((labels.get("namespace", ""), labels.get("pod", "")))
        if pod is None:
            continue
        if (counted := _NETWORK.get(sample.name)) is not None:
            if labels.get("interface") != "lo":
                network[pod.namespace, pod.name, counted] += sample.value
            continue
        container = _container(pod, labels.get("container", ""))
        if container is not None:
            _take(container, sample, now)
    for (namespace, name, counted), value in network.items():
        ring.pods[namespace, name].network.setdefault(counted, Counter()).add(now, value)


def _container(pod: PodRing, name: str) -> ContainerRing | None:
    if name:
        return pod.containers.get(name)
    return next(iter(pod.containers.values())) if len(pod.containers) == 1 else None


def _take(container: ContainerRing, sample: Sample, now: int) -> None:
    at, value = int(sample.at) or now, sample.value
    match sample.name:
        case "container_cpu_cfs_periods_total":
            container.periods.add(at, value)
        case "container_cpu_cfs_throttled_periods_total":
            container.throttled.add(at, value)
        case "container_spec_memory_limit_bytes":
            container.memory_limit = int(value) if 0 < value < NO_LIMIT else 0
        case "container_spec_cpu_quota":
            container.quota_us = value
        case "container_spec_cpu_period":
            container.period_us = value
    if container.quota_us > 0 and container.period_us > 0:
        container.cpu_limit_millis = round(container.quota_us / container.period_us * 1000)


def summary(ring: NodeRing, raw: bytes, *, now: int) -> bool:
    """Take /stats/summary: uids of pods, resident memory, volumes, the node's file system. False if it cannot be read."""
    try:
        found = _summary.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    if (fs := found.node.fs) is not None:
        ring.fs_capacity, ring.fs_inodes = fs.capacityBytes or 0, fs.inodes or 0
        ring.fs_used.add(now, fs.usedBytes or 0)
        ring.fs_inodes_used.add(now, fs.inodesUsed or 0)
    for pod in found.pods or ():
        _pod_summary(ring, pod, now)
    return True


def _pod_summary(ring: NodeRing, one: _Pod, now: int) -> None:
    key = (one.podRef.namespace, one.podRef.name)
    if (pod := ring.pods.get(key)) is not None and pod.uid and pod.uid != one.podRef.uid:
        del ring.pods[key]  # another pod has its name now
    if (pod := _pod(ring, *key)) is None:
        return
    pod.uid, pod.seen_at = one.podRef.uid, max(pod.seen_at, now)
    for container in one.containers or ():
        if container.memory is not None and (known := pod.containers.get(container.name)) is not None:
            known.rss_bytes = container.memory.rssBytes or 0
    _volumes(pod, one.volume or (), now)


def _volumes(pod: PodRing, volumes: Iterable[_Volume], now: int) -> None:
    for one in volumes:
        if one.name not in pod.volumes and len(pod.volumes) >= MAX_VOLUMES:
            return
        if one.pvcRef is None or one.usedBytes is None or not one.capacityBytes:
            continue  # what is not a claim lies on the node's disk, which the node reports
        ring = pod.volumes.setdefault(one.name, VolumeRing(one.name))
        ring.claim, ring.capacity_bytes, ring.inodes = one.pvcRef.name, one.capacityBytes, one.inodes or 0
        ring.used.add(now, one.usedBytes)
        ring.inodes_used.add(now, one.inodesUsed or 0)


def probes(ring: NodeRing, samples: Iterable[Sample], *, now: int) -> None:
    """Take /metrics/probes: results and durations of probes."""
    for sample in samples:
        labels = sample.labels
        pod = ring.pods.get((labels.get("namespace", ""), labels.get("pod", "")))
        if pod is None or ((uid := labels.get("pod_uid")) and pod.uid and uid != pod.uid):
            continue
        key = (labels.get("container", ""), labels.get("probe_type", ""))
        if key[0] not in pod.containers:
            continue
        probe = pod.probes.setdefault(key, ProbeRing(*key))
        if sample.name == "prober_probe_duration_seconds_sum":
            probe.sum_ms.add(now, sample.value * 1000)
        elif sample.name == "prober_probe_duration_seconds_count":
            probe.count.add(now, sample.value)
        elif labels.get("result") in ("successful", "failed"):
            (probe.succeeded if labels["result"] == "successful" else probe.failed).add(now, sample.value)
