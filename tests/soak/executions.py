"""Executions under fire: server, agent or tunnel killed at a random moment of each, on a cluster that counts what was really changed.

A runbook of five steps changes one workload; the API server often answers late, twice, with 409 or 429, or breaks the connection after the
change. Each step may change the cluster once or not at all; a step that says `succeeded` changed it exactly once; and a minute after
everything runs again, each execution has ended, goes on, or names what it waits for.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optral.runbooks.model import MAX_ATTEMPTS
from optral.terms import ids
from tests.soak import misbehaving
from tests.soak.misbehaving import Cuttable, applied, demo_cluster
from tests.support.platform import Platform, until

PER_CLUSTER = 5  # of five changes each: below what a cluster takes in an hour
PER_PLATFORM = 30
KILLED = ("server", "agent", "tunnel")
WRONG_ANSWERS = 0.2
NAMES_WITHIN_S = 60
ENDS_WITHIN_S = 300  # a command nobody answers for is given up after two and a half minutes
POLICY = "allowWrites: true\nnamespaces: [shop]\n"
STEPS = ("evict", "scale", "setResources", "setImage", "restart")
RETRIES = 3
RUNBOOK = f"""
slug: soak-five
name: Five changes
risk: low
parameters:
  - {{name: pod, type: string, required: true}}
  - {{name: replicas, type: integer, required: true}}
  - {{name: limit, type: quantity, required: true}}
  - {{name: tag, type: string, required: true}}
steps:
  - name: evict
    action: evict
    with: {{namespace: shop, name: "${{parameters.pod}}"}}
  - name: scale
    action: scale
    retry: {{times: {RETRIES}, backoffSeconds: 1}}
    with: {{kind: Deployment, namespace: shop, name: coupons, replicas: "${{parameters.replicas}}"}}
  - name: setResources
    action: setResources
    retry: {{times: {RETRIES}, backoffSeconds: 1}}
    with: {{kind: Deployment, namespace: shop, name: coupons, container: coupons, limits: {{memory: "${{parameters.limit}}"}}}}
  - name: setImage
    action: setImage
    retry: {{times: {RETRIES}, backoffSeconds: 1}}
    with: {{kind: Deployment, namespace: shop, name: coupons, container: coupons, tag: "${{parameters.tag}}"}}
  - name: restart
    action: restart
    retry: {{times: {RETRIES}, backoffSeconds: 1}}
    with: {{kind: Deployment, namespace: shop, name: coupons}}
