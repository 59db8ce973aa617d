"""From the rings to what the control plane gets: a `WorkloadTraffic` of each workload that is notable, and of all others while one is.

A workload is notable when its requests take longer than usual for ten minutes, or more of them fail. What it calls is then wanted too, and
the agent does not know which workload calls which, so all workloads with requests are reported, those that are notable first. Half an hour
after the last one was, the reports end.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from optral.agent.prometheus.rings import LEVEL_S, PodAnswer, Reading, TrafficRing
from optral.kit.mappings import without_none
from optral.kit.times import rfc3339
from optral.kube.kinds import WORKLOAD_TRAFFIC, traffic_name
from optral.kubeapi.reflector import RawObject

SLOWER, SLOWER_MS = 1.5, 50
FAILING, MORE = 0.02, 3
STAYS_S = 1800
MAX_REPORTS = 500
MAX_PODS = 20
STEP = 2  # readings in one point of a series
SILENT_S = 300  # without a new reading, nothing is said of a workload


def is_notable(ring: TrafficRing) -> bool:
    """Whether its requests take longer than usual, or fail more often, for ten minutes."""
    lasting, usual = ring.lasting(), ring.usual()
    if lasting is None or usual is None:
        return False
    (level_ms, share), (usual_ms, usual_share) = lasting, usual
    return level_ms >= max(SLOWER * usual_ms, usual_ms + SLOWER_MS) or share >= max(FAILING, MORE * usual_share)


def note(ring: TrafficRing, *, now: int) -> bool:
    """Whether the workload is notable, or was in the last half hour."""
    if is_notable(ring):
        ring.noted_since = ring.noted_since if was_noted(ring, now=now) else now
        ring.noted_at = now
    return was_noted(ring, now=now)


def was_noted(ring: TrafficRing, *, now: int) -> bool:
    return bool(ring.noted_at) and now - ring.noted_at <= STAYS_S


def of_all(rings: Iterable[TrafficRing], *, now: int) -> Iterator[RawObject]:
    """The reports of now; none while no workload is notable."""
    current = [ring for ring in rings if ring.newest is not None and now - ring.newest.at <= SILENT_S]
    if not any(was_noted(ring, now=now) for ring in current):
        return
    current.sort(key=lambda ring: (not was_noted(ring, now=now), -ring.requests(), ring.workload))
    for ring in current[:MAX_REPORTS]:
        if ring.newest is not None:
            yield _seen(ring, ring.newest)


def _seen(ring: TrafficRing, newest: Reading) -> RawObject:
    of, version = ring.workload, rfc3339(datetime.fromtimestamp(newest.at, UTC))
    name, uid = traffic_name(of.kind, of.name), f"{of.uid}-traffic"
    owner = {"apiVersion": of.api_version, "kind": of.kind, "name": of.name, "uid": of.uid, "controller": True}
    tree = {
        "apiVersion": WORKLOAD_TRAFFIC.api_version,
        "kind": WORKLOAD_TRAFFIC.name,
        "metadata": {"name": name, "namespace": of.namespace, "uid": uid, "resourceVersion": version, "ownerReferences": [owner]},
        "status": status_of(ring, newest) | {"observedAt": version},
    }
    return RawObject(uid, of.namespace, name, version, msgspec.json.encode(tree))


def status_of(ring: TrafficRing, newest: Reading) -> dict[str, Any]:
    """What is known of a workload's requests. Durations in ms, shares from 0 to 1; what is not known is left out."""
    lasting, usual = ring.lasting(), ring.usual()
    latency = {"p50Ms": _ms(newest.p50_ms), "p95Ms": _ms(newest.p95_ms), "p99Ms": _ms(newest.p99_ms)}
    errors: dict[str, Any] = {"share": round(ring.errors[-1], 4)}
    if lasting is not None:
        latency["levelMs"], errors["levelShare"] = _ms(lasting[0]), round(lasting[1], 4)
    if usual is not None:
        latency["usualMs"], errors["usualShare"] = _ms(usual[0]), round(usual[1], 4)
    found: dict[str, Any] = {
        "source": ring.source,
        "provenBy": newest.proof.name.lower(),
        "requests": {"perSecond": round(newest.per_second, 2), "count": ring.requests(), "windowSeconds": LEVEL_S},
        "errors": errors,
        "latency": without_none(latency),
        "usualSeconds": ring.usual_s,
        "podCount": len(newest.pods),
        "pods": [_pod(ring, one) for one in sorted(newest.pods, key=lambda one: -one.p95_ms)[:MAX_PODS]],
        "series": _series(ring),
    }
    nodes = sorted({pod.node for pod in newest.pods} & ring.network.retransmits.keys())
    if nodes:
        found["nodes"] = [{"name": node, "retransmitShare": round(ring.network.retransmits[node], 4)} for node in nodes[:MAX_PODS]]
    return found


def _pod(ring: TrafficRing, one: PodAnswer) -> dict[str, Any]:
    named = {"name": one.name, "uid": one.uid, "node": one.node, "revision": one.revision}
    counted = {"p95Ms": _ms(one.p95_ms), "perSecond": round(one.per_second, 2)}
    network = ring.network
    packets = {"lostPerSecond": network.losses, "sentPerSecond": network.sent, "sentBeforePerSecond": network.sent_before}
    counted |= {name: round(by_uid.get(one.uid, 0.0), 2) for name, by_uid in packets.items()}
    return {key: value for key, value in (named | counted).items() if value}


def _ms(value: float) -> float | None:
    return None if value < 0 else round(value, 1)


def _series(ring: TrafficRing) -> dict[str, Any]:
    """The last hour in points of two readings, the newest last: of durations and errors the higher one."""
    ends = range(len(ring.times) - 1, -1, -STEP)
    parts = [range(max(0, end - STEP + 1), end + 1) for end in reversed(ends)]
    return {
        "endsAt": rfc3339(datetime.fromtimestamp(ring.times[-1], UTC)),
        "secondsBefore": [ring.times[-1] - ring.times[part[-1]] for part in parts],
        "perSecond": [round(sum(ring.per_second[index] for index in part) / len(part), 2) for part in parts],
        "errorShare": [round(max(ring.errors[index] for index in part), 4) for part in parts],
        "p95Ms": [_ms(max(ring.p95[index] for index in part)) for part in parts],
    }
