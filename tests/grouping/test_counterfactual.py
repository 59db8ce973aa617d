"""A pending pod hangs on a failed node only if it would run there without the failure: what else keeps it away is a failure of its own.

Each pod here waits for a node in two unrelated stacks: the front of a shop, and a database. In each the same pod without the second
obstacle hangs on the node.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from optral.detectors.finding import Suspect
from optral.grouping.model import AffectedObject
from optral.kube.fits import Fits
from optral.kube.objects import KubeObject
from tests.detectors import build
from tests.grouping.graphs import failing, node, ref, roots, unready

Json = dict[str, Any]
NOTHING: Json = {}
GPU, ZONE, HOST = "nvidia.com/gpu", "topology.kubernetes.io/zone", "kubernetes.io/hostname"


class Cluster(NamedTuple):
    """What differs from a cluster in which only the node keeps the pod away, as pieces of manifests."""

    node_spec: Json = NOTHING
    taints: tuple[str, ...] = ()
    labels: Json = NOTHING
    requests: Json = NOTHING
    pod_spec: Json = NOTHING
    template: Json = NOTHING
    port: int = 0
    others: Callable[[str], list[KubeObject]] = lambda namespace: []


def terms(key: str, *values: str) -> Json:
    required = {"nodeSelectorTerms": [{"matchExpressions": [{"key": key, "operator": "In", "values": list(values)}]}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}


def apart(key: str, **labels: str) -> Json:
    term = {"topologyKey": key, "labelSelector": {"matchLabels": labels}}
    return {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}


def tolerating(key: str) -> Json:
    return {"tolerations": [{"key": key, "operator": "Exists"}]}


def neighbor(cpu: str = "100m", *, port: int = 0, **labels: str) -> Callable[[str], list[KubeObject]]:
    """A pod of another workload on the node."""

    def on_node(namespace: str) -> list[KubeObject]:
        ports = [{"containerPort": 80, "hostPort": port}] if port else []
        spec = {"containers": [build.container(resources={"requests": {"cpu": cpu}}, ports=ports)]}
        top = build.make("Deployment.apps", name="neighbor", namespace=namespace, spec={"template": {"spec": spec}})
        owner = build.make("ReplicaSet.apps", name="neighbor-1", namespace=namespace, meta={"ownerReferences": build.owned_by(top)})
        pod = unready(owner, "neighbor-1-x", containers=spec["containers"], labels=labels, namespace=namespace)
        return [top, owner, pod]

    return on_node


def claim(phase: str, *, volume: str = "", mode: str = "") -> Callable[[str], list[KubeObject]]:
    def with_claim(namespace: str) -> list[KubeObject]:
        spec = {"storageClassName": "fast"} | ({"volumeName": volume} if volume else {})
        found = [build.make("PersistentVolumeClaim", name="data-app", namespace=namespace, spec=spec, status={"phase": phase})]
        if mode:
            body = {"provisioner": "csi.test", "volumeBindingMode": mode}
            found.append(build.make("StorageClass.storage.k8s.io", name="fast", namespace=None, **body))
        if volume:
            where = {"required": terms(ZONE, "zone-b")["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]}
            found.append(build.make("PersistentVolume", name=volume, namespace=None, spec={"nodeAffinity": where}))
        return found

    return with_claim


MOUNTS = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-app"}}]}
UNRELATED = [build.make("PersistentVolumeClaim", name="unrelated", namespace="elsewhere")]
OBSTACLES = {
    "another taint": Cluster(taints=("dedicated",)),
    "a cordon as well": Cluster(node_spec={"unschedulable": True}),
    "a device that the node lacks": Cluster(requests={GPU: "1"}),
    "more CPU than the node has": Cluster(requests={"cpu": "16"}),
    "more memory than is left": Cluster(requests={"cpu": "2"}, others=neighbor("3")),
    "a label that the node lacks": Cluster(pod_spec={"nodeSelector": {"disk": "ssd"}}),
    "the name of another host": Cluster(pod_spec={"nodeSelector": {HOST: "node-9"}}),
    "another zone": Cluster(labels={ZONE: "zone-a"}, pod_spec={"affinity": terms(ZONE, "zone-b", "zone-c")}),
    "a volume of another zone": Cluster(labels={ZONE: "zone-a"}, pod_spec=MOUNTS, others=claim("Bound", volume="pv-1")),
    "a claim that no volume satisfies": Cluster(pod_spec=MOUNTS, others=claim("Pending", mode="Immediate")),
    "a claim that does not exist": Cluster(pod_spec=MOUNTS, others=lambda _: UNRELATED),
    "a host port that is taken": Cluster(port=9100, others=neighbor(port=9100)),
    "a pod that it must not run beside": Cluster(template=apart(HOST, app="lock"), others=neighbor(app="lock")),
    "a pod in a zone that it must be alone in": Cluster(
        labels={ZONE: "zone-a"}, template=apart(ZONE, app="lock"), others=neighbor(app="lock")
    ),
}
HARMLESS = {
    "nothing else": Cluster(),
    "a taint that it tolerates": Cluster(taints=("dedicated",), template=tolerating("dedicated")),
    "a cordon that it tolerates": Cluster(node_spec={"unschedulable": True}, template=tolerating("node.kubernetes.io/unschedulable")),
    "a label that the node has": Cluster(labels={"disk": "ssd"}, pod_spec={"nodeSelector": {"disk": "ssd"}}),
    "its zone": Cluster(labels={ZONE: "zone-b"}, pod_spec={"affinity": terms(ZONE, "zone-b")}),
    "a volume of its zone": Cluster(labels={ZONE: "zone-b"}, pod_spec=MOUNTS, others=claim("Bound", volume="pv-1")),
    "a claim that waits for the pod": Cluster(pod_spec=MOUNTS, others=claim("Pending", mode="WaitForFirstConsumer")),
    "enough room beside another": Cluster(requests={"cpu": "2"}, others=neighbor("1")),
    "another host port": Cluster(port=9100, others=neighbor(port=9200)),
    "a pod that it may run beside": Cluster(template=apart(HOST, app="lock"), others=neighbor(app="other")),
    "a pod that leaves nothing behind": Cluster(template=apart(ZONE, app="lock"), others=neighbor(app="lock")),
}
STACKS = {"front of a shop": ("shop", "Deployment.apps"), "database": ("ledger", "StatefulSet.apps")}


def pending(cluster: Cluster, stack: str) -> tuple[KubeObject, KubeObject, list[KubeObject]]:
    """(workload, pod without a node, all objects but the node)."""
    namespace, kind = STACKS[stack]
    ports = [{"containerPort": 80, "hostPort": cluster.port}] if cluster.port else []
    spec = {"containers": [build.container(resources={"requests": {"cpu": "100m", **cluster.requests}}, ports=ports)], **cluster.template}
    top = build.make(kind, name="app", namespace=namespace, spec={"template": {"spec": spec}})
    meta = {"ownerReferences": build.owned_by(top)}
    owner = build.make("ReplicaSet.apps", name="app-1", namespace=namespace, meta=meta) if kind == "Deployment.apps" else top
    placed = {"nodeName": "", **cluster.pod_spec}
    waits = build.pod(name="app-0", owner=owner, phase="Pending", namespace=namespace, containers=spec["containers"], spec=placed)
    return top, waits, [top, owner, waits, *cluster.others(namespace)]


def lost(cluster: Cluster, *taints: str, ready: str = "Unknown", **spec: Any) -> KubeObject:
    allocatable = {"cpu": "4", "memory": "8Gi", "pods": "110"}
    marks = [{"key": key, "effect": "NoSchedule"} for key in (*taints, *cluster.taints)]
    return build.make(
        "Node",
        name="node-1",
        namespace=None,
        meta={"labels": cluster.labels},
        spec={"taints": marks, **cluster.node_spec, **spec},
        status={"conditions": [build.condition("Ready", ready, ago=300)], "allocatable": allocatable},
    )


def count(cluster: Cluster, stack: str, parent: str) -> int:
    """How many roots there are."""
    top, waits, objects = pending(cluster, stack)
    if parent == "NodeCordoned":
        key, blockers = "node.kubernetes.io/unschedulable", ["cordoned"]
        broken = lost(cluster, key, ready="True", unschedulable=True)
        named = (Suspect(ref(broken), "may not run on", frozenset({"NodeCordoned"})),)
    else:
        key = {"NodeNotReady": "not-ready", "NodeDiskPressure": "disk-pressure"}[parent]
        broken, blockers, named = lost(cluster, f"node.kubernetes.io/{key}"), [f"taint:node.kubernetes.io/{key}"], ()
    found = [failing(parent, broken, ago=400), failing("FailedScheduling", top, AffectedObject(ref(waits), named), blockers=blockers)]
    return len(roots(found, broken, node("node-2", ready="True"), *objects))


PARENTS = ("NodeNotReady", "NodeDiskPressure", "NodeCordoned")


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("parent", PARENTS)
@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_what_would_keep_the_pod_away_anyway_is_a_failure_of_its_own(obstacle: str, parent: str, stack: str) -> None:
    if obstacle == "a cordon as well" and parent == "NodeCordoned":
        obstacle = "another taint"  # the cordon is the parent
    assert count(OBSTACLES[obstacle], stack, parent) == 2


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("parent", PARENTS)
@pytest.mark.parametrize("twin", HARMLESS)
def test_what_would_not_keep_the_pod_away_leaves_it_with_the_node(twin: str, parent: str, stack: str) -> None:
    assert count(HARMLESS[twin], stack, parent) == 1


def of_node(name: str) -> Json:
    """As the controller of a DaemonSet binds a pod to its node."""
    required = {"nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": [name]}]}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}


def test_each_pod_of_a_daemon_set_waits_for_the_node_that_it_names() -> None:
    spec = {"containers": [build.container()]}
    top = build.make("DaemonSet.apps", name="agent", spec={"template": {"spec": spec}})
    labels = {"controller-revision-hash": "1"}
    own, other = (
        build.pod(name=f"agent-{name}", owner=top, phase="Pending", labels=labels, spec={"nodeName": "", "affinity": of_node(name)})
        for name in ("node-1", "node-2")
    )
    broken = lost(Cluster(), "node.kubernetes.io/not-ready")
    found = Fits(build.view_of(broken, node("node-2", ready="True"), top, own, other))
    taints = ["node.kubernetes.io/not-ready"]
    assert [found.would_take(broken, one, without=taints) for one in (own, other)] == [True, False]
