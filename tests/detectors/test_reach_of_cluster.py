"""Of workloads, nodes and the control plane: the order in which they arrive or go changes no answer."""

from optral.detectors import nodes, workloads
from optral.kube.objects import KubeObject
from tests.detectors.arrival import World, properties
from tests.detectors.build import at, condition, deployment, event, make, owned_by, pod, replica_set, status, waiting

GONE = "dial unix /run/containerd/containerd.sock: connect: connection refused"


def world() -> list[KubeObject]:
    """A cluster with a failure of nearly every type."""
    web = deployment("web", replicas=3, available=1)
    web_rs = replica_set(web, name="web-1", replicas=3, ready=1)
    db = make("StatefulSet.apps", name="db", spec={"replicas": 2}, status={"replicas": 2, "readyReplicas": 1})
    agent = make("DaemonSet.apps", name="agent", status={"desiredNumberScheduled": 2, "currentNumberScheduled": 2, "numberAvailable": 1})
    off = deployment("off", replicas=0, available=0, meta={"managedFields": [{"manager": "x", "subresource": "scale", "time": at(600)}]})
    broken = [condition("Ready", "False", ago=700)]
    creating = {"state": waiting("ContainerCreating"), "ready": False}
    pods = [
        pod(status(**creating), name="web-a", owner=web_rs, phase="Pending", conditions=broken, labels={"app": "web"}),
        pod(status(**creating), name="db-1", owner=db, phase="Pending", conditions=[condition("Ready", "False", ago=400)]),
        pod(status(ready=False), name="agent-a", owner=agent, conditions=broken, spec={"nodeName": "node-2"}),
        pod(status(ready=False), name="dns-a", namespace="kube-system", labels={"k8s-app": "kube-dns"}, conditions=broken),
        pod(
            phase="Pending",
            name="lost",
            spec={"nodeName": ""},
            conditions=[condition("PodScheduled", "False", message="0/2 nodes are available: 1 node(s) were unschedulable.")],
        ),
    ]
    closed = {"taints": [{"key": "node.kubernetes.io/unschedulable", "timeAdded": at(900)}], "unschedulable": True}
    machines = [
        make("Node", name="node-1", namespace=None, ago=90_000, status={"conditions": [condition("Ready")]}),
        make("Node", name="node-2", namespace=None, ago=90_000, spec=closed, status={"conditions": [condition("Ready")]}),
    ]
    dns = make("Service", name="kube-dns", namespace="kube-system", spec={"selector": {"k8s-app": "kube-dns"}})
    front = make("Service", name="off", spec={"selector": {"app": "off"}})
    labels = {"labels": {"kubernetes.io/service-name": "kube-dns"}}
    piece = make("EndpointSlice.discovery.k8s.io", name="kube-dns-x", namespace="kube-system", meta=labels, endpoints=[])
    cron = make(
        "CronJob.batch",
        name="report",
        ago=90_000,
        spec={"schedule": "*/10 * * * *", "concurrencyPolicy": "Forbid"},
        status={"lastScheduleTime": at(1800)},
    )
    run = make("Job.batch", name="report-1", meta={"ownerReferences": owned_by(cron)}, status={"active": 1, "startTime": at(50_000)})
    lease = make("Lease.coordination.k8s.io", name="kube-scheduler", namespace="kube-system", spec={"renewTime": at(300)})
    told = [event(one, "FailedCreatePodSandBox", GONE, times=3, first=300) for one in pods[:2]]
    return [web, web_rs, db, agent, off, *pods, *machines, dns, front, piece, cron, run, lease, *told]


WORLD = World(world(), types={detector.type for detector in (*workloads.DETECTORS, *nodes.DETECTORS)})


def test_the_world_has_failures_of_many_types() -> None:
    assert len(WORLD.types_found()) >= 9


test_the_order_of_arrival_changes_no_answer, test_findings_of_deleted_objects_end = properties(WORLD)
