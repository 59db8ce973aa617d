"""Pods that are not scheduled, not created or not deleted; schedules, autoscalers and Ingresses: as a real API server shows them."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case
from tests.analysis.cluster import (
    NAMESPACE,
    World,
    at,
    container,
    deployment,
    event,
    node,
    obj,
    pod,
    replica_set,
    service,
    state,
    template,
    waiting,
)

HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"


def stateful(name: str, *, replicas: int, of: Any, ready: int = 0) -> Any:
    spec = {"replicas": replicas, "serviceName": name, "template": of, "selector": {"matchLabels": of["metadata"]["labels"]}}
    return obj("apps/v1", "StatefulSet", name, spec=spec, status={"replicas": replicas, "readyReplicas": ready})


def nowhere(owner: Any, name: str, message: str) -> Any:
    told = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message, "lastTransitionTime": at(20)}]
    return pod(owner, name, node=None, status={"phase": "Pending", "conditions": told})


def machine(name: str, zone: str, **more: Any) -> Any:
    return node(name, labels={HOST: name, ZONE: zone, "kubernetes.io/os": "linux"}, **more)


# --- nodes


@case("untolerated_taint", "trainer")
def is_kept_off_the_machines_with_gpus() -> tuple[World, Explanation]:
    gpu = [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}]
    asks = container("trainer", resources={"limits": {"nvidia.com/gpu": "1"}, "requests": {"nvidia.com/gpu": "1", "cpu": "1"}})
    owner = obj(
        "batch/v1", "Job", "trainer", spec={"template": template(asks, labels={"job-name": "trainer"}, nodeSelector={"pool": "gpu"})}
    )
    plain, special = machine("plain-1", "a"), machine("gpu-1", "a", spec={"taints": gpu})
    special["metadata"]["labels"]["pool"] = "gpu"
    special["status"]["allocatable"]["nvidia.com/gpu"] = "4"
    words = "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint(s)."
    failing = nowhere(owner, "trainer-x", words)
    world = World([owner, failing, plain, special])
    return world, world.ask("FailedScheduling", failing, owner=owner)


@case("affinity_mismatch", "gateway")
def may_not_be_spread_unevenly() -> tuple[World, Explanation]:
    """Two zones, and the second is full: a third pod in the first would tilt the balance."""
    labels = {"app": "gateway"}
    spread = [{"maxSkew": 1, "topologyKey": ZONE, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": labels}}]
    big = container("gateway", resources={"requests": {"cpu": "2"}})
    owner = deployment("gateway", of=template(big, labels=labels, topologySpreadConstraints=spread), replicas=3)
    revision = replica_set(owner, replicas=3)
    there = [pod(revision, f"gateway-1-{n}", node=f"m-{n}", ready=True) for n in ("a", "b")]
    eater = pod(None, "batch-1", node="m-b", ready=True, spec={"containers": [container("b", resources={"requests": {"cpu": "1500m"}})]})
    words = "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod topology spread constraints."
    failing = nowhere(revision, "gateway-1-c", words)
    world = World([owner, revision, failing, *there, eater, machine("m-a", "a", cpu="8"), machine("m-b", "b")])
    return world, world.ask("FailedScheduling", failing, owner=owner)


@case("anti_affinity", "quorum")
def has_more_replicas_than_machines() -> tuple[World, Explanation]:
    labels = {"app": "quorum"}
    term = {"labelSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["quorum"]}]}, "topologyKey": HOST}
    apart = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    owner = stateful("quorum", replicas=3, ready=2, of=template(container("quorum"), labels=labels, affinity=apart))
    there = [pod(owner, f"quorum-{n}", node=f"m-{n}", ready=True) for n in (0, 1)]
    failing = nowhere(owner, "quorum-2", "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.")
    world = World([owner, *there, failing, machine("m-0", "a"), machine("m-1", "b")])
    return world, world.ask("FailedScheduling", failing, owner=owner)


@case("volume_node_conflict", "vault")
def has_its_volume_in_another_zone() -> tuple[World, Explanation]:
    """The only machine of the volume's zone is cordoned."""
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data-vault-0"}}]
    owner = stateful("vault", replicas=1, of=template(container("vault"), labels={"app": "vault"}, volumes=volumes))
    terms = [{"matchExpressions": [{"key": ZONE, "operator": "In", "values": ["c"]}]}]
    kept = {"capacity": {"storage": "10Gi"}, "nodeAffinity": {"required": {"nodeSelectorTerms": terms}}, "accessModes": ["ReadWriteOnce"]}
    held = {"claimRef": {"namespace": NAMESPACE, "name": "data-vault-0"}, "storageClassName": "gp3"}
    volume = obj("v1", "PersistentVolume", "pvc-7c", namespace=None, spec=kept | held, status={"phase": "Bound"})
    claim = obj(
        "v1", "PersistentVolumeClaim", "data-vault-0", spec={"volumeName": "pvc-7c", "storageClassName": "gp3"}, status={"phase": "Bound"}
    )
    failing = nowhere(owner, "vault-0", "0/2 nodes are available: 2 node(s) had volume node affinity conflict.")
    world = World([owner, failing, volume, claim, machine("m-a", "a"), machine("m-b", "b")])
    return world, world.ask("FailedScheduling", failing, owner=owner)


