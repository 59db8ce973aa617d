"""The promises of a store, the same on both engines."""

import sqlalchemy as sa

from optral.store.store import Store
from optral.terms.actor import system
from optral.terms.ids import OrgId


async def test_a_written_organisation_is_read_back(store: Store, org: OrgId) -> None:
    names = await store.read(
        system(org), lambda tx: tx.execute(sa.text("SELECT name FROM organisations WHERE org_id = :o"), {"o": org}).scalars().all()
    )
    assert names == ["Test"]


async def test_again(store: Store, org: OrgId) -> None:
    pass
