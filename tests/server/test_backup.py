"""Backups of both engines, restored into both: everything that was acknowledged is there, and nothing is done again."""

import asyncio
import functools
import itertools
import os
import re
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyrage
import pytest
import sqlalchemy as sa

from optral.access import people_service as people, service as access
from optral.access.model import AuditFilter, KeyFilter
from optral.cli import backups as cli
from optral.clusters.fleet import TokenStatus
from optral.flows import restoration
from optral.flows.triggers import manage
from optral.kit.paging import PageRequest
from optral.resources import service as resources
from optral.resources.model import ResourceFilter
from optral.runbooks import service as runbooks
from optral.runbooks.model import ExecutionStatus
from optral.server import archive, backup, schema, settings as server_settings
from optral.server.settings import Settings
from optral.store import copying, migrations
from optral.store.metadata import Timestamp
from optral.store.sqlite import write_engine
from optral.store.store import Store
from optral.terms import actor as actors
from optral.terms.errors import Misconfigured
from tests.conftest import new_org
from tests.flows.people.leaver import Leaver
from tests.store import next_revision
from tests.support.agents import KEY_ENCRYPTION_KEY
from tests.support.clock import FakeClock
from tests.support.filled import filled, opened
from tests.support.postgres import Postgres

pytestmark = pytest.mark.slow  # databases of their own, migrated from nothing
ENGINES = ("sqlite", "postgresql")
_numbers = itertools.count()
Place = Callable[[str], Settings]


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A new data folder, and for PostgreSQL a new database: `place("postgresql")`."""
    made: list[str] = []

    def make(engine: str) -> Settings:
        number = next(_numbers)
        url = None
        if engine == "postgresql":
            postgres: Postgres = request.getfixturevalue("postgres")
            made.append(f"backup_{number}")
            url = postgres.create_database(made[-1])
        (tmp_path / f"data-{number}").mkdir()
        return server_settings.load(data_dir=tmp_path / f"data-{number}", database_url=url)

    yield make
    for name in made:
        request.getfixturevalue("postgres").drop_database(name)


def rows(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, by table."""
    engine = copying.source_engine(database_url=settings.database_url, data_dir=settings.data_dir)
    found: dict[str, list[tuple[Any, ...]]] = {}
    with engine.begin() as connection:
        copying.begin(connection)
        for part in copying.read(connection):
            found.setdefault(part.table, []).extend(tuple(sorted(zip(part.columns, row, strict=True))) for row in part.rows)
    engine.dispose()
    return {table: sorted(of_it, key=repr) for table, of_it in found.items()}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("other", ENGINES)
