# ruff: noqa: E501
"""Services, policies, Ingresses."""

from lab.unseen import lines
from lab.unseen.cluster import Cluster
from lab.unseen.fault import Truth, fault
from lab.unseen.faults.connections import _callers
from lab.unseen.manifests import App


@fault("selector_mismatch", at="shop/catalog clinic/customers search/suggester edge/auth monitoring/loki")
def wrong_selector(c: Cluster, app: App) -> Truth:
    label = "app.kubernetes.io/name"
    c.get("Service", app.name)["spec"]["selector"] = {label: f"{app.name}-svc"}
    return Truth(app=app.name, facts=(label,))


@fault("target_port_mismatch", at="shop/cart clinic/visits pipeline/sink edge/orders-api")
def wrong_target_port(c: Cluster, app: App) -> Truth:
    wrong = app.port + 1
    c.get("Service", app.name)["spec"]["ports"][0]["targetPort"] = wrong
    return Truth(app=app.name, facts=(str(wrong), str(app.port)))


@fault("target_port_mismatch", at="shop/storefront pipeline/schema-registry blog/memcached")
def wrong_port_name(c: Cluster, app: App) -> Truth:
    c.get("Service", app.name)["spec"]["ports"][0]["targetPort"] = "web-main"
    return Truth(app=app.name, facts=("web-main",))


@fault("service_port_mismatch", "wrong_dependency_address", at="shop/redis batch/rabbitmq clinic/discovery")
def service_port_changed(c: Cluster, app: App) -> Truth:
    """The Service was given another port; all its callers still use the old one."""
    port = app.port + 1000
    c.get("Service", app.name)["spec"]["ports"][0]["port"] = port
    for caller in _callers(c, app.name):
        for pod in c.pods(caller):
            c.crash(pod, 1, lines.timed_out(caller.runtime, app.name, app.port, c.address(app.name)), ran=1)
    return Truth(app=app.name, facts=(str(port), str(app.port)))


@fault("service_missing", at="shop/redis search/suggester edge/auth")
def service_deleted(c: Cluster, app: App) -> Truth:
    c.remove(c.get("Service", app.name))
    for caller in _callers(c, app.name):
        for pod in c.pods(caller):
            c.crash(pod, 1, lines.unresolved(caller.runtime, app.name, app.port), ran=0.3)
    return Truth(app=app.name, facts=(app.name,))


@fault("network_policy_blocks", at="shop/postgres clinic/mysql edge/mongo search/opensearch")
def policy_blocks(c: Cluster, app: App) -> Truth:
    """A policy for the server allows a label that its callers do not have."""
    peer = {"podSelector": {"matchLabels": {"access": app.name}}}
    rule = {"from": [peer], "ports": [{"protocol": "TCP", "port": app.port}]}
    name = f"{app.name}-ingress"
    c.add("NetworkPolicy", name, minutes=25, spec={
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": app.name}}, "policyTypes": ["Ingress"], "ingress": [rule]})  # fmt: skip
    for caller in _callers(c, app.name):
        for pod in c.pods(caller):
            c.crash(pod, 1, lines.timed_out(caller.runtime, app.name, app.port, c.address(app.name)), ran=1)
    return Truth(app=app.name, objects=(("NetworkPolicy", name),), facts=(name,))


@fault("network_policy_blocks", at="batch/render-worker pipeline/enricher")
def egress_blocked(c: Cluster, app: App) -> Truth:
    """A policy for the caller allows DNS only."""
    host, _, port = next(iter(app.calls.values())).rpartition("/")[2].partition(":")
    name = f"{app.name}-egress"
    rule = {"to": [{"namespaceSelector": {}}], "ports": [{"protocol": "UDP", "port": 53}]}
    c.add("NetworkPolicy", name, minutes=25, spec={
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": app.name}}, "policyTypes": ["Egress"], "egress": [rule]})  # fmt: skip
    for pod in c.pods(app):
        c.crash(pod, 1, lines.timed_out(app.runtime, host, int(port), c.address(host)), ran=1)
    return Truth(app=app.name, objects=(("NetworkPolicy", name),), facts=(name,))


@fault("ingress_backend_missing", at="shop/storefront search/query-api edge/frontend")
def wrong_backend(c: Cluster, app: App) -> Truth:
    name = f"{c.namespace}-public"
    wrong = f"{app.name}-web"
    c.get("Ingress", name)["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] = wrong
    return Truth(objects=(("Ingress", name),), facts=(wrong,))


@fault("ingress_backend_missing", at="clinic/gateway monitoring/grafana")
def wrong_backend_port(c: Cluster, app: App) -> Truth:
    name = f"{c.namespace}-public"
    c.get("Ingress", name)["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["port"] = {"number": 80}
    return Truth(objects=(("Ingress", name),), facts=("80",))


@fault("ingress_class_missing", at="blog/wordpress edge/frontend")
def wrong_class(c: Cluster, app: App) -> Truth:
    name = f"{c.namespace}-public"
    ingress = c.get("Ingress", name)
    ingress["spec"]["ingressClassName"] = "nginx-internal"
    ingress["status"] = {"loadBalancer": {}}
    ingress["metadata"]["creationTimestamp"] = c.get("Namespace", c.namespace)["metadata"]["creationTimestamp"]
    return Truth(objects=(("Ingress", name),), facts=("nginx-internal",))


@fault("tls_secret_missing", at="shop/storefront monitoring/grafana")
def tls_secret(c: Cluster, app: App) -> Truth:
    name = f"{c.namespace}-public"
    ingress = c.get("Ingress", name)
    secret = f"{c.namespace}-wildcard"
    ingress["spec"]["tls"][0]["secretName"] = secret
    c.event(ingress, "Sync", "Scheduled for sync", kind="Normal", source="nginx-ingress-controller")
    c.add("Certificate", secret, status={"conditions": [{"type": "Ready", "status": "False", "reason": "DoesNotExist", "message": "Issuing certificate as Secret does not exist", "lastTransitionTime": "2026-10-04T00:00:00Z"}]},
          spec={"secretName": secret, "issuerRef": {"name": "letsencrypt", "kind": "ClusterIssuer"}, "dnsNames": [f"{c.namespace}.acme.example"]})["apiVersion"] = "cert-manager.io/v1"  # fmt: skip
    return Truth(objects=(("Ingress", name), ("Certificate", secret)), facts=(secret,))
