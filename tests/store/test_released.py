"""Databases of released versions: each is migrated to this version on both engines, keeps its rows and ends in the tables of the code.

`python -m lab.tools.freeze_schema` writes the dump of a version; `make release` refuses a version without one.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from optral.server import schema
from optral.store import copying, migrations, upgrade_copy
from optral.store.open import FILE, open_store
from optral.store.postgres import engine_for
from optral.store.sqlite import write_engine
from tests.store.test_migrations import structure
from tests.support.clock import FakeClock

pytestmark = pytest.mark.slow  # databases of earlier releases
RELEASED = sorted((Path(__file__).parent / "released").glob("*.sql"))


def load(dump: Path, path: Path) -> Path:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(dump.read_text())
    return path


def revision(dump: Path) -> str:
    found = re.search(r"schema (\d{4});", dump.read_text())
    assert found is not None
    return found[1]


@pytest.fixture(params=RELEASED, ids=lambda dump: dump.stem)
def dump(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture
def before(dump: Path, engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database as the released version left it."""
    schema.gather()
    file = load(dump, tmp_path / FILE)
    if engine_name == "sqlite":
        yield f"sqlite:///{file}"
        return
    server = request.getfixturevalue("postgres")
    url = server.create_database("released")
    source = copying.source_engine(database_url=None, data_dir=tmp_path)
    target = engine_for(url)
    with source.begin() as read, target.begin() as written:
        copying.begin(read)
        copying.begin(written)
        copying.upgrade_to(written, revision(dump))
        copying.write(written, copying.read(read))
    for engine in (source, target):
        engine.dispose()
    yield url
    server.drop_database("released")


def engine_of(url: str) -> sa.Engine:
    return write_engine(Path(url.removeprefix("sqlite:///"))) if url.startswith("sqlite") else engine_for(url)


def counts(engine: sa.Engine) -> Counter[str]:
    """How many rows of each table there are."""
    found: Counter[str] = Counter()
    with engine.begin() as connection:
        copying.begin(connection)
        for part in copying.read(connection):
            found[part.table] += len(part.rows)
    return found


async def test_a_released_database_is_migrated_with_its_rows(before: str, dump: Path, tmp_path: Path, clock: FakeClock) -> None:
    engine = engine_of(before)
    held = counts(engine)
    assert held["resources"] > 0
    await (await open_store(database_url=before, data_dir=tmp_path, clock=clock, create_all=schema.create_all)).close()
    assert {name: count for name, count in counts(engine).items() if name in held} == held
    with engine.connect() as connection:
        assert migrations.stored_revision(connection) == migrations.HEAD
    engine.dispose()
    is_copied = before.startswith("sqlite") and revision(dump) != migrations.HEAD
    assert upgrade_copy.path_for(tmp_path / FILE, revision(dump)).exists() == is_copied


def test_a_released_database_ends_in_the_tables_of_the_code(
    before: str, engine_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    engine = engine_of(before)
    migrations.bring_up_to_date(engine)
    new = f"sqlite:///{tmp_path / 'new.db'}" if engine_name == "sqlite" else request.getfixturevalue("postgres").create_database("new")
    fresh = engine_of(new)
    migrations.bring_up_to_date(fresh, create_all=schema.create_all)
    try:
        assert structure(engine) == structure(fresh)
    finally:
        engine.dispose()
        fresh.dispose()
        if engine_name != "sqlite":
            request.getfixturevalue("postgres").drop_database("new")


def test_migrations_up_to_a_release_never_change(dump: Path, tmp_path: Path) -> None:
    """Who changes a released migration has two kinds of databases with one number."""
    released = write_engine(load(dump, tmp_path / FILE))
    migrated = write_engine(tmp_path / "migrated.db")
    with migrated.begin() as connection:
        copying.upgrade_to(connection, revision(dump))
    assert structure(migrated) == structure(released)
    for engine in (released, migrated):
        engine.dispose()
