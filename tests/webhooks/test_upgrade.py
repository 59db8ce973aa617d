"""What older versions kept is brought to what this one keeps, on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from optral.store.migrations.run import config
from optral.store.postgres import engine_for
from optral.store.sqlite import write_engine
from optral.store.tenancy import EVERY_ORG

_OLD = {
    "org_id": "org_x", "name": "x", "form": "json", "is_enabled": True, "filters": "{}", "target": b"", "cursor": 0, "created_by": "",
    "created_at": 0, "updated_at": 0, "revision": 1,
}  # fmt: skip


@pytest.fixture
def connection(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Connection]:
    """One transaction on a database with nothing in it."""
    if engine_name == "sqlite":
        engine = write_engine(tmp_path / "old.db")
    else:
        engine = engine_for(request.getfixturevalue("postgres").create_database("old"))
    with engine.begin() as opened:
        if engine_name == "postgresql":
            opened.execute(sa.text("SELECT set_config('optral.org', :org, true)"), {"org": EVERY_ORG})
        yield opened
    engine.dispose()
    if engine_name == "postgresql":
        request.getfixturevalue("postgres").drop_database("old")


def test_paths_that_were_stored_unsealed_are_masked(connection: sa.Connection) -> None:
    command.upgrade(config(connection), "0011")
    shown = {
        "whk_path": ("https://example.com/hooks/secret?…", "https://example.com/…?…"),
        "whk_port": ("http://10.0.0.1:8080/a", "http://10.0.0.1:8080/…"),
        "whk_chat": ("https://chat.example/…", "https://chat.example/…"),
        "whk_root": ("https://example.com/?…", "https://example.com/?…"),
        "whk_bare": ("https://example.com", "https://example.com"),
        "whk_none": ("https://example.com?…", "https://example.com?…"),
    }
    names = [*_OLD, "id", "shown_url"]
    insert = sa.text(f"INSERT INTO webhooks ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})")
    connection.execute(insert, [{**_OLD, "id": one, "shown_url": before} for one, (before, _) in shown.items()])
    command.upgrade(config(connection), "head")
    rows = connection.execute(sa.text("SELECT id, shown_url, revision FROM webhooks"))
    kept = {row.id: (row.shown_url, row.revision > 1) for row in rows}
    assert kept == {one: (after, after != before) for one, (before, after) in shown.items()}
