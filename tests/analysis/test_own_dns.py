"""A pod whose own DNS settings keep it from its servers, with and without a log line; and set-ups in which they do not."""

from typing import Any

import pytest

from optral.analysis.model import Explanation
from tests.analysis.cases.base import crash
from tests.analysis.cases.calls import ADDRESS, store
from tests.analysis.cases.comparisons import UNRESOLVED
from tests.analysis.cases.shared import UNLINKED, bakery, best, fleet
from tests.analysis.cluster import World, obj, service

DNS = {"dns_policy_wrong", "dns_config_wrong"}
SLOW = "redis: dial: i/o timeout"
REFUSED = "dial tcp store:6379: connect: connection refused"
STORE = store(clusterIP="10.96.0.20")
OUTSIDE = (service("store", selector={}, ports=[{"port": 6379}], clusterIP="10.96.0.20"),)
CACHE = {"nameservers": ["169.254.20.10"], "searches": ["orders.svc.cluster.local"]}
OF_NODE = {"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}


def alias(ip: str, *hosts: str) -> dict[str, Any]:
    return {"hostAliases": [{"ip": ip, "hostnames": list(hosts)}]}


def named(asked: tuple[World, Explanation]) -> set[str]:
    return {one["id"] for one in asked[1].body["hypotheses"]}


def test_a_sidecar_that_gets_no_answer_of_the_name_server_tells() -> None:
    of = {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["10.9.9.9"], "searches": ["orders.svc.cluster.local"]}}
    stack = bakery(failing={"flour": UNLINKED}, specs={"flour": of})
    world = stack.world()
    owner, failing = (next(one for one in world.objects if one["metadata"]["name"] == name) for name in ("flour", "flour-x"))
    failing["spec"]["containers"].append({"name": "proxy", "image": "registry.test/proxy:1"})
    told = "lookup control.mesh-system.svc on 10.9.9.9:53: read udp 10.0.0.7:51009->10.9.9.9:53: i/o timeout"
    world.logs[("flour-x", "proxy")] = told
    found = world.ask("CrashLoopBackOff", failing, owner=owner, container="flour")
    assert best(found)[:2] == ("dns_policy_wrong", "flour")
    assert "Container `proxy` reports that a name server does not answer" in found.root_cause["explanation"]  # type: ignore[index]


@pytest.mark.parametrize("line", [SLOW, "connect store:6379: no route to host"])
def test_an_alias_that_hides_a_service_behind_another_address_is_named(line: str) -> None:
    found = crash(1, line, spec=ADDRESS, extra=STORE, **alias("10.1.2.3", "store"))[1]
    assert best(found)[:2] == ("dns_config_wrong", "api")
    assert "`hostAliases` resolves `store` to `10.1.2.3`" in found.root_cause["explanation"]  # type: ignore[index]


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(crash(1, SLOW, spec=ADDRESS, extra=STORE, **alias("10.96.0.20", "store")), id="the address of the Service"),
        pytest.param(crash(1, SLOW, spec=ADDRESS, extra=OUTSIDE, **alias("10.1.2.3", "store")), id="a Service with endpoints of its own"),
        pytest.param(crash(1, SLOW, spec=ADDRESS, extra=STORE, **alias("10.1.2.3", "files.corp.example")), id="another host"),
        pytest.param(crash(1, "panic: nil", spec=ADDRESS, extra=STORE, **alias("10.1.2.3", "store")), id="an error of its own"),
        pytest.param(crash(1, REFUSED, spec=ADDRESS, extra=STORE, dnsPolicy="Default"), id="the name has been resolved"),
        pytest.param(crash(1, "", spec=ADDRESS, extra=STORE), id="the cluster's DNS"),
        pytest.param(crash(1, "", spec=ADDRESS, extra=STORE, dnsConfig={"options": [{"name": "ndots", "value": "2"}]}), id="fewer ndots"),
        pytest.param(crash(1, "", extra=STORE, dnsPolicy="Default"), id="it calls no Service"),
        pytest.param(crash(137, "", spec=ADDRESS, extra=STORE, dnsPolicy="Default"), id="it was killed"),
        pytest.param(
            crash(1, "", spec=ADDRESS, extra=STORE, dnsPolicy="None", dnsConfig=CACHE),
            id="the cache of the node",
        ),
        pytest.param(crash(1, "", spec=ADDRESS, extra=STORE, **OF_NODE), id="the node's network"),
    ],
)
def test_settings_that_keep_no_name_from_resolving_are_not_named(asked: tuple[World, Explanation]) -> None:
    assert not DNS & named(asked)


@pytest.mark.parametrize("line", ["", "dial: i/o timeout"])
def test_search_domains_say_nothing_where_the_name_of_the_server_is_in_a_secret(line: str) -> None:
    """It may be the full name, which needs no search domain."""
    cache = {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["169.254.20.10"], "searches": ["corp.example"]}}
    found = fleet(failing={"routes": line}, specs={"routes": cache}).ask("routes")
    assert not DNS & {one["id"] for one in found.body["hypotheses"]}


def test_dns_settings_that_a_caller_shares_with_one_that_works_are_less_certain() -> None:
    of = {"dnsPolicy": "Default"}
    alone = fleet(failing={"routes": ""}, specs={"routes": of}).ask("routes")
    both = fleet(failing={"routes": ""}, specs=dict.fromkeys(("routes", "drivers", "billing", "telemetry"), of)).ask("routes")
    assert best(alone)[0] == "dns_policy_wrong"
    assert both.confidence < alone.confidence


@pytest.mark.parametrize("name", ["kube-dns", "rke2-coredns"])
def test_a_private_name_server_that_does_not_resolve_a_service_is_named_where_the_cluster_has_its_dns(name: str) -> None:
    """The Service of the cluster's DNS needs no label: it is in kube-system and has port 53."""
    ports = {"clusterIP": "10.96.0.10", "ports": [{"port": 53, "protocol": "UDP"}]}
    dns = obj("v1", "Service", name, namespace="kube-system", spec=ports)
    own = {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["10.43.0.10"], "searches": ["orders.svc.cluster.local"]}}
    assert best(crash(1, UNRESOLVED, spec=ADDRESS, extra=(*STORE, dns), **own)[1])[:2] == ("dns_policy_wrong", "api")
