"""From the series of a Prometheus to what workloads answered: only pods that the agent knows count, and only for their own cluster."""

from collections.abc import AsyncIterator, Callable

import pytest

from optral.agent.prometheus import client, rings
from optral.agent.prometheus.client import Settings
from optral.agent.prometheus.collector import Reader
from optral.agent.prometheus.identity import Proof
from optral.agent.prometheus.rings import UNKNOWN, Reading
from optral.agent.watching.pod_index import PodIndex
from tests.agent.prometheus import known
from tests.agent.prometheus.known import HASH, NOW
from tests.agent.prometheus.server import Prometheus

ISTIO = {"name": "istio_request_duration_milliseconds", "reporter": "destination"}
Read = Callable[[], AsyncIterator[Reading]]


@pytest.fixture
def pod_index() -> PodIndex:
    pod_index = PodIndex()
    known.deployment(pod_index, "web", "aaaaa", "bbbbb")
    for index in (0, 1):
        above = known.owner("StatefulSet", "db", "db-uid")
        known.pod(pod_index, f"db-{index}", uid=f"uid-db-{index}", owner=above, app="db", generated=True)
    return pod_index


async def readings(prometheus: Prometheus, pod_index: PodIndex) -> dict[str, Reading]:
    one = client.Prometheus(Settings(prometheus.url))
    reader = Reader(one, pod_index, namespace="", wall=lambda: NOW)
    try:
        await reader.look()
        return {f"{of.kind}/{of.name}": reading for of, (_, reading) in (await reader.readings()).items()}
    finally:
        await one.close()


def info(prometheus: Prometheus, name: str, uid: str, **labels: str) -> None:
    prometheus.add("kube_pod_info", 1, namespace="shop", pod=name, uid=uid, **labels)


async def test_pods_of_a_workload_are_one_histogram(prometheus: Prometheus, pod_index: PodIndex) -> None:
    for suffix, took in (("aaaaa", 40), ("bbbbb", 400)):
        info(prometheus, f"web-{HASH}-{suffix}", f"uid-web-{suffix}")
        prometheus.histogram(**ISTIO, per_second=2, took_ms=took, namespace="shop", pod=f"web-{HASH}-{suffix}")
    prometheus.add("istio_requests_total", 0.2, reporter="destination", response_code="503", namespace="shop", pod=f"web-{HASH}-aaaaa")
    reading = (await readings(prometheus, pod_index))["Deployment/web"]
    assert (reading.per_second, reading.errors, reading.proof) == (4, 0.2, Proof.CLUSTER)
    assert reading.p50_ms == pytest.approx(50)
    assert reading.p95_ms == pytest.approx(475)
    assert sorted((pod.name[-5:], round(pod.p95_ms)) for pod in reading.pods) == [("aaaaa", 48), ("bbbbb", 488)]


@pytest.mark.parametrize(
    ("name", "labels", "unit_ms"),
    [
        ("istio_request_duration_milliseconds", {"reporter": "destination", "namespace": "shop", "pod": "{pod}"}, 1),
        ("response_latency_ms", {"direction": "inbound", "namespace": "shop", "pod": "{pod}"}, 1),
        ("http_server_request_duration_seconds", {"k8s_pod_uid": "uid-web-aaaaa"}, 1000),
        ("http_server_request_duration_seconds", {"k8s_namespace_name": "shop", "k8s_pod_name": "{pod}"}, 1000),
        ("http_server_duration_milliseconds", {"namespace": "shop", "pod": "{pod}"}, 1),
    ],
)
async def test_reads_each_source(prometheus: Prometheus, pod_index: PodIndex, name: str, labels: dict[str, str], unit_ms: float) -> None:
    info(prometheus, f"web-{HASH}-aaaaa", "uid-web-aaaaa")
    placed = {label: value.format(pod=f"web-{HASH}-aaaaa") for label, value in labels.items()}
    prometheus.histogram(name, 2, 80, unit_ms=unit_ms, **placed)
    reading = (await readings(prometheus, pod_index))["Deployment/web"]
    assert (reading.per_second, round(reading.p95_ms)) == (2, 95)  # nobody was faster, so the bucket begins at 0


async def test_requests_that_the_client_or_the_outbound_proxy_counted_do_not_count(prometheus: Prometheus, pod_index: PodIndex) -> None:
    info(prometheus, f"web-{HASH}-aaaaa", "uid-web-aaaaa")
    prometheus.histogram("istio_request_duration_milliseconds", 9, 80, reporter="source", namespace="shop", pod=f"web-{HASH}-aaaaa")
    prometheus.histogram("response_latency_ms", 9, 80, direction="outbound", namespace="shop", pod=f"web-{HASH}-aaaaa")
    assert await readings(prometheus, pod_index) == {}


async def test_requests_through_an_ingress_are_those_of_the_workload_behind_its_service(
    prometheus: Prometheus, pod_index: PodIndex
) -> None:
    known.deployment(pod_index, "ingress-nginx", "ccccc", namespace="ingress")
    known.service(pod_index, "web-svc", {"app": "web"})
    controller = {"controller_namespace": "ingress", "controller_pod": f"ingress-nginx-{HASH}-ccccc"}
    name = "nginx_ingress_controller_response_duration_seconds"
    prometheus.add("kube_pod_info", 1, namespace="ingress", pod=controller["controller_pod"], uid="uid-ingress-nginx-ccccc")
    scraped = {"namespace": "ingress", "service": "ingress-nginx-metrics"}
    prometheus.histogram(name, 2, 80, unit_ms=1000, **controller, **scraped, exported_namespace="shop", exported_service="web-svc")
    found = await readings(prometheus, pod_index)
    assert [(of, reading.per_second, reading.pods) for of, reading in found.items()] == [("Deployment/web", 2, ())]


