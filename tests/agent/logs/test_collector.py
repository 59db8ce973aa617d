"""What leaves the cluster of the logs of running containers: signs that come again, redacted, and nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from optral.agent.logs.collector import EXCLUDE, FORBIDDEN, FORBIDDEN_RETRY_S, ON, REPORT_EVERY, TICK_S, Collector
from optral.agent.watching.pod_index import PodIndex
from optral.kube.kinds import BY_ID, LOG_SIGNS, Kind
from optral.kube.redact import Redactor
from optral.kubeapi.client import KubeClient
from optral.kubeapi.reflector import RawObject
from tests.agent.prometheus import known
from tests.support import kubedouble
from tests.support.kubedouble import KubeDouble

NOW = 1_700_000_000.0
NO_NAME = "ERROR dial tcp: lookup store.shop.svc on 10.96.0.10:53: no such host"


def stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "") + ".000000001Z"


class Cluster:
    """A pod with one container, an API server that hands out its log, and a clock that the test moves."""

    def __init__(self, double: KubeDouble, client: KubeClient) -> None:
        self.double, self.pods, self.now, self.excluded = double, PodIndex(), NOW, set[str]()
        self.start("web")
        self.collector = Collector(
            client,
            Redactor(b"a salt of 16 bytes"),
            self.pods,
            is_excluded=lambda namespace: namespace in self.excluded,
            wall=lambda: self.now,
            monotonic=lambda: self.now,
        )

    def start(self, pod: str, *, started_at: float = NOW - 3600, **annotations: str) -> None:
        running = {"name": "app", "state": {"running": {"startedAt": stamp(started_at)[:19] + "Z"}}}
        status = {"startTime": stamp(started_at)[:19] + "Z", "phase": "Running", "containerStatuses": [running]}
        metadata = {"annotations": {name.replace("_", "-"): value for name, value in annotations.items()}}
        self.pods.upsert(BY_ID["Pod"], known.seen(f"uid-{pod}", "shop", pod, {"metadata": metadata, "status": status}))
        self.double.stamped_logs.setdefault((pod, "app", False), [])

    def write(self, text: str, *, pod: str = "web", at: float | None = None) -> None:
        self.double.stamped_logs[pod, "app", False].append((stamp(self.now if at is None else at), text.encode("utf-8", "surrogateescape")))

    async def seconds(self, count: float, line: str = "", *, every: float = 20) -> None:
        """Let time pass, with this line every now and then."""
        ends_at, next_at = self.now + count, self.now
        while self.now < ends_at:
            if line and self.now >= next_at:
                self.write(line)
                next_at += every
            await self.collector.tick()
            self.now += TICK_S

    def reads(self) -> int:
        return sum(request.endswith("/log") for request in self.double.requests)

    def reports(self) -> dict[str, dict[str, Any]]:
        return {seen.name: json.loads(seen.raw) for seen in self.collector._seen.values()}

    def signs(self, pod: str = "web") -> dict[str, dict[str, Any]]:
        report = self.reports().get(pod)
        return {} if report is None else {sign["sign"]: sign for sign in report["status"]["containers"][0]["signs"]}


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    async with kubedouble.serving() as double, KubeClient(double.access) as client:
        yield Cluster(double, client)


async def test_a_sign_that_comes_again_is_reported_with_its_count_and_newest_line(cluster: Cluster) -> None:
    await cluster.seconds(180, NO_NAME)
    sign = cluster.signs()["dependency"]
    assert sign["count"] >= 6
    assert sign["message"] == NO_NAME
    assert sign["names"]["host"] == "store.shop.svc"
    assert sign["firstAt"] < sign["lastAt"]
    (report,) = cluster.reports().values()
    assert (report["kind"], report["metadata"]["namespace"], report["metadata"]["name"]) == ("LogSigns", "shop", "web")
    assert report["metadata"]["ownerReferences"][0]["uid"] == "uid-web"


async def test_no_line_is_counted_twice(cluster: Cluster) -> None:
    for number in range(5):
        cluster.write(NO_NAME, at=NOW - 100 + number * 10)
    await cluster.seconds(300)
    assert cluster.reads() > 3
    assert cluster.signs()["dependency"]["count"] == 5


async def test_healthy_logs_send_nothing(cluster: Cluster) -> None:
    await cluster.seconds(300, "INFO GET /healthz 200 in 3 ms")
    cluster.write(NO_NAME)
    await cluster.seconds(60)
    assert cluster.reports() == {}, "one line is no failure"


async def test_only_the_redacted_line_leaves(cluster: Cluster) -> None:
    await cluster.seconds(120, "ERROR password authentication failed for postgres://shop:hunter2secret@db:5432/shop")
    text = json.dumps(cluster.reports())
    assert "credentials" in cluster.signs()
    assert "hunter2secret" not in text


async def test_a_line_that_says_that_it_recovered_ends_the_report(cluster: Cluster) -> None:
    await cluster.seconds(120, NO_NAME)
    assert cluster.signs()
    cluster.write("INFO connected to store.shop.svc:5432")
    await cluster.seconds(60)
    assert cluster.reports() == {}


async def test_a_container_that_started_again_starts_again(cluster: Cluster) -> None:
    await cluster.seconds(120, NO_NAME)
    cluster.start("web", started_at=cluster.now)
    cluster.double.stamped_logs["web", "app", False].clear()
    await cluster.seconds(60)
    assert cluster.reports() == {}


@pytest.mark.parametrize("how", ["pod", "namespace", "policy"])
async def test_excluded_logs_are_not_read(cluster: Cluster, how: str) -> None:
    if how == "policy":
        cluster.excluded.add("shop")
    elif how == "namespace":
        cluster.pods.upsert(BY_ID["Namespace"], known.seen("n", "", "shop", {"metadata": {"annotations": {EXCLUDE: "false"}}}))
    else:
        cluster.start("web", **{EXCLUDE: "false"})
    await cluster.seconds(120, NO_NAME)
    assert (cluster.reads(), cluster.reports()) == (0, {})


class Sink:
    """What reaches the stream."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def begin(self, kind: Kind) -> None:
        self.said.append("begin")

    def upsert(self, kind: Kind, seen: RawObject) -> None:
        self.said.append(f"upsert {seen.name}")

    def delete(self, kind: Kind, seen: RawObject) -> None:
        self.said.append(f"delete {seen.name}")

    def end(self, kind: Kind, resource_version: str) -> None:
        self.said.append("end")

    def forbidden(self, kind: Kind, message: str) -> None:
        self.said.append(message)

    def gone(self, kind: Kind) -> None: ...

    def on_failure(self, kind: Kind, error: Exception, retry_s: float) -> None: ...

    async def room(self, kind: Kind) -> None: ...


