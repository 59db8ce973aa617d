# fmt: off
# ruff: noqa: E501
"""Class f: a node fails or is cordoned, and a pod that is pending would be pending anyway."""

from functools import partial

from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, Edit, Json, ago
from lab.unseen.site import Site

f = partial(fault, group="f")
UNREACHABLE = "node(s) had untolerated taint {node.kubernetes.io/unreachable: }"
HINT = "preemption: 0/{0} nodes are available: {0} Preemption is not helpful for scheduling."


def _pending(c: Site, app: App, reasons: str, edit: Edit | None = None, *, minutes: float = 40) -> None:
    """A new pod that no node takes, for longer than the node is gone."""
    count = len(c.nodes)
    for pod in c.roll(app.name, edit, minutes=minutes):
        c.unscheduled(pod, f"0/{count} nodes are available: {reasons}. {HINT.format(count)}", minutes=minutes)


def _select(**labels: str) -> Edit:
    def edit(spec: Json) -> None:
        spec["nodeSelector"] = labels

    return edit


@f("node_selector_mismatch", at="freight/claims")
def selector_that_no_node_has(c: Site, app: App) -> Truth:
    c.lose(c.nodes[2])
    _pending(c, app, f"1 {UNREACHABLE}, 2 node(s) didn't match Pod's node affinity/selector", _select(disk="nvme"))
    return Truth(app=app.name, facts=("disk", "nvme"), beside=(c.nodes[2],))


@f("insufficient_cpu", at="telemetry/transcoder")
def more_cpu_than_any_node_has(c: Site, app: App) -> Truth:
    def edit(spec: Json) -> None:
        spec["containers"][0]["resources"]["requests"]["cpu"] = "6"

    c.cordon(c.nodes[1])
    _pending(c, app, "1 node(s) were unschedulable, 3 Insufficient cpu", edit)
    return Truth(app=app.name, facts=("6",), beside=(c.nodes[1],))


@f("anti_affinity", at="telemetry/ingestor")
def fifth_pod_for_four_nodes(c: Site, app: App) -> Truth:
    """Each node runs one already, the failed one too."""
    workload = c.workload(app)
    term = {"labelSelector": {"matchLabels": {"app.kubernetes.io/name": app.name}}, "topologyKey": "kubernetes.io/hostname"}
    rule = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    c.amend(app.name, lambda spec: spec.update(affinity=rule))
    workload["spec"]["replicas"] = 5
    workload["metadata"]["generation"] = 2
    c.lose(c.nodes[3])
    pod = c.add_pod(workload, minutes=50)
    c.unscheduled(pod, f"0/4 nodes are available: 1 {UNREACHABLE}, 3 node(s) didn't match pod anti-affinity rules. preemption: 0/4 nodes are available: 1 Preemption is not helpful for scheduling, 3 No preemption victims found for incoming pod.", minutes=50)
    return Truth(app=app.name, facts=("anti-affinity",), beside=(c.nodes[3],))


@f("volume_node_conflict", at="freight/ledger")
def volume_in_a_zone_without_nodes(c: Site, app: App) -> Truth:
    """The pod was deleted by hand 30 minutes ago; the nodes of the zone of its volume were removed before."""
    pod = c.pods(app)[0]
    c.remove(pod)
    claim = c.get("PersistentVolumeClaim", "data-ledger-0")
    volume = c.get("PersistentVolume", claim["spec"]["volumeName"])
    term = {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["eu-west-1d"]}]}
    volume["spec"]["nodeAffinity"] = {"required": {"nodeSelectorTerms": [term]}}
    c.cordon(c.nodes[0])
    made = c.add_pod(c.workload(app), minutes=30, ordinal=0)
    c.unscheduled(made, f"0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) had volume node affinity conflict. {HINT.format(3)}", minutes=30)
    for name in ("claims", "quotes"):
        c.limp(name, c.says(name, *[f"Npgsql.NpgsqlException (0x80004005): Failed to connect to {c.address('ledger')}:5432\n       ---> System.Net.Sockets.SocketException (111): Connection refused"] * 3))
    return Truth(app=app.name, objects=(("PersistentVolume", volume["metadata"]["name"]), ("PersistentVolumeClaim", "data-ledger-0")), facts=("eu-west-1d",), beside=(c.nodes[0],))


@f("untolerated_taint", at="telemetry/transcoder")
def taint_of_the_selected_pool(c: Site, app: App) -> Truth:
    gpu = c.get("Node", c.nodes[0])
    gpu["metadata"]["labels"]["acme.dev/pool"] = "gpu"
    gpu["spec"]["taints"] = [{"key": "acme.dev/gpu", "value": "reserved", "effect": "NoSchedule"}]
    c.lose(c.nodes[2])
    _pending(c, app, f"1 node(s) had untolerated taint {{acme.dev/gpu: reserved}}, 1 {UNREACHABLE}, 2 node(s) didn't match Pod's node affinity/selector", _select(**{"acme.dev/pool": "gpu"}))
    return Truth(app=app.name, facts=("acme.dev/gpu",), beside=(c.nodes[2],))


@f("insufficient_memory", at="freight/keycloak")
def more_memory_than_the_nodes_have_left(c: Site, app: App) -> Truth:
    """No node has 20Gi in all, so the failed node would not help."""

    def edit(spec: Json) -> None:
        spec["containers"][0]["resources"] = {"requests": {"cpu": "100m", "memory": "20Gi"}, "limits": {"memory": "20Gi"}}

    c.lose(c.nodes[1])
    _pending(c, app, f"1 {UNREACHABLE}, 2 Insufficient memory", edit)
    return Truth(app=app.name, facts=("20Gi",), beside=(c.nodes[1],))


@f("kubelet_unreachable", at="freight/quotes telemetry/rules")
def node_lost_and_nothing_pending(c: Site, app: App) -> Truth:
    """The twin: here the node is the cause."""
    c.lose(c.nodes[1])
    return Truth(objects=(("Node", c.nodes[1]),), facts=(c.nodes[1],))


@f(at="freight/billing")
def control_node_cordoned_for_maintenance(c: Site, app: App) -> Truth:
    """A cordoned node is shown as such; no pod is pending."""
    c.cordon(c.nodes[1])
    c.get("Node", c.nodes[1])["metadata"]["annotations"] = {"acme.dev/maintenance": "kernel update", "acme.dev/since": ago(90)}
    return Truth(beside=(c.nodes[1],))
