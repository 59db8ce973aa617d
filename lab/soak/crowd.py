"""Strangers at the listeners: a crowd of connections that say nothing or half of something, and heads without end.

A process of its own holds the crowd and opens again what the server closes. Meanwhile the run measures what everybody else notices:
how long `/livez` takes on fresh connections, whether the connected agent stays connected, and whether another one can connect.
"""

import contextlib
import json
import resource
import selectors
import socket
import ssl
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.bench.processes import python, rss_mib
from lab.bench.rows import stub_cluster
from tests.support.platform import Platform, running

KINDS = ("silent", "half")
NONE: Mapping[str, str] = {}
PODS = 50
P99_MS = 250.0
MOST_GROWTH_MIB = 16.0
DESCRIPTORS = 1024  # the usual soft limit
LOOK_DEADLINE_S = 10.0
AGENT_WITHIN_S = 90.0  # a deadline, not a target: an agent tries again several times within it
REOPENS_A_SECOND = 200
HOLD_S = 8.0  # before the measuring: the crowd is complete, and the first have reached no deadline yet


@dataclass(frozen=True)
class Crowd:
    """What others noticed of a crowd at one listener."""

    listener: str
    kind: str
    count: int
    held: int
    livez_p99_ms: float
    looks: int
    livez_failed: int
    agent_stayed: bool
    newcomer_connected: bool

    @property
    def fault(self) -> str:
        found = {
            "the connected agent was lost": not self.agent_stayed,
            "no other agent could connect": not self.newcomer_connected,
            f"{self.livez_failed} of {self.looks} looks at /livez failed": self.livez_failed > 0,
        }
        return "; ".join(text for text, is_so in found.items() if is_so)


@dataclass(frozen=True)
class Heads:
    """What a head of so many MiB did to the server's memory, and to a look at /livez meanwhile."""

    what: str
    mib: int
    grew_mib: float
    livez_max_ms: float
    answer: str


def crowds(
    folder: Path, *, count: int, kinds: Sequence[str] = KINDS, hold_s: float = HOLD_S, looks: int = 200, settings: Mapping[str, str] = NONE
) -> Iterator[Crowd]:
    """First no crowd, to compare with, then each kind at each listener of one server, which starts at a soft limit of 1,024 open files."""
    with stub_cluster(PODS) as (_, known), _server(folder, settings) as platform:
        kubeconfig = Path(known["kubeconfig"])
        first = str(platform.create_cluster("first")["id"])
        platform.start_agent(first, kubeconfig)
        assert _is_online(platform, first, AGENT_WITHIN_S * 2), platform.log(f"agent-{first}").read_text()[-2000:]
        ports = {"api": platform.port, "enroll": platform.enroll_port, "tunnel": platform.tunnel_port}
        for listener, kind, wanted in (("api", "silent", 0), *((one, kind, count) for one in ports for kind in kinds)):
            with python("lab.soak.crowd", str(ports[listener]), listener, kind, str(wanted)) as crowd:
                time.sleep(hold_s if wanted else 0)
                times = [_look(platform.port) for _ in range(looks)]
                newcomer = _newcomer(platform, kubeconfig, f"{listener}-{kind}-{wanted}")
                stayed = _is_online(platform, first, 1) and "session ended" not in _lines_of(platform, first)
                crowd.tell("?")
                held = int(crowd.next()["held"])
            took = sorted(one for one in times if one is not None)
            p99 = 1000 * took[max(0, int(len(took) * 0.99) - 1)] if took else float("inf")
            yield Crowd(listener, kind, wanted, held, p99, looks, looks - len(took), stayed, newcomer)


def heads(folder: Path, mib: tuple[int, int, int] = (291, 63, 64)) -> Iterator[Heads]:
    """Many headers on one connection, one header without end, and trailers: so many MiB of each."""
    start = b"GET /livez HTTP/1.1\r\nHost: a\r\n"
    line = b"X-A: " + b"a" * 1017 + b"\r\n"
    chunked = b"POST /v1/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    with _server(folder, NONE) as platform:
        yield _head(platform, "headers of 1 KiB", start, line * 1024, mib=mib[0])
        yield _head(platform, "one header", start + b"X-A: ", b"a" * 1024 * 1024, mib=mib[1])
        yield _head(platform, "trailers of 1 KiB", chunked, line * 1024, mib=mib[2])


@contextlib.contextmanager
def _server(folder: Path, settings: Mapping[str, str]) -> Iterator[Platform]:
    wanted = {"OPTRAL_LOG_LEVEL": "info", "OPTRAL_RATE_LIMIT_ENTERPRISE": "1000000", **settings}
    with _soft_limit(DESCRIPTORS), running(folder, settings=wanted) as platform, _soft_limit(None):
        yield platform


