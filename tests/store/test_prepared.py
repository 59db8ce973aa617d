"""Statements of the hot path: what they return and raise is what SQLAlchemy returns and raises, on both engines."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from optral.clusters.tables import clusters
from optral.store.metadata import metadata
from optral.store.prepared import Prepared
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import system
from optral.terms.errors import Unavailable
from optral.terms.ids import OrgId
from tests.support import statements

NOW = datetime(2026, 11, 28, 9, 0, 0, 123456, tzinfo=UTC)
CHECKS = metadata.tables["secret_checks"]
ONE = sa.select(clusters).where(clusters.c.org_id == sa.bindparam("org"), clusters.c.id == sa.bindparam("the_id"))
RENAME = (
    sa.update(clusters)
    .where(clusters.c.org_id == sa.bindparam("org"), clusters.c.status == "online", clusters.c.created_at <= sa.bindparam("before"))
    .values(name=sa.bindparam("p_name"))
)


def row(org: OrgId, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": ids.new("cls"),
        "org_id": org,
        "name": name,
        "labels": {"team": name, "ü": "\u2028"},
        "status": "online",
        "agent_capabilities": ["logs"],
        "fence": 3,
        "created_at": NOW,
        "updated_at": NOW,
        "version": 1,
        **more,
    }


async def test_rows_are_written_and_read_as_sqlalchemy_writes_and_reads_them(store: Store, org: OrgId) -> None:
    insert, one = Prepared(sa.insert(clusters)), Prepared(ONE)
    rows = [row(org, "a"), row(org, "b")]

    def job(tx: Transaction) -> None:
        tx.send_many(insert, rows)
        for written in rows:
            values = {"org": org, "the_id": written["id"]}
            [found], wanted = tx.fetch(one, values), tx.execute(ONE, values).one()
            assert found._asdict() == dict(wanted._mapping)
            assert (found.labels, found.created_at, found.synced_at) == (written["labels"], NOW, None)

    await store.write(system(), lambda tx: job(tx.acting_for(org)))


async def test_constants_of_a_statement_and_its_types_are_applied(store: Store, org: OrgId) -> None:
    insert, rename = Prepared(sa.insert(clusters)), Prepared(RENAME)

    def job(tx: Transaction) -> tuple[int, int]:
        tx.send_many(insert, [row(org, "a"), row(org, "b", status="offline")])
        values = {"org": org, "p_name": "new", "before": NOW}
        return tx.send(rename, values), tx.send(rename, values | {"before": datetime(2020, 1, 1, tzinfo=UTC)})

    assert await store.write(system(), lambda tx: job(tx.acting_for(org))) == (1, 0)


async def test_an_error_has_the_class_that_sqlalchemy_gives_it_and_shows_no_values(store: Store) -> None:
    insert = Prepared(sa.insert(CHECKS))
    text = Prepared({"sqlite": "SELECT nonsense FROM nowhere WHERE ? = 1", "postgresql": "SELECT nonsense FROM nowhere WHERE %s = 1"})

    def twice(tx: Transaction) -> None:
        tx.send_many(insert, [{"name": "same", "value": b"hunter2"}] * 2)

    with pytest.raises(exc.IntegrityError) as doubled:
        await store.write(system(), twice)
    assert "hunter2" not in str(doubled.value)
    with pytest.raises((Unavailable, exc.ProgrammingError)):  # to SQLite an unknown table is an operational error
        await store.write(system(), lambda tx: tx.fetch(text, (1,)))
    assert await store.write(system(), lambda tx: tx.fetch(Prepared(sa.select(CHECKS.c.name)), {})) == []


@pytest.mark.parametrize(
    "statement",
    [
        sa.select(clusters.c.id).where(clusters.c.id.in_(sa.bindparam("ids", expanding=True))),
        sa.insert(sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer), sa.Column("b", sa.Integer, default=lambda: 7))),
    ],
)
async def test_what_only_sqlalchemy_can_execute_is_refused(statement: sa.Executable, store: Store) -> None:
    with pytest.raises(ValueError, match="prepared"):
        await store.write(system(), lambda tx: tx.send(Prepared(statement), {"ids": ["x"], "a": 1}))


async def test_listeners_see_these_statements_too(store: Store) -> None:
    with statements.of(store) as sent:
        await store.write(system(), lambda tx: tx.fetch(Prepared(sa.select(CHECKS.c.name)), {}))
    assert any("secret_checks" in statement for statement in sent)
