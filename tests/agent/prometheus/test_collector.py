"""What reaches the control plane: reports while a workload is slower than usual, with what it may call, and nothing otherwise."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from optral.agent.prometheus import client
from optral.agent.prometheus.client import Settings
from optral.agent.prometheus.collector import UNREACHABLE_AFTER, Collector
from optral.agent.watching.pod_index import PodIndex
from optral.kit.tasks import Tasks
from optral.kube.kinds import BY_ID, WORKLOAD_TRAFFIC, Kind
from optral.kubeapi.reflector import RawObject
from tests.agent.prometheus import known
from tests.agent.prometheus.known import HASH, NOW
from tests.agent.prometheus.server import Prometheus

NAME = "istio_request_duration_milliseconds"


class Cluster:
    """Two workloads with requests, one minute after the other."""

    def __init__(self, prometheus: Prometheus) -> None:
        self.prometheus, self.pod_index, self.now = prometheus, PodIndex(), float(NOW)
        known.deployment(self.pod_index, "web", "aaaaa")
        known.deployment(self.pod_index, "api", "bbbbb")
        self.collector = Collector(client.Prometheus(Settings(prometheus.url)), self.pod_index, wall=lambda: self.now)
        self.collector.reader.prometheus._monotonic = lambda: self.now

    async def minutes(self, count: int, *, web_ms: float = 40, per_second: float = 5, failing: float = 0) -> None:
        for _ in range(count):
            self.now += 60
            self._count(web_ms, per_second, failing)
            await self.collector.round()

    def _count(self, web_ms: float, per_second: float, failing: float) -> None:
        self.prometheus.series.clear()
        for name, suffix, took, rate in (("web", "aaaaa", web_ms, per_second), ("api", "bbbbb", 20, 5)):
            pod = {"namespace": "shop", "pod": f"{name}-{HASH}-{suffix}"}
            self.prometheus.add("kube_pod_info", 1, uid=f"uid-{name}-{suffix}", **pod)
            self.prometheus.histogram(NAME, rate, took, reporter="destination", **pod)
        web = {"namespace": "shop", "pod": f"web-{HASH}-aaaaa"}
        self.prometheus.add("istio_requests_total", failing * per_second, reporter="destination", response_code="500", **web)
        for moment, packets in (("", 60), (" offset 3600s", 45)):
            self.prometheus.add(f"container_network_transmit_packets_total{moment}", packets, **web)
        for what, count in (("RetransSegs", 3), ("OutSegs", 100)):
            self.prometheus.add(f"node_netstat_Tcp_{what}", count, namespace="monitoring", pod="node-exporter-x1y2z")

    def reports(self) -> dict[str, dict[str, Any]]:
        return {seen.name: json.loads(seen.raw) for seen in self.collector._seen.values()}


@pytest.fixture
async def cluster(prometheus: Prometheus) -> AsyncIterator[Cluster]:
    made = Cluster(prometheus)
    yield made
    await made.collector.reader.prometheus.close()


async def test_nothing_is_reported_of_workloads_that_are_as_usual(cluster: Cluster) -> None:
    await cluster.minutes(20)
    assert cluster.collector.why_silent == "the usual level of requests is not known yet"
    await cluster.minutes(60)
    assert (cluster.collector.why_silent, cluster.reports()) == ("", {})


async def test_a_slow_workload_is_reported_with_its_usual_level_and_what_it_may_call(cluster: Cluster) -> None:
    exporter = known.owner("DaemonSet", "node-exporter", "exporter-uid")
    known.pod(cluster.pod_index, "node-exporter-x1y2z", uid="uid-exporter", owner=exporter, namespace="monitoring")
    await cluster.minutes(60)
    await cluster.minutes(15, web_ms=400)
    assert list(cluster.reports()) == ["deployment-web", "deployment-api"]
    web = cluster.reports()["deployment-web"]
    assert web["metadata"]["ownerReferences"] == [
        {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "web-uid", "controller": True}
    ]
    status = web["status"]
    assert status["latency"] == {"p50Ms": 375.0, "p95Ms": 487.5, "p99Ms": 497.5, "levelMs": 487.5, "usualMs": 48.8}
    assert (status["source"], status["provenBy"], status["requests"]["count"]) == ("istio", "cluster", 3000)
    packets = [(pod["name"], pod["sentPerSecond"], pod["sentBeforePerSecond"]) for pod in status["pods"]]
    assert packets == [(f"web-{HASH}-aaaaa", 60, 45)]
    assert status["nodes"] == [{"name": "node-1", "retransmitShare": 0.03}]
    assert len(status["series"]["p95Ms"]) == 30
    assert (status["series"]["p95Ms"][0], status["series"]["p95Ms"][-1]) == (48.8, 487.5)


async def test_a_short_peak_is_not_reported(cluster: Cluster) -> None:
    await cluster.minutes(60)
    await cluster.minutes(7, web_ms=4000)
    await cluster.minutes(8)
    assert cluster.reports() == {}


async def test_requests_that_take_little_longer_are_not_reported(cluster: Cluster) -> None:
    await cluster.minutes(60, web_ms=20)
    await cluster.minutes(15, web_ms=40)
    assert cluster.reports() == {}


async def test_a_workload_with_few_requests_is_never_slow(cluster: Cluster) -> None:
    await cluster.minutes(60, per_second=0.2)
    await cluster.minutes(15, web_ms=4000, per_second=0.2)
    assert cluster.reports() == {}


async def test_requests_that_fail_are_reported(cluster: Cluster) -> None:
    await cluster.minutes(60)
    await cluster.minutes(15, failing=0.25)
    errors = cluster.reports()["deployment-web"]["status"]["errors"]
    assert errors == {"share": 0.25, "levelShare": 0.25, "usualShare": 0.0}


async def test_what_was_slow_stays_reported_for_half_an_hour_and_never_becomes_the_usual_level(cluster: Cluster) -> None:
    await cluster.minutes(60)
    await cluster.minutes(240, web_ms=400)
    assert cluster.reports()["deployment-web"]["status"]["latency"]["usualMs"] == 48.8
    await cluster.minutes(25)
    assert "deployment-web" in cluster.reports()
    await cluster.minutes(15)
    assert cluster.reports() == {}


@pytest.mark.slow
async def test_what_was_slow_for_a_day_is_the_usual_level(cluster: Cluster) -> None:
    await cluster.minutes(60)
    await cluster.minutes(26 * 60, web_ms=400)
    assert cluster.reports() == {}


async def test_a_workload_that_is_gone_is_not_reported(cluster: Cluster) -> None:
    await cluster.minutes(60)
    await cluster.minutes(15, web_ms=400)
    cluster.pod_index.delete(BY_ID["Pod"], RawObject("uid-web-aaaaa", "shop", f"web-{HASH}-aaaaa", "2", b""))
    await cluster.minutes(15, web_ms=400)
    assert "deployment-web" not in cluster.reports()


class Stream:
    """What a control plane would be sent, in order."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._news = asyncio.Event()

    def _note(self, what: str) -> None:
        self.calls.append(what)
        self._news.set()

    def begin(self, kind: Kind) -> None:
        self._note("begin")

    def upsert(self, kind: Kind, seen: RawObject) -> None:
        self._note(seen.name)

    def delete(self, kind: Kind, seen: RawObject) -> None:
        self._note(f"without {seen.name}")

    def end(self, kind: Kind, resource_version: str) -> None:
        self._note("end")

    def forbidden(self, kind: Kind, message: str) -> None:
        self._note("forbidden")

    def gone(self, kind: Kind) -> None:
        self._note("gone")

    def on_failure(self, kind: Kind, error: Exception, retry_s: float) -> None: ...

    async def room(self, kind: Kind) -> None: ...

    async def until(self, what: str) -> None:
        async with asyncio.timeout(20):
            while what not in self.calls:
                self._news.clear()
                await self._news.wait()


