"""Columns of pods and of what runs them."""

from collections.abc import Mapping
from typing import Any

from optral.kube import objects, quantities, requests
from optral.kube.columns.fields import (
    CPU_USED,
    MEMORY_USED,
    Cell,
    Column,
    Read,
    Tree,
    images,
    listed,
    number,
    pairs,
    part,
    parts,
    selector,
    text,
)
from optral.kube.objects import Pod

_IMAGES = Column("images", "Images", "The images of the containers")
_WIDE_IMAGES = _IMAGES._replace(wide=True)
_SELECTOR = Column("selector", "Selector", "The labels of its pods", wide=True)
_READY = Column("ready", "Ready", "Ready pods of wanted pods", is_state=True)
_UP_TO_DATE = Column("upToDate", "Up-to-date", "Pods of the newest template", "count")
_AVAILABLE = Column("available", "Available", "Pods that have been ready for long enough", "count")


def _pod(tree: Tree) -> Mapping[str, Cell]:
    spec, status = part(tree, "spec"), part(tree, "status")
    main = parts(status, "containerStatuses")
    sidecars = {text(one, "name") for one in parts(spec, "initContainers") if one.get("restartPolicy") == "Always"}
    running = [*main, *(one for one in parts(status, "initContainerStatuses") if text(one, "name") in sidecars)]
    wanted = len(parts(spec, "containers")) + len(sidecars)
    ended = [text(part(one, "lastState", "terminated"), "finishedAt") for one in running]
    pod = objects.convert("Pod", tree)
    requested = requests.of(pod.spec) if isinstance(pod, Pod) else {}
    return {
        "ready": f"{sum(one.get('ready') is True for one in running)}/{wanted}",
        "restarts": sum(number(one, "restartCount") for one in running),
        "lastRestart": max(ended, default=""),
        "node": text(spec, "nodeName"),
        "cpuRequest": quantities.human_cores(requested["cpu"]) if requested.get("cpu") else "",
        "memoryRequest": quantities.human_bytes(requested["memory"]) if requested.get("memory") else "",
        "ip": text(status, "podIP"),
        "images": images(spec),
    }


def _deployment(tree: Tree) -> Mapping[str, Cell]:
    spec, status = part(tree, "spec"), part(tree, "status")
    return {
        "ready": _ready(spec, status),
        "upToDate": number(status, "updatedReplicas"),
        "available": number(status, "availableReplicas"),
        "images": _template_images(spec),
        "strategy": text(part(spec, "strategy"), "type"),
        "selector": selector(spec),
    }


def _stateful_set(tree: Tree) -> Mapping[str, Cell]:
    spec, status = part(tree, "spec"), part(tree, "status")
    return {
        "ready": _ready(spec, status),
        "upToDate": number(status, "updatedReplicas"),
        "images": _template_images(spec),
        "service": text(spec, "serviceName"),
        "selector": selector(spec),
    }


def _replica_set(tree: Tree) -> Mapping[str, Cell]:
    spec, status = part(tree, "spec"), part(tree, "status")
    return {
        "ready": _ready(spec, status),
        "available": number(status, "availableReplicas"),
        "images": _template_images(spec),
        "selector": selector(spec),
    }


def _daemon_set(tree: Tree) -> Mapping[str, Cell]:
    spec, status = part(tree, "spec"), part(tree, "status")
    return {
        "ready": f"{number(status, 'numberReady')}/{number(status, 'desiredNumberScheduled')}",
        "upToDate": number(status, "updatedNumberScheduled"),
        "available": number(status, "numberAvailable"),
        "images": _template_images(spec),
        "nodeSelector": pairs(part(spec, "template", "spec", "nodeSelector")),
        "selector": selector(spec),
    }


def _job(tree: Tree) -> Mapping[str, Cell]:
    spec, status = part(tree, "spec"), part(tree, "status")
    wanted = number(spec, "completions") or 1
    return {
        "completions": f"{number(status, 'succeeded')}/{wanted}",
        "active": number(status, "active"),
        "failed": number(status, "failed"),
        "startedAt": text(status, "startTime"),
        "completedAt": text(status, "completionTime"),
        "images": _template_images(spec),
    }


def _cron_job(tree: Tree) -> Mapping[str, Cell]:
    spec, status = part(tree, "spec"), part(tree, "status")
    return {
        "schedule": text(spec, "schedule"),
        "suspended": "yes" if spec.get("suspend") is True else "no",
        "active": len(parts(status, "active")),
        "lastSchedule": text(status, "lastScheduleTime"),
        "timeZone": text(spec, "timeZone"),
        "images": _template_images(part(spec, "jobTemplate", "spec")),
    }


def _autoscaler(tree: Tree) -> Mapping[str, Cell]:
    spec, status = part(tree, "spec"), part(tree, "status")
    scaled = part(spec, "scaleTargetRef")
    current = {_metric_name(one): one for one in parts(status, "currentMetrics")}
    return {
        "reference": f"{text(scaled, 'kind')}/{text(scaled, 'name')}" if scaled else "",
        "targets": listed(_target(one, current.get(_metric_name(one), {})) for one in parts(spec, "metrics")),
        "minReplicas": number(spec, "minReplicas") or 1,
        "maxReplicas": number(spec, "maxReplicas"),
        "replicas": number(status, "currentReplicas"),
    }


