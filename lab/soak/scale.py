"""Large numbers on one server: many clusters, one large cluster, and many agents that all come back after a restart.

The agents are synthetic and run in a process of their own (`scale_agents.py`), behind the real gateway with mTLS. Pods are of 8 KB.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2

from lab.bench.processes import Lines, cpu_s, python, rss_mib
from tests.support.platform import Platform, running, until

SETTINGS = {
    "OPTRAL_RATE_LIMIT_ENTERPRISE": "1000000",
    "OPTRAL_LOG_LEVEL": "warning",
    "OPTRAL_AGENT_CONNECTIONS_PER_ADDRESS": "4096",
}
LISTS = ("/v1/issues?status=open", "/v1/resources", "/v1/clusters?pageSize=100")
OVERVIEW = ("/v1/clusters", "/v1/issues/facets?status=open", "/v1/resources/counts")
MOST_PER_OBJECT_KIB = 1.5
LIVE_WITHIN_S = 300.0
P99_MS = 150.0
BACK_WITHIN_S = 60.0
MOST_DIALS = 2
MOST_PER_SESSION_KIB = 150.0
DEADLINE_S = 1800.0
LOOK_EVERY_S = 0.25
PAUSE_S = 1.0  # between two rounds of requests, as of two people who look at the dashboard


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What it took until all inventories were there and judged. Times of requests in milliseconds, meanwhile."""

    clusters: int
    objects: int
    live_s: float
    server_cpu_s: float
    agents_cpu_s: float
    kib_per_object: float
    highest_mib: float
    list_p99_ms: float
    overview_p99_ms: float
    issues: int

    @property
    def misses(self) -> list[str]:
        bars = {
            "memory": self.kib_per_object <= MOST_PER_OBJECT_KIB,
            "time to live": self.live_s <= LIVE_WITHIN_S,
            "lists": self.list_p99_ms <= P99_MS,
            "overview": self.overview_p99_ms <= P99_MS,
        }
        return [name for name, is_met in bars.items() if not is_met]


@dataclass(frozen=True, kw_only=True)
class Returned:
    """What many agents did after the server was killed and started again."""

    agents: int
    first_s: float
    back_s: float
    most_dials: int
    server_cpu_s: float
    kib_per_session: float

    @property
    def misses(self) -> list[str]:
        bars = {
            "time": self.back_s <= BACK_WITHIN_S,
            "dials": self.most_dials <= MOST_DIALS,
            "memory": self.kib_per_session <= MOST_PER_SESSION_KIB,
        }
        return [name for name, is_met in bars.items() if not is_met]


def fill(folder: Path, *, clusters: int, pods: int, failing_every: int = 1000) -> Filled:
    """Connect so many clusters of so many pods each at the same moment to an empty server."""
    with running(folder, settings=dict(SETTINGS)) as platform, _agents(platform, clusters, pods, failing_every) as agents:
        pid = _pid(platform)
        before_mib, used_s, began = rss_mib(pid), cpu_s(pid), time.monotonic()
        agents.tell("go")
        agents.next()
        with _looking(platform) as times:
            until(lambda: _synced(platform) == clusters, within_s=DEADLINE_S, what="every inventory to be complete", every_s=2)
            live_s = time.monotonic() - began
        agents.tell("ask")
        agents_cpu_s = float(agents.next()["cpu_s"])
        return Filled(
            clusters=clusters,
            objects=clusters * pods,
            live_s=live_s,
            server_cpu_s=cpu_s(pid) - used_s,
            agents_cpu_s=agents_cpu_s,
            kib_per_object=(rss_mib(pid) - before_mib) * 1024 / (clusters * pods),
            highest_mib=rss_mib(pid, "VmHWM"),
            list_p99_ms=_p99([ms for path in LISTS for ms in times[path]]),
            overview_p99_ms=_p99([ms for path in OVERVIEW for ms in times[path]]),
            issues=int(platform.call("GET", "/v1/issues?status=open&parent=any&pageSize=1")["total"]),
        )


