"""Of workloads, nodes and the control plane: what a change reaches must say the same as looking at everything."""

from hypothesis import given, settings, strategies as st

from optral.detectors import nodes, workloads
from optral.kube.changes import Op
from optral.kube.objects import KubeObject
from optral.kube.view import ClusterView
from tests.detectors.build import at, condition, deployment, event, make, owned_by, pod, replica_set, status, waiting
from tests.detectors.test_reach import Answers, all_answers, move

TYPES = {detector.type for detector in (*workloads.DETECTORS, *nodes.DETECTORS)}
GONE = "dial unix /run/containerd/containerd.sock: connect: connection refused"


def world() -> list[KubeObject]:
    """A cluster with a trouble of nearly every type."""
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


WORLD = world()


def mine(answers: Answers) -> Answers:
    kept = {uid: {one for one in found if one[0] in TYPES} for uid, found in answers.items()}
    return {uid: found for uid, found in kept.items() if found}


def test_the_world_has_troubles_of_many_types() -> None:
    view = ClusterView()
    view.load((thing.kind, thing) for thing in WORLD)
    found = {one[0] for answers in mine(all_answers(view)).values() for one in answers}
    assert len(found) >= 9


@settings(max_examples=60, deadline=None)
@given(order=st.permutations(range(len(WORLD))))
def test_the_order_of_arrival_changes_no_answer(order: list[int]) -> None:
    view, answers = ClusterView(), {}
    for number in order:
        move(view, WORLD[number], Op.UPSERT, answers)
    assert mine(answers) == mine(all_answers(view))


@settings(max_examples=60, deadline=None)
@given(gone=st.lists(st.sampled_from([number for number, thing in enumerate(WORLD) if thing.kind != "Event"]), unique=True, max_size=8))
def test_what_goes_takes_its_answers_along(gone: list[int]) -> None:
    view = ClusterView()
    view.load((thing.kind, thing) for thing in WORLD)
    answers = all_answers(view)
    for number in gone:
        move(view, WORLD[number], Op.DELETE, answers)
    assert mine(answers) == mine(all_answers(view))