verify: {{stableSeconds: 0, timeoutSeconds: 10}}
"""


@dataclass(frozen=True)
class Outcome:
    """One round: how the execution ended, how often it changed the cluster, and what is wrong with that (empty: nothing)."""

    killed: str
    status: str
    changes: int
    fault: str
    code: str = ""


def rounds(folder: Path, *, count: int, seed: int, victims: Sequence[str] = KILLED) -> list[Outcome]:
    """So many executions, each with one kill somewhere in it; the victims take turns."""
    rng = random.Random(seed)
    plan = [(victims[number % len(victims)], rng.uniform(0.0, 6.0)) for number in range(count)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.yaml").write_text(POLICY)
    outcomes: list[Outcome] = []
    with demo_cluster(folder) as kubeconfig, _platform(folder) as (platform, tunnel):
        cluster_id = ""
        for number, (victim, moment) in enumerate(plan):
            if number % PER_CLUSTER == 0:
                cluster_id = _connect(platform, kubeconfig, before=cluster_id, number=number)
            misbehaving.misbehave(seed + number, WRONG_ANSWERS)
            outcome = _round(platform, cluster_id, kubeconfig, tunnel, victim, moment, number)
            outcomes.append(outcome)
            said = f"{outcome.status} {outcome.code}, {outcome.changes} changes {outcome.fault}"
            print(f"round {number + 1} of seed {seed}: {victim} killed after {moment:.2f} s: {said}", flush=True)
    return outcomes


@contextmanager
def _platform(folder: Path) -> Iterator[tuple[Platform, Cuttable]]:
    """A server whose agents dial a port that can be cut."""
    platform = Platform(folder / "optral", settings={"OPTRAL_AGENT_POLICY": str(folder / "policy.yaml")})
    with Cuttable(platform.tunnel_port).listening() as tunnel:
        platform.settings["OPTRAL_AGENT_ADDRESS"] = f"127.0.0.1:{platform.enroll_port},{tunnel.port}"
        try:
            platform.setup()
            platform.start_server()
            platform.call("POST", "/v1/runbooks", json={"source": RUNBOOK})
            yield platform, tunnel
        finally:
            platform.stop()


def _round(platform: Platform, cluster_id: str, kubeconfig: Path, tunnel: Cuttable, victim: str, moment: float, number: int) -> Outcome:
    before, pod = Counter(applied), _pod(platform, cluster_id)
    parameters = {"pod": pod["name"], "replicas": 2 + number % 3, "limit": f"{256 + 16 * (number % 7)}Mi", "tag": f"1.0.{number + 1}"}
    body = {"clusterId": cluster_id, "parameters": parameters}
    execution = platform.call("POST", "/v1/runbooks/soak-five/execute", json=body)["id"]
    time.sleep(moment)
    if victim == "server":
        platform.kill_server()
        platform.start_server()
    elif victim == "agent":
        platform.kill_agent(cluster_id)
        platform.start_agent(cluster_id, kubeconfig)
    else:
        tunnel.cut()
    until(lambda: platform.call("GET", f"/v1/clusters/{cluster_id}")["status"] == "online", within_s=120, what="the cluster to be online")
    ended, stuck = _watch(platform, execution)
    misbehaving.misbehave(0, 0.0)
    fresh = applied - before
    code = str((ended.get("failure") or {}).get("code", ""))
    return Outcome(victim, ended["status"], sum(fresh.values()), stuck or fault_of(ended, fresh), code)


def _watch(platform: Platform, execution: str) -> tuple[dict[str, Any], str]:
    """The execution once it has ended; and whether it stood still a minute after the recovery without a name for what it waited for."""
    recovered_at, moved_at, version = time.monotonic(), time.monotonic(), -1
    while True:
        found: dict[str, Any] = platform.call("GET", f"/v1/executions/{execution}")
        now = time.monotonic()
        if found["version"] != version:
            version, moved_at = found["version"], now
        if found.get("finishedAt") is not None:
            return found, ""
        is_named = "kind" in (found.get("waitingFor") or {})
        if now - recovered_at > NAMES_WITHIN_S and now - moved_at > NAMES_WITHIN_S and not is_named:
            return found, "stands still and waits for nothing that it names"
        if now - recovered_at > ENDS_WITHIN_S:
            return found, f"has not ended after {ENDS_WITHIN_S} s; waits for {found.get('waitingFor')}"
        time.sleep(0.3)


def fault_of(ended: dict[str, Any], fresh: Counter[str]) -> str:
    """What is wrong with an execution that has ended, by what the cluster counted; empty: nothing."""
    changed = {change["step"] for change in (ended.get("plan") or {}).get("diff", ())}
    for step in ended["steps"]:
        times = fresh[step["object"]["uid"]] if step["verb"] == "evict" else sum(fresh[one] for one in _commands(ended["id"], step["id"]))
        if times > 1:
            return f"{step['name']} was done {times} times"
        if step["state"] == "succeeded" and times != 1 and step["name"] in changed:
            return f"{step['name']} succeeded without a change"
        if step["state"] in ("failed", "skipped", "pending", "canceled") and times:
            return f"{step['name']} is {step['state']} and was done"
    if (ended.get("failure") or {}).get("changed") is False and sum(fresh.values()):
        return "changed, and says it did not"
    return ""


def _commands(execution: str, step: str) -> list[str]:
    """The commands that a step may have sent."""
    return [ids.derive("cmd", execution, step, f"apply {attempt}") for attempt in range(1, MAX_ATTEMPTS + RETRIES + 1)]


def _pod(platform: Platform, cluster_id: str) -> dict[str, Any]:
    """A pod of the workload that the inventory shows."""
    fits = f"/v1/resources?cluster={cluster_id}&kind=Pod&namespace=shop&q=coupons"
    until(lambda: platform.call("GET", fits)["total"] > 0, within_s=60, what="a pod of coupons")
    found: list[dict[str, Any]] = platform.call("GET", fits)["resources"]
    return max(found, key=lambda one: str(one.get("createdAt", "")))


def _connect(platform: Platform, kubeconfig: Path, *, before: str, number: int) -> str:
    """Another cluster for the same demo cluster: a cluster takes only so many changes an hour."""
    if before:
        platform.kill_agent(before)
    cluster_id = str(platform.create_cluster(f"soak-{number}")["id"])
    platform.start_agent(cluster_id, kubeconfig)
    fits = f"/v1/resources?cluster={cluster_id}&kind=Deployment&namespace=shop&q=coupons"
    until(lambda: platform.call("GET", fits)["total"] > 0, within_s=120, what="the inventory")
    return cluster_id
