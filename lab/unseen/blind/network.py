# fmt: off
# ruff: noqa: E501
"""Classes k and m: one node whose pods reach no Service, and names, selectors and policies of another namespace."""

from functools import partial

from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, Json, ago
from lab.unseen.site import Site

k = partial(fault, group="k")
m = partial(fault, group="m")
ONE_NODE = ("service_network_broken", "pods_fail_on_one_node")


def _on(c: Site, name: str, node: str) -> list[Json]:
    return [pod for pod in c.pods_of(name) if pod["spec"]["nodeName"] == node]


@k(*ONE_NODE, at="freight/quotes")
def connections_time_out_on_one_node(c: Site, app: App) -> Truth:
    """The kubelet of the node reports nothing; pods of seven workloads fail there, their siblings elsewhere do not."""
    node, ledger = c.nodes[1], c.address("ledger")
    for name, text in (
        ("quotes", f"Npgsql.NpgsqlException (0x80004005): Failed to connect to {ledger}:5432\n       ---> System.TimeoutException: Timeout during connection attempt"),
        ("claims", f"Npgsql.NpgsqlException (0x80004005): Failed to connect to {ledger}:5432\n       ---> System.TimeoutException: Timeout during connection attempt"),
        ("tariffs", f"ping database: dial tcp {ledger}:5432: i/o timeout"),
        ("billing", f"Npgsql.NpgsqlException (0x80004005): Failed to connect to {ledger}:5432\n       ---> System.TimeoutException: Timeout during connection attempt"),
        ("tracking", f"nats: no servers available for connection: dial tcp {c.address('nats')}:4222: i/o timeout"),
        ("dispatch", f"nats: no servers available for connection: dial tcp {c.address('nats')}:4222: i/o timeout"),
        ("portal", f"Connection timed out [tcp://{c.address('sessions')}:6379]"),
    ):
        c.limp(name, c.says(name, *[text] * 4), pods=_on(c, name, node))
    return Truth(objects=(("Node", node),), facts=(node,))


@k(*ONE_NODE, "application_error", at="telemetry/ingestor")
def proxy_of_one_node_does_not_start(c: Site, app: App) -> Truth:
    """kube-proxy crashes on the node, so that the pods there cannot resolve names either."""
    node = c.nodes[2]
    proxy = App(name="kube-proxy", namespace="kube-system", image="registry.k8s.io/kube-proxy:v1.34.2", kind="DaemonSet", runtime="go", memory="64Mi")
    c.deploy(proxy)
    log = 'I1005 09:27:41.118223       1 server_linux.go:53] "Using iptables proxy"\nE1005 09:27:41.220112       1 server.go:1075] "Command failed" err="failed to initialize iptables: iptables v1.8.11 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)"\n'
    c.fail("kube-proxy", log, pods=_on(c, "kube-proxy", node))
    for name, text in (
        ("ingestor", "mqtt event loop stopped error=I/O: failed to lookup address information: Temporary failure in name resolution"),
        ("rules", "io.agroal.pool: java.net.UnknownHostException: devices-db: Temporary failure in name resolution"),
        ("edge-agent", "heartbeat: Post \"http://devices.fleet:8080/agents\": dial tcp: lookup devices.fleet on 10.96.0.10:53: read udp 10.244.3.8:40112->10.96.0.10:53: i/o timeout"),
    ):
        c.limp(name, c.says(name, *[text] * 4), pods=_on(c, name, node))
    return Truth(app="kube-proxy", objects=(("Node", node),), facts=(node,))


@k(*ONE_NODE, at="telemetry/ingestor")
def one_of_four_pods_times_out(c: Site, app: App) -> Truth:
    """Beside it, only the agent of the node calls anything, and it stays ready."""
    node = c.nodes[3]
    c.limp("ingestor", c.says("ingestor", *[f"mqtt event loop stopped error=I/O: Connection timed out (os error 110) addr={c.address('mosquitto')}:1883"] * 4), pods=_on(c, "ingestor", node))
    for pod in _on(c, "edge-agent", node):
        c.write(pod, c.says("edge-agent", *[f"heartbeat: dial tcp {c.address('devices')}:8080: i/o timeout"] * 4, level="WARN"))
    return Truth(objects=(("Node", node),), facts=(node,))


