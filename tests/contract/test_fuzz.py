"""Schemathesis against a running edge: all checks, as many cases as OPTRAL_FUZZ_CASES says; and a client generated from the contract."""

import asyncio
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from optral.api.contract import FOLDER
from optral.store.store import Store
from tests.api.conftest import running
from tests.support.clock import FakeClock

CASES = os.environ.get("OPTRAL_FUZZ_CASES", "20")
BIN = Path(sys.executable).parent


@pytest.mark.slow
async def test_schemathesis_finds_nothing(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        api.services.limiter._limits["enterprise"] = 10_000_000
        api.services.limiter._failures = 10_000_000  # the checks ask without a key more often than the address may
        arguments = [
            str(BIN / "schemathesis"),
            "run",
            str(FOLDER / "openapi.json"),
            "--url",
            api.url,
            "-H",
            f"Authorization: Bearer {api.key}",
            "--checks",
            "all",
            "--max-examples",
            CASES,
            "--seed",
            "1",
            "--generation-deterministic",
            "--exclude-path",
            "/v1/events/stream",
            "--no-color",
        ]
        ran = await asyncio.create_subprocess_exec(*arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output, _ = await asyncio.wait_for(ran.communicate(), timeout=900)
    assert ran.returncode == 0, output.decode()[-8000:]


@pytest.mark.slow
async def test_a_generated_client_talks_to_the_server(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    arguments = [
        str(BIN / "openapi-python-client"),
        "generate",
        "--path",
        str(FOLDER / "openapi.json"),
        "--output-path",
        str(tmp_path / "made"),
        "--meta",
        "none",
    ]
    made = await asyncio.create_subprocess_exec(*arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output, _ = await asyncio.wait_for(made.communicate(), timeout=120)
    assert made.returncode == 0, output.decode()
    sys.path.insert(0, str(tmp_path))
    try:
        client_module = importlib.import_module("made.client")
        list_clusters = importlib.import_module("made.api.clusters.list_clusters")
        create_cluster = importlib.import_module("made.api.clusters.create_cluster")
        models = importlib.import_module("made.models")
        async with running(store, clock) as api:
            client = client_module.AuthenticatedClient(base_url=api.url, token=api.key)
            new = await create_cluster.asyncio(client=client, body=models.NewCluster(name="made"))
            listed = await list_clusters.asyncio(client=client)
    finally:
        sys.path.remove(str(tmp_path))
    assert (new.name, [one.name for one in listed.clusters], listed.total) == ("made", ["made"], 1)
