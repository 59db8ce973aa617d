"""Migrations: an empty database ends where the tables are, on both engines; a newer schema is refused; Alembic comes only when needed."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from optral.server import schema
from optral.store import copying, migrations, tenancy
from optral.store.metadata import metadata
from optral.store.migrations import run
from optral.store.migrations.fresh import CreateAll
from optral.store.open import open_store
from optral.store.postgres import engine_for
from optral.store.sqlite import write_engine
from optral.terms.actor import system
from optral.terms.errors import Misconfigured
from tests.store import next_revision
from tests.support.clock import FakeClock

pytestmark = pytest.mark.slow  # databases of earlier releases


@pytest.fixture
def empty_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it."""
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path / 'fresh' / 'optral.db'}"
        return
    server = request.getfixturevalue("postgres")
    yield server.create_database("fresh")
    server.drop_database("fresh")


def engine_of(url: str) -> sa.Engine:
    return write_engine(Path(url.removeprefix("sqlite:///"))) if url.startswith("sqlite") else engine_for(url)


async def test_migrating_an_empty_database_gives_the_tables_of_the_code(empty_url: str, clock: FakeClock) -> None:
    schema.gather()
    await (await open_store(database_url=empty_url, data_dir=Path("/"), clock=clock)).close()
    engine = engine_of(empty_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == [], "add a file to optral/store/migrations/versions/"
    engine.dispose()


async def test_every_tenant_table_has_its_wall_on_postgresql(postgres, clock: FakeClock) -> None:
    url = postgres.create_database("walls")
    await (await open_store(database_url=url, data_dir=Path("/"), clock=clock)).close()
    engine = engine_for(url)
    with engine.connect() as connection:
        walled = connection.execute(sa.text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")).scalars().all()
        policies = connection.execute(sa.text("SELECT tablename FROM pg_policies")).scalars().all()
        unlogged = connection.execute(sa.text("SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r'")).scalars().all()
    engine.dispose()
    postgres.drop_database("walls")
    tenants = sorted(table.name for table in tenancy.tenant_tables(schema.gather()))
    assert sorted(walled) == tenants
    assert sorted(policies) == tenants
    assert sorted(unlogged) == sorted(tenancy.unlogged_tables(metadata))


async def test_changes_of_objects_leave_the_indexes_of_postgresql_alone(postgres, clock: FakeClock) -> None:
    """A row of 1.5 KB is written to the page of its old version while there is room, as in the tables of the code."""
    url = postgres.create_database("room")
    await (await open_store(database_url=url, data_dir=Path("/"), clock=clock)).close()
    engine = engine_for(url)
    with engine.connect() as connection:
        options = connection.execute(sa.text("SELECT reloptions FROM pg_class WHERE relname = 'resources'")).scalar_one()
    engine.dispose()
    postgres.drop_database("room")
    assert options == [f"fillfactor={metadata.tables['resources'].dialect_options['postgresql']['with']['fillfactor']}"]


async def test_opening_again_keeps_the_rows(empty_url: str, clock: FakeClock) -> None:
    for expected in ([], ["kept"]):
        store = await open_store(database_url=empty_url, data_dir=Path("/"), clock=clock)
        names = await store.read(system(), lambda tx: tx.execute(sa.text("SELECT name FROM secret_checks")).scalars().all())
        assert names == expected
        if not names:
            insert = sa.insert(metadata.tables["secret_checks"]).values(name="kept", value=b"")
            await store.write(system(), lambda tx, insert=insert: tx.execute(insert).close())
        await store.close()


@pytest.mark.parametrize(
    ("stored", "code", "words"),
    [("9999", "schema_too_new", "start that version"), ("0046", "schema_unreleased", "start with an empty one (docs/install/upgrade.md#")],
)
async def test_a_schema_that_the_code_does_not_know_is_refused_in_one_line(
    empty_url: str, clock: FakeClock, stored: str, code: str, words: str
) -> None:
    await (await open_store(database_url=empty_url, data_dir=Path("/"), clock=clock)).close()
    engine = engine_of(empty_url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :stored"), {"stored": stored})
    engine.dispose()
    with pytest.raises(Misconfigured) as refusal:
        await open_store(database_url=empty_url, data_dir=Path("/"), clock=clock)
    assert refusal.value.code == code
    assert stored in refusal.value.say and words in refusal.value.say
    assert "\n" not in refusal.value.say


@pytest.mark.parametrize("create_all", [None, schema.create_all], ids=["migrated", "created"])
async def test_two_replicas_that_start_together_migrate_once(postgres, create_all: CreateAll | None) -> None:
    url = postgres.create_database("together")
    engines = [engine_for(url) for _ in range(3)]
    failures: list[BaseException] = []

    def migrate(engine: sa.Engine) -> None:
        try:
            migrations.bring_up_to_date(engine, create_all=create_all)
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failures.append(error)

    threads = [threading.Thread(target=migrate, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for engine in engines:
        engine.dispose()
    postgres.drop_database("together")
    assert failures == []


def fill(connection: sa.Connection, name: str, **values: object) -> None:
    """A row of a table as it is in the database."""
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    blank = {int: 0, bool: False, bytes: b"", dict: []}
    needed = {one.name: blank.get(one.type.python_type, "") for one in table.c if not one.nullable and one.server_default is None}
    connection.execute(sa.insert(table).values({**needed, "org_id": "org_1", **values}))


def test_whoever_was_removed_before_revision_0074_is_inactive_in_scim(empty_url: str, tmp_path: Path) -> None:
    (tmp_path / "fresh").mkdir()
    engine = engine_of(empty_url)
    with engine.begin() as connection:
        copying.begin(connection)
        copying.upgrade_to(connection, "0073")
        fill(connection, "organisations")
        fill(connection, "identity_providers", id="idp_1")
        for name, removed_at in (("present", None), ("removed", 1)):
            fill(connection, "members", id=name, email=name, removed_at=removed_at)
            fill(connection, "scim_users", id=name, provider_id="idp_1", user_key=name, member_id=name)
    engine.dispose()  # what the transaction was set to see is forgotten with it
    run.upgrade(engine, is_current=lambda _: False)
    with engine.begin() as connection:
        copying.begin(connection)
        found = connection.execute(sa.text("SELECT id, is_removed, revision FROM scim_users ORDER BY id")).all()
    engine.dispose()
    assert [tuple(one) for one in found] == [("present", False, 0), ("removed", True, 1)]


def test_head_is_the_newest_file() -> None:
    files = sorted((Path(migrations.__file__).parent / "versions").glob("[0-9]*.py"))
    assert tuple(file.name[:4] for file in files) == migrations.REVISIONS


def test_alembic_is_not_imported_for_a_database_that_is_current(tmp_path: Path) -> None:
    code = f"""
import asyncio, sys
from pathlib import Path
from optral.kit.clock import SystemClock
from optral.store.open import open_store
async def main():
    await (await open_store(database_url=None, data_dir=Path({str(tmp_path)!r}), clock=SystemClock())).close()
asyncio.run(main())
print("alembic" in sys.modules)
"""
    said = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() for _ in range(2)]
    assert said == ["True", "False"]


def structure(engine: sa.Engine) -> dict[str, object]:
    """Everything about every table but the order of its columns."""
    inspector = sa.inspect(engine)
    found: dict[str, object] = {}
    for name in inspector.get_table_names():
        found[name] = (
            sorted(str({**column, "type": str(column["type"])}) for column in inspector.get_columns(name)),
            inspector.get_pk_constraint(name),
            sorted(map(str, inspector.get_foreign_keys(name))),
            sorted(map(str, inspector.get_unique_constraints(name))),
            sorted(map(str, inspector.get_check_constraints(name))),
        )
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            others = sa.text("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type <> 'table' ORDER BY 1, 2")
            found["others"] = [tuple(str(part).split() for part in row) for row in connection.execute(others)]
            return found
        for title, query in {
            "walls": "SELECT relname, relrowsecurity, relforcerowsecurity, relpersistence, reloptions FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i', 'S', 'v') ORDER BY 1",
            "policies": "SELECT tablename, policyname, permissive, roles, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2",
            "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
            "constraints": "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace ORDER BY conrelid::regclass::text, 1",
            "triggers": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
            "functions": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
        }.items():
            found[title] = [tuple(row) for row in connection.execute(sa.text(query))]
    return found


def contents(engine: sa.Engine) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that has any."""
    with engine.connect() as connection:
        rows = {
            name: [tuple(row) for row in connection.execute(sa.text(f"SELECT * FROM {name}"))]
            for name in sa.inspect(connection).get_table_names()
        }
    return {name: found for name, found in rows.items() if found}


def test_an_empty_database_is_made_as_all_migrations_leave_it(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    schema.gather()
    urls = {}
    for way in ("migrated", "created"):
        if engine_name == "sqlite":
            urls[way] = f"sqlite:///{tmp_path / way}.db"
        else:
            urls[way] = request.getfixturevalue("postgres").create_database(way)
    engines = {way: engine_of(url) for way, url in urls.items()}
    migrations.bring_up_to_date(engines["migrated"])
    migrations.bring_up_to_date(engines["created"], create_all=schema.create_all)
    shapes = [structure(engine) for engine in engines.values()]
    rows = [contents(engine) for engine in engines.values()]
    migrations.bring_up_to_date(engines["created"], create_all=schema.create_all)  # nothing to do
    for way, engine in engines.items():
        engine.dispose()
        if engine_name != "sqlite":
            request.getfixturevalue("postgres").drop_database(way)
    assert shapes[0].keys() == shapes[1].keys()
    for name in shapes[0]:
        assert shapes[0][name] == shapes[1][name], name
    assert rows[0] == rows[1] == {"alembic_version": [(migrations.HEAD,)]}


def test_a_database_of_an_earlier_revision_is_migrated_not_created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_of(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        command.upgrade(run.config(connection), next_revision.add(monkeypatch, tmp_path / "next"))

    def refuse(_connection: sa.Connection) -> None:
        raise AssertionError("this database has tables")

    migrations.bring_up_to_date(engine, create_all=refuse)
    with engine.connect() as connection:
        assert migrations.stored_revision(connection) == migrations.HEAD
    engine.dispose()