async def test_a_prometheus_of_several_clusters_does_not_mix_them(prometheus: Prometheus, pod_index: PodIndex) -> None:
    """Both clusters run the same StatefulSet: the same namespace and names, other uids."""
    for cluster, prefix, took in (("eu", "uid", 40), ("us", "other", 4000)):
        for index in (0, 1):
            info(prometheus, f"db-{index}", f"{prefix}-db-{index}", cluster=cluster)
            prometheus.histogram(**ISTIO, per_second=2, took_ms=took, namespace="shop", pod=f"db-{index}", cluster=cluster)
    reading = (await readings(prometheus, pod_index))["StatefulSet/db"]
    assert (reading.per_second, round(reading.p95_ms)) == (4, 48)
    assert all('cluster="eu"' in query for query in prometheus.asked if "istio_request_duration" in query and "bucket" in query)


async def test_clusters_without_a_label_of_their_own_prove_nothing_by_name(prometheus: Prometheus, pod_index: PodIndex) -> None:
    for prefix in ("uid", "other"):
        info(prometheus, "db-0", f"{prefix}-db-0")
    prometheus.histogram(**ISTIO, per_second=2, took_ms=4000, namespace="shop", pod="db-0")
    info(prometheus, f"web-{HASH}-aaaaa", "uid-web-aaaaa")
    prometheus.histogram(**ISTIO, per_second=2, took_ms=40, namespace="shop", pod=f"web-{HASH}-aaaaa")
    assert set(await readings(prometheus, pod_index)) == {"Deployment/web"}


async def test_a_series_with_another_uid_is_another_pod_of_that_name(prometheus: Prometheus, pod_index: PodIndex) -> None:
    name = "http_server_request_duration_seconds"
    prometheus.histogram(name, 2, 80, unit_ms=1000, k8s_pod_uid="other-db-0", k8s_namespace_name="shop", k8s_pod_name="db-0")
    info(prometheus, "db-0", "uid-db-0")
    assert await readings(prometheus, pod_index) == {}


async def test_without_any_uid_only_names_with_a_random_part_count(prometheus: Prometheus, pod_index: PodIndex) -> None:
    for pod in ("db-0", f"web-{HASH}-aaaaa"):
        prometheus.histogram(**ISTIO, per_second=2, took_ms=40, namespace="shop", pod=pod)
    found = await readings(prometheus, pod_index)
    assert {of: reading.proof for of, reading in found.items()} == {"Deployment/web": Proof.NAME}


async def test_without_any_uid_a_name_that_two_clusters_have_does_not_count(prometheus: Prometheus, pod_index: PodIndex) -> None:
    for cluster in ("eu", "us"):
        prometheus.histogram(**ISTIO, per_second=2, took_ms=40, namespace="shop", pod=f"web-{HASH}-aaaaa", cluster=cluster)
    assert await readings(prometheus, pod_index) == {}


async def test_unknown_pods_and_pods_that_just_started_do_not_count(prometheus: Prometheus, pod_index: PodIndex) -> None:
    known.deployment(pod_index, "api", "young", age_s=500)
    for pod, uid in ((f"api-{HASH}-young", "uid-api-young"), (f"gone-{HASH}-aaaaa", "uid-gone")):
        info(prometheus, pod, uid)
        prometheus.histogram(**ISTIO, per_second=2, took_ms=4000, namespace="shop", pod=pod)
    assert await readings(prometheus, pod_index) == {}


async def test_jobs_have_no_latency(prometheus: Prometheus, pod_index: PodIndex) -> None:
    known.pod(pod_index, "report-xyzab", uid="uid-report", owner=known.owner("Job", "report", "report-uid", "batch/v1"))
    info(prometheus, "report-xyzab", "uid-report")
    prometheus.histogram(**ISTIO, per_second=2, took_ms=4000, namespace="shop", pod="report-xyzab")
    assert await readings(prometheus, pod_index) == {}


async def test_of_few_requests_no_percentile_is_known(prometheus: Prometheus, pod_index: PodIndex) -> None:
    info(prometheus, f"web-{HASH}-aaaaa", "uid-web-aaaaa")
    prometheus.histogram(**ISTIO, per_second=0.3, took_ms=4000, namespace="shop", pod=f"web-{HASH}-aaaaa")
    reading = (await readings(prometheus, pod_index))["Deployment/web"]
    assert (reading.per_second, reading.p95_ms) == (0.3, UNKNOWN)


@pytest.mark.parametrize(
    ("buckets", "share", "expected"),
    [
        ({100.0: 5, 200.0: 10, float("inf"): 10}, 0.5, 100),
        ({100.0: 5, 200.0: 10, float("inf"): 10}, 0.75, 150),
        ({100.0: 0, float("inf"): 10}, 0.95, 100),
        ({float("inf"): 10}, 0.95, UNKNOWN),
        ({100.0: 10}, 0.95, UNKNOWN),
        ({}, 0.95, UNKNOWN),
    ],
    ids=["at a bound", "within a bucket", "beyond the last bound", "no bounds", "no total", "nothing"],
)
def test_percentiles_are_those_of_promql(buckets: dict[float, float], share: float, expected: float) -> None:
    assert rings.percentile(buckets, share) == pytest.approx(expected)