async def test_the_stream_gets_what_changes(cluster: Cluster) -> None:
    sink = Sink()
    task = asyncio.create_task(cluster.collector.follow(LOG_SIGNS, sink))
    await asyncio.sleep(0)
    await cluster.seconds(180, NO_NAME)
    updates = sink.said.count("upsert web")
    cluster.write("INFO reconnected")
    await cluster.seconds(90)
    task.cancel()
    assert sink.said[:2] == ["begin", "end"]
    assert 2 <= updates <= 180 / 60 + 1, "a count that grows is sent once a minute"
    assert sink.said[-1] == "delete web"


async def test_without_permission_one_log_is_tried_every_ten_minutes(cluster: Cluster) -> None:
    changes: list[str] = []
    cluster.collector.on_change = lambda: changes.append(cluster.collector.state)
    cluster.start("api")
    cluster.double.log_errors.update(web=(403, "pods/log is forbidden"), api=(403, "pods/log is forbidden"))
    await cluster.seconds(60)
    first = cluster.reads()
    assert (cluster.collector.state, first) == (FORBIDDEN, 2)
    await cluster.seconds(FORBIDDEN_RETRY_S)
    assert cluster.reads() == first + 1
    cluster.double.log_errors.clear()
    await cluster.seconds(FORBIDDEN_RETRY_S)
    assert (cluster.collector.state, changes) == (ON, [FORBIDDEN, ON])


async def test_a_node_that_does_not_answer_holds_up_no_other(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optral.agent.logs.collector.DEADLINE_S", 0.05)
    cluster.start("silent")
    cluster.double.silent.add("silent")
    await cluster.seconds(120, NO_NAME)
    assert cluster.signs()


@pytest.mark.parametrize(
    "line",
    ["\x1b[2J\x1b]0;title\x07" * 100, "x" * 400_000, "\udcff\udc80", "\x00", "2024-01-01T00:00:00Z ERROR connection refused by other"],
)
async def test_strange_lines_break_nothing(cluster: Cluster, line: str) -> None:
    cluster.write(line)
    await cluster.seconds(120, NO_NAME)
    assert cluster.signs()["dependency"]["message"] == NO_NAME


def test_reports_are_made_a_few_times_a_minute() -> None:
    assert 10 <= REPORT_EVERY * TICK_S <= 30
