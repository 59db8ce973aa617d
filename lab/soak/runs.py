"""The runs of the soak: a real server and a real agent on a stub API server whose pods change all the time."""

import random
import statistics
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.bench.processes import Lines, rss_mib
from lab.bench.rows import SETTINGS, get, stub_cluster, wait_synced
from tests.support.platform import Platform, running

CHURN_PER_S = 200
PODS = 500
CONVERGES_WITHIN_S = 120


@dataclass(frozen=True)
class Damage:
    """What a round did to the inventory: objects missing or wrong, rows or open issues that exist twice."""

    lost: int
    doubled: int


def kill_rounds(folder: Path, *, rounds: int, seed: int, done: int = 0) -> list[Damage]:
    """SIGKILL the server `rounds` times during ingest; `done` rounds of an earlier run with this seed are skipped."""
    rng = random.Random(seed)
    moments = [rng.uniform(0.2, 3.0) for _ in range(rounds)][done:]
    damages = []
    with stub_cluster(PODS, each=5) as (stub, known), running(folder, settings=dict(SETTINGS)) as platform:
        cluster_id = _connect(platform, known)
        for number, moment in enumerate(moments, done + 1):
            churn(stub, CHURN_PER_S)
            time.sleep(moment)
            platform.kill_server()
            platform.start_server()
            churn(stub, 0)
            damage = _converged(platform, known)
            damages.append(damage)
            print(f"round {number}: killed after {moment:.2f} s, lost {damage.lost}, doubled {damage.doubled}", flush=True)
            wait_synced(platform, cluster_id)
    return damages


@dataclass(frozen=True)
class Sample:
    """One look at the processes and the disk."""

    server_mib: float
    agent_mib: float
    disk_mb: float


def flat(folder: Path, *, minutes: float, every_s: float = 10) -> list[Sample]:
    """Churn for so many minutes; the samples in order."""
    samples = []
    with stub_cluster(PODS, each=5) as (stub, known), running(folder, settings=dict(SETTINGS)) as platform:
        cluster_id = _connect(platform, known)
        churn(stub, CHURN_PER_S)
        ends_at = time.monotonic() + minutes * 60
        while time.monotonic() < ends_at:
            time.sleep(min(every_s, max(0.0, ends_at - time.monotonic())))
            assert platform.server is not None
            disk = sum(path.stat().st_size for path in (folder / "data").rglob("*") if path.is_file()) / 1e6
            samples.append(Sample(rss_mib(platform.server.pid), rss_mib(platform.agents[cluster_id].pid), disk))
        churn(stub, 0)
        damage = _converged(platform, known)
        assert damage == Damage(0, 0), damage
    return samples


def growth(samples: list[Sample], field: str) -> tuple[float, float]:
    """The median of the second and of the last quarter: what is still warming up in the first does not count."""
    values = [float(getattr(sample, field)) for sample in samples]
    quarter = max(1, len(values) // 4)
    return statistics.median(values[quarter : 2 * quarter] or values), statistics.median(values[-quarter:])


def churn(stub: Lines, per_s: float) -> None:
    stub.tell(f"churn {per_s}")
    stub.next()


def _connect(platform: Platform, known: dict[str, str]) -> str:
    cluster_id = str(platform.create_cluster("soak")["id"])
    platform.start_agent(cluster_id, Path(known["kubeconfig"]))
    wait_synced(platform, cluster_id)
    return cluster_id


def _converged(platform: Platform, known: dict[str, str]) -> Damage:
    """Wait for the inventory to equal the cluster; what is still wrong at the deadline is damage."""
    deadline = time.monotonic() + CONVERGES_WITHIN_S
    while True:
        damage = _compare(platform, known)
        if damage == Damage(0, 0) or time.monotonic() > deadline:
            return damage
        time.sleep(0.5)


def _compare(platform: Platform, known: dict[str, str]) -> Damage:
    real = {_key(pod["metadata"]): pod["metadata"]["resourceVersion"] for pod in get(known, "/api/v1/pods")["items"]}
    rows = list(platform.all("/v1/resources?kind=Pod", "resources"))
    ours = {_key(row): row["resourceVersion"] for row in rows}
    issues = Counter(
        (issue["type"], issue["namespace"], str(issue["owner"]), issue["container"])
        for issue in platform.all("/v1/issues?status=open", "issues")
    )
    wrong = sum(ours.get(key) != version for key, version in real.items()) + len(ours.keys() - real.keys())
    return Damage(wrong, len(rows) - len(ours) + sum(count - 1 for count in issues.values()))


def _key(named: dict[str, Any]) -> tuple[str, str]:
    return named["namespace"], named["name"]
