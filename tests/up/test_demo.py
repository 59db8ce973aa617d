"""`optral demo` and `optral up` as a newcomer runs them: a process of their own, real server, real agent, real tunnel."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from optral.client.client import Client
from optral.demo import cluster
from optral.up import ports

pytestmark = pytest.mark.slow


async def start(*words: str, **environment: str) -> asyncio.subprocess.Process:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPTRAL_")}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "optral", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=kept | environment
    )


async def finish(process: asyncio.subprocess.Process, *, within_s: float) -> tuple[int, str, str]:
    try:
        async with asyncio.timeout(within_s):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        raise
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def agents_of(directory: Path) -> list[str]:
    """Command lines of living processes that name this directory."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_text()
        except OSError:
            continue
        if str(directory) in line and "--stop-with-parent" in line:
            lines.append(line)
    return lines


def left_in(directory: Path) -> list[Path]:
    return list(directory.iterdir())


async def test_demo_once_tells_of_eight_issues_of_six_types(tmp_path: Path) -> None:
    with socket.socket() as taken:  # the usual port is somebody else's; nobody minds if it is taken already
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8080))
            taken.listen()
        except OSError:
            pass
        code, out, err = await finish(await start("demo", "--once", TMPDIR=str(tmp_path)), within_s=200)
    assert (code, err) == (0, "")
    summary: dict[str, Any] = json.loads(out)
    assert list(summary) == ["issues", "clusters", "apiUrl", "seconds"]
    assert len(summary["issues"]) >= 8
    assert len({issue["type"] for issue in summary["issues"]}) >= 6
    assert all(issue["analysis"]["status"] in ("ready", "inconclusive") for issue in summary["issues"])
    assert all(issue["analysis"]["rootCause"]["id"] for issue in summary["issues"] if issue["analysis"]["status"] == "ready")
    assert [one["status"] for one in summary["clusters"]] == ["online"]
    assert not summary["apiUrl"].endswith(":8080")
    assert left_in(tmp_path) == []
    assert agents_of(tmp_path) == []


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_nothing_is_left_when_demo_ends(tmp_path: Path, how: signal.Signals) -> None:
    process = await start("demo", "--data-dir", str(tmp_path))
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while b"opened" not in await process.stdout.readline():
            assert process.returncode is None
    assert len(agents_of(tmp_path)) == 1
    process.send_signal(how)
    code, _, _ = await finish(process, within_s=20)
    assert code == (-signal.SIGKILL if how is signal.SIGKILL else 0)
    async with asyncio.timeout(10):  # the kernel tells the agent; it says goodbye first
        while agents_of(tmp_path):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_up_finds_its_cluster_again(tmp_path: Path) -> None:
    listeners = {"OPTRAL_ENROLL_LISTEN": ports.usual_or_free(0), "OPTRAL_TUNNEL_LISTEN": ports.usual_or_free(0)}
    words = ["up", "--once", "--data-dir", str(tmp_path / "state"), "--listen", ports.usual_or_free(0)]
    (tmp_path / "demo").mkdir()
    async with cluster.running(tmp_path / "demo") as demo:
        ids = []
        for _ in range(2):
            code, out, err = await finish(await start(*words, KUBECONFIG=str(demo.kubeconfig), **listeners), within_s=200)
            assert (code, err) == (0, "")
            summary = json.loads(out)
            assert summary["issues"]
            ids.append([one["id"] for one in summary["clusters"]])
    assert ids[0] == ids[1]
    assert len(ids[0]) == 1


async def test_the_demo_performs_probes_through_its_tunnel(tmp_path: Path) -> None:
    """An analysis cites one, and a person can have one performed."""
    process = await start("demo", "--data-dir", str(tmp_path))
    assert process.stdout is not None
    printed = ""
    try:
        async with asyncio.timeout(120):
            while "opened" not in printed:
                printed += (await process.stdout.readline()).decode()
            url, key = re.findall(r"export OPTRAL_URL=(\S+) OPTRAL_API_KEY=(\S+)", printed)[0]
            with Client(url, key) as client:
                evidence = await asyncio.to_thread(cited_probe, client)
                service = client.resources.list(kind="Service", namespace="shop", page_size=1).value.resources[0]
                performed = await asyncio.to_thread(client.resources.probe, service.id, check="dns")
    finally:
        process.send_signal(signal.SIGTERM)
        await finish(process, within_s=20)
    assert re.fullmatch(
        r"From the agent's pod in namespace optral at [0-9:]{8}: TCP connect to 10[0-9.]+:80 \(\S+\.svc\) was refused", evidence
    )
    assert performed.value["outcome"] == "reachable"


def cited_probe(client: Client) -> str:
    """What the first probe that an analysis cites found. Waits for it; the caller has the deadline."""
    while True:
        for issue in client.issues.list(type="ServiceNoEndpoints").value.issues:
            analysis = json.loads(client.issues.get(issue.id).raw).get("analysis") or {}
            for one in analysis.get("evidence", ()):
                if one["kind"] == "probe":
                    return str(one["excerpt"])
        time.sleep(0.2)
