"""The world of the promise tests: `optral demo` as a user starts it, a small API server for one more agent, and what a process has open."""

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import yaml

from tests.support.platform import BIN, Platform, Stream, until

EMAIL, PASSWORD = "owner@example.org", "a long enough passphrase"
CSRF = {"X-Optral-CSRF": "1"}
SCREEN_S = 60  # seconds until the first screen, at most
ESTABLISHED, LISTEN = "01", "0A"  # states in /proc/net/tcp


@dataclass
class World:
    """A running demo. `platform` holds its address, its first key and the agents that were started beside it."""

    platform: Platform
    setup_link: str
    tunnel_port: int
    stream: Stream

    @property
    def url(self) -> str:
        return self.platform.url

    def ask(
        self, method: str, path: str, *, key: str | None = None, headers: dict[str, str] | None = None, **options: Any
    ) -> httpx2.Response:
        """One request with the demo's key, or another; whatever the answer is."""
        bearer = {"Authorization": f"Bearer {key or self.platform.key}"}
        return httpx2.request(method, self.url + path, headers=bearer | (headers or {}), timeout=60, **options)

    def call(self, method: str, path: str, **options: Any) -> Any:
        return self.platform.call(method, path, **options)

    @cached_property
    def person(self) -> httpx2.Client:
        """The owner, signed in: the account is made with the one-use link that the demo printed."""
        client = httpx2.Client(base_url=self.url, headers=CSRF | {"Origin": self.url}, timeout=60)
        body = {"token": self.setup_link.partition("#")[2], "email": EMAIL, "password": PASSWORD}
        answer = client.post("/v1/setup", json=body)
        assert answer.is_success, answer.text
        # A browser sends a Secure cookie to loopback, this client does not by itself.
        client.headers["Cookie"] = answer.headers["Set-Cookie"].partition(";")[0]
        return client

    def issue(self, issue_type: str, *, within_s: float = 150) -> dict[str, Any]:
        """The newest issue of a type, once there is one that is not resolved."""
        path = f"/v1/issues?cluster=demo&type={issue_type}&status=open,acknowledged"
        found = until(lambda: self.call("GET", path)["issues"], within_s=within_s, what=issue_type)
        return dict(found[0])

    def runbook(self, slug: str) -> dict[str, Any]:
        return next(one for one in self.platform.all("/v1/runbooks", "runbooks") if one["slug"] == slug)


@contextmanager
def demo(folder: Path) -> Iterator[World]:
    """`optral demo --data-dir`, read from its first screen; it and every agent beside it are stopped at the end."""
    platform = Platform(folder)
    log = platform.log("demo")
    environment = {name: value for name, value in platform.environment().items() if name != "OPTRAL_DATA_DIR"}
    with log.open("wb") as out:
        command = [BIN / "optral", "demo", "--data-dir", str(folder / "data")]
        platform.server = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        until(
            lambda: "Issues as they appear" in log.read_text(), within_s=SCREEN_S, what="the first screen", alive=platform.server, log=log
        )
        screen = log.read_text()
        platform.url, platform.key = _said(screen, r"API +(http://\S+)"), _said(screen, r"API key +(mht_\w+)")
        stream = platform.follow()
        yield World(platform, _said(screen, r"dashboard +(http\S+)"), int(_said(screen, r":(\d+) \(connections\)")), stream)
    finally:
        platform.stop()


def _said(screen: str, pattern: str) -> str:
    found = re.search(pattern, screen)
    assert found, f"{pattern} is not on the first screen:\n{screen}"
    return found[1]


@contextmanager
def kubernetes(folder: Path) -> Iterator[Path]:
    """An empty cluster: an API server that lists nothing and whose watches say nothing. Gives its kubeconfig."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if path == "/version":
                self._json({"gitVersion": "v1.34.0"})
            elif path == "/api/v1/namespaces/kube-system":
                self._json({"metadata": {"name": "kube-system", "uid": "9d0c6b58-7f3b-4a7e-8a55-3f1c8f4f2a11"}})
            elif "sendInitialEvents=true" in query:
                self._json({"kind": "Status", "code": 422, "reason": "Invalid", "message": "sendInitialEvents is forbidden"}, 422)
            elif "watch=" in query:
                self._silence()
            else:
                self._json({"metadata": {"resourceVersion": "1"}, "items": []})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._json({"status": {"allowed": True}}, 201)

        def _json(self, body: dict[str, Any], status: int = 200) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def _silence(self) -> None:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.close_connection = True
            over.wait()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    threading.Thread(target=server.serve_forever, name="kubernetes", daemon=True).start()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "empty", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
        "users": [{"name": "empty", "user": {}}],
        "contexts": [{"name": "empty", "context": {"cluster": "empty", "user": "empty"}}],
        "current-context": "empty",
    }
    path = folder / "kubeconfig.yaml"
    path.write_text(yaml.safe_dump(config))
    try:
        yield path
    finally:
        over.set()
        server.shutdown()
        server.server_close()


def sockets(pid: int) -> list[tuple[str, int, int]]:
    """State, local and remote port of every TCP socket that the process itself has open."""
    own = set()
    for one in Path(f"/proc/{pid}/fd").iterdir():
        try:
            own.add(str(one.readlink()))
        except FileNotFoundError:
            continue  # closed meanwhile
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if f"socket:[{words[9]}]" in own:
                found.append((words[3], int(words[1].rpartition(":")[2], 16), int(words[2].rpartition(":")[2], 16)))
    return found