async def test_the_kind_is_not_served_before_the_usual_level_is_known_and_while_prometheus_is_away(cluster: Cluster) -> None:
    stream, tasks = Stream(), Tasks(lambda name, error: pytest.fail(f"{name}: {error!r}"))
    changes: list[str] = []
    cluster.collector.on_change = lambda: changes.append(cluster.collector.state)
    tasks.start("follow", cluster.collector.follow(WORKLOAD_TRAFFIC, stream))
    await stream.until("gone")
    await cluster.minutes(60)
    await stream.until("end")
    await cluster.minutes(15, web_ms=400)
    await stream.until("deployment-web")
    stream.calls.clear()
    cluster.prometheus.status = 503
    await cluster.minutes(UNREACHABLE_AFTER)
    await stream.until("gone")
    assert (cluster.collector.state, changes) == ("unreachable", ["unreachable"])
    assert cluster.collector.why_silent == "it refuses a query (503): too many samples"
    cluster.prometheus.status = 200
    await cluster.minutes(1, web_ms=400)
    await stream.until("deployment-web")
    await tasks.stop()
    assert changes == ["unreachable", "on"]


async def test_a_prometheus_that_is_away_at_the_start_is_said_at_once(prometheus: Prometheus) -> None:
    prometheus.status = 503
    collector = Collector(client.Prometheus(Settings(prometheus.url)), PodIndex())
    await collector.check()
    await collector.reader.prometheus.close()
    assert collector.state == "unreachable"


async def test_a_minute_costs_two_queries_for_each_source_that_is_there(cluster: Cluster) -> None:
    await cluster.minutes(12)
    cluster.prometheus.asked.clear()
    await cluster.minutes(1)
    assert len(cluster.prometheus.asked) == 2
