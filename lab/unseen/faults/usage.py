"""What objects do not show: starved, leaking and slow containers, volumes that fill up, busy nodes; with the reports of the agent."""

from typing import Any

from lab.unseen.cluster import Cluster
from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, Edit, Json, ago

MIB, GIB = 2**20, 2**30
_TIMEOUT = 'Get "http://IP:PORTPATH": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'


def _report(c: Cluster, pod: Json, container: Json, **status: Any) -> None:
    """What the agent reports of a pod whose first container uses this."""
    name = pod["spec"]["containers"][0]["name"]
    body = {"observedAt": ago(2), "node": pod["spec"]["nodeName"], "containers": [{"name": name, **container}], "volumes": []}
    c.add("PodUsage", pod["metadata"]["name"], owner=pod, minutes=60, status=body | status)


def _bytes(app: App) -> int:
    """The memory limit of a container."""
    unit = {"Mi": MIB, "Gi": GIB}[app.memory[-2:]]
    return int(app.memory[:-2]) * unit


def _memory(app: App, share: float, **more: Any) -> Json:
    """Use of this share of the limit."""
    used = round(share * _bytes(app))
    return {"nowBytes": used, "levelBytes": round(0.99 * used), "p95Bytes": used, "firstBytes": used, "limitBytes": _bytes(app)} | more


def _trend(per_hour: float, hours: float, fit: float = 0.97) -> Json:
    return {"perHour": round(per_hour), "fit": fit, "overSeconds": round(3600 * hours)}


def _throttled(limit: int, share: float) -> Json:
    cpu = {"nowMillis": limit - 3, "levelMillis": limit - 12, "p95Millis": limit - 1, "limitMillis": limit}
    return {"cpu": cpu, "throttling": {"share": share, "periods": 8930, "throttledPeriods": round(8930 * share), "windowSeconds": 893}}


def _cpu_limit(amount: str) -> Edit:
    def edit(spec: Json) -> None:
        spec["containers"][0]["resources"]["limits"]["cpu"] = amount

    return edit


def _limited(c: Cluster, app: App, limit: int) -> list[Json]:
    """The pods of a workload that has always had this CPU limit."""
    workload, pods = c.workload(app), c.pods(app)
    owned = c.owned(workload, "ReplicaSet") if app.kind == "Deployment" else []
    for spec in (*(one["spec"]["template"]["spec"] for one in (workload, *owned)), *(pod["spec"] for pod in pods)):
        _cpu_limit(f"{limit}m")(spec)
    return pods


def _times_out(c: Cluster, app: App, pod: Json, kind: str = "Readiness") -> None:
    c.stay_unready(pod)
    message = _TIMEOUT.replace("IP", pod["status"]["podIP"]).replace("PORT", str(app.port)).replace("PATH", app.path or "/")
    c.event(pod, "Unhealthy", f"{kind} probe failed: {message}", container=app.name, count=70)


@fault("cpu_limit_too_low", at="shop/checkout edge/auth search/query-api pipeline/enricher batch/invoice-worker")
def starved(c: Cluster, app: App) -> Truth:
    """The pods are ready and slow: only the throttling shows it."""
    for pod in _limited(c, app, 150):
        _report(c, pod, _throttled(150, 0.46))
    return Truth(app=app.name, facts=("150m", "46 %"))


@fault("cpu_limit_too_low", at="shop/catalog clinic/visits edge/orders-api monitoring/grafana")
def starved_until_probes_fail(c: Cluster, app: App) -> Truth:
    for pod in _limited(c, app, 100):
        _report(c, pod, _throttled(100, 0.83))
        _times_out(c, app, pod)
    return Truth(app=app.name, facts=("100m", "83 %"))


