# ruff: noqa: E501
"""Nodes that are lost or under pressure, DaemonSets that reach too few of them, StatefulSets that wait for one pod."""

from lab.unseen.cluster import Cluster
from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, Json, ago


def _on(c: Cluster, name: str) -> list[Json]:
    return [pod for pod in c.all("Pod") if pod["spec"].get("nodeName") == name]


@fault("kubelet_unreachable", at="shop/redis clinic/gateway monitoring/loki search/opensearch")
def node_lost(c: Cluster, app: App) -> Truth:
    name = c.nodes[0]
    node = c.get("Node", name)
    for condition in node["status"]["conditions"]:
        condition |= {
            "status": "Unknown",
            "reason": "NodeStatusUnknown",
            "message": "Kubelet stopped posting node status.",
            "lastTransitionTime": ago(12),
            "lastHeartbeatTime": ago(13),
        }
    node["spec"]["taints"] = [
        {"key": "node.kubernetes.io/unreachable", "effect": "NoSchedule"},
        {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute", "timeAdded": ago(12)},
    ]
    c.get("Lease", name, "kube-node-lease")["spec"]["renewTime"] = ago(13)
    c.event(
        node,
        "NodeNotReady",
        f"Node {name} status is now: NodeNotReady",
        kind="Normal",
        source="node-controller",
        count=1,
        first=12,
        last=12,
    )
    for pod in _on(c, name):
        c.unready(pod, minutes=12, reason="")
        pod["metadata"] |= {"deletionTimestamp": ago(6), "deletionGracePeriodSeconds": 30}
    return Truth(objects=(("Node", name),))


@fault("runtime_not_ready", at="edge/auth pipeline/kafka")
def runtime_down(c: Cluster, app: App) -> Truth:
    name = c.nodes[1]
    node = c.get("Node", name)
    message = "[container runtime is down, PLEG is not healthy: pleg was last seen active 12m3.1s ago; threshold is 3m0s]"
    node["status"]["conditions"][-1] |= {"status": "False", "reason": "KubeletNotReady", "message": message, "lastTransitionTime": ago(12)}
    for pod in _on(c, name):
        c.unready(pod, minutes=12)
    return Truth(objects=(("Node", name),), facts=("PLEG is not healthy",))


@fault("network_plugin_not_ready", at="shop/cart batch/rabbitmq")
def no_network_plugin(c: Cluster, app: App) -> Truth:
    name = c.nodes[2]
    node = c.get("Node", name)
    message = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"
    node["status"]["conditions"][-1] |= {"status": "False", "reason": "KubeletNotReady", "message": message, "lastTransitionTime": ago(12)}
    return Truth(objects=(("Node", name),), facts=("cni plugin not initialized",))


@fault("node_pressure", at="pipeline/clickhouse search/indexer")
def disk_pressure(c: Cluster, app: App) -> Truth:
    name = c.nodes[0]
    node = c.get("Node", name)
    node["status"]["conditions"][1] |= {
        "status": "True",
        "reason": "KubeletHasDiskPressure",
        "message": "kubelet has disk pressure",
        "lastTransitionTime": ago(20),
    }
    node["spec"]["taints"] = [{"key": "node.kubernetes.io/disk-pressure", "effect": "NoSchedule", "timeAdded": ago(20)}]
    c.event(node, "EvictionThresholdMet", "Attempting to reclaim ephemeral-storage", count=40)
    return Truth(objects=(("Node", name),), facts=("DiskPressure",))


@fault("untolerated_taint", at="monitoring/node-exporter monitoring/log-shipper")
def daemon_not_tolerated(c: Cluster, app: App) -> Truth:
    """A taint with NoExecute removed the DaemonSet's pod; the DaemonSet does not count such a node, so another pod shows it."""
    name = c.nodes[1]
    c.get("Node", name)["spec"]["taints"] = [{"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}]
    workload = c.workload(app)
    pod = next(one for one in c.pods(app) if one["spec"]["nodeName"] == name)
    pod["metadata"]["creationTimestamp"] = ago(18)
    field = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [name]}]}
    pod["spec"]["affinity"] = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [field]}}}
    c.unscheduled(
        pod,
        "0/3 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    )
    workload["desired"] = 3
    return Truth(app=app.name, objects=(("Node", name),), facts=("dedicated",))


@fault("kernel_setting_too_low", at="search/opensearch monitoring/loki")
def ordinal_stuck(c: Cluster, app: App) -> Truth:
    """The first pod of a StatefulSet fails on its node, so the next ones are not created."""
    pods = c.pods(app)
    for pod in pods[1:]:
        c.remove(pod)
    log = ("[2026-10-05T09:27:41,512][ERROR][o.o.b.Bootstrap] node validation exception\n[1] bootstrap checks failed\n[1]: max virtual memory areas vm.max_map_count [65530] is too low, increase to at least [262144]\n"
           if app.runtime == "java" else "level=error msg=\"error running loki\" err=\"max virtual memory areas vm.max_map_count [65530] is too low, increase to at least [262144]\"\n")  # fmt: skip
    c.crash(pods[0], 78 if app.runtime == "java" else 1, log)
    return Truth(app=app.name, objects=(("Node", pods[0]["spec"]["nodeName"]),), facts=("vm.max_map_count",))


@fault("sandbox_failed", "network_plugin_not_ready", at="shop/catalog edge/orders-api")
def no_addresses(c: Cluster, app: App) -> Truth:
    """The network plugin has no address left for new pods."""
    for pod in c.change(app):
        c.waiting(pod, "ContainerCreating")
        c.event(
            pod,
            "FailedCreatePodSandBox",
            'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "a1": plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container',
            count=40,
        )
        del pod["status"]["podIP"]
    return Truth(app=app.name, objects=tuple(("Node", name) for name in c.nodes), facts=("failed to assign an IP address",))


@fault("evicted", "node_pressure", "ephemeral_storage_exceeded", at="batch/render-worker pipeline/sink")
def evicted(c: Cluster, app: App) -> Truth:
    pod = c.pods(app)[0]
    message = "Pod ephemeral local storage usage exceeds the total limit of containers 2Gi. "
    pod["status"] = {
        "phase": "Failed",
        "reason": "Evicted",
        "message": message,
        "startTime": ago(300),
        "conditions": [
            {
                "type": "DisruptionTarget",
                "status": "True",
                "reason": "TerminationByKubelet",
                "message": message,
                "lastTransitionTime": ago(9),
            }
        ],
    }
    c.event(pod, "Evicted", message, count=1, first=9, last=9)
    c.add_pod(c.workload(app), minutes=9)
    return Truth(app=app.name, objects=(("Pod", pod["metadata"]["name"]),), facts=("2Gi",))
