"""Of pods, workloads and what stands in front of them: no answer is missed because of the order in which they arrive or go."""

from optral.kube.objects import KubeObject
from tests.detectors.arrival import World, properties
from tests.detectors.build import (
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


def world() -> list[KubeObject]:
    """A shop with a failure of nearly every type."""
    api = deployment("api", replicas=2, available=0)
    api_rs = replica_set(api, name="api-5d4f9c")
    api_labels = {"app": "api", "pod-template-hash": "5d4f9c"}
    killed = pod(status(last=terminated(ago=60, reason="OOMKilled"), restarts=1), name="api-1", owner=api_rs, labels=api_labels)
    crashing = pod(
        status(state=waiting("CrashLoopBackOff"), last=terminated(ago=9), restarts=4), name="api-2", owner=api_rs, labels=api_labels
    )
    service = make("Service", name="api", spec={"selector": {"app": "api"}})
    piece = make("EndpointSlice.discovery.k8s.io", name="api-x", meta={"labels": {"kubernetes.io/service-name": "api"}}, endpoints=[])
    backend = {"backend": {"service": {"name": "api"}}}
    ingress = make("Ingress.networking.k8s.io", name="web", spec={"rules": [{"http": {"paths": [backend]}}]})

    stuck = condition("Progressing", "False", reason="ProgressDeadlineExceeded", ago=30)
    web = deployment("web", replicas=3, available=2, status={"conditions": [stuck]})
    old = replica_set(web, name="web-old", revision=1, replicas=2, ready=2)
    refused = condition("ReplicaFailure", reason="FailedCreate", message="exceeded quota: q", ago=60)
    new = replica_set(web, name="web-new", revision=2, replicas=3, ready=0, status={"replicas": 1, "conditions": [refused]})
    probe = container(readinessProbe={"periodSeconds": 5})
    slow = pod(
        status(state=running(900), ready=False, started=True),
        name="web-1",
        owner=new,
        containers=[probe],
        labels={"app": "web", "pod-template-hash": "new"},
    )

    db = make("StatefulSet.apps", name="db", spec={"replicas": 1, "volumeClaimTemplates": [{"metadata": {"name": "data"}}]})
    claim = make("PersistentVolumeClaim", name="data-db-0", spec={"storageClassName": "fast"}, status={"phase": "Pending"})
    fast = make("StorageClass.storage.k8s.io", name="fast", namespace=None, volumeBindingMode="Immediate")
    homeless = pod(
        phase="Pending",
        name="db-0",
        owner=db,
        spec={"nodeName": "", "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}]},
        conditions=[condition("PodScheduled", "False", reason="Unschedulable", message="0/1 nodes are available: 1 Insufficient cpu.")],
    )
    cron = make("CronJob.batch", name="report")
    runs = [
        make("Job.batch", name=f"report-{n}", ago=ago, meta={"ownerReferences": owned_by(cron)}, status={"conditions": [condition(state)]})
        for n, ago, state in ((1, 900, "Complete"), (2, 600, "Failed"), (3, 300, "Failed"))
    ]
    daemons = make("DaemonSet.apps", name="agent", status={"desiredNumberScheduled": 2, "currentNumberScheduled": 1, "numberAvailable": 1})
    node = make("Node", name="node-2", namespace=None, status={"conditions": [condition("Ready", "False", reason="KubeletNotReady")]})
    told = [
        event(slow, "Unhealthy", "Readiness probe failed: 503", times=9, container="api"),
        event(daemons, "FailedCreate", "error looking up service account shop/robot"),
        event(claim, "FailedBinding", "no persistent volumes available", kind="Normal"),
        event(homeless, "NotTriggerScaleUp", kind="Normal"),
    ]
    first = [api, api_rs, killed, crashing, service, piece, ingress, web, old, new, slow, db, claim, fast, homeless]
    return [*first, cron, *runs, daemons, node, *told]


WORLD = World(world())


def test_the_world_has_failures_of_many_types() -> None:
    assert len(WORLD.types_found()) >= 10


test_the_order_of_arrival_changes_no_answer, test_findings_of_deleted_objects_end = properties(WORLD)
