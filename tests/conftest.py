"""Fixtures for all tests: a fake clock, a store on each engine, an organization.

A store costs a few milliseconds: SQLite copies a file made once, PostgreSQL empties the tables of a database made once.
"""

import atexit
import gc
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg
import pytest
import sqlalchemy as sa
import structlog

from optral.access import service as access
from optral.access.model import SCOPES
from optral.server import schema
from optral.store import sqlite
from optral.store.metadata import metadata
from optral.store.postgres import PostgresStore, engine_for
from optral.store.sqlite import SqliteStore, write_engine
from optral.store.store import Store
from optral.terms import ids
from optral.terms.actor import Actor, ActorKind, Role, of_clusters, system
from optral.terms.ids import ClusterId, OrgId
from tests.support import engines, examples
from tests.support.clock import FakeClock
from tests.support.postgres import Postgres
from tests.support.tenancy import watched

ENGINES = ["sqlite", "postgresql"]
ActorMaker = Callable[..., Actor]
LARGE_TABLE_BYTES = 256 * 1024
NOBODY = Path(__file__).parent / "support" / "nobody.pem"
"""An authority without a key. No test speaks TLS with the world, and to read whom the world trusts costs each client 0.04 s."""


def pytest_configure(config: pytest.Config) -> None:
    """What is decided before the first test is read. A logged error drawn with all its values takes 0.1 s, and nobody reads it."""
    examples.choose(config)
    engines.compile_once()
    if "not cluster" in config.option.markexpr:  # the real cluster fetches what it is made of
        os.environ["SSL_CERT_FILE"] = str(NOBODY)
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], renderer])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    if config.getoption("dist") != "loadscope":
        return None
    from tests.support.scheduling import ByFile  # where there are workers

    return ByFile(config, log)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return examples.is_left_out(collection_path) or None


@pytest.hookimpl(tryfirst=True)  # before marks are judged
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    examples.thin_out(items)


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the collector of garbage need not walk through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables and no rows."""
    path = tmp_path_factory.mktemp("template") / "optral.db"
    engine = write_engine(path)
    with engine.begin() as connection:
        schema.create_all(connection)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server of this process."""
    server = Postgres()
    atexit.register(server.stop)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    """A database with all tables and their policies, owned by a role that row-level security binds."""
    url = postgres.create_database("main")
    engine = engine_for(url)
    with engine.begin() as connection:
        schema.create_all(connection)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def empty_postgres(postgres: Postgres, postgres_url: str) -> Iterator[Callable[[], None]]:
    """Removes all rows, on a connection that is kept: a new one takes 20 ms to know its tables. Next to no table has any.

    Deleted rows keep their pages, as nothing vacuums here, and the planner counts pages: a large table gets new files.
    """
    tables = [table.name for table in reversed(metadata.sorted_tables)]
    is_large = f"pg_relation_size('{{}}') > {LARGE_TABLE_BYTES}"
    filled = " UNION ALL ".join(f"SELECT '{table}', {is_large.format(table)} WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables)
    with psycopg.connect(host=str(postgres.folder), user="postgres", dbname="main", autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")

        def empty() -> None:
            if found := list(connection.execute(filled, prepare=True)):
                emptied = [f'TRUNCATE "{name}" CASCADE' if large else f'DELETE FROM "{name}"' for name, large in found]
                connection.execute("; ".join(emptied))

        yield empty


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """The engine of the test: each test that uses a store runs on both."""
    return str(request.param)


@pytest.fixture
def database_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database with all tables: `sqlite:///PATH` or `postgresql://…`."""
    if engine_name == "sqlite":
        path = tmp_path / "optral.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgres_url")
    request.getfixturevalue("empty_postgres")()
    return url


@pytest.fixture
async def store(database_url: str, clock: FakeClock, watch_tenancy: list[str]) -> AsyncIterator[Store]:
    """An open store, every table there and empty. Statements that forget `org_id` fail the test."""
    opened = open_store(database_url, clock)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
def watch_tenancy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Fail a test in which a tenant table was read or changed for an organization without `org_id`."""
    with watched(monkeypatch) as violations:
        yield violations
    assert not violations, violations[0]


@pytest.fixture
async def org(store: Store, clock: FakeClock) -> OrgId:
    """A fresh organization."""
    return await new_org(store, clock)


@pytest.fixture
def actor(org: OrgId) -> ActorMaker:
    """Makes an API key's actor of `org` with all rights: `actor()`, `actor(scopes={"issues:read"})`, `actor(clusters={…})`."""

    def make(
        *, org_id: OrgId | None = None, scopes: set[str] | None = None, clusters: set[ClusterId] | None = None, role: Role = Role.OWNER
    ) -> Actor:
        return Actor(
            kind=ActorKind.KEY,
            org_id=org_id or org,
            id=ids.new("key"),
            scopes=SCOPES if scopes is None else frozenset(scopes),
            reach=of_clusters(clusters),
            role=role,
        )

    return make


def open_store(url: str, clock: FakeClock) -> Store:
    """Open a store on a database that has its tables; call on the event loop."""
    if url.startswith("sqlite:///"):
        with mock.patch.object(sqlite, "_engine", _not_durable(sqlite._engine)):
            return SqliteStore.open(Path(url.removeprefix("sqlite:///")), clock)
    with engines.lasting():
        return PostgresStore.open(url, clock)


async def new_org(store: Store, clock: FakeClock, name: str = "Test") -> OrgId:
    """Make an organization with an owner and return its id."""
    made, _owner = await store.write(
        system(), lambda tx: access.create_organisation(tx, name=name, plan="enterprise", owner_email="owner@example.org")
    )
    return made.id


def _not_durable(engine: Callable[..., sa.Engine]) -> Callable[..., sa.Engine]:
    """As PostgreSQL in tests: the process may die at any moment, the machine does not, so no commit waits for the disk."""

    def made(path: Path, pragmas: Sequence[str], *more: Any) -> sa.Engine:
        return engine(path, [pragma.replace("synchronous=FULL", "synchronous=OFF") for pragma in pragmas], *more)

    return made


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Name a failed test at once: a run that is ended before its summary still tells which it was."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\nFAILED {report.nodeid} ({report.when})", file=sys.__stderr__, flush=True)
