"""What finding costs with 100,000 objects and 20,000 open issues stored, on both databases: search, a label filter, a map of 10,000 pods.

Each is measured as the time until the answer and as CPU of the server and the database together, which hardly depends on what else the
machine does. The baseline is `/v1/me`, which reads one row.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import httpx2
import psycopg

from lab.bench.processes import children, cpu_s
from lab.bench.rows import Options, Row, open_platform, open_source, stored_issues
from tests.support.platform import Platform, until

WORKLOADS, EACH = 20_000, 5  # one pod of each workload fails
MAPPED = 10_000
ROUNDS = 12
ENGINES = ("SQLite", "PostgreSQL")


class Cost(NamedTuple):
    """Of some requests: the 95th percentile of the time until the answer, and the mean CPU of all processes for one of them."""

    p95_ms: float
    cpu_ms: float


def search(options: Options) -> Iterator[Row]:
    """Names, beginnings and parts of names, pods as they are pasted, words of titles, and text that nothing has."""
    for engine in ENGINES:
        with _filled(engine) as platform:
            _settle(platform)
            plain = _cost(platform, ["/v1/me"] * 100)
            for what, texts in _texts(platform).items():
                found = _cost(platform, [f"/v1/search?q={quote(text)}" for text in texts])
                yield from _rows(f"search, {what}, {engine}", found, plain, most_ms=100)


def labels(options: Options) -> Iterator[Row]:
    """Resources and issues by a label: one that five objects have, one that a twentieth has, one that none has."""
    for engine in ENGINES:
        with _filled(engine) as platform:
            _settle(platform)
            plain = _cost(platform, ["/v1/me"] * 100)
            for what, pairs in _labels().items():
                found = _cost(platform, [f"/v1/resources?label={quote(pair)}" for pair in pairs])
                yield from _rows(f"label of {what}, {engine}", found, plain, most_ms=100)


def cluster_map(options: Options) -> Iterator[Row]:
    """The map of a cluster with 10,000 pods by a server that has just started: nothing of it is in memory."""
    for engine in ENGINES:
        with _filled(engine, workloads=MAPPED // EACH) as platform:
            cluster = platform.call("GET", "/v1/clusters")["clusters"][0]["id"]
            colds: list[Cost] = []
            for _ in range(options.runs):
                platform.kill_server()
                platform.start_server()
                plain = _cost(platform, ["/v1/me"] * 20)
                colds.append(_cost(platform, [f"/v1/clusters/{cluster}/map"]))
            yield from _rows(
                f"first map of {MAPPED:,} pods, {engine}",
                Cost(*(statistics.median(one[at] for one in colds) for at in range(2))),
                plain,
                200,
            )


def _filled(engine: str, workloads: int = WORKLOADS) -> "_Filled":
    return _Filled(engine, workloads)


class _Filled:
    """A server on this database with the fleet in it."""

    def __init__(self, engine: str, workloads: int) -> None:
        self._platform = open_platform(engine)
        self._fleet = ("--workloads", str(workloads), "--each", str(EACH), "--failing-every", str(EACH), "--no-environment")
        self._workloads = workloads

    def __enter__(self) -> Platform:
        platform = self._platform.__enter__()
        with open_source(platform, *self._fleet) as source:
            source.next()
            until(lambda: _stored(platform) >= self._workloads, within_s=900, every_s=1, what="every failing pod to have its issue")
        return platform

    def __exit__(self, *error: object) -> None:
        self._platform.__exit__(*error)  # type: ignore[arg-type]


def _stored(platform: Platform) -> int:
    if platform.database_url is None:
        return stored_issues(platform)
    with psycopg.connect(platform.database_url) as connection:
        connection.execute("SELECT set_config('optral.org', '*', false)")
        return int(connection.execute("SELECT count(*) FROM issues").fetchall()[0][0])


def _settle(platform: Platform) -> None:
    """Wait until the server has caught up: analyses of new issues would be counted as the cost of what is measured."""
    assert platform.server is not None
    pid = platform.server.pid

    def is_idle() -> bool:
        before = cpu_s(pid)
        time.sleep(2)
        return cpu_s(pid) - before < 0.2

    until(is_idle, within_s=900, every_s=1, what="the server to be idle")


def _texts(platform: Platform) -> dict[str, list[str]]:
    rng = random.Random(1)
    numbers = [rng.randrange(1000, WORKLOADS) for _ in range(ROUNDS)]
    pods = [platform.call("GET", f"/v1/search?q=service-{number}-")["resources"][0]["name"] for number in numbers]
    return {
        "whole name": [f"service-{number}" for number in numbers],
        "beginning": [f"service-{number // 10}" for number in numbers] + ["s", "se", "service"],
        "part of a name": [f"ervice-{number}" for number in numbers] + [str(number) for number in numbers],
        "name of a pod": pods,
        "its last word": [pod.rpartition("-")[2] for pod in pods],
        "in a namespace": [f"team-{number % 20:02}/service-{number}" for number in numbers],
        "title": ["memory", "killed", "limit", "main of"] * 3,
        "nothing": [f"checkout-{number}" for number in numbers] + ["payments api", "registry.example.org/api:1.2"],
    }


def _labels() -> dict[str, list[str]]:
    rng = random.Random(1)
    return {
        "5 objects": [f"app.kubernetes.io/name:service-{rng.randrange(1000, WORKLOADS)}" for _ in range(ROUNDS)],
        "5,000 objects": [f"team:team-{number:02}" for number in range(ROUNDS)],
        "no object": [f"team:nobody-{number}" for number in range(ROUNDS)],
    }


def _rows(what: str, found: Cost, plain: Cost, most_ms: float) -> Iterator[Row]:
    base = f"/v1/me {plain.cpu_ms:.1f} ms CPU"
    yield Row(what + ", p95", found.p95_ms, "ms", f"<= {most_ms:.0f}", found.p95_ms <= most_ms)
    yield Row("  CPU, server and database", found.cpu_ms, "ms", "-", None, base, found.cpu_ms / max(0.01, plain.cpu_ms))


def _cost(platform: Platform, paths: Sequence[str]) -> Cost:
    took: list[float] = []
    with httpx2.Client(base_url=platform.url, headers={"Authorization": f"Bearer {platform.key}"}, timeout=60) as client:
        client.get("/v1/me").raise_for_status()
        before = _cpu_s(platform)
        for path in paths:
            began = time.perf_counter()
            client.get(path).raise_for_status()
            took.append(time.perf_counter() - began)
        used = _cpu_s(platform) - before
    ordered = sorted(took)
    return Cost(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))] * 1000, used / len(paths) * 1000)


def _cpu_s(platform: Platform) -> float:
    assert platform.server is not None
    used = cpu_s(platform.server.pid)
    if platform.database_url is None:
        return used
    folder = Path(platform.database_url.partition("host=")[2])
    postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    return used + sum(map(cpu_s, children(postmaster)))


ROWS: dict[str, Callable[[Options], Iterator[Row]]] = {"search": search, "labels": labels, "map": cluster_map}
