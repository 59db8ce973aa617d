"""Traces in a real Jaeger: what an agent reports, until its commit in the server."""

import itertools
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.setup import jaeger
from tests.support.platform import free_ports
from tests.up.test_demo import finish, start

pytestmark = [pytest.mark.cluster, pytest.mark.full]
WITHIN_S = 60.0


@contextmanager
def _jaeger(log: Path) -> Iterator[tuple[str, httpx2.Client]]:
    """Where Jaeger takes spans, and its API."""
    names = ("collector.otlp.grpc", "query.http-server", "collector.otlp.http", "collector.grpc-server", "collector.http-server")
    names += ("query.grpc-server", "admin.http")
    places = {name: f"127.0.0.1:{port}" for name, port in zip(names, free_ports(len(names)), strict=True)}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [jaeger.find(), *(f"--{name}.host-port={place}" for name, place in places.items())], stdout=out, stderr=subprocess.STDOUT
        )
    try:
        with httpx2.Client(base_url=f"http://{places['query.http-server']}/api", trust_env=False) as api:
            yield f"http://{places['collector.otlp.grpc']}", api
    finally:
        process.terminate()
        process.wait(30)


def _traces(api: httpx2.Client, service: str) -> list[dict[str, Any]]:
    """The traces of a service, once there are any."""
    deadline = time.monotonic() + WITHIN_S
    for wait_s in itertools.repeat(0.1):
        try:
            answer = api.get("/traces", params={"service": service, "limit": 500}).json()
        except httpx2.TransportError:
            answer = {}
        if answer.get("data") or time.monotonic() > deadline:
            break
        time.sleep(wait_s)
    found: list[dict[str, Any]] = answer["data"]
    return found


def _tree(trace: dict[str, Any], parent: str = "", depth: int = 0) -> Iterator[str]:
    """The spans of a trace, indented below their parents."""
    for span in sorted(trace["spans"], key=lambda one: one["startTime"]):
        parents = [one["spanID"] for one in span["references"] if one["refType"] == "CHILD_OF"]
        if (parents or [""])[0] == parent:
            service = trace["processes"][span["processID"]]["serviceName"]
            yield "  " * depth + f"{service}: {span['operationName']}"
            yield from _tree(trace, span["spanID"], depth + 1)


async def test_jaeger_shows_what_an_agent_reports_as_one_trace_until_its_commit(tmp_path: Path) -> None:
    with _jaeger(tmp_path / "jaeger.log") as (takes, api):
        demo = await start("demo", "--once", "--data-dir", str(tmp_path / "data"), OTEL_EXPORTER_OTLP_ENDPOINT=takes)
        code, _, errors = await finish(demo, within_s=180)
        assert code == 0, errors
        trees = [list(_tree(one)) for one in _traces(api, "optral-agent")]
        services = api.get("/services").json()["data"]
    assert {"optral-agent", "optral-server"} <= set(services)
    story = max(trees, key=len)
    print("\n".join(story))
    assert story[:2] == ["optral-agent: agent.report", "  optral-server: gateway.ingest"]
    assert "    optral-server: store.write" in story
