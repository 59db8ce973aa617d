from typing import Any

import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, make, only, when
from tests.detectors.network.things import caller, server, service, written

TYPE = "ServiceNameUnresolvable"
HOST_NETWORK = {"hostNetwork": True, "dnsPolicy": "ClusterFirst"}
OF_NODE = {"dnsPolicy": "Default"}


def own(*servers: str, searches: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {"dnsPolicy": "None", "dnsConfig": {"nameservers": list(servers), "searches": list(searches)}} | more


def world(pod: dict[str, Any], address: str = "api:80", **more: Any) -> list[KubeObject]:
    dns = service("kube-dns", namespace="kube-system", clusterIP="10.96.0.10")
    return [caller(address, pod=pod, **more), service(), server(), dns]


def test_the_name_servers_of_the_node_do_not_know_services() -> None:
    [finding] = only(TYPE, *world(OF_NODE, meta=written(300)))
    assert (str(finding.subject), finding.severity) == ("Deployment/shop/web", Severity.HIGH)
    assert finding.title == "Deployment shop/web cannot resolve Service api: its pods have dnsPolicy Default"
    assert finding.facts == {
        "host": "api",
        "place": "API_ADDR",
        "service": "shop/api",
        "field": "dnsPolicy",
        "value": "Default",
        "wanted": "ClusterFirst",
    }
    assert (finding.since, finding.opens_at) == (when(300), when(180))


@pytest.mark.parametrize(
    ("pod", "address", "field", "wanted"),
    [
        pytest.param(HOST_NETWORK, "api:80", "dnsPolicy", "ClusterFirstWithHostNet", id="host network"),
        pytest.param({"hostNetwork": True}, "http://api.shop.svc.cluster.local", "dnsPolicy", "ClusterFirstWithHostNet", id="full name"),
        pytest.param(OF_NODE | {"hostNetwork": True}, "api:80", "dnsPolicy", "ClusterFirstWithHostNet", id="both"),
        pytest.param(own("8.8.8.8", "1.1.1.1"), "api:80", "dnsConfig.nameservers", "ClusterFirst", id="public name servers"),
        pytest.param(own("2001:4860:4860::8888"), "api.shop.svc:80", "dnsConfig.nameservers", "ClusterFirst", id="a public one of IPv6"),
        pytest.param(own("10.96.0.10"), "api:80", "dnsConfig.searches", "shop.svc.cluster.local, svc.cluster.local", id="no search domain"),
        pytest.param(
            own("10.96.0.10", searches=("other.svc.cluster.local", "corp.example")),
            "api:80",
            "dnsConfig.searches",
            "shop.svc.cluster.local, svc.cluster.local",
            id="the search domain of another namespace",
        ),
    ],
)
def test_what_keeps_the_name_from_resolving(pod: dict[str, Any], address: str, field: str, wanted: str) -> None:
    [finding] = only(TYPE, *world(pod, address))
    assert (finding.facts["field"], finding.facts["wanted"]) == (field, wanted)


@pytest.mark.parametrize(
    "cluster",
    [
        pytest.param(world({}), id="the cluster's DNS by default"),
        pytest.param(world({"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}), id="host network, and the cluster's DNS"),
        pytest.param(world(OF_NODE, "db.example.com:5432"), id="a host of the internet"),
        pytest.param(world(OF_NODE, "10.0.0.1:80"), id="an address needs no name"),
        pytest.param(world(OF_NODE, "nobody:80"), id="no such Service: see ServiceMissing"),
        pytest.param(world(HOST_NETWORK, "mail.api:25"), id="a host outside that ends in the name of a Service"),
        pytest.param(world(own("10.96.0.10", searches=("shop.svc.cluster.local",))), id="the cluster's DNS by its address"),
        pytest.param(world(own("10.96.0.10", searches=("svc.k8s.corp",)), "api.shop:80"), id="a cluster of another domain"),
        pytest.param(world(own("10.96.0.10"), "http://api.shop.svc.cluster.local"), id="a full name needs no search domain"),
        pytest.param(world(own("169.254.20.10", searches=("shop.svc.cluster.local",))), id="a cache on the node"),
        pytest.param(world(own("10.1.2.3", "8.8.8.8", searches=("shop.svc.cluster.local",))), id="it may forward the cluster's domain"),
        pytest.param(world(OF_NODE | {"dnsConfig": {"nameservers": ["10.96.0.10"]}}), id="the cluster's DNS in addition"),
        pytest.param(world({"dnsConfig": {"options": [{"name": "ndots", "value": "1"}]}}, "api.shop:80"), id="few ndots: glibc searches"),
        pytest.param(world({"dnsConfig": {"searches": ["corp.example"]}}), id="search domains in addition"),
        pytest.param(world(OF_NODE | {"hostAliases": [{"ip": "10.0.0.1", "hostnames": ["api"]}]}), id="its hosts file names it"),
        pytest.param(world(OF_NODE, replicas=0), id="it is off"),
        pytest.param(world(OF_NODE, meta={"deletionTimestamp": at(5)}), id="it goes"),
        pytest.param([caller("web:80", pod=OF_NODE), service("web", selector={"app": "web"})], id="its own name, which it tells others"),
        pytest.param(
            [
                caller("registry.images.svc:5000", "node-resolver", namespace="openshift-dns", pod=HOST_NETWORK),
                service("registry", namespace="images"),
            ],
            id="what runs beside the DNS of the cluster writes its own names",
        ),
        pytest.param(
            [make("DaemonSet.apps", name="exporter", spec={"template": {"spec": HOST_NETWORK}}), service()], id="it calls no Service"
        ),
    ],
)
def test_no_issue(cluster: list[KubeObject]) -> None:
    assert only(TYPE, *cluster) == []
