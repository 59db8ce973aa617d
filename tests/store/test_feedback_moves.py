"""Feedback that an analysis held before each person had a row of their own is the row of that person after the migration."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from optral.kit.times import rfc3339
from optral.store import copying
from optral.store.metadata import from_micros
from optral.store.migrations import run
from optral.store.postgres import engine_for
from optral.store.sqlite import write_engine

BEFORE, AFTER = "0029", "0030"
AT = 1_767_225_600_000_000
SAID = {"isRight": False, "at": rfc3339(from_micros(AT)), "cause": "memory_leak", "comment": "it was a leak"}


@pytest.fixture
def engine(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A database of the version before."""
    if engine_name == "sqlite":
        made = write_engine(tmp_path / "before.db")
    else:
        made = engine_for(request.getfixturevalue("postgres").create_database("feedback"))
    with made.begin() as connection:
        copying.begin(connection)
        copying.upgrade_to(connection, BEFORE)
    yield made
    made.dispose()
    if engine_name != "sqlite":
        request.getfixturevalue("postgres").drop_database("feedback")


def insert(connection: sa.Connection, name: str, /, **given: Any) -> None:
    """A row with a value in every column that needs one."""
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    row = {column.name: _value(column) for column in table.c if not column.nullable and column.server_default is None}
    connection.execute(sa.insert(table).values(row | given))


def _value(column: sa.Column[Any]) -> Any:
    if isinstance(column.type, sa.JSON):
        return {}
    if isinstance(column.type, sa.Boolean):
        return False
    if isinstance(column.type, sa.Integer):
        return 0
    return b"" if isinstance(column.type, sa.LargeBinary) else "x"


def test_the_last_word_of_before_is_the_row_of_the_person_who_said_it(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        copying.begin(connection)
        insert(connection, "organisations", org_id="org_1")
        insert(connection, "members", org_id="org_1", id="usr_1")
        insert(connection, "api_keys", org_id="org_1", id="key_1", created_by="usr_1")
        insert(connection, "issues", org_id="org_1", id="iss_1", type="OOMKilled")
        of = {"org_id": "org_1", "issue_id": "iss_1", "cause_id": "memory_limit_too_low"}
        for number, feedback in enumerate((SAID | {"by": "key_1"}, {"isRight": True, "at": SAID["at"], "by": "usr_2"}, None)):
            insert(connection, "analyses", **of, id=f"ana_{number}", status="ready", **({} if feedback is None else {"feedback": feedback}))
    with engine.begin() as connection:
        copying.begin(connection)
        command.upgrade(run.config(connection), AFTER)
        rows = connection.execute(sa.text("SELECT * FROM analysis_feedback ORDER BY analysis_id")).mappings().all()
    assert [(one["analysis_id"], one["person_id"], bool(one["is_helpful"])) for one in rows] == [
        ("ana_0", "usr_1", False),
        ("ana_1", "usr_2", True),
    ]
    first, second = rows
    assert (first["issue_type"], first["cause_id"], first["updated_at"]) == ("OOMKilled", "memory_limit_too_low", AT)
    assert (first["reason"], first["actual_cause"], first["comment"]) == ("wrongCause", "memory_leak", "it was a leak")
    assert (second["reason"], second["actual_cause"], second["comment"]) == (None, None, None)
