"""Columns of Services and of what leads to them."""

from collections.abc import Mapping

from optral.kube.columns.fields import Cell, Column, Read, Tree, listed, pairs, part, parts, ports, text, texts


def _service(tree: Tree) -> Mapping[str, Cell]:
    spec = part(tree, "spec")
    return {
        "type": text(spec, "type"),
        "clusterIP": text(spec, "clusterIP"),
        "externalIP": listed([*_addresses(tree), *texts(spec, "externalIPs"), text(spec, "externalName")]),
        "ports": ports(spec),
        "selector": pairs(part(spec, "selector")),
    }


def _ingress(tree: Tree) -> Mapping[str, Cell]:
    spec = part(tree, "spec")
    return {
        "class": text(spec, "ingressClassName"),
        "hosts": listed(text(rule, "host") or "*" for rule in parts(spec, "rules")),
        "address": listed(_addresses(tree)),
        "tls": listed(host for one in parts(spec, "tls") for host in texts(one, "hosts")),
    }


def _addresses(tree: Tree) -> list[str]:
    return [text(one, "ip") or text(one, "hostname") for one in parts(part(tree, "status", "loadBalancer"), "ingress")]


def _slice(tree: Tree) -> Mapping[str, Cell]:
    endpoints = parts(tree, "endpoints")
    ready = sum(part(endpoint, "conditions").get("ready") is not False for endpoint in endpoints)
    return {"ready": f"{ready}/{len(endpoints)}", "ports": ports(tree), "addressType": text(tree, "addressType")}


def _ingress_class(tree: Tree) -> Mapping[str, Cell]:
    return {"controller": text(part(tree, "spec"), "controller")}


def _route(tree: Tree) -> Mapping[str, Cell]:
    spec = part(tree, "spec")
    return {"hosts": listed(texts(spec, "hostnames")), "parents": listed(text(one, "name") for one in parts(spec, "parentRefs"))}


def _gateway(tree: Tree) -> Mapping[str, Cell]:
    spec = part(tree, "spec")
    return {
        "class": text(spec, "gatewayClassName"),
        "address": listed(text(one, "value") for one in parts(part(tree, "status"), "addresses")),
        "ports": listed(text(one, "port") for one in parts(spec, "listeners")),
    }


_PORTS = Column("ports", "Ports", "With the port of the node where there is one")
_HOSTS = Column("hosts", "Hosts", "`*` stands for every host")
_ADDRESS = Column("address", "Address", "Where it can be reached")
KINDS: dict[str, tuple[tuple[Column, ...], Read]] = {
    "Service": (
        (
            Column("type", "Type", "How it is exposed"),
            Column("clusterIP", "Cluster IP", "`None` for a headless Service"),
            Column("externalIP", "External IP", "Addresses outside the cluster"),
            _PORTS,
            Column("selector", "Selector", "The labels of its pods", wide=True),
        ),
        _service,
    ),
    "Ingress.networking.k8s.io": (
        (Column("class", "Class", "The IngressClass"), _HOSTS, _ADDRESS, Column("tls", "TLS hosts", "Hosts with a certificate", wide=True)),
        _ingress,
    ),
    "IngressClass.networking.k8s.io": ((Column("controller", "Controller", "What serves its Ingresses"),), _ingress_class),
    "EndpointSlice.discovery.k8s.io": (
        (
            Column("ready", "Ready", "Ready endpoints of all endpoints"),
            _PORTS,
            Column("addressType", "Address type", "IPv4, IPv6 or FQDN", wide=True),
        ),
        _slice,
    ),
    "HTTPRoute.gateway.networking.k8s.io": ((_HOSTS, Column("parents", "Parents", "The Gateways it is attached to")), _route),
    "Gateway.gateway.networking.k8s.io": ((Column("class", "Class", "The GatewayClass"), _ADDRESS, _PORTS), _gateway),
}
