"""Optral as a user runs it: `optral setup`, `optral server` and `optral agent` in processes of their own, spoken to over HTTP alone."""

import copy
import itertools
import json
import os
import random
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import httpx2

T = TypeVar("T")
BIN = Path(sys.executable).parent
START_DEADLINE_S = 60
READ_TIMEOUT_S = 40  # a stream says something every 15 s


@dataclass(frozen=True)
class SseFrame:
    """One event as it arrived; `at` is this machine's time in Unix seconds."""

    id: int
    event: str
    data: dict[str, Any]
    text: str
    at: float


class Stream:
    """Follows /v1/events/stream in a thread, returning with Last-Event-ID whenever the server went away."""

    def __init__(self, url: str, key: str) -> None:
        self.frames: list[SseFrame] = []
        self.openings = 0
        self._url, self._key = url, key
        self._last_id: str | None = None
        self._stop = threading.Event()
        self._arrived = threading.Condition()
        self._thread = threading.Thread(target=self._follow, name="sse", daemon=True)
        self._thread.start()

    def wait_for(self, what: Callable[[SseFrame], bool], *, within_s: float, since: int = 0) -> SseFrame:
        """The first frame from position `since` on that is `what`; fails after `within_s` seconds."""
        deadline = time.monotonic() + within_s
        with self._arrived:
            while True:
                for frame in self.frames[since:]:
                    if what(frame):
                        return frame
                left = deadline - time.monotonic()
                seen = [frame.event for frame in self.frames[since:]]
                assert left > 0, f"no such event within {within_s} s; seen: {seen}"
                self._arrived.wait(min(left, 1))

    def close(self) -> None:
        self._stop.set()

    def _follow(self) -> None:
        while not self._stop.is_set():
            try:
                self._read()
            except (httpx2.HTTPError, OSError):
                self._stop.wait(0.2)

    def _read(self) -> None:
        headers = {"Authorization": f"Bearer {self._key}"} | ({"Last-Event-ID": self._last_id} if self._last_id else {})
        with httpx2.stream("GET", f"{self._url}/v1/events/stream", headers=headers, timeout=READ_TIMEOUT_S) as answer:
            answer.raise_for_status()
            self.openings += 1
            lines: list[str] = []
            for line in answer.iter_lines():
                if self._stop.is_set():
                    return
                if line:
                    lines.append(line)
                elif lines:
                    self._take(lines)
                    lines = []

    def _take(self, lines: list[str]) -> None:
        fields = dict(line.split(": ", 1) for line in lines if ": " in line and not line.startswith(":"))
        if "event" not in fields:
            return
        self._last_id = fields.get("id", self._last_id)
        frame = SseFrame(int(fields.get("id", 0)), fields["event"], json.loads(fields["data"]), "\n".join(lines), time.time())
        with self._arrived:
            self.frames.append(frame)
            self._arrived.notify_all()