@fault("memory_leak", at="pipeline/ingest clinic/customers search/suggester batch/scheduler-api")
def leak_before_the_kill(c: Cluster, app: App) -> Truth:
    """Each run lasts half an hour, too short to be called a leak without its curve."""
    limit = _bytes(app)
    for pod in c.pods(app):
        c.crash(pod, 137, "", reason="OOMKilled", ran=31, restarts=9)
        run = {"endedAt": ago(2), "firstBytes": limit // 5, "lastBytes": limit - MIB, "peakBytes": limit - MIB}
        _report(c, pod, {"memory": {"limitBytes": limit}, "previousRun": run | {"trend": _trend(1.5 * limit, 0.5)}})
    return Truth(app=app.name)


@fault("memory_limit_too_low", at="shop/storefront monitoring/alertmanager edge/frontend")
def near_its_limit(c: Cluster, app: App) -> Truth:
    for pod in c.pods(app):
        _report(c, pod, {"memory": _memory(app, 0.96)})
    return Truth(app=app.name, facts=(app.memory,))


@fault("memory_follows_load", at="search/indexer batch/render-worker shop/cart")
def near_its_limit_under_load(c: Cluster, app: App) -> Truth:
    for pod in c.pods(app):
        memory = _memory(app, 0.95, firstBytes=_bytes(app) // 2, trend=_trend(0.45 * _bytes(app), 1))
        _report(c, pod, {"memory": memory, "cpu": {"nowMillis": 820, "p95Millis": 830, "trend": _trend(560, 1, 0.91)}})
    return Truth(app=app.name, facts=(app.memory,))


@fault("memory_leak", at="clinic/gateway monitoring/loki shop/catalog")
def near_its_limit_and_rising(c: Cluster, app: App) -> Truth:
    for pod in c.pods(app):
        memory = _memory(app, 0.93, firstBytes=_bytes(app) // 3, trend=_trend(0.06 * _bytes(app), 10))
        _report(c, pod, {"memory": memory, "cpu": {"nowMillis": 110, "p95Millis": 130, "trend": _trend(1, 1, 0.05)}})
    return Truth(app=app.name, facts=(app.memory,))


def _volume(c: Cluster, app: App, **numbers: Any) -> Truth:
    pod = c.pods(app)[0]
    mounted = next(one for one in pod["spec"]["volumes"] if "persistentVolumeClaim" in one)
    claim = mounted["persistentVolumeClaim"]["claimName"]
    capacity = int(app.storage.removesuffix("Gi")) * GIB
    volume = {
        "name": mounted["name"],
        "claim": claim,
        "capacityBytes": capacity,
        "usedBytes": capacity // 2,
        "inodes": 10**6,
        "inodesUsed": 10**4,
    }
    _report(
        c,
        pod,
        {"memory": _memory(app, 0.4)},
        volumes=[volume | {name: value(capacity) if callable(value) else value for name, value in numbers.items()}],
    )
    return Truth(app=app.name, objects=(("PersistentVolumeClaim", claim),), facts=(claim,))


@fault("volume_fills_up", at="shop/postgres pipeline/kafka monitoring/loki search/opensearch")
def volume_grows(c: Cluster, app: App) -> Truth:
    return _volume(c, app, usedBytes=lambda whole: whole * 8 // 10, fullInSeconds=6 * 3600, trend=_trend(GIB, 1))


@fault("disk_full", at="clinic/mysql blog/mariadb pipeline/clickhouse")
def volume_is_full(c: Cluster, app: App) -> Truth:
    return _volume(c, app, usedBytes=lambda whole: whole * 985 // 1000)


@fault("inodes_exhausted", at="edge/mongo batch/ledger-db blog/wordpress")
def no_inodes(c: Cluster, app: App) -> Truth:
    return _volume(c, app, inodesUsed=999_000)


@fault("node_saturated", at="shop/cart search/indexer edge/auth clinic/customers")
def node_is_busy(c: Cluster, app: App) -> Truth:
    """Whatever runs on one node has no CPU left; a batch process of the node itself takes it."""
    node = c.get("Node", c.pods(app)[0]["spec"]["nodeName"])
    cpu = {"nowMillis": 3960, "levelMillis": 3850, "p95Millis": 3990, "capacityMillis": 4000}
    memory = {"nowBytes": 5 * GIB, "levelBytes": 5 * GIB, "capacityBytes": 16 * GIB}
    status = {"observedAt": ago(2), "cpu": cpu, "memory": memory, "podsMillis": 610, "podsBytes": 3 * GIB, "topCpu": [], "topMemory": []}
    c.add("NodeUsage", node["metadata"]["name"], owner=node, minutes=60, status=status)
    return Truth(objects=(("Node", node["metadata"]["name"]),), facts=(node["metadata"]["name"],))


@fault("application_slow", at="clinic/gateway shop/storefront monitoring/grafana pipeline/schema-registry")
def slow_answers(c: Cluster, app: App) -> Truth:
    """Nothing is throttled; successful probes take much longer than an hour ago, and some too long."""
    for pod in c.pods(app):
        probe = {"container": app.name, "type": "Readiness", "succeeded": 40, "failed": 22, "averageMs": 780.0, "baselineMs": 14.0}
        _report(c, pod, {"memory": _memory(app, 0.5)}, probes=[probe | {"windowSeconds": 893}])
        _times_out(c, app, pod)
    return Truth(app=app.name, facts=("780 ms", "14 ms"))


@fault("packets_lost", at="shop/checkout search/query-api edge/orders-api")
def lossy_interface(c: Cluster, app: App) -> Truth:
    """Only the pods of this workload on one node lose packets."""
    pod = c.pods(app)[0]
    lost = {"rxPackets": 41200, "rxErrors": 0, "rxDropped": 6100, "txPackets": 39000, "txErrors": 0, "txDropped": 0, "windowSeconds": 893}
    _report(c, pod, {"memory": _memory(app, 0.5)}, network=lost)
    _times_out(c, app, pod)
    return Truth(app=app.name, facts=("6100",))
