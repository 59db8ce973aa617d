"""What one organization's queries cost another's lists: 12 connections of one key ask what costs most, and windows with and without them
take turns in one run, on a calm machine and beside a process that uses a whole core.

The other organization opens its lists 20 times a second. The baseline is the same without the 12 connections, in the same run.
"""

import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import quote

from lab.bench.processes import Lines, python
from lab.bench.rows import Options, Row, open_platform, open_source
from optral.kit import search_keys
from tests.support.platform import Platform, kill, until

ENGINES = ("SQLite", "PostgreSQL")
PODS, EACH, FAILING_EVERY = 20_000, 50, 20
CLUSTERS = 6
CONNECTIONS = 12
RATE = 20
WINDOW_S = 10.0
SETTLE_S = 4.0  # until the queries have begun
MOST_MS = 300
LISTS = ("/v1/clusters?pageSize=6", "/v1/resources?pageSize=20", "/v1/issues?pageSize=20")


def heavy(patterns: int) -> list[str]:
    """Queries that match nothing, so that every row is compared with everything; the longest that is allowed."""
    names = quote("name:" + ",".join(f"*z{number}*" for number in range(patterns)))
    left_out = quote("-name:" + ",".join(f"*z{number}*" for number in range(patterns - 1)) + " name:*zz*")
    labels = quote("label:" + ",".join(f"app=*z{number}*" for number in range(patterns)))
    texts = quote(" ".join(f'"z{number}z"' for number in range(patterns)))
    issues = quote("owner:" + ",".join(f"*z{number}*" for number in range(patterns)))
    return [
        f"/v1/resources?q={names}",
        f"/v1/resources/counts?q={left_out}",
        f"/v1/resources?sort=status&q={labels}",
        f"/v1/resources?q={texts}",
        f"/v1/issues?q={issues}",
        f"/v1/issues/groups?by=workload&q={issues}",
    ]


def reads(options: Options) -> Iterator[Row]:
    """Rows: the 99th percentile of the other organization's lists beside the queries, with and without the busy core."""
    for engine in ENGINES:
        with two_organizations(engine) as (asking, other):
            for what, is_busy in (("", False), (", a core busy", True)):
                alone, beside, load = measure(asking, other, runs=options.runs, is_busy=is_busy)
                p99 = statistics.median(one["p99_ms"] for one in beside)
                base = statistics.median(one["p99_ms"] for one in alone)
                text = f"alone {base:.0f} ms; {load}"
                yield Row(f"lists beside queries, p99, {engine}{what}", p99, "ms", f"<= {MOST_MS}", p99 <= MOST_MS, text, p99 / base)


@contextmanager
def two_organizations(engine: str) -> Iterator[tuple[Platform, Platform]]:
    """One server: an organization of 20,000 pods, and one of 6 clusters and 1,000 pods."""
    with ExitStack() as stack:
        asking = stack.enter_context(open_platform(engine))
        assert asking.server is not None
        kill(asking.server, signal.SIGTERM)
        other = asking.add_organization("Other")
        asking.start_server()
        other.server = None  # one of them stops it
        for number in range(CLUSTERS):
            other.create_cluster(f"quiet-{number}")
        for platform, pods in ((asking, PODS), (other, PODS // 20)):
            fleet = ("--workloads", str(pods // EACH), "--each", str(EACH), "--failing-every", str(FAILING_EVERY), "--no-environment")
            with open_source(platform, *fleet) as source:
                source.next()
            until(lambda p=platform, n=pods: _issues(p) >= n // EACH, within_s=300, every_s=1, what="every workload to have its issue")
        yield asking, other


def _issues(platform: Platform) -> int:
    return int(platform.call("GET", "/v1/issues?pageSize=1")["total"])


def measure(asking: Platform, other: Platform, *, runs: int, is_busy: bool) -> tuple[list[dict[str, Any]], list[dict[str, Any]], str]:
    """Windows without and with the queries, in turns, and what was answered to the queries."""
    alone, beside, queries = [], [], []
    with busy_core() if is_busy else ExitStack():
        for _ in range(runs):
            with load(other, LISTS, rate=RATE, connections=32) as lists:
                alone.append(lists.next())
            with load(asking, heavy(most_patterns()), connections=CONNECTIONS, seconds=WINDOW_S + 6, any_answer=True) as asked:
                time.sleep(SETTLE_S)
                with load(other, LISTS, rate=RATE, connections=32) as lists:
                    beside.append(lists.next())
                queries.append(asked.next())
    per_s, p50 = (statistics.median(one[name] for one in queries) for name in ("per_s", "p50_ms"))
    return alone, beside, f"queries {per_s:.0f}/s, p50 {p50:.0f} ms, {queries[-1]['answers']}"


def most_patterns() -> int:
    return search_keys.MAX_COMPARED


@contextmanager
def load(
    platform: Platform, paths: Sequence[str], *, connections: int, rate: float = 0, seconds: float = WINDOW_S, any_answer: bool = False
) -> Iterator[Lines]:
    urls = [argument for path in paths for argument in ("--url", platform.url + path)]
    more = ["--rate", str(rate), "--connections", str(connections), "--seconds", str(seconds), "--warm-up", "0"]
    more += ["--any-answer"] if any_answer else []
    with python("lab.bench.load", "--key", platform.key, *urls, *more) as lines:
        yield lines


@contextmanager
def busy_core() -> Iterator[None]:
    """A process that uses a whole core, as somebody else's work on the machine does."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        try:
            yield
        finally:
            process.kill()


ROWS = {"reads": reads}
