# ruff: noqa: E501
"""Pods that no node can take."""

from lab.unseen.cluster import Cluster
from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, Edit, Json


def _pending(c: Cluster, app: App, edit: Edit | None, why: str, preemption: str = "") -> None:
    total = len(c.nodes)
    rest = preemption or f"{total} Preemption is not helpful for scheduling"
    for pod in c.change(app, edit):
        c.unscheduled(pod, f"0/{total} nodes are available: {why}. preemption: 0/{total} nodes are available: {rest}.")


def _resources(**requests: str) -> Edit:
    def edit(spec: Json) -> None:
        resources = spec["containers"][0]["resources"]
        for name, value in requests.items():
            key = {"gpu": "nvidia.com/gpu"}.get(name, name)
            resources["requests"][key] = value
            if name != "cpu":
                resources["limits"][key] = value

    return edit


@fault("insufficient_cpu", at="shop/catalog pipeline/ingest batch/render-worker")
def too_much_cpu(c: Cluster, app: App) -> Truth:
    _pending(c, app, _resources(cpu="6"), "3 Insufficient cpu")
    return Truth(app=app.name, facts=("6",))


@fault("insufficient_memory", at="search/indexer clinic/customers edge/orders-api")
def too_much_memory(c: Cluster, app: App) -> Truth:
    _pending(c, app, _resources(memory="48Gi"), "3 Insufficient memory")
    return Truth(app=app.name, facts=("48Gi",))


@fault("insufficient_resource", at="batch/render-worker search/suggester")
def no_gpu(c: Cluster, app: App) -> Truth:
    _pending(c, app, _resources(gpu="1"), "3 Insufficient nvidia.com/gpu")
    return Truth(app=app.name, facts=("nvidia.com/gpu",))


@fault("untolerated_taint", at="shop/checkout clinic/visits monitoring/grafana edge/auth")
def tainted(c: Cluster, app: App) -> Truth:
    for node in c.all("Node"):
        node["spec"]["taints"] = [{"key": "dedicated", "value": "batch", "effect": "NoSchedule"}]
    _pending(
        c, app, None, "3 node(s) had untolerated taint(s)" if c.rng.random() < 0.5 else "3 node(s) had untolerated taint {dedicated: batch}"
    )
    return Truth(app=app.name, objects=tuple(("Node", name) for name in c.nodes), facts=("dedicated",))


@fault("node_selector_mismatch", at="pipeline/sink blog/memcached search/query-api")
def selector(c: Cluster, app: App) -> Truth:
    def edit(spec: Json) -> None:
        spec["nodeSelector"] = {"disktype": "nvme"}

    _pending(c, app, edit, "3 node(s) didn't match Pod's node affinity/selector")
    return Truth(app=app.name, facts=("disktype",))


@fault("node_affinity_mismatch", at="edge/frontend clinic/gateway")
def affinity(c: Cluster, app: App) -> Truth:
    term = {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["eu-central-1a"]}]}

    def edit(spec: Json) -> None:
        spec["affinity"] = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}

    _pending(c, app, edit, "3 node(s) didn't match Pod's node affinity/selector")
    return Truth(app=app.name, facts=("eu-central-1a",))


@fault("anti_affinity", at="search/opensearch shop/storefront")
def spread(c: Cluster, app: App) -> Truth:
    """More replicas than nodes, and one on each node only."""
    term = {"labelSelector": {"matchLabels": {"app.kubernetes.io/name": app.name}}, "topologyKey": "kubernetes.io/hostname"}
    workload = c.workload(app)
    rule = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    for owner in (workload, *c.owned(workload, "ReplicaSet"), *c.pods(app)):
        spec = owner["spec"] if owner["kind"] == "Pod" else owner["spec"]["template"]["spec"]
        spec["affinity"] = rule
    while len(c.pods(app)) < 3:
        c.add_pod(workload)
    workload["spec"]["replicas"] = 4
    pod = c.add_pod(workload, minutes=18)
    c.unscheduled(
        pod,
        "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
    )
    return Truth(app=app.name, facts=("kubernetes.io/hostname",))


@fault("host_port_conflict", at="edge/frontend blog/mailer")
def host_port(c: Cluster, app: App) -> Truth:
    for pod in c.all("Pod"):
        if pod["metadata"]["namespace"] == "kube-system":
            pod["spec"]["containers"][0].setdefault("ports", []).append({"containerPort": 8443, "hostPort": 8443, "protocol": "TCP"})

    def edit(spec: Json) -> None:
        spec["containers"][0]["ports"][0]["hostPort"] = 8443

    _pending(c, app, edit, "3 node(s) didn't have free ports for the requested pod ports")
    return Truth(app=app.name, facts=("8443",))
