"""What an execution costs: from the request to its first command, a step beside its bare requests, executions a second."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import yaml

from lab.bench.rows import Options, Row, open_platform
from lab.soak.misbehaving import APP, NAMESPACE, TOKEN, Small, small_clusters
from optral.demo.objects import Manifest
from tests.support.platform import Platform, until

FIRST_COMMANDS = 100
RUNS = 12
READS = 200
MOST_FIRST_S = 0.5
POLICY = f"allowWrites: true\nnamespaces: [{NAMESPACE}]\n"
TARGET = {"kind": "Deployment", "namespace": NAMESPACE, "name": APP}
_FIELDS = [f"{probe}.{part}" for probe in ("readinessProbe", "livenessProbe") for part in ("periodSeconds", "initialDelaySeconds")]
RUNBOOKS: dict[str, list[dict[str, Any]]] = {
    "bench-one": [{"name": "restart", "action": "restart", "with": TARGET}],
    "bench-changes": [
        {"name": field, "action": "patch", "with": {**TARGET, "container": APP, "field": field, "value": "${parameters.seconds}"}}
        for field in _FIELDS
    ],
    "bench-read": [{"name": "read", "action": "get", "with": TARGET}],
}
STEPS = len(_FIELDS)
_PATH = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{APP}"


@dataclass(frozen=True)
class World:
    """A server, one small cluster, and its agent."""

    platform: Platform
    cluster_id: str
    small: Small

    def execute(self, runbook: str, **more: Any) -> str:
        body = {"clusterId": self.cluster_id, "parameters": {}} | more
        return str(self.platform.call("POST", f"/v1/runbooks/{runbook}/execute", json=body)["id"])

    def ended(self, execution: str) -> dict[str, Any]:
        """The execution when it has ended, as it must."""

        def found() -> dict[str, Any] | None:
            now: dict[str, Any] = self.platform.call("GET", f"/v1/executions/{execution}")
            if now["status"] == "pendingApproval" and "hash" in now.get("plan", {}):
                own = {"reason": "a benchmark", "confirm": now["target"]["name"]}  # of the only member
                self.platform.call("POST", f"/v1/executions/{execution}/approve", json=own)
            return now if now.get("finishedAt") else None

        done = until(found, within_s=60, every_s=0.02, what=f"the end of {execution}")
        assert done is not None and done["status"] == "succeeded", done
        return done


def executions(options: Options) -> Iterator[Row]:
    for engine in ("SQLite", "PostgreSQL"):
        with world_of(engine) as world:
            request_s = seconds_of(lambda w=world: w.platform.call("PATCH", f"/v1/clusters/{w.cluster_id}", json={"labels": {}}), 30)
            yield from _first_commands(engine, world, request_s)
            yield from _steps(engine, world)
            yield from _rate(engine, world, request_s)


def _first_commands(engine: str, world: World, request_s: float) -> Iterator[Row]:
    """A dry run; its first command reads the object, asks for the permission, and is then seen here as a dry run of the change."""
    taken = []
    for _ in range(FIRST_COMMANDS):
        world.small.arrivals.clear()
        began = time.perf_counter()
        execution = world.execute("bench-one", dryRun=True)
        world.ended(execution)
        taken.append(world.small.arrivals[0] - began)
    ordered = sorted(taken)
    baseline = f"one PATCH of a cluster {request_s * 1000:.1f} ms"
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        found = ordered[min(len(ordered) - 1, int(share * len(ordered)))]
        target, is_met = ("<= 500", found <= MOST_FIRST_S) if name == "p99" else ("-", None)
        yield Row(f"request to first dry run, {engine}, {name}", found * 1000, "ms", target, is_met, baseline, found / request_s)


def _steps(engine: str, world: World) -> Iterator[Row]:
    """Changes of one object, from the start of the first to the end of the last; bare, each is a read, a dry run and the change."""
    taken = []
    for number in range(RUNS):
        done = world.ended(world.execute("bench-changes", parameters={"seconds": 20 + number}))
        taken.append((_at(done["steps"][-1]["finishedAt"]) - _at(done["startedAt"])) / STEPS)
    bare_s = seconds_of(lambda: _bare_change(world.small), 30)
    found = statistics.median(taken)
    baseline = f"the same requests alone {bare_s * 1000:.1f} ms"
    yield Row(f"  a step that changes something, {engine}", found * 1000, "ms", "-", None, baseline, found / bare_s)


def _rate(engine: str, world: World, request_s: float) -> Iterator[Row]:
    """Executions of one step that reads, all requested at once: only the server and one agent limit them."""
    began = time.perf_counter()
    found = [world.execute("bench-read") for _ in range(READS)]
    until(lambda: _finished(world.platform) >= len(found), within_s=300, every_s=0.1, what="the end of all executions")
    rate = READS / (time.perf_counter() - began)
    yield Row(f"  executions with one read, {engine}", rate, "/s", "-", None, f"PATCH of a cluster {1 / request_s:.0f}/s", rate * request_s)


def _finished(platform: Platform) -> int:
    return int(platform.call("GET", "/v1/executions?runbook=bench-read&status=succeeded&pageSize=1")["total"])


def _bare_change(small: Small) -> None:
    with httpx2.Client(base_url=small.url, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        client.get(_PATH).raise_for_status()
        body: Manifest = {"metadata": {"annotations": {"bench": str(time.perf_counter())}}}
        for params in ({"dryRun": "All"}, {}):
            client.patch(_PATH, json=body, params=params).raise_for_status()


def _at(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def seconds_of(work: Any, times: int) -> float:
    """Seconds that a call takes."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


@contextmanager
def world_of(engine: str) -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="optral-bench-") as folder, small_clusters(Path(folder), 1, seed=1) as (small,):
        small.mood.slow_s = 0.0
        policy = Path(folder) / "policy.yaml"
        policy.write_text(POLICY)
        with open_platform(engine) as platform:
            platform.settings["OPTRAL_AGENT_POLICY"] = str(policy)
            cluster_id = str(platform.create_cluster("bench")["id"])
            platform.start_agent(cluster_id, small.kubeconfig, "--no-metrics")
            until(lambda: "syncedAt" in platform.call("GET", f"/v1/clusters/{cluster_id}")["inventory"], within_s=60, what="the inventory")
            limits = [{"cluster": cluster_id, "changesPerHour": 1000}]
            platform.call("PATCH", "/v1/safeguards", json={"limits": limits})
            for slug, steps in RUNBOOKS.items():
                platform.call("POST", "/v1/runbooks", json={"source": _source(slug, steps)})
            yield World(platform, cluster_id, small)


def _source(slug: str, steps: list[dict[str, Any]]) -> str:
    is_reading = all(step["action"] == "get" for step in steps)
    risk = "readOnly" if is_reading else "high" if any(step["action"] == "patch" for step in steps) else "low"
    definition: dict[str, Any] = {"slug": slug, "name": slug, "risk": risk, "steps": steps}
    if "${" in str(steps):
        definition["parameters"] = [{"name": "seconds", "type": "integer", "required": True}]
    if not is_reading:
        definition["verify"] = {"stableSeconds": 0, "timeoutSeconds": 60}
    return yaml.safe_dump(definition, sort_keys=False)


ROWS = {"executions": executions}
