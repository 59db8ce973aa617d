"""The audit log from the command line, against the real API."""

import asyncio
import csv
import json
from pathlib import Path

import sqlalchemy as sa

from optral.access import service as access
from optral.access.tables import audit_heads, audit_records
from optral.store.store import Store
from optral.terms import actor as actors
from tests.api.conftest import Api, running
from tests.cli.test_detectors import run
from tests.support.clock import FakeClock
from tests.support.commandline import optral
from tests.support.sqlite_alone import engine_name as engine_name


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


async def test_the_audit_log_is_verified_and_a_cut_end_shows_by_the_head_of_an_export(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    async with running(store, clock) as api:
        await api.new_cluster("production")
        exported = await asyncio.to_thread(optral, "audit", "export", "--file", str(tmp_path / "a.csv"), url=api.url, key=api.key)
        head = exported.stderr.partition("head of the audit log: ")[2].partition(" ")[0]

        async def verify(*words: str) -> tuple[int, str]:
            done = await asyncio.to_thread(optral, "audit", "verify", *words, url=api.url, key=api.key)
            return done.returncode, done.stdout

        code, said = await verify("--head", head)
        assert code == 0 and "intact: " in said and "contains the given head" in said and f"head: {head}" in said
        last = (await store.read(actors.system(api.org), lambda tx: access.records_after(tx, 0)))[-1]
        gone = sa.delete(audit_records).where(audit_records.c.org_id == api.org, audit_records.c.seq == last.seq)
        await store.write(actors.system(api.org), lambda tx: tx.execute(gone).close())
        code, said = await verify()
        assert code == 1 and "removed at aud_" in said and f"missing at the end, after this record: record {last.seq}" in said
        heads = sa.update(audit_heads).where(audit_heads.c.org_id == api.org)
        before = (await store.read(actors.system(api.org), lambda tx: access.records_after(tx, 0)))[-1]
        await store.write(actors.system(api.org), lambda tx: tx.execute(heads.values(seq=before.seq, hash=before.hash)).close())
        assert (await verify())[0] == 0
        assert (await verify("--head", head))[0] == 1
