"""Schemathesis against a running edge: all checks, as many cases as OPTRAL_FUZZ_CASES says; and a client generated from the contract."""

import asyncio
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from optral.api.pages.contract import FOLDER
from optral.store.store import Store
from tests.api.conftest import Api, another_organisation, running
from tests.api.seeds import finding, objects, observe
from tests.support.clock import FakeClock

CASES = os.environ.get("OPTRAL_FUZZ_CASES", "4")
"""For each operation in the fuzzing phase."""
PHASES = {"sqlite": "examples,fuzzing,stateful", "postgresql": "coverage"}
"""By engine, as coverage alone makes more than 10,000 requests. PostgreSQL, which refuses more values, gets the values at their bounds."""
ALL_PHASES = os.environ.get("OPTRAL_FUZZ_PHASES")  # for both engines
UNLIMITED = {"enterprise": 10_000_000, "free": 10_000_000}
BIN = Path(sys.executable).parent
HERE = Path(__file__).parent


@pytest.mark.slow
async def test_schemathesis_finds_nothing(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    """Streams end at once here and nothing is waited for, so that such answers are checked like any other."""
    async with running(store, clock, limits=UNLIMITED, failures=10_000_000, stream_max_age_s=0, longest_wait_s=0.1) as api:
        await _fill(api)
        callers = {"shop": api.key, "other": await api.new_key(maker=await another_organisation(api))}
        arguments = ["--config-file", str(HERE / "schemathesis.toml"), "run", str(FOLDER / "openapi.json"), "--url", api.url]
        arguments += ["--checks", "all", "--max-examples", CASES, "--phases", ALL_PHASES or PHASES[store.dialect], "--no-color"]
        ran = await asyncio.create_subprocess_exec(
            str(BIN / "schemathesis"),
            *arguments,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(HERE.parents[1]), "OPTRAL_FUZZ_CALLERS": str(_callers(tmp_path, callers))},
        )
        output, _ = await asyncio.wait_for(ran.communicate(), timeout=1800)
    said = "\n".join(line[:600] for line in output.decode().splitlines())
    print(said[said.find("SUMMARY") :])
    assert ran.returncode == 0, said[min((at for at in (said.find("= ERRORS"), said.find("= FAILURES")) if at >= 0), default=0) :]


async def _fill(api: Api) -> None:
    """Something of each kind to find."""
    for name in ("first", "second"):
        cluster_id = await api.new_cluster(name)
        await observe(api, cluster_id, finding("api", api=api), finding("web", api=api))
        await objects(api, cluster_id, "a", "b")


def _callers(folder: Path, keys: dict[str, str]) -> Path:
    """Who asks, in the form schemathesis reads: two organizations, for the checks that one must not see what is the other's."""
    document = {
        "auth": [{"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {key}"}]} for name, key in keys.items()]
    }
    path = folder / "callers.json"
    path.write_text(json.dumps(document))
    return path


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
