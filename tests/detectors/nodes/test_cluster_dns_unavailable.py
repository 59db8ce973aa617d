from typing import Any

import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import NOON, condition, deployment, make, only, pod, status, when

TYPE = "ClusterDNSUnavailable"
LABELS = {"k8s-app": "kube-dns"}


def service(name: str = "kube-dns", *, ago: float = 90_000, cluster_ip: str = "10.96.0.10", **more: Any) -> KubeObject:
    spec = {"selector": LABELS, "clusterIP": cluster_ip}
    return make("Service", name=name, namespace=more.pop("namespace", "kube-system"), ago=ago, meta={"labels": LABELS}, spec=spec)


def pieces(*, ready: bool, of: str = "kube-dns", namespace: str = "kube-system") -> KubeObject:
    meta = {"labels": {"kubernetes.io/service-name": of}}
    endpoints = [{"addresses": ["10.0.0.1"], "conditions": {"ready": ready}}]
    return make("EndpointSlice.discovery.k8s.io", name=f"{of}-x", namespace=namespace, meta=meta, endpoints=endpoints)


def broken(ago: float = 100) -> KubeObject:
    return pod(
        status("coredns", ready=False),
        name="coredns-1",
        namespace="kube-system",
        labels=LABELS,
        conditions=[condition("Ready", "False", ago=ago)],
    )


def test_opens_half_a_minute_after_the_last_pod_was_lost() -> None:
    [finding] = only(TYPE, service(), pieces(ready=False), broken())
    assert (str(finding.subject), finding.severity) == ("Cluster/cluster", Severity.CRITICAL)
    assert (finding.since, finding.opens_at) == (when(100), when(70))


def test_zero_replicas_are_no_excuse() -> None:
    top = deployment("coredns", replicas=0, available=0, namespace="kube-system", labels=LABELS)
    [finding] = only(TYPE, service(), pieces(ready=False), top)
    assert (finding.is_onset_unknown, finding.since) == (True, NOON)
    assert finding.facts["workloads"] == ["Deployment/kube-system/coredns"]


def test_its_label_finds_it_under_another_name() -> None:
    assert len(only(TYPE, service("rke2-coredns"), pieces(ready=False, of="rke2-coredns"))) == 1


def test_a_new_cluster_gets_five_minutes() -> None:
    [finding] = only(TYPE, service(ago=120), pieces(ready=False), broken())
    assert finding.opens_at == when(120 - 300)


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([service(), pieces(ready=True), broken()], id="another pod answers"),
        pytest.param([service()], id="endpoints not seen"),
        pytest.param([service(cluster_ip="None"), pieces(ready=False)], id="headless, for metrics"),
        pytest.param([service(namespace="shop"), pieces(ready=False, namespace="shop")], id="somebody's own"),
    ],
)
def test_available_dns_and_other_services_are_no_issue(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []
