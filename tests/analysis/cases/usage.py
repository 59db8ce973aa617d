"""What the metrics of the kubelets prove: reports of usage beside objects that look healthy, or only say that something was killed."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case, limited, one_pod, row
from tests.analysis.cases.probes import HTTP
from tests.analysis.cluster import Json, World, at, container, deployment, ended, node, obj, pod, replica_set, state, template

MIB, GIB = 2**20, 2**30
TIMEOUT = 'Readiness probe failed: Get "http://10.0.0.9:8080/healthz": context deadline exceeded'


def report(about: Json, **status: Any) -> Json:
    """A report of the usage of this very pod or node."""
    metadata = about["metadata"]
    return obj(
        "usage.optral.io/v1",
        f"{about['kind']}Usage",
        metadata["name"],
        namespace=metadata.get("namespace"),
        owner=about,
        status={"observedAt": at(1)} | status,
    )


def measured(
    type_: str, used: Json, *, spec: Json, status: Json | None = None, ready: bool = True, **more: Any
) -> tuple[World, Explanation]:
    """One pod, which is ready, with what its container uses."""
    before = more.pop("before", None)
    world, _ = one_pod(type_, status or state(ready=ready), spec=spec, before=before, events=more.pop("events", ()))
    failing = next(one for one in world.objects if one["kind"] == "Pod")
    failing["status"]["conditions"][0]["status"] = str(ready)
    world.objects.append(report(failing, node="node-1", containers=[{"name": "api", **used}], **more))
    return world, world.again()


def throttling(share: float) -> Json:
    periods = {"share": share, "periods": 9000, "throttledPeriods": round(9000 * share), "windowSeconds": 900}
    return {"cpu": {"limitMillis": 200, "p95Millis": 196, "nowMillis": 190}, "throttling": periods}


def with_cpu(limit: str, **more: Any) -> Json:
    return container(resources={"limits": {"cpu": limit}}, **more)


@case("cpu_limit_too_low", "api")
def throttled_all_the_time() -> tuple[World, Explanation]:
    return measured("CPUThrottled", throttling(0.62), spec=with_cpu("200m"))


def throttled_since_its_limit_was_lowered() -> tuple[World, Explanation]:
    return measured("CPUThrottled", throttling(0.62), spec=with_cpu("200m"), before=with_cpu("1"))


def too_slow_for_its_probe_because_it_is_throttled() -> tuple[World, Explanation]:
    spec = with_cpu("200m", readinessProbe=HTTP)
    return measured("ReadinessProbeFailed", throttling(0.91), spec=spec, ready=False, events=(("Unhealthy", TIMEOUT),))


def memory(now: int, *, first: int, per_hour: int, fit: float = 0.95, limit: int = 512, over_s: int = 3540) -> Json:
    trend = {"perHour": per_hour * MIB, "fit": fit, "overSeconds": over_s}
    sizes = {"nowBytes": now, "levelBytes": now - 10, "firstBytes": first, "rssBytes": now, "p95Bytes": now, "limitBytes": limit}
    return {name: value * MIB for name, value in sizes.items()} | {"trend": trend}


@case("memory_leak", "api")
def leaks_up_to_its_limit() -> tuple[World, Explanation]:
    return measured("MemoryNearLimit", {"memory": memory(480, first=210, per_hour=270)}, spec=limited("512Mi"))


@case("memory_limit_too_low", "api")
def needs_nearly_all_its_memory() -> tuple[World, Explanation]:
    return measured("MemoryNearLimit", {"memory": memory(480, first=478, per_hour=2, fit=0.1)}, spec=limited("512Mi"))


@case("memory_follows_load", "api")
def needs_more_memory_as_its_load_grows() -> tuple[World, Explanation]:
    cpu = {"nowMillis": 800, "p95Millis": 790, "trend": {"perHour": 600, "fit": 0.9, "overSeconds": 3540}}
    return measured("MemoryNearLimit", {"memory": memory(480, first=210, per_hour=270), "cpu": cpu}, spec=limited("512Mi"))


def killed_after_a_steady_rise() -> tuple[World, Explanation]:
    run = {
        "endedAt": at(2),
        "firstBytes": 110 * MIB,
        "lastBytes": 505 * MIB,
        "peakBytes": 505 * MIB,
        "trend": {"perHour": 800 * MIB, "fit": 0.99, "overSeconds": 1740},
    }
    used = {"memory": memory(120, first=110, per_hour=0, fit=0.0), "previousRun": run}
    status = state(restarts=1, ready=True, last=ended(137, "OOMKilled", ran_minutes=31))
    return measured("OOMKilled", used, spec=limited("512Mi"), status=status)


def killed_since_the_last_report() -> tuple[World, Explanation]:
    """The report is a minute old, the kill is newer: what it says of the present run is about the one that was killed."""
    status = state(restarts=1, ready=True, last=ended(137, "OOMKilled", ran_minutes=31) | {"finishedAt": at(0)})
    return measured("OOMKilled", {"memory": memory(490, first=110, per_hour=700)}, spec=limited("512Mi"), status=status)


def claimed(volume: Json, *, expands: bool | None = None) -> tuple[World, Explanation]:
    """A claim that a running pod writes to, with how full it is; `expands`: whether its StorageClass allows it, None without a class."""
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    web = deployment(of=template(container(), volumes=volumes))
    revision = replica_set(web)
    writer = pod(revision, ready=True, status={"containerStatuses": [state(ready=True)]})
    of = {} if expands is None else {"storageClassName": "fast"}
    spec = {"resources": {"requests": {"storage": "10Gi"}}} | of
    claim = obj("v1", "PersistentVolumeClaim", "data", spec=spec, status={"phase": "Bound"})
    classes = [obj("storage.k8s.io/v1", "StorageClass", "fast", namespace=None, allowVolumeExpansion=expands)] if of else []
    filled = {"name": "data", "claim": "data", "capacityBytes": 10 * GIB, "inodes": 65536, "inodesUsed": 700} | volume
    told = report(writer, node="node-1", containers=[], volumes=[filled])
    world = World([web, revision, writer, claim, *classes, node(), told])
    return world, world.ask("VolumeFillingUp", writer, owner=claim, claims=["data"], volume="data", usedBy="Deployment/orders/api")


@case("disk_full", "data")
def fills_its_volume() -> tuple[World, Explanation]:
    return claimed({"usedBytes": round(9.7 * GIB)})


@case("disk_full", "data")
def fills_a_volume_that_can_grow() -> tuple[World, Explanation]:
    return claimed({"usedBytes": round(9.7 * GIB)}, expands=True)


@case("disk_full", "data")
def fills_a_volume_that_cannot_grow() -> tuple[World, Explanation]:
    return claimed({"usedBytes": round(9.7 * GIB)}, expands=False)


@case("volume_fills_up", "data")
def will_fill_a_volume_that_can_grow() -> tuple[World, Explanation]:
    trend = {"perHour": 512 * MIB, "fit": 0.98, "overSeconds": 3300}
    return claimed({"usedBytes": 6 * GIB, "trend": trend, "fullInSeconds": 8 * 3600}, expands=True)


row("inodes_exhausted", "data", "fills_its_volume_with_small_files", lambda: claimed({"usedBytes": 2 * GIB, "inodesUsed": 65500}))


@case("volume_fills_up", "data")
def will_fill_its_volume() -> tuple[World, Explanation]:
    return claimed({"usedBytes": 6 * GIB, "trend": {"perHour": 512 * MIB, "fit": 0.98, "overSeconds": 3300}, "fullInSeconds": 8 * 3600})


def busy(**status: Any) -> Json:
    return {
        "cpu": {"levelMillis": 3950, "p95Millis": 3990, "capacityMillis": 4000},
        "memory": {"levelBytes": 2 * GIB, "capacityBytes": 8 * GIB},
        "topCpu": [{"namespace": "batch", "name": "miner-0", "cpuMillis": 3600}],
        "podsMillis": 3700,
        "podsBytes": GIB,
        "topMemory": [{"namespace": "batch", "name": "cache-0", "memoryBytes": GIB}],
    } | status


@case("node_saturated", "node-1")
def has_no_cpu_left() -> tuple[World, Explanation]:
    host = node()
    world = World([host, report(host, **busy())])
    return world, world.ask("NodeSaturated", host, resources=["CPU"])


@case("node_saturated", "node-1")
def has_no_memory_left() -> tuple[World, Explanation]:
    host = node()
    used = busy(cpu={"levelMillis": 100, "capacityMillis": 4000}, memory={"levelBytes": round(7.8 * GIB), "capacityBytes": 8 * GIB})
    world = World([host, report(host, **used)])
    return world, world.ask("NodeSaturated", host, resources=["memory"])


@case("application_slow", "api")
def answers_its_probe_later_than_before() -> tuple[World, Explanation]:
    probes = [{"container": "api", "type": "Readiness", "succeeded": 50, "failed": 12, "averageMs": 840.0, "baselineMs": 22.0}]
    spec = container(readinessProbe=HTTP, ports=[{"containerPort": 8080}])
    events = (("Unhealthy", TIMEOUT),)
    return measured("ReadinessProbeFailed", {}, spec=spec, ready=False, events=events, probes=probes)


@case("packets_lost", "api-1-x")
def loses_its_packets() -> tuple[World, Explanation]:
    spec = container(readinessProbe=HTTP, ports=[{"containerPort": 8080}])
    network = {"rxPackets": 9000, "rxDropped": 1200, "txPackets": 8000, "windowSeconds": 900}
    return measured("ReadinessProbeFailed", {}, spec=spec, ready=False, events=(("Unhealthy", TIMEOUT),), network=network)
