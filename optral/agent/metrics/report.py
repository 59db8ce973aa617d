"""From the rings of a node to what the control plane gets: `NodeUsage`, and `PodUsage` of the pods that are notable.

A pod is notable when it uses much of a limit, is throttled, restarts, fills a volume, answers its probes late, or loses packets; it
stays so for half an hour after it was last, so that it does not come and go. Numbers are rounded, and no series is longer than `POINTS`.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from optral.agent.metrics.rings import ContainerRing, NodeRing, PodRing, ProbeRing, Run, Trend, VolumeRing, percentile
from optral.kit.times import rfc3339
from optral.kube.kinds import NODE_USAGE, POD_USAGE, Kind
from optral.kube.objects.usage import uid_of_report
from optral.kubeapi.reflector import RawObject

WINDOW_S = 900  # of throttling, packets and probes
BASELINE_S = 3600  # what probes took before the window
STAYS_S = 1800
RESTARTED_S = 6 * 3600  # how long the run before the last restart is shown
MUCH = 0.75  # of a limit, a volume or a file system
THROTTLED = 0.1  # of the periods
SLOW_PROBE_MS, SLOWER = 250, 2.0
LOST = 0.01  # of the packets
LOST_AT_LEAST = 10
SOON_S = 48 * 3600
GOOD_FIT = 0.6
POINTS = 30
TOP = 3
MIB = 1024 * 1024


def pod(ring: NodeRing, namespace: str, name: str, *, now: int) -> RawObject | None:
    """`PodUsage` of one pod, notable or not; None while its kubelet has not reported it."""
    found = ring.pods.get((namespace, name))
    if found is None or not found.uid or not any(container.use.times or container.previous for container in found.containers.values()):
        return None
    return _seen(POD_USAGE, found.uid, namespace, name, _pod_metadata(found), _of_pod(found, ring.name, now))


def pods(ring: NodeRing, *, now: int) -> Iterator[RawObject]:
    """`PodUsage` of the node's pods that are notable, or were lately."""
    for pod in ring.pods.values():
        if not pod.uid:
            continue
        status = _of_pod(pod, ring.name, now)
        if _is_notable(status):
            pod.noted_at = now
        if pod.noted_at and now - pod.noted_at <= STAYS_S:
            yield _seen(POD_USAGE, pod.uid, pod.namespace, pod.name, _pod_metadata(pod), status)


def node(ring: NodeRing, *, now: int) -> RawObject | None:
    """`NodeUsage`; None while nothing is known."""
    if not ring.use.times:
        return None
    use = ring.use
    status: dict[str, Any] = {
        "observedAt": _at(now),
        "cpu": {
            "nowMillis": use.cpu[-1],
            "levelMillis": use.level(use.cpu),
            "p95Millis": percentile(use.cpu, 0.95),
            "capacityMillis": ring.cpu_millis,
        },
        "memory": {"nowBytes": use.memory[-1] * 1024, "levelBytes": use.level(use.memory) * 1024, "capacityBytes": ring.memory_bytes},
        "series": _series(use.times, {"cpuMillis": use.cpu, "memoryMiB": [kib >> 10 for kib in use.memory]}),
        "podsMillis": sum(used for used, _ in _use_of_pods(ring, "cpu")),
        "podsBytes": sum(used for used, _ in _use_of_pods(ring, "memory")) * 1024,
        "topCpu": _top(ring, "cpu"),
        "topMemory": _top(ring, "memory"),
    }
    if ring.fs_capacity and ring.fs_used.values:
        status["filesystem"] = _filled("", "", ring.fs_used, ring.fs_capacity, ring.fs_inodes_used, ring.fs_inodes)
    metadata = {"name": ring.name, "ownerReferences": [_owner("Node", ring.name, ring.uid)]}
    return _seen(NODE_USAGE, ring.uid, "", ring.name, metadata, status)


def _seen(kind: Kind, uid: str, namespace: str, name: str, metadata: dict[str, Any], status: dict[str, Any]) -> RawObject:
    uid = uid_of_report(uid)
    version = status["observedAt"]
    tree = {
        "apiVersion": kind.api_version,
        "kind": kind.name,
        "metadata": {**metadata, "uid": uid, "resourceVersion": version},
        "status": status,
    }
    return RawObject(uid, namespace, name, version, msgspec.json.encode(tree))