# --- being made


def refused(message: str, *beside: Any) -> tuple[World, Explanation]:
    owner = deployment("painter", of=template(container("painter"), labels={"app": "painter"}), replicas=2, status={"replicas": 0})
    told = [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message, "lastTransitionTime": at(9)}]
    revision = replica_set(owner, replicas=2, status={"replicas": 0, "conditions": told})
    world = World([owner, revision, event(revision, "FailedCreate", f"Error creating: {message}"), *beside])
    return world, world.ask("FailedCreate", revision, owner=owner)


@case("quota_exceeded", "team-compute")
def would_exceed_its_team_s_quota() -> tuple[World, Explanation]:
    hard, used = {"limits.memory": "8Gi", "pods": "20"}, {"limits.memory": "7680Mi", "pods": "6"}
    quota = obj("v1", "ResourceQuota", "team-compute", spec={"hard": hard}, status={"hard": hard, "used": used})
    words = 'pods "painter-1-m" is forbidden: exceeded quota: team-compute, requested: limits.memory=1Gi, used: limits.memory=7680Mi, '
    return refused(words + "limited: limits.memory=8Gi", quota)


@case("limit_range_violation", "painter")
def asks_for_less_than_the_least() -> tuple[World, Explanation]:
    bounds = [{"type": "Container", "min": {"cpu": "100m"}, "max": {"cpu": "2"}}]
    limits = obj("v1", "LimitRange", "bounds", spec={"limits": bounds})
    return refused('pods "painter-1-m" is forbidden: minimum cpu usage per Container is 100m, but request is 10m', limits)


@case("webhook_denied", "painter")
def is_denied_by_a_cluster_policy() -> tuple[World, Explanation]:
    words = 'admission webhook "validate.kyverno.svc-fail" denied the request: \n\nresource Pod/orders/painter-1-m was blocked due to the '
    return refused(words + "following policies \n\nrequire-labels:\n  check-team: 'validation error: label team is required'")


# --- images


def pulls(message: str, image: str, *beside: Any, **spec: Any) -> tuple[World, Explanation]:
    owner = deployment("painter", of=template(container("painter", image), labels={"app": "painter"}, **spec))
    revision = replica_set(owner)
    shown = state("painter", now=waiting("ImagePullBackOff", f'Back-off pulling image "{image}"'))
    failing = pod(revision, "painter-1-x", status={"phase": "Pending", "containerStatuses": [shown]})
    told = [event(failing, "Failed", f'Failed to pull image "{image}": {message}', container="painter")]
    told.append(event(failing, "Failed", "Error: ImagePullBackOff", container="painter"))
    world = World([owner, revision, failing, node(), *told, *beside])
    return world, world.ask("ImagePullBackOff", failing, owner=owner, container="painter")


