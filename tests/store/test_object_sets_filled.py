"""Objects and issues that were stored before search had tables of its own are found after the migration, as if they had just come."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from optral.resources import object_sets
from optral.store import copying
from optral.store.migrations import run
from optral.store.postgres import engine_for
from optral.store.sqlite import write_engine
from tests.store.test_feedback_moves import insert

BEFORE, AFTER = "0039", "0041"


@pytest.fixture
def engine(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A database of the version before."""
    if engine_name == "sqlite":
        made = write_engine(tmp_path / "before.db")
    else:
        made = engine_for(request.getfixturevalue("postgres").create_database("before_sets"))
    with made.begin() as connection:
        copying.begin(connection)
        copying.upgrade_to(connection, BEFORE)
    yield made
    made.dispose()
    if engine_name != "sqlite":
        request.getfixturevalue("postgres").drop_database("before_sets")


def stored(connection: sa.Connection, text: str) -> list[Any]:
    return [tuple(row) for row in connection.execute(sa.text(text))]


def test_what_was_stored_before_is_found(engine: sa.Engine) -> None:
    labels = {"pod-template-hash": "7d4f8b9c6", "app": "web"}
    owner = {"owner_kind": "ReplicaSet.apps", "owner_name": "web-7d4f8b9c6"}
    place = {"org_id": "org_1", "cluster_id": "cls_1", "namespace": "shop"}
    names = [f"web-7d4f8b9c6-xk2l{number}" for number in range(3)]
    with engine.begin() as connection:
        copying.begin(connection)
        for name in names:
            insert(connection, "resources", id=f"res_{name}", name=name, labels=labels, **place, **owner)
        insert(connection, "resources", id="res_plain", name="settings", labels={}, **place)
        insert(connection, "issues", id="iss_1", title="Container OUT of memory", resource=names[0], owner_name="web", **place)
    with engine.begin() as connection:
        copying.begin(connection)
        command.upgrade(run.config(connection), AFTER)
        made = {row[1]: row[0] for row in stored(connection, "SELECT set_number, name FROM resources")}
        text = '{"app":"web","pod-template-hash":"7d4f8b9c6"}'
        now = object_sets.set_of("cls_1", "shop", names[0], owner["owner_kind"], owner["owner_name"], text)
        assert {made[name] for name in names} == {now.number}
        assert made["settings"] == object_sets.set_of("cls_1", "shop", "settings", None, None, "{}").number
        terms = stored(connection, "SELECT term, name, place FROM resource_names ORDER BY term")
        assert terms == [("settings", "settings", 0), ("web", "web", 0)]
        assert stored(connection, "SELECT label FROM resource_labels ORDER BY label") == [("app=web",), ("pod-template-hash=7d4f8b9c6",)]
        assert sorted(stored(connection, "SELECT word FROM resource_words")) == [("settings",), ("web",)]
        assert stored(connection, "SELECT text FROM issue_texts") == [(f"container out of memory\n{names[0]}\nweb",)]


def test_words_with_digits_are_added_to_the_sets_that_were_stored_before(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        copying.begin(connection)
        place = {"org_id": "org_1", "cluster_id": "cls_1", "namespace": "shop"}
        insert(connection, "resources", id="res_1", name="oauth2-proxy", labels={}, **place)
    with engine.begin() as connection:
        copying.begin(connection)
        for revision, words in (("0043", ["proxy"]), ("0044", ["oauth", "proxy"])):
            command.upgrade(run.config(connection), revision)
            assert stored(connection, "SELECT word FROM resource_words ORDER BY word") == [(word,) for word in words]
        assert words == sorted(object_sets.words("oauth2-proxy"))
