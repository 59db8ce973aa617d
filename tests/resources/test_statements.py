"""What the hot path of ingest makes PostgreSQL read: as many rows as the job is about, however many the table holds."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from optral.kube.changes import ObjectChange, Phase
from optral.resources import reports
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import agent
from optral.terms.ids import ClusterId, OrgId
from tests.resources.test_service import mark
from tests.support.objects import change, gone

NONE = timedelta()
BEFORE_PLANS_STAY = 12  # psycopg prepares a statement after 5 uses, PostgreSQL keeps its plan after 5 more
ROWS = sa.text("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'resources'")


def pods(count: int, *, rv: str, start: int = 0) -> list[ObjectChange]:
    return [change("Pod", f"p{number:05}", rv=rv) for number in range(start, start + count)]


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize("is_analyzed", [False, True])
async def test_a_plan_from_when_the_table_was_almost_empty_reads_no_more_rows_than_the_job_names(
    is_analyzed: bool, store: Store, org: OrgId
) -> None:
    cluster = ClusterId(ids.new("cls"))

    def apply(tx: Transaction, changes: list[ObjectChange]) -> int:
        before = int(tx.execute(ROWS).scalar_one())
        assert reports.apply(tx, cluster, changes, offset=NONE)
        return int(tx.execute(ROWS).scalar_one()) - before

    def stamp(tx: Transaction) -> int:
        reports.mark(tx, cluster, mark(Phase.SNAPSHOT_BEGIN, "g2"))
        before = int(tx.execute(ROWS).scalar_one())
        assert not reports.apply(tx, cluster, pods(50, rv="2"), offset=NONE)
        return int(tx.execute(ROWS).scalar_one()) - before

    def job(tx: Transaction) -> dict[str, int]:
        for use in range(BEFORE_PLANS_STAY):
            apply(tx, [*pods(2, rv=f"0.{use}"), *pods(1, rv="1", start=9000 + use)])
            apply(tx, [gone(change) for change in pods(1, rv="1", start=9000 + use)])
            if is_analyzed:
                tx.execute(sa.text("ANALYZE resources"))
        apply(tx, pods(2000, rv="1"))
        return {
            "changed": apply(tx, pods(50, rv="2")),
            "new": apply(tx, pods(50, rv="1", start=5000)),
            "unchanged, in a new snapshot": stamp(tx),
            "gone": apply(tx, [gone(change) for change in pods(50, rv="2")]),
        }

    read = await store.write(agent(org, cluster), job)
    assert max(read.values()) <= 3 * 50, read
