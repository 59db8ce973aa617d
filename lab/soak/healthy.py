"""A healthy real cluster in ordinary use: rollouts, drains, scaling, Jobs that retry, deleted pods. None of it may open an issue."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.platform import Platform, running, until
from tests.support.real_cluster import Cluster, standing

NAMESPACE = "healthy"
IMAGE = "docker.io/library/busybox:1.36"
PAUSE_S = 12  # between two operations
SETTLE_S = 120


@dataclass(frozen=True)
class Noise:
    """A false issue."""

    type: str
    resource: str
    title: str


def healthy(folder: Path, *, minutes: float, seed: int) -> tuple[int, list[Noise]]:
    """The number of operations in so many minutes, and every issue that they opened."""
    rng = random.Random(seed)
    with standing(nodes=2) as cluster, running(folder) as platform:
        cluster_id = _connect(platform, cluster)
        _workloads(cluster)
        done, ends_at = 0, time.monotonic() + minutes * 60
        while time.monotonic() < ends_at:
            operation = rng.choice(OPERATIONS)
            print(f"{operation.__name__.strip('_').replace('_', ' ')}", flush=True)
            operation(cluster, rng)
            done += 1
            time.sleep(PAUSE_S)
        time.sleep(SETTLE_S)
        found = platform.call("GET", f"/v1/issues?cluster={cluster_id}&pageSize=100")["issues"]
        noise = [Noise(one["type"], f"{one['namespace']}/{one['resource']}", one.get("title", "")) for one in found]
        cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false")
    return done, noise


def _connect(platform: Platform, cluster: Cluster) -> str:
    cluster_id = str(platform.create_cluster("healthy")["id"])
    platform.start_agent(cluster_id, cluster.kubeconfig)
    until(
        lambda: platform.call("GET", f"/v1/clusters/{cluster_id}")["inventory"].get("syncedAt"),
        within_s=60,
        every_s=1,
        what="the inventory",
    )
    return cluster_id


def _workloads(cluster: Cluster) -> None:
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    cluster.apply(
        _workload("Deployment", "web", replicas=3),
        _workload("Deployment", "api", replicas=2),
        _workload("Deployment", "worker", replicas=2, probe=False),
        _workload("StatefulSet", "db", replicas=2, serviceName="db"),
        _workload("DaemonSet", "logs"),
        *(_service(name) for name in ("web", "api", "db")),
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": "web", "namespace": NAMESPACE},
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}},
        },
        {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": {"name": "tick", "namespace": NAMESPACE},
            "spec": {"schedule": "* * * * *", "jobTemplate": {"spec": _job_spec("sleep 2")}},
        },
    )
    for kind, name in (("deployment", "web"), ("deployment", "api"), ("statefulset", "db"), ("daemonset", "logs")):
        cluster.kubectl("-n", NAMESPACE, "rollout", "status", f"{kind}/{name}", "--timeout=150s")


def _container(*, probe: bool) -> dict[str, Any]:
    script = "mkdir -p /www && echo ok > /www/index.html && exec httpd -f -p 8080 -h /www"
    made: dict[str, Any] = {
        "name": "main",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", f"trap 'exit 0' TERM; sleep 3; {script}" if probe else "trap 'exit 0' TERM; while :; do sleep 1; done"],
        "resources": {"requests": {"cpu": "5m", "memory": "8Mi"}, "limits": {"memory": "64Mi"}},
    }
    if probe:
        made["ports"] = [{"name": "http", "containerPort": 8080}]
        made["readinessProbe"] = {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 2}
        made["livenessProbe"] = {"httpGet": {"path": "/", "port": "http"}, "initialDelaySeconds": 15, "periodSeconds": 5}
    return made


def _workload(kind: str, name: str, *, probe: bool = True, **spec: Any) -> dict[str, Any]:
    labels = {"app": name}
    pod = {"terminationGracePeriodSeconds": 5, "containers": [_container(probe=probe)]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"selector": {"matchLabels": labels}, "template": template, **spec},
    }


def _service(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": "http"}]},
    }


def _job_spec(script: str) -> dict[str, Any]:
    container = {**_container(probe=False), "command": ["sh", "-c", script]}
    return {
        "backoffLimit": 4,
        "ttlSecondsAfterFinished": 120,
        "template": {"spec": {"restartPolicy": "Never", "containers": [container]}},
    }


def _roll_out(cluster: Cluster, rng: random.Random) -> None:
    what = rng.choice(["deployment/web", "deployment/api", "deployment/worker", "statefulset/db", "daemonset/logs"])
    cluster.kubectl("-n", NAMESPACE, "rollout", "restart", what)


def _roll_out_twice_at_once(cluster: Cluster, rng: random.Random) -> None:
    for number in range(2):
        cluster.kubectl("-n", NAMESPACE, "set", "env", "deployment/web", f"TURN={rng.random()}-{number}")


def _scale(cluster: Cluster, rng: random.Random) -> None:
    cluster.kubectl("-n", NAMESPACE, "scale", "deployment/api", f"--replicas={rng.randint(1, 5)}")


def _scale_to_nothing_and_back(cluster: Cluster, rng: random.Random) -> None:
    """A Service without pods for five minutes opens an issue, so this scales back earlier."""
    name = rng.choice(["api", "worker"])
    cluster.kubectl("-n", NAMESPACE, "scale", f"deployment/{name}", "--replicas=0")
    time.sleep(rng.uniform(5, 60))
    cluster.kubectl("-n", NAMESPACE, "scale", f"deployment/{name}", "--replicas=2")


def _delete_pods(cluster: Cluster, rng: random.Random) -> None:
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "-l", f"app={rng.choice(['web', 'api', 'db', 'logs'])}", "--wait=false")


def _drain(cluster: Cluster, rng: random.Random) -> None:
    options = ("--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=150s")
    cluster.kubectl("drain", "node-2", *options)
    time.sleep(rng.uniform(1, 20))
    cluster.kubectl("uncordon", "node-2")


def _job(cluster: Cluster, rng: random.Random) -> None:
    _apply_job(cluster, f"once-{rng.randrange(10**6)}", "sleep 1")


def _job_that_needs_a_second_attempt(cluster: Cluster, rng: random.Random) -> None:
    """Its first pods fail, a later one does not: by the clock, so that nothing needs to be remembered."""
    until_s = int(time.time()) + 12
    _apply_job(cluster, f"again-{rng.randrange(10**6)}", f"[ $(date +%s) -gt {until_s} ] || exit 1")


def _apply_job(cluster: Cluster, name: str, script: str) -> None:
    cluster.apply({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": NAMESPACE}, "spec": _job_spec(script)})


def _suspend_and_resume(cluster: Cluster, rng: random.Random) -> None:
    for suspended in ("true", "false"):
        cluster.kubectl("-n", NAMESPACE, "patch", "cronjob/tick", "-p", f'{{"spec":{{"suspend":{suspended}}}}}')
        time.sleep(rng.uniform(1, 8))


def _one_restart(cluster: Cluster, rng: random.Random) -> None:
    """A process ends once with a good exit and is started again."""
    alive = [one["metadata"]["name"] for one in cluster.items("pods", "-n", NAMESPACE, "-l", "app=worker") if _runs(one)]
    if alive:
        with suppress(AssertionError):  # it may have ended in between
            cluster.kubectl("-n", NAMESPACE, "exec", rng.choice(alive), "--", "kill", "-TERM", "1")


def _runs(pod: dict[str, Any]) -> bool:
    """And has never ended before: the kubelet itself calls the second short run a crash loop."""
    told = pod["status"].get("containerStatuses", [])
    return "deletionTimestamp" not in pod["metadata"] and bool(told) and all(one["ready"] and not one["restartCount"] for one in told)


def _come_and_go(cluster: Cluster, rng: random.Random) -> None:
    name = f"guest-{rng.randrange(10**6)}"
    cluster.apply(_workload("Deployment", name, replicas=2), _service(name))
    time.sleep(rng.uniform(2, 15))
    cluster.kubectl("-n", NAMESPACE, "delete", f"deployment/{name}", f"service/{name}", "--wait=false")


OPERATIONS: tuple[Callable[[Cluster, random.Random], None], ...] = (
    _roll_out,
    _roll_out,
    _roll_out_twice_at_once,
    _scale,
    _scale_to_nothing_and_back,
    _delete_pods,
    _drain,
    _job,
    _job_that_needs_a_second_attempt,
    _suspend_and_resume,
    _one_restart,
    _come_and_go,
)