def _metric(one: Tree) -> Tree:
    """The part of a metric that its type names: `resource` of `{type: Resource, resource: …}`."""
    name = text(one, "type")
    return part(one, name[:1].lower() + name[1:]) if name else {}


def _metric_name(one: Tree) -> str:
    metric = _metric(one)
    return text(metric, "name") or text(part(metric, "metric"), "name") or text(one, "type").lower()


def _target(one: Tree, current: Tree) -> str:
    """`cpu 80%/70%`: the metric, its value now and its target; `?` for a value that is not known."""
    now = _amount(part(_metric(current), "current")) if current else ""
    return f"{_metric_name(one)} {now or '?'}/{_amount(part(_metric(one), 'target')) or '?'}"


def _amount(value: Tree) -> str:
    if utilization := text(value, "averageUtilization"):
        return f"{utilization}%"
    return text(value, "averageValue") or text(value, "value")


def _disruption_budget(tree: Tree) -> Mapping[str, Cell]:
    spec, status = part(tree, "spec"), part(tree, "status")
    return {
        "minAvailable": text(spec, "minAvailable"),
        "maxUnavailable": text(spec, "maxUnavailable"),
        "allowedDisruptions": number(status, "disruptionsAllowed"),
    }


def _ready(spec: Mapping[str, Any], status: Mapping[str, Any]) -> str:
    """Ready pods of wanted ones; one is wanted where the object does not say."""
    return f"{number(status, 'readyReplicas')}/{number(spec, 'replicas') if 'replicas' in spec else 1}"


def _template_images(spec: Tree) -> str:
    return images(part(spec, "template", "spec"))


KINDS: dict[str, tuple[tuple[Column, ...], Read]] = {
    "Pod": (
        (
            Column("ready", "Ready", "Ready containers of all containers"),
            Column("restarts", "Restarts", "Restarts of all containers", "count"),
            Column("lastRestart", "Last restart", "When a container last ended and was restarted", "time", wide=True),
            Column("node", "Node", "The node it is assigned to"),
            Column("cpuRequest", "CPU request", "What the pod requests of its node"),
            Column("memoryRequest", "Memory request", "What the pod requests of its node"),
            CPU_USED,
            MEMORY_USED,
            Column("ip", "IP", "The address of the pod", wide=True),
            _WIDE_IMAGES,
        ),
        _pod,
    ),
    "Deployment.apps": (
        (_READY, _UP_TO_DATE, _AVAILABLE, _IMAGES, Column("strategy", "Strategy", "How it replaces pods", wide=True), _SELECTOR),
        _deployment,
    ),
    "StatefulSet.apps": (
        (_READY, _UP_TO_DATE, _IMAGES, Column("service", "Service", "The Service that gives its pods names", wide=True), _SELECTOR),
        _stateful_set,
    ),
    "ReplicaSet.apps": ((_READY, _AVAILABLE, _IMAGES, _SELECTOR), _replica_set),
    "DaemonSet.apps": (
        (
            _READY,
            _UP_TO_DATE,
            _AVAILABLE,
            _IMAGES,
            Column("nodeSelector", "Node selector", "The labels of the nodes it runs on", wide=True),
            _SELECTOR,
        ),
        _daemon_set,
    ),
    "Job.batch": (
        (
            Column("completions", "Completions", "Successful pods of wanted ones"),
            Column("active", "Active", "Running pods", "count"),
            Column("failed", "Failed", "Failed pods", "count"),
            Column("startedAt", "Started", "When it started", "time", wide=True),
            Column("completedAt", "Completed", "When it completed", "time", wide=True),
            _WIDE_IMAGES,
        ),
        _job,
    ),
    "CronJob.batch": (
        (
            Column("schedule", "Schedule", "In cron syntax"),
            Column("suspended", "Suspended", "Whether no more Jobs are started"),
            Column("active", "Active", "Running Jobs", "count"),
            Column("lastSchedule", "Last schedule", "When a Job was last started", "time"),
            Column("timeZone", "Time zone", "Of the schedule", wide=True),
            _WIDE_IMAGES,
        ),
        _cron_job,
    ),
    "HorizontalPodAutoscaler.autoscaling": (
        (
            Column("reference", "Reference", "The workload that it scales"),
            Column("targets", "Targets", "Each metric: its value now and its target"),
            Column("minReplicas", "Min", "Fewest replicas", "count"),
            Column("maxReplicas", "Max", "Most replicas", "count"),
            Column("replicas", "Replicas", "Replicas now", "count"),
        ),
        _autoscaler,
    ),
    "PodDisruptionBudget.policy": (
        (
            Column("minAvailable", "Min available", "Pods that must stay available"),
            Column("maxUnavailable", "Max unavailable", "Pods that may be unavailable"),
            Column("allowedDisruptions", "Allowed disruptions", "Pods that may be evicted now", "count"),
        ),
        _disruption_budget,
    ),
}