def _pod_metadata(pod: PodRing) -> dict[str, Any]:
    return {"name": pod.name, "namespace": pod.namespace, "ownerReferences": [_owner("Pod", pod.name, pod.uid)]}


def _owner(kind: str, name: str, uid: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "name": name, "uid": uid, "controller": True}


def _of_pod(pod: PodRing, node_name: str, now: int) -> dict[str, Any]:
    status: dict[str, Any] = {
        "observedAt": _at(now),
        "node": node_name,
        "containers": [_of_container(container, now) for container in pod.containers.values() if container.use.times or container.previous],
        "volumes": [
            _filled(one.name, one.claim, one.used, one.capacity_bytes, one.inodes_used, one.inodes) for one in _read(pod.volumes.values())
        ],
    }
    if network := _network(pod):
        status["network"] = network
    if probes := [probe for one in pod.probes.values() if (probe := _probe(one)) is not None]:
        status["probes"] = probes
    return status


def _read(volumes: Iterable[VolumeRing]) -> Iterator[VolumeRing]:
    return (volume for volume in volumes if volume.used.values)


def _of_container(ring: ContainerRing, now: int) -> dict[str, Any]:
    use = ring.use
    found: dict[str, Any] = {"name": ring.name}
    if ring.started_at:
        found["startedAt"] = _at(ring.started_at)
    if use.times:
        found["cpu"] = _known(
            nowMillis=use.cpu[-1],
            levelMillis=use.level(use.cpu),
            p95Millis=percentile(use.cpu, 0.95),
            limitMillis=ring.cpu_limit_millis,
            trend=_trend(use.cpu_trend()),
        )
        found["memory"] = _known(
            nowBytes=use.memory[-1] * 1024,
            levelBytes=use.level(use.memory) * 1024,
            p95Bytes=percentile(use.memory, 0.95) * 1024,
            firstBytes=use.memory[0] * 1024,
            rssBytes=ring.rss_bytes,
            limitBytes=ring.memory_limit,
            trend=_trend(use.memory_trend(), times=1024),
        )
        found["series"] = _series(use.times, {"cpuMillis": use.cpu, "memoryMiB": [kib >> 10 for kib in use.memory]})
    if (throttling := ring.throttling(WINDOW_S)) is not None:
        found["throttling"] = {
            "share": round(throttling.share, 3),
            "periods": throttling.periods,
            "throttledPeriods": throttling.throttled,
            "windowSeconds": throttling.over_s,
        }
    if ring.previous is not None and now - ring.previous.ended_at <= RESTARTED_S:
        found["previousRun"] = _run(ring.previous)
    return found


def _run(run: Run) -> dict[str, Any]:
    return _known(
        endedAt=_at(run.ended_at),
        firstBytes=run.first_bytes,
        lastBytes=run.last_bytes,
        peakBytes=run.peak_bytes,
        trend=_trend(run.trend),
    )


def _at(seconds: int) -> str:
    return rfc3339(datetime.fromtimestamp(seconds, UTC))


def _known(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _trend(found: Trend | None, *, times: int = 1) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"perHour": round(found.per_hour * times), "fit": round(found.fit, 2), "overSeconds": found.over_s}


