"""The check of an exported audit log, by one file and Python alone, and against heads that were kept elsewhere."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from optral.access import service as access
from optral.access.tables import audit_heads, audit_records
from optral.cli import audit_check
from optral.store.store import Store
from optral.terms import actor as actors
from tests.api.conftest import Api, running
from tests.support.clock import FakeClock
from tests.support.commandline import optral

Lines = list[str]


async def exported(api: Api, file: Path) -> str:
    """The export, and the head that it prints."""
    done = await asyncio.to_thread(optral, "audit", "export", "--format", "chain", "--file", str(file), url=api.url, key=api.key)
    assert done.returncode == 0, done.stderr
    return done.stderr.partition("head of the audit log: ")[2].partition(" ")[0]


def alone(folder: Path, file: Path, heads: str = "") -> tuple[int, str]:
    """What the program says that `optral audit verifier` prints, in a Python without any package."""
    program = folder / "audit_check.py"
    program.write_text(Path(audit_check.__file__).read_text())
    more = []
    if heads:
        (folder / "heads.txt").write_text(heads + "\n")
        more = ["--heads", str(folder / "heads.txt")]
    done = subprocess.run([sys.executable, "-I", "-S", program, file, *more], capture_output=True, text=True, check=False, cwd=folder)
    return done.returncode, done.stdout + done.stderr


def changed(lines: Lines) -> Lines:
    record = json.loads(lines[2]) | {"actor_id": "usr_somebody_else"}
    return [*lines[:2], json.dumps(record), *lines[3:]]


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        pytest.param(lambda lines: lines, "is intact: ", id="as it was written"),
        pytest.param(changed, "is not as it was written", id="a tampered record"),
        pytest.param(lambda lines: lines[:2] + lines[3:], "removed or out of order", id="a record removed in the middle"),
        pytest.param(lambda lines: lines[:-1], "records were removed", id="a truncated end"),
        pytest.param(lambda lines: [*lines[:2], "{", *lines[3:]], "the file is damaged", id="a line that cannot be read"),
    ],
)
async def test_an_export_is_checked_without_the_server(
    store: Store, clock: FakeClock, tmp_path: Path, harm: Callable[[Lines], Lines], says: str
) -> None:
    async with running(store, clock) as api:
        for name in ("a", "b", "c"):
            await api.new_cluster(name)
        file = tmp_path / "audit.chain"
        await exported(api, file)
    file.write_text("\n".join(harm(file.read_text().splitlines())) + "\n")
    code, said = alone(tmp_path, file)
    assert says in said and code == (0 if "intact" in says else 1), said


@pytest.mark.parametrize("text", ["", "at,actorKind,actorId\n", '{"id":"aud_x"}\n', "[1]\n", "\xff\x00"])
def test_another_file_than_an_export_of_the_chain_is_not_called_tampered_with(tmp_path: Path, text: str) -> None:
    file = tmp_path / "audit.csv"
    assert alone(tmp_path, file) == (2, f"cannot read {file}: No such file or directory\n")
    file.write_bytes(text.encode("latin-1"))
    code, said = alone(tmp_path, file)
    assert code == 2 and "is not an export of the audit chain; create one with `optral audit export --format chain`" in said


async def test_a_log_that_was_cut_or_rewritten_does_not_fit_the_head_that_was_kept(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    async with running(store, clock) as api:
        for name in ("a", "b", "c"):
            await api.new_cluster(name)
        head = await exported(api, tmp_path / "first.chain")
        await exported(api, tmp_path / "later.chain")
        assert alone(tmp_path, tmp_path / "later.chain", f"2026-01-15T12:00:00Z {api.org} {head}")[0] == 0
        number = head.partition(":")[0]
        code, said = alone(tmp_path, tmp_path / "later.chain", f"{number}:{'0' * 64}")
        assert code == 1 and "were rewritten" in said
        other = f"2026-01-15T12:00:00Z org_01h455vb4pex5vsknk084sn02q {number}:{'0' * 64}"
        assert alone(tmp_path, tmp_path / "later.chain", other)[0] == 0, "a head of another organization"

        def cut(tx: object) -> None:
            """What somebody with the database does: the last records and the end of the chain go together."""
            first = access.records_after(tx, 0)[0]  # type: ignore[arg-type]
            beyond = sa.and_(audit_records.c.org_id == api.org, audit_records.c.seq > first.seq)
            tx.execute(sa.delete(audit_records).where(beyond)).close()  # type: ignore[attr-defined]
            ends = sa.update(audit_heads).where(audit_heads.c.org_id == api.org).values(seq=first.seq, hash=first.hash)
            tx.execute(ends).close()  # type: ignore[attr-defined]

        await store.write(actors.system(api.org), cut)
        (tmp_path / "heads").write_text(f"{head}\n")
        verify = ("audit", "verify", "--heads", str(tmp_path / "heads"))
        done = await asyncio.to_thread(optral, "audit", "verify", url=api.url, key=api.key)
        assert done.returncode == 0, "nothing in the database shows it"
        done = await asyncio.to_thread(optral, *verify, url=api.url, key=api.key)
        assert done.returncode == 1 and ("were rewritten" in done.stdout or "later records were removed" in done.stdout), done.stdout


async def test_a_head_that_was_kept_counts_only_if_it_was_compared(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    """Whoever has the database may say that retention removed everything up to now."""
    async with running(store, clock) as api:
        for name in ("a", "b", "c"):
            await api.new_cluster(name)
        file = tmp_path / "audit.chain"
        await exported(api, file)
    lines = file.read_text().splitlines()
    start, first, second = (json.loads(one) for one in lines[:3])
    start["base"] = {"seq": second["seq"], "hash": second["hash"]}
    file.write_text("\n".join([json.dumps(start), *lines[3:]]) + "\n")
    old = f"{first['seq']}:{'0' * 64}"
    code, said = alone(tmp_path, file, old)
    assert code == 0 and "compared with 0 heads" in said and "1 older head" in said, said
    code, said = alone(tmp_path, file, f"{second['seq']}:{second['hash']}")
    assert code == 0 and "compared with 1 head;" in said, said
    code, said = alone(tmp_path, file, f"{second['seq']}:{'0' * 64}")
    assert code == 1 and "were rewritten" in said, said


async def test_a_long_log_is_exported_in_parts(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        for name in ("a", "b", "c"):
            await api.new_cluster(name)
        whole = (await api.get("/v1/audit/export?format=chain")).text.splitlines()
        first, second = json.loads(whole[1]), json.loads(whole[2])
        rest = (await api.get(f"/v1/audit/export?format=chain&after={first['seq']}")).text.splitlines()
        assert json.loads(rest[0])["base"] == {"seq": first["seq"], "hash": first["hash"]} and json.loads(rest[1]) == second
        assert audit_check.check(iter([*whole[:2], *rest]), lambda _: {})[0] is None
        assert (await api.get("/v1/audit/export?format=chain&after=99999")).status_code == 422
        assert (await api.get("/v1/audit/export?format=chain&group=cluster")).status_code == 400