def come_back(folder: Path, *, agents: int) -> Returned:
    """Kill the server while so many agents with one pod each are connected, and start it again."""
    with running(folder, settings=dict(SETTINGS)) as platform, _agents(platform, agents, 1, 0) as crowd:
        began = time.monotonic()
        crowd.tell("go")
        crowd.next()
        until(lambda: _ask(crowd)["connected"] == agents, within_s=DEADLINE_S, what="every agent to connect", every_s=0.5)
        first_s = time.monotonic() - began
        platform.kill_server()
        platform.start_server()
        crowd.tell("mark")
        crowd.next()  # dials of the time without a server do not count
        began, pid = time.monotonic(), _pid(platform)
        used_s, samples = cpu_s(pid), list[tuple[int, float]]()

        def are_back() -> bool:
            samples.append((int(_ask(crowd)["connected"]), rss_mib(pid)))
            return samples[-1][0] == agents

        until(are_back, within_s=DEADLINE_S, what="every agent to return", every_s=LOOK_EVERY_S)
        back_s, dials = time.monotonic() - began, int(_ask(crowd)["most_dials"])
        few, few_mib = next(sample for sample in samples if sample[0] >= min(agents - 1, agents // 10))
        return Returned(
            agents=agents,
            first_s=first_s,
            back_s=back_s,
            most_dials=dials,
            server_cpu_s=cpu_s(pid) - used_s,
            kib_per_session=(samples[-1][1] - few_mib) * 1024 / max(1, agents - few),
        )


@contextlib.contextmanager
def _agents(platform: Platform, count: int, pods: int, failing_every: int) -> Iterator[Lines]:
    """A process of so many agents, which have enrolled."""
    tokens = platform.folder / "tokens"
    with httpx2.Client(base_url=platform.url, headers=_headers(platform), timeout=60) as http:
        answers = [http.post("/v1/clusters", json={"name": f"c{number}"}).raise_for_status().json() for number in range(count)]
    tokens.write_text("\n".join(str(answer["enrollment"]["token"]) for answer in answers))
    options = ("--server", platform.url, "--tokens", str(tokens), "--pods", str(pods), "--failing-every", str(failing_every))
    with python("lab.soak.scale_agents", *options) as process:
        process.next()
        yield process


@contextlib.contextmanager
def _looking(platform: Platform) -> Iterator[dict[str, list[float]]]:
    """Milliseconds of each request that a thread makes meanwhile, by path."""
    times: dict[str, list[float]] = {path: [] for path in (*LISTS, *OVERVIEW)}
    stopped = threading.Event()

    def look() -> None:
        with httpx2.Client(base_url=platform.url, headers=_headers(platform), timeout=60) as http:
            while not stopped.wait(PAUSE_S):
                for path, found in times.items():
                    began = time.perf_counter()
                    http.get(path).raise_for_status()
                    found.append((time.perf_counter() - began) * 1000)

    thread = threading.Thread(target=look, name="looks")
    thread.start()
    try:
        yield times
    finally:
        stopped.set()
        thread.join()


def _ask(agents: Lines) -> dict[str, float]:
    agents.tell("ask")
    return agents.next()


def _synced(platform: Platform) -> int:
    return sum(cluster["inventory"].get("syncedAt") is not None for cluster in platform.all("/v1/clusters", "clusters"))


def _headers(platform: Platform) -> dict[str, str]:
    return {"Authorization": f"Bearer {platform.key}"}


def _pid(platform: Platform) -> int:
    assert platform.server is not None
    return platform.server.pid


def _p99(times: list[float]) -> float:
    ordered = sorted(times)
    return ordered[int(len(ordered) * 0.99)] if ordered else 0.0


def show(found: Filled) -> str:
    return (
        f"{found.clusters:>5,} clusters, {found.objects:>9,} objects   live {found.live_s:6.1f} s   "
        f"CPU server {found.server_cpu_s:6.1f} s, agents {found.agents_cpu_s:5.1f} s   "
        f"{found.kib_per_object:4.2f} KiB per object, highest {found.highest_mib:6.0f} MiB   "
        f"p99 lists {found.list_p99_ms:6.1f} ms, overview {found.overview_p99_ms:6.1f} ms   {found.issues} issues"
    )


def show_return(found: Returned) -> str:
    return (
        f"{found.agents:>5,} agents   first connected in {found.first_s:5.1f} s   back in {found.back_s:5.1f} s, "
        f"{found.most_dials} dials at most   CPU server {found.server_cpu_s:5.1f} s   {found.kib_per_session:5.1f} KiB per session"
    )