async def test_a_backup_brings_back_what_was_there_and_ends_what_was_in_progress(
    place: Place, clock: FakeClock, tmp_path: Path, engine: str, other: str
) -> None:
    source = await filled(place(engine), clock)
    before = rows(source.settings)
    file = tmp_path / "backup"
    count = backup.backup(source.settings, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert rows(source.settings) == before
    target = place(other)
    restored = backup.restore(target, file)
    assert restored.rows == count
    for name in ("pepper", "key-encryption-key"):
        assert (target.data_dir / name).read_text() == (source.settings.data_dir / name).read_text()
    async with opened(target, clock) as store:
        system = actors.system(source.org)
        listed = await store.read(system, lambda tx: access.find_keys(tx, KeyFilter(with_revoked=True)))
        states = {key.id: key.revoked_at is not None for key in listed}
        assert states[source.revoked]
        assert states[source.kept]
        execution = await store.read(system, lambda tx: runbooks.get_execution(tx, source.execution))
        assert (execution.status, execution.failure and execution.failure["code"]) == (ExecutionStatus.LOST, "restored")
        assert (await store.read(system, access.verify)).broken_at is None
        assert await store.read(system, lambda tx: resources.count(tx, ResourceFilter())) == 3
        open_states = "queued", "sent", "received", "running"
        statement = sa.select(schema.gather().tables["commands"].c.state)
        assert not {state for (state,) in await store.read(actors.system(), lambda tx: tx.execute(statement).all())} & set(open_states)
    after = rows(target)
    settled = {
        "api_keys",
        "fleet_tokens",
        "triggers",
        "audit_heads",
        "audit_records",
        "commands",
        "event_heads",
        "events",
        "executions",
        "execution_logs",
    }
    settled |= {"execution_steps", "ca_rotation", *backup.LEFT_OUT}
    assert {table: of_it for table, of_it in after.items() if table not in settled} == {
        table: of_it for table, of_it in before.items() if table not in settled
    }


@pytest.mark.parametrize("engine", ENGINES)
async def test_what_was_acknowledged_before_a_backup_is_in_it_while_writes_go_on(
    place: Place, clock: FakeClock, tmp_path: Path, engine: str
) -> None:
    source = await filled(place(engine), clock)
    system, written, has_ended = actors.system(source.org), 0, False

    async def write(store: Store) -> None:
        nonlocal written
        while not has_ended:
            await store.write(system, lambda tx, number=written: access.audit(tx, action="test", target=str(number)))
            written += 1

    before, targets = [], []
    async with opened(source.settings, clock) as store, asyncio.TaskGroup() as group:
        group.create_task(write(store))
        for number in range(4):
            before.append(written)
            await asyncio.to_thread(backup.backup, source.settings, tmp_path / f"backup-{number}")
        has_ended = True
    assert written > before[-1] > before[0]
    for number, acknowledged in enumerate(before):
        targets.append(place(engine))
        backup.restore(targets[-1], tmp_path / f"backup-{number}")
        async with opened(targets[-1], clock) as store:
            assert (await store.read(system, access.verify)).broken_at is None
            found = await store.read(
                system, lambda tx: access.find_audit(tx, AuditFilter(actions=frozenset({"test"})), PageRequest(size=10**6))
            )
        assert {int(record.target) for record in found} >= set(range(acknowledged))


async def test_keys_are_kept_on_request(place: Place, clock: FakeClock, tmp_path: Path) -> None:
    source = await filled(place("sqlite"), clock)
    backup.backup(source.settings, tmp_path / "backup")
    target = place("sqlite")
    assert backup.restore(target, tmp_path / "backup", keeps_keys=True).settled.keys == 0
    async with opened(target, clock) as store:
        found = await store.read(actors.system(source.org), access.find_keys)
    assert source.kept in {key.id for key in found}
    assert source.revoked not in {key.id for key in found}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("other", ENGINES)
def test_every_table_is_copied_or_left_out_with_a_reason(place: Place, tmp_path: Path, engine: str, other: str) -> None:
    source = place(engine)
    with backup._target(source) as made, made.begin() as connection:
        copying.begin(connection)
        copying.upgrade_to(connection, migrations.HEAD)
        for table in schema.gather().sorted_tables:
            connection.execute(sa.insert(table), [example(table)])
    for secret in ("pepper", "key-encryption-key"):
        (source.data_dir / secret).write_text("ab" * 32)
    before = rows(source)
    assert before.keys() == set(schema.gather().tables)  # a new table has a row here too
    with copying.source_engine(database_url=source.database_url, data_dir=source.data_dir).begin() as connection:
        copying.begin(connection)
        parts = list(copying.read(connection, without=backup.LEFT_OUT))
    target = place(other)
    with backup._target(target) as made, made.begin() as connection:
        copying.begin(connection)
        copying.upgrade_to(connection, migrations.HEAD)
        copying.check_empty(connection)
        copying.write(connection, parts)
    assert rows(target) == {table: of_it for table, of_it in before.items() if table not in backup.LEFT_OUT}
    assert backup.LEFT_OUT.keys() <= before.keys()


def example(table: sa.Table) -> dict[str, Any]:
    """A row; every text is the same, so that every foreign key has its target."""
    values: dict[type[Any], Any] = {str: "a", int: 7, bool: True, float: 1.5, bytes: b"\x00\xff" * 8, dict: {"a": [None, 1.5, "é"]}}
    values[datetime] = datetime(2026, 3, 1, tzinfo=UTC)
    row: dict[str, Any] = {}
    for column in table.columns:
        kind = datetime if isinstance(column.type, Timestamp) else dict if isinstance(column.type, sa.JSON) else column.type.python_type
        row[column.key] = values[kind]
    return row


def inverted(content: bytes, at: int) -> bytes:
    """With 16 bytes inverted. One bit is not enough: a compressed file can say the same in two ways."""
    return content[:at] + bytes(one ^ 0xFF for one in content[at : at + 16]) + content[at + 16 :]


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
async def test_a_damaged_or_shortened_file_restores_nothing(
    place: Place, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passphrase: str | None
) -> None:
    decrypt = functools.cache(pyrage.passphrase.decrypt)  # a second of scrypt for each file whose identity is whole
    monkeypatch.setattr(pyrage.passphrase, "decrypt", decrypt)
    source = await filled(place("sqlite"), clock)
    whole = tmp_path / "backup"
    backup.backup(source.settings, whole, passphrase=passphrase)
    content = whole.read_bytes()
    target = place("sqlite")
    size = len(content)
    damages = [content[:cut] for cut in (0, 3, 40, size // 3, size // 2, size - 400)]
    damages += [inverted(content, at) for at in (600, size // 2, size - 200, size - 16)]
    for damaged in damages:
        (tmp_path / "damaged").write_bytes(damaged)
        with pytest.raises(Misconfigured) as refused:
            backup.restore(target, tmp_path / "damaged", passphrase=passphrase)
        assert refused.value.code in ("backup_damaged", "wrong_passphrase"), refused.value.say
    assert not (target.data_dir / "pepper").exists()
    assert backup.restore(target, whole, passphrase=passphrase).rows > 0


async def test_an_encrypted_backup_needs_its_passphrase_and_shows_nothing(place: Place, clock: FakeClock, tmp_path: Path) -> None:
    source = await filled(place("sqlite"), clock)
    file = tmp_path / "backup"
    backup.backup(source.settings, file, passphrase="correct horse")
    assert file.read_bytes().startswith(archive.MAGIC)
    for passphrase, code in ((None, "passphrase_needed"), ("wrong", "wrong_passphrase")):
        with pytest.raises(Misconfigured) as refused:
            backup.restore(place("sqlite"), file, passphrase=passphrase)
        assert refused.value.code == code
    assert backup.restore(place("sqlite"), file, passphrase="correct horse").rows > 0


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_database_with_rows_is_never_restored_into(place: Place, clock: FakeClock, tmp_path: Path, engine: str) -> None:
    source = await filled(place(engine), clock)
    backup.backup(source.settings, tmp_path / "backup")
    before = rows(source.settings)
    with pytest.raises(Misconfigured) as refused:
        backup.restore(source.settings, tmp_path / "backup")
    assert refused.value.code == "target_not_empty"
    assert rows(source.settings) == before


async def test_a_backup_never_overwrites_a_file_and_leaves_none_when_it_fails(
    place: Place, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await filled(place("sqlite"), clock)
    file = tmp_path / "backup"
    file.write_text("something else")
    with pytest.raises(Misconfigured) as exists:
        backup.backup(source.settings, file)
    assert exists.value.code == "backup_unwritable"
    assert file.read_text() == "something else"

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(archive.Writer, "add", full)
    with pytest.raises(Misconfigured) as failed:
        backup.backup(source.settings, tmp_path / "other")
    assert "No space left on device" in failed.value.say
    assert not (tmp_path / "other").exists()
    assert not (tmp_path / "other.partial").exists()


def test_a_backup_of_an_older_schema_is_migrated(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older, schema_then = place("sqlite"), next_revision.add(monkeypatch, tmp_path / "next")
    engine = write_engine(older.data_dir / "optral.db")
    with engine.begin() as connection:
        copying.upgrade_to(connection, schema_then)
    engine.dispose()
    for secret in ("pepper", "key-encryption-key"):
        (older.data_dir / secret).write_text("ab" * 32)
    with monkeypatch.context() as then:
        then.setattr(migrations, "HEAD", schema_then)
        backup.backup(older, tmp_path / "backup")
    target = place("postgresql")
    assert backup.restore(target, tmp_path / "backup").head.schema == schema_then
    with copying.source_engine(database_url=target.database_url, data_dir=target.data_dir).begin() as connection:
        assert copying.revision(connection) == migrations.HEAD


@pytest.mark.parametrize(
    ("made_with", "code", "words"),
    [("9999", "backup_too_new", "made by Optral 9.0.0"), ("0046", "backup_unreleased", "before the first release")],
)
def test_a_backup_of_a_schema_that_is_not_known_is_refused(place: Place, tmp_path: Path, made_with: str, code: str, words: str) -> None:
    head = {"format": 1, "version": "9.0.0", "schema": made_with, "engine": "sqlite", "taken_at": "2026-03-01T00:00:00Z"}
    with archive.writing(tmp_path / "backup", None) as to:
        to.add(backup.HEAD, msgspec.json.encode(head))
    with pytest.raises(Misconfigured) as refused:
        backup.restore(place("sqlite"), tmp_path / "backup")
    assert refused.value.code == code
    assert words in refused.value.say


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
async def test_a_backup_passes_through_standard_output_and_standard_input(
    place: Place, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passphrase: str | None
) -> None:
    source, target = await filled(place("sqlite"), clock), place("sqlite")
    file = tmp_path / "piped"
    with file.open("w") as out:
        monkeypatch.setattr("sys.stdout", out)
        count = backup.backup(source.settings, archive.STREAM, passphrase=passphrase)
    with file.open() as given:
        monkeypatch.setattr("sys.stdin", given)
        assert backup.restore(target, archive.STREAM, passphrase=passphrase).rows == count


LOOKS_LIKE_ONE = re.compile(r"(^|_)(hash|digest|secret|token|sealed|password|key|nonce|pem|fingerprint)($|_)")


def test_every_column_that_may_hold_a_credential_has_a_decision() -> None:
    found = {
        f"{table.name}.{column.name}"
        for table in schema.gather().sorted_tables
        if table.name not in backup.LEFT_OUT
        for column in table.columns
        if LOOKS_LIKE_ONE.search(column.name) or isinstance(column.type, sa.LargeBinary)
    }
    assert found == restoration.CREDENTIALS.keys(), "say in flows/restoration.py what a restore does with it"


@pytest.mark.parametrize("engine", ENGINES)
async def test_what_ended_after_the_backup_opens_nothing_and_is_named(
    place: Place, clock: FakeClock, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    monkeypatch.setattr(backup, "SystemClock", lambda: clock)
    source = place(engine)
    async with opened(source, clock) as store:
        leaver = Leaver(store, await new_org(store, clock), clock)
        await leaver.prepare()
        backup.backup(source, tmp_path / "backup")
        await leaver.store.write(leaver.owner, lambda tx: manage.roll(tx, leaver.trigger_id, key=KEY_ENCRYPTION_KEY))
        await leaver.remove()
        assert await leaver.provisions()
    target = place("sqlite")
    capsys.readouterr()
    cli.restore(tmp_path / "backup", data_dir=target.data_dir)
    printed = capsys.readouterr().out
    member = await leaver_email(target, clock, leaver)
    assert f"{member} (admin)" in printed and "optral members remove" in printed
    assert "revoked 1 fleet token" in printed and "blocked 1 signed trigger" in printed and str(target.data_dir) in printed
    async with opened(target, clock) as store:
        restored = Leaver(store, leaver.org, clock)
        restored.owner, restored.trigger_id, restored.secret = leaver.owner, leaver.trigger_id, leaver.secret
        restored.fleet_id, restored.scim_token = leaver.fleet_id, leaver.scim_token
        assert await restored.send() == "secret_not_trusted"
        assert await restored.tokens() == (TokenStatus.REVOKED, 0)
        assert not await restored.provisions()
        assert {"database.restore", "fleet_token.revoke", "trigger.block", "scim.distrust"} <= set(await restored.actions())
        _, secret = await store.write(leaver.owner, lambda tx: manage.roll(tx, leaver.trigger_id, key=KEY_ENCRYPTION_KEY))
        assert await restored.send() == "invalid_signature", "also for the member who rolled it"
        assert await restored.send(secret) == "started"


async def leaver_email(target: Settings, clock: FakeClock, leaver: Leaver) -> str:
    async with opened(target, clock) as store:
        return (await store.read(leaver.owner, lambda tx: people.member(tx, leaver.admin.id))).email


TAMPERED: dict[str, Callable[[dict[str, Any]], None]] = {
    "an unknown table": lambda part: part.update(table="no_such_table"),
    "a table that no backup contains": lambda part: part.update(table="sessions"),
    "the table of the schema": lambda part: part.update(table="alembic_version"),
    "an unknown column": lambda part: part["columns"].append("no_such_column"),
    "a row that is too short": lambda part: part["rows"].append([]),
    "no rows at all": lambda part: part.update(rows=7),
    "a value of another kind": lambda part: part["rows"].append([{} for _ in part["columns"]]),
}


@pytest.mark.parametrize("case", TAMPERED)
async def test_a_tampered_backup_with_a_fitting_digest_is_refused_and_leaves_nothing(
    place: Place, clock: FakeClock, tmp_path: Path, case: str
) -> None:
    source = await filled(place("sqlite"), clock)
    backup.backup(source.settings, tmp_path / "whole")
    with archive.reading(tmp_path / "whole", None) as members, archive.writing(tmp_path / "tampered", None) as to:
        is_done = False
        while (member := members.next()) is not None:
            content = member.content
            if member.name == backup.END:
                content = msgspec.json.encode(msgspec.structs.replace(msgspec.json.decode(content, type=backup.End), sha256=to.digest))
            elif member.name.startswith("tables/") and not is_done:
                part, is_done = msgspec.msgpack.decode(content), True
                TAMPERED[case](part)
                content = msgspec.msgpack.encode(part)
            to.add(member.name, content)
    target = place("sqlite")
    with pytest.raises(Misconfigured) as refused:
        backup.restore(target, tmp_path / "tampered")
    assert (refused.value.code, "\n" in refused.value.say) == ("backup_damaged", False)
    assert list(target.data_dir.iterdir()) == []


def test_rows_of_a_newer_schema_under_an_older_one_are_refused(place: Place, tmp_path: Path) -> None:
    with archive.writing(tmp_path / "backup", None) as to:
        old = {"format": 1, "version": "0.1.0", "schema": migrations.REVISIONS[0], "engine": "sqlite", "taken_at": "2026-03-01T00:00:00Z"}
        to.add(backup.HEAD, msgspec.json.encode(old))
        for name in ("pepper", "key-encryption-key"):
            to.add(f"secrets/{name}", b"ab" * 32)
        to.add("tables/000000.msgpack", msgspec.msgpack.encode({"table": "later", "columns": ["id"], "rows": [["trg_1"]]}))
        to.add(backup.END, msgspec.json.encode(backup.End({"later": 1}, to.digest)))
    folder = tmp_path / "new"
    with pytest.raises(Misconfigured) as refused:
        backup.restore(server_settings.load(data_dir=folder), tmp_path / "backup")
    assert "'later'" in refused.value.say
    assert not folder.exists()


async def test_a_backup_says_what_was_written_without_a_terminal(
    place: Place, clock: FakeClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = await filled(place("sqlite"), clock)
    cli.backup(tmp_path / "backup", data_dir=source.settings.data_dir)
    printed = capsys.readouterr().out
    assert printed.startswith(f"wrote {tmp_path / 'backup'}: ") and " rows" in printed and " MB" in printed
    assert printed.count("\n") == 1