@case("image_pull_unauthorized", "painter")
def names_a_pull_secret_that_is_not_there() -> tuple[World, Explanation]:
    image = "registry.estate.test/atelier/painter:7"
    words = (
        f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": pull access denied, repository does not exist '
        "or may require authorization: authorization failed: no basic auth credentials"
    )
    world, _ = pulls(words, image, imagePullSecrets=[{"name": "atelier-registry"}])
    failing = next(one for one in world.objects if one["kind"] == "Pod")
    lost = "Unable to retrieve some image pull secrets (atelier-registry); attempting to pull the image may not succeed."
    world.objects.append(event(failing, "FailedToRetrieveImagePullSecret", lost))
    return world, world.again()


@case("pull_rate_limited", "painter")
def pulls_too_often_from_the_public_library() -> tuple[World, Explanation]:
    words = (
        "failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/python: "
        "429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit."
    )
    return pulls(words, "python:3.12-slim")


# --- time and load


def cron(type_: str, *told: tuple[str, str], **spec: Any) -> tuple[World, Explanation]:
    body = {
        "schedule": "0 3 * * *",
        "concurrencyPolicy": "Allow",
        "suspend": False,
        "jobTemplate": {"spec": {"template": template()}},
    } | spec
    job = obj("batch/v1", "CronJob", "statements", spec=body, status={})
    world = World([job, *(event(job, *one) for one in told)])
    return world, world.ask(type_, job)


@case("schedule_invalid", "statements")
def has_an_unknown_time_zone() -> tuple[World, Explanation]:
    return cron(
        "CronJobInvalidSchedule", ("UnknownTimeZone", 'invalid timeZone: "Europe/Berlim": unknown time zone'), timeZone="Europe/Berlim"
    )


@case("suspended", "statements")
def was_suspended_and_forgotten() -> tuple[World, Explanation]:
    return cron("CronJobSuspended", suspend=True)


@case("metrics_unavailable", "gateway")
def scales_without_numbers() -> tuple[World, Explanation]:
    owner = deployment("gateway", of=template(container("gateway", resources={"requests": {"cpu": "100m"}}), labels={"app": "gateway"}))
    words = (
        "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: "
        "unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)"
    )
    told = [
        {"type": "AbleToScale", "status": "True", "reason": "SucceededGetScale"},
        {"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric", "message": words},
    ]
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "gateway"}
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 6, "metrics": [metric]}
    hpa = obj("autoscaling/v2", "HorizontalPodAutoscaler", "gateway", spec=spec, status={"conditions": told, "currentReplicas": 1})
    world = World([owner, hpa])
    return world, world.ask("HPAScalingInactive", hpa)


# --- ways in, and ways out


@case("tls_secret_missing", "portal")
def offers_tls_without_a_certificate() -> tuple[World, Explanation]:
    backend = {"service": {"name": "portal", "port": {"number": 80}}}
    rules = [{"host": "portal.test", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]
    spec = {"ingressClassName": "nginx", "tls": [{"hosts": ["portal.test"], "secretName": "portal-tls"}], "rules": rules}
    portal = obj("networking.k8s.io/v1", "Ingress", "portal", spec=spec)
    world = World([portal, service("portal", selector={"app": "portal"})])
    return world, world.ask("TLSSecretMissing", portal, case="controllerComplains", secret="portal-tls")


@case("finalizer_not_removed", "portal")
def keeps_a_load_balancer_that_was_deleted() -> tuple[World, Explanation]:
    meta = {"deletionTimestamp": at(90), "finalizers": ["service.kubernetes.io/load-balancer-cleanup"]}
    front = obj("v1", "Service", "portal", metadata=meta, spec={"type": "LoadBalancer", "ports": [{"port": 443}]}, status={})
    world = World([front, event(front, "SyncLoadBalancerFailed", "Error deleting load balancer: AccessDenied", minutes_ago=2)])
    return world, world.ask("StuckFinalizer", front)