@k(*ONE_NODE, at="freight/dispatch")
def clients_on_one_node_exit(c: Site, app: App) -> Truth:
    node = c.nodes[1]
    for name, text in (
        ("dispatch", f"connect to broker: dial tcp {c.address('nats')}:4222: i/o timeout"),
        ("tracking", f"connect to broker: dial tcp {c.address('nats')}:4222: i/o timeout"),
        ("tariffs", f"ping database: dial tcp {c.address('ledger')}:5432: i/o timeout"),
    ):
        c.fail(name, c.says(name, text), pods=_on(c, name, node), ran=0.6)
    return Truth(objects=(("Node", node),), facts=(node,))


@k(*ONE_NODE, at="telemetry/rules")
def clients_on_one_node_stay_ready(c: Site, app: App) -> Truth:
    """Their siblings on other nodes report nothing."""
    node = c.nodes[1]
    for name, text in (
        ("rules", "Datasource '<default>': com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure: java.net.SocketTimeoutException: Connect timed out"),
        ("devices", "Datasource '<default>': com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure: java.net.SocketTimeoutException: Connect timed out"),
        ("ingestor", f"mqtt event loop stopped error=I/O: Connection timed out (os error 110) addr={c.address('mosquitto')}:1883"),
        ("edge-agent", f"heartbeat: dial tcp {c.address('devices')}:8080: i/o timeout"),
    ):
        for pod in _on(c, name, node):
            c.write(pod, c.says(name, *[text] * 8))
    return Truth(objects=(("Node", node),), facts=(node,))


@k("node_network_unavailable", *ONE_NODE, at="freight/tariffs")
def node_without_routes(c: Site, app: App) -> Truth:
    node = c.get("Node", c.nodes[0])
    node["status"]["conditions"].insert(0, {"type": "NetworkUnavailable", "status": "True", "reason": "NoRouteCreated", "message": "Node created without a route", "lastHeartbeatTime": ago(1), "lastTransitionTime": ago(16)})
    node["spec"]["taints"] = [{"key": "node.kubernetes.io/network-unavailable", "effect": "NoSchedule", "timeAdded": ago(16)}]
    for name, text in (
        ("tariffs", f"ping database: dial tcp {c.address('ledger')}:5432: connect: no route to host"),
        ("tracking", f"open pool: dial tcp {c.address('pgbouncer')}:6432: connect: no route to host"),
        ("billing", f"Npgsql.NpgsqlException (0x80004005): Failed to connect to {c.address('ledger')}:5432\n       ---> System.Net.Sockets.SocketException (113): No route to host"),
    ):
        c.limp(name, c.says(name, *[text] * 4), pods=_on(c, name, c.nodes[0]))
    return Truth(objects=(("Node", c.nodes[0]),), facts=(c.nodes[0],))


@k(at="freight/tariffs")
def control_one_node_had_timeouts_two_hours_ago(c: Site, app: App) -> Truth:
    for name in ("tariffs", "dispatch", "tracking"):
        for pod in _on(c, name, c.nodes[1]):
            text = f"retrying: dial tcp {c.address('ledger')}:5432: i/o timeout"
            c.write(pod, c.says(name, text, level="WARN").replace("T09:2", "T07:1") + c.says(name, "connected", level="INFO"))
    return Truth()


# --- namespaces


@m("wrong_dependency_address", at="freight/portal")
def short_name_of_a_service_elsewhere(c: Site, app: App) -> Truth:
    def edit(spec: Json) -> None:
        spec["containers"][0]["env"][0]["value"] = "http://quotes:8080"

    text = "cURL error 6: Could not resolve host: quotes (see https://curl.haxx.se/libcurl/c/libcurl-errors.html) for http://quotes:8080/api/rates"
    c.limp("portal", c.says("portal", *[text] * 4), pods=c.roll("portal", edit), status=500)
    return Truth(app=app.name, facts=("QUOTES_URL", "quotes.core"))


