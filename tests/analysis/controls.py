"""Clusters in which nothing is wrong, each different, and as untidy as real ones: old restarts, leftover Events, optional features."""

import random
from typing import Any

from tests.analysis.cluster import World, at, container, deployment, event, node, obj, pod, replica_set, service, state, template

NAMES = ("ledger", "courier", "atlas", "harbor", "quill", "beacon", "orchid", "falcon", "mosaic", "pebble")
LOGS = (
    "starting\nlistening on :8080\nready",
    "WARN retrying: connection refused (attempt 1)\nconnected after 2 attempts",
    "level=info msg=started port=8080\nlevel=warn msg=slow query",
    "",
)


def healthy(seed: int) -> World:
    """One of many clusters without a fault."""
    dice = random.Random(seed)
    nodes = [node(f"node-{index}", labels={"zone": "a" if index % 2 else "b"}) for index in range(dice.randint(1, 4))]
    master = node(
        "cp-1",
        labels={"node-role.kubernetes.io/control-plane": ""},
        spec={"taints": [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]},
    )
    world = World([*nodes, master])
    names = dice.sample(NAMES, dice.randint(2, 5))
    for name in names:
        _workload(world, name, names, dice)
    world.objects += _beside(dice, names)
    return world


def _workload(world: World, name: str, names: list[str], dice: random.Random) -> None:
    port = dice.choice((8080, 9090, 50051))
    probe: Any = {"httpGet": {"path": "/healthz", "port": port}} if dice.random() < 0.7 else {"grpc": {"port": port}}
    env = [{"name": f"{other.upper()}_ADDR", "value": f"{other}:80"} for other in names if other != name and dice.random() < 0.5]
    if dice.random() < 0.3:
        env.append({"name": "TRACING_ENDPOINT", "value": "http://collector.tracing:4317"})
    resources = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}
    spec = container(
        name,
        f"registry.test/team/{name}:1.{dice.randint(0, 9)}",
        env=env,
        resources=resources,
        ports=[{"containerPort": port, "name": "main"}],
        readinessProbe=probe,
        livenessProbe=probe,
    )
    labels = {"app": name}
    replicas = dice.randint(1, 3)
    status = {"replicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas, "updatedReplicas": replicas}
    web = deployment(name, of=template(spec, labels=labels), replicas=replicas, status=status)
    sets = [replica_set(web, 2, replicas=replicas)]
    if dice.random() < 0.5:
        before = template(spec | {"image": f"registry.test/team/{name}:1.0"}, labels=labels)
        sets.append(replica_set(web, 1, of=before, minutes_ago=5000, replicas=0, status={"replicas": 0}))
    world.objects += [web, *sets]
    for index in range(replicas):
        restarts = dice.choice((0, 0, 3, 80))
        shown = state(name, ready=True, restarts=restarts, now={"running": {"startedAt": at(600)}})
        if restarts:
            shown["lastState"] = {"terminated": {"exitCode": 255, "reason": "Error", "startedAt": at(5000), "finishedAt": at(601)}}
        one = pod(
            sets[0],
            f"{name}-2-{index}",
            ready=True,
            node=f"node-{dice.randrange(len(_nodes(world)))}",
            status={"containerStatuses": [shown]},
        )
        world.objects.append(one)
        world.logs[(one["metadata"]["name"], name)] = dice.choice(LOGS)
        if dice.random() < 0.4:
            words = "Readiness probe failed: dial tcp: connect: connection refused"
            world.objects.append(event(one, "Unhealthy", words, minutes_ago=dice.choice((50, 300)), container=name))
    world.objects.append(service(name, selector=labels, ports=[{"port": 80, "targetPort": dice.choice((port, "main"))}]))
    if dice.random() < 0.4:
        words = 'error looking up service account orders/default: serviceaccount "default" not found'
        world.objects.append(event(sets[0], "FailedCreate", words, minutes_ago=200))
    if dice.random() < 0.4:
        target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
        shown = [{"type": "ScalingActive", "status": "True"}, {"type": "AbleToScale", "status": "True"}]
        world.objects.append(
            obj(
                "autoscaling/v2",
                "HorizontalPodAutoscaler",
                name,
                spec={"scaleTargetRef": target, "maxReplicas": 9},
                status={"conditions": shown, "currentReplicas": replicas, "desiredReplicas": replicas},
            )
        )
    if dice.random() < 0.4:
        numbers = {"disruptionsAllowed": 1, "currentHealthy": replicas, "desiredHealthy": replicas - 1, "expectedPods": replicas}
        world.objects.append(obj("policy/v1", "PodDisruptionBudget", name, spec={"selector": {"matchLabels": labels}}, status=numbers))


def _nodes(world: World) -> list[Any]:
    return [one for one in world.objects if one["kind"] == "Node" and one["metadata"]["name"].startswith("node-")]


def _beside(dice: random.Random, names: list[str]) -> list[Any]:
    found = [
        obj("v1", "ResourceQuota", "team", status={"hard": {"pods": "50", "cpu": "20"}, "used": {"pods": "9", "cpu": "2"}}),
        obj("v1", "PersistentVolume", "pv-1", namespace=None, spec={"capacity": {"storage": "1Gi"}}, status={"phase": "Bound"}),
        obj("v1", "PersistentVolumeClaim", "data", spec={"volumeName": "pv-1"}, status={"phase": "Bound"}),
        service("outside", selector={}, type="ExternalName", externalName="db.example.test"),
        service("by-hand", selector={}),
    ]
    done = {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}
    job = obj("batch/v1", "Job", "report", spec={"backoffLimit": 3, "template": template()}, status=done)
    found.append(job)
    found.append(
        obj(
            "batch/v1",
            "CronJob",
            "nightly",
            spec={"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": template()}}},
            status={"lastScheduleTime": at(540)},
        )
    )
    if dice.random() < 0.5:
        routes = [{"http": {"paths": [{"path": "/", "backend": {"service": {"name": names[0], "port": {"number": 80}}}}]}}]
        found.append(obj("networking.k8s.io/v1", "Ingress", "front", spec={"rules": routes, "ingressClassName": "nginx"}))
        found.append(obj("networking.k8s.io/v1", "IngressClass", "nginx", namespace=None))
    return found