class Process(Protocol):
    """What is needed of a process, as `subprocess.Popen` has it."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...
    def kill(self) -> None: ...


@dataclass
class Platform:
    """One server with its data folder, and the agents that were started beside it."""

    folder: Path
    database_url: str | None = None
    key: str = ""
    server: Process | None = None
    agents: dict[str, Process] = field(default_factory=dict)
    streams: list[Stream] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)  # more OPTRAL_* variables of the server
    _commands: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.enroll_port, self.tunnel_port = free_ports(3)
        self.url = f"http://127.0.0.1:{self.port}"

    def setup(self) -> None:
        """Make the organization and its first key, as an operator does."""
        self.key = self._set_up("Shop")

    def add_organization(self, name: str) -> "Platform":
        """The same server, used by one more organization. The server must be stopped meanwhile."""
        other = copy.copy(self)
        other.key = self._set_up(name, "--add")
        return other

    def _set_up(self, name: str, *more: str) -> str:
        key_file = self.folder / f"key-{name.lower()}"
        self._optral("setup", "--org", name, "--email", f"owner@{name.lower()}.test", "--key-file", str(key_file), *more)
        return key_file.read_text().strip()

    def start_server(self) -> float:
        """Start the server; returns after it said that it is ready, with the seconds that took."""
        started = time.monotonic()
        loopback = "127.0.0.1"
        self.server = self._spawn(
            "server",
            [
                *("server", "--listen", f"{loopback}:{self.port}"),
                *("--enroll-listen", f"{loopback}:{self.enroll_port}", "--tunnel-listen", f"{loopback}:{self.tunnel_port}"),
            ],
        )
        until(lambda: self._ready(), within_s=START_DEADLINE_S, what="the server to be ready", alive=self.server, log=self.log("server"))
        return time.monotonic() - started

    def kill_server(self) -> None:
        assert self.server is not None
        kill(self.server, signal.SIGKILL)

    def create_cluster(self, name: str) -> dict[str, Any]:
        created: dict[str, Any] = self.call("POST", "/v1/clusters", json={"name": name})
        return created

    def agent_options(self, cluster_id: str) -> list[str]:
        """What the install answer tells an agent: --server, --ca-pin, --token and their values."""
        command = shlex.split(self.call("GET", f"/v1/clusters/{cluster_id}/install?method=local")["command"])
        return command[command.index("agent") + 1 :]

    def start_agent(self, cluster_id: str, kubeconfig: Path, *more: str) -> None:
        """Run the very command that the install answer gives; a second start goes on with the identity and options of the first."""
        state = self.folder / f"agent-{cluster_id}"
        if cluster_id not in self._commands:
            self._commands[cluster_id] = [
                "agent",
                *self.agent_options(cluster_id),
                "--kubeconfig",
                str(kubeconfig),
                "--state-dir",
                str(state),
                *more,
            ]
        self.agents[cluster_id] = self._spawn(f"agent-{cluster_id}", self._commands[cluster_id])

    def kill_agent(self, cluster_id: str) -> None:
        kill(self.agents.pop(cluster_id), signal.SIGKILL)

    def call(self, method: str, path: str, **options: Any) -> Any:
        """One request; the decoded answer. Fails on anything but 2xx."""
        answer = httpx2.request(method, self.url + path, headers={"Authorization": f"Bearer {self.key}"}, timeout=30, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    def all(self, path: str, name: str) -> Iterator[dict[str, Any]]:
        """Every element of a list, page by page."""
        joint = "&" if "?" in path else "?"
        number = 1
        while True:
            page = self.call("GET", f"{path}{joint}page={number}&pageSize=100")
            yield from page[name]
            if number * 100 >= page["total"]:
                return
            number += 1

    def follow(self) -> Stream:
        stream = Stream(self.url, self.key)
        self.streams.append(stream)
        until(lambda: stream.openings > 0, within_s=20, what="the event stream to open")
        return stream

    def stop(self) -> None:
        for stream in self.streams:
            stream.close()
        for process in (*self.agents.values(), self.server):
            if process is not None:
                kill(process, signal.SIGTERM)

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def environment(self) -> dict[str, str]:
        """Only what an operator would set; nothing of the caller's settings leaks in."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPTRAL_", "KUBE"))}
        ours = {"OPTRAL_DATA_DIR": str(self.folder / "data"), "HOME": str(self.folder)}
        return kept | ours | self.settings | ({"OPTRAL_DATABASE_URL": self.database_url} if self.database_url else {})

    def _ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except httpx2.HTTPError:
            return False

    def _optral(self, *arguments: str) -> None:
        done = subprocess.run([BIN / "optral", *arguments], env=self.environment(), capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"optral {arguments[0]}: {done.stderr[-1000:]}"

    def _spawn(self, name: str, arguments: list[str]) -> Process:
        with self.log(name).open("ab") as log:
            return subprocess.Popen([BIN / "optral", *arguments], env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def until(
    done: Callable[[], T],
    *,
    within_s: float,
    what: str,
    every_s: float = 0.05,
    alive: Process | None = None,
    log: Path | None = None,
) -> T:
    """Ask again until the answer is true; fails with the log's end when time is up or the process has ended."""
    deadline = time.monotonic() + within_s
    while True:
        if answer := done():
            return answer
        ended = alive is not None and alive.poll() is not None
        if ended or time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-3000:] if log else ""
            raise AssertionError(f"{'process ended' if ended else f'gave up after {within_s} s'} waiting for {what}\n{tail}")
        time.sleep(every_s)


def kill(process: Process, how: signal.Signals) -> None:
    """Signal and wait; what does not stop in 20 s is killed."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


_PORTS = range(12_000, 30_000)
"""Below what the kernel gives to outgoing connections, so that a killed server finds its port free when it starts again."""


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on now."""
    drawn = random.SystemRandom().sample(_PORTS, len(_PORTS))
    return list(itertools.islice(filter(_is_free, drawn), count))


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            one.bind(("127.0.0.1", port))
            return True
    return False


@contextmanager
def running(folder: Path, *, database_url: str | None = None, settings: dict[str, str] | None = None) -> Iterator[Platform]:
    """A server with its first key; everything started through it is stopped at the end."""
    platform = Platform(folder, database_url, settings=settings or {})
    try:
        platform.setup()
        platform.start_server()
        yield platform
    finally:
        platform.stop()