@m("no_workload", "selector_mismatch", at="freight/quotes")
def service_beside_its_pods_in_another_namespace(c: Site, app: App) -> Truth:
    """The Service was added to the namespace of its caller; the pods with its labels run in `core`."""
    c.enter("front")
    made = c._add_service("quotes", {"app.kubernetes.io/name": "quotes"}, [{"name": "http", "port": 8080, "protocol": "TCP", "targetPort": "http"}])
    made["metadata"]["creationTimestamp"] = ago(40)

    def edit(spec: Json) -> None:
        spec["containers"][0]["env"][0]["value"] = "http://quotes:8080"

    text = "cURL error 7: Failed to connect to quotes port 8080 after 1 ms: Could not connect to server for http://quotes:8080/api/rates"
    c.limp("portal", c.says("portal", *[text] * 4), pods=c.roll("portal", edit), status=500)
    return Truth(objects=(("Service", "quotes"),), facts=("core",))


@m("network_policy_blocks", at="freight/ledger")
def policy_that_expects_a_label_of_the_namespace(c: Site, app: App) -> Truth:
    """Clients come from `core`, which does not have the label."""
    source = {"namespaceSelector": {"matchLabels": {"acme.dev/tier": "backend"}}}
    spec = {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "ledger"}}, "policyTypes": ["Ingress"], "ingress": [{"from": [source, {"podSelector": {}}], "ports": [{"protocol": "TCP", "port": 5432}]}]}
    c.add("NetworkPolicy", "ledger-clients", namespace="data", minutes=22, metadata={"generation": 1}, spec=spec)
    for name, text in (
        ("claims", f"Npgsql.NpgsqlException (0x80004005): Failed to connect to {c.address('ledger')}:5432\n       ---> System.TimeoutException: Timeout during connection attempt"),
        ("billing", f"Npgsql.NpgsqlException (0x80004005): Failed to connect to {c.address('ledger')}:5432\n       ---> System.TimeoutException: Timeout during connection attempt"),
        ("tariffs", f"failed to connect to `user=tariffs database=freight`: {c.address('ledger')}:5432 (ledger.data): dial error: dial tcp {c.address('ledger')}:5432: i/o timeout"),
    ):
        c.limp(name, c.says(name, *[text] * 4))
    return Truth(objects=(("NetworkPolicy", "ledger-clients"),), facts=("ledger-clients",))


@m("ingress_backend_missing", at="freight/claims")
def ingress_beside_the_wrong_namespace(c: Site, app: App) -> Truth:
    """A backend is always in the namespace of the Ingress."""
    c.enter("front")
    backend = {"service": {"name": "claims", "port": {"number": 8080}}}
    rules = [{"host": "claims.acme.example", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]
    c.add("Ingress", "claims", minutes=50, metadata={"generation": 1}, spec={"ingressClassName": "nginx", "rules": rules}, status={"loadBalancer": {"ingress": [{"ip": "203.0.113.20"}]}})
    return Truth(app=app.name, objects=(("Ingress", "claims"),), facts=("claims",))


@m("missing_config_map", at="telemetry/catalog")
def config_map_of_another_namespace(c: Site, app: App) -> Truth:
    c.enter("fleet")
    c.add("ConfigMap", "ca-bundle", data={"ca.crt": "-----BEGIN CERTIFICATE-----"})

    def edit(spec: Json) -> None:
        spec["volumes"].append({"name": "ca", "configMap": {"name": "ca-bundle"}})
        spec["containers"][0]["volumeMounts"].append({"name": "ca", "mountPath": "/ca"})

    for pod in c.roll("catalog", edit):
        c.waiting(pod, "ContainerCreating")
        c.event(pod, "FailedMount", 'MountVolume.SetUp failed for volume "ca" : configmap "ca-bundle" not found', count=16)
    return Truth(app=app.name, objects=(("ConfigMap", "ca-bundle"),), facts=("ca-bundle",))


@m(at="freight/quotes")
def control_external_name_for_a_service_elsewhere(c: Site, app: App) -> Truth:
    c.enter("front")
    c.add("Service", "quotes", minutes=9000, status={"loadBalancer": {}}, spec={"type": "ExternalName", "externalName": "quotes.core.svc.cluster.local", "ports": []})
    return Truth()
