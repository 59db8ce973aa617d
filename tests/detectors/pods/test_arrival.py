"""The order in which pods, and what they hang on, arrive or go changes no answer about them."""

from optral.detectors import pods
from optral.detectors.finding import Finding
from optral.kube.objects import KubeObject
from tests.detectors.arrival import World, properties
from tests.detectors.build import (
    at,
    condition,
    container,
    deployment,
    event,
    make,
    owned_by,
    pod,
    replica_set,
    running,
    status,
    terminated,
    waiting,
)

UNSCHEDULABLE = [
    condition("PodScheduled", "False", reason="Unschedulable", message="0/1 nodes are available: 1 Insufficient cpu.", ago=100)
]


def workload(name: str, available: int) -> tuple[KubeObject, KubeObject, dict[str, str]]:
    top = deployment(name, available=available)
    return top, replica_set(top, name=f"{name}-5d4f9c", ready=available), {"app": name, "pod-template-hash": "5d4f9c"}


def tombstone(name: str, owner: KubeObject, labels: dict[str, str], reason: str) -> KubeObject:
    told = [condition("Ready", "False", ago=60)]
    return pod(name=name, phase="Failed", owner=owner, labels=labels, conditions=told, pod_status={"reason": reason, "message": "told"})


def world() -> list[KubeObject]:
    short, short_rs, short_labels = workload("short", 1)
    whole, whole_rs, whole_labels = workload("whole", 2)
    tombstones = [tombstone(f"short-{n}", short_rs, short_labels, reason) for n, reason in enumerate(("Evicted", "OutOfcpu"))]
    tombstones += [tombstone(f"whole-{n}", whole_rs, whole_labels, "NodeAffinity") for n in range(3)]

    dead = make("Node", name="dead", namespace=None, status={"conditions": [condition("Ready", "Unknown")]})
    sts = make("StatefulSet.apps", name="db", spec={"replicas": 1}, status={"readyReplicas": 1})
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}]
    claim = make("PersistentVolumeClaim", name="data-db-0", spec={"volumeName": "pvc-1"}, status={"phase": "Bound"})
    stuck = pod(status(), name="stuck", spec={"nodeName": "dead"}, meta={"deletionTimestamp": at(900), "deletionGracePeriodSeconds": 30})
    creating = status(state=waiting("ContainerCreating"))
    mounts = pod(creating, name="db-0", phase="Pending", spec={"volumes": volumes}, meta={"ownerReferences": owned_by(sts)})

    again = pod(name="short-new", phase="Pending", owner=short_rs, labels=short_labels, conditions=UNSCHEDULABLE, spec={"nodeName": ""})
    victim = pod(status(), name="short-5d4f9c-old", owner=short_rs)
    ignored = pod(name="ignored", phase="Pending", conditions=[], spec={"nodeName": ""})
    gated = pod(name="gated", phase="Pending", conditions=[], spec={"nodeName": "", "schedulingGates": [{"name": "example.com/x"}]})
    resized = pod(status(), name="resized", conditions=[condition("PodResizePending", reason="Deferred")])
    unready = pod(status(), name="unready", conditions=[condition("Ready", "False")])
    init = pod(
        status(state=waiting("PodInitializing")),
        name="init",
        phase="Pending",
        conditions=[condition("Initialized", "False")],
        init=[container("i")],
        init_statuses=[status("i", state=running(5000))],
    )
    starting = pod(status(started=False, ready=False, restarts=1), name="starting", containers=[container(startupProbe={})])
    restarted = pod(status(state=running(300), last=terminated(ago=300, ran=900), restarts=3), name="restarted")
    node = make("Node", name="node-1", namespace=None, status={"conditions": [condition("Ready")]})
    told = [
        event(mounts, "FailedAttachVolume", 'AttachVolume.Attach failed for volume "pvc-1" : gone', times=3),
        event(victim, "Preempted", "Preempted by pod x on node node-1", ago=120),
        event(starting, "Killing", "Container api failed startup probe, will be restarted", container="api"),
        event(restarted, "FailedPreStopHook", "PreStopHook failed", times=3, container="api"),
        event(node, "SystemOOM", "System OOM encountered, victim process: java, pid: 1"),
    ]
    first = [short, short_rs, whole, whole_rs, dead, sts, claim, node, *tombstones]
    return [*first, stuck, mounts, again, ignored, gated, resized, unready, init, starting, restarted, *told]


def compared(finding: Finding) -> tuple[object, ...]:
    return (finding.type, finding.subject[:3], finding.part, finding.severity, finding.title, finding.since)


# A view without nodes is blind.
WORLD = World(world(), types={detector.type for detector in pods.DETECTORS}, compared=compared, staying={"node-1"})


def test_the_world_has_failures_of_many_types() -> None:
    types = WORLD.types_found()
    assert types >= {"Evicted", "PodFailed", "PodStuckTerminating", "Preempted", "SchedulerUnavailable", "SchedulingGated", "OOMKilled"}
    assert types >= {"PodResizeInfeasible", "PodNotReady", "InitContainerStuck", "StartupProbeFailed", "LifecycleHookFailed"}


test_the_order_of_arrival_changes_no_answer, test_findings_of_deleted_objects_end = properties(WORLD, most=100)
