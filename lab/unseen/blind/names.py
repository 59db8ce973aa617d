# fmt: off
# ruff: noqa: E501
"""Class c: the DNS settings of a pod, with other symptoms beside them."""

from functools import partial

from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import DNS, App, Edit, Json
from lab.unseen.site import Site

c_ = partial(fault, group="c")


def _with(**members: object) -> Edit:
    def edit(spec: Json) -> None:
        spec |= members

    return edit


@c_("dns_policy_wrong", at="freight/tracking")
def dns_of_the_node(c: Site, app: App) -> Truth:
    pods = c.roll("tracking", _with(dnsPolicy="Default"))
    c.limp("tracking", c.says("tracking", *["nats: no servers available for connection: dial tcp: lookup nats.data on 169.254.20.1:53: no such host", "open pool: lookup pgbouncer.data on 169.254.20.1:53: no such host"] * 2), pods=pods)
    return Truth(app=app.name, facts=("Default", "nats.data"))


@c_("dns_config_wrong", "dns_policy_wrong", at="telemetry/player-api")
def name_server_that_is_gone(c: Site, app: App) -> Truth:
    """The address is that of the DNS of another cluster. The liveness probe fails as well, because the start hangs."""
    dns = {"nameservers": ["10.43.0.10"], "searches": ["media.svc.cluster.local", "svc.cluster.local", "cluster.local"]}
    pods = c.roll("player-api", _with(dnsPolicy="None", dnsConfig=dns))
    text = "Failed to start application: java.lang.RuntimeException: Failed to start quarkus\nCaused by: java.net.UnknownHostException: catalog: Temporary failure in name resolution\n\tat java.base/java.net.Inet6AddressImpl.lookupAllHostAddr(Native Method)"
    c.fail("player-api", c.says("player-api", text), pods=pods, ran=1.1)
    for pod in pods:
        c.event(pod, "Unhealthy", f'Liveness probe failed: Get "http://{pod["status"]["podIP"]}:8090/q/health/ready": dial tcp {pod["status"]["podIP"]}:8090: connect: connection refused', container="player-api", count=12)
    return Truth(app=app.name, facts=("10.43.0.10",))


@c_("dns_config_wrong", "dns_policy_wrong", at="freight/portal")
def search_domains_missing(c: Site, app: App) -> Truth:
    """`quotes.core` needs the search domain `svc.cluster.local`."""
    pods = c.roll("portal", _with(dnsPolicy="None", dnsConfig={"nameservers": [DNS], "searches": ["corp.example"]}))
    c.limp("portal", c.says("portal", *['cURL error 6: Could not resolve host: quotes.core (see https://curl.haxx.se/libcurl/c/libcurl-errors.html) for http://quotes.core:8080/api/rates {"exception":"[object] (Illuminate\\\\Http\\\\Client\\\\ConnectionException(code: 0)"}'] * 3), pods=pods, status=500)
    return Truth(app=app.name, facts=("quotes.core",))


@c_("unreachable_for_one_caller", "wrong_dependency_address", "dns_config_wrong", at="telemetry/catalog")
def alias_with_an_old_address(c: Site, app: App) -> Truth:
    pods = c.roll("catalog", _with(hostAliases=[{"ip": "10.96.200.200", "hostnames": ["media-db"]}]))
    c.limp("catalog", c.says("catalog", *["pymongo.errors.ServerSelectionTimeoutError: media-db:27017: timed out (configured timeouts: socketTimeoutMS: 20000.0ms, connectTimeoutMS: 20000.0ms), Timeout: 30s"] * 3), pods=pods)
    return Truth(app=app.name, facts=("10.96.200.200",))


@c_("dns_policy_wrong", at="telemetry/edge-agent")
def host_network_without_cluster_dns(c: Site, app: App) -> Truth:
    pods = c.roll("edge-agent", _with(hostNetwork=True))
    for pod in pods:
        pod["status"]["podIP"] = c.get("Node", pod["spec"]["nodeName"])["status"]["addresses"][0]["address"]
        pod["spec"]["containers"][0]["ports"][0]["hostPort"] = app.port
    c.fail("edge-agent", c.says("edge-agent", 'register agent: Post "http://devices.fleet:8080/agents": dial tcp: lookup devices.fleet on 10.0.0.2:53: no such host'), pods=pods)
    return Truth(app=app.name, facts=("hostNetwork", "devices.fleet"))


@c_("dns_config_wrong", at="freight/dispatch")
def search_domain_of_one_namespace_only(c: Site, app: App) -> Truth:
    """Only names of its own namespace are completed: `nats.data.core.svc.cluster.local` does not exist."""
    dns = {"nameservers": [DNS], "searches": ["core.svc.cluster.local"], "options": [{"name": "ndots", "value": "1"}]}
    pods = c.roll("dispatch", _with(dnsPolicy="None", dnsConfig=dns))
    c.fail("dispatch", c.says("dispatch", f"connect to broker: dial tcp: lookup nats.data on {DNS}:53: no such host"), pods=pods)
    return Truth(app=app.name, facts=("nats.data",))


@c_(at="freight/claims telemetry/ingestor")
def control_own_dns_that_is_complete(c: Site, app: App) -> Truth:
    searches = [f"{app.namespace}.svc.cluster.local", "svc.cluster.local", "cluster.local"]
    c.amend(app.name, _with(dnsPolicy="None", dnsConfig={"nameservers": [DNS, "10.0.0.2"], "searches": searches, "options": [{"name": "ndots", "value": "5"}]}))
    return Truth()
