"""Executions under fire: server or agent killed at a random moment of each, on a cluster that counts what was really changed.

A command may change the cluster once or not at all; an execution that says `succeeded` changed it exactly once; every execution ends.
"""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from optral.agent.commands_writes import ANNOTATION
from optral.demo import cluster as demo
from optral.demo.objects import Manifest
from optral.demo.writes import Writes
from optral.kube.kinds import Kind
from tests.support.platform import Platform, running, until

PER_CLUSTER = 25  # below what a cluster takes in an hour
SLOW_S = 0.08
ENDS_WITHIN_S = 240  # a command nobody answers for is given up after two and a half minutes
POLICY = "allowWrites: true\nnamespaces: [shop]\n"
RUNBOOK = """
slug: soak-scale
name: Scale, and look once
risk: low
parameters: [{name: replicas, type: integer, required: true}]
steps:
  - name: Scale
    action: scale
    with: {kind: Deployment, namespace: shop, name: coupons, replicas: "${parameters.replicas}"}
verify: {stableSeconds: 0, timeoutSeconds: 12}
"""
applied: Counter[str] = Counter()
"""Real changes by command id, as the cluster saw them."""


class Counting(Writes):
    def patch(self, kind: Kind, namespace: str, name: str, body: Manifest, /, *, dry_run: bool) -> bytes:
        time.sleep(SLOW_S)  # so that kills fall into every step, also between a change and its answer
        answer = super().patch(kind, namespace, name, body, dry_run=dry_run)
        if not dry_run:
            applied[str(((body.get("metadata") or {}).get("annotations") or {}).get(ANNOTATION))] += 1
            time.sleep(SLOW_S)
        return answer


@dataclass(frozen=True)
class Outcome:
    """One round: how the execution ended, how often it changed the cluster, and what is wrong with that (empty: nothing)."""

    killed: str
    status: str
    changes: int
    fault: str


def rounds(folder: Path, *, count: int, seed: int) -> list[Outcome]:
    """So many executions, each with a kill of server or agent somewhere in it."""
    rng = random.Random(seed)
    plan = [(rng.choice(["server", "agent"]), rng.uniform(0.0, 0.7)) for _ in range(count)]
    folder.mkdir(parents=True, exist_ok=True)
    policy = folder / "policy.yaml"
    policy.write_text(POLICY)
    settings = {"OPTRAL_AGENT_POLICY": str(policy)}
    with demo_cluster(folder) as kubeconfig, running(folder / "optral", settings=settings) as platform:
        platform.call("POST", "/v1/runbooks", json={"source": RUNBOOK})
        cluster_id = _connect(platform, kubeconfig)
        outcomes = []
        for number, (victim, moment) in enumerate(plan, 1):
            outcome = _round(platform, cluster_id, kubeconfig, victim, moment, replicas=2 + number % 3)
            outcomes.append(outcome)
            print(
                f"round {number}: {victim} killed after {moment:.2f} s: {outcome.status}, {outcome.changes} changes {outcome.fault}",
                flush=True,
            )
    return outcomes


def _round(platform: Platform, cluster_id: str, kubeconfig: Path, victim: str, moment: float, *, replicas: int) -> Outcome:
    before = Counter(applied)
    body = {"clusterId": cluster_id, "parameters": {"replicas": replicas}}
    execution = platform.call("POST", "/v1/runbooks/soak-scale/execute", json=body)["id"]
    time.sleep(moment)
    if victim == "server":
        platform.kill_server()
        platform.start_server()
    else:
        platform.kill_agent(cluster_id)
        platform.start_agent(cluster_id, kubeconfig)
    ended: dict[str, Any] = {}

    def has_ended() -> bool:
        ended.update(platform.call("GET", f"/v1/executions/{execution}"))
        return ended.get("finishedAt") is not None

    until(has_ended, within_s=ENDS_WITHIN_S, what="the execution to end")
    until(lambda: platform.call("GET", f"/v1/clusters/{cluster_id}")["status"] == "online", within_s=60, what="the cluster to be online")
    fresh = applied - before
    changes = sum(fresh.values())
    return Outcome(victim, ended["status"], changes, _fault(ended, fresh))


def _fault(ended: dict[str, Any], fresh: Counter[str]) -> str:
    changes = sum(fresh.values())
    if any(times > 1 for times in fresh.values()) or changes > 1:
        return f"doubled: {dict(fresh)}"
    if ended["status"] == "succeeded" and changes != 1 and ended["plan"]["diff"]:
        return "succeeded without a change"
    if (ended.get("failure") or {}).get("changed") is False and changes:
        return "changed, and says it did not"
    return ""


def _connect(platform: Platform, kubeconfig: Path) -> str:
    cluster_id = str(platform.create_cluster("soak")["id"])
    platform.start_agent(cluster_id, kubeconfig)
    fits = f"/v1/resources?cluster={cluster_id}&kind=Deployment&namespace=shop&q=coupons"
    until(lambda: platform.call("GET", fits)["total"] > 0, within_s=60, what="the inventory")
    return cluster_id


@contextmanager
def demo_cluster(folder: Path) -> Iterator[Path]:
    """The demo cluster in a thread of its own, counting."""
    ready, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        async with demo.running(folder):
            ready.set()
            await asyncio.to_thread(stop.wait)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "Writes", Counting)
        thread = threading.Thread(target=lambda: asyncio.run(serve()), name="demo cluster", daemon=True)
        thread.start()
        try:
            assert ready.wait(60)
            yield folder / "kubeconfig.yaml"
        finally:
            stop.set()
            thread.join(20)
