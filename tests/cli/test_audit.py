"""The audit log from the command line, against the real API."""

import asyncio
import csv
import json
from pathlib import Path

import pytest

from optral.store.store import Store
from tests.api.conftest import Api, running
from tests.cli.test_detectors import run
from tests.support.clock import FakeClock
from tests.support.commandline import optral


@pytest.fixture
def engine_name() -> str:
    """The command line sees no difference between the engines."""
    return "sqlite"


async def export(api: Api, *words: str) -> None:
    done = await asyncio.to_thread(optral, "audit", "export", *words, url=api.url, key=api.key)
    assert done.returncode == 0, done.stderr


async def test_the_audit_log_is_listed_and_exported(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    async with running(store, clock) as api:
        await api.new_cluster("production")
        listed = (await run(api, "audit", "list", "--cluster", "production"))["audit"]
        assert [one["summary"] for one in listed] == ["created the cluster production"]
        lines, table = tmp_path / "audit.jsonl", tmp_path / "audit.csv"
        await export(api, "--format", "jsonl", "--group", "cluster", "--file", str(lines))
        assert [json.loads(line) for line in lines.read_text().splitlines()] == listed
        await export(api, "--file", str(table))
        assert [row["summary"] for row in csv.DictReader(table.open())][-1] == "exported 1 audit records"
        assert table.stat().st_mode & 0o777 == 0o600
