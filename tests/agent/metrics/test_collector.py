"""Kubelets read over TLS, and what goes into the stream to the control plane."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from optral.agent.metrics.collector import NOT_YET, Collector
from optral.agent.metrics.kubelet import SKIP, VERIFY, Kubelets
from optral.detectors.pods import cpu_throttled
from optral.kit.tasks import Tasks
from optral.kube.kinds import NODE_USAGE, POD_USAGE, USAGE_KINDS, Kind
from optral.kubeapi.client import KubeClient
from optral.kubeapi.credentials import _tls_for
from optral.kubeapi.reflector import RawObject
from optral.terms.errors import Misconfigured
from optral.terms.verbs import Metrics
from tests.agent.metrics import kubelet as double
from tests.agent.metrics.kubelet import TOKEN, Kubelet
from tests.agent.metrics.node import Use


class Stream:
    """What a control plane would be sent, in order."""

    usage: Collector

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, str]] = []
        self.first: dict[str, RawObject] = {}
        self.last: dict[str, RawObject] = {}
        self._news = asyncio.Event()

    def _note(self, what: str, kind: Kind, text: str = "") -> None:
        self.calls.append((what, kind.name, text))
        self._news.set()

    def begin(self, kind: Kind) -> None:
        self._note("begin", kind)

    def upsert(self, kind: Kind, seen: RawObject) -> None:
        self.first.setdefault(kind.name, seen)
        self.last[kind.name] = seen
        self._note("upsert", kind, seen.name)

    def delete(self, kind: Kind, seen: RawObject) -> None:
        self._note("delete", kind, seen.name)

    def end(self, kind: Kind, resource_version: str) -> None:
        self._note("end", kind)

    def forbidden(self, kind: Kind, message: str) -> None:
        self._note("forbidden", kind, message)

    def gone(self, kind: Kind) -> None:
        self._note("gone", kind, self.usage.why_silent)

    def on_failure(self, kind: Kind, error: Exception, retry_s: float) -> None: ...

    async def room(self, kind: Kind) -> None: ...

    def forget(self) -> None:
        self.calls.clear()
        self.first.clear()

    def of(self, kind: Kind) -> list[tuple[str, str]]:
        return [(what, text) for what, name, text in self.calls if name == kind.name]

    async def until(self, kind: Kind, what: str, text: str = "") -> None:
        async with asyncio.timeout(20):
            while not any(one == what and text in said for one, said in self.of(kind)):
                self._news.clear()
                await self._news.wait()


@pytest.fixture
async def kubelet(tmp_path: Path) -> AsyncIterator[Kubelet]:
    async with double.serving(tmp_path) as kubelet:
        yield kubelet


@pytest.fixture
async def stream(kubelet: Kubelet, request: pytest.FixtureRequest) -> AsyncIterator[Stream]:
    """The stream of a collector that reads without waiting; the parameter is how it checks certificates."""
    kubelet.access.tls_for = partial(_tls_for, {})
    if (tls := getattr(request, "param", VERIFY)) == "another CA":
        kubelet.access.tls, tls = ssl.create_default_context(), VERIFY
    elif tls in (SKIP, "file"):
        kubelet.access.tls = ssl.create_default_context()
        tls = str(kubelet.ca) if tls == "file" else tls
    stream, tasks = Stream(), Tasks(lambda name, error: pytest.fail(f"{name}: {error!r}"))
    async with KubeClient(kubelet.access) as client:
        usage = stream.usage = Collector(client, Kubelets(client, tls=tls), every_s=0.01, wall=lambda: kubelet.at)
        tasks.start("run", usage.run())
        for kind in USAGE_KINDS:
            tasks.start(kind.name, usage.follow(kind, stream))
        yield stream
        await tasks.stop()


@pytest.mark.parametrize("stream", [VERIFY, SKIP, "file"], indirect=True)
async def test_usage_is_reported_once_its_windows_are_full(kubelet: Kubelet, stream: Stream) -> None:
    kubelet.uses = [Use(cpu_limit_millis=100)]
    await stream.until(NODE_USAGE, "upsert", "node-1")
    await stream.until(POD_USAGE, "upsert", "api-1")
    said = stream.of(POD_USAGE)
    assert said[0] == ("gone", NOT_YET)
    assert list(dict.fromkeys(what for what, _ in said)) == ["gone", "begin", "upsert", "end"]
    status = json.loads(stream.last["PodUsage"].raw)["status"]
    assert status["containers"][0]["throttling"]["share"] == 0.5
    assert kubelet.tokens == {f"Bearer {TOKEN}"}
    assert kubelet.asked.count("/metrics/resource") > 3 * kubelet.asked.count("/metrics/cadvisor")


async def test_the_first_reports_cover_the_ten_minutes_that_detectors_ask_for(kubelet: Kubelet, stream: Stream) -> None:
    kubelet.uses = [Use(cpu_limit_millis=100, memory=900, memory_limit=1000)]
    await stream.until(NODE_USAGE, "upsert", "node-1")
    await stream.until(POD_USAGE, "upsert", "api-1")
    [used] = json.loads(stream.first["PodUsage"].raw)["status"]["containers"]
    assert used["throttling"]["windowSeconds"] >= cpu_throttled.WINDOW_S
    assert used["cpu"]["levelMillis"] and json.loads(stream.first["NodeUsage"].raw)["status"]["memory"]["levelBytes"]


async def test_after_a_pause_usage_is_reported_once_its_windows_are_full_again(kubelet: Kubelet, stream: Stream) -> None:
    kubelet.uses = [Use(cpu_limit_millis=100)]
    await stream.until(POD_USAGE, "end")
    kubelet.status = 503
    await stream.until(POD_USAGE, "gone", "503")
    kubelet.at += 3600
    stream.forget()
    kubelet.status = 200
    await stream.until(POD_USAGE, "end")
    [used] = json.loads(stream.first["PodUsage"].raw)["status"]["containers"]
    assert used["throttling"]["windowSeconds"] >= cpu_throttled.WINDOW_S


@pytest.mark.parametrize("stream", ["another CA"], indirect=True)
async def test_a_kubelet_that_signed_its_own_certificate_never_gets_the_token(kubelet: Kubelet, stream: Stream) -> None:
    await stream.until(POD_USAGE, "gone", "not signed by the cluster's CA; see the setting --kubelet-tls")
    assert kubelet.tokens == set() and kubelet.asked == []


async def test_a_role_without_the_rights_asks_no_kubelet(kubelet: Kubelet, stream: Stream) -> None:
    kubelet.may = False
    await stream.until(NODE_USAGE, "forbidden", "does not allow get on nodes/metrics")


async def test_a_kubelet_that_refuses_is_named_with_the_rights_it_wants(kubelet: Kubelet, stream: Stream) -> None:
    kubelet.status = 403
    await stream.until(NODE_USAGE, "gone", "the kubelet of node-1 refuses")


async def test_a_ca_file_that_cannot_be_read_stops_the_agent(kubelet: Kubelet) -> None:
    kubelet.access.tls_for = partial(_tls_for, {})
    async with KubeClient(kubelet.access) as client:
        with pytest.raises(Misconfigured):
            Kubelets(client, tls=str(kubelet.directory / "nothing.crt"))


async def test_the_usage_of_a_pod_is_read_on_demand_also_before_its_windows_are_full(kubelet: Kubelet) -> None:
    kubelet.access.tls_for = partial(_tls_for, {})
    tasks = Tasks(lambda name, error: pytest.fail(f"{name}: {error!r}"))
    async with KubeClient(kubelet.access) as client:
        usage = Collector(client, Kubelets(client), every_s=3600, wall=lambda: kubelet.at)
        await usage._follow_nodes()
        pods = Metrics(namespace="shop", names=("api-1", "other-1"))
        assert await usage.read_now(pods) == ([], dict.fromkeys(pods.names, "no kubelet has reported this pod yet"))
        for _ in range(2):
            await usage._refresh("node-1")
        [found], missing = await usage.read_now(pods)
        assert (json.loads(found.raw)["kind"], found.name, list(missing)) == ("PodUsage", "api-1", ["other-1"])
        [of_node], _ = await usage.read_now(Metrics(kind="Node", names=("node-1",)))
        assert json.loads(of_node.raw)["kind"] == "NodeUsage"
        kubelet.status = 503
        kubelet.at += 600
        _, missing = await usage.read_now(Metrics(kind="Node", names=("node-1", "node-9")))
        assert missing == {"node-9": "no kubelet has reported this node yet"}, "what is known of a node that does not answer now is sent"
        await tasks.stop()
        await usage._tasks.stop()
        await usage._kubelets.close()


async def test_metrics_that_are_a_moment_old_are_not_read_again(kubelet: Kubelet) -> None:
    kubelet.access.tls_for = partial(_tls_for, {})
    async with KubeClient(kubelet.access) as client:
        usage = Collector(client, Kubelets(client), every_s=3600, wall=lambda: double.node.NOON)
        await usage._follow_nodes()
        for _ in range(3):
            await usage.read_now(Metrics(kind="Node", names=("node-1",)))
        assert kubelet.asked.count("/stats/summary") == 1
        await usage._tasks.stop()
        await usage._kubelets.close()
