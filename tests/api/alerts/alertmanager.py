"""A real Alertmanager, and a Prometheus that evaluates rules and sends it alerts, on loopback."""

import asyncio
import itertools
import json
import signal
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2

from tests.api.conftest import NO_TLS
from tests.setup import alertmanager as setup

READY_WITHIN_S = 60.0
_ALERTMANAGER = """
route: {{receiver: optral, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
  - name: optral
    webhook_configs:
      - url: {url}
        send_resolved: true
        http_config: {{authorization: {{type: Bearer, credentials: "{secret}"}}}}
"""
_PROMETHEUS = """
global: {{evaluation_interval: 1s, external_labels: {{cluster: prod}}}}
rule_files: [rules.yml]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["{target}"]}}]}}]}}
"""


def _write(home: Path, files: dict[str, str]) -> None:
    home.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (home / name).write_text(text)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Alertmanager:
    """The API of a running Alertmanager."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def __call__(self, method: str, path: str, body: Any = None) -> Any:
        async with httpx2.AsyncClient(base_url=self.url, verify=NO_TLS, trust_env=False) as client:
            answer = await client.request(method, f"/api/v2{path}", **({} if body is None else {"json": body}))
        assert answer.is_success, answer.text
        return answer.json() if answer.content and "json" in answer.headers.get("content-type", "") else None

    async def fire(self, *alerts: dict[str, str], **times: datetime) -> None:
        """Fire an alert with each of these sets of labels. `times`: startsAt, endsAt."""
        given = {name: at.isoformat() for name, at in times.items()}
        await self("POST", "/alerts", [{"labels": labels, **given} for labels in alerts])


@asynccontextmanager
async def alertmanager(home: Path, *, url: str, secret: str) -> AsyncIterator[Alertmanager]:
    """An Alertmanager that sends every alert to this address."""
    _write(home, {"alertmanager.yml": _ALERTMANAGER.format(url=json.dumps(url), secret=secret)})
    address = f"127.0.0.1:{_free_port()}"
    words = [f"--config.file={home}/alertmanager.yml", f"--storage.path={home}/data", f"--web.listen-address={address}"]
    async with _running("prometheus-alertmanager", [*words, "--cluster.listen-address="], f"http://{address}"):
        yield Alertmanager(f"http://{address}")


@asynccontextmanager
async def prometheus(home: Path, *, target: str, rules: Sequence[dict[str, Any]]) -> AsyncIterator[str]:
    """A Prometheus that evaluates these alerting rules each second and sends what fires to the Alertmanager at `target`."""
    groups = json.dumps({"groups": [{"name": "shop", "rules": list(rules)}]})  # YAML, too
    _write(home, {"prometheus.yml": _PROMETHEUS.format(target=target.removeprefix("http://")), "rules.yml": groups})
    address = f"127.0.0.1:{_free_port()}"
    words = [f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/data", f"--web.listen-address={address}"]
    words.append("--rules.alert.resend-delay=1s")  # what fires before it has found the Alertmanager is sent again
    async with _running("prometheus", words, f"http://{address}"):
        yield f"http://{address}"


@asynccontextmanager
async def _running(package: str, words: Sequence[str], url: str) -> AsyncIterator[None]:
    program = setup.programs(package)
    assert program is not None, f"run: python -m tests.setup alertmanager ({package} is missing)"
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(program, *words, stdout=quiet, stderr=quiet)
    try:
        await _ready(url)
        yield
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _ready(url: str) -> None:
    async with httpx2.AsyncClient(verify=NO_TLS, trust_env=False) as client, asyncio.timeout(READY_WITHIN_S):
        for wait_s in itertools.repeat(0.05):
            try:
                if (await client.get(f"{url}/-/ready")).is_success:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(wait_s)