def _series(times: Sequence[int], columns: dict[str, Sequence[int]]) -> dict[str, Any]:
    """At most `POINTS` points, the newest last; of several samples in one point the highest."""
    step = -(-len(times) // POINTS)
    begins = range((len(times) - 1) % step + 1 - step, len(times), step)
    parts = [(max(0, begin), begin + step) for begin in begins]
    return {
        "endsAt": _at(times[-1]),
        "secondsBefore": [times[-1] - times[end - 1] for _, end in parts],
        **{name: [max(values[begin:end]) for begin, end in parts] for name, values in columns.items()},
    }


def _filled(name: str, claim: str, used: Any, capacity: int, inodes_used: Any, inodes: int) -> dict[str, Any]:
    bytes_trend, inodes_trend = used.trend(), inodes_used.trend()
    return _known(
        name=name,
        claim=claim,
        usedBytes=used.values[-1],
        capacityBytes=capacity,
        trend=_trend(bytes_trend),
        fullInSeconds=_full_in_s(used.values[-1], capacity, bytes_trend),
        inodesUsed=inodes_used.values[-1] if inodes_used.values else 0,
        inodes=inodes,
        inodesFullInSeconds=_full_in_s(inodes_used.values[-1], inodes, inodes_trend) if inodes_used.values and inodes else None,
    )


def _full_in_s(used: int, capacity: int, found: Trend | None) -> int | None:
    """When it is full if it goes on like this; None when it does not grow steadily."""
    if found is None or found.per_hour <= 0 or found.fit < GOOD_FIT or used >= capacity:
        return None
    return min(round((capacity - used) / found.per_hour * 3600), 10 * 365 * 86400)


def _network(pod: PodRing) -> dict[str, Any]:
    if not (counters := pod.network):
        return {}
    found: dict[str, Any] = {name: counter.growth(WINDOW_S)[0] for name, counter in counters.items()}
    found["windowSeconds"] = max(counter.growth(WINDOW_S)[1] for counter in counters.values())
    return found if found["windowSeconds"] else {}


def _probe(ring: ProbeRing) -> dict[str, Any] | None:
    succeeded, over_s = ring.succeeded.growth(WINDOW_S)
    failed, failed_over_s = ring.failed.growth(WINDOW_S)
    count, _ = ring.count.growth(WINDOW_S)
    if not (over_s or failed_over_s):
        return None
    sum_ms, _ = ring.sum_ms.growth(WINDOW_S)
    count_before, sum_before_ms = ring.count.growth(BASELINE_S)[0] - count, ring.sum_ms.growth(BASELINE_S)[0] - sum_ms
    return _known(
        container=ring.container,
        type=ring.type,
        succeeded=succeeded,
        failed=failed,
        averageMs=round(sum_ms / count, 1) if count else 0,
        baselineMs=round(sum_before_ms / count_before, 1) if count_before > 0 else 0,
        windowSeconds=max(over_s, failed_over_s),
    )


def _use_of_pods(ring: NodeRing, what: str) -> list[tuple[int, PodRing]]:
    """What each pod uses, in millicores or KiB, the highest first; of pods that use nothing nothing."""
    used: list[tuple[int, PodRing]] = []
    for pod in ring.pods.values():
        values = [getattr(container.use, what) for container in pod.containers.values()]
        if total := sum(array[-1] for array in values if array):
            used.append((total, pod))
    return sorted(used, key=lambda one: (-one[0], one[1].namespace, one[1].name))


def _top(ring: NodeRing, what: str) -> list[dict[str, Any]]:
    """The pods that use most, with millicores or bytes."""
    key, times = ("cpuMillis", 1) if what == "cpu" else ("memoryBytes", 1024)
    return [{"namespace": pod.namespace, "name": pod.name, key: used * times} for used, pod in _use_of_pods(ring, what)[:TOP]]


# --- what is notable


def _is_notable(status: dict[str, Any]) -> bool:
    return bool(
        any(_is_noted_container(container) for container in status["containers"])
        or any(_is_noted_volume(volume) for volume in status["volumes"])
        or any(_is_noted_probe(probe) for probe in status.get("probes", ()))
        or has_losses(status.get("network", {}))
    )


def _is_noted_container(one: dict[str, Any]) -> bool:
    cpu, memory = one.get("cpu", {}), one.get("memory", {})
    return bool(
        "previousRun" in one
        or one.get("throttling", {}).get("share", 0) >= THROTTLED
        or _is_much(cpu.get("p95Millis", 0), cpu.get("limitMillis", 0))
        or _is_much(memory.get("p95Bytes", 0), memory.get("limitBytes", 0))
    )


def _is_noted_volume(one: dict[str, Any]) -> bool:
    return bool(
        _is_much(one.get("usedBytes", 0), one.get("capacityBytes", 0))
        or _is_much(one.get("inodesUsed", 0), one.get("inodes", 0))
        or min(one.get("fullInSeconds", SOON_S), one.get("inodesFullInSeconds", SOON_S)) < SOON_S
    )


def _is_noted_probe(one: dict[str, Any]) -> bool:
    is_slower = one.get("averageMs", 0) >= max(SLOW_PROBE_MS, SLOWER * one.get("baselineMs", 0))
    return bool(one.get("failed", 0) > 0 or is_slower)


def has_losses(network: dict[str, Any]) -> bool:
    for way in ("rx", "tx"):
        lost = network.get(f"{way}Errors", 0) + network.get(f"{way}Dropped", 0)
        if lost >= LOST_AT_LEAST and lost >= LOST * max(1, network.get(f"{way}Packets", 0) + lost):
            return True
    return False


def _is_much(used: int, limit: int) -> bool:
    return limit > 0 and used >= MUCH * limit
