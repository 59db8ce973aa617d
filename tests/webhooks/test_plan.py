"""The databases find the deliveries of a webhook by an index, not by reading all of its deliveries."""

import sqlalchemy as sa

from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import system
from optral.terms.ids import OrgId
from optral.webhooks import repository
from optral.webhooks.model import Delivery
from tests.support.clock import NOON


async def test_subjects_are_found_by_an_index(store: Store, org: OrgId) -> None:
    made = [
        Delivery(id=ids.new("dlv"), org_id=org, webhook_id="whk_x", event="issue.created", event_seq=number, subject_id=f"iss_{number}",
                 body="{}", due_at=None, created_at=NOON)
        for number in range(3000)
    ]  # fmt: skip

    def plan(tx: Transaction) -> str:
        repository.insert_deliveries(tx, made)
        tx.execute(sa.text("ANALYZE webhook_deliveries"))
        asked = repository._subjects.params(org=org, webhook="whk_x", among=["iss_7", "iss_8"])
        sql = asked.compile(tx.connection, compile_kwargs={"literal_binds": True})
        rows = tx.execute(sa.text(f"{'EXPLAIN QUERY PLAN' if tx.dialect == 'sqlite' else 'EXPLAIN'} {sql}"))
        return "\n".join(str(row) for row in rows)

    found = await store.write(system(org), plan)
    assert "ix_webhook_deliveries_subject_id" in found, found