@contextlib.contextmanager
def _soft_limit(wanted: int | None) -> Iterator[None]:
    """The soft limit of descriptors for what is started meanwhile; None is the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if wanted is None else wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _look(port: int) -> float | None:
    """Seconds until /livez has answered on a fresh connection; None when it did not."""
    began = time.perf_counter()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=LOOK_DEADLINE_S) as client:
            client.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            answer = b""
            while part := client.recv(4096):
                answer += part
    except OSError:
        return None
    return time.perf_counter() - began if answer.startswith(b"HTTP/1.1 200") else None


def _newcomer(platform: Platform, kubeconfig: Path, name: str) -> bool:
    """Whether an agent that is new can enroll and connect now; it is stopped again."""
    try:
        cluster = str(platform.create_cluster(name)["id"])
        platform.start_agent(cluster, kubeconfig)
    except Exception as error:  # noqa: BLE001 - whatever it was, no agent could be connected
        print(f"  {name}: {type(error).__name__}", file=sys.stderr)
        return False
    try:
        return _is_online(platform, cluster, AGENT_WITHIN_S)
    finally:
        platform.kill_agent(cluster)


def _is_online(platform: Platform, cluster_id: str, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while True:
        with contextlib.suppress(Exception):  # an API that does not answer is counted elsewhere
            if platform.call("GET", f"/v1/clusters/{cluster_id}")["status"] == "online":
                return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)


def _lines_of(platform: Platform, cluster_id: str) -> str:
    return "\n".join(line for line in platform.log("server").read_text(errors="replace").splitlines() if cluster_id in line)


def _head(platform: Platform, what: str, start: bytes, block: bytes, *, mib: int) -> Heads:
    assert platform.server is not None
    before = rss_mib(platform.server.pid)
    looks: list[float] = []
    with socket.create_connection(("127.0.0.1", platform.port), timeout=60) as client:
        answer = b""
        try:
            client.sendall(start)
            for _ in range(mib * 1024 * 1024 // len(block)):
                client.sendall(block)
                looks.append(_look(platform.port) or LOOK_DEADLINE_S)
            client.sendall(b"\r\n\r\n")
        except OSError:
            answer = b"(cut) "
        with contextlib.suppress(OSError):
            answer += client.recv(65536)
    grew = rss_mib(platform.server.pid, "VmHWM") - before
    return Heads(what, mib, grew, 1000 * max(looks, default=0), answer.split(b"\r\n")[0].decode("latin-1") or "closed")


def hold(port: int, listener: str, kind: str, count: int) -> None:
    """Hold so many connections until the process is killed, opening again what is closed; says how many stand when asked on stdin."""
    greeting = b"" if kind == "silent" else _half_of(listener)
    waiting = selectors.DefaultSelector()
    waiting.register(sys.stdin, selectors.EVENT_READ)
    open_ = opened = 0
    may_open_at = time.monotonic()
    while True:
        while open_ < count and time.monotonic() >= may_open_at:
            opened += 1
            may_open_at = max(may_open_at, time.monotonic() - 0.1) + (0 if opened <= count else 1 / REOPENS_A_SECOND)
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
            waiting.register(client, selectors.EVENT_READ | (selectors.EVENT_WRITE if greeting else 0))
            open_ += 1
        for key, events in waiting.select(0.02):
            if key.fileobj is sys.stdin:
                if not sys.stdin.readline():
                    return
                print(json.dumps({"held": open_}), flush=True)
                continue
            client = key.fileobj  # type: ignore[assignment]
            try:
                if events & selectors.EVENT_WRITE:
                    client.send(greeting)
                    waiting.modify(client, selectors.EVENT_READ)
                is_closed = bool(events & selectors.EVENT_READ) and not client.recv(4096)
            except OSError:
                is_closed = True
            if is_closed:
                waiting.unregister(client)
                client.close()
                open_ -= 1


def _half_of(listener: str) -> bytes:
    """The beginning of what a client of the listener says first."""
    if listener == "api":
        return b"GET /livez HTTP/1.1\r\nHost: a\r\nX-A: "
    context, outgoing = ssl.create_default_context(), ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()  # a whole ClientHello, after which nothing comes


def show(found: Crowd) -> str:
    return (
        f"{found.count:>6} {found.kind:7} on {found.listener:7} held {found.held:>5}   /livez p99 {found.livez_p99_ms:>8.1f} ms, "
        f"failed {found.livez_failed:>3} of {found.looks}   agent {'stayed' if found.agent_stayed else 'LOST'}   "
        f"new agent {'connected' if found.newcomer_connected else 'SHUT OUT'}"
    )


def show_heads(found: Heads) -> str:
    memory = f"{found.mib:>6} MiB of {found.what:18} RSS +{found.grew_mib:>6.1f} MiB"
    return f"{memory}   /livez max {found.livez_max_ms:>8.1f} ms   {found.answer}"


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    hold(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
