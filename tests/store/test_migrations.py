"""Migrations: an empty database ends where the tables are, on both engines; a newer schema is refused; Alembic comes only when needed."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from optral.server import schema
from optral.store import migrations, tenancy
from optral.store.metadata import metadata
from optral.store.open import open_store
from optral.store.postgres import engine_for
from optral.store.sqlite import write_engine
from optral.terms.actor import system
from optral.terms.errors import Misconfigured
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
        assert compare_metadata(context, metadata) == [], "run python -m tests.tools.draft_migration (before the first release)"
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


async def test_opening_again_keeps_the_rows(empty_url: str, clock: FakeClock) -> None:
    for expected in ([], ["kept"]):
        store = await open_store(database_url=empty_url, data_dir=Path("/"), clock=clock)
        names = await store.read(system(), lambda tx: tx.execute(sa.text("SELECT name FROM secret_checks")).scalars().all())
        assert names == expected
        if not names:
            insert = sa.insert(metadata.tables["secret_checks"]).values(name="kept", value=b"")
            await store.write(system(), lambda tx, insert=insert: tx.execute(insert).close())
        await store.close()


async def test_a_schema_newer_than_the_code_is_refused_in_one_line(empty_url: str, clock: FakeClock) -> None:
    await (await open_store(database_url=empty_url, data_dir=Path("/"), clock=clock)).close()
    engine = engine_of(empty_url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(Misconfigured) as refusal:
        await open_store(database_url=empty_url, data_dir=Path("/"), clock=clock)
    assert refusal.value.code == "schema_too_new"
    assert "9999" in refusal.value.say
    assert "\n" not in refusal.value.say


async def test_two_replicas_that_start_together_migrate_once(postgres) -> None:
    url = postgres.create_database("together")
    engines = [engine_for(url) for _ in range(3)]
    failures: list[BaseException] = []

    def migrate(engine: sa.Engine) -> None:
        try:
            migrations.bring_up_to_date(engine)
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
